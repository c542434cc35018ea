/* leftover.h - whether a file that somebody changed still says what was to be replaced in it. */
#pragma once

#include "manifest.h"

/* leftover_is_in: CONTENT says a value that a choice of MANIFEST replaces, as a word, or has a line of FROM that is not
 * in TO: what the file was before, and what was to take its place (either may be NULL). BACKWARD: the choices' new
 * values are what goes. */
gboolean leftover_is_in(const Manifest *manifest, gboolean backward, GBytes *content, GBytes *from, GBytes *to);
