"""``deeptone-tui tune`` as a process, on real files, on a microphone and on a terminal."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pexpect
import pytest
from support.endpoints.serving_process import serving
from support.programs.program import PATIENCE, REPOSITORY, run_program, started, surroundings
from support.sources.sounds import Samples, noise, write_wav
from support.sources.virtual_mics import PROGRAMS, virtual_mics
from support.time.waiting import wait_until

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.long

DEMO = REPOSITORY / "deeptone_tui" / "audio" / "demo.flac"
LABELS = """start,end,label
5.12,10.24,woman A
12.288,17.408,man A
19.456,23.552,man A
24.576,30.72,music
37.888,43.008,woman A
44.032,46.08,man A
47.104,57.344,several
"""
FIELDS = {
    *("source", "seconds", "seconds_lost", "verdict", "reason", "confidence", "speech_by"),
    *("threshold", "threshold_dbfs", "noise_floor", "noise_floor_dbfs"),
    *("speech_level", "speech_level_dbfs", "speech_lost", "noise_passed", "silence"),
    *("mixed_silenced", "periods", "output_period", "margin_db", "faults"),
}


def room(seconds: float, *, seed: int = 1) -> Samples:
    """Noise at about -60 dBFS."""
    return noise(round(16_000 * seconds), seed=seed, peak=57)


def bursts(*, seed: int = 1) -> Samples:
    """Noise at about -60 dBFS, and every other second 40 dB more."""
    parts = [room(1, seed=seed + n) * (100 if n % 2 else 1) for n in range(12)]
    return np.concatenate(parts).astype(np.int16)


def report(
    folder: Path,
    *words: str,
    code: int = 0,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The object on stdout of ``tune --json``, which is all there is, and nothing on stderr.

    What is on stderr where the code is another one is not looked at.
    """
    done = run_program(folder, "tune", *words, "--json", stdin=stdin, env=env)
    assert (done.returncode, code or done.stderr) == (code, code or b"")
    return document_of(done)


def document_of(done: "subprocess.CompletedProcess[bytes]") -> dict[str, Any]:
    """The object on stdout, which is all there is."""
    assert done.stdout.count(b"\n") == 1
    document: dict[str, Any] = json.loads(done.stdout)
    assert set(document) == {"endpoint", "output_period", "sources", "failures", "all"}
    return document


def test_the_demo_is_found_a_threshold_by_the_models(tmp_path: Path) -> None:
    """Between its room and its quietest words, with all that there is to say."""
    document = report(tmp_path, "demo")
    assert document["endpoint"] == "local"
    (found,) = document["sources"]
    assert set(found) == FIELDS
    assert found["seconds"] == 61.44
    assert found["verdict"] == "threshold found"
    assert -60 < found["threshold_dbfs"] < -35
    assert found["noise_floor_dbfs"] < found["threshold_dbfs"] < found["speech_level_dbfs"]
    assert 0 <= found["speech_lost"] < 0.2
    assert found["output_period"] == document["output_period"] == 1024
    assert found["periods"]["silence"]["of"] == 60
    count, whole = found["periods"]["speech_lost"].values()
    assert found["speech_lost"] == count / whole
    assert 0.1 < found["silence"] < 0.7
    assert document["all"] == found | {"source": "all"}


PERIODS = """
output_period = 256
profile = "hall"
[profiles.hall]
output_period = 2048
[profiles.desk]
output_period = 64
"""


@pytest.mark.parametrize(
    ("words", "configuration", "period"),
    [
        pytest.param(("--output-period", "4096"), "", 4096, marks=pytest.mark.thorough),
        pytest.param((), "output_period = 256", 256, marks=pytest.mark.thorough),
        ((), PERIODS, 2048),
        pytest.param(("--profile", "desk"), PERIODS, 64, marks=pytest.mark.thorough),
        (("--profile", "desk", "--output-period", "1024"), PERIODS, 1024),
    ],
    ids=["option", "file", "its profile", "profile", "option over profile"],
)
def test_it_counts_in_the_output_period_that_the_endpoint_will_use(
    tmp_path: Path, words: tuple[str, ...], configuration: str, period: int
) -> None:
    """As an option, in the configuration or in a profile, in this order for the monitor too."""
    place = tmp_path / "config" / "deeptone-tui" / "config.toml"
    place.parent.mkdir(parents=True)
    place.write_text(configuration)
    document = report(tmp_path, "demo", "--no-models", *words)
    (found,) = document["sources"]
    assert document["output_period"] == found["output_period"] == period
    parts = found["periods"]
    assert parts["silence"]["of"] == 960 * 64 // period
    kinds = [parts[name]["of"] for name in ("speech_lost", "noise_passed", "mixed_silenced")]
    off = 32 * 64 // period + 18 * 64 // period  # digital zero before and after the demo's sound
    assert sum(kinds) == parts["silence"]["of"] - off
    assert all(0 <= part["count"] <= part["of"] for part in parts.values())
    for name, part in parts.items():
        assert found[name] == (part["count"] / part["of"] if part["of"] else None)
    table = run_program(tmp_path, "tune", "demo", "--no-models", *words).stdout.decode()
    assert table.startswith(f"in periods of {period} ms ")
    row = table.splitlines()[2]
    assert f"{parts['silence']['count']} of {parts['silence']['of']} " in row


def test_who_says_what_is_speech_and_what_is_wrong_is_told(tmp_path: Path) -> None:
    """Levels alone where no model was asked; an offset is a fault, in words and by its name."""
    audio = (bursts(seed=3) // 2 + np.int16(1600)).astype(np.int16)
    place = str(write_wav(tmp_path / "offset.wav", audio))
    document = report(tmp_path, place, "demo", "--no-models")
    offset, demo = document["sources"]
    assert document["endpoint"] is None
    assert offset["speech_by"] == demo["speech_by"] == "levels"
    assert list(offset["faults"]) == ["offset"]
    assert offset["reason"].endswith(offset["faults"]["offset"])
    assert demo["faults"] == {}
    assert set(demo["margin_db"]) == {"down", "up"}
    assert min(demo["margin_db"].values()) >= 0


def test_many_files_are_reported_in_their_order_and_together(tmp_path: Path) -> None:
    """In two processes; what cannot be heard is a line, the others go on, and 1 is returned."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "b not audio.wav").write_bytes(b"RIFF, but not really")
    (folder / "notes.txt").write_text("no audio, and not meant to be")
    for n, name in enumerate(("a", "c", "d")):
        write_wav(folder / f"{name}.wav", bursts(seed=10 * n))
    missing = str(tmp_path / "missing.wav")
    words = ("tune", str(folder), missing, "demo", "--json", "--jobs", "2", "--verbose")
    done = run_program(tmp_path, *words)
    assert done.returncode == 1
    document = document_of(done)
    names = [str(folder / f"{name}.wav") for name in "acd"] + ["demo"]
    assert [item["source"] for item in document["sources"]] == names
    failures = document["failures"]
    assert [item["source"] for item in failures] == [str(folder / "b not audio.wav"), missing]
    lines = done.stderr.decode().splitlines()
    assert sorted(lines[:6]) == sorted(
        f"deeptone-tui: done with {name}" for name in [*names, *(f["source"] for f in failures)]
    )
    assert lines[6:] == [f"deeptone-tui: {item['reason']}" for item in failures]
    assert document["all"]["seconds"] == 61.44 + 3 * 12


def test_processes_and_one_process_find_the_same(tmp_path: Path) -> None:
    """To the last digit."""
    for n in range(3):
        write_wav(tmp_path / f"{n}.wav", bursts(seed=n))
    files = [str(tmp_path / f"{n}.wav") for n in range(3)]
    alone, shared = (
        run_program(tmp_path, "tune", *files, str(DEMO), "--json", "--jobs", jobs)
        for jobs in ("1", "3")
    )
    assert alone.returncode == 0
    assert alone.stdout == shared.stdout


def test_the_table_says_it_for_people(tmp_path: Path) -> None:
    """A row of figures and a sentence for each, and for all; both units of the threshold."""
    place = str(write_wav(tmp_path / "a.wav", bursts()))
    done = run_program(tmp_path, "tune", place, "demo", "--no-models")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    above = " ".join(lines[0].split())
    assert above == "in periods of 1024 ms threshold noise speech speech noise how"
    head = " ".join(lines[1].split())
    assert head == "source length amplitude dBFS dBFS dBFS lost passed silence sure"
    assert lines[4].split()[6:].count("of") == 3
    assert [line.split()[0] for line in lines[2::2]] == [place, "demo", "all"]
    assert all(line.startswith("  ") for line in lines[3::2])
    assert lines[2].split()[1] == "0:12"
    length, amplitude, decibels = lines[4].split()[1:4]
    assert length == "1:01"
    assert 20 * np.log10(float(amplitude)) == pytest.approx(
        float(decibels.replace("\N{MINUS SIGN}", "-")), abs=0.5
    )


def test_noise_alone_gets_no_threshold(tmp_path: Path) -> None:
    """It says so, with 0: the file was heard."""
    place = str(write_wav(tmp_path / "noise.wav", room(12)))
    (found,) = report(tmp_path, place, "--plot", str(tmp_path / "n.svg"))["sources"]
    assert found["verdict"] == "no speech heard"
    assert found["threshold"] is found["silence"] is found["speech_lost"] is None
    assert "No threshold" in (tmp_path / "n.svg").read_text()


def test_labels_give_the_real_errors(tmp_path: Path) -> None:
    """The suggestion stays; what is lost and passed is counted, by a file or a folder of them."""
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "demo.csv").write_text(LABELS)
    noise_file = str(write_wav(tmp_path / "b.wav", bursts()))
    (expected,) = report(tmp_path, str(DEMO))["sources"]
    (counted,) = report(tmp_path, str(DEMO), "--label", f"{labels}/demo.csv")["sources"]
    both = report(tmp_path, str(DEMO), noise_file, "--label", str(labels))
    assert (expected["speech_by"], counted["speech_by"]) == ("models", "labels")
    assert counted["threshold"] == expected["threshold"]
    assert counted["periods"] != expected["periods"]
    assert counted["periods"]["silence"] == expected["periods"]["silence"]
    assert both["sources"][0] == counted
    assert both["sources"][1]["speech_by"] == "models"
    assert both["all"]["speech_by"] == "models"


@pytest.mark.parametrize("ending", ["svg", "SVG"])
def test_the_curve_is_drawn(tmp_path: Path, ending: str) -> None:
    """Into the file that was named."""
    place = tmp_path / f"curve.{ending}"
    done = run_program(tmp_path, "tune", "demo", "--no-models", "--plot", str(place))
    assert done.returncode == 0
    assert place.read_bytes().startswith(b"<svg")


def test_raw_audio_on_stdin_is_heard(tmp_path: Path) -> None:
    """To its end, or as many seconds as were asked for."""
    data = bursts().tobytes()
    assert report(tmp_path, "-", stdin=data)["all"]["seconds"] == 12.0
    assert report(tmp_path, "-", "--seconds", "4.5", stdin=data)["all"]["seconds"] == 4.5
    done = run_program(tmp_path, "tune", "-", "--json")
    assert done.returncode == 1
    assert document_of(done)["all"] is None
    assert done.stderr.startswith(b"deeptone-tui: no audio came from stdin")


def test_an_endpoint_says_the_same_as_the_models_here(tmp_path: Path) -> None:
    """Over a connection, at threshold 0; a file that is not there does not end it."""
    here, piped = report(tmp_path, "demo"), bursts().tobytes()
    with serving() as server:
        address = ("--url", server.stream)
        there = report(tmp_path, "demo", "missing.wav", *address, code=1)
        assert report(tmp_path, "-", *address, stdin=piped)["all"]["seconds"] == 12.0
    assert there["endpoint"] == server.stream
    assert there["sources"][0]["threshold"] == here["sources"][0]["threshold"]
    assert [item["source"] for item in there["failures"]] == ["missing.wav"]


def test_an_endpoint_that_is_not_there_ends_it(tmp_path: Path) -> None:
    """One line, exit 1, no report."""
    done = run_program(tmp_path, "tune", "demo", "--url", "ws://127.0.0.1:1/stream")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.thorough), signal.SIGTERM]
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_ends_all_processes(tmp_path: Path, number: signal.Signals, jobs: str) -> None:
    """As on a terminal, where the whole group gets it; no process is left, nothing is printed."""
    place = str(write_wav(tmp_path / "a.wav", bursts()))
    files = [place] * 100
    words = ("tune", *files, "--jobs", jobs, "--verbose")
    with started(tmp_path, *words, start_new_session=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=PATIENCE)
    assert first == f"deeptone-tui: done with {place}\n".encode()
    assert process.returncode == 128 + number
    assert out == b""
    assert b"Traceback" not in err
    wait_until(lambda: not _is_running(process.pid), "a process is left")


def _is_running(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.system(*PROGRAMS)
def test_a_microphone_is_heard_for_some_seconds() -> None:
    """Named by its device alone; a room without sound is too little audio, and no failure."""
    with virtual_mics() as mics:
        heard = report(mics.folder, "--device", "room", "--seconds", "2", env=mics.env)
        missing = run_program(mics.folder, "tune", "mic", "--device", "rom", env=mics.env)
    (found,) = heard["sources"]
    assert (found["source"], found["seconds"]) == ("mic", 2.0)
    assert found["verdict"] == "too little audio"
    assert missing.returncode == 1
    assert b"room" in missing.stderr


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    """One line that is gone in the end; then the table."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "deeptone_tui", "tune", "demo", "demo", "--jobs", "1"],
        cwd=str(REPOSITORY),
        env=surroundings(tmp_path),
        timeout=PATIENCE,
        encoding="utf-8",
        dimensions=(24, 100),
    )
    child.expect(r"analysed 0 of 2 sources, 0:\d\d")
    child.expect("\r\x1b\\[Kin periods of 1024 ms *threshold")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
