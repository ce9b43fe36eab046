/*
 * exchange: what import and export of subscribers say alike.
 */
#ifndef TWINKEY_OPERATOR_CMD_SUBSCRIBER_EXCHANGE_H
#define TWINKEY_OPERATOR_CMD_SUBSCRIBER_EXCHANGE_H

#include <stdbool.h>

#define PATH_SAID_MAX 100 /* octets of a path that the log tells */

/* The option wants the name of a format, and has another value: TOOL_USAGE. writes: one that is
 * written. */
int exchange_usage(const char *option, const char *value, bool writes);

#endif
