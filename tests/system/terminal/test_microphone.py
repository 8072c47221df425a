"""A real microphone path: PulseAudio, PortAudio, the monitor in a terminal, a websocket."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.programs.program import PROGRAM
from support.sources.scenes import demo
from support.sources.sounds import write_wav
from support.sources.virtual_mics import PROGRAMS, VirtualMics
from support.terminals.picker import move_up_to
from support.terminals.terminal import Terminal, terminal

pytestmark = [pytest.mark.realtime, pytest.mark.system(*PROGRAMS)]

SECONDS = 6


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    """An endpoint that keeps what it gets."""
    with recording_endpoint() as running:
        yield running


@pytest.fixture
def monitor(mics: VirtualMics, endpoint: RecordingEndpoint) -> Iterator[Terminal]:
    """The monitor on the microphone ``room``, with that endpoint."""
    command = [*PROGRAM, "--device", "room", "--url", endpoint.url]
    with terminal(command, env=mics.env) as session:
        session.wait_for("STREAMING")
        yield session


def test_the_endpoint_gets_what_was_played(
    mics: VirtualMics, endpoint: RecordingEndpoint, monitor: Terminal, tmp_path: Path
) -> None:
    """Sample for sample: from the microphone through the monitor to the far end."""
    played = demo()[5 * 16_000 :][: SECONDS * 16_000]  # from where somebody speaks
    monitor.wait_for("room")
    player = mics.play(write_wav(tmp_path / "speech.wav", played), "room")
    monitor.wait_until(lambda: player.poll() is not None)
    monitor.wait_until(lambda: len(_got_since(endpoint, played)) >= len(played))
    np.testing.assert_array_equal(_got_since(endpoint, played)[: len(played)], played)


def test_an_unplugged_microphone_is_said_and_does_not_hold_the_program(
    mics: VirtualMics, monitor: Terminal
) -> None:
    """The screen says that it is gone, it is found again by name, and q works while it is away."""
    mics.unplug("room")
    monitor.wait_for("NO DATA")
    mics.replug("room")
    monitor.wait_until(lambda: "NO DATA" not in monitor.text)
    mics.unplug("room")
    monitor.wait_for("NO DATA")
    monitor.leave()
    mics.replug("room")


def test_a_stalled_microphone_is_not_silence(mics: VirtualMics, monitor: Terminal) -> None:
    """No data, digital zero and silence are three words."""
    monitor.wait_for("MUTED")
    mics.suspend("room")
    monitor.wait_for("NO DATA")
    mics.suspend("room", suspended=False)
    monitor.wait_for("MUTED")
    monitor.leave()


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
        session.leave()
    with terminal(PROGRAM, env={**mics.env, **folders}) as session:
        session.wait_until(lambda: "room" in session.text.splitlines()[0])


def _got_since(endpoint: RecordingEndpoint, played: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """What the one connection has brought from where the playing began."""
    (data,) = endpoint.connections
    got = np.frombuffer(bytes(data[: len(data) & ~1]), "<i2")
    before = np.flatnonzero(played)[0]
    sounding = np.flatnonzero(got)
    return got[sounding[0] - before :] if len(sounding) else got[:0]
