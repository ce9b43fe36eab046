#include "card-emu/fs/records.h"

#include "card-emu/core/app.h"
#include "card-emu/fs/ef.h"
#include "card-emu/fs/session.h"
#include "card-emu/store/store.h"

#define SFI_MASK 0x1F
#define SFI_RFU	 0x60
#define SFI_FLAG 0x80 /* in P1 of INCREASE; without it the number counts as well */

/* TS 102 221 11.1.5.2: the record that P1 and the mode in P2 name; 0: there is none. */
static unsigned record_number(const struct fs_position *at, const struct fs_file *f, uint8_t p1,
			      enum record_p2 mode)
{
	bool cyclic = f->kind == UICC_CYCLIC;
	unsigned n = 0;

	switch (mode) {
	case RECORD_ABSOLUTE: n = p1 ? p1 : at->record; break;
	case RECORD_NEXT:
		n = at->record + 1u;
		if (n > f->records)
			n = cyclic ? 1 : 0;
		break;
	case RECORD_PREVIOUS:
		n = at->record ? at->record - 1u : f->records;
		if (n == 0 && cyclic)
			n = f->records;
		break;
	}
	return n <= f->records ? n : 0;
}

static bool record_addressing(const struct apdu *a, uint8_t *sfi, enum record_p2 *mode)
{
	*sfi = (uint8_t)(a->p2 >> 3);
	*mode = a->p2 & 7;
	if (*sfi == 0x1F || *mode < RECORD_NEXT || *mode > RECORD_ABSOLUTE)
		return false;
	return *mode == RECORD_ABSOLUTE || a->p1 == 0;
}

static struct slice record_at(const struct fs_file *f, unsigned number)
{
	return slice_sub(f->content, (size_t)(number - 1) * f->record_len, f->record_len);
}

/* What READ and UPDATE RECORD address. */
struct addressed {
	struct ef ef;
	enum record_p2 mode;
};

static uint16_t open_records(struct app_call *call, enum fs_access access, struct addressed *out)
{
	uint8_t sfi;

	if (!record_addressing(&call->apdu, &sfi, &out->mode))
		return SW_WRONG_P1P2;
	return ef_open(call, sfi, EF_RECORDS, access, &out->ef);
}

uint16_t record_read(struct app_call *call)
{
	struct addressed a;
	unsigned n;
	uint16_t sw = open_records(call, ACCESS_READ, &a);

	if (sw != SW_OK)
		return sw;
	n = record_number(call->at, &a.ef.file, call->apdu.p1, a.mode);
	if (n == 0)
		return SW_RECORD_NOT_FOUND;
	wbuf_put(call->out, record_at(&a.ef.file, n));
	if (a.mode != RECORD_ABSOLUTE && card_le_is(call, a.ef.file.record_len))
		call->at->record = (uint8_t)n;
	return SW_OK;
}

/* A cyclic file's newest record is number 1: the oldest gives way (TS 102 221 8.2.2.3). */
static uint16_t push_cyclic(struct app_call *call, const struct ef *ef, struct slice record)
{
	struct wbuf content = wbuf_grow(STORE_VALUE_MAX);
	uint16_t sw;

	wbuf_put(&content, record);
	wbuf_put(&content,
		 slice_sub(ef->file.content, 0, ef->file.content.len - ef->file.record_len));
	sw = wbuf_done(&content) ? SW_TECHNICAL : ef_commit_content(call, ef, wbuf_slice(&content));
	wbuf_free(&content);
	if (sw == SW_OK)
		call->at->record = 1;
	return sw;
}

uint16_t record_update(struct app_call *call)
{
	struct addressed a;
	unsigned n;
	uint16_t sw = open_records(call, ACCESS_UPDATE, &a);

	if (sw != SW_OK)
		return sw;
	if (call->apdu.data.len != a.ef.file.record_len)
		return SW_WRONG_LENGTH;
	if (a.ef.file.kind == UICC_CYCLIC)
		return a.mode == RECORD_PREVIOUS ? push_cyclic(call, &a.ef, call->apdu.data)
						 : SW_COMMAND_INCOMPATIBLE;
	n = record_number(call->at, &a.ef.file, call->apdu.p1, a.mode);
	if (n == 0)
		return SW_RECORD_NOT_FOUND;
	sw = ef_commit(call, &a.ef, (size_t)(n - 1) * a.ef.file.record_len, call->apdu.data);
	if (sw == SW_OK && a.mode != RECORD_ABSOLUTE)
		call->at->record = (uint8_t)n;
	return sw;
}

/* TS 102 221 11.1.7: where in a record the pattern may begin */
enum search_start { SEARCH_ANYWHERE, SEARCH_AT_START, SEARCH_FROM_OFFSET, SEARCH_BEHIND_VALUE };

struct search {
	unsigned from; /* the first record that is looked at; 0: there is none */
	bool back;
	enum search_start start;
	uint8_t argument; /* the offset, or the value */
	struct slice pattern;
};

/* TS 102 221 table 11.13: the low bits of P2 */
enum search_mode {
	SEARCH_FORWARD = 4,
	SEARCH_BACKWARD = 5,
	SEARCH_ENHANCED = 6,
	SEARCH_PROPRIETARY = 7
};
/* TS 102 221 table 11.14: the search indication of an enhanced search */
enum search_indication {
	INDICATION_RFU = 0xF0,
	INDICATION_VALUE = 0x08,
	INDICATION_WAY = 0x07,
	FORWARD_FROM_P1 = 4,
	BACKWARD_FROM_P1 = 5,
	FORWARD_FROM_NEXT = 6,
	BACKWARD_FROM_PREVIOUS = 7,
};

static bool holds(struct slice record, const struct search *s)
{
	size_t at = 0, last = record.len;

	if (s->start == SEARCH_FROM_OFFSET)
		at = s->argument;
	if (s->start == SEARCH_BEHIND_VALUE) {
		while (at < record.len && slice_at(record, at) != s->argument)
			at++;
		at++;
	}
	if (s->start == SEARCH_AT_START)
		last = 0;
	for (; at <= last && at + s->pattern.len <= record.len; at++) {
		if (slice_equal(slice_sub(record, at, s->pattern.len), s->pattern))
			return true;
	}
	return false;
}

/* The number of the next record that matches; 0: none does. */
static unsigned find_record(const struct fs_file *f, const struct search *s)
{
	for (unsigned n = s->from; n >= 1 && n <= f->records; n += s->back ? -1u : 1u) {
		if (holds(record_at(f, n), s))
			return n;
	}
	return 0;
}

unsigned record_seek(const struct fs_file *f, unsigned from, bool back, struct slice pattern)
{
	return find_record(f, &(struct search){.from = from,
					       .back = back,
					       .start = SEARCH_AT_START,
					       .pattern = pattern});
}

/*
 * Where the search begins: at the record of P1, or 00 for the current one; beside it, if it says
 * so. Where there is no current record, with the first or the last.
 */
static unsigned search_from(const struct fs_file *f, uint8_t p1, uint8_t record, bool back,
			    bool beside)
{
	unsigned n = p1 ? p1 : record;

	if (!n)
		return back ? f->records : 1;
	return beside ? n + (back ? -1u : 1u) : n;
}

/* What P2 and the data ask for; false: nothing that there is. */
static bool search_asked(struct app_call *call, const struct fs_file *f, struct search *s)
{
	const struct apdu *a = &call->apdu;
	struct cursor c = cursor_of(a->data);
	uint8_t mode = a->p2 & 7, indication = 0;
	bool beside = false;

	s->back = mode == SEARCH_BACKWARD;
	if (mode == SEARCH_ENHANCED) {
		indication = cursor_u8(&c);
		s->argument = cursor_u8(&c);
		s->start = indication & INDICATION_VALUE ? SEARCH_BEHIND_VALUE : SEARCH_FROM_OFFSET;
		s->back = indication & 1;
		beside = (indication & INDICATION_WAY) >= FORWARD_FROM_NEXT;
		if (indication & INDICATION_RFU || (indication & INDICATION_WAY) < FORWARD_FROM_P1)
			return false;
	}
	s->pattern = cursor_take_rest(&c);
	s->from = search_from(f, a->p1, call->at->record, s->back, beside);
	return true;
}

/* TS 102 221 11.1.7: the numbers of the records that hold the pattern */
uint16_t record_search(struct app_call *call)
{
	const struct apdu *a = &call->apdu;
	uint8_t mode = a->p2 & 7;
	struct search s = {0};
	struct ef ef;
	uint16_t sw;

	if (mode == SEARCH_PROPRIETARY)
		return SW_FUNCTION_NOT_SUPPORTED;
	if (mode < SEARCH_FORWARD || a->p2 >> 3 == 0x1F)
		return SW_WRONG_P1P2;
	if (mode == SEARCH_ENHANCED && a->data.len < 3)
		return SW_WRONG_LENGTH;
	sw = ef_open(call, (uint8_t)(a->p2 >> 3), EF_RECORDS, ACCESS_READ, &ef);
	if (sw != SW_OK)
		return sw;
	if (a->p1 > ef.file.records)
		return SW_RECORD_NOT_FOUND;
	if (!search_asked(call, &ef.file, &s))
		return SW_WRONG_DATA;
	if (s.pattern.len > ef.file.record_len)
		return SW_WRONG_LENGTH;
	while ((s.from = find_record(&ef.file, &s)) != 0) {
		wbuf_u8(call->out, (uint8_t)s.from);
		s.from += s.back ? -1u : 1u;
	}
	if (!call->out->len)
		return SW_NO_MATCH;
	call->at->record = slice_at(wbuf_slice(call->out), 0);
	return SW_OK;
}

/* TS 102 221 11.1.8: adds to the newest record and answers the sum and what was added */
uint16_t record_increase(struct app_call *call)
{
	const struct apdu *a = &call->apdu;
	uint8_t sum[255], carry = 0;
	const struct fs_file *f;
	struct ef ef;
	uint16_t sw;

	if (a->p1 & SFI_RFU || a->p1 == SFI_FLAG || a->p2)
		return SW_WRONG_P1P2;
	sw = ef_open(call, a->p1 & SFI_MASK, EF_RECORDS, ACCESS_INCREASE, &ef);
	if (sw != SW_OK)
		return sw;
	f = &ef.file;
	if (f->kind != UICC_CYCLIC)
		return SW_COMMAND_INCOMPATIBLE;
	if (a->data.len == 0 || a->data.len > f->record_len || f->record_len > 127)
		return SW_WRONG_LENGTH;
	for (size_t i = 0; i < f->record_len; i++) {
		size_t at = f->record_len - 1u - i;
		unsigned add = i < a->data.len ? slice_at(a->data, a->data.len - 1 - i) : 0;
		unsigned v = slice_at(f->content, at) + add + carry;

		sum[at] = (uint8_t)v;
		carry = (uint8_t)(v >> 8);
	}
	if (carry)
		return SW_MAX_REACHED;
	sw = push_cyclic(call, &ef, slice_make(sum, f->record_len));
	if (sw == SW_OK) {
		wbuf_put(call->out, slice_make(sum, f->record_len));
		wbuf_put(call->out, a->data);
	}
	return sw;
}
