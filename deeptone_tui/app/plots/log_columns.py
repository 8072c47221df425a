"""The columns of the results log: one group per model, as wide as the terminal allows."""

from collections.abc import Sequence
from typing import NamedTuple

from deeptone_tui.app.presenters.verdict import short_name
from deeptone_tui.protocol import CATALOGUE

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

    time: int
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
    return LogColumns(_LEFT, level, tuple(groups), len(models) - len(labels))


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
