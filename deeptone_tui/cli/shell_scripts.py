"""Scripts that have the program itself asked, as each shell can, what may stand at the cursor.

The answer is a line for each value: ``plain``, a comma, and the value, after which a tab and
words about it may stand; or ``file`` or ``dir`` for what the shell completes itself. Backslashes,
tabs and ends of lines are escaped. What went to stderr would stand in the line being typed.
"""

from typing import Final

# Works in bash 3.2 too, which macOS has: it knows neither compopt nor nosort, nor mapfile.
# With "filenames" readline quotes what it inserts as a file's name, as open quotes demand; but it
# lists only what follows the last slash, and leaves a dollar as it is where no quote is open.
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
    done <<< "$(COMP_LINE=${line:-"${COMP_WORDS[*]}"} COMP_TEXT=$text COMP_CWORD=$COMP_CWORD \
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
