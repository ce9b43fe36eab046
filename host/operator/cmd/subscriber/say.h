/*
 * say: a subscriber, as people and JSON are told of it.
 */
#ifndef TWINKEY_OPERATOR_CMD_SUBSCRIBER_SAY_H
#define TWINKEY_OPERATOR_CMD_SUBSCRIBER_SAY_H

#include <jansson.h>

struct subscriber;

/* "LIMITED"; "BROKEN": its row is not what was written. */
const char *say_state(const struct subscriber *sub);
json_t *say_json(const struct subscriber *sub);
/* The answer of a command: TOOL_OK. */
int say_subscriber(const struct subscriber *sub);

#endif
