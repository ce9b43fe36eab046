/*
 * command: somebody's command beside this process, run to its end as env(1) and timeout(1) do.
 *
 * It has this process's standard files, environment, process group and terminal; umask, limit of
 * cores, and the signals ignored and blocked are those that this process was started with
 * (tool/sys/harden.h).
 */
#ifndef TWINKEY_TOOL_SYS_COMMAND_H
#define TWINKEY_TOOL_SYS_COMMAND_H

#include "lib/base/err.h"

/* Exit codes beside those of the command itself; 128 + N: a signal ended it. */
enum command_exit {
	COMMAND_TIMED_OUT = 124,
	COMMAND_NOT_RUN = 125, /* what it needed, or was to leave, could not be had */
	COMMAND_NO_PROGRAM = 126,
	COMMAND_NOT_FOUND = 127,
	COMMAND_SIGNAL = 128
};

struct cancel;

/*
 * Runs argv[0], which is looked for in PATH, until it ends: its exit code. argv ends with NULL.
 * SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 are passed on to it and have no other
 * effect meanwhile, unless a terminal has sent them to it already. When the time of cancel_after()
 * is over it gets SIGTERM, five seconds later SIGKILL, and cancel the wish when it has ended. *why:
 * ERR_OK, or why it was not begun: ERR_NOT_FOUND (127), ERR_PERMISSION, ERR_NO_FILE and others
 * (126), ERR_MEMORY (125), ERR_CANCELLED (there was a wish before: 125). One at a time; for the
 * thread that has the signals.
 */
int command_run(char **argv, struct cancel *cancel, enum err *why) MUST_CHECK;
/*
 * At the end of this process: when SIGINT has ended the command, SIGINT ends this process, too. To
 * a shell that runs a loop an exit code is no reason to leave it.
 */
void command_die_alike(void);

#endif
