"""What the wire saves: bytes and processor time beside Textual's own driver, and on a slow link.

``python -m bench.bench_wire`` with ``tests`` in the path; ``--sessions 1000`` also draws as many
random sessions on the wire and on a bare terminal and counts those that look different.
"""

import argparse
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from support.terminals.answering_terminal import AnsweringTerminal, answering_terminal
from support.terminals.terminal import cpu_seconds
from support.terminals.wire_sessions import looks_the_same

from bench.report import MONITOR, alternately, at_home, median_ratio, row

WIRE = (*MONITOR, "--fps", "15")
STOCK = (*WIRE, "--no-diff")
ROUNDS = 2
SECONDS = 60.0
SLOW = 1000
"""Bytes a second of a link that cannot keep up."""
PRESSES = 10


class Cost(NamedTuple):
    """What one run took, a second."""

    written: float
    """Bytes to the terminal."""
    processor: float
    """Seconds of the program itself, without its endpoint."""
    paused: int
    """Bytes in all while it was paused."""


def cost(command: Sequence[str]) -> Cost:
    """A minute of the demo from its first result on, at 100 × 30, and then a pause."""
    with at_home(command, kind=answering_terminal) as session:
        session.wait_for("STREAMING")
        cpu, written = cpu_seconds(session.pid), len(session.output)
        session.pump(SECONDS)
        processor, after = cpu_seconds(session.pid) - cpu, len(session.output)
        session.send(" ")
        session.wait_for("PAUSED")
        session.pump(1.5)
        still = len(session.output)
        session.pump(5.0)
        paused = len(session.output) - still
        return Cost((after - written) / SECONDS, processor / SECONDS, paused)


def bytes_until_shown() -> list[int]:
    """On a slow link, how many bytes it takes from a key press to what it did."""
    with at_home(WIRE, kind=answering_terminal) as session:
        assert isinstance(session, AnsweringTerminal)
        session.wait_for("STREAMING")
        session.rate = SLOW
        session.pump(8.0)
        return [_press(session, press) for press in range(PRESSES)]


def _press(session: AnsweringTerminal, press: int) -> int:
    """Move the mark once, half a decibel up from −46."""
    shown = f"−{45.5 - press / 2:.1f} dBFS"
    session.send("\x1b[C")
    needed = session.bytes_until(lambda: shown in session.text, 20 * SLOW)
    session.pump(1.0)
    return needed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked, _ = parser.parse_known_args()
    wire, stock = alternately(lambda: cost(WIRE), lambda: cost(STOCK), asked.rounds)
    ours, theirs = ([each.written for each in found] for found in (wire, stock))
    row(
        "bytes to the terminal",
        f"{median_ratio(ours, theirs):.3f} ×",
        "Textual's own, over a minute",
    )
    row("", f"{statistics.mean(ours) / 1000:.2f} kB/s", "100 × 30, 15 updates a second")
    row("", f"{statistics.mean(theirs) / 1000:.2f} kB/s", "Textual's own driver")
    row("bytes while paused", str(max(each.paused for each in wire)), "in five seconds")
    ours, theirs = ([each.processor for each in found] for found in (wire, stock))
    row("processor", f"{median_ratio(ours, theirs):.2f} ×", "with Textual's own driver")
    needed = bytes_until_shown()
    row("key to screen at 1 kB/s", f"{max(needed)} bytes", f"most of {PRESSES}, each a millisecond")
    if asked.sessions:
        different = [seed for seed in range(asked.sessions) if not looks_the_same(seed)]
        row("random sessions that differ", str(len(different)), f"of {asked.sessions} {different}")


if __name__ == "__main__":
    main()
