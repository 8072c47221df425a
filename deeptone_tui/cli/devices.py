"""The ``devices`` command."""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click

from deeptone_tui.core.redaction import for_people, to_json

if TYPE_CHECKING:
    from deeptone_tui.audio import InputDevice


_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_AS_EMOJI: Final = "\N{VARIATION SELECTOR-16}"
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_JOINING_JAMO: Final = range(0x1160, 0x1200)
"""Vowels and final consonants of Hangul, which share the cells of the preceding character."""


def width_of(text: str) -> int:
    """Return the width of a text in cells: 2 for wide letters, 0 for combining and joined ones."""
    if text.isascii():
        return len(text)
    width = last = 0
    joined = False
    for sign in text:
        if sign == _AS_EMOJI and last == 1:
            width, last = width + 1, 2
        elif not joined and not _joins(sign):
            last = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
            width += last
        joined = sign == _JOINER
    return width


def aligned(rows: Sequence[Sequence[str]], *, right: bool = False) -> list[str]:
    """Return the rows as lines with aligned columns.

    Args:
        rows: at least one, all with the same number of cells.
        right: True to right-align all columns but the first.
    """
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        gaps = [" " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            gap + cell if right and index else cell + gap
            for index, (cell, gap) in enumerate(zip(row, gaps, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _joins(sign: str) -> bool:
    """Return True if a character shares the cells of the preceding one, or is invisible."""
    if unicodedata.category(sign) in ("Mn", "Me", "Mc", "Cf"):
        return sign != "\N{SOFT HYPHEN}"
    return ord(sign) in _SKIN_TONES or ord(sign) in _JOINING_JAMO


@click.command("devices")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of a table.")
def command(*, as_json: bool) -> None:
    """List the input devices, by the names that --device accepts.

    Without PortAudio the list is empty, and says what to install.
    """
    from deeptone_tui.audio import (  # noqa: PLC0415  not for --help
        SoundSystemSilent,
        SourceError,
        input_devices,
    )

    found: list[InputDevice] = []
    trouble: SourceError | None = None
    try:
        found = input_devices()
    except SourceError as error:
        trouble = error
    message = str(trouble or "")
    if as_json:
        click.echo(to_json({"devices": [asdict(item) for item in found], "message": message}))
    else:
        for line in table(found):
            click.echo(for_people(line))
        if not found:
            click.echo(for_people(message or "no input device on this machine"))
            click.echo("other sources: a file, - for stdin, tcp://HOST:PORT, demo")
    if isinstance(trouble, SoundSystemSilent):
        raise trouble


def table(devices: list["InputDevice"]) -> list[str]:
    """Return lines with name, host API, channels and rate in columns; ``*`` marks the default."""
    rows = [
        (
            "*" if item.default else " ",
            item.choice,
            item.host_api,
            f"{item.channels} ch",
            f"{item.rate} Hz",
        )
        for item in devices
    ]
    return aligned(rows) if rows else []
