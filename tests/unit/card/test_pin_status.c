/* Whether a card wants a PIN: what it says in its PIN status template. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "host/terminal/usim.h"
#include "host/transport/open.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/script.h"

static bool asked(const char *sim)
{
	const char *dir;
	char spec[128];
	struct card *card = fixture_card(sim, &dir);
	struct transport *t = NULL;
	struct uicc *u = NULL;
	bool enabled = false;

	card_close(&card);
	snprintf(spec, sizeof(spec), "card:%s", dir);
	CU_ASSERT_FATAL(transport_open(spec, 0, NULL, &t) == ERR_OK && uicc_open(t, &u) == ERR_OK);
	ASSERT_ERR(usim_select(u), ERR_OK);
	ASSERT_ERR(usim_pin_enabled(u, USIM_PIN1, &enabled), ERR_OK);
	uicc_close(&u);
	return enabled;
}

static void our_card(void)
{
	static const char without[] =
		"imsi = 001010123456789\niccid = 89000123456789012341\n"
		"k = 465b5ce8b199b49faa5f0a2ee238a6bc\nopc = cd63cb71954a9f4e48a5994e37a02baf\n";

	CU_ASSERT_TRUE(asked(FIXTURE_SIM));
	CU_ASSERT_FALSE(asked(without));
}

static void templates(void)
{
	static const struct {
		const char *status;
		bool enabled;
	} rows[] = {
		/* a TS.48 profile: PIN2 and ADM enabled, PIN1 not */
		{"< 620ec60c9001a0830181830101 83010a9000", false},
		{"< 620ec60c900160830181830101 83010a9000", true},
		{"< 620bc609900180830101 83010a9000", true},
		{"< 620bc609900100 83010183010a9000", false},
		{"< 6206c60490018083019000", true},    /* not well formed */
		{"< 620283009000", true},	       /* no template */
		{"< 6208c606900100830181 9000", true}, /* says nothing of PIN1 */
		{"< 6a82", true},
		{"< 6985", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[128];
		struct script s = {.text = text};
		struct uicc *u;
		bool enabled = !rows[i].enabled;

		snprintf(text, sizeof(text), "> 80f2000000\n%s\n", rows[i].status);
		u = script_uicc(&s);
		ASSERT_ERR(usim_pin_enabled(u, USIM_PIN1, &enabled), ERR_OK);
		CU_ASSERT_EQUAL(enabled, rows[i].enabled);
		CU_ASSERT(script_done(&s));
		uicc_close(&u);
	}
}

TEST_SUITE(pin_status, {"our card, with and without", our_card}, {"templates", templates})
