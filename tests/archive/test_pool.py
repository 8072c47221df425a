"""Files in many processes, some of which are killed."""

import sys

import pytest
from support.sources import dying_listener
from support.sources.dying_listener import HEARD, KILLS

from deeptone_tui.archive import pool
from deeptone_tui.archive.analysis import Progress
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def _dying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "hear_group", dying_listener.hear_group)


def recordings(names: list[str]) -> list[AudioInput]:
    """Files that are not there: nobody looks."""
    return [AudioInput(name, SourceSpec(SourceKind.FILE, name)) for name in names]


def became(names: list[str], jobs: int) -> dict[str, str]:
    """What became of each file."""
    told: list[str] = []

    def note(_progress: Progress, through: object) -> None:
        assert isinstance(through, list)
        told.extend(through)

    outcomes = pool.hear_in_processes(
        recordings(names), SourceOptions(), models=False, jobs=jobs, told=note
    )
    reasons = [outcome.reason for outcome in outcomes if isinstance(outcome, InputFailure)]
    assert sorted(told) == sorted(names)
    return dict(zip(names, reasons, strict=True))


def test_a_process_that_is_killed_takes_only_its_own_files_with_it() -> None:
    """The rest is heard, by the others and by a new one."""
    names = [f"{number:02}" for number in range(36)]
    names[2] = f"02 {KILLS}"
    reasons = became(names, 2)
    dead = [name for name, reason in reasons.items() if "has died" in reason]
    assert dead == names[:8]
    assert all(reasons[name] == HEARD for name in names[8:])
    assert all(reasons[name].startswith(f"{name}: ") for name in dead)


def test_one_death_after_another_ends_in_failures_and_not_in_more_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where processes cannot live at all, all that was asked for is told of."""
    monkeypatch.setattr(pool, "_HOPELESS", 1)
    names = [f"{number} {KILLS}" for number in range(40)]
    assert all("has died" in reason for reason in became(names, 1).values())
