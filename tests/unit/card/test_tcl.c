/* a T=0 card asked in whole APDUs */
#include "tests/unit/test.h"

#include "card-emu/link/tcl.h"
#include "tests/unit/support/card_fixture.h"

static const struct {
	const char *what, *command, *answer;
} exchanges[] = {
	{"case 4: the answer at once", "00a40004023f0000",
	 "621d8202782183023f00a5038001718a01058b032f060ec6069001808301019000"},
	{"case 4, fewer octets than there are", "00a40004023f0005", "621d820278611a"},
	{"and the rest of them", "00c000001a",
	 "2183023f00a5038001718a01058b032f060ec6069001808301019000"},
	{"case 3 says that there are some", "00a40004023f00", "611f"},
	{"case 3 without an answer", "00a4000c022fe2", "9000"},
	{"case 2, all that there is", "00b0000000", "980010325476981032149000"},
	{"case 2, three of them", "00b0000003", "9800109000"},
	{"case 2, one too many", "00b000000b", "6c0a"},
	{"case 4 that is refused", "00a40004026f9900", "6a82"},
	{"of the 2G class it is as it was", "a0a40000023f00", "9f16"},
	{"no command", "00a4", "6700"},
	{"more than it says", "00a40004023f000000", "6700"},
};

static void test_exchanges(void)
{
	struct card *card = fixture_card(FIXTURE_SIM, NULL);

	for (size_t i = 0; i < ARRAY_LEN(exchanges); i++) {
		uint8_t command[16], answer[TCL_ANSWER_MAX];
		struct wbuf c = wbuf_init(command, sizeof(command)),
			    a = wbuf_init(answer, sizeof(answer));

		ASSERT_ERR(hex_decode(exchanges[i].command, &c), ERR_OK);
		ASSERT_ERR(tcl_transmit(card, wbuf_slice(&c), &a), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&a), test_unhex(exchanges[i].answer), exchanges[i].what);
	}
	card_close(&card);
}

TEST_SUITE(tcl, {"each case", test_exchanges})
