"""The ``info`` command: facts about machine and program for a bug report, without any key."""

import importlib
import locale
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from deeptone_tui import __version__
from deeptone_tui.cli.errors import RunError
from deeptone_tui.cli.logs import log_file
from deeptone_tui.cli.options import options_named
from deeptone_tui.core.address import LOCAL, AddressError, displayed, parse_endpoint
from deeptone_tui.core.libraries import installed_version, limitations
from deeptone_tui.core.redaction import for_people, to_json
from deeptone_tui.settings import paths
from deeptone_tui.settings.config import ConfigurationError, load_configuration
from deeptone_tui.settings.options import Options

_LIBRARIES: Final = (
    "textual",
    "aiohttp",
    "sounddevice",
    "numpy",
    "click",
    "soundfile",
    "soxr",
    "platformdirs",
    "onnxruntime",
)
_TERMINAL_VARIABLES: Final = ("TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "LANG", "LC_ALL")

Facts = dict[str, object]


def gather(*, profile: str | None = None, configuration: str | None = None) -> dict[str, Facts]:
    """Return every group of facts by its title; a fact that cannot be determined says why."""
    return {
        "versions": _versions(),
        "paths": _paths(configuration),
        "terminal": _terminal(),
        "audio": _audio(),
        "endpoint": _endpoint(profile, configuration),
    }


def _versions() -> Facts:
    found: Facts = {
        "deeptone-tui": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    for name in _LIBRARIES:
        found[name] = installed_version(name) or "not installed"
    for name, limitation in limitations().items():
        found[name] = f"{installed_version(name)}, not checked: {limitation}"
    return found


def _paths(configuration: str | None) -> Facts:
    config = Path(configuration) if configuration else paths.configuration_file()
    state = paths.state_folder()
    crashes = sorted(state.glob("crash-*.log")) if state.is_dir() else []
    return {
        "program": str(Path(__file__).parent.parent),
        "interpreter": sys.executable,
        "configuration": f"{config}{'' if config.exists() else ' (no such file)'}",
        "state": str(state),
        "log": str(log_file()),
        "last crash": str(crashes[-1]) if crashes else None,
    }


def _terminal() -> Facts:
    size = shutil.get_terminal_size()
    streams = {"stdin": sys.stdin, "stdout": sys.stdout, "stderr": sys.stderr}
    facts: Facts = {name: os.environ.get(name) for name in _TERMINAL_VARIABLES}
    facts |= {
        "terminals": ", ".join(
            name for name, it in streams.items() if it is not None and it.isatty()
        )
        or "none",
        "size": f"{size.columns} x {size.lines}",
        "encoding": locale.getpreferredencoding(False),
        "ssh": "SSH_CONNECTION" in os.environ,
        "multiplexer": _multiplexer(),
    }
    return facts


def _multiplexer() -> str | None:
    for variable, name in (("TMUX", "tmux"), ("STY", "screen"), ("ZELLIJ", "zellij")):
        if variable in os.environ:
            return name
    return None


def _audio() -> Facts:
    """Return the facts about PortAudio and the devices, or why there are none."""
    from deeptone_tui.audio import (  # noqa: PLC0415  loads PortAudio
        SoundSystemSilent,
        SourceError,
        input_devices,
    )

    try:
        devices = input_devices()
        library: Any = importlib.import_module("sounddevice")
    except SoundSystemSilent as error:
        return {"portaudio": str(error), "answers": False, "devices": []}
    except SourceError as error:
        return {"portaudio": str(error), "devices": []}
    lines = [
        f"{item.choice}{' (default)' if item.default else ''}: "
        f"{item.host_api}, {item.channels} ch, {item.rate} Hz"
        for item in devices
    ]
    return {"portaudio": library.get_portaudio_version()[1], "devices": lines}


def _endpoint(profile: str | None, configuration: str | None) -> Facts:
    """Return the endpoint that would be used, and its settings."""
    try:
        loaded = load_configuration(Path(configuration) if configuration else None)
        options = loaded.options(profile)
    except ConfigurationError as error:
        return {"configuration": str(error)}
    url = os.environ.get("DEEPTONE_URL") or options.url
    return {
        "used": shown_url(url),
        "key set": _has_key(options),
        "profile": profile or loaded.profile,
        "profiles": ", ".join(sorted(loaded.profiles)) or None,
        "warnings": list(loaded.notices),
    }


def shown_url(url: str | None) -> str:
    """Return an address for display, without query, user and password; an error if invalid."""
    try:
        return displayed(parse_endpoint(url or LOCAL))
    except AddressError as error:
        return f"DEEPTONE_URL: {error}"  # one in the configuration was refused before


def _has_key(options: Options) -> bool:
    said = map(os.environ.get, ("DEEPTONE_API_KEY", "DEEPTONE_API_KEY_FILE"))
    return any((options.api_key, *said))


@click.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of text.")
@options_named("profile", "config")
def command(*, as_json: bool, profile: str | None, configuration: str | None) -> None:
    """Show versions, paths, terminal, audio and endpoint for a bug report.

    An API key is never shown, only whether there is one.
    """
    facts = gather(profile=profile, configuration=configuration)
    if as_json:
        click.echo(to_json(facts, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(map(for_people, as_text(facts).split("\n"))))
    if facts["audio"].get("answers") is False:
        raise RunError(str(facts["audio"]["portaudio"]))


def as_text(facts: Mapping[str, Mapping[str, object]]) -> str:
    """Return each group below its title, each fact on a line; lists run over several lines."""
    width = max(len(name) for group in facts.values() for name in group)
    lines: list[str] = []
    for title, group in facts.items():
        lines += ["", title] if lines else [title]
        for name, value in group.items():
            for number, words in enumerate(_words(value)):
                lines.append(f"  {name if number == 0 else '':<{width}}  {words}")
    return "\n".join(lines)


def _words(value: object) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list):
        return [str(item) for item in value] or ["none"]
    return ["none" if value in (None, "") else str(value)]
