"""Every way to end the monitor: nothing is lost or left behind, and what is not saved is told."""

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.sources.recordings import audio_of, lines_of, only
from support.sources.scenes import demo as demo_recording
from support.terminals.terminal import (
    Terminal,
    after_the_screen,
    children_of,
    is_running,
    program_terminal,
)

from deeptone_tui.settings.config import load_configuration

RIGHT, ENTER, ESCAPE = "\x1b[C", "\r", "\x1b"
OFFER = "0.005623  −45.0 dBFS not saved"
TUNED = "threshold 0.005623  −45.0 dBFS"
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l")
"""The screen as it was, the cursor, no mouse."""

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@pytest.fixture
def tuned(demo: Terminal) -> Terminal:
    """The monitor on the demo, with the threshold at −45 dBFS and applied."""
    demo.send(RIGHT * 2)
    demo.wait_for("not applied")
    demo.send(ENTER)
    demo.wait_for("✓ applied")
    demo.wait_until(lambda: re.search("● REC 00:00:0[2-9]", demo.text) is not None)
    return demo


def words_of(session: Terminal) -> list[str]:
    """The lines that stand on the terminal when the screen has closed."""
    return after_the_screen(session).decode().replace("\r", "").splitlines()


def leave_by_q(session: Terminal) -> None:
    """Be offered to save the threshold, once, and refuse."""
    session.send("q")
    session.wait_for(OFFER)
    assert "q quits" in session.text.splitlines()[-1]
    session.send(ESCAPE)
    session.wait_until(lambda: OFFER not in session.text)
    session.send("q")


def by_signal(number: signal.Signals) -> Callable[[Terminal], None]:
    """Send a signal to the program."""
    return lambda session: os.kill(session.pid, number)


ENDS: dict[str, Callable[[Terminal], None]] = {
    "q": leave_by_q,
    "ctrl+q": lambda session: session.send("\x11"),
    "ctrl+c": lambda session: session.send("\x03"),
    "SIGTERM": by_signal(signal.SIGTERM),
    "SIGHUP": by_signal(signal.SIGHUP),
    "a closed window": Terminal.hang_up,
}


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_lost_and_nothing_left(
    tuned: Terminal, recordings: Path, tmp_path: Path, end: str
) -> None:
    """The recording is finished, the terminal as it was, and no process runs; only q asks."""
    pids = [tuned.pid, *children_of(tuned.pid)]
    ENDS[end](tuned)
    if end == "a closed window":
        tuned.wait_until(lambda: not any(map(is_running, pids)), pumping=False)
    else:
        assert tuned.wait_for_exit() == 0
        assert not any(map(is_running, pids))
        assert all(sequence in tuned.output for sequence in RESTORED)
        assert (OFFER.encode() in tuned.output) == (end == "q")
        told = words_of(tuned)
        assert any("captured" in line for line in told)
        assert f"{TUNED}, not saved; to use it:" in told
        assert "  deeptone-tui demo --volume-threshold 0.005623" in told
    assert not list(tmp_path.rglob("config.toml"))
    folder = only(recordings)
    audio = audio_of(folder)
    assert len(audio) > 2 * 16_000
    assert np.array_equal(audio, demo_recording()[: len(audio)])
    ended = lines_of(folder / "events.jsonl")[-1]
    assert (ended["event"], ended["sample"], ended["problem"]) == ("ended", len(audio), "")


def test_enter_saves_and_the_line_that_is_told_comes_back_to_it(
    tuned: Terminal, tmp_path: Path
) -> None:
    """From the last line of one run to the threshold of the next."""
    tuned.send("q")
    tuned.wait_for(OFFER)
    tuned.send(ENTER)
    assert tuned.wait_for_exit() == 0
    place = tmp_path / "config" / "deeptone-tui" / "config.toml"
    assert load_configuration(place).profiles["tuned"].volume_threshold == 0.005623
    told = words_of(tuned)
    assert f"{TUNED}, saved in profile tuned ({place}); to use it:" in told
    line = next(each for each in told if each.startswith("  deeptone-tui "))
    with program_terminal(tmp_path, *line.split()[1:]) as session:
        session.wait_for("STREAMING", 60)
        session.wait_for("0.005623  −45.0 dBFS")
        session.wait_for("✓ applied")
        session.leave()
        assert any(
            each.startswith(f"{TUNED}, saved in profile tuned") for each in words_of(session)
        )
