"""Variables of the environment that name what cannot be used, and what is secret in them."""

import os
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path

KEY_LOG = "SSLKEYLOGFILE"
"""Where TLS libraries write their keys; Python's opens it for each context, and raises."""
LOGINS = "NETRC"
"""Another file with users and passwords than ``~/.netrc``."""


def without_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Take out what cannot be used, and say so in a line each."""
    from deeptone_tui.output import for_people  # noqa: PLC0415  for all ways out, and no heavier

    told = []
    for variable, fault_of in _CHECKS.items():
        place = environment.get(variable)
        fault = fault_of(Path(place)) if place else None
        if place and fault:
            del environment[variable]
            told.append(f"{variable}: {for_people(place)} cannot be {fault}, so it is passed over")
    return told


def _key_log_fault(place: Path) -> str | None:
    return None if _writable(place) else "written"


def _logins_fault(place: Path) -> str | None:
    from deeptone_tui.session.netrc_file import fault_of  # noqa: PLC0415  hardly ever

    fault = fault_of(place)
    return fault and f"used ({fault})"


def keep_secrets_of(environment: Mapping[str, str]) -> None:
    """Have what stands in the environment for somebody alone shown to nobody."""
    if any(name.startswith("DEEPTONE_") or name.lower().endswith("_proxy") for name in environment):
        from deeptone_tui.redaction import redacted  # noqa: PLC0415  often there is nothing

        redacted.learn_environment(environment)


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
