"""Sources of audio: their interface, their values and pace, and how one is specified."""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, runtime_checkable

from deeptone_tui.core.text import clean_name, whole_number
from deeptone_tui.protocol import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from deeptone_tui.dsp import ChannelFigures, Samples

Clock = Callable[[], float]
"""Monotonic clock in seconds, such as ``time.monotonic``."""

Sleep = Callable[[float], Awaitable[None]]
"""Waits for a number of seconds, such as ``asyncio.sleep``."""

Frames: TypeAlias = "npt.NDArray[np.float32]"
"""Samples of all channels where full scale is 1.0, shape (frames, channels)."""


class SourceKind(StrEnum):
    """Kind of an audio source."""

    MICROPHONE = "mic"
    FILE = "file"
    STDIN = "stdin"
    TCP = "tcp"
    DEMO = "demo"


SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108  JACK's own choice


class SourceError(Exception):
    """Failure to open or read a source: one line, what is wrong and what to do."""


class SenderLost(SourceError):  # noqa: N818  named for what happened
    """Sender that cannot be reached or has gone; it may come back later."""


class PortAudioMissing(SourceError):  # noqa: N818  named for what happened
    """The PortAudio library is not installed; the message says how to install it."""


class SoundSystemSilent(SourceError):  # noqa: N818  named for what happened
    """Sound system that accepts calls but does not return from them."""

    def __init__(self, shared_memory: Path = SHARED_MEMORY) -> None:
        remedy = "restart its sound server"
        if (jack := _jack_database(shared_memory)) is not None:
            remedy += f", or remove {jack}, which a killed program may have left locked"
        super().__init__(f"the sound system does not answer; {remedy}")


def _jack_database(shared_memory: Path) -> Path | None:
    """Return the database whose stale lock JACK's library may wait for; None while a server runs.

    PortAudio asks that library whether there is a server, and the library opens a database first. A
    program that is killed meanwhile leaves it locked, and no other program gets past it.
    """
    if sys.platform != "linux":
        return None
    database = shared_memory / f"jack_db-{os.getuid()}"
    server = any(shared_memory.glob(f"jack_*_{os.getuid()}_*"))
    return database if database.is_dir() and not server else None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Description of a source, for display."""

    kind: SourceKind
    name: str
    """Device name, file name, address or ``demo``."""
    detail: str = ""
    """Host API of a device, format of a file; may be empty."""
    rate: int = SAMPLE_RATE_HZ
    """Sample rate in Hz before resampling."""
    live: bool = True
    """True if the audio cannot wait: samples not taken in time are lost, and counted."""
    duration: float | None = None
    """Length in seconds; None if unknown."""

    def __post_init__(self) -> None:
        # Cleaned once for every display: names of files and devices may contain anything.
        object.__setattr__(self, "name", clean_name(self.name))
        object.__setattr__(self, "detail", clean_name(self.detail))


@dataclass(frozen=True, slots=True)
class Block:
    """Audio as it arrives."""

    samples: "Samples"
    lost: int = 0
    """Samples at 16 kHz known to be lost directly before this block."""
    overflowed: bool = False
    """True if PortAudio flagged an input overflow: a hint to count, not a measured loss (PortAudio
    #171)."""


class Source(Protocol):
    """One source of audio. All methods are called from one event loop."""

    @property
    def info(self) -> SourceInfo:
        """Description of this source; complete after ``open``."""
        ...

    async def open(self) -> None:
        """Prepare to deliver.

        Raises:
            SourceError: when it cannot.
        """
        ...

    def blocks(self) -> AsyncIterator[Block]:
        """Yield audio until it ends.

        A live source that is open but silent (a stalled device) yields nothing; the consumer
        decides when that is too long.

        Raises:
            SourceError: when the source is lost (device unplugged, peer failed).
        """
        ...

    async def close(self) -> None:
        """Release everything, within a tenth of a second, in any state."""
        ...


@runtime_checkable
class Seekable(Protocol):
    """Additional interface of a source of known length."""

    @property
    def position(self) -> float:
        """Seconds from the beginning of the source to the next block."""
        ...

    @property
    def paused(self) -> bool:
        """True if delivery is held."""
        ...

    def pause(self) -> None:
        """Hold delivery; ``blocks`` waits."""
        ...

    def resume(self) -> None:
        """Continue from where it was held."""
        ...

    def seek(self, seconds: float) -> None:
        """Continue from another position, clamped to the source's length."""
        ...


def mixed_channels(source: Source | None) -> "ChannelFigures | None":
    """Return the power of each channel and of their mix since a source was opened.

    None for a source that does not mix down: of one channel, or with one selected.
    """
    figures: ChannelFigures | None = getattr(source, "channels", None)
    return figures


_LATEST_S = 10.0
"""Seconds behind the deadline from which lost time is not made up: as much as a microphone's queue
holds. Beyond it, the consumer was stopped rather than late."""


class Pacer:
    """Deadlines ``t0 + n / 16000`` for the n-th sample, so that errors never accumulate.

    A block is due when its last sample would have been captured. A consumer that was late finds the
    next deadlines in the past and catches up at once.
    """

    def __init__(
        self, clock: Clock, sleep: Sleep, *, speed: float = 1.0, head_start: float = 0.0
    ) -> None:
        """Set the pace; the first block starts the clock.

        Args:
            clock: Clock to read.
            sleep: Sleep function to await.
            speed: Seconds of audio per second; slightly more than 1 works off any backlog.
            head_start: Seconds of audio that may run ahead of the clock.
        """
        self._clock = clock
        self._sleep = sleep
        self._rate = SAMPLE_RATE_HZ * speed
        self._head_start = head_start
        self._due: float | None = None

    def restart(self) -> None:
        """Count from now, as after a pause or a seek."""
        self._due = None

    async def wait(self, samples: int) -> None:
        """Wait until the next block of ``samples`` samples at 16 kHz is due."""
        now = self._clock()
        if self._due is None or now - self._due > _LATEST_S:
            self._due = now - self._head_start
        self._due += samples / self._rate
        if self._due > now:
            await self._sleep(self._due - now)


class Undecodable(Exception):  # noqa: N818  it says what the audio is, in a word or two
    """Audio that cannot be decoded from here on; the message is the reason, in few words."""


class ReadInPart(Exception):  # noqa: N818  as above
    """End of the decoder before the end of the audio."""

    def __init__(self, unread: float = 0.0, reason: str = "") -> None:
        """Say what is missing.

        Args:
            unread: Share of the file that was not read, 0 to 1.
            reason: The decoder's reason, if it knows no share.
        """
        super().__init__(unread, reason)
        self.unread, self.reason = unread, reason


class Opening:
    """Handle to interrupt a reader that another thread is opening, which may take forever."""

    def __init__(self) -> None:
        self.stopped = False
        self.interrupts: Callable[[], None] = lambda: None
        """Callback of the reader, which `stop` calls."""

    def stop(self) -> None:
        """Interrupt the reader."""
        self.stopped = True
        self.interrupts()


class SampleReader(Protocol):
    """Reader of one audio file or stream.

    Calls block; ``interrupt`` may be called from another thread.
    """

    rate: int
    """Sample rate in Hz."""
    channels: int
    format: str
    """Format for display."""
    frames: int | None
    """Length in frames; None if only reading finds it."""
    seconds: float | None
    """Length in seconds, perhaps an estimate; None if unknown."""

    def read(self, frames: int) -> Frames:
        """Return the next frames, none at the end. Raises `Undecodable` and `ReadInPart`."""
        ...

    def seek(self, frame: int) -> bool:
        """Continue from another frame; return True if it was reached, else restart.

        Raises `Undecodable` if the format cannot seek.
        """
        ...

    def interrupt(self) -> None:
        """Make a waiting read return."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


_WORDS = {
    "mic": SourceKind.MICROPHONE,
    "demo": SourceKind.DEMO,
    "-": SourceKind.STDIN,
}
_TCP = "tcp://"
_KNOWN = "a source is mic, demo, - (raw PCM on stdin), tcp://HOST:PORT or a file"


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """Requested source, before anything is opened."""

    kind: SourceKind
    value: str = ""
    """Name of the device (empty: the default one), path of the file or ``host:port``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """Delivery options. Each source uses those that concern it and ignores the rest."""

    sample_rate: int = SAMPLE_RATE_HZ
    """Sample rate in Hz of the raw PCM on stdin or TCP; a file and a device know theirs."""
    channel: int | None = None
    """Selected channel, counted from 0 (users count from 1); None mixes down all of a file's."""
    realtime: bool = True
    """True delivers at the pace of the clock, False as fast as blocks are taken (not
    microphones)."""
    loop: bool = False
    """True starts a file or the demo again when it ends."""
    chunk_seconds: float = 0.5
    """Seconds of a file read at a time; also the size of a block that is not paced."""
    stdin_fd: int = 0
    """File descriptor of the raw PCM for ``-``."""


def parse_source(text: str | None) -> SourceSpec:
    """Parse a source as typed; None is the default microphone.

    Only opening it shows whether a file exists or a host answers.

    Raises:
        SourceError: when the text is empty or an invalid address.
    """
    if text is None:
        return SourceSpec(SourceKind.MICROPHONE)
    if text in _WORDS:
        return SourceSpec(_WORDS[text])
    if text.casefold().startswith(_TCP):
        host, port = split_address(text[len(_TCP) :])
        return SourceSpec(SourceKind.TCP, join_address(host, port))
    if not text.strip():
        raise SourceError(f"the source is empty; {_KNOWN}")
    scheme, separator, _ = text.partition("://")
    if separator and scheme.isalpha():
        raise SourceError(f"{scheme}:// is no source of audio; {_KNOWN}")
    return SourceSpec(SourceKind.FILE, text)


def split_address(address: str) -> tuple[str, int]:
    """Split ``host:port`` or ``[ipv6]:port``; the port is 1…65535.

    Raises:
        SourceError: when either is missing or invalid.
    """
    host, separator, port = address.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if bracketed:
        host = host[1:-1]
    usable = host and not host.isspace() and (bracketed or ":" not in host) and "/" not in host
    if not (separator and usable):
        raise SourceError(
            f"tcp://{address} is no address; it is tcp://HOST:PORT, such as tcp://192.168.1.20:7000"
        )
    number = whole_number(port)
    if number is None or not 1 <= number <= 65_535:  # noqa: PLR2004  the range of TCP ports
        raise SourceError(f"tcp://{address} has no usable port; a port is a number 1…65535")
    return host, number


def join_address(host: str, port: int) -> str:
    """Return ``host:port``, with an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


_DEFAULT_OPTIONS = SourceOptions()


def open_source(spec: SourceSpec, options: SourceOptions = _DEFAULT_OPTIONS) -> Source:
    """Construct the source without opening it.

    Raises:
        SourceError: when an address is invalid.
    """
    # Each branch imports its own module: a file needs no PortAudio, a microphone no libsndfile.
    match spec.kind:
        case SourceKind.MICROPHONE:
            from deeptone_tui.audio.microphone import Microphone  # noqa: PLC0415  on demand

            return Microphone(spec.value, channel=options.channel)
        case SourceKind.FILE:
            from deeptone_tui.audio.file import FileSource  # noqa: PLC0415  on demand

            return FileSource(spec.value, options)
        case SourceKind.DEMO:
            from deeptone_tui.audio.file import DemoSource  # noqa: PLC0415  on demand

            return DemoSource(options)
        case SourceKind.STDIN:
            from deeptone_tui.audio.pcm import stdin_source  # noqa: PLC0415  on demand

            return stdin_source(options)
        case SourceKind.TCP:
            from deeptone_tui.audio.pcm import tcp_source  # noqa: PLC0415  on demand

            return tcp_source(*split_address(spec.value), options)
