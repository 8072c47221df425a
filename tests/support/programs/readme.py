"""The lines that README.md and the pages in docs tell people to type."""

import re

from support.programs.program import REPOSITORY

PAGES = (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def lines_with(words: str) -> list[str]:
    """The lines of the one block of commands in which these words stand."""
    found = (block for page in PAGES for block in _BLOCK.findall(page.read_text("utf-8")))
    (block,) = {str(block) for block in found if words in block}  # the same wherever it stands
    return [line for line in block.splitlines() if line]


def line_with(words: str) -> str:
    """The one line of commands in which these words stand."""
    (line,) = (line for line in lines_with(words) if words in line)
    return line


def changed(published: str, *changes: tuple[str, str]) -> str:
    """The published line, with each of these changed in the one place where it stands."""
    for theirs, ours in changes:
        assert published.count(theirs) == 1, theirs
        published = published.replace(theirs, ours)
    return published
