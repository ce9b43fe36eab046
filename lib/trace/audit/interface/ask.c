/* ask: ASK, what the card wants the terminal to do that its owner should know of */
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/item.h"

#define SHORT_MAX    6	  /* digits of a number that a network keeps for services */
#define SMS_SUBMIT   0x01 /* TS 23.040 9.2.3.1, bits 1 and 2 */
#define SMS_TYPE     0x03
#define SMS_HEADER   0x40 /* 9.2.3.23: a header, as of a message in parts */
#define ADDRESS_IPV4 0x21 /* TS 102 223 8.58 */

enum {
	ASK_LOCATION,
	ASK_IMEI,
	ASK_WATCH,
	ASK_SMS,
	ASK_SHORT,
	ASK_CALL,
	ASK_TERMINAL,
	ASK_CHANNEL,
	ASK_SERVICE
};

static const struct finding_rule rules[] = {
	[ASK_LOCATION] = RULE("ASK-01", INFO, "ETSI TS 102 223 6.4.15, 6.4.40",
			      "the card does not ask where the terminal is",
			      "It wants the cell, measurements, timing advance or coordinates: who "
			      "owns an applet of the card can follow the person who carries it.",
			      "Find out which applet asks, and whether it has a reason to."),
	[ASK_IMEI] =
		RULE("ASK-02", INFO, "ETSI TS 102 223 6.4.15",
		     "the card does not ask which terminal it is in",
		     "It wants the IMEI: so an operator ties a card to a device, and sees when "
		     "it moves.",
		     "Find out which applet asks, and what it does with it."),
	[ASK_WATCH] =
		RULE("ASK-03", INFO, "ETSI TS 102 223 6.4.16, 7.5.4",
		     "the card does not watch where the terminal goes",
		     "SET UP EVENT LIST has location status or network rejection: the terminal "
		     "tells the card of each change.",
		     "Find out which applet asks, and what it does with it."),
	[ASK_SMS] =
		RULE("ASK-04", WARNING, "ETSI TS 102 223 6.4.10",
		     "the user is told of a short message that the card sends",
		     "SEND SHORT MESSAGE has no alpha identifier, or an empty one: the terminal "
		     "sends it and shows nothing.",
		     "See to whom it goes and what it says: 'trace show -v'."),
	[ASK_SHORT] =
		RULE("ASK-05", INFO, "ETSI TS 102 223 6.4.10, 6.4.13",
		     "the card calls or writes to subscribers, not to services",
		     "The number has so few digits that it is one of a service, which may cost "
		     "more; or the message is longer than one short message.",
		     "Find out whose number it is."),
	[ASK_CALL] = RULE("ASK-06", WARNING, "ETSI TS 102 223 6.4.13",
			  "the user is told of a call that the card sets up",
			  "SET UP CALL has no alpha identifier, or an empty one: the terminal has "
			  "nothing to show when it asks the user, or does not ask.",
			  "See which number it is: 'trace show -v'."),
	[ASK_TERMINAL] = RULE("ASK-07", WARNING, "ETSI TS 102 223 6.4.23, 6.4.26, 6.4.19",
			      "the card does not steer the terminal itself",
			      "RUN AT COMMAND, LAUNCH BROWSER or PERFORM CARD APDU work on the "
			      "terminal, on a page of somebody's choice, or on another card.",
			      "Find out which applet asks; forbid it in the terminal's profile."),
	[ASK_CHANNEL] = RULE("ASK-08", INFO, "ETSI TS 102 223 6.4.27, 6.4.30",
			     "the card does not open a connection of its own",
			     "OPEN CHANNEL: the card talks to a server over the terminal's bearer. "
			     "That is how profiles and applets are managed, and how data leaves.",
			     "See whether the address is the operator's."),
	[ASK_SERVICE] =
		RULE("ASK-09", INFO, "ETSI TS 102 223 6.4.11, 6.4.12",
		     "the card does not change supplementary services",
		     "SEND SS or SEND USSD: call forwarding, barring or a balance are asked "
		     "or changed in the user's name.",
		     "See what the string is: 'trace show -v'."),
};

struct ask {
	unsigned none;
};

static bool is_shown(struct slice objects)
{
	struct slice alpha;

	return cat_find(objects, CAT_TAG_ALPHA, &alpha) && alpha.len;
}

static void judge_local(struct audit_run *r, const struct audit_step *s, uint8_t what)
{
	switch (what) {
	case CAT_LOCAL_LOCATION:
		audit_find(r, &rules[ASK_LOCATION], &s->spot, "location: MCC, MNC and cell");
		break;
	case CAT_LOCAL_MEASUREMENTS:
		audit_find(r, &rules[ASK_LOCATION], &s->spot, "network measurements");
		break;
	case CAT_LOCAL_TIMING_ADVANCE:
		audit_find(r, &rules[ASK_LOCATION], &s->spot, "timing advance");
		break;
	case CAT_LOCAL_IMEI: audit_find(r, &rules[ASK_IMEI], &s->spot, "IMEI"); break;
	case CAT_LOCAL_IMEISV: audit_find(r, &rules[ASK_IMEI], &s->spot, "IMEISV"); break;
	default: break;
	}
}

static void judge_events(struct audit_run *r, const struct audit_step *s, struct slice objects)
{
	struct slice events = SLICE_EMPTY;

	(void)cat_find(objects, CAT_TAG_EVENTS, &events);
	for (size_t i = 0; i < events.len; i++) {
		uint8_t event = slice_at(events, i);

		if (event == CAT_EVENT_LOCATION || event == CAT_EVENT_REJECTION)
			audit_find(r, &rules[ASK_WATCH], &s->spot, "%s",
				   event == CAT_EVENT_LOCATION ? "location status"
							       : "network rejection");
	}
}

/* TS 23.040 9.2.2.2: SMS-SUBMIT has its own number, then the address: digits, type, digits */
static void judge_sms(struct audit_run *r, const struct audit_step *s, struct slice objects)
{
	struct slice tpdu = SLICE_EMPTY;
	uint8_t digits;

	if (!is_shown(objects))
		audit_find(r, &rules[ASK_SMS], &s->spot, "SEND SHORT MESSAGE");
	if (!cat_find(objects, CAT_TAG_TPDU, &tpdu) || (slice_at(tpdu, 0) & SMS_TYPE) != SMS_SUBMIT)
		return;
	digits = slice_at(tpdu, 2);
	if (digits && digits <= SHORT_MAX)
		audit_find(r, &rules[ASK_SHORT], &s->spot, "a message to a number of %u digits",
			   digits);
	else if (slice_at(tpdu, 0) & SMS_HEADER)
		audit_find(r, &rules[ASK_SHORT], &s->spot, "a message in parts, or with a header");
}

/* 8.1: the type of the number, then two digits an octet, the last one may be F */
static void judge_call(struct audit_run *r, const struct audit_step *s, struct slice objects)
{
	struct slice address;
	size_t digits;

	if (!is_shown(objects))
		audit_find(r, &rules[ASK_CALL], &s->spot, "SET UP CALL");
	if (!cat_find(objects, CAT_TAG_ADDRESS, &address) || address.len < 2)
		return;
	digits = 2 * (address.len - 1) - (slice_at(address, address.len - 1) >> 4 == 0xF);
	if (digits <= SHORT_MAX)
		audit_find(r, &rules[ASK_SHORT], &s->spot, "a call to a number of %zu digits",
			   digits);
}

/* 8.58, 8.59: the kind of address and the address; the protocol and the port */
static void judge_channel_asked(struct audit_run *r, const struct audit_step *s,
				struct slice objects)
{
	struct slice address = SLICE_EMPTY, transport = SLICE_EMPTY;
	int port;

	(void)cat_find(objects, CAT_TAG_DESTINATION, &address);
	(void)cat_find(objects, CAT_TAG_TRANSPORT, &transport);
	port = (int)slice_uint(slice_sub(transport, 1, 2), 2);
	if (slice_at(address, 0) == ADDRESS_IPV4 && address.len == 5)
		audit_find(r, &rules[ASK_CHANNEL], &s->spot, "to %d.%d.%d.%d, port %d",
			   slice_at(address, 1), slice_at(address, 2), slice_at(address, 3),
			   slice_at(address, 4), port);
	else
		audit_find(r, &rules[ASK_CHANNEL], &s->spot, "%s, port %d",
			   address.len ? "to an address" : "no address of a server", port);
}

static void judge_asked(struct audit_run *r, const struct audit_step *s, struct slice objects)
{
	struct cat_details is;

	if (!cat_take_details(objects, &is))
		return;
	switch (is.type) {
	case CAT_LOCAL_INFORMATION: judge_local(r, s, is.qualifier); break;
	case CAT_GEOGRAPHICAL_LOCATION:
		audit_find(r, &rules[ASK_LOCATION], &s->spot, "coordinates");
		break;
	case CAT_SET_UP_EVENT_LIST: judge_events(r, s, objects); break;
	case CAT_SEND_SMS: judge_sms(r, s, objects); break;
	case CAT_SET_UP_CALL: judge_call(r, s, objects); break;
	case CAT_RUN_AT_COMMAND:
	case CAT_LAUNCH_BROWSER:
	case CAT_PERFORM_CARD_APDU:
		audit_find(r, &rules[ASK_TERMINAL], &s->spot, "%s", cat_type_name(is.type));
		break;
	case CAT_OPEN_CHANNEL: judge_channel_asked(r, s, objects); break;
	case CAT_SEND_SS:
	case CAT_SEND_USSD:
		audit_find(r, &rules[ASK_SERVICE], &s->spot, "%s", cat_type_name(is.type));
		break;
	default: break;
	}
}

static void ask_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct slice objects;

	(void)state;
	if ((s->id == COMMAND_FETCH || s->id == COMMAND_GSM_FETCH) && s->good &&
	    cat_open(s->x->answer, &objects) == CAT_PROACTIVE)
		judge_asked(r, s, objects);
}

static const enum command_id ask_takes[] = {COMMAND_FETCH, COMMAND_GSM_FETCH};

const struct audit_family audit_ask = {
	.about = "What the card asks of the terminal",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct ask),
	.takes = ask_takes,
	.take_count = ARRAY_LEN(ask_takes),
	.step = ask_step,
};
