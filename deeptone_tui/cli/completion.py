"""The ``completion`` command.

An answer has one line per completion: ``plain``, a comma, the value, and optionally a tab and a
description; or ``file`` or ``dir`` for what the shell completes itself. Backslashes, tabs and line
ends are escaped. The scripts discard stderr, which would appear in the line being typed.
"""

import os
import re
from typing import ClassVar, Final

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    shell_complete,
)

__all__ = ["SHELLS", "shell_complete"]


# Works in bash 3.2 too, which macOS has, without compopt, nosort and mapfile. With "filenames",
# readline quotes the inserted text as a file name, respecting open quotes; but it lists only what
# follows the last slash, and does not escape a dollar sign outside quotes.
BASH: Final = r"""%(complete_func)s() {
    local kind value program=${1/#\~/$HOME} files='' special='' IFS=$'\n'
    local line=${COMP_LINE:0:${COMP_POINT:-0}} text=${2-${COMP_WORDS[COMP_CWORD]}}
    type -P -- "$program" >/dev/null || program=%(prog_name)s
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            plain)
                printf -v value %%b "$value"
                COMPREPLY+=("$value")
                [[ $value == *[!A-Za-z0-9._,:/=+-]* ]] && special=yes ;;
            file) files=default ;;
            dir) files=dirnames ;;
        esac
    done <<< "$(COMP_LINE=${line:-"${COMP_WORDS[*]}"} COMP_TEXT=$text \
        %(complete_var)s=bash_complete "$program" 2>/dev/null)"
    local plain=${#COMPREPLY[@]}
    if [[ $files ]]; then
        if ((plain == 0)) && compopt -o "$files" 2>/dev/null; then return; fi
        [[ $files == default ]] && kind=-f || kind=-d
        while IFS= read -r value; do
            [[ $value ]] && COMPREPLY+=("$value")
        done <<< "$(compgen "$kind" -- "$text")"
    fi
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *// ]]; then
        compopt -o nospace 2>/dev/null
    elif [[ ${line%%"$text"} == *[\"\'] || (! $files && ${COMPREPLY[*]} != *[\$/]*) ]]; then
        [[ $files$special ]] && compopt -o filenames 2>/dev/null
    else
        for kind in "${!COMPREPLY[@]}"; do
            value=$(printf %%q "${COMPREPLY[kind]}")
            ((kind >= plain)) && [[ -d ${COMPREPLY[kind]} ]] && value+=/
            COMPREPLY[kind]=$value
        done
    fi
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""

ZSH: Final = r"""#compdef %(prog_name)s

%(complete_func)s() {
    local program=${~words[1]} kind line value help files
    local -a answer values shown unfinished
    (( $+commands[$program] )) || [[ -x $program ]] || program=%(prog_name)s
    answer=("${(@f)$(COMP_LINE="${(j: :)words[1,CURRENT-1]} $IPREFIX$QIPREFIX$PREFIX" \
        %(complete_var)s=zsh_complete $program 2>/dev/null)}")
    [[ $PREFIX == --*=* ]] && compset -P 1 '*='
    for line in $answer; do
        kind=${line%%%%,*} value=${${line#*,}%%%%$'\t'*} help=${${line#*,}#*$'\t'}
        case $kind in
            (plain)
                value=${(g::)value}
                if [[ $value == *:// ]]; then
                    unfinished+=($value)
                else
                    values+=($value)
                    shown+=("${(V)value}${help:+  -- $help}")
                fi ;;
            (file|dir) files=$kind ;;
        esac
    done
    (( $#values )) && compadd -V values -l -d shown -a values
    (( $#unfinished )) && compadd -V values -S '' -a unfinished
    case $files in
        (file) _files ;;
        (dir) _files -/ ;;
    esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

FISH: Final = r"""function %(complete_func)s
    set -l line (commandline -cp | string collect)
    set -l current (commandline -ct)
    set -l option (string match --regex -- '^--[^=]*=' $current; or echo)
    set -l place (string replace -- "$option" '' $current)
    env COMP_LINE=$line %(complete_var)s=fish_complete %(prog_name)s 2>/dev/null |
    while read -l answer
        set -l fields (string split --max 1 , -- $answer)
        switch $fields[1]
            case plain
                set -l told (string split --max 1 \t -- $fields[2])
                printf '%%b\t%%s\0' $told[1] $told[2]
            case file
                string join0 -- $option(__fish_complete_path $place)
            case dir
                string join0 -- $option(__fish_complete_directories $place '')
        end
    end | string split0
end

complete --no-files --keep-order --command %(prog_name)s --arguments '(%(complete_func)s)'
"""

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

_ASSIGNMENT: Final = re.compile(r"\w+\+?=")
_REDIRECTION: Final = re.compile(r"\d*(?:[<>]|>>|>\||>&|&>>?)")
_ESCAPED: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

_HELP = """Print the completion script for a shell.

\b
bash: eval "$(deeptone-tui completion bash)"     in ~/.bashrc
zsh:  eval "$(deeptone-tui completion zsh)"      in ~/.zshrc
fish: deeptone-tui completion fish | source      in ~/.config/fish/config.fish
"""


def split_words(line: str) -> list[str]:
    """Return the words of a line up to the cursor, without their quotes.

    `shlex` rejects a last word with open quotes, has other rules within double quotes, and none for
    ``$'…'``.

    Args:
        line: as it stands in the shell; words are separated by white space.

    Returns:
        At least one word; the last one is empty if none has been begun.
    """
    words = [""]
    for token in _TOKEN.finditer(line.lstrip()):
        if token.lastgroup == "space":
            words.append("")
        else:
            words[-1] += _meant(token.lastgroup, token[token.lastgroup or 0])
    return words


def _meant(kind: str | None, text: str) -> str:
    """Return the text that a token stands for, without quotes and escapes."""
    match kind:
        case "escaped":
            return text.replace("\n", "")  # a line continuation
        case "double":
            return _IN_DOUBLE.sub(lambda found: found[1].replace("\n", ""), text)
        case "ansi":
            return _IN_ANSI.sub(lambda found: _ANSI.get(found[1], found[1]), text)
        case _:
            return text


class _Answers(ShellComplete):
    """Answers to this program's completion scripts, in the format that they read."""

    tells: ClassVar[bool] = True
    """True if descriptions follow the values."""
    whole: ClassVar[bool] = True
    """True if an option and its ``=`` belong to the value."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words between the program and the word being completed, and that word."""
        words = split_words(_line())
        while len(words) > 1 and _ASSIGNMENT.match(words[0]):
            del words[0]
        return words[1:-1], words[-1] if len(words) > 1 else ""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the completions of the current word."""
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
        """Return one line: kind, value and description."""
        line = f"{item.type},{_escaped(item.value)}"
        return f"{line}\t{_escaped(item.help or '')}" if self.tells else line


class Bash(_Answers):
    """Bash, which replaces what follows the last word break, such as a colon or an open quote."""

    name = "bash"
    source_template = BASH
    tells = False

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the completions without the text before the word break."""
        found = super().get_completions(args, incomplete)
        before = split_words(_line().removesuffix(os.environ.get("COMP_TEXT", incomplete)))[-1]
        for item in found:
            if item.type == "plain":
                item.value = item.value.removeprefix(before)
        return found


class Zsh(_Answers):
    """Zsh, which replaces the word except an option and its ``=``."""

    name = "zsh"
    source_template = ZSH
    whole = False


class Fish(_Answers):
    """Fish, which replaces the word."""

    name = "fish"
    source_template = FISH


SHELLS: Final = {shell.name: add_completion_class(shell) for shell in (Bash, Zsh, Fish)}


def _line() -> str:
    """Return the command line typed so far, up to the cursor, as all of the scripts give it."""
    return os.environ.get("COMP_LINE", "")


def _escaped(text: str) -> str:
    return re.sub(r"[\\\n\t\r]", lambda found: _ESCAPED[found[0]], text)


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice([*SHELLS]), metavar="SHELL")
def command(shell: str) -> None:
    """Print the completion script for a shell."""
    from deeptone_tui.cli.root import COMPLETION_VARIABLE, PROGRAM, program  # noqa: PLC0415  the root loads us

    click.echo(SHELLS[shell](program, {}, PROGRAM, COMPLETION_VARIABLE).source(), nl=False)
