#include "card-emu/fs/fcp.h"

#include "card-emu/fs/fs.h"
#include "card-emu/fs/pins.h"
#include "card-emu/fs/session.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"

#define DETAILS_DER	      0x01

#define USED_FOR_VERIFICATION 0x08

static void put_descriptor(const struct fs_file *f, struct wbuf *out)
{
	size_t mark = tlv_open(out, UICC_FCP_DESCRIPTOR);

	wbuf_u8(out, f->descriptor);
	wbuf_u8(out, UICC_DATA_CODING);
	if (f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC) {
		wbuf_u16(out, f->record_len);
		wbuf_u8(out, f->records);
	}
	tlv_close(out, mark);
}

/* TS 102 221 11.1.1.4.6.1: UICC characteristics, in the MF's proprietary information */
static void put_characteristics(struct wbuf *out)
{
	static const uint8_t clock_stop_any_level[] = {0x71};
	size_t mark = tlv_open(out, UICC_FCP_PROPRIETARY);

	tlv_put(out, UICC_FCP_CHARACTERISTICS, SLICE_OF(clock_stop_any_level));
	tlv_close(out, mark);
}

/* What TS 102 221 11.1.1.4.6 has for EFs */
static void put_ef_information(const struct fs_file *f, struct wbuf *out)
{
	bool ber_tlv = f->kind == UICC_BER_TLV;
	size_t mark, inner;

	if (!f->special && !ber_tlv)
		return;
	mark = tlv_open(out, UICC_FCP_PROPRIETARY);
	if (f->special) {
		inner = tlv_open(out, UICC_FCP_SPECIAL);
		wbuf_u8(out, f->special);
		tlv_close(out, inner);
	}
	if (ber_tlv) {
		tlv_put_uint(out, UICC_FCP_DETAILS, DETAILS_DER);
		inner = tlv_open(out, UICC_FCP_MAX_SIZE);
		wbuf_u16(out, f->max_size);
		tlv_close(out, inner);
	}
	tlv_close(out, mark);
}

static void put_size(uint32_t tag, size_t size, struct wbuf *out)
{
	size_t mark = tlv_open(out, tag);

	wbuf_u16(out, (uint16_t)size);
	tlv_close(out, mark);
}

static enum err put_template(const struct fs_file *f, struct wbuf *out)
{
	bool df = f->kind == UICC_DF;
	size_t mark = tlv_open(out, UICC_FCP), inner;

	put_descriptor(f, out);
	if (!f->aid.len) { /* TS 102 221 11.1.1.4.4: an ADF's identifier is temporary, not shown */
		inner = tlv_open(out, UICC_FCP_FID);
		wbuf_u16(out, f->fid);
		tlv_close(out, inner);
	} else {
		tlv_put(out, UICC_FCP_DF_NAME, f->aid);
	}
	if (df)
		put_characteristics(out);
	else
		put_ef_information(f, out);
	inner = tlv_open(out, UICC_FCP_LCSI);
	wbuf_u8(out, f->lcsi);
	tlv_close(out, inner);
	wbuf_put(out, f->security);
	if (df && f->pin_status.len)
		tlv_put(out, UICC_FCP_PIN_STATUS, f->pin_status);
	if (!df) {
		put_size(UICC_FCP_SIZE, f->content.len, out);
		inner = tlv_open(out, UICC_FCP_SFI);
		if (f->sfi)
			wbuf_u8(out, (uint8_t)(f->sfi << 3));
		tlv_close(out, inner);
	}
	tlv_close(out, mark);
	return wbuf_done(out);
}

static bool universal_is_next(struct cursor c)
{
	struct tlv t;

	return tlv_next(&c, &t) && t.tag == UICC_PS_KEY_REFERENCE &&
	       slice_at(t.value, 0) == PIN_UNIVERSAL;
}

/*
 * TS 102 221 9.5.2: which of the PINs that the DF names are enabled now; bit 8 of PS for the first
 * key reference, and so on. The universal PIN is used when it takes the place of another.
 */
static void put_pin_status(const struct fs_session *fs, const char *path, struct slice named,
			   struct wbuf *out)
{
	struct cursor c = cursor_of(named);
	uint8_t status = 0, bit = 0x80;
	bool replaced = false;
	char df[FS_PATH_MAX];
	struct pin_record pin;
	struct tlv t;

	while (tlv_next(&c, &t)) {
		if (t.tag != UICC_PS_KEY_REFERENCE)
			continue;
		if (pin_home(fs->store, fs->profile, path, slice_at(t.value, 0), df) &&
		    pin_load_in(fs->store, fs->profile, df, slice_at(t.value, 0), &pin) == ERR_OK) {
			status |= pin.enabled ? bit : 0;
			replaced = replaced || (!pin.enabled && pin.alternative == PIN_UNIVERSAL);
			secret_wipe(&pin, sizeof(pin));
		}
		bit >>= 1;
	}
	tlv_put(out, UICC_PS_STATUS, slice_make(&status, 1));
	c = cursor_of(named);
	while (tlv_next(&c, &t)) {
		if (t.tag == UICC_PS_USAGE_QUALIFIER && replaced && universal_is_next(c))
			tlv_put_uint(out, UICC_PS_USAGE_QUALIFIER, USED_FOR_VERIFICATION);
		else if (t.tag != UICC_PS_STATUS)
			wbuf_put(out, t.raw);
	}
}

enum err fcp_put(const struct fs_session *fs, const char *path, const struct fs_file *stored,
		 struct wbuf *out)
{
	struct fs_file f = *stored;
	uint8_t mem[64];
	struct wbuf status = wbuf_init(mem, sizeof(mem));

	if (f.pin_status.len) {
		put_pin_status(fs, path, f.pin_status, &status);
		f.pin_status = wbuf_slice(&status);
	}
	return put_template(&f, out);
}
