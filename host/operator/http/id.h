/*
 * id: the name of one request, by which what is said of it in many places is found together. A
 * client, or a proxy before it, may bring one (X-Request-Id); else it is a random one. The answer
 * says it.
 */
#ifndef TWINKEY_OPERATOR_HTTP_ID_H
#define TWINKEY_OPERATOR_HTTP_ID_H

#include <stdbool.h>

#define HTTP_ID_FIELD "X-Request-Id"
#define HTTP_ID_MAX   64
#define HTTP_ID_CAP   (HTTP_ID_MAX + 1)

/* 1 to HTTP_ID_MAX letters, digits, ".", "_" and "-". */
bool http_id_is_good(const char *text);
/* What was shown (may be NULL) where that is good, else a random one; "" when there is none. */
void http_id_take(const char *shown, char id[static HTTP_ID_CAP]);

#endif
