/* what kind of card the terminal takes it for */
#include "tests/unit/test.h"

#include "host/terminal/chip.h"
#include "tests/unit/support/script.h"

#define MF	     "> 00a40004023f00\n< 9000\n" /* a UICC's */
#define OPEN_1	     "> 0070000001\n< 019000\n"
#define CLOSE_1	     "> 0070800100\n< 9000\n"
#define SELECT_ISDR  "> 01a4040010a0000005591010ffffffff8900000100\n"
#define SELECT_ECASD "> 01a4040010a0000005591010ffffffff8900000200\n"
#define BASIC_ISDR   "> 00a4040010a0000005591010ffffffff8900000100\n"
#define BASIC_ECASD  "> 00a4040010a0000005591010ffffffff8900000200\n"
#define GET_EID	     "> 81e2910006bf3e035c015a\n"
#define EID	     "89049032123451234512345678901235"
#define EID_ANSWER   "< 6115\n> 01c0000015\n< bf3e125a10" EID "9000\n"
#define GET_CERTS    "> 81e2910003bf5600\n"

static void detect(const char *text, enum chip_kind kind, bool has_eid)
{
	struct script s = {.text = text};
	struct uicc *u = script_uicc(&s);
	struct chip chip;

	ASSERT_ERR(chip_detect(u, SLICE_EMPTY, &chip), ERR_OK);
	CU_ASSERT_EQUAL(chip.kind, kind);
	CU_ASSERT_EQUAL(chip.has_eid, has_eid);
	if (has_eid)
		ASSERT_OCTETS(SLICE_OF(chip.eid), test_unhex(EID), "EID");
	CU_ASSERT_TRUE(script_done(&s));
	uicc_close(&u);
}

static void test_kinds(void)
{
	detect(OPEN_1 SELECT_ISDR "< 9000\n" GET_EID EID_ANSWER GET_CERTS "< 6a88\n" CLOSE_1,
	       CHIP_SGP22, true);
	detect(OPEN_1 SELECT_ISDR "< 9000\n" GET_EID EID_ANSWER GET_CERTS
				  "< 6104\n> 01c0000004\n< bf5601009000\n" CLOSE_1,
	       CHIP_SGP32, true);
	/* SGP.02: the ISD-R is there, ES10 is not; the ECASD gives the EID */
	detect(OPEN_1 SELECT_ISDR "< 9000\n" GET_EID "< 6a80\n" CLOSE_1 OPEN_1 SELECT_ECASD
				  "< 9000\n> 81ca005a00\n< 5a10" EID "9000\n" CLOSE_1,
	       CHIP_SGP02, true);
	detect(OPEN_1 SELECT_ISDR "< 6a82\n" CLOSE_1 OPEN_1 SELECT_ECASD
				  "< 9000\n> 81ca005a00\n< 6a88\n" CLOSE_1,
	       CHIP_SGP02, false);
	detect(OPEN_1 SELECT_ISDR "< 6a82\n" CLOSE_1 OPEN_1 SELECT_ECASD "< 6a82\n" CLOSE_1 MF,
	       CHIP_UICC, false);
	/* a card without logical channels: the basic one is asked */
	detect("> 0070000001\n< 6881\n" BASIC_ISDR "< 6a82\n> 0070000001\n< 6881\n" BASIC_ECASD
	       "< 6a82\n" MF,
	       CHIP_UICC, false);
	detect("> 0070000001\n< 6a81\n" BASIC_ISDR
	       "< 9000\n> 80e2910006bf3e035c015a\n< bf3e125a10" EID
	       "9000\n> 80e2910003bf5600\n< 6a88\n",
	       CHIP_SGP22, true);
	/* one of 2G, and one that is neither (a bank's, say) */
	detect(OPEN_1 SELECT_ISDR "< 6a82\n" CLOSE_1 OPEN_1 SELECT_ECASD "< 6a82\n" CLOSE_1
				  "> 00a40004023f00\n< 6e00\n"
				  "> a0a40000023f00\n< 9f16\n> a0c0000016\n"
				  "< 000000003f00010000000000098000000000000000009000\n",
	       CHIP_SIM, false);
	detect("> 0070000001\n< 6d00\n" BASIC_ISDR "< 6d00\n> 0070000001\n< 6d00\n" BASIC_ECASD
	       "< 6d00\n> 00a40004023f00\n< 6d00\n> a0a40000023f00\n< 6d00\n",
	       CHIP_OTHER, false);
}

static void test_nonsense(void)
{
	/* an EID of the wrong length, and one in the wrong object, are none */
	detect(OPEN_1 SELECT_ISDR "< 9000\n" GET_EID
				  "< bf3e035a01899000\n" CLOSE_1 OPEN_1 SELECT_ECASD
				  "< 6a82\n" CLOSE_1 MF,
	       CHIP_UICC, false);
	detect(OPEN_1 SELECT_ISDR "< 9000\n" GET_EID "< bf3c009000\n" CLOSE_1 OPEN_1 SELECT_ECASD
				  "< 6a82\n" CLOSE_1 MF,
	       CHIP_UICC, false);
}

static void test_texts(void)
{
	for (enum chip_kind k = CHIP_OTHER; k <= CHIP_SGP32; k++) {
		CU_ASSERT_TRUE(*chip_text(k) != 0);
		CU_ASSERT_EQUAL(*chip_hint(k) == 0, k == CHIP_SGP22);
	}
}

TEST_SUITE(chip, {"each kind of card", test_kinds}, {"nonsense from cards", test_nonsense},
	   {"every kind has words", test_texts})
