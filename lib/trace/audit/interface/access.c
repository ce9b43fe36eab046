/* access: ACC, what was done to a card's files, and whether it should have been possible */
#include "lib/base/tlv.h"
#include "lib/trace/audit/print.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/open.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/fid.h"

#define REFUSALS_MAX	 32
#define KEY_PIN1	 0x01 /* TS 102 221 table 9.3 */
#define KEY_UNIVERSAL	 0x11
#define KEY_ADM_MASK	 0x0F /* 0A to 0E, 8A to 8E: ADM1 to ADM10 */
#define KEY_ADM_FIRST	 0x0A
#define KEY_ADM_LAST	 0x0E
#define KEY_HIGH_MASK	 0x70
#define SET_STATUS_CARD	 0x80 /* GlobalPlatform table 11-83: the issuer security domain and card */
#define STATE_TERMINATED 0xFF

enum {
	ACCESS_IDENTITY_OPEN,
	ACCESS_IDENTITY,
	ACCESS_DEACTIVATED,
	ACCESS_TERMINATED,
	ACCESS_CARD,
	ACCESS_TREE,
	ACCESS_SUDDEN,
	ACCESS_UNLOCKED,
	ACCESS_KEYS
};

static const struct finding_rule rules[] = {
	[ACCESS_IDENTITY_OPEN] =
		RULE("ACC-01", WARNING, "3GPP TS 31.102 4.2.2, ETSI TS 102 221 13.2",
		     "files that say who a card is are written by its issuer",
		     "IMSI, ICCID, access rules or administrative data were changed, and in this "
		     "session no administrative code was verified: the files are open, or who "
		     "wrote them came in another way.",
		     "Set UPDATE of these files to ADM or to NEVER."),
	[ACCESS_IDENTITY] =
		RULE("ACC-02", INFO, "3GPP TS 31.102 4.2.2, ETSI TS 102 221 13.2",
		     "files that say who a card is stay as they are",
		     "IMSI, ICCID, access rules or administrative data were changed: that is "
		     "personalisation, and does not happen to a card in use.",
		     "Find out who did it, and whether the subscription still fits."),
	[ACCESS_DEACTIVATED] =
		RULE("ACC-03", INFO, "ETSI TS 102 221 11.1.14", "files are not deactivated",
		     "A file was deactivated: terminals take it for one that is not there, and a "
		     "service is off by that.",
		     "See which file it is; only those of fixed dialling are deactivated by "
		     "terminals."),
	[ACCESS_TERMINATED] = RULE("ACC-04", WARNING, "ETSI TS 102 222 6.7, 6.8",
				   "files and directories are not terminated",
				   "Nobody brings back what was terminated.",
				   "Find out who did it, and with which key."),
	[ACCESS_CARD] =
		RULE("ACC-05", ERROR, "ETSI TS 102 222 6.9, GlobalPlatform 5.1.1.5",
		     "nobody ends the life of a card",
		     "TERMINATE CARD USAGE, or SET STATUS to TERMINATED, was sent: where the card "
		     "accepts it, it answers nothing more, and all that is on it is lost.",
		     "Find out who sent it, and who has the keys for it."),
	[ACCESS_TREE] =
		RULE("ACC-06", WARNING, "ETSI TS 102 222 6.3, 6.4, 6.10",
		     "files are created, deleted and resized in an administrative session",
		     "The card did it, and in this session neither an administrative code was "
		     "verified nor a secure channel opened.",
		     "Set the access rules of the directory to ADM."),
	[ACCESS_SUDDEN] =
		RULE("ACC-07", WARNING, "ETSI TS 102 221 9.2, 9.5",
		     "what was refused stays refused until somebody is authenticated",
		     "The same access to the same file was refused for want of a PIN or key, and "
		     "is granted now, though nothing was verified in between.",
		     "Look at the card's security: a fault, a race between channels, or another "
		     "way in."),
	[ACCESS_UNLOCKED] =
		RULE("ACC-08", WARNING, "3GPP TS 31.102 4.2, ETSI TS 102 221 9.5",
		     "files of the subscriber are read after the PIN is verified",
		     "The card has said that its PIN is asked for and not verified, and gave a "
		     "file that the standard puts behind the PIN.",
		     "Mend the access rules of the file (EF.ARR)."),
	[ACCESS_KEYS] =
		RULE("ACC-09", INFO, "3GPP TS 31.102 4.2.3, 4.2.4, 4.4.3.1, 4.4.11",
		     "session keys in files are read by terminals alone",
		     "EF.Keys, EF.Kc or a file of a 5G or EPS security context was read by a host "
		     "that has neither sent a TERMINAL PROFILE nor authenticated: with these keys "
		     "what was on the air can be read.",
		     "Find out who reads it, and what for."),
};

enum pin { PIN_UNKNOWN, PIN_LOCKED, PIN_OPEN };

/* An access that was refused for want of a right; prints: of the file and the way. */
struct refusal {
	uint32_t print;
	struct audit_spot at;
};

struct access {
	bool complete; /* from a reset on */
	bool is_admin, is_terminal;
	enum pin pin;
	bool is_asked; /* by the FCP, PIN1 is enabled */
	struct audit_spot asked_at;
	struct audit_spot keys_at; /* where key files were read in this session */
	unsigned keys;
	struct refusal refusals[REFUSALS_MAX];
	unsigned refusal_count; /* the oldest are forgotten */
};

static bool is_code(const struct audit_step *s)
{
	return s->id < COMMAND_COUNT && command_table[s->id].secret == COMMAND_HIDES_DATA;
}

static bool is_adm(uint8_t reference)
{
	uint8_t low = reference & KEY_ADM_MASK;

	return !(reference & KEY_HIGH_MASK) && low >= KEY_ADM_FIRST && low <= KEY_ADM_LAST;
}

static bool reads_file(enum command_id id)
{
	return id == COMMAND_READ_BINARY || id == COMMAND_READ_RECORD ||
	       id == COMMAND_SEARCH_RECORD || id == COMMAND_GSM_READ_BINARY ||
	       id == COMMAND_GSM_READ_RECORD;
}

static bool writes_file(enum command_id id)
{
	return id == COMMAND_UPDATE_BINARY || id == COMMAND_UPDATE_RECORD ||
	       id == COMMAND_GSM_UPDATE_BINARY || id == COMMAND_GSM_UPDATE_RECORD;
}

/* 11.1.9: P1 P2 name PIN1; a wrong one, or the question how many tries are left, tell that it is
 * asked for and not verified. */
static void access_code(struct access *f, const struct audit_step *s)
{
	uint8_t reference = s->x->apdu.p2;
	bool is_pin = reference == KEY_PIN1 || reference == KEY_UNIVERSAL;

	if (s->good && is_adm(reference))
		f->is_admin = true;
	if (!is_pin || !s->x->has_sw)
		return;
	if (sw_is(s->x->sw, SW_VERIFY_FAILED) && s->id == COMMAND_VERIFY_PIN &&
	    reference == KEY_PIN1 && f->pin == PIN_UNKNOWN)
		f->pin = PIN_LOCKED;
	else if (s->good || s->x->sw == SW_REFERENCED_DATA)
		f->pin = PIN_OPEN;
}

/* 11.1.1.4.10, 9.5.2: a bit for each of the key references behind it, the uppermost first. Cards
 * answer 63CX for a PIN that is disabled, too: this alone is sure. */
static void take_fcp(struct access *f, const struct audit_step *s)
{
	struct slice fcp, status;
	struct cursor c;
	struct tlv t;
	unsigned enabled = 0;

	if (!s->good || !tlv_find(s->x->answer, UICC_FCP, &fcp) ||
	    !tlv_find(fcp, UICC_FCP_PIN_STATUS, &status))
		return;
	f->is_asked = false;
	c = cursor_of(status);
	while (tlv_next(&c, &t)) {
		if (t.tag == UICC_PS_STATUS) {
			enabled = slice_at(t.value, 0);
		} else if (t.tag == UICC_PS_KEY_REFERENCE) {
			if (slice_at(t.value, 0) == KEY_PIN1 && enabled & 0x80)
				f->is_asked = true;
			enabled = enabled << 1;
		}
	}
	f->asked_at = s->spot;
}

static bool is_pin_locked(const struct access *f)
{
	return f->is_asked && (f->pin == PIN_LOCKED || (f->pin == PIN_UNKNOWN && f->complete));
}

/* Rights may have changed by it, or nobody knows whether they have. */
static bool may_authenticate(const struct audit_step *s)
{
	switch (s->id) {
	case COMMAND_GP_EXTERNAL_AUTHENTICATE:
	case COMMAND_ISO_EXTERNAL_AUTHENTICATE:
	case COMMAND_GP_AUTHENTICATE:
	case COMMAND_MANAGE_SECURE_CHANNEL:
	case COMMAND_ENVELOPE:
	case COMMAND_GSM_ENVELOPE:
	case COMMAND_STORE_DATA:
	case COMMAND_ACTIVATE_FILE:
	case COMMAND_DEACTIVATE_FILE:
	case COMMAND_COUNT: return s->good || !s->x->has_sw;
	default:
		return (is_code(s) && (s->good || !s->x->has_sw)) ||
		       apdu_is_secured(s->x->apdu.cla) ||
		       (writes_file(s->id) && s->item->view.place->ef == FID_ARR_DF);
	}
}

/* TS 102 222 4, GlobalPlatform 10: who is authenticated so is no subscriber. */
static bool opens_admin(const struct audit_step *s)
{
	switch (s->id) {
	case COMMAND_GP_EXTERNAL_AUTHENTICATE:
	case COMMAND_ISO_EXTERNAL_AUTHENTICATE:
	case COMMAND_GP_AUTHENTICATE:
	case COMMAND_MANAGE_SECURE_CHANNEL: return s->good;
	default: return s->good && apdu_is_secured(s->x->apdu.cla);
	}
}

static uint32_t access_print(const struct audit_step *s)
{
	return print_of_octets(s->x->apdu.ins ^ (uint32_t)s->x->channel << 8,
			       slice_str(s->item->view.path));
}

static void judge_right(struct audit_run *r, struct access *f, const struct audit_step *s)
{
	unsigned n = f->refusal_count < REFUSALS_MAX ? f->refusal_count : REFUSALS_MAX;
	uint32_t print = access_print(s);
	bool refused = s->x->sw == SW_SECURITY_STATUS || s->x->sw == SW_GSM_ACCESS;

	if (refused) {
		f->refusals[f->refusal_count++ % REFUSALS_MAX] = (struct refusal){print, s->spot};
		return;
	}
	for (unsigned i = 0; s->good && i < n; i++) {
		if (f->refusals[i].print == print) {
			struct audit_spot pair[2] = {f->refusals[i].at, s->spot};

			audit_find_pair(r, &rules[ACCESS_SUDDEN], pair, "%s of %s", s->item->name,
					s->item->view.path);
			f->refusal_count = 0;
		}
	}
}

static bool is_identity(const struct place *p)
{
	enum ef_place in = place_directory(p);

	switch (p->ef) {
	case FID_ICCID:
	case FID_ARR_MF:
	case FID_DIR: return in == EF_MF;
	case FID_IMSI:
	case FID_ARR_DF:
	case FID_AD:
	case FID_UST: return in == EF_USIM || in == EF_GSM || in == EF_ISIM;
	default: return false;
	}
}

/* READ: PIN, TS 31.102 4.2 */
static bool is_behind_pin(const struct place *p)
{
	if (place_directory(p) != EF_USIM)
		return false;
	switch (p->ef) {
	case FID_IMSI:
	case FID_KEYS:
	case FID_KEYS_PS:
	case FID_LOCI:
	case FID_PSLOCI:
	case FID_EPSLOCI:
	case FID_MSISDN:
	case FID_SMS: return true;
	default: return false;
	}
}

static bool holds_keys(const struct place *p)
{
	enum ef_place in = place_directory(p);

	return (in == EF_USIM && (p->ef == FID_KEYS || p->ef == FID_KEYS_PS)) ||
	       (in == EF_GSM_ACCESS && (p->ef == FID_KC || p->ef == FID_KC_GPRS)) ||
	       (in == EF_GSM && p->ef == FID_GSM_KC);
}

static void judge_file(struct audit_run *r, struct access *f, const struct audit_step *s)
{
	const struct place *p = s->item->view.place;

	if (!p->has_ef)
		return;
	judge_right(r, f, s);
	if (!s->good)
		return;
	if (writes_file(s->id) && is_identity(p))
		audit_find(r,
			   &rules[f->complete && !f->is_admin ? ACCESS_IDENTITY_OPEN
							      : ACCESS_IDENTITY],
			   &s->spot, "%s", s->item->view.path);
	if (!reads_file(s->id))
		return;
	if (is_pin_locked(f) && is_behind_pin(p) && !f->is_admin) {
		struct audit_spot pair[2] = {f->asked_at, s->spot};

		audit_find_pair(r, &rules[ACCESS_UNLOCKED], pair, "%s", s->item->view.path);
		f->pin = PIN_OPEN; /* once */
	}
	if (holds_keys(p) && s->x->answer.len && !open_is_masked(s->x->answer)) {
		f->keys_at = f->keys ? f->keys_at : s->spot;
		f->keys++;
	}
}

/* TS 31.102 4.4.1: terminals deactivate these where the service is switched */
static bool is_of_dialling(const struct place *p)
{
	return p->has_ef && (p->ef == FID_ADN || p->ef == FID_FDN || p->ef == FID_BDN);
}

static void judge_life(struct audit_run *r, const struct access *f, const struct audit_step *s)
{
	const struct apdu *a = &s->x->apdu;

	switch (s->id) {
	case COMMAND_DEACTIVATE_FILE:
	case COMMAND_GSM_INVALIDATE:
		if (s->good && !is_of_dialling(s->item->view.place))
			audit_find(r, &rules[ACCESS_DEACTIVATED], &s->spot, "%s",
				   s->item->view.path);
		break;
	case COMMAND_TERMINATE_DF:
	case COMMAND_TERMINATE_EF:
		if (s->good)
			audit_find(r, &rules[ACCESS_TERMINATED], &s->spot, "%s in %s",
				   s->item->name, s->item->view.path);
		break;
	case COMMAND_SET_STATUS:
		if (a->p1 != SET_STATUS_CARD || a->p2 != STATE_TERMINATED)
			break; /* fall through */
	case COMMAND_TERMINATE_CARD_USAGE:
		audit_find(r, &rules[ACCESS_CARD], &s->spot, "%s, answered %04X", s->item->name,
			   s->x->sw);
		break;
	case COMMAND_CREATE_FILE:
	case COMMAND_DELETE_FILE:
	case COMMAND_RESIZE_FILE:
		if (s->good && f->complete && !f->is_admin)
			audit_find(r, &rules[ACCESS_TREE], &s->spot, "%s in %s", s->item->name,
				   s->item->view.path);
		break;
	default: break;
	}
}

static void access_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct access *f = state;

	if (is_code(s))
		access_code(f, s);
	else if (s->id == COMMAND_SELECT || s->id == COMMAND_STATUS)
		take_fcp(f, s);
	else if (reads_file(s->id) || writes_file(s->id))
		judge_file(r, f, s);
	else
		judge_life(r, f, s);
	if (may_authenticate(s))
		f->refusal_count = 0;
	f->is_admin |= opens_admin(s);
	f->is_terminal |= s->id == COMMAND_TERMINAL_PROFILE || s->id == COMMAND_AUTHENTICATE ||
			  s->id == COMMAND_GSM_TERMINAL_PROFILE ||
			  s->id == COMMAND_GSM_RUN_ALGORITHM;
}

/* A phone reads them when it starts, and is known as one by what it does later. */
static void end_session(struct audit_run *r, const struct access *f)
{
	if (f->keys && f->complete && !f->is_terminal)
		audit_find(r, &rules[ACCESS_KEYS], &f->keys_at, "%u reads in this session",
			   f->keys);
}

static void access_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct access *f = state;

	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		end_session(r, f);
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED)
		*f = (struct access){.complete = e->kind == TRACE_RESET};
	else if (e->kind == TRACE_FAULT)
		*f = (struct access){0}; /* what was there may have been a VERIFY */
}

static void access_end(struct audit_run *r, void *state)
{
	end_session(r, state);
}

const struct audit_family audit_access = {
	.about = "What was done to files, and by what right",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct access),
	.step = access_step,
	.event = access_event,
	.end = access_end,
};
