/*
 * fault: system calls that fail on demand. The test runner is linked with --wrap for write(),
 * ftruncate(), fsync(), fdatasync() and rename(); a call outside an armed fault goes through, but
 * for the syncs, which never wait for the disk.
 */
#ifndef TWINKEY_TESTS_FAULT_H
#define TWINKEY_TESTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_FULL,    /* the n-th call fails with ENOSPC; the later ones work */
	FAULT_NO_ROOM, /* from the n-th call on every write() fails with ENOSPC; other calls work */
	FAULT_SHORT,   /* the n-th write() takes only `octets` octets; the later ones work */
	FAULT_DEATH,   /* the n-th call is not done (a write() by `octets` octets), nor any after it
			*/
};

/* Counts calls from 1. */
void fault_arm(enum fault_kind kind, unsigned nth, size_t octets);
/* How many calls there have been since fault_arm(). */
unsigned fault_calls(void);
/* Back to normal; true when the fault struck. */
bool fault_disarm(void);

#endif
