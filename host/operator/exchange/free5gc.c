/*
 * free5gc: a subscriber as its webconsole shows it, and what mongoexport writes of its collections
 * (subscriptionData.authenticationData.authenticationSubscription; provisionedData.amData has the
 * telephone numbers), with keys in members of their own (until version 3) or flat (since 4).
 */
#include <stdio.h>
#include <string.h>

#include "host/operator/exchange/extra.h"
#include "host/operator/exchange/field.h"
#include "host/operator/exchange/format.h"
#include "host/operator/exchange/json.h"

#define AMF_SEPARATED "8000"
#define SUPI_SCHEME   "imsi-"

/* The object that has the key: in the webconsole's form it is a member. */
static json_t *subscription_of(json_t *document)
{
	static const char *const inner[] = {"AuthenticationSubscription",
					    "authenticationSubscription"};
	json_t *v = NULL;

	for (size_t i = 0; !v && i < ARRAY_LEN(inner); i++)
		v = exchange_json_at(document, inner[i]);
	if (v)
		return v;
	return exchange_json_at(document, "permanentKey") ||
			       exchange_json_at(document, "encPermanentKey") ||
			       exchange_json_at(document, "authenticationMethod")
		       ? document
		       : NULL;
}

static bool is_free5gc(const struct exchange_input *in)
{
	json_t *first = exchange_json_first(in->text);
	bool is = exchange_json_at(first, "ueId") || subscription_of(first);

	json_decref(first);
	return is;
}

static struct field supi_of(const struct exchange_document *d, char digits[EXCHANGE_DIGITS_CAP])
{
	struct field f = exchange_json_field(d, "ueId", digits);
	const struct slice scheme = slice_str(SUPI_SCHEME);

	if (slice_starts(f.value, scheme))
		f.value = slice_sub(f.value, scheme.len, f.value.len);
	return f;
}

/* The first of those paths where there is something that is not empty. */
static void read_first_of(const struct exchange_document *d, const char *const paths[static 3],
			  struct exchange_key *out)
{
	char digits[EXCHANGE_DIGITS_CAP];

	for (size_t i = 0; i < 3 && paths[i]; i++) {
		struct field f = exchange_json_field(d, paths[i], digits);

		if (!field_is_empty(&f)) {
			field_key(&f, out);
			return;
		}
	}
}

/* Keys that are encrypted say so by the number of an algorithm. */
static bool is_encrypted(const json_t *subscription)
{
	static const char *const paths[] = {"permanentKey.encryptionAlgorithm",
					    "opc.encryptionAlgorithm"};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		const json_t *v = exchange_json_at(subscription, paths[i]);

		if (json_is_integer(v) && json_integer_value(v) != 0)
			return true;
	}
	return false;
}

static void read_subscription(const struct exchange_document *d, struct exchange_half *h)
{
	static const char *const k[] = {"permanentKey.permanentKeyValue", "encPermanentKey", NULL},
				 *const opc[] = {"opc.opcValue", "encOpcKey", "encTopcKey"},
				 *const op[] = {"milenage.op.opValue", NULL, NULL};
	char digits[EXCHANGE_DIGITS_CAP];
	bool is_object = json_is_object(exchange_json_at(d->value, "sequenceNumber"));
	struct field f;

	if (is_encrypted(d->value)) {
		exchange_fault(d->list, d->number, "permanentKey",
			       "is encrypted: Twinkey has not the key for it");
		return;
	}
	read_first_of(d, k, &h->k);
	read_first_of(d, opc, &h->opc);
	read_first_of(d, op, &h->op);
	f = exchange_json_field(d, "authenticationManagementField", digits);
	field_amf(&f, h);
	f = exchange_json_field(d, is_object ? "sequenceNumber.sqn" : "sequenceNumber", digits);
	field_sqn(&f, FIELD_HEX, h);
	h->algorithm = h->opc.len == EXCHANGE_KEY_MAX ? AKA_TUAK : AKA_MILENAGE;
}

static void read_gpsi(const struct exchange_document *d, char *msisdn)
{
	const json_t *list = exchange_json_at(d->value, "gpsis");

	if (!list)
		list = exchange_json_at(d->value, "AccessAndMobilitySubscriptionData.gpsis");
	for (size_t i = 0; i < json_array_size(list) && !*msisdn; i++) {
		const json_t *v = json_array_get(list, i);
		struct field f = {d->list, d->number, "gpsis",
				  slice_make(json_string_value(v), json_string_length(v))};

		if (slice_starts(f.value, slice_str("msisdn-")))
			field_msisdn(&f, msisdn);
	}
}

/* Of another collection: it may have the number. */
static void read_other(struct exchange_extras *x, const struct exchange_document *d)
{
	struct exchange_extra extra = {.link = ""}, *to;
	char digits[EXCHANGE_DIGITS_CAP];
	struct field f = supi_of(d, digits);

	read_gpsi(d, extra.msisdn);
	if (!*extra.msisdn || slice_text(f.value, extra.link, sizeof(extra.link)))
		return;
	to = exchange_extra_add(x);
	if (to)
		*to = extra;
	else
		d->list->err = ERR_MEMORY;
}

static void read_ue(void *ctx, const struct exchange_document *d)
{
	json_t *subscription = json_incref(subscription_of(d->value));
	struct exchange_document inner = *d;
	char digits[EXCHANGE_DIGITS_CAP];
	struct exchange_record *r;
	struct field f;

	if (!subscription) {
		read_other(ctx, d);
		return;
	}
	r = exchange_add(d->list, d->number);
	if (r) {
		f = supi_of(d, digits);
		field_imsi(&f, r->half[0].imsi);
		memcpy(r->link, r->half[0].imsi, sizeof(r->half[0].imsi));
		read_gpsi(d, r->half[0].msisdn);
		inner.value = subscription;
		read_subscription(&inner, &r->half[0]);
	}
	json_decref(subscription);
}

static enum err read_free5gc(const struct exchange_input *in, struct exchange_list *out)
{
	struct exchange_extras x = {.items = NULL};
	enum err e = exchange_json_each(in->text, out, read_ue, &x);

	exchange_extras_join(&x, out);
	if (!e && out->count)
		exchange_warn(out, 0, "",
			      "slices, sessions and policies are not carried: Twinkey has none");
	return e;
}

static enum err write_free5gc(struct exchange_list *l, const struct exchange_wish *wish,
			      struct wbuf *out)
{
	(void)wish;
	for (size_t i = 0; i < l->count; i++) {
		const struct exchange_half *h = &l->records[i].half[0];
		char sqn[EXCHANGE_DIGITS_CAP], supi[sizeof(SUPI_SCHEME) + IMSI_MAX];

		snprintf(sqn, sizeof(sqn), "%012llx", (unsigned long long)h->sqn);
		snprintf(supi, sizeof(supi), SUPI_SCHEME "%s", h->imsi);
		exchange_json_line(out, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:{s:s, s:s}}",
						  "ueId", supi, "authenticationMethod", "5G_AKA",
						  "authenticationManagementField", AMF_SEPARATED,
						  "algorithmId", "milenage", "encPermanentKey",
						  exchange_json_hex(&h->k), "encOpcKey",
						  exchange_json_hex(&h->opc), "sequenceNumber",
						  "sqnScheme", "NON_TIME_BASED", "sqn", sqn));
	}
	return wbuf_done(out);
}

const struct exchange_format exchange_free5gc = {
	.name = "free5gc",
	.title = "free5GC",
	.place = "document",
	.is_text = true,
	.needs_keys = true,
	.has_one_key = true,
	.wants_next = true,
	.is_it = is_free5gc,
	.read = read_free5gc,
	.write = write_free5gc,
};
