#include "host/operator/smdp/identity.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/rsp.h"
#include "tool/pki/pki.h"

#define FILE_MAX 8192

struct role_kind {
	enum pki_part part;
	enum rsp_role role;
};

static enum err load_role(struct smdp_role *out, const char *dir, struct role_kind kind,
			  const struct cert *ci, int64_t now)
{
	enum err e;

	out->der = wbuf_grow(FILE_MAX);
	e = pki_cert(dir, kind.part, ci->curve, &out->der);
	if (!e)
		e = rsp_cert_check_dp(wbuf_slice(&out->der), kind.role, ci, now, &out->cert);
	if (!e)
		e = pki_key(dir, kind.part, ci->curve, &out->key);
	if (!e && !slice_equal(ec_key_point(out->key), cert_point(&out->cert)))
		e = ERR_KEY;
	return e;
}

enum err smdp_identity_load(struct smdp_identity *id, const char *dir, enum ec_curve curve,
			    int64_t now)
{
	static const struct role_kind auth = {PKI_DP_AUTH, RSP_ROLE_DP_AUTH};
	static const struct role_kind pb = {PKI_DP_PB, RSP_ROLE_DP_PB};
	enum err e;

	memset(id, 0, sizeof(*id));
	id->ci_der = wbuf_grow(FILE_MAX);
	e = pki_cert(dir, PKI_CI, curve, &id->ci_der);
	if (!e)
		e = rsp_cert_check_ci(wbuf_slice(&id->ci_der), now, &id->ci);
	if (!e)
		e = load_role(&id->auth, dir, auth, &id->ci, now);
	if (!e)
		e = load_role(&id->pb, dir, pb, &id->ci, now);
	if (e)
		smdp_identity_free(id);
	return e;
}

static void free_role(struct smdp_role *r)
{
	wbuf_free(&r->der);
	ec_key_free(&r->key);
}

void smdp_identity_free(struct smdp_identity *id)
{
	wbuf_free(&id->ci_der);
	free_role(&id->auth);
	free_role(&id->pb);
	memset(id, 0, sizeof(*id));
}

enum err smdp_role_sign(const struct smdp_role *r, struct slice content, struct slice before,
			uint8_t signature[static EC_SIGNATURE_LEN], struct wbuf *out)
{
	const struct slice parts[] = {content, before};
	enum err e = ec_sign(r->key, parts, ARRAY_LEN(parts), signature);

	if (!e)
		tlv_put(out, SGP22_TAG_SIGNATURE, slice_make(signature, EC_SIGNATURE_LEN));
	return e;
}
