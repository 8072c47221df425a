"""Typed access to the one PortAudio of this process: one call at a time, errors in words.

PortAudio is not thread-safe, its list of devices is frozen when it is initialised, and scanning
again ends every open stream. So all of the program's calls go through one `PortAudio`, which knows
whether a stream is open.
"""

import atexit
import contextlib
import functools
import importlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from deeptone_tui.audio import sounddevice_private
from deeptone_tui.audio.devices import (
    INVALID_CHANNEL_COUNT,
    INVALID_SAMPLE_RATE,
    InputDevice,
    code_of,
    find_device,
    in_words,
    no_device_advice,
    portaudio_advice,
    with_choices,
)
from deeptone_tui.audio.native_stderr import native_stderr_silenced
from deeptone_tui.audio.source import PortAudioMissing, SoundSystemSilent, SourceError
from deeptone_tui.protocol import SAMPLE_RATE_HZ

Receive = Callable[[bytes, int, bool], None]
"""Receives interleaved 16-bit samples, the number of frames, and True if an overflow was
flagged."""

BLOCKS_PER_SECOND = 50
"""Blocks of 20 ms; with a block size of 0 some host APIs deliver a few samples at a time."""

LOCK_TIMEOUT_S = 3.0
"""Seconds that one call waits for another; a call that takes longer counts as hung."""
_FRESH_S = 0.5
"""Seconds for which a device scan counts as fresh."""


class InputStream:
    """An open capture stream of a device."""

    def __init__(
        self,
        portaudio: "PortAudio",
        stream: Any,  # noqa: ANN401  sounddevice ships no types
        device: InputDevice,
        rate: int,
        channels: int,
    ) -> None:
        self.device = device
        self.rate = rate
        """Sample rate in Hz: 16 kHz if the device allows."""
        self.channels = channels
        """Number of interleaved channels in the received data."""
        self._portaudio = portaudio
        self._stream = stream

    def is_active(self) -> bool:
        """Return True if PortAudio reports it active; some host APIs show the end only this way."""
        with self._portaudio.calling():
            return self._stream is not None and bool(self._stream.active)

    def close(self) -> None:
        """Stop the stream and release the device; may hang if the sound server died."""
        with self._portaudio.calling():
            stream, self._stream = self._stream, None
            if stream is not None:
                stream.abort()  # not stop(), which waits for data
                stream.close()
                self._portaudio.stream_closed()

    def lost(self) -> None:
        """Report that the device has gone by itself."""
        self._portaudio.stream_lost(self.device)


class PortAudio:
    """The PortAudio library; one instance per process."""

    def __init__(
        self,
        library: Any,  # noqa: ANN401  the module sounddevice, which ships no types
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._clock = clock
        self._lock = threading.RLock()
        self._streams = 0
        self._scanned = clock()
        self._unsafe_to_end = False

    @contextlib.contextmanager
    def calling(self) -> Iterator[None]:
        """Hold the library exclusively, and keep its messages off the screen.

        Raises:
            SoundSystemSilent: when another call hangs in it.
        """
        if not self._lock.acquire(timeout=LOCK_TIMEOUT_S):
            raise SoundSystemSilent
        try:
            with native_stderr_silenced():
                yield
        finally:
            self._lock.release()

    @property
    def frozen(self) -> bool:
        """True if refreshing the device list would end a stream or could abort the process."""
        return self._streams > 0 or self._unsafe_to_end

    def devices(self) -> list[InputDevice]:
        """Return the input devices, as fresh as ``frozen`` allows."""
        with self.calling():
            self._rescan()
            return [device for _, device in self._listed()]

    def open_input(
        self,
        wanted: str,
        channels: int,
        receive: Receive,
        ended: Callable[[], None],
        *,
        rescan: bool = True,
    ) -> InputStream:
        """Capture from a device, at 16 kHz or at its own rate.

        Args:
            wanted: Name of the device; empty selects the default one.
            channels: Number of channels needed.
            receive: Called in PortAudio's thread with every block.
            ended: Called in PortAudio's thread when the stream has ended, by us or not.
            rescan: True to look for devices plugged in since.

        Raises:
            SourceError: when the device cannot be opened.
        """
        with self.calling():
            if rescan:
                self._rescan()
            try:
                index, device = self._found(wanted)
                stream = self._open(index, device, channels, receive, ended)
            except SourceError:
                self._scanned = -math.inf  # the next attempt needs a fresh list
                raise
            self._streams += 1
            return stream

    def stream_closed(self) -> None:
        """Count one open stream fewer."""
        self._streams -= 1

    def stream_lost(self, device: InputDevice) -> None:
        """Mark the device list as stale and, for JACK, PortAudio as unsafe to end."""
        self._scanned = -math.inf
        if device.host_api.startswith("JACK"):  # with its server dead, ending aborts the process
            self._unsafe_to_end = True

    def end(self) -> None:
        """End open streams at process exit, unless a call hangs or ending may abort the process."""
        if self._streams == 0 or self._unsafe_to_end or not self._lock.acquire(timeout=0.05):
            return
        with native_stderr_silenced(), contextlib.suppress(self._library.PortAudioError):
            sounddevice_private.terminate(self._library)
        self._lock.release()

    def _rescan(self) -> None:
        if self.frozen or self._clock() - self._scanned < _FRESH_S:
            return
        if not sounddevice_private.is_usable():  # devices are those of the start
            return
        try:
            sounddevice_private.restart(self._library)
        except self._library.PortAudioError as error:
            raise SourceError(in_words(error, "the sound system")) from error
        self._scanned = self._clock()

    def _listed(self) -> list[tuple[int, InputDevice]]:
        """Return index and device for all devices with an input."""
        library = self._library
        try:
            apis = [str(api["name"]) for api in library.query_hostapis()]
            every = list(library.query_devices())
        except library.PortAudioError as error:
            raise SourceError(in_words(error, "the sound system")) from error
        try:
            default = int(library.query_devices(kind="input")["index"])
        except (library.PortAudioError, ValueError):
            default = -1
        indexes = [i for i, device in enumerate(every) if device["max_input_channels"] > 0]
        devices = with_choices(
            [
                InputDevice(
                    name=str(every[i]["name"]),
                    host_api=apis[every[i]["hostapi"]],
                    channels=int(every[i]["max_input_channels"]),
                    rate=int(every[i]["default_samplerate"]),
                    default=i == default,
                )
                for i in indexes
            ]
        )
        return list(zip(indexes, devices, strict=True))

    def _found(self, wanted: str) -> tuple[int, InputDevice]:
        listed = self._listed()
        if not listed:
            raise SourceError(no_device_advice())
        return listed[find_device([device for _, device in listed], wanted)]

    def _open(
        self,
        index: int,
        device: InputDevice,
        channels: int,
        receive: Receive,
        ended: Callable[[], None],
    ) -> InputStream:
        """Open as requested, then at the device's own rate, then with all of its channels."""

        def callback(data: Any, frames: int, _time: object, status: Any) -> None:  # noqa: ANN401  a C buffer, flags
            receive(bytes(data), frames, bool(status.input_overflow))

        if channels > device.channels:
            raise SourceError(
                f"{device.name} has no channel {channels}; it has {device.channels}, counted from 1"
            )
        rate = SAMPLE_RATE_HZ
        while True:
            try:
                stream = self._library.RawInputStream(
                    samplerate=rate,
                    channels=channels,
                    dtype="int16",
                    blocksize=rate // BLOCKS_PER_SECOND,
                    device=index,
                    callback=callback,
                    finished_callback=ended,
                )
                self._start(stream)
            except self._library.PortAudioError as error:
                code = code_of(error)
                if code == INVALID_SAMPLE_RATE and rate != device.rate:
                    rate = device.rate
                elif code == INVALID_CHANNEL_COUNT and channels != device.channels:
                    channels = device.channels
                else:
                    raise SourceError(in_words(error, device.name)) from error
            else:
                return InputStream(self, stream, device, rate, channels)

    def _start(self, stream: Any) -> None:  # noqa: ANN401  as above
        try:
            stream.start()
        except self._library.PortAudioError:
            stream.close()
            raise


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
