/* temporary.h - the hidden name beside a target under which its new content waits. */
#pragma once

/* temporary_name: ".NAME.reset-identity": always the same for one NAME, so that recovery finds it. A leading dot is
 * what neither NetworkManager's keyfile nor its ifcfg directory loads. A NAME too long for that is hashed. The caller
 * frees. */
char *temporary_name(const char *name);
