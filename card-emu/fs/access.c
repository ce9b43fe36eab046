#include "card-emu/fs/access.h"

#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/fs/session.h"
#include "lib/base/tlv.h"
#include "lib/uicc/command.h"

/* TS 102 221 9.2.7, ISO 7816-4 5.4.3: access rules in expanded format */
enum arr_tag {
	AM_DO_BYTE = 0x80,
	AM_DO_INS = 0x84,
	SC_ALWAYS = 0x90,
	SC_NEVER = 0x97,
	SC_CRT_AUTHENTICATION = 0xA4,
	SC_OR = 0xA0,
	SC_AND = 0xAF,
	CRT_KEY_REFERENCE = 0x83,
};

#define RULE_DEPTH_MAX 4
#define AM_EXTENDED    0x80 /* bit 8 of an AM byte: bits 7 to 4 are proprietary */

static bool condition_met(const struct fs_session *fs, const char *path, const struct tlv *sc,
			  unsigned depth)
{
	struct cursor inner = cursor_of(sc->value);
	struct slice ref;
	struct tlv child;
	bool all = true, any = false;

	switch (sc->tag) {
	case SC_ALWAYS: return true;
	case SC_CRT_AUTHENTICATION:
		return tlv_find(sc->value, CRT_KEY_REFERENCE, &ref) && ref.len == 1 &&
		       session_pin_satisfied(fs, path, slice_at(ref, 0));
	case SC_OR:
	case SC_AND:
		if (depth == RULE_DEPTH_MAX)
			return false;
		while (tlv_next(&inner, &child)) {
			bool met = condition_met(fs, path, &child, depth + 1);

			all = all && met;
			any = any || met;
		}
		return !inner.err && (sc->tag == SC_OR ? any : all && any);
	default: return false; /* never, or a condition that no terminal can meet here */
	}
}

/* The key reference that a condition asks for, or ACCESS_IS_ALWAYS, _NEVER. Of several, the first
 * that can be met at all. */
static uint8_t condition_asks(const struct tlv *sc, unsigned depth)
{
	struct cursor inner = cursor_of(sc->value);
	uint8_t asks = ACCESS_IS_NEVER;
	struct slice ref;
	struct tlv child;

	switch (sc->tag) {
	case SC_ALWAYS: return ACCESS_IS_ALWAYS;
	case SC_CRT_AUTHENTICATION:
		return tlv_find(sc->value, CRT_KEY_REFERENCE, &ref) && ref.len == 1
			       ? slice_at(ref, 0)
			       : ACCESS_IS_NEVER;
	case SC_OR:
	case SC_AND:
		while (depth < RULE_DEPTH_MAX && asks == ACCESS_IS_NEVER &&
		       tlv_next(&inner, &child))
			asks = condition_asks(&child, depth + 1);
		return asks;
	default: return ACCESS_IS_NEVER;
	}
}

/* One question about an access to a file: is it allowed, and what does the rule ask for. */
struct question {
	const struct fs_session *fs;
	const char *path;
	enum fs_access access;
	bool allowed;
	uint8_t asks;
};

/* Walks AM_DO, SC_DO pairs; what no rule names is never allowed. */
static void ask_rules(struct question *q, struct slice rules)
{
	struct cursor c = cursor_of(rules);
	struct tlv am, sc;

	while (!q->allowed && tlv_next(&c, &am)) {
		bool applies;

		if (am.tag == 0xFF) /* padding of the record */
			return;
		if (am.tag == AM_DO_BYTE)
			applies = am.value.len == 1 && !(slice_at(am.value, 0) & AM_EXTENDED) &&
				  slice_at(am.value, 0) & q->access;
		else
			applies = am.tag == AM_DO_INS && q->access == ACCESS_INCREASE &&
				  slice_at(am.value, 0) == INS_INCREASE;
		if (!tlv_next(&c, &sc))
			return;
		if (!applies)
			continue;
		if (q->asks == ACCESS_IS_NEVER)
			q->asks = condition_asks(&sc, 0);
		q->allowed = condition_met(q->fs, q->path, &sc, 0);
	}
}

/* EF.ARR with this FID, nearest to the file: in its DF, then upwards, then in the MF. */
static enum err find_arr(const struct fs_session *fs, const char *path, uint16_t fid,
			 struct fs_file *arr)
{
	char dir[FS_PATH_MAX], candidate[FS_PATH_MAX];
	size_t len = strlen(path);

	memcpy(dir, path, len + 1);
	for (; len >= 4; len -= 4) {
		dir[len] = 0;
		if (!fs_path_join(dir, fid, candidate) &&
		    fs_load(fs->store, fs->profile, candidate, arr) == ERR_OK)
			return ERR_OK;
	}
	if (fs_path_join(FS_PATH_MF, fid, candidate))
		return ERR_NOT_FOUND;
	return fs_load(fs->store, fs->profile, candidate, arr);
}

/* 8B: FID of EF.ARR and a record number (the form with SE identifiers: the pair of SE 01) */
static void ask_arr(struct question *q, struct slice reference)
{
	struct cursor c = cursor_of(reference);
	uint16_t fid = cursor_u16(&c);
	uint8_t record = cursor_u8(&c);
	struct fs_file arr;

	if (cursor_left(&c)) /* what was read is an SE identifier */
		record = cursor_u8(&c);
	if (c.err || record == 0 || find_arr(q->fs, q->path, fid, &arr) || record > arr.records)
		return;
	ask_rules(q, slice_sub(arr.content, (size_t)(record - 1) * arr.record_len, arr.record_len));
}

/* 8C: AM byte, then one SC byte per bit from the top (ISO 7816-4 table 20) */
static void ask_compact(struct question *q, struct slice value)
{
	struct cursor c = cursor_of(value);
	uint8_t am = cursor_u8(&c);

	for (unsigned bit = 0x40; bit; bit >>= 1) {
		uint8_t sc = am & bit ? cursor_u8(&c) : 0xFF;

		if (bit == (unsigned)q->access && !c.err && am & bit && sc == 0x00) {
			q->allowed = true;
			q->asks = ACCESS_IS_ALWAYS;
		}
	}
}

static void ask(struct question *q, const struct fs_file *f)
{
	struct cursor c = cursor_of(f->security);
	struct tlv rule;

	q->allowed = false;
	q->asks = ACCESS_IS_NEVER;
	if (!tlv_next(&c, &rule)) { /* no rule at all: TS 102 221 9.5.1 leaves reading open */
		q->allowed = q->access == ACCESS_READ;
		q->asks = q->allowed ? ACCESS_IS_ALWAYS : ACCESS_IS_NEVER;
		return;
	}
	switch (rule.tag) {
	case UICC_FCP_ARR_REFERENCE: ask_arr(q, rule.value); break;
	case UICC_FCP_COMPACT: ask_compact(q, rule.value); break;
	case UICC_FCP_EXPANDED: ask_rules(q, rule.value); break;
	default: break;
	}
}

bool access_allowed(const struct fs_session *fs, const char *path, const struct fs_file *f,
		    enum fs_access access)
{
	struct question q = {.fs = fs, .path = path, .access = access};

	ask(&q, f);
	return q.allowed;
}

uint8_t access_asks(const struct fs_session *fs, const char *path, const struct fs_file *f,
		    enum fs_access access)
{
	struct question q = {.fs = fs, .path = path, .access = access};

	ask(&q, f);
	return q.asks;
}
