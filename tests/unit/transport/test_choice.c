/* which PC/SC reader a person means, and what changes between two lists of them */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/transport/pcsc/change.h"
#include "host/transport/pcsc/choice.h"

#define ICCID "8900012345678901234"
#define EID   "89049032000000000000000000000012"

/* 0 and 1 are of one kind; 3 holds a card whose ATR begins as that of 2. */
static struct reader readers[] = {
	{.index = 0, .name = "Acme Reader 00 00", .state = READER_EMPTY},
	{.index = 1,
	 .name = "Acme Reader 00 01",
	 .state = READER_CARD,
	 .atr = {0x3B, 0x9F, 0x96},
	 .atr_len = 3},
	{.index = 2,
	 .name = "Contact",
	 .state = READER_CARD,
	 .atr = {0x3B, 0x02, 0x14, 0x50},
	 .atr_len = 4},
	{.index = 3,
	 .name = "Contactless 7",
	 .state = READER_CARD,
	 .atr = {0x3B, 0x02, 0x14, 0x51},
	 .atr_len = 4},
	{.index = 4, .name = "Old contact", .state = READER_MUTE},
	{.index = 5, .name = "7", .state = READER_CARD, .atr = {0x3F, 0x00}, .atr_len = 2},
};
static const struct reader_list list = {readers, ARRAY_LEN(readers)};

static void test_forms(void)
{
	static const struct {
		const char *text;
		enum err e;
		enum choice_kind kind;
	} rows[] = {
		{"", ERR_OK, CHOICE_FIRST},
		{"0", ERR_OK, CHOICE_INDEX},
		{"15", ERR_OK, CHOICE_INDEX},
		{"0000", ERR_OK, CHOICE_INDEX},
		{"12345", ERR_OK, CHOICE_NAME}, /* more readers than anybody has */
		{"1 ", ERR_OK, CHOICE_NAME},
		{"-1", ERR_OK, CHOICE_NAME},
		{"Acme", ERR_OK, CHOICE_NAME},
		{"name=7", ERR_OK, CHOICE_NAME},
		{"name=", ERR_USAGE, CHOICE_NAME},
		{"atr=3b", ERR_OK, CHOICE_ATR},
		{"ATR=3B 02:14", ERR_OK, CHOICE_ATR},
		{"atr=", ERR_USAGE, CHOICE_ATR},
		{"atr=3", ERR_USAGE, CHOICE_ATR},
		{"atr=zz", ERR_USAGE, CHOICE_ATR},
		{"atr=3b0000000000000000000000000000000000000000000000000000000000000000", ERR_OK,
		 CHOICE_ATR},
		{"atr=3b000000000000000000000000000000000000000000000000000000000000000000",
		 ERR_USAGE, CHOICE_ATR},
		{"iccid=" ICCID, ERR_OK, CHOICE_ICCID},
		{"iccid=890001234567890123", ERR_OK, CHOICE_ICCID},
		{"iccid=89000123456789012", ERR_USAGE, CHOICE_ICCID},
		{"iccid=" ICCID "12", ERR_USAGE, CHOICE_ICCID},
		{"iccid=8900012345678901x34", ERR_USAGE, CHOICE_ICCID},
		{"eid=" EID, ERR_OK, CHOICE_EID},
		{"eid=8904903200000000000000000000001", ERR_USAGE, CHOICE_EID},
		{"eid=" EID "0", ERR_USAGE, CHOICE_EID},
		{"eid=", ERR_USAGE, CHOICE_EID},
		{"eid", ERR_OK, CHOICE_NAME},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct choice c;

		ASSERT_ERR(choice_parse(rows[i].text, &c), rows[i].e);
		CU_ASSERT_EQUAL((int)c.kind, (int)rows[i].kind);
		CU_ASSERT_EQUAL(choice_asks_card(&c),
				rows[i].kind == CHOICE_ICCID || rows[i].kind == CHOICE_EID);
	}
}

static void test_pick(void)
{
	static const struct {
		const char *text;
		enum err e;
		size_t picked, rivals;
	} rows[] = {
		{"", ERR_OK, 1, 3},
		{"0", ERR_NO_CARD, 0, 0},
		{"1", ERR_OK, 1, 0},
		{"4", ERR_MUTE, 4, 0},
		{"6", ERR_NO_READER, 0, 0},
		{"7", ERR_NO_READER, 0, 0}, /* digits are an index */
		{"name=7", ERR_OK, 5, 0},
		{"Acme Reader 00 00", ERR_NO_CARD, 0, 0}, /* the whole name, though 1 has a card */
		{"acme", ERR_OK, 1, 0},			  /* 0 and 1: the one with a card */
		{"contact", ERR_OK, 2, 0},		  /* whole before the beginning */
		{"CONTACT", ERR_OK, 2, 0},
		{"contactl", ERR_OK, 3, 0},
		{"conta", ERR_OK, 2, 1}, /* the beginning before the middle */
		{"old", ERR_MUTE, 4, 0},
		{"tact", ERR_OK, 2, 1},
		{"00 0", ERR_OK, 1, 0},
		{"00 00", ERR_NO_CARD, 0, 0},
		{"nobody", ERR_NO_READER, 0, 0},
		{"atr=3b9f96", ERR_OK, 1, 0},
		{"atr=3b0214", ERR_OK, 2, 1},
		{"atr=3b021451", ERR_OK, 3, 0},
		{"atr=3b02145100", ERR_NO_READER, 0, 0},
		{"atr=3f", ERR_OK, 5, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t picked = 0, rivals = 0;
		struct choice c;
		enum err e = choice_parse(rows[i].text, &c);

		if (!e)
			e = choice_pick(&c, &list, &picked, &rivals);
		if (e != rows[i].e || picked != rows[i].picked || rivals != rows[i].rivals)
			printf("'%s': %s, reader %zu and %zu more\n", rows[i].text, err_name(e),
			       picked, rivals);
		ASSERT_ERR(e, rows[i].e);
		CU_ASSERT_EQUAL(picked, rows[i].picked);
		CU_ASSERT_EQUAL(rivals, rows[i].rivals);
	}
}

static void test_none(void)
{
	static const char *const texts[] = {"", "0", "x", "atr=3b"};
	const struct reader_list none = {0};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		size_t picked = 9, rivals = 9;
		struct choice c;

		ASSERT_ERR(choice_parse(texts[i], &c), ERR_OK);
		ASSERT_ERR(choice_pick(&c, &none, &picked, &rivals), ERR_NO_READER);
		CU_ASSERT_EQUAL(picked, 9);
	}
}

static void test_numbers(void)
{
	struct choice c;

	ASSERT_ERR(choice_parse("iccid=" ICCID, &c), ERR_OK);
	CU_ASSERT(choice_is_number(&c, ICCID));
	CU_ASSERT(choice_is_number(&c, ICCID "1")); /* its check digit is left out */
	CU_ASSERT_FALSE(choice_is_number(&c, "890001234567890123"));
	CU_ASSERT_FALSE(choice_is_number(&c, "8900012345678901235"));
	CU_ASSERT_FALSE(choice_is_number(&c, ""));
	ASSERT_ERR(choice_parse("eid=" EID, &c), ERR_OK);
	CU_ASSERT(choice_is_number(&c, EID));
	CU_ASSERT_FALSE(choice_is_number(&c, EID "1"));
	CU_ASSERT_FALSE(choice_is_number(&c, "89049032000000000000000000000013"));
}

static void test_list_text(void)
{
	const struct reader_list none = {0};
	char text[2048];
	size_t whole;

	reader_list_text(&list, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "0: Acme Reader 00 00 (empty), 1: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "2: Contact (card, ATR 3b021450)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "4: Old contact (mute)"));
	whole = strlen(text);
	for (size_t cap = 8; cap <= whole; cap++) { /* cut, never torn */
		memset(text, 'x', sizeof(text));
		reader_list_text(&list, text, cap);
		CU_ASSERT(strlen(text) < cap);
		CU_ASSERT_STRING_EQUAL(text + strlen(text) - 3, "...");
		CU_ASSERT_EQUAL(text[cap], 'x');
	}
	reader_list_text(&none, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "");
}

struct heard {
	char text[1024];
};

static void hear(void *ctx, enum reader_change c, const struct reader *r)
{
	struct heard *h = ctx;
	size_t n = strlen(h->text);

	snprintf(h->text + n, sizeof(h->text) - n, "%s %s %s;", reader_change_text(c), r->name,
		 reader_state_text(r->state));
}

static const char *changes(const struct reader_list *before, const struct reader_list *after)
{
	static struct heard h;
	const struct reader_watcher w = {hear, &h};

	h.text[0] = 0;
	change_each(before, after, &w);
	return h.text;
}

static void test_changes(void)
{
	struct reader a[] = {{.name = "A", .state = READER_EMPTY, .events = 1},
			     {.name = "B", .state = READER_CARD, .events = 1, .atr_len = 2}};
	struct reader b[ARRAY_LEN(a)];
	const struct reader_list none = {0}, before = {a, 2};
	struct reader_list after = {b, 2};

	memcpy(b, a, sizeof(a));
	CU_ASSERT_STRING_EQUAL(changes(&before, &after), "");
	CU_ASSERT_STRING_EQUAL(changes(&none, &after), "reader-added A empty;reader-added B card;");
	CU_ASSERT_STRING_EQUAL(changes(&before, &none),
			       "reader-removed A empty;reader-removed B card;");
	b[0].state = READER_CARD;
	b[1].state = READER_EMPTY;
	CU_ASSERT_STRING_EQUAL(changes(&before, &after),
			       "card-inserted A card;card-removed B empty;");
	b[0].state = READER_MUTE;
	b[1].state = READER_BROKEN;
	CU_ASSERT_STRING_EQUAL(changes(&before, &after), "card-mute A mute;card-removed B broken;");
	memcpy(b, a, sizeof(a));
	b[0].state = READER_BROKEN;
	b[1].use = READER_EXCLUSIVE;
	CU_ASSERT_STRING_EQUAL(changes(&before, &after),
			       "reader-state A broken;use-changed B card;");
}

/* Out and in again between two looks; a place of its own in the list. */
static void test_swaps(void)
{
	struct reader a[] = {{.name = "A", .state = READER_CARD, .events = 1, .atr_len = 2},
			     {.name = "B", .state = READER_EMPTY, .events = 1}};
	struct reader b[] = {a[1], a[0]};
	const struct reader_list before = {a, 2}, after = {b, 2};
	const char *const swapped = "card-removed A empty;card-inserted A card;";

	CU_ASSERT_STRING_EQUAL(changes(&before, &after), "");
	b[1].events = 3;
	CU_ASSERT_STRING_EQUAL(changes(&before, &after), swapped);
	b[1].events = 1;
	b[1].atr[1] = 0x55;
	CU_ASSERT_STRING_EQUAL(changes(&before, &after), swapped);
	b[1].state = READER_MUTE;
	CU_ASSERT_STRING_EQUAL(changes(&before, &after), "card-removed A empty;card-mute A mute;");
	b[0].events = 3; /* came and went, unseen */
	b[1] = a[0];
	CU_ASSERT_STRING_EQUAL(changes(&before, &after), "");
}

TEST_SUITE(choice, {"each form, and what is none", test_forms},
	   {"by place, name and ATR", test_pick}, {"where there is no reader", test_none},
	   {"ICCIDs and EIDs", test_numbers}, {"the list for people", test_list_text},
	   {"what comes and goes", test_changes}, {"cards swapped unseen", test_swaps})
