"""What in the environment would end a library at its import, or is taken for what it is not."""

import os
import re
from collections.abc import MutableMapping
from pathlib import Path

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""What textual-serve sets ``TEXTUAL_DRIVER`` to for the programs that it shows."""

_WRITTEN = ("SSLKEYLOGFILE", "TEXTUAL_LOG")
"""Files that are opened without a look: by Python's TLS for each context, and by Textual."""
_KNOWN = {
    "TEXTUAL_DRIVER": (WEB_DRIVER,),
    "TEXTUAL_COLOR_SYSTEM": ("auto", "standard", "256", "truecolor", "windows"),
}
_SIZES = ("COLUMNS", "LINES")
_SIZE = re.compile(r"0*[1-9][0-9]{0,3}", re.ASCII)
_BASES = tuple(f"XDG_{name}_HOME" for name in ("CONFIG", "STATE", "CACHE", "DATA"))


def without_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Take out what cannot be used, and say so in a line each where somebody misses it."""
    _without_meaningless(environment)
    found = [
        *((name, "written") for name in _WRITTEN if not _writable(environment.get(name))),
        *(
            (name, "used")
            for name, known in _KNOWN.items()
            if environment.get(name, *known[:1]) not in known
        ),
    ]
    if not found:
        return []
    from deeptone_tui.protocol.text import clean_name  # noqa: PLC0415  hardly ever

    return [
        f"{name}: {clean_name(environment.pop(name))} cannot be {done}, so it is passed over"
        for name, done in found
    ]


def _without_meaningless(environment: MutableMapping[str, str]) -> None:
    """Take out what is no more than if it were not set, by the convention of each."""
    for name in ("NO_COLOR", *_WRITTEN, *_KNOWN):  # no-color.org for the first
        if environment.get(name) == "":
            del environment[name]
    for name in _SIZES:
        if not _SIZE.fullmatch(environment.get(name, "1")):
            del environment[name]
    if os.name != "posix":
        return
    for name in _BASES:  # XDG Base Directory Specification: relative ones are invalid
        if not environment.get(name, "/").startswith("/"):
            del environment[name]
    if not environment.get("HOME", "").startswith("/"):
        environment["HOME"] = _home()


def _home() -> str:
    """The user's own folder; the root where the system does not know the user, as in containers."""
    import pwd  # noqa: PLC0415  hardly ever, and not everywhere

    try:
        return pwd.getpwuid(os.getuid()).pw_dir or "/"
    except KeyError:
        return "/"


def _writable(name: str | None) -> bool:
    """Whether a file can be written, as far as can be seen; where none is named, no fault."""
    if name is None:
        return True
    place = Path(name)
    try:
        if place.exists():
            return not place.is_dir() and os.access(place, os.W_OK)
        return place.parent.is_dir() and os.access(place.parent, os.W_OK)
    except (OSError, ValueError):
        return False
