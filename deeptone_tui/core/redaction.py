"""Secrets of this process, and texts without them.

A secret is learned where it enters, and whatever leaves the program goes through the one redactor
(see `deeptone_tui.core.output`): an endpoint or a library may repeat what it was given.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit

MARK: Final = "***"
"""What stands in the place of a secret."""
SHORTEST_CHARS: Final = 4
"""Characters; what is shorter guards nothing, and would blot out words everywhere."""
_INSIDE_WORDS_CHARS: Final = 8
"""Characters from which a secret is looked for inside of words too."""
_SHORT_NUMBER: Final = re.compile(r"[0-9.-]{1,10}")
"""A version, a rate or a date: what stands in times and sizes everywhere is no secret."""
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
"""Names in the query of an address that are the protocol's own."""


class Redactor:
    """Knows the secrets. Where there are none, a text costs nothing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._spellings: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self._spared: frozenset[str] = _OURS | PARAMETERS

    def spare(self, words: Iterable[str]) -> None:
        """Leave words that are said all the time: to blot them out would tell nothing less."""
        with self._lock:
            self._spared |= frozenset(words)
            self._spellings -= self._spared
            self._pattern = _pattern(self._spellings) if self._spellings else None

    def learn(self, *secrets: str | None) -> None:
        """Take these out of every text from now on, in each of their usual spellings."""
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
        """Learn user and password of an address, and every value in its query by any name."""
        self.learn(*_secrets_in(url))

    def learn_environment(self, environment: Mapping[str, str]) -> None:
        """Learn the key, and what stands in the addresses of endpoint and proxies.

        Args:
            environment: variables by name.
        """
        for name, value in environment.items():
            if name == "DEEPTONE_API_KEY":
                self.learn(value)
            elif name == "DEEPTONE_URL" or name.lower().endswith("_proxy"):
                self.learn_address(value if "://" in value else f"//{value}")

    def forget(self) -> None:
        """Know no secret any more."""
        with self._lock:
            self._spellings, self._pattern = frozenset(), None

    def __call__(self, text: str) -> str:
        """Return the text without the secrets."""
        pattern = self._pattern
        if pattern is None:
            return text
        # A plain search is ten times as fast as the pattern, and hardly ever finds anything.
        for spelling in self._spellings:
            if spelling in text:
                return pattern.sub(MARK, text)
        return text


redacted: Final = Redactor()
"""The one of this process."""


def _secrets_in(url: str) -> Iterator[str]:
    """User, password and the query's values, as written and decoded."""
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
        # Beside a password the user is no secret, and stands in the paths of a home.
        yield from (password or user, unquote(password or user))
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if name not in PARAMETERS and not _SHORT_NUMBER.fullmatch(value):
            yield from (value, unquote(value), unquote_plus(value))


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it stands in addresses and in JSON."""
    safe = secret.encode("utf-8", "replace").decode()
    escaped = {quote(safe, safe=""), quote(safe), quote_plus(safe)}
    yield from (secret, json.dumps(secret)[1:-1], *escaped)
    yield from (re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), each) for each in escaped)


def _pattern(spellings: frozenset[str]) -> re.Pattern[str]:
    """All spellings, the longest first, as one may hold another."""
    parts = []
    for each in sorted(spellings, key=lambda spelling: (-len(spelling), spelling)):
        text = re.escape(each)
        parts.append(text if len(each) >= _INSIDE_WORDS_CHARS else rf"(?<![^\W_]){text}(?![^\W_])")
    return re.compile("|".join(parts))
