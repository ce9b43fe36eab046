/* form: FRM, commands and responses as ISO 7816-3 has them, and how whole the trace is */
#include <inttypes.h>

#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"

#define CHANNELS    20
#define DOUBLED_MIN 3 /* commands in a row of which each is there twice */

enum {
	FORM_FAULT,
	FORM_COMMAND,
	FORM_CONTENT,
	FORM_STATUS,
	FORM_RESULT,
	FORM_FETCH,
	FORM_REPEAT,
	FORM_LENGTH,
	FORM_UNANNOUNCED,
	FORM_BETWEEN,
	FORM_TWICE,
	FORM_MISSING,
	FORM_CHAIN,
	FORM_TOO_MUCH,
	FORM_CLOSED,
	FORM_UNSEEN,
	FORM_TECHNICAL,
	FORM_REMOVED,
	FORM_DOUBLED
};

static const struct finding_rule rules[] = {
	[FORM_FAULT] =
		RULE("FRM-01", WARNING, "docs/trace.md", "the trace can be read as a whole",
		     "A frame or line is cut, broken or of another form. What it held is not "
		     "judged: a verdict on this trace has a gap there.",
		     "Record it again; --from names the form where the wrong one was found."),
	[FORM_COMMAND] =
		RULE("FRM-02", WARNING, "ISO 7816-3 12.1.3", "a command has the form of an APDU",
		     "What was sent is too short, or its length octets say something else "
		     "than there is. A card may read it otherwise than who sent it.",
		     "Mend who builds the command: Lc is the number of its data octets."),
	[FORM_CONTENT] =
		RULE("FRM-03", INFO, "the clause of the file or message",
		     "what is sent and answered is coded as its standard has it",
		     "An element is cut, has a value that is reserved, or is not of its place.",
		     "'trace show -v' has the element and what is wrong with it."),
	[FORM_STATUS] =
		RULE("FRM-04", WARNING, "ISO 7816-3 12.1.2", "each command has its status word",
		     "What came of the command is not in the trace: the card fell silent, lost its "
		     "power, or the recorder missed the answer.",
		     "Look at what follows: a reset behind it speaks for the card, anything else "
		     "for the recorder."),
	[FORM_RESULT] =
		RULE("FRM-05", WARNING, "ETSI TS 102 221 7.3.1.1.4, 12.1.1",
		     "the result of a command that was sent for its result is fetched",
		     "The card announced a response by 61XX or 9FXX, nobody fetched it, and the "
		     "next command has discarded it.",
		     "Send GET RESPONSE with the length that was announced, before anything else."),
	[FORM_FETCH] =
		RULE("FRM-06", INFO, "ETSI TS 102 221 7.3.1.1.4, 12.1.1",
		     "what a SELECT or the like announces is fetched",
		     "The terminal has not asked what the card says of the file. That is allowed; "
		     "so it knows neither its size nor its access rules.",
		     "Send GET RESPONSE, or select with P2 that asks for no data."),
	[FORM_REPEAT] =
		RULE("FRM-07", WARNING, "ETSI TS 102 221 7.3.1.1.4, ISO 7816-3 12.2.1",
		     "a command that got 6CXX is sent again",
		     "The card has told by 6CXX which length is right, and the terminal did not "
		     "ask again: the command was not done.",
		     "Repeat it with Le as the card told."),
	[FORM_LENGTH] =
		RULE("FRM-08", INFO, "ETSI TS 102 221 7.3.1.1.4, ISO 7816-3 12.2.1",
		     "a command that got 6CXX is repeated with the length that it told",
		     "It was repeated with another length: it may be refused again, or bring less.",
		     "Take Le from the second octet of 6CXX."),
	[FORM_UNANNOUNCED] =
		RULE("FRM-09", WARNING, "ETSI TS 102 221 12.1.1",
		     "a GET RESPONSE follows a status word that announces a response",
		     "Nothing waited that it could fetch. A piece of the trace is missing, or "
		     "somebody tries to get at what was left by another command.",
		     "Look at the command in front of it, on the same channel."),
	[FORM_BETWEEN] =
		RULE("FRM-10", WARNING, "ETSI TS 102 221 12.1.1, ISO 7816-4 7.6.1",
		     "nothing comes between 61XX and the GET RESPONSE that belongs to it",
		     "Commands on another channel came in between. Most cards have one buffer for "
		     "a response, which is lost by that, or answered to the wrong one.",
		     "Lock the card from the command to its last GET RESPONSE."),
	[FORM_TWICE] =
		RULE("FRM-11", WARNING, "GlobalPlatform 11.11.3.2, SGP.22 5.7.2",
		     "a block of STORE DATA is sent once",
		     "The same block number came twice in a chain: a retransmission that the card "
		     "may take for more data, or a part that was put in.",
		     "Count P2 up with each block; begin the chain again after an error."),
	[FORM_MISSING] =
		RULE("FRM-12", WARNING, "GlobalPlatform 11.11.3.2, SGP.22 5.7.2",
		     "the blocks of STORE DATA are all there, and in their order",
		     "A number was left out, or they are not in order: the message that the card "
		     "puts together is not the one that was sent, or the trace is not whole.",
		     "Count P2 from 0 with each block."),
	[FORM_CHAIN] =
		RULE("FRM-13", WARNING, "GlobalPlatform 11.11.3.2, SGP.22 5.7.2",
		     "a chain of STORE DATA has its last block",
		     "The chain was begun, the card took its blocks, and another command, a reset "
		     "or the end of the trace came before its last block.",
		     "Send the last block with b8 of P1; send nothing else in between."),
	[FORM_TOO_MUCH] =
		RULE("FRM-14", WARNING, "ISO 7816-3 12.1.1, ISO 7816-4 5.1",
		     "a card answers no more data than Le asks for",
		     "A terminal that has room for Le octets alone may cut it, or write past it.",
		     "Mend the card: it cuts, or answers 6CXX."),
	[FORM_CLOSED] =
		RULE("FRM-15", WARNING, "ETSI TS 102 221 8.7, 11.1.17",
		     "commands go to logical channels that are open",
		     "The channel was never opened since the reset, was closed, or its opening "
		     "failed. Who sends there believes in a session that is none.",
		     "Take the channel's number from the answer of MANAGE CHANNEL; forget it when "
		     "it is closed, and at a reset."),
	[FORM_UNSEEN] =
		RULE("FRM-16", INFO, "ETSI TS 102 221 8.7, 11.1.17",
		     "the trace shows where a logical channel was opened",
		     "The channel is used, and its opening is not in this trace: it does not begin "
		     "with a reset, or opens channels by another way than a command. What is "
		     "selected there is not known.",
		     "Record from the reset on, and all commands."),
	[FORM_TECHNICAL] =
		RULE("FRM-17", WARNING, "ISO 7816-4 5.6, ETSI TS 102 221 10.2.1.5",
		     "a card that reports a technical problem is reset",
		     "By 6F00 the card says that something went wrong in it, and no more. What it "
		     "does after that is what nobody has tested.",
		     "Reset the card; find out which command does it."),
	[FORM_REMOVED] =
		RULE("FRM-18", WARNING, "ISO 7816-3 6.2, ETSI TS 102 221 6.2",
		     "no command goes to a card that is removed or has no power",
		     "A command stands behind the card's removal, and no reset between: the reset "
		     "is missing from the trace, or the command was never answered by this card.",
		     "Record resets, too; look at where the answer comes from."),
	[FORM_DOUBLED] =
		RULE("FRM-19", WARNING, "docs/trace.md", "each exchange is recorded once",
		     "Command after command stands twice in the trace, with the same answer: two "
		     "probes recorded it, or something repeats what passes. Counts and orders "
		     "that are judged from it are not to be trusted.",
		     "Record at one place; or look for what sits between terminal and card."),
};

enum channel { CHANNEL_UNKNOWN, CHANNEL_IS_OPEN, CHANNEL_IS_CLOSED };

struct form {
	bool complete;	    /* from a reset on */
	bool has_answers;   /* there are status words in the trace */
	bool shows_opening; /* of channels */
	uint64_t unanswered;
	struct audit_spot first;
	bool is_removed, is_doubled, is_technical;
	struct audit_spot removed, technical;
	struct {
		enum channel is;
		bool used, told, was_refused;
		uint16_t sw;	 /* of the last exchange; 0: none */
		unsigned blocks; /* of the last chain */
	} channels[CHANNELS];
};

/* Who does not know whether another one has reset the card asks for its channel by STATUS. */
static bool asks_for_channel(const struct form *f, const struct audit_step *s)
{
	return s->id == COMMAND_STATUS && s->x->sw == SW_CHANNEL_NOT_SUPPORTED && f->complete &&
	       !f->channels[s->x->channel % CHANNELS].used;
}

static void judge_channel(struct audit_run *r, struct form *f, const struct audit_step *s)
{
	unsigned n = s->x->channel % CHANNELS;

	if (!n || f->channels[n].is == CHANNEL_IS_OPEN || f->channels[n].told ||
	    asks_for_channel(f, s))
		return;
	if (f->channels[n].is == CHANNEL_IS_CLOSED && (f->shows_opening || !s->good))
		audit_find(r, &rules[FORM_CLOSED], &s->spot, "%s on channel %u, which %s",
			   s->item->name, n,
			   f->channels[n].was_refused ? "the card did not open"
			   : f->channels[n].used      ? "is closed"
						      : "nobody has opened");
	else
		audit_find(r, &rules[FORM_UNSEEN], &s->spot, "%s on channel %u", s->item->name, n);
	f->channels[n].told = true;
}

/* TS 102 221 11.1.17: P1 says which way, P2 which one; 00: the card says it, or the one at hand */
static void form_take_channel(struct form *f, const struct audit_step *s)
{
	const struct apdu *a = &s->x->apdu;
	bool closes = a->p1 == CHANNEL_CLOSE;
	unsigned n = a->p2;

	f->shows_opening = true;
	if (!n)
		n = closes ? s->x->channel : slice_at(s->x->answer, 0);
	if (s->good && n < CHANNELS) {
		f->channels[n].is = closes ? CHANNEL_IS_CLOSED : CHANNEL_IS_OPEN;
		f->channels[n].told = f->channels[n].was_refused = false;
		f->channels[n].used = true;
	} else if (a->p1 == CHANNEL_OPEN && s->x->has_sw) {
		/* whatever number the terminal goes on with, it is of no channel */
		for (n = 1; n < CHANNELS; n++) {
			if (a->p2 && a->p2 != n)
				continue;
			if (f->channels[n].is == CHANNEL_UNKNOWN && !f->channels[n].used)
				f->channels[n].is = CHANNEL_IS_CLOSED;
			f->channels[n].was_refused = f->channels[n].is == CHANNEL_IS_CLOSED;
		}
	}
}

/* 12.1.1, ISO 7816-3 12.2.1: after a warning there may be data, too */
static bool form_may_wait(uint16_t sw)
{
	return !sw || sw >> 8 == SW_WARNING >> 8 || sw >> 8 == SW_CHANGED >> 8;
}

static bool is_for_result(const struct audit_step *s)
{
	switch (s->x->apdu.ins) {
	case INS_SELECT:
	case INS_STATUS:
	case INS_GET_RESPONSE:
	case INS_ENVELOPE:
	case INS_MANAGE_CHANNEL:
	case INS_INCREASE: return false;
	default: return true;
	}
}

static const char *form_why(const struct audit_step *s)
{
	return s->x->odd & EXCHANGE_AT_END ? "a reset or the trace's end came"
					   : "another command came";
}

static void judge_pieces(struct audit_run *r, const struct form *f, const struct audit_step *s)
{
	unsigned odd = s->x->odd, n = s->x->channel % CHANNELS;
	bool again = odd & (EXCHANGE_AGAIN | EXCHANGE_NO_COMMAND);

	if (odd & EXCHANGE_NOT_FETCHED && !again)
		audit_find(r, &rules[is_for_result(s) ? FORM_RESULT : FORM_FETCH], &s->spot,
			   "%s answered %04X, and %s", s->item->name, s->x->sw, form_why(s));
	if (odd & EXCHANGE_NOT_REPEATED && !again)
		audit_find(r, &rules[FORM_REPEAT], &s->spot, "%s answered %04X, and %s",
			   s->item->name, s->x->sw, form_why(s));
	if (odd & EXCHANGE_OTHER_LENGTH)
		audit_find(r, &rules[FORM_LENGTH], &s->spot, "%s", s->item->name);
	if (odd & EXCHANGE_UNANNOUNCED && !again &&
	    (f->channels[n].sw ? !form_may_wait(f->channels[n].sw) : f->complete))
		audit_find(r, &rules[FORM_UNANNOUNCED], &s->spot, "the card answered %04X",
			   s->x->sw);
	if (odd & EXCHANGE_BETWEEN && !s->x->blocks)
		audit_find(r, &rules[FORM_BETWEEN], &s->spot, "%s on channel %u", s->item->name, n);
	if (odd & EXCHANGE_TOO_MUCH)
		audit_find(r, &rules[FORM_TOO_MUCH], &s->spot, "%s answered %zu octets",
			   s->item->name, s->x->answer.len);
}

static void judge_blocks(struct audit_run *r, const struct form *f, const struct audit_step *s)
{
	unsigned odd = s->x->odd;
	/* of a trace that begins in the middle, or of a chain of which the last block came twice */
	bool late = odd & EXCHANGE_BLOCK_LATE &&
		    (f->complete || f->channels[s->x->channel % CHANNELS].sw);

	bool again = late && (odd & EXCHANGE_AGAIN ||
			      s->x->apdu.p2 + 1u == f->channels[s->x->channel % CHANNELS].blocks);

	if (odd & EXCHANGE_BLOCK_TWICE || again)
		audit_find(r, &rules[FORM_TWICE], &s->spot, "in a chain of %u blocks",
			   s->x->blocks ? s->x->blocks : 1);
	else if (odd & EXCHANGE_BLOCK_MISSING)
		audit_find(r, &rules[FORM_MISSING], &s->spot, "in a chain of %u blocks",
			   s->x->blocks);
	else if (late)
		audit_find(r, &rules[FORM_MISSING], &s->spot, "the first block has number %u",
			   s->x->apdu.p2);
	if (odd & EXCHANGE_NOT_ENDED)
		audit_find(r, &rules[FORM_CHAIN], &s->spot, "blocks that came: %u; then %s",
			   s->x->blocks, form_why(s));
}

/* Who records commands alone has one finding, not as many as there are commands. */
static void judge_answer(struct audit_run *r, struct form *f, const struct audit_step *s)
{
	bool half = s->x->odd & EXCHANGE_HALF_STATUS;

	if (s->x->has_sw && !f->has_answers) {
		f->has_answers = true;
		if (f->unanswered)
			audit_find(r, &rules[FORM_STATUS], &f->first, "%" PRIu64 " commands",
				   f->unanswered);
	}
	if (s->x->has_sw)
		return;
	if (f->has_answers)
		audit_find(r, &rules[FORM_STATUS], &s->spot, "%s%s", s->item->name,
			   half ? ": half of it" : "");
	else if (!f->unanswered++)
		f->first = s->spot;
}

static void judge_record(struct audit_run *r, struct form *f, const struct audit_step *s)
{
	bool doubled = s->x->doubled >= DOUBLED_MIN;

	judge_answer(r, f, s);
	if (doubled && !f->is_doubled)
		audit_find(r, &rules[FORM_DOUBLED], &s->spot, "up to here %u commands in a row",
			   s->x->doubled);
	f->is_doubled = doubled || (f->is_doubled && s->x->doubled);
}

/* Once, however many commands follow */
static void judge_power(struct audit_run *r, struct form *f, const struct audit_step *s)
{
	struct audit_spot pair[2] = {f->removed, s->spot};

	if (f->is_removed)
		audit_find_pair(r, &rules[FORM_REMOVED], pair, "%s", s->item->name);
	f->is_removed = false;
	pair[0] = f->technical;
	if (f->is_technical && f->technical.place.number)
		audit_find_pair(r, &rules[FORM_TECHNICAL], pair, "%s follows", s->item->name);
	if (f->is_technical)
		f->technical = (struct audit_spot){0};
	if (s->x->has_sw && s->x->sw == SW_TECHNICAL && !f->is_technical) {
		f->is_technical = true;
		f->technical = s->spot;
	}
}

static void form_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct form *f = state;
	unsigned n = s->x->channel % CHANNELS;

	if (s->x->malformed && !(s->x->odd & EXCHANGE_NO_COMMAND))
		audit_find(r, &rules[FORM_COMMAND], &s->spot, "%s: %s", s->item->name,
			   err_text(s->x->malformed));
	judge_power(r, f, s);
	judge_record(r, f, s);
	if (s->x->odd)
		judge_pieces(r, f, s);
	if (s->id == COMMAND_STORE_DATA) {
		judge_blocks(r, f, s);
		f->channels[n].blocks = s->x->blocks;
	}
	judge_channel(r, f, s);
	if (s->id == COMMAND_MANAGE_CHANNEL)
		form_take_channel(f, s);
	f->channels[n].used |= s->x->sw != SW_CHANNEL_NOT_SUPPORTED;
	f->channels[n].sw = s->x->sw;
}

/* What does not outlive a reset */
static void form_start(struct form *f)
{
	const struct form kept = *f;

	*f = (struct form){.has_answers = kept.has_answers,
			   .shows_opening = kept.shows_opening,
			   .unanswered = kept.unanswered,
			   .first = kept.first};
}

static void form_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct audit_spot at = audit_spot_of(e);
	struct form *f = state;

	if (e->kind == TRACE_FAULT)
		audit_find(r, &rules[FORM_FAULT], &at, "%.159s", e->text);
	if (e->kind == TRACE_REMOVED) {
		form_start(f);
		f->is_removed = true;
		f->removed = at;
	}
	if (e->kind != TRACE_RESET)
		return;
	form_start(f);
	f->complete = true;
	for (unsigned n = 1; n < CHANNELS; n++)
		f->channels[n].is = CHANNEL_IS_CLOSED;
}

static void form_end(struct audit_run *r, void *state)
{
	const struct form *f = state;

	if (!f->has_answers && f->unanswered)
		audit_find(r, &rules[FORM_STATUS], &f->first,
			   "none of %" PRIu64 " commands has one", f->unanswered);
}

static void form_fault(struct audit_run *r, const struct audit_step *s,
		       const struct tree_node *node)
{
	audit_find(r, &rules[FORM_CONTENT], &s->spot, "%s, %s: %s", s->item->name, node->name,
		   node->fault);
}

const struct audit_family audit_form = {
	.about = "Form of commands, responses and of the trace itself",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct form),
	.step = form_step,
	.event = form_event,
	.fault = form_fault,
	.end = form_end,
};
