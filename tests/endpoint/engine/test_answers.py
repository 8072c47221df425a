"""From numbers to answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.endpoint.engine.schedules import Shares, gender_answer, gender_raw, shares_of
from deeptone_tui.protocol import Answer

PROBABILITIES = st.lists(
    st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32)), min_size=1, max_size=20
)


@given(PROBABILITIES)
def test_shares_sum_to_one_with_four_decimals(steps: list[tuple[float, float]]) -> None:
    """Exactly, whatever is rounded; and the answer is the largest of them."""
    speech, music = np.array(steps, np.float32).T
    shares = shares_of(speech, music)
    assert shares.speech + shares.music + shares.other == 10_000
    assert min(shares.speech, shares.music, shares.other) >= 0
    assert all(value == round(value, 4) for value in shares.raw.values())
    assert shares.answer.confidence == max(shares.raw.values())
    assert shares.raw[str(shares.answer.result)] == shares.answer.confidence
    assert shares.raw["speech"] == pytest.approx(speech.mean(), abs=1e-4)


@given(st.floats(0, 1))
def test_gender_values_sum_to_one_with_four_decimals(female: float) -> None:
    """Exactly."""
    raw = gender_raw(female)
    assert round(raw["female"] * 10_000) + round(raw["male"] * 10_000) == 10_000


@pytest.mark.parametrize(
    ("female", "answer"),
    [
        (0.95, Answer("female", 0.95)),
        (0.7, Answer("female", 0.7)),
        (0.6999, Answer("unknown", 0.6999)),
        (0.5, Answer("unknown", 0.5)),
        (0.3001, Answer("unknown", 0.6999)),
        (0.3, Answer("male", 0.7)),
        (0.0, Answer("male", 1.0)),
    ],
)
def test_a_voice_that_could_be_either_is_unknown(female: float, answer: Answer) -> None:
    """The confidence is that of the likelier class, also where it is not named."""
    assert gender_answer(Shares(9_000, 0, 1_000), female) == answer


@pytest.mark.parametrize(
    ("shares", "confidence"), [(Shares(2_403, 5_000, 2_597), 0.7597), (Shares(0, 0, 10_000), 1.0)]
)
def test_without_speech_the_detector_answers(shares: Shares, confidence: float) -> None:
    """``no_speech`` with one minus the share of speech."""
    assert gender_answer(shares, 0.99) == Answer("no_speech", confidence)
