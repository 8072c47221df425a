"""Recordings to tune on, and the labels of their speech."""

import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deeptone_tui.audio import SourceKind, SourceSpec, parse_source
from deeptone_tui.audio.ffmpeg import has_ffmpeg
from deeptone_tui.core.text import reason_of
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN, Heard

ENDINGS = frozenset(
    {
        *(".wav", ".wave", ".bwf", ".w64", ".rf64", ".flac"),
        *(".ogg", ".oga", ".opus", ".mp3", ".mp2"),
        *(".aif", ".aiff", ".aifc", ".au", ".snd", ".caf"),
        *(".sph", ".nist", ".voc", ".iff", ".8svx", ".svx"),
        *(".paf", ".avr", ".sf", ".ircam", ".pvf", ".wve"),
    }
)
"""Extensions of audio files in a folder: those of libsndfile's formats. A file named explicitly may
have any."""
FFMPEG_ENDINGS = frozenset(
    {
        *(".m4a", ".m4b", ".webm", ".weba", ".mka", ".aac"),
        *(".amr", ".awb", ".3ga", ".wma", ".wv", ".ape", ".tta"),
    }
)
"""The same for formats that need ffmpeg."""

LABEL_ENDINGS = (".rttm", ".csv", ".tsv", ".txt")
"""Extensions of label files, in order of precedence."""
NOT_SPEECH = frozenset(
    {"noise", "music", "other", "silence", "pause", "nonspeech", "non-speech", "no_speech"}
)
"""Labels of segments that are not speech; any other label, such as a speaker's name, is speech."""

_LARGEST_BYTES = 16_000_000
"""Maximum bytes; a larger file is not a label file."""
_LATEST_S = 1e9
"""Upper bound of a time in seconds; no recording is as long."""
_MOST_LINES = 500_000
"""Maximum number of lines: a segment for each second of six days."""
_LONGEST_LINE_CHARS = 4096
"""Maximum characters of a line."""
_STEP = STEP_MS / 1000
_RTTM_SPEECH = frozenset({"SPEAKER", "SPEECH"})
_RTTM_FIELDS = 5


@dataclass(frozen=True, slots=True)
class AudioInput:
    """One source of audio."""

    name: str
    """Name as typed; of a file found in a folder, the path beginning with that folder."""
    spec: SourceSpec

    @property
    def is_file(self) -> bool:
        """True if the source can be read as fast as the machine allows, and in any process."""
        return self.spec.kind in {SourceKind.FILE, SourceKind.DEMO}

    @property
    def stem(self) -> str:
        """Name of a file without folder and extension; of other sources the name."""
        return Path(self.spec.value).stem if self.spec.kind is SourceKind.FILE else self.name


@dataclass(frozen=True, slots=True)
class InputFailure:
    """A source that could not be heard."""

    name: str
    reason: str
    """One line that names the source."""


def expand(words: Sequence[str], *, device: str = "") -> list[AudioInput | InputFailure]:
    """Find the sources; folders are searched recursively, but no file is opened.

    Args:
        words: ``mic``, ``demo``, ``-``, ``tcp://HOST:PORT``, files and folders.
        device: name of the microphone for ``mic``; empty for the default one.

    Returns:
        The sources in the order of the words, within folders in the order of names. Failures report
        folders without audio, unreadable folders, and files that need ffmpeg.

    Raises:
        SourceError: if a word cannot be a source at all.
    """
    return [found for word in words for found in _expand_word(word, device)]


def _expand_word(word: str, device: str) -> Iterator[AudioInput | InputFailure]:
    spec = parse_source(word)
    if spec.kind is SourceKind.MICROPHONE:
        yield AudioInput(word, SourceSpec(SourceKind.MICROPHONE, device))
        return
    place = Path(word)
    if spec.kind is not SourceKind.FILE or not _is_folder(place):
        yield AudioInput(word, spec)
        return
    any_found = False
    for found in _in_folder(place):
        any_found = True
        yield found
    if not any_found:
        yield InputFailure(
            word, f"{word} holds no audio files; one that is named itself may have any ending"
        )


def _in_folder(folder: Path) -> Iterator[AudioInput | InputFailure]:
    """Yield audio files by extension, without hidden files and folders, then any failures."""
    unreadable: list[OSError] = []
    heard = ENDINGS | FFMPEG_ENDINGS if has_ffmpeg() else ENDINGS
    passed_over = 0
    for here, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            ending = "" if name.startswith(".") else Path(name).suffix.casefold()
            passed_over += ending in FFMPEG_ENDINGS - heard
            if ending in heard:
                path = str(Path(here) / name)
                yield AudioInput(path, SourceSpec(SourceKind.FILE, path))
    if passed_over:
        count = "1 file" if passed_over == 1 else f"{passed_over} files"
        yield InputFailure(
            str(folder), f"{folder}: {count} passed over; install ffmpeg to hear them"
        )
    for error in unreadable:
        reason = reason_of(error)
        yield InputFailure(str(error.filename), f"{error.filename}: {reason}")


def _is_folder(place: Path) -> bool:
    try:
        return place.expanduser().is_dir()
    except (OSError, ValueError, RuntimeError):  # the fault is reported on opening
        return False


class LabelError(ValueError):
    """Unusable label file. The one-line message names file, line and what is allowed."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a recording, in seconds."""

    start: float
    end: float
    kind: int = SPEECH
    """`SPEECH`, or `UNKNOWN` if the segment is excluded from scoring (``NOSCORE`` of RTTM)."""


def read_labels(path: Path, stem: str) -> list[Segment]:
    """Read the segments of one recording.

    Args:
        path: label file; ``.rttm`` is RTTM, any other has one segment per line: start, end and
            optionally a label, separated by commas, semicolons or tabs.
        stem: name of the recording without its extension; an RTTM file may hold several recordings.

    Raises:
        LabelError: with a one-line message.
    """
    lines = _lines(path)
    if path.suffix.casefold() == ".rttm":
        return _rttm(path, lines, stem)
    return list(_table(path, lines))


def labels_for(folder: Path, stem: str) -> Path | None:
    """Return the label file with the stem of a recording in a folder; None if there is none."""
    places = (folder / f"{stem}{ending}" for ending in LABEL_ENDINGS)
    return next((place for place in places if place.is_file()), None)


def truth_of(segments: Sequence[Segment], steps: int) -> Heard:
    """Return the true class of each step.

    A step has the class that covers at least half of it; what is not labelled is other sound.

    Args:
        segments: in any order; they may overlap.
        steps: number of steps of 64 ms in the recording.

    Returns:
        `SPEECH`, `OTHER` or `UNKNOWN` for each step, shape (steps,).
    """
    truth = np.full(steps, OTHER, np.int8)
    for kind in (UNKNOWN, SPEECH):
        truth[_covered([item for item in segments if item.kind == kind], steps)] = kind
    return truth


def _covered(segments: Sequence[Segment], steps: int) -> npt.NDArray[np.bool_]:
    """Return True for each step of which at least half lies in the segments."""
    times, seconds = [0.0], [0.0]  # cumulative time in segments at each of these times
    for start, end in _joined(segments):
        times += [start, end]
        seconds += [seconds[-1], seconds[-1] + end - start]
    until = np.interp(np.arange(steps + 1) * _STEP, times, seconds)
    return np.asarray(np.diff(until) >= _STEP / 2 - 1e-9)


def _joined(segments: Iterable[Segment]) -> list[tuple[float, float]]:
    """Return the segments in order, with touching ones merged."""
    joined: list[tuple[float, float]] = []
    for item in sorted(segments, key=lambda item: item.start):
        if joined and item.start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], item.end))
        else:
            joined.append((item.start, item.end))
    return joined


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise LabelError(f"{path}: {reason_of(error)}") from None
    if len(data) > _LARGEST_BYTES:
        raise LabelError(f"{path}: is too large to be labels")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise LabelError(f"{path}: is not a text file") from None
    if len(lines) > _MOST_LINES or any(len(line) > _LONGEST_LINE_CHARS for line in lines):
        raise LabelError(f"{path}: has more lines, or longer ones, than labels have")
    return lines


def _table(path: Path, lines: Sequence[str]) -> Iterator[Segment]:
    for number, line in enumerate(lines, 1):
        cells = [cell.strip().strip('"') for cell in re.split("[,;\t]", line)]
        if not line.strip() or line.startswith(("#", "\\")):  # Audacity's frequencies begin so
            continue
        if number == 1 and not _is_number(cells[0]):
            continue  # the names of the columns
        if len(cells) < 2:  # noqa: PLR2004  a start and an end
            raise LabelError(
                f"{path}:{number}: start and end in seconds are needed, START,END[,LABEL]"
            )
        segment = _segment(path, number, cells[0], cells[1])
        if len(cells) == 2 or cells[2].casefold() not in NOT_SPEECH:  # noqa: PLR2004  as above
            yield segment


def _rttm(path: Path, lines: Sequence[str], stem: str) -> list[Segment]:
    found: dict[str, list[Segment]] = {}
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0].startswith(";"):
            continue
        if len(fields) < _RTTM_FIELDS:
            raise LabelError(
                f"{path}:{number}: is no line of RTTM, such as SPEAKER file 1 START LENGTH …"
            )
        own = found.setdefault(fields[1], [])
        if fields[0] in _RTTM_SPEECH or fields[0] == "NOSCORE":
            segment = _segment(path, number, fields[3], fields[4], is_length=True)
            kind = SPEECH if fields[0] in _RTTM_SPEECH else UNKNOWN
            own.append(Segment(segment.start, segment.end, kind))
    if len(found) > 1 and stem not in found:
        raise LabelError(f"{path}: is about several files, none of which is called {stem}")
    return found.get(stem) or next(iter(found.values()), [])


def _segment(path: Path, number: int, start: str, end: str, *, is_length: bool = False) -> Segment:
    if not (_is_number(start) and _is_number(end)):
        wrong = end if _is_number(start) else start
        raise LabelError(f"{path}:{number}: {wrong[:40]!r} is no number of seconds")
    begin = float(start)
    finish = begin + float(end) if is_length else float(end)
    if not 0 <= begin <= finish <= _LATEST_S:
        raise LabelError(f"{path}:{number}: a segment cannot go from {begin:g} s to {finish:g} s")
    return Segment(begin, finish)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
