/*
 * operator: the terminal's way to the network's side: JSON by HTTP POST (docs/protocol.md 3).
 */
#ifndef TWINKEY_HOST_OPERATOR_H
#define TWINKEY_HOST_OPERATOR_H

#include <jansson.h>

#include "lib/base/bytes.h"

#define OPERATOR_ANSWER_MAX  (1u << 20)
#define OPERATOR_PATIENCE_MS 30000

struct cancel;
struct operator_link;

/* spec: unix:PATH, https://HOST[:PORT], or http://HOST[:PORT] of this machine (127.*, localhost,
 * [::1]). cancel, borrowed, ends each call. ERR_USAGE for anything else. */
enum err operator_open(const char *spec, struct cancel *cancel,
		       struct operator_link **out) MUST_CHECK;
void operator_close(struct operator_link **o);
/* The spec that it was opened with. */
const char *operator_spec(const struct operator_link *o);
/*
 * For a link by https, before its first call. The certificates in file (PEM, or one in DER) are
 * trusted instead of the system's: ERR_CERT when there are none; and errors of reading.
 */
enum err operator_trust(struct operator_link *o, const char *file) MUST_CHECK;
/* The connection goes to HOST:PORT ([HOST]:PORT), whatever host the URL names: ERR_USAGE. */
enum err operator_connect_to(struct operator_link *o, const char *host_port) MUST_CHECK;
/* A header of every request, "Name: value": ERR_MEMORY. */
enum err operator_header(struct operator_link *o, const char *line) MUST_CHECK;
/*
 * How long a server may take or send next to nothing, fewer than 100 octets a second
 * (OPERATOR_PATIENCE_MS at first): then ERR_TIMEOUT. With one that goes on the patience lasts
 * for ten minutes.
 */
void operator_patience(struct operator_link *o, unsigned ms);
/* An answer without a body is good as well (an object without members), whichever 2xx it has. */
void operator_take_empty(struct operator_link *o);
/*
 * POSTs body (taken over, also on failure) to path ("/twinkey/v1/auc/vector"); the answer, an
 * object, is the caller's. A refusal gives the operator's own enum err (ERR_REFUSED when it names
 * none) and operator_message(). ERR_DISCONNECTED: nobody answers there; ERR_PROTOCOL: the answer is
 * not what it should be.
 */
enum err operator_call(struct operator_link *o, const char *path, json_t *body,
		       json_t **answer) MUST_CHECK;
/* What the operator said of the last refusal, or what failed and what to do; "" if nothing. */
const char *operator_message(const struct operator_link *o);

#endif
