/*
 * operator: what the subcommands share that talk to the operator.
 */
#ifndef TWINKEY_HOST_CMD_OPERATOR_H
#define TWINKEY_HOST_CMD_OPERATOR_H

#include "lib/base/err.h"

struct http_client;

/* The operator of --operator. On failure it has said why, and the value is the exit code. */
int cmd_operator_open(struct http_client **out) MUST_CHECK;

#endif
