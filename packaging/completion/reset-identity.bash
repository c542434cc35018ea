# bash completion for reset-identity(8). Commands and options are asked of the program: `reset-identity help [COMMAND]`.

_reset_identity_commands() {
  LC_ALL=C "$1" help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p'
}

# "--wait=" where it takes a value.
_reset_identity_options() {
  LC_ALL=C "$1" help $2 2>/dev/null | sed -n 's/^  \(-[a-z], \)\{0,1\}\(--[a-z-]*=\{0,1\}\).*/\2/p'
}

# The [host] sections of the policy, for plan --as.
_reset_identity_hosts() {
  sed -n 's/^[[:space:]]*\[[[:space:]]*host[[:space:]][[:space:]]*\([^][:space:]]*\)[[:space:]]*\][[:space:]]*$/\1/p' \
    /etc/reset-identity/policy.ini /etc/reset-identity/policy.d/*.ini /usr/lib/reset-identity/policy.d/*.ini 2>/dev/null
}

_reset_identity() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' index
  COMPREPLY=()

  # "=" is a word of its own for readline: --as=web is three.
  if [[ $word == = ]]; then
    word=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    [[ ${COMP_WORDS[index]} == [a-z]* && ${COMP_WORDS[index - 1]} != = ]] || continue
    [[ ${COMP_WORDS[index - 1]} == --@(root|hardware|policy|as|wait) ]] && continue
    command=${COMP_WORDS[index]}
    break
  done

  case $previous in
  --root | --hardware) mapfile -t COMPREPLY < <(compgen -d -- "$word") && compopt -o filenames; return ;;
  --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word") && compopt -o filenames; return ;;
  --as) mapfile -t COMPREPLY < <(compgen -W "$(_reset_identity_hosts)" -- "$word"); return ;;
  --wait) return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_reset_identity_options "$program" "$command")" -- "$word")
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return
  fi
  case $command in
  '' | help) mapfile -t COMPREPLY < <(compgen -W "$(_reset_identity_commands "$program")" -- "$word") ;;
  check-policy) mapfile -t COMPREPLY < <(compgen -f -- "$word") && compopt -o filenames ;;
  log) mapfile -t COMPREPLY < <(compgen -W "$(ls /var/lib/reset-identity/history 2>/dev/null)" -- "$word") ;;
  esac
}
complete -F _reset_identity reset-identity
