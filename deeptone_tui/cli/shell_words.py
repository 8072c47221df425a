"""Words of a line that is being typed in a shell."""

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<space>\s+)
    | \\(?P<escaped>.?)
    | \$'(?P<ansi>(?:[^'\\]|\\.)*)(?:'|\\?\Z)
    | '(?P<single>[^']*)(?:'|\Z)
    | \$?"(?P<double>(?:[^"\\]|\\.)*)(?:"|\\?\Z)
    | (?P<plain>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_DOUBLE: Final = re.compile(r"\\([$`\"\\\n])")
_IN_ANSI: Final = re.compile(r"\\(.)", re.DOTALL)
_ANSI: Final = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "E": "\x1b", "a": "\a", "b": "\b"}


def split_words(line: str) -> list[str]:
    """Return the words of a line up to the cursor, without their quotes.

    `shlex` refuses the last word while its quotes are open, and knows other rules within double
    quotes, and none for ``$'…'``.

    Args:
        line: as it stands in the shell; words are kept apart by white space.

    Returns:
        At least one word; the last one is empty where none has been begun.
    """
    words = [""]
    for token in _TOKEN.finditer(line.lstrip()):
        if token.lastgroup == "space":
            words.append("")
        else:
            words[-1] += _meant(token.lastgroup, token[token.lastgroup or 0])
    return words


def _meant(kind: str | None, text: str) -> str:
    """What a piece of a word means."""
    match kind:
        case "escaped":
            return text.replace("\n", "")  # the line goes on
        case "double":
            return _IN_DOUBLE.sub(lambda found: found[1].replace("\n", ""), text)
        case "ansi":
            return _IN_ANSI.sub(lambda found: _ANSI.get(found[1], found[1]), text)
        case _:
            return text
