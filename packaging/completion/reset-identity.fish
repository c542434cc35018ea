# fish completion for reset-identity(8). Commands and options are asked of the program: `reset-identity help [COMMAND]`.

# NAME<TAB>WHAT IT DOES
function __reset_identity_commands
    LC_ALL=C reset-identity help 2>/dev/null |
        string replace -rf '^  ([a-z][a-z-]*)(?: [^ ]+)? {2,}(.*)' '$1\t$2'
end

function __reset_identity_command
    for word in (commandline -opc)[2..-1]
        string match -qr '^[a-z]' -- $word; and echo $word; and return
    end
    return 1
end

# --OPTION=<TAB>WHAT IT DOES
function __reset_identity_options
    LC_ALL=C reset-identity help (__reset_identity_command) 2>/dev/null |
        string replace -rf '^  (?:-[a-z], )?(--[a-z-]+=?)[^ ]* +(.*)' '$1\t$2'
end

# The [host] sections of the policy, for plan --as.
function __reset_identity_hosts
    set -l files /etc/reset-identity/policy.ini /etc/reset-identity/policy.d/*.ini /usr/lib/reset-identity/policy.d/*.ini
    cat $files 2>/dev/null | string replace -rf '^\s*\[\s*host\s+([^\]\s]+)\s*\]\s*$' '$1'
end

function __reset_identity_word_is
    string match -q -- $argv[1] (commandline -ct)
end

complete -c reset-identity -f
complete -c reset-identity -n 'not __reset_identity_command >/dev/null' -a '(__reset_identity_commands)'
complete -c reset-identity -n 'contains help (__reset_identity_command)' -a '(__reset_identity_commands)'
complete -c reset-identity -n 'contains check-policy (__reset_identity_command)' -F
complete -c reset-identity -n 'contains log (__reset_identity_command)' -a '(ls /var/lib/reset-identity/history 2>/dev/null)'
complete -c reset-identity -n '__reset_identity_word_is "-*"' -a '(__reset_identity_options)'
complete -c reset-identity -l root -x -a '(__fish_complete_directories)'
complete -c reset-identity -l hardware -x -a '(__fish_complete_directories)'
complete -c reset-identity -l policy -r -F
complete -c reset-identity -n 'contains plan (__reset_identity_command)' -l as -x -a '(__reset_identity_hosts)'
