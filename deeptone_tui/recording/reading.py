"""Reader of recordings, and the newest of a folder; each problem is reported in one line."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from deeptone_tui.core.address import displayed
from deeptone_tui.core.files import NotPlainError, open_plain, read_plain
from deeptone_tui.core.text import clean_line, reason_of
from deeptone_tui.dsp.wav import HEADER_BYTES
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES, StreamParameters
from deeptone_tui.protocol.messages import LATEST_SAMPLE, as_line, as_sample
from deeptone_tui.recording.folder import (
    AUDIO,
    EVENTS,
    NAME,
    RESULTS,
    SETTINGS,
    WaveError,
    samples_in,
)
from deeptone_tui.recording.results import Results, read_parameters

MOST_EVENTS: Final = 50_000
"""Maximum number of lines of events read; as many may wait for the disk while recording."""
_LONGEST_LINE_BYTES: Final = 1 << 16
"""Maximum bytes of such a line."""
_LARGEST_SETTINGS_BYTES: Final = 1 << 20
"""Maximum bytes of the settings."""
_CHANGED: Final = ("what", "before", "after")


class RecordingError(Exception):
    """No readable recording: the message says in one line what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """Audio file of a recording."""

    path: Path
    start: int
    """Absolute index of its first sample."""
    samples: int


@dataclass(frozen=True, slots=True)
class Event:
    """Event during the recording, or a change in force from a sample on."""

    sample: int
    words: str
    what: str = ""
    """Kind of change, such as ``threshold``; empty if it is no change."""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Recording ready to be played. Its results stay open until ``close``."""

    folder: Path
    pieces: tuple[AudioPiece, ...]
    """At least one; ascending, disjoint."""
    results: Results
    events: tuple[Event, ...]
    parameters: StreamParameters
    """Parameters requested at the end."""
    source: str
    """Name of the source."""
    endpoint: str
    """Name of the endpoint; empty without one."""
    url: str
    problems: tuple[str, ...]
    """Problems with what cannot be shown, one line each."""

    @property
    def samples(self) -> int:
        """Length of the available audio in samples."""
        return sum(piece.samples for piece in self.pieces)

    def close(self) -> None:
        """Close the files."""
        self.results.close()


def find_recording(folder: Path) -> tuple[Path, str]:
    """Find the recording that a folder is, or the newest of those that it holds.

    Returns:
        Its folder, and a line about the choice; empty if there was none.

    Raises:
        RecordingError: if there is no recording.
    """
    try:
        there = folder.exists()
    except (OSError, ValueError):  # a name too long, or with a null character
        there = False
    if not there:
        raise RecordingError(f"{str(folder)!r}: no such folder")
    if not folder.is_dir():
        raise RecordingError(
            f"{str(folder)!r}: is a file; a recording is a folder, as --record makes it"
        )
    try:
        if any(folder.glob(AUDIO)):
            return folder, ""
        inside = [each for each in folder.iterdir() if each.is_dir() and any(each.glob(AUDIO))]
    except OSError as error:
        raise RecordingError(f"{str(folder)!r}: {reason_of(error)}") from None
    if not inside:
        raise RecordingError(f"{str(folder)!r}: it contains no recording (no audio-000.wav)")
    inside = [each for each in inside if _has_audio(each)] or inside
    newest = max(inside, key=lambda each: (_begun(each), len(each.name), each.name))
    several = f"{newest.name} is the newest of {len(inside)} recordings in {folder}"
    return newest, clean_line(several) if len(inside) > 1 else ""


def _has_audio(folder: Path) -> bool:
    """Return True if any sample was recorded: a full disk, or a kill, may have come first."""
    try:
        return any(path.stat().st_size > HEADER_BYTES for path in folder.glob(AUDIO))
    except OSError:
        return False


def _begun(folder: Path) -> float:
    """Return the start time in seconds; the name alone is ambiguous for an hour each year."""
    try:
        try:
            begun = datetime.fromisoformat(str(_read_settings(folder, []).get("begun")))
        except ValueError:
            begun = datetime.strptime(folder.name[:19], NAME).astimezone()
        return begun.timestamp()
    except (OSError, OverflowError, RecordingError, ValueError):
        return 0.0


def open_recording(folder: Path) -> Recording:
    """Open a recording; audio and results are not read into memory.

    Args:
        folder: the folder of the recording itself.

    Raises:
        RecordingError: if none of its audio can be read, or something other than a file has the
            name of one.
    """
    problems: list[str] = []
    settings = _read_settings(folder, problems)
    parameters = read_parameters(settings)
    starts, events = _read_events(folder / EVENTS, problems)
    pieces = _pieces(folder, as_sample(settings.get("first_sample")) or 0, starts, problems)
    if not pieces:
        raise RecordingError("; ".join(problems) or f"{str(folder)!r}: it contains no audio")
    source, endpoint = (_object(settings.get(name)) for name in ("source", "endpoint"))
    return Recording(
        folder=folder,
        pieces=pieces,
        results=_results(folder, parameters, problems),
        events=_in_order(events, pieces[0].start),
        parameters=parameters,
        source=as_line(source.get("name")) or clean_line(folder.name),
        endpoint=as_line(endpoint.get("name")) or "",
        url=displayed(as_line(endpoint.get("url")) or ""),
        problems=tuple(map(clean_line, problems)),  # file names are not trusted
    )


def _results(folder: Path, parameters: StreamParameters, problems: list[str]) -> Results:
    """Return the results, as far as they can be read."""
    path = folder / RESULTS
    if not os.path.lexists(path):
        problems.append(f"{RESULTS} is missing: the audio is shown without results")
    try:
        results = Results(path, parameters)
    except NotPlainError as error:
        raise _no_file(path, error) from None
    except OSError as error:
        problems.append(f"{RESULTS}: {reason_of(error)}")
        return Results(folder / "none", parameters)
    if results.unreadable:
        problems.append(f"{RESULTS}: {_lines(results.unreadable)} cannot be read")
    if results.left_out:
        problems.append(f"{RESULTS}: skipped {_lines(results.left_out)} over the limit")
    return results


def _pieces(
    folder: Path, first: int, starts: dict[str, int], problems: list[str]
) -> tuple[AudioPiece, ...]:
    """Return the audio files in order, each placed by its own event or after the one before."""
    pieces: list[AudioPiece] = []
    at = first
    for path in sorted(folder.glob(AUDIO), key=lambda each: (len(each.name), each.name)):
        try:
            samples = samples_in(path)
        except NotPlainError as error:
            raise _no_file(path, error) from None
        except WaveError as error:
            problems.append(f"{path.name} {error}: it is skipped")
            continue
        except OSError as error:
            problems.append(f"{path.name}: {reason_of(error)}")
            continue
        start = max(starts.get(path.name, at), at)
        if pieces and start > at:
            # Steps of 64 ms stay as they were recorded, without the one that was cut in two.
            pieces[-1] = replace(
                pieces[-1], samples=pieces[-1].samples // STEP_SAMPLES * STEP_SAMPLES
            )
            problems.append(
                f"{(start - at) / SAMPLE_RATE_HZ:.1f} s of audio are missing before {path.name}"
            )
        if samples:
            pieces.append(AudioPiece(path, start, samples))
        at = start + samples
    return tuple(pieces)


def _read_settings(folder: Path, problems: list[str]) -> dict[str, object]:
    """Return the settings; an empty object if they cannot be read.

    Raises:
        RecordingError: if something other than a file is there.
    """
    path = folder / SETTINGS
    try:
        document = json.loads(read_plain(path, _LARGEST_SETTINGS_BYTES))
    except NotPlainError as error:
        raise _no_file(path, error) from None
    except FileNotFoundError:
        problems.append(f"{SETTINGS} is missing: the default parameters are assumed")
        return {}
    except (OSError, ValueError, RecursionError):
        problems.append(f"{SETTINGS} cannot be read: the default parameters are assumed")
        return {}
    return _object(document)


def _read_events(path: Path, problems: list[str]) -> tuple[dict[str, int], list[Event]]:
    """Return the start of each audio file by its name, and notices and changes in their order."""
    starts: dict[str, int] = {}
    events: list[Event] = []
    for line in _read_lines(path, problems):
        sample = as_sample(line.get("sample"))
        if line.get("event") == "file" and sample is not None:
            starts[str(line.get("name"))] = sample
        elif (event := _event(line)) is not None:
            events.append(event)
    return starts, events


def _read_lines(path: Path, problems: list[str]) -> Iterator[dict[str, object]]:
    """Yield the objects of a file of lines; the last one may have been cut off.

    Raises:
        RecordingError: if something other than a file is there.
    """
    unreadable = 0
    try:
        with open_plain(path) as file:
            for line in _lines_of(file, problems):
                try:
                    document = json.loads(line.decode("utf-8", "replace"))
                except (ValueError, RecursionError):
                    unreadable += len(line) == _LONGEST_LINE_BYTES or line.endswith(b"\n")
                    continue
                if isinstance(document, dict):
                    yield document
    except NotPlainError as error:
        raise _no_file(path, error) from None
    except OSError:
        return
    if unreadable:
        problems.append(f"{path.name}: {_lines(unreadable)} cannot be read")


def _lines_of(file: BinaryIO, problems: list[str]) -> Iterator[bytes]:
    """Yield the lines of a file, with a bound on their number and on the length of each."""
    for _ in range(MOST_EVENTS):
        line = file.readline(_LONGEST_LINE_BYTES)
        if not line:
            return
        yield line
    if file.read(1):
        problems.append(f"{EVENTS}: only its first {MOST_EVENTS} lines are read")


def _event(line: Mapping[str, object]) -> Event | None:
    """Return the notice or change in a line; None if it holds neither."""
    place, words = line.get("sample"), line.get("words")
    if isinstance(place, bool) or not (isinstance(place, int) and isinstance(words, str)):
        return None
    event = Event(min(max(place, 0), LATEST_SAMPLE), clean_line(words))
    if line.get("event") == "change":
        what, before, after = (as_line(line.get(name)) or "" for name in _CHANGED)
        return replace(event, what=what, before=before, after=after)
    return event if line.get("event") == "notice" else None


def _in_order(events: list[Event], first: int) -> tuple[Event, ...]:
    """Return the events by position; those before the first sample are moved to it."""
    placed = (event if event.sample >= first else replace(event, sample=first) for event in events)
    return tuple(sorted(placed, key=lambda each: each.sample))


def _no_file(path: Path, error: OSError) -> RecordingError:
    """Return the error for something that is not the expected file."""
    return RecordingError(f"{str(path)!r} {reason_of(error)}")


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
