/*
 * harden: what every program does before it touches a secret.
 */
#ifndef TWINKEY_TOOL_HARDEN_H
#define TWINKEY_TOOL_HARDEN_H

#include <stdbool.h>

#include "lib/base/err.h"

/*
 * No core files, not traceable by others, umask 077, the secure heap for keys; standard input,
 * output and error that were closed are taken, so that no other file gets their numbers.
 */
void harden_process(void);

/*
 * Ctrl-C, SIGTERM and the end of interrupt_after() only set a flag, so that nothing is left half
 * done; SIGPIPE is ignored. interrupted() tells; interrupt_fd() becomes readable then (for poll).
 * interrupt_take() answers and forgets it, for what must still be said to card and server before
 * the end, where a further Ctrl-C counts anew; interrupt_again() brings it back afterwards. The
 * third signal that nobody took ends the process at once, as when a reader's driver hangs.
 */
void interrupt_catch(void);
bool interrupted(void);
int interrupt_fd(void);
bool interrupt_take(void);
void interrupt_again(void);
/* More than one signal that nobody took: no patience is left. */
bool interrupt_insisted(void);

/*
 * ERR_CANCELLED when interrupted; then interrupt_gave_up() is true from here on: work was left
 * undone.
 */
enum err interrupt_check(void) MUST_CHECK;
bool interrupt_gave_up(void);

/*
 * Between the two, one signal is not heard (interrupted() is false until the hold ends): for steps
 * that belong together, such as a card's change and the word of it to the server. Two are heard.
 */
void interrupt_hold(void);
void interrupt_unhold(void);

/* Interrupts after so many seconds; interrupt_timed_out() tells that it did. */
void interrupt_after(unsigned seconds);
bool interrupt_timed_out(void);

#endif
