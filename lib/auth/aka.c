#include "lib/auth/aka.h"

#include <string.h>

#include "lib/auth/algorithm.h"
#include "lib/auth/gsm.h"
#include "lib/auth/milenage.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"

static const uint8_t amf_resync[AKA_AMF_LEN] = {0, 0};		  /* TS 33.102 6.3.3: AMF* */
static const uint8_t amf_asks_resync[AKA_AMF_LEN] = {0xFF, 0xFF}; /* TS 34.108 8.1.2: AMFRESYNCH */

enum err aka_key_make(const struct aka_parameters *p, struct aka_key **out)
{
	const struct aka_functions *f = aka_functions_of(p->algorithm);
	struct aka_key *key;
	enum err e;

	if (!f)
		return ERR_UNSUPPORTED;
	key = secret_object_new(sizeof(*key));
	if (!key)
		return ERR_MEMORY;
	key->functions = f;
	e = f->open(key, p);
	if (e)
		aka_key_free(&key);
	else
		*out = key;
	return e;
}

enum err aka_key_new(enum aka_algorithm algorithm, struct slice k, struct slice opc,
		     struct aka_key **out)
{
	struct aka_parameters p = {.algorithm = algorithm, .k = k, .opc = opc};

	return aka_key_make(&p, out);
}

void aka_key_free(struct aka_key **key)
{
	if (!*key)
		return;
	milenage_free(&(*key)->milenage);
	secret_object_free(*key, sizeof(**key));
	*key = NULL;
}

enum err aka_milenage_opc(struct slice k, struct slice op, uint8_t opc[static 16])
{
	struct milenage *m;
	enum err e;

	if (k.len != MILENAGE_KEY_LEN || op.len != MILENAGE_KEY_LEN)
		return ERR_KEY;
	m = milenage_new();
	e = m ? milenage_opc(m, k.ptr, op.ptr, opc) : ERR_CRYPTO;
	milenage_free(&m);
	return e;
}

enum err aka_tuak_topc(struct slice k, struct slice top, unsigned iterations,
		       uint8_t topc[static 32])
{
	struct tuak t = {.k_len = k.len,
			 .mac_len = AKA_MAC_LEN,
			 .res_len = AKA_RES_DEFAULT,
			 .ck_len = 16,
			 .ik_len = 16,
			 .iterations = iterations ? iterations : 1};
	enum err e = top.len == TUAK_TOPC_LEN && k.len <= sizeof(t.k) ? tuak_check(&t) : ERR_KEY;

	if (!e) {
		memcpy(t.k, k.ptr, k.len);
		tuak_topc(&t, top.ptr, topc);
	}
	secret_wipe(&t, sizeof(t));
	return e;
}

static void put_sqn(uint64_t sqn, uint8_t out[static AKA_SQN_LEN])
{
	struct wbuf w = wbuf_init(out, AKA_SQN_LEN);

	wbuf_uint(&w, sqn, AKA_SQN_LEN);
}

static uint64_t get_sqn(const uint8_t *in)
{
	struct cursor c = cursor_of(slice_make(in, AKA_SQN_LEN));

	return cursor_uint(&c, AKA_SQN_LEN);
}

static void xor_sqn(uint8_t *dst, const uint8_t *a, const uint8_t *b)
{
	for (size_t i = 0; i < AKA_SQN_LEN; i++)
		dst[i] = a[i] ^ b[i];
}

static void fill_result(const struct aka_output *m, struct aka_result *r)
{
	r->res_len = m->res_len;
	memcpy(r->res, m->res, m->res_len);
	memcpy(r->ck, m->ck, sizeof(r->ck));
	memcpy(r->ik, m->ik, sizeof(r->ik));
	gsm_c3_kc(r->ck, r->ik, r->kc);
}

/* TS 33.102 6.3.3: AUTS = SQN_MS xor AK* || MAC-S */
static enum err make_auts(struct aka_key *key, uint64_t sqn_ms, const uint8_t *rand,
			  struct aka_output *m, uint8_t auts[static AKA_AUTS_LEN])
{
	uint8_t sqn[AKA_SQN_LEN];
	enum err e;

	put_sqn(sqn_ms, sqn);
	e = key->functions->f1(key, rand, sqn, amf_resync, m);
	if (!e) {
		xor_sqn(auts, sqn, m->ak_star);
		memcpy(auts + AKA_SQN_LEN, m->mac_s, AKA_MAC_LEN);
	}
	return e;
}

/* The test algorithm takes any number, unless AMF asks for a synchronisation failure. */
static bool asks_resync(const struct aka_key *key, const struct sqn_array *sqn, uint64_t received,
			const uint8_t *amf)
{
	if (key->functions->checks_sqn)
		return !sqn_fresh(sqn, received);
	return slice_equal(slice_make(amf, AKA_AMF_LEN), SLICE_OF(amf_asks_resync));
}

enum err aka_usim_authenticate(struct aka_key *key, struct sqn_array *sqn,
			       const struct aka_challenge *challenge, struct aka_result *result,
			       uint8_t auts[static AKA_AUTS_LEN])
{
	const uint8_t *rand = challenge->rand, *autn = challenge->autn;
	struct aka_output m;
	uint8_t sqn_he[AKA_SQN_LEN];
	enum err e = key->functions->f2345(key, rand, &m);

	if (e)
		goto out;
	xor_sqn(sqn_he, autn, m.ak);
	e = key->functions->f1(key, rand, sqn_he, autn + AKA_SQN_LEN, &m);
	if (e)
		goto out;
	if (!secret_equal(slice_make(m.mac_a, AKA_MAC_LEN),
			  slice_make(autn + AKA_SQN_LEN + AKA_AMF_LEN, AKA_MAC_LEN))) {
		e = ERR_MAC;
	} else if (asks_resync(key, sqn, get_sqn(sqn_he), autn + AKA_SQN_LEN)) {
		e = make_auts(key, sqn_highest(sqn), rand, &m, auts);
		if (!e)
			e = ERR_SYNC;
	} else {
		sqn_accept(sqn, get_sqn(sqn_he));
		fill_result(&m, result);
	}
out:
	secret_wipe(&m, sizeof(m));
	return e;
}

enum err aka_examine(struct aka_key *key, const struct aka_challenge *challenge,
		     struct aka_insight *out)
{
	const uint8_t *rand = challenge->rand, *autn = challenge->autn;
	struct aka_output m;
	uint8_t sqn[AKA_SQN_LEN];
	enum err e = key->functions->f2345(key, rand, &m);

	if (!e) {
		xor_sqn(sqn, autn, m.ak);
		e = key->functions->f1(key, rand, sqn, autn + AKA_SQN_LEN, &m);
	}
	if (!e) {
		out->mac_right =
			secret_equal(slice_make(m.mac_a, AKA_MAC_LEN),
				     slice_make(autn + AKA_SQN_LEN + AKA_AMF_LEN, AKA_MAC_LEN));
		out->sqn = get_sqn(sqn);
		fill_result(&m, &out->result);
	}
	secret_wipe(&m, sizeof(m));
	return e;
}

enum err aka_gsm_authenticate(struct aka_key *key, const uint8_t rand[static AKA_RAND_LEN],
			      uint8_t sres[static GSM_SRES_LEN], uint8_t kc[static GSM_KC_LEN])
{
	struct aka_output m;
	enum err e = key->functions->f2345(key, rand, &m);

	if (!e) {
		gsm_c2_sres(slice_make(m.res, m.res_len), sres);
		gsm_c3_kc(m.ck, m.ik, kc);
	}
	secret_wipe(&m, sizeof(m));
	return e;
}

enum err aka_auc_vector(struct aka_key *key, const uint8_t rand[static AKA_RAND_LEN], uint64_t sqn,
			const uint8_t amf[static AKA_AMF_LEN], struct aka_vector *out)
{
	struct aka_output m;
	uint8_t sqn_he[AKA_SQN_LEN];
	enum err e;

	if (sqn > SQN_MAX)
		return ERR_VALUE;
	put_sqn(sqn, sqn_he);
	e = key->functions->all(key, rand, sqn_he, amf, &m);
	if (!e) {
		memcpy(out->rand, rand, AKA_RAND_LEN);
		xor_sqn(out->autn, sqn_he, m.ak);
		memcpy(out->autn + AKA_SQN_LEN, amf, AKA_AMF_LEN);
		memcpy(out->autn + AKA_SQN_LEN + AKA_AMF_LEN, m.mac_a, AKA_MAC_LEN);
		fill_result(&m, &out->expected);
	}
	secret_wipe(&m, sizeof(m));
	return e;
}

enum err aka_auc_resync(struct aka_key *key, const uint8_t rand[static AKA_RAND_LEN],
			const uint8_t auts[static AKA_AUTS_LEN], uint64_t *sqn_ms)
{
	struct aka_output m;
	uint8_t sqn[AKA_SQN_LEN];
	enum err e = key->functions->f2345(key, rand, &m);

	if (!e) {
		xor_sqn(sqn, auts, m.ak_star);
		e = key->functions->f1(key, rand, sqn, amf_resync, &m);
	}
	if (!e && !secret_equal(slice_make(m.mac_s, AKA_MAC_LEN),
				slice_make(auts + AKA_SQN_LEN, AKA_MAC_LEN)))
		e = ERR_MAC;
	if (!e)
		*sqn_ms = get_sqn(sqn);
	secret_wipe(&m, sizeof(m));
	return e;
}
