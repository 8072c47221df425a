"""The log of levels and answers of every step of one source at one endpoint, and judged spans."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.monitor.state import LevelHistory, MonitorState, PlacedResult, SourcePhase
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_MS, STEP_SAMPLES
from deeptone_tui.protocol.units import from_dbfs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from deeptone_tui.app.view import View
    from deeptone_tui.dsp import SlidingArray
    from deeptone_tui.tuning import Evidence, Periods, SpeechPosterior, Suggestion


KEPT_STEPS = 1 << 18
"""Steps kept, the newest: 4.6 hours; 2.4 MB, and twice that before the oldest are dropped."""
_LOOKS = 512
"""Parts of a long span: it is judged again after each part; a short one after each period."""


class Border(NamedTuple):
    """A step at which the endpoint's periods restart: a new connection or another period length."""

    step: int
    """Absolute index."""
    period_steps: int


class _Steps(NamedTuple):
    """Levels of all steps, and what was heard in them."""

    levels: "SlidingArray[np.float64]"
    heard: "SlidingArray[np.int8]"


class StepLog:
    """Log of the levels and answers of all steps, and of the starts of the endpoint's periods.

    A result has the periods of its own connection. Steps that no result covers are cut into
    periods as the endpoint would have cut them.

    Args:
        kept: maximum number of steps; the oldest are dropped beyond it.
    """

    def __init__(self, kept: int = KEPT_STEPS) -> None:
        self._kept = kept
        self._waiting: list[PlacedResult] = []  # results whose levels have not come yet
        self.version = 0
        """Number that changes with every new result and every restart."""
        self._begin(0)

    def _begin(self, step: int) -> None:
        self._begun: _Steps | None = None
        self._borders = [Border(step, 1)]
        self._answered = step  # absolute step after the newest result

    @property
    def _steps(self) -> _Steps:
        """The steps; made when first needed, which is after the first frame."""
        if self._begun is None:
            import numpy as np  # noqa: PLC0415  after the first frame

            from deeptone_tui.dsp import SlidingArray  # noqa: PLC0415  after the first frame

            begin = self._borders[0].step
            self._begun = _Steps(
                SlidingArray(np.float64, self._kept, first=begin),
                SlidingArray(np.int8, self._kept, first=begin),
            )
        return self._begun

    @property
    def empty(self) -> bool:
        """True if there are no steps."""
        return self._begun is None or self.end_step == self.first_step

    @property
    def first_step(self) -> int:
        """Absolute index of the oldest step."""
        return self._steps.levels.first

    @property
    def end_step(self) -> int:
        """Absolute index of the step after the newest."""
        return self._steps.levels.end

    def restart(self, sample: int) -> None:
        """Clear the log; from now on only steps that begin at an absolute sample or later count."""
        self._begin(-(-sample // STEP_SAMPLES))
        self._waiting.clear()
        self.version += 1

    def add(self, entries: "Sequence[PlacedResult]", history: LevelHistory) -> None:
        """Add new levels and results.

        Results are passed on as they come and may be newer than the state with the levels.

        Args:
            entries: the results, oldest first.
            history: the levels as measured, not shifted.
        """
        self._measure(history)
        waiting = [*self._waiting, *entries]
        ready = [each for each in waiting if _end_step(each) <= self.end_step]
        self._waiting = waiting[len(ready) :]
        for entry in ready:
            self._answer(entry)
        self.version += len(ready) > 0

    def evidence(self, first: int, end: int, period_steps: int) -> "Evidence":
        """Return the levels and answers of the whole periods between two absolute steps.

        Args:
            first: the first step at which a period may begin.
            end: the step after the last; an incomplete period before it counts if it was answered.
            period_steps: steps in a period now.
        """
        import numpy as np  # noqa: PLC0415  after the first frame

        from deeptone_tui.tuning import OTHER, Evidence, recut  # noqa: PLC0415  after the first frame

        borders = self._borders_from(max(first, self.first_step), period_steps)
        begin, end = borders[0], min(end, self.end_step)
        starts = recut(np.array(borders) - begin, max(end - begin, 0), period_steps)
        whole = starts.size and begin + starts[-1] + period_steps <= end
        if starts.size and not whole and self._answered < end:
            end, starts = int(begin + starts[-1]), starts[:-1]
        steps = (begin, end) if begin < end else (self.end_step, self.end_step)
        heard = self._steps.heard.view(*steps).copy()  # a late result changes it
        known = bool((heard >= OTHER).any())
        return Evidence(self._steps.levels.view(*steps), heard if known else None, starts)

    def _borders_from(self, first: int, period_steps: int) -> list[int]:
        """Return the steps at which periods restart, from the first period at or after a step."""
        before = [border.step for border in self._borders if border.step <= first]
        later = [border.step for border in self._borders if border.step > first]
        start = before[-1] if before else first
        begin = start + -(-(first - start) // period_steps) * period_steps
        cut_short = later and later[0] <= begin  # the connection ended within a period
        return later if cut_short else [begin, *later]

    def _measure(self, history: LevelHistory) -> None:
        """Add the levels that are newer than those in the log."""
        if history.first_step > self.end_step:  # not updated for a quarter of an hour
            self.restart(history.first_step * STEP_SAMPLES)
        fresh = history.levels[max(self.end_step - history.first_step, 0) :]
        if not len(fresh):
            return
        import numpy as np  # noqa: PLC0415  after the first frame

        from deeptone_tui.tuning import UNKNOWN  # noqa: PLC0415  after the first frame

        self._steps.levels.append(fresh)
        self._steps.heard.append(np.full(len(fresh), UNKNOWN))
        older = [border for border in self._borders if border.step <= self.first_step]
        self._borders = self._borders[max(len(older) - 1, 0) :]

    def _answer(self, entry: PlacedResult) -> None:
        """Store the meaning of a result for its steps, and a border if periods restart with it."""
        first, end = entry.sample // STEP_SAMPLES, _end_step(entry)
        if first < self.first_step or end <= first:
            return  # of an earlier source or endpoint, or shorter than a step
        from deeptone_tui.tuning import heard_in  # noqa: PLC0415  after the first frame

        heard = heard_in(entry.step, entry.parameters.volume_threshold)
        self._steps.heard.writable(first, end)[:] = heard
        period_steps = entry.parameters.output_period // STEP_MS
        newest = self._borders[-1]
        off = newest.period_steps != period_steps or (first - newest.step) % period_steps
        if first >= newest.step and off:
            kept = [border for border in self._borders if border.step < first]
            self._borders = [*kept, Border(first, period_steps)]
        self._answered = max(self._answered, end)


def span_of(view: "View") -> tuple[int, int]:
    """Return the absolute first step and end step of the span shown; from 0 for all audio."""
    end = view.state.history.end_step
    first = 0 if view.whole else end - view.span * SAMPLE_RATE_HZ // STEP_SAMPLES
    return max(first, 0), end


def begins_anew(before: MonitorState, after: MonitorState) -> bool:
    """Return True if source or endpoint changed, so that older steps no longer apply.

    A source that was lost and is back continues, and so does one after a seek. A source that
    ended or failed and is opened or runs again does not.
    """
    old, new = before.source, after.source
    other = (old.info.kind, old.info.name) != (new.info.kind, new.info.name)
    ended = SourcePhase.ENDED, SourcePhase.FAILED
    again = old.phase in ended and new.phase in (SourcePhase.OPENING, SourcePhase.RUNNING)
    return other or again or before.session.label != after.session.label


def _end_step(entry: PlacedResult) -> int:
    """Return the step after the last whole one of a result's audio."""
    return (entry.sample + entry.samples) // STEP_SAMPLES


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSpan:
    """A span with its steps and periods, and the suggested threshold for them."""

    evidence: "Evidence"
    judged: "SpeechPosterior"
    periods: "Periods"
    suggestion: "Suggestion"

    @property
    def steps(self) -> int:
        """Number of steps in its periods."""
        return self.evidence.levels.size

    @property
    def heard_steps(self) -> int:
        """Number of steps that the endpoint has judged."""
        from deeptone_tui.tuning import OTHER  # noqa: PLC0415  tuning only

        heard = self.evidence.heard
        return 0 if heard is None else int((heard >= OTHER).sum())


def evidence_of(view: "View", log: StepLog) -> "Evidence":
    """Return the evidence for the span, at the levels shown and with the period in force."""
    first, end = span_of(view)
    found = log.evidence(first, end, view.in_force.output_period // STEP_MS)
    if not view.state.shift:
        return found
    return replace(found, levels=found.levels * from_dbfs(view.state.shift))


def silence_in(view: "View", log: StepLog) -> tuple[int, int]:
    """Count the periods of the span that are silence at the threshold under the cursor, and all.

    This needs no judged span.
    """
    if log.empty:
        return 0, 0
    from deeptone_tui.tuning import silence_at  # noqa: PLC0415  after the first frame

    silent = silence_at(evidence_of(view, log), view.mark)
    return silent.count, silent.whole


def judged_span(evidence: "Evidence", before: float | None = None) -> JudgedSpan:
    """Judge the evidence of a span.

    Args:
        evidence: levels, answers and periods.
        before: the threshold suggested before, which is kept while it is as good.
    """
    from deeptone_tui.tuning import SpeechPosterior, suggest_from  # noqa: PLC0415  tuning only

    judged = SpeechPosterior.of(evidence.levels, evidence.heard)
    starts = evidence.starts
    return JudgedSpan(
        evidence, judged, judged.periods(starts), suggest_from(judged, starts, before)
    )


class SpanJudge:
    """Judge of the span shown, which caches its result while the span stays the same.

    Args:
        log: the log of every step.
    """

    def __init__(self, log: StepLog) -> None:
        self.before: float | None = None
        """The last suggestion for this source at this endpoint, 0 to 1; None if there is none."""
        self._log = log
        self._key: object = None
        self._kept: JudgedSpan | None = None

    def look(self, view: "View") -> JudgedSpan:
        """Return the judged span; a long one is judged rarely, as that takes some milliseconds."""
        first, end = span_of(view)
        period_steps = view.in_force.output_period // STEP_MS
        grain = max(period_steps, (end - max(first, self._log.first_step)) // _LOOKS)
        heard = self._log.version // max(grain // period_steps, 1)
        span = view.span, view.whole, period_steps, view.state.shift
        key = (end // grain, heard, self.before, *span)
        if self._kept is None or key != self._key:
            self._key, self._kept = key, judged_span(evidence_of(view, self._log), self.before)
        return self._kept
