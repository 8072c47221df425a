"""Recordings made for tests, and what is in them."""

import json
import subprocess
import wave
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from deeptone_tui.dsp import Samples
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.recording import Facts, Recorder

BEGUN = datetime(2026, 11, 22, 10, 49, 3, tzinfo=UTC)
PARAMETERS = StreamParameters(output_period=128)
PATIENCE = 20
"""Seconds after which a test hangs."""


def recorded(
    parent: Path,
    samples: Samples,
    *,
    start: int = 0,
    parameters: StreamParameters = PARAMETERS,
    notices: Sequence[tuple[int, str]] = (),
    file_samples: int = 100 * 1024,
) -> Path:
    """Make a recording in which every period is speech; each answer tells its number.

    Returns:
        Its folder.
    """
    facts = Facts("mic", "USB Audio", 48_000, "voice.example", parameters=parameters)
    recorder = Recorder(parent, facts, now=lambda: BEGUN, file_samples=file_samples)
    recorder.start()
    period = parameters.period_samples
    told = dict(notices)
    for at in range(start, start + len(samples), 1024):
        if at in told:
            recorder.event(told[at])
        recorder.audio(at, samples[at - start : at - start + 1024])
    for number in range(len(samples) // period):
        sample = start + number * period
        step = Step(sample / 16, {"speech-rt": Answer("speech", number / 1000)})
        line = {**step.to_wire(), "asked": parameters.to_query()}
        recorder.result(line, sample, period)
    recorder.end()
    assert recorder.join(PATIENCE)
    assert not recorder.status.problem
    return recorder.status.path


def audio_of(folder: Path) -> Samples:
    """All the audio of a recording, by Python's own reader."""
    found = [np.empty(0, dtype=np.int16)]
    for path in sorted(folder.glob("audio-*.wav")):
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
            found.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    return np.concatenate(found)


def by_sox(path: Path) -> bytes:
    """The samples that sox reads in a WAV, as bytes; it warns of nothing."""
    command = ["sox", str(path), "-t", "raw", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
    assert done.stderr == b""
    return done.stdout


def lines_of(path: Path) -> list[dict[str, object]]:
    """The objects of a file of lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def only(parent: Path) -> Path:
    """The one recording within a folder."""
    (folder,) = parent.iterdir()
    return folder
