"""Request of ``tune``, checked as a whole before anything is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deeptone_tui.archive.pool import cores
from deeptone_tui.archive.recordings import (
    AudioInput,
    InputFailure,
    LabelError,
    Segment,
    expand,
    labels_for,
    read_labels,
)
from deeptone_tui.audio import SourceError, SourceKind, SourceOptions
from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.options import from_command_line
from deeptone_tui.cli.settings import Settings, read_settings, with_device

_MICROPHONE_SECONDS = 20.0
_LIVE = {SourceKind.MICROPHONE, SourceKind.STDIN, SourceKind.TCP}
_NOT_ASKED = ("models", "volume_threshold", "include_raw_values")
"""Shared options that do not apply here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Sources and options of ``tune``."""

    recordings: tuple[AudioInput | InputFailure, ...]
    options: SourceOptions
    models: bool
    output_period: int
    """Milliseconds of a result, for which the threshold is determined."""
    jobs: int
    seconds: float | None
    """Seconds of live audio to analyse; None for all of it."""
    labels: Mapping[str, Sequence[Segment]]
    """True speech segments by the name of the recording."""
    plot: Path | None
    as_json: bool
    verbose: bool
    url: str | None
    """The endpoint's address; None for the models in this program."""
    api_key: str | None = field(repr=False)
    notices: tuple[str, ...]


def read_request(given: Mapping[str, Any]) -> Request:
    """Check the options of the command, one by one and against each other.

    Raises:
        WrongUsage, ParameterError, ConfigurationError: with a one-line message.
    """
    words = _words(given)
    settings = _settings(given, words)
    is_mic = settings.source.kind is SourceKind.MICROPHONE
    try:
        found = expand(words, device=settings.source.value if is_mic else "")
    except SourceError as error:
        raise WrongUsage(f"SOURCE: {error}") from None
    recordings = [item for item in found if isinstance(item, AudioInput)]
    kinds = [item.spec.kind for item in recordings]
    _check_together(given, settings, kinds)
    return Request(
        recordings=tuple(found),
        options=replace(settings.source_options, realtime=False),
        models=given["models"],
        output_period=settings.parameters.output_period,
        jobs=given["jobs"] or cores(),
        seconds=_seconds(given["seconds"], kinds),
        labels=_labels(given["label"], recordings),
        plot=_plot(given["plot"]),
        as_json=given["as_json"],
        verbose=given["verbose"],
        url=settings.url if given["models"] else None,
        api_key=settings.api_key,
        notices=settings.notices,
    )


def _words(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sources as typed; a device alone means the microphone."""
    words: tuple[str, ...] = given["sources"]
    if not words and from_command_line("device"):
        return ("mic",)
    if not words:
        raise WrongUsage("SOURCE: give a file, a folder, -, mic, tcp://HOST:PORT or demo")
    for word in ("-", "mic"):
        if words.count(word) > 1:
            raise WrongUsage(f"SOURCE: {word} can be given only once")
    return words


def _settings(given: Mapping[str, Any], words: Sequence[str]) -> Settings:
    """Return the settings for endpoint, device and raw PCM.

    The one live source stands for all: only it has options that can contradict it.
    """
    raw = [word for word in words if word == "-" or word.casefold().startswith("tcp://")]
    if from_command_line("device") and "mic" not in words:
        raise WrongUsage("--device: none of the sources is mic")
    source = raw[0] if raw and "mic" not in words else "mic"
    given = {**given, **dict.fromkeys(_NOT_ASKED), "source": source}
    settings = read_settings(given)
    return with_device(given, settings) if "mic" in words else settings


def _check_together(
    given: Mapping[str, Any], settings: Settings, kinds: Sequence[SourceKind]
) -> None:
    if not given["models"] and from_command_line("url"):
        raise WrongUsage("--no-models: no endpoint is used, so --url has no effect")
    if given["jobs"] is not None and given["models"] and settings.url is not None:
        raise WrongUsage("--jobs: an endpoint is used over one connection at a time")
    if sum(kind in _LIVE for kind in kinds) > 1:
        raise WrongUsage("SOURCE: live audio can come from one source only")


def _seconds(seconds: float | None, kinds: Sequence[SourceKind]) -> float | None:
    if seconds is not None and not _LIVE & set(kinds):
        raise WrongUsage("--seconds: only for live audio; files are analysed to their end")
    if seconds is None and SourceKind.MICROPHONE in kinds:
        return _MICROPHONE_SECONDS
    return seconds


def _labels(place: str | None, recordings: Sequence[AudioInput]) -> dict[str, list[Segment]]:
    """Read the labels, before any audio is opened."""
    if place is None:
        return {}
    path = Path(place)
    if path.is_dir():
        files = {item: labels_for(path, item.stem) for item in recordings}
    elif len(recordings) == 1:
        files = {recordings[0]: path}
    else:
        raise WrongUsage(
            "--label: a file is for a single source; for several, give a folder of such files"
        )
    if not any(files.values()):
        raise WrongUsage(f"--label: {place} contains no labels for any of the sources")
    try:
        return {item.name: read_labels(file, item.stem) for item, file in files.items() if file}
    except LabelError as error:
        raise WrongUsage(f"--label: {error}") from None


def _plot(place: str | None) -> Path | None:
    if place is None:
        return None
    path = Path(place)
    if path.suffix.casefold() != ".svg":
        raise WrongUsage(f"--plot: {place!r} must end in .svg")
    if not path.parent.is_dir():
        raise WrongUsage(f"--plot: there is no folder {path.parent}")
    if path.is_dir():
        raise WrongUsage(f"--plot: {place} is a folder")
    return path
