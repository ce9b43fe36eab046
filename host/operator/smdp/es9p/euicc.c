#include "host/operator/smdp/es9p/euicc.h"

#include <stdio.h>

#include "host/operator/pki/revoked.h"
#include "host/operator/smdp/es9p/call.h"
#include "host/operator/smdp/es9p/manager.h"
#include "lib/rsp/cert.h"

void smdp_euicc_actor(const uint8_t eid[static 16], char text[static SMDP_ACTOR_LEN])
{
	char hex[33];

	hex_encode(slice_make(eid, 16), hex, sizeof(hex));
	snprintf(text, SMDP_ACTOR_LEN, "EID %s", hex);
}

static enum err find_eum(struct smdp *m, struct slice eum, int64_t now, const struct eum **out)
{
	struct slice cis[SMDP_IDENTITIES_MAX];

	for (size_t i = 0; i < m->count; i++)
		cis[i] = wbuf_slice(&m->ids[i].ci_der);
	return eums_check(&m->eums, eum, &(struct rsp_trust){cis, m->count, now}, out);
}

static enum smdp_fault_cause eum_fault(enum err e)
{
	switch (e) {
	case ERR_CERT_UNTRUSTED: return SMDP_FAULT_CI_UNKNOWN;
	case ERR_CERT_EXPIRED: return SMDP_FAULT_EUM_EXPIRED;
	case ERR_CERT_REVOKED: return SMDP_FAULT_EUM_REVOKED;
	default: return SMDP_FAULT_EUM;
	}
}

enum err smdp_euicc_check(struct smdp_call *call, const struct smdp_chain *chain, struct cert *out)
{
	struct smdp *m = call->m;
	const struct eum *eum;
	enum err e = find_eum(m, chain->eum, call->now, &eum);

	if (!e && chain->under && chain->under != &m->ids[eum->ci])
		e = ERR_CERT_UNTRUSTED;
	if (!e) {
		e = revoked_check(m->revoked, &eum->cert);
		if (e && e != ERR_CERT_REVOKED)
			return e;
	}
	if (e)
		return e == ERR_MEMORY ? e : smdp_call_refuse(call, eum_fault(e));
	e = rsp_cert_check_under_eum(chain->euicc, &eum->cert, call->now, out);
	if (e && e != ERR_MEMORY)
		e = smdp_call_refuse(call, e == ERR_CERT_EXPIRED ? SMDP_FAULT_EUICC_EXPIRED
								 : SMDP_FAULT_EUICC);
	return e;
}
