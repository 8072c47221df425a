"""A recording that is there: what can be read of it, and what cannot, told in one line each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.protocol import SAMPLE_RATE, StreamParameters
from deeptone_tui.protocol.text import clean_line
from deeptone_tui.recording.folder import AUDIO, EVENTS, RESULTS, SETTINGS
from deeptone_tui.recording.results import Results, read_parameters
from deeptone_tui.recording.wave import WaveError, samples_in
from deeptone_tui.redaction import public_url


class RecordingError(Exception):
    """There is no recording to be read: one line, what and what to do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An audio file of a recording."""

    path: Path
    start: int
    """Absolute index of its first sample."""
    samples: int

    @property
    def end(self) -> int:
        """Absolute index after its last sample."""
        return self.start + self.samples


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened while it was recorded, or was in force from a sample on."""

    sample: int
    words: str
    what: str = ""
    """What has changed, such as ``threshold``; empty for what is no change."""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recording, ready to be played. Its results stay open until ``close``."""

    folder: Path
    pieces: tuple[Piece, ...]
    """At least one; ascending, apart from each other."""
    results: Results
    events: tuple[Event, ...]
    parameters: StreamParameters
    """What was asked for in the end."""
    source: str
    """Name of the source."""
    endpoint: str
    """Name of the endpoint; empty where there was none."""
    url: str
    begun: datetime | None
    problems: tuple[str, ...]
    """What cannot be shown, one line each."""

    @property
    def samples(self) -> int:
        """Length of the audio that is there."""
        return sum(piece.samples for piece in self.pieces)

    def close(self) -> None:
        """Let go of the files."""
        self.results.close()


def open_recording(folder: Path) -> Recording:
    """Read what a recording holds; the audio and the results stay where they are.

    Args:
        folder: that of the recording itself.

    Raises:
        RecordingError: when none of its audio can be read.
    """
    problems: list[str] = []
    settings = read_settings(folder, problems)
    parameters = read_parameters(settings)
    lines = list(_read_lines(folder / EVENTS, problems))
    pieces = _pieces(folder, _first_sample(settings), _starts(lines), problems)
    if not pieces:
        raise RecordingError("; ".join(problems) or f"{str(folder)!r}: there is no audio in it")
    source, endpoint = _object(settings, "source"), _object(settings, "endpoint")
    return Recording(
        folder=folder,
        pieces=pieces,
        results=_results(folder, parameters, problems),
        events=tuple(sorted(_events(lines, pieces[0].start), key=lambda each: each.sample)),
        parameters=parameters,
        source=clean_line(str(source.get("name") or folder.name)),
        endpoint=clean_line(str(endpoint.get("name") or "")),
        url=clean_line(public_url(str(endpoint.get("url") or ""))),
        begun=read_time(settings.get("begun")),
        problems=tuple(problems),
    )


def _results(folder: Path, parameters: StreamParameters, problems: list[str]) -> Results:
    """The results, as far as they can be read."""
    path = folder / RESULTS
    if not path.is_file():
        problems.append(f"{RESULTS} is missing: the audio is shown without results")
    try:
        results = Results(path, parameters)
    except OSError as error:
        problems.append(f"{RESULTS}: {(error.strerror or 'cannot be read').lower()}")
        return Results(folder / "none", parameters)
    if results.unreadable:
        problems.append(f"{RESULTS}: {_lines(results.unreadable)} cannot be read")
    return results


def _pieces(
    folder: Path, first: int, starts: dict[str, int], problems: list[str]
) -> tuple[Piece, ...]:
    """The audio files in their order, each where its own event says, or after the one before."""
    pieces: list[Piece] = []
    at = first
    for path in sorted(folder.glob(AUDIO), key=lambda each: (len(each.name), each.name)):
        try:
            samples = samples_in(path)
        except WaveError as error:
            problems.append(f"{path.name} {error}: it is left out")
            continue
        except OSError as error:
            problems.append(f"{path.name}: {(error.strerror or 'cannot be read').lower()}")
            continue
        start = max(starts.get(path.name, at), at)
        if pieces and start > at:
            # Steps of 64 ms go on as they were recorded, without the one that was cut in two.
            pieces[-1] = replace(
                pieces[-1], samples=pieces[-1].samples // STEP_SAMPLES * STEP_SAMPLES
            )
            problems.append(
                f"{(start - at) / SAMPLE_RATE:.1f} s of audio before {path.name} missing"
            )
        if samples:
            pieces.append(Piece(path, start, samples))
        at = start + samples
    if not pieces and not problems:
        problems.append(f"{str(folder)!r}: there is no audio in it")
    return tuple(pieces)


def read_settings(folder: Path, problems: list[str]) -> dict[str, object]:
    """The settings; an empty object where they cannot be read."""
    path = folder / SETTINGS
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        problems.append(f"{SETTINGS} is missing: the usual parameters are assumed")
        return {}
    except (OSError, ValueError, RecursionError):
        problems.append(f"{SETTINGS} cannot be read: the usual parameters are assumed")
        return {}
    return document if isinstance(document, dict) else {}


def _read_lines(path: Path, problems: list[str]) -> Iterator[dict[str, object]]:
    """The objects of a file of lines; the last one may have been cut off."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError:
        return
    unreadable = 0
    for line in text.splitlines(keepends=True):
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            unreadable += line.endswith("\n")
            continue
        if isinstance(document, dict):
            yield document
    if unreadable:
        problems.append(f"{path.name}: {_lines(unreadable)} cannot be read")


def _starts(lines: Iterable[dict[str, object]]) -> dict[str, int]:
    """Where each audio file begins, by its name."""
    found: dict[str, int] = {}
    for line in lines:
        sample = line.get("sample")
        if line.get("event") == "file" and isinstance(sample, int):
            found[str(line.get("name"))] = sample
    return found


def _events(lines: Iterable[dict[str, object]], first: int) -> Iterator[Event]:
    """What people were told while it was recorded, or before its first sample."""
    for line in lines:
        sample, words = line.get("sample"), line.get("words")
        if not (isinstance(sample, int) and isinstance(words, str)):
            continue
        event = Event(max(sample, first), _line(words))
        if line.get("event") == "change":
            what, before, after = (_line(line.get(name)) for name in ("what", "before", "after"))
            yield replace(event, what=what, before=before, after=after)
        elif line.get("event") == "notice":
            yield event


def _line(text: object) -> str:
    """A text in one line of bounded length; empty where it is none."""
    return clean_line(text) if isinstance(text, str) else ""


def _first_sample(settings: dict[str, object]) -> int:
    first = settings.get("first_sample")
    return first if isinstance(first, int) and first >= 0 else 0


def _object(settings: dict[str, object], name: str) -> dict[str, object]:
    value = settings.get(name)
    return value if isinstance(value, dict) else {}


def read_time(text: object) -> datetime | None:
    """A time as settings hold it; None where it is none."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
