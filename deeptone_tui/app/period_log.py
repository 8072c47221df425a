"""The periods of the audio so far, as tune mode replays them: bounded, and nobody else's."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.monitor.state import Entry, LevelHistory, MonitorState, SourcePhase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deeptone_tui.protocol import StreamParameters

KEPT = 65_536
"""Periods that are kept, the newest: 18 hours of 1024 ms, 70 minutes of 64 ms; 3.4 MB at most."""

_ROW = np.dtype([("start", "i8"), ("length", "i8"), ("level", "f8"), ("heard", "i1")])
Rows = npt.NDArray[np.void]
"""Periods: first sample and length in samples, level of the loudest step, what was heard."""


class PeriodLog:
    """Every period of one source at one endpoint, answered or not, oldest first.

    The level of a period is taken when its result comes, while the history still has it, so that
    what is long past can be replayed too. What no result covers is cut into periods as the
    endpoint would have cut it, and nobody knows what was heard there.

    Args:
        kept: periods that are kept; the oldest go when there are more.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._rows: Rows = np.empty(min(1024, 2 * kept), _ROW)
        self._count = 0
        self._waiting: list[Entry] = []  # for their levels
        self.at_any_threshold = False
        """Whether results count that were not asked for at threshold 0. What was silence then is
        unknown all the same."""
        self.start = 0
        """Absolute sample from which on periods count."""
        self.end = 0
        """Absolute sample after the newest period."""
        self.version = 0
        """Another number whenever there are other periods."""

    @property
    def waits(self) -> bool:
        """Whether there are results whose levels were not there yet."""
        return bool(self._waiting)

    def restart(self, sample: int) -> None:
        """Forget all; only what begins at an absolute sample or later counts from now on."""
        self._count = 0
        self._waiting.clear()
        self.start = self.end = sample
        self.version += 1

    def add(self, entries: "Sequence[Entry]", history: LevelHistory) -> None:
        """Take in results, each as soon as the levels of its audio are there.

        Results are handed over when they come, and may be newer than the state with the levels.

        Args:
            entries: oldest first.
            history: the levels as measured.
        """
        waiting = [*self._waiting, *entries]
        ready = [each for each in waiting if _end_step(each) <= history.end_step]
        self._waiting = waiting[len(ready) :]
        for entry in ready:
            if entry.sample < self.end:
                continue  # of the source or endpoint before, or the rest of a period cut in two
            gap = cut(history, self.end, entry.sample, entry.parameters, rest=True)
            judged = self.at_any_threshold or entry.parameters.volume_threshold == 0
            self._append(np.concatenate((gap, _answered(entry, history, judged=judged))))
            self.end = entry.sample + entry.samples
            self.version += 1

    def within(self, first: int, end: int) -> Rows:
        """The periods that lie wholly between two absolute samples."""
        rows = self._rows[max(self._count - self._kept, 0) : self._count]
        ends = rows["start"] + rows["length"]
        return rows[np.searchsorted(rows["start"], first) : np.searchsorted(ends, end, "right")]

    def _append(self, rows: Rows) -> None:
        """Add rows, in a larger array or after the oldest are gone."""
        if self._count + len(rows) > len(self._rows):
            stays = min(self._count, self._kept)
            size = max(min(2 * len(self._rows), 2 * self._kept), stays + len(rows))
            larger = np.empty(size, _ROW)
            larger[:stays] = self._rows[self._count - stays : self._count]
            self._rows, self._count = larger, stays
        self._rows[self._count : self._count + len(rows)] = rows
        self._count += len(rows)


def cut(
    history: LevelHistory, start: int, end: int, parameters: "StreamParameters", *, rest: bool
) -> Rows:
    """Cut audio that no result covers into periods, as far as its levels are remembered.

    Args:
        history: the levels.
        start: absolute sample at which the first period begins.
        end: absolute sample after the last.
        parameters: what the endpoint is asked for.
        rest: whether an incomplete period at the end counts.
    """
    from deeptone_tui.tuning import UNKNOWN  # noqa: PLC0415  not before the first frame

    first = max(-(-start // STEP_SAMPLES), history.first_step)
    steps = parameters.period_samples // STEP_SAMPLES
    last = max(end // STEP_SAMPLES, first)
    levels = history.levels[first - history.first_step : last - history.first_step]
    levels = levels[: len(levels) if rest else len(levels) // steps * steps]
    places = np.arange(0, len(levels), steps)
    rows = np.zeros(len(places), _ROW)
    if len(rows):
        rows["start"] = (first + places) * STEP_SAMPLES
        rows["length"] = np.minimum(steps, len(levels) - places) * STEP_SAMPLES
        rows["level"] = np.maximum.reduceat(levels, places)
        rows["heard"] = UNKNOWN
    return rows


def begins_anew(before: MonitorState, after: MonitorState) -> bool:
    """Whether something else is heard, or somebody else listens, so that older periods say nothing.

    A source that was lost and is back goes on, and so does one that was wound.
    """
    old, new = before.source, after.source
    other = (old.info.kind, old.info.name) != (new.info.kind, new.info.name)
    ended = SourcePhase.ENDED, SourcePhase.FAILED
    again = old.phase in ended and new.phase in (SourcePhase.OPENING, SourcePhase.RUNNING)
    return other or again or before.session.label != after.session.label


def _end_step(entry: Entry) -> int:
    """The step after the last whole one of a result's audio."""
    return (entry.sample + entry.samples) // STEP_SAMPLES


def _answered(entry: Entry, history: LevelHistory, *, judged: bool) -> Rows:
    """The row of a result; none where its levels are gone or it holds no whole step."""
    from deeptone_tui.app.heard import meaning_of  # noqa: PLC0415  not before the first frame
    from deeptone_tui.tuning import UNKNOWN  # noqa: PLC0415  not before the first frame

    first = entry.sample // STEP_SAMPLES - history.first_step
    levels = history.levels[max(first, 0) : max(first + entry.samples // STEP_SAMPLES, 0)]
    if first < 0 or not len(levels):
        return np.empty(0, _ROW)
    heard = meaning_of(entry) if judged else UNKNOWN
    return np.array([(entry.sample, entry.samples, levels.max(), heard)], _ROW)
