"""The program as people meet it: in a terminal, with keys, signals and a local endpoint."""

import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.terminals.terminal import (
    Terminal,
    after_the_screen,
    children_of,
    is_running,
    stop_process,
    terminal,
)

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

DEMO = [sys.executable, "-m", "deeptone_tui", "demo"]
LEAVE_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOW_CURSOR = b"\x1b[?25h"
MOUSE_OFF = b"\x1b[?1000l"


@pytest.fixture
def home(tmp_path: Path) -> Mapping[str, str]:
    """An environment without configuration, state or keys of the person at the machine."""
    folders = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
    return {**folders, "DEEPTONE_URL": "", "DEEPTONE_API_KEY": ""}


@pytest.fixture
def demo(home: Mapping[str, str]) -> Iterator[Terminal]:
    """The monitor on the demo, with the first results on its screen."""
    with terminal(DEMO, env=home) as session:
        session.wait_for("STREAMING", 60)
        session.wait_until(lambda: re.search(r"00:00:0\d\.\d .*silence", session.text) is not None)
        yield session


def test_the_first_minute(demo: Terminal) -> None:
    """The demo shows meter, both units, timeline and results without a word of set-up."""
    assert "0.0050" in demo.text
    assert "−46.0 dBFS" in demo.text
    assert "speech-rt" in demo.text
    assert "local endpoint" in demo.text


def test_keys_move_the_threshold(demo: Terminal) -> None:
    """Arrows move by half a decibel, with shift by three, and 0 is zero."""
    demo.send("\x1b[C")
    demo.wait_for("−45.5 dBFS")
    demo.send("\x1b[1;2D")
    demo.wait_for("−48.5 dBFS")
    demo.send("0")
    demo.wait_for("−∞ dBFS")


def test_enter_applies_through_a_new_connection(demo: Terminal) -> None:
    """The endpoint's own value follows on enter, and results go on."""
    demo.send("\x1b[1;2C")
    demo.wait_for("−43.0 dBFS")
    demo.send("\r")
    demo.wait_until(lambda: len(re.findall("−43.0 dBFS", demo.text)) >= 2)
    demo.wait_for("STREAMING")


@pytest.mark.parametrize("key", ["q", "\x11", "\x03"], ids=["q", "ctrl+q", "ctrl+c"])
def test_quitting_restores_the_terminal(demo: Terminal, key: str) -> None:
    """The screen, cursor and mouse come back, a summary stays, and no process is left."""
    children = children_of(demo.pid)
    demo.send(key)
    assert demo.wait_for_exit() == 0
    _assert_restored(demo)
    assert b"captured" in after_the_screen(demo)
    assert not any(is_running(child) for child in children)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_cleanly(demo: Terminal, number: signal.Signals) -> None:
    """SIGTERM and SIGHUP leave the terminal as it was, and no process behind."""
    children = children_of(demo.pid)
    os.kill(demo.pid, number)
    assert demo.wait_for_exit() >= 0
    _assert_restored(demo)
    assert not any(is_running(child) for child in children)


def test_a_hung_endpoint_does_not_hold_it(demo: Terminal) -> None:
    """With the endpoint stopped by SIGSTOP, q ends both."""
    children = children_of(demo.pid)
    assert children
    for child in children:
        stop_process(child)
    demo.send("q")
    assert demo.wait_for_exit() == 0
    assert not any(is_running(child) for child in children)


def test_a_closed_terminal_ends_it(demo: Terminal) -> None:
    """Nothing is left when the terminal's window is closed."""
    pid, children = demo.pid, children_of(demo.pid)
    demo.hang_up()
    for _ in range(100):
        if not is_running(pid) and not any(is_running(child) for child in children):
            return
        signal.sigtimedwait([], 0.1)
    raise AssertionError("still running after its terminal was closed")


def test_the_endpoint_dies_with_a_killed_monitor(demo: Terminal) -> None:
    """SIGKILL gives no time to clean up; the child notices by itself."""
    children = children_of(demo.pid)
    os.kill(demo.pid, signal.SIGKILL)
    demo.wait_for_exit()
    for _ in range(100):
        if not any(is_running(child) for child in children):
            return
        signal.sigtimedwait([], 0.1)
    raise AssertionError("the local endpoint outlived the monitor")


def _assert_restored(session: Terminal) -> None:
    for sequence in (LEAVE_ALTERNATE_SCREEN, SHOW_CURSOR, MOUSE_OFF):
        assert sequence in session.output
