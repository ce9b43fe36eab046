/*
 * own: what the parts of the subscription manager's store share. Nobody else includes it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_OWN_H
#define TWINKEY_OPERATOR_SMDP_STORE_OWN_H

#include "host/operator/audit/chain.h"
#include "host/operator/audit/keyring.h"
#include "host/operator/db/db.h"

struct smdp_store {
	struct db *db;
	struct keyring *keyring;
	struct chain log;
	int64_t forgot_before; /* the sessions on the disk from before then are gone */
};

#endif
