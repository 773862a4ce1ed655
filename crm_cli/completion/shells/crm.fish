# Completion of crm for fish.
#
# fish takes the quotes off what was typed and puts them around what comes back. Nothing that comes from the database is
# ever evaluated.

function __crm_complete
    set -l words (commandline -opc)
    set -l current
    for closing in '' '"' "'"
        set current (string unescape -- (commandline -ct)$closing); and break
    end
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    type -q -- $program; or set program crm
    set -e words[1]
    set -l lines (command $program __complete fish $words "$current" 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path (commandline -ct)
    else
        set -e lines[1]
        test (count $lines) -gt 0; and printf '%s\n' $lines
    end
end

complete -c crm -f -k -a '(__crm_complete)'
