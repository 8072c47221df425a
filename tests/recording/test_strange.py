"""Recordings that somebody else made: whatever stands in them, they are shown or refused."""

import contextlib
import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.programs.program import run_program
from support.sources.recordings import recorded

from deeptone_tui.core.text import LONGEST_CHARS
from deeptone_tui.monitor.state import Change, PlacedResult
from deeptone_tui.protocol.messages import LATEST_SAMPLE
from deeptone_tui.recording import reading, results
from deeptone_tui.recording.reading import (
    Recording,
    RecordingError,
    find_recording,
    open_recording,
)
from deeptone_tui.replay.playback import RecordingPlayback

SAMPLES = 8 * 1024
HUGE = [10**30, -(10**30), 2**63, 2**62, -1, True, 1.5, None, "5", [5], {"a": 5}]
FILES = ["audio-000.wav", "settings.json", "events.jsonl", "results.jsonl"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording of half a second."""
    noise = np.random.default_rng(3).integers(-9000, 9000, SAMPLES).astype(np.int16)
    return recorded(tmp_path, noise)


def rewrite(place: Path, change: Callable[[Any], object]) -> None:
    """Change a file of JSON."""
    place.write_text(json.dumps(change(json.loads(place.read_text()))))


def add(place: Path, **line: object) -> None:
    """Append a line of JSON."""
    with place.open("a") as file:
        file.write(json.dumps(line) + "\n")


def played(recording: Recording) -> list[PlacedResult | Change | str]:
    """All that is told while it is shown, from its first sample to its last."""
    playback = RecordingPlayback(recording)
    last = recording.pieces[-1]
    playback._audio.newest = (recording.pieces[0].start, last.start + last.samples)
    due = list(playback.due(recording.samples))
    recording.close()
    return due


posix = pytest.mark.skipif(sys.platform == "win32", reason="files of another kind")


@posix
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["pipe", "folder", "link to itself", "device"])
def test_what_is_no_file_is_refused_in_one_line(folder: Path, name: str, kind: str) -> None:
    """Before the screen, and without waiting for anybody who writes."""
    place = folder / name
    place.unlink()
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
        case "device":
            place.symlink_to("/dev/zero")
        case _:
            place.symlink_to(name)
    with pytest.raises(RecordingError, match=f"{name}' is a {kind}, not a file") as caught:
        open_recording(folder)
    assert "\n" not in str(caught.value)


@posix
def test_a_pipe_beside_other_recordings_holds_up_nothing(folder: Path) -> None:
    """The newest of several is looked for by what their settings say."""
    other = folder.with_name("2026-01-01T00-00-00")
    other.mkdir()
    (other / "audio-000.wav").write_bytes((folder / "audio-000.wav").read_bytes())
    os.mkfifo(other / "settings.json")
    assert find_recording(folder.parent)[0] == folder


@posix
def test_the_program_says_it_and_ends(folder: Path) -> None:
    """With the exit code of what was wrongly asked for."""
    (folder / "audio-000.wav").unlink()
    os.mkfifo(folder / "audio-000.wav")
    done = run_program(folder.parent, "replay", str(folder))
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"is a pipe, not a file" in done.stderr


@pytest.mark.parametrize("number", HUGE)
def test_places_of_any_kind_and_size_are_places_or_none(folder: Path, number: object) -> None:
    """In the settings, of audio files, of events, in the results."""
    rewrite(folder / "settings.json", lambda settings: {**settings, "first_sample": number})
    events = folder / "events.jsonl"
    add(events, event="file", name="audio-000.wav", sample=number)
    add(events, event="notice", sample=number, words="noticed")
    add(events, event="change", sample=number, what="threshold", before="0", after="1", words="x")
    add(folder / "results.jsonl", sample=number, samples=number, results={}, timestamp=number)
    recording = open_recording(folder)
    assert 0 <= recording.pieces[0].start <= LATEST_SAMPLE
    assert all(0 <= event.sample <= LATEST_SAMPLE for event in recording.events)
    assert len([each for each in played(recording) if isinstance(each, PlacedResult)]) <= 5


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"first_sample": ' + "9" * 5000 + "}",
        '{"first_sample": NaN}',
        '{"parameters": {"models": ' + "[" * 900 + "]" * 900 + "}}",
        "[]",
        "\ufeff{}",
        "x" * (reading._LARGEST_SETTINGS_BYTES + 1),
    ],
    ids=["deep", "long number", "no number", "deep value", "list", "mark", "long"],
)
def test_settings_that_say_nothing_are_the_usual_ones(folder: Path, text: str) -> None:
    """It is shown all the same; the same line in the other files is none."""
    for name in ("settings.json", "events.jsonl", "results.jsonl"):
        (folder / name).write_text(text + "\n")
    recording = open_recording(folder)
    assert recording.samples == SAMPLES
    assert recording.source
    assert len(recording.results) == 0
    played(recording)


def test_what_is_said_is_of_bounded_length_and_one_line(folder: Path) -> None:
    """Names and events; nothing in them steers a terminal."""
    long = "a\nb\x1b]52;c;UFdORUQ=\x07\u202e" + "z" * 60_000
    rewrite(
        folder / "settings.json",
        lambda settings: {
            **settings,
            "source": {"name": long},
            "endpoint": {"name": long, "url": long},
        },
    )
    add(folder / "events.jsonl", event="notice", sample=0, words=long)
    add(folder / "events.jsonl", event="notice", sample=0, words="y" * 10_000_000)
    (folder / "audio-\x1b]0;X\x07.wav").touch()
    recording = open_recording(folder)
    said = [recording.source, recording.endpoint, recording.url, recording.events[-1].words]
    said += recording.problems
    assert all(len(text) <= LONGEST_CHARS and text.isprintable() for text in said)
    assert "events.jsonl" in " ".join(recording.problems)
    recording.close()


def test_no_more_is_kept_than_is_reasonable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of events and of results; what is left out is told."""
    monkeypatch.setattr(reading, "MOST_EVENTS", 10)
    monkeypatch.setattr(results, "MOST_RESULTS", 3)
    for number in range(20):
        add(folder / "events.jsonl", event="notice", sample=0, words=str(number))
    recording = open_recording(folder)
    assert len(recording.events) <= 10
    assert len(recording.results) == 3
    assert recording.problems == (
        "events.jsonl: only its first 10 lines are read",
        "results.jsonl: skipped 1 line over the limit",
    )
    assert len([each for each in played(recording) if isinstance(each, PlacedResult)]) == 3


def test_damage_of_any_kind_is_shown_or_refused(folder: Path) -> None:
    """Bytes changed, cut and doubled at random places, in each file."""
    chance = random.Random(7)  # noqa: S311  no secret
    whole = {name: (folder / name).read_bytes() for name in FILES}
    for _ in range(300):
        name = chance.choice(FILES)
        data = bytearray(whole[name])
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(4):
                case 0:
                    data[at:at] = chance.randbytes(chance.randrange(1, 9))
                case 1:
                    del data[at : at + chance.randrange(1, 99)]
                case 2:
                    data[at:at] = data[at // 2 : at]
                case _:
                    data[at:at] = chance.choice([b"9" * 30, b"[" * 99, b"null", b'"', b"-", b"e9"])
        (folder / name).write_bytes(data)
        with contextlib.suppress(RecordingError):
            played(open_recording(folder))
        (folder / name).write_bytes(whole[name])
