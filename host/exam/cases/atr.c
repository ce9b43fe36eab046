/* atr: the answer to reset. ISO 7816-3 8, ISO 7816-4 12.1.1, ETSI TS 102 221 6 */
#include "host/exam/cases/cases.h"
#include "host/exam/history.h"
#include "host/exam/probe.h"
#include "lib/uicc/atr.h"

#define TS_DIRECT  0x3B
#define TS_INVERSE 0x3F
#define T15	   15
#define ATR_MAX	   33
#define CLASSES	   0x3Fu /* of the octet behind T=15 (ISO 7816-3 8.3): supply classes A, B, C ... */
#define CLASS_ANY  0x07u

static struct slice walk(struct exam *x, struct atr_walk *w)
{
	struct slice raw = uicc_atr(x->u);
	enum err e = atr_walk(raw, w);

	(void)e; /* atr.form is about that */
	return raw;
}

static void form(struct exam *x)
{
	struct atr_walk w;
	enum err e;

	exam_reset(x, false);
	e = atr_walk(uicc_atr(x->u), &w);
	exam_check(x,
		   slice_at(uicc_atr(x->u), 0) == TS_DIRECT ||
			   slice_at(uicc_atr(x->u), 0) == TS_INVERSE,
		   "TS is %02X, neither 3B nor 3F", slice_at(uicc_atr(x->u), 0));
	exam_check(x, !e, "the ATR %s",
		   e == ERR_TRUNCATED  ? "is shorter than its T0 and TDs say"
		   : e == ERR_TRAILING ? "is longer than its T0 and TDs say"
				       : "has interface octets without end");
}

static void tck(struct exam *x)
{
	struct atr_walk w;
	struct slice raw = walk(x, &w);
	uint8_t sum = 0;

	if (!w.needs_tck) {
		exam_check(x, !w.has_tck, "an octet TCK is there, and the ATR offers T=0 alone");
		return;
	}
	if (!exam_check(x, w.has_tck, "the octet TCK is missing, and the ATR names T=%u",
			w.order[w.protocols - 1]))
		return;
	for (size_t i = 1; i < raw.len; i++)
		sum ^= slice_at(raw, i);
	exam_check(x, !sum, "TCK is wrong: T0 to TCK give %02X instead of 00", sum);
}

static void protocols(struct exam *x)
{
	struct atr_walk w;

	walk(x, &w);
	for (size_t i = 0; i < w.protocols; i++) {
		exam_check(x, i == 0 || w.order[i] >= w.order[i - 1],
			   "T=%u comes behind T=%u, not in ascending order", w.order[i],
			   w.order[i ? i - 1 : 0]);
		exam_check(x, w.order[i] == 0 || w.order[i] == 1 || w.order[i] == T15,
			   "T=%u is no protocol of a UICC", w.order[i]);
	}
	exam_check(x, !w.protocols || w.order[0] != T15, "T=15 comes first");
}

static void supply_class(struct exam *x)
{
	struct atr_walk w;

	walk(x, &w);
	if (!exam_check(x, w.has_class,
			"the ATR has no octet for clock stop and supply class (TA behind T=15)"))
		return;
	exam_check(x, w.class_clock & CLASSES & CLASS_ANY,
		   "the octet behind T=15 (%02X) names no supply class", w.class_clock);
	exam_check(x, !(w.class_clock & CLASSES & ~CLASS_ANY),
		   "the octet behind T=15 (%02X) names a class that is reserved", w.class_clock);
}

static void speed(struct exam *x)
{
	static const uint16_t reserved_f = 0xC180, reserved_d = 0xFC01; /* tables 7 and 8: bits */
	struct atr_walk w;
	uint8_t ta1;

	walk(x, &w);
	if (!w.count || !w.rounds[0].has_a)
		return;
	ta1 = w.rounds[0].a;
	exam_check(x, !(reserved_f >> (ta1 >> 4) & 1), "TA1 %02X: its Fi is reserved", ta1);
	exam_check(x, !(reserved_d >> (ta1 & 0x0F) & 1), "TA1 %02X: its Di is reserved", ta1);
}

static void programming(struct exam *x)
{
	struct atr_walk w;

	walk(x, &w);
	for (size_t i = 0; i < w.count && i < 2; i++)
		exam_check(x, !w.rounds[i].has_b,
			   "TB%zu is sent: programming voltage is deprecated", i + 1);
}

static void historical(struct exam *x)
{
	struct atr_walk w;

	walk(x, &w);
	exam_check(x, historical_is_whole(w.historical),
		   slice_at(w.historical, 0) == 0x80
			   ? "the compact TLVs of the historical bytes do not end with them"
			   : "the historical bytes do not begin with the category indicator 80");
}

static void capabilities(struct exam *x)
{
	struct atr_walk w;
	struct card_capabilities c;

	walk(x, &w);
	if (!exam_check(x, card_capabilities(w.historical, &c),
			"the historical bytes have no card capabilities (73)"))
		return;
	exam_check(x, c.tables == 3, "the card capabilities have %zu octets instead of 3",
		   c.tables);
	exam_check(x, c.selection & CAPABILITY_FULL_NAME,
		   "selection by full DF name is not announced, which a UICC has");
	exam_check(x, c.selection & CAPABILITY_FID,
		   "selection by file identifier is not announced, which a UICC has");
}

static bool again(struct exam *x, bool cold, struct wbuf *atr)
{
	wbuf_reset(atr);
	if (!exam_reset(x, cold))
		return false;
	wbuf_put(atr, uicc_atr(x->u));
	return true;
}

static void stable(struct exam *x)
{
	uint8_t first[ATR_MAX], second[ATR_MAX];
	struct wbuf a = wbuf_init(first, sizeof(first)), b = wbuf_init(second, sizeof(second));

	for (unsigned cold = 0; cold < 2; cold++) {
		if (again(x, cold, &a) && again(x, cold, &b))
			exam_check(x, slice_equal(wbuf_slice(&a), wbuf_slice(&b)),
				   "two %s resets give two ATRs", cold ? "cold" : "warm");
	}
}

static void warm(struct exam *x)
{
	uint8_t first[ATR_MAX], second[ATR_MAX];
	struct wbuf a = wbuf_init(first, sizeof(first)), b = wbuf_init(second, sizeof(second));

	if (again(x, true, &a) && again(x, false, &b))
		exam_check(x, slice_equal(wbuf_slice(&a), wbuf_slice(&b)),
			   "the ATR after a warm reset is another than after a cold one");
}

static void resets(struct exam *x)
{
	struct exam_answer a;

	if (!exam_under_mf(x, FID_ICCID, &a) || !exam_reset(x, false))
		return;
	exam_read_binary(x, 0, 1, &a);
	exam_check(x, !sw_is_good(a.sw),
		   "after a reset READ BINARY works: an EF is still selected");
	exam_check(x,
		   a.sw == SW_NO_EF_SELECTED || sw_is_good(a.sw) || a.sw == SW_OUT_OF_RANGE ||
			   a.sw == SW_COMMAND_INCOMPATIBLE,
		   "after a reset READ BINARY gives %04X instead of 6986", a.sw);
}

static const struct exam_case cases[] = {
	{RULE("atr.form", FINDING_ERROR, "ISO 7816-3 8.1, 8.2",
	      "TS is 3B or 3F; T0, TDi and the octets that they announce fill the ATR"),
	 .run = form},
	{RULE("atr.tck", FINDING_ERROR, "ISO 7816-3 8.2.5",
	      "TCK is there unless T=0 alone is offered, and makes the XOR of T0 to TCK zero"),
	 .run = tck},
	{RULE("atr.protocols", FINDING_ERROR, "ISO 7816-3 8.2.3, TS 102 221 7.2",
	      "the protocols are T=0 and T=1, in ascending order, T=15 at the end"),
	 .run = protocols},
	{RULE("atr.speed", FINDING_ERROR, "ISO 7816-3 8.3",
	      "Fi and Di in TA1 are values that are assigned"),
	 .run = speed},
	{RULE("atr.programming-voltage", FINDING_WARNING, "ISO 7816-3 8.3",
	      "TB1 and TB2, which are deprecated, are not sent"),
	 .run = programming},
	{RULE("atr.supply-class", FINDING_ERROR, "TS 102 221 6.3.3, ISO 7816-3 8.3",
	      "the first TA behind T=15 names the supply classes of the card"),
	 .needs = EXAM_UICC | EXAM_CONTACTS, .run = supply_class},
	{RULE("atr.historical", FINDING_ERROR, "TS 102 221 6.3.1, ISO 7816-4 12.1.1",
	      "the historical bytes begin with 80, and compact TLVs fill them"),
	 .needs = EXAM_UICC, .run = historical},
	{RULE("atr.capabilities", FINDING_ERROR, "TS 102 221 6.3.1",
	      "the historical bytes have three octets of card capabilities"),
	 .needs = EXAM_UICC, .run = capabilities},
	{RULE("atr.stable", FINDING_ERROR, "ISO 7816-3 8.1", "two resets of one kind give one ATR"),
	 .run = stable},
	{RULE("atr.warm", FINDING_WARNING, "ISO 7816-3 8.1",
	      "a warm reset gives the ATR of a cold one"),
	 .run = warm},
	{RULE("atr.reset-forgets", FINDING_ERROR, "TS 102 221 8.4, 14.5",
	      "after a reset no EF is selected"),
	 .needs = EXAM_UICC, .run = resets},
};

EXAM_GROUP(atr, "Answer to reset", cases)
