/*
 * request_log: a line a request that a server has answered, without anything of its headers and
 * body. Paths are strangers' texts. That nobody reads the log any more ends no server.
 */
#ifndef TWINKEY_OPERATOR_CMD_REQUEST_LOG_H
#define TWINKEY_OPERATOR_CMD_REQUEST_LOG_H

#include <stdio.h>

struct http_entry;

/* Where the lines go; standard output at first. Before the server begins. */
void request_log_to(FILE *to);
/* For struct http_setup. */
void request_log(void *ctx, const struct http_entry *e);

#endif
