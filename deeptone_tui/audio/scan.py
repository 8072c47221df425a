"""Looking for devices in a process of its own, while this one captures."""

import dataclasses
import json
import subprocess
import sys

from deeptone_tui.audio.devices import InputDevice
from deeptone_tui.audio.portaudio_process import portaudio
from deeptone_tui.audio.source import SoundSystemSilent, SourceError
from deeptone_tui.core.process import command_of

_TIMEOUT = 10.0


def scan_in_child() -> list[InputDevice]:
    """The input devices as a new process sees them.

    Raises:
        SoundSystemSilent: when it fails or takes too long.
        SourceError: when it says why it cannot look.
    """
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            command_of("deeptone_tui.audio.scan"),
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
