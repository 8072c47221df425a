"""What was found for one source, or for all of them: the threshold, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deeptone_tui.archive.analysis import SourceAnalysis
from deeptone_tui.archive.labels import Segment, truth_of
from deeptone_tui.dsp import Fault
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.tuning import (
    Cost,
    Evidence,
    Heard,
    Periods,
    SpeechPosterior,
    Suggestion,
    known_speech,
    suggest_from,
)


@dataclass(frozen=True, slots=True, eq=False)
class TuningResult:
    """A suggestion, and what it costs in periods of the output period."""

    name: str
    seconds: float
    output_period: int
    """Milliseconds, in which all is counted."""
    suggestion: Suggestion
    cost: Cost | None
    """What the suggested threshold does; None without one."""
    labelled: bool
    """Whether what is speech is told by labels; otherwise it is what the steps are judged to be."""
    periods: Periods
    """What the cost is counted in, at any threshold."""
    judged: bool
    """Whether an endpoint was asked what is speech; otherwise only levels were measured."""
    evidence: Evidence
    truth: Heard | None = None
    """What each step truly is, shape (n,), where it was labelled."""
    lost: float = 0.0
    """Seconds of live audio that were lost on the way."""
    faults: tuple[Fault, ...] = ()
    """What makes the levels misleading."""


def find(
    hearing: SourceAnalysis, segments: Sequence[Segment] | None = None, *, output_period: int
) -> TuningResult:
    """Find the threshold for one source.

    Args:
        hearing: what was heard of it.
        segments: its true speech, where somebody has marked it.
        output_period: milliseconds of a result, a multiple of 64.
    """
    truth = None if segments is None else truth_of(segments, len(hearing.levels))
    evidence = Evidence.cut(hearing.levels, hearing.heard, output_period // STEP_MS)
    length = hearing.seconds, hearing.lost
    found = _found(hearing.name, length, output_period, evidence, truth)
    return replace(found, faults=hearing.faults)


def find_for_all(findings: Sequence[TuningResult]) -> TuningResult:
    """Find the one threshold for all the sources: they are taken for one long recording.

    Its costs are counted by labels only when all the sources have them.

    Raises:
        ValueError: when there are none.
    """
    evidence = Evidence.joined([item.evidence for item in findings])
    truths = [item.truth for item in findings if item.truth is not None]
    truth = np.concatenate(truths) if len(truths) == len(findings) else None
    seconds, lost = sum(item.seconds for item in findings), sum(item.lost for item in findings)
    return _found("all", (seconds, lost), findings[0].output_period, evidence, truth)


def _found(
    name: str,
    length: tuple[float, float],
    output_period: int,
    evidence: Evidence,
    truth: Heard | None,
) -> TuningResult:
    """The finding of a length in seconds, heard and lost."""
    seconds, lost = length
    judged = SpeechPosterior.of(evidence.levels, evidence.heard)
    found = suggest_from(judged, evidence.starts)
    periods = judged.periods(evidence.starts)
    if truth is not None:
        periods = Periods.of(evidence.levels, known_speech(truth), evidence.starts)
    cost = None if found.threshold is None else periods.cost(found.threshold)
    return TuningResult(
        name,
        seconds,
        output_period,
        found,
        cost,
        truth is not None,
        periods,
        evidence.heard is not None,
        evidence,
        truth,
        lost,
    )
