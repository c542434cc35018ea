/* warning-lines.h - the numbers of lines in what a run warns of. */
#pragma once

#include "plan/plan.h"

/* warning_lines_settle: of WARNINGS (char*) that begin with "PATH:LINE:", those of a file that PLAN has changed say the
 * line as it is afterwards: a plan is read before the run, and its report when the file is another. */
void warning_lines_settle(const Plan *plan, GPtrArray *warnings);
