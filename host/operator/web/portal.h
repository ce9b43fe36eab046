/*
 * portal: where the user of a module shows that it is him, over the limited access that the module
 * has, in a browser, with script or without.
 *
 * Who asks is known by the address alone: the gateway says which module is attached there (view.h).
 * Forms are taken from pages of ours alone (guard.h). The answers are for browsers; /captive is for
 * the module itself (Captive Portal API, RFC 8908).
 */
#ifndef TWINKEY_OPERATOR_WEB_PORTAL_H
#define TWINKEY_OPERATOR_WEB_PORTAL_H

#include "host/operator/factor/courier.h"
#include "host/operator/http/route.h"
#include "host/operator/web/desk.h"
#include "host/operator/web/guard.h"
#include "host/operator/web/key_form.h"
#include "host/operator/web/view.h"
#include "host/operator/web/words.h"

struct http_asked;
struct http_page;

/* The interfaces of the routes, for struct http_listener. */
enum portal_interface { PORTAL_MODULES = 1, PORTAL_PROVIDERS = 2, PORTAL_DESK = 4 };

struct portal {
	struct view_source source;
	struct courier courier;
	struct words words;
	struct guard guard;
	struct desk_room desk;
	char key_policy[KEY_FORM_POLICY_CAP]; /* of pages with a passkey's form */
	int64_t (*now)(void);		      /* seconds since 1970 */
};

/* The ctx of these is a struct portal; a row each, the last has no path. */
extern const struct http_route portal_routes[];
/* The page of a request that reaches no handler (server.h). */
void portal_refusal(void *ctx, const struct http_asked *asked, struct http_page *page);

#endif
