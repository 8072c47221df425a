"""What comes of a file that is played to its end."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from support.sources.sounds import Samples

from deeptone_tui.audio import SourceError, SourceInfo, SourceOptions
from deeptone_tui.audio.file import FileSource


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
