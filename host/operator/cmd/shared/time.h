/*
 * time: moments, as people and JSON are told of them.
 */
#ifndef TWINKEY_OPERATOR_CMD_TIME_H
#define TWINKEY_OPERATOR_CMD_TIME_H

#include <stdint.h>

/* Seconds since 1970. */
int64_t cmd_now(void);
/* The same as 2026-01-31T12:00:00Z, in text; "" for what is no time. Gives text. */
#define CMD_TIME_CAP 40
const char *cmd_time_text(int64_t at, char text[static CMD_TIME_CAP]);

#endif
