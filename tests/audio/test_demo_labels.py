"""What the local models call each part of the demo."""

from importlib import resources

import numpy as np
import soundfile

from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.protocol import StreamParameters

SILENCE = (*range(5), 10, 11, 17, 18, 23, 30, 42, 45, 56, 57, 58, 59)
MUSIC = range(24, 30)
OTHER = range(31, 37)
WOMEN = (*range(5, 10), *range(37, 42), 53, 54, 55)


def expected(period: int) -> tuple[str, str]:
    """What ``speech-rt`` and ``gender`` are to say of a period, by the table of the page."""
    if period in SILENCE:
        return "silence", "silence"
    if period in MUSIC:
        return "music", "no_speech"
    if period in OTHER:
        return "other", "no_speech"
    return "speech", "female" if period in WOMEN else "male"


async def test_every_period_is_called_what_it_is() -> None:
    """Sixty periods, sixty right labels of both models."""
    with resources.as_file(resources.files("deeptone_tui.audio") / "demo.flac") as path:
        samples, _ = soundfile.read(path, dtype="int16")
    engine = Engine()
    await engine.start()
    try:
        analysis = engine.open_stream(StreamParameters(models=("speech-rt", "gender")))
        steps = await analysis.feed(np.asarray(samples))
        analysis.close()
    finally:
        await engine.close()
    named = [(step.answers["speech-rt"].result, step.answers["gender"].result) for step in steps]
    assert named == [expected(period) for period in range(60)]
