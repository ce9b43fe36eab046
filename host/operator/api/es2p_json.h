/*
 * es2p_json: the JSON binding of ES2+ (SGP.22 6.5.2).
 */
#ifndef TWINKEY_OPERATOR_ES2P_JSON_H
#define TWINKEY_OPERATOR_ES2P_JSON_H

#include <jansson.h>

#include "host/operator/smdp/es2p.h"

enum es2p_function {
	ES2P_DOWNLOAD_ORDER,
	ES2P_CONFIRM_ORDER,
	ES2P_CANCEL_ORDER,
	ES2P_RELEASE_PROFILE,
	ES2P_FUNCTION_COUNT
};

/*
 * One request to its answer, refusals included. ERR_TAG: a field is missing or of a wrong type;
 * ERR_VALUE: it has a wrong form. smdp_address goes into the answer to ConfirmOrder.
 */
enum err es2p_json_call(struct smdp_store *s, const char *smdp_address, enum es2p_function f,
			const json_t *request, int64_t now, json_t **answer) MUST_CHECK;
/* The field that such an error is about, for rsp_json_malformed(); "" when there is none. */
const char *es2p_json_wrong_field(enum es2p_function f, const json_t *request);

#endif
