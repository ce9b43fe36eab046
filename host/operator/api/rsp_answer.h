/*
 * rsp_answer: how a function of ES9+ or ES2+ answers: the header of SGP.22 6.5.1.4, and what a
 * failure is called there (5.2.6).
 *
 * A function that fails has an answer too, with status 200: the fault that the subscription manager
 * gives, or the one that stands for an error of the request's form or of the server. Only
 * ERR_LOCKED stays an error: such a call is made again (host/operator/http/server.h).
 */
#ifndef TWINKEY_OPERATOR_API_RSP_ANSWER_H
#define TWINKEY_OPERATOR_API_RSP_ANSWER_H

#include <jansson.h>

#include "lib/base/err.h"

struct http_answer;
struct smdp_fault;

/* A new body with the header alone; NULL fault: success. NULL: no memory. */
json_t *rsp_answer_header(const struct smdp_fault *fault);
/*
 * The answer of a function that gave e. field: the one of the request that is missing or wrong,
 * which the message names (5.2.6); "" when there is none. ERR_OK: *answer is left as it is.
 */
enum err rsp_answer_failure(enum err e, const char *field, struct http_answer *answer) MUST_CHECK;

#endif
