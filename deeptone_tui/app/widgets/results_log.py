"""The results log: one line per result, newest at the bottom, from a bounded memory."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.strip import Strip

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.results_model import (
    Item,
    LogNotice,
    LogScroll,
    Result,
    ResultsModel,
)
from deeptone_tui.app.presenters.verdict import QUIET, confidence_of, name_of, short_name, tone_of
from deeptone_tui.app.presenters.wording import fitted, padded, width_of
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.app.widgets.timeline import CHANGE
from deeptone_tui.core.text import clock
from deeptone_tui.monitor.state import Change
from deeptone_tui.protocol import CATALOGUE, Answer
from deeptone_tui.protocol.units import format_dbfs, from_dbfs

BAR, HALF, POINTER, UNDER = "━", "╸", "▸", "<"
_CACHED_LINES = 400
"""Rendered lines after which the cache is cleared: several screens full."""

TIME_WIDTH = len("00:00:00.0")
LEVEL_WIDTH = len("−100.0")
CONFIDENCE_WIDTH = len("0.00")
_LEFT = 1
_GAP = 2
_LABEL_DEFAULT = 9
_SHORTEST_LABEL = 5
_SHORTEST_BAR, _LONGEST_BAR = 5, 24
_WIDEST_GAP = 8
_LEVEL_FROM_COLUMNS = 70
"""Minimum terminal columns for the level of each period."""


class Group(NamedTuple):
    """The columns of one model's answers."""

    model: str
    left: int
    """First column."""
    label: int
    """Columns of the class name."""
    bar: int
    """Columns of the confidence bar; 0 for none."""
    raw: tuple[str, ...] = ()
    """Classes whose raw values follow the bar; empty if there is no room."""

    @property
    def width(self) -> int:
        """Columns of class, confidence, bar and raw values."""
        bar = 1 + self.bar if self.bar else 0
        return self.label + 1 + CONFIDENCE_WIDTH + bar + raw_width(self.raw)


class LogColumns(NamedTuple):
    """The columns of a line of the log."""

    level: int | None
    """First column of the level; None if there is no room for it."""
    groups: tuple[Group, ...]
    hidden: int
    """Number of models for which there is no room."""


def log_columns(width: int, models: Sequence[str], *, raw: bool = False) -> LogColumns:
    """Divide the columns of a line among the listed models.

    Args:
        width: columns of the line.
        models: names in the order of the columns.
        raw: True if there are raw values to list.
    """
    level = _LEFT + TIME_WIDTH + _GAP if width >= _LEVEL_FROM_COLUMNS else None
    left = _LEFT + TIME_WIDTH + _GAP + (LEVEL_WIDTH + _GAP if level is not None else 0)
    room = width - left - 1
    labels = _labels(models, room)
    shown = models[: len(labels)]
    spare = room - _taken(labels)
    listed = [_classes(model) if raw else () for model in shown]
    if sum(map(raw_width, listed)) > spare:
        listed = [() for _ in shown]
    spare -= sum(map(raw_width, listed))
    bar = min(spare // len(labels) - 1, _LONGEST_BAR) if labels else 0
    bar = bar if bar >= _SHORTEST_BAR else 0
    spare -= len(labels) * (bar + 1 if bar else 0)
    gap = _GAP + min(spare // len(labels), _WIDEST_GAP) if labels else _GAP
    groups: list[Group] = []
    for model, label, classes in zip(shown, labels, listed, strict=True):
        groups.append(Group(model, left, label, bar, classes))
        left += groups[-1].width + gap
    return LogColumns(level, tuple(groups), len(models) - len(labels))


def raw_width(classes: Sequence[str]) -> int:
    """Return the columns of the raw values of some classes, each after its name."""
    return sum(_GAP + len(short_name(name)) + 1 + CONFIDENCE_WIDTH for name in classes)


def _labels(models: Sequence[str], room: int) -> list[int]:
    """Return the class name widths of as many models as there is room for."""
    wanted = [_longest(model) for model in models]
    while wanted:
        for shortest in range(max(wanted), _SHORTEST_LABEL - 1, -1):
            labels = [min(label, shortest) for label in wanted]
            if _taken(labels) <= room:
                return labels
        wanted.pop()
    return []


def _taken(labels: Sequence[int]) -> int:
    return sum(label + 1 + CONFIDENCE_WIDTH for label in labels) + _GAP * (len(labels) - 1)


def _longest(model: str) -> int:
    """Return the length of the model's longest class name."""
    known = CATALOGUE[model].results if model in CATALOGUE else ()
    return max((len(short_name(name)) for name in known), default=_LABEL_DEFAULT)


def _classes(model: str) -> tuple[str, ...]:
    return CATALOGUE[model].classes if model in CATALOGUE else ()


class ResultsLog(StripWidget):
    """A window on the results model; each line is rendered once and then moved."""

    class Scrolled(Message):
        """Posted when other lines are in view or another line is selected."""

    def __init__(self, palette: Palette, results: ResultsModel) -> None:
        super().__init__(palette)
        self.scroll_state = LogScroll()
        self._results = results
        self._strips: dict[int, Strip] = {}

    @property
    def columns(self) -> LogColumns:
        """The columns at the current width."""
        models = self.view.models if self._results.filter is None else (self._results.filter,)
        return log_columns(self.size.width, models, raw=self.view.in_force.include_raw_values)

    @property
    def selected(self) -> Item | None:
        """The selected line, or the newest one; None if there is none."""
        number = self.scroll_state.selected
        return self._results.line(self._results.end - 1 if number is None else number)

    def content_key(self) -> object:
        """Return the models, which have their columns, and the threshold, which has its signs."""
        return self.view.models, self.view.mark

    def extend(self) -> None:
        """Show the new results."""
        self.scroll_state.extend(self._results.first, self._results.end)
        self._paint_lines()

    def restart(self) -> None:
        """Show the newest results under another filter."""
        self.scroll_state.follow()
        self.scroll_state.extend(self._results.first, self._results.end)
        self.repaint()

    def repaint(self) -> None:
        """Redraw everything in as many rows as there are now."""
        if all(self.outer_size):
            self.scroll_state.resize(self.size.height)
        super().repaint()

    def paint(self) -> None:
        """Draw all lines."""
        self._strips.clear()
        self._paint_lines()

    def move(self, lines: int) -> None:
        """Move the selection."""
        self.scroll_state.move(lines)
        self._moved()

    def select(self, number: int) -> None:
        """Select a line by its number, or the nearest existing one."""
        self.scroll_state.select(number)
        self._moved()

    def follow(self) -> None:
        """Show the newest line, and keep following it."""
        self.scroll_state.follow()
        self._moved()

    def _moved(self) -> None:
        self._paint_lines()
        self.post_message(self.Scrolled())

    def _paint_lines(self) -> None:
        """Put the lines in view in their rows; most come from the cache."""
        if not self.size.width:
            return
        if len(self._strips) > _CACHED_LINES:
            self._strips.clear()
        columns, top = self.columns, self.scroll_state.top
        for y in range(self.size.height):
            number = top + y
            if number == self.scroll_state.selected:
                self.put_strip(y, self._line(number, columns, selected=True))
                continue
            strip = self._strips.get(number)
            if strip is None:
                strip = self._line(number, columns)
                if number < self._results.end:
                    self._strips[number] = strip
            self.put_strip(y, strip)

    def _line(self, number: int, columns: LogColumns, *, selected: bool = False) -> Strip:
        item = self._results.line(number)
        if item is None:
            return self.strip(())
        parts = self._parts(item, columns)
        if not selected:
            return self.strip(parts)
        first, tone = parts[0]
        width = self.size.width - sum(width_of(text) for text, _ in parts)
        marked = [(POINTER, "selected"), (first[1:], tone), *parts[1:], (" " * width, "text")]
        return self.strip((text, self.palette.selected(tone)) for text, tone in marked)

    def _parts(self, item: Item, columns: LogColumns) -> list[Part]:
        match item:
            case Result():
                return self._result(item, columns)
            case Change():
                return self._told(item.seconds, f"{CHANGE} {item.words}")
            case LogNotice():
                return self._told(item.seconds, item.text)

    def _told(self, seconds: float, words: str) -> list[Part]:
        """Return the line of an event between results, with its time."""
        time = clock(seconds, tenths=True)
        room = self.size.width - len(time) - 4
        return [(f" {time}  ", "dim"), (fitted(words, room), "held")]

    def _result(self, result: Result, columns: LogColumns) -> list[Part]:
        """Return time, level and the answer of each model."""
        entry = result.entry
        parts: list[Part] = [(f" {clock(entry.seconds, tenths=True)}", "dim"), ("  ", "text")]
        if columns.level is not None:
            parts.append(self._level(result.level))
        for group in columns.groups:
            width = sum(width_of(text) for text, _ in parts)
            parts.append((" " * (group.left - width), "text"))
            parts += self._answer(group, entry.step.answers.get(group.model))
            values = (entry.step.raw or {}).get(group.model, {})
            parts += [(_raw(name, values.get(name)), "dim") for name in group.raw]
        return parts

    def _level(self, level: float | None) -> Part:
        """Return the level of the loudest step, with a sign if it is silence at the threshold."""
        if level is None:
            return " " * (LEVEL_WIDTH + 2), "text"
        level *= from_dbfs(self.view.state.shift)
        figure = f"{format_dbfs(level).removesuffix(' dBFS'):>{LEVEL_WIDTH}}"
        return (f"{figure}{UNDER} ", "dim") if level < self.view.mark else (f"{figure}  ", "text")

    def _answer(self, group: Group, answer: Answer | None) -> list[Part]:
        """Return class, confidence and the confidence as a bar."""
        if answer is None:
            return [("–", "dim")]
        name = name_of(answer)
        tone = tone_of(group.model, name)
        label = padded(fitted(short_name(name), group.label), group.label)
        parts: list[Part] = [(f"{label} ", tone), (f"{confidence_of(answer):4}", "text")]
        if group.bar and tone == QUIET:  # certain, and too common to be emphasised
            parts.append((" " * (group.bar + 1), "text"))
        elif group.bar:
            halves = round((answer.confidence or 0.0) * group.bar * 2)
            bar = BAR * (halves // 2) + HALF * (halves % 2)
            parts.append((f" {bar.ljust(group.bar)}", tone))
        return parts

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll to older lines."""
        event.stop()
        self.scroll_state.scroll(-3)
        self._moved()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll to newer lines."""
        event.stop()
        self.scroll_state.scroll(3)
        self._moved()

    def on_click(self, event: events.Click) -> None:
        """Select the line under the mouse."""
        number = self.scroll_state.top + event.y
        if number < self._results.end:
            self.select(number)


def _raw(name: str, value: float | None) -> str:
    """Return a raw value after the name of its class."""
    return f"  {short_name(name)} {'–' if value is None else f'{value:.2f}':<{CONFIDENCE_WIDTH}}"
