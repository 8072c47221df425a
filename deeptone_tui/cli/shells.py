"""Completion in bash, zsh and fish: what each asks, and how it is answered."""

import os
import re
from typing import ClassVar, Final

from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    shell_complete,
)

from deeptone_tui.cli.shell_scripts import BASH, FISH, ZSH
from deeptone_tui.cli.shell_words import split_words

__all__ = ["SHELLS", "shell_complete"]

_ASSIGNMENT: Final = re.compile(r"\w+\+?=")
_REDIRECTION: Final = re.compile(r"\d*(?:[<>]|>>|>\||>&|&>>?)")
_ESCAPED: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class _Answers(ShellComplete):
    """Answers our scripts, in the form that they read."""

    tells: ClassVar[bool] = True
    """Whether words stand behind values."""
    whole: ClassVar[bool] = True
    """Whether an option and its = belong to the value."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """What stands between the program and the word that is completed, and that word."""
        words = split_words(_line())
        while len(words) > 1 and _ASSIGNMENT.match(words[0]):
            del words[0]
        return words[1:-1], words[-1] if len(words) > 1 else ""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """What may stand there."""
        if args and _REDIRECTION.fullmatch(args[-1]):
            return [CompletionItem(incomplete, type="file")]
        option, equals, value = incomplete.partition("=")
        if not equals or not option.startswith("--"):
            return super().get_completions(args, incomplete)
        found = super().get_completions([*args, option], value)
        for item in found if self.whole else ():
            item.value = option + equals + item.value
        return found

    def format_completion(self, item: CompletionItem[str]) -> str:
        """One line: kind, value, and words about it."""
        line = f"{item.type},{_escaped(item.value)}"
        return f"{line}\t{_escaped(item.help or '')}" if self.tells else line


class Bash(_Answers):
    """Replaces what stands behind the last break of a word, such as a colon or an open quote."""

    name = "bash"
    source_template = BASH
    tells = False

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Without what stands before the break."""
        found = super().get_completions(args, incomplete)
        before = split_words(_line().removesuffix(os.environ.get("COMP_TEXT", incomplete)))[-1]
        for item in found:
            if item.type == "plain":
                item.value = item.value.removeprefix(before)
        return found


class Zsh(_Answers):
    """Replaces the word, but for an option and its =."""

    name = "zsh"
    source_template = ZSH
    whole = False


class Fish(_Answers):
    """Replaces the word."""

    name = "fish"
    source_template = FISH


SHELLS: Final = {shell.name: add_completion_class(shell) for shell in (Bash, Zsh, Fish)}


def _line() -> str:
    """What has been typed of the command, up to the cursor."""
    typed = os.environ.get("COMP_LINE")
    if typed:
        return typed
    words, number = os.environ.get("COMP_WORDS", ""), os.environ.get("COMP_CWORD", "")
    begun = number.isdecimal() and len(split_words(words)) == int(number)
    return f"{words} " if begun else words


def _escaped(text: str) -> str:
    return re.sub(r"[\\\n\t\r]", lambda found: _ESCAPED[found[0]], text)
