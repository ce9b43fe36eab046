/* pin: PINs and what they guard. ETSI TS 102 221 9, 11.1.9 */
#include <stdio.h>

#include "host/exam/cases/cases.h"
#include "host/exam/fcp.h"
#include "host/exam/probe.h"
#include "host/terminal/usim.h"

#define NO_KEY	  0x1F /* a key reference that is reserved, TS 102 221 table 9.3 */
#define PIN_BLOCK 8

/* An empty VERIFY: the tries left, -1 where it does not say. */
static int tries(struct exam *x, struct exam_answer *a)
{
	struct apdu c = exam_command(COMMAND_VERIFY_PIN, 0, USIM_PIN1, 0);

	exam_send(x, &c, a);
	return sw_is(a->sw, SW_VERIFY_FAILED) ? (int)sw_number(a->sw) : -1;
}

static void counter(struct exam *x)
{
	struct exam_answer a;
	int n;

	if (!exam_reset(x, false) || !exam_at_usim(x))
		return;
	n = tries(x, &a);
	exam_sw(x, a.sw, "VERIFY without data after a reset, with PIN1 enabled",
		SW(SW_VERIFY_FAILED, SW_PIN_BLOCKED));
	exam_check(x, n < 0 || n <= 10, "%d tries are said to be left", n);
}

static void counter_free(struct exam *x)
{
	struct exam_answer a;
	int first, second;

	if (!exam_reset(x, false) || !exam_at_usim(x))
		return;
	first = x->pin_tries;
	second = tries(x, &a);
	if (exam_check(x, first < 0 || second < 0 || second >= first,
		       "asking for the tries left costs one: there were %d, now there are %d",
		       first, second))
		return;
	/* nothing that may ask or try again */
	snprintf(x->no_pin, sizeof(x->no_pin), "asking for the tries left costs one");
	x->pin_tries = second;
	x->card->has &= ~(unsigned)(EXAM_PIN | EXAM_PIN_ENABLED);
}

/* After a reset, at the USIM. A case that may cost a try is not begun with fewer. */
static bool has_three_tries(struct exam *x, int *left)
{
	struct exam_answer a;

	if (!exam_reset(x, false) || !exam_at_usim(x))
		return false;
	*left = tries(x, &a);
	if (*left < 3)
		exam_skip(x, "fewer than three tries are left");
	return *left >= 3;
}

static void length(struct exam *x)
{
	static const uint8_t odd[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
	struct apdu c = exam_command(COMMAND_VERIFY_PIN, 0, USIM_PIN1, 0);
	struct exam_answer a;
	int before, after;

	if (!has_three_tries(x, &before))
		return;
	c.data = SLICE_OF(odd);
	exam_send(x, &c, &a);
	after = tries(x, &(struct exam_answer){.sw = 0});
	exam_sw(x, a.sw, "VERIFY with a PIN of 7 octets", SW(SW_WRONG_LENGTH));
	exam_check(x, before == after, "a PIN of a wrong length costs a try: %d, then %d", before,
		   after);
	x->pin_tries = after;
}

static void reference(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_VERIFY_PIN, 0, NO_KEY, 0);
	struct exam_answer a;

	if (!exam_at_usim(x))
		return;
	exam_sw(x, exam_send(x, &c, &a), "VERIFY with a reserved key reference",
		SW(SW_NOT_FOUND, SW_WRONG_P1P2, SW_OUT_OF_RANGE));
}

static void p1(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_VERIFY_PIN, 1, USIM_PIN1, 0);
	struct exam_answer a;

	if (!exam_at_usim(x))
		return;
	exam_sw(x, exam_send(x, &c, &a), "VERIFY with P1 01", SW(SW_WRONG_P1P2, SW_OUT_OF_RANGE));
}

static void guards(struct exam *x)
{
	struct exam_answer a;

	if (!exam_reset(x, false) || !exam_under_usim(x, FID_IMSI, &a))
		return;
	exam_sw(x, exam_read_binary(x, 0, 9, &a), "READ BINARY of EF.IMSI before PIN1",
		SW(SW_SECURITY_STATUS));
	exam_check(x, !a.len, "%zu octets of EF.IMSI come before PIN1", a.len);
}

static void guards_authentication(struct exam *x)
{
	static const uint8_t zeros[34];
	struct apdu c = exam_command(COMMAND_AUTHENTICATE, 0, AUTHENTICATE_3G, 256);
	struct exam_answer a;
	uint8_t data[sizeof(zeros)] = {USIM_RAND_LEN};

	if (!exam_reset(x, false) || !exam_at_usim(x))
		return;
	data[1 + USIM_RAND_LEN] = USIM_AUTN_LEN;
	c.data = SLICE_OF(data);
	exam_sw(x, exam_send(x, &c, &a), "AUTHENTICATE before PIN1", SW(SW_SECURITY_STATUS));
}

static void reads_openly(struct exam *x)
{
	struct exam_answer a;

	if (!exam_reset(x, false))
		return;
	if (exam_under_mf(x, FID_ICCID, &a))
		exam_sw(x, exam_read_binary(x, 0, 10, &a), "READ BINARY of EF.ICCID without a PIN",
			SW(SW_OK));
	if (exam_under_mf(x, FID_DIR, &a))
		exam_check(x, exam_read_record(x, 1, RECORD_ABSOLUTE, 0, &a) != SW_SECURITY_STATUS,
			   "READ RECORD of EF.DIR wants a PIN");
}

/* What it writes is what stands there: a card that lets it has not changed. */
static void iccid_update(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_UPDATE_BINARY, 0, 0, 0);
	struct exam_answer was, a;

	if (!exam_under_mf(x, FID_ICCID, &was) || exam_read_binary(x, 0, 10, &was) != SW_OK)
		return;
	c.data = exam_data(&was);
	exam_sw(x, exam_send(x, &c, &a), "UPDATE BINARY of EF.ICCID, with what it has",
		SW(SW_SECURITY_STATUS, SW_CONDITIONS, SW_COMMAND_INCOMPATIBLE));
}

static void update_guarded(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_UPDATE_BINARY, 0, 0, 0);
	struct exam_answer was, a;

	if (!exam_usim_file(x, FID_IMSI, &was)) {
		exam_skip(x, "EF.IMSI is not to be read");
		return;
	}
	c.data = exam_data(&was);
	exam_sw(x, exam_send(x, &c, &a), "UPDATE BINARY of EF.IMSI with PIN1, with what it has",
		SW(SW_SECURITY_STATUS, SW_CONDITIONS));
}

static void after_reset_closed(struct exam *x)
{
	struct exam_answer a;

	if (!exam_under_usim(x, FID_IMSI, &a) ||
	    !exam_sw(x, exam_read_binary(x, 0, 9, &a), "READ BINARY of EF.IMSI after PIN1",
		     SW(SW_OK)))
		return;
	if (!exam_reset(x, false) || !exam_under_usim(x, FID_IMSI, &a))
		return;
	exam_sw(x, exam_read_binary(x, 0, 9, &a), "READ BINARY of EF.IMSI after a reset",
		SW(SW_SECURITY_STATUS));
}

static void verified(struct exam *x)
{
	struct exam_answer a;

	if (!exam_at_usim(x))
		return;
	tries(x, &a);
	exam_sw(x, a.sw, "VERIFY without data after PIN1 was verified",
		SW(SW_OK, SW_VERIFY_FAILED));
}

static void wrong(struct exam *x)
{
	static const uint8_t block[PIN_BLOCK] = {'0', '0', '0', '0', 0xFF, 0xFF, 0xFF, 0xFF};
	static const uint8_t other[PIN_BLOCK] = {'9', '9', '9', '9', '9', 0xFF, 0xFF, 0xFF};
	struct apdu c = exam_command(COMMAND_VERIFY_PIN, 0, USIM_PIN1, 0);
	struct exam_answer a;
	struct failure f;
	int before, after;

	if (!has_three_tries(x, &before))
		return;
	c.data = SLICE_OF(block);
	exam_send(x, &c, &a);
	if (a.sw == SW_OK) {
		c.data = SLICE_OF(other);
		exam_send(x, &c, &a);
		exam_check(x, a.sw != SW_OK, "two PINs are taken for the right one");
		exam_remark(x, "PIN1 is 0000, which was to be the wrong one");
		return;
	}
	x->spent->pin_tries++;
	exam_sw(x, a.sw, "VERIFY with a wrong PIN", SW(SW_VERIFY_FAILED));
	after = tries(x, &a);
	exam_check(x, after == before - 1, "a wrong PIN leaves %d tries of %d", after, before);
	f = x->plan->user.unlock(x->plan->user.ctx, x->u);
	exam_check(x, !f.err, "the right PIN is refused after a wrong one: %.120s", f.text);
	if (!exam_reset(x, false) || !exam_at_usim(x))
		return;
	after = tries(x, &a);
	exam_check(x, after == before, "the right PIN gives back %d tries of %d", after, before);
	x->pin_tries = after;
}

#define ENABLED	 .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN_ENABLED
#define VERIFIED .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN_ENABLED | EXAM_PIN

static const struct exam_case cases[] = {
	{RULE("pin.counter-free", FINDING_ERROR, "TS 102 221 11.1.9",
	      "VERIFY without data costs no try"),
	 ENABLED, .run = counter_free},
	{RULE("pin.counter", FINDING_ERROR, "TS 102 221 11.1.9",
	      "VERIFY without data tells the tries left (63Cx)"),
	 ENABLED, .run = counter},
	{RULE("pin.key-reference", FINDING_ERROR, "TS 102 221 9.5.1, 11.1.9, 10.2.1.5",
	      "a key reference that is none is answered by 6A88 or 6A86"),
	 .needs = EXAM_UICC | EXAM_USIM, .run = reference},
	{RULE("pin.p1", FINDING_ERROR, "TS 102 221 11.1.9", "P1 of VERIFY is 00"),
	 .needs = EXAM_UICC | EXAM_USIM, .run = p1},
	{RULE("pin.guards-imsi", FINDING_ERROR, "TS 31.102 4.2.2, TS 102 221 9.2",
	      "EF.IMSI is not read before PIN1 (6982)"),
	 ENABLED, .run = guards},
	{RULE("pin.guards-authenticate", FINDING_ERROR, "TS 31.102 7.1.1.1",
	      "AUTHENTICATE is refused before PIN1 (6982)"),
	 ENABLED, .run = guards_authentication},
	{RULE("pin.open-files", FINDING_ERROR, "TS 102 221 13.1, 13.2",
	      "EF.ICCID and EF.DIR are read without a PIN"),
	 .needs = EXAM_UICC, .run = reads_openly},
	{RULE("pin.iccid-update", FINDING_ERROR, "TS 102 221 13.2", "EF.ICCID is never updated"),
	 .needs = EXAM_UICC, .run = iccid_update},
	{RULE("pin.imsi-update", FINDING_ERROR, "TS 31.102 4.2.2",
	      "EF.IMSI is not updated with PIN1"),
	 .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN, .run = update_guarded},
	{RULE("pin.verified", FINDING_ERROR, "TS 102 221 11.1.9",
	      "VERIFY without data works after PIN1 was verified"),
	 VERIFIED, .run = verified},
	{RULE("pin.reset", FINDING_ERROR, "TS 102 221 9.3, 9.5.1",
	      "PIN1 has to be verified again after a reset"),
	 VERIFIED, .run = after_reset_closed},
	{RULE("pin.length", FINDING_ERROR, "TS 102 221 9.5.1, 11.1.9",
	      "a PIN of 7 octets is answered by 67xx, and costs no try"),
	 .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN_ENABLED | EXAM_PIN | EXAM_CHANGES,
	 .pin_tries = 1, .run = length},
	{RULE("pin.wrong", FINDING_ERROR, "TS 102 221 9.5.1, 11.1.9",
	      "a wrong PIN costs one try, the right one gives it back"),
	 .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN_ENABLED | EXAM_PIN | EXAM_CHANGES,
	 .pin_tries = 1, .run = wrong},
};

EXAM_GROUP(pin, "PINs and access conditions", cases)
