/*
 * provider_api: POST /provider/v1/approve, for who shows a certificate of the providers' CA:
 *   {"key":"2026-11-29-1","modules":[{"imsi":"001010000000001","evidence":"line 4"}]}
 *   {"key":"2026-11-29-1","results":[{"imsi":"001010000000001","result":"approved"}]}
 * The same key with the same body is answered the same, and nothing is done again; with another
 * body it is a conflict.
 */
#ifndef TWINKEY_OPERATOR_WEB_PROVIDER_API_H
#define TWINKEY_OPERATOR_WEB_PROVIDER_API_H

#include <stdint.h>

#include "lib/base/err.h"

#define PROVIDER_PATH_APPROVE "/provider/v1/approve"

struct http_asked;
struct http_page;
struct operator_store;

enum err provider_api_approve(struct operator_store *s, const struct http_asked *asked, int64_t now,
			      struct http_page *page) MUST_CHECK;

#endif
