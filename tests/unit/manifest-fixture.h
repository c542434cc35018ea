/* manifest-fixture.h - a manifest with something of everything. */
#pragma once

#include "commit-fixture.h"
#include "commit/manifest.h"

static inline Manifest *make_manifest(void) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GBytes) content = g_bytes_new("x", 1);
  char kind[] = "undo", verdict[] = "clone", summary[] = "a -> b", reasons[] = "one\ntwo\t\\";
  TransactionInfo info = {kind, verdict, summary, reasons, 7};
  Edit *edit = plan_write(plan, "nm-profile", "/etc/odd \n\x1b\xff = name", NULL, content, "because");
  ManifestEdit *rename;

  edit->flags = EDIT_SECRET | EDIT_FORGET_OLD | EDIT_LAST | EDIT_KEYFILE | EDIT_VOLATILE;
  (void)plan_remove(plan, "dhcp", "/var/lease", content, "stale");
  (void)plan_rename(plan, "machine-id", "/var/log/old", "/var/log/new", "follows");
  Manifest *manifest = manifest_new(plan, &info);
  ((ManifestEdit *)manifest->edits->pdata[0])->parents = 2;
  ((ManifestEdit *)manifest->edits->pdata[1])->attributes = TRUE;
  rename = manifest->edits->pdata[2];
  rename->moved = g_strsplit("a|a|b|b~", "|", -1);
  return manifest;
}
