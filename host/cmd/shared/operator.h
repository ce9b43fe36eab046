/*
 * operator: what the subcommands share that talk to the operator.
 */
#ifndef TWINKEY_HOST_CMD_OPERATOR_H
#define TWINKEY_HOST_CMD_OPERATOR_H

#include "lib/base/err.h"

struct uicc;
struct operator_link;
struct attach;
/* The operator of --operator. On failure it has said why, and the value is the exit code. */
int cmd_operator_open(struct operator_link **out) MUST_CHECK;
/* tool_fail() with what the operator said of a refusal. */
int cmd_operator_fail(const struct operator_link *op, enum err e, const char *what);
/* Says why attach_run() failed. */
int cmd_attach_fail(const struct uicc *u, const struct operator_link *op, const struct attach *a,
		    enum err e);

#endif
