#include "card-emu/fs/fs.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"

/* Stored form: one TLV per field; absent means zero or empty. */
enum stored_tag {
	TAG_FIXED = 0x80, /* fid (2), kind, descriptor, lcsi, sfi, record length (2), records */
	TAG_SECURITY = 0x81,
	TAG_AID = 0x82,
	TAG_PIN_STATUS = 0x83,
	TAG_CONTENT = 0x84,
	TAG_SPECIAL = 0x85,
	TAG_MAX_SIZE = 0x86,
	TAG_LINK = 0x87,
};

enum err fs_encode(const struct fs_file *f, struct wbuf *out)
{
	size_t mark = tlv_open(out, TAG_FIXED);

	wbuf_u16(out, f->fid);
	wbuf_u8(out, (uint8_t)f->kind);
	wbuf_u8(out, f->descriptor);
	wbuf_u8(out, f->lcsi);
	wbuf_u8(out, f->sfi);
	wbuf_u16(out, f->record_len);
	wbuf_u8(out, f->records);
	tlv_close(out, mark);
	if (f->security.len)
		tlv_put(out, TAG_SECURITY, f->security);
	if (f->aid.len)
		tlv_put(out, TAG_AID, f->aid);
	if (f->pin_status.len)
		tlv_put(out, TAG_PIN_STATUS, f->pin_status);
	if (f->content.len && !*f->link)
		tlv_put(out, TAG_CONTENT, f->content);
	if (f->special)
		tlv_put_uint(out, TAG_SPECIAL, f->special);
	if (f->max_size)
		tlv_put_uint(out, TAG_MAX_SIZE, f->max_size);
	if (*f->link)
		tlv_put_str(out, TAG_LINK, f->link);
	return wbuf_done(out);
}

enum err fs_decode(struct slice stored, struct fs_file *out)
{
	struct cursor c = cursor_of(stored);
	struct cursor fixed = cursor_of(tlv_expect(&c, TAG_FIXED));
	struct slice link = SLICE_EMPTY;
	struct fs_file f = {0};

	f.fid = cursor_u16(&fixed);
	f.kind = cursor_u8(&fixed);
	f.descriptor = cursor_u8(&fixed);
	f.lcsi = cursor_u8(&fixed);
	f.sfi = cursor_u8(&fixed);
	f.record_len = cursor_u16(&fixed);
	f.records = cursor_u8(&fixed);
	tlv_leave(&c, &fixed);
	tlv_optional(&c, TAG_SECURITY, &f.security);
	tlv_optional(&c, TAG_AID, &f.aid);
	tlv_optional(&c, TAG_PIN_STATUS, &f.pin_status);
	tlv_optional(&c, TAG_CONTENT, &f.content);
	if (tlv_peek(&c) == TAG_SPECIAL)
		f.special = (uint8_t)tlv_expect_uint(&c, TAG_SPECIAL);
	if (tlv_peek(&c) == TAG_MAX_SIZE)
		f.max_size = (uint16_t)tlv_expect_uint(&c, TAG_MAX_SIZE);
	tlv_optional(&c, TAG_LINK, &link);
	if (cursor_done(&c) || slice_text(link, f.link, sizeof(f.link)))
		return ERR_CORRUPT;
	if (!*f.link && (size_t)f.record_len * f.records > f.content.len)
		return ERR_CORRUPT;
	*out = f;
	return ERR_OK;
}

static enum err file_key(unsigned n, const char *path, char key[static STORE_KEY_MAX + 1])
{
	int len = snprintf(key, STORE_KEY_MAX + 1, STORE_PREFIX_FILES "%s", n, path);

	return len > 0 && len <= STORE_KEY_MAX ? ERR_OK : ERR_SPACE;
}

/* What is stored under this very path. */
static enum err load_stored(const struct store *s, unsigned n, const char *path,
			    struct fs_file *out)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;
	enum err e = file_key(n, path, key);

	if (e)
		return e;
	return store_get(s, key, &stored) ? fs_decode(stored, out) : ERR_NOT_FOUND;
}

/* A link's target is where it really lies: one round from the root is enough. */
enum err fs_canonical(const struct store *s, unsigned n, const char *path,
		      char out[static FS_PATH_MAX])
{
	char now[FS_PATH_MAX], next[2 * FS_PATH_MAX], prefix[FS_PATH_MAX];

	if (slice_text(slice_str(path), now, sizeof(now)))
		return ERR_SPACE;
	for (size_t len = 4; len <= strlen(now); len += 4) {
		struct fs_file f;

		memcpy(prefix, now, len);
		prefix[len] = 0;
		if (load_stored(s, n, prefix, &f) || f.kind != UICC_DF || !*f.link)
			continue;
		if (snprintf(next, sizeof(next), "%s%s", f.link, now + len) >= FS_PATH_MAX)
			return ERR_SPACE;
		memcpy(now, next, FS_PATH_MAX);
		len = strlen(f.link);
	}
	memcpy(out, now, sizeof(now));
	return ERR_OK;
}

/* The link's own place, identifiers and rules around what its target is. */
static enum err follow_link(const struct store *s, unsigned n, struct fs_file *f)
{
	struct fs_file target;
	enum err e = load_stored(s, n, f->link, &target);

	if (e || target.kind == UICC_DF || *target.link)
		return ERR_CORRUPT;
	f->kind = target.kind;
	f->descriptor = target.descriptor;
	f->record_len = target.record_len;
	f->records = target.records;
	f->content = target.content;
	f->max_size = target.max_size;
	return ERR_OK;
}

enum err fs_load(const struct store *s, unsigned n, const char *path, struct fs_file *out)
{
	char home[FS_PATH_MAX];
	enum err e = load_stored(s, n, path, out);

	if (e == ERR_NOT_FOUND && fs_canonical(s, n, path, home) == ERR_OK &&
	    strcmp(home, path) != 0)
		e = load_stored(s, n, home, out);
	if (!e && *out->link && out->kind != UICC_DF)
		e = follow_link(s, n, out);
	return e;
}

enum err fs_put_content(struct store_txn *t, unsigned n, const char *path, const struct fs_file *f,
			struct slice content)
{
	const struct store *s = store_of(t);
	char home[FS_PATH_MAX];
	struct fs_file changed = *f;
	enum err e =
		*f->link ? load_stored(s, n, f->link, &changed) : fs_canonical(s, n, path, home);

	if (e)
		return e;
	changed.content = content;
	return fs_put(t, n, *f->link ? f->link : home, &changed);
}

enum err fs_put(struct store_txn *t, unsigned n, const char *path, const struct fs_file *f)
{
	char key[STORE_KEY_MAX + 1];
	struct wbuf w = wbuf_grow(STORE_VALUE_MAX);
	enum err e = file_key(n, path, key);

	if (!e)
		e = fs_encode(f, &w);
	if (!e)
		store_put(t, key, wbuf_slice(&w));
	wbuf_free(&w);
	return e;
}
