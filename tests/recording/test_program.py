"""Recordings of the program itself: killed, ended, on a full disk."""

import json
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.endpoints.recording_endpoint import RecordingEndpoint, recording_endpoint
from support.programs.limits import largest_file
from support.programs.program import run_program, started
from support.sources.recordings import audio_of, by_sox, lines_of, only
from support.sources.sounds import noise, write_wav

from deeptone_tui.dsp import Samples
from deeptone_tui.recording.reading import RecordingError, open_recording

SECOND = 16_000
NOISE = noise(30 * SECOND, peak=6000)
KEY = "hushhushhush"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[RecordingEndpoint]:
    """One that answers at once."""
    with recording_endpoint() as running:
        yield running


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of noise in a file."""
    return write_wav(tmp_path_factory.mktemp("sound") / "noise.wav", NOISE)


@contextmanager
def streaming(
    sound: Path, endpoint: RecordingEndpoint, folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """The program, streaming the noise at the pace of the clock and recording it."""
    words = ("stream", str(sound), "--url", endpoint.url, "--output-period", "64", "--record")
    env = {"DEEPTONE_API_KEY": KEY}
    with started(folder, *words, str(folder / "recordings"), env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(lines: Sequence[bytes]) -> int:
    """How much audio the results that were printed cover, in samples."""
    whole = [line for line in lines if line.endswith(b"\n")]
    return int(json.loads(whole[-1])["timestamp"] * 16) + 1024


def kill(sound: Path, endpoint: RecordingEndpoint, folder: Path, after: int) -> int:
    """Kill the program some lines after its first; returns the samples that had been answered."""
    folder.mkdir()
    with streaming(sound, endpoint, folder) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        return heard([*lines, *process.stdout.readlines()])


def assert_readable(path: Path, samples: Samples) -> None:
    """Every player there is reads exactly these samples."""
    read, rate = soundfile.read(path, dtype="int16")
    assert rate == SECOND
    assert np.array_equal(read, samples)
    if shutil.which("sox"):
        assert by_sox(path) == samples.tobytes()


@pytest.mark.realtime
def test_a_killed_recording_is_readable_and_at_most_a_second_short(
    sound: Path, endpoint: RecordingEndpoint, tmp_path: Path
) -> None:
    """SIGKILL at ten random moments: what every reader reads is the beginning of the source."""
    moments = random.Random()  # noqa: S311  any moments will do
    places = [tmp_path / str(number) for number in range(10)]
    after = [moments.randint(1, 45) for _ in places]
    with ThreadPoolExecutor(2) as pool:  # two at a time: there may be two cores
        answered = list(pool.map(partial(kill, sound, endpoint), places, after))
    for place, known in zip(places, answered, strict=True):
        folder = only(place / "recordings")
        audio = audio_of(folder)
        assert known - SECOND <= len(audio)
        assert np.array_equal(audio, NOISE[: len(audio)])
        assert_readable(folder / "audio-000.wav", audio)
        if not len(audio):  # killed before the first of four writes a second: there is none yet
            with pytest.raises(RecordingError, match="it contains no audio"):
                open_recording(folder)
            continue
        with closing(open_recording(folder)) as recording:
            assert recording.problems == ()
            covered = (recording.results.starts[-1] + 1024) if len(recording.results) else 0
            assert known - SECOND <= covered


@pytest.mark.realtime
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_finishes_the_recording(
    sound: Path, endpoint: RecordingEndpoint, tmp_path: Path, number: signal.Signals
) -> None:
    """Everything that was captured is in it, and where it is, is said."""
    with streaming(sound, endpoint, tmp_path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(20)]
        process.send_signal(number)
        rest, diagnostics = process.communicate(timeout=20)
    folder = only(tmp_path / "recordings")
    audio = audio_of(folder)
    assert len(audio) >= heard([*lines, *rest.splitlines(keepends=True)])
    assert np.array_equal(audio, NOISE[: len(audio)])
    assert lines_of(folder / "events.jsonl")[-1]["event"] == "ended"
    told = diagnostics.decode()
    assert f"recorded {len(audio) / SECOND:.1f} s in {folder}" in told


def test_a_full_disk_stops_the_recording_and_nothing_else(tmp_path: Path) -> None:
    """All results come; one line says what happened, and the exit code that something did."""
    words = ("stream", "demo", "--fast", "--record", str(tmp_path / "recordings"))
    with largest_file(500_001):
        done = run_program(tmp_path, *words)
    assert done.returncode == 1
    assert done.stdout.count(b"\n") == 60
    folder = only(tmp_path / "recordings")
    audio = audio_of(folder)
    assert len(audio) == (500_000 - 44) // 2
    told = done.stderr.decode().splitlines()
    assert "the file size limit is reached" in told[-1]
    assert told[-1].startswith(f"deeptone-tui: recorded {len(audio) / SECOND:.1f} s in {folder};")
    assert len(told) <= 2


@pytest.mark.system("mount", "umount")
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes a small disk"
)
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A whole file system of half a megabyte; what is on it is valid."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if subprocess.run(size, capture_output=True, check=False).returncode:
        pytest.skip("no file systems can be mounted here")
    try:
        done = run_program(tmp_path, "stream", "demo", "--fast", "--record", str(disk))
        assert done.returncode == 1
        assert done.stdout.count(b"\n") == 60
        assert b"the disk is full" in done.stderr
        folder = only(disk)
        audio = audio_of(folder)
        assert len(audio) > 100_000
        assert_readable(folder / "audio-000.wav", audio)
        lines_of(folder / "results.jsonl")
        lines_of(folder / "events.jsonl")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_keys_are_in_no_file(sound: Path, endpoint: RecordingEndpoint, tmp_path: Path) -> None:
    """Neither one of the environment nor one in the address."""
    with streaming(sound, endpoint, tmp_path) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        process.terminate()
        process.communicate(timeout=20)
    other = tmp_path / "other"
    address = f"{endpoint.url.replace('://', '://me:hidden@')}?api_key={KEY}"
    done = run_program(
        tmp_path, "stream", "demo", "--fast", "--record", str(other), env={"DEEPTONE_URL": address}
    )
    assert done.returncode == 0
    files = [*only(tmp_path / "recordings").iterdir(), *only(other).iterdir()]
    assert len(files) == 8
    for path in files:
        content = path.read_bytes()
        assert KEY.encode() not in content
        assert b"hidden" not in content
