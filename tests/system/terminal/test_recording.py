"""Recordings in a terminal: begun and finished with a key, and shown again."""

import re
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from support.sources.recordings import audio_of, only, recorded
from support.sources.scenes import demo as demo_recording
from support.sources.sounds import noise
from support.terminals.terminal import Terminal, after_the_screen, program_terminal

from deeptone_tui.recording.reading import open_recording

pytestmark = pytest.mark.realtime


def test_r_begins_and_finishes_a_recording(demo: Terminal, recordings: Path) -> None:
    """The first line says so, and the folder is named when the screen has closed."""
    demo.wait_until(lambda: demo.text.splitlines()[0].startswith(" ● STREAMING  local"))
    demo.wait_until(lambda: re.search("● REC 00:00:0[2-9]", demo.text) is not None)
    demo.send("r")
    demo.wait_until(lambda: "REC 00" not in demo.text.splitlines()[0])
    first = only(recordings)
    demo.send("r")
    demo.wait_for("● REC 00:00:02")
    demo.leave()
    second = next(each for each in recordings.iterdir() if each != first)
    told = after_the_screen(demo).decode()
    assert f"saved {first}" in told
    assert f"saved {second}" in told
    for folder in (first, second):
        with closing(open_recording(folder)) as opened:
            assert opened.samples > 16_000
            assert opened.problems == ()
    assert np.array_equal(audio_of(first)[:16_000], demo_recording()[:16_000])


def test_a_recording_is_shown_again(tmp_path: Path) -> None:
    """With pause, speed and winding, and its troubles told at the beginning."""
    folder = recorded(tmp_path / "sessions", noise(60 * 16_384, peak=6000))
    (folder / "audio-004.wav").write_bytes(b"")
    with program_terminal(tmp_path, "replay", str(tmp_path / "sessions")) as session:
        session.wait_for("▸ REPLAY  voice.example  USB Audio", 60)
        session.wait_for("audio-004.wav has no whole header")
        session.wait_for("speech  0.00")
        session.send(">>")
        session.wait_for("REPLAY 4×")
        session.send("\x1b[1;5C")
        session.wait_for("at 0:5")
        session.wait_for("■ ENDED")
        session.send(",")
        session.wait_for("REPLAY 4×")
        session.send(" ")
        session.wait_for("‖ PAUSED")
        session.send(" <<<")
        session.wait_for("REPLAY 0.5×")
        session.leave()
