/*
 * pyhss: the table auc of PyHSS, with the numbers of its table subscriber, as its REST interface
 * lists them (auc/list, subscriber/list: JSON) or in its SQLite database. A dump of auc as CSV is
 * read by csv.c.
 */

#include "host/operator/exchange/extra.h"
#include "host/operator/exchange/field.h"
#include "host/operator/exchange/format.h"
#include "host/operator/exchange/json.h"
#include "host/operator/exchange/sqlite.h"

#define AMF_SEPARATED "8000"

static const char no_key[] =
	"there is no key (PyHSS's API shows keys when api.enable_insecure_auc is True in its "
	"config.yaml)";

static bool is_pyhss(const struct exchange_input *in)
{
	json_t *first = exchange_json_first(in->text);
	bool is = exchange_json_at(first, "auc_id") || exchange_json_at(first, "ki");

	json_decref(first);
	return is;
}

static void read_link(const struct exchange_document *d, char *link)
{
	char digits[EXCHANGE_DIGITS_CAP];
	const struct field f = exchange_json_field(d, "auc_id", digits);

	field_text(&f, link, EXCHANGE_LINK_MAX);
}

/* A row of subscriber: it names one of auc. */
static void read_subscriber(struct exchange_extras *x, const struct exchange_document *d)
{
	struct exchange_extra *extra = exchange_extra_add(x);
	char digits[EXCHANGE_DIGITS_CAP];
	struct field f;

	if (!extra) {
		d->list->err = ERR_MEMORY;
		return;
	}
	read_link(d, extra->link);
	f = exchange_json_field(d, "imsi", digits);
	field_imsi(&f, extra->imsi);
	f = exchange_json_field(d, "msisdn", digits);
	field_msisdn(&f, extra->msisdn);
}

static bool is_subscriber(const json_t *document)
{
	return json_object_get(document, "subscriber_id") ||
	       (json_object_get(document, "msisdn") && !json_object_get(document, "ki"));
}

static void read_document(void *ctx, const struct exchange_document *d)
{
	struct exchange_record *r;
	struct exchange_half *h;
	char digits[EXCHANGE_DIGITS_CAP];
	struct field f;

	if (is_subscriber(d->value)) {
		read_subscriber(ctx, d);
		return;
	}
	r = exchange_add(d->list, d->number);
	if (!r)
		return;
	h = &r->half[0];
	h->algorithm = AKA_MILENAGE;
	read_link(d, r->link);
	if (!exchange_json_at(d->value, "ki"))
		exchange_fault(d->list, d->number, "ki", no_key);
	f = exchange_json_field(d, "imsi", digits);
	field_imsi(&f, h->imsi);
	f = exchange_json_field(d, "iccid", digits);
	field_iccid(&f, r->iccid);
	f = exchange_json_field(d, "ki", digits);
	field_key(&f, &h->k);
	f = exchange_json_field(d, "opc", digits);
	field_key(&f, &h->opc);
	f = exchange_json_field(d, "amf", digits);
	field_amf(&f, h);
	f = exchange_json_field(d, "sqn", digits);
	field_sqn(&f, FIELD_DECIMAL, h);
}

static void say_left(struct exchange_list *l)
{
	if (l->count)
		exchange_warn(l, 0, "",
			      "access points, IMS and the keys of a card's administration are not "
			      "carried: Twinkey has none");
}

static enum err read_pyhss(const struct exchange_input *in, struct exchange_list *out)
{
	struct exchange_extras x = {.items = NULL};
	enum err e = exchange_json_each(in->text, out, read_document, &x);

	exchange_extras_join(&x, out);
	say_left(out);
	return e;
}

static enum err write_pyhss(struct exchange_list *l, const struct exchange_wish *wish,
			    struct wbuf *out)
{
	(void)wish;
	wbuf_put(out, slice_str("[\n"));
	for (size_t i = 0; i < l->count; i++) {
		const struct exchange_record *r = &l->records[i];
		const struct exchange_half *h = &r->half[0];

		exchange_json_line(out, json_pack("{s:o, s:o, s:s, s:I, s:s, s:s}", "ki",
						  exchange_json_hex(&h->k), "opc",
						  exchange_json_hex(&h->opc), "amf", AMF_SEPARATED,
						  "sqn", (json_int_t)h->sqn, "iccid", r->iccid,
						  "imsi", h->imsi));
		if (i + 1 < l->count)
			wbuf_put(out, slice_str(","));
	}
	wbuf_put(out, slice_str("]\n"));
	return wbuf_done(out);
}

static bool is_pyhss_sqlite(const struct exchange_input *in)
{
	return exchange_sqlite_is(in, "auc");
}

static void read_row(const struct exchange_row *row)
{
	struct exchange_record *r = exchange_add(row->list, row->number);
	struct exchange_half *h = r ? &r->half[0] : NULL;
	struct field f;

	if (!r)
		return;
	h->algorithm = AKA_MILENAGE;
	f = exchange_sqlite_field(row, 1, "imsi");
	field_imsi(&f, h->imsi);
	f = exchange_sqlite_field(row, 2, "msisdn");
	field_msisdn(&f, h->msisdn);
	f = exchange_sqlite_field(row, 3, "iccid");
	field_iccid(&f, r->iccid);
	f = exchange_sqlite_field(row, 4, "ki");
	field_key(&f, &h->k);
	f = exchange_sqlite_field(row, 5, "opc");
	field_key(&f, &h->opc);
	f = exchange_sqlite_field(row, 6, "amf");
	field_amf(&f, h);
	f = exchange_sqlite_field(row, 7, "sqn");
	field_sqn(&f, FIELD_DECIMAL, h);
}

static enum err read_pyhss_sqlite(const struct exchange_input *in, struct exchange_list *out)
{
	sqlite3 *db = NULL;
	enum err e = exchange_sqlite_open(in->path, &db);

	if (!e)
		e = exchange_sqlite_each(
			db,
			"SELECT a.auc_id, coalesce(a.imsi, s.imsi), s.msisdn, a.iccid, a.ki,"
			" a.opc, a.amf, a.sqn FROM auc a LEFT JOIN subscriber s ON s.auc_id ="
			" a.auc_id ORDER BY a.auc_id",
			out, read_row);
	exchange_sqlite_close(&db);
	say_left(out);
	return e;
}

const struct exchange_format exchange_pyhss = {
	.name = "pyhss",
	.title = "PyHSS",
	.place = "document",
	.is_text = true,
	.needs_keys = true,
	.has_one_key = true,
	.wants_next = true,
	.is_it = is_pyhss,
	.read = read_pyhss,
	.write = write_pyhss,
};

/* Only read: PyHSS makes its tables itself. */
const struct exchange_format exchange_pyhss_sqlite = {
	.name = "pyhss-sqlite",
	.title = "PyHSS",
	.place = "row",
	.has_one_key = true,
	.is_it = is_pyhss_sqlite,
	.read = read_pyhss_sqlite,
};
