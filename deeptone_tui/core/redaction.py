"""Secrets, and what leaves the program as text: without them, and without control characters.

A secret is learned where it enters, and all output passes through the one redactor (see
`deeptone_tui.core.redaction`), because an endpoint or a library may repeat what it was given.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit

from deeptone_tui.core.text import clean_json, clean_line, clean_lines, clean_name

MARK: Final = "***"
"""Replacement for a secret."""
SHORTEST_CHARS: Final = 4
"""Minimum characters of a secret; a shorter one protects nothing, and would redact words
everywhere."""
_INSIDE_WORDS_CHARS: Final = 8
"""Minimum characters of a secret that is also redacted within words."""
_SHORT_NUMBER: Final = re.compile(r"[0-9.-]{1,10}")
"""A version, rate or date. It is not a secret, because it occurs in times and sizes everywhere."""
_OURS: Final = frozenset(
    [
        *("true", "false", "stream", "deeptone-tui", "event", "events", "file"),
        *("time", "asked", "kind", "notice", "change", "demo", "replay"),
        *("microphone", "stdin", "tcp", "local", "source", "endpoint", "audio"),
        *("results", "settings", "sample", "samples", "words", "what", "before"),
        *("after", "name", "threshold", "models", "timestamp", "channels"),
        *("confidence", "result", "raw", "error", "connection", "message"),
        *("problem", "ended", "recording", "wav", "flac", "json", "http", "https"),
        *("text", "data"),
    ]
)
"""Words that the program itself writes into recordings and lines."""
PARAMETERS: Final = frozenset(
    {"models", "output_period", "volume_threshold", "include_raw_values", "sample_rate"}
)
"""Names of the protocol's own query parameters."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Prefixes of cells that spreadsheets evaluate as formulas."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|-inf", re.ASCII | re.IGNORECASE)
"""Numbers, which may begin with a sign; ``-inf`` is this program's level of digital silence."""


class Redactor:
    """Redacts the secrets it has learned; without any, a call costs nothing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._spellings: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self._spared: frozenset[str] = _OURS | PARAMETERS

    def spare(self, words: Iterable[str]) -> None:
        """Exempt words that are used all the time: redacting them would hide nothing."""
        with self._lock:
            self._spared |= frozenset(words)
            self._spellings -= self._spared
            self._pattern = _pattern(self._spellings) if self._spellings else None

    def learn(self, *secrets: str | None) -> None:
        """Redact these secrets from now on, in each of their usual spellings."""
        found = frozenset(
            spelling
            for secret in secrets
            if secret is not None and len(secret) >= SHORTEST_CHARS and secret not in self._spared
            for spelling in _spellings(secret)
        )
        with self._lock:
            if not found <= self._spellings:
                self._spellings |= found
                self._pattern = _pattern(self._spellings)

    def learn_address(self, url: str) -> None:
        """Learn the secrets in an address.

        These are user and password, and the query values of any name except short numbers and the
        protocol's own parameters.
        """
        self.learn(*_secrets_in(url))

    def learn_environment(self, environment: Mapping[str, str]) -> None:
        """Learn the API key, and the secrets in the addresses of endpoint and proxies.

        Args:
            environment: variables by name.
        """
        for name, value in environment.items():
            if name == "DEEPTONE_API_KEY":
                self.learn(value)
            elif name == "DEEPTONE_URL" or name.lower().endswith("_proxy"):
                self.learn_address(value if "://" in value else f"//{value}")

    def learn_arguments(self, arguments: Sequence[str]) -> None:
        """Learn the API key, and the secrets in addresses.

        Args:
            arguments: a command line.
        """
        for before, argument in pairwise(["", *arguments]):
            name, equals, value = argument.partition("=")
            if before == "--api-key":
                self.learn(argument)
            elif name == "--api-key":
                self.learn(value)
            self.learn_address(value if equals and name.startswith("--") else argument)

    def forget(self) -> None:
        """Forget all secrets."""
        with self._lock:
            self._spellings, self._pattern = frozenset(), None

    def __call__(self, text: str) -> str:
        """Return the text with its secrets redacted."""
        pattern = self._pattern
        if pattern is None:
            return text
        # A plain search is ten times as fast as the pattern, and hardly ever finds anything.
        for spelling in self._spellings:
            if spelling in text:
                return pattern.sub(MARK, text)
        return text


redacted: Final = Redactor()
"""The redactor of this process."""


def _secrets_in(url: str) -> Iterator[str]:
    """Yield user information, also in Base64, and query values, each as written and decoded."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return
    userinfo = parts.netloc.rpartition("@")[0]
    if userinfo:
        plain = unquote(userinfo)
        yield base64.b64encode(plain.encode("utf-8", "replace")).decode()
        yield from (userinfo, plain)
        user, _, password = userinfo.partition(":")
        # With a password the user name is no secret, and it occurs in paths of home folders.
        yield from (password or user, unquote(password or user))
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if name not in PARAMETERS and not _SHORT_NUMBER.fullmatch(value):
            yield from (value, unquote(value), unquote_plus(value))


def _spellings(secret: str) -> Iterator[str]:
    """Yield a secret as it is spelled in addresses and in JSON."""
    safe = secret.encode("utf-8", "replace").decode()
    escaped = {quote(safe, safe=""), quote(safe), quote_plus(safe)}
    yield from (secret, json.dumps(secret)[1:-1], *escaped)
    yield from (re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), each) for each in escaped)


def _pattern(spellings: frozenset[str]) -> re.Pattern[str]:
    """Return a pattern of all spellings, the longest first because one may contain another."""
    parts = []
    for each in sorted(spellings, key=lambda spelling: (-len(spelling), spelling)):
        text = re.escape(each)
        parts.append(text if len(each) >= _INSIDE_WORDS_CHARS else rf"(?<![^\W_]){text}(?![^\W_])")
    return re.compile("|".join(parts))


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
