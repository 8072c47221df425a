"""Audio files that are several, one behind the other: where each begins and ends."""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

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
_SEARCHED_SECONDS = 1.0
"""The same bound in time, as who opens a file on a slow disk is waiting."""
_NEAR_BYTES = 16 * 2**20
"""As much is searched where a decoder has come to its end and the file has not."""
_PIECE_BYTES = 2**20
_MOST_PAGES = 2**19
_FLAC = tuple(b"fLaC" + last + b"\0\0\x22" for last in (b"\0", b"\x80"))
"""Magic number and the header of the block that each FLAC begins with."""
_FLAC_ALONE = b"fLaC"


def find_links(
    read_at: ReadAt, size: int, *, clock: Callable[[], float] = time.monotonic
) -> list[Link]:
    """Divide an audio file into those it was joined from; nearly always one.

    Args:
        read_at: Reads the file.
        size: Of the file in bytes.
        clock: Seconds that only grow.
    """
    sized = sized_links(read_at, size)
    if sized is not None:
        return sized
    head = read_at(0, 16)
    if head[:4] == b"OggS":
        return _between(_ogg_starts(read_at, size, _in_time(clock)), size)
    stop = min(size, _SEARCHED_BYTES)
    first = id3_bytes(head)
    if read_at(first, 4) == _FLAC_ALONE:
        found = _find(read_at, first + 1, stop, _FLAC, _in_time(clock))
        return _between([0, *islice(found, MOST_LINKS)], size)
    if frames_follow(read_at(first, 3 * LARGEST_FRAME_BYTES), 2):
        tags = islice(_find(read_at, 0, stop, tag_words(), _in_time(clock)), MOST_LINKS)
        return mp3_links(read_at, size, first, tags)[:MOST_LINKS]
    return [Link(0, size)]


def flac_links_near(
    read_at: ReadAt, size: int, at: int, *, clock: Callable[[], float] = time.monotonic
) -> list[Link]:
    """Find the FLACs that begin behind a place, where the search in the whole file did not come.

    Args:
        read_at: Reads the file.
        size: Of the file in bytes.
        at: The place.
        clock: Seconds that only grow.
    """
    found = _find(read_at, at, min(size, at + _NEAR_BYTES), _FLAC, _in_time(clock))
    starts = list(islice(found, MOST_LINKS))
    return _between(starts, size) if starts else []


def _in_time(clock: Callable[[], float]) -> Callable[[], bool]:
    """What tells whether a search that begins now may go on."""
    end = clock() + _SEARCHED_SECONDS
    return lambda: clock() < end


def _between(starts: Sequence[int], size: int) -> list[Link]:
    starts = starts[:MOST_LINKS]
    return [Link(begin, end) for begin, end in zip(starts, [*starts[1:], size], strict=True)]


def _ogg_starts(read_at: ReadAt, size: int, goes_on: Callable[[], bool]) -> list[int]:
    """Where pages that begin streams follow pages that do not (RFC 3533)."""
    starts, at, beginning = [0], 0, True
    for _ in range(_MOST_PAGES):
        head = read_at(at, 27 + 255)
        if at >= size or len(head) < 27 or head[:4] != b"OggS" or not goes_on():  # noqa: PLR2004
            break
        begins = bool(head[5] & 2)
        if begins and not beginning:
            starts.append(at)
        beginning = begins
        segments = head[26]
        at += 27 + segments + sum(head[27 : 27 + segments])
    return starts


def _find(
    read_at: ReadAt, begin: int, stop: int, words: Sequence[bytes], goes_on: Callable[[], bool]
) -> Iterator[int]:
    """Offsets of some words, in their order; as many as are asked for, as anything may hold them.

    Args:
        read_at: Reads the file.
        begin: Where the search begins.
        stop: Where it ends.
        words: All of one length.
        goes_on: Asked before every piece but the first.
    """
    overlap = len(words[0]) - 1
    for start in range(begin, stop, _PIECE_BYTES):
        if start > begin and not goes_on():
            return
        piece = read_at(start, _PIECE_BYTES + overlap)
        for at in heapq.merge(*(_places(piece, word) for word in words)):
            yield start + at


def _places(piece: bytes, word: bytes) -> Iterator[int]:
    at = piece.find(word)
    while at >= 0:
        yield at
        at = piece.find(word, at + 1)
