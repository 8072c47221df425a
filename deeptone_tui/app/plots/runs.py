"""Classes over time: columns of one class in a row become one run with its name in it."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from deeptone_tui.app.cells import cut, padded
from deeptone_tui.app.classes import short_name


class Run(NamedTuple):
    """Neighbouring columns of one class."""

    name: str
    """The class; empty where nothing was answered."""
    text: str
    """What stands in its columns, exactly as many cells as they are."""


def runs_of(names: Sequence[str], fill: str, quiet: str, quiet_names: frozenset[str]) -> list[Run]:
    """Put the names of classes into the columns where they were answered.

    Args:
        names: the class in each column, from left to right; empty for none.
        fill: the character behind a name.
        quiet: the one that stands for quiet classes, which are too common to be named.
        quiet_names: those classes.
    """
    runs = []
    for name, group in groupby(names):
        count = len(list(group))
        runs.append(Run(name, _text(name, count, fill, quiet, name in quiet_names)))
    return runs


def _text(name: str, count: int, fill: str, quiet: str, is_quiet: bool) -> str:
    if not name:
        return " " * count
    if is_quiet:
        return quiet * count
    return padded(cut(short_name(name).capitalize(), count), count, fill)
