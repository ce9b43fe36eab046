#include "card-emu/uicc/fs.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/store/keys.h"
#include "lib/tlv.h"

/* Stored form: one TLV per field; absent means zero or empty. */
enum stored_tag {
	TAG_FIXED = 0x80, /* fid (2), kind, descriptor, lcsi, sfi, record length (2), records */
	TAG_SECURITY = 0x81,
	TAG_AID = 0x82,
	TAG_PIN_STATUS = 0x83,
	TAG_CONTENT = 0x84,
};

/* TS 102 221 11.1.1.3: file control parameters */
enum fcp_tag {
	FCP_TEMPLATE = 0x62,
	FCP_FILE_SIZE = 0x80,
	FCP_DESCRIPTOR = 0x82,
	FCP_FID = 0x83,
	FCP_DF_NAME = 0x84,
	FCP_SFI = 0x88,
	FCP_LCSI = 0x8A,
	FCP_PROPRIETARY = 0xA5,
	FCP_PIN_STATUS = 0xC6,
};

#define UICC_CHARACTERISTICS 0x80
#define DATA_CODING	     0x21 /* TS 102 221 11.1.1.4.3: one octet behind the descriptor */

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
	if (f->content.len)
		tlv_put(out, TAG_CONTENT, f->content);
	return wbuf_done(out);
}

enum err fs_decode(struct slice stored, struct fs_file *out)
{
	struct cursor c = cursor_of(stored);
	struct cursor fixed = cursor_of(tlv_expect(&c, TAG_FIXED));
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
	if (cursor_done(&c))
		return ERR_CORRUPT;
	if ((size_t)f.record_len * f.records > f.content.len)
		return ERR_CORRUPT;
	*out = f;
	return ERR_OK;
}

static enum err file_key(unsigned n, const char *path, char key[static STORE_KEY_MAX + 1])
{
	int len = snprintf(key, STORE_KEY_MAX + 1, STORE_PREFIX_FILES "%s", n, path);

	return len > 0 && len <= STORE_KEY_MAX ? ERR_OK : ERR_SPACE;
}

enum err fs_load(const struct store *s, unsigned n, const char *path, struct fs_file *out)
{
	char key[STORE_KEY_MAX + 1];
	struct slice stored;
	enum err e = file_key(n, path, key);

	if (e)
		return e;
	return store_get(s, key, &stored) ? fs_decode(stored, out) : ERR_NOT_FOUND;
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

enum err fs_path_join(const char *path, uint16_t fid, char out[static FS_PATH_MAX])
{
	char joined[FS_PATH_MAX + 8];
	int n = snprintf(joined, sizeof(joined), "%s%04X", path, fid);

	if (n < 0 || n >= FS_PATH_MAX)
		return ERR_SPACE;
	memcpy(out, joined, (size_t)n + 1);
	return ERR_OK;
}

static void put_descriptor(const struct fs_file *f, struct wbuf *out)
{
	size_t mark = tlv_open(out, FCP_DESCRIPTOR);

	wbuf_u8(out, f->descriptor);
	wbuf_u8(out, DATA_CODING);
	if (f->kind == FS_LINEAR || f->kind == FS_CYCLIC) {
		wbuf_u16(out, f->record_len);
		wbuf_u8(out, f->records);
	}
	tlv_close(out, mark);
}

/* TS 102 221 11.1.1.4.6.1: UICC characteristics, in the MF's proprietary information */
static void put_characteristics(struct wbuf *out)
{
	static const uint8_t clock_stop_any_level[] = {0x71};
	size_t mark = tlv_open(out, FCP_PROPRIETARY);

	tlv_put(out, UICC_CHARACTERISTICS, SLICE_OF(clock_stop_any_level));
	tlv_close(out, mark);
}

static void put_size(uint32_t tag, size_t size, struct wbuf *out)
{
	size_t mark = tlv_open(out, tag);

	wbuf_u16(out, (uint16_t)size);
	tlv_close(out, mark);
}

enum err fs_put_fcp(const struct fs_file *f, struct wbuf *out)
{
	bool df = f->kind == FS_DF;
	size_t mark = tlv_open(out, FCP_TEMPLATE), inner;

	put_descriptor(f, out);
	if (!f->aid.len) { /* TS 102 221 11.1.1.4.4: an ADF's identifier is temporary, not shown */
		inner = tlv_open(out, FCP_FID);
		wbuf_u16(out, f->fid);
		tlv_close(out, inner);
	} else {
		tlv_put(out, FCP_DF_NAME, f->aid);
	}
	if (df)
		put_characteristics(out);
	inner = tlv_open(out, FCP_LCSI);
	wbuf_u8(out, f->lcsi);
	tlv_close(out, inner);
	wbuf_put(out, f->security);
	if (df && f->pin_status.len)
		tlv_put(out, FCP_PIN_STATUS, f->pin_status);
	if (!df) {
		put_size(FCP_FILE_SIZE, f->content.len, out);
		inner = tlv_open(out, FCP_SFI);
		if (f->sfi)
			wbuf_u8(out, (uint8_t)(f->sfi << 3));
		tlv_close(out, inner);
	}
	tlv_close(out, mark);
	return wbuf_done(out);
}
