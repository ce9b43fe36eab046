/*
 * es2p: ES2+ by JSON (SGP.22 5.3, 6.5.2): the operator's orders to the subscription manager.
 */
#ifndef TWINKEY_OPERATOR_API_ES2P_H
#define TWINKEY_OPERATOR_API_ES2P_H

#include <jansson.h>
#include <stdint.h>

#include "lib/base/err.h"

struct http_answer;
struct smdp_store;

enum es2p_function {
	ES2P_DOWNLOAD_ORDER,
	ES2P_CONFIRM_ORDER,
	ES2P_CANCEL_ORDER,
	ES2P_RELEASE_PROFILE,
	ES2P_FUNCTION_COUNT
};

/* Who takes the orders; borrowed. */
struct es2p_manager {
	struct smdp_store *store;
	const char *address; /* its own, for the answer to ConfirmOrder */
};

/*
 * What the server answers. A request of a wrong form, and trouble of the server, are answers of the
 * function too (rsp_answer.h).
 */
enum err es2p_answer(const struct es2p_manager *m, enum es2p_function f, const json_t *request,
		     int64_t now, struct http_answer *answer) MUST_CHECK;

#endif
