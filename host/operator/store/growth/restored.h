/*
 * restored: a store that was put back from a copy of before: what was given out after the copy was
 * made is not in it, and must not be given out again.
 *
 * - Sequence numbers (I6): every subscription's counter jumps by SQN_RESTORE_JUMP, far over what
 *   can have been given out, and within what a card takes (TS 33.102 C.2.1: SEQ may grow by 2^28 at
 *   once). The jump is of SQN, and keeps IND: SEQ grows by 2^18 (8 bits of IND) to 2^26 (none).
 * - Challenges of the AuC, and grants that await a result: gone.
 * - Second factors: every code of a generator that could be used now counts as used; codes that
 *   were sent, and approvals, are forgotten.
 *
 * A number that is at its end stays there; its card says by AUTS where it is.
 */
#ifndef TWINKEY_OPERATOR_STORE_RESTORED_H
#define TWINKEY_OPERATOR_STORE_RESTORED_H

#include "lib/base/bytes.h"

struct operator_store;

#define SQN_RESTORE_JUMP (UINT64_C(1) << 26)

struct restored {
	int64_t now;
	int64_t totp_step;    /* the last one that could be used now */
	const char *evidence; /* for the log */
	/* what was done */
	int64_t subscribers, dropped;
};
/* One transaction, with an entry of the log. ERR_CORRUPT: a row is not what was written. */
enum err operator_store_restored(struct operator_store *s, struct restored *r) MUST_CHECK;

#endif
