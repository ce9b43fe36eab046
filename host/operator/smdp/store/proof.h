/*
 * proof: rows of the manager's store that are authenticated: their HMAC stands in the column after
 * what it is over. Only the store includes it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_PROOF_H
#define TWINKEY_OPERATOR_SMDP_STORE_PROOF_H

#include "lib/base/bytes.h"

struct db_statement;
struct smdp_store;

struct smdp_proof {
	const char *label;
	const char *select; /* gives the row ?1 */
	const char *update; /* writes its HMAC, ?2 */
	int columns;	    /* that the HMAC is over, from the first one on */
	bool logged;	    /* an entry of the log is in the row: ?2 of select, ?3 of update */
};

/* Authenticates the row as it stands; seq: the entry of the log, where the row has one. */
enum err smdp_proof_write(struct smdp_store *s, const struct smdp_proof *p, int64_t id,
			  int64_t seq) MUST_CHECK;
/* ERR_CORRUPT: somebody else has written the row that st stands on. */
enum err smdp_proof_check(struct smdp_store *s, const struct smdp_proof *p,
			  const struct db_statement *st) MUST_CHECK;

#endif
