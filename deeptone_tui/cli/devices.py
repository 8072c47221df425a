"""The ``devices`` command."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from deeptone_tui.core.redaction import for_people, to_json

if TYPE_CHECKING:
    from deeptone_tui.audio import InputDevice


def aligned(rows: Sequence[Sequence[str]], *, right: bool = False) -> list[str]:
    """Return the rows as lines with aligned columns.

    Args:
        rows: at least one, all with the same number of cells.
        right: True to right-align all columns but the first.
    """
    from rich.cells import cell_len  # noqa: PLC0415  not for --help

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        gaps = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            gap + cell if right and index else cell + gap
            for index, (cell, gap) in enumerate(zip(row, gaps, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


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
