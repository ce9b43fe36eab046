/*
 * answer: the answer to a request goes out, with the headers that its status and its route ask for,
 * and is noted for the server's log.
 *
 * MHD_NO of these: there is no memory for an answer, and the connection ends.
 */
#ifndef TWINKEY_OPERATOR_HTTP_ANSWER_H
#define TWINKEY_OPERATOR_HTTP_ANSWER_H

#include <microhttpd.h>

#include "lib/base/err.h"

struct http_answer;
struct http_page;
struct http_refusal;
struct http_route;

/* What came of a handler: e, or *a, whose body is taken over. */
enum MHD_Result http_answer_send(struct MHD_Connection *c, const struct http_route *route,
				 enum err e, struct http_answer *a);
/* A page; its body is copied. */
enum MHD_Result http_answer_page(struct MHD_Connection *c, const struct http_route *route,
				 const struct http_page *page);
/* route NULL: there is none. */
enum MHD_Result http_answer_refuse(struct MHD_Connection *c, const struct http_route *route,
				   const struct http_refusal *no);
/*
 * The same where the daemon takes no answer: this status goes out without a body, and nothing after
 * it. how: as shutdown() has it.
 */
void http_answer_raw(struct MHD_Connection *c, unsigned status, int how);

#endif
