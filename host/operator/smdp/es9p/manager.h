/*
 * manager: what the functions of ES9+ work with. They alone include it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_MANAGER_H
#define TWINKEY_OPERATOR_SMDP_MANAGER_H

#include "host/operator/pki/eums.h"
#include "host/operator/smdp/identity.h"
#include "lib/rsp/rsp.h"

#define SMDP_IDENTITIES_MAX 2

struct smdp {
	struct smdp_store *store;
	struct smdp_identity ids[SMDP_IDENTITIES_MAX];
	size_t count;
	struct eums eums;
	struct revoked *revoked;
	bool keep_rejected, reuse_deleted;
	char address[RSP_ADDRESS_MAX + 1];
	char place[RSP_ADDRESS_MAX + sizeof(":4294967295")]; /* the same with a port, or without */
};

/* Its own word for the address by which it is called; NULL: that is not its own. */
const char *smdp_called(const struct smdp *m, struct slice address);

/* NULL: the manager is nobody on this curve. */
const struct smdp_identity *smdp_identity_of(const struct smdp *m, enum ec_curve curve);

#endif
