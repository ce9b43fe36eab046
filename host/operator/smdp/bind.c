#include "host/operator/smdp/bind.h"

#include "host/operator/smdp/identity.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es8p.h"

#define HOST_ID	    "twinkey"
#define BPP_MAX	    (512u * 1024)
#define SIGNED_MAX  8192
#define SEGMENT_MAX 1020 /* SGP.22 2.5.4 */
#define OWN_LEN	    (3 * BSP_KEY_LEN)

enum err smdp_keys_new(enum ec_curve curve, struct slice euicc_otpk, struct smdp_keys *out)
{
	struct smdp_keys k = {NULL, NULL, {0}};
	enum err e = slice_copy(euicc_otpk, k.euicc_otpk, sizeof(k.euicc_otpk));

	if (!e)
		e = ec_key_generate(curve, &k.otsk);
	if (!e) {
		k.own = random_secret(OWN_LEN);
		e = k.own ? ERR_OK : ERR_MEMORY;
	}
	if (e)
		smdp_keys_free(&k);
	else
		*out = k;
	return e;
}

enum err smdp_keys_save(const struct smdp_keys *k, struct wbuf *out)
{
	wbuf_put(out, SLICE_OF(k->euicc_otpk));
	wbuf_put(out, secret_slice(k->own));
	return ec_key_save(k->otsk, out);
}

enum err smdp_keys_load(struct slice saved, struct smdp_keys *out)
{
	struct cursor c = cursor_of(saved);
	struct smdp_keys k = {NULL, NULL, {0}};
	struct slice own;
	enum err e;

	cursor_copy(&c, k.euicc_otpk, sizeof(k.euicc_otpk));
	own = cursor_take(&c, OWN_LEN);
	e = ec_key_load(cursor_take_rest(&c), &k.otsk);
	if (e || cursor_done(&c))
		e = ERR_CORRUPT;
	if (!e) {
		k.own = secret_copy(own);
		e = k.own ? ERR_OK : ERR_MEMORY;
	}
	if (e)
		smdp_keys_free(&k);
	else
		*out = k;
	return e;
}

void smdp_keys_free(struct smdp_keys *k)
{
	ec_key_free(&k->otsk);
	secret_free(&k->own);
}

static enum err open_channel(const struct smdp_identity *id, const struct smdp_binding *b,
			     struct wbuf *out)
{
	static const uint8_t type[] = {ES8P_KEY_TYPE_AES}, len[] = {ES8P_KEY_LEN};
	struct es8p_secure_channel m = {
		.remote_op = ES8P_INSTALL_BPP,
		.transaction_id = b->transaction_id,
		.key_type = SLICE_OF(type),
		.key_len = SLICE_OF(len),
		.host_id = slice_str(HOST_ID),
		.smdp_otpk = ec_key_point(b->keys->otsk),
	};
	uint8_t signature[EC_SIGNATURE_LEN];
	struct wbuf signed_part = wbuf_grow(SIGNED_MAX);
	struct slice part;
	enum err e;

	es8p_put_secure_channel_signed(&signed_part, &m, SLICE_OF(b->keys->euicc_otpk));
	part = wbuf_slice(&signed_part);
	e = wbuf_done(&signed_part);
	if (!e)
		e = ec_sign(id->pb.key, &part, 1, signature);
	wbuf_free(&signed_part);
	if (e)
		return e;
	m.signature = SLICE_OF(signature);
	es8p_put_secure_channel(out, &m);
	return wbuf_done(out);
}

/* SGP.22 5.5.4: the package's own keys come after the metadata. */
static enum err replace_keys(struct bsp *bsp, struct slice own, struct wbuf *out)
{
	struct wbuf plain = wbuf_grow(256);
	struct es8p_session_keys m = {.mac_chain = slice_sub(own, 0, BSP_KEY_LEN),
				      .ppk_enc = slice_sub(own, BSP_KEY_LEN, BSP_KEY_LEN),
				      .ppk_cmac = slice_sub(own, 2 * BSP_KEY_LEN, BSP_KEY_LEN)};
	enum err e;

	es8p_put_session_keys(&plain, &m);
	e = wbuf_done(&plain);
	if (!e)
		e = bsp_protect(bsp, ES8P_TAG_ENCRYPTED, wbuf_slice(&plain), out);
	if (!e)
		e = bsp_replace_keys(bsp, m.ppk_enc, m.ppk_cmac, m.mac_chain);
	wbuf_free(&plain);
	return e;
}

struct parts {
	struct wbuf channel, first87, seq88, second87, seq86;
};

static enum err protect(struct bsp *bsp, const struct smdp_binding *b, struct parts *p)
{
	static const struct bsp_cut cut88 = {ES8P_TAG_METADATA, false, SEGMENT_MAX};
	static const struct bsp_cut cut86 = {ES8P_TAG_PROFILE, true, SEGMENT_MAX};
	struct wbuf isdp = wbuf_grow(256);
	enum err e;

	es8p_put_configure_isdp(&isdp, SLICE_EMPTY);
	e = wbuf_done(&isdp);
	if (!e)
		e = bsp_protect(bsp, ES8P_TAG_ENCRYPTED, wbuf_slice(&isdp), &p->first87);
	if (!e)
		e = bsp_protect_all(bsp, &cut88, b->metadata, &p->seq88);
	if (!e)
		e = replace_keys(bsp, secret_slice(b->keys->own), &p->second87);
	if (!e)
		e = bsp_protect_all(bsp, &cut86, b->upp, &p->seq86);
	wbuf_free(&isdp);
	return e;
}

enum err smdp_bind(const struct smdp_identity *id, const struct smdp_binding *b, struct wbuf *out)
{
	struct parts p = {wbuf_grow(BPP_MAX), wbuf_grow(BPP_MAX), wbuf_grow(BPP_MAX),
			  wbuf_grow(BPP_MAX), wbuf_grow(BPP_MAX)};
	struct secret *shared = NULL;
	struct bsp *bsp = NULL;
	enum err e = ec_agree(b->keys->otsk, SLICE_OF(b->keys->euicc_otpk), &shared);

	if (!e)
		e = bsp_derive(secret_slice(shared),
			       &(struct bsp_shared_info){ES8P_KEY_TYPE_AES, ES8P_KEY_LEN,
							 slice_str(HOST_ID), b->eid},
			       &bsp);
	if (!e)
		e = open_channel(id, b, &p.channel);
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
	wbuf_free(&p.channel);
	wbuf_free(&p.first87);
	wbuf_free(&p.seq88);
	wbuf_free(&p.second87);
	wbuf_free(&p.seq86);
	return e;
}
