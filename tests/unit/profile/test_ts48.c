/* The GSMA's generic test profiles (TS.48): each installs, and every file reads back as it says. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/store.h"
#include "card-emu/profile/install.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/profile/upp_expect.h"
#include "tests/unit/profile/upp_notation.h"

#define AID_MAX 16

static const char *const packages[] = {
	"TS48v1_A",
	"TS48v1_B",
	"TS48V1-A-UNIQUE",
	"TS48v2_SAIP2.1_BERTLV",
	"TS48V2-SAIP2-3-NOBERTLV-UNIQUE",
	"TS48v3_SAIP2.3_BERTLV",
	"TS48v4_SAIP2.1B_NoBERTLV",
	"TS48v5_SAIP2.1A_NoBERTLV",
	"TS48v5_SAIP2.3_BERTLV_SUCI",
	"TS48v7_SAIP2.3_BERTLV_SUCI",
};

static struct slice package_of(const char *name, const char *suffix)
{
	char path[96];

	snprintf(path, sizeof(path), "rsp/upp/%s.%s", name, suffix);
	return test_shared(path);
}

/* A powered card with this profile enabled; NULL when it doesn't install. */
static struct card *card_with(struct slice package, struct wbuf *report)
{
	struct profile_record r = {.state = PROFILE_ENABLED, .isdp_aid = {1}};
	const char *dir;
	struct card *card = fixture_card(NULL, &dir);
	struct store *store = NULL;
	struct store_txn *t;
	enum err e;

	card_close(&card);
	ASSERT_ERR(store_open(dir, 0, &store), ERR_OK);
	t = store_begin(store);
	e = install_profile(&(struct install_place){t, 1, 0}, package, r.iccid, report);
	if (!e) {
		profile_put(t, 1, &r);
		e = store_commit(t);
	}
	store_close(&store);
	ASSERT_ERR(e, ERR_OK);
	return e ? NULL : fixture_reopen(dir);
}

/* Sends, fetches what waits; data lives until the next call. */
static struct slice exchange(struct card *card, const char *command, uint16_t *sw)
{
	static uint8_t mem[300];
	struct wbuf got = wbuf_init(mem, sizeof(mem));
	char fetch[16];

	ASSERT_ERR(hex_decode(fixture_send(card, command), &got), ERR_OK);
	if (mem[0] == 0x61 && got.len == 2) {
		snprintf(fetch, sizeof(fetch), "00C00000%02X", mem[1]);
		got = wbuf_init(mem, sizeof(mem));
		ASSERT_ERR(hex_decode(fixture_send(card, fetch), &got), ERR_OK);
	}
	CU_ASSERT_FATAL(got.len >= 2);
	*sw = (uint16_t)(mem[got.len - 2] << 8 | mem[got.len - 1]);
	return slice_make(mem, got.len - 2);
}

static uint16_t send(struct card *card, const char *command)
{
	uint16_t sw;

	exchange(card, command, &sw);
	return sw;
}

static struct slice select_file(struct card *card, const struct expect *x,
				const struct expect_file *f, uint16_t *sw)
{
	char adf[5] = "", aid[2 * AID_MAX + 1], command[96];
	const struct expect_file *home;

	snprintf(adf, sizeof(adf), "%.4s", f->path);
	home = expect_find(x, adf);
	CU_ASSERT_FATAL(home != NULL);
	if (!home->aid.len) {
		snprintf(command, sizeof(command), "00A40804%02zX%s", strlen(f->path) / 2 - 2,
			 f->path + 4);
		return exchange(card, strlen(f->path) == 4 ? "00A40004023F00" : command, sw);
	}
	ASSERT_ERR(hex_encode(home->aid, aid, sizeof(aid)), ERR_OK);
	snprintf(command, sizeof(command), "00A40404%02zX%s", home->aid.len, aid);
	if (strlen(f->path) == 4)
		return exchange(card, command, sw);
	CU_ASSERT_EQUAL(send(card, command), 0x9000);
	snprintf(command, sizeof(command), "00A40804%02zX7FFF%s", strlen(f->path) / 2, f->path + 4);
	return exchange(card, command, sw);
}

static void check_tlv(struct slice fcp, uint32_t tag, struct slice want, const char *what)
{
	struct slice got = SLICE_EMPTY;

	CU_ASSERT_TRUE(tlv_find(fcp, tag, &got));
	ASSERT_OCTETS(got, want, what);
}

static void check_folder(const struct expect_file *f, struct slice fcp)
{
	struct slice c6 = SLICE_EMPTY;
	struct cursor c;
	struct tlv t;
	size_t n = 0;

	CU_ASSERT_TRUE(tlv_find(fcp, 0xC6, &c6));
	c = cursor_of(c6);
	while (tlv_next(&c, &t)) {
		if (t.tag != 0x83)
			continue;
		CU_ASSERT_EQUAL(slice_at(t.value, 0), slice_at(f->refs, n));
		n++;
	}
	CU_ASSERT_EQUAL(n, f->refs.len);
	if (f->aid.len)
		check_tlv(fcp, 0x84, f->aid, f->path);
}

static void check_fcp(const struct expect_file *f, struct slice answer)
{
	uint8_t fid[] = {(uint8_t)(f->fid >> 8), (uint8_t)f->fid};
	uint8_t size[] = {(uint8_t)(f->size >> 8), (uint8_t)f->size};
	static const uint8_t activated[] = {0x05};
	struct slice fcp = SLICE_EMPTY, v = SLICE_EMPTY;

	ASSERT_ERR(tlv_only(answer, 0x62, &fcp), ERR_OK);
	CU_ASSERT_TRUE(tlv_find(fcp, 0x82, &v));
	CU_ASSERT_EQUAL(slice_at(v, 0), f->descriptor);
	if (!f->aid.len)
		check_tlv(fcp, 0x83, SLICE_OF(fid), f->path);
	check_tlv(fcp, 0x8B, f->rule, f->path);
	check_tlv(fcp, 0x8A, SLICE_OF(activated), f->path);
	if (f->descriptor == 0x78) {
		check_folder(f, fcp);
		return;
	}
	check_tlv(fcp, 0x80, SLICE_OF(size), f->path);
	if (f->sfi_given)
		check_tlv(fcp, 0x88, f->sfi, f->path);
	if (slice_at(f->special, 0)) {
		CU_ASSERT_TRUE(tlv_find(fcp, 0xA5, &v));
		check_tlv(v, 0xC0, f->special, f->path);
	}
	if (f->record_len) {
		tlv_find(fcp, 0x82, &v);
		CU_ASSERT_EQUAL(slice_at(v, 2) << 8 | slice_at(v, 3), f->record_len);
		CU_ASSERT_EQUAL(slice_at(v, 4), f->size / f->record_len);
	}
}

/* TS 102 221 9.2.7: whether the record of EF.ARR that the file names has a rule for reading. */
static bool has_read_rule(const struct expect *x, const struct expect_file *f)
{
	unsigned fid = (unsigned)slice_at(f->rule, 0) << 8 | slice_at(f->rule, 1);
	const struct expect_file *arr;
	struct cursor c;
	struct tlv t;
	char path[16];

	snprintf(path, sizeof(path), "%.4s%04X", fid == 0x2F06 ? "3F00" : f->path, fid);
	arr = expect_find(x, path);
	CU_ASSERT_FATAL(arr != NULL);
	c = cursor_of(
		slice_make(arr->content + (size_t)(slice_at(f->rule, 2) - 1) * arr->record_len,
			   arr->record_len));
	while (tlv_next(&c, &t)) {
		if (t.tag == 0x80 && slice_at(t.value, 0) & 1)
			return true;
	}
	return false;
}

static void read_back(struct card *card, const struct expect_file *f)
{
	size_t part = f->record_len ? f->record_len : 0xFF;
	struct wbuf got = wbuf_grow(EXPECT_SIZE_MAX);
	uint16_t sw = 0x9000;

	for (size_t at = 0; sw == 0x9000 && at < f->size; at += part) {
		size_t n = f->size - at < part ? f->size - at : part;
		char command[40];

		if (f->record_len)
			snprintf(command, sizeof(command), "00B2%02zX04%02zX", at / part + 1, n);
		else
			snprintf(command, sizeof(command), "00B0%04zX%02zX", at, n);
		wbuf_put(&got, exchange(card, command, &sw));
	}
	CU_ASSERT_EQUAL(sw, 0x9000);
	ASSERT_OCTETS(wbuf_slice(&got), slice_make(f->content, f->size), f->path);
	wbuf_free(&got);
}

/* The administrative keys, and the second PIN of each application and of DF.TELECOM */
static void verify_all(struct card *card, const struct expect *x)
{
	CU_ASSERT_EQUAL(send(card, "0020000A083535353535353535"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "0020000B083636363636363636"), 0x9000);
	for (size_t i = 0; i < x->count; i++) {
		const struct expect_file *f = &x->files[i];
		uint16_t sw;

		if (!f->aid.len && strcmp(f->path, "3F007F10") != 0)
			continue;
		select_file(card, x, f, &sw);
		CU_ASSERT_EQUAL(sw, 0x9000);
		CU_ASSERT_EQUAL(send(card, "00200081083131313131313131"), 0x63C2);
		CU_ASSERT_EQUAL(send(card, "002000810839393939FFFFFFFF"), 0x9000);
	}
}

static size_t check_all_files(struct card *card, const struct expect *x)
{
	size_t done = 0, refused = 0;

	CU_ASSERT_EQUAL(x->unknown_sizes, 0);
	CU_ASSERT(x->count > 200);
	verify_all(card, x);
	for (size_t i = 0; i < x->count; i++) {
		const struct expect_file *f = &x->files[i];
		uint16_t sw;
		struct slice fcp = select_file(card, x, f, &sw);

		if (sw != 0x9000)
			fprintf(stderr, "%s: %04X\n", f->path, sw);
		CU_ASSERT_EQUAL(sw, 0x9000);
		if (sw != 0x9000)
			continue;
		check_fcp(f, fcp);
		if (!has_read_rule(x, f) && f->descriptor == 0x41)
			refused +=
				send(card, "00B0000001") == 0x6982; /* of which the store tells */
		else if (f->descriptor != 0x78 && f->descriptor != 0x79)
			read_back(card, f);
		done++;
	}
	CU_ASSERT_EQUAL(done, x->count);
	CU_ASSERT(refused <= 2); /* EF.SUME, EF.SUCI_Calc_Info of DF.SAIP */
	return done - refused;
}

/* The store holds the files of the package, those that nobody may read too, and no other. */
struct counting {
	const struct store *store;
	const struct expect *x;
	size_t same;
};

static bool compare_stored(void *ctx, const char *key, struct slice value)
{
	struct counting *c = ctx;
	const char *path = strrchr(key, '/') + 1;
	const struct expect_file *f = expect_find(c->x, path);
	struct fs_file got;

	(void)value;
	CU_ASSERT(f != NULL);
	if (!f)
		return true;
	ASSERT_ERR(fs_load(c->store, 1, path, &got), ERR_OK);
	ASSERT_OCTETS(got.content, slice_make(f->content, f->size), path);
	CU_ASSERT_STRING_EQUAL(got.link, f->link);
	c->same++;
	return true;
}

static void check_store(struct slice package, const struct expect *x)
{
	struct counting c = {.x = x};
	struct store *s = NULL;
	struct store_txn *t;
	uint8_t iccid[ICCID_LEN];

	CU_ASSERT_FATAL(store_open(NULL, STORE_CREATE | STORE_MEMORY, &s) == ERR_OK);
	t = store_begin(s);
	ASSERT_ERR(install_profile(&(struct install_place){t, 1, 0}, package, iccid, NULL), ERR_OK);
	ASSERT_ERR(store_commit(t), ERR_OK);
	c.store = s;
	store_each(s, "p/01/f/", compare_stored, &c);
	CU_ASSERT_EQUAL(c.same, x->count);
	store_close(&s);
}

static void test_read_back(void)
{
	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		struct slice package = package_of(packages[i], "der");
		struct wbuf report = wbuf_grow(1024);
		struct expect *x;
		struct card *card;

		if (!package.len)
			break;
		x = expect_from_der(package);
		card = card_with(package, &report);
		if (card) {
			size_t n = check_all_files(card, x);

			CU_ASSERT(n >= x->count - 2);
			check_store(package, x);
		} else {
			char text[256] = "";

			(void)!hex_encode(wbuf_slice(&report), text, sizeof(text));
			fprintf(stderr, "%s is refused: %s\n", packages[i], text);
		}
		card_close(&card);
		free(x);
		wbuf_free(&report);
	}
}

/* TS.48 v7.0 comes with its value notation: both say the same, and the card holds what it says. */
static void test_notation(void)
{
	struct slice package = package_of("TS48v7_SAIP2.3_BERTLV_SUCI", "der");
	struct slice notation = package_of("TS48v7_SAIP2.3_BERTLV_SUCI", "txt");
	struct expect *text, *der;
	struct card *card;

	if (!package.len || !notation.len)
		return;
	text = expect_from_text(notation);
	der = expect_from_der(package);
	CU_ASSERT_EQUAL(text->count, der->count);
	for (size_t i = 0; i < text->count; i++) {
		const struct expect_file *a = &text->files[i], *b = expect_find(der, a->path);

		CU_ASSERT_FATAL(b != NULL);
		ASSERT_OCTETS(slice_make(a->content, a->size), slice_make(b->content, b->size),
			      a->path);
		CU_ASSERT_STRING_EQUAL(a->link, b->link);
	}
	card = card_with(package, NULL);
	if (card)
		check_all_files(card, text);
	card_close(&card);
	free(text);
	free(der);
}

static struct slice answer_of(struct card *card, const char *command)
{
	uint16_t sw;
	struct slice data = exchange(card, command, &sw);

	CU_ASSERT_EQUAL(sw, 0x9000);
	return data;
}

/* K of TS.48 is 00 01 .. 0F; the challenge, SQN and what follows are those of a published case. */
#define AUTHENTICATE                                                                               \
	"0088008122 10 00000000000000000000000000000000 10 0304050607F790010001020304FA9606"
#define RESPONSE                                                                                   \
	"DB 10 000102030405060708090A0B0C0D0E0F 10 0102030405060708090A0B0C0D0E0F00"               \
	"10 02030405060708090A0B0C0D0E0F0001"
/* CK and IK of this case by c3, TS 33.102 6.8.1.2: each octet of both halves, exclusive or */
#define KC_OF_IT "0000000000000000"

static void check_keys(struct card *card)
{
	/* the USIM (service 27: with Kc), the ISIM (never), the CSIM (no such key) */
	CU_ASSERT_EQUAL(send(card, "00A404040CA0000000871002FF49FF0589"), 0x9000);
	ASSERT_OCTETS(answer_of(card, AUTHENTICATE), test_unhex(RESPONSE "08" KC_OF_IT), "USIM");
	ASSERT_OCTETS(answer_of(card, AUTHENTICATE), test_unhex(RESPONSE "08" KC_OF_IT), "again");
	CU_ASSERT_EQUAL(send(card, "0088008122 10 00000000000000000000000000000000"
				   "10 0304050607F790010001020304FA9607"),
			0x9862);
	/* AMF FFFF asks for resynchronisation: AUTS is SQN_MS xor AK, MAC with AMF 0000 */
	CU_ASSERT_EQUAL(slice_at(answer_of(card, "0088008122 10 00000000000000000000000000000000"
						 "10 0304050607F7FFFF00010203 04FAF9F8"),
				 0),
			0xDC);
	CU_ASSERT_EQUAL(send(card, "00A404040CA0000000871004FF49FF0589"), 0x9000);
	ASSERT_OCTETS(answer_of(card, AUTHENTICATE), test_unhex(RESPONSE), "ISIM");
	CU_ASSERT_EQUAL(send(card, "008800801110 00000000000000000000000000000000"), 0x6A86);
	CU_ASSERT_EQUAL(send(card, "008800821110 00000000000000000000000000000000"), 0x9864);
	CU_ASSERT_EQUAL(send(card, "00A4040410A0000003431002F310FFFF89020000FF"), 0x9000);
	CU_ASSERT_EQUAL(send(card, AUTHENTICATE), 0x6984);
}

/* TS 51.011: DF.GSM is the USIM's ADF where the package has none. */
static void check_2g(struct card *card)
{
	ASSERT_APDU(card, "A0A40000023F00", "9F16");
	ASSERT_APDU(card, "A0A40000027F20", "9F16");
	ASSERT_APDU(card, "A0A40000026F07", "9F0F");
	CU_ASSERT_EQUAL(send(card, "A0B0000009"), 0x9000);
	ASSERT_APDU(card, "A0A40000027F20", "9F16");
	ASSERT_APDU(card, "A088000010 00000000000000000000000000000000", "9F0C");
	ASSERT_APDU(card, "A0C000000C", "00000000" KC_OF_IT "9000");
	ASSERT_APDU(card, "A0200002083131313131313131", "9804");
	ASSERT_APDU(card, "A02000020839393939FFFFFFFF", "9000");
	ASSERT_APDU(card, "A0A40000023F00", "9F16");
	ASSERT_APDU(card, "A0A40000027F10", "9F16");
	ASSERT_APDU(card, "A0A40000026F3A", "9F0F"); /* EF.ADN, a link into the phonebook */
	CU_ASSERT_TRUE(slice_starts(answer_of(card, "A0B201041C"), test_unhex("546573746E722E31")));
}

/* What goes into a link stands in its target, and the other way round. */
static void check_links(struct card *card)
{
	uint16_t sw;

	CU_ASSERT_EQUAL(send(card, "00A40804047F106F3A"), 0x9000);
	CU_ASSERT_EQUAL(
		send(card, "00DC02041C 41FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
		0x9000);
	CU_ASSERT_EQUAL(send(card, "00A40804067F105F3A4F3A"), 0x9000);
	CU_ASSERT_EQUAL(slice_at(exchange(card, "00B202041C", &sw), 0), 0x41);
}

/* 7FD0 6FFE is a BER-TLV file of 0400 octets in the later packages. */
static void test_objects(void)
{
	struct slice package = package_of("TS48v7_SAIP2.3_BERTLV_SUCI", "der");
	struct wbuf command = wbuf_grow(1024);
	struct card *card = package.len ? card_with(package, NULL) : NULL;
	struct slice got;
	char text[600];
	uint16_t sw;

	if (!card)
		return;
	CU_ASSERT_EQUAL(send(card, "00A404040CA0000000871002FF49FF0589"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "00A40004026FFE"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "00B0000001"), 0x6981);
	CU_ASSERT_EQUAL(send(card, "80CB00800180"), 0x6A88);
	CU_ASSERT_EQUAL(send(card, "80DB0080038001AA"), 0x6982);
	CU_ASSERT_EQUAL(send(card, "0020000A083535353535353535"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "80DB0080038001AA"), 0x9000);
	ASSERT_OCTETS(answer_of(card, "80CB00800180"), test_unhex("8001AA"), "an object");
	/* 300 octets in two blocks; until the last one nothing changes */
	wbuf_put(&command, test_unhex("80DB0080FA 9F2382012C"));
	wbuf_fill(&command, 0x11, 0xFA - 5);
	ASSERT_ERR(hex_encode(wbuf_slice(&command), text, sizeof(text)), ERR_OK);
	CU_ASSERT_EQUAL(send(card, text), 0x63F1);
	CU_ASSERT_EQUAL(send(card, "00A40004026FFE"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "80DB00000111"), 0x6985); /* another command has ended it */
	CU_ASSERT_EQUAL(send(card, text), 0x63F1);
	wbuf_reset(&command);
	wbuf_put(&command, test_unhex("80DB000037"));
	wbuf_fill(&command, 0x22, 300 - (0xFA - 5));
	ASSERT_ERR(hex_encode(wbuf_slice(&command), text, sizeof(text)), ERR_OK);
	CU_ASSERT_EQUAL(send(card, text), 0x9000);
	got = exchange(card, "80CB0080029F23", &sw);
	CU_ASSERT_EQUAL(sw, 0x62F1);
	CU_ASSERT_EQUAL(got.len, 255);
	CU_ASSERT_EQUAL(send(card, "80CB000000"), 0x6C32);
	got = exchange(card, "80CB000032", &sw);
	CU_ASSERT_EQUAL(sw, 0x9000);
	CU_ASSERT_EQUAL(got.len, 305 - 255);
	CU_ASSERT_EQUAL(slice_at(got, 49), 0x22);
	CU_ASSERT_EQUAL(send(card, "80CB000032"), 0x6985);
	/* more than the file may hold, no object, what isn't there */
	CU_ASSERT_EQUAL(send(card, "80DB008005 8182040000"), 0x6A84);
	CU_ASSERT_EQUAL(send(card, "80DB008004 800101FF"), 0x6A80);
	CU_ASSERT_EQUAL(send(card, "80DB00800180"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "80CB00800180"), 0x6A88);
	CU_ASSERT_EQUAL(send(card, "80DB00800180"), 0x6A88);
	CU_ASSERT_EQUAL(send(card, "80CB01800180"), 0x6A86);
	CU_ASSERT_EQUAL(send(card, "80CB0080021F80"), 0x6A80);
	card_close(&card);
	wbuf_free(&command);
}

/* The packages with DF.SAIP: SUCI by the USIM, first with the null scheme as they have it. */
static void test_identity(void)
{
	struct slice package = package_of("TS48v7_SAIP2.3_BERTLV_SUCI", "der");
	struct card *card = package.len ? card_with(package, NULL) : NULL;
	struct slice got;
	uint16_t sw;

	if (!card)
		return;
	CU_ASSERT_EQUAL(send(card, "8078000100"), 0x6D00);
	CU_ASSERT_EQUAL(send(card, "00A404040CA0000000871002FF49FF0589"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "8078000100"), 0x6C0F);
	ASSERT_OCTETS(answer_of(card, "807800010F"),
		      test_unhex("A10D 01 00F110 F0FF 00 00 1032547698"),
		      "MCC 001, MNC 01, the MSIN in clear");
	/* profile A with the key of TS 33.501 C.4.3: another answer each time */
	CU_ASSERT_EQUAL(send(card, "0020000A083535353535353535"), 0x9000);
	CU_ASSERT_EQUAL(send(card, "00A40804067FFF5FD04F01"), 0x9000);
	CU_ASSERT_EQUAL(send(card,
			     "00D600002B A0020101 A125 80011B 8120"
			     "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650"),
			0x9000);
	got = exchange(card, "8078000137", &sw);
	CU_ASSERT_EQUAL(sw, 0x9000);
	ASSERT_OCTETS(slice_sub(got, 0, 10), test_unhex("A135 01 00F110 F0FF 01 1B"), "its head");
	CU_ASSERT_EQUAL(got.len, 10 + 32 + 5 + 8);
	card_close(&card);
}

static void test_applications(void)
{
	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		struct slice package = package_of(packages[i], "der");
		struct card *card;

		if (!package.len)
			break;
		card = card_with(package, NULL);
		if (!card)
			continue;
		check_keys(card);
		check_2g(card);
		check_links(card);
		card_close(&card);
	}
}

/* TS 102 221 9.2.7: a rule for an instruction (84) is for this one: 32 is INCREASE, D4 is not. */
static void test_increase(void)
{
	static const char text[] = UPP_HEADER_WITH("") UPP_MF
		"A1(A0(80: 81:20) A1(30(62(82:42210020 83:2F07 8B:01 80:40) "
		"81:84013290008001019000 02:16 81:8401D490008001019000 "
		"62(82:46210003 83:2F11 8B:2F0701 80:06) 81:000001 "
		"62(82:46210003 83:2F12 8B:2F0702 80:06) 81:000001 "
		"62(82:4121 83:2F13 8B:2F0701 80:03)))) " UPP_END;
	struct wbuf package = wbuf_grow(1024), report = wbuf_grow(256);
	struct card *card;
	uint16_t sw;

	notation_put(&package, text);
	card = card_with(wbuf_slice(&package), &report);
	CU_ASSERT_PTR_NOT_NULL_FATAL(card);
	ASSERT_APDU(card, "00a4000c022f12", "9000");
	ASSERT_APDU(card, "8032000003000005", "6982");
	ASSERT_APDU(card, "00b2010403", "0000019000");
	ASSERT_APDU(card, "00a4000c022f13", "9000");
	ASSERT_APDU(card, "8032000003000005", "6981"); /* not cyclic */
	ASSERT_APDU(card, "00a4000c022f11", "9000");
	ASSERT_OCTETS(exchange(card, "8032000003000005", &sw), test_unhex("000006000005"),
		      "the sum, and what was added");
	CU_ASSERT_EQUAL(sw, 0x9000);
	ASSERT_APDU(card, "00b2010403", "0000069000"); /* the newest, then the one before */
	ASSERT_APDU(card, "00b2020403", "0000019000");
	ASSERT_APDU(card, "8032000003ffffff", "9850"); /* it would not fit */
	ASSERT_APDU(card, "00b2010403", "0000069000");
	card_close(&card);
	wbuf_free(&package);
	wbuf_free(&report);
}

TEST_SUITE(ts48, {"INCREASE and its rule", test_increase}, {"GET IDENTITY", test_identity},
	   {"data objects of BER-TLV files", test_objects},
	   {"the keys, the 2G view and the links of every package", test_applications},
	   {"every file of every package reads back", test_read_back},
	   {"the value notation of v7 says the same", test_notation})
