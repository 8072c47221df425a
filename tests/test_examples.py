"""The examples of a property are the same whatever ran before it."""

import subprocess
import sys

import pytest
from support.programs.program import REPOSITORY

DRAWS = "tests/protocol/test_values.py"


def examples_drawn(*before: str) -> list[str]:
    """The examples of one file's property, in a process that loads other tests first."""
    options = ["-p", "no:cacheprovider", "-q", "-rA", "--hypothesis-verbosity=verbose"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *before, DRAWS],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "text=" in line or "parameter=" in line]


@pytest.mark.thorough
def test_what_was_loaded_before_changes_no_example() -> None:
    """Hypothesis draws the constants of loaded modules too, so all are loaded."""
    alone = examples_drawn()
    assert len(alone) >= 100
    assert examples_drawn("tests/cli/test_precedence.py") == alone
