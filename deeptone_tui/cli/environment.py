"""What in the environment would end a library at its import, and what is secret in it."""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

KEY_LOG = "SSLKEYLOGFILE"
"""Where TLS libraries write their keys; Python's opens it for each context, and raises."""


def without_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Take out what cannot be used, and say so in a line each."""
    place = environment.get(KEY_LOG)
    if not place or _writable(Path(place)):
        return []
    from deeptone_tui.output import for_people  # noqa: PLC0415  hardly ever

    del environment[KEY_LOG]
    return [f"{KEY_LOG}: {for_people(place)} cannot be written, so it is passed over"]


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
