"""The two-state model, against the plain recursion."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeptone_tui.tuning.speech_posterior import OTHER_STAYS, SPEECH_STAYS, forward_backward

LOG_ODDS = hnp.arrays(np.float64, st.integers(1, 80), elements=st.floats(-24.0, 6.0))


@given(LOG_ODDS)
def test_blocks_change_nothing(log_odds: np.ndarray) -> None:
    """All steps at once give what going from one to the next gives."""
    stays = np.array([[SPEECH_STAYS, 1 - SPEECH_STAYS], [1 - OTHER_STAYS, OTHER_STAYS]])
    seen = np.stack([np.exp(log_odds), np.ones(log_odds.size)], axis=1)
    ahead, back = np.full((log_odds.size, 2), 0.5), np.ones((log_odds.size, 2))
    for n in range(1, log_odds.size):
        ahead[n] = (ahead[n - 1] * seen[n - 1]) @ stays
        ahead[n] /= ahead[n].sum()
    for n in range(log_odds.size - 1, 0, -1):
        back[n - 1] = stays @ (back[n] * seen[n])
        back[n - 1] /= back[n - 1].sum()
    both = ahead * back * seen
    np.testing.assert_allclose(forward_backward(log_odds), both[:, 0] / both.sum(axis=1), rtol=1e-6)


def test_an_odd_step_goes_with_its_neighbours() -> None:
    """A gap within a word stays speech, a knock in a pause does not become it."""
    words = np.full(41, 3.0)
    words[20] = -1.0
    assert forward_backward(words)[20] > 0.8
    assert forward_backward(-words)[20] < 0.2


def test_a_quarter_of_an_hour_neither_overflows_nor_fades() -> None:
    """The strongest evidence there is, for long."""
    for strength in (6.0, -24.0):
        whole = forward_backward(np.full(14_000, strength))
        assert np.isfinite(whole).all()
        assert ((whole > 0.5) == (strength > 0)).all()
