/*
 * fault: system calls and allocations that fail on demand. The test runner is linked with --wrap
 * for write(), pwrite(), ftruncate(), fsync(), fdatasync(), rename() and renameat(), for malloc(),
 * calloc(), realloc() and the secure heap, and gives OpenSSL an allocator of its own; a call
 * outside an armed fault goes through, but for the syncs, which never wait for the disk. Kinds of
 * system calls count those, kinds of memory count allocations.
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
	FAULT_MEMORY,  /* the n-th allocation fails; the later ones work */
	FAULT_NO_MEMORY, /* from the n-th allocation on all fail */
};

/* Before anything else in main(): OpenSSL takes an allocator only as long as it has none. */
void fault_start(void);

/* Counts calls from 1. */
void fault_arm(enum fault_kind kind, unsigned nth, size_t octets);
/* How many calls there have been since fault_arm(). */
unsigned fault_calls(void);
/* Back to normal; true when the fault struck. */
bool fault_disarm(void);

#endif
