"""Evaluation of results: the settings that they show in force, and agreement with the preview."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.audio import SourceInfo, SourceKind
from deeptone_tui.monitor.state import (
    Agreement,
    Change,
    ChangeKind,
    LevelHistory,
    MonitorState,
    PlacedResult,
)
from deeptone_tui.protocol import STEP_SAMPLES, StreamParameters, format_threshold
from deeptone_tui.protocol.units import from_dbfs

if TYPE_CHECKING:
    from deeptone_tui.session import TargetProvider
    from deeptone_tui.tuning.offset import Offset

KEPT_PERIODS = 4096
"""Maximum number of compared periods, the newest: 70 minutes at 1024 ms, 4 minutes at 64 ms."""
KEPT_CHANGES = 1000
"""Maximum number of changes kept, the newest: more than one each second of the longest span."""
_SOURCES = 100
"""Maximum number of source starts kept: results come late, but not that late."""

Levels = Callable[[int, int], npt.NDArray[np.float64] | None]
"""Returns the exact levels of the absolute steps from the first number to before the second, or
None if they are unknown."""


class Judge(NamedTuple):
    """Endpoint that sends results."""

    label: str
    """Name of the endpoint, as shown on the screen."""
    address: str = ""
    """Without query and key; empty for our own endpoint, whose port says nothing."""


class ChangeLog:
    """Log of the changes that show in the sources that begin and the results that arrive.

    A mere request is no change: an endpoint may refuse it. A parameter is in force from the first
    result that was judged by it, a source from its first sample.

    Args:
        on_change: called with every change.
    """

    def __init__(self, on_change: Callable[[Change], None]) -> None:
        self._on_change = on_change
        self._sources: deque[tuple[int, SourceInfo]] = deque(maxlen=_SOURCES)
        self._judge: Judge | None = None
        self._parameters = StreamParameters()
        self._count = 0
        self.changes: tuple[Change, ...] = ()
        """Newest changes, in the order of reporting."""

    def begin_source(self, info: SourceInfo, sample: int) -> None:
        """Note that a source delivers from an absolute sample on, for the first time or again."""
        if self._sources:
            before = self._sources[-1][1]
            if (before.kind, before.name) == (info.kind, info.name):
                return
            devices = before.kind is info.kind is SourceKind.MICROPHONE
            kind = ChangeKind.DEVICE if devices else ChangeKind.SOURCE
            self.add(Change(kind, _source_name(before), _source_name(info), sample))
        self._sources.append((sample, info))

    def source_at(self, sample: int) -> str:
        """Return the name of the source at an absolute sample; empty before the first."""
        begun = [info for start, info in self._sources if start <= sample]
        return _source_name(begun[-1]) if begun else ""

    def take_result(self, judge: Judge, parameters: StreamParameters, sample: int) -> None:
        """Add the changes that a result shows.

        Args:
            judge: the endpoint that sent it.
            parameters: the parameters it was judged by.
            sample: absolute index of its first sample.
        """
        old, before = self._judge, self._parameters
        self._judge, self._parameters = judge, parameters
        if old is None or (old == judge and before is parameters):
            return
        told = (
            (ChangeKind.ENDPOINT, *_told_apart(old, judge)),
            (ChangeKind.MODELS, ", ".join(before.models), ", ".join(parameters.models)),
            (ChangeKind.PERIOD, f"{before.output_period} ms", f"{parameters.output_period} ms"),
            (
                ChangeKind.THRESHOLD,
                format_threshold(before.volume_threshold),
                format_threshold(parameters.volume_threshold),
            ),
        )
        for kind, one, other in told:
            if one != other:
                self.add(Change(kind, one, other, sample))

    def add(self, change: Change) -> None:
        """Number and report a change, found here or taken from a recording."""
        self._count += 1
        change = replace(change, number=self._count)
        self.changes = (*self.changes, change)[-KEPT_CHANGES:]
        self._on_change(change)


def _told_apart(one: Judge, other: Judge) -> tuple[str, str]:
    """Return the names of two endpoints, or their addresses if the names are the same."""
    if one.label == other.label:
        return one.address, other.address
    return one.label, other.label


def _source_name(info: SourceInfo) -> str:
    """Return the name of a source as shown on the screen."""
    return info.name or info.kind.value


class JudgedPeriod(NamedTuple):
    """Period that both the preview and the endpoint have judged."""

    loudest: float
    """Preview level of the loudest step, which alone decides about silence."""
    silent: bool
    """True if the endpoint called it silence."""
    threshold: float
    """Threshold that the endpoint was asked to apply."""


def judged(entry: PlacedResult, levels: Levels) -> JudgedPeriod | None:
    """Pair a result with what the preview measured.

    Args:
        entry: the endpoint's result.
        levels: the preview's levels.

    Returns:
        None if there is nothing to compare: the period does not begin with a step or holds no whole
        step, its levels are no longer kept, or there is no verdict.
    """
    results = [answer.result for answer in entry.step.answers.values()]
    verdicts = [result for result in results if result is not None]
    first, remainder = divmod(entry.sample, STEP_SAMPLES)
    steps = entry.samples // STEP_SAMPLES
    if not verdicts or remainder or not steps:
        return None
    known = levels(first, first + steps)
    if known is None:
        return None
    return JudgedPeriod(
        float(known.max()), "silence" in verdicts, entry.parameters.volume_threshold
    )


class Comparison:
    """Newest periods, at most `KEPT_PERIODS`, that an endpoint and the preview have judged."""

    def __init__(self, kept: int = KEPT_PERIODS) -> None:
        """Start without any period.

        Args:
            kept: number of periods to keep.
        """
        self.shift = 0.0
        """Shift of the preview in decibels."""
        self._judged = np.zeros((kept, len(JudgedPeriod._fields)))
        self._taken = 0
        self._offset: tuple[int, Offset] | None = None

    def take(self, period: JudgedPeriod | None) -> None:
        """Add a period, dropping the oldest if full; ignore None, which has nothing to compare."""
        if period is not None:
            self._judged[self._taken % len(self._judged)] = period
            self._taken += 1

    def agreement(self, *, foreign: bool) -> Agreement:
        """Return the agreement of the two at the current shift of the preview.

        Args:
            foreign: True if the endpoint is not ours, so that an offset is searched for.
        """
        kept = self._judged[: self._taken]
        if not len(kept):
            return Agreement()
        from deeptone_tui.tuning.offset import agreeing  # noqa: PLC0415  with the first result

        loudest, silent, thresholds = kept.T
        agreed = agreeing(loudest, silent > 0, thresholds, self.shift)
        return Agreement(len(kept), agreed, self._best_offset() if foreign else None)

    def _best_offset(self) -> "Offset":
        """Return the offset that explains the answers best, recomputed only for new ones."""
        if self._offset is None or self._offset[0] != self._taken:
            from deeptone_tui.tuning.offset import best_offset  # noqa: PLC0415  foreign endpoints only

            loudest, silent, thresholds = self._judged[: self._taken].T
            self._offset = self._taken, best_offset(loudest, silent > 0, thresholds)
        return self._offset[1]


class Evaluation:
    """Evaluation of results as they come; another endpoint is compared anew.

    Args:
        provider: the first endpoint; None without any.
        levels: the preview's levels.
        on_change: called with every change.
    """

    def __init__(
        self,
        provider: "TargetProvider | None",
        levels: Levels,
        on_change: Callable[[Change], None],
    ) -> None:
        self._provider = provider
        self._levels = levels
        self.log = ChangeLog(on_change)
        self.comparison = Comparison()

    @property
    def agreement(self) -> Agreement:
        """Agreement with the endpoint that sends the results."""
        foreign = self._provider is not None and not self._provider.ours
        return self.comparison.agreement(foreign=foreign)

    def shift(self, decibels: float) -> None:
        """Shift the preview until another endpoint has answered."""
        self.comparison.shift = decibels

    def attribute(self, entry: PlacedResult, provider: "TargetProvider", url: str) -> PlacedResult:
        """Return a result with its endpoint and source; log the changes that it shows."""
        if provider != self._provider:
            self._provider, self.comparison = provider, Comparison()
        judge = Judge(provider.label, "" if provider.ours else url)
        self.log.take_result(judge, entry.parameters, entry.sample)
        source = self.log.source_at(entry.sample)
        return replace(entry, source=source, endpoint=provider.label)

    def compare(self, entry: PlacedResult) -> None:
        """Compare a result with the levels of its audio."""
        self.comparison.take(judged(entry, self._levels))


def shifted(state: MonitorState, decibels: float) -> MonitorState:
    """Shift every level that is compared with the threshold.

    The threshold itself never changes: it belongs to the endpoint and is sent to it as it is. The
    clip count and the digital-zero flag stay unchanged.

    Args:
        state: a state, shifted or not.
        decibels: shift relative to the measured levels; 0 restores them.
    """
    if decibels == state.shift:
        return state
    gain = from_dbfs(decibels - state.shift)
    meter, history = state.meter, state.history
    levels = history.levels * np.float32(gain)
    levels.flags.writeable = False
    return replace(
        state,
        meter=replace(meter, level=meter.level * gain, peak=meter.peak * gain, vu=meter.vu * gain),
        history=LevelHistory(history.first_step, levels),
        shift=decibels,
    )
