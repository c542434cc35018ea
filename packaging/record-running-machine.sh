  # A machine that runs and has no record is right as it is: recorded as settled, so that a copy of it is known by its product UUID
  # though nobody has run `reset-identity seal`. In a chroot and while an image is built there is no machine to be recorded, and at a
  # first boot it is reset-identity.service that decides.
  if [ -d /run/systemd/system ] && [ "$(cat /proc/1/comm 2>/dev/null)" = systemd ] &&
    [ "$(stat -Lc %d:%i /proc/1/root 2>/dev/null)" = "$(stat -Lc %d:%i /)" ] && [ ! -e /run/systemd/first-boot ] &&
    [ ! -e /etc/reset-identity/record ] && [ ! -e /var/lib/reset-identity/record ] && [ ! -e /var/lib/reset-identity/transaction ]; then
    reset-identity adopt --quiet || echo 'reset-identity: this machine is not recorded; the next boot does it' >&2
  fi
