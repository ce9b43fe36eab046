/*
 * What is malformed is told so: commands made from the tables of every application, with lengths
 * that do not fit their case, classes and instructions that have no row, parameters that the
 * standard does not define; and requests of STORE DATA whose DER is none. Each gets the status word
 * that it should have, and changes nothing.
 */
#include "lib/uicc/command.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/apps/gsm.h"
#include "card-emu/apps/isdr/isdr.h"
#include "card-emu/apps/kra.h"
#include "card-emu/apps/usim.h"
#include "card-emu/core/system.h"
#include "card-emu/fs/files.h"
#include "card-emu/fs/pin.h"
#include "lib/base/tlv.h"
#include "tests/support/snapshot.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/release_fixture.h"

#define CHANNEL_KRA  1
#define CHANNEL_ISDR 2
#define GSM	     0xA0

/* Which tables answer on which channel, once select_all() is done. */
static const struct {
	uint8_t channel;
	const struct app *app;
	bool gsm;
} tables[] = {
	{0, &app_usim, false},
	{0, &app_system, false},
	{0, &app_files, false},
	{0, &app_pins, false},
	{0, &app_gsm, true},
	{CHANNEL_KRA, &app_kra, false},
	{CHANNEL_KRA, &app_system, false},
	{CHANNEL_ISDR, &app_isdr, false},
	{CHANNEL_ISDR, &app_system, false},
};

static size_t row_count(size_t table)
{
	return tables[table].app->command_count;
}

static const struct command *row_of(size_t table, size_t i)
{
	return &command_table[tables[table].app->commands[i].id];
}

static uint16_t send(struct release_fixture *f, struct slice command, struct wbuf *out)
{
	wbuf_reset(out);
	return fixture_exchange(f->card, command, out);
}

/* The ISD-R on a third channel; EF.IMSI current on the first. */
static void select_all(struct release_fixture *f)
{
	struct wbuf out = wbuf_grow(512);

	release_fixture_reset(f);
	CU_ASSERT_EQUAL(send(f, test_unhex("0070000001"), &out), SW_OK);
	CU_ASSERT_EQUAL(send(f, test_unhex("02a4040010a0000005591010ffffffff8900000100"), &out),
			SW_OK);
	CU_ASSERT_EQUAL(send(f, test_unhex("00a4000c026f07"), &out), SW_OK);
	wbuf_free(&out);
}

static void expect(struct release_fixture *f, struct slice command, uint16_t want, const char *what)
{
	uint8_t mem[300];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	uint16_t sw = send(f, command, &out);

	if (sw == want && !out.len)
		return;
	fprintf(stderr, "\n%s: %04x and %zu octets, not %04x; the command: ", what, sw, out.len,
		want);
	for (size_t i = 0; i < command.len; i++)
		fprintf(stderr, "%02x", slice_at(command, i));
	CU_FAIL("status word");
}

/* Forms of a command by what stands behind the header. */
enum form {
	FORM_HEADER,	/* nothing */
	FORM_ZERO,	/* 00: Le of 256, or no data */
	FORM_LE,	/* 05 */
	FORM_DATA,	/* Lc and data */
	FORM_DATA_LE,	/* and Le */
	FORM_SHORT,	/* fewer data than Lc */
	FORM_LONG,	/* more: two octets */
	FORM_EXTENDED,	/* Lc of three octets */
	FORM_LC_LONELY, /* Lc of 255, one octet of data */
	FORM_ZERO_LE,	/* Lc of 0, then one octet */
	FORMS
};

static const char *const form_hex[FORMS] = {
	"", "00", "05", "021122", "02112200", "0211", "0211220000", "0000021122", "ff11", "0005"};

/* ISO 7816-3 12.1: the forms that each case allows under T=0; four octets are five with P3 00 (TS
 * 102 221 7.3.1.1.1) */
static bool allowed(enum command_case kind, uint8_t ins, enum form form)
{
	switch (kind) {
	case COMMAND_CASE_1: return form == FORM_HEADER || form == FORM_ZERO;
	case COMMAND_CASE_2: return form == FORM_HEADER || form == FORM_ZERO || form == FORM_LE;
	case COMMAND_CASE_3: return form == FORM_DATA;
	case COMMAND_CASE_4: return form == FORM_DATA || form == FORM_DATA_LE;
	case COMMAND_CASE_3_OR_1:
		return form == FORM_HEADER || form == FORM_ZERO || form == FORM_DATA;
	case COMMAND_CASE_4_OR_1:
		return form == FORM_HEADER || form == FORM_ZERO || form == FORM_DATA ||
		       form == FORM_DATA_LE;
	case COMMAND_CASE_ANY: /* with P1 and P2 00: opens a channel, asks for the next block: case
				  2 */
		CU_ASSERT(ins == INS_MANAGE_CHANNEL || ins == INS_RETRIEVE_DATA);
		return form == FORM_HEADER || form == FORM_ZERO || form == FORM_LE;
	}
	return false;
}

static void lengths(void)
{
	struct release_fixture f;

	release_fixture_open(&f);
	select_all(&f);
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < row_count(t); i++) {
			const struct command *row = row_of(t, i);

			for (enum form form = 0; form < FORMS; form++) {
				char hex[32];

				if (allowed(row->kind, row->ins, form))
					continue;
				snprintf(hex, sizeof(hex), "%02x%02x0000%s",
					 row->cla | tables[t].channel, row->ins, form_hex[form]);
				expect(&f, test_unhex(hex), SW_WRONG_LENGTH, row->name);
			}
			for (size_t cut = 0; cut < 4; cut++) {
				uint8_t head[] = {row->cla | tables[t].channel, row->ins, 0};

				expect(&f, slice_make(head, cut), SW_WRONG_LENGTH, row->name);
			}
		}
	}
	release_fixture_close(&f);
}

/* Whether the channel has a row for the instruction in this basic class, or in any. */
static bool has_row(unsigned channel, uint8_t basic, uint8_t ins, bool *any)
{
	bool found = false;

	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		if (tables[t].channel != channel || tables[t].gsm != (basic == GSM))
			continue;
		for (size_t i = 0; i < row_count(t); i++) {
			const struct command *row = row_of(t, i);

			*any = *any || row->ins == ins;
			found = found || (row->ins == ins && row->cla == basic);
		}
	}
	return found;
}

/* What class and instruction alone come to (TS 102 221 10.1.1, 10.2.1.5); 0: they have a row. */
static uint16_t verdict(uint8_t cla, uint8_t ins)
{
	uint8_t high = cla & 0xF0;
	unsigned channel = cla & 3;
	bool any = false;

	switch (high) {
	case 0x00:
	case 0x80: break;
	case GSM:
		if (cla != GSM)
			return SW_CLA_NOT_SUPPORTED;
		channel = 0;
		break;
	case 0x40:
	case 0x60:
	case 0xC0:
	case 0xE0: return SW_CHANNEL_NOT_SUPPORTED; /* 4 to 19 */
	default: return SW_CLA_NOT_SUPPORTED;
	}
	if (channel == 3)
		return SW_CHANNEL_NOT_SUPPORTED; /* it is not open */
	if (!has_row(channel, high, ins, &any))
		return any ? SW_CLA_NOT_SUPPORTED : SW_INS_NOT_SUPPORTED;
	return high != GSM && cla & 0x0C ? SW_SECURE_MESSAGING : 0;
}

static void classes(void)
{
	struct release_fixture f;
	unsigned known = 0;

	release_fixture_open(&f);
	select_all(&f);
	for (unsigned cla = 0; cla < 256; cla++) {
		for (unsigned ins = 0; ins < 256; ins++) {
			uint8_t command[] = {(uint8_t)cla, (uint8_t)ins, 0, 0, 2, 0x3F, 0x00};
			uint16_t want = verdict((uint8_t)cla, (uint8_t)ins);

			if (ins == INS_GET_RESPONSE) /* of the transport: test_card.c */
				continue;
			known += want == 0;
			if (!want)
				continue;
			expect(&f, SLICE_OF(command), want, "class and instruction");
			expect(&f, slice_make(command, 4), want, "class and instruction");
			command[4] = 0;
			expect(&f, slice_make(command, 5), want, "class and instruction");
		}
	}
	CU_ASSERT(known > 40);
	release_fixture_close(&f);
}

/* The case of a command and the parameters that it may have; others get the status word. */
struct parameters {
	uint8_t cla, ins;
	enum command_case kind;
	const char *rest; /* behind P2 */
	bool (*defined)(uint8_t p1, uint8_t p2);
	uint16_t sw;
};

static bool none(uint8_t p1, uint8_t p2)
{
	return !p1 && !p2;
}

static bool p1_none(uint8_t p1, uint8_t p2)
{
	(void)p2;
	return !p1;
}

/* TS 102 221 table 11.2 */
static bool select_return(uint8_t p2)
{
	return !(p2 & 0x90) && (p2 & 0x0C) != 0x08;
}

static bool select_fid(uint8_t p1, uint8_t p2)
{
	if (p1 == 0x04) /* what an AID does stands below */
		return true;
	return (p1 == 0 || p1 == 1 || p1 == 3 || p1 == 0x08 || p1 == 0x09) && select_return(p2) &&
	       !(p2 & 0x63);
}

static bool select_aid(uint8_t p1, uint8_t p2)
{
	if (p1 != 0x04) /* identifiers and paths, of which this is none */
		return true;
	return select_return(p2) && !(p2 & 0x20);
}

static bool status(uint8_t p1, uint8_t p2)
{
	return p1 <= 2 && (p2 == 0 || p2 == 1 || p2 == 0x0C);
}

static bool manage_channel(uint8_t p1, uint8_t p2)
{
	return (p1 == 0 && p2 == 0) || (p1 == 0x80 && (p2 == CHANNEL_KRA || p2 == CHANNEL_ISDR));
}

static bool binary(uint8_t p1, uint8_t p2)
{
	(void)p2;
	return !(p1 & 0x80) || (!(p1 & 0x60) && p1 & 0x1F);
}

static bool record(uint8_t p1, uint8_t p2)
{
	uint8_t mode = p2 & 7;

	return p2 >> 3 != 0x1F && (mode == 4 || ((mode == 2 || mode == 3) && !p1));
}

static bool search(uint8_t p1, uint8_t p2)
{
	(void)p1;
	return (p2 & 7) == 7 || (p2 >> 3 != 0x1F && (p2 & 7) >= 4); /* proprietary: 6A81 */
}

/* TS 102 221 11.3: first or next block, the last one again; SFI */
static bool block(uint8_t p1, uint8_t p2)
{
	return !p1 && ((p2 & 0xE0) == 0 || (p2 & 0xE0) == 0x80 || (p2 & 0xE0) == 0x40);
}

/* TS 102 221 11.1.14: FID or the current EF, paths */
static bool named(uint8_t p1, uint8_t p2)
{
	return (p1 == 0 || p1 == 8 || p1 == 9) && !p2;
}

static bool disable(uint8_t p1, uint8_t p2)
{
	(void)p2;
	return !p1 || p1 == 0x91;
}

/* TS 51.011 9.2.3: every offset is one */
static bool offset(uint8_t p1, uint8_t p2)
{
	(void)p1, (void)p2;
	return true;
}

/* TS 51.011 9.2.5: of P1 nothing is read with "next" and "previous" */
static bool gsm_record(uint8_t p1, uint8_t p2)
{
	(void)p1;
	return p2 >= 2 && p2 <= 4;
}

static bool seek(uint8_t p1, uint8_t p2)
{
	return !p1 && (p2 & 15) <= 3 && p2 >> 4 <= 1;
}

static bool identity(uint8_t p1, uint8_t p2)
{
	return !p1 && p2 == 1;
}

static bool increase(uint8_t p1, uint8_t p2)
{
	return !(p1 & 0x60) && p1 != 0x80 && !p2;
}

static bool authenticate(uint8_t p1, uint8_t p2)
{
	return !p1 && (p2 == 0x80 || p2 == 0x81 || p2 == 0x82 || p2 == 0x84);
}

static bool store_data(uint8_t p1, uint8_t p2)
{
	return (p1 == 0x11 || p1 == 0x91) && !p2;
}

static bool chv(uint8_t p1, uint8_t p2)
{
	return p1 || p2 == 1 || p2 == 2; /* P1: by the row below */
}

static bool chv_p1(uint8_t p1, uint8_t p2)
{
	return !p1 || (p2 != 1 && p2 != 2);
}

static bool first_chv(uint8_t p1, uint8_t p2)
{
	return !p1 && p2 == 1;
}

static bool unblock_chv(uint8_t p1, uint8_t p2)
{
	return p1 || p2 == 0 || p2 == 2;
}

#define AID  "07a0000000871002"
#define PIN  "083132333435363738"
#define PINS "1031323334353637383132333435363738"
#define RAND "1000112233445566778899aabbccddeeff"

static const struct parameters parameters[] = {
	{0x00, INS_SELECT, COMMAND_CASE_4_OR_1, "023f00", select_fid, SW_WRONG_P1P2},
	{0x00, INS_SELECT, COMMAND_CASE_4_OR_1, AID, select_aid, SW_WRONG_P1P2},
	{0x80, INS_STATUS, COMMAND_CASE_2, "00", status, SW_WRONG_P1P2},
	{0x00, INS_MANAGE_CHANNEL, COMMAND_CASE_ANY, "00", manage_channel, SW_WRONG_P1P2},
	{0x00, INS_GET_CHALLENGE, COMMAND_CASE_2, "08", none, SW_WRONG_P1P2},
	{0x80, INS_TERMINAL_CAPABILITY, COMMAND_CASE_3, "02a900", none, SW_WRONG_P1P2},
	{0x80, INS_TERMINAL_PROFILE, COMMAND_CASE_3, "01ff", none, SW_WRONG_P1P2},
	{0x80, INS_ENVELOPE, COMMAND_CASE_4, "02d300", none, SW_WRONG_P1P2},
	{0x80, INS_FETCH, COMMAND_CASE_2, "0b", none, SW_WRONG_P1P2},
	{0x80, INS_TERMINAL_RESPONSE, COMMAND_CASE_3, "03810301", none, SW_WRONG_P1P2},
	{0x00, INS_READ_BINARY, COMMAND_CASE_2, "09", binary, SW_WRONG_P1P2},
	{0x00, INS_UPDATE_BINARY, COMMAND_CASE_3, "0100", binary, SW_WRONG_P1P2},
	{0x00, INS_READ_RECORD, COMMAND_CASE_2, "09", record, SW_WRONG_P1P2},
	{0x00, INS_UPDATE_RECORD, COMMAND_CASE_3, "0100", record, SW_WRONG_P1P2},
	{0x00, INS_SEARCH_RECORD, COMMAND_CASE_4, "0100", search, SW_WRONG_P1P2},
	{0x80, INS_GET_IDENTITY, COMMAND_CASE_2, "00", identity, SW_WRONG_P1P2},
	{0x80, INS_RETRIEVE_DATA, COMMAND_CASE_ANY, "0180", block, SW_WRONG_P1P2},
	{0x80, INS_SET_DATA, COMMAND_CASE_3, "03800100", block, SW_WRONG_P1P2},
	{0x80, INS_INCREASE, COMMAND_CASE_4, "0101", increase, SW_WRONG_P1P2},
	{0x00, INS_DEACTIVATE_FILE, COMMAND_CASE_3_OR_1, "", named, SW_WRONG_P1P2},
	{0x00, INS_ACTIVATE_FILE, COMMAND_CASE_3_OR_1, "", named, SW_WRONG_P1P2},
	{0x00, INS_VERIFY_PIN, COMMAND_CASE_3_OR_1, PIN, p1_none, SW_WRONG_P1P2},
	{0x00, INS_CHANGE_PIN, COMMAND_CASE_3, PINS, p1_none, SW_WRONG_P1P2},
	{0x00, INS_DISABLE_PIN, COMMAND_CASE_3, PIN, disable, SW_WRONG_P1P2},
	{0x00, INS_ENABLE_PIN, COMMAND_CASE_3, PIN, p1_none, SW_WRONG_P1P2},
	{0x00, INS_UNBLOCK_PIN, COMMAND_CASE_3_OR_1, PINS, p1_none, SW_WRONG_P1P2},
	{0x00, INS_AUTHENTICATE, COMMAND_CASE_4, "22" RAND RAND, authenticate, SW_WRONG_P1P2},
	{0x80 | CHANNEL_KRA, INS_STORE_DATA, COMMAND_CASE_4, "03bf7000", store_data, SW_WRONG_P1P2},
	{0x80 | CHANNEL_ISDR, INS_STORE_DATA, COMMAND_CASE_4, "03bf2000", store_data,
	 SW_WRONG_P1P2},
	/* TS 51.011 9.4.6: 6B00 */
	{GSM, INS_SELECT, COMMAND_CASE_4, "023f00", none, SW_OUT_OF_RANGE},
	{GSM, INS_STATUS, COMMAND_CASE_2, "16", none, SW_OUT_OF_RANGE},
	{GSM, INS_READ_BINARY, COMMAND_CASE_2, "09", offset, SW_OUT_OF_RANGE},
	{GSM, INS_UPDATE_BINARY, COMMAND_CASE_3, "0100", offset, SW_OUT_OF_RANGE},
	{GSM, INS_READ_RECORD, COMMAND_CASE_2, "09", gsm_record, SW_OUT_OF_RANGE},
	{GSM, INS_UPDATE_RECORD, COMMAND_CASE_3, "0100", gsm_record, SW_OUT_OF_RANGE},
	{GSM, INS_VERIFY_PIN, COMMAND_CASE_3, PIN, chv, SW_OUT_OF_RANGE},
	{GSM, INS_VERIFY_PIN, COMMAND_CASE_3, PIN, chv_p1, SW_OUT_OF_RANGE},
	{GSM, INS_CHANGE_PIN, COMMAND_CASE_3, PINS, chv, SW_OUT_OF_RANGE},
	{GSM, INS_DISABLE_PIN, COMMAND_CASE_3, PIN, first_chv, SW_OUT_OF_RANGE},
	{GSM, INS_ENABLE_PIN, COMMAND_CASE_3, PIN, first_chv, SW_OUT_OF_RANGE},
	{GSM, INS_UNBLOCK_PIN, COMMAND_CASE_3, PINS, unblock_chv, SW_OUT_OF_RANGE},
	{GSM, INS_AUTHENTICATE, COMMAND_CASE_4, RAND, none, SW_OUT_OF_RANGE},
	{GSM, INS_SEARCH_RECORD, COMMAND_CASE_4, "0100", seek, SW_OUT_OF_RANGE},
	{GSM, INS_INCREASE, COMMAND_CASE_4, "03000001", none, SW_OUT_OF_RANGE},
	{GSM, INS_DEACTIVATE_FILE, COMMAND_CASE_1, "00", none, SW_OUT_OF_RANGE},
	{GSM, INS_ACTIVATE_FILE, COMMAND_CASE_1, "00", none, SW_OUT_OF_RANGE},
	{GSM, INS_SLEEP, COMMAND_CASE_1, "00", none, SW_OUT_OF_RANGE},
	{GSM, INS_TERMINAL_PROFILE, COMMAND_CASE_3, "01ff", none, SW_OUT_OF_RANGE},
	{GSM, INS_ENVELOPE, COMMAND_CASE_4, "02d300", none, SW_OUT_OF_RANGE},
	{GSM, INS_FETCH, COMMAND_CASE_2, "0b", none, SW_OUT_OF_RANGE},
	{GSM, INS_TERMINAL_RESPONSE, COMMAND_CASE_3, "03810301", none, SW_OUT_OF_RANGE},
};

static bool has_parameters(const struct command *row)
{
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++) {
		if (parameters[i].ins == row->ins && (parameters[i].cla & 0xF0) == row->cla)
			return parameters[i].kind == row->kind;
	}
	return false;
}

static void undefined_parameters(void)
{
	struct release_fixture f;
	struct snapshot *before;

	release_fixture_open(&f);
	select_all(&f);
	before = snapshot_take(card_store(f.card), "");
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++) {
		const struct parameters *p = &parameters[i];
		struct slice rest = test_unhex(p->rest);

		/* each P1 with some P2 and each P2 with some P1 */
		for (unsigned k = 0; k < 256 * 256; k++) {
			uint8_t p1 = (uint8_t)(k >> 8), p2 = (uint8_t)k, mem[64];
			struct wbuf w = wbuf_init(mem, sizeof(mem));

			if ((p1 % 19 > 1 && p2 % 23 > 1 && (p1 & (p1 - 1)) && (p2 & (p2 - 1))) ||
			    p->defined(p1, p2))
				continue;
			wbuf_u8(&w, p->cla);
			wbuf_u8(&w, p->ins);
			wbuf_u16(&w, (uint16_t)k);
			wbuf_put(&w, rest);
			expect(&f, wbuf_slice(&w), p->sw, "parameters");
		}
	}
	CU_ASSERT_PTR_NULL(snapshot_difference(before, card_store(f.card)));
	snapshot_free(&before);
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) { /* no command has been forgotten */
		for (size_t i = 0; i < row_count(t); i++) {
			const struct command *row = row_of(t, i);

			if (!has_parameters(row))
				fprintf(stderr, "\n%s: not here, or of another case\n", row->name);
			CU_ASSERT(has_parameters(row));
		}
	}
	release_fixture_close(&f);
}

/* Requests that are well formed: what is made of them below is not. */
static const char *const requests[] = {
	"bf340482020780", /* MemoryReset: the last to be sent */
	"bf2000",
	"bf2200",
	"bf2d00",
	"bf2d045c025a90",
	"bf2e00",
	"bf2800",
	"bf280481020780",
	"bf2b00",
	"bf2b05a003800101",
	"bf3003800101",
	"bf3c00",
	"bf3e035c015a",
	"bf4300",
	"bf29115a0a988812010000000010f790036c6162",
	"bf3111a00c5a0a11223344556677889900810100",
	"bf3211a00c5a0a11223344556677889900810100",
	"bf330c5a0a11223344556677889900",
	"bf3f08800661622e636f6d",
	"bf410d80080102030405060708810100",
	"bf7000",
	"bf710c800a11223344556677889900",
};

static void expect_refused(struct release_fixture *f, struct slice request, size_t block)
{
	struct wbuf out = wbuf_grow(512);
	uint16_t sw;

	f->block = block;
	sw = release_fixture_send(f, request, &out);
	if (sw != SW_WRONG_DATA && sw != SW_NOT_FOUND) {
		fprintf(stderr, "\n%04x for: ", sw);
		for (size_t i = 0; i < request.len; i++)
			fprintf(stderr, "%02x", slice_at(request, i));
		CU_FAIL("a malformed request");
	}
	CU_ASSERT_EQUAL(out.len, 0);
	wbuf_free(&out);
}

/* The request with octets put in at one place, the outer length as it should be then or not. */
static void with_octets(struct release_fixture *f, struct slice good, size_t at, const char *hex,
			bool outer)
{
	struct wbuf w = wbuf_grow(256);

	wbuf_put(&w, slice_sub(good, 0, at));
	wbuf_put(&w, test_unhex(hex));
	wbuf_put(&w, slice_sub(good, at, good.len));
	if (outer)
		w.ptr[2] = (uint8_t)(w.len - 3);
	expect_refused(f, wbuf_slice(&w), at % 2 ? 255 : 4);
	wbuf_free(&w);
}

static void der(void)
{
	/* in place of the length: not minimal, indefinite, of five octets, past the end */
	static const char *const lengths_hex[] = {"81",	      "8200",	    "830000",
						  "84000000", "8500000000", "80"};
	struct release_fixture f;
	struct snapshot *before;

	release_fixture_open(&f);
	select_all(&f);
	before = snapshot_take(card_store(f.card), "");
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct slice good = test_unhex(requests[i]);
		struct wbuf w = wbuf_grow(256);

		f.channel = slice_at(good, 1) < 0x70 ? CHANNEL_ISDR : CHANNEL_KRA;
		for (size_t n = 1; n < good.len; n++)
			expect_refused(&f, slice_sub(good, 0, n), n % 2 ? 255 : 4);
		with_octets(&f, good, good.len, "00", false);
		for (size_t k = 0; k < ARRAY_LEN(lengths_hex); k++)
			with_octets(&f, good, 2, lengths_hex[k], false);
		for (size_t at = 3; at <= good.len; at++) {
			with_octets(&f, good, at, "81", true);
			with_octets(&f, good, at, "81", false);
		}
		for (unsigned len = 0; len < 256; len++) {
			wbuf_reset(&w);
			wbuf_put(&w, good);
			w.ptr[2] = (uint8_t)len;
			if (len != good.len - 3)
				expect_refused(&f, wbuf_slice(&w), 255);
		}
		wbuf_free(&w);
	}
	CU_ASSERT_PTR_NULL(snapshot_difference(before, card_store(f.card)));
	snapshot_free(&before);
	f.channel = CHANNEL_KRA;
	release_fixture_close(&f);
}

/* And the requests as they are: taken. Memory reset is the last of all. */
static void good_requests(void)
{
	struct release_fixture f;
	struct wbuf out = wbuf_grow(4096);

	release_fixture_open(&f);
	select_all(&f);
	for (size_t i = ARRAY_LEN(requests); i-- > 0;) {
		struct slice good = test_unhex(requests[i]);

		f.channel = slice_at(good, 1) < 0x70 ? CHANNEL_ISDR : CHANNEL_KRA;
		uint16_t sw = release_fixture_send(&f, good, &out);

		if (slice_at(good, 1) == 0x20 || slice_at(good, 1) == 0x22) {
			CU_ASSERT_EQUAL(sw, SW_TECHNICAL); /* it has no certificates to tell of */
			continue;
		}
		if (sw != SW_OK && (sw & 0xFF00) != SW_PROACTIVE) {
			fprintf(stderr, "\n%s: %04x\n", requests[i], sw);
			CU_FAIL("a good request");
		}
		CU_ASSERT(out.len > 0);
	}
	wbuf_free(&out);
	release_fixture_close(&f);
}

TEST_SUITE(malformed, {"lengths that do not fit", lengths}, {"classes and instructions", classes},
	   {"parameters that are not defined", undefined_parameters}, {"DER in STORE DATA", der},
	   {"the requests themselves are good", good_requests})
