"""What every text goes through on its way out: to a terminal, a log, a file, a notification."""

import json
from typing import Any

from deeptone_tui.protocol.text import clean_json, clean_line, clean_lines, clean_name
from deeptone_tui.redaction import redacted


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


def without_secrets(value: Any) -> Any:  # noqa: ANN401  whatever JSON has
    """Return a value of JSON with the secrets in its texts replaced; names of members stay."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: without_secrets(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    return value
