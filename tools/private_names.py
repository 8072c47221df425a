"""Find private names of the libraries outside the one file a library that may use them.

    python tools/private_names.py      # prints each; exit code 1 where there is one

A private name is an attribute or a module with a leading underscore, imported from a library or
read from anything but ``self`` and ``cls``, which the code does not define itself.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent / "deeptone_tui"
LIBRARIES = ("aiohttp", "rich", "sounddevice", "textual", "textual_serve")
QUARANTINES = frozenset(
    {
        "audio/sounddevice_private.py",
        "endpoint/server/aiohttp_private.py",
        "terminal/textual_private.py",
        "web/session.py",  # of textual-serve
    }
)
"""The files that may use private names, one a library."""


PUBLIC = frozenset({"_asdict", "_exit", "_fields", "_replace"})
"""Names with an underscore that are public: of named tuples and of `os`."""


class Use(NamedTuple):
    """A private name where it is used."""

    path: Path
    line: int
    name: str


def uses(path: Path, own: frozenset[str]) -> Iterator[Use]:
    """Yield the private names of others in a file.

    Args:
        path: the file.
        own: names that our own code defines, anywhere; of another object than ``self`` only those
            of the same file count.
    """
    here = defined([path])
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] in LIBRARIES:
                names = [*parts, *(alias.name for alias in node.names)]
                yield from (Use(path, node.lineno, name) for name in names if is_private(name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            mine = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            if node.attr in (own if mine else here) | PUBLIC:
                continue
            yield Use(path, node.lineno, node.attr)


def is_private(name: str) -> bool:
    """True for a name with one leading underscore."""
    return name.startswith("_") and not name.startswith("__")


def defined(paths: list[Path]) -> frozenset[str]:
    """Return the private names that our own code defines: functions, attributes, fields."""
    names: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return frozenset(names)


def found() -> list[Use]:
    """Return the private names outside the files that may use them."""
    paths = sorted(ROOT.rglob("*.py"))
    own = defined(paths)
    outside = (path for path in paths if path.relative_to(ROOT).as_posix() not in QUARANTINES)
    return [use for path in outside for use in uses(path, own)]


def main() -> int:
    """Print what is found."""
    every = found()
    for use in every:
        print(f"{use.path.relative_to(ROOT.parent)}:{use.line}: {use.name}")
    return 1 if every else 0


if __name__ == "__main__":
    sys.exit(main())
