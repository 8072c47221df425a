"""What the picker of devices asks: which there are, and whether they hear anything."""

import asyncio
import dataclasses
import json
import subprocess
import sys

from deeptone_tui.audio.devices import InputDevice
from deeptone_tui.audio.microphone import Microphone
from deeptone_tui.audio.portaudio import PortAudio
from deeptone_tui.audio.portaudio_process import portaudio
from deeptone_tui.audio.resample import RATE_HZ
from deeptone_tui.audio.source import SoundSystemSilent, SourceError
from deeptone_tui.audio.threads import call_in_thread, call_within
from deeptone_tui.core.process import command_of
from deeptone_tui.dsp import StepMeter

_TIMEOUT = 10.0

ANSWER_TIMEOUT_S = 5.0
"""Seconds that the sound system has to name its devices where a command waits for them."""
_SCAN_TIMEOUT_S = 15.0
"""Seconds that looking for devices may take; the child that looks gives up before."""

_START_GRACE_S = 1.5
"""Seconds beyond the asked ones that a device may take to begin."""


def scan_in_child() -> list[InputDevice]:
    """The input devices as a new process sees them.

    Raises:
        SoundSystemSilent: when it fails or takes too long.
        SourceError: when it says why it cannot look.
    """
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            command_of("deeptone_tui.audio.probe"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=True,
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise SoundSystemSilent from error
    if isinstance(answer, str):
        raise SourceError(answer)
    return [InputDevice(**device) for device in answer]


def main() -> None:
    """The program of that process: prints the devices as a list of JSON, or what is wrong."""
    answer: list[dict[str, object]] | str
    try:
        answer = [dataclasses.asdict(device) for device in portaudio().devices()]
    except SourceError as error:
        answer = str(error)
    json.dump(answer, sys.stdout)


def input_devices(within: float = ANSWER_TIMEOUT_S) -> list[InputDevice]:
    """The input devices there are now. Blocks for up to some seconds: not for an event loop.

    Args:
        within: Seconds that it may take.

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
    """The input devices there are now, however long that takes.

    While a device of ours is open, a child process looks, because looking again in this one
    would end the capture.
    """
    library = portaudio()
    return scan_in_child() if library.frozen else library.devices()


async def look_for_input_devices() -> list[InputDevice]:
    """`input_devices` for an event loop; a sound system that hangs holds up nothing.

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
    """The input devices there are now; none for most reasons there may be not to know.

    Raises:
        SoundSystemSilent: when the sound system does not answer, which says nothing of devices.
    """
    try:
        return input_devices()
    except SoundSystemSilent:
        raise
    except SourceError:
        return []


async def device_level(
    name: str, seconds: float = 0.2, *, library: PortAudio | None = None
) -> float:
    """Listen to a device for a moment; several may be listened to at once.

    Args:
        name: As `InputDevice.choice` has it.
        seconds: How much audio to hear, at least one step of 64 ms.
        library: PortAudio; None is the process's own.

    Returns:
        The highest level of a 64 ms step, 0 to 1.

    Raises:
        SourceError: when it cannot be opened, is lost, or gives no audio.
    """
    microphone = Microphone(name, library=library, rescan=False)
    try:
        await microphone.open()
        async with asyncio.timeout(seconds + _START_GRACE_S):
            return await _highest(microphone, round(seconds * RATE_HZ))
    except TimeoutError as error:
        raise SourceError(f"{name} gives no audio; switch it on or choose another") from error
    finally:
        await microphone.close()


async def _highest(microphone: Microphone, samples: int) -> float:
    meter, highest, steps, heard = StepMeter(), 0.0, 0, 0
    async for block in microphone.blocks():
        levels = meter.feed(block.samples)
        heard += len(block.samples)
        steps += len(levels)
        highest = max([highest, *map(float, levels)])
        if steps and heard >= samples:
            break
    return highest
