"""A real microphone path: PulseAudio, PortAudio, the monitor in a terminal, a websocket."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.programs.program import PROGRAM, REPOSITORY
from support.sources.virtual_mics import PROGRAMS, VirtualMics
from support.terminals.picker import move_up_to
from support.terminals.terminal import is_running, terminal

DEMO = REPOSITORY / "deeptone_tui" / "audio" / "demo.flac"

pytestmark = [pytest.mark.realtime, pytest.mark.system(*PROGRAMS)]

SECONDS = 6


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    """An endpoint that keeps what it gets."""
    with recording_endpoint() as running:
        yield running


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """Six seconds of the demo, from where somebody speaks."""
    path = tmp_path / "speech.wav"
    samples, rate = soundfile.read(DEMO, dtype="int16", start=5 * 16_000)
    soundfile.write(path, samples[: SECONDS * rate], rate)
    return path


def test_the_endpoint_gets_what_was_played(
    mics: VirtualMics, endpoint: RecordingEndpoint, speech: Path
) -> None:
    """Sample for sample: from the microphone through the monitor to the far end."""
    played = soundfile.read(speech, dtype="int16")[0]
    command = [*PROGRAM, "--device", "room", "--url", endpoint.url]
    with terminal(command, env=mics.env) as session:
        session.wait_for("STREAMING")
        session.wait_for("room")
        player = mics.play(speech, "room")
        session.wait_until(lambda: player.poll() is not None)
        session.wait_until(lambda: len(_got_since(endpoint, played)) >= len(played))
        session.send("q")
        assert session.wait_for_exit() == 0
    np.testing.assert_array_equal(_got_since(endpoint, played)[: len(played)], played)


def test_an_unplugged_microphone_is_said_and_does_not_hold_the_program(
    mics: VirtualMics, endpoint: RecordingEndpoint
) -> None:
    """The screen says that it is gone, it is found again by name, and q works while it is away."""
    command = [*PROGRAM, "--device", "room", "--url", endpoint.url]
    with terminal(command, env=mics.env) as session:
        session.wait_for("STREAMING")
        mics.unplug("room")
        session.wait_for("NO DATA")
        mics.replug("room")
        session.wait_until(lambda: "NO DATA" not in session.text)
        mics.unplug("room")
        session.wait_for("NO DATA")
        session.send("q")
        assert session.wait_for_exit() == 0
        assert not is_running(session.pid)
    mics.replug("room")


def test_a_stalled_microphone_is_not_silence(
    mics: VirtualMics, endpoint: RecordingEndpoint
) -> None:
    """No data, digital zero and silence are three words."""
    command = [*PROGRAM, "--device", "room", "--url", endpoint.url]
    with terminal(command, env=mics.env) as session:
        session.wait_for("MUTED")
        mics.suspend("room")
        session.wait_for("NO DATA")
        mics.suspend("room", suspended=False)
        session.wait_for("MUTED")
        session.send("q")
        assert session.wait_for_exit() == 0


def test_a_picked_microphone_is_kept_for_next_time(mics: VirtualMics, tmp_path: Path) -> None:
    """The picker shows every input with its level; the choice goes by name, over a restart."""
    folders = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE", "CACHE")}
    with terminal([*PROGRAM, "demo"], env={**mics.env, **folders}) as session:
        session.wait_for("STREAMING")
        session.send("d")
        session.wait_until(lambda: "desk" in session.text and "room" in session.text)
        session.wait_until(lambda: re.search("room .* muted", session.text) is not None)
        move_up_to(session, "room")
        session.send("\r")
        session.wait_until(lambda: "room" in session.text.splitlines()[0])
        session.wait_until(lambda: "demo" not in session.text.splitlines()[0])  # it is open
        session.send("q")
        assert session.wait_for_exit() == 0
    with terminal(PROGRAM, env={**mics.env, **folders}) as session:
        session.wait_until(lambda: "room" in session.text.splitlines()[0])


def _got_since(endpoint: RecordingEndpoint, played: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """What the one connection has brought from where the playing began."""
    (data,) = endpoint.connections
    got = np.frombuffer(bytes(data[: len(data) & ~1]), "<i2")
    before = np.flatnonzero(played)[0]
    sounding = np.flatnonzero(got)
    return got[sounding[0] - before :] if len(sounding) else got[:0]
