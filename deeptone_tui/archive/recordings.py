"""Audio sources named by files, folders and words."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeptone_tui.audio import SourceKind, SourceSpec, has_ffmpeg, parse_source
from deeptone_tui.core.errors import reason_of

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
