/* manage: GPM, what is changed on a card by its security domains: keys, applications, states
 * (GlobalPlatform Card Specification 2.3.1, 11) */
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"

#define CHANNELS     20
#define LEVEL_MAC    0x01 /* P1 of EXTERNAL AUTHENTICATE, E.5.2.3 */
#define LEVEL_CIPHER 0x02
#define FOR_LOAD     0x02 /* P1 of INSTALL, table 11-38 */
#define FOR_INSTALL  0x04
#define OF_DOMAIN    0x80 /* P1 of SET STATUS: the issuer security domain, that is the card */
#define CARD_LOCKED  0x7F /* P2, table 11-6 */
#define CARD_ENDED   0xFF
#define LOCKED	     0x80 /* of an application, table 11-4 */
#define DELETE_KEY   0xD0 /* tags of DELETE, table 11-24 */
#define SPEC	     "GlobalPlatform 2.3.1 "

enum {
	GPM_NO_MAC,
	GPM_NO_CIPHER,
	GPM_KEY_IN_CLEAR,
	GPM_UNPROTECTED,
	GPM_UNPROTECTED_TRIED,
	GPM_OPEN_DOMAIN,
	GPM_LOCKED,
	GPM_NO_TOKEN,
	GPM_DELETED,
	GPM_ENUMERATED
};

static const struct finding_rule rules[] = {
	[GPM_NO_MAC] = RULE(
		"GPM-01", WARNING, SPEC "E.1.5, 11.5 to 11.11",
		"what changes the card's contents has a MAC (C-MAC)",
		"The session was opened without C-MAC: commands can be inserted or changed on the "
		"way, and the card cannot notice.",
		"Ask for C-MAC at least in EXTERNAL AUTHENTICATE (P1 01, better 03 or 33)."),
	[GPM_NO_CIPHER] = RULE(
		"GPM-02", WARNING, SPEC "E.1.5, 11.8, 11.11",
		"keys and personal data are sent enciphered",
		"Keys or personalisation data went over a session without encryption: they are "
		"protected by the data encryption key alone, or not at all.",
		"Ask for C-DECRYPTION in EXTERNAL AUTHENTICATE (P1 03 or 33)."),
	[GPM_KEY_IN_CLEAR] = RULE(
		"GPM-03", ERROR, SPEC "11.8", "keys are put in under secure messaging",
		"PUT KEY was sent without secure messaging: who reads the interface has the keys, "
		"or needs one more key to open them.",
		"Change these keys; open a session with C-MAC and C-DECRYPTION first."),
	[GPM_UNPROTECTED] =
		RULE("GPM-04", ERROR, SPEC "10.6, E.1.6",
		     "a card takes no command in clear in a session that demands protection",
		     "A command without MAC was carried out in a session whose level demands one: "
		     "whoever stands between can send commands of his own.",
		     "Report the card; do not rely on its sessions."),
	[GPM_UNPROTECTED_TRIED] = RULE(
		"GPM-05", WARNING, SPEC "10.6, E.1.6", "commands of a session have its protection",
		"A command was sent in clear in a session whose level demands a MAC, and the card "
		"refused it: a mistake of the host, or somebody tried to insert it.",
		"See who sent it; each command of the session gets its MAC."),
	[GPM_OPEN_DOMAIN] =
		RULE("GPM-06", ERROR, SPEC "10.4, 11.1.2",
		     "the card's contents are changed after an authentication only",
		     "The card loaded, installed, deleted or locked something, or took a key, and "
		     "nobody had authenticated since the reset.",
		     "The security domain is open to everybody: put keys in, and move the card to "
		     "SECURED."),
	[GPM_LOCKED] = RULE(
		"GPM-07", WARNING, SPEC "11.10, 5.1.1",
		"neither card nor application is locked or terminated",
		"SET STATUS locked or ended the card or an application: from here on it does less "
		"or nothing, and ending a card cannot be undone.",
		"See who sent it, and whether it was meant."),
	[GPM_NO_TOKEN] =
		RULE("GPM-08", INFO, SPEC "11.5.2.3, C.4",
		     "what is loaded or installed has a token of the issuer",
		     "The command has no token: whoever has the session's keys decides alone what "
		     "comes onto the card.",
		     "Use delegated management with tokens where others than the issuer install."),
	[GPM_DELETED] = RULE("GPM-09", INFO, SPEC "11.2", "no application and no key is deleted",
			     "An application, a load file or a key was deleted.",
			     "See whether it was meant."),
	[GPM_ENUMERATED] = RULE(
		"GPM-10", INFO, SPEC "11.4", "the registry of the card is not listed",
		"Somebody listed which applications and domains are on the card: an inventory, or "
		"a first look before an attack.",
		"See who asked."),
};

struct gpm_session { /* of a logical channel */
	bool open;
	uint8_t level;
	bool told_mac, told_cipher;
};

struct gpm {
	bool whole; /* the trace has a reset of the card: what came before does not count */
	struct gpm_session sessions[CHANNELS];
	bool told_list;
};

/* A security domain by its AID, by a session that it opened, or as the default after a reset. Any
 * other application has instructions of its own: so has GlobalPlatform's contactless registry. */
static bool gpm_is_domain(const struct gpm_session *l, const struct audit_step *s)
{
	const struct place *p = s->item->view.place;

	switch (p->application.kind) {
	case APPLICATION_SD:
	case APPLICATION_ISDR:
	case APPLICATION_ISDP:
	case APPLICATION_ECASD: return true;
	default: return l->open || !p->aid_len || apdu_is_secured(s->x->apdu.cla);
	}
}

/* Commands that change what is on the card, or carry what has to stay secret */
static bool gpm_changes(const struct gpm_session *l, const struct audit_step *s)
{
	switch (s->id) {
	case COMMAND_INSTALL:
	case COMMAND_LOAD:
	case COMMAND_DELETE:
	case COMMAND_SET_STATUS:
	case COMMAND_PUT_KEY: return gpm_is_domain(l, s);
	case COMMAND_STORE_DATA:
		return s->item->view.place->application.kind == APPLICATION_SD ||
		       apdu_is_secured(s->x->apdu.cla);
	default: return false;
	}
}

static void gpm_judge_session(struct audit_run *r, struct gpm_session *l,
			      const struct audit_step *s)
{
	bool personal = s->id == COMMAND_PUT_KEY || s->id == COMMAND_STORE_DATA;
	bool protected = apdu_is_secured(s->x->apdu.cla);

	if (!(l->level & LEVEL_MAC) && !l->told_mac) {
		audit_find(r, &rules[GPM_NO_MAC], &s->spot, "%s, level %02X", s->item->name,
			   l->level);
		l->told_mac = true;
	} else if (personal && !(l->level & LEVEL_CIPHER) && !l->told_cipher) {
		audit_find(r, &rules[GPM_NO_CIPHER], &s->spot, "%s, level %02X", s->item->name,
			   l->level);
		l->told_cipher = true;
	}
	if (!(l->level & LEVEL_MAC) || protected || !s->x->has_sw)
		return;
	audit_find(r, &rules[s->good ? GPM_UNPROTECTED : GPM_UNPROTECTED_TRIED], &s->spot, "%s: %s",
		   s->item->name, sw_text(s->x->sw));
}

static void gpm_judge_change(struct audit_run *r, struct gpm *st, struct gpm_session *l,
			     const struct audit_step *s)
{
	if (s->id == COMMAND_PUT_KEY && !apdu_is_secured(s->x->apdu.cla))
		audit_find(r, &rules[GPM_KEY_IN_CLEAR], &s->spot, "key version %d, %s",
			   s->x->apdu.p1 & 0x7F, sw_text(s->x->sw));
	if (l->open)
		gpm_judge_session(r, l, s);
	else if (st->whole && s->good && s->id != COMMAND_STORE_DATA &&
		 !apdu_is_secured(s->x->apdu.cla))
		audit_find(r, &rules[GPM_OPEN_DOMAIN], &s->spot, "%s", s->item->name);
}

/* 11.5.2.3: each field has its length in front; the token is the last */
static void gpm_judge_token(struct audit_run *r, const struct gpm_session *l,
			    const struct audit_step *s)
{
	const struct apdu *a = &s->x->apdu;
	unsigned fields = a->p1 & FOR_LOAD ? 4 : 5; /* for load; for install */
	struct cursor c = cursor_of(a->data);

	/* enciphered, or for personalisation, extradition ... */
	if ((l->open && l->level & LEVEL_CIPHER) || !(a->p1 & (FOR_LOAD | FOR_INSTALL)))
		return;
	for (unsigned i = 0; i < fields; i++) {
		size_t n = cursor_u8(&c);

		(void)cursor_take(&c, n);
	}
	if (!cursor_u8(&c) && !c.err)
		audit_find(r, &rules[GPM_NO_TOKEN], &s->spot, "%s",
			   a->p1 & FOR_LOAD ? "for load" : "for install");
}

static void gpm_judge_status(struct audit_run *r, const struct audit_step *s)
{
	const struct apdu *a = &s->x->apdu;

	if (a->p1 == OF_DOMAIN && (a->p2 == CARD_LOCKED || a->p2 == CARD_ENDED))
		audit_find(r, &rules[GPM_LOCKED], &s->spot, "the card: %s",
			   a->p2 == CARD_ENDED ? "terminated" : "locked");
	else if (a->p1 != OF_DOMAIN && a->p2 & LOCKED)
		audit_find(r, &rules[GPM_LOCKED], &s->spot, "an application: locked");
}

static void gpm_take_management(struct audit_run *r, struct gpm *st, struct gpm_session *l,
				const struct audit_step *s)
{
	gpm_judge_change(r, st, l, s);
	if (!s->good)
		return;
	if (s->id == COMMAND_INSTALL)
		gpm_judge_token(r, l, s);
	else if (s->id == COMMAND_SET_STATUS)
		gpm_judge_status(r, s);
	else if (s->id == COMMAND_DELETE)
		audit_find(r, &rules[GPM_DELETED], &s->spot, "%s",
			   slice_at(s->x->apdu.data, 0) == DELETE_KEY ? "a key" : "by its AID");
}

static void gpm_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct gpm *st = state;
	struct gpm_session *l = &st->sessions[s->x->channel % CHANNELS];

	if (!s->x->has_sw)
		st->whole = false; /* what was not recorded may have changed anything */
	switch (s->id) {
	case COMMAND_SELECT:
		/* GlobalPlatform 10.2.3: the selection of an application ends the session */
		if (s->x->apdu.p1 == SELECT_AID && (s->good || !s->x->has_sw))
			*l = (struct gpm_session){.open = false};
		break;
	case COMMAND_INITIALIZE_UPDATE: *l = (struct gpm_session){.open = false}; break;
	case COMMAND_GP_EXTERNAL_AUTHENTICATE:
		*l = (struct gpm_session){.open = s->good || !s->x->has_sw, .level = s->x->apdu.p1};
		break;
	case COMMAND_GET_STATUS:
		if (s->good && !st->told_list)
			audit_find(r, &rules[GPM_ENUMERATED], &s->spot, "GET STATUS");
		st->told_list = st->told_list || s->good;
		break;
	default:
		if (gpm_changes(l, s))
			gpm_take_management(r, st, l, s);
		break;
	}
}

static void gpm_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct gpm *st = state;

	(void)r;
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		*st = (struct gpm){.whole = true, .told_list = st->told_list};
}

static const enum command_id gpm_takes[] = {
	COMMAND_SELECT,	    COMMAND_INITIALIZE_UPDATE, COMMAND_GP_EXTERNAL_AUTHENTICATE,
	COMMAND_GET_STATUS, COMMAND_INSTALL,	       COMMAND_LOAD,
	COMMAND_DELETE,	    COMMAND_SET_STATUS,	       COMMAND_PUT_KEY,
	COMMAND_STORE_DATA};

const struct audit_family audit_manage = {
	.about = "Keys and applications of security domains",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct gpm),
	.takes = gpm_takes,
	.take_count = ARRAY_LEN(gpm_takes),
	.step = gpm_step,
	.event = gpm_event,
};
