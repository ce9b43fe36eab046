#include "host/terminal/usim.h"

#include <string.h>

#include "lib/profile/digits.h"
#include "lib/base/simtext.h"
#include "lib/base/tlv.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/command.h"
#include "lib/uicc/fcp.h"
#include "lib/uicc/fid.h"

#define READ_MAX     0xFF
#define EXTENDED_MAX 65535 /* octets of one READ BINARY with an extended Le */
#define OFFSET_MAX   0x7FFF
#define SRES_LEN     4

/* SELECT by file identifier, of the UICC or of the 2G class; what the UICC answers goes to fcp. */
static enum err select_fid(struct uicc *u, enum command_id select, uint16_t fid, struct wbuf *fcp)
{
	const uint8_t id[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct apdu a = command_apdu(select, 0);
	uint16_t sw;
	enum err e;

	a.p1 = SELECT_FID;
	a.data = SLICE_OF(id);
	if (select == COMMAND_SELECT) {
		a.p2 = SELECT_RETURN_FCP;
		a.le = 256;
	}
	e = uicc_send(u, &a, fcp, &sw);
	return uicc_check(u, e, sw);
}

/* SELECTs an EF; gives the body of its FCP (in memory of fcp). */
static enum err select_ef(struct uicc *u, uint16_t fid, struct wbuf *fcp, struct slice *body)
{
	enum err e = select_fid(u, COMMAND_SELECT, fid, fcp);

	if (!e && tlv_only(wbuf_slice(fcp), UICC_FCP, body))
		e = ERR_PROTOCOL;
	return e;
}

enum err usim_read_binary(struct uicc *u, uint16_t fid, struct wbuf *out)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf fcp = wbuf_init(octets, sizeof(octets));
	struct slice body, size;
	struct cursor c;
	size_t left, offset = 0, most = uicc_transport(u)->extended ? EXTENDED_MAX : READ_MAX;
	enum err e = select_ef(u, fid, &fcp, &body);

	if (e)
		return e;
	if (!tlv_find(body, UICC_FCP_SIZE, &size) || size.len < 1 || size.len > 4)
		return ERR_PROTOCOL;
	c = cursor_of(size);
	left = (size_t)cursor_uint(&c, size.len);
	while (left && !e) {
		size_t n = left < most ? left : most, before = out->len;
		struct apdu a = command_apdu(COMMAND_READ_BINARY, 0);
		uint16_t sw;

		if (offset > OFFSET_MAX)
			return ERR_LENGTH;
		a.p1 = (uint8_t)(offset >> 8);
		a.p2 = (uint8_t)offset;
		a.le = (uint32_t)n;
		e = uicc_send(u, &a, out, &sw);
		if (!e && sw == SW_WRONG_LENGTH && n > READ_MAX) {
			most = READ_MAX; /* what ATR and driver say is not always so */
			continue;
		}
		e = uicc_check(u, e, sw);
		if (!e && (out->len == before || out->len - before > n))
			e = ERR_PROTOCOL;
		left -= e ? 0 : out->len - before;
		offset += out->len - before;
	}
	return e;
}

/* Swapped digits, the low half first; F fills up (TS 102 221 13.2, TS 31.102 4.2.2). */
static enum err put_digits(struct slice octets, size_t skip, char *out, size_t max)
{
	size_t n = 0;

	for (size_t i = skip; i < 2 * octets.len; i++) {
		unsigned digit = slice_at(octets, i / 2) >> (i % 2 ? 4 : 0) & 0x0F;

		if (digit == 0x0F)
			break;
		if (digit > 9 || n == max)
			return ERR_PROTOCOL;
		out[n++] = (char)('0' + digit);
	}
	out[n] = 0;
	return ERR_OK;
}

enum err usim_read_iccid(struct uicc *u, char out[static USIM_ICCID_MAX + 1])
{
	uint8_t octets[READ_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = select_fid(u, COMMAND_SELECT, FID_MF, NULL);

	if (!e)
		e = usim_read_binary(u, FID_ICCID, &w);
	if (!e && w.len != PROFILE_ICCID_LEN)
		e = ERR_PROTOCOL;
	if (!e) /* some operators' have letters */
		profile_iccid_text(octets, out);
	return e;
}

/* TS 31.102 4.2.12: the display condition, then the name */
enum err usim_read_spn(struct uicc *u, char out[static USIM_SPN_TEXT + 1])
{
	uint8_t octets[READ_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct wbuf text = wbuf_init((uint8_t *)out, USIM_SPN_TEXT);
	enum err e = usim_read_binary(u, FID_SPN, &w);

	if (!e)
		simtext_decode(slice_sub(wbuf_slice(&w), 1, w.len), &text);
	out[text.len] = 0;
	return e ? e : wbuf_done(&text);
}

enum err usim_read_imsi(struct uicc *u, char out[static USIM_IMSI_MAX + 1])
{
	uint8_t octets[READ_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = usim_read_binary(u, FID_IMSI, &w);
	struct cursor c = cursor_of(wbuf_slice(&w));
	struct slice imsi;

	if (e)
		return e;
	imsi = cursor_take(&c, cursor_u8(&c));
	if (c.err || !imsi.len)
		return ERR_PROTOCOL;
	return put_digits(imsi, 1, out, USIM_IMSI_MAX); /* the first half octet is the parity */
}

/* Length and number of the records of a linear fixed file. */
static enum err record_shape(struct slice fcp_body, unsigned *record_len, unsigned *records)
{
	struct slice descriptor;
	struct cursor c;

	if (!tlv_find(fcp_body, UICC_FCP_DESCRIPTOR, &descriptor) || descriptor.len != 5)
		return ERR_PROTOCOL;
	c = cursor_of(descriptor);
	cursor_u16(&c); /* file descriptor and data coding octets */
	*record_len = cursor_u16(&c);
	*records = cursor_u8(&c);
	return *record_len >= 1 && *record_len <= 256 ? ERR_OK : ERR_PROTOCOL;
}

/* TS 102 221 13.1: ISO 646, or UCS2 as annex A has it */
static void take_label(struct slice label, char out[static USIM_LABEL_TEXT + 1])
{
	struct wbuf w = wbuf_init((uint8_t *)out, USIM_LABEL_TEXT);
	struct cursor c = cursor_of(label);

	if (slice_at(label, 0) >= 0x80) {
		simtext_decode(label, &w);
	} else {
		while (cursor_left(&c)) {
			uint8_t ch = cursor_u8(&c);

			wbuf_u8(&w, ch >= ' ' && ch <= '~' ? ch : '?');
		}
	}
	out[w.len] = 0;
}

/* One record of EF.DIR; an unused one (FF) or one without an AID is skipped. */
static void take_app(struct slice record, struct usim_app *apps, size_t *count)
{
	struct cursor c = cursor_of(record);
	struct slice body = tlv_expect(&c, UICC_DIR_APPLICATION), aid, label;
	struct usim_app app = {0};

	if (c.err || *count == USIM_APPS_MAX || !tlv_find(body, UICC_DIR_AID, &aid) ||
	    aid.len > USIM_AID_MAX || slice_copy(aid, app.aid, aid.len))
		return;
	app.aid_len = aid.len;
	if (tlv_find(body, UICC_DIR_LABEL, &label))
		take_label(slice_sub(label, 0, USIM_LABEL_MAX), app.label);
	apps[(*count)++] = app;
}

enum err usim_applications(struct uicc *u, struct usim_app apps[static USIM_APPS_MAX],
			   size_t *count)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	unsigned record_len = 0, records = 0;
	struct slice body = SLICE_EMPTY;
	enum err e = select_fid(u, COMMAND_SELECT, FID_MF, NULL);

	*count = 0;
	if (!e)
		e = select_ef(u, FID_DIR, &w, &body);
	if (!e)
		e = record_shape(body, &record_len, &records);
	for (unsigned n = 1; n <= records && !e; n++) {
		struct apdu a = command_apdu(COMMAND_READ_RECORD, 0);
		uint16_t sw;

		wbuf_reset(&w);
		a.p1 = (uint8_t)n;
		a.p2 = RECORD_ABSOLUTE;
		a.le = (uint32_t)record_len;
		e = uicc_send(u, &a, &w, &sw);
		if (!e && sw == SW_RECORD_NOT_FOUND)
			break;
		e = uicc_check(u, e, sw);
		if (!e)
			take_app(wbuf_slice(&w), apps, count);
	}
	return e;
}

enum err usim_select(struct uicc *u)
{
	struct usim_app apps[USIM_APPS_MAX];
	struct slice aid = aid_of(AID_USIM);
	size_t count = 0;
	uint16_t sw;
	enum err e = usim_applications(u, apps, &count);

	if (e && e != ERR_CARD)
		return e;
	for (size_t i = 0; i < count; i++) {
		struct slice found = slice_make(apps[i].aid, apps[i].aid_len);

		if (slice_starts(found, aid_of(AID_USIM))) {
			aid = found;
			break;
		}
	}
	e = uicc_select_aid(u, 0, aid, NULL, &sw);
	return e == ERR_CARD && sw == SW_FILE_NOT_FOUND ? ERR_NOT_FOUND : e;
}

/* PS_DO has a bit for each key reference behind it, the first one in the most significant bit. */
static bool is_enabled(struct slice template, uint8_t key_reference)
{
	struct cursor c = cursor_of(template);
	struct slice bits = SLICE_EMPTY;
	struct tlv item;

	for (size_t i = 0; tlv_next(&c, &item);) {
		if (item.tag == UICC_PS_STATUS) {
			bits = item.value;
		} else if (item.tag == UICC_PS_KEY_REFERENCE) {
			if (item.value.len == 1 && slice_at(item.value, 0) == key_reference)
				return i / 8 >= bits.len ||
				       slice_at(bits, i / 8) >> (7 - i % 8) & 1;
			i++;
		}
	}
	return true;
}

enum err usim_pin_enabled(struct uicc *u, uint8_t key_reference, bool *enabled)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf fcp = wbuf_init(octets, sizeof(octets));
	struct slice body, template;
	struct apdu a = command_apdu(COMMAND_STATUS, 0);
	uint16_t sw;
	enum err e;

	a.le = 256;
	e = uicc_send(u, &a, &fcp, &sw);
	*enabled = true;
	if (!e && !uicc_check(u, e, sw) && !tlv_only(wbuf_slice(&fcp), UICC_FCP, &body) &&
	    tlv_find(body, UICC_FCP_PIN_STATUS, &template))
		*enabled = is_enabled(template, key_reference);
	return e;
}

/* A field with its length in front, of min to max octets. */
static size_t take_field(struct cursor *c, uint8_t *out, size_t min, size_t max)
{
	size_t len = cursor_u8(c);

	if (len < min || len > max) {
		cursor_fail(c, ERR_PROTOCOL);
		return 0;
	}
	cursor_copy(c, out, len);
	return len;
}

static void take_kc(struct cursor *c, struct usim_answer *a)
{
	a->has_kc = take_field(c, a->kc, USIM_KC_LEN, USIM_KC_LEN) > 0;
}

/* TS 31.102 7.1.2.1 */
static enum err parse_3g(struct slice data, struct usim_answer *a)
{
	struct cursor c = cursor_of(data);
	uint8_t tag = cursor_u8(&c);

	if (tag == AUTHENTICATE_SYNC_FAILURE) {
		a->outcome = USIM_SYNC_FAILURE;
		take_field(&c, a->auts, USIM_AUTS_LEN, USIM_AUTS_LEN);
	} else if (tag == AUTHENTICATE_SUCCESS) {
		a->outcome = USIM_SUCCESS;
		a->res_len = take_field(&c, a->res, 4, USIM_RES_MAX);
		take_field(&c, a->ck, USIM_KEY_LEN, USIM_KEY_LEN);
		take_field(&c, a->ik, USIM_KEY_LEN, USIM_KEY_LEN);
		a->has_ck_ik = true;
		if (cursor_left(&c))
			take_kc(&c, a);
	} else {
		return ERR_PROTOCOL;
	}
	return cursor_done(&c) ? ERR_PROTOCOL : ERR_OK;
}

static enum err parse_gsm(struct slice data, struct usim_answer *a)
{
	struct cursor c = cursor_of(data);

	a->res_len = take_field(&c, a->res, SRES_LEN, SRES_LEN);
	take_kc(&c, a);
	return cursor_done(&c) ? ERR_PROTOCOL : ERR_OK;
}

/* TS 51.011 9.2.16: SRES and Kc without lengths. */
static enum err parse_2g(struct slice data, struct usim_answer *a)
{
	struct cursor c = cursor_of(data);

	cursor_copy(&c, a->res, SRES_LEN);
	cursor_copy(&c, a->kc, USIM_KC_LEN);
	a->res_len = SRES_LEN;
	a->has_kc = true;
	return cursor_done(&c) ? ERR_PROTOCOL : ERR_OK;
}

static enum err authenticate(struct uicc *u, const struct apdu *command,
			     enum err (*parse)(struct slice data, struct usim_answer *a),
			     struct usim_answer *out)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	uint16_t sw;
	enum err e = uicc_send(u, command, &w, &sw);

	memset(out, 0, sizeof(*out));
	if (!e && sw == SW_AUTH_MAC) {
		out->outcome = USIM_MAC_FAILURE;
		return ERR_OK;
	}
	e = uicc_check(u, e, sw);
	if (!e)
		e = parse(wbuf_slice(&w), out);
	wbuf_cut(&w, 0); /* wipes */
	return e;
}

enum err usim_authenticate(struct uicc *u, const uint8_t rand[static USIM_RAND_LEN],
			   const uint8_t autn[static USIM_AUTN_LEN], struct usim_answer *out)
{
	uint8_t octets[2 + USIM_RAND_LEN + USIM_AUTN_LEN];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct apdu a = command_apdu(COMMAND_AUTHENTICATE, 0);

	wbuf_u8(&w, USIM_RAND_LEN);
	wbuf_put(&w, slice_make(rand, USIM_RAND_LEN));
	wbuf_u8(&w, USIM_AUTN_LEN);
	wbuf_put(&w, slice_make(autn, USIM_AUTN_LEN));
	a.p2 = AUTHENTICATE_3G;
	a.data = wbuf_slice(&w);
	a.le = 256;
	return authenticate(u, &a, parse_3g, out);
}

enum err usim_gsm_authenticate(struct uicc *u, const uint8_t rand[static USIM_RAND_LEN],
			       struct usim_answer *out)
{
	uint8_t octets[1 + USIM_RAND_LEN];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct apdu a = command_apdu(COMMAND_AUTHENTICATE, 0);

	wbuf_u8(&w, USIM_RAND_LEN);
	wbuf_put(&w, slice_make(rand, USIM_RAND_LEN));
	a.p2 = AUTHENTICATE_GSM;
	a.data = wbuf_slice(&w);
	a.le = 256;
	return authenticate(u, &a, parse_gsm, out);
}

enum err usim_run_gsm(struct uicc *u, const uint8_t rand[static USIM_RAND_LEN],
		      struct usim_answer *out)
{
	struct apdu a = command_apdu(COMMAND_GSM_RUN_ALGORITHM, 0);
	enum err e = select_fid(u, COMMAND_GSM_SELECT, FID_MF, NULL);

	if (!e)
		e = select_fid(u, COMMAND_GSM_SELECT, FID_DF_GSM, NULL);
	if (e)
		return e;
	a.data = slice_make(rand, USIM_RAND_LEN);
	return authenticate(u, &a, parse_2g, out);
}
