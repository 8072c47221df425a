"""Input devices as values, the lookup of one by name, and what to do without one. Opens nothing."""

import dataclasses
import errno
import os
import platform
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeptone_tui.audio.source import SourceError
from deeptone_tui.core.text import clean_name, nearest

INVALID_SAMPLE_RATE = -9997
INVALID_CHANNEL_COUNT = -9998
_DEVICE_UNAVAILABLE = -9985
_INVALID_DEVICE = -9996
_BAD_COMBINATION = -9993
"""Error of ALSA devices whose sound server has ended."""
_UNANTICIPATED_HOST_ERROR = -9999

_DENIED = frozenset({errno.EACCES, errno.EPERM})
_GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ECONNREFUSED})
_HAS_HOST_ERROR = 3

_BY_FAMILY = {
    "debian": "sudo apt install libportaudio2",
    "ubuntu": "sudo apt install libportaudio2",
    "raspbian": "sudo apt install libportaudio2",
    "fedora": "sudo dnf install portaudio",
    "rhel": "sudo dnf install epel-release && sudo dnf install portaudio",
    "centos": "sudo dnf install epel-release && sudo dnf install portaudio",
    "arch": "sudo pacman -S portaudio",
    "alpine": "sudo apk add portaudio",
    "suse": "sudo zypper install libportaudio2",
    "opensuse": "sudo zypper install libportaudio2",
    "gentoo": "sudo emerge media-libs/portaudio",
    "void": "sudo xbps-install portaudio",
    "nixos": "nix-shell -p portaudio",
}
"""Install command by the ``ID`` or ``ID_LIKE`` of os-release."""

_BY_PLATFORM = {
    "darwin": "brew install portaudio",
    "win32": "pip install --force-reinstall sounddevice",
}

_CARD_NUMBER = re.compile(r"\s*\(hw:\d+,\d+\)")
"""ALSA's card number in a device name; it changes when another card is plugged in first."""
_NAMED = 6
"""Number of devices that an error message lists."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A device that can be captured from."""

    name: str
    """Name as the host API gives it; two devices may have the same."""
    host_api: str
    """``ALSA``, ``Core Audio``, ``JACK Audio Connection Kit``, …"""
    channels: int
    """Maximum number of input channels."""
    rate: int
    """The device's own sample rate in Hz; capture runs at 16 kHz if the device allows."""
    default: bool = False
    """True if capture uses it when no device is named."""
    choice: str = ""
    """Unique name to select it by: the name, with host API and number if that alone is not
    unique."""

    def __post_init__(self) -> None:
        # Devices are opened by their number: the name is only for display.
        object.__setattr__(self, "name", clean_name(self.name))
        object.__setattr__(self, "host_api", clean_name(self.host_api))


def with_choices(devices: Sequence[InputDevice]) -> list[InputDevice]:
    """Fill in ``choice`` so that no two devices have the same."""
    names = Counter(device.name for device in devices)
    pairs = Counter((device.name, device.host_api) for device in devices)
    seen: Counter[tuple[str, str]] = Counter()
    chosen = []
    for device in devices:
        choice, pair = device.name, (device.name, device.host_api)
        seen[pair] += 1
        if names[device.name] > 1:
            choice = f"{device.name}, {device.host_api}"
        if pairs[pair] > 1:
            choice += f" #{seen[pair]}"
        chosen.append(dataclasses.replace(device, choice=choice))
    return chosen


def find_device(devices: Sequence[InputDevice], wanted: str) -> int:
    """Return the index of the device that a name means.

    In order: its exact name, choice or ``name, host API``; the same without regard to case; the
    same without ALSA's card number; a part that only one choice contains. If several share a name,
    the default device takes precedence, then one of the default device's host API, then the first.

    Args:
        devices: All devices, with choices; at least one.
        wanted: A name, or empty for the default device.

    Returns:
        The index in ``devices``.

    Raises:
        SourceError: when the name means none; it names the nearest one and lists those present.
    """
    wanted = clean_name(wanted)
    if not wanted:
        return _preferred(devices, range(len(devices)))
    for form in (str, str.casefold, _without_card):
        matching = [
            i for i, device in enumerate(devices) if form(wanted) in map(form, _names(device))
        ]
        if matching:
            return _preferred(devices, matching)
    part = wanted.casefold()
    matching = [i for i, device in enumerate(devices) if part in device.choice.casefold()]
    if len(matching) == 1:
        return matching[0]
    raise SourceError(_not_found([device.choice for device in devices], wanted, matching))


def _names(device: InputDevice) -> tuple[str, str, str]:
    return device.name, device.choice, f"{device.name}, {device.host_api}"


def _without_card(name: str) -> str:
    return _CARD_NUMBER.sub("", name).casefold()


def _preferred(devices: Sequence[InputDevice], among: Sequence[int]) -> int:
    api = next((device.host_api for device in devices if device.default), None)
    return min(among, key=lambda i: (not devices[i].default, devices[i].host_api != api, i))


def _not_found(choices: Sequence[str], wanted: str, matching: Sequence[int]) -> str:
    if matching:
        several = _listed([choices[i] for i in matching])
        return f"“{wanted}” could be any of {several}; write more of the name"
    near = nearest(wanted, choices)
    guess = f"; did you mean “{near}”?" if near else "."
    return f"there is no input device “{wanted}”{guess} There are: {_listed(choices)}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def code_of(error: Exception) -> int | None:
    """Return the ``PaErrorCode``; None if PortAudio gave none."""
    return error.args[1] if len(error.args) > 1 else None


def in_words(error: Exception, name: str) -> str:
    """Return one line: what is wrong with the device and what to do.

    Args:
        error: A ``sounddevice.PortAudioError``; its arguments are text, code and host error.
        name: Name of the device.
    """
    code, number = code_of(error), _host_error(error)
    if code == _DEVICE_UNAVAILABLE or number == errno.EBUSY:
        return f"{name} is in use by another program; close that one or choose another device"
    if number in _DENIED:
        return f"{name} may not be used by this user; {_permission()}"
    if code in {_INVALID_DEVICE, _BAD_COMBINATION} or number in _GONE:
        return f"{name} does not answer: unplugged, or its sound server has ended; plug it in again"
    reason = str(error.args[0] if error.args else error) or type(error).__name__
    reason = reason.removeprefix("Error opening RawInputStream: ").removeprefix(
        "Error starting stream: "
    )
    return f"{name} cannot be used ({reason}); choose another device"


def _host_error(error: Exception) -> int | None:
    """Return the system's number of an unanticipated host error, which ALSA negates; or None."""
    if code_of(error) == _UNANTICIPATED_HOST_ERROR and len(error.args) >= _HAS_HOST_ERROR:
        return abs(int(error.args[2][1]))
    return None


def _permission() -> str:
    if sys.platform == "darwin":
        return "allow it in System Settings, Privacy & Security, Microphone"
    return "sudo usermod -aG audio $USER, then log in again"


def portaudio_command(system: str, release: Mapping[str, str]) -> str | None:
    """Return the command that installs PortAudio; None for an unknown system.

    Args:
        system: Value of ``sys.platform``.
        release: Fields of os-release; empty on other systems than Linux.
    """
    if system in _BY_PLATFORM:
        return _BY_PLATFORM[system]
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    # Of names such as "opensuse-leap", the part before the dash is the family.
    candidates = [form for name in names for form in (name, name.partition("-")[0])]
    return next((_BY_FAMILY[name] for name in candidates if name in _BY_FAMILY), None)


def portaudio_advice() -> str:
    """Return one line for this system: what is missing and what to do about it."""
    try:
        release: Mapping[str, str] = platform.freedesktop_os_release()
    except OSError:
        release = {}
    command = portaudio_command(sys.platform, release)
    how = f"install it: {command}" if command else "install the PortAudio library of your system"
    return f"microphones need PortAudio, which is missing here; {how}"


def no_device_advice(sound_devices: Path = Path("/dev/snd")) -> str:
    """Return one line for a system on which no input device was found.

    Args:
        sound_devices: Directory of Linux's sound devices.
    """
    if sys.platform == "linux" and _locked(sound_devices):
        return (
            f"no input device was found: this user may not use {sound_devices}; "
            "sudo usermod -aG audio $USER, then log in again"
        )
    return (
        "no input device was found; plug one in and rescan, or use a file, demo, - or "
        "tcp://HOST:PORT"
    )


def _locked(folder: Path) -> bool:
    try:
        captures = list(folder.glob("pcm*c"))
    except OSError:
        return False
    return bool(captures) and not any(os.access(path, os.R_OK | os.W_OK) for path in captures)
