"""The configuration: a TOML file of options, and profiles of the same options by name.

The top level holds the options of the command line by their names, with underscores; a table
``[profiles.NAME]`` holds the same for one device or place. Reading is strict: what is not
understood is an error that names the file, the key and what was probably meant, because an
option that is silently ignored is worse than none.
"""

import difflib
import os
import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from deeptone_tui import paths
from deeptone_tui.protocol import (
    parse_models,
    parse_output_period,
    parse_sample_rate,
    parse_volume_threshold,
)

LOCAL = "local"
"""What stands for the local endpoint where an address is expected."""
MAX_FPS = 60
"""More updates a second than that no terminal shows."""


class ConfigurationError(ValueError):
    """A configuration that cannot be used: one line with file, key and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one table of the configuration sets; None where it says nothing."""

    source: str | None = None
    """As on the command line: ``mic``, a path, ``tcp://HOST:PORT``, ``demo``."""
    url: str | None = None
    """``ws://`` or ``wss://`` address of an endpoint, or ``local``."""
    api_key: str | None = field(default=None, repr=False)
    api_key_file: str | None = None
    """File with the key in its first line."""
    models: tuple[str, ...] | None = None
    output_period: int | None = None
    """Milliseconds, a multiple of 64."""
    volume_threshold: float | None = None
    """Level from 0 to 1; the file may say it in decibels, as text."""
    include_raw_values: bool | None = None
    sample_rate: int | None = None
    """Hz, of raw PCM."""
    channel: int | None = None
    """Channel of a file, counted from 1."""
    device: str | None = None
    """Name of an input device."""
    theme: str | None = None
    fps: int | None = None
    """Updates of the screen a second, 1 to 60."""
    plain: bool | None = None
    """Characters and colours for simple terminals."""

    def over(self, other: "Options") -> "Options":
        """These options, with the other's where these say nothing."""
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(other, **{name: value for name, value in said.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole configuration file."""

    path: Path | None = None
    """Where it was read; None when there is no file."""
    top: Options = Options()
    """The options outside all profiles."""
    profile: str | None = None
    """Name of the profile used when none is asked for."""
    profiles: Mapping[str, Options] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    """What deserves a warning, one line each."""

    def options(self, profile: str | None = None) -> Options:
        """The options of a profile over those of the top level.

        Args:
            profile: its name; None for the one that the file names, or none at all.

        Raises:
            ConfigurationError: when there is no profile of that name.
        """
        wanted = profile if profile is not None else self.profile
        if wanted is None:
            return self.top
        if wanted not in self.profiles:
            place = f"{self.path}" if self.path else f"{paths.configuration_file()} (no such file)"
            raise ConfigurationError(
                f"{place}: no profile {wanted!r}{_suggestion(wanted, self.profiles, 'profiles')}"
            )
        return self.profiles[wanted].over(self.top)


def load_configuration(path: Path | None = None) -> Configuration:
    """Read the configuration.

    Args:
        path: the file, which must exist; None for the usual place, where it need not.

    Raises:
        ConfigurationError: when the file cannot be read, is not TOML, or holds an unknown key
            or a value that is not allowed.
    """
    place = path if path is not None else paths.configuration_file()
    try:
        tables = tomllib.loads(place.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        if path is None:
            return Configuration()
        raise ConfigurationError(f"{place}: no such file") from None
    except OSError as error:
        raise ConfigurationError(f"{place}: {_reason(error)}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{place}: not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{place}: not TOML: {_one_line(error)}") from None
    return _configuration(place, tables)


def parse_url(text: str) -> str:
    """The address of an endpoint, with ``/stream`` where no path is given.

    Raises:
        ValueError: one line that says what is wrong; it never repeats the address, in which
            a password or key may stand.
    """
    example = "the address is ws:// or wss:// with a host, such as ws://10.0.0.5:8765/stream"
    url = text.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"host or port is malformed; {example}") from None
    blank = any(mark.isspace() for mark in url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname or port == 0 or blank:
        raise ValueError(example)
    if parts.username is not None or parts.password is not None:
        raise ValueError("name and password are not taken in the address; keys go apart from it")
    if parts.query or parts.fragment:
        raise ValueError("the address ends before its '?'; models and threshold are set apart")
    return url if parts.path not in {"", "/"} else f"{parts.scheme}://{parts.netloc}/stream"


def _configuration(path: Path, tables: dict[str, object]) -> Configuration:
    """The checked values of a parsed file."""
    profiles = tables.pop("profiles", {})
    if not isinstance(profiles, dict):
        raise ConfigurationError(f"{path}: profiles: must be tables, such as [profiles.desk]")
    profile = tables.pop("profile", None)
    if profile is not None and not isinstance(profile, str):
        raise ConfigurationError(f"{path}: profile: must be the name of a profile, in quotes")
    read = {
        name: _options(path, f"profiles.{name}.", _table(path, name, table))
        for name, table in profiles.items()
    }
    top = _options(path, "", tables)
    found = Configuration(
        path, top, profile, MappingProxyType(read), _notices(path, top, *read.values())
    )
    found.options()  # a default profile that does not exist is found at once
    return found


def _table(path: Path, name: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{path}: profiles.{name}: must be a table of options")
    return value


def _options(path: Path, prefix: str, table: Mapping[str, object]) -> Options:
    """The options of one table.

    Raises:
        ConfigurationError: naming file and key.
    """
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in _READERS:
            known = [*_READERS, *([] if prefix else ["profile", "profiles"])]
            raise ConfigurationError(
                f"{path}: unknown key {prefix}{key}{_suggestion(key, known, 'keys')}"
            )
        try:
            values[key] = _READERS[key](value)
        except ValueError as error:
            raise ConfigurationError(f"{path}: {prefix}{key}: {_one_line(error)}") from None
    return Options(**values)  # type: ignore[arg-type]  # each reader returns its field's type


def _suggestion(given: str, known: Iterable[str], what: str) -> str:
    """``; did you mean X?``, or what there is to choose from."""
    names = list(known)
    near = difflib.get_close_matches(given.replace("-", "_").lower(), names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known {what}: {', '.join(sorted(names))}" if names else f"; there are no {what}"


def _notices(path: Path, *tables: Options) -> tuple[str, ...]:
    """A warning when other people of this machine can read a key."""
    if os.name != "posix" or all(table.api_key is None for table in tables):
        return ()
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) == 0:
        return ()
    return (f"{path} holds an API key and others can read it: chmod 600 {path}",)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text, in quotes")  # noqa: TRY004  one kind of error to report
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004  as above
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be a whole number, without quotes")  # noqa: TRY004  as above
    return value


def _url(value: object) -> str:
    text = _text(value)
    return text if text == LOCAL else parse_url(text)


def _models(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return parse_models(",".join(value))
    if isinstance(value, str):
        return parse_models(value)
    raise ValueError('must be a list of names, such as ["speech-rt", "gender"]')


def _threshold(value: object) -> float:
    if isinstance(value, str):
        from deeptone_tui.level import parse_threshold  # noqa: PLC0415  numpy is not light

        return parse_threshold(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return parse_volume_threshold(repr(value))
    raise ValueError('must be a level from 0 to 1, or decibels in quotes such as "-46 dB"')


def _channel(value: object) -> int:
    number = _whole(value)
    if number < 1:
        raise ValueError("must be 1 or more: channels are counted from 1")
    return number


def _fps(value: object) -> int:
    number = _whole(value)
    if not 1 <= number <= MAX_FPS:
        raise ValueError(f"must be from 1 to {MAX_FPS}")
    return number


_READERS: Mapping[str, Callable[[object], object]] = {
    "source": _text,
    "url": _url,
    "api_key": _text,
    "api_key_file": _text,
    "models": _models,
    "output_period": lambda value: parse_output_period(str(_whole(value))),
    "volume_threshold": _threshold,
    "include_raw_values": _flag,
    "sample_rate": lambda value: parse_sample_rate(str(_whole(value))),
    "channel": _channel,
    "device": _text,
    "theme": _text,
    "fps": _fps,
    "plain": _flag,
}
"""From the value in the file to the value of the option; ValueError where it is not allowed."""
