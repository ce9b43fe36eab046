#include "card-emu/apps/identity.h"

#include <stdio.h>

#include "card-emu/apps/naa.h"
#include "card-emu/fs/fs.h"
#include "card-emu/fs/session.h"
#include "lib/auth/suci.h"
#include "lib/base/tlv.h"
#include "lib/profile/services.h"

#define CONTEXT_SUCI	0x01 /* P2 */
#define TAG_SUCI	0xA1
#define SUCI_OF_IMSI	0x01 /* TS 24.501 9.11.3.4: type of identity SUCI, SUPI format IMSI */
#define FILLER		0x0F
#define IMSI_DIGITS_MAX 15
#define ROUTING_DIGITS	4
#define MCC_DIGITS	3
#define PATH_CALC_INFO	"5FD04F01" /* EF.SUCI_Calc_Info_USIM in DF.SAIP */
#define PATH_ROUTING	"5FC04F0A"
#define PATH_IMSI	"6F07"
#define PATH_AD		"6FAD"

enum ust_service { UST_SUCI = 124, UST_SUCI_BY_USIM = 125 };

/* TS 31.102 4.4.11.8 */
enum calc_tag { TAG_SCHEMES = 0xA0, TAG_KEYS = 0xA1, TAG_KEY_ID = 0x80, TAG_KEY = 0x81 };

struct concealing {
	enum suci_scheme scheme;
	uint8_t key_id;
	struct slice key;
};

static struct slice content_of(const struct fs_session *fs, const char *adf, const char *rest)
{
	char path[FS_PATH_MAX];
	struct fs_file f;

	if (snprintf(path, sizeof(path), "%s%s", adf, rest) >= FS_PATH_MAX ||
	    fs_load(fs->store, fs->profile, path, &f))
		return SLICE_EMPTY;
	return f.content;
}

/* The key of this index (from 1) in the list. */
static bool find_home_key(struct slice keys, uint8_t index, struct concealing *out)
{
	struct cursor c = cursor_of(keys);

	for (uint8_t i = 1; cursor_left(&c); i++) {
		struct slice id = tlv_expect(&c, TAG_KEY_ID), key = tlv_expect(&c, TAG_KEY);

		if (c.err || id.len != 1)
			return false;
		if (i == index) {
			out->key_id = slice_at(id, 0);
			out->key = key;
			return true;
		}
	}
	return false;
}

/* The scheme of the highest priority, the first in the list. */
static bool choose(struct slice info, struct concealing *out)
{
	struct slice schemes = SLICE_EMPTY, keys = SLICE_EMPTY;
	struct cursor c = cursor_of(info);
	uint8_t index;

	*out = (struct concealing){0};
	schemes = tlv_expect(&c, TAG_SCHEMES);
	if (tlv_peek(&c) == TAG_KEYS)
		keys = tlv_expect(&c, TAG_KEYS);
	if (c.err || schemes.len < 2)
		return false;
	out->scheme = (enum suci_scheme)slice_at(schemes, 0);
	index = slice_at(schemes, 1);
	return out->scheme == SUCI_NULL || find_home_key(keys, index, out);
}

/* EF.IMSI: length, parity and first digit, then pairs */
static size_t imsi_digits(struct slice imsi, uint8_t digits[static IMSI_DIGITS_MAX])
{
	size_t octets = slice_at(imsi, 0), n = 0;

	for (size_t i = 1; i <= octets && i < imsi.len; i++) {
		uint8_t low = slice_at(imsi, i) & 15, high = slice_at(imsi, i) >> 4;

		if (i > 1 && low <= 9 && n < IMSI_DIGITS_MAX)
			digits[n++] = low;
		if (high <= 9 && n < IMSI_DIGITS_MAX)
			digits[n++] = high;
	}
	return n;
}

static void put_pair(struct wbuf *w, uint8_t low, uint8_t high)
{
	wbuf_u8(w, (uint8_t)(high << 4 | low));
}

static void put_msin(struct wbuf *w, const uint8_t *digits, size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		put_pair(w, digits[i], i + 1 < n ? digits[i + 1] : FILLER);
}

/* TS 24.501 figure 9.11.3.4.3, from octet 4 */
static uint16_t put_suci(struct app_call *call, const char *adf, const struct concealing *how)
{
	struct slice routing = content_of(call->fs, adf, PATH_ROUTING);
	size_t mnc = slice_at(content_of(call->fs, adf, PATH_AD), 3) & 15;
	uint8_t digits[IMSI_DIGITS_MAX], mem[IMSI_DIGITS_MAX];
	size_t n = imsi_digits(content_of(call->fs, adf, PATH_IMSI), digits), mark;
	struct wbuf msin = wbuf_init(mem, sizeof(mem));
	enum err e;

	if ((mnc != 2 && mnc != 3) || n <= MCC_DIGITS + mnc)
		return SW_NOT_FOUND;
	put_msin(&msin, digits + MCC_DIGITS + mnc, n - MCC_DIGITS - mnc);
	mark = tlv_open(call->out, TAG_SUCI);
	wbuf_u8(call->out, SUCI_OF_IMSI);
	put_pair(call->out, digits[0], digits[1]);
	put_pair(call->out, digits[2], mnc == 3 ? digits[5] : FILLER);
	put_pair(call->out, digits[3], digits[4]);
	if (routing.len < ROUTING_DIGITS / 2) /* none: 0 */
		wbuf_u16(call->out, 0xF0FF);
	else
		wbuf_put(call->out, slice_sub(routing, 0, ROUTING_DIGITS / 2));
	wbuf_u8(call->out, (uint8_t)how->scheme);
	wbuf_u8(call->out, how->key_id);
	e = suci_conceal(how->scheme, how->key, SLICE_EMPTY, wbuf_slice(&msin), call->out);
	tlv_close(call->out, mark);
	if (e == ERR_POINT || e == ERR_UNSUPPORTED)
		return SW_NOT_FOUND;
	return e ? sw_of_store(e) : SW_OK;
}

static bool card_has(struct card *card, enum service s)
{
	return service_support(s, card_without(card)) == SERVICE_WORKS;
}

uint16_t identity_get(struct app_call *call)
{
	const char *adf = call->at->adf;
	struct concealing how;
	uint16_t sw;

	if (!card_has(call->card, SERVICE_GET_IDENTITY))
		return SW_INS_NOT_SUPPORTED;
	if (call->apdu.p1 || call->apdu.p2 != CONTEXT_SUCI)
		return SW_WRONG_P1P2;
	if (!position_in_adf(call->at) || !naa_service(call->fs, adf, UST_SUCI) ||
	    !naa_service(call->fs, adf, UST_SUCI_BY_USIM))
		return SW_CONDITIONS;
	sw = naa_check_pin(call->fs, adf);
	if (sw != SW_OK)
		return sw;
	if (!choose(content_of(call->fs, adf, PATH_CALC_INFO), &how) ||
	    (how.scheme == SUCI_PROFILE_A && !card_has(call->card, SERVICE_PROFILE_A)) ||
	    (how.scheme == SUCI_PROFILE_B && !card_has(call->card, SERVICE_PROFILE_B)))
		return SW_NOT_FOUND;
	return put_suci(call, adf, &how);
}
