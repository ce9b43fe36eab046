/* api: every row of the server's table, and what status every error has. */
#include "tests/unit/test.h"

#include <string.h>

#include "host/operator/api/api.h"
#include "host/operator/api/es9p.h"
#include "host/operator/http/fault.h"
#include "host/operator/http/limits.h"
#include "lib/release/interface.h"
#include "lib/rsp/interface.h"

/* What the rows of an interface have in common. */
static const struct {
	unsigned interface;
	const char *path;
	enum http_caller caller;
	bool rsp;
	int functions;
} interfaces[] = {
	{API_ES9P, ES9P_PATH, HTTP_CALLER_ANYBODY, true, ES9P_FUNCTION_COUNT},
	{API_ES2P, ES2P_PATH, HTTP_CALLER_REQUESTER, true, ES2P_FUNCTION_COUNT},
	{API_LAB, LAB_PATH, HTTP_CALLER_NEIGHBOUR, false, LAB_RELEASE_RESEAL},
	{API_RELEASE, LAB_PATH "release/", HTTP_CALLER_NEIGHBOUR, false,
	 LAB_FUNCTION_COUNT - LAB_RELEASE_RESEAL},
	{API_WATCH, "/", HTTP_CALLER_NEIGHBOUR, false, API_WATCH_METRICS + 1},
};

static void test_rows(void)
{
	int functions[ARRAY_LEN(interfaces)] = {0};

	for (const struct http_route *r = api_routes; r->path; r++) {
		size_t i = 0;

		while (i < ARRAY_LEN(interfaces) && interfaces[i].interface != r->interface)
			i++;
		CU_ASSERT_FATAL(i < ARRAY_LEN(interfaces));
		CU_ASSERT_EQUAL(strncmp(r->path, interfaces[i].path, strlen(interfaces[i].path)),
				0);
		bool watch = r->interface == API_WATCH;

		CU_ASSERT_STRING_EQUAL(r->method, watch ? "GET" : "POST");
		CU_ASSERT_EQUAL(r->body_max, watch ? 0 : HTTP_BODY_MAX);
		CU_ASSERT_EQUAL(api_is_watch(r->path), watch);
		/* session keys go through the socket alone */
		CU_ASSERT_EQUAL(r->caller, r->interface == API_LAB && r->function == LAB_AUC_AV
						   ? HTTP_CALLER_SOCKET
						   : interfaces[i].caller);
		CU_ASSERT_EQUAL(r->rsp, interfaces[i].rsp);
		/* both stores change in this one alone */
		CU_ASSERT_EQUAL(r->apart, watch || ((r->interface & (API_LAB | API_RELEASE)) &&
						    r->function != LAB_RELEASE_ACTIVATION));
		CU_ASSERT(watch ? r->page != NULL : r->handle != NULL);
		functions[i]++;
		for (const struct http_route *other = api_routes; other != r; other++) {
			CU_ASSERT_STRING_NOT_EQUAL(other->path, r->path);
			CU_ASSERT_FALSE(other->interface == r->interface &&
					other->function == r->function);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(interfaces); i++)
		CU_ASSERT_EQUAL(functions[i], interfaces[i].functions);
}

static void test_faults(void)
{
	for (int e = ERR_OK + 1; e < ERR_COUNT; e++) {
		unsigned status = http_fault_status((enum err)e);
		json_t *body = http_fault_body((enum err)e, "");
		const json_t *error = json_object_get(body, "error");

		CU_ASSERT(status >= 400 && status <= 503);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(error, "code")),
				       err_name((enum err)e));
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(error, "message")),
				       err_text((enum err)e));
		json_decref(body);
	}
	/* what is made again, what the server cannot help, and what it does not own up to */
	CU_ASSERT_EQUAL(http_fault_status(ERR_LOCKED), 503);
	CU_ASSERT_EQUAL(http_fault_status(ERR_DB_AWAY), 503); /* it may be asked again */
	CU_ASSERT_EQUAL(http_fault_status(ERR_DB_SLOW), 503);
	CU_ASSERT_EQUAL(http_fault_status(ERR_IO), 500);
	CU_ASSERT_EQUAL(http_fault_status(ERR_CORRUPT), 500);
}

TEST_SUITE(api_routes, {"every row", test_rows}, {"every error", test_faults})
