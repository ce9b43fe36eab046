/* toolkit: CAT, proactive sessions between card and terminal, ETSI TS 102 223 */
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/item.h"

#define PROFILE_MAX    40 /* octets of a TERMINAL PROFILE that are compared */
#define REFRESH_WITHIN 24 /* commands in which a REFRESH is followed */
#define SURE_AFTER     2  /* commands behind, before the trace ends: it was left, not cut */

enum {
	TOOLKIT_PENDING,
	TOOLKIT_UNANSWERED,
	TOOLKIT_OTHER,
	TOOLKIT_NOTHING,
	TOOLKIT_IGNORED,
	TOOLKIT_REFUSED,
	TOOLKIT_EARLY,
	TOOLKIT_SHRINKS,
	TOOLKIT_BEYOND,
	TOOLKIT_ENVELOPE
};

static const struct finding_rule rules[] = {
	[TOOLKIT_PENDING] =
		RULE("CAT-01", WARNING, "ETSI TS 102 221 7.4.2.1, TS 102 223 6.1",
		     "a proactive command that waits is fetched",
		     "By 91XX the card has said that it has something to ask of the terminal, and "
		     "the terminal never fetched it: a REFRESH, an update over the air or a bearer "
		     "of the card stays undone.",
		     "Send FETCH with the length that 91XX tells; a terminal without a toolkit "
		     "sends no TERMINAL PROFILE."),
	[TOOLKIT_UNANSWERED] =
		RULE("CAT-02", WARNING, "ETSI TS 102 223 6.7, 6.8",
		     "a proactive command that was fetched has its TERMINAL RESPONSE",
		     "The card does not know what came of its command, and most cards don't send "
		     "another one until they are told.",
		     "Send TERMINAL RESPONSE, also where the terminal cannot do it (result 30 to "
		     "33)."),
	[TOOLKIT_OTHER] =
		RULE("CAT-03", WARNING, "ETSI TS 102 223 6.8.1",
		     "a TERMINAL RESPONSE has the command details of what was fetched",
		     "Number, type or qualifier are those of another command: the answers are "
		     "mixed up, or somebody answers in the terminal's place.",
		     "Copy the command details from the proactive command octet by octet."),
	[TOOLKIT_NOTHING] =
		RULE("CAT-04", WARNING, "ETSI TS 102 223 6.1, 6.8",
		     "a TERMINAL RESPONSE answers a command that was fetched",
		     "Nothing was fetched that it could answer: it was sent twice, or by somebody "
		     "who tries what the card's toolkit makes of it.",
		     "One TERMINAL RESPONSE for one FETCH."),
	[TOOLKIT_IGNORED] =
		RULE("CAT-05", WARNING, "ETSI TS 102 223 6.4.7, 3GPP TS 31.111 6.4.7.1",
		     "the terminal does what a REFRESH demands",
		     "The card has changed its files or its profile and asked for a reset, or for "
		     "its files to be read again; nothing of that follows. The terminal goes on "
		     "with what was valid before.",
		     "Reset the card, select the application anew or read the files, as the mode "
		     "says."),
	[TOOLKIT_REFUSED] = RULE(
		"CAT-06", WARNING, "ETSI TS 102 223 6.4.7, 8.12", "the terminal accepts a REFRESH",
		"It answered that it cannot or will not: what the card has changed does not "
		"become valid until the next reset.",
		"Look at the result; result 20 (busy) is tried again by good cards."),
	[TOOLKIT_EARLY] = RULE(
		"CAT-07", WARNING, "ETSI TS 102 223 5.1, 6.1",
		"a proactive session begins after TERMINAL PROFILE",
		"The card asks something of a terminal that has not said what it can: the "
		"terminal may have no toolkit at all.",
		"The card waits for TERMINAL PROFILE after each reset; the terminal sends it."),
	[TOOLKIT_SHRINKS] = RULE(
		"CAT-08", INFO, "ETSI TS 102 223 5.2",
		"a terminal says the same of what it can as before",
		"TERMINAL PROFILE claims less than it did: the card is in another terminal, or "
		"somebody takes facilities out to make the card fall back.",
		"Compare the two profiles: 'trace show -v' names the facilities."),
	[TOOLKIT_BEYOND] =
		RULE("CAT-09", WARNING, "ETSI TS 102 223 5.2, 6.1",
		     "a card asks what the terminal's profile says that it can",
		     "The terminal has said that it does not know this command. It is refused, or "
		     "done by a terminal that does not tell the truth.",
		     "The card's applets look at the profile before they ask."),
	[TOOLKIT_ENVELOPE] =
		RULE("CAT-10", WARNING, "ETSI TS 102 221 11.2.2, TS 102 223 7",
		     "an ENVELOPE is taken by the card",
		     "The card refused what the terminal handed on: a message over the air, an "
		     "event, or what the user chose.",
		     "See which envelope it is, and whether the card's applet registered for it."),
};

struct toolkit {
	bool complete; /* from a reset on */
	bool is_pending, is_waiting, is_refreshing, has_fetched, told_early;
	struct audit_spot pending, fetched, refresh;
	unsigned pending_for, waiting_for, refreshing_for; /* commands */
	struct cat_details details;
	uint8_t refresh_mode;
	bool has_profile;   /* since the reset */
	size_t profile_len; /* of the last one; 0: none yet */
	uint8_t profile[PROFILE_MAX];
	struct audit_spot profile_at;
};

static const char *type_name(uint8_t type)
{
	const char *name = cat_type_name(type);

	return name ? name : "an unknown command";
}

/* The session is over by a reset, a removal or the trace's end. */
static void end_pending(struct audit_run *r, struct toolkit *f)
{
	if (f->is_pending && f->pending_for)
		audit_find(r, &rules[TOOLKIT_PENDING], &f->pending, "%u commands follow",
			   f->pending_for);
	f->is_pending = false;
}

static void end_waiting(struct audit_run *r, struct toolkit *f, const char *why)
{
	/* 6.4.7: a terminal that resets the card for a REFRESH sends no response */
	if (f->is_waiting && f->details.type != CAT_REFRESH)
		audit_find(r, &rules[TOOLKIT_UNANSWERED], &f->fetched, "%s, number %u: %s",
			   type_name(f->details.type), f->details.number, why);
	f->is_waiting = false;
}

static void end_refresh(struct audit_run *r, struct toolkit *f)
{
	const char *mode = cat_refresh_name(f->refresh_mode);

	if (f->is_refreshing)
		audit_find(r, &rules[TOOLKIT_IGNORED], &f->refresh,
			   "mode %02X, %s: %u commands follow", f->refresh_mode,
			   mode ? mode : "unknown", f->refreshing_for);
	f->is_refreshing = false;
}

static bool reads(enum command_id id)
{
	switch (id) {
	case COMMAND_READ_BINARY:
	case COMMAND_READ_RECORD:
	case COMMAND_SEARCH_RECORD:
	case COMMAND_GSM_READ_BINARY:
	case COMMAND_GSM_READ_RECORD: return true;
	default: return false;
	}
}

/* It is what the mode demands, TS 102 223 6.4.7.1: of a mode that wants a reset no command is. */
static bool follows_refresh(uint8_t mode, const struct audit_step *s)
{
	bool selects = s->id == COMMAND_SELECT || s->id == COMMAND_GSM_SELECT;

	switch (mode) {
	case CAT_REFRESH_RESET: return false;
	case CAT_REFRESH_APPLICATION: return selects && s->x->apdu.p1 == SELECT_AID;
	case CAT_REFRESH_FILES: return reads(s->id);
	/* the list that they bring may be all there is */
	case CAT_REFRESH_STEERING:
	case CAT_REFRESH_STEERING_WLAN: return true;
	default: return selects || reads(s->id);
	}
}

static void take_profile(struct audit_run *r, struct toolkit *f, const struct audit_step *s)
{
	struct audit_spot pair[2] = {f->profile_at, s->spot};
	struct slice now = s->x->apdu.data;
	unsigned lost = 0;

	for (size_t i = 0; i < f->profile_len; i++)
		lost += (unsigned)__builtin_popcount(f->profile[i] & ~(unsigned)slice_at(now, i));
	if (lost)
		audit_find_pair(r, &rules[TOOLKIT_SHRINKS], pair, "%u facilities less", lost);
	f->has_profile = true;
	f->profile_at = s->spot;
	f->profile_len = now.len < PROFILE_MAX ? now.len : PROFILE_MAX;
	for (size_t i = 0; i < f->profile_len; i++)
		f->profile[i] = slice_at(now, i);
}

/* Who manages the card by STORE DATA takes the REFRESH that comes of it, without a toolkit, too (as
 * by refreshFlag, SGP.22 5.7.16). */
static void judge_early(struct audit_run *r, struct toolkit *f, const struct audit_step *s)
{
	if (f->complete && !f->has_profile && !f->told_early && s->id != COMMAND_STORE_DATA) {
		audit_find(r, &rules[TOOLKIT_EARLY], &s->spot, "%s answered %04X", s->item->name,
			   s->x->sw);
		f->told_early = true;
	}
}

static void begin_refresh(struct audit_run *r, struct toolkit *f, const struct audit_step *s)
{

	end_refresh(r, f);
	f->is_refreshing = true;
	f->refresh = s->spot;
	f->refresh_mode = f->details.qualifier;
	f->refreshing_for = 0;
}

static void take_fetch(struct audit_run *r, struct toolkit *f, const struct audit_step *s)
{
	struct slice objects;

	f->is_pending = false;
	if (!s->good || cat_open(s->x->answer, &objects) != CAT_PROACTIVE)
		return;
	if (s->x->odd & EXCHANGE_AGAIN && f->is_waiting)
		return; /* the reader said it twice */
	end_waiting(r, f, "the next one was fetched");
	f->has_fetched = true;
	f->is_waiting = cat_take_details(objects, &f->details);
	f->waiting_for = 0;
	f->fetched = s->spot;
	if (!f->is_waiting)
		return;
	/* of a profile that is longer than what is kept, nothing is compared that is not there */
	if (f->has_profile && f->profile_len &&
	    !cat_profile_has(slice_make(f->profile, f->profile_len), f->details.type))
		audit_find(r, &rules[TOOLKIT_BEYOND], &s->spot, "%s", type_name(f->details.type));
	if (f->details.type == CAT_REFRESH)
		begin_refresh(r, f, s);
}

static void judge_response(struct audit_run *r, struct toolkit *f, const struct audit_step *s)
{
	struct audit_spot pair[2] = {f->fetched, s->spot};
	struct cat_details is = {0};

	if (!cat_take_details(s->x->apdu.data, &is))
		audit_find_pair(r, &rules[TOOLKIT_OTHER], pair, "no command details");
	else if (is.number != f->details.number || is.type != f->details.type ||
		 is.qualifier != f->details.qualifier)
		audit_find_pair(r, &rules[TOOLKIT_OTHER], pair,
				"number %u, type %02X, qualifier %02X; fetched was %u, %02X, %02X",
				is.number, is.type, is.qualifier, f->details.number,
				f->details.type, f->details.qualifier);
}

static void take_terminal_response(struct audit_run *r, struct toolkit *f,
				   const struct audit_step *s)
{
	struct slice result;

	if (!f->is_waiting) {
		if ((f->complete || f->has_fetched) && !(s->x->odd & EXCHANGE_AGAIN))
			audit_find(r, &rules[TOOLKIT_NOTHING], &s->spot, "answered %04X", s->x->sw);
		return;
	}
	judge_response(r, f, s);
	f->is_waiting = false;
	if (f->details.type != CAT_REFRESH || !f->is_refreshing ||
	    !cat_find(s->x->apdu.data, CAT_TAG_RESULT, &result) ||
	    slice_at(result, 0) < CAT_RESULT_REFUSED)
		return;
	audit_find(r, &rules[TOOLKIT_REFUSED], &s->spot, "result %02X", slice_at(result, 0));
	f->is_refreshing = false;
}

static void judge_envelope(struct audit_run *r, const struct audit_step *s)
{
	char title[CAT_TITLE_MAX];

	/* 62F1 to 62F3 and 63F1 are of long answers, 9300 says to come again */
	if (!s->x->has_sw || s->good || s->x->sw == SW_TOOLKIT_BUSY ||
	    s->x->sw >> 8 == SW_WARNING >> 8 || s->x->sw >> 8 == SW_CHANGED >> 8)
		return;
	cat_envelope_title(s->x->apdu.data, title);
	audit_find(r, &rules[TOOLKIT_ENVELOPE], &s->spot, "%s: %04X", title, s->x->sw);
}

/* What has begun, and may be over by this command */
static void take_others(struct audit_run *r, struct toolkit *f, const struct audit_step *s)
{
	f->pending_for += f->is_pending;
	f->waiting_for += f->is_waiting;
	if (!f->is_refreshing)
		return;
	if (follows_refresh(f->refresh_mode, s))
		f->is_refreshing = false;
	else if (++f->refreshing_for > REFRESH_WITHIN)
		end_refresh(r, f);
}

static void toolkit_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct toolkit *f = state;

	switch (s->id) {
	case COMMAND_TERMINAL_PROFILE:
	case COMMAND_GSM_TERMINAL_PROFILE:
		if (s->good)
			take_profile(r, f, s);
		break;
	case COMMAND_FETCH:
	case COMMAND_GSM_FETCH: take_fetch(r, f, s); break;
	case COMMAND_TERMINAL_RESPONSE:
	case COMMAND_GSM_TERMINAL_RESPONSE: take_terminal_response(r, f, s); break;
	case COMMAND_ENVELOPE:
	case COMMAND_GSM_ENVELOPE: judge_envelope(r, s); /* fall through */
	default: take_others(r, f, s); break;
	}
	if (!s->x->has_sw || !sw_is(s->x->sw, SW_PROACTIVE))
		return;
	judge_early(r, f, s);
	if (!f->is_pending) {
		f->is_pending = true;
		f->pending = s->spot;
		f->pending_for = 0;
	}
}

static void toolkit_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct toolkit *f = state;

	if (e->kind != TRACE_RESET && e->kind != TRACE_REMOVED)
		return;
	end_pending(r, f);
	end_waiting(r, f, "the card was reset");
	f->is_refreshing = f->has_fetched = f->has_profile = f->told_early = false;
	f->complete = e->kind == TRACE_RESET;
}

static void toolkit_end(struct audit_run *r, void *state)
{
	struct toolkit *f = state;

	end_pending(r, f);
	if (f->waiting_for >= SURE_AFTER)
		end_waiting(r, f, "the trace has ended");
	if (f->refreshing_for >= SURE_AFTER)
		end_refresh(r, f);
}

const struct audit_family audit_toolkit = {
	.about = "Proactive sessions of the card's toolkit",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct toolkit),
	.step = toolkit_step,
	.event = toolkit_event,
	.end = toolkit_end,
};
