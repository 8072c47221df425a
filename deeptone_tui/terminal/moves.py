"""The shortest way of the cursor from one place to another."""

from functools import lru_cache

Place = tuple[int, int]
"""Column and row, from 0."""
_FEW = 4
"""Steps back that are told one by one in fewer bytes than as a number."""


@lru_cache(8192)
def move(start: Place | None, end: Place) -> str:
    """The shortest sequence that takes the cursor somewhere.

    Args:
        start: where it is; None where that is not certain, as behind the last column.
        end: where it goes.
    """
    x, y = end
    if start == end:
        return ""
    ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
    if start is not None:
        ways.append(_across(start[0], x) + _down(y - start[1]))
    return min(ways, key=len)


def _across(start: int, end: int) -> str:
    """The shortest way within a row."""
    steps = end - start
    if steps == 0:
        return ""
    if end == 0:
        return "\r"
    if -_FEW <= steps < 0:
        return "\b" * -steps
    relative = _steps(abs(steps), "C" if steps > 0 else "D")
    return min(relative, f"\x1b[{end + 1}G", key=len)


def _down(steps: int) -> str:
    """The shortest way within a column; a line feed would not stay in it everywhere."""
    if steps == 0:
        return ""
    return _steps(abs(steps), "B" if steps > 0 else "A")


def _steps(number: int, final: str) -> str:
    return f"\x1b[{number if number > 1 else ''}{final}"
