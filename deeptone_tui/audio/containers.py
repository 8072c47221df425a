"""Audio containers, recognised by their first bytes."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deeptone_tui.audio.chain import HEADER_BYTES, LARGEST_FRAME_BYTES, frame_at, frames_follow

ENOUGH_BYTES = 3 * LARGEST_FRAME_BYTES + HEADER_BYTES
"""Number of first bytes that suffice to recognise every container."""
_MAGIC_BYTES = 16
_ADTS_FRAMES = 3
_LARGEST_HEADER_BYTES = 7
"""Header size of an AAC frame."""

_RAW = frozenset({".raw", ".pcm", ".s16", ".s16le", ".sw"})
_SLIN = {".sln": 8_000, ".sln8": 8_000, ".sln44": 44_100} | {
    f".sln{khz}": 1_000 * khz for khz in (12, 16, 24, 32, 48, 96, 192)
}
"""Sample rate of Asterisk's signed linear, by file extension."""
_FFMPEG_RAW = (
    dict.fromkeys((".ulaw", ".ul", ".mulaw", ".mu", ".pcmu", ".u", ".g711u"), "-f mulaw -ar 8000")
    | dict.fromkeys((".alaw", ".al", ".pcma", ".a", ".g711a"), "-f alaw -ar 8000")
    | {".g722": "-f g722", ".gsm": "-f gsm", ".g729": "-f g729", ".g723": "-f g723_1"}
)
_SOX_RAW = {".vox": "-t vox -r 8000"}
_TO_WAV = "-ac 1 -ar 16000 OUT.wav"


@dataclass(frozen=True, slots=True)
class Container:
    """A self-describing file format."""

    name: str
    """Name for display."""
    demuxer: str
    """ffmpeg's demuxer for it; empty if it is not audio at all."""
    libsndfile: bool = False
    """True if libsndfile reads it too, or most of what it may hold."""
    joined: bool = False
    """True if a stream of it may be several in sequence, as from a radio station."""
    backwards: bool = False
    """True if libsndfile looks for the end of a file before it starts to decode."""


WAVE = Container("WAV", "wav", libsndfile=True)
MP3 = Container("MP3", "mp3", libsndfile=True, joined=True)
MP4 = Container("MP4", "mov")
_AAC = Container("AAC", "aac")
_MAGIC: tuple[tuple[int, bytes, Container], ...] = (
    (0, b"fLaC", Container("FLAC", "flac", libsndfile=True, joined=True)),
    (0, b"OggS", Container("Ogg", "ogg", libsndfile=True, joined=True, backwards=True)),
    (0, b"ID3", MP3),
    (0, b"RF64", Container("RF64", "wav", libsndfile=True)),
    (0, b"BW64", Container("BW64", "wav", libsndfile=True)),
    (0, b"RIFX", Container("RIFX", "wav", libsndfile=True)),
    (0, b"riff.\x91\xcf\x11", Container("Wave64", "w64", libsndfile=True)),
    (0, b".snd", Container("AU", "au", libsndfile=True)),
    (0, b"caff", Container("CAF", "caf", libsndfile=True)),
    (0, b"NIST_1A", Container("NIST SPHERE", "nistsphere", libsndfile=True)),
    (0, b"Creative Voice File", Container("VOC", "voc", libsndfile=True)),
    (8, b"AIFF", Container("AIFF", "aiff", libsndfile=True)),
    (8, b"AIFC", Container("AIFF", "aiff", libsndfile=True)),
    (8, b"8SVX", Container("8SVX", "iff", libsndfile=True)),
    (8, b"16SV", Container("16SV", "iff", libsndfile=True)),
    (8, b"AVI ", Container("AVI", "avi")),
    (4, b"ftyp", MP4),
    (0, b"\x1aE\xdf\xa3", Container("Matroska or WebM", "matroska")),
    (0, b"#!AMR", Container("AMR", "amr")),
    (0, b"0&\xb2u\x8ef\xcf\x11", Container("WMA", "asf")),
    (0, b"wvpk", Container("WavPack", "wv")),
    (0, b"MAC ", Container("Monkey's Audio", "ape")),
    (0, b"TTA1", Container("TTA", "tta")),
    (0, b"FLV\x01", Container("FLV", "flv")),
    (0, b"\x1f\x8b\x08", Container("gzip", "")),
    (0, b"BZh", Container("bzip2", "")),
    (0, b"\xfd7zXZ\0", Container("xz", "")),
    (0, b"PK\x03\x04", Container("ZIP", "")),
    (0, b"HTTP/1.", Container("HTTP", "")),
)


def container_of(head: bytes) -> Container | None:
    """Return the container that begins with these bytes; None if none does.

    `ENOUGH_BYTES` bytes suffice. The two without a magic number, MP3 and AAC, are recognised by
    three consecutive frames.
    """
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return WAVE
    for offset, magic, container in _MAGIC:
        if head.startswith(magic, offset) and (offset != 8 or head[:4] in (b"FORM", b"RIFF")):  # noqa: PLR2004
            return container
    if frames_follow(head, 3):
        return MP3
    return _AAC if _adts_follow(head) else None


def may_be_container(head: bytes) -> bool:
    """Return True if more bytes, up to `ENOUGH_BYTES`, may reveal a container.

    The first bytes of nearly all raw PCM rule that out, so that it is not delayed.
    """
    if len(head) >= ENOUGH_BYTES or container_of(head) is not None:
        return False
    if len(head) < _MAGIC_BYTES and any(
        magic.startswith(head[offset : offset + len(magic)]) and _may_stand_before(head, offset)
        for offset, magic, _ in _MAGIC
    ):
        return True
    return _frames_so_far(head, _frame_bytes) or _frames_so_far(head, _adts_bytes)


def has_index_first(head: bytes) -> bool:
    """Return True if the first bytes show that an MP4 can be decoded from its beginning."""
    at = 0
    while at + 8 <= len(head):
        size, kind = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8]
        if kind in (b"moov", b"mdat"):
            return kind == b"moov"
        if size < 8:  # noqa: PLR2004  its header alone
            return False
        at += size
    return False


def _may_stand_before(head: bytes, offset: int) -> bool:
    """Return True if a container may have these bytes before a magic number at an offset."""
    if offset == 8:  # noqa: PLR2004  in the form of IFF
        return b"FORM".startswith(head[:4]) or b"RIFF".startswith(head[:4])
    return offset == 0 or b"\0\0".startswith(head[:2])  # the size of a box, which is small


def _frames_so_far(head: bytes, size_of: Callable[[bytes, int], int]) -> bool:
    """Return True if the bytes are consecutive frames, the last perhaps cut."""
    at = 0
    while at + _LARGEST_HEADER_BYTES <= len(head):
        size = size_of(head, at)
        if not size:
            return False
        at += size
    return head[:1] in (b"", b"\xff")


def _frame_bytes(head: bytes, at: int) -> int:
    frame = frame_at(head, at)
    return 0 if frame is None else frame.size_bytes


def _adts_bytes(head: bytes, at: int) -> int:
    """Return the size of an AAC frame with its own header (ISO/IEC 13818-7); 0 if there is none."""
    if len(head) < at + _LARGEST_HEADER_BYTES or head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0:  # noqa: PLR2004
        return 0
    size = (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5
    return size if size >= _LARGEST_HEADER_BYTES else 0


def _adts_follow(head: bytes) -> bool:
    at = 0
    for _ in range(_ADTS_FRAMES):
        size = _adts_bytes(head, at)
        if not size:
            return False
        at += size
    return True


def how_to_play(path: str, container: Container | None, reason: str) -> str:
    """Return a message that says why a file cannot be decoded and what to type instead.

    Args:
        path: Path as typed.
        container: Container that its first bytes show; None if they show none.
        reason: Short reason why it could not be decoded.
    """
    name, ending = _quoted(path), Path(path).suffix.casefold()
    if container is not None:
        return _of_container(path, name, container, reason)
    rate = 16_000 if ending in _RAW else _SLIN.get(ending)
    if rate is not None:
        return (
            f"{path} has no header to tell its format; raw 16-bit mono PCM goes in on stdin: "
            f"deeptone-tui - --sample-rate {rate} < {name}"
        )
    if ending in _FFMPEG_RAW or ending in _SOX_RAW:
        line = (
            f"ffmpeg {_FFMPEG_RAW[ending]} -i {name} {_TO_WAV}"
            if ending in _FFMPEG_RAW
            else f"sox {_SOX_RAW[ending]} {name} -r 16000 OUT.wav"
        )
        return f"{path} has no header to tell its format; convert it first: {line}"
    return (
        f"{path} is no audio file that can be read ({reason}); if it holds raw samples, say of "
        f"which format and rate: ffmpeg -f s16le -ar 16000 -i {name} {_TO_WAV}"
    )


def convert_line(path: str, form: str) -> str:
    """Return a command that converts a file readable only in part, whatever its header counts."""
    if form.startswith("WAV"):
        return f"sox --ignore-length {_quoted(path)} -r 16000 OUT.wav"
    return f"ffmpeg -i {_quoted(path)} {_TO_WAV}"


def _of_container(path: str, name: str, container: Container, reason: str) -> str:
    if not container.demuxer:
        return f"{path} is {container.name}, not audio; unpack it first"
    return (
        f"{path} is {container.name}, which cannot be read here ({reason}); with ffmpeg installed "
        f"it can be, or convert it first: ffmpeg -i {name} {_TO_WAV}"
    )


def _quoted(path: str) -> str:
    """Quote a path for a shell, so that no program takes it for an option or a protocol."""
    if not path.isprintable():
        return "IN"
    plain = path if path.startswith(("/", "./", "../", "~/")) else f"./{path}"
    if plain.startswith("~/"):
        return f"~/{shlex.quote(plain[2:])}"
    return shlex.quote(plain)
