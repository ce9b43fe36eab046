/*
 * av: vectors for network elements, as words and JSON: the same fields on the lab interface
 * (docs/protocol.md section 3) and in `twinkey-operator auc av`.
 */
#ifndef TWINKEY_OPERATOR_API_AV_H
#define TWINKEY_OPERATOR_API_AV_H

#include <jansson.h>

#include "host/operator/auc/av.h"

/* What was asked, in words; NULL: nothing was said. */
struct av_words {
	const char *imsi, *kind, *node, *plmn, *network, *amf;
	const char *rand, *auts; /* of a synchronisation failure, which goes before */
	int count;		 /* 0: nothing was said: 1 */
};
/* The ask, ready to be made. */
struct av_order {
	struct av_ask ask;
	char network[NETWORK_NAME_CAP];
	bool has_auts;
	uint8_t rand[AKA_RAND_LEN], auts[AKA_AUTS_LEN];
};
/* What is wrong, a sentence; NULL: nothing is, and out is filled (imsi is borrowed). */
const char *av_order_read(const struct av_words *w, int64_t now, struct av_order *out);
/* ERR_VALUE of what was read without fault is this. */
#define AV_AMF_WRONG                                                                               \
	"the separation bit of AMF (8000) is for eps, 5g and 5g-eap, which want it, and for the "  \
	"node wlan"
/* The words of a request. False: a field is missing, or of another type. */
bool av_words_of(const json_t *request, struct av_words *out);

/*
 * First what the card said by AUTS, then the vectors: av_make(). *auts: AUTS was it that was not
 * taken, by an error of auc_resync(). out: ask.count of them.
 */
enum err av_order_fill(struct operator_store *s, struct av_order *order, struct av *out,
		       bool *auts) MUST_CHECK;

/* The fields that a vector of this kind has, in their order: name and octets. */
#define AV_FIELDS_MAX 6
struct av_field {
	const char *name, *label; /* in JSON, and as the standards write it */
	struct slice octets;	  /* of the vector */
};
size_t av_fields(const struct av *av, struct av_field out[static AV_FIELDS_MAX]);
/* {"imsi", "for", "node", "vectors": [...]}, secret. NULL: no memory. */
json_t *av_json(const struct av_order *order, const struct av *vectors);

#endif
