"""What is typed for a file that cannot be played: for that very file, and it works."""

import asyncio
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
from support.sources.heard import hear
from support.sources.sounds import noise, sine, write_wav

from deeptone_tui.audio.containers import container_of, how_to_play


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("call.sln", 8_000),
        ("call.SLN", 8_000),
        ("call.sln16", 16_000),
        ("call.sln44", 44_100),
        ("call.sln192", 192_000),
        ("call.raw", 16_000),
        ("call.pcm", 16_000),
    ],
)
def test_raw_samples_go_in_on_stdin_at_their_rate(name: str, rate: int) -> None:
    """Asterisk writes it into the name."""
    words = how_to_play(name, None, "Format not recognised")
    assert words.endswith(f"deeptone-tui - --sample-rate {rate} < ./{name}")


@pytest.mark.system("ffmpeg", "sox")
@pytest.mark.parametrize("ending", ["ulaw", "alaw", "gsm", "g722", "vox", "wav", "", "bin"])
def test_the_line_that_converts_works_as_printed(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three seconds of a telephone without a header, in a folder with a name of its own."""
    kind = {"ulaw": "ul", "alaw": "al", "vox": "vox", "gsm": "gsm"}.get(ending, "raw")
    write_wav(tmp_path / "call.wav", sine(3.0, rate=8_000), rate=8_000)
    folder = tmp_path / "it's; a folder"
    folder.mkdir()
    path = folder / (f"-call.{ending}" if ending else "-call")
    if ending == "g722":
        to_g722 = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "call.wav"), "-ar", "16000"]
        subprocess.run([*to_g722, "-f", "g722", str(path)], check=True)
    else:
        subprocess.run(["sox", str(tmp_path / "call.wav"), "-t", kind, str(path)], check=True)
    monkeypatch.chdir(folder)
    said = str(asyncio.run(hear(path.name)).failure)
    line = next(said[said.index(tool) :] for tool in ("ffmpeg -f", "sox -t") if tool in said)
    assert shlex.split(line)  # whole
    subprocess.run(line, shell=True, check=True, capture_output=True)  # noqa: S602  as typed
    heard = asyncio.run(hear(folder / "OUT.wav"))
    if (
        kind == "raw" and ending != "g722"
    ):  # nothing tells what it is; a rate is named to be changed
        assert len(heard.samples) == 24_000
        return
    level = np.sqrt(np.mean((heard.samples[8_000:40_000] / 32_768) ** 2))
    assert abs(len(heard.samples) - 48_000) < 1_000
    assert level == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"\x1f\x8b\x08" + bytes(60), "is gzip, not audio; unpack it first"),
        (b"PK\x03\x04" + bytes(60), "is ZIP, not audio; unpack it first"),
        (b"\0\0\0\x18ftypM4A " + bytes(60), "convert it first: ffmpeg -i ./x.bin -ac 1"),
        (b"#!AMR\n" + bytes(60), "is AMR, which cannot be read here (Format not recognised)"),
    ],
)
def test_a_container_is_called_by_its_name(head: bytes, words: str) -> None:
    """Whatever its file is called."""
    assert words in how_to_play("x.bin", container_of(head), "Format not recognised")


def test_a_name_that_cannot_be_typed_is_left_out() -> None:
    """Rather than to break the line."""
    assert "-i IN " in how_to_play("a\nb.ulaw", None, "").replace("a\nb.ulaw", "")


async def test_noise_in_a_file_is_not_taken_for_a_container(tmp_path: Path) -> None:
    """Nor by ffmpeg, which would find frames of MP3 in anything."""
    (tmp_path / "x").write_bytes(noise(50_000).tobytes())
    assert "if it holds raw samples" in str((await hear(tmp_path / "x")).failure)
