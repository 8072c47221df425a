"""The table of docs/options.md, made of the options of the monitor.

python tools/options_page.py          # writes it
python tools/options_page.py --check  # exit code 1 where the page says something else
"""

import sys
from pathlib import Path

import click

from deeptone_tui.cli.root import monitor
from deeptone_tui.settings.options import OPTIONS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "options.md"
_HEAD = "| option | environment | |\n|---|---|---|\n"


def table() -> str:
    """Return the table as Markdown, a row an option."""
    return _HEAD + "".join(map(_row, monitor.params))


def _row(item: click.Parameter) -> str:
    """Return the row of an option, or of the argument, which has no help of its own."""
    if isinstance(item, click.Option):
        flags, words = "`, `".join([*item.opts, *item.secondary_opts]), item.help
    else:
        flags, words = "SOURCE", OPTIONS["source"].help_text
    return f"| `{flags}` | `{item.envvar}` | {words} |\n"


def with_table(page: str) -> str:
    """Return a page with the table in the place of the first one that is in it."""
    lines = page.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith("|"))
    end = next(n for n in range(first, len(lines)) if not lines[n].startswith("|"))
    return "".join(lines[:first]) + table() + "".join(lines[end:])


def _main() -> int:
    written = PAGE.read_text("utf-8")
    made = with_table(written)
    if "--check" in sys.argv:
        return int(made != written)
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
