/* standard: STD, what no standard has: commands, parameters, status words, ATR and PPS */
#include "lib/rsp/rsp.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/uicc/atr.h"
#include "lib/uicc/conform.h"
#include "lib/uicc/pps.h"

#define ATR_MAX 33 /* ISO 7816-3 8.2.1 */
#define OCTETS	256

enum {
	STANDARD_CLASS,
	STANDARD_INSTRUCTION,
	STANDARD_RESERVED,
	STANDARD_STATUS,
	STANDARD_IMPOSSIBLE,
	STANDARD_DATA,
	STANDARD_REFUSED,
	STANDARD_ATR,
	STANDARD_OTHER,
	STANDARD_SPEED,
	STANDARD_PPS,
	STANDARD_OFFER
};

static const struct finding_rule rules[] = {
	[STANDARD_CLASS] =
		RULE("STD-01", INFO, "ISO 7816-4 5.4.1", "a class octet is one of a standard",
		     "Classes 20 to 3F are reserved, FF is invalid. Who sends them tries what the "
		     "card makes of it, or the trace is not read as it should be.",
		     "Look at who sends it; --from names another form of the trace."),
	[STANDARD_INSTRUCTION] =
		RULE("STD-02", INFO, "ISO 7816-4 5.4.2, ETSI TS 102 221 table 10.5",
		     "an instruction is one of a standard",
		     "It is proprietary, or somebody tries what the card has beside the standard: "
		     "such commands load keys, read memory or open test modes.",
		     "Find out from the card's maker what it does, and whether it is closed on "
		     "cards in use."),
	[STANDARD_RESERVED] =
		RULE("STD-03", WARNING, "ETSI TS 102 221 11, ISO 7816-4 7",
		     "no reserved value stands in P1 or P2",
		     "The standard keeps the value for later. Cards treat it as they like: they "
		     "refuse it, leave it out, or take it for something else.",
		     "Set what is reserved to 0, or to what the clause of the command says."),
	[STANDARD_STATUS] =
		RULE("STD-04", INFO, "ETSI TS 102 221 10.2, ISO 7816-4 5.6",
		     "a status word is one of a standard",
		     "The card says something that only its maker understands. A terminal takes "
		     "it for an error of the kind that the first octet says.",
		     "Ask the card's maker what it means."),
	[STANDARD_IMPOSSIBLE] =
		RULE("STD-05", WARNING, "ETSI TS 102 221 10.2, table 10.16",
		     "a status word is one that its command can have",
		     "The answer does not fit the command: the trace has them mixed up, something "
		     "between terminal and card answers, or the card is faulty.",
		     "Look whether the answers belong to the commands; compare with another "
		     "recorder."),
	[STANDARD_DATA] =
		RULE("STD-06", WARNING, "ISO 7816-3 12.1.1, ISO 7816-4 5.6",
		     "data is answered where the command has any, and was done",
		     "Octets came with an error, or to a command that answers nothing. They are "
		     "of another command, or more than should be told.",
		     "See what these octets are: 'trace show -v' has them."),
	[STANDARD_REFUSED] =
		RULE("STD-07", INFO, "ETSI TS 102 221 10.2.1.5",
		     "a card finds lengths and parameters of a command right",
		     "By 6700, 6A86, 6A87 or 6B00 the card says that the command is not formed as "
		     "it knows it: a version or an option that it has not, or a mistake.",
		     "Compare length, P1 and P2 with the clause of the command."),
	[STANDARD_ATR] =
		RULE("STD-08", WARNING, "ISO 7816-3 8.2, ETSI TS 102 221 6.3",
		     "an ATR is whole, and its check octet right",
		     "The card's first words are broken: a bad contact, an emulation that is not "
		     "careful, or a recorder that lost octets.",
		     "Clean the contacts and record again; if it stays, mend who makes the ATR."),
	[STANDARD_OTHER] =
		RULE("STD-09", WARNING, "ISO 7816-4 8.1.1, ETSI TS 102 221 6.3.3",
		     "a card says the same of itself at each reset",
		     "The historical octets are others than before, and the card was not removed "
		     "in between: another card answers, or something in front of it.",
		     "See whether ICCID and EID are what they were."),
	[STANDARD_SPEED] =
		RULE("STD-10", INFO, "ISO 7816-3 6.2.4, 8.3, ETSI TS 102 221 6.3.2, 6.3.3",
		     "a card offers the same protocols and speeds at each reset",
		     "A warm reset may bring another offer, and terminals use it for that. "
		     "Otherwise it is a sign of another card, or of one that has a fault.",
		     "Look at what the resets between the two were for."),
	[STANDARD_PPS] =
		RULE("STD-11", WARNING, "ISO 7816-3 9.3", "a PPS is answered, and as it was asked",
		     "Terminal and card don't agree on a speed. By 9.3 the terminal has to reset "
		     "the card; one that goes on is on another speed than the card.",
		     "Ask for what the ATR offers; reset the card after a PPS that failed."),
	[STANDARD_OFFER] =
		RULE("STD-12", WARNING, "ISO 7816-3 6.3.1, 9.1",
		     "a PPS asks for a protocol that the ATR offers",
		     "The terminal wants a protocol of which the card has not said that it has it.",
		     "Take T from the ATR."),
};

struct standard {
	size_t atr_len; /* 0: none was told since the card is there */
	uint8_t atr[ATR_MAX];
	struct audit_spot reset;
	uint8_t classes[OCTETS / 8];	     /* those that are told */
	uint8_t instructions[2][OCTETS / 8]; /* the same, by the class's uppermost bit */
};

/* True once. */
static bool first_time(uint8_t *bits, uint8_t n)
{
	uint8_t bit = (uint8_t)(1u << n % 8);
	bool first = !(bits[n / 8] & bit);

	bits[n / 8] |= bit;
	return first;
}

static void judge_command(struct audit_run *r, struct standard *f, const struct audit_step *s)
{
	const struct apdu *a = &s->x->apdu;
	const char *reserved;

	if (!conform_is_class(a->cla)) {
		if (first_time(f->classes, a->cla))
			audit_find(r, &rules[STANDARD_CLASS], &s->spot, "class %02X", a->cla);
		return;
	}
	if (s->id == COMMAND_COUNT) {
		if (!conform_is_instruction(a->cla, a->ins) &&
		    first_time(f->instructions[a->cla >> 7], a->ins))
			audit_find(r, &rules[STANDARD_INSTRUCTION], &s->spot,
				   "instruction %02X of class %02X, answered %04X", a->ins, a->cla,
				   s->x->sw);
		return;
	}
	reserved = conform_reserved(s->id, a);
	if (reserved)
		audit_find(r, &rules[STANDARD_RESERVED], &s->spot, "%s, P1 P2 %02X%02X: %s",
			   s->item->name, a->p1, a->p2, reserved);
}

static bool is_refusal_of_form(uint16_t sw)
{
	return sw == SW_WRONG_LENGTH || sw == SW_WRONG_P1P2 || sw == SW_LC_P1P2 ||
	       sw == SW_OUT_OF_RANGE;
}

static bool answers_nothing(const struct audit_step *s)
{
	if (s->id == COMMAND_COUNT || apdu_is_secured(s->x->apdu.cla))
		return false;
	switch (command_table[s->id].kind) {
	case COMMAND_CASE_1:
	case COMMAND_CASE_3:
	case COMMAND_CASE_3_OR_1: return true;
	default: return false;
	}
}

static void judge_status(struct audit_run *r, const struct audit_step *s)
{
	const char *trouble = conform_status_trouble(s->id, &s->x->apdu, s->x->sw);
	uint8_t high = (uint8_t)(s->x->sw >> 8);
	bool is_error = high >= SW_EXECUTION >> 8 && high <= SW_TECHNICAL >> 8;

	if (trouble)
		audit_find(r, &rules[STANDARD_IMPOSSIBLE], &s->spot, "%s answered %04X: %s",
			   s->item->name, s->x->sw, trouble);
	else if (!conform_is_status(s->x->sw))
		audit_find(r, &rules[STANDARD_STATUS], &s->spot, "%s answered %04X", s->item->name,
			   s->x->sw);
	if (is_refusal_of_form(s->x->sw))
		audit_find(r, &rules[STANDARD_REFUSED], &s->spot, "%s, P1 P2 %02X%02X: %04X",
			   s->item->name, s->x->apdu.p1, s->x->apdu.p2, s->x->sw);
	if (s->x->answer.len && s->x->pieces == 1 && (is_error || answers_nothing(s)))
		audit_find(r, &rules[STANDARD_DATA], &s->spot, "%s answered %04X and %zu octets",
			   s->item->name, s->x->sw, s->x->answer.len);
}

static bool changes_profile(uint32_t tag)
{
	return tag == RSP_EnableProfileRequest || tag == RSP_DisableProfileRequest ||
	       tag == RSP_EuiccMemoryResetRequest;
}

static void standard_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct standard *f = state;

	/* what its producer has taken out, or is no command */
	if (!(s->x->odd & EXCHANGE_NO_COMMAND) && !s->x->malformed)
		judge_command(r, f, s);
	if (s->x->has_sw)
		judge_status(r, s);
	if (s->good && changes_profile(s->tag))
		f->atr_len = 0; /* another profile may come with another one */
}

static void judge_atr(struct audit_run *r, struct standard *f, const struct audit_spot *at,
		      struct slice atr)
{
	const char *trouble = atr_trouble(atr);
	struct audit_spot pair[2] = {f->reset, *at};
	struct atr was, is;

	if (trouble)
		audit_find(r, &rules[STANDARD_ATR], at, "%s", trouble);
	else if (f->atr_len && !slice_equal(atr, slice_make(f->atr, f->atr_len)) &&
		 !atr_parse(slice_make(f->atr, f->atr_len), &was) && !atr_parse(atr, &is))
		audit_find_pair(r,
				&rules[slice_equal(was.historical, is.historical) ? STANDARD_SPEED
										  : STANDARD_OTHER],
				pair, "not the ATR of the reset before");
	f->atr_len = trouble || atr.len > ATR_MAX ? 0 : atr.len;
	for (size_t i = 0; i < f->atr_len; i++)
		f->atr[i] = slice_at(atr, i);
	f->reset = *at;
}

static void judge_pps(struct audit_run *r, const struct standard *f, const struct trace_event *e)
{
	struct audit_spot at = audit_spot_of(e);
	const char *trouble = pps_trouble(e->command, e->response);
	struct pps asked;
	struct atr atr;

	if (trouble)
		audit_find(r, &rules[STANDARD_PPS], &at, "%s", trouble);
	if (f->atr_len && !atr_parse(slice_make(f->atr, f->atr_len), &atr) &&
	    !pps_parse(e->command, &asked) && !(atr.protocols & 1u << asked.protocol))
		audit_find(r, &rules[STANDARD_OFFER], &at, "T=%d", (int)asked.protocol);
}

static void standard_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct audit_spot at = audit_spot_of(e);
	struct standard *f = state;

	if (e->kind == TRACE_RESET && e->response.len)
		judge_atr(r, f, &at, e->response);
	else if (e->kind == TRACE_PPS)
		judge_pps(r, f, e);
	else if (e->kind == TRACE_REMOVED)
		f->atr_len = 0; /* who comes next may be another one */
}

const struct audit_family audit_standard = {
	.about = "What the standards have: commands, parameters, status words, ATR",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct standard),
	.step = standard_step,
	.event = standard_event,
};
