/*
 * answers: the gateway's socket for those who ask who is attached (host/operator/gateway/
 * attached.h). Nobody who asks can hold the gateway up: a line must be there in
 * ANSWERS_PATIENCE_MS.
 */
#ifndef TWINKEY_OPERATOR_ANSWERS_H
#define TWINKEY_OPERATOR_ANSWERS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/operator/gateway/attached.h"
#include "tool/sys/local.h"

#define ASKERS_MAX	    16 /* who ask at once; of more the oldest is let go */
#define ANSWERS_PATIENCE_MS 1000

/* Fills *out; false: nobody is attached there. address in host order. */
typedef bool answers_find(void *ctx, uint32_t address, struct attached *out);

struct answers {
	struct local_socket own;
	answers_find *find;
	void *ctx;
	struct answers_client {
		int fd; /* -1: none */
		int64_t since_ms;
		size_t len;
		char line[ATTACHED_LINE_MAX];
	} clients[ASKERS_MAX];
};

struct cancel;
/* Errors as local_listen() has them. */
enum err answers_open(const char *path, struct cancel *cancel, struct answers *a) MUST_CHECK;
/* What to wait for: ASKERS_MAX + 1 entries. */
#define ANSWERS_POLL (ASKERS_MAX + 1)
void answers_poll(const struct answers *a, struct pollfd fds[static ANSWERS_POLL]);
/* After the wait: takes, reads and answers what is there. */
void answers_serve(struct answers *a, const struct pollfd fds[static ANSWERS_POLL]);
void answers_close(struct answers *a);

#endif
