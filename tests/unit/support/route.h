/*
 * route: rows of a server (host/operator/http/route.h) that is there for a test.
 */
#ifndef TWINKEY_TESTS_ROUTE_H
#define TWINKEY_TESTS_ROUTE_H

#include "host/operator/http/limits.h"
#include "host/operator/http/route.h"

/* POST to path; more: other fields of the row. Its interface is 1 unless more says another. */
#define TEST_ROUTE(its_path, its_handler, ...)                                                     \
	{                                                                                          \
		.path = its_path, .method = HTTP_METHOD_POST, .body_max = HTTP_BODY_MAX,           \
		.handle = its_handler, __VA_ARGS__                                                 \
	}

#endif
