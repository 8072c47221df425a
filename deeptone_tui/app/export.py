"""Files for people: results as JSON lines in the wire's shape or as a table, and plain text."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from deeptone_tui.app.result_rows import json_lines, table
from deeptone_tui.app.results_model import Result
from deeptone_tui.core.errors import reason_of


class ExportError(Exception):
    """What could not be saved: one line, what and where."""


class ExportFormat(StrEnum):
    """How results are written; the value is the file's suffix without its dot."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def save_results(
    results: Iterable[Result], path: Path, form: ExportFormat, *, overwrite: bool = False
) -> int:
    """Write results to a file, whole or not at all.

    They go to a file beside it first, which then takes its name: whatever fails, a file that
    was there before is as it was.

    Args:
        results: with their levels, in order.
        path: where to; its folder must exist.
        form: how to write them.
        overwrite: whether a file of that name may be replaced.

    Returns:
        How many results were written.

    Raises:
        ExportError: when the file exists and may not be replaced, its folder is missing or
            denied, or the disk is full.
    """
    return _save(path, _WRITERS[form](results), overwrite=overwrite)


def save_text(text: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a text that ends with a line to a file, in the same way.

    Raises:
        ExportError: as `save_results` does.
    """
    _save(path, iter([(text.rstrip("\n") + "\n", 1)]), overwrite=overwrite)


def _save(path: Path, lines: Iterator[tuple[str, int]], *, overwrite: bool) -> int:
    """Write lines, whole or not at all; returns how many results they hold."""
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
    """Write lines and have the system keep them; returns how many results they hold."""
    count = 0
    with path.open("x", encoding="utf-8", newline="") as file:
        for line, results in lines:
            file.write(line)
            count += results
        file.flush()
        os.fsync(file.fileno())
    return count


def _take_name(temporary: Path, place: Path, *, overwrite: bool) -> None:
    """Give the finished file its name, without a moment in which there is none.

    Raises:
        OSError: FileExistsError when the name is taken and ``overwrite`` is false.
    """
    if overwrite:
        with contextlib.suppress(OSError):  # the permissions of the earlier file, where it had any
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
    """Why the file could not be written, in words."""
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
