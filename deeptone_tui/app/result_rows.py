"""Results as they are saved: each with its level, and with all it was judged by."""

import csv
import io
import math
from collections.abc import Iterable, Iterator

from deeptone_tui.app.results_model import Result
from deeptone_tui.core.output import spreadsheet_cell, to_json
from deeptone_tui.dsp import format_threshold, round_threshold, to_dbfs
from deeptone_tui.protocol import Answer

COLUMNS = (
    *("time", "model", "result", "confidence"),
    *("level", "level_dbfs", "threshold", "threshold_dbfs"),
    *("source", "endpoint", "models", "output_period"),
)
"""The head of the table."""


def json_line(result: Result) -> str:
    """One result in the wire's step shape, with what decided it.

    ``time`` is as ``Entry.seconds`` has it. ``level`` is that of the loudest step of the period, as
    measured, which is silence when it is under ``threshold``: the one that was applied to it. Both
    stand in decibels too; null is minus infinity there, and a level that is not known.
    """
    entry = result.entry
    parameters = entry.parameters
    shaped = {
        **entry.step.to_wire(),
        "time": round(entry.seconds, 3),
        "level": result.level,
        "level_dbfs": _finite(_dbfs(result.level)),
        "threshold": round_threshold(parameters.volume_threshold),
        "threshold_dbfs": _finite(_dbfs(parameters.volume_threshold)),
        "source": entry.source,
        "endpoint": entry.endpoint,
        "models": list(parameters.models),
        "output_period": parameters.output_period,
    }
    return to_json(shaped, sort_keys=True, ensure_ascii=False)


def json_lines(results: Iterable[Result]) -> Iterator[tuple[str, int]]:
    """The lines of a file, each with the number of results that it holds."""
    for result in results:
        yield json_line(result) + "\n", 1


def table(results: Iterable[Result]) -> Iterator[tuple[str, int]]:
    """The same as CSV: a row for each model's answer, below `COLUMNS`."""
    yield _row(COLUMNS), 0
    for result in results:
        entry = result.entry
        time, judged = f"{entry.seconds:.3f}", _judged_by(result)
        rows = [
            _row((time, model, *_cells(answer), *judged))
            for model, answer in entry.step.answers.items()
        ]
        yield "".join(rows), 1


def _judged_by(result: Result) -> tuple[str, ...]:
    """The cells that are the same for every model's answer."""
    entry, threshold = result.entry, result.entry.parameters.volume_threshold
    return (
        "" if result.level is None else repr(result.level),
        _number(_dbfs(result.level)),
        format_threshold(threshold),
        _number(_dbfs(threshold)),
        entry.source,
        entry.endpoint,
        ",".join(entry.parameters.models),
        str(entry.parameters.output_period),
    )


def _cells(answer: Answer) -> tuple[str, str]:
    """Result and confidence; what a model answers instead (speaker-map) stands as JSON."""
    result = answer.result or ""
    if answer.result is None and answer.extra:
        result = to_json(dict(answer.extra), sort_keys=True, ensure_ascii=False)
    return result, "" if answer.confidence is None else f"{answer.confidence:.4f}"


def _row(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(
        map(spreadsheet_cell, cells)
    )  # ends in \r\n, so that it quotes what holds either of them
    return text.getvalue().removesuffix("\r\n") + "\n"


def _dbfs(level: float | None) -> float | None:
    """A level in decibels as precise as it is of use; None where it is not known."""
    return None if level is None else round(to_dbfs(level), 2)


def _finite(number: float | None) -> float | None:
    """A number that JSON has."""
    return None if number is None or math.isinf(number) else number


def _number(number: float | None) -> str:
    """A number in a table, with the sign that other programs read: ``-46.02``, ``-inf``."""
    return "" if number is None else f"{number:.2f}"
