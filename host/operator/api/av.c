#include "host/operator/api/av.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/auc/auc.h"
#include "lib/base/secret.h"

/* The network that the keys are bound to. */
static const char *read_network(const struct av_words *w, struct av_order *out)
{
	struct av_ask *ask = &out->ask;

	if (w->plmn && w->network)
		return "a network has a name or a PLMN: give one of them";
	if (w->plmn && (network_plmn(w->plmn, ask->plmn) || network_name_of(w->plmn, out->network)))
		return "a PLMN has 5 or 6 digits, MCC and MNC";
	switch (ask->kind) {
	case AV_EPS: return w->plmn ? NULL : "vectors for EPS want the PLMN of the serving network";
	case AV_5G:
	case AV_5G_EAP: break;
	default: return w->plmn || w->network ? "such vectors are of no network" : NULL;
	}
	if (!w->plmn && !w->network)
		return "vectors for 5G want the serving network: its PLMN, or its name";
	if (w->network && strlen(w->network) > NETWORK_NAME_MAX)
		return "a network's name has 255 octets at most";
	if (w->network)
		snprintf(out->network, sizeof(out->network), "%s", w->network);
	ask->network = out->network;
	if (ask->kind == AV_5G && !network_is_5g(out->network))
		return "a serving network's name is like 5G:mnc001.mcc001.3gppnetwork.org";
	return network_is_name(out->network) ? NULL
					     : "a network's name is printable, without spaces";
}

static const char *read_auts(const struct av_words *w, struct av_order *out)
{
	if (!w->rand && !w->auts)
		return NULL;
	if (!w->rand || !w->auts || hex_decode_exact(w->rand, out->rand, sizeof(out->rand)) ||
	    hex_decode_exact(w->auts, out->auts, sizeof(out->auts)))
		return "a synchronisation failure is told by RAND (32 hex digits) and AUTS (28)";
	out->has_auts = true;
	return NULL;
}

static const char *read_amf(const struct av_words *w, struct av_ask *ask)
{
	if (!w->amf)
		return NULL;
	ask->has_amf = true;
	if (ask->kind == AV_GSM)
		return "a GSM vector has no AMF";
	return hex_decode_exact(w->amf, ask->amf, sizeof(ask->amf)) ? "AMF has 4 hex digits" : NULL;
}

const char *av_order_read(const struct av_words *w, int64_t now, struct av_order *out)
{
	struct av_ask *ask = &out->ask;
	const char *wrong;

	*out = (struct av_order){.ask = {.imsi = w->imsi, .now = now, .count = 1}};
	if (av_kind_of(w->kind, &ask->kind))
		return "vectors are for gsm, umts, eps, 5g or 5g-eap";
	ask->node = av_node_of(ask->kind);
	if (w->node && sqn_node_of(w->node, &ask->node))
		return "a node is terminal, cs, ps, eps, 5g, ims or wlan";
	if (w->count < 0 || w->count > AV_COUNT_MAX)
		return "1 to 32 vectors are made at once";
	ask->count = w->count ? (unsigned)w->count : 1;
	wrong = read_network(w, out);
	if (!wrong)
		wrong = read_amf(w, ask);
	return wrong ? wrong : read_auts(w, out);
}

/* True also where it is absent, and not needed. */
static bool word(const json_t *request, const char *name, bool needed, const char **out)
{
	const json_t *v = json_object_get(request, name);

	*out = json_string_value(v);
	return *out || (!v && !needed);
}

bool av_words_of(const json_t *request, struct av_words *out)
{
	const json_t *count = json_object_get(request, "count");

	*out = (struct av_words){.count = 0};
	if (count) {
		json_int_t n = json_integer_value(count);

		if (!json_is_integer(count))
			return false;
		out->count = n < 1 || n > AV_COUNT_MAX ? -1 : (int)n;
	}
	return word(request, "imsi", true, &out->imsi) && word(request, "for", true, &out->kind) &&
	       word(request, "node", false, &out->node) &&
	       word(request, "plmn", false, &out->plmn) &&
	       word(request, "network", false, &out->network) &&
	       word(request, "amf", false, &out->amf) && word(request, "rand", false, &out->rand) &&
	       word(request, "auts", false, &out->auts);
}

enum err av_order_fill(struct operator_store *s, struct av_order *order, struct av *out, bool *auts)
{
	const struct av_ask *ask = &order->ask;
	struct auc_auts said;
	enum err e = ERR_OK;

	if (order->has_auts) {
		memcpy(said.rand, order->rand, sizeof(said.rand));
		memcpy(said.auts, order->auts, sizeof(said.auts));
		e = auc_resync(s, ask->imsi, &said, ask->now);
	}
	*auts = e != ERR_OK;
	return e ? e : av_make(s, ask, out);
}

size_t av_fields(const struct av *av, struct av_field out[static AV_FIELDS_MAX])
{
	const struct av_field rand = {"rand", "RAND", SLICE_OF(av->rand)};
	const struct av_field autn = {"autn", "AUTN", SLICE_OF(av->autn)};
	const struct av_field kc = {"kc", "Kc", SLICE_OF(av->kc)};
	const struct slice res = slice_make(av->res, av->res_len);
	struct av_field f[AV_FIELDS_MAX] = {rand, autn, {"xres", "XRES", res}};
	size_t n = 3;

	switch (av->kind) {
	case AV_GSM:
		f[1] = (struct av_field){"sres", "SRES", res};
		f[2] = kc;
		break;
	case AV_UMTS:
		f[n++] = (struct av_field){"ck", "CK", SLICE_OF(av->pair.ck)};
		f[n++] = (struct av_field){"ik", "IK", SLICE_OF(av->pair.ik)};
		f[n++] = kc;
		break;
	case AV_EPS: f[n++] = (struct av_field){"kasme", "KASME", SLICE_OF(av->master)}; break;
	case AV_5G:
		f[2] = (struct av_field){"xresStar", "XRES*", res};
		f[n++] = (struct av_field){"kausf", "KAUSF", SLICE_OF(av->master)};
		break;
	case AV_5G_EAP:
		f[n++] = (struct av_field){"ckPrime", "CK'", SLICE_OF(av->pair.ck)};
		f[n++] = (struct av_field){"ikPrime", "IK'", SLICE_OF(av->pair.ik)};
		break;
	default: return 0;
	}
	memcpy(out, f, n * sizeof(*f));
	return n;
}

static json_t *vector_json(const struct av *av)
{
	struct av_field fields[AV_FIELDS_MAX];
	size_t n = av_fields(av, fields);
	json_t *o = json_object();
	char hex[2 * KDF_LEN + 1];

	for (size_t i = 0; i < n; i++) {
		hex_encode(fields[i].octets, hex, sizeof(hex));
		if (json_object_set_new(o, fields[i].name, json_string(hex))) {
			json_decref(o);
			o = NULL;
		}
	}
	secret_wipe(hex, sizeof(hex));
	return o;
}

json_t *av_json(const struct av_order *order, const struct av *vectors)
{
	const struct av_ask *ask = &order->ask;
	json_t *list = json_array();

	for (unsigned i = 0; i < ask->count; i++) {
		if (json_array_append_new(list, vector_json(&vectors[i]))) {
			json_decref(list);
			list = NULL;
		}
	}
	return json_pack("{s:s, s:s, s:s, s:o}", "imsi", ask->imsi, "for", av_kind_name(ask->kind),
			 "node", sqn_node_name(ask->node), "vectors", list);
}
