"""What every text goes through on its way out: to a terminal, a log, a file, a notification."""

import json
import re
from typing import Any

from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import clean_json, clean_line, clean_lines, clean_name

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that spreadsheets run."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|-inf", re.ASCII | re.IGNORECASE)
"""What a cell may begin with a sign for; ``-inf`` is ours, of digital silence."""


def for_people(text: str) -> str:
    """Return a line without secrets, and with what could steer a terminal replaced."""
    return clean_name(redacted(text))


def lines_for_people(text: str) -> str:
    """Return several lines in the same way; they stay lines."""
    return clean_lines(redacted(text))


def short_line(text: str, longest: int) -> str:
    """Return words of somebody else as one line of bounded length in the same way."""
    return clean_line(redacted(text), longest)  # in this order: half a secret would not be found


def to_json(
    document: object,
    *,
    indent: int | None = None,
    sort_keys: bool = False,
    ensure_ascii: bool = True,
) -> str:
    """Return a document as JSON without secrets in its texts and without control characters.

    Args:
        document: of what JSON has.
        indent: as `json.dumps` takes it.
        sort_keys: the same.
        ensure_ascii: the same.

    Raises:
        ValueError: for a number that JSON cannot say.
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
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers.

    The apostrophe in front of it is the spreadsheets' own sign for text.
    """
    shown = for_people(text)
    runs = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{shown}" if runs else shown


def without_secrets(value: Any) -> Any:  # noqa: ANN401  whatever JSON has
    """Return a value of JSON with the secrets in its texts replaced; names of members stay."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: without_secrets(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    return value
