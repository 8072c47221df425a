"""Messages for PortAudio's errors, and advice for a system without a microphone."""

import errno
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

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
