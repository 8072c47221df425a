"""The columns of the results log: one group a model, as wide as the terminal allows."""

from collections.abc import Sequence
from dataclasses import dataclass

from deeptone_tui.app.classes import short_name
from deeptone_tui.protocol import CATALOGUE

TIME_WIDTH = len("00:00:00.0")
LEVEL_WIDTH = len("−100.0")
CONFIDENCE_WIDTH = len("0.00")
_LEFT = 1
_GAP = 2
_LABEL_DEFAULT = 9
_SHORTEST_LABEL = 5
_SHORTEST_BAR, _LONGEST_BAR = 5, 20
_SHORTEST_TITLE = 3
_LEVEL_FROM = 70
"""Columns of the terminal from which the level of each period is listed."""


@dataclass(frozen=True, slots=True)
class Group:
    """Where the answers of one model stand."""

    model: str
    left: int
    """First column."""
    label: int
    """Columns of the class."""
    bar: int
    """Columns of the confidence as a bar; 0 for none."""

    @property
    def width(self) -> int:
        """Columns of class, confidence and bar."""
        return self.label + 1 + CONFIDENCE_WIDTH + (1 + self.bar if self.bar else 0)


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Where everything stands in a line of the log."""

    time: int
    level: int | None
    """First column of the level; None where there is no room for it."""
    groups: tuple[Group, ...]
    hidden: int
    """Models for which there is no room."""


def log_columns(width: int, models: Sequence[str]) -> LogColumns:
    """Share a line out among the models that are listed.

    Args:
        width: columns of the line.
        models: names, in the order of the columns.
    """
    level = _LEFT + TIME_WIDTH + _GAP if width >= _LEVEL_FROM else None
    left = _LEFT + TIME_WIDTH + _GAP + (LEVEL_WIDTH + _GAP if level is not None else 0)
    room = width - left - 1
    labels = _labels(models, room)
    bare = [label + 1 + CONFIDENCE_WIDTH for label in labels]
    spare = room - sum(bare) - _GAP * (len(labels) - 1)
    bar = min(spare // len(labels) - 1, _LONGEST_BAR) if labels else 0
    bar = bar if bar >= _SHORTEST_BAR else 0
    groups: list[Group] = []
    for model, label in zip(models, labels, strict=False):
        groups.append(Group(model, left, label, bar))
        left += groups[-1].width + _GAP
    return LogColumns(_LEFT, level, tuple(groups), len(models) - len(labels))


def _labels(models: Sequence[str], room: int) -> list[int]:
    """Widths of the classes of as many models as there is room for."""
    wanted = [_longest(model) for model in models]
    for shrink in range(max(wanted, default=0)):
        labels = [max(label - shrink, min(label, _SHORTEST_LABEL)) for label in wanted]
        if _taken(labels) <= room:
            return labels
    while wanted and _taken([min(label, _SHORTEST_LABEL) for label in wanted]) > room:
        wanted.pop()
    return [min(label, _SHORTEST_LABEL) for label in wanted]


def _taken(labels: Sequence[int]) -> int:
    return sum(label + 1 + CONFIDENCE_WIDTH for label in labels) + _GAP * (len(labels) - 1)


def _longest(model: str) -> int:
    """Length of the model's longest class."""
    known = CATALOGUE[model].results if model in CATALOGUE else ()
    return max((len(short_name(name)) for name in known), default=_LABEL_DEFAULT)
