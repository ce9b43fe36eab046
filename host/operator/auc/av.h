/*
 * av: authentication vectors for network elements, of every generation.
 *
 * Who gets one may see all of it: RES, and the keys that come out of it; K and OPc never leave.
 * There is a vector only in a state that allows it (auc.h), and its number is on the disk before it
 * is here. The separation bit of AMF (TS 33.102 Annex H) is set in vectors for EPS, 5G and
 * EAP-AKA', and not in others: CK and IK of such a vector go to nobody (TS 33.401 6.1.2), but for
 * wlan, where an EAP server derives CK' and IK' itself.
 */
#ifndef TWINKEY_OPERATOR_AUC_AV_H
#define TWINKEY_OPERATOR_AUC_AV_H

#include "host/operator/auc/network.h"
#include "lib/auth/kdf/kdf.h"
#include "lib/auth/parameters.h"
#include "lib/auth/sqn.h"

struct aka_vector;
struct operator_store;
struct sqn_challenge;
struct subscription;

enum av_kind {
	AV_GSM,	   /* triplet: RAND, SRES, Kc */
	AV_UMTS,   /* quintuplet: RAND, AUTN, XRES, CK, IK; and Kc (c3) */
	AV_EPS,	   /* RAND, AUTN, XRES, KASME (TS 33.401 6.1.2) */
	AV_5G,	   /* 5G HE AV: RAND, AUTN, XRES*, KAUSF (TS 33.501 6.1.3.2) */
	AV_5G_EAP, /* for EAP-AKA': RAND, AUTN, XRES, CK', IK' (TS 33.501 6.1.3.1, TS 33.402) */
	AV_KIND_COUNT
};
/* "gsm", "umts", "eps", "5g", "5g-eap". ERR_VALUE: it is none of these. */
const char *av_kind_name(enum av_kind kind);
enum err av_kind_of(const char *name, enum av_kind *kind) MUST_CHECK;
/* The node that asks for such vectors when nobody says which one does. */
enum sqn_node av_node_of(enum av_kind kind);

struct av { /* secret: wipe it */
	enum av_kind kind;
	uint8_t rand[AKA_RAND_LEN], autn[AKA_AUTN_LEN]; /* of a triplet: RAND alone */
	size_t res_len; /* octets: 4 of SRES, 4 to 16 of XRES, 16 of XRES* */
	uint8_t res[AKA_RES_MAX];
	uint8_t kc[GSM_KC_LEN];
	struct kdf_pair pair;	 /* CK and IK, or CK' and IK' */
	uint8_t master[KDF_LEN]; /* KASME or KAUSF */
};

#define AV_COUNT_MAX 32 /* TS 29.272 7.3.44 has 32 */

struct av_ask {
	enum av_kind kind;
	enum sqn_node node;
	const char *imsi;
	uint8_t plmn[NETWORK_PLMN_LEN]; /* EPS */
	const char *network;		/* 5G: as network_is_5g(); 5G_EAP: as network_is_name() */
	bool has_amf; /* else the kind's: 8000 with the separation bit, 0000 without */
	uint8_t amf[AKA_AMF_LEN];
	unsigned count; /* 1 to AV_COUNT_MAX */
	int64_t now;	/* seconds since 1970 */
};
/*
 * All of a batch, or none. ERR_VALUE: the ask is none, such as an AMF whose separation bit does not
 * fit the kind; ERR_NOT_FOUND: nobody has this IMSI; ERR_WRONG_STATE: the subscriber's state lets
 * the AuC give no vector of it.
 */
enum err av_make(struct operator_store *s, const struct av_ask *ask, struct av *out) MUST_CHECK;

/* One vector of an open subscription: its number is taken in a transaction. For this room alone. */
enum err av_take(struct operator_store *s, struct subscription *sn, struct sqn_challenge *c,
		 const uint8_t amf[static AKA_AMF_LEN], struct aka_vector *out) MUST_CHECK;
/* AMF with the separation bit alone. */
extern const uint8_t av_amf_separated[AKA_AMF_LEN];

#endif
