"""Sizes in the headers of audio files, which are a hint: a recorder that died wrote none."""

import struct
from collections.abc import Callable
from dataclasses import replace

from deeptone_tui.audio.byte_view import Link, ReadAt

_LEAST_TAIL_BYTES = 4_096
"""Fewer bytes of no known form behind the sound are not spoken of."""
_MOST_CHUNKS = 4_096
MOST_LINKS = 4_096
_UNKNOWN_32 = 0xFFFF_FFFF
_PRINTABLE = range(0x20, 0x7F)
_WAVE = (b"RIFF", b"RF64", b"BW64")
_DS64_DATA_SIZE = 28
"""Where an RF64 has the size of its sound, in 64 bits."""


def sized_links(read_at: ReadAt, size: int) -> list[Link] | None:
    """Divide joined files of a format that counts its bytes, and give each sizes that are right.

    Args:
        read_at: Reads the file.
        size: Of the file in bytes.

    Returns:
        The files in it; None when it is of another format.
    """
    one = _format_of(read_at(0, 12))
    if one is None:
        return None
    links: list[Link] = []
    while not links or links[-1].end < size:
        links.append(one(read_at, links[-1].end if links else 0, size))
        if len(links) == MOST_LINKS:
            break
    if links[-1].end < size:
        links[-1] = replace(links[-1], tail_bytes=size - links[-1].end)
    return links


def _format_of(head: bytes) -> Callable[[ReadAt, int, int], Link] | None:
    if head[:4] in _WAVE and head[8:12] == b"WAVE":
        return _wave_link
    return {b".snd": _au_link, b"FORM": _aiff_link, b"caff": _caf_link, b"riff": _w64_link}.get(
        head[:4]
    )


def _wave_link(read_at: ReadAt, start: int, size: int) -> Link:
    """One file of a chain, up to the next."""
    wide = read_at(start, 4) != b"RIFF"
    at, found = start + 12, 0
    for _ in range(_MOST_CHUNKS):
        head = read_at(at, 12)
        name, length = head[:4], int.from_bytes(head[4:8], "little")
        if found and name in _WAVE and read_at(at + 8, 4) == b"WAVE":
            return Link(start, at)
        if len(head) < 8 or not all(byte in _PRINTABLE for byte in name):  # noqa: PLR2004
            break
        if name == b"data" and not found:
            patch = _data_patch(read_at, start, at, size, wide=wide)
            if patch is not None:
                return Link(start, size, (patch,))
            found = at
            if wide and length == _UNKNOWN_32:
                length = int.from_bytes(read_at(start + _DS64_DATA_SIZE, 8), "little")
        at += 8 + length + length % 2
    tail = size - at if found and at < size else 0
    return Link(start, size, tail_bytes=tail if tail >= _LEAST_TAIL_BYTES else 0)


def _data_patch(
    read_at: ReadAt, start: int, at: int, size: int, *, wide: bool
) -> tuple[int, bytes] | None:
    """Where the size of the sound has to be another, and which; None where it may be believed.

    Args:
        read_at: Reads the file.
        start: Offset of the header.
        at: Offset of the chunk ``data``.
        size: Of the file.
        wide: Whether it is an RF64.
    """
    there = size - at - 8
    length = int.from_bytes(read_at(at + 4, 4), "little")
    if wide and length in (0, _UNKNOWN_32):
        length = int.from_bytes(read_at(start + _DS64_DATA_SIZE, 8), "little")
        if there > 0 and not 0 < length <= there:
            return _DS64_DATA_SIZE, struct.pack("<Q", there)
        return None
    if length or there <= 0 or _chunks_follow(read_at, at + 8, size):
        return None
    return at + 4 - start, struct.pack("<I", min(there, _UNKNOWN_32))


def _chunks_follow(read_at: ReadAt, at: int, size: int) -> bool:
    """Whether all the rest of a file is chunks: then there is no sound in between."""
    for _ in range(_MOST_CHUNKS):
        if at + 8 > size:
            return at - size in (0, 1)
        head = read_at(at, 8)
        if not all(byte in _PRINTABLE for byte in head[:4]):
            return False
        length = int.from_bytes(head[4:], "little")
        at += 8 + length + length % 2
    return True


def _au_link(read_at: ReadAt, start: int, size: int) -> Link:
    """An AU; what its header counts may be nothing, or more than there is."""
    body, length = struct.unpack(">II", read_at(start + 4, 8).ljust(8, b"\0"))
    end = start + body + length
    if length and end < size and read_at(end, 4) == b".snd":
        return Link(start, end)
    if length == 0 or end > size:
        return Link(start, size, ((8, struct.pack(">I", _UNKNOWN_32)),))
    tail = size - end
    return Link(start, size, tail_bytes=tail if tail >= _LEAST_TAIL_BYTES else 0)


def _aiff_link(read_at: ReadAt, start: int, size: int) -> Link:
    """An AIFF; libsndfile itself mends its sizes."""
    length = int.from_bytes(read_at(start + 4, 4), "big")
    end = start + 8 + length + length % 2
    joined = length and read_at(end, 4) == b"FORM" and read_at(end + 8, 3) == b"AIF"
    return Link(start, end if joined else size)


def _caf_link(read_at: ReadAt, start: int, size: int) -> Link:
    """A CAF; the size of its sound may be unknown, or more than there is."""
    at = start + 8
    for _ in range(_MOST_CHUNKS):
        head = read_at(at, 12)
        length = int.from_bytes(head[4:], "big", signed=True)
        there = size - at - 12
        if head[:4] == b"data" and not 0 < length <= there:
            return Link(start, size, ((at + 4 - start, struct.pack(">q", there)),))
        if len(head) < 12 or length < 0:  # noqa: PLR2004  a whole chunk header
            break
        at += 12 + length
    return Link(start, size)


def _w64_link(read_at: ReadAt, start: int, size: int) -> Link:
    """A Wave64; its own size may never have been written."""
    if any(read_at(start + 16, 8)):
        return Link(start, size)
    return Link(start, size, ((16, struct.pack("<Q", size - start)),))
