#include "lib/auth/algorithm.h"

#include <string.h>

#include "lib/auth/milenage.h"
#include "lib/base/secret.h"

static enum err milenage_open(struct aka_key *key, const struct aka_parameters *p)
{
	enum err e;

	if (p->k.len != MILENAGE_KEY_LEN || p->opc.len != MILENAGE_KEY_LEN)
		return ERR_KEY;
	key->milenage = milenage_new();
	e = key->milenage ? milenage_set_key(key->milenage, p->k.ptr, p->opc.ptr) : ERR_MEMORY;
	if (!e && (p->rotations.len || p->constants.len))
		e = milenage_set_constants(key->milenage, p->rotations, p->constants);
	return e;
}

static void take_f2345(const struct milenage_output *m, struct aka_output *out)
{
	out->res_len = sizeof(m->res);
	memcpy(out->res, m->res, sizeof(m->res));
	memcpy(out->ck, m->ck, sizeof(out->ck));
	memcpy(out->ik, m->ik, sizeof(out->ik));
	memcpy(out->ak, m->ak, sizeof(out->ak));
	memcpy(out->ak_star, m->ak_star, sizeof(out->ak_star));
}

static void take_f1(const struct milenage_output *m, struct aka_output *out)
{
	memcpy(out->mac_a, m->mac_a, sizeof(out->mac_a));
	memcpy(out->mac_s, m->mac_s, sizeof(out->mac_s));
}

static enum err by_milenage_f2345(struct aka_key *key, const uint8_t *rand, struct aka_output *out)
{
	struct milenage_output m;
	enum err e = milenage_f2345(key->milenage, rand, &m);

	if (!e)
		take_f2345(&m, out);
	secret_wipe(&m, sizeof(m));
	return e;
}

static enum err by_milenage_f1(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
			       const uint8_t *amf, struct aka_output *out)
{
	struct milenage_output m;
	enum err e = milenage_f1(key->milenage, rand, sqn, amf, &m);

	if (!e)
		take_f1(&m, out);
	secret_wipe(&m, sizeof(m));
	return e;
}

static enum err by_milenage(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
			    const uint8_t *amf, struct aka_output *out)
{
	struct milenage_output m;
	enum err e = milenage_all(key->milenage, rand, sqn, amf, &m);

	if (!e) {
		take_f2345(&m, out);
		take_f1(&m, out);
	}
	secret_wipe(&m, sizeof(m));
	return e;
}

/* What AUTN, AUTS and the card's answer hold: MAC of 64 bits, CK and IK of 128. */
static enum err tuak_open(struct aka_key *key, const struct aka_parameters *p)
{
	struct tuak *t = &key->tuak;

	if ((p->k.len != 16 && p->k.len != 32) || p->opc.len != TUAK_TOPC_LEN)
		return ERR_KEY;
	memcpy(t->k, p->k.ptr, p->k.len);
	memcpy(t->topc, p->opc.ptr, TUAK_TOPC_LEN);
	t->k_len = p->k.len;
	t->mac_len = AKA_MAC_LEN;
	t->res_len = p->res_len ? p->res_len : AKA_RES_DEFAULT;
	t->ck_len = t->ik_len = 16;
	t->iterations = p->iterations ? p->iterations : 1;
	return t->res_len > AKA_RES_MAX ? ERR_UNSUPPORTED : tuak_check(t);
}

static enum err by_tuak_f2345(struct aka_key *key, const uint8_t *rand, struct aka_output *out)
{
	struct tuak_output t;

	tuak_f2345(&key->tuak, rand, &t);
	out->res_len = key->tuak.res_len;
	memcpy(out->res, t.res, out->res_len);
	memcpy(out->ck, t.ck, sizeof(out->ck));
	memcpy(out->ik, t.ik, sizeof(out->ik));
	memcpy(out->ak, t.ak, sizeof(out->ak));
	memcpy(out->ak_star, t.ak_star, sizeof(out->ak_star));
	secret_wipe(&t, sizeof(t));
	return ERR_OK;
}

static enum err by_tuak_f1(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
			   const uint8_t *amf, struct aka_output *out)
{
	struct tuak_output t;

	tuak_f1(&key->tuak, rand, sqn, amf, &t);
	memcpy(out->mac_a, t.mac_a, sizeof(out->mac_a));
	memcpy(out->mac_s, t.mac_s, sizeof(out->mac_s));
	secret_wipe(&t, sizeof(t));
	return ERR_OK;
}

static enum err by_tuak(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
			const uint8_t *amf, struct aka_output *out)
{
	enum err e = by_tuak_f2345(key, rand, out);

	return e ? e : by_tuak_f1(key, rand, sqn, amf, out);
}

static enum err xor_open(struct aka_key *key, const struct aka_parameters *p)
{
	size_t res_len = p->res_len ? p->res_len : AKA_RES_DEFAULT;

	if (p->k.len != XOR_KEY_LEN)
		return ERR_KEY;
	if (res_len < 4 || res_len > AKA_RES_MAX)
		return ERR_UNSUPPORTED;
	memcpy(key->xor_k, p->k.ptr, XOR_KEY_LEN);
	key->xor_res_len = res_len;
	return ERR_OK;
}

static enum err by_xor_f2345(struct aka_key *key, const uint8_t *rand, struct aka_output *out)
{
	struct xor_output x;

	xor_f2345(key->xor_k, rand, &x);
	out->res_len = key->xor_res_len;
	memcpy(out->res, x.xdout, out->res_len);
	memcpy(out->ck, x.ck, sizeof(out->ck));
	memcpy(out->ik, x.ik, sizeof(out->ik));
	memcpy(out->ak, x.ak, sizeof(out->ak));
	memcpy(out->ak_star, x.ak, sizeof(out->ak_star));
	secret_wipe(&x, sizeof(x));
	return ERR_OK;
}

static enum err by_xor_f1(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
			  const uint8_t *amf, struct aka_output *out)
{
	xor_f1(key->xor_k, rand, sqn, amf, out->mac_a);
	memcpy(out->mac_s, out->mac_a, sizeof(out->mac_s));
	return ERR_OK;
}

static enum err by_xor(struct aka_key *key, const uint8_t *rand, const uint8_t *sqn,
		       const uint8_t *amf, struct aka_output *out)
{
	enum err e = by_xor_f2345(key, rand, out);

	return e ? e : by_xor_f1(key, rand, sqn, amf, out);
}

static const struct aka_functions table[] = {
	{.algorithm = AKA_MILENAGE,
	 .name = "MILENAGE",
	 .clause = "TS 35.206",
	 .checks_sqn = true,
	 .open = milenage_open,
	 .f2345 = by_milenage_f2345,
	 .f1 = by_milenage_f1,
	 .all = by_milenage},
	{.algorithm = AKA_TUAK,
	 .name = "TUAK",
	 .clause = "TS 35.231",
	 .checks_sqn = true,
	 .open = tuak_open,
	 .f2345 = by_tuak_f2345,
	 .f1 = by_tuak_f1,
	 .all = by_tuak},
	{.algorithm = AKA_XOR,
	 .name = "test algorithm",
	 .clause = "TS 34.108 8.1.2",
	 .checks_sqn = false,
	 .open = xor_open,
	 .f2345 = by_xor_f2345,
	 .f1 = by_xor_f1,
	 .all = by_xor},
};

const struct aka_functions *aka_functions_of(enum aka_algorithm algorithm)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].algorithm == algorithm)
			return &table[i];
	}
	return NULL;
}
