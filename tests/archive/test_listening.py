"""What is heard of one source."""

from pathlib import Path

import numpy as np
import pytest
from support.endpoints.serving_process import serving
from support.sources.scenes import captured, noise, talk
from support.sources.sounds import Samples, write_wav

from deeptone_tui.archive.analysis import SourceAnalysis, listen
from deeptone_tui.archive.recordings import AudioInput
from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.cli import tune
from deeptone_tui.cli.tune_report import ProgressLine
from deeptone_tui.cli.tune_request import read_request
from deeptone_tui.cli.tune_run import hear_from
from deeptone_tui.dsp import FaultKind

SAID = talk(-24.0, sentences=2)
WELL = captured(SAID + noise("pink", len(SAID), -55.0, 1))
WITH_OFFSET: Samples = (WELL // 2 + np.int16(1600)).astype(np.int16)
INPUTS = {
    "well": (WELL, None, []),
    "offset": (WITH_OFFSET, None, [FaultKind.OFFSET]),
    "one side": (np.stack([WELL, WELL * 0], axis=1), None, [FaultKind.DEAD_CHANNEL]),
    "cancelling": (np.stack([WELL, -WELL], axis=1), None, [FaultKind.CANCELLING_CHANNELS]),
    "its first channel": (np.stack([WELL, -WELL], axis=1), 0, []),
}
CASES = pytest.mark.parametrize(("samples", "channel", "wanted"), INPUTS.values(), ids=INPUTS)


def recording(path: Path) -> AudioInput:
    """A file to be heard."""
    return AudioInput(path.name, SourceSpec(SourceKind.FILE, str(path)))


def kinds(hearing: object) -> list[FaultKind]:
    """The faults that were heard."""
    assert isinstance(hearing, SourceAnalysis)
    return [fault.kind for fault in hearing.faults]


@CASES
async def test_faults_of_the_input_are_heard(
    tmp_path: Path, samples: Samples, channel: int | None, wanted: list[FaultKind]
) -> None:
    """Of the audio, and of the channels it was mixed from."""
    source = recording(write_wav(tmp_path / "input.wav", samples))
    options = SourceOptions(realtime=False, channel=channel)
    hearing = await listen(source, options, None, limit=None, advance=lambda _heard, _length: None)
    assert kinds(hearing) == wanted


def test_faults_are_heard_through_an_endpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, as the monitor tells them."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with serving() as server:
        for samples, channel, wanted in INPUTS.values():
            path = write_wav(tmp_path / "input.wav", samples)
            words = [str(path), "--url", server.stream]
            words += [] if channel is None else ["--channel", str(channel + 1)]
            with tune.command.make_context("tune", words) as context:
                request = read_request(context.params)
            source = recording(path)
            heard = hear_from(request, [source], ProgressLine(1, verbose=False))
            assert kinds(heard[source]) == wanted
