"""Audio files that are several, one behind the other: where each begins and ends."""

from collections.abc import Iterator, Sequence

from deeptone_tui.audio.byte_view import Link, ReadAt
from deeptone_tui.audio.header_sizes import MOST_LINKS, sized_links
from deeptone_tui.audio.mp3 import (
    LARGEST_FRAME_BYTES,
    frames_follow,
    id3_bytes,
    mp3_links,
    tag_words,
)

_SEARCHED_BYTES = 256 * 2**20
"""As much of a file is searched for the beginnings of others. What is behind is told, where it is
not heard."""
_PIECE_BYTES = 2**20
_MOST_PAGES = 2**19
_FLAC = tuple(b"fLaC" + last + b"\0\0\x22" for last in (b"\0", b"\x80"))
"""Magic number and the header of the block that each FLAC begins with."""
_FLAC_ALONE = b"fLaC"


def find_links(read_at: ReadAt, size: int) -> list[Link]:
    """Divide an audio file into those it was joined from; nearly always one.

    Args:
        read_at: Reads the file.
        size: Of the file in bytes.
    """
    sized = sized_links(read_at, size)
    if sized is not None:
        return sized
    head = read_at(0, 16)
    if head[:4] == b"OggS":
        return _between(_ogg_starts(read_at, size), size)
    first = id3_bytes(head)
    if read_at(first, 4) == _FLAC_ALONE:
        found = [at for at in _find(read_at, size, _FLAC) if at > first]
        return _between([0, *found], size)
    if frames_follow(read_at(first, 3 * LARGEST_FRAME_BYTES), 2):
        return mp3_links(read_at, size, first, _find(read_at, size, tag_words()))[:MOST_LINKS]
    return [Link(0, size)]


def _between(starts: Sequence[int], size: int) -> list[Link]:
    starts = starts[:MOST_LINKS]
    return [Link(begin, end) for begin, end in zip(starts, [*starts[1:], size], strict=True)]


def _ogg_starts(read_at: ReadAt, size: int) -> list[int]:
    """Where pages that begin streams follow pages that do not (RFC 3533)."""
    starts, at, beginning = [0], 0, True
    for _ in range(_MOST_PAGES):
        head = read_at(at, 27 + 255)
        if at >= size or len(head) < 27 or head[:4] != b"OggS":  # noqa: PLR2004
            break
        begins = bool(head[5] & 2)
        if begins and not beginning:
            starts.append(at)
        beginning = begins
        segments = head[26]
        at += 27 + segments + sum(head[27 : 27 + segments])
    return starts


def _find(read_at: ReadAt, size: int, words: Sequence[bytes]) -> Iterator[int]:
    """Offsets of some words, in their order."""
    overlap = max(map(len, words)) - 1
    for start in range(0, min(size, _SEARCHED_BYTES), _PIECE_BYTES):
        piece = read_at(start, _PIECE_BYTES + overlap)
        found: set[int] = set()
        for word in words:
            at = piece.find(word)
            while 0 <= at < _PIECE_BYTES:
                found.add(start + at)
                at = piece.find(word, at + 1)
        yield from sorted(found)
