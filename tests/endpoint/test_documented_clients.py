"""The documentation's clients against ``serve``: each gets every result that is due."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.endpoints.serving_process import PATIENCE, Serving, serving
from support.programs.readme import changed
from support.programs.shell_line import shell_line
from support.sources.sounds import noise, write_wav
from support.sources.virtual_mics import PROGRAMS, virtual_mics
from support.terminals.terminal import child_named

CLIENTS = Path(__file__).parent / "clients"
HOST = "wss://api.oto.ai"
KEY = "a-key-for-these-tests"
FILE_LINE = (
    "sox <YOUR_INPUT_FILE> -q -t raw -b 16 -r 16000 -e signed -c 1 - | pv -L 256k | websocat "
    '"wss://api.oto.ai/stream?models=speech-rt&volume_threshold=0.001" '
    '-b -H "X-Api-Key: YOUR_API_KEY" -n'
)
MICROPHONE_LINE = (
    "sox -q -d -t raw -b 16 -r 16000 -e signed -c 1 - | websocat "
    '"wss://api.oto.ai/stream?models=speech-rt&volume_threshold=0.001" '
    '-b -H "X-Api-Key: YOUR_API_KEY"'
)
PYAUDIO = """
import os, time, wave
paInt16 = 8
class PyAudio:
    def open(self, *, format, channels, rate, input, frames_per_buffer):
        assert (format, channels, rate, input) == (paInt16, 1, 16000, True)
        return Stream()
class Stream:
    def __init__(self):
        self.file = wave.open("input.wav")
    def start_stream(self):
        pass
    def is_active(self):
        while self.file.tell() == self.file.getnframes():
            if os.path.exists("unplugged"):
                return False
            time.sleep(0.01)
        return True
    def read(self, frames):
        return self.file.readframes(frames)
"""
"""As much of PyAudio as the script uses, with a microphone that stalls after its
file, and ends when it is unplugged."""


@pytest.fixture
def server() -> Iterator[Serving]:
    """The foreground server with its real models, a key, and little patience."""
    with serving("--idle-timeout", "1.5", key=KEY) as running:
        yield running


def audio(seconds: float, rate: int, channels: int) -> "np.ndarray[Any, np.dtype[np.int16]]":
    """A second of noise, one of digital silence, and so on, for each channel."""
    samples = noise(round(seconds * rate))
    samples[(np.arange(samples.size) // rate) % 2 == 1] = 0
    return samples if channels == 1 else np.stack([samples] * channels, axis=1)


def steps_of(output: str) -> list[dict[str, Any]]:
    """The steps among printed lines; other lines are the client's own."""
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert messages[0]["message_type"] == "connection"
    assert {message["message_type"] for message in messages[1:]} <= {"results"}
    return [message["results"]["channels"]["0"] for message in messages[1:]]


def due(samples: int, period: int, *, end_known: bool) -> list[float]:
    """Timestamps of every result that is due for this many samples at 16 kHz."""
    whole, rest = divmod(samples, 16 * period)
    return [float(period * n) for n in range(whole + (end_known and rest >= 1024))]


def script(folder: Path, name: str, server: Serving, *changes: tuple[str, str]) -> Path:
    """A published script for this server, with more of it changed."""
    published = (CLIENTS / f"{name}.py.txt").read_text()
    ours = (HOST, f"ws://127.0.0.1:{server.port}"), ("REPLACE_ME_WITH_YOUR_API_KEY", KEY)
    place = folder / f"{name}.py"
    place.write_text(changed(published, *ours, *changes))
    return place


@pytest.mark.system("bash", "sox", "pv")
@pytest.mark.parametrize(("seconds", "rate", "channels"), [(12.5, 44_100, 2), (4.096, 16_000, 1)])
def test_the_shell_line_for_a_file(
    server: Serving, tmp_path: Path, seconds: float, rate: int, channels: int
) -> None:
    """Sox, pv and websocat; it never says that the file is over, the idle time does."""
    file = write_wav(tmp_path / "input.wav", audio(seconds, rate, channels), rate=rate)
    line = changed(
        FILE_LINE,
        ("<YOUR_INPUT_FILE>", str(file)),
        (HOST, f"ws://127.0.0.1:{server.port}"),
        ("YOUR_API_KEY", KEY),
    )
    with shell_line(line, os.environ) as (printed, _):
        steps = steps_of(printed.read())
    samples = round(seconds * 16_000)
    assert [step["timestamp"] for step in steps] == due(samples, 1024, end_known=True)
    results = {step["results"]["speech-rt"]["result"] for step in steps}
    assert results <= {"speech", "music", "other", "silence"}
    assert f"{seconds:.1f} s of audio, {len(steps)} results; no audio for 1.5 s" in (
        server.next_line()
    )


@pytest.mark.parametrize("samples", [12 * 16_384, 5 * 16_384 + 1, 5 * 16_384 + 8_193])
def test_the_python_script_for_a_file(server: Serving, tmp_path: Path, samples: int) -> None:
    """It sends without pause, forgets the last sample and never closes."""
    file = write_wav(tmp_path / "input.wav", audio(samples / 16_000, 16_000, 1))
    ours = script(tmp_path, "stream_file", server, ("PATH/TO/LOCAL/FILE.wav", str(file)))
    done = subprocess.run(
        [sys.executable, ours], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    steps = steps_of(done.stdout)
    assert [step["timestamp"] for step in steps] == due(samples - 1, 1024, end_known=True)
    assert all(set(step["results"]) == {"speech"} for step in steps)


def test_the_python_script_for_a_microphone(server: Serving, tmp_path: Path) -> None:
    """With a file in place of PyAudio, which has no wheels.

    The script closes when its input ends, and drops what it has not read by then.
    """
    samples = 5 * 16_384 + 1024
    write_wav(tmp_path / "input.wav", audio(samples / 16_000, 16_000, 1))
    (tmp_path / "pyaudio.py").write_text(PYAUDIO)
    ours = script(tmp_path, "stream_microphone", server)
    expected = due(samples, 1024, end_known=False)
    with subprocess.Popen(
        [sys.executable, "-u", ours], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as client:
        assert client.stdout is not None
        printed = [client.stdout.readline() for _ in range(2 + 2 * len(expected))]
        (tmp_path / "unplugged").touch()
        ended = server.next_line()
        client.kill()  # its library takes up to 10 s more to notice that it has closed
        rest = client.stdout.read()
    steps = steps_of("".join([*printed, rest]))
    assert [step["timestamp"] for step in steps] == expected
    assert "5 results; closed by the client (1000)" in ended


@pytest.mark.realtime
@pytest.mark.system("bash", "sox", *PROGRAMS)
def test_the_shell_line_for_a_microphone(server: Serving, tmp_path: Path) -> None:
    """Sox on the default input, which here is a virtual one."""
    file = write_wav(tmp_path / "input.wav", audio(4, 48_000, 1), rate=48_000)
    line = changed(MICROPHONE_LINE, (HOST, f"ws://127.0.0.1:{server.port}"), ("YOUR_API_KEY", KEY))
    with virtual_mics() as mics, shell_line(line, mics.env) as (printed, client):
        lines = [printed.readline() for _ in range(2)]  # the greeting, and a second of nothing
        playing = mics.play(file)
        while "silence" in lines[-1] and len(lines) < PATIENCE:
            lines.append(printed.readline())
        playing.wait(PATIENCE)
        os.kill(child_named(client.pid, "sox"), signal.SIGTERM)
        rest = printed.read()
    steps = steps_of("".join([*lines, rest]))
    assert [step["timestamp"] for step in steps] == [1024.0 * n for n in range(len(steps))]
    assert {step["results"]["speech-rt"]["result"] for step in steps} > {"silence"}
    ended = server.next_line()
    seconds = float(ended.split()[2])
    assert f" {len(steps)} results; closed by the client" in ended
    assert len(steps) == int(seconds / 1.024)
