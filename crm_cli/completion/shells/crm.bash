# Completion of crm for bash 3.2 and newer.
#
# The line is handed to crm as it stands, and what comes back is inserted as it stands: quoted for the place where the
# cursor is. Nothing that comes from the database is ever evaluated.

_crm_complete() {
    local program=${COMP_WORDS[0]} line mode=
    COMPREPLY=()
    if [[ $program == "~/"* ]]; then
        program=$HOME/${program#*/}
    fi
    if ! type -- "$program" >/dev/null 2>&1; then
        program=crm
    fi
    while IFS= read -r line; do
        if [[ -z $mode ]]; then
            mode=$line
        else
            COMPREPLY[${#COMPREPLY[@]}]=$line
        fi
    done < <(command "$program" __complete bash "$COMP_TYPE" "$COMP_WORDBREAKS" "${COMP_LINE:0:$COMP_POINT}" 2>/dev/null)
    case $mode in
        files) compopt -o default 2>/dev/null || complete -o default -F _crm_complete crm ;;
        open) compopt -o nospace 2>/dev/null ;;
    esac
}

complete -F _crm_complete crm
