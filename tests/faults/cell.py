"""One cell of the matrix: a fault strikes a monitor, and what was seen is compared with the row."""

import json
from pathlib import Path

import numpy as np
import soundfile
from faults.rig import Rig
from faults.sources import Tap
from faults.table import Fault

from deeptone_tui.protocol import STEP_SAMPLES

AFTERWARDS = 8
"""Results that are awaited when all is well again."""


async def struck(rig: Rig, fault: Fault) -> None:
    """Let a fault happen to a monitor that streams, and wait until it is over and was told."""
    witness = rig.witness
    await rig.until(lambda state: state.counters.results >= fault.after, "the first results")
    await rig.sleep(fault.pause)
    await fault.strikes(rig)
    await rig.until(
        lambda _: all(words in witness.words for words in fault.words), f"{fault.words}"
    )
    if fault.refused:
        await rig.until(lambda state: state.session.phase == "refused", "the refusal")
    else:
        await rig.results(AFTERWARDS)


async def concluded(rig: Rig, tap: Tap, fault: Fault) -> None:
    """Let the source end, and compare."""
    tap.ending = True
    await rig.until(lambda state: state.source.phase == "ended", "the end of the source")
    await rig.until_done()
    compare(rig, fault)
    assert rig.monitor.state.counters.captured == len(tap.heard()), rig.story()


def compare(rig: Rig, fault: Fault) -> None:
    """Compare what was seen with the row."""
    witness, story = rig.witness, rig.story()
    assert not witness.complaints, story
    for words in fault.words:
        assert words in witness.words, story
    for phase in fault.phases:
        assert witness.saw(phase), story
    assert (rig.proxy.accepted > 1) == fault.reconnects, story
    assert rig.monitor.state.session.phase == ("refused" if fault.refused else "closed"), story
    if not fault.refused:
        nothing_is_missing(rig, fault)


def nothing_is_missing(rig: Rig, fault: Fault) -> None:
    """At the end every sample is answered, or was lost as the row says, and that was told."""
    witness, counters, story = rig.witness, rig.monitor.state.counters, rig.story()
    assert counters.captured == counters.answered + counters.lost, story
    assert witness.left_out <= counters.lost <= fault.loses, story
    if witness.left_out >= STEP_SAMPLES:
        assert "of audio" in "\n".join(witness.notices), story


def recorded(rig: Rig, tap: Tap, parent: Path) -> None:
    """The recording, which is whole when the monitor has stopped, is what the source delivered."""
    (folder,) = parent.iterdir()
    wavs = [soundfile.read(path, dtype="int16")[0] for path in sorted(folder.glob("*.wav"))]
    assert np.array_equal(np.concatenate(wavs), tap.heard()), rig.story()
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    written = [(line["sample"], line["samples"]) for line in lines]
    shown = [(entry.sample, entry.samples) for entry in rig.witness.entries]
    assert written == shown, rig.story()
