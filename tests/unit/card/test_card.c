/* the card by its public header: T=0, channels, files, PIN, AUTHENTICATE */
#include "tests/unit/test.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "card-emu/apps/gsm.h"
#include "card-emu/apps/usim.h"
#include "card-emu/core/system.h"
#include "card-emu/fs/files.h"
#include "card-emu/fs/pin.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/fault.h"

#define RAND	   "23553cbe9637a89d218ae64dae47bf35"
#define AUTN	   "55f328b43577b9b94a9ffac354dfafb3"
#define SELECT_ADF "00a4040c07a0000000871002"
#define VERIFY	   "002000010831323334ffffffff"
#define WRONG_PIN  "002000010830303030ffffffff"

/* tests/transcripts/sim-*: for the card of the fixture */
static void transcripts(void)
{
	glob_t found = {0};

	CU_ASSERT_EQUAL(glob("tests/transcripts/sim-*.txt", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct card *card = fixture_card(FIXTURE_SIM, NULL);
		FILE *f = fopen(found.gl_pathv[i], "r");
		char line[1024], command[1024] = "";

		for (unsigned n = 1; f && fgets(line, sizeof(line), f); n++) {
			line[strcspn(line, "\n")] = 0;
			if (*line == '>')
				snprintf(command, sizeof(command), "%s", line + 1);
			else if (*line == '<')
				test_octets(test_unhex(fixture_send(card, command)),
					    test_unhex(line + 1), command, found.gl_pathv[i],
					    (int)n);
			else if (strcmp(line, "reset") == 0)
				card_reset(card);
		}
		CU_ASSERT_PTR_NOT_NULL(f);
		if (f)
			fclose(f);
		card_close(&card);
	}
	globfree(&found);
}

static void ready(struct card *card)
{
	ASSERT_APDU(card, SELECT_ADF, "9000");
	ASSERT_APDU(card, VERIFY, "9000");
}

static const char *text_of(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

/* The answer of a case 4 command, fetched. */
static void expect_answer(struct card *card, const char *command, const char *get,
			  const json_t *want)
{
	char fetch[16], response[256];
	const char *sw = fixture_send(card, command);

	if (strlen(text_of(want, "response")) == 0) {
		CU_ASSERT_STRING_EQUAL(sw, text_of(want, "sw"));
		return;
	}
	CU_ASSERT_EQUAL(strncmp(sw, *get == 'a' ? "9f" : "61", 2), 0);
	snprintf(fetch, sizeof(fetch), "%s%.2s", get, sw + 2);
	snprintf(response, sizeof(response), "%s9000", text_of(want, "response"));
	ASSERT_APDU(card, fetch, response);
}

static void one_vector(const json_t *v)
{
	const json_t *success = json_object_get(v, "usim_3g"), *gsm = json_object_get(v, "sim_2g");
	char sim[512], want[256];
	struct card *card;
	unsigned long long sqn = strtoull(text_of(v, "sqn"), NULL, 16);

	snprintf(sim, sizeof(sim),
		 "imsi=001010123456789\niccid=89000123456789012341\npin=1234\nk=%s\nopc=%s\nsqn=%"
		 "012llx\n",
		 text_of(v, "k"), text_of(v, "opc"), sqn - 32);
	card = fixture_card(sim, NULL);
	ready(card);
	expect_answer(card, text_of(json_object_get(v, "usim_gsm"), "command"), "00c00000",
		      json_object_get(v, "usim_gsm"));
	expect_answer(card, text_of(json_object_get(v, "usim_3g_mac_failure"), "command"),
		      "00c00000", json_object_get(v, "usim_3g_mac_failure"));
	CU_ASSERT_STRING_EQUAL(fixture_send(card, text_of(success, "command")), "6135");
	snprintf(want, sizeof(want), "%s9000", text_of(success, "response_service27"));
	ASSERT_APDU(card, "00c0000035", want);
	CU_ASSERT_STRING_EQUAL(fixture_send(card, text_of(success, "command")), "6110");
	ASSERT_APDU(card, "a0a40000027f20", "9f16");
	expect_answer(card, text_of(gsm, "command"), "a0c00000", gsm);
	card_close(&card);
	/* a card that is ahead: AUTS is the published one */
	snprintf(sim, sizeof(sim),
		 "imsi=001010123456789\niccid=89000123456789012341\npin=1234\nk=%s\nopc=%s\nsqn=%"
		 "s\n",
		 text_of(v, "k"), text_of(v, "opc"),
		 text_of(json_object_get(v, "usim_3g_sync_failure"), "sqn_ms"));
	card = fixture_card(sim, NULL);
	ready(card);
	expect_answer(card, text_of(json_object_get(v, "usim_3g_sync_failure"), "command"),
		      "00c00000", json_object_get(v, "usim_3g_sync_failure"));
	card_close(&card);
}

static void vectors(void)
{
	json_t *all = test_vectors("authenticate_apdu");
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(all, "vectors"), i, v) one_vector(v);
	CU_ASSERT(i > 0);
	json_decref(all);
}

#define AUTHENTICATE "008800812210" RAND "10" AUTN

/* The number is written down before the answer; where it cannot be, there is no answer. */
static void sqn_persists(void)
{
	const char *dir = NULL;
	struct card *card = fixture_card(FIXTURE_SIM, &dir);

	ready(card);
	fault_arm(FAULT_FULL, 1, 0);
	ASSERT_APDU(card, AUTHENTICATE, "6581");
	CU_ASSERT(fault_disarm());
	ASSERT_APDU(card, "00c0000035", "6f00");
	ASSERT_APDU(card, AUTHENTICATE, "6135");
	card_close(&card); /* as kill -9: nothing is written at the end */
	card = fixture_reopen(dir);
	ready(card);
	ASSERT_APDU(card, AUTHENTICATE, "6110");
	card_close(&card);
}

static void authenticate_refused(void)
{
	struct card *card = fixture_card(FIXTURE_SIM, NULL);

	ASSERT_APDU(card, AUTHENTICATE, "6d00"); /* no ADF selected */
	ASSERT_APDU(card, SELECT_ADF, "9000");
	ASSERT_APDU(card, AUTHENTICATE, "6982");
	ASSERT_APDU(card, VERIFY, "9000");
	ASSERT_APDU(card, "008801812210" RAND "10" AUTN, "6a86");
	ASSERT_APDU(card, "008800002210" RAND "10" AUTN, "6a86");
	ASSERT_APDU(card, "008800842210" RAND "10" AUTN, "9864");
	ASSERT_APDU(card, "008800822210" RAND "10" AUTN, "9864");
	ASSERT_APDU(card, "008800811110" RAND, "6700");
	ASSERT_APDU(card, "008800802210" RAND "10" AUTN, "6700");
	ASSERT_APDU(card, "00880081220f" RAND "10" AUTN, "6a80");
	ASSERT_APDU(card, "008800812210" RAND "11" AUTN, "6a80");
	ASSERT_APDU(card, "0088008122", "6700");
	ASSERT_APDU(card, "008900812210" RAND "10" AUTN, "6d00");
	ASSERT_APDU(card, "808800812210" RAND "10" AUTN, "6e00");
	card_reset(card); /* the PIN is forgotten */
	ASSERT_APDU(card, SELECT_ADF, "9000");
	ASSERT_APDU(card, AUTHENTICATE, "6982");
	card_close(&card);
}

/* A PIN that no PUK unblocks: TS 102 221 11.1.13, referenced data not found */
static void pin_without_puk(void)
{
	struct card *card = fixture_card("imsi = 001010123456789\niccid = 89000123456789012341\n"
					 "k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
					 "opc = cd63cb71954a9f4e48a5994e37a02baf\npin = 1234\n",
					 NULL);

	ASSERT_APDU(card, SELECT_ADF, "9000");
	ASSERT_APDU(card, "002c000100", "6a88");
	ASSERT_APDU(card,
		    "002c0001103132333435363738"
		    "35363738ffffffff",
		    "6a88");
	ASSERT_APDU(card, VERIFY, "9000");
	card_close(&card);
}

static void pin_counters(void)
{
	const char *dir = NULL;
	struct card *card = fixture_card(FIXTURE_SIM, &dir);

	ASSERT_APDU(card, SELECT_ADF, "9000");
	ASSERT_APDU(card, "0020000100", "63c3");
	ASSERT_APDU(card, WRONG_PIN, "63c2");
	card_close(&card);
	card = fixture_reopen(dir);
	ASSERT_APDU(card, "0020000100", "63c2");
	ASSERT_APDU(card, VERIFY, "9000");
	ASSERT_APDU(card, "0020000100", "63c3");
	ASSERT_APDU(card, WRONG_PIN, "63c2");
	ASSERT_APDU(card, WRONG_PIN, "63c1");
	ASSERT_APDU(card, WRONG_PIN, "63c0"); /* TS 102 221 11.1.9.1.1: 6983 comes after it */
	ASSERT_APDU(card, VERIFY, "6983");
	ASSERT_APDU(card, "0020000100", "6983");
	ASSERT_APDU(card, "002c000100", "63ca");
	ASSERT_APDU(card,
		    "002c0001103030303030303030"
		    "31323334ffffffff",
		    "63c9");
	ASSERT_APDU(card,
		    "002c0001103132333435363738"
		    "35363738ffffffff",
		    "9000");
	ASSERT_APDU(card, "0020000100", "63c3");
	ASSERT_APDU(card, "002400011035363738ffffffff31323334ffffffff", "9000");
	ASSERT_APDU(card,
		    "0026000108"
		    "31323334ffffffff",
		    "9000");
	ASSERT_APDU(card, VERIFY, "6984");
	card_reset(card);
	ASSERT_APDU(card, SELECT_ADF, "9000");
	ASSERT_APDU(card, AUTHENTICATE, "6135"); /* disabled: not asked for */
	ASSERT_APDU(card,
		    "0028000108"
		    "31323334ffffffff",
		    "9000");
	ASSERT_APDU(card, "0020000200", "6a88");
	ASSERT_APDU(card, "0020010100", "6a86");
	ASSERT_APDU(card,
		    "0020000104"
		    "31323334",
		    "6700");
	card_close(&card);
}

/* The try is used up before the comparison: a cut in between gives no free one. */
static void pin_counter_comes_first(void)
{
	const char *dir = NULL;
	struct card *card = fixture_card(FIXTURE_SIM, &dir);

	fault_arm(FAULT_DEATH, 1, 0);
	ASSERT_APDU(card, VERIFY,
		    "6581"); /* it cannot be written: the right PIN is not even tried */
	CU_ASSERT(fault_disarm());
	card_close(&card);
	card = fixture_reopen(dir);
	fault_arm(FAULT_DEATH, 2, 0);
	ASSERT_APDU(card, VERIFY, "6581");
	CU_ASSERT(fault_disarm());
	card_close(&card);
	card = fixture_reopen(dir);
	ASSERT_APDU(card, "0020000100", "63c2");
	card_close(&card);
}

static void t0_rules(void)
{
	struct card *card = fixture_card(FIXTURE_SIM, NULL);

	ASSERT_APDU(card, "00c0000010", "6f00");       /* nothing waits: TS 102 221 12.1.1 */
	ASSERT_APDU(card, "00a40004022f0000", "611c"); /* Le is tolerated */
	ASSERT_APDU(card, "00c00000ff", "6c1c");
	ASSERT_APDU(card, "00c0000000", "6c1c");
	ASSERT_APDU(card, "00c001001c", "6a86");
	ASSERT_APDU(card, "01c000001c", "6881"); /* another channel, which is not open */
	ASSERT_APDU(card, "a0c000001c", "6f00"); /* another family */
	ASSERT_APDU(card, "00c0000002", "621a611a");
	ASSERT_APDU(card, "00c000001a", "8205422100260183022f008a01058b032f060a800200268801f09000");
	ASSERT_APDU(card, "00c0000001", "6f00");
	ASSERT_APDU(card, "00a40004022f00", "611c");
	ASSERT_APDU(card, "00c0000002", "621a611a");
	ASSERT_APDU(card, "00a4000c022f00", "9000"); /* what waited is lost */
	ASSERT_APDU(card, "00c000001a", "6f00");
	ASSERT_APDU(card, "00b20104ff", "6c26");
	ASSERT_APDU(card, "00b2010400", "6c26");
	ASSERT_APDU(card, "00b20104", "6c26"); /* four octets: P3 is 00 (7.3.1.1.1) */
	card_close(&card);
}

static void channels(void)
{
	struct card *card = fixture_card(FIXTURE_SIM, NULL);

	ASSERT_APDU(card, "0070000000", "6c01");
	ASSERT_APDU(card, "0070000001", "019000");
	ASSERT_APDU(card, "0070000002", "6c01");
	ASSERT_APDU(card, "0070000001", "029000");
	ASSERT_APDU(card, "0070000001", "039000");
	ASSERT_APDU(card, "0070000001", "6a81");
	ASSERT_APDU(card, "0070800200", "9000");
	ASSERT_APDU(card, "02a4000c023f00", "6881");
	ASSERT_APDU(card, "0070000001", "029000");
	ASSERT_APDU(card, "0070800000", "6a86");
	ASSERT_APDU(card, "0070800400", "6a86");
	ASSERT_APDU(card, "0070400001", "6a86");
	/* each channel has its own current file; the PIN is the card's */
	ASSERT_APDU(card, "01a4040c07a0000000871002", "9000");
	ASSERT_APDU(card, "01a4000c026f07", "9000");
	ASSERT_APDU(card, "02b0000009", "6986");
	ASSERT_APDU(card, "01b0000009", "6982");
	ASSERT_APDU(card, VERIFY, "9000");
	ASSERT_APDU(card, "01b0000009", "0809101010325476989000");
	ASSERT_APDU(card, "02b0000009", "6986");
	ASSERT_APDU(card, "44a4000c023f00", "6881"); /* channel 8 */
	card_reset(card);
	ASSERT_APDU(card, "01a4000c023f00", "6881");
	card_close(&card);
}

/* TS 102 221 11.1.1: P2 0C asks for no data, of an applet as of a file. */
static void applets(void)
{
	static const char *const aids[] = {"10a0000005591010ffffffff8900000100",
					   "09f05457494e4b455901"};
	struct card *card = fixture_card(FIXTURE_SIM, NULL);
	char command[64];

	for (size_t i = 0; i < ARRAY_LEN(aids); i++) {
		snprintf(command, sizeof(command), "00a40400%s", aids[i]);
		CU_ASSERT_EQUAL(strncmp(fixture_send(card, command), "61", 2), 0);
		snprintf(command, sizeof(command), "00a4040c%s", aids[i]);
		ASSERT_APDU(card, command, "9000");
		ASSERT_APDU(card, "00c0000001", "6f00");
		ASSERT_APDU(card, "80e2110001", "6700"); /* it is selected: its command is known */
	}
	card_close(&card);
}

static void files(void)
{
	struct card *card = fixture_card(FIXTURE_SIM, NULL);

	ASSERT_APDU(card, "00a4080c042f00", "6700");
	ASSERT_APDU(card, "00a4080c022f00", "9000");
	ASSERT_APDU(card, "00a4080c047ff06f07", "6a82"); /* not by a temporary identifier */
	ASSERT_APDU(card, SELECT_ADF, "9000");
	ASSERT_APDU(card, "00a4080c047fff6f07", "9000");
	ASSERT_APDU(card, "00a4090c045f3b4f20", "9000");
	ASSERT_APDU(card, "00a4000c026f99", "6a82");
	ASSERT_APDU(card, "00a4020c026f07", "6a86");
	ASSERT_APDU(card, "00a4000c033f0000", "6700");
	ASSERT_APDU(card, "00a4040c05a0000000ff", "6a82");
	ASSERT_APDU(card, "00a4040c04a0000001", "6a82");
	ASSERT_APDU(card, "00a4040e07a0000000871002", "6a82"); /* there is no next one */
	ready(card);
	card_close(&card);
}

static void reading_and_writing(void)
{
	const char *dir = NULL;
	struct card *card = fixture_card(FIXTURE_SIM, &dir);

	ready(card);
	ASSERT_APDU(card, "00b0870009", "0809101010325476989000"); /* SFI 07 */
	ASSERT_APDU(card, "00b0000009", "0809101010325476989000"); /* it is the current EF now */
	ASSERT_APDU(card, "00b000000a", "6c09");
	ASSERT_APDU(card, "00b0000801", "989000");
	ASSERT_APDU(card, "00b0000901", "6b00");
	ASSERT_APDU(card, "00b2010409", "6981");
	ASSERT_APDU(card, "80cb00800180", "6981"); /* RETRIEVE DATA: it is no BER-TLV file */
	ASSERT_APDU(card,
		    "00d60000"
		    "0101",
		    "6982"); /* ADM only */
	ASSERT_APDU(card, "00a4000c026f7e", "9000");
	ASSERT_APDU(card,
		    "00d600000b"
		    "0102030405060708090a0b",
		    "9000");
	ASSERT_APDU(card,
		    "00d6000a"
		    "020102",
		    "6700");
	ASSERT_APDU(card,
		    "00d6000b"
		    "0101",
		    "6b00");
	ASSERT_APDU(card, "00d60000", "6700");
	card_close(&card);
	card = fixture_reopen(dir);
	ready(card);
	ASSERT_APDU(card, "00a4000c026f7e", "9000");
	ASSERT_APDU(card, "00b000000b", "0102030405060708090a0b9000");
	ASSERT_APDU(card, "00a4080c022f00", "9000");
	ASSERT_APDU(card, "00b2020426", "6a83");
	ASSERT_APDU(card, "00b2000026", "6a86");
	ASSERT_APDU(card, "00b2000326",
		    "61144f0ca0000000871002ff49ff058950045553494dffffffffffffffffffffffffffffffff"
		    "9000");
	ASSERT_APDU(card, "00b2000226", "6a83"); /* next of the last */
	ASSERT_APDU(card,
		    "00a201040287"
		    "10",
		    "6101");
	ASSERT_APDU(card, "00c0000001", "019000");
	ASSERT_APDU(card, "00a20104021234", "6282");
	card_close(&card);
}

static void no_profile(void)
{
	struct card *card = fixture_card(NULL, NULL);

	ASSERT_APDU(card, "00a40004023f00", "6117");
	ASSERT_APDU(card, "00a4000c022f00", "9000");
	ASSERT_APDU(card, "00b20104ff", "6c26");
	ASSERT_APDU(card, "00a4000c022fe2", "9000");
	ASSERT_APDU(card, "00b000000a", "ffffffffffffffffffff9000");
	ASSERT_APDU(card, SELECT_ADF, "6a82");
	ASSERT_APDU(card, "a0a40000027f20", "9404");
	ASSERT_APDU(card, "a088000010" RAND, "9408");
	ASSERT_APDU(card, "0020000100", "6a88");
	card_close(&card);
}

static bool good(const char *response)
{
	size_t n = strlen(response);

	return n >= 4 &&
	       (strncmp(response + n - 4, "90", 2) == 0 || strncmp(response + n - 4, "61", 2) == 0);
}

/* Cut anywhere, too long, or with an Lc that lies: refused. */
static void malformed(void)
{
	static const char *const commands[] = {"00a40004023f00", VERIFY,
					       AUTHENTICATE,	 "00a4040c07a0000000871002",
					       "00d600000101",	 ("a088000010" RAND)};
	struct card *card = fixture_card(FIXTURE_SIM, NULL);

	ready(card);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		char cut[128];
		size_t n = strlen(commands[i]);

		for (size_t len = 0; len < n; len += 2) {
			snprintf(cut, sizeof(cut), "%.*s", (int)len, commands[i]);
			if (len == 8 && strncmp(cut, "0020", 4) == 0)
				continue; /* VERIFY without data asks for the tries */
			if (len == 8 && strncmp(cut, "00a404", 6) == 0)
				continue; /* an AID that is cut to nothing names the first one */
			CU_ASSERT_FALSE(good(fixture_send(card, cut)));
		}
		snprintf(cut, sizeof(cut), "%s0000", commands[i]);
		CU_ASSERT_STRING_EQUAL(fixture_send(card, cut), "6700");
	}
	ASSERT_APDU(card, "", "6700");
	ASSERT_APDU(card, "00a4000400023f00", "6700"); /* extended length */
	ASSERT_APDU(card, "10a40004023f00", "6e00");
	ASSERT_APDU(card, "ffa40004023f00", "6e00");
	ASSERT_APDU(card, "90a40004023f00", "6e00");
	ASSERT_APDU(card, "a5a40000023f00", "6e00");
	ASSERT_APDU(card, "04a40004023f00", "6882");
	ASSERT_APDU(card, "00fe000000", "6d00");
	ASSERT_APDU(card, "80e2910003bf5600", "6d00");
	ASSERT_APDU(card, "80c2000003d10100", "6985"); /* ENVELOPE: no application receives SMS */
	card_close(&card);
}

/* Every class and instruction, alone and with data: the card answers, and never with good cheer to
 * a class or an instruction that has no row. */
static void every_class_and_instruction(void)
{
	struct card *card = fixture_card(FIXTURE_SIM, NULL);

	for (unsigned cla = 0; cla < 256; cla++) {
		for (unsigned ins = 0; ins < 256; ins++) {
			char command[32];
			size_t n;

			snprintf(command, sizeof(command), "%02x%02x0000", cla, ins);
			n = strlen(fixture_send(card, command));
			CU_ASSERT(n >= 4 && n % 2 == 0);
			snprintf(command, sizeof(command), "%02x%02xffff020102", cla, ins);
			CU_ASSERT_FALSE(good(fixture_send(card, command)));
		}
	}
	card_close(&card);
}

TEST_SUITE(card, {"golden transcripts", transcripts}, {"AUTHENTICATE vectors", vectors},
	   {"SQN is written before the answer", sqn_persists},
	   {"AUTHENTICATE is refused", authenticate_refused}, {"PIN counters", pin_counters},
	   {"a PIN without PUK", pin_without_puk},
	   {"the PIN counter comes first", pin_counter_comes_first}, {"T=0 rules", t0_rules},
	   {"logical channels", channels}, {"SELECT of an applet", applets}, {"SELECT", files},
	   {"reading and writing", reading_and_writing}, {"no profile", no_profile},
	   {"malformed commands", malformed},
	   {"every class and instruction", every_class_and_instruction})
