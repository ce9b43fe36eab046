/*
 * fault: how an error becomes an answer: a status of HTTP and {"error": {"code", "message"}}
 * (docs/protocol.md section 3).
 *
 * Everything that is not done is answered so: a handler's error, a head that is refused, a round
 * that could not be settled. A function of SGP.22 that fails is answered in SGP.22's own way, which
 * is no error here (host/operator/api/rsp_answer.h).
 */
#ifndef TWINKEY_OPERATOR_HTTP_FAULT_H
#define TWINKEY_OPERATOR_HTTP_FAULT_H

#include <jansson.h>

#include "lib/base/err.h"

/* 500 for what is the server's own trouble. */
unsigned http_fault_status(enum err e);
/* message "": the error's own sentence. NULL: no memory. */
json_t *http_fault_body(enum err e, const char *message);

/* A request that reaches no handler. status 0: nothing is wrong with it. */
struct http_refusal {
	unsigned status;
	const char *message;
	const char *name; /* that the message ends with; NULL: none */
};
#define HTTP_NO_REFUSAL ((struct http_refusal){0, NULL, NULL})
static inline struct http_refusal http_refuse(unsigned status, const char *message)
{
	return (struct http_refusal){status, message, NULL};
}
json_t *http_fault_refusal(const struct http_refusal *no);

#endif
