"""The one place that knows which class delivers which kind of source."""

import time
from collections.abc import Callable

from deeptone_tui.audio.source import Source, SourceKind
from deeptone_tui.audio.spec import SourceOptions, SourceSpec, split_address

_DEFAULT_OPTIONS = SourceOptions()


def open_source(
    spec: SourceSpec,
    options: SourceOptions = _DEFAULT_OPTIONS,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Source:
    """Construct the source; nothing is opened before its ``open``.

    Args:
        spec: Which source.
        options: How to deliver it.
        clock: Seconds that only grow, for the pace of files and pipes.

    Raises:
        SourceError: when an address cannot be one.
    """
    # Each branch imports its own: a file needs no PortAudio, a microphone no libsndfile.
    match spec.kind:
        case SourceKind.MICROPHONE:
            from deeptone_tui.audio.microphone import Microphone  # noqa: PLC0415  on demand

            return Microphone(spec.value, channel=options.channel)
        case SourceKind.FILE:
            from deeptone_tui.audio.file import FileSource  # noqa: PLC0415  on demand

            return FileSource(spec.value, options, clock=clock)
        case SourceKind.DEMO:
            from deeptone_tui.audio.demo import DemoSource  # noqa: PLC0415  on demand

            return DemoSource(options, clock=clock)
        case SourceKind.STDIN:
            from deeptone_tui.audio.stdin import stdin_source  # noqa: PLC0415  on demand

            return stdin_source(options, clock=clock)
        case SourceKind.TCP:
            from deeptone_tui.audio.tcp import tcp_source  # noqa: PLC0415  on demand

            return tcp_source(*split_address(spec.value), options, clock=clock)
