/*
 * courier: carries codes to users by a command of the operator's. The code is on its standard
 * input, the address in TWINKEY_ADDRESS; neither is in an argument or a log. Nobody waits for it:
 * what became of those that are under way is asked for now and then.
 */
#ifndef TWINKEY_OPERATOR_COURIER_H
#define TWINKEY_OPERATOR_COURIER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"

#define COURIER_MAX 32 /* under way at once */
#define COURIER_S   30 /* that one has; then it is killed */
#define COURIER_WHY 48

struct courier {
	const char *command; /* NULL: there is none; borrowed */
	struct courier_way {
		pid_t pid; /* 0: free */
		int64_t subscriber, begun;
	} way[COURIER_MAX];
};

/* ERR_NOT_FOUND: no command; ERR_FULL: too many are under way; ERR_IO: it cannot be run. */
enum err courier_send(struct courier *c, int64_t subscriber, const char *address, const char *code,
		      int64_t now) MUST_CHECK;
/* One that has ended without success: false when there is none. */
struct courier_loss {
	int64_t subscriber;
	char why[COURIER_WHY];
};
bool courier_next_loss(struct courier *c, int64_t now, struct courier_loss *out);
/* Ends those that are under way. */
void courier_end(struct courier *c);

#endif
