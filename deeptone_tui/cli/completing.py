"""Completions of option values and arguments for the shell."""

from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem

_SOURCES: Final = {
    "mic": "the microphone",
    "demo": "a recording of a minute that comes with the program",
    "-": "raw 16-bit PCM on stdin",
    "tcp://": "raw 16-bit PCM from HOST:PORT",
}

_ENDPOINTS: Final = {
    "local": "one that is started here",
    "ws://127.0.0.1:8765/stream": "deeptone-tui serve",
    "wss://api.oto.ai/stream": "the cloud service",
}


def complete_models(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the models not yet named before the last comma."""
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
    """Return the names of the input devices; none if they cannot be listed."""
    from deeptone_tui.audio import SourceError, input_devices  # noqa: PLC0415  as above

    try:
        names = [device.choice or device.name for device in input_devices()]
    except SourceError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_themes(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of the themes."""
    from deeptone_tui.app.themes import theme_names  # noqa: PLC0415  loads Textual

    return [CompletionItem(name) for name in theme_names() if name.startswith(incomplete)]


def complete_profiles(
    context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the profiles of the selected configuration; none if it cannot be read."""
    from deeptone_tui.settings.config import ConfigurationError, load_configuration  # noqa: PLC0415  as above

    named = context.params.get("configuration")
    try:
        found = load_configuration(None if named is None else Path(named))
    except ConfigurationError:
        return []
    return [
        CompletionItem(name, help=options.device)
        for name, options in found.profiles.items()
        if name.startswith(incomplete)
    ]


def complete_addresses(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the predefined endpoint addresses."""
    return [
        CompletionItem(address, help=words)
        for address, words in _ENDPOINTS.items()
        if address.startswith(incomplete)
    ]


def complete_sources(
    _context: click.Context, _argument: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of the sources, and let the shell complete files."""
    named = [
        CompletionItem(name, help=words)
        for name, words in _SOURCES.items()
        if name.startswith(incomplete)
    ]
    if incomplete.startswith("tcp:"):
        return named
    return [*named, CompletionItem(incomplete, type="file")]
