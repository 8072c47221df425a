"""Containers of audio, known by their first bytes."""

from dataclasses import dataclass

from deeptone_tui.audio.mp3 import HEADER_BYTES, LARGEST_FRAME_BYTES, frames_follow

ENOUGH_BYTES = 3 * LARGEST_FRAME_BYTES + HEADER_BYTES
"""First bytes that tell every container."""
_MAGIC_BYTES = 16
_ADTS_FRAMES = 3


@dataclass(frozen=True, slots=True)
class Container:
    """A format of files that say themselves what they are."""

    name: str
    """As people call it."""
    demuxer: str
    """What reads it in ffmpeg; empty for what is no audio at all."""
    libsndfile: bool = False
    """Whether libsndfile reads it too, or most of what it may hold."""
    counted: bool = False
    """Whether libsndfile has to know its length before it can begin."""


WAVE = Container("WAV", "wav", libsndfile=True)
MP3 = Container("MP3", "mp3", libsndfile=True, counted=True)
MP4 = Container("MP4", "mov")
_AAC = Container("AAC", "aac")
_MAGIC: tuple[tuple[int, bytes, Container], ...] = (
    (0, b"fLaC", Container("FLAC", "flac", libsndfile=True)),
    (0, b"OggS", Container("Ogg", "ogg", libsndfile=True, counted=True)),
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
    """Name the container that begins with these bytes, at best `ENOUGH_BYTES`; None for none.

    The two that have no magic number are believed when three of their frames follow each other.
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
    """Whether more bytes, up to `ENOUGH_BYTES`, may show these to begin a container."""
    if len(head) >= ENOUGH_BYTES or container_of(head) is not None:
        return False
    if len(head) < _MAGIC_BYTES:
        return any(
            magic.startswith(head[offset : offset + len(magic)])
            and (offset == 0 or _opening(head, offset))
            for offset, magic, _ in _MAGIC
        ) or _sync(head)
    return _sync(head)


def _opening(head: bytes, offset: int) -> bool:
    """Whether what stands before a magic number at an offset may stand there."""
    if offset == 4:  # noqa: PLR2004  the size of a box, which is small
        return b"\0\0".startswith(head[:2])
    return b"FORM".startswith(head[:4]) or b"RIFF".startswith(head[:4])


def _sync(head: bytes) -> bool:
    return head[:1] == b"\xff" and (len(head) < 2 or head[1] & 0xE0 == 0xE0)  # noqa: PLR2004


def _adts_follow(head: bytes) -> bool:
    """Whether frames of AAC with headers of their own (ISO/IEC 13818-7) follow each other."""
    at = 0
    for _ in range(_ADTS_FRAMES):
        if len(head) < at + 7 or head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0:  # noqa: PLR2004
            return False
        size = (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5
        if size < 7:  # noqa: PLR2004  its header alone
            return False
        at += size
    return True
