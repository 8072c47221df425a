"""Files that were joined, and decoders that end before the file does: heard whole, or told."""

from pathlib import Path

import numpy as np
import pytest
from support.sources.heard import hear
from support.sources.sounds import encoded, noise

from deeptone_tui.audio import chain
from deeptone_tui.audio.chain import constant_kbit, find_links, frame_at, frames_follow

FORMS = ["flac", "ogg", "opus", "mp3", "wav", "aiff", "au"]
ID3V1 = b"TAG" + bytes(125)
ID3V2 = b"ID3\x04\0\0\0\0\2\0" + bytes(256)


def part_of(folder: Path, form: str, samples: int, *, rate: int = 16_000) -> bytes:
    """A file of noise."""
    return encoded(folder / f"part.{form}", noise(samples), rate=rate)


def untagged(data: bytes) -> bytes:
    """An MP3 without the frame that counts it, as radio and call recorders write them."""
    frame = frame_at(data)
    assert frame is not None
    return data[frame.size_bytes :]


@pytest.mark.parametrize("form", FORMS)
async def test_joined_files_are_heard_one_after_the_other(tmp_path: Path, form: str) -> None:
    """A shorter one too, whose length some decoders take for that of the first."""
    first, second = part_of(tmp_path, form, 24_000), part_of(tmp_path, form, 16_000)
    joined = tmp_path / f"joined.{form}"
    joined.write_bytes(first + second + first)
    heard = await hear(joined)
    assert heard.failure is None
    assert len(heard.samples) == 64_000
    assert heard.info.duration == 4.0
    alone = (await hear(tmp_path / f"part.{form}")).samples  # the second: written last
    assert np.array_equal(heard.samples[24_000:40_000], alone)


@pytest.mark.parametrize("form", ["flac", "ogg", "mp3", "wav"])
async def test_a_jump_into_a_later_part_arrives(tmp_path: Path, form: str) -> None:
    """At the sample that was asked for."""
    part = part_of(tmp_path, form, 24_000)
    joined = tmp_path / f"joined.{form}"
    joined.write_bytes(part + part)
    whole = (await hear(joined)).samples
    later = (await hear(joined, seek=1.75)).samples
    assert len(later) == 20_000
    assert np.abs(later.astype(int) - whole[28_000:]).max() <= 1


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(untagged, id="no tag"),
        pytest.param(lambda data: untagged(data) + untagged(data), id="no tags, joined"),
        pytest.param(lambda data: data + untagged(data), id="tag, then none"),
        pytest.param(lambda data: untagged(data) + data, id="none, then a tag"),
        pytest.param(lambda data: ID3V2 + untagged(data) + ID3V1, id="names, but no count"),
        pytest.param(lambda data: untagged(data) + untagged(data)[:300], id="cut in a frame"),
    ],
)
async def test_mp3_without_a_count_is_heard_to_its_end(tmp_path: Path, build: object) -> None:
    """Its length is found by reading: no estimate ends it."""
    assert callable(build)
    data = part_of(tmp_path, "mp3", 48_000)
    built = build(data)
    parts = built.count(untagged(data))
    (tmp_path / "joined.mp3").write_bytes(built)
    heard = await hear(tmp_path / "joined.mp3")
    assert heard.failure is None
    assert len(heard.samples) >= 48_000 * parts
    assert len(heard.samples) <= 48_000 * parts + 2 * 2304


async def test_an_mp3_that_was_cut_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    """Its tag counts what is not there: that is no length, and no error."""
    data = part_of(tmp_path, "mp3", 48_000)
    path = tmp_path / "cut.mp3"
    for share in (0.31, 0.5, 0.77):
        path.write_bytes(data[: round(len(data) * share)])
        heard = await hear(path)
        assert (heard.failure, heard.info.duration) == (None, None)
        assert len(heard.samples) == pytest.approx(48_000 * share, rel=0.25)


async def test_a_part_that_is_something_else_is_told(tmp_path: Path) -> None:
    """What came before it is heard; another rate is not read on as if it were the same."""
    path = tmp_path / "joined.flac"
    path.write_bytes(
        part_of(tmp_path, "flac", 16_000) + part_of(tmp_path, "flac", 8_000, rate=8_000)
    )
    heard = await hear(path)
    assert len(heard.samples) == 16_000
    assert heard.failure == "joined.flac is broken after 1.0 s (16000 Hz becomes 8000 Hz)"


@pytest.mark.parametrize("form", ["flac", "ogg", "mp3", "wav", "au"])
async def test_what_nobody_decoded_is_told(tmp_path: Path, form: str) -> None:
    """A share of the file, and how to get at it."""
    path = tmp_path / f"more.{form}"
    data = part_of(tmp_path, form, 16_000)
    path.write_bytes(data + np.random.default_rng(1).bytes(len(data) + 20_000))
    heard = await hear(path)
    assert len(heard.samples) == 16_000
    assert heard.failure is not None
    assert heard.failure.startswith(f"only 1.0 s of more.{form} could be read, ")
    assert heard.failure.endswith("OUT.wav")


async def test_tags_at_the_end_are_no_sound(tmp_path: Path) -> None:
    """Those of an MP3 may hold a picture."""
    tag = bytes(50_000) + b"APETAGEX" + (2000).to_bytes(4, "little")
    tag += (50_032).to_bytes(4, "little") + bytes(16)
    path = tmp_path / "tagged.mp3"
    path.write_bytes(part_of(tmp_path, "mp3", 16_000) + tag + ID3V1)
    heard = await hear(path)
    assert (heard.failure, len(heard.samples)) == (None, 16_000)


def test_a_hostile_chain_has_a_bound() -> None:
    """Tens of thousands of headers without sound are not as many files."""
    data = (b".snd" + (24).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes(13)) * 20_000
    links = find_links(lambda at, count: data[at : at + count], len(data))
    assert len(links) == 4_096
    assert links[-1].tail_bytes


@pytest.mark.parametrize("form", ["flac", "mp3", "ogg"])
async def test_a_disk_that_is_slow_makes_no_difference(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the search has not come to in its time is heard, or told."""
    monkeypatch.setattr(chain, "_SEARCHED_SECONDS", 0.0)
    monkeypatch.setattr(chain, "_PIECE_BYTES", 70_000)
    part = part_of(tmp_path, form, 160_000)
    joined = tmp_path / f"joined.{form}"
    joined.write_bytes(part * 3)
    heard = await hear(joined)
    if form == "ogg":
        assert heard.failure is not None
        assert heard.failure.startswith("only 10.0 s of joined.ogg could be read, ")
    else:
        assert heard.failure is None
        assert len(heard.samples) == pytest.approx(480_000, abs=2 * 2304)


@pytest.mark.parametrize("head", [b"\xff\xfb\x90\x64".ljust(417, b"\0") * 3, b"fLaC\0\0\0\x22"])
def test_the_search_is_bounded(head: bytes) -> None:
    """In time, and in what it finds; words that repeat are gone through as far as is asked."""
    data = head + (b"Xing" * 2 + b"fLaC\0\0\0\x22") * 2_000_000
    read: list[int] = []
    now = iter(range(1_000))

    def read_at(at: int, count: int) -> bytes:
        read.append(count)
        return data[at : at + count]

    assert len(find_links(read_at, len(data))) <= 4_096
    assert len(read) < 40_000
    read.clear()
    quiet = head + bytes(32 * 2**20)
    data = quiet
    find_links(read_at, len(quiet), clock=lambda: float(next(now)))
    assert sum(count > 2**19 for count in read) == 1


def test_frames_are_measured() -> None:
    """The bit rates and sizes of ISO/IEC 11172-3 and 13818-3."""
    frame = frame_at(b"\xff\xfb\x90\x64")
    assert frame is not None
    assert (frame.size_bytes, frame.rate, frame.kbit, frame.tag_offset) == (417, 44_100, 128, 36)
    assert not any(frame_at(head) for head in (b"", b"\xff\xfb", b"\xff\xff\xff\xff", b"RIFF"))
    assert not frames_follow(b"\xff\xfb\x90\x64" * 3, 2)


def test_the_bit_rate_is_looked_at_all_over_a_file() -> None:
    """One that changes in the middle tells no length."""
    slow, fast = frames_of(b"\xff\xf3\x20\xc4", 600), frames_of(b"\xff\xf3\x80\xc4", 300)

    def found(data: bytes) -> int | None:
        return constant_kbit(lambda at, count: data[at : at + count], 0, len(data))

    assert (found(slow), found(fast), found(slow + fast)) == (16, 64, None)


def frames_of(header: bytes, count: int) -> bytes:
    """Frames of nothing."""
    frame = frame_at(header)
    assert frame is not None
    return header.ljust(frame.size_bytes, b"\0") * count
