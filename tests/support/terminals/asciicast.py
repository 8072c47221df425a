"""A recording of a terminal as asciinema's players take it: asciicast, version 2.

Source: https://docs.asciinema.org/manual/asciicast/v2/
"""

import codecs
import json
import time
from pathlib import Path

from support.terminals.terminal import Terminal

RIGHT, SHIFT_RIGHT, ESCAPE = "\x1b[C", "\x1b[1;2C", "\x1b"
TOUR = (
    (14.0, ""),
    *((0.25, RIGHT) for _ in range(8)),
    (1.5, ""),
    *((0.4, SHIFT_RIGHT) for _ in range(3)),
    (2.0, "a"),
    (5.0, "\r"),
    (3.0, "t"),
    (9.0, RIGHT),
    *((0.25, RIGHT) for _ in range(8)),
    (3.0, "\r"),
    (3.0, "x"),
    (4.0, ESCAPE),
    (2.0, ""),
)
"""Seconds to wait, and what is pressed then."""


def record(session: Terminal, path: Path) -> None:
    """Go on the tour, and write what the terminal was sent, with its time."""
    session.wait_for("STREAMING", 60)
    header = {"version": 2, "width": session.screen.columns, "height": session.screen.lines}
    lines = [json.dumps(header | {"title": "deeptone-tui: find a threshold"})]
    written, begun = 0, time.monotonic()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for wait, keys in TOUR:
        until = time.monotonic() + wait
        while time.monotonic() < until:
            session.pump(0.02)
            if len(session.output) > written:
                text = decoder.decode(bytes(session.output[written:]))
                written = len(session.output)
                lines.append(json.dumps([round(time.monotonic() - begun, 3), "o", text]))
        session.send(keys)
    path.write_text("\n".join(lines) + "\n")
