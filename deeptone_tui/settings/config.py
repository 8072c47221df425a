"""The configuration: a TOML file of options, and profiles of the same options by name.

The top level holds the options of the command line by their names, with underscores; a table
``[profiles.NAME]`` holds the same for one device or place, and
``[keys]`` the keys of the monitor. Reading is strict: what is not
understood is an error that names the file, the key and what was probably meant, because an
option that is silently ignored is worse than none.
"""

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.files import read_most, read_plain
from deeptone_tui.core.text import clean_line, clean_name, nearest
from deeptone_tui.settings import paths
from deeptone_tui.settings.options import OPTIONS, Options

__all__ = ["Configuration", "ConfigurationError", "load_configuration"]


MOST_BYTES = 1 << 20
"""Of a configuration; a longer file is none."""


class ConfigurationError(ValueError):
    """A configuration that cannot be used: one line with file, key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole configuration file."""

    path: Path | None = None
    """Where it was read; None when there is no file."""
    top: Options = field(default=Options())
    """The options outside all profiles."""
    profile: str | None = None
    """Name of the profile used when none is asked for."""
    profiles: Mapping[str, Options] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys of the monitor by the name of the action, as they were written."""
    notices: tuple[str, ...] = ()
    """What deserves a warning, one line each."""

    def options(self, profile: str | None = None) -> Options:
        """The options of a profile over those of the top level.

        A key belongs to the address that stands beside it: that of the top level is not given
        to another address in a profile.

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
        own = self.profiles[wanted]
        elsewhere = own.url is not None and self.top.url is not None and own.url != self.top.url
        return own.over(replace(self.top, api_key=None) if elsewhere else self.top)

    def profile_of(self, asked: str | None, device: str | None) -> str | None:
        """Name of the profile that a start goes by; None for none.

        That which is asked for goes before the device's own, and that before the one that the
        file names.

        Args:
            asked: name of the profile that was asked for, if one was.
            device: name of the device that is listened to, if it is one.
        """
        if asked is not None:
            return asked
        own = None if device is None else self.profile_for(device)
        return self.profile if own is None else own

    def profile_for(self, device: str) -> str | None:
        """Name of the profile that is for a device, by its name; None where there is none.

        Of several the one that the file names as its own, or else the first. Capitals do not
        matter, nor spaces around the name.
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
        tables = tomllib.loads(_content(place, named=path is not None).decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if path is None:  # nor is there one where the home is no folder, such as /dev/null
            return Configuration()
        raise ConfigurationError(f"{place}: {_reason(error)}") from None
    except OSError as error:
        raise ConfigurationError(f"{place}: {_reason(error)}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{place}: not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{place}: not TOML: {clean_line(str(error))}") from None
    except (ValueError, RecursionError):  # which Python raises itself
        told = "a number in it has too many digits, or it is nested too deeply"
        raise ConfigurationError(f"{place}: {told}") from None
    return _configuration(place, tables)


def _content(place: Path, *, named: bool) -> bytes:
    """Return what is in a file. One that was named may be a pipe, such as a shell's ``<(…)``.

    Raises:
        OSError: when it cannot be read, or is larger than a configuration.
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
"""What pipes gave, which give it once: a configuration is read again for what was written to it."""


def _configuration(path: Path, tables: dict[str, object]) -> Configuration:
    """The checked values of a parsed file."""
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
    found.options()  # a default profile that does not exist is found at once
    return found


def _keys(path: Path, table: object) -> Mapping[str, tuple[str, ...]]:
    """The keys of each action; the monitor knows which actions and keys there are.

    Raises:
        ConfigurationError: when something else than keys is written there.
    """
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: keys: must be a table of actions, such as [keys]")
    try:
        return MappingProxyType({action: _read_keys(keys) for action, keys in table.items()})
    except ValueError as error:
        raise ConfigurationError(f"{path}: keys: {error}") from None


def _read_keys(value: object) -> tuple[str, ...]:
    """The keys of an action: one as text, or several in a list.

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
    """The options of one table.

    Raises:
        ConfigurationError: naming file and key.
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
    """``; did you mean X?``, or what there is to choose from."""
    names = list(known)
    if (near := nearest(given, names)) is not None:
        return f"; did you mean {near}?"
    return f"; known {what}: {', '.join(sorted(names))}" if names else f"; there are no {what}"


def _notices(path: Path, *tables: Options) -> tuple[str, ...]:
    """A warning when other people of this machine can read a key."""
    if os.name != "posix" or all(table.api_key is None for table in tables):
        return ()
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) == 0:
        return ()
    return (f"{path} holds an API key and others can read it: chmod 600 {path}",)


def _folded(device: str) -> str:
    return clean_name(device).strip().casefold()


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return reason_of(error)
