"""What a terminal may send to the monitor: it never ends it, and is never taken for keys."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.terminals.terminal import Terminal, program_terminal

pytestmark = [pytest.mark.realtime]

NOISE = {
    "X10 mouse, column 96": b"\x1b[M\x23\x80\x30",
    "X10 mouse, column 215": b"\x1b[M\x20\xf7\x30",
    "a key in Latin-1": b"\xe9",
    "a paste in Latin-1": b"\x1b[200~loud \xe4\x1b[201~",
    "line noise": b"\xff\xfe\x80",
    "a key that no character has": b"\x1b[99999999999u",
    "attributes of the terminal": b"\x1b[?62;22c",
    "its name": b"\x1bP>|terminal 1.0\x1b\\",
    "a number without end": b"\x1b[" + b"9" * 5000 + b"u",
    "nothing but nothing": b"\x00" * 100,
    "escapes": b"\x1b" * 9,
    "a paste in a paste": b"\x1b[200~a\x1b[200~b\x1b[201~",
}
LATE = {"an answer": b"[?2026;2$y", "the mouse": b"[<35;20;5M", "an arrow": b"[C"}


@pytest.fixture(params=["--diff", "--no-diff"])
def monitor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """On the demo, at rest."""
    with program_terminal(tmp_path, "demo", request.param) as session:
        session.wait_for("✓ applied")
        yield session


def test_nothing_that_comes_ends_it_or_is_a_key(monitor: Terminal) -> None:
    """The keys go on after each; none of it has moved the mark or opened anything."""
    for number, (name, data) in enumerate(NOISE.items(), 1):
        monitor.send(data)
        monitor.pump(0.3)
        monitor.send("\x1b[C")  # the next key, a right arrow
        level = f"▲ .* −{46.0 - 0.5 * number:.1f} dBFS"
        monitor.wait_until(lambda: re.search(level, monitor.text) is not None)  # noqa: B023  now
        assert monitor.alive(), name
    assert "That is not a threshold" in monitor.text
    for data in LATE.values():
        monitor.send(b"\x1b")
        monitor.pump(0.4)
        monitor.send(data)
        monitor.pump(0.3)
    assert re.search(level, monitor.text), "a late rest has moved the mark"
    assert "Last minute" in monitor.text  # the span is as it was
    monitor.send("-40 dB")  # as GNU screen pastes it
    monitor.wait_until(lambda: re.search("▲ .* −40.0 dBFS", monitor.text) is not None)
    monitor.send("request")
    monitor.send("\x1b[C")
    monitor.wait_until(lambda: re.search("▲ .* −39.5 dBFS", monitor.text) is not None)
    assert "Traceback" not in monitor.output.decode("utf-8", "replace")
    monitor.send("q")
    monitor.leave()
