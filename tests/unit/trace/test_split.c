/* where a command ends and its response begins, for every command and the lengths at the edges */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/read/split.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

static const size_t lengths[] = {0, 1, 2, 3, 126, 127, 128, 129, 255, 256, 257};
static const uint8_t fills[] = {0x5A, 0x90, 0x00, 0x62, 0x6A};
static const uint16_t good[] = {0x9000, 0x910B, 0x6110, 0x9F0C, 0x6282, 0x63C3};
static const uint16_t errors[] = {0x6700, 0x6A82, 0x6C10, 0x6D00, 0x6F00, 0x9404, 0x9804};

struct form {
	const struct command *row;
	uint8_t header[4];
	uint8_t fill;
	unsigned n; /* so many were split */
};

/* What is split is what was put together; NO_SW: no response. */
#define NO_SW 0
static void joins(struct form *f, struct slice command, size_t data, uint16_t sw)
{
	static uint8_t memory[4 * 65536];
	struct wbuf w = wbuf_init(memory, sizeof(memory));
	struct slice got = SLICE_EMPTY, response = SLICE_EMPTY;
	const char *why;

	wbuf_put(&w, command);
	wbuf_fill(&w, f->fill, data);
	if (sw != NO_SW)
		wbuf_u16(&w, sw);
	why = trace_split(wbuf_slice(&w), &got, &response);
	CU_ASSERT_PTR_NULL(why);
	CU_ASSERT_EQUAL(got.len, command.len);
	CU_ASSERT_EQUAL(response.len, w.len - command.len);
	CU_ASSERT_PTR_EQUAL(got.ptr, memory);
	f->n++;
	if (why || got.len != command.len)
		fprintf(stderr, "%s, %zu octets, fill %02X, %zu of data, SW %04X: %zu, %s\n",
			f->row->name, command.len, f->fill, data, sw, got.len, why ? why : "");
}

static void open_apdu(const struct form *f, size_t lc, size_t le, bool extended, struct wbuf *w)
{
	static uint8_t data[65536];
	struct apdu a = {.cla = f->header[0],
			 .ins = f->header[1],
			 .p1 = f->header[2],
			 .p2 = f->header[3],
			 .data = slice_make(data, lc),
			 .extended = extended,
			 .has_le = le != 0,
			 .le = (uint32_t)le};

	memset(data, f->fill, sizeof(data));
	wbuf_reset(w);
	apdu_put_whole(w, &a);
}

static void of_case_1(struct form *f)
{
	uint8_t octets[5] = {0};

	memcpy(octets, f->header, sizeof(f->header));
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		joins(f, slice_make(octets, 4), 0, errors[i]);
		joins(f, slice_make(octets, 5), 0, errors[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		joins(f, slice_make(octets, 4), 0, good[i]);
		joins(f, slice_make(octets, 5), 0, good[i]);
	}
	joins(f, slice_make(octets, 4), 0, NO_SW);
	joins(f, slice_make(octets, 5), 0, NO_SW);
}

/* T=0: all that Le says, or a status word alone. */
static void of_case_2(struct form *f, struct wbuf *w)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		bool extended = lengths[i] > APDU_LE_MAX;

		if (!lengths[i])
			continue;
		open_apdu(f, 0, lengths[i], extended, w);
		for (size_t k = 0; k < ARRAY_LEN(good); k++)
			joins(f, wbuf_slice(w), lengths[i], good[k]);
		for (size_t k = 0; k < ARRAY_LEN(errors); k++)
			joins(f, wbuf_slice(w), 0, errors[k]);
		joins(f, wbuf_slice(w), 0, NO_SW);
	}
	/* with an Le in two octets that could be data of a short one, and is met exactly */
	open_apdu(f, 0, 129, true, w);
	joins(f, wbuf_slice(w), 129, 0x9000);
	open_apdu(f, 0, APDU_EXTENDED_LE_MAX, true, w);
	joins(f, wbuf_slice(w), 257, 0x9000);
	joins(f, wbuf_slice(w), 65536, 0x9000);
}

static void of_case_3(struct form *f, struct wbuf *w)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		for (unsigned extended = lengths[i] > APDU_DATA_MAX; extended < 2; extended++) {
			if (!lengths[i])
				continue;
			open_apdu(f, lengths[i], 0, extended, w);
			for (size_t k = 0; k < ARRAY_LEN(errors); k++)
				joins(f, wbuf_slice(w), 0, errors[k]);
			for (size_t k = 0; k < ARRAY_LEN(good); k++)
				joins(f, wbuf_slice(w), 0, good[k]);
			/* two of data alone are no error of a card that took none */
			if (lengths[i] != 2 || extended || f->fill != 0x6A)
				joins(f, wbuf_slice(w), 0, NO_SW);
		}
		/* refused at its header */
		if (!lengths[i] || lengths[i] > APDU_DATA_MAX)
			continue;
		open_apdu(f, 0, lengths[i], false, w);
		for (size_t k = 0; k < ARRAY_LEN(errors); k++)
			joins(f, wbuf_slice(w), 0, errors[k]);
		joins(f, wbuf_slice(w), 0, NO_SW);
	}
}

/* With Le behind the data, and what the card gave: an APDU, as T=1 and many readers carry it. */
static void of_case_4(struct form *f, struct wbuf *w)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
			bool extended = lengths[i] > APDU_DATA_MAX || lengths[k] > APDU_LE_MAX;

			if (!lengths[i])
				continue;
			if (lengths[k]) {
				open_apdu(f, lengths[i], lengths[k], extended, w);
				joins(f, wbuf_slice(w), lengths[k], 0x9000);
				joins(f, wbuf_slice(w), 0, 0x6A80);
				joins(f, wbuf_slice(w), 0, 0x9000);
			}
			open_apdu(f, lengths[i], extended ? APDU_EXTENDED_LE_MAX : APDU_LE_MAX,
				  extended, w);
			joins(f, wbuf_slice(w), lengths[k], 0x910B);
		}
	}
}

/* Where P1 and P2 decide: what they say of the case. */
static enum command_case as_case(const struct command *c, unsigned variant, uint8_t *p1,
				 uint8_t *p2)
{
	*p1 = c->least_p1;
	*p2 = 0;
	if (c->kind != COMMAND_CASE_ANY)
		return c->kind;
	switch (c->ins) {
	case INS_MANAGE_CHANNEL:
		*p1 = variant ? CHANNEL_CLOSE : CHANNEL_OPEN;
		*p2 = variant ? 1 : 0;
		return variant ? COMMAND_CASE_1 : COMMAND_CASE_2;
	case INS_RETRIEVE_DATA:
		*p2 = variant ? 0x80 : 0x00;
		return variant ? COMMAND_CASE_4 : COMMAND_CASE_2;
	case INS_AUTHENTICATE_ODD:
		*p1 = variant ? 0xA0 : 0x80;
		*p2 = AUTHENTICATE_3G;
		return variant ? COMMAND_CASE_2 : COMMAND_CASE_3;
	case INS_GET_DATA: return COMMAND_CASE_2;
	case INS_MANAGE_SECURITY_ENVIRONMENT: return COMMAND_CASE_3;
	case INS_EXTERNAL_AUTHENTICATE:
	case INS_PERFORM_SECURITY_OPERATION:
	case INS_EXCHANGE_CAPABILITIES: return COMMAND_CASE_4;
	default: return COMMAND_CASE_ANY; /* others' commands, of which too little is known */
	}
}

static void of_row(struct form *f, unsigned variant, struct wbuf *w)
{
	enum command_case kind = as_case(f->row, variant, &f->header[2], &f->header[3]);

	f->header[0] = f->row->cla;
	f->header[1] = f->row->ins;
	of_case_1(f);
	switch (kind) {
	case COMMAND_CASE_1:
	case COMMAND_CASE_ANY: break;
	case COMMAND_CASE_2: of_case_2(f, w); break;
	case COMMAND_CASE_3:
	case COMMAND_CASE_3_OR_1: of_case_3(f, w); break;
	default: of_case_3(f, w); of_case_4(f, w);
	}
}

static void test_every_row(void)
{
	struct wbuf w = wbuf_grow(1 << 20);
	unsigned n = 0;

	for (unsigned i = 0; i < 2 * COMMAND_COUNT; i++) {
		for (size_t k = 0; k < ARRAY_LEN(fills); k++) {
			struct form f = {.row = &command_table[i / 2], .fill = fills[k]};

			of_row(&f, i % 2, &w);
			CU_ASSERT(f.n >= 26);
			n += f.n;
		}
	}
	printf("(%u forms) ", n);
	wbuf_free(&w);
}

/* "-" parts command and response; "?": it cannot be told; "!": no status word */
static const char *const examples[] = {
	/* the response of case 4 without Le in front, by its TLV, or as it is longer than an Le */
	"00a40004023f00-620582024121009000",
	"80e2910003bf2e00-bf2e038001339000",
	"00880080020102-04010203040801020304050607089000",
	"00a40004023f0000-6205820241219000",
	"80e2910003bf2e00-9000",
	/* files and status words that look alike */
	"00a40004026f07-",
	"00a4000402-6a82",
	"00a40004026f07-6121",
	"00a4030400-612f",
	"00a40304-9000",
	"00a403042f-620482024121"
	"9000" /* the parent: P3 is Le */,
	/* GlobalPlatform's GET STATUS */
	"80f24000024f0000-e3044f0200019000",
	"80f24000024f00-6a88",
	"80f2000002-41419000",
	/* commands of no table: an error has no data, 61xx no response yet */
	"80500000081122334455667788-611c",
	"80ee0000081122334455667788-6a80",
	"80ee0000081122334455667788-611c",
	"80ee00000811223344556677881c-6a80",
	"80ee000005-0102"
	"9000",
	"?80ee000003"
	"0102"
	"9000",
	"?80ee0000081122334455667788"
	"9000",
	"?80ee00000201026101"
	"9000" /* between two octets: response or the command's */,
	/* neither */
	"!00a40004023f001122",
	"!80f2fe11"
	"2233",
	"!00b0000004"
	"01020304"
	"0000",
	"?00b0000004"
	"0102030405"
	"9000",
	"?00d6000004"
	"01"
	"9000",
	"00d600000401029000-",
	/* 00 and 0000 of data, or an extended Le that asks for all */
	"?00b0000000"
	"000011223344"
	"9000",
	"00b00000000000-6b00",
	"00b0000000-11223344"
	"9000",
};

static void test_examples(void)
{
	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		char hex[200] = "";
		size_t border = 0;
		struct slice all, command = SLICE_EMPTY, response = SLICE_EMPTY;
		const char *why;

		for (const char *c = examples[i]; *c; c++) {
			if (*c == '-')
				border = strlen(hex) / 2;
			else if (*c != '?' && *c != '!')
				strncat(hex, c, 1);
		}
		all = test_unhex(hex);
		why = trace_split(all, &command, &response);
		if (border) {
			CU_ASSERT_PTR_NULL(why);
			CU_ASSERT_EQUAL(command.len, border);
			CU_ASSERT_EQUAL(response.len, all.len - border);
		} else {
			CU_ASSERT_PTR_NOT_NULL_FATAL(why);
			CU_ASSERT_PTR_NOT_NULL(
				strstr(why, *examples[i] == '?' ? "told apart" : "no status word"));
		}
		if (border != command.len)
			fprintf(stderr, "%s: %zu, %s\n", examples[i], command.len, why ? why : "");
	}
}

/* Whatever it is, no octet is lost or read that is not there. */
static void test_anything(void)
{
	uint32_t random = 1;
	unsigned n = 0;

	for (unsigned i = 0; i < 200000; i++) {
		uint8_t octets[300];
		struct slice all = slice_make(octets, i % sizeof(octets));
		struct slice command = SLICE_EMPTY, response = SLICE_EMPTY;

		for (size_t k = 0; k < all.len; k++) {
			random = random * 1664525 + 1013904223;
			octets[k] = (uint8_t)(random >> 24);
		}
		if (trace_split(all, &command, &response))
			continue;
		n++;
		CU_ASSERT(command.len >= 4 && command.len + response.len == all.len);
		CU_ASSERT(!response.len || response.len >= 2);
	}
	CU_ASSERT(n > 1000);
}

TEST_SUITE(split, {"every command, every form", test_every_row},
	   {"what decides, and what stays open", test_examples}, {"anything", test_anything})
