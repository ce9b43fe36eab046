/*
 * cancel: a token by which whoever owns it asks for a piece of work to end.
 *
 * It is passed down to all that waits or loops over a card, a network or a pipe, and each of them
 * asks it. NULL, which every function here but cancel_open() and those behind it takes, is a token
 * that nobody can use: the work goes on to its end. Only a program binds its token to signals.
 * docs/adr/0030-cancel-token.md says why.
 */
#ifndef TWINKEY_TOOL_CANCEL_H
#define TWINKEY_TOOL_CANCEL_H

#include <signal.h>
#include <stdbool.h>

#include "lib/base/err.h"

struct cancel { /* for cancel.c and wait.c alone; all zeros is a token, without a cancel_fd() */
	volatile sig_atomic_t wishes, timed_out;
	bool gave_up, had_given_up; /* before it was taken */
	unsigned holds;
	bool by_signals; /* the program's, see cancel_on_signals() */
	bool has_pipe;
	int pipe[2]; /* readable from the first wish on */
	void (*tell)(const char *what);
	bool unheard;
};

/* A wish that work ends; from a handler of signals, too. More than one: no patience is left. */
void cancel_wish(struct cancel *c);
/* There is a wish. */
bool cancel_is_wished(const struct cancel *c);
/* There is more than one: whoever asks wants no grace. */
bool cancel_is_insisted(const struct cancel *c);
/* ERR_CANCELLED when there is a wish; then cancel_gave_up() is true: work was left undone. */
enum err cancel_check(struct cancel *c) MUST_CHECK;
bool cancel_gave_up(const struct cancel *c);
/*
 * Tells whether there was a wish, and forgets it, for what must still be said to card and server
 * before the end, where a further wish counts anew; cancel_again() brings it back afterwards.
 */
bool cancel_take(struct cancel *c);
void cancel_again(struct cancel *c);
/*
 * Between the two, one wish is not heard (cancel_is_wished() is false until the hold ends): for
 * steps that belong together, such as a card's change and the word of it to the server. Two are
 * heard.
 */
void cancel_hold(struct cancel *c);
void cancel_unhold(struct cancel *c);
/* For poll(): becomes readable with the first wish. -1: there is none. */
int cancel_fd(const struct cancel *c);

/* Who tells people what is waited for (tool/sys/wait.h); NULL, as at first: nobody. */
void cancel_set_teller(struct cancel *c, void (*tell)(const char *what));
/* A wait was ended because nobody reads standard output. */
bool cancel_is_unheard(const struct cancel *c);

/* An empty token with a cancel_fd(). ERR_MEMORY: there are no more files. */
enum err cancel_open(struct cancel *c) MUST_CHECK;
void cancel_close(struct cancel *c);
/*
 * For a program, once: Ctrl-C, SIGTERM and the end of cancel_after() are wishes of this token,
 * which is opened and lives as long as the process; SIGPIPE is ignored. The third signal that
 * nobody took ends the process at once, as when a reader's driver hangs.
 */
void cancel_on_signals(struct cancel *c);
/* A wish of the program's token after so many seconds; cancel_has_timed_out() tells that it came.
 */
void cancel_after(unsigned seconds);
bool cancel_has_timed_out(const struct cancel *c);

#endif
