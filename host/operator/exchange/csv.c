/* csv: tables of subscribers: a header with the names of its columns, and a line a subscriber */
#include <stdio.h>

#include "host/operator/exchange/csv_row.h"
#include "host/operator/exchange/field.h"
#include "host/operator/exchange/format.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"
#include "lib/profile/simfile.h"

#define ROW_TEXT_CAP 128

static bool is_csv(const struct exchange_input *in)
{
	struct csv_reader r;
	bool is = false;

	csv_reader_open(&r, in->text);
	if (!csv_reader_row(&r))
		for (size_t i = 0; i < r.count; i++)
			is |= csv_column_of(csv_reader_field(&r, i)) == CSV_IMSI;
	csv_reader_close(&r);
	return is;
}

struct header {
	size_t count;
	enum csv_column columns[CSV_FIELDS_MAX];
	enum field_base sqn;
};

/* A column that is not known is named by its place alone: a file without a header has a key there.
 */
static void name_columns(const struct csv_reader *r, struct exchange_list *l, struct header *h)
{
	bool seen[CSV_COLUMNS + 1] = {false};

	*h = (struct header){.count = r->count, .sqn = FIELD_ANY};
	for (size_t i = 0; i < r->count; i++) {
		enum csv_column c = csv_column_of(csv_reader_field(r, i));

		h->columns[i] = c;
		if (c == CSV_COLUMNS)
			exchange_warn(
				l, r->line, "",
				"the header has names that are not known: those columns are not "
				"carried");
		else if (seen[c])
			exchange_fault(l, r->line, csv_column_name(c),
				       "the header names this column twice");
		if (c == CSV_AUC_ID)
			h->sqn = FIELD_DECIMAL;
		seen[c] = true;
	}
	if (!seen[CSV_IMSI])
		exchange_fault(
			l, r->line, "imsi",
			"no such column: the first line names the columns (imsi, k, opc ...: "
			"docs/moving-in.md)");
}

static void put_res_bits(const struct field *f, struct exchange_half *h)
{
	unsigned bits = 0;

	field_uint(f, 8 * AKA_RES_MAX, &bits);
	h->shape.res_len = bits / 8;
}

static void put_ind_bits(const struct field *f, struct exchange_half *h)
{
	field_uint(f, SQN_IND_BITS_MAX, &h->shape.ind_bits);
	h->shape.has_ind_bits = !field_is_empty(f);
}

static void put_derived(const struct field *f, struct exchange_record *r)
{
	unsigned bits = 0;

	field_uint(f, 8 * EXCHANGE_KEY_MAX, &bits);
	r->modes.derived = bits / 8;
	if (bits && bits != 128 && bits != 256)
		exchange_fault(f->list, f->number, f->name, "must be 128 or 256, or empty");
}

static void put_in_half(const struct field *f, enum csv_column c, enum field_base sqn,
			struct exchange_half *h)
{
	switch ((int)c) {
	case CSV_IMSI:
	case CSV_IMSI2: field_imsi(f, h->imsi); break;
	case CSV_MSISDN:
	case CSV_MSISDN2: field_msisdn(f, h->msisdn); break;
	case CSV_ALGORITHM:
	case CSV_ALGORITHM2: field_algorithm(f, &h->algorithm); break;
	case CSV_K:
	case CSV_K2: field_key(f, &h->k); break;
	case CSV_OP: field_key(f, &h->op); break;
	case CSV_OPC:
	case CSV_OPC2: field_key(f, &h->opc); break;
	case CSV_AMF: field_amf(f, h); break;
	case CSV_SQN:
	case CSV_SQN2: field_sqn(f, sqn, h); break;
	case CSV_IND_BITS:
	case CSV_IND_BITS2: put_ind_bits(f, h); break;
	case CSV_RES_BITS:
	case CSV_RES_BITS2: put_res_bits(f, h); break;
	case CSV_ITERATIONS:
	case CSV_ITERATIONS2: field_uint(f, 255, &h->shape.iterations); break;
	default: break;
	}
}

static bool is_of_second(enum csv_column c)
{
	return c == CSV_IMSI2 || c == CSV_MSISDN2 || (c >= CSV_ALGORITHM2 && c <= CSV_ITERATIONS2);
}

static void put_in_record(const struct field *f, enum csv_column c, enum field_base sqn,
			  struct exchange_record *r)
{
	unsigned key_id = r->key_id;

	switch ((int)c) {
	case CSV_ICCID: field_iccid(f, r->iccid); break;
	case CSV_NAME: field_text(f, r->name, sizeof(r->name)); break;
	case CSV_S: field_key(f, &r->s); break;
	case CSV_KEY_ID:
		field_uint(f, UINT32_MAX, &key_id);
		r->key_id = key_id;
		break;
	case CSV_DERIVED: put_derived(f, r); break;
	case CSV_IN_MEMORY: field_bool(f, &r->modes.in_memory); break;
	case CSV_KEEP_FIRST: field_bool(f, &r->modes.keep_first); break;
	default: put_in_half(f, c, sqn, &r->half[is_of_second(c)]); break;
	}
}

static void add_line(const struct csv_reader *row, const struct header *h, struct exchange_list *l)
{
	struct exchange_record *r = exchange_add(l, row->line);

	if (!r)
		return;
	if (row->count != h->count) {
		exchange_fault(l, row->line, "",
			       "it has not as many fields as the header has (a field with the "
			       "separator in it stands in quotes)");
		return;
	}
	for (size_t i = 0; i < h->count; i++) {
		enum csv_column c = h->columns[i];
		const struct field f = {l, row->line, c < CSV_COLUMNS ? csv_column_name(c) : "",
					csv_reader_field(row, i)};

		if (c < CSV_COLUMNS)
			put_in_record(&f, c, h->sqn, r);
	}
}

static const char *why_no_row(enum err e)
{
	switch ((int)e) {
	case ERR_ENCODING:
		return "a quote is not closed, or stands where none may (RFC 4180): was the file "
		       "cut?";
	case ERR_TRUNCATED:
		return "it has no line end: was the file cut? Where it is whole, end its last line";
	default: return "it has more than 64 fields, or more than 65536 octets";
	}
}

static enum err read_csv(const struct exchange_input *in, struct exchange_list *out)
{
	struct csv_reader row;
	struct header h = {.count = 0};
	enum err e;

	csv_reader_open(&row, in->text);
	e = csv_reader_row(&row);
	if (!e)
		name_columns(&row, out, &h);
	while (!e && !out->err && out->count < EXCHANGE_ROWS_MAX && !(e = csv_reader_row(&row)))
		add_line(&row, &h, out);
	if (!e && !out->err && !csv_reader_row(&row))
		(void)!exchange_add(out, 0); /* one too many: it says so */
	if (e && e != ERR_NOT_FOUND && e != ERR_MEMORY)
		exchange_fault(out, row.line, "", why_no_row(e));
	csv_reader_close(&row);
	return e == ERR_MEMORY ? e : out->err;
}

/* A field of a row, in text; secret. */
struct cell {
	char text[ROW_TEXT_CAP];
};

static void say_key(struct cell *c, const struct exchange_key *k)
{
	hex_encode(exchange_key_slice(k), c->text, sizeof(c->text));
}

static void say_number(struct cell *c, unsigned n, bool is)
{
	if (is)
		snprintf(c->text, sizeof(c->text), "%u", n);
}

static void say_half(struct cell *to, enum csv_column c, const struct exchange_half *h)
{
	switch ((int)c) {
	case CSV_IMSI:
	case CSV_IMSI2: snprintf(to->text, sizeof(to->text), "%s", h->imsi); break;
	case CSV_MSISDN:
	case CSV_MSISDN2: snprintf(to->text, sizeof(to->text), "%s", h->msisdn); break;
	case CSV_ALGORITHM:
	case CSV_ALGORITHM2:
		snprintf(to->text, sizeof(to->text), "%s", simfile_algorithm(h->algorithm));
		break;
	case CSV_K:
	case CSV_K2: say_key(to, &h->k); break;
	case CSV_OPC:
	case CSV_OPC2: say_key(to, &h->opc); break;
	case CSV_SQN:
	case CSV_SQN2:
		snprintf(to->text, sizeof(to->text), "%012llx", (unsigned long long)h->sqn);
		break;
	case CSV_IND_BITS:
	case CSV_IND_BITS2: say_number(to, aka_ind_bits(&h->shape), true); break;
	case CSV_RES_BITS:
	case CSV_RES_BITS2: say_number(to, 8 * (unsigned)h->shape.res_len, h->shape.res_len); break;
	case CSV_ITERATIONS:
	case CSV_ITERATIONS2: say_number(to, h->shape.iterations, h->shape.iterations); break;
	default: break;
	}
}

static void fill_cell(struct cell *to, enum csv_column c, const struct exchange_record *r)
{
	switch ((int)c) {
	case CSV_ICCID: snprintf(to->text, sizeof(to->text), "%s", r->iccid); break;
	case CSV_NAME: snprintf(to->text, sizeof(to->text), "%s", r->name); break;
	case CSV_S: say_key(to, &r->s); break;
	case CSV_KEY_ID: say_number(to, r->key_id, true); break;
	case CSV_DERIVED: say_number(to, 8 * r->modes.derived, r->modes.derived); break;
	case CSV_IN_MEMORY:
		snprintf(to->text, sizeof(to->text), "%s", r->modes.in_memory ? "yes" : "no");
		break;
	case CSV_KEEP_FIRST:
		snprintf(to->text, sizeof(to->text), "%s", r->modes.keep_first ? "yes" : "no");
		break;
	default: say_half(to, c, &r->half[is_of_second(c)]); break;
	}
}

/* Between quotes where it has what parts fields. */
static void put_cell(struct wbuf *out, const char *text)
{
	bool quoted = false;

	for (const char *c = text; *c; c++)
		quoted |= *c == ',' || *c == ';' || *c == '"' || *c == '\n' || *c == '\r' ||
			  *c == '\t' || (*c == ' ' && (c == text || !c[1]));
	if (quoted)
		wbuf_u8(out, '"');
	for (const char *c = text; *c; c++) {
		if (*c == '"')
			wbuf_u8(out, '"');
		wbuf_u8(out, (uint8_t)*c);
	}
	if (quoted)
		wbuf_u8(out, '"');
}

static bool is_written(enum csv_column c, const struct exchange_wish *wish)
{
	return c != CSV_OP && c != CSV_AMF && (wish->with_keys || !csv_column_is_key(c));
}

static enum err write_csv(struct exchange_list *l, const struct exchange_wish *wish,
			  struct wbuf *out)
{
	struct cell cell;

	for (size_t c = 0; c < CSV_EXPORTED; c++) {
		if (!is_written((enum csv_column)c, wish))
			continue;
		wbuf_put(out, slice_str(c ? "," : ""));
		wbuf_put(out, slice_str(csv_column_name((enum csv_column)c)));
	}
	wbuf_u8(out, '\n');
	for (size_t i = 0; i < l->count; i++) {
		for (size_t c = 0; c < CSV_EXPORTED; c++) {
			if (!is_written((enum csv_column)c, wish))
				continue;
			*cell.text = 0;
			fill_cell(&cell, (enum csv_column)c, &l->records[i]);
			wbuf_put(out, slice_str(c ? "," : ""));
			put_cell(out, cell.text);
		}
		wbuf_u8(out, '\n');
	}
	secret_wipe(&cell, sizeof(cell));
	return wbuf_done(out);
}

const struct exchange_format exchange_csv = {
	.name = "csv",
	.title = "CSV",
	.place = "line",
	.is_text = true,
	.has_tuak = true,
	.has_xor = true,
	.is_it = is_csv,
	.read = read_csv,
	.write = write_csv,
};
