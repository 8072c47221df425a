"""Settings in force, and each change of them, reported where it takes effect. Pure."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from deeptone_tui.audio import SourceInfo, SourceKind
from deeptone_tui.dsp import format_threshold
from deeptone_tui.monitor.state import Change, ChangeKind
from deeptone_tui.protocol import StreamParameters

KEPT = 1000
"""Maximum number of changes kept, the newest: more than one each second of the longest span."""
_SOURCES = 100
"""Maximum number of source starts kept: results come late, but not that late."""


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
            self.add(Change(kind, _name(before), _name(info), sample))
        self._sources.append((sample, info))

    def source_at(self, sample: int) -> str:
        """Return the name of the source at an absolute sample; empty before the first."""
        begun = [info for start, info in self._sources if start <= sample]
        return _name(begun[-1]) if begun else ""

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
        self.changes = (*self.changes, change)[-KEPT:]
        self._on_change(change)


def _told_apart(one: Judge, other: Judge) -> tuple[str, str]:
    """Return the names of two endpoints, or their addresses if the names are the same."""
    if one.label == other.label:
        return one.address, other.address
    return one.label, other.label


def _name(info: SourceInfo) -> str:
    """Return the name of a source as shown on the screen."""
    return info.name or info.kind.value
