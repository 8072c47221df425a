"""The strips below the timeline, one per model: its classes over time, by name and colour."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.presenters.results_model import ResultsModel
from deeptone_tui.app.presenters.verdict import QUIET, name_of, short_name, tone_of
from deeptone_tui.app.presenters.wording import cut, fitted, padded
from deeptone_tui.app.widgets.layout import GAP_COLUMNS
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.app.widgets.timeline import Timeline

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


def runs_of(names: Sequence[str], quiet_names: frozenset[str]) -> list[ClassRun]:
    """Return the runs of equal classes, each with its text.

    Args:
        names: the class in each column, from left to right; empty for none.
        quiet_names: the quiet classes, which are too common to be named.
    """
    runs = []
    for name, group in groupby(names):
        count = len(list(group))
        text = padded(cut(short_name(name).capitalize(), count), count, FILL if name else " ")
        runs.append(ClassRun(name, STILL * count if name in quiet_names else text))
    return runs


class ClassStrips(StripWidget):
    """The answers, in the same columns as the timeline."""

    def __init__(self, palette: Palette, results: ResultsModel, timeline: Timeline) -> None:
        super().__init__(palette)
        self._results = results
        self._timeline = timeline

    def content_key(self) -> object:
        """Return the newest complete column and result, the span and the models."""
        newest = self._results.newest
        end = self._timeline.grid.complete(self.view.state.history.end_step)
        return end, newest.sample if newest else None, self.view.span, self.view.models

    def paint(self) -> None:
        """Draw all strips."""
        grid, models, rows = self._timeline.grid, self.view.models, self.size.height
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
        label = fitted(model, self._timeline.panel - len(more)) + more
        return [
            *((run.text, tone_of(model, run.name)) for run in runs_of(names, quiet)),
            (" " * GAP_COLUMNS, "text"),
            (label, "dim"),
        ]


def _most_frequent(model: str, entries: "list[PlacedResult]") -> str:
    """Return the class of most results in a column, the earliest of equals; empty for none."""
    names = [name_of(entry.step.answers.get(model)) for entry in entries]
    return max(names, key=names.count, default="")
