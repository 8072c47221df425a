"""Preview and endpoint, compared period by period."""

import numpy as np
import numpy.typing as npt
import pytest

from deeptone_tui.monitor.agreement import agrees, counted
from deeptone_tui.monitor.state import Agreement, Entry
from deeptone_tui.protocol import Answer, Step, StreamParameters

LEVELS = np.array([0.001, 0.001, 0.2, 0.2, 0.005])


def levels(first: int, end: int) -> npt.NDArray[np.float64] | None:
    """Five steps are known."""
    return LEVELS[first:end] if end <= len(LEVELS) else None


def entry(first: int, steps: int, *results: str | None, extra: int = 0) -> Entry:
    """A result for some steps."""
    answers = {str(i): Answer(result, 1.0) for i, result in enumerate(results)}
    parameters = StreamParameters(output_period=128)
    return Entry(Step(0.0, answers), first * 1024 + extra, steps * 1024, parameters)


@pytest.mark.parametrize(
    ("result", "verdict"),
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
    result: Entry, verdict: bool | None
) -> None:
    """A level exactly at the threshold is not silent; where nothing can be said, nothing is."""
    assert agrees(result, levels) is verdict


def test_only_what_was_compared_is_counted() -> None:
    """Two numbers, of which the second is never the larger."""
    agreement = Agreement()
    for verdict in (True, None, False, True):
        agreement = counted(agreement, verdict)
    assert agreement == Agreement(compared=3, agreed=2)
