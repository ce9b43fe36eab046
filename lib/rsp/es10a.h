/*
 * es10a: LPA and eUICC on addresses (SGP.22 5.7.3, 5.7.4). Conventions in rsp.h.
 */
#ifndef TWINKEY_RSP_ES10A_H
#define TWINKEY_RSP_ES10A_H

#include "lib/base/bytes.h"
#include "lib/rsp/rsp.h"

struct es10a_configured_addresses { /* BF3C */
	struct slice default_dp;    /* OPTIONAL */
	struct slice root_ds;
};

enum err es10a_parse_configured_addresses(struct slice der,
					  struct es10a_configured_addresses *out) MUST_CHECK;
void es10a_put_configured_addresses(struct wbuf *w, const struct es10a_configured_addresses *m);

/* setDefaultDpAddressResult */
enum es10a_result { ES10A_OK = 0, ES10A_UNDEFINED = 127 };

/* BF3F; the answer is rsp_put_result(). ERR_LENGTH: the address is too long. */
enum err es10a_parse_set_default_dp(struct slice der, struct slice *address) MUST_CHECK;
void es10a_put_set_default_dp(struct wbuf *w, struct slice address);

#endif
