/* manifest-fixture.h - a manifest with something of everything. */
#pragma once

#include "commit-fixture.h"
#include "commit/manifest.h"

static inline Manifest *make_manifest(void) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GBytes) content = g_bytes_new("x", 1);
  char summary[] = "a -> b", reasons[] = "one\ntwo\t\\";
  TransactionInfo info = {"undo", "clone", summary, reasons, 7};
  Edit *edit = plan_write(plan, "nm-profile", "/etc/odd \n\x1b\xff = name", NULL, content, "because");
  Action *action = plan_act(plan, "machine-id", ACTION_MACHINE_ID, NULL, NULL, "what runs follows");

  edit->flags = EDIT_SECRET | EDIT_FORGET_OLD | EDIT_LAST | EDIT_KEYFILE | EDIT_VOLATILE;
  edit->gid = 12;
  (void)plan_remove(plan, "dhcp", "/var/lease", content, "stale");
  (void)plan_unlink(plan, "nm-profile", "/etc/link", "/dev/null", "follows");
  (void)plan_make_directory(plan, "record", "/etc/made", 0755, "for what comes into it");
  (void)plan_choose(plan, "hostname", "golden", "clone", "policy.ini:2");
  plan_choose(plan, "wifi", "hush", "hush2", "vault")->secret = TRUE;
  action->data = g_strdup("0123\xff");
  action->must_succeed = TRUE;
  (void)plan_act(plan, "ssh-host-keys", ACTION_UNIT, "try-restart", "ssh.service", "new keys");
  return manifest_new(plan, &info);
}
