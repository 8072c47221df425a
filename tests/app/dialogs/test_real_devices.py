"""The device picker on devices that exist, in a terminal."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.sources.virtual_mics import PROGRAMS, virtual_mics
from support.terminals.picker import move_up_to
from support.terminals.terminal import Terminal, terminal

TONE = ("sox", "-q", "-n", "-r", "16000", "-b", "16", "-c", "1")
ENTER = "\r"


def row(session: Terminal, name: str) -> str:
    """The line of a device in the table."""
    return next((line for line in session.text.splitlines() if f"  {name} " in line), "")


def level(session: Terminal, name: str) -> float:
    """The number beside it; not a number while there is none."""
    found = re.search(r"−(\d+\.\d) *│", row(session, name))
    return -float(found[1]) if found else float("nan")


@pytest.mark.system(*PROGRAMS, "sox")
def test_real_microphones_are_heard_and_picked(tmp_path: Path) -> None:
    """A tone of −20 dBFS reads −20, an unplugged device says why not, enter answers by name."""
    tone = tmp_path / "tone.wav"
    amplitude = str(0.1 * 2**0.5)
    subprocess.run([*TONE, str(tone), "synth", "60", "sine", "500", "vol", amplitude], check=True)
    command = [sys.executable, "-m", "support.terminals.ask_device"]
    with virtual_mics() as mics, terminal(command, env=mics.env) as session:
        playing = mics.play(tone, "room")
        try:
            session.wait_until(lambda: -20.3 < level(session, "room") < -19.7)
            session.wait_until(lambda: "muted" in row(session, "desk"))
            mics.unplug("desk")
            session.wait_until(lambda: bool(re.search("gone|failed", row(session, "desk"))))
            move_up_to(session, "room")
            session.send(ENTER)
            session.wait_for("picked room")
            assert session.wait_for_exit() == 0
        finally:
            playing.kill()
            playing.wait()
