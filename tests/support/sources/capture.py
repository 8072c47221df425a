"""A program that captures, for tests that need PortAudio in a process with its own environment.

``python -m support.sources.capture OUT.raw LOG`` obeys a line at a time on stdin, answers in
JSON lines:

- ``open NAME``, then ``{"event": "opened", …}``, ``heard`` at the first block, ``lost`` at an end
- ``close``, then ``closed`` with the seconds that took
- ``count``, then ``counted`` with the samples captured so far
- ``devices``, then ``devices`` with their names
- ``level NAME NAME …``, all at once, then ``levels``

Every answer to a failure is ``{"event": "failed", "message": …}``. What C libraries write to
stderr goes to LOG.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import BinaryIO

from deeptone_tui.audio import (
    Source,
    SourceError,
    SourceKind,
    SourceSpec,
    device_level,
    input_devices,
    open_source,
)
from deeptone_tui.audio.native_stderr import redirect_native_stderr


def say(event: str, **fields: object) -> None:
    """Print one answer."""
    print(json.dumps({"event": event, **fields}), flush=True)  # noqa: T201  it is the protocol


class Capture:
    """One source at a time, written to a file as raw PCM."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.samples = 0
        self.source: Source | None = None
        self.reading: asyncio.Task[None] | None = None

    async def obey(self, command: str, names: list[str]) -> None:
        """Run one command."""
        match command:
            case "open":
                await self.open(" ".join(names))
            case "close":
                await self.close()
            case "count":
                say("counted", samples=self.samples)
            case "devices":
                found = await asyncio.to_thread(input_devices)
                say("devices", names=[device.choice for device in found])
            case "level":
                levels = await asyncio.gather(*(device_level(name) for name in names))
                say("levels", levels=levels)

    async def open(self, name: str) -> None:
        """Open a device and write down what it hears."""
        self.source = open_source(SourceSpec(SourceKind.MICROPHONE, name))
        await self.source.open()
        info = self.source.info
        say("opened", name=info.name, detail=info.detail, rate=info.rate)
        self.reading = asyncio.create_task(self.read(self.source))

    async def read(self, source: Source) -> None:
        """Write blocks to the file until the source ends."""
        heard = False
        try:
            async for block in source.blocks():
                self.out.write(block.samples.tobytes())
                self.samples += len(block.samples)
                if not heard:
                    heard = True
                    say("heard")
        except SourceError as error:
            say("lost", message=str(error))
        self.out.flush()

    async def close(self) -> None:
        """Close it, with the time that took."""
        began = time.monotonic()
        if self.source is not None and self.reading is not None:
            await self.source.close()
            await self.reading
        say("closed", seconds=time.monotonic() - began)


async def main(path: Path) -> None:
    """Obey stdin until it ends."""
    with path.open("wb") as out:
        capture = Capture(out)
        while line := await asyncio.to_thread(sys.stdin.readline):
            command, *names = line.split()
            try:
                await capture.obey(command, names)
            except SourceError as error:
                say("failed", message=str(error))


if __name__ == "__main__":
    with redirect_native_stderr(Path(sys.argv[2])):
        asyncio.run(main(Path(sys.argv[1])))
