/*
 * fence: a library that may end its process, in a process of its own.
 *
 * libnfc calls abort() on a status octet of a reader, and blocks where nothing can wake it. So what
 * uses it runs as "work" in a child, and speaks with its parent by messages. A keeper stands
 * between the two: it is made before the parent has any secret, holds nothing but the socket, and
 * makes the child anew as often as it is asked to. Keeper and child die with the parent; neither
 * hears Ctrl-C, which the parent does.
 */
#ifndef TWINKEY_TOOL_NFC_FENCE_H
#define TWINKEY_TOOL_NFC_FENCE_H

#include "lib/base/bytes.h"

#define FENCE_MESSAGE_MAX 4096

struct cancel;
struct fence;
struct fence_child;

struct fence_options {
	/*
	 * The work, in the child. Its value, and what it said by trouble_set(), are what
	 * fence_receive() gives when it has returned. ctx is as it was at fence_open().
	 */
	enum err (*work)(void *ctx, struct fence_child *child);
	void *ctx;
	struct cancel *cancel; /* ends the waits; borrowed; may be NULL */
};

/* ERR_MEMORY: there is no process or socket. */
enum err fence_open(const struct fence_options *o, struct fence **out) MUST_CHECK;
/* Ends the work, by what fence_child_on_stop() has named or by force after a second. */
void fence_close(struct fence **f);

/* Has the work begin: at first, and again when fence_receive() has told its end. */
enum err fence_start(struct fence *f) MUST_CHECK;
bool fence_works(const struct fence *f);
/* One message to the work, of up to FENCE_MESSAGE_MAX octets. ERR_DISCONNECTED: it has no end. */
enum err fence_send(struct fence *f, struct slice message) MUST_CHECK;

struct fence_wait {
	const char *what; /* for people, when it lasts; NULL: nothing is said */
	int timeout_ms;	  /* -1: none */
	unsigned grace_ms;
};
/*
 * The work's next message, appended to out. ERR_TIMEOUT, ERR_CANCELLED as wait_fd()
 * (tool/sys/wait.h). Any other error is the work's end: its value (ERR_DISCONNECTED where that was
 * ERR_OK), or ERR_NFC_CRASH when the child died.
 */
enum err fence_receive(struct fence *f, const struct fence_wait *w, struct wbuf *out) MUST_CHECK;

/* In the child. ERR_DISCONNECTED: the parent has no more to say. */
enum err fence_child_send(struct fence_child *c, struct slice message) MUST_CHECK;
enum err fence_child_receive(struct fence_child *c, struct wbuf *out) MUST_CHECK;
/*
 * What is to be called, in a handler of a signal, when the work is to end: it makes the call return
 * that the work blocks in. NULL, as at first: the child just ends.
 */
void fence_child_on_stop(struct fence_child *c, void (*stop)(void *ctx), void *ctx);
/* Ends the child at once with this error; for handlers of signals, too. */
void fence_child_die(enum err e) __attribute__((noreturn));
/* The work is to end. */
bool fence_child_is_stopped(const struct fence_child *c);

#endif
