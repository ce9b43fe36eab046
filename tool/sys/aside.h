/*
 * aside: calls that block and cannot be cancelled, made by a thread of their own, so that a wish to
 * stop ends the wait for them.
 *
 * What a call reads and writes lives in ctx, which belongs to the thread while a call runs. One
 * that was given up may still run: ctx is then never freed, and the process is about to end.
 */
#ifndef TWINKEY_TOOL_ASIDE_H
#define TWINKEY_TOOL_ASIDE_H

#include <stdbool.h>

#include "lib/base/err.h"

struct aside;
struct cancel;

/* Borrows cancel, which ends the waits. ERR_MEMORY: no thread is to be had. */
enum err aside_open(struct cancel *cancel, struct aside **out) MUST_CHECK;
/*
 * Has call(ctx) made and gives its value. ERR_CANCELLED: a wish to stop, and it did not return
 * within grace_ms; so are all later calls. what: for people, when it takes long.
 */
enum err aside_call(struct aside *a, const char *what, unsigned grace_ms,
		    enum err (*call)(void *ctx), void *ctx) MUST_CHECK;
/* A call was given up: what it works on must stay. */
bool aside_is_stuck(const struct aside *a);
void aside_close(struct aside **a);

#endif
