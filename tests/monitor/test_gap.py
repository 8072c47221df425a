"""What a device did not hear while it gave nothing."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.accounting import DropoutEstimator
from deeptone_tui.protocol import STEP_SAMPLES

BLOCK = 320


def told(gap: DropoutEstimator, blocks: Iterable[tuple[float, int]]) -> int:
    """What a gap counts of blocks, until it is over; when each comes, and how many it is."""
    missed = 0
    for now, count in blocks:
        missed += gap.take(count * BLOCK, now)
        if gap.over:
            return missed
    raise AssertionError("it is never over")


@given(kept=st.integers(0, 200), silent=st.integers(30, 500), at_once=st.integers(1, 200))
def test_what_was_kept_is_not_missing(kept: int, silent: int, at_once: int) -> None:
    """A device gives nothing for so many blocks, then hands over some of them, fast or slowly."""
    kept = min(kept, silent)

    def blocks() -> Iterator[tuple[float, int]]:
        now, late = silent * 0.02, max(0, kept - at_once)
        yield now, min(kept, at_once)
        while now <= (silent + kept / at_once) * 0.02 + 3.0:
            now += 0.02
            yield now, 1 + min(late, at_once)
            late = max(0, late - at_once)

    expected = (silent - kept) * BLOCK
    assert told(DropoutEstimator(0.0, patience=1.0), blocks()) == (
        expected if expected >= STEP_SAMPLES else 0
    )


@given(st.floats(0.55, 1.5))
def test_a_burst_is_no_loss(every: float) -> None:
    """Some devices and sound servers hand over what they heard now and then, all of it."""
    count = round(every * 50)
    gap = DropoutEstimator(0.0, patience=1.0)
    assert told(gap, ((every, 1) for _ in range(count + 4))) == 0


def test_bursts_after_a_loss_are_not_counted_with_it() -> None:
    """The loss is five seconds; the next burst is waited for whenever it is looked."""
    blocks = [(5.0 + 0.6 * burst, 1) for burst in range(1, 9) for _ in range(30)]
    gap = DropoutEstimator(0.0, patience=1.0)
    assert sum(gap.take(count * BLOCK, now) for now, count in blocks) == 5 * 16_000
    assert gap.over


def test_a_program_that_is_busy_when_it_looks_counts_no_more() -> None:
    """The blocks are there afterwards."""
    blocks = [(5.0 + 0.02 * n, 1) for n in range(50)]
    blocks += [(6.34, 1) for _ in range(17)] + [(6.36 + 0.02 * n, 1) for n in range(100)]
    assert told(DropoutEstimator(0.02, patience=1.0), blocks) == pytest.approx(
        4.96 * 16_000, abs=BLOCK
    )


def test_a_second_stall_while_it_is_looked_at_is_counted() -> None:
    """After the first."""
    blocks = [(5.0 + 0.02 * n, 1) for n in range(20)] + [(8.4 + 0.02 * n, 1) for n in range(200)]
    assert told(DropoutEstimator(0.0, patience=1.0), blocks) == pytest.approx(
        8.0 * 16_000, abs=2 * BLOCK
    )


def test_a_device_that_was_opened_anew_has_kept_nothing() -> None:
    """What is missing is known with its first block."""
    gap = DropoutEstimator(10.0)
    assert gap.take(BLOCK, 20.0) == 10 * 16_000 - BLOCK
    assert gap.over


@pytest.mark.parametrize("patience", [0.0, 1.0])
def test_nothing_more_comes(patience: float) -> None:
    """All that is missing is lost, once; less than a step is none."""
    gap = DropoutEstimator(10.0, patience)
    assert gap.close(13.0) == 3 * 16_000
    assert gap.over
    assert gap.close(13.0) == 0
    assert DropoutEstimator(10.0, patience).close(10.05) == 0
