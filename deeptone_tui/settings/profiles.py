"""The writing of profiles into the configuration, which belongs to the user who wrote it.

On any failure an existing file stays unchanged: the new text goes into a file beside it, is read
back with the program's own reader, and only then takes the name. Comments, order and everything
outside the profile stay. An API key is never written.
"""

import os
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Float, InlineTable, Trivia

from deeptone_tui.core.files import locked, read_plain, write_whole
from deeptone_tui.core.text import reason_of
from deeptone_tui.protocol import format_threshold
from deeptone_tui.settings import paths
from deeptone_tui.settings.config import (
    MOST_BYTES,
    Configuration,
    ConfigurationError,
    load_configuration,
)
from deeptone_tui.settings.options import TUNED, Options

_MAX_NAME = 64
_BOM = "\ufeff"


class ProfileError(Exception):
    """A profile that was not written: one line with the reason; the file is unchanged."""


def check_name(name: str) -> str:
    """Return the name of a profile without spaces around it.

    Raises:
        ProfileError: if the name is not allowed.
    """
    stripped = name.strip()
    if not stripped:
        raise ProfileError("a profile needs a name")
    if len(stripped) > _MAX_NAME or not stripped.isprintable():
        raise ProfileError(f"a profile name is one line of at most {_MAX_NAME} characters")
    return stripped


def profile_text(name: str, options: Options) -> str:
    """Return a profile as TOML text with its header, never with an API key."""
    profiles = tomlkit.table(is_super_table=True)
    profiles[name] = table = tomlkit.table()
    _fill(table, options)
    document = tomlkit.document()
    document["profiles"] = profiles
    return tomlkit.dumps(document)


def write_profile(name: str, options: Options, path: Path | None = None) -> Path:
    """Write a profile into the configuration, in place of an existing one of that name.

    The parts of an existing profile outside the tuning (theme, comments) stay.

    Args:
        name: name of the profile.
        options: the options; only those in `TUNED` are written.
        path: the configuration; None for the default path. It need not exist.

    Returns:
        The file that was written.

    Raises:
        ProfileError: if it was not written.
    """
    name = check_name(name)
    place = Path(os.path.realpath(path if path is not None else paths.configuration_file()))
    _configuration(place)  # reports an unreadable one before any folder is created
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with locked(place):
            _write(name, options, place)
    except TimeoutError as error:
        raise ProfileError(f"{error}; try again") from None
    except OSError as error:
        raise ProfileError(f"{place}: {reason_of(error)}") from None
    except (TOMLKitError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ProfileError(f"{place}: the profile cannot be added: {reason}") from None
    return place


def _write(name: str, options: Options, place: Path) -> None:
    """Write a profile while the file is locked."""
    before = _configuration(place)
    _check_key(name, options, before)
    text = read_plain(place, MOST_BYTES).decode("utf-8") if before.path else ""
    expected = _expected(before, name, options)
    # Only for the owner: the file contains all of the earlier one, including API keys.
    write_whole(
        place,
        _with_profile(text, name, options).encode("utf-8"),
        mode=0o600,
        check=lambda written: _check(written, place, expected),
    )


def _configuration(place: Path) -> Configuration:
    """Return the existing configuration; an empty one if there is no file."""
    if not os.path.lexists(place):
        return Configuration()
    try:
        return load_configuration(place)
    except ConfigurationError as error:
        raise ProfileError(str(error)) from None


def _check_key(name: str, options: Options, before: Configuration) -> None:
    """Raise ProfileError if the existing profile has an API key for another address."""
    earlier = before.profiles.get(name)
    if earlier is not None and earlier.api_key is not None and earlier.url != options.url:
        raise ProfileError(
            f"profile {name} contains an API key for another endpoint; choose another name"
        )


def _expected(before: Configuration, name: str, options: Options) -> Configuration:
    """Return the configuration that the new file must be read as."""
    earlier = before.profiles.get(name, Options())
    tuned = {item: getattr(options, item) for item in TUNED}
    return replace(before, profiles={**before.profiles, name: replace(earlier, **tuned)})


def _with_profile(text: str, name: str, options: Options) -> str:
    """Return the configuration's text with the profile in its old place, or at the end."""
    mark = _BOM if text.startswith(_BOM) else ""
    document = tomlkit.parse(text.removeprefix(_BOM))
    profiles = document.get("profiles", {})
    if name in profiles:
        _fill(profiles[name], options)
    elif isinstance(profiles, InlineTable):
        profiles[name] = tomlkit.inline_table()
        _fill(profiles[name], options)
    else:
        return _appended(text, profile_text(name, options))
    return mark + tomlkit.dumps(document)


def _appended(text: str, more: str) -> str:
    """Return the text with more after a blank line, with the text's own line endings."""
    end = "\r\n" if "\r\n" in text else "\n"
    whole = text.rstrip("\r\n") + 2 * end if text.removeprefix(_BOM).strip() else text
    return whole + more.replace("\n", end)


def _fill(table: MutableMapping[str, object], options: Options) -> None:
    """Set the tuned options that are set, and remove those that are not."""
    for name in TUNED:
        value = getattr(options, name)
        if value is None:
            table.pop(name, None)
        elif name == "volume_threshold":
            table[name] = Float(value, Trivia(), format_threshold(value))
        else:
            table[name] = list(value) if isinstance(value, tuple) else value


def _check(written: Path, place: Path, expected: Configuration) -> None:
    """Read the new file with the program's own reader.

    Raises:
        ProfileError: if it is read differently from what is expected.
    """
    try:
        found = load_configuration(written)
    except ConfigurationError as error:
        raise ProfileError(str(error).replace(str(written), str(place))) from None
    read, meant = ((each.top, each.profile, dict(each.profiles)) for each in (found, expected))
    if read != meant:
        raise ProfileError(f"{place}: the profile would not be read back as written")
