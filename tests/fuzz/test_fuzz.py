"""The short form of the fuzzers; ``make fuzz`` is the long one."""

import pytest

from fuzz.run import run
from fuzz.target import Target
from fuzz.targets import TARGETS

SEED = 20_261_130


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(each, marks=[pytest.mark.realtime] if name == "screen" else [])
        for name, each in TARGETS.items()
    ],
    ids=list(TARGETS),
)
def test_whatever_comes_in_is_borne(target: Target) -> None:
    """Nothing ends, nothing is raised but what is promised, and what is said is fit to be read."""
    figures = run(target, SEED, more=lambda inputs: inputs < target.short)
    assert not figures.failures, "\n".join(figures.failures)
