"""What was found for one source, or for all of them: the threshold, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deeptone_tui.tune.labels import Segment, truth_of
from deeptone_tui.tune.listening import Hearing
from deeptone_tui.tuning import Evidence, Heard, Suggestion, cost_of, suggest


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A suggestion and its costs. Shares are from 0 to 1, None where they are shares of nothing."""

    name: str
    seconds: float
    suggestion: Suggestion
    speech_lost: float | None
    """Share of the speech that becomes silence at the suggested threshold."""
    other_passed: float | None
    """Share of the rest that does not."""
    silence: float | None
    """Share of all steps that are silence at it."""
    labelled: bool
    """Whether the two shares before are counted by labels; otherwise they are expected."""
    evidence: Evidence
    truth: Heard | None = None
    """What each step truly is, shape (n,), where it was labelled."""
    lost: float = 0.0
    """Seconds of live audio that were lost on the way."""

    @property
    def judged(self) -> Heard | None:
        """What the costs are counted by, shape (n,): the truth, or what was heard."""
        return self.evidence.heard if self.truth is None else self.truth


def find(hearing: Hearing, segments: Sequence[Segment] | None = None) -> Finding:
    """Find the threshold for one source.

    Args:
        hearing: what was heard of it.
        segments: its true speech, where somebody has marked it.
    """
    evidence = hearing.evidence
    truth = None if segments is None else truth_of(segments, len(evidence.levels))
    return _found(hearing.name, hearing.seconds, evidence, truth, hearing.lost)


def find_for_all(findings: Sequence[Finding]) -> Finding:
    """Find the one threshold for all the sources: they are taken for one long recording.

    Its costs are counted by labels only when all the sources have them.

    Raises:
        ValueError: when there are none.
    """
    levels = np.concatenate([item.evidence.levels for item in findings])
    heard = _joined([item.evidence.heard for item in findings])
    truth = _joined([item.truth for item in findings])
    seconds, lost = sum(item.seconds for item in findings), sum(item.lost for item in findings)
    return _found("all", seconds, Evidence(levels, heard), truth, lost)


def _joined(parts: Sequence[Heard | None]) -> Heard | None:
    whole = [part for part in parts if part is not None]
    return np.concatenate(whole) if len(whole) == len(parts) else None


def _found(
    name: str, seconds: float, evidence: Evidence, truth: Heard | None, lost: float
) -> Finding:
    found = suggest(evidence.levels, evidence.heard)
    costs = (found.speech_lost, found.other_passed)
    silence = None
    if found.threshold is not None:
        cost = cost_of(found.threshold, evidence.levels, truth)
        silence = cost.silence
        costs = costs if truth is None else (cost.speech_lost, cost.other_passed)
    labelled = truth is not None
    return Finding(name, seconds, found, *costs, silence, labelled, evidence, truth, lost)
