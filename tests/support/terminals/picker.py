"""The device picker, in a terminal."""

import re

from support.terminals.terminal import Terminal

UP = "\x1b[A"


def described(session: Terminal) -> str:
    """The device under the cursor, as the line below the table names it."""
    found = re.search(r"│ (\S+)(?: \S+)? · ALSA · ", session.text)
    return found[1] if found else ""


def move_up_to(session: Terminal, name: str) -> None:
    """Press the arrow until the cursor is there; each press waits for the one before."""
    while (before := described(session)) != name:
        session.send(UP)
        session.wait_until(lambda seen=before: described(session) != seen)  # type: ignore[misc]
