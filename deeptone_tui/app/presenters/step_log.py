"""What is known of every step of one source at one endpoint, and the span that is judged."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deeptone_tui.dsp import STEP_SAMPLES, from_dbfs
from deeptone_tui.monitor.state import LevelHistory, MonitorState, PlacedResult, SourcePhase
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deeptone_tui.app.view import View
    from deeptone_tui.tuning import Evidence, Periods, SpeechPosterior, Suggestion


KEPT_STEPS = 1 << 18
"""Steps that are kept, the newest: 4.6 hours; 2.4 MB, and twice that before the oldest go."""
SPEECH_MODELS = ("speech-rt", "speech")
"""The models that tell speech from the rest."""

_SPEECH, _OTHER, _UNKNOWN, _GATED = (
    1,
    0,
    -1,
    -2,
)  # of deeptone_tui.tuning, which is not loaded at the start

_LOOKS = 512
"""A long span is judged anew after a part of it has passed, of so many; else with each period."""


class Border(NamedTuple):
    """Where an endpoint's periods begin anew, with a connection or another length."""

    step: int
    """Absolute index."""
    period_steps: int


class StepLog:
    """Levels and answers of all steps, and where the endpoint's periods begin among them.

    The periods of a result are those of its own connection. What no result covers is cut into
    periods as the endpoint would have cut it.

    Args:
        kept: steps that are kept; the oldest go when there are more.
    """

    def __init__(self, kept: int = KEPT_STEPS) -> None:
        self._kept = kept
        self._levels = np.empty(1024)
        self._heard = np.empty(1024, np.int8)
        self._count = 0
        self._borders = [Border(0, 1)]
        self._waiting: list[PlacedResult] = []  # for their levels
        self._answered = 0  # absolute index after the newest result
        self.first_step = 0
        """Absolute index of the oldest step."""
        self.version = 0
        """Another number whenever more has been heard."""

    @property
    def end_step(self) -> int:
        """Absolute index after the newest step."""
        return self.first_step + self._count

    def restart(self, sample: int) -> None:
        """Forget all; only what begins at an absolute sample or later counts from now on."""
        self._count = 0
        self.first_step = self._answered = -(-sample // STEP_SAMPLES)
        self._borders = [Border(self.first_step, 1)]
        self._waiting.clear()
        self.version += 1

    def add(self, entries: "Sequence[PlacedResult]", history: LevelHistory) -> None:
        """Take in new levels and results.

        Results are handed over when they come, and may be newer than the state with the levels.

        Args:
            entries: oldest first.
            history: the levels as measured.
        """
        self._measure(history)
        waiting = [*self._waiting, *entries]
        ready = [each for each in waiting if _end_step(each) <= self.end_step]
        self._waiting = waiting[len(ready) :]
        for entry in ready:
            self._answer(entry)
        self.version += len(ready) > 0

    def evidence(self, first: int, end: int, period_steps: int) -> "Evidence":
        """What is known of the whole periods between two absolute steps.

        Args:
            first: the step from which on periods may begin.
            end: the step after the last; an incomplete period before it counts if it was answered.
            period_steps: steps in a period now.
        """
        from deeptone_tui.tuning import Evidence, recut  # noqa: PLC0415  not before the first frame

        borders = self._borders_from(max(first, self.first_step), period_steps)
        begin, end = borders[0], min(end, self.end_step)
        starts = recut(np.array(borders) - begin, max(end - begin, 0), period_steps)
        whole = starts.size and begin + starts[-1] + period_steps <= end
        if starts.size and not whole and self._answered < end:
            end, starts = int(begin + starts[-1]), starts[:-1]
        kept = slice(begin - self.first_step, max(end, begin) - self.first_step)
        heard = self._heard[: self._count][kept]
        known = bool((heard >= _OTHER).any())
        return Evidence(self._levels[: self._count][kept], heard if known else None, starts)

    def _borders_from(self, first: int, period_steps: int) -> list[int]:
        """Where periods begin anew, from the first period on that begins at a step or later."""
        before = [border.step for border in self._borders if border.step <= first]
        later = [border.step for border in self._borders if border.step > first]
        start = before[-1] if before else first
        begin = start + -(-(first - start) // period_steps) * period_steps
        cut_short = later and later[0] <= begin  # the connection ended within a period
        return later if cut_short else [begin, *later]

    def _measure(self, history: LevelHistory) -> None:
        """Take the levels that are newer than those that are known."""
        if history.first_step > self.end_step:  # not looked at for a quarter of an hour
            self.restart(history.first_step * STEP_SAMPLES)
        fresh = history.levels[max(self.end_step - history.first_step, 0) :]
        if not len(fresh):
            return
        if self._count + len(fresh) > len(self._levels):
            self._make_room(len(fresh))
        place = slice(self._count, self._count + len(fresh))
        self._levels[place], self._heard[place] = fresh, _UNKNOWN
        self._count += len(fresh)

    def _make_room(self, fresh: int) -> None:
        """Double the arrays, up to twice what is kept; then let the oldest go."""
        gone = max(self._count + fresh - self._kept, 0) if self._count >= self._kept else 0
        stays = self._count - gone
        size = max(min(2 * len(self._levels), 2 * self._kept), stays + fresh)
        for name in ("_levels", "_heard"):
            old = getattr(self, name)
            larger = np.empty(size, old.dtype)
            larger[:stays] = old[gone : self._count]
            setattr(self, name, larger)
        self.first_step += gone
        self._count = stays
        older = [border for border in self._borders if border.step <= self.first_step]
        self._borders = self._borders[max(len(older) - 1, 0) :]

    def _answer(self, entry: PlacedResult) -> None:
        """Note what a result says of its steps, and whether periods begin anew with it."""
        first, end = entry.sample // STEP_SAMPLES, _end_step(entry)
        if first < self.first_step or end <= first:
            return  # of the source or endpoint before, or of less than a step
        self._heard[first - self.first_step : end - self.first_step] = meaning_of(entry)
        period_steps = entry.parameters.output_period // STEP_MS
        newest = self._borders[-1]
        off = newest.period_steps != period_steps or (first - newest.step) % period_steps
        if first >= newest.step and off:
            kept = [border for border in self._borders if border.step < first]
            self._borders = [*kept, Border(first, period_steps)]
        self._answered = max(self._answered, end)


def span_of(view: "View") -> tuple[int, int]:
    """The absolute steps between which the span that is shown lies; from 0 for all there was."""
    end = view.state.history.end_step
    first = 0 if view.whole else end - view.span * SAMPLE_RATE_HZ // STEP_SAMPLES
    return max(first, 0), end


def meaning_of(entry: PlacedResult) -> int:
    """What a result says by the first of its models that tells speech from the rest.

    What was silence at a threshold was not listened to; at threshold 0 it was.
    """
    model = next((name for name in SPEECH_MODELS if name in entry.step.answers), None)
    result = entry.step.answers[model].result if model else None
    if result is None:
        return _UNKNOWN
    if result == "silence" and entry.parameters.volume_threshold > 0:
        return _GATED
    return _SPEECH if result == "speech" else _OTHER


def begins_anew(before: MonitorState, after: MonitorState) -> bool:
    """Whether something else is heard, or somebody else listens, so that older steps say nothing.

    A source that was lost and is back goes on, and so does one that was wound.
    """
    old, new = before.source, after.source
    other = (old.info.kind, old.info.name) != (new.info.kind, new.info.name)
    ended = SourcePhase.ENDED, SourcePhase.FAILED
    again = old.phase in ended and new.phase in (SourcePhase.OPENING, SourcePhase.RUNNING)
    return other or again or before.session.label != after.session.label


def _end_step(entry: PlacedResult) -> int:
    """The step after the last whole one of a result's audio."""
    return (entry.sample + entry.samples) // STEP_SAMPLES


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSpan:
    """Steps and periods of the span, and the best threshold for them."""

    evidence: "Evidence"
    judged: "SpeechPosterior"
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
    from deeptone_tui.tuning import SpeechPosterior, suggest_from  # noqa: PLC0415  tuning only

    judged = SpeechPosterior.of(evidence.levels, evidence.heard)
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
