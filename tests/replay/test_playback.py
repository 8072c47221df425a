"""A recording that is played: sample for sample, with every result where its audio is."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.sources.recordings import PARAMETERS, recorded

from deeptone_tui.audio import SourceError, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor.state import Change, ChangeKind
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording.reading import Recording, open_recording
from deeptone_tui.replay.playback import RecordedAudio, RecordingPlayback

if TYPE_CHECKING:
    from deeptone_tui.dsp import Samples
    from deeptone_tui.monitor.state import PlacedResult

NOISE = np.random.default_rng(4).integers(-9000, 9000, 300 * 1024).astype(np.int16)
START = 5 * 1024
QUICKLY = 10_000.0
SPEC = SourceSpec(SourceKind.FILE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording that began in the middle of a session; it has three files."""
    return recorded(tmp_path, NOISE, start=START, notices=[(START + 102_400, "a loss")])


@pytest.fixture
def recording(folder: Path) -> Iterator[Recording]:
    """It is open."""
    opened = open_recording(folder)
    yield opened
    opened.close()


class Listener:
    """Takes blocks as the core does, and what is due after each."""

    def __init__(self, recording: Recording) -> None:
        self.playback = RecordingPlayback(recording)
        self.playback.set_speed(QUICKLY)
        source = self.playback.open_source(SPEC, SourceOptions())
        assert isinstance(source, RecordedAudio)
        self.source = source
        self.heard: list[Samples] = []
        self.entries: list[PlacedResult] = []
        self.words: list[str] = []
        self.changes: list[Change] = []

    @property
    def captured(self) -> int:
        """Samples so far."""
        return sum(len(samples) for samples in self.heard)

    async def blocks(self) -> AsyncIterator[None]:
        """Listen; every block has been taken when it is handed out."""
        await self.source.open()
        async for block in self.source.blocks():
            self.heard.append(block.samples)
            for each in self.playback.due(self.captured):
                if isinstance(each, str):
                    self.words.append(each)
                elif isinstance(each, Change):
                    assert each.sample <= self.captured
                    self.changes.append(each)
                else:
                    assert each.sample + each.samples <= self.captured
                    self.entries.append(each)
            yield

    async def to_the_end(self) -> None:
        """Listen to what is left."""
        async for _ in self.blocks():
            pass


async def test_all_of_it_is_played_with_every_result_in_its_place(recording: Recording) -> None:
    """Counted from the first sample that is played."""
    listener = Listener(recording)
    await listener.to_the_end()
    assert np.array_equal(np.concatenate(listener.heard), NOISE)
    assert [entry.sample for entry in listener.entries] == [2048 * n for n in range(150)]
    assert all(entry.parameters == PARAMETERS for entry in listener.entries)
    assert [entry.seconds for entry in listener.entries] == pytest.approx(
        [2048 * n / 16_000 for n in range(150)]
    )
    assert listener.words == ["a loss"]
    assert listener.source.position == pytest.approx(len(NOISE) / 16_000)
    assert listener.playback.session.applied == PARAMETERS


@pytest.mark.parametrize("seconds", [0.0, 0.0001, 3.21, 6.4, 12.8, 12.7999, 18.0])
async def test_after_a_jump_results_stand_where_their_audio_is(
    recording: Recording, seconds: float
) -> None:
    """Forward and back, also into another file; steps of 64 ms are those that were recorded."""
    listener = Listener(recording)
    listener.playback.set_speed(1.0)  # small blocks, so that the jump is within a step
    jumped = 0
    async for _ in listener.blocks():
        if len(listener.heard) == 21:
            jumped = listener.captured
            listener.source.seek(seconds)
            listener.playback.set_speed(QUICKLY)
            listener.entries.clear()
    played = np.concatenate(listener.heard)
    first = int(seconds * 16_000) // 1024 * 1024
    rest = -jumped % 1024
    assert rest, "the jump is to be within a step"
    assert np.array_equal(played[: jumped + rest], NOISE[: jumped + rest])
    assert np.array_equal(played[jumped + rest :], NOISE[first:])
    assert [entry.sample for entry in listener.entries] == sorted(
        entry.sample for entry in listener.entries
    )
    for entry in listener.entries:
        number = round((entry.step.answers["speech-rt"].confidence or 0) * 1000)
        assert np.array_equal(
            played[entry.sample : entry.sample + 2048], NOISE[number * 2048 : (number + 1) * 2048]
        )
        assert entry.sample % 1024 == 0
        assert entry.seconds == pytest.approx(number * 2048 / 16_000)
    after = [entry for entry in listener.entries if entry.sample >= jumped + rest]
    assert len(after) == len([n for n in range(150) if n * 2048 >= first])


async def test_it_can_be_wound_after_its_end(recording: Recording) -> None:
    """The end is only a place."""
    listener = Listener(recording)
    await listener.to_the_end()
    listener.source.seek(1e9)
    await listener.to_the_end()
    assert listener.captured - len(NOISE) <= 1024
    listener.source.seek(0.0)
    listener.entries.clear()
    await listener.to_the_end()
    assert len(listener.entries) == 150


async def test_a_pause_holds_it(recording: Recording) -> None:
    """Nothing comes until it goes on; then nothing is missing."""
    listener = Listener(recording)
    blocks = listener.blocks()
    await anext(blocks)
    listener.source.pause()
    assert listener.source.paused
    following = asyncio.ensure_future(anext(blocks, None))
    done, _ = await asyncio.wait([following], timeout=0.05)
    assert not done
    listener.source.resume()
    await following
    async for _ in blocks:
        pass
    assert np.array_equal(np.concatenate(listener.heard), NOISE)


async def test_speed_is_samples_in_a_second(recording: Recording) -> None:
    """By the clock that is passed in."""
    now = [0.0]
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds
        await asyncio.sleep(0)

    for speed in (0.5, 1.0, 2.0, 4.0):
        source = RecordedAudio(recording, clock=lambda: now[0])
        source.set_speed(speed)
        source._pacer._sleep = sleep
        waited.clear()
        await source.open()
        samples = 0
        async for block in source.blocks():
            samples += len(block.samples)
            if samples >= 32_768:
                break
        assert sum(waited) == pytest.approx(samples / 16_000 / speed)


async def test_a_hole_in_the_audio_takes_no_time_and_its_results_are_left_out(folder: Path) -> None:
    """What cannot be heard is not judged either."""
    (folder / "audio-001.wav").unlink()
    recording = open_recording(folder)
    listener = Listener(recording)
    await listener.to_the_end()
    assert listener.captured == 204_800
    assert [entry.sample for entry in listener.entries] == [2048 * n for n in range(100)]
    numbers = [
        round((e.step.answers["speech-rt"].confidence or 0) * 1000) for e in listener.entries
    ]
    assert numbers == [*range(50), *range(100, 150)]
    recording.close()


async def test_a_line_that_is_broken_is_passed_over(folder: Path) -> None:
    """The next result comes in its place."""
    path = folder / "results.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"results": {', b'"results": [', 1)
    path.write_bytes(b"".join(lines))
    recording = open_recording(folder)
    listener = Listener(recording)
    await listener.to_the_end()
    starts = [entry.sample for entry in listener.entries]
    assert len(starts) == 149
    assert 3 * 2048 not in starts
    assert all(first < second for first, second in pairwise(starts))
    recording.close()


async def test_what_was_asked_for_is_that_of_the_place(tmp_path: Path) -> None:
    """A recording may have changed its threshold on the way."""
    first = recorded(tmp_path, NOISE[: 100 * 1024])
    louder = StreamParameters(output_period=128, volume_threshold=0.5)
    second = recorded(tmp_path, NOISE[: 100 * 1024], start=100 * 1024, parameters=louder)
    results = (first / "results.jsonl").read_bytes() + (second / "results.jsonl").read_bytes()
    (first / "results.jsonl").write_bytes(results)
    (second / "audio-000.wav").rename(first / "audio-001.wav")
    recording = open_recording(first)
    listener = Listener(recording)
    assert listener.playback.session.applied == PARAMETERS
    await listener.to_the_end()
    assert listener.playback.session.applied == louder
    assert [entry.parameters for entry in listener.entries] == [PARAMETERS] * 50 + [louder] * 50
    recording.close()


async def test_a_file_that_goes_away_is_told(folder: Path, recording: Recording) -> None:
    """By its name, as a source that failed."""
    listener = Listener(recording)
    (folder / "audio-002.wav").unlink()
    with pytest.raises(SourceError, match=r"audio-002\.wav: no such file"):
        await listener.to_the_end()
    assert listener.captured == 204_800


THRESHOLD = (ChangeKind.THRESHOLD, "0.0050", "0.0042")
HEADSET = (ChangeKind.DEVICE, "desk", "headset")
ENDPOINT = (ChangeKind.ENDPOINT, "voice.example", "local endpoint")


def with_changes(folder: Path, *lines: dict[str, object]) -> Recording:
    """The recording with more events, in the order in which they were told."""
    with (folder / "events.jsonl").open("a") as file:
        file.writelines(
            json.dumps({"event": "change", "words": "", **line}) + "\n" for line in lines
        )
    return open_recording(folder)


def line_of(change: tuple[ChangeKind, str, str], step: int) -> dict[str, object]:
    """A change at a step of the recording, as it is written."""
    what, before, after = change
    return {"what": what, "before": before, "after": after, "sample": START + 1024 * step}


async def test_changes_are_shown_where_they_took_effect(folder: Path) -> None:
    """Though they were told later than what came after them; and again after a jump."""
    lines = [line_of(HEADSET, 150), line_of(ENDPOINT, 200), line_of(THRESHOLD, 40)]
    recording = with_changes(folder, *lines)
    listener = Listener(recording)
    await listener.to_the_end()
    assert [(each.kind, each.before, each.after) for each in listener.changes] == [
        THRESHOLD,
        HEADSET,
        ENDPOINT,
    ]
    assert [each.sample for each in listener.changes] == [1024 * n for n in (40, 150, 200)]
    assert [each.seconds for each in listener.changes] == [0.064 * n for n in (40, 150, 200)]
    captured = listener.captured
    listener.source.seek(0.064 * 160)
    await listener.to_the_end()
    (again,) = listener.changes[3:]
    assert again.sample == captured + 1024 * (200 - 160)
    assert again.seconds == 0.064 * 200
    recording.close()


async def test_results_know_what_was_heard_and_who_gave_them_then(folder: Path) -> None:
    """By the changes: the settings tell only how it was in the end."""
    recording = with_changes(folder, line_of(HEADSET, 150), line_of(ENDPOINT, 200))
    listener = Listener(recording)
    await listener.to_the_end()
    for entry in listener.entries:
        step = entry.sample // 1024
        assert entry.source == ("desk" if step < 150 else "headset")
        assert entry.endpoint == ("voice.example" if step < 200 else "local endpoint")
    recording.close()


@pytest.mark.parametrize("change", [("colour", "red", "blue"), (ChangeKind.THRESHOLD, "low", "")])
async def test_a_change_that_is_not_understood_is_told_in_its_words(
    folder: Path, change: tuple[ChangeKind, str, str]
) -> None:
    """Of a later version, or written by hand."""
    recording = with_changes(folder, {**line_of(change, 7), "words": "something\n else"})
    listener = Listener(recording)
    await listener.to_the_end()
    assert listener.words == ["something else", "a loss"]
    assert listener.changes == []
    assert {entry.source for entry in listener.entries} == {"USB Audio"}
    recording.close()
