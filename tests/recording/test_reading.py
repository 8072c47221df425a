"""Recordings as they are found: whole, cut off, damaged, or none at all."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from support.sources.recordings import PARAMETERS, recorded

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording.reading import RecordingError, find_recording, open_recording

NOISE = np.random.default_rng(3).integers(-9000, 9000, 300 * 1024).astype(np.int16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording in three files, with 150 results and a notice."""
    return recorded(tmp_path, NOISE, start=2048, notices=[(102_400, "0.5 s were lost")])


def test_everything_written_is_read(folder: Path) -> None:
    """Audio, results, what happened and how things were set."""
    with closing(open_recording(folder)) as recording:
        assert [(piece.start, piece.samples) for piece in recording.pieces] == [
            (2048 + number * 102_400, 102_400) for number in range(3)
        ]
        assert len(recording.results) == 150
        result = recording.results.read(149)
        assert result is not None
        assert (result.sample, result.samples) == (2048 + 149 * 2048, 2048)
        assert result.step.answers["speech-rt"].confidence == 0.149
        assert result.parameters == PARAMETERS
        assert [(event.sample, event.words) for event in recording.events] == [
            (102_400, "0.5 s were lost")
        ]
        assert (recording.source, recording.endpoint) == ("USB Audio", "voice.example")
        assert recording.parameters == PARAMETERS
        assert recording.problems == ()


def test_a_recording_that_was_killed_is_whole_but_for_what_was_being_written(folder: Path) -> None:
    """Half a line and bytes that no header counts are no damage."""
    results, audio = folder / "results.jsonl", folder / "audio-002.wav"
    results.write_bytes(results.read_bytes()[:-20])
    with audio.open("ab") as file:
        file.write(b"\x01\x02\x03")
    events = folder / "events.jsonl"
    events.write_bytes(events.read_bytes()[:-9])
    with closing(open_recording(folder)) as recording:
        assert recording.problems == ()
        assert len(recording.results) == 149
        assert recording.samples == len(NOISE)


def test_each_piece_that_is_missing_is_told_in_one_line(folder: Path) -> None:
    """The rest is shown, each file where it belongs."""
    (folder / "audio-001.wav").write_bytes(b"RIFF, or so")
    (folder / "results.jsonl").unlink()
    (folder / "settings.json").write_text("{")
    with closing(open_recording(folder)) as recording:
        assert [piece.start for piece in recording.pieces] == [2048, 2048 + 204_800]
        assert recording.parameters == StreamParameters()
        assert len(recording.problems) == 4
        assert (
            "settings.json cannot be read: the default parameters are assumed" in recording.problems
        )
        assert "audio-001.wav has no whole header: it is skipped" in recording.problems
        assert "6.4 s of audio are missing before audio-002.wav" in recording.problems
        assert any("results.jsonl is missing" in each for each in recording.problems)


def test_a_file_that_was_cut_short_ends_with_a_whole_step(folder: Path) -> None:
    """So the steps after the gap are those that were recorded."""
    path = folder / "audio-000.wav"
    path.write_bytes(path.read_bytes()[:100_001])
    with closing(open_recording(folder)) as recording:
        assert recording.pieces[0].samples == 49_978 // 1024 * 1024
        assert recording.pieces[1].start == 2048 + 102_400
        assert "audio are missing before audio-001.wav" in recording.problems[0]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"sample": 5}',
        b"x" * (3 << 20),
        b'"sample": 1, "samples": 2}',
    ],
)
def test_lines_that_are_no_results_are_counted(folder: Path, line: bytes) -> None:
    """Whatever stands in them, the others are there."""
    path = folder / "results.jsonl"
    path.write_bytes(line + b"\n" + path.read_bytes())
    with closing(open_recording(folder)) as recording:
        assert len(recording.results) == 150
        assert any(each.endswith("cannot be read") for each in recording.problems)
        first = recording.results.read(0)
        assert first is not None
        assert first.sample == 2048


def test_a_line_that_only_looks_like_a_result_is_none(folder: Path) -> None:
    """It is found to be one when its turn comes."""
    path = folder / "results.jsonl"
    path.write_bytes(b'{"nonsense": [, "sample": 0, "samples": 2048}\n' + path.read_bytes())
    with closing(open_recording(folder)) as recording:
        assert recording.results.read(0) is None
        assert recording.results.read(1) is not None


def test_the_newest_of_several_recordings_is_taken_and_told(folder: Path) -> None:
    """As somebody expects who has just recorded."""
    assert find_recording(folder) == (folder, "")
    assert find_recording(folder.parent) == (folder, "")
    for name in ("2026-11-22T10-49-03-2", "2026-11-22T10-49-03-10", "2025-12-31T23-59-59"):
        shutil.copytree(folder, folder.parent / name)
    (folder.parent / "2027-01-01T00-00-00").mkdir()
    found, words = find_recording(folder.parent)
    shutil.move(folder, folder.parent / "2026-11-22T10-49-03")
    assert found.name == "2026-11-22T10-49-03-10"
    assert words == f"{found.name} is the newest of 4 recordings in {folder.parent}"


def test_the_newest_is_the_one_that_began_last_and_holds_audio(folder: Path) -> None:
    """When the clocks go back, an hour of names comes twice; a full disk leaves empty ones."""
    later = shutil.copytree(folder, folder.parent / "2026-11-22T10-12-00")
    settings = json.loads((later / "settings.json").read_text())
    settings["begun"] = "2026-11-22T11:12:00+00:00"
    (later / "settings.json").write_text(json.dumps(settings))
    empty = folder.parent / "2027-01-01T00-00-00"
    empty.mkdir()
    (empty / "audio-000.wav").write_bytes(b"")
    assert find_recording(folder.parent)[0] == later


def test_what_was_told_before_the_first_sample_is_told_at_it(tmp_path: Path) -> None:
    """A recording may begin in the middle of a session, and wait for its first step."""
    folder = recorded(tmp_path, NOISE[:4096], start=8192, notices=[(8192, "late")])
    with closing(open_recording(folder)) as recording:
        assert [(event.sample, event.words) for event in recording.events] == [(8192, "late")]


def test_what_is_no_recording_is_refused_in_one_line(tmp_path: Path) -> None:
    """What was given, and what would be one."""
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for name, words in [
        ("nowhere", "no such folder"),
        ("file", "a recording is a folder"),
        ("empty", "it contains no recording"),
        ("x" * 5000, "no such folder"),
        ("nul\0l", "no such folder"),
    ]:
        with pytest.raises(RecordingError, match=words) as caught:
            find_recording(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_recording_without_audio_is_none(folder: Path) -> None:
    """And the reason is in the line."""
    for path in folder.glob("audio-*.wav"):
        path.write_bytes(b"")
    with pytest.raises(RecordingError, match=r"audio-000\.wav has no whole header"):
        open_recording(folder)
