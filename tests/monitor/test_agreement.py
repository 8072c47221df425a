"""Preview and endpoint, compared period by period."""

import numpy as np
import numpy.typing as npt
import pytest

from deeptone_tui.monitor.evaluation import Comparison, JudgedPeriod, judged
from deeptone_tui.monitor.state import Agreement, PlacedResult
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.protocol.units import from_dbfs
from deeptone_tui.tuning.offset import OffsetFinding

LEVELS = np.array([0.001, 0.001, 0.2, 0.2, 0.005])


def levels(first: int, end: int) -> npt.NDArray[np.float64] | None:
    """Five steps are known."""
    return LEVELS[first:end] if end <= len(LEVELS) else None


def entry(first: int, steps: int, *results: str | None, extra: int = 0) -> PlacedResult:
    """A result for some steps."""
    answers = {str(i): Answer(result, 1.0) for i, result in enumerate(results)}
    parameters = StreamParameters(output_period=128)
    return PlacedResult(Step(0.0, answers), first * 1024 + extra, steps * 1024, parameters)


@pytest.mark.parametrize(
    ("result", "agrees"),
    [
        (entry(0, 2, "silence"), True),
        (entry(0, 2, "speech"), False),
        (entry(2, 2, "speech"), True),
        (entry(1, 2, "silence"), False),
        (entry(0, 2, "silence", "silence"), True),
        (entry(2, 2, "speech", "no_speech"), True),
        (entry(4, 1, "speech"), True),
        (entry(4, 2, "speech"), None),
        (entry(0, 2, None), None),
        (entry(0, 2), None),
        (entry(0, 0, "silence"), None),
        (entry(0, 2, "silence", extra=5), None),
    ],
)
def test_a_period_agrees_when_both_call_it_silence_or_neither_does(
    result: PlacedResult, agrees: bool | None
) -> None:
    """A level exactly at the threshold is not silent; where nothing can be said, nothing is."""
    comparison = Comparison()
    comparison.take(judged(result, levels))
    expected = Agreement() if agrees is None else Agreement(compared=1, agreed=int(agrees))
    assert comparison.agreement(foreign=False) == expected


def test_only_the_newest_periods_are_kept() -> None:
    """The memory is bounded, and what is too old does not count any more."""
    comparison = Comparison(kept=8)
    for number in range(20):
        comparison.take(JudgedPeriod(0.1, silent=number < 14, threshold=0.01))
    assert comparison.agreement(foreign=False) == Agreement(compared=8, agreed=6)


def test_a_shifted_preview_is_what_is_compared() -> None:
    """An endpoint that hears 3 dB more is found, and with the shift all periods agree."""
    comparison, threshold = Comparison(), from_dbfs(-46.0)
    for dbfs in np.arange(-56.0, -36.0, 0.25):
        comparison.take(JudgedPeriod(from_dbfs(dbfs), bool(dbfs + 3.1 < -46.0), threshold))
    before = comparison.agreement(foreign=True)
    assert before.offset is not None
    assert before.offset.finding is OffsetFinding.FOUND
    assert before.offset.low < 3.1 < before.offset.high
    comparison.shift = before.offset.decibels
    after = comparison.agreement(foreign=True)
    assert before.agreed < after.agreed == after.compared == before.offset.agreed_after
    assert after.offset == before.offset, "the offset is counted from the measured levels"


def test_an_offset_is_looked_for_anew_when_there_is_more() -> None:
    """What is told follows the answers."""
    comparison = Comparison()
    comparison.take(JudgedPeriod(0.1, silent=False, threshold=0.01))
    first = comparison.agreement(foreign=True).offset
    assert first is not None
    assert comparison.agreement(foreign=True).offset is first
    comparison.take(JudgedPeriod(0.1, silent=True, threshold=0.01))
    assert comparison.agreement(foreign=True).offset != first


def test_our_own_endpoint_has_no_offset() -> None:
    """Its silence is the preview's by definition."""
    comparison = Comparison()
    comparison.take(JudgedPeriod(0.1, silent=True, threshold=0.01))
    assert comparison.agreement(foreign=False).offset is None
