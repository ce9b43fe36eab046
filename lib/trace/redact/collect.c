#include "lib/trace/redact/collect.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/redact/certificate.h"
#include "lib/uicc/apdu.h"

#define DEPTH_MAX	  32
#define DIGITS_MAX	  64
#define ICCID_TAG	  0x5A
#define ICCID_LEN	  10
#define ICCID_BEGINS	  0x98
#define EID_LEN		  16
#define EID_BEGINS	  0x89
#define PLMN_LEN	  3
#define SIGNATURE_MIN	  40
#define SIGNATURE_MAX	  80
#define ALPHA_UCS2	  0x80
#define ALPHA_BASE	  0x82
#define TON_SET		  0x80 /* the first octet of a number has this bit */
#define NUMBER_MAX	  11
#define IMEI_LEN	  8
#define TYPE_IMEI	  2
#define TYPE_IMEISV	  3
#define HIDDEN_MIN	  4
#define FILLER		  0xF
#define BLANK		  0xFF

#define KEY_TYPE_EXTENDED 0xFF

/* How the octets of a node are read. */
enum reading {
	READ_OCTETS,
	READ_IMSI,    /* length, mobile identity */
	READ_SWAPPED, /* digits, the first in the lower half */
	READ_BCD,
	READ_IMEI,
	READ_NUMBER, /* type of number, digits; or text in packed letters */
	READ_TEXT,
	READ_ALPHA,
	READ_CODED, /* an octet that says how, then letters in any code */
	READ_ITEM,  /* a number, then a text */
	READ_AREA,
	READ_POINT,
	READ_CERTIFICATE,
};

struct row {
	const char *key, *above; /* above: the node around it; NULL: any */
	enum redact_kind kind;
	enum reading reading;
	size_t least; /* octets that it has */
};

static const struct row rows[] = {
	{"imsi", NULL, REDACT_IMSI, READ_IMSI, 0},
	{"iccid", NULL, REDACT_ICCID, READ_SWAPPED, 0},
	{"eid", NULL, REDACT_EID, READ_BCD, 0},
	{"eidValue", NULL, REDACT_EID, READ_BCD, 0},
	{"imei", NULL, REDACT_IMEI, READ_IMEI, 0},
	{"imeisv", NULL, REDACT_IMEI, READ_IMEI, 0},
	{"imeis", NULL, REDACT_IMEI, READ_OCTETS, 0},
	{"imeisvs", NULL, REDACT_IMEI, READ_OCTETS, 0},
	{"number", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"service-centre", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"destination", "smsp", REDACT_NUMBER, READ_NUMBER, 0},
	{"destination", "ports", REDACT_KIND_COUNT, READ_OCTETS, 0},
	{"destination", NULL, REDACT_ADDRESS, READ_OCTETS, 0},
	{"address", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"subaddress", NULL, REDACT_NUMBER, READ_OCTETS, 0},
	{"oa", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"da", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"ra", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"reply-address", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"ss", NULL, REDACT_NUMBER, READ_NUMBER, 0},
	{"ussd", NULL, REDACT_MESSAGE, READ_CODED, 0},
	{"dtmf", NULL, REDACT_NUMBER, READ_OCTETS, 0},
	{"plmn", NULL, REDACT_NETWORK, READ_AREA, 0},
	{"mccMnc", NULL, REDACT_NETWORK, READ_AREA, 0},
	{"plmns", NULL, REDACT_NETWORK, READ_AREA, 0},
	{"lai", NULL, REDACT_LOCATION, READ_AREA, 0},
	{"rai", NULL, REDACT_LOCATION, READ_AREA, 0},
	{"tai", NULL, REDACT_LOCATION, READ_AREA, 0},
	{"location", NULL, REDACT_LOCATION, READ_AREA, 0},
	{"routing-area", NULL, REDACT_LOCATION, READ_AREA, 0},
	{"tracking-area", NULL, REDACT_LOCATION, READ_AREA, 0},
	{"area", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"tmsi", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"p-tmsi", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"p-tmsi-signature", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"m-tmsi", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"5g-tmsi", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"mme-group", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"mme-code", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"measurements", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"bcch", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"timing-advance", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"camped", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"neighbours", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"latitude", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"longitude", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"csg", NULL, REDACT_LOCATION, READ_OCTETS, 0},
	{"rand", NULL, REDACT_CHALLENGE, READ_OCTETS, 0},
	{"autn", NULL, REDACT_CHALLENGE, READ_OCTETS, 0},
	{"auts", NULL, REDACT_CHALLENGE, READ_OCTETS, 0},
	{"challenge", "", REDACT_KIND_COUNT, READ_OCTETS, 9}, /* a message with members */
	{"challenge", NULL, REDACT_CHALLENGE, READ_OCTETS, 0},
	{"euiccChallenge", NULL, REDACT_CHALLENGE, READ_OCTETS, 0},
	{"serverChallenge", NULL, REDACT_CHALLENGE, READ_OCTETS, 0},
	{"nonce", NULL, REDACT_CHALLENGE, READ_OCTETS, 0},
	{"res", NULL, REDACT_RESPONSE, READ_OCTETS, 0},
	{"sres", NULL, REDACT_RESPONSE, READ_OCTETS, 0},
	{"cryptogram", NULL, REDACT_RESPONSE, READ_OCTETS, 0},
	{"wrapped-key", NULL, REDACT_KEY, READ_OCTETS, 0},
	{"euiccOtpk", NULL, REDACT_TRANSACTION, READ_POINT, 0},
	{"bppEuiccOtpk", NULL, REDACT_TRANSACTION, READ_POINT, 0},
	{"smdpOtpk", NULL, REDACT_TRANSACTION, READ_POINT, 0},
	{"card-otpk", NULL, REDACT_TRANSACTION, READ_POINT, 0},
	{"operator-otpk", NULL, REDACT_TRANSACTION, READ_POINT, 0},
	{"transactionId", NULL, REDACT_TRANSACTION, READ_OCTETS, 0},
	{"hashCc", NULL, REDACT_TRANSACTION, READ_OCTETS, 0},
	{"b-tid", NULL, REDACT_TRANSACTION, READ_TEXT, 0},
	{"matchingId", NULL, REDACT_TRANSACTION, READ_TEXT, 0},
	{"token", NULL, REDACT_TRANSACTION, READ_TEXT, 0},
	{"notificationAddress", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"serverAddress", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"smdpAddress", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"defaultDpAddress", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"rootDsAddress", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"setDefaultDpAddress", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"discoveryBaseURL", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"uri", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"url", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"nai", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"impi", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"impu", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"domain", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"p-cscf", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"epdg", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"email", "type-1", REDACT_KIND_COUNT, READ_OCTETS, 0}, /* a file's identifier */
	{"email", "type-2", REDACT_KIND_COUNT, READ_OCTETS, 0},
	{"email", "type-3", REDACT_KIND_COUNT, READ_OCTETS, 0},
	{"email", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"apn", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"dnn", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"network", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"login", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"user", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"pseudonym", NULL, REDACT_ADDRESS, READ_TEXT, 0},
	{"profileNickname", NULL, REDACT_NAME, READ_TEXT, 0},
	{"profileName", NULL, REDACT_NAME, READ_TEXT, 0},
	{"serviceProviderName", NULL, REDACT_NAME, READ_TEXT, 0},
	{"name", "asked", REDACT_KIND_COUNT, READ_OCTETS, 0},
	{"name", NULL, REDACT_NAME, READ_ALPHA, 0},
	{"full", NULL, REDACT_NAME, READ_CODED, 0},
	{"short", NULL, REDACT_NAME, READ_CODED, 0},
	{"alpha", NULL, REDACT_NAME, READ_ALPHA, 0},
	{"default-text", NULL, REDACT_MESSAGE, READ_CODED, 0},
	{"item", NULL, REDACT_MESSAGE, READ_ITEM, 0},
	{"text", NULL, REDACT_MESSAGE, READ_OCTETS, 0},
	{"page", NULL, REDACT_MESSAGE, READ_OCTETS, 0},
	{"eumCertificate", NULL, REDACT_CERTIFICATE, READ_CERTIFICATE, 0},
	{"euiccCertificate", NULL, REDACT_CERTIFICATE, READ_CERTIFICATE, 0},
	{"smdpCertificate", NULL, REDACT_CERTIFICATE, READ_CERTIFICATE, 0},
	{"serverCertificate", NULL, REDACT_CERTIFICATE, READ_CERTIFICATE, 0},
	{"certificate", NULL, REDACT_CERTIFICATE, READ_CERTIFICATE, 0},
};

/* One exchange that is looked at. */
struct collector {
	struct originals *originals;
	const struct decode_item *item;
	uint64_t from, to;
	bool keeps_network;
	unsigned depth;
	const char *keys[DEPTH_MAX];
};

static bool is_part(struct slice inner, struct slice outer)
{
	return inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len;
}

/* raw: as it stands in the exchange. */
static void give_found(struct collector *c, struct original_found f, struct slice raw)
{
	f.raw = raw;
	f.from = c->from;
	f.to = c->to;
	if (c->item->data.len && is_part(raw, c->item->data))
		f.data = c->item->data;
	else if (c->item->answer.len && is_part(raw, c->item->answer))
		f.data = c->item->answer;
	originals_take(c->originals, &f);
}

static void give_octets(struct collector *c, enum redact_kind kind, enum standin_as as,
			struct slice raw)
{
	give_found(c, (struct original_found){.kind = kind, .as = as, .value = raw}, raw);
}

/* Digits up to the first that is none; skip: halves in front of them. */
static size_t read_digits(struct slice raw, bool lower_first, size_t skip,
			  uint8_t out[static DIGITS_MAX])
{
	size_t n = 0;

	for (size_t i = skip; i < 2 * raw.len && n < DIGITS_MAX; i++) {
		uint8_t octet = slice_at(raw, i / 2);
		unsigned half = (i % 2 == 0) == lower_first ? octet & 0xFu : octet >> 4;

		if (half > 9)
			break;
		out[n++] = (uint8_t)('0' + half);
	}
	return n;
}

static void give_digits(struct collector *c, enum redact_kind kind, bool lower_first, size_t skip,
			struct slice raw)
{
	static const enum standin_as as[REDACT_KIND_COUNT] = {
		[REDACT_IMSI] = STANDIN_IMSI,	  [REDACT_ICCID] = STANDIN_ICCID,
		[REDACT_EID] = STANDIN_EID,	  [REDACT_IMEI] = STANDIN_IMEI,
		[REDACT_NUMBER] = STANDIN_DIGITS,
	};
	uint8_t digits[DIGITS_MAX];
	size_t n = read_digits(raw, lower_first, skip, digits);
	struct original_found f = {.kind = kind, .how = SEARCH_DIGITS, .as = as[kind]};

	f.value = slice_make(digits, n);
	if ((kind == REDACT_EID && n != 2 * EID_LEN) || (kind != REDACT_NUMBER && n < 10))
		give_octets(c, kind, STANDIN_BCD, raw);
	else if (n)
		give_found(c, f, raw);
	secret_wipe(digits, sizeof(digits));
}

/* TS 24.008 10.5.1.4 has the type beside the first digit; SGP.22 4.2 has no type, and F at the end.
 */
static void give_imei(struct collector *c, struct slice raw)
{
	unsigned type = slice_at(raw, 0) & 7u, last = slice_at(raw, IMEI_LEN - 1) >> 4;
	bool typed = raw.len > IMEI_LEN ||
		     ((type == TYPE_IMEI || type == TYPE_IMEISV) && last != FILLER);

	give_digits(c, REDACT_IMEI, true, typed ? 1 : 0, raw);
}

static void give_number(struct collector *c, enum redact_kind kind, struct slice raw)
{
	struct slice digits = slice_sub(raw, 1, raw.len);

	if (slice_at(raw, 0) <= NUMBER_MAX && slice_at(raw, 1) & TON_SET)
		digits = slice_sub(raw, 2, slice_at(raw, 0) - 1u);
	else if (!(slice_at(raw, 0) & TON_SET))
		digits = raw; /* an alphabetic one, or one of another form */
	if (slice_at(digits, 0) == 0xFF)
		return;
	if (digits.ptr == raw.ptr || (slice_at(raw, 0) & 0x70) == 0x50)
		give_octets(c, kind, STANDIN_BCD, digits);
	else
		give_digits(c, kind, true, 0, digits);
}

static bool is_printable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (slice_at(s, i) < ' ' || slice_at(s, i) > '~')
			return false;
	}
	return s.len > 0;
}

/* The text, or what stands behind the tag and the length of an object that holds it. */
static void give_text(struct collector *c, enum redact_kind kind, struct slice raw)
{
	struct slice text = raw;
	size_t n = 0;

	if (raw.len > 2 && slice_at(raw, 0) & 0x80 && slice_at(raw, 1) <= raw.len - 2)
		text = slice_sub(raw, 2, slice_at(raw, 1));
	while (n < text.len && slice_at(text, n) != 0xFF)
		n++;
	text = slice_sub(text, 0, n);
	if (is_printable(text))
		give_found(c,
			   (struct original_found){.kind = kind,
						   .how = SEARCH_TEXT,
						   .as = STANDIN_TEXT,
						   .value = text},
			   text);
	else
		give_octets(c, kind, STANDIN_TEXT, text);
}

/* TS 31.101 annex A: what says how the letters are coded stays. */
static void give_alpha(struct collector *c, struct slice raw)
{
	uint8_t first = slice_at(raw, 0);
	size_t n = 0;

	while (n < raw.len && slice_at(raw, n) != 0xFF)
		n++;
	raw = slice_sub(raw, 0, n);
	if (first >= ALPHA_UCS2 && first <= ALPHA_BASE)
		raw = slice_sub(raw,
				first == ALPHA_UCS2   ? 1
				: first == ALPHA_BASE ? 4
						      : 3,
				raw.len);
	if (raw.len)
		give_octets(c, REDACT_NAME, STANDIN_TEXT, raw);
}

static void take_part(void *ctx, const struct certificate_part *p)
{
	static const enum standin_as as[] = {
		[CERTIFICATE_NUMBER] = STANDIN_INTEGER,
		[CERTIFICATE_POINT] = STANDIN_POINT,
		[CERTIFICATE_OCTETS] = STANDIN_OCTETS,
	};
	struct collector *c = ctx;
	struct original_found f = {.kind = REDACT_CERTIFICATE, .value = p->octets};

	if (p->is == CERTIFICATE_EID) {
		f = (struct original_found){.kind = REDACT_EID,
					    .how = SEARCH_DIGITS,
					    .as = STANDIN_EID,
					    .value = p->octets};
	} else if (p->is == CERTIFICATE_HOST) {
		f = (struct original_found){.kind = REDACT_ADDRESS,
					    .how = SEARCH_TEXT,
					    .as = STANDIN_TEXT,
					    .value = p->octets};
	} else {
		f.as = as[p->is];
	}
	give_found(c, f, p->octets);
}

static void give_area(struct collector *c, enum redact_kind kind, struct slice raw)
{
	if (raw.len < PLMN_LEN || slice_at(raw, 0) == 0xFF)
		return;
	if (kind == REDACT_NETWORK && c->keeps_network)
		return;
	if (kind == REDACT_LOCATION) {
		give_octets(c, kind, STANDIN_AREA, raw);
		return;
	}
	for (size_t at = 0; raw.len - at >= PLMN_LEN; at += raw.len == PLMN_LEN ? PLMN_LEN : 5)
		give_octets(c, kind, STANDIN_PLMN, slice_sub(raw, at, PLMN_LEN));
}

static void take_node_by(struct collector *c, const struct row *r, struct slice raw)
{
	switch (r->reading) {
	case READ_OCTETS: give_octets(c, r->kind, STANDIN_OCTETS, raw); break;
	case READ_IMSI: give_digits(c, r->kind, true, 3, raw); break;
	case READ_SWAPPED: give_digits(c, r->kind, true, 0, raw); break;
	case READ_BCD: give_digits(c, r->kind, false, 0, raw); break;
	case READ_IMEI: give_imei(c, raw); break;
	case READ_NUMBER: give_number(c, r->kind, raw); break;
	case READ_TEXT: give_text(c, r->kind, raw); break;
	case READ_ALPHA:
		if (!c->keeps_network || strcmp(c->keys[c->depth ? c->depth - 1 : 0], "spn") != 0)
			give_alpha(c, raw);
		break;
	case READ_CODED: give_octets(c, r->kind, STANDIN_OCTETS, slice_sub(raw, 1, raw.len)); break;
	case READ_ITEM: give_octets(c, r->kind, STANDIN_TEXT, slice_sub(raw, 1, raw.len)); break;
	case READ_AREA: give_area(c, r->kind, raw); break;
	case READ_POINT: give_octets(c, r->kind, STANDIN_POINT, raw); break;
	case READ_CERTIFICATE:
		certificate_parts(raw, &(struct certificate_sink){take_part, c});
		break;
	}
}

/* "smdpSignature2", "signature", and these; not "euiccSigned1" or "euiccCiPKIdListForSigning" */
static bool is_signature(const char *key)
{
	return strstr(key, "ignature") || strcmp(key, "smdpSign") == 0 ||
	       strcmp(key, "euiccSignPIR") == 0;
}

static void enter_node(void *ctx, const struct tree_node *n)
{
	struct collector *c = ctx;
	const char *above = c->depth ? c->keys[(c->depth - 1) % DEPTH_MAX] : "";

	c->keys[c->depth++ % DEPTH_MAX] = n->key;
	if (!n->raw.len)
		return;
	if (is_signature(n->key) && n->raw.len >= SIGNATURE_MIN && n->raw.len <= SIGNATURE_MAX) {
		give_octets(c, REDACT_SIGNATURE, STANDIN_OCTETS, n->raw);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].key, n->key) != 0 ||
		    (rows[i].above && strcmp(rows[i].above, above) != 0) ||
		    n->raw.len < rows[i].least)
			continue;
		if (rows[i].kind == REDACT_KIND_COUNT)
			return;
		/* that of a proactive command has its coding in front */
		take_node_by(c, &rows[i],
			     strcmp(n->name, "Text string") == 0 ? slice_sub(n->raw, 1, n->raw.len)
								 : n->raw);
		return;
	}
}

static void leave_node(void *ctx)
{
	struct collector *c = ctx;

	c->depth--;
}

static size_t count_hidden(struct slice is, struct slice shown)
{
	size_t n = 0;

	for (size_t i = 0; i < is.len; i++)
		n += slice_at(is, i) != slice_at(shown, i);
	return n;
}

static void give_secret(struct collector *c, struct original_found f, struct slice data)
{
	f.raw = f.value;
	f.data = data;
	f.from = c->from;
	f.to = c->to;
	originals_take(c->originals, &f);
}

static bool are_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!isdigit(slice_at(s, i)))
			return false;
	}
	return true;
}

/*
 * TS 102 221 9.5.1: eight octets each, the last ones FF. Digits become digits, for they may also
 * stand in words; fewer than all eight are no octets to look for.
 */
static void take_codes(struct collector *c, struct slice data)
{
	for (size_t at = 0; at < data.len; at += SEARCH_CODE_MAX) {
		struct slice code = slice_sub(data, at, SEARCH_CODE_MAX);
		bool whole = code.len == SEARCH_CODE_MAX;
		struct original_found f = {.kind = REDACT_CODE, .as = STANDIN_SECRET};

		while (code.len && slice_at(code, code.len - 1) == BLANK)
			code = slice_sub(code, 0, code.len - 1);
		f.value = code;
		if (are_digits(code)) {
			f.as = STANDIN_DIGITS;
			f.how = whole && code.len >= SEARCH_CODE_MIN ? SEARCH_CODE : SEARCH_OCTETS;
		}
		f.only_there = f.how != SEARCH_CODE && code.len < SEARCH_CODE_MAX;
		give_secret(c, f, data);
	}
}

/* GlobalPlatform 11.8.2.3: a version, then of each key its type, itself, and its check value. */
static void take_put_keys(struct collector *c, struct slice data)
{
	const struct original_found f = {.kind = REDACT_KEY, .as = STANDIN_SECRET};
	struct original_found all = f;
	struct cursor in = cursor_of(slice_sub(data, 1, data.len));

	while (cursor_left(&in) > 2 && cursor_u8(&in) != KEY_TYPE_EXTENDED) {
		for (unsigned part = 0; part < 2 && cursor_left(&in); part++) {
			size_t n = cursor_u8(&in);
			struct original_found one = f;

			if (n > cursor_left(&in))
				break;
			one.value = cursor_take(&in, n);
			if (slice_at(one.value, 0) == n - 1) /* the length of one that is padded */
				one.value = slice_sub(one.value, 1, n);
			if (n)
				give_secret(c, one, data);
		}
	}
	/* however it is made: nothing of it stays */
	all.value = slice_sub(data, 1, data.len);
	give_secret(c, all, data);
}

/* Octets that the decoder does not show: in runs, as they are and as they are shown. */
static void take_hidden(struct collector *c, struct slice is, struct slice shown)
{
	if (is.len != shown.len || count_hidden(is, shown) < HIDDEN_MIN)
		return; /* the number of a key that is not there */
	for (size_t at = 0; at < is.len;) {
		size_t n = 0;

		while (at + n < is.len && slice_at(is, at + n) != slice_at(shown, at + n))
			n++;
		if (n) {
			const struct original_found f = {.kind = REDACT_KEY,
							 .as = STANDIN_SECRET,
							 .value = slice_sub(is, at, n)};

			give_secret(c, f, is);
		}
		at += n ? n : 1;
	}
}

static bool has_digits(struct slice bcd)
{
	for (size_t i = 0; i < bcd.len; i++) {
		if ((slice_at(bcd, i) & 0xF) > 9 || slice_at(bcd, i) >> 4 > 9)
			return i == bcd.len - 1;
	}
	return true;
}

/* Identities by their tags, whatever stands around them. */
static void take_tagged(struct collector *c, struct slice all)
{
	for (size_t at = 0; at + 2 < all.len; at++) {
		struct slice value = slice_sub(all, at + 2, slice_at(all, at + 1));

		if (slice_at(all, at) != ICCID_TAG || value.len != slice_at(all, at + 1))
			continue;
		if (value.len == ICCID_LEN && slice_at(value, 0) == ICCID_BEGINS &&
		    has_digits(value))
			give_digits(c, REDACT_ICCID, true, 0, value);
		if (value.len == EID_LEN && slice_at(value, 0) == EID_BEGINS && has_digits(value))
			give_digits(c, REDACT_EID, false, 0, value);
	}
}

void collect_item(struct originals *o, const struct decode_item *item, uint64_t from, uint64_t to,
		  bool keeps_network)
{
	struct collector c = {.originals = o,
			      .item = item,
			      .from = from,
			      .to = to,
			      .keeps_network = keeps_network};
	const struct tree t = {
		.open = enter_node, .close = leave_node, .ctx = &c, .wordless = true};

	if (!item->exchange)
		return;
	if (item->command && command_hides(item->exchange->apdu.ins) == COMMAND_HIDES_DATA)
		take_codes(&c, item->exchange->apdu.data);
	else if (item->command && item->command->ins == INS_PUT_KEY)
		take_put_keys(&c, item->exchange->apdu.data);
	else
		take_hidden(&c, item->exchange->apdu.data, item->data);
	take_hidden(&c, item->exchange->answer, item->answer);
	take_tagged(&c, item->data);
	take_tagged(&c, item->answer);
	decode_tell(item, &t);
}
