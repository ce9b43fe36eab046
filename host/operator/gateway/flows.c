#include "host/operator/gateway/flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include "tool/sys/errno.h"

struct dropping {
	struct nfct_handle *to; /* another one than that which lists */
	uint32_t address;	/* network order */
	int failed;
};

static int on_flow(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *ctx)
{
	struct dropping *d = ctx;

	(void)type;
	if (nfct_get_attr_u32(ct, ATTR_ORIG_IPV4_SRC) != d->address &&
	    nfct_get_attr_u32(ct, ATTR_ORIG_IPV4_DST) != d->address)
		return NFCT_CB_CONTINUE;
	/* one that has ended meanwhile is as good */
	if (nfct_query(d->to, NFCT_Q_DESTROY, ct) < 0 && errno != ENOENT)
		d->failed = errno;
	return NFCT_CB_CONTINUE;
}

enum err flows_drop(uint32_t address)
{
	struct nfct_handle *from = nfct_open(CONNTRACK, 0);
	struct dropping d = {.to = nfct_open(CONNTRACK, 0), .address = htonl(address)};
	uint8_t family = AF_INET;

	if (!from || !d.to) {
		d.failed = errno;
	} else {
		nfct_callback_register(from, NFCT_T_ALL, on_flow, &d);
		if (nfct_query(from, NFCT_Q_DUMP, &family) < 0 && !d.failed)
			d.failed = errno;
	}
	if (from)
		nfct_close(from);
	if (d.to)
		nfct_close(d.to);
	return errno_err(d.failed);
}
