"""A recording under way: what is in its files, and what stops it."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from support.programs.limits import largest_file
from support.sources.recordings import BEGUN, PATIENCE, audio_of, lines_of
from support.time.waiting import wait_until

from deeptone_tui.dsp import Samples
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.recording import Facts, Recorder
from deeptone_tui.recording.folder import MOST_SAMPLES, samples_in
from deeptone_tui.recording.reading import RecordingError, open_recording
from deeptone_tui.recording.recorder import FILE_SAMPLES

FACTS = Facts("mic", "USB Audio", 48_000, "voice.example", "wss://voice.example/stream")
NOISE = np.random.default_rng(2).integers(-9000, 9000, 400_000).astype(np.int16)


def recorder(parent: Path, facts: Facts = FACTS, **changes: object) -> Recorder:
    """A recorder that has started."""
    made = Recorder(parent, facts, now=lambda: BEGUN, **changes)  # type: ignore[arg-type]  # by name
    made.start()
    return made


def finished(recorder: Recorder) -> Path:
    """The folder of a recording that is told to end."""
    recorder.end()
    assert recorder.join(PATIENCE)
    return recorder.status.path


def feed(recorder: Recorder, samples: Samples, start: int = 0, block: int = 320) -> None:
    """Give audio in blocks."""
    for at in range(0, len(samples), block):
        recorder.audio(start + at, samples[at : at + block])


def lengths(folder: Path) -> list[int]:
    """Samples in each of the audio files, in their order."""
    return [samples_in(path) for path in sorted(folder.glob("audio-*.wav"))]


def test_a_recording_is_readable_before_its_first_sample(tmp_path: Path) -> None:
    """A program that is killed at once leaves a WAV without samples, not a folder without one."""
    folder = finished(recorder(tmp_path))
    assert [path.name for path in folder.glob("*.wav")] == ["audio-000.wav"]
    assert len(audio_of(folder)) == 0
    with pytest.raises(RecordingError, match=r"^'.*': it contains no audio$"):
        open_recording(folder)


def test_a_recording_holds_every_sample(tmp_path: Path) -> None:
    """In one file, called after the beginning."""
    made = recorder(tmp_path / "new" / "folder")
    feed(made, NOISE)
    folder = finished(made)
    assert folder.name == f"{BEGUN.astimezone():%Y-%m-%dT%H-%M-%S}"
    assert lengths(folder) == [made.status.samples] == [len(NOISE)]
    assert np.array_equal(audio_of(folder), NOISE)
    assert made.status.bytes == sum(path.stat().st_size for path in folder.iterdir())


def test_two_recordings_of_one_second_have_two_folders(tmp_path: Path) -> None:
    """The second is called the second."""
    first, second = (finished(recorder(tmp_path)) for _ in range(2))
    assert second.name == f"{first.name}-2"


def test_long_recordings_go_on_in_the_next_file(tmp_path: Path) -> None:
    """Nothing is missing between the files, and each says where it begins."""
    made = recorder(tmp_path, file_samples=100_000)
    feed(made, NOISE, block=70_000)
    folder = finished(made)
    assert lengths(folder) == [100_000] * 4
    assert np.array_equal(audio_of(folder), NOISE)
    files = [line for line in lines_of(folder / "events.jsonl") if line["event"] == "file"]
    assert [(line["name"], line["sample"]) for line in files] == [
        (f"audio-00{number}.wav", number * 100_000) for number in range(4)
    ]


def test_an_hour_is_a_file() -> None:
    """That is long before a WAV cannot count its bytes any more."""
    assert FILE_SAMPLES == 3600 * 16_000 < MOST_SAMPLES


def test_a_recording_begins_with_a_whole_step(tmp_path: Path) -> None:
    """So its steps are those of the monitor when it is measured again."""
    made = recorder(tmp_path)
    feed(made, NOISE[:5000], start=900)
    folder = finished(made)
    assert np.array_equal(audio_of(folder), NOISE[124:5000])
    assert json.loads((folder / "settings.json").read_text())["first_sample"] == 1024


def test_results_stand_with_their_place_and_question(tmp_path: Path) -> None:
    """Those of before the recording are left out."""
    made = recorder(tmp_path)
    made.audio(4096, NOISE[:2048])
    step = Step(5.0, {"speech-rt": Answer("speech", 0.9)})
    line = {**step.to_wire(), "asked": StreamParameters().to_query()}
    made.result(line, 3072, 1024)
    made.result(line, 4096, 1024)
    folder = finished(made)
    (found,) = lines_of(folder / "results.jsonl")
    assert (found["sample"], found["samples"]) == (4096, 1024)
    assert found["results"] == {"speech-rt": {"confidence": 0.9, "result": "speech"}}
    assert found["asked"] == "models=speech-rt&output_period=1024&volume_threshold=0.0050"


def test_events_and_changed_settings_are_told_with_their_place(tmp_path: Path) -> None:
    """In the order in which they happened; the settings are those of the end."""
    made = recorder(tmp_path)
    made.audio(0, NOISE[:1024])
    made.event("0.5 s of audio were lost by the source")
    made.audio(1024, NOISE[1024:4096])
    made.settings(FACTS)  # nothing new
    louder = StreamParameters(volume_threshold=0.25)
    made.settings(Facts("mic", "Other", parameters=louder))
    folder = finished(made)
    events = lines_of(folder / "events.jsonl")
    told = [(line["event"], line["sample"]) for line in events]
    assert told == [
        ("settings", 0),
        ("file", 0),
        ("notice", 1024),
        ("settings", 4096),
        ("ended", 4096),
    ]
    assert events[2]["words"] == "0.5 s of audio were lost by the source"
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["source"]["name"] == "Other"
    assert settings["parameters"]["volume_threshold"] == 0.25
    assert settings["begun"] == BEGUN.astimezone().isoformat()


def test_keys_are_in_no_file(tmp_path: Path) -> None:
    """Whatever the address was."""
    address = "wss://me:hidden@host/stream?api_key=hidden&x=1#hidden"
    made = recorder(tmp_path, Facts(endpoint="host", url=address))
    feed(made, NOISE[:4096])
    for path in finished(made).iterdir():
        assert b"hidden" not in path.read_bytes()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """And the audio that comes costs nothing."""
    (tmp_path / "file").write_text("")
    made = recorder(tmp_path / "file")
    assert made.join(PATIENCE)
    feed(made, NOISE)
    assert "that is a file, not a folder" in made.status.problem
    assert str(tmp_path / "file") in made.status.problem
    assert made.status.waiting == 0


def test_a_disk_that_takes_no_more_stops_the_recording_with_a_line(tmp_path: Path) -> None:
    """What was written is whole, down to the last sample that fitted."""
    with largest_file(100_001):
        made = recorder(tmp_path)
        feed(made, NOISE[:300_000])
        assert made.join(PATIENCE)
    assert made.status.problem.startswith("recording stopped: the file size limit is reached")
    audio = audio_of(made.status.path)
    assert len(audio) == (100_000 - 44) // 2
    assert np.array_equal(audio, NOISE[: len(audio)])
    assert made.status.samples == len(audio)


def test_lines_stay_whole_when_the_disk_is_full(tmp_path: Path) -> None:
    """A line that did not fit is not there at all."""
    with largest_file(2000):
        made = recorder(tmp_path)
        made.audio(0, NOISE[:100])
        for number in range(100):
            made.result({"number": number}, number, 1)
        assert made.join(PATIENCE)
    assert made.status.problem
    numbers = [line["number"] for line in lines_of(made.status.path / "results.jsonl")]
    assert numbers == list(range(len(numbers)))
    assert 0 < len(numbers) < 100


def test_a_disk_that_takes_nothing_leaves_no_file_that_no_player_opens(tmp_path: Path) -> None:
    """Not even its header fitted."""
    with largest_file(0):
        made = recorder(tmp_path)
        assert made.join(PATIENCE)
    assert made.status.problem
    assert not list(tmp_path.rglob("*.wav"))


def test_a_folder_that_is_deleted_is_told(tmp_path: Path) -> None:
    """Writing to what is in no folder any more does not fail."""
    made = recorder(tmp_path / "recordings")
    feed(made, NOISE[:4096])
    wait_until(lambda: made.status.samples == 4096, "nothing is written")
    shutil.rmtree(tmp_path / "recordings")
    assert made.join(PATIENCE)
    assert made.status.problem == (
        f"recording stopped: the folder is gone ({tmp_path / 'recordings'})"
    )


def test_a_source_whose_name_is_not_utf8_is_recorded(tmp_path: Path) -> None:
    """Files may be called anything."""
    made = recorder(tmp_path, Facts("file", os.fsdecode(b"b\xe4d.wav")))
    feed(made, NOISE[:4096])
    opened = open_recording(finished(made))
    assert not made.status.problem
    settings = json.loads((opened.folder / "settings.json").read_text("utf-8"))
    assert settings["source"]["name"] == os.fsdecode(b"b\xe4d.wav")
    assert (opened.source, opened.problems) == ("b\N{REPLACEMENT CHARACTER}d.wav", ())
    opened.close()


def test_a_disk_that_is_too_slow_stops_the_recording(tmp_path: Path) -> None:
    """The queue has a bound; what was in it is written, and no more is taken."""
    made = Recorder(tmp_path, FACTS, now=lambda: BEGUN, most_waiting=10_000)
    feed(made, NOISE, block=1000)  # nobody writes yet
    assert made.status.waiting == 10_000
    made.start()
    assert made.join(PATIENCE)
    assert "the disk is too slow" in made.status.problem
    assert np.array_equal(audio_of(made.status.path), NOISE[:10_000])


def test_words_without_end_never_end_a_recording(tmp_path: Path) -> None:
    """Audio has a bound of its own; what of the rest finds no room is counted, and told in it."""
    made = Recorder(tmp_path, FACTS, now=lambda: BEGUN, most_lines=50)
    feed(made, NOISE[:4096])
    for number in range(60):  # nobody writes yet
        made.event(f"oops {number}")
    made.change({"what": "threshold"}, 1024)
    feed(made, NOISE[4096:], 4096)
    made.start()
    folder = finished(made)
    assert made.status.problem == ""
    assert made.status.left_out == 10
    assert np.array_equal(audio_of(folder), NOISE)
    events = lines_of(folder / "events.jsonl")
    assert [event["what"] for event in events if event["event"] == "change"] == ["threshold"]
    assert any("10 results or events" in str(event.get("words")) for event in events)


def test_fat_results_are_bounded_in_memory(tmp_path: Path) -> None:
    """Not only in number."""
    made = Recorder(tmp_path, FACTS, now=lambda: BEGUN)
    made.audio(0, NOISE)
    for number in range(100):
        made.result({"pad": "x" * 1_000_000}, number * 1024, 1024)
    made.start()
    results = lines_of(finished(made) / "results.jsonl")
    assert 10 < len(results) < 20
    assert made.status.left_out == 100 - len(results)


def test_a_recording_is_its_owners_alone(tmp_path: Path) -> None:
    """It holds a voice, whatever the umask."""
    parent = tmp_path / "records"
    folder = finished(recorder(parent))
    modes = {path.name: path.stat().st_mode & 0o777 for path in [parent, folder, *folder.iterdir()]}
    assert {modes.pop(parent.name), modes.pop(folder.name)} == {0o700}
    assert len(modes) == 4
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("url", ["", "ws://[::1/x", "ws://h:1/stream"])
def test_any_address_can_be_written_down(url: str, tmp_path: Path) -> None:
    """Also one that is none."""
    made = recorder(tmp_path, Facts(url=url))
    assert (finished(made) / "settings.json").exists() or not made.status.problem
