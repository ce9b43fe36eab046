/*
 * harden: what every program does before it touches a secret.
 */
#ifndef TWINKEY_TOOL_HARDEN_H
#define TWINKEY_TOOL_HARDEN_H

#include <stdbool.h>

/*
 * No core files, not traceable by others, umask 077, the secure heap for keys; standard input,
 * output and error that were closed are taken, so that no other file gets their numbers.
 */
void harden_process(void);

/*
 * Ctrl-C and SIGTERM only set a flag, so that nothing is left half done; SIGPIPE is ignored.
 * interrupted() tells; interrupt_fd() becomes readable then (for poll). interrupt_take() answers
 * and forgets it, for what must still be said to card and server before the end, where a further
 * Ctrl-C counts anew; interrupt_again() brings it back afterwards. The third signal that nobody
 * took ends the process at once, as when a reader's driver hangs.
 */
void interrupt_catch(void);
bool interrupted(void);
int interrupt_fd(void);
bool interrupt_take(void);
void interrupt_again(void);

#endif
