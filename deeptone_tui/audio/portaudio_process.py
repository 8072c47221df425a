"""The one PortAudio instance of this process, loaded on first use."""

import atexit
import functools
import importlib
import threading
from typing import Any

from deeptone_tui.audio import sounddevice_private
from deeptone_tui.audio.install_hints import in_words, portaudio_advice
from deeptone_tui.audio.native_stderr import native_stderr_silenced
from deeptone_tui.audio.portaudio import LOCK_TIMEOUT_S, PortAudio
from deeptone_tui.audio.source import SoundSystemSilent, SourceError


class PortAudioMissing(SourceError):  # noqa: N818  named for what happened
    """The PortAudio library is not installed; the message says how to install it."""


_importing = threading.Lock()


def portaudio() -> PortAudio:
    """Return the process's PortAudio, loaded on first use.

    Raises:
        PortAudioMissing: when it is not installed.
        SoundSystemSilent: when its start has not returned.
        SourceError: when it cannot start.
    """
    if not _importing.acquire(timeout=LOCK_TIMEOUT_S):
        raise SoundSystemSilent
    try:
        return _load()
    finally:
        _importing.release()


@functools.cache
def _load() -> PortAudio:
    with native_stderr_silenced():
        try:
            module: Any = importlib.import_module("sounddevice")
        except (OSError, ImportError) as error:
            raise PortAudioMissing(portaudio_advice()) from error
        except Exception as error:  # its PortAudioError cannot be named before it is imported
            raise SourceError(in_words(error, "the sound system")) from error
    library = PortAudio(module)
    if sounddevice_private.is_usable():
        # Its own handler would wait for a hung call; ours does not.
        sounddevice_private.remove_exit_handler(module)
        atexit.register(library.end)
    return library
