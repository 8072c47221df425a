"""What a device did not hear while it gave nothing."""

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.monitor.gap import Gap

BLOCK = 320


@given(kept=st.integers(0, 200), silent=st.integers(30, 500), at_once=st.integers(1, 200))
def test_what_was_kept_is_not_missing(kept: int, silent: int, at_once: int) -> None:
    """A device gives nothing for so many blocks, then hands over some of them, fast or slowly."""
    kept = min(kept, silent)
    gap, now = Gap(0.0, patience=1.0), silent * 0.02
    expected = (silent - kept) * BLOCK
    missed, late = gap.take(min(kept, at_once) * BLOCK, now), max(0, kept - at_once)
    while missed is None:
        now += 0.02
        extra, late = min(late, at_once), max(0, late - at_once)
        missed = gap.take((1 + extra) * BLOCK, now)
    assert missed == (expected if expected >= STEP_SAMPLES else 0)
    assert now <= (silent + kept / at_once) * 0.02 + 3.0


def test_a_device_that_was_opened_anew_has_kept_nothing() -> None:
    """What is missing is known with its first block."""
    assert Gap(10.0).take(BLOCK, 20.0) == 10 * 16_000 - BLOCK
