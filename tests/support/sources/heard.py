"""What comes of a source that is played to its end."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from support.sources.sounds import Samples

from deeptone_tui.audio import Source, SourceError, SourceInfo, SourceOptions
from deeptone_tui.audio.file import FileSource


async def all_of(source: Source) -> Samples:
    """Everything it delivers; it is closed also when it fails."""
    try:
        await source.open()
        blocks = [block.samples async for block in source.blocks()]
    finally:
        await source.close()
    return np.concatenate([np.empty(0, dtype=np.int16), *blocks])


async def failure_of(source: Source) -> str:
    """What it fails with, at once or at a block, in one line."""
    with pytest.raises(SourceError) as failed:
        await all_of(source)
    assert "\n" not in str(failed.value)
    return str(failed.value)


@dataclass(frozen=True, slots=True)
class Heard:
    """All that it delivered, and why it ended."""

    samples: Samples
    info: SourceInfo
    failure: str | None


async def hear(path: Path | str, *, seek: float | None = None, channel: int | None = None) -> Heard:
    """Play a file, from a place in it, as fast as it goes."""
    source = FileSource(str(path), SourceOptions(realtime=False, channel=channel))
    blocks, failure = [np.empty(0, dtype=np.int16)], None
    try:
        await source.open()
        if seek is not None:
            source.seek(seek)
        async for block in source.blocks():
            blocks.append(block.samples)  # noqa: PERF401  what came before a failure is kept
    except SourceError as error:
        failure = str(error)
    await source.close()
    return Heard(np.concatenate(blocks), source.info, failure)
