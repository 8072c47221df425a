"""The configuration: a TOML file of options, and profiles of the same options by name.

The top level holds the options of the command line by their names, with underscores; a table
``[profiles.NAME]`` holds the same for one device or place, and ``[keys]`` the monitor's key map.
Reading is strict: an unknown key or value is an error that names the file, the key and what was
probably meant, because a silently ignored option is worse than none.
"""

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from deeptone_tui.core.files import read_most, read_plain
from deeptone_tui.core.text import clean_line, clean_name, nearest, reason_of
from deeptone_tui.settings import paths
from deeptone_tui.settings.options import OPTIONS, Options

__all__ = ["Configuration", "ConfigurationError", "load_configuration"]


MOST_BYTES = 1 << 20
"""Maximum size of a configuration in bytes; a longer file is rejected."""


class ConfigurationError(ValueError):
    """An invalid configuration: one line with file, key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The content of a configuration file."""

    path: Path | None = None
    """Path of the file; None if there is no file."""
    top: Options = field(default=Options())
    """The options outside all profiles."""
    profile: str | None = None
    """Name of the profile used if none is requested."""
    profiles: Mapping[str, Options] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys of the monitor by action name, as written in the file."""
    notices: tuple[str, ...] = ()
    """Warnings, one line each."""

    def options(self, profile: str | None = None) -> Options:
        """Return the options of a profile over those of the top level.

        An API key belongs to the address beside it: the top level's key is not used for another
        address in a profile.

        Args:
            profile: name of the profile; None for the one that the file names, if any.

        Raises:
            ConfigurationError: if there is no profile of that name.
        """
        wanted = profile if profile is not None else self.profile
        if wanted is None:
            return self.top
        if wanted not in self.profiles:
            place = f"{self.path}" if self.path else f"{paths.configuration_file()} (no such file)"
            raise ConfigurationError(
                f"{place}: no profile {wanted!r}{_suggestion(wanted, self.profiles, 'profiles')}"
            )
        own = self.profiles[wanted]
        elsewhere = own.url is not None and self.top.url is not None and own.url != self.top.url
        return own.over(replace(self.top, api_key=None) if elsewhere else self.top)

    def profile_of(self, asked: str | None, device: str | None) -> str | None:
        """Return the name of the profile for a start; None for none.

        The requested profile takes precedence over the device's own, and that over the one that
        the file names.

        Args:
            asked: name of the requested profile, if any.
            device: name of the device to capture from, if the source is one.
        """
        if asked is not None:
            return asked
        own = None if device is None else self.profile_for(device)
        return self.profile if own is None else own

    def profile_for(self, device: str) -> str | None:
        """Return the name of the profile for a device, by its name; None if there is none.

        Of several it is the one that the file names as its default, or else the first. Case and
        spaces around the name do not matter.
        """
        wanted = _folded(device)
        found = [
            name
            for name, options in self.profiles.items()
            if options.device is not None and _folded(options.device) == wanted
        ]
        if self.profile in found:
            return self.profile
        return found[0] if found else None

    def may_hold(self, profile: str, device: str) -> bool:
        """Return True if a profile is for a device: it names that one, a part of it, or none."""
        named = self.profiles[profile].device if profile in self.profiles else None
        return named is None or _folded(named) in _folded(device)


def load_configuration(path: Path | None = None) -> Configuration:
    """Read the configuration.

    Args:
        path: the file, which must exist; None for the default path, where it need not.

    Raises:
        ConfigurationError: if the file cannot be read, is not TOML, or holds an unknown key or a
            value that is not allowed.
    """
    place = path if path is not None else paths.configuration_file()
    try:
        tables = tomllib.loads(_content(place, named=path is not None).decode("utf-8-sig"))
    except OSError as error:
        # A home may be no folder, such as /dev/null.
        if path is None and isinstance(error, FileNotFoundError | NotADirectoryError):
            return Configuration()
        missing = isinstance(error, FileNotFoundError)
        problem = "no such file" if missing else reason_of(error)
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 text (byte {error.start})"
    except tomllib.TOMLDecodeError as error:
        problem = f"invalid TOML: {clean_line(str(error))}"
    except (ValueError, RecursionError):  # raised by Python itself, not by tomllib
        problem = "a number in it has too many digits, or it is nested too deeply"
    else:
        return _configuration(place, tables)
    raise ConfigurationError(f"{place}: {problem}")


def _content(place: Path, *, named: bool) -> bytes:
    """Return the content of a file. A named file may be a pipe, such as a shell's ``<(…)``.

    Raises:
        OSError: if it cannot be read, or is longer than `MOST_BYTES`.
    """
    if not named:
        return read_plain(place, MOST_BYTES)
    if place in _PIPED:
        return _PIPED[place]
    with place.open("rb") as file:
        content = read_most(file, MOST_BYTES)
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            _PIPED[place] = content
    return content


_PIPED: dict[Path, bytes] = {}
"""Content of pipes, which deliver it only once: a configuration is read again when something may
have been written to it."""


def _configuration(path: Path, tables: dict[str, object]) -> Configuration:
    """Return the checked configuration of a parsed file."""
    profiles = tables.pop("profiles", {})
    if not isinstance(profiles, dict):
        raise ConfigurationError(f"{path}: profiles: must be tables, such as [profiles.desk]")
    profile = tables.pop("profile", None)
    if profile is not None and not isinstance(profile, str):
        raise ConfigurationError(f"{path}: profile: must be the name of a profile, in quotes")
    keys = _keys(path, tables.pop("keys", {}))
    read = {
        name: _options(path, f"profiles.{name}.", _table(path, name, table))
        for name, table in profiles.items()
    }
    top = _options(path, "", tables)
    found = Configuration(
        path, top, profile, MappingProxyType(read), keys, _notices(path, top, *read.values())
    )
    found.options()  # reports a default profile that does not exist at once
    return found


def _keys(path: Path, table: object) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of each action; the monitor checks the names of actions and keys.

    Raises:
        ConfigurationError: if the table holds anything but keys.
    """
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: keys: must be a table of actions, such as [keys]")
    try:
        return MappingProxyType({action: _read_keys(keys) for action, keys in table.items()})
    except ValueError as error:
        raise ConfigurationError(f"{path}: keys: {error}") from None


def _read_keys(value: object) -> tuple[str, ...]:
    """Return the keys of an action, written as one text or as a list of several.

    Raises:
        ValueError: for anything else.
    """
    keys = value if isinstance(value, list) else [value]
    if not keys or not all(isinstance(key, str) for key in keys):
        raise ValueError('a key is text, such as "p"; several are a list, such as ["p", "f9"]')
    return tuple(keys)


def _table(path: Path, name: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{path}: profiles.{name}: must be a table of options")
    return value


def _options(path: Path, prefix: str, table: Mapping[str, object]) -> Options:
    """Return the options of one table.

    Raises:
        ConfigurationError: for an unknown key or a value that is not allowed, with file and key.
    """
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in OPTIONS:
            known = [*OPTIONS, *([] if prefix else ["profile", "profiles", "keys"])]
            raise ConfigurationError(
                f"{path}: unknown key {prefix}{key}{_suggestion(key, known, 'keys')}"
            )
        try:
            values[key] = OPTIONS[key].kind.from_toml(value)
        except ValueError as error:
            raise ConfigurationError(f"{path}: {prefix}{key}: {clean_line(str(error))}") from None
    return Options(**values)  # type: ignore[arg-type]  # each reader returns its field's type


def _suggestion(given: str, known: Iterable[str], what: str) -> str:
    """Return ``; did you mean X?``, or the known names."""
    names = list(known)
    if (near := nearest(given, names)) is not None:
        return f"; did you mean {near}?"
    return f"; known {what}: {', '.join(sorted(names))}" if names else f"; there are no {what}"


def _notices(path: Path, *tables: Options) -> tuple[str, ...]:
    """Return a warning if other users of this machine can read an API key."""
    if os.name != "posix" or all(table.api_key is None for table in tables):
        return ()
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) == 0:
        return ()
    return (f"{path} contains an API key and can be read by others: chmod 600 {path}",)


def _folded(device: str) -> str:
    return clean_name(device).strip().casefold()
