"""The results kept in memory, bounded, and those of them that the log lists."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.monitor.state import Change, LevelHistory, PlacedResult

CAPACITY_RESULTS = 10_000
"""Results kept; the oldest tenth goes when there are more."""
CAPACITY_BYTES = 64 * 1024 * 1024
"""Memory that they take at most, in the same way."""


class LogScroll:
    """The window on numbered lines, and the line that is selected in it.

    It follows the newest line until it is moved; it follows again once it is moved to the end.
    """

    def __init__(self) -> None:
        self.first = 0
        """Number of the oldest line there is."""
        self.end = 0
        """Number of the line that comes next."""
        self.rows = 1
        """Lines in view."""
        self.selected: int | None = None
        """The selected line; None for none."""
        self._top: int | None = None
        self._seen = 0

    @property
    def following(self) -> bool:
        """Whether the newest line is always in view."""
        return self._top is None

    @property
    def top(self) -> int:
        """Number of the first line in view."""
        return max(self.end - self.rows, self.first) if self._top is None else self._top

    @property
    def unseen(self) -> int:
        """Lines that came since the window stopped following."""
        return 0 if self.following else self.end - self._seen

    def extend(self, first: int, end: int) -> None:
        """Take note of new lines, and of old ones that are gone."""
        self.first, self.end = first, end
        if self._top is not None:
            self._top = max(self._top, first)
        if self.selected is not None:
            self.selected = max(self.selected, first)

    def resize(self, rows: int) -> None:
        """Take another number of rows; what is selected stays so, and in view."""
        self.rows = max(rows, 1)
        if self._top is None:
            return
        if self.selected is None:
            self._show(self._top)
        else:
            self._top = max(min(self._top, self.end - self.rows), self.first)
            self.select(self.selected)

    def scroll(self, lines: int) -> None:
        """Move the window, up when negative, and take the selection away."""
        self.selected = None
        self._show(self.top + lines)

    def select(self, number: int) -> None:
        """Select a line, bring it into view, and stop following."""
        if self.first >= self.end:
            return
        self.selected = min(max(number, self.first), self.end - 1)
        if self.following:
            self._hold(self.top)
        if self.selected < self.top:
            self._hold(self.selected)
        elif self.selected >= self.top + self.rows:
            self._hold(self.selected - self.rows + 1)

    def move(self, lines: int) -> None:
        """Move the selection; down from the newest line is to follow again."""
        below = min(self.top + self.rows, self.end)  # a step up from here is the last line in view
        target = (below if self.selected is None else self.selected) + lines
        if target >= self.end:
            self.follow()
        else:
            self.select(target)

    def follow(self) -> None:
        """Show the newest line, and go on doing so."""
        self.selected = None
        self._top = None

    def hold(self) -> None:
        """Stop following where the window stands."""
        if self.following:
            self._hold(self.top)

    def _show(self, top: int) -> None:
        """Move the window within what there is."""
        if top + self.rows >= self.end:
            self.follow()
        else:
            self._hold(max(top, self.first))

    def _hold(self, top: int) -> None:
        if self.following:
            self._seen = self.end
        self._top = top


class Result(NamedTuple):
    """A result, with what the preview measured where it was judged."""

    entry: PlacedResult
    level: float | None = None
    """Level of the loudest step of its period, not shifted; None where that is not known."""


class LogNotice(NamedTuple):
    """Something that happened between results."""

    text: str
    seconds: float
    """When, in seconds since capture began, or into the recording that is shown again."""


Item = Result | LogNotice | Change
"""A line of the log."""


class ResultsModel:
    """Results in their order, and the lines of the log under the filter.

    Lines are numbered from the first ever listed, so that a number goes on meaning the same
    line when old ones are let go: ``first`` is the oldest still kept, ``end`` the next to come.
    """

    def __init__(
        self, capacity: int = CAPACITY_RESULTS, capacity_bytes: int = CAPACITY_BYTES
    ) -> None:
        self.entries: list[PlacedResult] = []
        """The results, oldest first."""
        self.filter: str | None = None
        """The one model that is listed; None for all."""
        self.first = 0
        self.forgotten = 0
        """Results that were let go because there were too many."""
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._bytes = 0
        self._starts: list[int] = []
        self._items: list[Item] = []
        self._lines: list[Item] = []

    @property
    def end(self) -> int:
        """Number of the line that comes next."""
        return self.first + len(self._lines)

    @property
    def results(self) -> list[Result]:
        """The results with their levels, oldest first."""
        return [item for item in self._items if isinstance(item, Result)]

    @property
    def newest(self) -> PlacedResult | None:
        """The newest result; None before the first."""
        return self.entries[-1] if self.entries else None

    def line(self, number: int) -> Item | None:
        """The line of a number; None when it is not kept."""
        index = number - self.first
        return self._lines[index] if 0 <= index < len(self._lines) else None

    def add(self, items: Iterable[Item]) -> int:
        """Take in new lines.

        Returns:
            How many of them are listed under the filter.
        """
        before = self.end
        for item in items:
            if isinstance(item, Result):
                self.entries.append(item.entry)
                self._starts.append(item.entry.sample)
            self._bytes += _footprint_bytes(item)
            self._items.append(item)
            if self._is_listed(item):
                self._lines.append(item)
        added = self.end - before
        self._forget()
        return added

    def entries_in(self, start: int, end: int) -> list[PlacedResult]:
        """The results of which the middle lies in a stretch of samples, oldest first.

        So each belongs to one of the stretches that audio is cut into, and to no other. A
        stretch that is shorter than a period has that of the result that covers its middle.
        """
        middle = (start + end) // 2
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = bisect_right(self._starts, end)
        near = self.entries[first:last]
        inside = [entry for entry in near if start <= entry.sample + entry.samples // 2 < end]
        if inside:
            return inside
        return [entry for entry in near if entry.sample <= middle < entry.sample + entry.samples]

    def set_filter(self, model: str | None) -> None:
        """List the results of one model only, or of all; numbers begin anew."""
        self.filter = model
        self.first = 0
        self._lines = [item for item in self._items if self._is_listed(item)]

    def next_filter(self, models: Sequence[str]) -> str | None:
        """The filter after the one that stands, through all models and back to none."""
        cycle = [None, *models]
        return cycle[(cycle.index(self.filter) + 1) % len(cycle)] if self.filter in cycle else None

    def _is_listed(self, item: Item) -> bool:
        if self.filter is None or not isinstance(item, Result):
            return True
        return self.filter in item.entry.step.answers

    def _forget(self) -> None:
        """Let the oldest tenth go when a bound is passed: seldom, and then at once."""
        while len(self._items) > self._capacity or self._bytes > self._capacity_bytes:
            chunk = max(min(self._capacity, len(self._items)) // 10, 1)
            gone = self._items[:chunk]
            self._bytes -= sum(map(_footprint_bytes, gone))
            results = sum(isinstance(item, Result) for item in gone)
            listed = sum(self._is_listed(item) for item in gone)
            del self._items[:chunk], self._lines[:listed]
            del self.entries[:results], self._starts[:results]
            self.first += listed
            self.forgotten += results


def _footprint_bytes(item: Item) -> int:
    """Memory of what the endpoint said; the rest is ours, and little."""
    return item.entry.step.footprint_bytes if isinstance(item, Result) else 0


def measured(entry: PlacedResult, history: LevelHistory) -> Result:
    """Put the level of its loudest step to a result, as long as it is remembered.

    Args:
        entry: the result.
        history: the levels as measured, not shifted.
    """
    start = entry.sample // STEP_SAMPLES - history.first_step
    end = -(-(entry.sample + entry.samples) // STEP_SAMPLES) - history.first_step
    levels = history.levels[max(start, 0) : max(end, 0)]
    return Result(entry, float(levels.max()) if start >= 0 and len(levels) else None)


def in_order(results: Iterable[Result], changes: Iterable[Change]) -> list[Result | Change]:
    """Put changes among results, each before the first that it holds for."""
    items: list[Result | Change] = [*changes, *results]
    return sorted(items, key=_place)


def _place(item: Result | Change) -> int:
    """Absolute index of the first sample that a line of the log is about."""
    return item.sample if isinstance(item, Change) else item.entry.sample
