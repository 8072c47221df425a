"""Audio files that are damaged, joined, or something else."""

import asyncio
import contextlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import soundfile

from deeptone_tui.audio import SourceError, SourceOptions
from deeptone_tui.audio.file import FileSource
from fuzz.mutation import mutated
from fuzz.target import Judge, Target, fit_for_a_terminal

_FORMATS: Final = (
    *(("wav", "PCM_16"), ("wav", "FLOAT"), ("wav", "ULAW"), ("aiff", "PCM_16"), ("flac", "PCM_16")),
    *(("ogg", "VORBIS"), ("ogg", "OPUS"), ("mp3", "MPEG_LAYER_III"), ("rf64", "PCM_16")),
    ("caf", "PCM_16"),
)
_LONGEST: Final = 16_000 * 3600
"""Samples that a file of some kilobytes does not hold."""


@dataclass(frozen=True, slots=True)
class _File:
    ending: str
    content: bytes


@cache
def _seeds() -> dict[str, tuple[bytes, ...]]:
    """Half a second of a tone in each format, by ending."""
    tone = np.sin(np.arange(4000) / 4) * 0.3
    found: dict[str, tuple[bytes, ...]] = {}
    for ending, subtype in _FORMATS:
        file = io.BytesIO()
        soundfile.write(file, tone, 8000, format=ending.upper(), subtype=subtype)
        found[ending] = (*found.get(ending, ()), file.getvalue())
    return found


def _made(random: Random) -> _File:
    """A file, its ending mostly the right one."""
    seeds = _seeds()
    kind = random.choice(list(seeds))
    ending = kind if random.random() < 0.9 else random.choice(list(seeds))
    content = mutated(random, seeds[kind])
    if random.random() < 0.1:
        content += random.choice(seeds[random.choice(list(seeds))])
    return _File(ending, content)


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:

        def judged(file: _File) -> None:
            place = Path(folder, f"a.{file.ending}")
            place.write_bytes(file.content)
            runner.run(_hear(place))

        yield judged


async def _hear(place: Path) -> None:
    """Read it to its end."""
    source = FileSource(str(place), SourceOptions(realtime=False))
    heard = 0
    try:
        await source.open()
        async for block in source.blocks():
            heard += len(block.samples)
            assert heard < _LONGEST
    except SourceError as error:
        fit_for_a_terminal(str(error))
    finally:
        await source.close()


AUDIO: Final = Target("audio", _made, _opened, short=40)
