"""What in the environment would end a library at its import."""

import os
from collections.abc import MutableMapping
from pathlib import Path

KEY_LOG = "SSLKEYLOGFILE"
"""Where TLS libraries write their keys; Python's opens it for each context, and raises."""


def without_unusable(environment: MutableMapping[str, str]) -> list[str]:
    """Take out what cannot be used, and say so in a line each."""
    place = environment.get(KEY_LOG)
    if not place or _writable(Path(place)):
        return []
    from deeptone_tui.protocol.text import clean_name  # noqa: PLC0415  hardly ever

    del environment[KEY_LOG]
    return [f"{KEY_LOG}: {clean_name(place)} cannot be written, so it is passed over"]


def _writable(place: Path) -> bool:
    try:
        if place.exists():
            return not place.is_dir() and os.access(place, os.W_OK)
        return place.parent.is_dir() and os.access(place.parent, os.W_OK)
    except (OSError, ValueError):
        return False
