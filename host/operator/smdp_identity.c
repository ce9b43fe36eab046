#include "host/operator/smdp_identity.h"

#include <string.h>

#include "tool/pki.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es8p.h"

#define FILE_MAX    8192
#define HOST_ID	    "twinkey"
#define BPP_MAX	    (512u * 1024)
#define SEGMENT_MAX 1020 /* SGP.22 2.5.4 */

static enum err load_role(const char *dir, enum pki_part part, enum rsp_role role, int64_t now,
			  const struct cert *ci, struct wbuf *der, struct cert *cert,
			  struct ec_key **key)
{
	enum err e;

	*der = wbuf_grow(FILE_MAX);
	e = pki_cert(dir, part, ci->curve, der);
	if (!e)
		e = rsp_cert_check_dp(wbuf_slice(der), role, ci, now, cert);
	if (!e)
		e = pki_key(dir, part, ci->curve, key);
	if (!e && !slice_equal(ec_key_point(*key), cert_point(cert)))
		e = ERR_KEY;
	return e;
}

enum err smdp_identity_load(struct smdp_identity *id, const char *dir, enum ec_curve curve,
			    int64_t now)
{
	enum err e;

	memset(id, 0, sizeof(*id));
	id->ci_der = wbuf_grow(FILE_MAX);
	e = pki_cert(dir, PKI_CI, curve, &id->ci_der);
	if (!e)
		e = rsp_cert_check_ci(wbuf_slice(&id->ci_der), now, &id->ci);
	if (!e)
		e = load_role(dir, PKI_DP_AUTH, RSP_ROLE_DP_AUTH, now, &id->ci, &id->auth_der,
			      &id->auth, &id->auth_key);
	if (!e)
		e = load_role(dir, PKI_DP_PB, RSP_ROLE_DP_PB, now, &id->ci, &id->pb_der, &id->pb,
			      &id->pb_key);
	if (e)
		smdp_identity_free(id);
	return e;
}

void smdp_identity_free(struct smdp_identity *id)
{
	wbuf_free(&id->ci_der);
	wbuf_free(&id->auth_der);
	wbuf_free(&id->pb_der);
	ec_key_free(&id->auth_key);
	ec_key_free(&id->pb_key);
	memset(id, 0, sizeof(*id));
}

static enum err open_channel(const struct smdp_identity *id, const struct smdp_binding *b,
			     const struct ec_key *otsk, struct wbuf *out)
{
	static const uint8_t type[] = {ES8P_KEY_TYPE_AES}, len[] = {ES8P_KEY_LEN};
	struct es8p_secure_channel m = {
		.remote_op = ES8P_INSTALL_BPP,
		.transaction_id = b->transaction_id,
		.key_type = SLICE_OF(type),
		.key_len = SLICE_OF(len),
		.host_id = slice_str(HOST_ID),
		.smdp_otpk = ec_key_point(otsk),
	};
	uint8_t signature[EC_SIGNATURE_LEN];
	struct wbuf signed_part = wbuf_grow(FILE_MAX);
	struct slice part;
	enum err e;

	es8p_put_secure_channel_signed(&signed_part, &m, b->euicc_otpk);
	part = wbuf_slice(&signed_part);
	e = wbuf_done(&signed_part);
	if (!e)
		e = ec_sign(id->pb_key, &part, 1, signature);
	wbuf_free(&signed_part);
	if (e)
		return e;
	m.signature = SLICE_OF(signature);
	es8p_put_secure_channel(out, &m);
	return wbuf_done(out);
}

/* SGP.22 5.5.4: the package's own keys come after the metadata. */
static enum err replace_keys(struct bsp *bsp, struct wbuf *out)
{
	struct secret *keys = random_secret(3 * BSP_KEY_LEN);
	struct wbuf plain = wbuf_grow(256);
	struct es8p_session_keys m;
	struct slice all;
	enum err e;

	if (!keys)
		return ERR_MEMORY;
	all = secret_slice(keys);
	m.mac_chain = slice_sub(all, 0, BSP_KEY_LEN);
	m.ppk_enc = slice_sub(all, BSP_KEY_LEN, BSP_KEY_LEN);
	m.ppk_cmac = slice_sub(all, 2 * BSP_KEY_LEN, BSP_KEY_LEN);
	es8p_put_session_keys(&plain, &m);
	e = wbuf_done(&plain);
	if (!e)
		e = bsp_protect(bsp, ES8P_TAG_ENCRYPTED, wbuf_slice(&plain), out);
	if (!e)
		e = bsp_replace_keys(bsp, m.ppk_enc, m.ppk_cmac, m.mac_chain);
	wbuf_free(&plain);
	secret_free(&keys);
	return e;
}

struct parts {
	struct wbuf channel, first87, seq88, second87, seq86;
};

static enum err protect(struct bsp *bsp, const struct smdp_binding *b, struct parts *p)
{
	struct wbuf isdp = wbuf_grow(256);
	enum err e;

	es8p_put_configure_isdp(&isdp, SLICE_EMPTY);
	e = wbuf_done(&isdp);
	if (!e)
		e = bsp_protect(bsp, ES8P_TAG_ENCRYPTED, wbuf_slice(&isdp), &p->first87);
	if (!e)
		e = bsp_protect_all(bsp, ES8P_TAG_METADATA, false, SEGMENT_MAX, b->metadata,
				    &p->seq88);
	if (!e)
		e = replace_keys(bsp, &p->second87);
	if (!e)
		e = bsp_protect_all(bsp, ES8P_TAG_PROFILE, true, SEGMENT_MAX, b->upp, &p->seq86);
	wbuf_free(&isdp);
	return e;
}

enum err smdp_bind(const struct smdp_identity *id, const struct smdp_binding *b, struct wbuf *out)
{
	struct parts p = {wbuf_grow(BPP_MAX), wbuf_grow(BPP_MAX), wbuf_grow(BPP_MAX),
			  wbuf_grow(BPP_MAX), wbuf_grow(BPP_MAX)};
	struct ec_key *otsk = NULL;
	struct secret *shared = NULL;
	struct bsp *bsp = NULL;
	enum err e = ec_key_generate(id->pb.curve, &otsk);

	if (!e)
		e = ec_agree(otsk, b->euicc_otpk, &shared);
	if (!e)
		e = bsp_derive(secret_slice(shared), ES8P_KEY_TYPE_AES, ES8P_KEY_LEN,
			       slice_str(HOST_ID), b->eid, &bsp);
	if (!e)
		e = open_channel(id, b, otsk, &p.channel);
	if (!e)
		e = protect(bsp, b, &p);
	if (!e) {
		struct es8p_package m = {
			.secure_channel_raw = wbuf_slice(&p.channel),
			.first87 = wbuf_slice(&p.first87),
			.seq88 = wbuf_slice(&p.seq88),
			.second87 = wbuf_slice(&p.second87),
			.seq86 = wbuf_slice(&p.seq86),
		};

		es8p_put_package(out, &m);
		e = wbuf_done(out);
	}
	bsp_free(&bsp);
	secret_free(&shared);
	ec_key_free(&otsk);
	wbuf_free(&p.channel);
	wbuf_free(&p.first87);
	wbuf_free(&p.seq88);
	wbuf_free(&p.second87);
	wbuf_free(&p.seq86);
	return e;
}
