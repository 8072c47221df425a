"""PortAudio's error codes, in words for people."""

import errno
import sys

INVALID_SAMPLE_RATE = -9997
INVALID_CHANNEL_COUNT = -9998
_DEVICE_UNAVAILABLE = -9985
_INVALID_DEVICE = -9996
_BAD_COMBINATION = -9993
"""What ALSA devices of a sound server that has ended come to."""
_UNANTICIPATED_HOST_ERROR = -9999

_DENIED = frozenset({errno.EACCES, errno.EPERM})
_GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ECONNREFUSED})
_HAS_HOST_ERROR = 3


def code_of(error: Exception) -> int | None:
    """The ``PaErrorCode``, where PortAudio gave one."""
    return error.args[1] if len(error.args) > 1 else None


def in_words(error: Exception, name: str) -> str:
    """One line: what is wrong with the device and what to do.

    Args:
        error: A ``sounddevice.PortAudioError``; its arguments are text, code and host error.
        name: Of the device.
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
    """The system's error number behind an unanticipated host error (ALSA negates it)."""
    if code_of(error) == _UNANTICIPATED_HOST_ERROR and len(error.args) >= _HAS_HOST_ERROR:
        return abs(int(error.args[2][1]))
    return None


def _permission() -> str:
    if sys.platform == "darwin":
        return "allow it in System Settings, Privacy & Security, Microphone"
    return "sudo usermod -aG audio $USER, then log in again"
