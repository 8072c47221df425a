"""The threshold in force: what keeps it for the next start, and its forms for other programs. Pure.

The forms are those of DeepTone's documentation (its sox line for a microphone, the line of its
Python scripts that opens the stream) and this program's own (environment, profile). A key is in
none of them: where one is needed the documentation's placeholder stands.
"""

import json
import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.core.address import LOCAL, PLACEHOLDER, exported, holds_secret, on_loopback
from deeptone_tui.protocol import SAMPLE_RATE_HZ, StreamParameters
from deeptone_tui.settings.config import Configuration
from deeptone_tui.settings.options import OPTIONS, PARAMETERS, Options, flag_of, variable_of

SERVE_URL = "ws://127.0.0.1:8765/stream"
"""Where ``deeptone-tui serve`` listens when nothing else is said."""

_CAPTURE = (
    f"sox -q -d -t raw -b 16 -r {SAMPLE_RATE_HZ} -e signed -c 1 -"  # as the documentation has it
)
_SYSTEM_DEFAULTS = frozenset({"", "default", "sysdefault"})
_HARDWARE = re.compile(r"\((hw:[^()]+)\)\s*$")

PROGRAM = "deeptone-tui"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """What was tuned, and for which endpoint and device.

    The lines send 16 kHz, whatever rate the monitor was given.
    """

    parameters: StreamParameters
    """With the threshold that is in force."""
    url: str | None = None
    """Address of the endpoint; None for the one that this program runs for itself. Its port and
    key are others in each run, so the lines name the one of ``deeptone-tui serve``."""
    has_key: bool = False
    """Whether a key is in use; a loopback endpoint without one needs none in the lines either."""
    device: str = ""
    """Name of the microphone; empty where it is none, or the default one."""
    host_api: str = ""
    """PortAudio's host API of it, such as ``ALSA``."""

    @property
    def query(self) -> str:
        """The query of the stream's address."""
        return replace(self.parameters, sample_rate=SAMPLE_RATE_HZ).to_query()

    @property
    def address(self) -> str:
        """The endpoint without the query of parameters; no key, no user, no password."""
        return exported(self.url or SERVE_URL)

    @property
    def full_url(self) -> str:
        """Address and query."""
        return f"{self.address}{'&' if '?' in self.address else '?'}{self.query}"

    @property
    def needs_key(self) -> bool:
        """Whether the lines have to show a key."""
        if self.has_key or not on_loopback(self.address):
            return True
        return self.url is not None and holds_secret(self.url)

    @property
    def shell_line(self) -> str:
        """The documentation's microphone line: sox into websocat."""
        listen = f"websocat {shlex.quote(self.full_url)} -b"
        if self.needs_key:
            listen += f" -H {shlex.quote(f'X-Api-Key: {PLACEHOLDER}')}"
        return f"{self._sox_device}{_CAPTURE} | {listen}"

    @property
    def sox_hears_the_device(self) -> bool:
        """Whether the shell line captures the microphone that was tuned, as far as is known."""
        return self.device in _SYSTEM_DEFAULTS or bool(self._sox_device)

    @property
    def _sox_device(self) -> str:
        """What sox reads to listen to the same device; empty for the default input."""
        if self.device in _SYSTEM_DEFAULTS:
            return ""
        if self.host_api == "ALSA":
            # "USB Audio: - (hw:1,0)" is hardware, which takes the rates that it likes only;
            # ALSA's plug in front of it takes all. Any other name is one of ALSA's own.
            found = _HARDWARE.search(self.device)
            name = f"plug{found[1]}" if found else self.device
            return f"AUDIODRIVER=alsa AUDIODEV={shlex.quote(name)} "
        if self.host_api == "Core Audio":
            return f"AUDIODRIVER=coreaudio AUDIODEV={shlex.quote(self.device)} "
        return ""

    @property
    def python_line(self) -> str:
        """The line of the documentation's Python scripts that opens the stream.

        The key is the script's own variable ``API_KEY``.
        """
        opening = "ws = websocket.WebSocketApp("
        arguments = [json.dumps(self.full_url)]
        if self.needs_key:
            arguments.append("header={'X-API-KEY': API_KEY}")
        arguments += ["on_message=on_message", "on_error=on_error", "on_close=on_close"]
        return opening + f",\n{' ' * len(opening)}".join(arguments) + ")"

    @property
    def environment_lines(self) -> str:
        """The variables that this program reads, for a shell.

        The program's own endpoint is ``local`` here: whoever reads this starts one too.
        """
        options = self.options()
        url = LOCAL if self.url is None else self.address
        key = PLACEHOLDER if self.needs_key else None
        said = {name: getattr(options, name) for name in OPTIONS} | {"url": url, "api_key": key}
        return "\n".join(
            f"export {variable_of(name)}={shlex.quote(OPTIONS[name].kind.to_text(value))}"
            for name, value in said.items()
            if value is not None
        )

    def options(self) -> Options:
        """The same as options of a profile; never a key.

        An address that would not work without its secrets is left out.
        """
        kept = None if PLACEHOLDER in self.address else self.address
        return Options(
            url=LOCAL if self.url is None else kept,
            models=self.parameters.models,
            output_period=self.parameters.output_period,
            volume_threshold=self.parameters.volume_threshold,
            include_raw_values=self.parameters.include_raw_values or None,
            device=self.device or None,
        )


def profile_name(device: str) -> str:
    """A name for the profile of a device: ``usb-audio-codec`` for ``USB Audio CODEC: - (hw:1,0)``.

    ``tuned`` where there is nothing to call it by.
    """
    bare = _HARDWARE.sub("", device).casefold()
    return re.sub(r"[^\w]+", "-", bare).strip("-_")[:32].rstrip("-_") or "tuned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the program was started with, and would be started with again."""

    parameters: StreamParameters = field(default_factory=StreamParameters)
    """As they were at the start, from whatever way."""
    said: frozenset[str] = frozenset()
    """Names of the options that command line or environment set."""
    profile: str | None = None
    """Name of the profile that was asked for."""
    configuration: Path | None = None
    """The configuration that was asked for; None for the one in the usual place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a threshold is kept, and how a start comes to it."""

    where: str
    """In words; empty where nothing keeps it."""
    profile: str | None = None
    """The profile to be named on the command line; None where that is not needed."""
    options: Options = field(default=Options())
    """What such a start goes by of itself."""


def kept(
    tuned: ExportSettings, start: Start, configuration: Configuration, written: Collection[str] = ()
) -> Kept:
    """Tell what keeps the threshold in force.

    Args:
        tuned: what is in force.
        start: how the program was started.
        configuration: as it is now.
        written: names of profiles that were written in this run.
    """
    threshold = tuned.parameters.volume_threshold
    usual = configuration.profile_of(start.profile, tuned.device or None)
    for name in dict.fromkeys([usual, *written]):
        profile = configuration.profiles.get(name or "")
        if name is not None and profile is not None and profile.volume_threshold == threshold:
            named = name if name == start.profile or name != usual else None
            where = f"saved in profile {name} ({configuration.path})"
            return Kept(where=where, profile=named, options=configuration.options(name))
    options = configuration.options(usual)
    found = Kept(where="", profile=start.profile, options=options)
    if options.volume_threshold is not None:
        same = options.volume_threshold == threshold
        found = replace(found, where=f"set in {configuration.path}" if same else "")
    elif threshold == StreamParameters().volume_threshold:
        found = replace(found, where="the default")
    given = "volume_threshold" in start.said and start.parameters.volume_threshold == threshold
    return replace(found, where="as it was given at the start") if given else found


def start_line(tuned: ExportSettings, source: SourceSpec, found: Kept, start: Start) -> str:
    """The line that starts the program with what is in force; never a key.

    Args:
        tuned: what is in force.
        source: what is listened to.
        found: what such a start goes by of itself; the line says what differs from it.
        start: how this run was started.
    """
    words = [PROGRAM, *_source_words(tuned, source)]
    if start.configuration is not None:
        words += ["--config", str(start.configuration)]
    if found.profile is not None:
        words += ["--profile", found.profile]
    wanted, there = tuned.parameters, found.options
    if (tuned.url or LOCAL) != (there.url or LOCAL):
        words += ["--url", LOCAL if tuned.url is None else tuned.address]
    base = there.parameters()
    for name in PARAMETERS:
        value = getattr(wanted, name)
        if value == getattr(base, name):
            continue
        if isinstance(value, bool):
            words.append(flag_of(name if value else f"no_{name}"))
        else:
            words += [flag_of(name), OPTIONS[name].kind.to_text(value)]
    return shlex.join(words)


def _source_words(tuned: ExportSettings, source: SourceSpec) -> list[str]:
    """The source as the command line takes it."""
    match source.kind:
        case SourceKind.MICROPHONE:
            return ["--device", tuned.device] if tuned.device else ["mic"]
        case SourceKind.STDIN:
            return ["-"]
        case SourceKind.TCP:
            return [f"tcp://{source.value}"]
        case SourceKind.DEMO:
            return ["demo"]
    return [source.value]


def free_name(proposed: str, configuration: Configuration, own: str | None) -> str:
    """A name for a device's profile that replaces no other device's.

    Args:
        proposed: what it would be called.
        configuration: as it is now.
        own: the profile that the device has; it is replaced.
    """
    if own is not None:
        return own
    name, number = proposed, 1
    while name in configuration.profiles:
        number += 1
        name = f"{proposed}-{number}"
    return name
