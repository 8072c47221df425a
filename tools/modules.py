"""Print the rooms of the package, and each module's lines of code and importers.

    python tools/modules.py [--small] [ROOM...]

A line of code has a token that is neither comment nor docstring. Imports within functions count.
With `--small` only modules of at most 30 lines that one other imports are printed, which are
candidates for a move into that one.
"""

from __future__ import annotations

import argparse
import ast
import collections
import io
import pathlib
import tokenize
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent / "deeptone_tui"
SMALL_LINES = 30
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


class Module(NamedTuple):
    """A module of the package: dotted name without the package's, lines of code, importers."""

    name: str
    lines: int
    importers: tuple[str, ...]

    @property
    def room(self) -> str:
        """The folder below the package, or the module's own name where it lies beside them."""
        return self.name.partition(".")[0]

    @property
    def is_small(self) -> bool:
        """True for a module that could be a part of its only importer."""
        return self.lines <= SMALL_LINES and len(self.importers) == 1


def modules(root: pathlib.Path = ROOT) -> list[Module]:
    """Return every module below `root` in the order of its name."""
    files = {_dotted(path, root): path for path in sorted(root.rglob("*.py"))}
    importers: dict[str, set[str]] = collections.defaultdict(set)
    for name, path in files.items():
        for imported in _imported(path, root.name) & files.keys() - {name}:
            importers[imported].add(name)
    return [
        Module(name, code_lines(path.read_text("utf-8")), tuple(sorted(importers[name])))
        for name, path in files.items()
    ]


def code_lines(source: str) -> int:
    """Count the lines with a token that is neither comment nor docstring."""
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def _dotted(path: pathlib.Path, root: pathlib.Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "__init__"


def _imported(path: pathlib.Path, package: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.removeprefix(f"{package}.") for name in names if name.startswith(f"{package}.")}


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", nargs="*", metavar="ROOM")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    rooms: dict[str, list[Module]] = collections.defaultdict(list)
    for module in modules():
        rooms[module.room].append(module)
    for room, members in rooms.items():
        if options.rooms and room not in options.rooms:
            continue
        print(f"{room}: {len(members)} modules, {sum(each.lines for each in members)} lines")
        for module in members:
            if not options.small or module.is_small:
                print(f"  {module.lines:4} {module.name}  ← {', '.join(module.importers) or '-'}")
    every = [module for members in rooms.values() for module in members]
    print(f"{len(every)} modules, {sum(module.lines for module in every)} lines of code")


if __name__ == "__main__":
    _main()
