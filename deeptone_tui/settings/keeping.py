"""What keeps the threshold in force for the next start, and the line that starts with it. Pure."""

import shlex
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.core.address import LOCAL
from deeptone_tui.protocol import StreamParameters, format_threshold
from deeptone_tui.settings.config import Configuration, Options
from deeptone_tui.settings.tuned import Tuned

PROGRAM = "deeptone-tui"


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
    tuned: Tuned, start: Start, configuration: Configuration, written: Collection[str] = ()
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


def start_line(tuned: Tuned, source: SourceSpec, found: Kept, start: Start) -> str:
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
    if wanted.models != base.models:
        words += ["--models", ",".join(wanted.models)]
    if wanted.output_period != base.output_period:
        words += ["--output-period", str(wanted.output_period)]
    if wanted.volume_threshold != base.volume_threshold:
        words += ["--volume-threshold", format_threshold(wanted.volume_threshold)]
    if wanted.include_raw_values != base.include_raw_values:
        words += [f"--{'' if wanted.include_raw_values else 'no-'}include-raw-values"]
    return shlex.join(words)


def _source_words(tuned: Tuned, source: SourceSpec) -> list[str]:
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
