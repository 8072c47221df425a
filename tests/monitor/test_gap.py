"""What a device did not hear while it gave nothing."""

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.monitor.gap import Gap

BLOCK = 320


@given(kept=st.integers(0, 200), silent=st.integers(30, 500))
def test_what_was_kept_is_not_missing(kept: int, silent: int) -> None:
    """A device gives nothing for so many blocks, then hands over some of them at once."""
    kept = min(kept, silent)
    gap, now = Gap(0.0, patience=1.0), silent * 0.02
    missed = gap.take(kept * BLOCK, now)
    blocks = 0
    while missed is None:
        now, blocks = now + 0.02, blocks + 1
        missed = gap.take(BLOCK, now)
    expected = (silent - kept) * BLOCK
    assert missed == (expected if expected >= STEP_SAMPLES else 0)
    assert 50 <= blocks <= 51


def test_a_device_that_was_opened_anew_has_kept_nothing() -> None:
    """What is missing is known with its first block."""
    assert Gap(10.0).take(BLOCK, 20.0) == 10 * 16_000 - BLOCK
