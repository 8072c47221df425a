"""Selection of the microphone: the same one, with its profile, in every command."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from deeptone_tui import audio
from deeptone_tui.audio import InputDevice, SourceError, SourceKind, SourceSpec
from deeptone_tui.audio.devices import find_device
from deeptone_tui.cli.settings import Settings, settings_for_device
from deeptone_tui.settings.paths import preferences_file
from deeptone_tui.settings.preferences import Preferences

MIC = SourceSpec(SourceKind.MICROPHONE)


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
