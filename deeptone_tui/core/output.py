"""Sanitising of all text that leaves the program: to a terminal, log, file or notification."""

import json
import re
from typing import Any

from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import clean_json, clean_line, clean_lines, clean_name

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Prefixes of cells that spreadsheets evaluate as formulas."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|-inf", re.ASCII | re.IGNORECASE)
"""Numbers, which may begin with a sign; ``-inf`` is this program's level of digital silence."""


def for_people(text: str) -> str:
    """Return a line with secrets redacted and terminal control characters replaced."""
    return clean_name(redacted(text))


def lines_for_people(text: str) -> str:
    """Return several lines sanitised as by `for_people`; line breaks are kept."""
    return clean_lines(redacted(text))


def short_line(text: str, longest: int) -> str:
    """Return foreign text as one line of bounded length, sanitised as by `for_people`."""
    return clean_line(redacted(text), longest)  # in this order: half a secret would not be found


def to_json(
    document: object,
    *,
    indent: int | None = None,
    sort_keys: bool = False,
    ensure_ascii: bool = True,
) -> str:
    """Return a document as JSON, with secrets in strings redacted and control characters escaped.

    Args:
        document: any JSON value.
        indent: as for `json.dumps`.
        sort_keys: as for `json.dumps`.
        ensure_ascii: as for `json.dumps`.

    Raises:
        ValueError: for a number that JSON cannot represent.
    """
    text = json.dumps(
        without_secrets(document),
        indent=indent,
        sort_keys=sort_keys,
        ensure_ascii=ensure_ascii,
        allow_nan=False,
    )
    return clean_json(text)


def spreadsheet_cell(text: str) -> str:
    """Return a cell that no spreadsheet evaluates as a formula; numbers stay numbers.

    The apostrophe put before it is the spreadsheets' own marker for text.
    """
    shown = for_people(text)
    runs = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{shown}" if runs else shown


def without_secrets(value: Any) -> Any:  # noqa: ANN401  whatever JSON has
    """Return a JSON value with secrets in its strings redacted; member names are unchanged."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: without_secrets(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    return value
