"""The ``devices`` command."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from deeptone_tui.cli.columns import aligned

if TYPE_CHECKING:
    from deeptone_tui.audio import InputDevice


@click.command("devices")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def command(*, as_json: bool) -> None:
    """List the input devices, by the names that --device takes.

    Without PortAudio the list is empty and says what to install.
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
    _say(found, str(trouble or ""), as_json=as_json)
    if isinstance(trouble, SoundSystemSilent):
        raise trouble


def _say(found: list["InputDevice"], message: str, *, as_json: bool) -> None:
    """The devices, or why there are none."""
    from deeptone_tui.core.output import for_people, to_json  # noqa: PLC0415  not for --help

    if as_json:
        click.echo(to_json({"devices": [asdict(item) for item in found], "message": message}))
        return
    for line in table(found):
        click.echo(for_people(line))
    if not found:
        click.echo(for_people(message or "no input device on this machine"))
        click.echo("without one: a file, - for stdin, tcp://HOST:PORT, demo")


def table(devices: list["InputDevice"]) -> list[str]:
    """Lines with name, host API, channels and rate in columns; the default is marked."""
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
