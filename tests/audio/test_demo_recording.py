"""The demo recording is what its page says."""

import hashlib
import re
from importlib import resources

import demo_recipe
import numpy as np
import pytest
import soundfile

from deeptone_tui.dsp import ClipCounter, Samples, step_levels
from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.protocol.units import to_dbfs

AUDIO = resources.files("deeptone_tui.audio")
PAGE = AUDIO.joinpath("demo.md").read_text("utf-8")
ROW = re.compile(
    r"^\| (?P<begin>[\d.]+)–(?P<end>[\d.]+) \| [\d–]+ \| (?P<what>[^|]+) \| [^|]+ "
    r"\| (?P<whole>[−∞\d.]+) \| (?P<steps>[^|]+) \|$",
    re.MULTILINE,
)
SILENCE = (*range(5), 10, 11, 17, 18, 23, 30, 42, 45, 56, 57, 58, 59)
MUSIC = range(24, 30)
OTHER = range(31, 37)
WOMEN = (*range(5, 10), *range(37, 42), 53, 54, 55)


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.strip().replace("−", "-").replace("∞", "inf"))


def expected(period: int) -> tuple[str, str]:
    """What ``speech-rt`` and ``gender`` are to say of a period, by the table of the page."""
    if period in SILENCE:
        return "silence", "silence"
    if period in MUSIC:
        return "music", "no_speech"
    if period in OTHER:
        return "other", "no_speech"
    return "speech", "female" if period in WOMEN else "male"


@pytest.fixture(scope="module")
def samples() -> Samples:
    """The whole recording."""
    with resources.as_file(AUDIO.joinpath("demo.flac")) as path:
        found, rate = soundfile.read(path, dtype="int16")
    assert rate == 16_000
    return np.asarray(found)


def test_sixty_periods_of_mono_in_little_space(samples: Samples) -> None:
    """60 periods of 1024 ms, and no more than 1.2 MB."""
    assert samples.shape == (60 * 16_384,)
    assert len(AUDIO.joinpath("demo.flac").read_bytes()) < 1_200_000


def test_samples_are_those_of_the_page(samples: Samples) -> None:
    """The sum on the page is the sum of the samples."""
    assert hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest() in PAGE


def test_parts_follow_each_other_on_periods() -> None:
    """The table covers the whole, without a gap, and cuts on whole periods only."""
    rows = list(ROW.finditer(PAGE))
    edges = [round(float(row["begin"]) * 16_000) for row in rows]
    ends = [round(float(row["end"]) * 16_000) for row in rows]
    assert edges[0] == 0
    assert ends == [*edges[1:], 60 * 16_384]
    assert all(edge % 16_384 == 0 for edge in edges)


@pytest.mark.parametrize("row", list(ROW.finditer(PAGE)), ids=lambda row: row["begin"])
def test_levels_are_those_of_the_table(row: re.Match[str], samples: Samples) -> None:
    """Each part's level and the range of its steps, as measured by the program's own meter."""
    part = samples[round(float(row["begin"]) * 16_000) : round(float(row["end"]) * 16_000)]
    levels = step_levels(part)
    whole = to_dbfs(float(np.sqrt((levels**2).mean())))
    if row["whole"] == "−∞":
        assert not part.any()
        return
    low, high = map(number, row["steps"].split("…"))
    assert whole == pytest.approx(number(row["whole"]), abs=0.06)
    assert to_dbfs(float(levels.min())) == pytest.approx(low, abs=0.51)
    assert to_dbfs(float(levels.max())) == pytest.approx(high, abs=0.51)


def test_it_clips_only_where_it_should(samples: Samples) -> None:
    """The clip lamp has something to show, in one part."""
    counter = ClipCounter()
    counter.feed(samples[: 43 * 16_384])
    assert counter.total == 0
    counter.feed(samples[43 * 16_384 : 45 * 16_384])
    assert counter.total == 17
    counter.feed(samples[45 * 16_384 :])
    assert counter.total == 17


def test_every_recording_is_attributed() -> None:
    """Each file that the recipe uses is named on the page."""
    for recording in demo_recipe.RECORDINGS.values():
        name = recording.path.rpartition("/")[2].replace("arctic_", "")
        stem = re.sub(r"-\d{4}\.wav$", "-*.wav", name)
        assert stem in PAGE


async def test_the_local_models_call_every_period_what_it_is(samples: Samples) -> None:
    """Sixty periods, sixty right labels of both models."""
    engine = Engine()
    await engine.start()
    try:
        analysis = engine.open_stream(StreamParameters(models=("speech-rt", "gender")))
        steps = await analysis.feed(samples)
        analysis.close()
    finally:
        await engine.close()
    named = [(step.answers["speech-rt"].result, step.answers["gender"].result) for step in steps]
    assert named == [expected(period) for period in range(60)]
