"""The span that is shown, judged once: what ``a``, ``t`` and the share beside the history count."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deeptone_tui.app.step_log import StepLog, span_of
from deeptone_tui.dsp import from_dbfs
from deeptone_tui.protocol import STEP_MS

if TYPE_CHECKING:
    from deeptone_tui.app.view import View
    from deeptone_tui.tuning import Evidence, Judged, Periods, Suggestion

_LOOKS = 512
"""A long span is judged anew after a part of it has passed, of so many; else with each period."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSpan:
    """Steps and periods of the span, and the best threshold for them."""

    evidence: "Evidence"
    judged: "Judged"
    periods: "Periods"
    suggestion: "Suggestion"

    @property
    def steps(self) -> int:
        """Steps in its periods."""
        return self.evidence.levels.size

    @property
    def heard_steps(self) -> int:
        """Steps that the endpoint has judged."""
        from deeptone_tui.tuning import OTHER  # noqa: PLC0415  tuning only

        heard = self.evidence.heard
        return 0 if heard is None else int((heard >= OTHER).sum())


def evidence_of(view: "View", log: StepLog) -> "Evidence":
    """What is known of the span, at the levels that are shown, in periods as they are now."""
    first, end = span_of(view)
    found = log.evidence(first, end, view.in_force.output_period // STEP_MS)
    if not view.state.shift:
        return found
    return replace(found, levels=found.levels * from_dbfs(view.state.shift))


def silence_in(view: "View", log: StepLog) -> tuple[int, int]:
    """How many periods of the span are silence at the threshold under the cursor, and of how many.

    Nothing has to be judged for it.
    """
    if not log.end_step > log.first_step:
        return 0, 0
    from deeptone_tui.tuning import silence_at  # noqa: PLC0415  not before the first frame

    silent = silence_at(evidence_of(view, log), view.mark)
    return silent.count, silent.whole


def judged_span(evidence: "Evidence", before: float | None = None) -> JudgedSpan:
    """Judge what is known.

    Args:
        evidence: levels, answers and periods.
        before: the threshold that was suggested before, which is kept while it is as good.
    """
    from deeptone_tui.tuning import Judged, suggest_from  # noqa: PLC0415  tuning only

    judged = Judged.of(evidence.levels, evidence.heard)
    starts = evidence.starts
    return JudgedSpan(
        evidence, judged, judged.periods(starts), suggest_from(judged, starts, before)
    )


class SpanJudge:
    """Judges the span that is shown, and keeps that as long as it is the same.

    Args:
        log: what is known of every step.
    """

    def __init__(self, log: StepLog) -> None:
        self.before: float | None = None
        """What was suggested before to this source at this endpoint, from 0 to 1."""
        self._log = log
        self._key: object = None
        self._kept: JudgedSpan | None = None

    def look(self, view: "View") -> JudgedSpan:
        """The span judged; a long one now and then, for that takes some milliseconds."""
        first, end = span_of(view)
        period_steps = view.in_force.output_period // STEP_MS
        grain = max(period_steps, (end - max(first, self._log.first_step)) // _LOOKS)
        heard = self._log.version // max(grain // period_steps, 1)
        span = view.span, view.whole, period_steps, view.state.shift
        key = (end // grain, heard, self.before, *span)
        if self._kept is None or key != self._key:
            self._key, self._kept = key, judged_span(evidence_of(view, self._log), self.before)
        return self._kept
