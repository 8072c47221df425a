"""Recordings that somebody else made."""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
from support.sessions.message_promises import hold_to_promises
from support.sources.recordings import recorded

from deeptone_tui.audio import SourceError
from deeptone_tui.protocol import ResultsReceived
from deeptone_tui.recording.reading import Recording, RecordingError, open_recording
from deeptone_tui.replay.playback import RecordedAudio
from fuzz.mutation import as_json, mutated, replaced
from fuzz.target import Judge, Target, fit_for_a_terminal

_KNOWN: Final = (
    *("event", "file", "notice", "threshold", "sample", "samples", "words", "name", "source"),
    "endpoint",
    *("audio-000.wav", "parameters", "models", "output_period", "begun", "first_sample", "results"),
    "asked",
)
_FIFO, _LOOP, _FOLDER, _GONE = range(4)
_ODD: Final = {_FIFO: "a fifo", _LOOP: "a link to itself", _FOLDER: "a folder", _GONE: "nothing"}
_LENGTH: Final = 20 * 1024
"""Samples."""


@dataclass(frozen=True, slots=True)
class _Change:
    """One file, and what it is from now on."""

    number: int
    seed: int
    odd: int | None
    """Something else in its place, or None."""


def _made(random: Random) -> list[_Change]:
    """Changes to one or two files."""
    odd = random.choice((_FIFO, _LOOP, _FOLDER, _GONE)) if random.random() < 0.03 else None
    return [
        _Change(random.randrange(100), random.randrange(1 << 60), odd)
        for _ in range(random.randint(1, 2))
    ]


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        sound = np.arange(_LENGTH, dtype=np.int16)
        made = recorded(Path(folder), sound, notices=[(2048, "hello")], file_samples=8 * 1024)
        good = {path.name: path.read_bytes() for path in made.iterdir()}
        place = Path(folder, "changed")

        def judged(changes: list[_Change]) -> None:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            for name, content in good.items():
                (place / name).write_bytes(content)
            for change in changes:
                _apply(change, place, good)
            try:
                recording = open_recording(place)
            except RecordingError as error:
                fit_for_a_terminal(str(error))
                return
            with contextlib.closing(recording):
                _read(recording)
                runner.run(_listen(recording))

        yield judged


def _apply(change: _Change, place: Path, good: dict[str, bytes]) -> None:
    """Write the file anew."""
    names = sorted(good)
    path = place / names[change.number % len(names)]
    random = Random(change.seed)
    if change.odd is None:
        with contextlib.suppress(OSError):  # something odd stands in its place already
            path.write_bytes(_content(random, path.name, good[path.name]))
        return
    with contextlib.suppress(OSError):
        path.unlink()
        if change.odd == _FIFO:
            os.mkfifo(path)
        elif change.odd == _LOOP:
            path.symlink_to(path)
        elif change.odd == _FOLDER:
            path.mkdir()


def _content(random: Random, name: str, good: bytes) -> bytes:
    """Other bytes, or other values in one of the lines."""
    if name.endswith(".wav") or random.random() < 0.4:
        return mutated(random, [good])
    lines = [good.decode()] if name.endswith(".json") else good.decode().splitlines()
    at = random.randrange(len(lines))
    value: Any = json.loads(lines[at])
    lines[at] = as_json(random, replaced(random, value, _KNOWN))
    if random.random() < 0.1:
        lines *= 50
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _read(recording: Recording) -> None:
    """Everything but the audio."""
    for words in (*recording.problems, recording.source, recording.endpoint, recording.url):
        fit_for_a_terminal(words)
    for event in recording.events:
        fit_for_a_terminal(event.words)
        assert abs(event.sample) < 1 << 63
    for number in range(min(len(recording.results), 100)):
        result = recording.results.read(number)
        if result is not None:
            hold_to_promises(ResultsReceived((result.step,)))


async def _listen(recording: Recording) -> None:
    """The audio, without the clock."""
    times = iter(range(1 << 40))
    source = RecordedAudio(recording, clock=lambda: float(next(times)))
    heard = 0
    try:
        await source.open()
        async with asyncio.timeout(20):
            async for block in source.blocks():
                heard += len(block.samples)
                if heard > _LENGTH:
                    break
    except SourceError as error:
        fit_for_a_terminal(str(error))
    finally:
        await source.close()


RECORDINGS: Final = Target("recordings", _made, _opened, short=30)
