/*
 * client: JSON by HTTP POST, as the operator and subscription managers speak it (docs/protocol.md
 * 3).
 */
#ifndef TWINKEY_HOST_CLIENT_H
#define TWINKEY_HOST_CLIENT_H

#include <jansson.h>

#include "lib/base/bytes.h"

#define HTTP_CLIENT_ANSWER_MAX	(1u << 20)
#define HTTP_CLIENT_PATIENCE_MS 30000

struct cancel;
struct http_client;

/* spec: unix:PATH, https://HOST[:PORT], or http://HOST[:PORT] of this machine (127.*, localhost,
 * [::1]). cancel, borrowed, ends each call. ERR_USAGE for anything else. */
enum err http_client_open(const char *spec, struct cancel *cancel,
			  struct http_client **out) MUST_CHECK;
void http_client_close(struct http_client **o);
/* The spec that it was opened with. */
const char *http_client_spec(const struct http_client *o);
/*
 * For a link by https, before its first call. The certificates in file (PEM, or one in DER) are
 * trusted instead of the system's: ERR_CERT when there are none; and errors of reading.
 */
enum err http_client_trust(struct http_client *o, const char *file) MUST_CHECK;
/* The connection goes to HOST:PORT ([HOST]:PORT), whatever host the URL names: ERR_USAGE. */
enum err http_client_connect_to(struct http_client *o, const char *host_port) MUST_CHECK;
/* A header of every request, "Name: value": ERR_MEMORY. */
enum err http_client_add_header(struct http_client *o, const char *line) MUST_CHECK;
/*
 * How long a server may take or send next to nothing, fewer than 100 octets a second
 * (HTTP_CLIENT_PATIENCE_MS at first): then ERR_TIMEOUT. With one that goes on the patience lasts
 * for ten minutes.
 */
void http_client_set_patience(struct http_client *o, unsigned ms);
/* An answer without a body is good as well (an object without members), whichever 2xx it has. */
void http_client_take_empty(struct http_client *o);
/*
 * POSTs body (taken over, also on failure) to path (of lib/release/interface.h or
 * lib/rsp/interface.h); the answer, an object, is the caller's. A refusal gives the server's own
 * enum err (ERR_REFUSED when it names none) and http_client_message(). ERR_DISCONNECTED: nobody
 * answers there; ERR_PROTOCOL: the answer is not what it should be.
 */
enum err http_client_call(struct http_client *o, const char *path, json_t *body,
			  json_t **answer) MUST_CHECK;
/* What the server said of the last refusal, or what failed and what to do; "" if nothing. */
const char *http_client_message(const struct http_client *o);

#endif
