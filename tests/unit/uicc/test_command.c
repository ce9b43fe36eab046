/* the table of commands: no two rows meet, each is served or marked */
#include "tests/unit/test.h"

#include "card-emu/apps/gsm.h"
#include "card-emu/apps/isdr/isdr.h"
#include "card-emu/apps/isim.h"
#include "card-emu/apps/kra.h"
#include "card-emu/apps/usim.h"
#include "card-emu/core/app.h"
#include "card-emu/core/system.h"
#include "card-emu/fs/files.h"
#include "card-emu/fs/pin.h"
#include "lib/uicc/command.h"

#define CHANNELS 20

/* Some class octet is one of both. */
static bool overlap(const struct command *a, const struct command *b)
{
	uint8_t both = a->cla_mask & b->cla_mask;

	return a->ins == b->ins && (a->cla & both) == (b->cla & both);
}

static void test_rows(void)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command *c = &command_table[i];

		CU_ASSERT_PTR_NOT_NULL_FATAL(c->name);
		CU_ASSERT_PTR_NOT_NULL(c->clause);
		CU_ASSERT(c->kind >= COMMAND_CASE_1 && c->kind <= COMMAND_CASE_ANY);
		CU_ASSERT_EQUAL(c->cla & ~c->cla_mask, 0);
		CU_ASSERT((c->cla == CLA_GSM) == (c->interface == COMMAND_OF_GSM));
		/* ISO 7816-3 10.3.2: 6X and 9X are status words */
		CU_ASSERT((c->ins & 0xF0) != 0x60 && (c->ins & 0xF0) != 0x90);
		for (size_t j = 0; j < i; j++)
			CU_ASSERT_FALSE(overlap(c, &command_table[j]) &&
					c->least_p1 == command_table[j].least_p1);
	}
}

/* What is built for a channel is found again, and is on that channel. */
static void test_build_and_find(void)
{
	for (enum command_id id = COMMAND_SELECT; id < COMMAND_COUNT; id++) {
		const struct command *c = &command_table[id];

		for (unsigned ch = 0; ch < (c->interface == COMMAND_OF_GSM ? 1 : CHANNELS); ch++) {
			struct apdu a = command_apdu(id, ch);

			CU_ASSERT_EQUAL(apdu_channel(a.cla), (int)ch);
			CU_ASSERT_TRUE(command_has_class(c, a.cla));
			a.p1 = c->least_p1;
			CU_ASSERT_PTR_EQUAL(command_of(&a), c);
			if (!c->least_p1)
				CU_ASSERT_PTR_EQUAL(command_find(a.cla, a.ins), c);
		}
	}
	CU_ASSERT_PTR_NULL(command_find(CLA_INTERINDUSTRY, INS_STATUS));
	CU_ASSERT_PTR_NULL(command_find(CLA_GSM | 1, INS_SELECT));
	CU_ASSERT_PTR_NULL(command_find(0x10, INS_SELECT)); /* chaining, which no UICC has */
	CU_ASSERT_PTR_NULL(command_find(0xFF, INS_SELECT));
}

/* A trace hides codes and session keys whatever the class says. */
static void test_secrets(void)
{
	static const uint8_t codes[] = {INS_VERIFY_PIN, INS_CHANGE_PIN, INS_DISABLE_PIN,
					INS_ENABLE_PIN, INS_UNBLOCK_PIN};

	for (unsigned ins = 0; ins < 256; ins++) {
		enum command_secret want = COMMAND_OPEN;

		for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
			if (codes[i] == ins)
				want = COMMAND_HIDES_DATA;
		}
		if (ins == INS_AUTHENTICATE || ins == INS_AUTHENTICATE_ODD)
			want = COMMAND_HIDES_ANSWER;
		CU_ASSERT_EQUAL(command_hides((uint8_t)ins), want);
	}
}

/* How many of the card's applications serve it; more than once in one of them counts as a fault. */
static unsigned served(enum command_id id)
{
	static const struct app *const apps[] = {&app_system, &app_files, &app_pins, &app_usim,
						 &app_isim,   &app_gsm,	  &app_isdr, &app_kra};
	unsigned all = 0;

	for (size_t i = 0; i < ARRAY_LEN(apps); i++) {
		unsigned here = 0;

		for (size_t k = 0; k < apps[i]->command_count; k++) {
			CU_ASSERT_PTR_NOT_NULL(apps[i]->commands[k].run);
			here += apps[i]->commands[k].id == id;
		}
		CU_ASSERT(here <= 1);
		all += here;
	}
	return all;
}

/* The dispatcher itself answers GET RESPONSE. */
static void test_card_serves(void)
{
	for (enum command_id id = COMMAND_SELECT; id < COMMAND_COUNT; id++) {
		const struct command *c = &command_table[id];
		bool has = c->ins == INS_GET_RESPONSE || served(id);

		if (has == c->of_others)
			CU_FAIL("a row and the card contradict each other");
	}
}

TEST_SUITE(command, {"rows", test_rows}, {"built and found", test_build_and_find},
	   {"what is hidden", test_secrets}, {"what the card serves", test_card_serves})
