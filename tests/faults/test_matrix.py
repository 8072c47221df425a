"""Every fault against every source: not one sample is unaccounted for, and the words are there."""

from pathlib import Path

import numpy as np
import pytest
from faults.cell import concluded, recorded, struck
from faults.rig import world
from faults.sources import SOURCES, spoken
from faults.table import FAULTS, Fault

AUDIO = spoken(60.0)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_every_sample_is_accounted_for(fault: Fault, source: str, tmp_path: Path) -> None:
    """At every published state and at the end, whatever happens on the way."""
    with world(no_results=fault.no_results) as fast:
        tap = SOURCES[source](AUDIO, tmp_path, fast.clock, fast.sleep)
        async with fast.rigged(tap, tmp_path / "recording", *fault.scripts) as rig:
            await struck(rig, fault)
            await concluded(rig, tap, fault)
    recorded(rig, tap, tmp_path / "recording")
    heard = tap.heard()
    assert np.array_equal(heard, np.resize(AUDIO, len(heard)))
