/* interfaces-fault.h - what ifupdown refuses in its files: then it brings nothing up, and nothing is edited. */
#pragma once

#include "interfaces.h"

/* interfaces_fault: "PATH:LINE: an option without a value"; NULL: ifupdown takes them. Where ifupdown-ng or ifupdown2
 * is installed below ROOT: NULL, they are lenient. The caller frees. */
char *interfaces_fault(const Root *root, const Interfaces *interfaces);
