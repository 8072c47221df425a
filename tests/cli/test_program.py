"""The program as a process: what it prints, how it ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.endpoints.serving_process import serving
from support.programs.program import PATIENCE, REPOSITORY, run_program, started
from support.sources.sounds import write_wav

from deeptone_tui import __version__

pytestmark = pytest.mark.long

PERIODS_OF_64_MS = ("stream", "demo", "--output-period", "64")
HEAVY = {
    *("numpy", "textual", "rich", "aiohttp", "sounddevice", "soundfile", "asyncio"),
    *("onnxruntime", "multiprocessing"),
}


def lines(done: "subprocess.CompletedProcess[bytes]") -> list[dict[str, object]]:
    """The objects on stdout, one a line."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def imported_by(*command: str) -> set[str]:
    """The modules that a fresh interpreter has imported in the end."""
    script = "; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys{''.join(command)}{script}"],
        capture_output=True,
        check=True,
        cwd=REPOSITORY,
    )
    return set(done.stderr.decode().split())


def test_version_imports_next_to_nothing() -> None:
    """It is there before the parser of the command line would be."""
    run = "; from deeptone_tui.cli import main; main(['--version'])"
    imported = imported_by(run) - imported_by()
    assert imported == {"deeptone_tui", "deeptone_tui.cli"}


@pytest.mark.parametrize("words", [["--help"], ["tune", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """It is there at once, on any machine."""
    imported = imported_by(f"; from deeptone_tui.cli import main; main({words})")
    assert "click" in imported
    assert not imported & HEAVY


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    """Name and number."""
    assert run_program(tmp_path, "--version").stdout.decode() == f"deeptone-tui {__version__}\n"


def test_help_is_the_same_however_it_is_asked_for(tmp_path: Path) -> None:
    """The monitor is the program."""
    pages = {
        run_program(tmp_path, *words).stdout
        for words in (["--help"], ["-h"], ["demo", "--help"], ["--models", "speech", "-h"])
    }
    (page,) = pages
    assert b"--volume-threshold" in page
    assert b"stream " in page
    assert b"process list" in page


def test_the_demo_gives_sixty_objects(tmp_path: Path) -> None:
    """One for each 1024 ms, with both models, and 0 in the end."""
    done = run_program(tmp_path, "stream", "demo", "--models", "speech-rt,gender", "--fast")
    assert (done.returncode, done.stderr) == (0, b"")
    found = lines(done)
    assert [item["timestamp"] for item in found] == [1024 * n for n in range(60)]
    assert all(set(item) == {"results", "samples", "timestamp"} for item in found)
    assert all(list(item["results"]) == ["gender", "speech-rt"] for item in found)  # type: ignore[call-overload]
    assert done.stdout.splitlines() == [json.dumps(i, sort_keys=True).encode() for i in found]


def test_raw_values_are_in_every_object(tmp_path: Path) -> None:
    """When they are asked for; here by the environment."""
    done = run_program(
        tmp_path, "stream", "demo", "--fast", env={"DEEPTONE_INCLUDE_RAW_VALUES": "true"}
    )
    assert done.returncode == 0
    assert all(set(item) == {"raw", "results", "samples", "timestamp"} for item in lines(done))


def test_a_file_is_streamed_to_its_last_step(tmp_path: Path) -> None:
    """Two channels at 44.1 kHz; the last period is not whole, but holds a step."""
    silence = np.zeros((2 * 44_100, 2), np.int16)
    place = write_wav(tmp_path / "two channels.wav", silence, rate=44_100)
    done = run_program(tmp_path, "stream", str(place), "--fast", "--channel", "2")
    assert (done.returncode, done.stderr) == (0, b"")
    assert [item["timestamp"] for item in lines(done)] == [0, 1024]
    done = run_program(tmp_path, "stream", str(place), "--fast", "--channel", "3")
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1


def test_pcm_on_stdin_is_streamed(tmp_path: Path) -> None:
    """At another rate; at the threshold of 0 nothing is silence."""
    done = run_program(
        tmp_path,
        *("stream", "-", "--sample-rate", "8000", "--output-period", "512"),
        *("--volume-threshold", "0"),
        stdin=bytes(2 * 8000),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [item["timestamp"] for item in lines(done)] == [0, 512]
    assert b"silence" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stream", "demo", "--url", "ws://127.0.0.1:9/stream"], b"connection refused"),
        (["stream", "demo", "--url", "ws://nowhere.invalid/stream"], b"nowhere.invalid"),
        (["stream", "pyproject.toml", "--fast"], b"is no audio file"),
        (["stream", "tcp://127.0.0.1:9"], b"nothing listens"),
        (["stream", "-"], b"no audio came from stdin"),
        (["stream", "demo", "--fast", "--models", "arousal"], b"does not run here"),
        (["stream", "--device", "No Such Microphone"], b""),
        (["serve", "--host", "0.0.0.0", "--port", "0"], b"key"),  # noqa: S104  it is refused
        (["serve", "--host", "nowhere.invalid", "--port", "0"], b"nowhere.invalid"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_failures_get_one_line(arguments: list[str], words: bytes, tmp_path: Path) -> None:
    """What only the attempt can show: said once, no traceback, not 0."""
    done = run_program(tmp_path, *arguments)
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert words in done.stderr
    assert b"unexpected" not in done.stderr


def test_keys_and_paths_that_a_server_refuses(tmp_path: Path) -> None:
    """Wrong key, no key, wrong path; then the right ones, from a file."""
    place = tmp_path / "key"
    place.write_text("right-key\n")
    with serving(key="right-key") as server:
        stream = ("stream", "demo", "--fast", "--url")
        for arguments, words in (
            ((server.stream, "--api-key", "wrong-key"), b"rejected the API key"),
            ((server.stream,), b"asks for an API key"),
            ((server.stream.replace("/stream", "/nothing"), "--api-key", "right-key"), b"404"),
        ):
            done = run_program(tmp_path, *stream, *arguments)
            assert done.returncode == 1
            assert done.stderr.count(b"\n") == 1
            assert words in done.stderr
            assert b"-key " not in done.stderr.replace(b"--api-key ", b"")
        done = run_program(tmp_path, *stream, server.stream, "--api-key-file", str(place))
        assert (done.returncode, len(lines(done))) == (0, 60)


def test_a_reader_that_has_had_enough_is_no_failure(tmp_path: Path) -> None:
    """``| head -1``: quiet, 0, and at once."""
    with started(tmp_path, *PERIODS_OF_64_MS) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["timestamp"] == 0
        process.stdout.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == b""


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["info"], ["completion", "zsh"]])
def test_a_reader_that_is_gone_from_the_start(arguments: list[str], tmp_path: Path) -> None:
    """No reader is no failure either."""
    reading, writing = os.pipe()
    os.close(reading)
    done = run_program(tmp_path, *arguments, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", [["--version"], ["info"], ["stream", "demo", "--fast"]])
def test_a_full_disk_is_said(arguments: list[str], tmp_path: Path) -> None:
    """Once, and with 1 in the end."""
    with Path("/dev/full").open("wb") as full:
        done = run_program(tmp_path, *arguments, stdout=full)
    assert done.returncode == 1
    assert done.stderr == b"deeptone-tui: the output cannot be written: no space left on device\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_stream_with_a_summary(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    """Whole lines on stdout, one line on stderr, the shell's code."""
    # communicate does not know what readline has read ahead
    with started(tmp_path, *PERIODS_OF_64_MS, bufsize=0) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert all(json.loads(line) for line in [first, *out.splitlines()])
    assert err.startswith(b"deeptone-tui: interrupted after ")
    assert err.count(b"\n") == 1


def test_a_signal_that_is_ignored_stays_ignored(tmp_path: Path) -> None:
    """``nohup deeptone-tui stream``: the closed terminal does not end it."""
    nohup = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]
    with started(tmp_path, *PERIODS_OF_64_MS, before=nohup) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        assert process.stdout.readline()
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
