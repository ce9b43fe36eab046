/*
 * lab: the operator's lab interface, /twinkey/v1/ (docs/protocol.md section 3).
 */
#ifndef TWINKEY_OPERATOR_LAB_H
#define TWINKEY_OPERATOR_LAB_H

#include <jansson.h>
#include <stdint.h>

#include "lib/base/err.h"

struct http_answer;
struct operator_store;
struct release_authority;
struct smdp_store;

enum lab_function {
	LAB_AUC_VECTOR,
	LAB_AUC_VERIFY,
	LAB_AUC_RESYNC,
	LAB_AUC_AV,
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

/*
 * What the server answers: the body, or an error and a message that says what happened and what
 * comes next. ERR_TAG: a field of the request is missing or of another type. ERR_LOCKED: another
 * process has one of the stores, and nothing is done.
 */
enum err lab_answer(const struct lab *lab, enum lab_function f, const json_t *request, int64_t now,
		    struct http_answer *answer) MUST_CHECK;

#endif
