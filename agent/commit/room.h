/* room.h - will it fit? Bytes and files to be written, added up per file system. */
#pragma once

#include <glib.h>

typedef struct {
  GArray *items; /* of RoomItem */
} Room;

Room *room_new(void);
void room_free(Room *room);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Room, room_free)

/* room_need: one more file of SIZE bytes in DIRECTORY (O_PATH will do). PATH is kept for the message. Returns 0 or a
 * negative errno. */
int room_need(Room *room, int directory, const char *path, goffset size);

/* room_lacking: a sentence for each file system that is too small, added to REASONS. */
void room_lacking(const Room *room, GPtrArray *reasons);
