/* code_use: CHV, what codes are, where they are sent, and what they open */
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/trace/audit/code.h"
#include "lib/trace/audit/print.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fcp.h"
#include "lib/uicc/fid.h"

#define CODES	   16 /* of a card, as below: those beyond take the place of the first */
#define VALUES	   4
#define OPERATIONS 16
#define CHANNELS   20
#define REFERENCES 8 /* of a directory, TS 102 221 9.5.2 */
#define LOOP	   3
#define LOCAL	   0x80u
#define UNIVERSAL  0x11
#define USER_LAST  8

enum {
	SENT_ELSEWHERE,
	IN_CLEAR,
	DISABLED,
	WELL_KNOWN,
	UNCHANGED,
	MISSHAPEN,
	OTHER_CHANNEL,
	NOT_OF_DIRECTORY,
	VERIFIED_AGAIN,
	OPEN_WITHOUT
};

static const struct finding_rule rules[] = {
	[SENT_ELSEWHERE] =
		RULE("CHV-01", ERROR, "ETSI TS 102 221 9.5, 11.1.9",
		     "a code stands in no command but VERIFY PIN and its kin",
		     "The octets or digits of a code that the card took are in another command or "
		     "answer: it is kept in a file, in a message or by an applet.",
		     "Find out who put it there, take it out, and change the code."),
	[IN_CLEAR] = RULE("CHV-02", INFO, "docs/trace.md", "codes are masked in the trace",
			  "A code is in the trace as it was sent. Who gets the trace has the code.",
			  "Redact the trace before it is shared, or change the code."),
	[DISABLED] = RULE("CHV-03", WARNING, "ETSI TS 102 221 11.1.11", "no PIN is disabled",
			  "From here on the card does what the PIN protected for anybody who "
			  "has it in his hands.",
			  "Enable it again unless the device is meant to run unattended."),
	[WELL_KNOWN] = RULE("CHV-04", WARNING, "ETSI TS 102 221 9.5.1",
			    "a new code is none that anybody tries first",
			    "The new code is one digit repeated, digits in a row, or one of the "
			    "few that most people choose: three attempts are enough.",
			    "Choose another one."),
	[UNCHANGED] = RULE("CHV-05", INFO, "ETSI TS 102 221 11.1.10",
			   "a code that is changed becomes another one",
			   "The new code is the old one: who believes it was changed is wrong.",
			   "Change it to another one."),
	[MISSHAPEN] = RULE("CHV-06", WARNING, "ETSI TS 102 221 9.5.1",
			   "a code is digits in ASCII, filled up with FF to eight octets",
			   "The card counts a code of another form as a wrong one, or takes it and "
			   "no phone can ever enter it.",
			   "Send 4 to 8 digits (a PUK: 8) as 30 to 39, and FF behind them."),
	[OTHER_CHANNEL] =
		RULE("CHV-07", WARNING, "ETSI TS 102 221 8.8, 9.5.1",
		     "a code is verified where it is used",
		     "It was verified on another channel than before or than where it opens "
		     "something, or in an application that has no codes: a second program has it.",
		     "Find out which program uses that channel, and who gave it the code."),
	[NOT_OF_DIRECTORY] =
		RULE("CHV-08", WARNING, "ETSI TS 102 221 9.5.1, 9.5.2",
		     "a local code is one of the selected application",
		     "The key reference is of an application, and the one that is selected has no "
		     "such code: the attempt goes to nobody or to another application's.",
		     "Select the application first; use a key reference of its PIN status."),
	[VERIFIED_AGAIN] = RULE(
		"CHV-09", INFO, "ETSI TS 102 221 9.5.1", "a code is verified once in a session",
		"It stays verified until the card is reset. A program that sends it again "
		"and again keeps it in memory and shows it to everybody who listens.",
		"Ask for the state (VERIFY PIN without data), or remember it."),
	[OPEN_WITHOUT] =
		RULE("CHV-10", ERROR, "ETSI TS 102 221 9.5.1, 3GPP TS 31.102 7.1.1.1",
		     "after a reset a code has to be verified again",
		     "What the card refused without the code, and did after it, it did after a "
		     "reset without it: the code protects nothing.",
		     "Test the card: reset, then the same command without VERIFY PIN."),
};

struct used {
	bool used;
	uint8_t reference;
	uint32_t scope;
	bool is_puk;
	bool told_clear, told_shape;
	/* in this session */
	bool has_channel, told_channel;
	unsigned channel, verified;
	struct audit_spot last;
};

/* What the card took as right */
struct value {
	uint8_t octets[AUDIT_CODE_LEN];
	bool known, told;
};

struct operation {
	uint32_t print; /* of the command and the file; 0: free */
	bool needs_code;
	struct audit_spot refused;
};

struct lane {
	bool known;
	uint16_t dir;
	uint8_t references[REFERENCES];
	size_t count;
};

struct code_use {
	struct used used[CODES];
	struct value values[VALUES];
	struct operation operations[OPERATIONS];
	unsigned next_used, next_value, next_operation;
	bool opened; /* in this session, or the trace has a gap: something may be open */
	bool was_reset;
	struct lane lanes[CHANNELS];
};

static bool use_is_of_user(uint8_t reference)
{
	uint8_t number = reference & (uint8_t)~LOCAL;

	return reference == UNIVERSAL || (number && number <= USER_LAST);
}

static struct used *use_at(struct code_use *c, const struct audit_code *code)
{
	struct used *u = NULL;

	for (unsigned i = 0; i < CODES && c->used[i].used; i++) {
		if (c->used[i].reference == code->reference && c->used[i].scope == code->scope &&
		    c->used[i].is_puk == code->is_puk)
			return &c->used[i];
	}
	for (unsigned i = 0; i < CODES && !u; i++)
		u = c->used[i].used ? NULL : &c->used[i];
	if (!u)
		u = &c->used[c->next_used++ % CODES];
	*u = (struct used){.used = true,
			   .reference = code->reference,
			   .scope = code->scope,
			   .is_puk = code->is_puk};
	return u;
}

static void use_remember(struct code_use *c, struct slice code)
{
	struct value *v;

	if (code.len != AUDIT_CODE_LEN || !audit_code_is_clear(code))
		return;
	for (unsigned i = 0; i < VALUES; i++) {
		if (secret_equal(code, SLICE_OF(c->values[i].octets)))
			return;
	}
	v = &c->values[c->next_value++ % VALUES];
	v->told = false;
	v->known = !slice_copy(code, v->octets, AUDIT_CODE_LEN);
}

/* Of a message of remote provisioning, which is binary and long, no four digits are taken. */
static void use_search(struct audit_run *r, struct code_use *c, const struct audit_step *s)
{
	bool as_text = s->id != COMMAND_STORE_DATA && s->id != COMMAND_COUNT;

	for (unsigned i = 0; i < VALUES && i < c->next_value; i++) {
		struct value *v = &c->values[i];
		struct slice code = SLICE_OF(v->octets);
		bool sent, read_text;

		if (v->told || !v->known)
			continue;
		sent = audit_code_stands_in(code, s->x->apdu.data, as_text);
		/* a name or text that the card has may say 1234 by itself */
		read_text = as_text && !audit_code_is_well_known(code);
		if (!sent && !audit_code_stands_in(code, s->x->answer, read_text))
			continue;
		v->told = true;
		audit_find(r, &rules[SENT_ELSEWHERE], &s->spot, "%s, %s: it has a code",
			   s->item->name, sent ? "data" : "answer");
	}
}

static void use_judge_form(struct audit_run *r, struct used *u, const struct audit_step *s,
			   const struct audit_code *c)
{
	bool shaped = audit_code_is_shaped(c->given, c->is_puk);
	char name[AUDIT_CODE_NAME];

	audit_code_name(c, name);
	if (c->chosen.ptr && shaped)
		shaped = audit_code_is_shaped(c->chosen, false);
	if (use_is_of_user(c->reference) && !shaped && !u->told_shape) {
		audit_find(r, &rules[MISSHAPEN], &s->spot, "%s: %zu octets, or no digits", name,
			   s->x->apdu.data.len);
		u->told_shape = true;
	}
	if (!u->told_clear && (audit_code_is_clear(c->given) || audit_code_is_clear(c->chosen))) {
		audit_find(r, &rules[IN_CLEAR], &s->spot, "%s is in clear", name);
		u->told_clear = true;
	}
}

static void use_judge_new(struct audit_run *r, const struct audit_step *s,
			  const struct audit_code *c)
{
	struct audit_code pin = *c;
	char name[AUDIT_CODE_NAME];

	pin.is_puk = false;
	audit_code_name(&pin, name);
	if (s->item->command->ins == INS_DISABLE_PIN) {
		audit_find(r, &rules[DISABLED], &s->spot, "%s is disabled", name);
	}
	if (!audit_code_is_clear(c->chosen))
		return;
	if (audit_code_is_well_known(c->chosen))
		audit_find(r, &rules[WELL_KNOWN], &s->spot, "%s", name);
	if (!c->is_puk && secret_equal(c->given, c->chosen))
		audit_find(r, &rules[UNCHANGED], &s->spot, "%s", name);
}

static bool use_has_codes(const struct place *p)
{
	switch (p->application.kind) {
	case APPLICATION_ISDR:
	case APPLICATION_ECASD:
	case APPLICATION_ISDP:
	case APPLICATION_SD:
	case APPLICATION_KRA:
	case APPLICATION_ARAM: return p->path[0] != FID_CURRENT_ADF;
	default: return true;
	}
}

static void use_judge_channel(struct audit_run *r, struct used *u, const struct audit_step *s,
			      const struct audit_code *c)
{
	bool moved = u->has_channel && u->channel != s->x->channel && !c->scope;
	struct audit_spot pair[2] = {u->last, s->spot};
	char name[AUDIT_CODE_NAME];

	audit_code_name(c, name);
	if (moved && !u->told_channel)
		audit_find_pair(r, &rules[OTHER_CHANNEL], pair,
				"%s on channel %u, and before that on channel %u", name,
				s->x->channel, u->channel);
	else if (!use_has_codes(s->item->view.place))
		audit_find(r, &rules[OTHER_CHANNEL], &s->spot, "%s in %s", name,
			   s->item->view.path);
	u->told_channel = u->told_channel || moved;
	u->has_channel = true;
	u->channel = s->x->channel;
	u->last = s->spot;
}

static void use_judge_directory(struct audit_run *r, const struct code_use *all,
				const struct audit_step *s, const struct audit_code *c)
{
	const struct lane *l = &all->lanes[s->x->channel % CHANNELS];
	const struct place *p = s->item->view.place;
	bool is_there = false;
	char name[AUDIT_CODE_NAME];

	if (c->is_gsm || !(c->reference & LOCAL) || !use_is_of_user(c->reference))
		return;
	for (size_t i = 0; i < l->count; i++)
		is_there = is_there || l->references[i] == c->reference;
	/* without a PIN status: there is none in the MF, and the card says so */
	if (!l->known)
		is_there = p->aid_len || !all->was_reset || c->outcome != CODE_REFUSED;
	audit_code_name(c, name);
	if (!is_there)
		audit_find(r, &rules[NOT_OF_DIRECTORY], &s->spot, "%s (%02X) in %s", name,
			   c->reference, *s->item->view.path ? s->item->view.path : "the MF");
}

static void use_take_code(struct audit_run *r, struct code_use *all, const struct audit_step *s,
			  const struct audit_code *c)
{
	struct used *u = use_at(all, c);
	char name[AUDIT_CODE_NAME];

	use_judge_form(r, u, s, c);
	use_judge_directory(r, all, s, c);
	use_judge_channel(r, u, s, c);
	all->opened = all->opened || c->outcome == CODE_RIGHT || c->outcome == CODE_UNANSWERED;
	if (c->outcome != CODE_RIGHT) {
		u->verified = 0;
		return;
	}
	audit_code_name(c, name);
	use_judge_new(r, s, c);
	use_remember(all, c->given);
	use_remember(all, c->chosen);
	if (s->item->command->ins == INS_DISABLE_PIN)
		memset(all->operations, 0, sizeof(all->operations));
	if (s->item->command->ins == INS_VERIFY_PIN && ++u->verified == LOOP)
		audit_find(r, &rules[VERIFIED_AGAIN], &s->spot, "%s: verified %d times", name,
			   LOOP);
}

/* The PIN status of the directory that a SELECT or STATUS tells, TS 102 221 11.1.1.4.10 */
static void use_learn_directory(struct code_use *all, const struct audit_step *s)
{
	struct lane *l = &all->lanes[s->x->channel % CHANNELS];
	const struct place *p = s->item->view.place;
	uint16_t dir = p->path[p->depth - 1];
	struct slice fcp, status;
	struct cursor c;
	struct tlv t;

	if (!s->good)
		return;
	if (tlv_find(s->x->answer, UICC_FCP, &fcp) && tlv_find(fcp, UICC_FCP_PIN_STATUS, &status)) {
		*l = (struct lane){.known = true, .dir = dir};
		c = cursor_of(status);
		while (tlv_next(&c, &t)) {
			if (t.tag == UICC_PS_KEY_REFERENCE && l->count < REFERENCES)
				l->references[l->count++] = slice_at(t.value, 0);
		}
		l->known = l->count && !c.err;
	} else if (l->dir != dir || !p->has_ef) {
		*l = (struct lane){.dir = dir};
	}
}

static uint32_t use_print(const struct audit_step *s)
{
	const struct place *p = s->item->view.place;
	uint32_t h = print_of_octets(s->x->apdu.ins, slice_make(p->aid, p->aid_len));

	h = print_of_octets(h, slice_make(p->path, p->depth * sizeof(p->path[0])));
	if (p->has_ef)
		h = print_of_octets(h, slice_make(&p->ef, sizeof(p->ef)));
	return h | 1;
}

static bool use_is_refused(const struct exchange *x)
{
	return x->has_sw &&
	       (x->sw == SW_SECURITY_STATUS || (x->sw == SW_GSM_ACCESS && x->apdu.cla == CLA_GSM));
}

/* A command that the card does with a code alone, as the trace shows it. */
static void use_take_operation(struct audit_run *r, struct code_use *all,
			       const struct audit_step *s)
{
	bool refused = use_is_refused(s->x), done = s->good && all->next_operation;
	uint32_t print = refused || done ? use_print(s) : 0;

	for (unsigned i = 0; print && i < OPERATIONS; i++) {
		struct operation *o = &all->operations[i];

		if (o->print != print)
			continue;
		if (refused)
			return;
		if (o->needs_code && !all->opened) {
			struct audit_spot pair[2] = {o->refused, s->spot};

			audit_find_pair(r, &rules[OPEN_WITHOUT], pair,
					"%s, %s: done without a code since the reset",
					s->item->name, s->item->view.path);
			o->print = 0;
		}
		o->needs_code = o->needs_code || all->opened;
		return;
	}
	if (refused && !all->opened)
		all->operations[all->next_operation++ % OPERATIONS] =
			(struct operation){.print = print, .refused = s->spot};
}

/* AUTHENTICATE on the basic channel, and the code came on another one. */
static void use_judge_authenticate(struct audit_run *r, struct code_use *all,
				   const struct audit_step *s)
{
	for (unsigned i = 0; s->good && !s->x->channel && i < CODES; i++) {
		struct used *u = &all->used[i];
		struct audit_spot pair[2] = {u->last, s->spot};

		if (!u->verified || !u->channel || u->told_channel || u->scope ||
		    !use_is_of_user(u->reference))
			continue;
		u->told_channel = true;
		audit_find_pair(r, &rules[OTHER_CHANNEL], pair,
				"AUTHENTICATE on channel 0, verified on channel %u alone",
				u->channel);
	}
}

static void use_end_session(struct code_use *all)
{
	for (unsigned i = 0; i < CODES; i++) {
		all->used[i].has_channel = all->used[i].told_channel = false;
		all->used[i].channel = all->used[i].verified = 0;
	}
	memset(all->lanes, 0, sizeof(all->lanes));
	all->opened = false;
}

static void code_use_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct code_use *all = state;

	if (s->switched)
		memset(all->operations, 0, sizeof(all->operations));
	switch (s->id) {
	case COMMAND_SELECT:
	case COMMAND_STATUS: use_learn_directory(all, s); break;
	case COMMAND_AUTHENTICATE:
	case COMMAND_GSM_RUN_ALGORITHM: use_judge_authenticate(r, all, s); break;
	case COMMAND_GP_EXTERNAL_AUTHENTICATE:
	case COMMAND_ISO_EXTERNAL_AUTHENTICATE:
	case COMMAND_ENVELOPE: all->opened = true; break; /* a way to open files without codes */
	default: break;
	}
	if (s->code) {
		if (s->code->given.len)
			use_take_code(r, all, s, s->code);
		return;
	}
	if (all->next_value)
		use_search(r, all, s);
	use_take_operation(r, all, s);
}

static void code_use_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct code_use *all = state;

	(void)r;
	if (e->kind == TRACE_FAULT)
		all->opened = true;
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		use_end_session(all);
	if (e->kind == TRACE_REMOVED)
		memset(all->operations, 0, sizeof(all->operations));
	all->was_reset = all->was_reset || e->kind == TRACE_RESET;
}

static void code_use_close(void *state)
{
	struct code_use *all = state;

	secret_wipe(all->values, sizeof(all->values));
}

const struct audit_family audit_code_use = {
	.about = "What codes are, where they are sent and what they open",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct code_use),
	.step = code_use_step,
	.event = code_use_event,
	.close = code_use_close,
};
