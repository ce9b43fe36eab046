/* open5gs: what mongoexport writes of Open5GS's collection "subscribers", and mongoimport takes */
#include <stdio.h>

#include "host/operator/exchange/field.h"
#include "host/operator/exchange/format.h"
#include "host/operator/exchange/json.h"

#define AMF_SEPARATED "8000"

static bool is_open5gs(const struct exchange_input *in)
{
	json_t *first = exchange_json_first(in->text);
	bool is = json_is_object(exchange_json_at(first, "security")) &&
		  exchange_json_at(first, "imsi");

	json_decref(first);
	return is;
}

static void read_msisdn(const struct exchange_document *d, struct exchange_record *r)
{
	const json_t *numbers = exchange_json_at(d->value, "msisdn");
	const json_t *first = json_is_array(numbers) ? json_array_get(numbers, 0) : numbers;
	struct field f = {d->list, d->number, "msisdn",
			  slice_make(json_string_value(first), json_string_length(first))};

	field_msisdn(&f, r->half[0].msisdn);
	if (json_array_size(numbers) > 1)
		exchange_warn(d->list, d->number, "msisdn",
			      "the numbers behind the first are not carried");
}

static void read_document(void *ctx, const struct exchange_document *d)
{
	struct exchange_record *r = exchange_add(d->list, d->number);
	struct exchange_half *h = r ? &r->half[0] : NULL;
	char digits[EXCHANGE_DIGITS_CAP];
	struct field f;

	(void)ctx;
	if (!r)
		return;
	h->algorithm = AKA_MILENAGE;
	f = exchange_json_field(d, "imsi", digits);
	field_imsi(&f, h->imsi);
	read_msisdn(d, r);
	f = exchange_json_field(d, "security.k", digits);
	field_key(&f, &h->k);
	f = exchange_json_field(d, "security.op", digits);
	field_key(&f, &h->op);
	f = exchange_json_field(d, "security.opc", digits);
	field_key(&f, &h->opc);
	f = exchange_json_field(d, "security.amf", digits);
	field_amf(&f, h);
	f = exchange_json_field(d, "security.sqn", digits);
	field_sqn(&f, FIELD_DECIMAL, h);
}

static enum err read_open5gs(const struct exchange_input *in, struct exchange_list *out)
{
	enum err e = exchange_json_each(in->text, out, read_document, NULL);

	if (!e && out->count)
		exchange_warn(out, 0, "",
			      "sessions, slices and rates are not carried: Twinkey has none");
	return e;
}

/* What "open5gs-dbctl add" gives one: a slice with one session, "internet". */
static json_t *rates(void)
{
	return json_pack("{s:{s:i, s:i}, s:{s:i, s:i}}", "downlink", "value", 1, "unit", 3,
			 "uplink", "value", 1, "unit", 3);
}

static json_t *slices(void)
{
	return json_pack("[{s:i, s:b, s:[{s:s, s:i, s:{s:i, s:{s:i, s:i, s:i}}, s:o, s:[]}]}]",
			 "sst", 1, "default_indicator", 1, "session", "name", "internet", "type", 3,
			 "qos", "index", 9, "arp", "priority_level", 8, "pre_emption_capability", 1,
			 "pre_emption_vulnerability", 1, "ambr", rates(), "pcc_rule");
}

/* Open5GS takes an SQN of 64 bits alone, which extended JSON has to say. */
static json_t *security(const struct exchange_half *h)
{
	char sqn[EXCHANGE_DIGITS_CAP];

	snprintf(sqn, sizeof(sqn), "%llu", (unsigned long long)h->sqn);
	return json_pack("{s:o, s:n, s:o, s:s, s:{s:s}}", "k", exchange_json_hex(&h->k), "op",
			 "opc", exchange_json_hex(&h->opc), "amf", AMF_SEPARATED, "sqn",
			 "$numberLong", sqn);
}

static enum err write_open5gs(struct exchange_list *l, const struct exchange_wish *wish,
			      struct wbuf *out)
{
	(void)wish;
	for (size_t i = 0; i < l->count; i++) {
		const struct exchange_half *h = &l->records[i].half[0];
		json_t *numbers = json_array();

		if (*h->msisdn)
			json_array_append_new(numbers,
					      json_string(h->msisdn + (*h->msisdn == '+')));
		exchange_json_line(
			out, json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:i}",
				       "schema_version", 1, "imsi", h->imsi, "msisdn", numbers,
				       "slice", slices(), "security", security(h), "ambr", rates(),
				       "access_restriction_data", 32, "network_access_mode", 0,
				       "subscriber_status", 0, "subscribed_rau_tau_timer", 12,
				       "__v", 0));
	}
	return wbuf_done(out);
}

const struct exchange_format exchange_open5gs = {
	.name = "open5gs",
	.title = "Open5GS",
	.place = "document",
	.is_text = true,
	.needs_keys = true,
	.has_one_key = true,
	.wants_next = true,
	.is_it = is_open5gs,
	.read = read_open5gs,
	.write = write_open5gs,
};
