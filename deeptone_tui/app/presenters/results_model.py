"""The results in memory, bounded, and the lines of the log."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from deeptone_tui.monitor.state import Change, LevelHistory, PlacedResult
from deeptone_tui.protocol import STEP_SAMPLES

CAPACITY_RESULTS = 10_000
"""Maximum number of lines in memory; the oldest tenth is dropped beyond it."""
CAPACITY_BYTES = 64 * 1024 * 1024
"""Maximum memory of the results, bounded in the same way."""


class LogScroll:
    """Scroll window on numbered lines, and the selected line in it.

    It follows the newest line until it is moved, and follows again when it is moved to the end.
    """

    def __init__(self) -> None:
        self.first = 0
        """Number of the oldest line."""
        self.end = 0
        """Number of the next line to come."""
        self.rows = 1
        """Number of lines in view."""
        self.selected: int | None = None
        """Number of the selected line; None if none is selected."""
        self._top: int | None = None
        self._seen = 0

    @property
    def following(self) -> bool:
        """True if the newest line is always in view."""
        return self._top is None

    @property
    def top(self) -> int:
        """Number of the first line in view."""
        return max(self.end - self.rows, self.first) if self._top is None else self._top

    @property
    def unseen(self) -> int:
        """Number of lines that came since the window stopped following."""
        return 0 if self.following else self.end - self._seen

    def extend(self, first: int, end: int) -> None:
        """Update the range of lines: new ones came, or old ones were dropped."""
        self.first, self.end = first, end
        if self._top is not None:
            self._top = max(self._top, first)
        if self.selected is not None:
            self.selected = max(self.selected, first)

    def resize(self, rows: int) -> None:
        """Set the number of rows; the selected line stays selected and in view."""
        self.rows = max(rows, 1)
        if self._top is None:
            return
        if self.selected is None:
            self._show(self._top)
        else:
            self._top = max(min(self._top, self.end - self.rows), self.first)
            self.select(self.selected)

    def scroll(self, lines: int) -> None:
        """Move the window, up if negative, and clear the selection."""
        self.selected = None
        self._show(self.top + lines)

    def select(self, number: int) -> None:
        """Select a line, bring it into view, and stop following."""
        if self.first >= self.end:
            return
        self.selected = min(max(number, self.first), self.end - 1)
        self.hold()
        if self.selected < self.top:
            self._hold(self.selected)
        elif self.selected >= self.top + self.rows:
            self._hold(self.selected - self.rows + 1)

    def move(self, lines: int) -> None:
        """Move the selection; a step down from the newest line follows again."""
        below = min(self.top + self.rows, self.end)  # one line up from here is the last in view
        target = (below if self.selected is None else self.selected) + lines
        if target >= self.end:
            self.follow()
        else:
            self.select(target)

    def follow(self) -> None:
        """Clear the selection and follow the newest line."""
        self.selected = None
        self._top = None

    def hold(self) -> None:
        """Stop following, with the window where it is."""
        if self.following:
            self._hold(self.top)

    def _show(self, top: int) -> None:
        """Move the window within the range of lines."""
        if top + self.rows >= self.end:
            self.follow()
        else:
            self._hold(max(top, self.first))

    def _hold(self, top: int) -> None:
        if self.following:
            self._seen = self.end
        self._top = top


class Result(NamedTuple):
    """A result, with the level that the preview measured for its period."""

    entry: PlacedResult
    level: float | None = None
    """Level of the loudest step of its period, not shifted; None if it is unknown."""


class LogNotice(NamedTuple):
    """An event between results."""

    text: str
    seconds: float
    """Time of the event in seconds since capture began, or into the recording being replayed."""


Item = Result | LogNotice | Change
"""A line of the log."""


class ResultsModel:
    """Results in order, and the lines of the log that pass the filter.

    Lines are numbered from the first ever listed, so that a number keeps meaning the same line
    when old ones are dropped: ``first`` is the oldest in memory, ``end`` the next to come.
    """

    def __init__(
        self, capacity: int = CAPACITY_RESULTS, capacity_bytes: int = CAPACITY_BYTES
    ) -> None:
        self.entries: list[PlacedResult] = []
        """The results, oldest first."""
        self.filter: str | None = None
        """The only model that is listed; None for all."""
        self.first = 0
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._bytes = 0
        self._items: list[Item] = []
        self._lines: list[Item] = []

    @property
    def end(self) -> int:
        """Number of the next line to come."""
        return self.first + len(self._lines)

    @property
    def results(self) -> list[Result]:
        """Results with their levels, oldest first."""
        return [item for item in self._items if isinstance(item, Result)]

    @property
    def newest(self) -> PlacedResult | None:
        """Newest result; None before the first."""
        return self.entries[-1] if self.entries else None

    def line(self, number: int) -> Item | None:
        """Return the line with a number; None if it is not in memory."""
        index = number - self.first
        return self._lines[index] if 0 <= index < len(self._lines) else None

    def add(self, items: Iterable[Item]) -> int:
        """Add new lines.

        Returns:
            The number of them that pass the filter.
        """
        before = self.end
        for item in items:
            if isinstance(item, Result):
                self.entries.append(item.entry)
            self._bytes += _footprint_bytes(item)
            self._items.append(item)
            if self._is_listed(item):
                self._lines.append(item)
        added = self.end - before
        self._forget()
        return added

    def entries_in(self, start: int, end: int) -> list[PlacedResult]:
        """Return the results whose middle lies in a range of samples, oldest first.

        So each result belongs to exactly one of the ranges that audio is cut into. A range that
        contains no result's middle, such as one shorter than a period, gets the result that covers
        the middle of the range.
        """
        middle = (start + end) // 2
        sample = attrgetter("sample")
        first = max(bisect_right(self.entries, start, key=sample) - 1, 0)
        last = bisect_right(self.entries, end, key=sample)
        near = self.entries[first:last]
        inside = [entry for entry in near if start <= entry.sample + entry.samples // 2 < end]
        if inside:
            return inside
        return [entry for entry in near if entry.sample <= middle < entry.sample + entry.samples]

    def set_filter(self, model: str | None) -> None:
        """List the results of one model only, or of all; line numbers restart at 0."""
        self.filter = model
        self.first = 0
        self._lines = [item for item in self._items if self._is_listed(item)]

    def next_filter(self, models: Sequence[str]) -> str | None:
        """Return the filter after the current one, cycling through all models and back to None."""
        cycle = [None, *models]
        return cycle[(cycle.index(self.filter) + 1) % len(cycle)] if self.filter in cycle else None

    def _is_listed(self, item: Item) -> bool:
        if self.filter is None or not isinstance(item, Result):
            return True
        return self.filter in item.entry.step.answers

    def _forget(self) -> None:
        """Drop the oldest tenth when a bound is exceeded: rarely, and then in one go."""
        while len(self._items) > self._capacity or self._bytes > self._capacity_bytes:
            chunk = max(min(self._capacity, len(self._items)) // 10, 1)
            gone = self._items[:chunk]
            self._bytes -= sum(map(_footprint_bytes, gone))
            results = sum(isinstance(item, Result) for item in gone)
            listed = sum(self._is_listed(item) for item in gone)
            del self._items[:chunk], self._lines[:listed]
            del self.entries[:results]
            self.first += listed


def _footprint_bytes(item: Item) -> int:
    """Return the memory of the endpoint's answers; the program's own share is small."""
    return item.entry.step.footprint_bytes if isinstance(item, Result) else 0


def measured(entry: PlacedResult, history: LevelHistory) -> Result:
    """Return a result with the level of its loudest step, if the history still has it.

    Args:
        entry: the result.
        history: the levels as measured, not shifted.
    """
    start = entry.sample // STEP_SAMPLES - history.first_step
    end = -(-(entry.sample + entry.samples) // STEP_SAMPLES) - history.first_step
    levels = history.levels[max(start, 0) : max(end, 0)]
    return Result(entry, float(levels.max()) if start >= 0 and len(levels) else None)


def in_order(results: Iterable[Result], changes: Iterable[Change]) -> list[Result | Change]:
    """Merge changes into results, each before the first result that it applies to."""
    items: list[Result | Change] = [*changes, *results]
    return sorted(items, key=_place)


def _place(item: Result | Change) -> int:
    """Return the absolute index of the first sample that a line of the log applies to."""
    return item.sample if isinstance(item, Change) else item.entry.sample
