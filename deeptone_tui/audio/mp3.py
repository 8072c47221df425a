"""MPEG audio frames. Layout: ISO/IEC 11172-3 and 13818-3."""

from collections.abc import Callable
from dataclasses import dataclass

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
