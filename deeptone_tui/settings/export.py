"""The threshold in force: where it is saved for the next start, and its export forms. Pure.

The forms are those of DeepTone's documentation (its sox line for a microphone, the line of its
Python scripts that opens the stream) and this program's own (environment, profile). None of them
contains an API key: where one is needed they have the documentation's placeholder.
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
"""Default address of ``deeptone-tui serve``."""

_CAPTURE = (
    f"sox -q -d -t raw -b 16 -r {SAMPLE_RATE_HZ} -e signed -c 1 -"  # as the documentation has it
)
_SYSTEM_DEFAULTS = frozenset({"", "default", "sysdefault"})
_HARDWARE = re.compile(r"\((hw:[^()]+)\)\s*$")

PROGRAM = "deeptone-tui"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """The tuned parameters with their endpoint and device.

    The exported lines send 16 kHz, whatever the monitor's sample rate is.
    """

    parameters: StreamParameters
    """Parameters in force, including the threshold."""
    url: str | None = None
    """Address of the endpoint; None for the one that this program runs for itself. Its port and
    key differ in each run, so the lines use the address of ``deeptone-tui serve``."""
    has_key: bool = False
    """True if an API key is in use; a loopback endpoint without one needs none in the lines."""
    device: str = ""
    """Name of the microphone; empty if the source is none, or the default one."""
    host_api: str = ""
    """PortAudio's host API of the device, such as ``ALSA``."""

    @property
    def query(self) -> str:
        """Query of the stream's address."""
        return replace(self.parameters, sample_rate=SAMPLE_RATE_HZ).to_query()

    @property
    def address(self) -> str:
        """Address of the endpoint without the parameters, and without key, user or password."""
        return exported(self.url or SERVE_URL)

    @property
    def full_url(self) -> str:
        """Address and query."""
        return f"{self.address}{'&' if '?' in self.address else '?'}{self.query}"

    @property
    def needs_key(self) -> bool:
        """True if the lines must contain the placeholder of a key."""
        if self.has_key or not on_loopback(self.address):
            return True
        return self.url is not None and holds_secret(self.url)

    @property
    def shell_line(self) -> str:
        """Microphone line of the documentation: sox into websocat."""
        listen = f"websocat {shlex.quote(self.full_url)} -b"
        if self.needs_key:
            listen += f" -H {shlex.quote(f'X-Api-Key: {PLACEHOLDER}')}"
        return f"{self._sox_device}{_CAPTURE} | {listen}"

    @property
    def sox_hears_the_device(self) -> bool:
        """True if the shell line captures the tuned microphone, as far as is known."""
        return self.device in _SYSTEM_DEFAULTS or bool(self._sox_device)

    @property
    def _sox_device(self) -> str:
        """Environment variables that make sox use the same device; empty for the default input."""
        if self.device in _SYSTEM_DEFAULTS:
            return ""
        if self.host_api == "ALSA":
            # "USB Audio: - (hw:1,0)" is hardware, which accepts only its own rates; ALSA's plug
            # in front of it accepts all. Any other name is one of ALSA's own.
            found = _HARDWARE.search(self.device)
            name = f"plug{found[1]}" if found else self.device
            return f"AUDIODRIVER=alsa AUDIODEV={shlex.quote(name)} "
        if self.host_api == "Core Audio":
            return f"AUDIODRIVER=coreaudio AUDIODEV={shlex.quote(self.device)} "
        return ""

    @property
    def python_line(self) -> str:
        """Line of the documentation's Python scripts that opens the stream.

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
        """Environment variables of this program, as export lines for a shell.

        The program's own endpoint is ``local`` here: a program that reads them starts one too.
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
        """Return the settings as options of a profile, never with an API key.

        An address that would not work without its secret is left out.
        """
        saved_place = None if PLACEHOLDER in self.address else self.address
        return Options(
            url=LOCAL if self.url is None else saved_place,
            models=self.parameters.models,
            output_period=self.parameters.output_period,
            volume_threshold=self.parameters.volume_threshold,
            include_raw_values=self.parameters.include_raw_values or None,
            device=self.device or None,
        )


def profile_name(device: str) -> str:
    """Return a profile name for a device: ``usb-audio-codec`` for ``USB Audio CODEC: - (hw:1,0)``.

    It is ``tuned`` if the device has no usable name.
    """
    bare = _HARDWARE.sub("", device).casefold()
    return re.sub(r"[^\w]+", "-", bare).strip("-_")[:32].rstrip("-_") or "tuned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The settings that the program was started with, and would be started with again."""

    parameters: StreamParameters = field(default_factory=StreamParameters)
    """Parameters at the start, from any origin."""
    explicit: frozenset[str] = frozenset()
    """Names of the options set by command line or environment."""
    profile: str | None = None
    """Name of the requested profile."""
    configuration: Path | None = None
    """Path of the requested configuration; None for the default path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlace:
    """The place where a threshold is saved, and how a start gets it from there."""

    where: str
    """The place in words; empty if the threshold is not saved."""
    profile: str | None = None
    """Profile to name on the command line; None if that is not needed."""
    options: Options = field(default=Options())
    """Options that such a start reads from the configuration."""


def saved_place(
    tuned: ExportSettings, start: Start, configuration: Configuration, written: Collection[str] = ()
) -> SavedPlace:
    """Find the place where the threshold in force is saved.

    Args:
        tuned: the settings in force.
        start: the start of this run.
        configuration: the current configuration.
        written: names of the profiles written in this run.
    """
    threshold = tuned.parameters.volume_threshold
    usual = configuration.profile_of(start.profile, tuned.device or None)
    for name in dict.fromkeys([usual, *written]):
        profile = configuration.profiles.get(name or "")
        if name is not None and profile is not None and profile.volume_threshold == threshold:
            named = name if name == start.profile or name != usual else None
            where = f"saved in profile {name} ({configuration.path})"
            return SavedPlace(where=where, profile=named, options=configuration.options(name))
    found = usual in configuration.profiles  # it may have been removed since the start
    options = configuration.options(usual) if found else configuration.top
    place = SavedPlace(where="", profile=start.profile if found else None, options=options)
    if options.volume_threshold is not None:
        same = options.volume_threshold == threshold
        place = replace(place, where=f"set in {configuration.path}" if same else "")
    elif threshold == StreamParameters().volume_threshold:
        place = replace(place, where="the default")
    given = "volume_threshold" in start.explicit and start.parameters.volume_threshold == threshold
    return replace(place, where="as given at the start") if given else place


def start_line(tuned: ExportSettings, source: SourceSpec, place: SavedPlace, start: Start) -> str:
    """Return the command line that starts the program with the settings in force, without a key.

    Args:
        tuned: the settings in force.
        source: the audio source.
        place: where the threshold is saved; the line has only options that differ from its own.
        start: the start of this run.
    """
    words = [PROGRAM, *_source_words(tuned, source)]
    if start.configuration is not None:
        words += ["--config", str(start.configuration)]
    if place.profile is not None:
        words += ["--profile", place.profile]
    wanted, there = tuned.parameters, place.options
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
    """Return the source as words of the command line."""
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
    """Return a name for a device's profile that replaces no other device's.

    Args:
        proposed: the preferred name.
        configuration: the current configuration.
        own: name of the device's existing profile, which is replaced; None if it has none.
    """
    if own is not None:
        return own
    name, number = proposed, 1
    while name in configuration.profiles:
        number += 1
        name = f"{proposed}-{number}"
    return name
