/* what an auditor's keys open: secure channels, secured packets, bound profile packages, against
 * published and computed vectors */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/bsp.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/decode/show/opened.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/open/crc.h"
#include "lib/trace/open/opener.h"
#include "lib/trace/open/scp80.h"
#include "lib/uicc/apdu.h"
#include "tests/unit/support/spoken.h"

#define LINE_MAX 4096

static const char *text_of(const json_t *v, const char *key)
{
	const char *text = json_string_value(json_object_get(v, key));

	return text ? text : "";
}

static struct trace_keys *keys_of(const char *text)
{
	struct trace_keys *keys = NULL;
	struct keys_error why;

	ASSERT_ERR(keys_parse(slice_str(text), &keys, &why), ERR_OK);
	return keys;
}

/* An exchange of octets in hex. */
static void take_hex(struct opener *o, const char *command, const char *answer, uint16_t sw,
		     struct opened *out)
{
	struct exchange x = {.has_sw = true, .sw = sw};

	ASSERT_ERR(apdu_parse(test_unhex(command), &x.apdu), ERR_OK);
	x.answer = test_unhex(answer);
	opener_take(o, &x, out);
}

static void check_step(struct opener *o, const json_t *step, unsigned level)
{
	const char *wrapped = text_of(step, "wrapped"), *answer = text_of(step, "response_wrapped");
	uint16_t sw =
		*text_of(step, "sw") ? (uint16_t)strtoul(text_of(step, "sw"), NULL, 16) : SW_OK;
	struct opened out;
	struct apdu plain;

	take_hex(o, wrapped, answer, sw, &out);
	ASSERT_ERR(apdu_parse(test_unhex(text_of(step, "plain")), &plain), ERR_OK);
	CU_ASSERT_EQUAL(out.command_mac, OPENED_RIGHT);
	CU_ASSERT_TRUE(out.has_data);
	CU_ASSERT_EQUAL(out.level, level);
	ASSERT_OCTETS(out.data, plain.data, wrapped);
	if (!*answer || !(level & 0x10))
		return;
	CU_ASSERT_EQUAL(out.answer_mac, OPENED_RIGHT);
	ASSERT_OCTETS(out.answer, test_unhex(text_of(step, "response_plain")), answer);
}

static void check_channel(const char *kind, const json_t *v)
{
	char line[LINE_MAX];
	struct trace_keys *keys;
	struct opener *o;
	struct opened out;
	unsigned level = (unsigned)strtoul(text_of(v, "security_level"), NULL, 16);
	const json_t *step;
	size_t i;

	snprintf(line, sizeof(line), "%s * %s %s %s\n", kind, text_of(v, "key_enc"),
		 text_of(v, "key_mac"), text_of(v, "key_dek"));
	keys = keys_of(line);
	o = opener_open(keys);
	take_hex(o, text_of(v, "initialize_update"), text_of(v, "initialize_update_response"),
		 SW_OK, &out);
	CU_ASSERT_EQUAL(out.card_cryptogram, OPENED_RIGHT);
	take_hex(o, text_of(v, "external_authenticate"), "", SW_OK, &out);
	CU_ASSERT_EQUAL(out.host_cryptogram, OPENED_RIGHT);
	CU_ASSERT_EQUAL(out.command_mac, OPENED_RIGHT);
	json_array_foreach(json_object_get(v, "steps"), i, step) check_step(o, step, level);
	/* a command that was changed */
	take_hex(o, "84F2200208000000000000000000", "", SW_OK, &out);
	CU_ASSERT_EQUAL(out.command_mac, OPENED_WRONG);
	CU_ASSERT_FALSE(out.has_data);
	opener_reset(o, 0);
	take_hex(o, "84F2200208000000000000000000", "", SW_OK, &out);
	CU_ASSERT_EQUAL(out.command_mac, OPENED_NOT_CHECKED);
	CU_ASSERT_PTR_NOT_NULL(out.fault);
	opener_close(&o);
	keys_free(&keys);
}

static void test_channels(void)
{
	static const char *const kinds[] = {"scp02", "scp03"};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		json_t *all = test_vectors(kinds[k]), *v;
		size_t i;

		json_array_foreach(json_object_get(all, "vectors"), i, v)
			check_channel(kinds[k], v);
		CU_ASSERT(i > 0);
		json_decref(all);
	}
}

/* A ciphered session under the keys of the published vector: computed by another implementation
 * (the MAC is over what is clear, E.4.4; the data are ciphered afterwards, E.4.6). */
static void test_ciphered_scp02(void)
{
	static const struct {
		const char *wrapped, *plain;
	} steps[] = {
		{"84f22002182ff978ed68095d3b4480581a4736a184e25d4e62ec6ca01b",
		 "4f0212345c054f9f70c5"},
		{"84f220020858188832de8e3155", ""},
		{"84e4000018b4e6fedb054842e4e7855cd563a9082364afce1cfe25aeb6",
		 "4f08a000000151000000"},
	};
	json_t *all = test_vectors("scp02"),
	       *v = json_array_get(json_object_get(all, "vectors"), 0);
	struct trace_keys *keys = keys_of("scp02 70 100102030405060708090a0b0c0d0e0f "
					  "101102030405060708090a0b0c0d0e0f\n");
	struct opener *o = opener_open(keys);
	struct opened out;

	take_hex(o, text_of(v, "initialize_update"), text_of(v, "initialize_update_response"),
		 SW_OK, &out);
	CU_ASSERT_EQUAL(out.card_cryptogram, OPENED_RIGHT);
	take_hex(o, "8482030010ba6961667737c5bc657e3e6189f4d2fa", "", SW_OK, &out);
	CU_ASSERT_EQUAL(out.command_mac, OPENED_RIGHT);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		take_hex(o, steps[i].wrapped, "", SW_OK, &out);
		CU_ASSERT_EQUAL(out.command_mac, OPENED_RIGHT);
		CU_ASSERT_EQUAL(out.level, 0x03);
		ASSERT_OCTETS(out.data, test_unhex(steps[i].plain), steps[i].wrapped);
	}
	opener_close(&o);
	keys_free(&keys);
	json_decref(all);
}

/* R-MACs under the keys of the published vector, computed by another implementation (Python,
 * openssl) after GPCS 2.3.1 E.4.1, E.4.4, E.4.5; the first ICV as GlobalPlatformPro has it. */
static void test_r_macs_scp02(void)
{
	static const struct {
		const char *wrapped, *answer, *plain;
		uint16_t sw;
		bool anew; /* INITIALIZE UPDATE in front of it */
		enum opened_check check;
	} steps[] = {
		{"8482110010ba6961667737c5bc8eb089e7f2a9e772", "", "", 0x9000, true,
		 OPENED_NOT_CHECKED},
		{"84f22002081c4fc9edd77e3944", "4f08a0000001510000005ef6a19760615941",
		 "4f08a000000151000000", 0x9000, false, OPENED_RIGHT},
		{"84f22002124f0212345c054f9f70c5531f41e86f637a3a", "50eab8e894d9792a", "", 0x9000,
		 false, OPENED_RIGHT},
		{"84ca006608bda084830ff09d1e", "6600884437775c41a2e0", "6600", 0x6310, false,
		 OPENED_RIGHT},
		/* another status word; an answer that is too short */
		{"8482110010ba6961667737c5bc8eb089e7f2a9e772", "", "", 0x9000, true,
		 OPENED_NOT_CHECKED},
		{"84f22002081c4fc9edd77e3944", "4f08a0000001510000005ef6a19760615941", "", 0x6310,
		 false, OPENED_WRONG},
		{"84f22002124f0212345c054f9f70c5531f41e86f637a3a", "50eab8e8", "", 0x9000, false,
		 OPENED_WRONG},
		/* for a while: BEGIN and END R-MAC SESSION */
		{"8482010010ba6961667737c5bcebece14c7d6a4376", "", "", 0x9000, true,
		 OPENED_NOT_CHECKED},
		{"84f220020814db34fa4341dca8", "4f00", "", 0x9000, false, OPENED_NOT_CHECKED},
		{"847a100108c9782a44f3a50976", "", "", 0x9000, false, OPENED_NOT_CHECKED},
		{"84f2200208011d32d0eba4d054", "4f00dc2f826523eea516", "4f00", 0x9000, false,
		 OPENED_RIGHT},
		{"8478000308516b38692d163c72", "dc2f826523eea516", "", 0x9000, false,
		 OPENED_NOT_CHECKED},
		{"84f2200208345e954efb3ccdfb", "4f00", "", 0x9000, false, OPENED_NOT_CHECKED},
	};
	json_t *all = test_vectors("scp02"),
	       *v = json_array_get(json_object_get(all, "vectors"), 0);
	struct trace_keys *keys = keys_of("scp02 70 100102030405060708090a0b0c0d0e0f "
					  "101102030405060708090a0b0c0d0e0f\n");
	struct opener *o = opener_open(keys);
	struct opened out;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (steps[i].anew)
			take_hex(o, text_of(v, "initialize_update"),
				 text_of(v, "initialize_update_response"), SW_OK, &out);
		take_hex(o, steps[i].wrapped, steps[i].answer, steps[i].sw, &out);
		CU_ASSERT_EQUAL(out.command_mac, OPENED_RIGHT);
		CU_ASSERT_EQUAL(out.answer_mac, steps[i].check);
		CU_ASSERT_EQUAL(out.has_answer, steps[i].check == OPENED_RIGHT);
		ASSERT_OCTETS(out.answer, test_unhex(steps[i].plain), steps[i].wrapped);
	}
	opener_close(&o);
	keys_free(&keys);
	json_decref(all);
}

static void test_other_keys(void)
{
	json_t *all = test_vectors("scp03"),
	       *v = json_array_get(json_object_get(all, "vectors"), 0);
	struct trace_keys *keys = keys_of("scp03 * 00000000000000000000000000000000 "
					  "00000000000000000000000000000000\n");
	struct opener *o = opener_open(keys);
	struct opened out;

	take_hex(o, text_of(v, "initialize_update"), text_of(v, "initialize_update_response"),
		 SW_OK, &out);
	CU_ASSERT_EQUAL(out.card_cryptogram, OPENED_WRONG);
	take_hex(o, text_of(v, "external_authenticate"), "", SW_OK, &out);
	CU_ASSERT_EQUAL(out.by, OPENED_NOT);
	CU_ASSERT_PTR_NOT_NULL(out.fault);
	opener_close(&o);
	keys_free(&keys);
	json_decref(all);
}

static void check_packet(const json_t *v)
{
	const json_t *response = json_object_get(v, "response");
	struct slice command = test_unhex(text_of(v, "command_packet")), apdu;
	struct wbuf mem = wbuf_grow(LINE_MAX);
	struct scp80_wish wish = {.is_known = false};
	struct opened_packet out;
	struct trace_keys *keys;
	char line[LINE_MAX];

	snprintf(line, sizeof(line), "scp80 %s %s %s %s\n", text_of(v, "kic"), text_of(v, "kid"),
		 text_of(v, "kic_key"), text_of(v, "kid_key"));
	keys = keys_of(line);
	apdu = test_unhex(text_of(v, "apdu"));
	scp80_open_command(keys, command, &mem, &out, &wish);
	CU_ASSERT_TRUE(out.has_plain);
	ASSERT_OCTETS(out.plain, apdu, text_of(v, "id"));
	CU_ASSERT_EQUAL(out.counter, strtoull(text_of(v, "cntr"), NULL, 16));
	CU_ASSERT_EQUAL(out.check, *text_of(v, "cc") ? OPENED_RIGHT : OPENED_NOT_CHECKED);
	if (response && *text_of(v, "response_packet")) {
		scp80_open_response(keys, test_unhex(text_of(v, "response_packet")), &wish, &mem,
				    &out);
		CU_ASSERT_TRUE(out.has_plain);
		ASSERT_OCTETS(out.plain, test_unhex(text_of(response, "secured_data")),
			      text_of(v, "id"));
		CU_ASSERT_EQUAL(out.check,
				*text_of(response, "cc") ? OPENED_RIGHT : OPENED_NOT_CHECKED);
	}
	/* cut anywhere, it is no packet, and nothing is read past its end */
	for (size_t n = 0; n < command.len; n++) {
		scp80_open_command(keys, slice_sub(command, 0, n), &mem, &out, &wish);
		CU_ASSERT_FALSE(out.has_plain);
	}
	wbuf_free(&mem);
	keys_free(&keys);
}

static void test_packets(void)
{
	json_t *all = test_vectors("scp80_ota"), *v;
	size_t i;

	json_array_foreach(json_object_get(all, "vectors"), i, v) check_packet(v);
	CU_ASSERT(i > 0);
	json_decref(all);
}

/* TS 102 225 annex B, and the check values of the catalogue of CRCs (X-25, ISO-HDLC) */
static void test_redundancy_sums(void)
{
	CU_ASSERT_EQUAL(crc16_sum(test_unhex("0102030405")), 0x22EC);
	CU_ASSERT_EQUAL(crc32_sum(test_unhex("0102030405")), 0x470B99F4);
	CU_ASSERT_EQUAL(crc16_sum(slice_str("123456789")), 0x906E);
	CU_ASSERT_EQUAL(crc32_sum(slice_str("123456789")), 0xCBF43926);
	CU_ASSERT_EQUAL(crc16_sum(SLICE_EMPTY), 0);
}

/* Packets with RC and DS, computed by another implementation (Python: zlib, openssl). */
static void test_redundancy(void)
{
	static const struct {
		const char *packet;
		enum opened_integrity integrity;
		enum opened_check check;
	} rows[] = {
		{"00140f01000001b00010000000010200b93880f2000c", INTEGRITY_RC, OPENED_RIGHT},
		{"00161101000005b00010000000010200f34a1fa180f2000c", INTEGRITY_RC, OPENED_RIGHT},
		/* the KID leaves the algorithm open, says another one, says one of its own */
		{"00161101000000b0001000000001020077e971cc80f2000c", INTEGRITY_RC, OPENED_RIGHT},
		{"00161101000001b0001000000001020077e971cc80f2000c", INTEGRITY_RC,
		 OPENED_NOT_CHECKED},
		{"00161101000003b0001000000001020077e971cc80f2000c", INTEGRITY_RC,
		 OPENED_NOT_CHECKED},
		{"00181105001205b0001003abeb9ecdbb84355359805bc49c9b1d", INTEGRITY_RC,
		 OPENED_RIGHT},
		{"00171203000000b00010000000010200010203040580f2000c", INTEGRITY_DS,
		 OPENED_NOT_CHECKED},
		/* one bit of the data is another one */
		{"00140f01000001b00010000000010200b93880f2000d", INTEGRITY_RC, OPENED_WRONG},
		{"00161101000005b00010000000010200f34a1fa180f2000d", INTEGRITY_RC, OPENED_WRONG},
	};
	struct trace_keys *keys = keys_of("scp80 12 05 200102030405060708090a0b0c0d0e0f -\n");
	struct wbuf mem = wbuf_grow(LINE_MAX);
	struct scp80_wish wish;
	struct opened_packet out;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *hex = rows[i].packet;

		scp80_open_command(keys, test_unhex(hex), &mem, &out, &wish);
		CU_ASSERT_EQUAL(out.integrity, rows[i].integrity);
		CU_ASSERT_EQUAL(out.check, rows[i].check);
		CU_ASSERT_EQUAL(!out.unchecked, rows[i].check != OPENED_NOT_CHECKED);
		CU_ASSERT_EQUAL(out.has_plain, rows[i].check != OPENED_WRONG);
		if (out.has_plain)
			ASSERT_OCTETS(out.plain, test_unhex("80f2000c"), hex);
		else
			CU_ASSERT_PTR_NOT_NULL(out.fault);
	}
	wish = (struct scp80_wish){.is_known = true, .spi_2 = 0x05, .kid = 0x05};
	scp80_open_response(keys, test_unhex("00120eb00010000000010200003f666e51029000"), &wish,
			    &mem, &out);
	CU_ASSERT_EQUAL(out.check, OPENED_RIGHT);
	ASSERT_OCTETS(out.plain, test_unhex("029000"), "of a response");
	wbuf_free(&mem);
	keys_free(&keys);
}

/* A message in STORE DATA, whole as decode joins it */
static void take_message(struct opener *o, struct slice message, struct opened *out)
{
	struct exchange x = {.apdu = {.cla = 0x81, .ins = 0xE2, .p1 = 0x91, .data = message},
			     .has_sw = true,
			     .sw = SW_OK};

	opener_take(o, &x, out);
}

static void test_package(void)
{
	json_t *all = test_vectors("bsp_scp03t"), *v = NULL;
	struct trace_keys *keys;
	struct opener *o;
	struct opened out;
	struct slice bpp;
	char line[LINE_MAX];
	size_t i;

	json_array_foreach(json_object_get(all, "vectors"), i, v)
	{
		if (strcmp(text_of(v, "id"), "pysim-full-bpp") == 0)
			break;
	}
	/* its transaction, SGP.22 5.5.1 */
	snprintf(line, sizeof(line), "bsp df9c0ef4041a47ee9bfdcf0ab10770ed %s %s %s\n",
		 text_of(v, "s_enc"), text_of(v, "s_mac"), text_of(v, "initial_mcv"));
	keys = keys_of(line);
	o = opener_open(keys);
	bpp = test_unhex(text_of(v, "bpp"));
	take_message(o, bpp, &out);
	CU_ASSERT_EQUAL(out.by, OPENED_PACKAGE);
	CU_ASSERT(out.segment_count >= 2);
	CU_ASSERT_EQUAL(out.segments[0].mac, OPENED_RIGHT);
	ASSERT_OCTETS(out.segments[0].plain, test_unhex(text_of(v, "configure_isdp")), "87");
	CU_ASSERT_EQUAL(out.segments[1].mac, OPENED_RIGHT);
	ASSERT_OCTETS(out.segments[1].plain, test_unhex(text_of(v, "store_metadata")), "88");
	opener_close(&o);
	keys_free(&keys);
	json_decref(all);
}

/* A package of ours, protected by lib/rsp/bsp: keys that are replaced, and elements cut anywhere.
 */
struct bound {
	struct bsp *bsp;
	struct wbuf text; /* the message that is built */
};

#define TRANSACTION   "0102030405060708090a0b0c0d0e0f10"
#define SESSION_ENC   "000102030405060708090a0b0c0d0e0f"
#define SESSION_MAC   "101112131415161718191a1b1c1d1e1f"
#define SESSION_CHAIN "202122232425262728292a2b2c2d2e2f"
#define PROFILE_ENC   "303132333435363738393a3b3c3d3e3f"
#define PROFILE_MAC   "404142434445464748494a4b4c4d4e4f"
#define PROFILE_CHAIN "505152535455565758595a5b5c5d5e5f"
#define METADATA_1    "BF2502"
#define METADATA_2    "5A00"

static struct slice whole(struct bound *b, const char *head, uint8_t tag, const char *plain)
{
	enum err e = ERR_OK;

	wbuf_reset(&b->text);
	wbuf_put(&b->text, test_unhex(head));
	if (tag == 0x88)
		e = bsp_protect_mac_only(b->bsp, tag, test_unhex(plain), &b->text);
	else if (tag)
		e = bsp_protect(b->bsp, tag, test_unhex(plain), &b->text);
	ASSERT_ERR(e, ERR_OK);
	return wbuf_slice(&b->text);
}

static void check_segment(struct opener *o, struct slice message, const char *plain)
{
	struct opened out;

	take_message(o, message, &out);
	CU_ASSERT_EQUAL(out.segment_count, 1);
	CU_ASSERT_EQUAL(out.segments[0].mac, OPENED_RIGHT);
	ASSERT_OCTETS(out.segments[0].plain, test_unhex(plain), plain);
}

static void tells(const struct opened *o, const char *lines)
{
	static struct spoken told;
	const struct tree tree = spoken_begin(&told);

	opened_tell(o, &tree);
	spoken_expect(&told, lines, "opened");
}

struct sought {
	const char *key;
	bool found;
};

static void seek_key(void *ctx, const struct tree_node *n)
{
	struct sought *s = ctx;

	s->found = s->found || strcmp(n->key, s->key) == 0;
}

static void close_any(void *ctx)
{
	(void)ctx;
}

static bool tells_key(const struct opened *o, const char *key)
{
	struct sought s = {.key = key};
	const struct tree tree = {.open = seek_key, .close = close_any, .ctx = &s};

	opened_tell(o, &tree);
	return s.found;
}

static void test_replaced_keys(void)
{
	struct trace_keys *keys =
		keys_of("bsp " TRANSACTION " " SESSION_ENC " " SESSION_MAC " " SESSION_CHAIN "\n");
	struct bound b = {.text = wbuf_grow(LINE_MAX)};
	struct opener *o = opener_open(keys);
	struct opened out;
	struct slice message;

	ASSERT_ERR(bsp_from_keys(test_unhex(SESSION_ENC), test_unhex(SESSION_MAC),
				 test_unhex(SESSION_CHAIN), &b.bsp),
		   ERR_OK);
	take_message(o, whole(&b, "BF3681B0BF23128010" TRANSACTION, 0, ""), &out);
	CU_ASSERT_EQUAL(out.by, OPENED_PACKAGE);
	check_segment(o, whole(&b, "A01A", 0x87, "BF2400"), "BF2400");
	take_message(o, whole(&b, "A11C", 0x88, METADATA_1), &out);
	ASSERT_OCTETS(out.segments[0].plain, test_unhex(METADATA_1), "the first part");
	CU_ASSERT_EQUAL(out.segments[0].metadata.len, 0);
	tells(&out, "segment-opened.plain=3 octets, which go on");
	CU_ASSERT_FALSE(tells_key(&out, "iccid"));
	take_message(o, whole(&b, "", 0x88, METADATA_2), &out);
	ASSERT_OCTETS(out.segments[0].metadata, test_unhex(METADATA_1 METADATA_2), "both parts");
	CU_ASSERT_TRUE(tells_key(&out, "iccid"));
	check_segment(o,
		      whole(&b, "A24A", 0x87,
			    "BF26368010" PROFILE_CHAIN "8110" PROFILE_ENC "8210" PROFILE_MAC),
		      "BF26368010" PROFILE_CHAIN "8110" PROFILE_ENC "8210" PROFILE_MAC);
	ASSERT_ERR(bsp_replace_keys(b.bsp, test_unhex(PROFILE_ENC), test_unhex(PROFILE_MAC),
				    test_unhex(PROFILE_CHAIN)),
		   ERR_OK);
	/* an element and the tag of the next one; its length; the rest and one more */
	check_segment(o, whole(&b, "A381A0", 0x86, "A003800101B0"), "A003800101B0");
	take_message(o, whole(&b, "", 0x86, "02"), &out);
	CU_ASSERT_EQUAL(out.element_count, 1);
	CU_ASSERT_EQUAL(out.elements[0].tag, 0xB0);
	CU_ASSERT_EQUAL(out.elements[0].len, 2);
	CU_ASSERT_EQUAL(out.elements[0].whole.len, 0);
	tells(&out, "element=PE-MF, tag B0, 2 octets, which go on");
	take_message(o, whole(&b, "", 0x86, "05"), &out);
	CU_ASSERT_EQUAL(out.element_count, 0);
	take_message(o, whole(&b, "", 0x86, "00AA00"), &out);
	CU_ASSERT_EQUAL(out.element_count, 2);
	ASSERT_OCTETS(out.elements[0].whole, test_unhex("B0020500"), "over three segments");
	tells(&out, "element=PE-MF, tag B0, 2 octets;element=PE-End, tag AA, 0 octets");
	CU_ASSERT_EQUAL(out.elements[1].tag, 0xAA);
	ASSERT_OCTETS(out.elements[1].whole, test_unhex("AA00"), "in one");
	/* a segment that was changed, and all behind it */
	message = whole(&b, "", 0x86, "AA00");
	b.text.ptr[3] ^= 1;
	take_message(o, message, &out);
	CU_ASSERT_EQUAL(out.segments[0].mac, OPENED_WRONG);
	take_message(o, whole(&b, "", 0x86, "AA00"), &out);
	CU_ASSERT_EQUAL(out.segments[0].mac, OPENED_NOT_CHECKED);
	CU_ASSERT_PTR_NOT_NULL(out.fault);
	bsp_free(&b.bsp);
	wbuf_free(&b.text);
	opener_close(&o);
	keys_free(&keys);
}

/* The eUICC's one-time key gives the session keys that the SM-DP+ has. */
static void test_one_time_key(void)
{
	static const char eid[] = "89049032123451234512345678901235";
	struct ec_key *card, *server;
	struct wbuf der = wbuf_grow(LINE_MAX), request = wbuf_grow(LINE_MAX);
	struct bound b = {.text = wbuf_grow(LINE_MAX)};
	struct bsp_shared_info info = {
		.key_type = 0x88, .key_len = 16, .host_id = slice_str("host")};
	struct secret *shared;
	struct trace_keys *keys;
	struct opener *o;
	struct opened out;
	char line[LINE_MAX], hex[LINE_MAX / 2];

	ASSERT_ERR(ec_key_generate(EC_P256, &card), ERR_OK);
	ASSERT_ERR(ec_key_generate(EC_P256, &server), ERR_OK);
	ASSERT_ERR(ec_key_save(card, &der), ERR_OK);
	ASSERT_ERR(ec_agree(server, ec_key_point(card), &shared), ERR_OK);
	info.eid = test_unhex(eid);
	ASSERT_ERR(bsp_derive(secret_slice(shared), &info, &b.bsp), ERR_OK);
	hex_encode(wbuf_slice(&der), hex, sizeof(hex));
	snprintf(line, sizeof(line), "bsp-otsk %s %s %s\n", TRANSACTION, hex, eid);
	keys = keys_of(line);
	o = opener_open(keys);
	wbuf_put(&request, test_unhex("BF3681F0BF23648010" TRANSACTION "A60C8001888101108404"));
	wbuf_put(&request, slice_str("host"));
	wbuf_put(&request, test_unhex("5F4941"));
	wbuf_put(&request, ec_key_point(server));
	take_message(o, wbuf_slice(&request), &out);
	CU_ASSERT_EQUAL(out.by, OPENED_PACKAGE);
	check_segment(o, whole(&b, "A01A", 0x87, "BF2400"), "BF2400");
	secret_free(&shared);
	ec_key_free(&card);
	ec_key_free(&server);
	bsp_free(&b.bsp);
	wbuf_free(&b.text);
	wbuf_free(&der);
	wbuf_free(&request);
	opener_close(&o);
	keys_free(&keys);
}

TEST_SUITE(trace_open, {"SCP02 and SCP03", test_channels}, {"SCP02, ciphered", test_ciphered_scp02},
	   {"SCP02, R-MACs", test_r_macs_scp02}, {"keys that do not fit", test_other_keys},
	   {"SCP80", test_packets}, {"the sums of redundancy checks", test_redundancy_sums},
	   {"redundancy checks and signatures of packets", test_redundancy},
	   {"a bound profile package", test_package},
	   {"keys that are replaced, elements that are cut", test_replaced_keys},
	   {"the one-time key of the eUICC", test_one_time_key})
