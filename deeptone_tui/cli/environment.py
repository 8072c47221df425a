"""Variables of the environment that name what cannot be used."""

import os
from collections.abc import Callable, MutableMapping
from pathlib import Path

KEY_LOG = "SSLKEYLOGFILE"
"""Where TLS libraries write their keys; Python's opens it for each context, and raises."""
LOGINS = "NETRC"
"""Another file with users and passwords than ``~/.netrc``."""


def without_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Take out what cannot be used, and say so in a line each."""
    told = []
    for variable, fault_of in _CHECKS.items():
        place = environment.get(variable)
        fault = fault_of(Path(place)) if place else None
        if place and fault:
            del environment[variable]
            told.append(f"{variable}: {_clean(place)} cannot be {fault}, so it is passed over")
    return told


def _clean(place: str) -> str:
    from deeptone_tui.protocol.text import clean_name  # noqa: PLC0415  hardly ever

    return clean_name(place)


def _key_log_fault(place: Path) -> str | None:
    return None if _writable(place) else "written"


def _logins_fault(place: Path) -> str | None:
    from deeptone_tui.session.netrc_file import fault_of  # noqa: PLC0415  hardly ever

    fault = fault_of(place)
    return fault and f"used ({fault})"


def _writable(place: Path) -> bool:
    try:
        if place.exists():
            return not place.is_dir() and os.access(place, os.W_OK)
        return place.parent.is_dir() and os.access(place.parent, os.W_OK)
    except (OSError, ValueError):
        return False


_CHECKS: dict[str, Callable[[Path], str | None]] = {
    KEY_LOG: _key_log_fault,
    LOGINS: _logins_fault,
}
