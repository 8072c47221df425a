"""The table of docs/options.md, made of the program's table of options.

python tools/options_page.py          # writes it
python tools/options_page.py --check  # exit code 1 where the page says something else
"""

import sys
from pathlib import Path

from deeptone_tui.settings.options import FLAG, OPTIONS, flag_of, variable_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "options.md"
_HEAD = "| option | environment | |\n|---|---|---|\n"
_MORE = {
    "api_key": ("--api-key-file", "api_key_file", "File with the key in its first line."),
    "record": ("--profile", "profile", "Use this profile of the configuration."),
}
"""Options that say where options stand, by the one they come after."""


def table() -> str:
    """Return the table as Markdown, a row an option."""
    rows = []
    for name, option in OPTIONS.items():
        flag = "SOURCE" if name == "source" else flag_of(name)
        if option.kind is FLAG:
            flag = f"{flag}`, `{flag_of(f'no_{name}')}"
        rows.append(_row(flag, name, option.help_text))
        if name in _MORE:
            rows.append(_row(*_MORE[name]))
        if name == "record":
            words = "Read this configuration instead of the usual one, which `info` names."
            rows.append(_row("--config", "config", words))
    return _HEAD + "".join(rows)


def _row(flag: str, name: str, words: str) -> str:
    return f"| `{flag}` | `{variable_of(name)}` | {words} |\n"


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
