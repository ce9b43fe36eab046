/*
 * lab: the operator's lab interface, /twinkey/v1/ (docs/protocol.md section 3).
 */
#ifndef TWINKEY_OPERATOR_LAB_H
#define TWINKEY_OPERATOR_LAB_H

#include <jansson.h>

#include "host/operator/release/release.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"

enum lab_function {
	LAB_AUC_VECTOR,
	LAB_AUC_VERIFY,
	LAB_AUC_RESYNC,
	LAB_FACTOR_STATUS,
	LAB_FACTOR_TOTP,
	LAB_RELEASE_RESEAL,
	LAB_RELEASE_GRANT,
	LAB_RELEASE_RESULT,
	LAB_RELEASE_ACTIVATION,
	LAB_FUNCTION_COUNT
};

struct lab { /* borrowed */
	struct operator_store *store;
	struct release_authority *authority;
	struct smdp_store *manager; /* to order second profiles there */
};

/* ERR_TAG: a field of the request is missing or of another type. */
enum err lab_call(const struct lab *lab, enum lab_function f, const json_t *request, int64_t now,
		  json_t **answer) MUST_CHECK;

#endif
