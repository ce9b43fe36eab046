#include "host/operator/smdp/inventory.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/base/utf8.h"
#include "lib/profile/digits.h"
#include "lib/profile/pe.h"
#include "lib/profile/services.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"

#define POL_NO_DISABLE 0x01u /* SGP.02 4.1.1.7: POL1 */
#define POL_NO_DELETE  0x02u
#define AD_MNC_LENGTH  3 /* TS 31.102 4.2.18: the octet that has it */
#define MNC_DEFAULT    2
#define EVENTS_ALL     (RSP_EVENT_INSTALL | RSP_EVENT_ENABLE | RSP_EVENT_DISABLE | RSP_EVENT_DELETE)
#define CONFIG_MAX     512

/* Digits (operators are known that have letters in it), then nothing but the filler F. */
static bool is_iccid(struct slice s)
{
	bool filler = false;

	for (size_t i = 0; i < 2 * s.len; i++) {
		unsigned nibble = i % 2 ? slice_at(s, i / 2) & 15u : slice_at(s, i / 2) >> 4;

		if (filler && nibble != 15)
			return false;
		filler = nibble == 15;
	}
	return s.len == PROFILE_ICCID_LEN && slice_at(s, 0) >> 4 != 15;
}

static enum err read_header(struct slice header, struct inventory_info *out)
{
	struct slice iccid, type, pol, value;
	uint8_t plain[PROFILE_ICCID_LEN];

	if (tlv_only(header, PE_HEADER, &value) || !tlv_find(value, HEADER_TAG_ICCID, &iccid))
		return ERR_TAG;
	if (!is_iccid(iccid) || slice_copy(iccid, plain, sizeof(plain)))
		return ERR_VALUE;
	profile_iccid_swap(plain, out->iccid);
	if (tlv_find(value, HEADER_TAG_TYPE, &type) &&
	    slice_text(slice_sub(type, 0, SMDP_TYPE_MAX), out->type, sizeof(out->type)))
		return ERR_VALUE;
	if (tlv_find(value, HEADER_TAG_POL, &pol)) {
		unsigned rules = slice_at(pol, 0);

		out->ppr |= rules & POL_NO_DISABLE ? RSP_PPR1 : 0;
		out->ppr |= rules & POL_NO_DELETE ? RSP_PPR2 : 0;
	}
	return ERR_OK;
}

/* The digits of EF.IMSI (TS 31.102 4.2.2), after the length and the parity nibble. */
static unsigned imsi_digit(struct slice imsi, size_t i)
{
	unsigned octet = slice_at(imsi, 1 + (i + 1) / 2);

	return (i + 1) % 2 ? octet >> 4 : octet & 15u;
}

static void read_owner(struct slice usim, struct inventory_info *out)
{
	struct slice file, imsi, ad;
	unsigned d[6], mnc_len = MNC_DEFAULT;

	if (!tlv_find(usim, USIM_TAG_EF_IMSI, &file) || !tlv_find(file, FILE_TAG_CONTENT, &imsi) ||
	    imsi.len < 5)
		return;
	if (tlv_find(usim, USIM_TAG_EF_AD, &file) && tlv_find(file, FILE_TAG_CONTENT, &ad) &&
	    slice_at(ad, AD_MNC_LENGTH) == 3)
		mnc_len = 3;
	for (size_t i = 0; i < ARRAY_LEN(d); i++) {
		d[i] = imsi_digit(imsi, i);
		if (d[i] > 9)
			return;
	}
	if (mnc_len == 2)
		d[5] = 15;
	out->has_owner = true;
	out->mcc_mnc[0] = (uint8_t)(d[1] << 4 | d[0]);
	out->mcc_mnc[1] = (uint8_t)(d[5] << 4 | d[2]);
	out->mcc_mnc[2] = (uint8_t)(d[4] << 4 | d[3]);
}

enum err inventory_read(struct slice package, struct inventory_info *out)
{
	struct inventory_info info = {.elements = 0};
	struct cursor c = cursor_of(package);
	uint32_t last = 0;
	struct tlv t;
	enum err e = ERR_OK;

	while (!e && tlv_next(&c, &t)) {
		if (info.elements++ == 0)
			e = read_header(t.raw, &info);
		else if (t.tag == PE_USIM && !info.has_owner)
			read_owner(t.value, &info);
		last = t.tag;
	}
	if (!e)
		e = cursor_done(&c);
	if (!e && last != PE_END)
		e = ERR_TAG;
	if (!e)
		*out = info;
	return e;
}

uint32_t inventory_mandatory_services(struct slice package)
{
	struct cursor c = cursor_of(package), list;
	struct slice value;
	uint32_t bits = 0;
	struct tlv t;

	if (!tlv_next(&c, &t) || t.tag != PE_HEADER ||
	    !tlv_find(t.value, HEADER_TAG_SERVICES, &value))
		return 0;
	list = cursor_of(value);
	while (tlv_next(&list, &t)) {
		enum service s = service_of_tag(t.tag);

		bits |= s < SERVICE_COUNT ? SERVICE_SET(s) : 0;
	}
	return list.err ? 0 : bits;
}

/* SGP.22 2.4.5.3: iconType and the first octets of a file that has it (ISO 15948, ITU-T T.81) */
static const struct {
	uint32_t type;
	size_t len;
	uint8_t magic[8];
} icons[] = {
	{ES10C_ICON_JPEG, 3, {0xFF, 0xD8, 0xFF}},
	{ES10C_ICON_PNG, 8, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}},
};

static enum err put_icon(struct slice icon, struct es8p_metadata *m)
{
	if (!icon.len)
		return ERR_OK;
	if (icon.len > ES10C_ICON_MAX)
		return ERR_SPACE;
	for (size_t i = 0; i < ARRAY_LEN(icons); i++) {
		if (slice_starts(icon, slice_make(icons[i].magic, icons[i].len))) {
			m->has_icon_type = true;
			m->icon_type = icons[i].type;
			m->icon = icon;
			return ERR_OK;
		}
	}
	return ERR_UNSUPPORTED;
}

/* UTF-8 of so many characters */
static bool fits(const char *text, size_t max)
{
	size_t n;

	return utf8_count(slice_str(text), &n) == ERR_OK && n <= max;
}

enum err inventory_metadata(const struct inventory_info *info, const struct inventory_labels *l,
			    struct wbuf *out)
{
	uint8_t config_mem[CONFIG_MAX], owner_mem[8];
	struct wbuf config = wbuf_init(config_mem, sizeof(config_mem));
	struct wbuf owner = wbuf_init(owner_mem, sizeof(owner_mem));
	struct es8p_metadata m = {
		.iccid = SLICE_OF(info->iccid),
		.service_provider = slice_str(l->provider),
		.profile_name = slice_str(l->name),
		.has_class = l->profile_class != ES10C_OPERATIONAL,
		.profile_class = (uint32_t)l->profile_class,
		.ppr = info->ppr | l->ppr,
	};

	enum err e = put_icon(l->icon, &m);

	if (e)
		return e;
	if (!fits(l->provider, ES10C_SERVICE_PROVIDER_MAX) ||
	    !fits(l->name, ES10C_PROFILE_NAME_MAX))
		return ERR_LENGTH;
	es8p_put_notification_config(&config, EVENTS_ALL, slice_str(l->smdp_address));
	if (wbuf_done(&config))
		return ERR_LENGTH;
	m.notification_config = wbuf_slice(&config);
	if (info->has_owner) {
		tlv_put(&owner, ASN1_CONTEXT(0), SLICE_OF(info->mcc_mnc));
		m.owner = wbuf_slice(&owner);
	}
	m.has_ppr = m.ppr != 0;
	es8p_put_metadata(out, &m);
	return wbuf_done(out);
}
