/*
 * es9p: ES9+ by JSON (SGP.22 5.6, 6.5.2): what the LPAs ask of the subscription manager.
 */
#ifndef TWINKEY_OPERATOR_API_ES9P_H
#define TWINKEY_OPERATOR_API_ES9P_H

#include <jansson.h>
#include <stdint.h>

#include "lib/base/err.h"

struct http_answer;
struct smdp;

enum es9p_function {
	ES9P_INITIATE_AUTHENTICATION,
	ES9P_AUTHENTICATE_CLIENT,
	ES9P_GET_BOUND_PROFILE_PACKAGE,
	ES9P_HANDLE_NOTIFICATION,
	ES9P_CANCEL_SESSION,
	ES9P_FUNCTION_COUNT
};

/*
 * What the server answers. A request of a wrong form, and trouble of the server, are answers of the
 * function too (rsp_answer.h), but for a notification: that one has no answer (204) unless nothing
 * of it can be read, which is an error.
 */
enum err es9p_answer(struct smdp *m, enum es9p_function f, const json_t *request, int64_t now,
		     struct http_answer *answer) MUST_CHECK;
/*
 * The function alone: *body is what it says on success (NULL for a notification that was taken).
 * ERR_TAG: a field is missing or no string; ERR_ENCODING: no base64, hex or DER. Other errors as
 * those of host/operator/smdp/smdp.h.
 */
enum err es9p_perform(struct smdp *m, enum es9p_function f, const json_t *request, int64_t now,
		      json_t **body) MUST_CHECK;

#endif
