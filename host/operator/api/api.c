#include "host/operator/api/api.h"

#include <string.h>

#include "host/operator/api/es9p.h"
#include "host/operator/http/limits.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "lib/release/interface.h"
#include "lib/rsp/interface.h"

static enum err on_es9p(void *ctx, const struct http_route *route, const json_t *request,
			struct http_answer *answer)
{
	const struct api *api = ctx;

	return es9p_answer(api->smdp, (enum es9p_function)route->function, request, api->now(),
			   answer);
}

static enum err on_es2p(void *ctx, const struct http_route *route, const json_t *request,
			struct http_answer *answer)
{
	const struct api *api = ctx;

	return es2p_answer(&api->manager, (enum es2p_function)route->function, request, api->now(),
			   answer);
}

static enum err on_lab(void *ctx, const struct http_route *route, const json_t *request,
		       struct http_answer *answer)
{
	const struct api *api = ctx;

	return lab_answer(&api->lab, (enum lab_function)route->function, request, api->now(),
			  answer);
}

static enum err on_watch(void *ctx, const struct http_route *route, const struct http_asked *asked,
			 struct http_page *page)
{
	const struct api *api = ctx;

	(void)asked;
	return api->tell(ctx, (enum api_watch)route->function, page);
}

bool api_is_watch(const char *path)
{
	return strcmp(path, API_PATH_HEALTH) == 0 || strcmp(path, API_PATH_READY) == 0 ||
	       strcmp(path, API_PATH_METRICS) == 0;
}

/* SGP.22 5.6: any LPA. */
#define ES9P_ROW(name)                                                                             \
	{                                                                                          \
		.path = ES9P_PATH_##name, .method = HTTP_METHOD_POST, .body_max = HTTP_BODY_MAX,   \
		.interface = API_ES9P, .caller = HTTP_CALLER_ANYBODY, .rsp = true,                 \
		.handle = on_es9p, .function = ES9P_##name                                         \
	}
/* SGP.22 5.3: who is known to give orders. */
#define ES2P_ROW(name)                                                                             \
	{                                                                                          \
		.path = ES2P_PATH_##name, .method = HTTP_METHOD_POST, .body_max = HTTP_BODY_MAX,   \
		.interface = API_ES2P, .caller = HTTP_CALLER_REQUESTER, .rsp = true,               \
		.handle = on_es2p, .function = ES2P_##name                                         \
	}
/* is_apart: it is kept in the operator's own store, and the manager's is not concerned. */
#define LAB_ROW_OF(api, name, is_apart)                                                            \
	{                                                                                          \
		.path = LAB_PATH_##name, .method = HTTP_METHOD_POST, .body_max = HTTP_BODY_MAX,    \
		.interface = api, .caller = HTTP_CALLER_NEIGHBOUR, .apart = is_apart,              \
		.handle = on_lab, .function = LAB_##name                                           \
	}
/* Of this machine; how the server is, and no subscriber's affairs. */
#define WATCH_ROW(name)                                                                            \
	{                                                                                          \
		.path = API_PATH_##name, .method = HTTP_METHOD_GET, .interface = API_WATCH,        \
		.caller = HTTP_CALLER_NEIGHBOUR, .apart = true, .page = on_watch, .json = true,    \
		.function = API_WATCH_##name                                                       \
	}
#define LAB_ROW(name, is_apart)	    LAB_ROW_OF(API_LAB, name, is_apart)
#define RELEASE_ROW(name, is_apart) LAB_ROW_OF(API_RELEASE, name, is_apart)

const struct http_route api_routes[] = {
	ES9P_ROW(INITIATE_AUTHENTICATION),
	ES9P_ROW(AUTHENTICATE_CLIENT),
	ES9P_ROW(GET_BOUND_PROFILE_PACKAGE),
	ES9P_ROW(HANDLE_NOTIFICATION),
	ES9P_ROW(CANCEL_SESSION),
	ES2P_ROW(DOWNLOAD_ORDER),
	ES2P_ROW(CONFIRM_ORDER),
	ES2P_ROW(CANCEL_ORDER),
	ES2P_ROW(RELEASE_PROFILE),
	LAB_ROW(AUC_VECTOR, true),
	LAB_ROW(AUC_VERIFY, true),
	LAB_ROW(AUC_RESYNC, true),
	/* keys: for who may open the server's socket alone */
	{.path = LAB_PATH_AUC_AV,
	 .method = HTTP_METHOD_POST,
	 .body_max = HTTP_BODY_MAX,
	 .interface = API_LAB,
	 .caller = HTTP_CALLER_SOCKET,
	 .apart = true,
	 .handle = on_lab,
	 .function = LAB_AUC_AV},
	LAB_ROW(FACTOR_STATUS, true),
	LAB_ROW(FACTOR_TOTP, true),
	RELEASE_ROW(RELEASE_RESEAL, true),
	RELEASE_ROW(RELEASE_GRANT, true),
	RELEASE_ROW(RELEASE_RESULT, true),
	RELEASE_ROW(RELEASE_ACTIVATION, false),
	WATCH_ROW(HEALTH),
	WATCH_ROW(READY),
	WATCH_ROW(METRICS),
	{.path = NULL},
};

void api_settle(void *ctx, enum err ends[static 2])
{
	const struct api *api = ctx;

	ends[1] = operator_store_settle(api->lab.store, ERR_OK);
	/* what the manager was given on the strength of it is not there without it */
	ends[0] = smdp_store_settle(api->manager.store, ends[1]);
}
