"""Tuning result of one source, or of all of them: the threshold and its cost."""

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
    """A suggested threshold, and its cost in output periods."""

    name: str
    seconds: float
    output_period: int
    """Output period in milliseconds, the unit of all counts."""
    suggestion: Suggestion
    cost: Cost | None
    """Cost of the suggested threshold; None without one."""
    labelled: bool
    """True if labels decide what is speech; otherwise the judgement of the steps does."""
    periods: Periods
    """Periods from which the cost of any threshold is counted."""
    judged: bool
    """True if an endpoint was asked for speech; otherwise only levels were measured."""
    evidence: Evidence
    truth: Heard | None = None
    """True class of each step, shape (n,); None if not labelled."""
    lost: float = 0.0
    """Seconds of live audio that were lost on the way."""
    faults: tuple[Fault, ...] = ()
    """Faults that make the levels misleading."""


def find(
    hearing: SourceAnalysis, segments: Sequence[Segment] | None = None, *, output_period: int
) -> TuningResult:
    """Find the threshold for one source.

    Args:
        hearing: analysis of the source.
        segments: its true speech, if it is labelled.
        output_period: milliseconds of a result, a multiple of 64.
    """
    truth = None if segments is None else truth_of(segments, len(hearing.levels))
    evidence = Evidence.cut(hearing.levels, hearing.heard, output_period // STEP_MS)
    length = hearing.seconds, hearing.lost
    found = _found(hearing.name, length, output_period, evidence, truth)
    return replace(found, faults=hearing.faults)


def find_for_all(findings: Sequence[TuningResult]) -> TuningResult:
    """Find one threshold for all sources, treated as one long recording.

    The cost is counted by labels only if all sources have them.

    Raises:
        ValueError: if there are no results.
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
    """Return the result for a length in seconds, heard and lost."""
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
