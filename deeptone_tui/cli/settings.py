"""Checked settings from command line, environment and configuration; nothing is opened here."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deeptone_tui import audio
from deeptone_tui.audio import (
    InputDevice,
    SourceError,
    SourceKind,
    SourceOptions,
    SourceSpec,
    parse_source,
)
from deeptone_tui.audio.devices import find_device
from deeptone_tui.cli.api_key import chosen_key
from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.options import from_command_line
from deeptone_tui.core.address import LOCAL
from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import nearest
from deeptone_tui.monitor.handover import BufferOptions
from deeptone_tui.protocol import SAMPLE_RATE_HZ, StreamParameters
from deeptone_tui.settings.config import Configuration, ConfigurationError, load_configuration
from deeptone_tui.settings.options import OPTIONS, Options
from deeptone_tui.settings.paths import Preferences, preferences_file

_RAW_PCM = (SourceKind.STDIN, SourceKind.TCP)

MIC = SourceSpec(SourceKind.MICROPHONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the monitor and of ``stream``."""

    source: SourceSpec
    source_named: bool
    """True if a source or a device was named; otherwise the source is the default microphone."""
    source_options: SourceOptions
    options: Options = field(default=Options(), repr=False)
    """Merged options of all origins."""
    record: Path | None = None
    """Folder in which the run is recorded; None for no recording."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The monitor's keys by action, as written in the configuration."""
    notices: tuple[str, ...] = ()
    """Warnings, one line each."""
    configuration: Path | None = None
    """Path of the requested configuration; None for the usual one."""
    profile: str | None = None
    """Name of the requested profile."""
    profile_may_match: bool = False
    """True if the device has no profile under the given name, although there are profiles for
    devices: the name may be only a part of the device's name."""
    explicit: Options = field(default=Options(), repr=False)
    """Options of command line and environment, which take precedence over any profile."""

    @property
    def parameters(self) -> StreamParameters:
        """Parameters requested from the endpoint."""
        return self.options.parameters()

    @property
    def url(self) -> str | None:
        """The endpoint's address; None for the local one."""
        return None if self.options.url in {None, LOCAL} else self.options.url

    @property
    def api_key(self) -> str | None:
        """The key to the endpoint; None for none."""
        return self.options.api_key

    @property
    def link(self) -> BufferOptions:
        """Buffering during interruptions of the connection."""
        sizes = {"buffer": self.options.buffer, "catch_up": self.options.catch_up}
        return BufferOptions(**{name: size for name, size in sizes.items() if size is not None})


def read_settings(given: Mapping[str, Any]) -> Settings:
    """Merge the options of a command with the configuration, and check the result.

    The order of precedence is option, environment (both are in ``given``), profile, configuration,
    default. The profile is the requested one, or else that of the named device.

    Args:
        given: values of the shared options by name; further names are allowed.

    Raises:
        WrongUsage, ParameterError, ConfigurationError: with a one-line message.
    """
    return _merged(given, _explicit_options(given))


def settings_for_device(given: Mapping[str, Any], settings: Settings, device: str) -> Settings:
    """Return the settings with another device, and with its profile.

    Args:
        given: as for `read_settings`.
        settings: as returned by `read_settings`; a key that was asked for is in it, and is not
            asked for again.
        device: full name of the device, which was picked in an earlier run or named in part.

    Raises:
        ParameterError, ConfigurationError: with a one-line message.
    """
    return _merged(given, replace(settings.explicit, device=device))


def _merged(given: Mapping[str, Any], explicit: Options) -> Settings:
    """Return the settings of the given options merged with the configuration."""
    path = None if given["configuration"] is None else Path(given["configuration"])
    configuration = load_configuration(path)
    asked, device = given["profile"], _device(explicit, configuration)
    own = None if asked is not None or device is None else configuration.profile_for(device)
    notices = configuration.notices
    if own is not None:
        notices = (*notices, f"profile {own} loaded for {device}")
    options = explicit.over(configuration.options(configuration.profile_of(asked, device)))
    redacted.learn(options.api_key)
    redacted.learn_address(options.url or "")
    spec = _source(explicit, options, configuration.path)
    records = "record" in given and options.record is not None  # not every command does
    return Settings(
        source=spec,
        source_named=options.source is not None or options.device is not None,
        source_options=_source_options(explicit, spec, options),
        options=options,
        record=_recordings(explicit, options, configuration.path) if records else None,
        keys=configuration.keys,
        notices=notices,
        configuration=path,
        profile=asked,
        profile_may_match=asked is None
        and own is None
        and any(each.device is not None for each in configuration.profiles.values()),
        explicit=explicit,
    )


def _device(explicit: Options, configuration: Configuration) -> str | None:
    """Return the name of the input device; None if it is unknown or the source is another one."""
    options = explicit.over(configuration.options())
    if explicit.device is not None and explicit.source is None:
        return explicit.device
    return options.device if options.source in {None, "mic"} else None


def _recordings(explicit: Options, merged: Options, path: Path | None) -> Path:
    """Return the folder for recordings, which need not exist.

    Raises:
        WrongUsage: if it is already clear that nothing can be written there.
        ConfigurationError: the same, if the configuration at this path names it.
    """
    folder = merged.record or ""
    problem = _folder_problem(folder)
    if problem and explicit.record is None:
        raise ConfigurationError(f"{path}: record: {problem}")
    if problem:
        raise WrongUsage(problem, about="record")
    return Path(folder)


def _folder_problem(folder: str) -> str:
    """Return why nothing can be written into a folder, which need not exist; empty if it can."""
    if not folder:
        return "the folder's name is empty"
    place = Path(folder)
    try:
        there = next(each for each in (place, *place.absolute().parents) if each.exists())
    except OSError:  # a name too long
        there = None
    if there is None or "\0" in folder:
        return f"{folder!r} is not a valid folder name"
    if not there.is_dir():
        return f"{str(there)!r} is a file, not a folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{str(there)!r}: permission denied"
    return ""


def _explicit_options(given: Mapping[str, Any]) -> Options:
    """Return the options of command line and environment."""
    explicit = {name: given.get(name) for name in OPTIONS}
    key = chosen_key(given["api_key"], given["api_key_file"])
    return Options(**explicit | {"api_key": key})


def _source(explicit: Options, merged: Options, path: Path | None) -> SourceSpec:
    """Return the source; a named device takes precedence over a source that is only configured.

    Raises:
        WrongUsage: if the two contradict each other, or a file does not exist.
        ConfigurationError: if the source in the configuration at `path` is invalid.
    """
    by_device = SourceSpec(SourceKind.MICROPHONE, merged.device or "")
    if explicit.device is not None and explicit.source is None:
        return by_device
    try:
        spec = parse_source(merged.source)
    except SourceError as error:
        if explicit.source is None:
            raise ConfigurationError(f"{path}: source: {error}") from None
        raise WrongUsage(str(error), about="source") from None
    if spec.kind is SourceKind.MICROPHONE:
        return by_device
    if explicit.device is not None and from_command_line("device"):
        raise WrongUsage(f"--device: {merged.source} is not a microphone; give one or the other")
    if spec.kind is SourceKind.FILE:
        _check_file(spec.value)
    return spec


def _check_file(path: str) -> None:
    """Check a file as far as possible without opening it.

    Raises:
        WrongUsage: if it cannot be read.
    """
    place = Path(path)
    try:
        there, is_folder = place.exists(), place.is_dir()
    except (OSError, ValueError):  # a name too long, or with a null character
        there, is_folder = False, False
    if not there:
        raise WrongUsage(f"{path!r}: no such file{_meant(path)}")
    if is_folder:
        raise WrongUsage(f"{path!r}: is a folder, not a file")
    if not os.access(place, os.R_OK):
        raise WrongUsage(f"{path!r}: permission denied")


def _meant(word: str) -> str:
    """Return a suggestion to append to the error about a word that is no file, or nothing."""
    from deeptone_tui.cli.root import COMMANDS  # noqa: PLC0415  the root loads us

    if word in COMMANDS:
        return f"; {word!r} is a command and has to come first: deeptone-tui {word}"
    near = nearest(word, [*COMMANDS, "demo", "mic"], likeness=_LIKE_A_WORD)
    return f"; did you mean {near}?" if near else ""


_LIKE_A_WORD = 0.7  # strict, as the word may well be a file name


def _source_options(explicit: Options, spec: SourceSpec, options: Options) -> SourceOptions:
    """Return the delivery options of the source.

    Raises:
        WrongUsage: for an option that does not apply to this source.
    """
    raw = spec.kind in _RAW_PCM
    if from_command_line("sample_rate") and not raw:
        raise WrongUsage(
            "--sample-rate: only for raw PCM (- or tcp://HOST:PORT); other sources state their own"
        )
    if explicit.channel is not None and raw:
        raise WrongUsage("raw PCM has only one channel", about="channel")
    index = None if options.channel is None else options.channel - 1
    rate = options.sample_rate or SAMPLE_RATE_HZ
    return SourceOptions(sample_rate=rate, channel=index)


def with_device(given: Mapping[str, Any], settings: Settings, *, monitor: bool = False) -> Settings:
    """Return the settings with the selected microphone and its profile.

    Args:
        given: as for `read_settings`.
        settings: as returned by `read_settings`.
        monitor: True if the user sees the microphone's name, and may be shown the demo if there is
            no microphone; otherwise a notice names it.

    Raises:
        ParameterError, ConfigurationError: with a one-line message.
    """
    if settings.source.kind is not SourceKind.MICROPHONE:
        return settings
    if settings.source == MIC:
        return _with_default(given, settings, monitor=monitor)
    name = settings.source.value
    meant = _full_name(name, _known_inputs()[0]) if settings.profile_may_match else name
    return settings if meant == name else settings_for_device(given, settings, meant)


def _with_default(given: Mapping[str, Any], settings: Settings, *, monitor: bool) -> Settings:
    """Return the settings with the last device picked, the default one, or else the demo."""
    remembered = Preferences(preferences_file()).choices.device
    may_be_demo = monitor and not settings.source_named
    if not remembered and not may_be_demo:
        return settings
    inputs, silent = _known_inputs()
    if remembered and any(remembered in {device.choice, device.name} for device in inputs):
        found = settings_for_device(given, settings, remembered)
        told = () if monitor else (f"listening to {remembered}, the last device picked",)
        return replace(found, notices=(*told, *found.notices))
    source = settings.source
    if not inputs and may_be_demo:
        source = SourceSpec(SourceKind.DEMO)
        notice = f"{silent or 'no input device on this machine'}: playing the demo"
    elif remembered:
        notice = f"{silent or f'{remembered} was not found'}: listening to the default input"
    else:
        return settings
    return replace(settings, source=source, notices=(*settings.notices, notice))


def _known_inputs() -> tuple[Sequence[InputDevice], str]:
    """Return the input devices of this machine, and in words why they are unknown, if so."""
    try:
        return audio.known_input_devices(), ""
    except audio.SoundSystemSilent as error:
        return (), str(error).partition(";")[0]


def _full_name(wanted: str, inputs: Sequence[InputDevice]) -> str:
    """Return the name of the device that matches a name or a part of one; `wanted` if none does."""
    try:
        return inputs[find_device(inputs, wanted)].choice if inputs else wanted
    except SourceError:
        return wanted
