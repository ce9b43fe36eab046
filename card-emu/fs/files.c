/* files: the commands on EFs, TS 102 221 11.1.3, 11.1.4, 11.1.14, 11.1.15, and their table */
#include "card-emu/core/internal.h"

#include <stdio.h>
#include <string.h>

#define SFI_FLAG      0x80 /* in P1 of READ/UPDATE BINARY */
#define SFI_MASK      0x1F
#define OFFSET_P1_MAX 0x7F
#define PATH_MF	      "3F00"

/* TS 102 221 11.1.14: P1 says how the file is named, as that of SELECT does */
enum named_by { NAMED_BY_FID = 0x00, NAMED_BY_PATH_MF = 0x08, NAMED_BY_PATH_DF = 0x09 };

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
	struct place p;

	if (sfi) {
		if (!find_sfi(card, ch, sfi, path))
			return SW_FILE_NOT_FOUND;
		if (!select_place(card, ch->df, path, &p))
			return SW_TECHNICAL;
		channel_go(card, ch, &p); /* TS 102 221 8.4.3: it becomes the current EF */
	} else if (!*ch->ef) {
		return SW_NO_EF_SELECTED;
	} else {
		memcpy(path, ch->ef, FS_PATH_MAX);
	}
	return fs_load(card->store, card->profile, path, f) ? SW_TECHNICAL : SW_OK;
}

static enum file_shape shape_of(const struct fs_file *f)
{
	switch (f->kind) {
	case FS_LINEAR:
	case FS_CYCLIC: return FILE_RECORDS;
	case FS_BER_TLV: return FILE_OBJECTS;
	default: return FILE_TRANSPARENT;
	}
}

uint16_t file_check(struct card *card, const char *path, const struct fs_file *f,
		    enum file_shape shape, enum fs_access access)
{
	bool always_usable = f->special & FS_SPECIAL_READABLE &&
			     (access == ACCESS_READ || access == ACCESS_UPDATE);

	if (f->kind == FS_DF || shape_of(f) != shape)
		return SW_COMMAND_INCOMPATIBLE;
	if (!access_allowed(card, path, f, access))
		return SW_SECURITY_STATUS;
	if (f->lcsi == FS_DEACTIVATED && !always_usable)
		return SW_REFERENCED_DATA;
	return SW_OK;
}

uint16_t file_open(struct app_call *call, uint8_t sfi, enum file_shape shape, enum fs_access access,
		   char path[static FS_PATH_MAX], struct fs_file *f)
{
	uint16_t sw = file_addressed(call, sfi, path, f);

	return sw == SW_OK ? file_check(call->card, path, f, shape, access) : sw;
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
	sw = file_open(call, sfi, FILE_TRANSPARENT, ACCESS_READ, path, &f);
	if (sw != SW_OK)
		return sw;
	if (offset >= f.content.len)
		return SW_OUT_OF_RANGE;
	wbuf_put(call->out, slice_sub(f.content, offset, call->apdu.le));
	return SW_OK;
}

uint16_t file_commit(struct app_call *call, const char *path, const struct fs_file *f,
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
	sw = file_open(call, sfi, FILE_TRANSPARENT, ACCESS_UPDATE, path, &f);
	if (sw != SW_OK)
		return sw;
	if (offset >= f.content.len)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len > f.content.len - offset)
		return SW_WRONG_LENGTH;
	return file_commit(call, path, &f, offset, call->apdu.data);
}

uint16_t file_set_state(struct app_call *call, const char *path, struct fs_file *f,
			enum fs_access access)
{
	struct card *card = call->card;
	char home[FS_PATH_MAX];
	struct store_txn *t;
	enum err e;

	if (!access_allowed(card, path, f, access))
		return SW_SECURITY_STATUS;
	if (fs_canonical(card->store, card->profile, path, home))
		return SW_TECHNICAL;
	f->lcsi = access == ACCESS_ACTIVATE ? FS_ACTIVATED : FS_DEACTIVATED;
	t = store_begin(card->store);
	e = fs_put(t, card->profile, home, f);
	return sw_of_store(e ? e : store_commit(t));
}

/* The EF that the command names, or the current one; it does not become the current one. */
static uint16_t named_file(struct app_call *call, struct place *out)
{
	struct channel *ch = call->channel;
	struct slice data = call->apdu.data;
	struct cursor c = cursor_of(data);

	switch (call->apdu.p1) {
	case NAMED_BY_FID:
		if (!data.len && !*ch->ef)
			return SW_NO_EF_SELECTED;
		if (!data.len)
			return select_place(call->card, ch->df, ch->ef, out) ? SW_OK : SW_TECHNICAL;
		if (data.len != 2)
			return SW_WRONG_LENGTH;
		return select_find(call->card, ch, &tree_uicc, cursor_u16(&c), out)
			       ? SW_OK
			       : SW_FILE_NOT_FOUND;
	case NAMED_BY_PATH_MF: return select_walk(call, PATH_MF, out);
	case NAMED_BY_PATH_DF: return select_walk(call, ch->df, out);
	default: return SW_WRONG_P1P2;
	}
}

static uint16_t set_state(struct app_call *call, enum fs_access access)
{
	struct place p;
	uint16_t sw;

	if (call->apdu.p2)
		return SW_WRONG_P1P2;
	sw = named_file(call, &p);
	if (sw == SW_OK && !*p.ef)
		sw = SW_COMMAND_INCOMPATIBLE;
	return sw == SW_OK ? file_set_state(call, p.ef, &p.file, access) : sw;
}

static uint16_t deactivate_file(struct app_call *call)
{
	return set_state(call, ACCESS_DEACTIVATE);
}

static uint16_t activate_file(struct app_call *call)
{
	return set_state(call, ACCESS_ACTIVATE);
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
	{"READ RECORD", 0x00, 0xF0, INS_READ_RECORD, APP_CASE_2, record_read, "TS 102 221 11.1.5"},
	{"UPDATE RECORD", 0x00, 0xF0, INS_UPDATE_RECORD, APP_CASE_3, record_update,
	 "TS 102 221 11.1.6"},
	{"SEARCH RECORD", 0x00, 0xF0, INS_SEARCH_RECORD, APP_CASE_4, record_search,
	 "TS 102 221 11.1.7"},
	{"RETRIEVE DATA", 0x80, 0xF0, INS_RETRIEVE_DATA, APP_CASE_ANY, retrieve_data,
	 "TS 102 221 11.3.1"},
	{"SET DATA", 0x80, 0xF0, INS_SET_DATA, APP_CASE_3, set_data, "TS 102 221 11.3.2"},
	{"INCREASE", 0x80, 0xF0, INS_INCREASE, APP_CASE_4, record_increase, "TS 102 221 11.1.8"},
	{"DEACTIVATE FILE", 0x00, 0xF0, INS_DEACTIVATE_FILE, APP_CASE_3_OR_1, deactivate_file,
	 "TS 102 221 11.1.14"},
	{"ACTIVATE FILE", 0x00, 0xF0, INS_ACTIVATE_FILE, APP_CASE_3_OR_1, activate_file,
	 "TS 102 221 11.1.15"},
};

const struct app app_files = {
	.name = "file system",
	.aid = no_aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
