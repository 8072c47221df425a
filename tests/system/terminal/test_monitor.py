"""The program as people meet it: in a terminal, with keys and a local endpoint."""

import os
import re
import signal
import sys

import pytest
from support.terminals.terminal import Terminal, children_of, is_running, stop_process

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def test_the_first_minute(demo: Terminal) -> None:
    """The demo shows meter, both units, timeline and results without a word of set-up.

    Arrows move the threshold by half a decibel, with shift by three, and 0 is zero. On enter the
    endpoint's own value follows through a new connection, and results go on.
    """
    for words in ("0.0050", "−46.0 dBFS", "speech-rt", "local endpoint"):
        assert words in demo.text
    for keys, level in (("\x1b[C", "−45.5"), ("\x1b[1;2D", "−48.5"), ("\x1b[1;2C" * 2, "−42.5")):
        demo.send(keys)
        demo.wait_for(f"{level} dBFS")
    demo.send("\r")
    demo.wait_until(lambda: len(re.findall("−42.5 dBFS", demo.text)) >= 2)
    demo.wait_for("STREAMING")
    demo.send("0")
    demo.wait_for("−∞ dBFS")


def test_a_hung_endpoint_does_not_hold_it(demo: Terminal) -> None:
    """With the endpoint stopped by SIGSTOP, q ends both."""
    children = children_of(demo.pid)
    assert children
    for child in children:
        stop_process(child)
    demo.leave()
    assert not any(map(is_running, children))


def test_the_endpoint_dies_with_a_killed_monitor(demo: Terminal) -> None:
    """SIGKILL gives no time to clean up; the child notices by itself."""
    children = children_of(demo.pid)
    os.kill(demo.pid, signal.SIGKILL)
    demo.wait_for_exit()
    demo.wait_until(lambda: not any(map(is_running, children)), pumping=False)
