/*
 * lab: the operator's lab interface, /twinkey/v1/ (docs/protocol.md section 3).
 */
#ifndef TWINKEY_OPERATOR_LAB_H
#define TWINKEY_OPERATOR_LAB_H

#include <jansson.h>

#include "host/operator/store.h"

enum lab_function {
	LAB_AUC_VECTOR,
	LAB_AUC_VERIFY,
	LAB_AUC_RESYNC,
	LAB_FACTOR_STATUS,
	LAB_FACTOR_TOTP,
	LAB_FUNCTION_COUNT
};

/* ERR_TAG: a field of the request is missing or of another type. */
enum err lab_call(struct operator_store *s, enum lab_function f, const json_t *request, int64_t now,
		  json_t **answer) MUST_CHECK;

#endif
