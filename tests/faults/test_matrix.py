"""Every fault against every source: not one sample is unaccounted for, and the words are there.

The long form (``--moments 10``) strikes again at other moments and in other audio.
"""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from faults.cell import concluded, recorded, struck
from faults.rig import world
from faults.sources import SOURCES, spoken
from faults.table import FAULTS, Fault

pytestmark = pytest.mark.long

AUDIO = spoken(60.0)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One moment in the short form."""
    metafunc.parametrize("moment", range(metafunc.config.getoption("moments")))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_every_sample_is_accounted_for(
    fault: Fault, source: str, moment: int, tmp_path: Path
) -> None:
    """At every published state and at the end, whatever happens on the way."""
    audio = AUDIO
    if moment:
        random = Random(f"{fault.name}, {source}, {moment}")  # noqa: S311  the same in each run
        fault = fault.at_another_moment(random)
        audio = np.roll(audio, random.randrange(len(audio)))
    with world(no_results=fault.no_results) as fast:
        tap = SOURCES[source](audio, tmp_path, fast.clock, fast.sleep)
        async with fast.rigged(tap, tmp_path / "recording", *fault.scripts) as rig:
            await struck(rig, fault)
            await concluded(rig, tap, fault)
    recorded(rig, tap, tmp_path / "recording")
    heard = tap.heard()
    assert np.array_equal(heard, np.resize(audio, len(heard)))
