/*
 * es9p_json: the JSON binding of ES9+ (SGP.22 6.5.2).
 */
#ifndef TWINKEY_OPERATOR_ES9P_JSON_H
#define TWINKEY_OPERATOR_ES9P_JSON_H

#include <jansson.h>

#include "host/operator/smdp/smdp.h"

enum es9p_function {
	ES9P_INITIATE_AUTHENTICATION,
	ES9P_AUTHENTICATE_CLIENT,
	ES9P_GET_BOUND_PROFILE_PACKAGE,
	ES9P_HANDLE_NOTIFICATION,
	ES9P_CANCEL_SESSION,
	ES9P_FUNCTION_COUNT
};

/* The rows of an http_route table (http.h) for all of them. */
#define ES9P_PATH "/gsma/rsp2/es9plus/"
#define ES9P_ROUTES(handle, flags)                                                                 \
	{ES9P_PATH "initiateAuthentication", handle, ES9P_INITIATE_AUTHENTICATION, flags},         \
		{ES9P_PATH "authenticateClient", handle, ES9P_AUTHENTICATE_CLIENT, flags},         \
		{ES9P_PATH "getBoundProfilePackage", handle, ES9P_GET_BOUND_PROFILE_PACKAGE,       \
		 flags},                                                                           \
		{ES9P_PATH "handleNotification", handle, ES9P_HANDLE_NOTIFICATION, flags},         \
	{                                                                                          \
		ES9P_PATH "cancelSession", handle, ES9P_CANCEL_SESSION, flags                      \
	}

/*
 * One request to its answer; *answer is the JSON body (NULL for a notification that was taken) on
 * success. Errors name what is wrong with the request: ERR_TAG a field is missing or no string,
 * ERR_ENCODING no base64, hex or DER.
 */
enum err es9p_json_call(struct smdp *m, enum es9p_function f, const json_t *request, int64_t now,
			json_t **answer) MUST_CHECK;

/* SGP.22 6.5.1.4: a new body with the header of an answer; NULL fault: success. */
json_t *rsp_json_status(const struct smdp_fault *fault);
/*
 * The same for an error of a call; SGP.22 5.2.6: what is missing or invalid is named in the
 * message. field: "" when there is none.
 */
json_t *rsp_json_malformed(enum err e, const char *field);
/* The field of a request that such an error is about. */
const char *es9p_json_wrong_field(enum es9p_function f, const json_t *request);

#endif
