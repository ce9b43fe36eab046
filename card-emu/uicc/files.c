/* files: the commands on EFs, TS 102 221 11.1.3 to 11.1.8, 11.1.14, 11.1.15 */
#include "card-emu/uicc/internal.h"

#include <stdio.h>
#include <string.h>

#define SFI_FLAG	 0x80 /* in P1 of READ/UPDATE BINARY */
#define SFI_MASK	 0x1F
#define OFFSET_P1_MAX	 0x7F
#define LCSI_ACTIVATED	 0x05
#define LCSI_DEACTIVATED 0x04
#define SEARCH_FORWARD	 0x04
#define SEARCH_BACKWARD	 0x05

enum record_mode { RECORD_NEXT = 2, RECORD_PREVIOUS = 3, RECORD_ABSOLUTE = 4 };

uint16_t sw_of_store(enum err e)
{
	switch (e) {
	case ERR_OK: return SW_OK;
	case ERR_FULL:
	case ERR_IO:
	case ERR_MEMORY: return SW_MEMORY_PROBLEM;
	default: return SW_TECHNICAL;
	}
}

struct sfi_search {
	const char *df; /* where its files really lie */
	uint8_t sfi;
	char fid[5];
	bool found;
};

static bool look_at_sfi(void *ctx, const char *key, struct slice value)
{
	struct sfi_search *s = ctx;
	const char *path = strrchr(key, '/') + 1;
	struct fs_file f;

	if (strlen(path) != strlen(s->df) + 4 || strncmp(path, s->df, strlen(s->df)) != 0 ||
	    fs_decode(value, &f) || f.kind == FS_DF || f.sfi != s->sfi)
		return true;
	memcpy(s->fid, path + strlen(s->df), sizeof(s->fid));
	s->found = true;
	return false;
}

/* The EF of this SFI in the current DF. */
static bool find_sfi(struct card *card, const struct channel *ch, uint8_t sfi,
		     char path[static FS_PATH_MAX])
{
	char home[FS_PATH_MAX], prefix[STORE_KEY_MAX + 1];
	struct sfi_search search = {.df = home, .sfi = sfi};

	if (fs_canonical(card->store, card->profile, ch->df, home))
		return false;
	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES "%s", card->profile, home);
	store_each(card->store, prefix, look_at_sfi, &search);
	return search.found &&
	       snprintf(path, FS_PATH_MAX, "%s%s", ch->df, search.fid) < FS_PATH_MAX;
}

uint16_t file_addressed(struct app_call *call, uint8_t sfi, char path[static FS_PATH_MAX],
			struct fs_file *f)
{
	struct card *card = call->card;
	struct channel *ch = call->channel;

	if (sfi) {
		if (!find_sfi(card, ch, sfi, path))
			return SW_FILE_NOT_FOUND;
		if (select_path(card, ch, path)) /* TS 102 221 8.4.4: it becomes the current EF */
			return SW_TECHNICAL;
	} else if (!*ch->ef) {
		return SW_NO_EF_SELECTED;
	} else {
		memcpy(path, ch->ef, FS_PATH_MAX);
	}
	return fs_load(card->store, card->profile, path, f) ? SW_TECHNICAL : SW_OK;
}

/* The addressed EF, if its kind, its state and its access rules allow the command. */
static uint16_t open_file(struct app_call *call, uint8_t sfi, bool records, enum fs_access access,
			  char path[static FS_PATH_MAX], struct fs_file *f)
{
	uint16_t sw = file_addressed(call, sfi, path, f);
	bool has_records;

	if (sw != SW_OK)
		return sw;
	has_records = f->kind == FS_LINEAR || f->kind == FS_CYCLIC;
	if (has_records != records || (!records && f->kind != FS_TRANSPARENT))
		return SW_COMMAND_INCOMPATIBLE;
	if (!access_allowed(call->card, path, f, access))
		return SW_SECURITY_STATUS;
	if (f->lcsi == LCSI_DEACTIVATED && !(f->special & FS_SPECIAL_READABLE))
		return SW_REFERENCED_DATA;
	return SW_OK;
}

static bool binary_offset(const struct apdu *a, uint8_t *sfi, size_t *offset)
{
	if (a->p1 & SFI_FLAG) {
		*sfi = a->p1 & SFI_MASK;
		*offset = a->p2;
		return !(a->p1 & 0x60) && *sfi;
	}
	*sfi = 0;
	*offset = (size_t)(a->p1 & OFFSET_P1_MAX) << 8 | a->p2;
	return true;
}

static uint16_t read_binary(struct app_call *call)
{
	char path[FS_PATH_MAX];
	struct fs_file f;
	uint8_t sfi;
	size_t offset;
	uint16_t sw;

	if (!binary_offset(&call->apdu, &sfi, &offset))
		return SW_WRONG_P1P2;
	sw = open_file(call, sfi, false, ACCESS_READ, path, &f);
	if (sw != SW_OK)
		return sw;
	if (offset >= f.content.len)
		return SW_OUT_OF_RANGE;
	wbuf_put(call->out, slice_sub(f.content, offset, call->apdu.le));
	return SW_OK;
}

/* Puts the file back with its content changed at one place. */
static uint16_t commit_content(struct app_call *call, const char *path, const struct fs_file *f,
			       size_t offset, struct slice data)
{
	struct wbuf content = wbuf_grow(STORE_VALUE_MAX);
	struct store_txn *t;
	enum err e;

	wbuf_put(&content, slice_sub(f->content, 0, offset));
	wbuf_put(&content, data);
	wbuf_put(&content, slice_sub(f->content, offset + data.len, f->content.len));
	e = wbuf_done(&content);
	if (!e) {
		t = store_begin(call->card->store);
		e = fs_put_content(call->card->store, t, call->card->profile, path, f,
				   wbuf_slice(&content));
		if (!e)
			e = store_commit(t);
	}
	wbuf_free(&content);
	return sw_of_store(e);
}

static uint16_t update_binary(struct app_call *call)
{
	char path[FS_PATH_MAX];
	struct fs_file f;
	uint8_t sfi;
	size_t offset;
	uint16_t sw;

	if (!binary_offset(&call->apdu, &sfi, &offset))
		return SW_WRONG_P1P2;
	sw = open_file(call, sfi, false, ACCESS_UPDATE, path, &f);
	if (sw != SW_OK)
		return sw;
	if (offset >= f.content.len)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len > f.content.len - offset)
		return SW_WRONG_LENGTH;
	return commit_content(call, path, &f, offset, call->apdu.data);
}

/* TS 102 221 11.1.5.2: the record that P1 and the mode in P2 name; 0: there is none. */
static unsigned record_number(struct channel *ch, const struct fs_file *f, uint8_t p1,
			      enum record_mode mode)
{
	bool cyclic = f->kind == FS_CYCLIC;
	unsigned n = 0;

	switch (mode) {
	case RECORD_ABSOLUTE: n = p1 ? p1 : ch->record; break;
	case RECORD_NEXT:
		n = ch->record + 1u;
		if (n > f->records)
			n = cyclic ? 1 : 0;
		break;
	case RECORD_PREVIOUS:
		n = ch->record ? ch->record - 1u : f->records;
		if (n == 0 && cyclic)
			n = f->records;
		break;
	}
	return n <= f->records ? n : 0;
}

static bool record_addressing(const struct apdu *a, uint8_t *sfi, enum record_mode *mode)
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

static uint16_t read_record(struct app_call *call)
{
	char path[FS_PATH_MAX];
	struct fs_file f;
	enum record_mode mode;
	uint8_t sfi;
	unsigned n;
	uint16_t sw;

	if (!record_addressing(&call->apdu, &sfi, &mode))
		return SW_WRONG_P1P2;
	sw = open_file(call, sfi, true, ACCESS_READ, path, &f);
	if (sw != SW_OK)
		return sw;
	n = record_number(call->channel, &f, call->apdu.p1, mode);
	if (n == 0)
		return SW_RECORD_NOT_FOUND;
	wbuf_put(call->out, record_at(&f, n));
	if (mode != RECORD_ABSOLUTE && call->apdu.le == f.record_len)
		call->channel->record = (uint8_t)n;
	return SW_OK;
}

/* A cyclic file's newest record is number 1: the oldest gives way (TS 102 221 8.2.2.3). */
static uint16_t push_cyclic(struct app_call *call, const char *path, struct fs_file *f,
			    struct slice record)
{
	struct wbuf content = wbuf_grow(STORE_VALUE_MAX);
	uint16_t sw;

	wbuf_put(&content, record);
	wbuf_put(&content, slice_sub(f->content, 0, f->content.len - f->record_len));
	sw = wbuf_done(&content) ? SW_TECHNICAL
				 : commit_content(call, path, f, 0, wbuf_slice(&content));
	wbuf_free(&content);
	if (sw == SW_OK)
		call->channel->record = 1;
	return sw;
}

static uint16_t update_record(struct app_call *call)
{
	char path[FS_PATH_MAX];
	struct fs_file f;
	enum record_mode mode;
	uint8_t sfi;
	unsigned n;
	uint16_t sw;

	if (!record_addressing(&call->apdu, &sfi, &mode))
		return SW_WRONG_P1P2;
	sw = open_file(call, sfi, true, ACCESS_UPDATE, path, &f);
	if (sw != SW_OK)
		return sw;
	if (call->apdu.data.len != f.record_len)
		return SW_WRONG_LENGTH;
	if (f.kind == FS_CYCLIC)
		return mode == RECORD_PREVIOUS ? push_cyclic(call, path, &f, call->apdu.data)
					       : SW_COMMAND_INCOMPATIBLE;
	n = record_number(call->channel, &f, call->apdu.p1, mode);
	if (n == 0)
		return SW_RECORD_NOT_FOUND;
	sw = commit_content(call, path, &f, (size_t)(n - 1) * f.record_len, call->apdu.data);
	if (sw == SW_OK && mode != RECORD_ABSOLUTE)
		call->channel->record = (uint8_t)n;
	return sw;
}

static bool contains(struct slice record, struct slice pattern)
{
	for (size_t at = 0; at + pattern.len <= record.len; at++) {
		if (slice_equal(slice_sub(record, at, pattern.len), pattern))
			return true;
	}
	return false;
}

/* TS 102 221 11.1.7, simple search: the numbers of the records that hold the pattern */
static uint16_t search_record(struct app_call *call)
{
	const struct apdu *a = &call->apdu;
	uint8_t mode = a->p2 & 7;
	bool back = mode == SEARCH_BACKWARD;
	char path[FS_PATH_MAX];
	struct fs_file f;
	unsigned first;
	uint16_t sw;

	if ((mode != SEARCH_FORWARD && !back) || a->p2 >> 3 == 0x1F)
		return SW_WRONG_P1P2;
	sw = open_file(call, (uint8_t)(a->p2 >> 3), true, ACCESS_READ, path, &f);
	if (sw != SW_OK)
		return sw;
	if (a->data.len > f.record_len)
		return SW_WRONG_LENGTH;
	first = a->p1 ? a->p1 : back ? f.records : 1;
	if (first > f.records)
		return SW_RECORD_NOT_FOUND;
	for (unsigned n = first; n >= 1 && n <= f.records; n += back ? -1u : 1u) {
		if (contains(record_at(&f, n), a->data))
			wbuf_u8(call->out, (uint8_t)n);
	}
	if (call->out->len)
		call->channel->record = slice_at(wbuf_slice(call->out), 0);
	return call->out->len ? SW_OK : SW_RECORD_NOT_FOUND;
}

/* TS 102 221 11.1.8: adds to the newest record and answers the sum and what was added */
static uint16_t increase(struct app_call *call)
{
	const struct apdu *a = &call->apdu;
	uint8_t sum[255], carry = 0;
	char path[FS_PATH_MAX];
	struct fs_file f;
	uint16_t sw;

	if (a->p1 & 0x60 || a->p2)
		return SW_WRONG_P1P2;
	sw = open_file(call, a->p1 & SFI_MASK, true, ACCESS_INCREASE, path, &f);
	if (sw != SW_OK)
		return sw;
	if (f.kind != FS_CYCLIC)
		return SW_COMMAND_INCOMPATIBLE;
	if (a->data.len == 0 || a->data.len > f.record_len || f.record_len > 127)
		return SW_WRONG_LENGTH;
	for (size_t i = 0; i < f.record_len; i++) {
		size_t at = f.record_len - 1u - i;
		unsigned add = i < a->data.len ? slice_at(a->data, a->data.len - 1 - i) : 0;
		unsigned v = slice_at(f.content, at) + add + carry;

		sum[at] = (uint8_t)v;
		carry = (uint8_t)(v >> 8);
	}
	if (carry)
		return 0x9850; /* TS 102 221 10.2.1.6: maximum value reached */
	sw = push_cyclic(call, path, &f, slice_make(sum, f.record_len));
	if (sw == SW_OK) {
		wbuf_put(call->out, slice_make(sum, f.record_len));
		wbuf_put(call->out, a->data);
	}
	return sw;
}

static uint16_t set_state(struct app_call *call, enum fs_access access, uint8_t lcsi)
{
	char path[FS_PATH_MAX];
	struct fs_file f;
	struct store_txn *t;
	enum err e;
	uint16_t sw;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_WRONG_P1P2;
	sw = file_addressed(call, 0, path, &f);
	if (sw != SW_OK)
		return sw;
	if (!access_allowed(call->card, path, &f, access))
		return SW_SECURITY_STATUS;
	if (fs_canonical(call->card->store, call->card->profile, path, path))
		return SW_TECHNICAL;
	f.lcsi = lcsi;
	t = store_begin(call->card->store);
	e = fs_put(t, call->card->profile, path, &f);
	return sw_of_store(e ? e : store_commit(t));
}

static uint16_t deactivate_file(struct app_call *call)
{
	return set_state(call, ACCESS_DEACTIVATE, LCSI_DEACTIVATED);
}

static uint16_t activate_file(struct app_call *call)
{
	return set_state(call, ACCESS_ACTIVATE, LCSI_ACTIVATED);
}

static struct slice no_aid(struct card *card)
{
	(void)card;
	return SLICE_EMPTY;
}

static const struct app_command commands[] = {
	{"READ BINARY", 0x00, 0xF0, INS_READ_BINARY, APP_CASE_2, read_binary, "TS 102 221 11.1.3"},
	{"UPDATE BINARY", 0x00, 0xF0, INS_UPDATE_BINARY, APP_CASE_3, update_binary,
	 "TS 102 221 11.1.4"},
	{"READ RECORD", 0x00, 0xF0, INS_READ_RECORD, APP_CASE_2, read_record, "TS 102 221 11.1.5"},
	{"UPDATE RECORD", 0x00, 0xF0, INS_UPDATE_RECORD, APP_CASE_3, update_record,
	 "TS 102 221 11.1.6"},
	{"SEARCH RECORD", 0x00, 0xF0, INS_SEARCH_RECORD, APP_CASE_4, search_record,
	 "TS 102 221 11.1.7"},
	{"RETRIEVE DATA", 0x80, 0xF0, INS_RETRIEVE_DATA, APP_CASE_ANY, retrieve_data,
	 "TS 102 221 11.3.1"},
	{"SET DATA", 0x80, 0xF0, INS_SET_DATA, APP_CASE_3, set_data, "TS 102 221 11.3.2"},
	{"INCREASE", 0x80, 0xF0, INS_INCREASE, APP_CASE_4, increase, "TS 102 221 11.1.8"},
	{"DEACTIVATE FILE", 0x00, 0xF0, INS_DEACTIVATE_FILE, APP_CASE_1, deactivate_file,
	 "TS 102 221 11.1.14"},
	{"ACTIVATE FILE", 0x00, 0xF0, INS_ACTIVATE_FILE, APP_CASE_1, activate_file,
	 "TS 102 221 11.1.15"},
};

const struct app app_files = {
	.name = "file system",
	.aid = no_aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
