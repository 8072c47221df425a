"""A PortAudio that refuses, loses and hangs on demand: what no virtual device can be made to do."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt


class FakePortAudioError(Exception):
    """With the arguments of sounddevice's: text, code and host error."""


@dataclass
class FakeDevice:
    """One input device and its moods."""

    name: str = "Desk Mic"
    host_api: str = "ALSA"
    channels: int = 1
    rate: int = 48_000
    rates: tuple[int, ...] = (16_000,)
    """Rates it opens at; others are refused with -9997."""
    mono: bool = True
    """Whether it opens with fewer channels than it has; else -9998."""
    error: tuple[object, ...] | None = None
    """Arguments of the error that opening ends with."""
    hangs: threading.Event | None = None
    """Closing waits for it."""
    opening: threading.Event | None = None
    """Opening waits for it."""


@dataclass
class FakeStream:
    """A stream whose callbacks the test makes."""

    device: FakeDevice
    samplerate: int
    channels: int
    blocksize: int
    callback: Callable[[bytes, int, object, object], None]
    finished_callback: Callable[[], None]
    active: bool = False
    calls: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        self.active = True
        self.calls.append("start")

    def abort(self) -> None:
        """End, with the callback PortAudio makes then."""
        self.calls.append("abort")
        if self.device.hangs is not None:
            self.device.hangs.wait(10)
        if self.active:
            self.active = False
            self.finished_callback()

    def close(self) -> None:
        """Release."""
        self.calls.append("close")
        self.active = False

    def stop(self) -> None:
        """Must never be called: the real one waits for data."""
        raise AssertionError("stop() hangs on a stalled device")

    def deliver(self, samples: npt.NDArray[np.int16], *, overflow: bool = False) -> None:
        """Call back with samples, from a thread of its own as PortAudio does."""
        status = SimpleNamespace(input_overflow=overflow)
        frames = len(samples) // self.channels
        arguments = (memoryview(samples.tobytes()), frames, None, status)
        thread = threading.Thread(target=self.callback, args=arguments)
        thread.start()
        thread.join()

    def vanish(self) -> None:
        """End by itself, as an unplugged device."""
        self.active = False
        thread = threading.Thread(target=self.finished_callback)
        thread.start()
        thread.join()


class FakeLibrary:
    """Stands for the module ``sounddevice``."""

    def __init__(self, *devices: FakeDevice, default: int = 0) -> None:
        self.devices = list(devices)
        self.default = default
        self.streams: list[FakeStream] = []
        self.scans = 0
        self.ended = 0
        self.initialized = True
        self.starts = True
        """False to fail to start, as where the sound server is down."""
        self.PortAudioError: type[Exception] = FakePortAudioError
        self.RawInputStream: Callable[..., FakeStream] = self._open

    @property
    def stream(self) -> FakeStream:
        """The stream opened last."""
        return self.streams[-1]

    def query_devices(self, device: int | None = None, kind: str | None = None) -> object:
        """All devices, or the default one of a kind."""
        assert device is None
        if kind is not None:
            if not 0 <= self.default < len(self.devices):
                raise FakePortAudioError("Error querying device -1")
            return {"index": self.default}
        return [
            {
                "name": known.name,
                "hostapi": self._apis().index(known.host_api),
                "max_input_channels": known.channels,
                "default_samplerate": float(known.rate),
            }
            for known in self.devices
        ]

    def query_hostapis(self) -> object:
        """All host APIs."""
        return tuple({"name": name} for name in self._apis())

    def _apis(self) -> list[str]:
        return list(dict.fromkeys(device.host_api for device in self.devices))

    def _open(self, **wanted: object) -> FakeStream:
        index = wanted.pop("device")
        assert isinstance(index, int)
        assert wanted.pop("dtype") == "int16"
        device = self.devices[index]
        if device.opening is not None:
            device.opening.wait(10)
        if device.error is not None:
            raise FakePortAudioError(*device.error)
        if wanted["channels"] != device.channels and not device.mono:
            raise FakePortAudioError("Invalid number of channels", -9998)
        if wanted["samplerate"] not in device.rates:
            raise FakePortAudioError("Invalid sample rate", -9997)
        self.streams.append(FakeStream(device, **wanted))  # type: ignore[arg-type]
        return self.stream

    def _initialize(self) -> None:
        if not self.starts:
            raise FakePortAudioError("Error initializing PortAudio")
        self.initialized = True
        self.scans += 1

    def _terminate(self) -> None:
        assert not any(stream.active for stream in self.streams), "this ends open streams"
        if not self.initialized:
            raise FakePortAudioError("PortAudio not initialized")
        self.initialized = False
        self.ended += 1


def interleaved(channels: Iterable[npt.NDArray[np.int16]]) -> npt.NDArray[np.int16]:
    """Samples of several channels as a device delivers them."""
    return np.stack(list(channels), axis=1).reshape(-1)
