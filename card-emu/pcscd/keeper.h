/*
 * keeper: a process that has a pcscd for as long as another one lives, however that one ends, and
 * throws away the folder that the two worked in.
 */
#ifndef TWINKEY_CARD_PCSCD_KEEPER_H
#define TWINKEY_CARD_PCSCD_KEEPER_H

#include <sys/types.h>

#include "lib/base/err.h"

struct keeper {
	pid_t pid;
	int life; /* its other end tells the keeper when nobody has this one any more */
};

struct keeper_task {
	const char *program;
	const char *const *argv; /* of the program; ends with NULL */
	int socket, log;    /* where it listens, as descriptor 3; its standard output and error */
	const char *folder; /* to be removed at the end */
};

/*
 * To be called before there are threads and secrets. The caller closes socket and log. ERR_MEMORY.
 * What keeps the program from running stands in its log.
 */
enum err keeper_start(const struct keeper_task *task, struct keeper *out) MUST_CHECK;
/*
 * Ends the program, and waits until it has ended and the folder is gone. ERR_SERVICE_LOST: it had
 * ended before by itself; or the keeper had, and the folder may be there.
 */
enum err keeper_end(struct keeper *k) MUST_CHECK;

#endif
