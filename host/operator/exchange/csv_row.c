#include "host/operator/exchange/csv_row.h"

#include <string.h>
#include <strings.h>

#define ROW_MAX 65536

static const struct {
	const char *name;
	const char *others[5]; /* that other programs have */
} columns[CSV_COLUMNS] = {
	[CSV_IMSI] = {"imsi", {"imsi1", "supi"}},
	[CSV_IMSI2] = {"imsi2", {NULL}},
	[CSV_ICCID] = {"iccid", {"icc_id", "icc"}},
	[CSV_MSISDN] = {"msisdn", {"msisdn1", "number"}},
	[CSV_MSISDN2] = {"msisdn2", {NULL}},
	[CSV_NAME] = {"name", {NULL}},
	[CSV_ALGORITHM] = {"algorithm", {"algorithm1", "algo"}},
	[CSV_K] = {"k", {"ki", "k1", "key"}},
	[CSV_OP] = {"op", {"top", "op1"}},
	[CSV_OPC] = {"opc", {"topc", "opc1"}},
	[CSV_AMF] = {"amf", {NULL}},
	[CSV_SQN] = {"sqn", {"sqn1"}},
	[CSV_IND_BITS] = {"ind_bits", {"ind_bitlen", "ind_bits1"}},
	[CSV_RES_BITS] = {"res_bits", {"res_bits1"}},
	[CSV_ITERATIONS] = {"keccak_iterations", {"keccak_iterations1"}},
	[CSV_ALGORITHM2] = {"algorithm2", {NULL}},
	[CSV_K2] = {"k2", {"ki2"}},
	[CSV_OPC2] = {"opc2", {"topc2"}},
	[CSV_SQN2] = {"sqn2", {NULL}},
	[CSV_IND_BITS2] = {"ind_bits2", {NULL}},
	[CSV_RES_BITS2] = {"res_bits2", {NULL}},
	[CSV_ITERATIONS2] = {"keccak_iterations2", {NULL}},
	[CSV_S] = {"s", {NULL}},
	[CSV_KEY_ID] = {"key_id", {NULL}},
	[CSV_DERIVED] = {"derived", {NULL}},
	[CSV_IN_MEMORY] = {"in_memory", {NULL}},
	[CSV_KEEP_FIRST] = {"keep_first", {NULL}},
	[CSV_AUC_ID] = {"auc_id", {NULL}},
};

const char *csv_column_name(enum csv_column c)
{
	return columns[c].name;
}

static bool names_it(struct slice text, const char *name)
{
	return name && text.len == strlen(name) &&
	       strncasecmp((const char *)text.ptr, name, text.len) == 0;
}

enum csv_column csv_column_of(struct slice name)
{
	while (name.len && slice_at(name, 0) == ' ')
		name = slice_sub(name, 1, name.len);
	while (name.len && slice_at(name, name.len - 1) == ' ')
		name = slice_sub(name, 0, name.len - 1);
	for (size_t i = 0; i < CSV_COLUMNS; i++) {
		if (names_it(name, columns[i].name))
			return (enum csv_column)i;
		for (size_t j = 0; j < ARRAY_LEN(columns[i].others); j++)
			if (names_it(name, columns[i].others[j]))
				return (enum csv_column)i;
	}
	return CSV_COLUMNS;
}

bool csv_column_is_key(enum csv_column c)
{
	return c == CSV_K || c == CSV_OP || c == CSV_OPC || c == CSV_K2 || c == CSV_OPC2 ||
	       c == CSV_S;
}

/* The first comma, semicolon or tab of the first line. */
static uint8_t separator_of(struct slice text)
{
	for (size_t i = 0; i < text.len && slice_at(text, i) != '\n'; i++)
		if (strchr(",;\t", slice_at(text, i)) && slice_at(text, i))
			return slice_at(text, i);
	return ',';
}

void csv_reader_open(struct csv_reader *r, struct slice text)
{
	static const uint8_t mark[] = {0xEF, 0xBB, 0xBF}; /* spreadsheets write it */

	if (slice_starts(text, SLICE_OF(mark)))
		text = slice_sub(text, sizeof(mark), text.len);
	*r = (struct csv_reader){.rest = text,
				 .separator = separator_of(text),
				 .next_line = 1,
				 .mem = wbuf_grow(ROW_MAX)};
}

void csv_reader_close(struct csv_reader *r)
{
	wbuf_free(&r->mem);
}

/* Takes one octet of the text; 0 at its end, where *ended is set. */
static uint8_t next_octet(struct csv_reader *r, bool *ended)
{
	uint8_t c = slice_at(r->rest, 0);

	*ended = r->rest.len == 0;
	r->rest = slice_sub(r->rest, 1, r->rest.len);
	if (c == '\n')
		r->next_line++;
	return c;
}

/* What stands between quotes, after the first; two of them are one. */
static enum err take_quoted(struct csv_reader *r)
{
	for (;;) {
		bool ended;
		uint8_t c = next_octet(r, &ended);

		if (ended)
			return ERR_ENCODING;
		if (c == '"' && slice_at(r->rest, 0) != '"')
			return ERR_OK;
		if (c == '"')
			next_octet(r, &ended);
		wbuf_u8(&r->mem, c);
	}
}

/* One field; *last: it was the row's last one. */
static enum err take_cell(struct csv_reader *r, bool *last)
{
	size_t at = r->mem.len;
	bool ended = false, quoted = false;
	enum err e = ERR_OK;
	uint8_t c;

	if (slice_at(r->rest, 0) == '"') {
		next_octet(r, &ended);
		quoted = true;
		e = take_quoted(r);
	}
	while (!e) {
		c = next_octet(r, &ended);
		if (ended)
			return ERR_TRUNCATED;
		if (c == r->separator || c == '\n')
			break;
		if (c == '\r' && slice_at(r->rest, 0) == '\n')
			continue;
		if (c == '"' || quoted)
			return ERR_ENCODING;
		wbuf_u8(&r->mem, c);
	}
	if (e)
		return e;
	if (r->count == CSV_FIELDS_MAX || r->mem.err)
		return r->mem.err == ERR_MEMORY ? ERR_MEMORY : ERR_SPACE;
	r->fields[r->count].at = at;
	r->fields[r->count++].len = r->mem.len - at;
	*last = c == '\n';
	return ERR_OK;
}

enum err csv_reader_row(struct csv_reader *r)
{
	bool last = false;
	enum err e = ERR_OK;

	do {
		if (!r->rest.len)
			return ERR_NOT_FOUND;
		wbuf_reset(&r->mem);
		r->count = 0;
		r->line = r->next_line;
		for (last = false; !e && !last;)
			e = take_cell(r, &last);
	} while (!e && r->count == 1 && r->fields[0].len == 0);
	return e;
}

struct slice csv_reader_field(const struct csv_reader *r, size_t i)
{
	return slice_sub(wbuf_slice(&r->mem), r->fields[i].at, r->fields[i].len);
}
