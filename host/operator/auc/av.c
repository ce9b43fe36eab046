#include "host/operator/auc/av.h"

#include <string.h>

#include "host/operator/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/kdf/nr.h"
#include "lib/base/secret.h"

#define AMF_SEPARATION 0x80u /* of its first octet */

const uint8_t av_amf_separated[AKA_AMF_LEN] = {AMF_SEPARATION, 0};
static const uint8_t amf_plain[AKA_AMF_LEN] = {0, 0};

/* separated: of its AMF */
static const struct kind {
	const char *name;
	enum sqn_node node;
	bool separated;
} kinds[AV_KIND_COUNT] = {
	[AV_GSM] = {"gsm", SQN_NODE_CS, false},	     [AV_UMTS] = {"umts", SQN_NODE_CS, false},
	[AV_EPS] = {"eps", SQN_NODE_EPS, true},	     [AV_5G] = {"5g", SQN_NODE_5G, true},
	[AV_5G_EAP] = {"5g-eap", SQN_NODE_5G, true},
};

const char *av_kind_name(enum av_kind kind)
{
	return (unsigned)kind < AV_KIND_COUNT ? kinds[kind].name : "?";
}

enum err av_kind_of(const char *name, enum av_kind *kind)
{
	for (unsigned i = 0; i < AV_KIND_COUNT; i++) {
		if (strcmp(name, kinds[i].name) == 0) {
			*kind = (enum av_kind)i;
			return ERR_OK;
		}
	}
	return ERR_VALUE;
}

enum sqn_node av_node_of(enum av_kind kind)
{
	return kinds[kind].node;
}

enum err av_take(struct operator_store *s, struct subscription *sn, struct sqn_challenge *c,
		 const uint8_t amf[static AKA_AMF_LEN], struct aka_vector *out)
{
	enum err e = subscription_sqn_take(s, sn, c);

	return e ? e : aka_auc_vector(sn->key, c->rand, sn->sqn, amf, out);
}

static enum err ask_check(const struct av_ask *ask)
{
	bool separated = ask->has_amf && ask->amf[0] & AMF_SEPARATION;

	if ((unsigned)ask->kind >= AV_KIND_COUNT || (unsigned)ask->node >= SQN_NODE_COUNT ||
	    !ask->count || ask->count > AV_COUNT_MAX)
		return ERR_VALUE;
	if (ask->kind == AV_5G && !(ask->network && network_is_5g(ask->network)))
		return ERR_VALUE;
	if (ask->kind == AV_5G_EAP && !(ask->network && network_is_name(ask->network)))
		return ERR_VALUE;
	if (ask->has_amf && ask->kind == AV_GSM)
		return ERR_VALUE;
	if (ask->has_amf && ask->node != SQN_NODE_WLAN && separated != kinds[ask->kind].separated)
		return ERR_VALUE;
	/* there is no EPS, 5G or EAP-AKA' without it, for whomever */
	return ask->has_amf && kinds[ask->kind].separated && !separated ? ERR_VALUE : ERR_OK;
}

static enum err make_gsm(struct aka_key *key, struct av *out)
{
	enum err e = random_bytes(out->rand, sizeof(out->rand));

	out->res_len = GSM_SRES_LEN;
	return e ? e : aka_gsm_authenticate(key, out->rand, out->res, out->kc);
}

/* XRES* instead of XRES, and KAUSF. */
static enum err derive_5g(const struct kdf_pair *pair, struct slice network, struct av *av)
{
	uint8_t star[NR_RES_STAR_LEN];
	enum err e = nr_kausf(pair, network, av->autn, av->master);

	if (!e)
		e = nr_res_star(pair, network, SLICE_OF(av->rand), slice_make(av->res, av->res_len),
				star);
	if (!e) {
		memcpy(av->res, star, sizeof(star));
		av->res_len = sizeof(star);
	}
	return e;
}

/* What the kind has instead of CK and IK; AUTN begins with SQN xor AK. */
static enum err derive_keys(const struct av_ask *ask, struct av *av)
{
	struct slice network = ask->network ? slice_str(ask->network) : SLICE_EMPTY;
	struct kdf_pair pair = av->pair;
	enum err e = ERR_OK;

	if (ask->kind == AV_EPS)
		e = eps_kasme(&pair, ask->plmn, av->autn, av->master);
	else if (ask->kind == AV_5G)
		e = derive_5g(&pair, network, av);
	else if (ask->kind == AV_5G_EAP)
		e = kdf_prime(&pair, network, av->autn, &av->pair);
	secret_wipe(&pair, sizeof(pair));
	return e;
}

/* CK and IK, and Kc, stay where the kind has them no more. */
static void withhold(struct av *av)
{
	if (av->kind == AV_EPS || av->kind == AV_5G)
		secret_wipe(&av->pair, sizeof(av->pair));
	if (av->kind != AV_GSM && av->kind != AV_UMTS)
		secret_wipe(av->kc, sizeof(av->kc));
}

static enum err make_aka(struct operator_store *s, struct subscription *sn,
			 const struct av_ask *ask, bool more, struct av *out)
{
	struct sqn_challenge c = {.now = ask->now, .node = ask->node, .more = more};
	const uint8_t *amf = kinds[ask->kind].separated ? av_amf_separated : amf_plain;
	struct aka_vector v;
	enum err e = av_take(s, sn, &c, ask->has_amf ? ask->amf : amf, &v);

	if (!e) {
		memcpy(out->rand, v.rand, sizeof(out->rand));
		memcpy(out->autn, v.autn, sizeof(out->autn));
		memcpy(out->res, v.expected.res, v.expected.res_len);
		out->res_len = v.expected.res_len;
		memcpy(out->pair.ck, v.expected.ck, sizeof(out->pair.ck));
		memcpy(out->pair.ik, v.expected.ik, sizeof(out->pair.ik));
		memcpy(out->kc, v.expected.kc, sizeof(out->kc));
		e = derive_keys(ask, out);
		withhold(out);
	}
	secret_wipe(&v, sizeof(v));
	return e;
}

static enum err make_batch(struct operator_store *s, struct subscription *sn,
			   const struct av_ask *ask, struct av *out)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; !e && i < ask->count; i++) {
		out[i] = (struct av){.kind = ask->kind};
		e = ask->kind == AV_GSM ? make_gsm(sn->key, &out[i])
					: make_aka(s, sn, ask, i > 0, &out[i]);
	}
	return e;
}

enum err av_make(struct operator_store *s, const struct av_ask *ask, struct av *out)
{
	struct subscription sn;
	enum err e = ask_check(ask);

	if (!e)
		e = subscription_open(s, ask->imsi, &sn);
	if (e)
		return e;
	if (ask->kind == AV_GSM) { /* it has no number to keep */
		e = make_batch(s, &sn, ask, out);
	} else {
		OPERATOR_TRANSACTION (s, e)
			e = make_batch(s, &sn, ask, out);
	}
	if (e)
		secret_wipe(out, ask->count * sizeof(*out));
	subscription_close(&sn);
	return e;
}
