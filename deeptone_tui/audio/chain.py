"""Boundaries of audio files that were joined end to end into one."""

import heapq
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from deeptone_tui.dsp.wav import CHUNK_BYTES, MAGIC_BYTES, chunk_at

ReadAt = Callable[[int, int], bytes]
"""Reads a number of bytes at an offset of a file; fewer at the end."""

_KBIT_1 = {  # MPEG 1, by layer
    1: (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_KBIT_2 = {  # MPEG 2 and 2.5
    1: (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    3: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
HEADER_BYTES = 4
LARGEST_FRAME_BYTES = 2_881
_PLACES = 16
"""Number of positions in a file at which its bit rate is sampled."""
_LEAST_PLACES = _PLACES // 2

ENDLESS_BYTES = 2**40
"""Reported size of a byte range whose length is only found by reading."""
_LEAST_TAIL_BYTES = 4_096
"""Tails of unknown format shorter than this are not reported."""
_MOST_CHUNKS = 4_096
MOST_LINKS = 4_096
_UNKNOWN_32 = 0xFFFF_FFFF
_WAVE = (b"RIFF", b"RF64", b"BW64")
_DS64_DATA_SIZE = 28
"""Offset of the 64-bit size of the audio data in an RF64."""

_SEARCHED_BYTES = 256 * 2**20
"""Bytes of a file that are searched for the starts of further files. Data after them is reported if
it is not decoded."""
_SEARCHED_SECONDS = 1.0
"""Time limit of the same search, since the user who opens a file on a slow disk is waiting."""
_NEAR_BYTES = 16 * 2**20
"""Bytes searched where a decoder reached its end before the end of the file."""
_PIECE_BYTES = 2**20
_MOST_PAGES = 2**19
_FLAC = tuple(b"fLaC" + last + b"\0\0\x22" for last in (b"\0", b"\x80"))
"""Magic number and header of the metadata block that every FLAC begins with."""
_FLAC_ALONE = b"fLaC"
_MP3_TAGS = (b"Xing", b"Info", b"VBRI")
"""Words in a frame without audio at the beginning of an MP3, which gives its length."""
_VBRI_OFFSET = 36
_CUT_OFF = 1.01
"""Ratio of counted to present bytes above which the file is only the beginning of one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Fields of a frame header."""

    size_bytes: int
    rate: int
    """Sample rate in Hz."""
    kbit: int
    """Bit rate in kbit/s."""
    tag_offset: int
    """Offset in the frame of a Xing or Info tag, if it holds one."""


def frame_at(data: bytes, at: int = 0) -> Frame | None:
    """Parse the four bytes of a frame header; return None if there is none."""
    if len(data) < at + HEADER_BYTES or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:  # noqa: PLR2004
        return None
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    kbit_index, rate_index = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version not in _RATES or layer not in _KBIT_1 or rate_index == 3 or not 0 < kbit_index < 15:  # noqa: PLR2004
        return None
    first = version == 3  # noqa: PLR2004
    kbit = (_KBIT_1 if first else _KBIT_2)[layer][kbit_index - 1]
    rate, padding = _RATES[version][rate_index], data[at + 2] >> 1 & 1
    if layer == 1:
        size = (12_000 * kbit // rate + padding) * 4
    else:
        size = (144_000 if first or layer == 2 else 72_000) * kbit // rate + padding  # noqa: PLR2004
    mono = data[at + 3] >> 6 == 3  # noqa: PLR2004
    side = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}[first, mono]
    return Frame(size, rate, kbit, HEADER_BYTES + side)


def frames_follow(data: bytes, count: int, at: int = 0) -> bool:
    """Return True if ``count`` frames of one sample rate follow one another."""
    rate: int | None = None
    for _ in range(count):
        frame = frame_at(data, at)
        if frame is None or rate not in (None, frame.rate):
            return False
        rate, at = frame.rate, at + frame.size_bytes
    return True


def id3_bytes(data: bytes) -> int:
    """Return the length of an ID3v2 tag at the beginning; 0 if there is none."""
    if len(data) < 10 or not data.startswith(b"ID3") or any(byte > 0x7F for byte in data[6:10]):  # noqa: PLR2004
        return 0
    size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
    return 10 + size + (10 if data[5] & 0x10 else 0)


def constant_kbit(read_at: ReadAt, start: int, end: int) -> int | None:
    """Return the bit rate in kbit/s of a file if it appears constant; otherwise None."""
    found: list[int] = []
    for place in range(_PLACES):
        at = start + (end - start) * place // _PLACES
        data = read_at(at, min(4 * LARGEST_FRAME_BYTES, end - at))
        offset = next((n for n in range(len(data)) if frames_follow(data, 2, n)), None)
        frame = None if offset is None else frame_at(data, offset)
        if frame is not None:
            found.append(frame.kbit)
    return found[0] if len(found) >= _LEAST_PLACES and len(set(found)) == 1 else None


@dataclass(frozen=True, slots=True)
class FileLink:
    """Byte range that is a complete audio file; a file may be a chain of several."""

    start: int
    end: int
    patches: tuple[tuple[int, bytes], ...] = ()
    """Offsets in the link, and the bytes that replace what a header says there."""
    endless: bool = False
    """True if no header gives the length: the decoder reads until the data ends."""
    tail_bytes: int = 0
    """Bytes at the end, after what the header counts as audio data, of no known format."""


def _sized_links(read_at: ReadAt, size: int) -> list[FileLink] | None:
    """Split joined files of a format that counts its bytes, and correct their sizes.

    Args:
        read_at: Reads the file.
        size: Size of the file in bytes.

    Returns:
        The links of the file; None if it has another format.
    """
    one = _format_of(read_at(0, 12))
    if one is None:
        return None
    links: list[FileLink] = []
    while not links or links[-1].end < size:
        links.append(one(read_at, links[-1].end if links else 0, size))
        if len(links) == MOST_LINKS:
            break
    if links[-1].end < size:
        links[-1] = replace(links[-1], tail_bytes=size - links[-1].end)
    return links


def _format_of(head: bytes) -> Callable[[ReadAt, int, int], FileLink] | None:
    if head[:4] in _WAVE and head[8:12] == b"WAVE":
        return _wave_link
    return {b".snd": _au_link, b"FORM": _aiff_link, b"caff": _caf_link, b"riff": _w64_link}.get(
        head[:4]
    )


def _wave_link(read_at: ReadAt, start: int, size: int) -> FileLink:
    """Return the WAV link at an offset, which ends where the next one begins."""
    wide_bytes = None
    if read_at(start, 4) != b"RIFF":
        wide_bytes = int.from_bytes(read_at(start + _DS64_DATA_SIZE, 8), "little")
    at, found = start + MAGIC_BYTES, False
    for _ in range(_MOST_CHUNKS):
        head = read_at(at, MAGIC_BYTES)
        chunk = chunk_at(head)
        if found and head[:4] in _WAVE and head[8:] == b"WAVE":
            return FileLink(start, at)
        if chunk is None or not chunk.is_named:
            break
        if chunk.name == b"data" and not found:
            patch = _data_patch(read_at, (start, at, size), chunk.size, wide_bytes)
            if patch is not None:
                return FileLink(start, size, (patch,))
            found = True
            if wide_bytes is not None and chunk.size == _UNKNOWN_32:
                chunk = chunk._replace(size=wide_bytes)
        at += chunk.end
    return FileLink(start, size, tail_bytes=_tail_bytes(size - at) if found else 0)


def _data_patch(
    read_at: ReadAt, place: tuple[int, int, int], length: int, wide_bytes: int | None
) -> tuple[int, bytes] | None:
    """Return the patch that corrects the size of the audio data; None if the size is plausible.

    Args:
        read_at: Reads the file.
        place: Offsets of the header and of the chunk ``data``, and size of the file.
        length: Size of the data in their chunk.
        wide_bytes: Size of the data in the header of an RF64 or BW64; None for a WAV.

    Returns:
        Offset in the link, and the bytes of the correct size.
    """
    start, at, size = place
    there = size - at - CHUNK_BYTES
    if wide_bytes is not None and length in (0, _UNKNOWN_32):
        if there > 0 and not 0 < wide_bytes <= there:
            return _DS64_DATA_SIZE, struct.pack("<Q", there)
        return None
    if length or there <= 0 or _chunks_follow(read_at, at + CHUNK_BYTES, size):
        return None
    return at + 4 - start, struct.pack("<I", min(there, _UNKNOWN_32))


def _chunks_follow(read_at: ReadAt, at: int, size: int) -> bool:
    """Return True if the rest of the file is only chunks: then it holds no audio data."""
    for _ in range(_MOST_CHUNKS):
        chunk = chunk_at(read_at(at, CHUNK_BYTES))
        if chunk is None:
            return at - size in (0, 1)
        if not chunk.is_named:
            return False
        at += chunk.end
    return True


def _tail_bytes(rest: int) -> int:
    """Return the size of what follows the audio data, if it is worth a report."""
    return rest if rest >= _LEAST_TAIL_BYTES else 0


def _au_link(read_at: ReadAt, start: int, size: int) -> FileLink:
    """Return the AU link at an offset; its header may give no size, or more than there is."""
    body, length = struct.unpack(">II", read_at(start + 4, 8).ljust(8, b"\0"))
    end = start + body + length
    if length and end < size and read_at(end, 4) == b".snd":
        return FileLink(start, end)
    if length == 0 or end > size:
        return FileLink(start, size, ((8, struct.pack(">I", _UNKNOWN_32)),))
    return FileLink(start, size, tail_bytes=_tail_bytes(size - end))


def _aiff_link(read_at: ReadAt, start: int, size: int) -> FileLink:
    """Return the AIFF link at an offset; libsndfile itself corrects its sizes."""
    length = int.from_bytes(read_at(start + 4, 4), "big")
    end = start + 8 + length + length % 2
    joined = length and read_at(end, 4) == b"FORM" and read_at(end + 8, 3) == b"AIF"
    return FileLink(start, end if joined else size)


def _caf_link(read_at: ReadAt, start: int, size: int) -> FileLink:
    """Return the CAF link at an offset; its size may be unknown, or more than there is."""
    at = start + 8
    for _ in range(_MOST_CHUNKS):
        head = read_at(at, 12)
        length = int.from_bytes(head[4:], "big", signed=True)
        there = size - at - 12
        if head[:4] == b"data" and not 0 < length <= there:
            return FileLink(start, size, ((at + 4 - start, struct.pack(">q", there)),))
        if len(head) < 12 or length < 0:  # noqa: PLR2004  a whole chunk header
            break
        at += 12 + length
    return FileLink(start, size)


def _w64_link(read_at: ReadAt, start: int, size: int) -> FileLink:
    """Return the Wave64 link at an offset; its size may never have been written."""
    if any(read_at(start + 16, 8)):
        return FileLink(start, size)
    return FileLink(start, size, ((16, struct.pack("<Q", size - start)),))


def find_links(
    read_at: ReadAt, size: int, *, clock: Callable[[], float] = time.monotonic
) -> list[FileLink]:
    """Split an audio file into those it was joined from; nearly always one.

    Args:
        read_at: Reads the file.
        size: Size of the file in bytes.
        clock: Monotonic clock in seconds.
    """
    sized = _sized_links(read_at, size)
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
        tags = islice(_find(read_at, 0, stop, _MP3_TAGS, _in_time(clock)), MOST_LINKS)
        return _mp3_links(read_at, size, first, tags)[:MOST_LINKS]
    return [FileLink(0, size)]


def flac_links_near(read_at: ReadAt, size: int, at: int) -> list[FileLink]:
    """Find the FLACs after an offset that the search of the whole file did not reach.

    Args:
        read_at: Reads the file.
        size: Size of the file in bytes.
        at: The offset.
    """
    found = _find(read_at, at, min(size, at + _NEAR_BYTES), _FLAC, _in_time(time.monotonic))
    starts = list(islice(found, MOST_LINKS))
    return _between(starts, size) if starts else []


def _in_time(clock: Callable[[], float]) -> Callable[[], bool]:
    """Return a predicate that is True until the time for a search from now is over."""
    end = clock() + _SEARCHED_SECONDS
    return lambda: clock() < end


def _between(starts: Sequence[int], size: int) -> list[FileLink]:
    starts = starts[:MOST_LINKS]
    return [FileLink(begin, end) for begin, end in zip(starts, [*starts[1:], size], strict=True)]


def _ogg_starts(read_at: ReadAt, size: int, goes_on: Callable[[], bool]) -> list[int]:
    """Return the offsets where pages that begin streams follow pages that do not (RFC 3533)."""
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


def _mp3_links(read_at: ReadAt, size: int, first: int, tags: Iterator[int]) -> list[FileLink]:
    """Split a file where another one was joined to it.

    Args:
        read_at: Reads the file.
        size: Size of the file in bytes.
        first: Offset of the first frame.
        tags: Ascending offsets of the words ``Xing``, ``Info`` and ``VBRI`` in the file.
    """
    starts = sorted({start for at in tags if (start := _tagged_frame(read_at, at)) is not None})
    begins = [0, *(start for start in starts if start > first)]
    links: list[FileLink] = []
    for begin, end in zip(begins, [*begins[1:], size], strict=True):
        frame = begin or first
        counted = _counted_bytes(read_at, frame)
        if frame not in starts or counted > (end - frame) * _CUT_OFF:
            links.append(FileLink(begin, _whole_end(read_at, begin, end), endless=True))
            continue
        rest = frame + counted
        rest += id3_bytes(read_at(rest, 10))
        if counted and frames_follow(read_at(rest, min(3 * LARGEST_FRAME_BYTES, end - rest)), 3):
            links += [
                FileLink(begin, rest),
                FileLink(rest, _whole_end(read_at, rest, end), endless=True),
            ]
        else:
            links.append(FileLink(begin, end))
    return links


def _tagged_frame(read_at: ReadAt, tag: int) -> int | None:
    """Return the offset of the frame that holds a tag; None if the word occurs by chance."""
    word = read_at(tag, 4)
    for offset in {_VBRI_OFFSET} if word == b"VBRI" else {36, 21, 13}:
        frame = frame_at(read_at(tag - offset, HEADER_BYTES)) if tag >= offset else None
        if frame and (word == b"VBRI" or frame.tag_offset == offset):
            return tag - offset
    return None


def _whole_end(read_at: ReadAt, start: int, end: int) -> int:
    """Return the end of the last whole frame; half a frame from a killed recorder is no error."""
    first = max(start, end - 4 * LARGEST_FRAME_BYTES)
    data = read_at(first, end - first)
    at = next((n for n in range(len(data)) if frames_follow(data, 2, n)), None)
    if at is None:
        return end
    while (frame := frame_at(data, at)) and at + frame.size_bytes <= len(data):
        at += frame.size_bytes
    return first + at if frame else end


def _counted_bytes(read_at: ReadAt, start: int) -> int:
    """Return the bytes that a Xing tag counts from its frame on; 0 if it counts none."""
    head = read_at(start, 64)
    frame = frame_at(head)
    if frame is None or head[frame.tag_offset : frame.tag_offset + 4] not in _MP3_TAGS[:2]:
        return 0
    flags, first, second = struct.unpack_from(">III", head.ljust(64, b"\0"), frame.tag_offset + 4)
    if not flags & 2:
        return 0
    return int(second if flags & 1 else first)


def _find(
    read_at: ReadAt, begin: int, stop: int, words: Sequence[bytes], goes_on: Callable[[], bool]
) -> Iterator[int]:
    """Yield the ascending offsets of some byte strings, lazily: a file may hold any number.

    Args:
        read_at: Reads the file.
        begin: Offset where the search begins.
        stop: Offset where it ends.
        words: The byte strings, all of one length.
        goes_on: Called before every piece but the first; False ends the search.
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
