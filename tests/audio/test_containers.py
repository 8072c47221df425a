"""Containers known by their first bytes, and raw samples that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sources.sounds import noise

from deeptone_tui.audio.containers import (
    ENOUGH_BYTES,
    container_of,
    has_index_first,
    may_be_container,
)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"fLaC\0\0\0\x22", "FLAC"),
        (b"OggS\0\x02", "Ogg"),
        (b"ID3\x04\0", "MP3"),
        (b"FORM\0\0\0\0AIFC", "AIFF"),
        (b"RF64\xff\xff\xff\xffWAVE", "RF64"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"\0\0\0\x20ftypM4A ", "MP4"),
        (b"\x1aE\xdf\xa3", "Matroska or WebM"),
        (b"#!AMR-WB\n", "AMR"),
        (b"\x1f\x8b\x08\0", "gzip"),
    ],
)
def test_a_magic_number_is_known_however_it_is_cut(head: bytes, name: str) -> None:
    """With less of it, more is waited for."""
    head = head.ljust(16, b"\1")
    found = container_of(head)
    assert found is not None
    assert found.name == name
    cut = next(count for count in range(17) if container_of(head[:count]) is not None)
    assert all(may_be_container(head[:count]) for count in range(cut))


def test_mp3_and_aac_are_known_by_frames_that_follow_each_other() -> None:
    """One alone may be sound."""
    mp3 = b"\xff\xfb\x90\x64".ljust(417, b"\0")
    aac = b"\xff\xf1\x50\x80\x0d\x00\xfc".ljust(0x68, b"\0")
    for frame, name in ((mp3, "MP3"), (aac, "AAC")):
        found = container_of(frame * 4)
        assert found is not None
        assert found.name == name
        assert may_be_container(frame * 2)
        assert container_of(frame + bytes(9_000)) is None
        assert not may_be_container(frame + bytes(100))


@given(st.binary(max_size=40))
def test_any_bytes_are_judged(head: bytes) -> None:
    """And enough of them are enough."""
    if container_of(head) is not None:
        assert not may_be_container(head)
    assert not may_be_container(head.ljust(ENOUGH_BYTES, b"\0"))


@given(st.integers(-300, 300), st.integers(1, 10_000))
def test_raw_samples_are_not_kept_waiting(offset: int, seed: int) -> None:
    """Sixteen bytes show that it is sound: silence, dither, speech."""
    quiet = (noise(8, seed=seed, peak=3) + offset).astype("<i2").tobytes()
    loud = noise(8, seed=seed).astype("<i2").tobytes()
    for head in (quiet, bytes(16), b"\xff" * 16):
        assert not may_be_container(head)
    assert container_of(loud) is None


def test_where_the_index_of_an_mp4_is() -> None:
    """Behind its sound, a decoder cannot begin before the end."""
    kind = b"\0\0\0\x10ftypM4A \0\0\0\0"
    assert has_index_first(kind + b"\0\0\0\x08free" + b"\0\0\1\0moov")
    assert not has_index_first(kind + b"\0\0\1\0mdat" + bytes(100))
    assert not has_index_first(kind)
    assert not has_index_first(b"\0\0\0\1ftyp")
