"""A monitor on one microphone that gets into trouble: ``device_program.py DEVICE WAV``.

A process of its own, because PortAudio reads the environment once. It tells each change of the
words on the status line as a line of JSON; at the end of its standard input it lets the audio
end, and tells what was seen.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import soundfile
from faults.rig import Rig, world
from faults.sources import Tap
from support.sources.sounds import found_in

from deeptone_tui.audio.microphone import Microphone


async def main(device: str, path: str) -> None:
    """Monitor until there is nothing more to read, and a little on."""
    tap = Tap(lambda: Microphone(device))
    with world(1.0) as place, tempfile.TemporaryDirectory() as folder:
        async with place.rigged(tap, Path(folder)) as rig:
            telling = asyncio.ensure_future(tell_phases(rig))
            await asyncio.to_thread(sys.stdin.read)
            tap.ending = True
            await rig.until_done()
            telling.cancel()
            played = soundfile.read(path, dtype="int16")[0]
            counters = rig.monitor.state.counters
            summary = {
                "complaints": rig.witness.complaints,
                "notices": rig.witness.notices,
                "connections": rig.proxy.accepted,
                "captured": counters.captured,
                "answered": counters.answered,
                "lost": counters.lost,
                "heard": len(tap.heard()),
                "found": bool((found_in(tap.heard(), played) == played).all()),
            }
            tell(summary)


async def tell_phases(rig: Rig) -> None:
    """Print each change of words."""
    phases = rig.witness.phases
    told = 0
    while True:
        if told < len(phases):
            tell(asdict(phases[told]))
            told += 1
        else:
            await asyncio.sleep(0.01)


def tell(words: dict[str, object]) -> None:
    """Print one line."""
    print(json.dumps(words), flush=True)  # noqa: T201  its answers


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
