"""Export of results to files: JSON lines in the wire's format, a CSV table, plain text."""

import contextlib
import csv
import io
import math
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from deeptone_tui.app.presenters.results_model import Result
from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.redaction import spreadsheet_cell, to_json
from deeptone_tui.dsp import format_threshold, round_threshold, to_dbfs
from deeptone_tui.protocol import Answer

COLUMNS = (
    *("time", "model", "result", "confidence"),
    *("level", "level_dbfs", "threshold", "threshold_dbfs"),
    *("source", "endpoint", "models", "output_period"),
)
"""Header of the table."""


def json_line(result: Result) -> str:
    """Return one result as a step in the wire's format, with what it was judged by.

    ``time`` is ``PlacedResult.seconds``. ``level`` is the measured level of the loudest step of the
    period, which is silence if it is under ``threshold``, the threshold applied to it. Both are
    given in decibels too, where null means minus infinity or an unknown level.
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
    """Yield the lines of a JSON lines file, each with the number of results in it."""
    for result in results:
        yield json_line(result) + "\n", 1


def table(results: Iterable[Result]) -> Iterator[tuple[str, int]]:
    """Yield the same as CSV: the header `COLUMNS`, then a row for each model's answer."""
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
    """Return the cells that are the same for every model's answer."""
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
    """Return result and confidence; an answer without a result (speaker-map) becomes JSON."""
    result = answer.result or ""
    if answer.result is None and answer.extra:
        result = to_json(dict(answer.extra), sort_keys=True, ensure_ascii=False)
    return result, "" if answer.confidence is None else f"{answer.confidence:.4f}"


def _row(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(
        map(spreadsheet_cell, cells)
    )  # its line end is \r\n, so that it quotes cells that contain either character
    return text.getvalue().removesuffix("\r\n") + "\n"


def _dbfs(level: float | None) -> float | None:
    """Return a level in dBFS rounded to 0.01 dB; None if it is unknown."""
    return None if level is None else round(to_dbfs(level), 2)


def _finite(number: float | None) -> float | None:
    """Return a number that JSON can represent, or None."""
    return None if number is None or math.isinf(number) else number


def _number(number: float | None) -> str:
    """Return a number for a table, with a minus that other programs read: ``-46.02``, ``-inf``."""
    return "" if number is None else f"{number:.2f}"


class ExportError(Exception):
    """A failed export: one line with the reason and the path."""


class ExportFormat(StrEnum):
    """File format of results; the value is the suffix without its dot."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def save_results(
    results: Iterable[Result], path: Path, form: ExportFormat, *, overwrite: bool = False
) -> int:
    """Write results to a file atomically.

    They go to a temporary file beside it first, which then takes its name: on any failure, an
    existing file stays unchanged.

    Args:
        results: with their levels, in order.
        path: the file; its folder must exist.
        form: the file format.
        overwrite: True to replace an existing file.

    Returns:
        The number of results written.

    Raises:
        ExportError: if the file exists and ``overwrite`` is False, its folder is missing or not
            writable, or the disk is full.
    """
    return _save(path, _WRITERS[form](results), overwrite=overwrite)


def save_text(text: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a text to a file in the same way, with one newline at its end.

    Raises:
        ExportError: as `save_results` does.
    """
    _save(path, iter([(text.rstrip("\n") + "\n", 1)]), overwrite=overwrite)


def _save(path: Path, lines: Iterator[tuple[str, int]], *, overwrite: bool) -> int:
    """Write lines to a file atomically; return the number of results in them."""
    place = Path(os.path.realpath(path))
    temporary = place.with_name(f".{place.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        if place.exists() and not place.is_file():
            raise ExportError(f"{path} is not a file")
        count = _write(temporary, lines)
        _take_name(temporary, place, overwrite=overwrite)
    except OSError as error:
        raise ExportError(_reason(error, path)) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return count


def _write(path: Path, lines: Iterator[tuple[str, int]]) -> int:
    """Write lines and flush them to the disk; return the number of results in them."""
    count = 0
    with path.open("x", encoding="utf-8", newline="") as file:
        for line, results in lines:
            file.write(line)
            count += results
        file.flush()
        os.fsync(file.fileno())
    return count


def _take_name(temporary: Path, place: Path, *, overwrite: bool) -> None:
    """Give the finished file its name, so that a replaced file is never missing in between.

    Raises:
        OSError: FileExistsError if the name is taken and ``overwrite`` is False.
    """
    if overwrite:
        with contextlib.suppress(OSError):  # keep the permissions of an existing file
            temporary.chmod(place.stat().st_mode)
        temporary.replace(place)
        return
    try:
        os.link(temporary, place)  # unlike a rename, it never replaces what is there
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if place.exists():
            raise FileExistsError from None
        temporary.replace(place)


def _reason(error: OSError, path: Path) -> str:
    """Return the reason why the file could not be written, in words."""
    match error:
        case FileExistsError():
            return f"{path} exists already"
        case FileNotFoundError() | NotADirectoryError():
            return f"{path.parent} is no folder"
        case PermissionError():
            return f"no permission to write {path}"
    return f"{path} was not saved: {reason_of(error)}"


_WRITERS: Mapping[ExportFormat, Callable[[Iterable[Result]], Iterator[tuple[str, int]]]] = {
    ExportFormat.JSON_LINES: json_lines,
    ExportFormat.CSV: table,
}
