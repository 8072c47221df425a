"""Input devices as values, and the lookup of one by name. Opens nothing."""

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deeptone_tui.audio.source import SourceError
from deeptone_tui.core.text import clean_name, nearest

_CARD_NUMBER = re.compile(r"\s*\(hw:\d+,\d+\)")
"""ALSA's card number in a device name; it changes when another card is plugged in first."""
_NAMED = 6
"""Number of devices that an error message lists."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A device that can be captured from."""

    name: str
    """Name as the host API gives it; two devices may have the same."""
    host_api: str
    """``ALSA``, ``Core Audio``, ``JACK Audio Connection Kit``, …"""
    channels: int
    """Maximum number of input channels."""
    rate: int
    """The device's own sample rate in Hz; capture runs at 16 kHz if the device allows."""
    default: bool = False
    """True if capture uses it when no device is named."""
    choice: str = ""
    """Unique name to select it by: the name, with host API and number if that alone is not
    unique."""

    def __post_init__(self) -> None:
        # Devices are opened by their number: the name is only for display.
        object.__setattr__(self, "name", clean_name(self.name))
        object.__setattr__(self, "host_api", clean_name(self.host_api))


def with_choices(devices: Sequence[InputDevice]) -> list[InputDevice]:
    """Fill in ``choice`` so that no two devices have the same."""
    names = Counter(device.name for device in devices)
    pairs = Counter((device.name, device.host_api) for device in devices)
    seen: Counter[tuple[str, str]] = Counter()
    chosen = []
    for device in devices:
        choice, pair = device.name, (device.name, device.host_api)
        seen[pair] += 1
        if names[device.name] > 1:
            choice = f"{device.name}, {device.host_api}"
        if pairs[pair] > 1:
            choice += f" #{seen[pair]}"
        chosen.append(dataclasses.replace(device, choice=choice))
    return chosen


def find_device(devices: Sequence[InputDevice], wanted: str) -> int:
    """Return the index of the device that a name means.

    In order: its exact name, choice or ``name, host API``; the same without regard to case; the
    same without ALSA's card number; a part that only one choice contains. If several share a name,
    the default device takes precedence, then one of the default device's host API, then the first.

    Args:
        devices: All devices, with choices; at least one.
        wanted: A name, or empty for the default device.

    Returns:
        The index in ``devices``.

    Raises:
        SourceError: when the name means none; it names the nearest one and lists those present.
    """
    wanted = clean_name(wanted)
    if not wanted:
        return _preferred(devices, range(len(devices)))
    for form in (str, str.casefold, _without_card):
        matching = [
            i for i, device in enumerate(devices) if form(wanted) in map(form, _names(device))
        ]
        if matching:
            return _preferred(devices, matching)
    part = wanted.casefold()
    matching = [i for i, device in enumerate(devices) if part in device.choice.casefold()]
    if len(matching) == 1:
        return matching[0]
    raise SourceError(_not_found([device.choice for device in devices], wanted, matching))


def _names(device: InputDevice) -> tuple[str, str, str]:
    return device.name, device.choice, f"{device.name}, {device.host_api}"


def _without_card(name: str) -> str:
    return _CARD_NUMBER.sub("", name).casefold()


def _preferred(devices: Sequence[InputDevice], among: Sequence[int]) -> int:
    api = next((device.host_api for device in devices if device.default), None)
    return min(among, key=lambda i: (not devices[i].default, devices[i].host_api != api, i))


def _not_found(choices: Sequence[str], wanted: str, matching: Sequence[int]) -> str:
    if matching:
        several = _listed([choices[i] for i in matching])
        return f"“{wanted}” could be any of {several}; write more of the name"
    near = nearest(wanted, choices)
    guess = f"; did you mean “{near}”?" if near else "."
    return f"there is no input device “{wanted}”{guess} There are: {_listed(choices)}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
