"""The strips below the timeline, one per model: its classes over time, by name and colour."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.results_model import ResultsModel
from deeptone_tui.app.presenters.verdict import QUIET, name_of, short_name, tone_of
from deeptone_tui.app.presenters.wording import cut, fitted, padded
from deeptone_tui.app.widgets.layout import GAP_COLUMNS, MARGIN
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.app.widgets.timeline import ColumnGrid

if TYPE_CHECKING:
    from deeptone_tui.monitor.state import PlacedResult


FILL, STILL = "━", "·"
"""Fill after the name of a class; fill of classes that say that nothing is heard."""


class ClassRun(NamedTuple):
    """Adjacent columns of one class."""

    name: str
    """The class; empty if nothing was answered."""
    text: str
    """Text of the columns, exactly one cell per column."""


def runs_of(
    names: Sequence[str], fill: str, quiet: str, quiet_names: frozenset[str]
) -> list[ClassRun]:
    """Return the runs of equal classes, each with its text.

    Args:
        names: the class in each column, from left to right; empty for none.
        fill: the character after a name.
        quiet: the character for quiet classes, which are too common to be named.
        quiet_names: the quiet classes.
    """
    runs = []
    for name, group in groupby(names):
        count = len(list(group))
        runs.append(ClassRun(name, _text(name, count, fill, quiet, name in quiet_names)))
    return runs


def _text(name: str, count: int, fill: str, quiet: str, is_quiet: bool) -> str:
    if not name:
        return " " * count
    if is_quiet:
        return quiet * count
    return padded(cut(short_name(name).capitalize(), count), count, fill)


class ClassStrips(StripWidget):
    """The answers, in the same columns as the timeline."""

    def __init__(self, palette: Palette, results: ResultsModel) -> None:
        super().__init__(palette)
        self.panel = 0
        """Columns at the right for the names of the models."""
        self._results = results

    @property
    def grid(self) -> ColumnGrid:
        """The columns of time at the current width and span, as in the timeline."""
        plot = self.size.width - MARGIN - GAP_COLUMNS - self.panel
        return ColumnGrid(self.view.span, max(plot, 1))

    def content_key(self) -> object:
        """Return the newest complete column and result, the span and the models."""
        newest = self._results.newest
        end = self.grid.complete(self.view.state.history.end_step)
        return end, newest.sample if newest else None, self.view.span, self.view.models

    def paint(self) -> None:
        """Draw all strips."""
        grid, models, rows = self.grid, self.view.models, self.size.height
        end = grid.complete(self.view.state.history.end_step)
        borders = [grid.first_sample(column) for column in range(end - grid.columns, end + 1)]
        columns = [self._results.entries_in(*pair) for pair in pairwise(borders)]
        for row, model in enumerate(models[:rows]):
            names = [_most_frequent(model, entries) for entries in columns]
            more = f" +{len(models) - rows}" if row == rows - 1 and len(models) > rows else ""
            self.put(row, self._strip(model, names, more))
        for row in range(len(models), rows):
            self.put(row, ())

    def _strip(self, model: str, names: list[str], more: str) -> list[Part]:
        """Return the runs of a model, with its name beside them."""
        quiet = frozenset(name for name in names if tone_of(model, name) == QUIET)
        label = fitted(model, self.panel - len(more)) + more
        return [
            *((run.text, tone_of(model, run.name)) for run in runs_of(names, FILL, STILL, quiet)),
            (" " * GAP_COLUMNS, "text"),
            (label, "dim"),
        ]


def _most_frequent(model: str, entries: "list[PlacedResult]") -> str:
    """Return the class of most results in a column, the earliest of equals; empty for none."""
    names = [name_of(entry.step.answers.get(model)) for entry in entries]
    return max(names, key=names.count, default="")
