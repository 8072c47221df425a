"""Parsing of the command line's source argument. Opens nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from deeptone_tui.audio.source import Source, SourceError, SourceKind
from deeptone_tui.core.text import whole_number

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

    sample_rate: int = 16_000
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


def open_source(
    spec: SourceSpec,
    options: SourceOptions = _DEFAULT_OPTIONS,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Source:
    """Construct the source without opening it.

    Args:
        spec: The requested source.
        options: Delivery options.
        clock: Monotonic clock in seconds, which paces files and pipes.

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

            return FileSource(spec.value, options, clock=clock)
        case SourceKind.DEMO:
            from deeptone_tui.audio.file import DemoSource  # noqa: PLC0415  on demand

            return DemoSource(options, clock=clock)
        case SourceKind.STDIN:
            from deeptone_tui.audio.pcm import stdin_source  # noqa: PLC0415  on demand

            return stdin_source(options, clock=clock)
        case SourceKind.TCP:
            from deeptone_tui.audio.tcp import tcp_source  # noqa: PLC0415  on demand

            return tcp_source(*split_address(spec.value), options, clock=clock)
