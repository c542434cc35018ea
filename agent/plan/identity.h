/* identity.h - the identity that the machine shall have: every choice of a run, made once, before any step.
 *
 * Random values that more than one step has to do with are drawn here and nowhere else, so that the steps only write
 * down what was chosen and agree with each other. In this order: which NIC each address goes to, whether the wire has
 * it free, then all the rest. Each choice stands in the plan with its old value and its source.
 */
#pragma once

#include "plan-context.h"

/* How the warning begins that says so. */
#define IDENTITY_UNMATCHED "no [host] section of the policy names this clone"

/* identity_choose: by CONTEXT's policy. Errors: RI_ERROR_POLICY (a template that needs a MAC where there is none, an
 * ambiguous NIC: the message names the candidates and the policy's file and line), RI_ERROR_FAILED. With verdict
 * REWIRED everything is kept. */
Identity *identity_choose(const PlanContext *context, Plan *plan, GError **error);
void identity_free(Identity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Identity, identity_free)
