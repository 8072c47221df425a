"""Queries of the device picker: the input devices, and whether they deliver a signal."""

import asyncio
import dataclasses
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from deeptone_tui.audio.devices import InputDevice
from deeptone_tui.audio.source import SoundSystemSilent, SourceError
from deeptone_tui.core.blocking import call_in_thread, call_within
from deeptone_tui.core.process import command_of
from deeptone_tui.protocol import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from deeptone_tui.audio.microphone import Microphone
    from deeptone_tui.audio.portaudio import PortAudio

_CHILD_TIMEOUT_S = 10.0

ANSWER_TIMEOUT_S = 5.0
"""Seconds that the sound system has to list its devices while a command waits."""
_SCAN_TIMEOUT_S = 15.0
"""Timeout in seconds of a device scan; the child process that scans gives up before."""

_START_GRACE_S = 1.5
"""Seconds beyond the requested ones that a device may take to start."""


def scan_in_child() -> list[InputDevice]:
    """Return the input devices as a new process sees them.

    Raises:
        SoundSystemSilent: when it fails or takes too long.
        SourceError: when it reports why it cannot scan.
    """
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            command_of("deeptone_tui.audio.probe"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_CHILD_TIMEOUT_S,
            check=True,
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise SoundSystemSilent from error
    if isinstance(answer, str):
        raise SourceError(answer)
    return [InputDevice(**device) for device in answer]


def main() -> None:
    """Run the child process: print the devices as a JSON list, or the error as a JSON string."""
    from deeptone_tui.audio.portaudio import portaudio  # noqa: PLC0415  when asked for only

    answer: list[dict[str, object]] | str
    try:
        answer = [dataclasses.asdict(device) for device in portaudio().devices()]
    except SourceError as error:
        answer = str(error)
    json.dump(answer, sys.stdout)


def input_devices(within: float = ANSWER_TIMEOUT_S) -> list[InputDevice]:
    """Return the current input devices.

    Blocks for up to ``within`` seconds: not for an event loop.

    Args:
        within: Timeout in seconds.

    Raises:
        PortAudioMissing: when PortAudio is not installed.
        SoundSystemSilent: when the sound system does not answer.
        SourceError: when it cannot be asked.
    """
    try:
        return call_within(_look, timeout=within)
    except TimeoutError:
        raise SoundSystemSilent from None


def _look() -> list[InputDevice]:
    """Return the current input devices, however long that takes.

    While one of our devices is open, a child process scans, because a scan in this one would end
    the capture.
    """
    from deeptone_tui.audio.portaudio import portaudio  # noqa: PLC0415  when asked for only

    library = portaudio()
    return scan_in_child() if library.frozen else library.devices()


async def look_for_input_devices() -> list[InputDevice]:
    """Return the current input devices, for an event loop; a hung sound system blocks nothing.

    Raises:
        PortAudioMissing: when PortAudio is not installed.
        SoundSystemSilent: when the sound system does not answer.
        SourceError: when it cannot be asked.
    """
    try:
        return await call_in_thread(_look, timeout=_SCAN_TIMEOUT_S)
    except TimeoutError:
        raise SoundSystemSilent from None


def known_input_devices() -> list[InputDevice]:
    """Return the current input devices; none if an error hides them.

    Raises:
        SoundSystemSilent: when the sound system does not answer, which says nothing about devices.
    """
    try:
        return input_devices()
    except SoundSystemSilent:
        raise
    except SourceError:
        return []


async def device_level(
    name: str, seconds: float = 0.2, *, library: "PortAudio | None" = None
) -> float:
    """Measure the level of a device for a moment; several may be measured at once.

    Args:
        name: Name as in `InputDevice.choice`.
        seconds: Seconds of audio to measure, at least one step of 64 ms.
        library: PortAudio; None uses the process's own.

    Returns:
        Highest level of a 64 ms step, 0 to 1.

    Raises:
        SourceError: when the device cannot be opened, is lost, or delivers no audio.
    """
    from deeptone_tui.audio.microphone import Microphone  # noqa: PLC0415  when asked for only

    microphone = Microphone(name, library=library, rescan=False)
    try:
        await microphone.open()
        async with asyncio.timeout(seconds + _START_GRACE_S):
            return await _highest(microphone, round(seconds * SAMPLE_RATE_HZ))
    except TimeoutError as error:
        raise SourceError(f"{name} gives no audio; switch it on or choose another") from error
    finally:
        await microphone.close()


async def _highest(microphone: "Microphone", samples: int) -> float:
    from deeptone_tui.dsp import StepMeter  # noqa: PLC0415  when asked for only

    meter, highest, steps, heard = StepMeter(), 0.0, 0, 0
    async for block in microphone.blocks():
        levels = meter.feed(block.samples)
        heard += len(block.samples)
        steps += len(levels)
        highest = max([highest, *map(float, levels)])
        if steps and heard >= samples:
            break
    return highest
