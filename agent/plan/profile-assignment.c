/* profile-assignment.c - the addresses that the identity gives a profile, and a copy of it */
#include "profile-assignment.h"

#include <arpa/inet.h>

#include "base/each.h"
#include "base/list.h"

/* A copy with the same UUID gets what the file gets that NetworkManager takes: which one that is may change. */
static gboolean is_copy_of(const Profile *profile, const Profile *other) {
  return profile != NULL && other != NULL && profile->format == other->format && profile->uuid != NULL &&
         other->uuid != NULL && g_ascii_strcasecmp(profile->uuid, other->uuid) == 0;
}

const Assignment *profile_assignment(const Identity *identity, const Profile *profile, const Nic *nic, int family) {
  list_each (const Assignment *, assignment, identity->assignments)
    if ((assignment->profile == profile || is_copy_of(assignment->profile, profile)) && assignment->nic == nic &&
        assignment->family == family && assignment->addresses->len > 0)
      return assignment;
  return NULL;
}

char **address_texts(const GPtrArray *addresses) {
  GPtrArray *texts = g_ptr_array_new();

  list_each (const PolicyAddress *, address, addresses)
    g_ptr_array_add(texts, g_strdup_printf("%s/%u", address->text, address->prefix));
  return list_strv(texts);
}

char *address_part(const PolicyAddress *address, AddressPart part) {
  const guint32 mask = address->prefix == 0 ? 0 : ~(guint32)0 << (32 - address->prefix);
  const guint32 ip = ntohl(address->ip.v4.s_addr);
  struct in_addr out = {htonl(part == PART_MASK ? mask : part == PART_NETWORK ? ip & mask : ip | ~mask)};
  char text[INET_ADDRSTRLEN];

  return g_strdup(inet_ntop(AF_INET, &out, text, sizeof text));
}
