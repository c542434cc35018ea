/* own-entries.h - entries for one NIC under both its names: the template's and the one that it has here, as a template
 * for several hypervisors has them. */
#pragma once

#include "profile.h"

/* own_entries_settle: of a format whose entries are their NICs' names, and which puts together what two of them say of
 * one. The entry with the NIC's name here counts; the one with its former name is for no NIC, and yields to it. */
void own_entries_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present);
/* own_matches_settle: of one whose entries are that, or match their NIC by its name. */
void own_matches_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present);
/* own_files_settle: of a format (NULL: keyfiles) whose files say the name of their NIC, and two of which are not put
 * together: both would give the NIC their addresses, or one of them in an order that nobody sees. What does not come up
 * by itself, and Wi-Fi, is left as it is, and so is what is bound by a MAC address alone: that one was the template's
 * NIC's. */
void own_files_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present);
