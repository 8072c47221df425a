"""What the shell offers for a value that has been begun."""

from typing import Final

import click
from click.shell_completion import CompletionItem

_SOURCES: Final = {
    "mic": "the microphone",
    "demo": "a recording of a minute that comes with the program",
    "-": "raw 16-bit PCM on stdin",
    "tcp://": "raw 16-bit PCM from HOST:PORT",
}


def complete_models(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The models that are not yet named before the last comma."""
    from deeptone_tui.protocol import CATALOGUE  # noqa: PLC0415  only when completing

    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [
        CompletionItem(before + comma + name, help=model.summary)
        for name, model in CATALOGUE.items()
        if name.startswith(last) and name not in taken
    ]


def complete_devices(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of the input devices there are; none where PortAudio is missing."""
    from deeptone_tui.audio import SourceError, input_devices  # noqa: PLC0415  as above

    try:
        names = [device.name for device in input_devices()]
    except SourceError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_sources(
    _context: click.Context, _argument: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of the sources, and files."""
    named = [
        CompletionItem(name, help=words)
        for name, words in _SOURCES.items()
        if name.startswith(incomplete)
    ]
    return [*named, CompletionItem(incomplete, type="file")]
