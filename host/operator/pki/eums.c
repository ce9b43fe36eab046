#include "host/operator/pki/eums.h"

#include <string.h>

static const struct eum *find_known(const struct eums *all, const uint8_t digest[SHA256_LEN],
				    int64_t now)
{
	for (size_t i = 0; i < EUMS_MAX; i++) {
		const struct eum *k = &all->known[i];

		if (k->used && memcmp(k->digest, digest, SHA256_LEN) == 0 && now >= k->from &&
		    now <= k->until)
			return k;
	}
	return NULL;
}

/* From when to when both certificates are valid. */
static enum err bound(struct eum *k, struct slice ci_der)
{
	struct cert ci;
	enum err e = cert_parse(ci_der, &ci);

	if (e)
		return e;
	k->from = k->cert.not_before > ci.not_before ? k->cert.not_before : ci.not_before;
	k->until = k->cert.not_after < ci.not_after ? k->cert.not_after : ci.not_after;
	return ERR_OK;
}

enum err eums_check(struct eums *all, struct slice der, const struct rsp_trust *trust,
		    const struct eum **out)
{
	struct eum k = {.used = true};
	enum err e = sha256(&der, 1, k.digest);

	if (e)
		return e;
	*out = find_known(all, k.digest, trust->now);
	if (*out)
		return ERR_OK;
	e = rsp_cert_check_eum(der, trust, &k.cert, &k.ci);
	if (!e)
		e = bound(&k, trust->cis[k.ci]);
	if (e)
		return e;
	k.cert.der = SLICE_EMPTY;
	all->known[all->next] = k;
	*out = &all->known[all->next];
	all->next = (all->next + 1) % EUMS_MAX;
	return ERR_OK;
}
