"""Versions of libraries whose private names are used, and the limitation with any other version.

Private names change without notice. Each library's are used in one file, and only with a version
that was checked; with any other the program does without what needs them, and ``info`` lists that.
"""

import functools
import os
import re
import sys
from contextlib import suppress
from typing import Final, NamedTuple


class CheckedVersions(NamedTuple):
    """Checked versions of a library: from the first up to, but not including, the end."""

    first: str
    end: str
    limitation: str
    """Limitation of the program with another version."""


CHECKED: Final = {
    "aiohttp": CheckedVersions(
        "3.14.5", "3.15", "the endpoint's streams share its event loop without a schedule"
    ),
    "textual": CheckedVersions(
        "8.2.8",
        "8.2.9",
        "Textual's own driver writes to the terminal, and sends all that is drawn",
    ),
    "sounddevice": CheckedVersions(
        "0.5.5", "0.6", "a device plugged in later is found only after a restart"
    ),
    "textual-serve": CheckedVersions("1.1.3", "1.1.4", "the monitor does not run in a browser"),
}
"""The libraries, by the names of their distributions."""

_NUMBERS: Final = re.compile(r"\d+")
_INFO: Final = ".dist-info"


@functools.cache
def is_checked(library: str) -> bool:
    """Return True if the installed version of a library is one of those that were checked.

    Args:
        library: name of its distribution, one of `CHECKED`.
    """
    installed = installed_version(library)
    first, end, _ = CHECKED[library]
    return bool(installed) and _numbers(first) <= _numbers(installed) < _numbers(end)


def installed_version(library: str) -> str:
    """Return the version of a distribution, empty where it is not installed.

    Read off the name of its folder: importlib.metadata would take a tenth of the time to the first
    frame to load. It is asked where there is no such folder.
    """
    begin = f"{library.replace('-', '_')}-"
    for folder in sys.path:
        with suppress(OSError):  # no folder
            for name in os.listdir(folder or "."):  # noqa: PTH208  hundreds of names
                if name.startswith(begin) and name.endswith(_INFO):
                    return name[len(begin) : -len(_INFO)]
    from importlib import metadata  # noqa: PLC0415  see above

    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def limitations() -> dict[str, str]:
    """Return the limitation by the name of each installed library of a version not checked."""
    return {
        name: versions.limitation
        for name, versions in CHECKED.items()
        if installed_version(name) and not is_checked(name)
    }


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, _NUMBERS.findall(version)[:3]))
