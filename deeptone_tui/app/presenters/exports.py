"""Text of the exports: results as JSON lines or CSV table, tuned settings in several forms."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from deeptone_tui.app.presenters.results_model import Result
from deeptone_tui.core.address import PLACEHOLDER
from deeptone_tui.core.redaction import spreadsheet_cell, to_json
from deeptone_tui.protocol import Answer, format_threshold, round_threshold
from deeptone_tui.protocol.units import to_dbfs
from deeptone_tui.settings.export import ExportSettings
from deeptone_tui.settings.profiles import profile_text

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


def _line(result: Result) -> str:
    return json_line(result) + "\n"


def _table(results: Iterable[Result]) -> Iterator[str]:
    """Yield the lines of a table: the header `COLUMNS`, then a row for each model's answer."""
    yield _row(COLUMNS)
    for result in results:
        time, judged = f"{result.entry.seconds:.3f}", _judged_by(result)
        for model, answer in result.entry.step.answers.items():
            yield _row((time, model, *_cells(answer), *judged))


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


class ExportFormat(StrEnum):
    """File format of results; the value is the suffix without its dot."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def text_of(results: Iterable[Result], form: ExportFormat | None) -> str:
    """Return the contents of a file with results, in order; JSON lines if no format is given."""
    return "".join(_table(results) if form is ExportFormat.CSV else map(_line, results))


_SERVE = "The local endpoint stops when you quit. To use this address, run 'deeptone-tui serve'."
_OWN_STARTED = "local: deeptone-tui starts its own endpoint."
_ADDRESS_LEFT_OUT = "The address holds a secret and is left out: set DEEPTONE_URL."


@dataclass(frozen=True, slots=True)
class Form:
    """One export form of the settings."""

    name: str
    """Name in the list."""
    detail: str
    """Purpose in a few words."""
    text: str
    """The text to copy or save, without a newline at its end."""
    note: str
    """Advice to follow before use; may be empty."""
    file_name: str
    """Proposed name of the file."""


def forms_of(tuned: ExportSettings, profile: str) -> tuple[Form, ...]:
    """Return every form, in the order of the list.

    Args:
        tuned: the settings.
        profile: name of the profile to write.
    """
    options = tuned.options()
    serve, started = (_SERVE, _OWN_STARTED) if tuned.url is None else ("", "")
    shell, url, environment = tuned.shell_line, tuned.full_url, tuned.environment_lines
    api_key = "The scripts set API_KEY at the top." if tuned.needs_key else ""
    return (
        Form(
            "sox line",
            "microphone to websocat, in a shell",
            shell,
            _notes(serve, _input_note(tuned), _key_note(shell)),
            "deeptone.sh",
        ),
        Form("URL", "endpoint and query", url, serve or _key_note(url), "deeptone-url.txt"),
        Form("Query", "for any endpoint, after the ?", tuned.query, "", "deeptone-query.txt"),
        Form(
            "Python",
            "for the documentation's scripts",
            tuned.python_line,
            _notes(serve, api_key),
            "deeptone.py",
        ),
        Form(
            "Environment",
            "for deeptone-tui, in a shell",
            environment,
            _notes(started, _key_note(environment)),
            "deeptone.env",
        ),
        Form(
            "Profile",
            "for deeptone-tui's configuration",
            profile_text(profile, options).rstrip("\n"),
            _notes(started, _ADDRESS_LEFT_OUT if options.url is None else "", _profile_note(tuned)),
            "deeptone.toml",
        ),
    )


def _notes(*notes: str) -> str:
    return " ".join(filter(None, notes))


def _key_note(text: str) -> str:
    return f"Replace {PLACEHOLDER} with your key." if PLACEHOLDER in text else ""


def _input_note(tuned: ExportSettings) -> str:
    if "AUDIODEV=" in tuned.shell_line:
        return f"AUDIODEV names {tuned.device} for sox."
    if not tuned.sox_hears_the_device:
        return f"sox uses the default input: set it to {tuned.device}."
    return "sox uses the default input."


def _profile_note(tuned: ExportSettings) -> str:
    use = "with the device" if tuned.device else "by --profile"
    return f"p writes it; it is loaded {use}. It holds no keys."
