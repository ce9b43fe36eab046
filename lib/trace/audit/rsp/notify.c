/* notify: NTF, notifications of what happens to profiles (SGP.22 v2.5 3.5, 5.7.9 to 5.7.11) */
#include <string.h>

#include "lib/base/print.h"
#include "lib/base/tlv.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "lib/trace/audit/rsp/state.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/rsp/es10.h"

#define NOTES	   32 /* of a card, that are remembered */
#define PROFILES   8  /* whose metadata were loaded in this trace */
#define ADDRESSES  4  /* of a profile */
#define DIGEST_LEN 16

enum { NTF_NOT_REPORTED, NTF_LOST, NTF_NOT_FETCHED, NTF_VANISHED, NTF_NUMBER_AGAIN, NTF_ADDRESS };

static const struct finding_rule rules[] = {
	[NTF_NOT_REPORTED] =
		RULE("NTF-01", WARNING, "SGP.22 v2.5 3.1.3.3, 3.5",
		     "the result of an installation is sent to the server",
		     "The eUICC signed what became of the profile, and nobody retrieved the "
		     "notification or removed it as sent: the server does not know whether its "
		     "profile is in use.",
		     "Send it (ES9+.HandleNotification), then RemoveNotificationFromList."),
	[NTF_LOST] = RULE(
		"NTF-02", WARNING, "SGP.22 v2.5 3.5", "a notification is sent before it is removed",
		"A notification was removed from the eUICC, and nobody had read it: the server "
		"will never learn what happened to its profile.",
		"Retrieve it, send it, and remove it when the server has confirmed."),
	[NTF_NOT_FETCHED] = RULE(
		"NTF-03", WARNING, "SGP.22 v2.5 3.5",
		"notifications are fetched after profiles were enabled, disabled or deleted",
		"A profile changed its state, and nobody asked the eUICC for its notifications.",
		"ListNotification or RetrieveNotificationsList, and send what is there."),
	[NTF_VANISHED] = RULE(
		"NTF-04", WARNING, "SGP.22 v2.5 3.5, 5.7.9",
		"notifications stay until they are removed, and their numbers follow each other",
		"A notification that was there is not in the list any more, or a number was left "
		"out, and nobody removed one in this trace: an answer was changed, or another "
		"program removed it.",
		"Compare with what the server got; see who else uses the eUICC."),
	[NTF_NUMBER_AGAIN] = RULE(
		"NTF-05", ERROR, "SGP.22 v2.5 3.5", "a sequence number stands for one notification",
		"The same number came with another content: a notification was replaced or "
		"made up, or the eUICC's memory was set back.",
		"Do not believe it; compare with what the server got."),
	[NTF_ADDRESS] =
		RULE("NTF-06", ERROR, "SGP.22 v2.5 3.5, 5.5.3",
		     "notifications go to the addresses that the profile's metadata has",
		     "The address in a notification is none of those that the server put into the "
		     "metadata for this event: the notification goes to somebody else.",
		     "Find out which of the two was changed, and who did it."),
};

struct ntf_digest {
	uint8_t octets[DIGEST_LEN];
};

/* What the metadata of a profile say of whom to tell */
struct ntf_profile {
	uint8_t iccid[RSP_ICCID_LEN];
	unsigned addresses;
	struct ntf_digest address[ADDRESSES];
	uint32_t events[ADDRESSES];
};

struct ntf_note {
	bool is_there, listed, retrieved, removed, is_result;
	uint32_t seq;
	uint64_t print; /* of all of it */
	struct audit_spot at;
};

struct ntf {
	struct ntf_profile profiles[PROFILES];
	unsigned profile_count; /* of all; the oldest are forgotten, as are notes */
	struct ntf_note notes[NOTES];
	unsigned note_count;
	bool has_max;
	uint32_t max; /* of the sequence numbers that were seen */
	bool changed; /* a profile; and no notification was fetched since */
	struct audit_spot changed_at;
};

static struct ntf_digest ntf_digest_of(struct slice v)
{
	struct ntf_digest d = {{0}};
	uint8_t all[SHA256_LEN];

	if (!sha256(&v, 1, all))
		memcpy(d.octets, all, sizeof(d.octets));
	return d;
}

static bool ntf_same(const struct ntf_digest *a, const struct ntf_digest *b)
{
	return memcmp(a->octets, b->octets, DIGEST_LEN) == 0;
}

static struct ntf_profile *ntf_find(struct ntf *st, struct slice iccid)
{
	for (unsigned i = 0; i < PROFILES && i < st->profile_count; i++) {
		if (slice_equal(SLICE_OF(st->profiles[i].iccid), iccid))
			return &st->profiles[i];
	}
	return NULL;
}

static void ntf_take_metadata(struct ntf *st, const struct audit_step *s)
{
	struct ntf_profile *p;
	struct es8p_metadata m;
	struct slice address;
	uint32_t events;
	struct cursor c;

	if (!rsp_read_metadata(s, &m))
		return;
	p = ntf_find(st, m.iccid);
	if (!p)
		p = &st->profiles[st->profile_count++ % PROFILES];
	*p = (struct ntf_profile){0};
	if (slice_copy(m.iccid, p->iccid, sizeof(p->iccid)))
		return;
	c = cursor_of(m.notification_config);
	while (p->addresses < ADDRESSES && es8p_next_notification(&c, &events, &address)) {
		p->address[p->addresses] = ntf_digest_of(address);
		p->events[p->addresses++] = events;
	}
}

static struct ntf_note *ntf_note_of(struct ntf *st, uint32_t seq)
{
	for (unsigned i = 0; i < NOTES; i++) {
		if (st->notes[i].is_there && st->notes[i].seq == seq)
			return &st->notes[i];
	}
	return NULL;
}

static void ntf_judge_address(struct audit_run *r, struct ntf *st, const struct audit_step *s,
			      const struct es10b_notification *n)
{
	const struct ntf_profile *p = ntf_find(st, n->iccid);
	struct ntf_digest d = ntf_digest_of(n->address);

	if (!n->iccid.len || !p || p->addresses == ADDRESSES)
		return;
	for (unsigned i = 0; i < p->addresses; i++) {
		if (p->events[i] & n->event && ntf_same(&p->address[i], &d))
			return;
	}
	audit_find(r, &rules[NTF_ADDRESS], &s->spot, "notification %u", n->seq);
}

/* raw: BF2F. is_result: it stands in a result of an installation, which has its own address. */
static struct ntf_note *ntf_take_note(struct audit_run *r, struct ntf *st,
				      const struct audit_step *s, struct slice raw, bool is_result)
{
	uint64_t print = print_octets(0, raw);
	struct es10b_notification n;
	struct ntf_note *note;

	if (es10b_parse_notification(raw, &n))
		return NULL;
	note = ntf_note_of(st, n.seq);
	if (note && note->print != print) {
		const struct audit_spot pair[2] = {note->at, s->spot};

		audit_find_pair(r, &rules[NTF_NUMBER_AGAIN], pair, "number %u", n.seq);
	}
	if (!note) {
		note = &st->notes[st->note_count++ % NOTES];
		*note = (struct ntf_note){
			.is_there = true, .seq = n.seq, .print = print, .at = s->spot};
		if (!is_result && !(n.event & RSP_EVENT_INSTALL))
			ntf_judge_address(r, st, s, &n);
	}
	note->is_result = note->is_result || is_result;
	if (!st->has_max || n.seq > st->max)
		st->max = n.seq;
	st->has_max = true;
	return note;
}

/* Of a list of all: who was there and is not any more, and numbers that nobody has seen. */
static void ntf_judge_list(struct audit_run *r, struct ntf *st, const struct audit_step *s,
			   bool had_max, uint32_t max)
{
	for (unsigned i = 0; i < NOTES; i++) {
		struct ntf_note *n = &st->notes[i];
		const struct audit_spot pair[2] = {n->at, s->spot};

		if (!n->is_there || n->removed)
			continue;
		if (!n->listed) {
			audit_find_pair(r, &rules[NTF_VANISHED], pair, "number %u is not there",
					n->seq);
			n->removed = true;
		}
		if (had_max && n->seq > max + 1 && !ntf_note_of(st, n->seq - 1))
			audit_find(r, &rules[NTF_VANISHED], &s->spot, "number %u was never there",
				   n->seq - 1);
	}
}

/* In an item of RetrieveNotificationsList, or the item itself of ListNotification */
static struct slice ntf_metadata_of(const struct tlv *item)
{
	struct slice data = item->value;
	struct cursor c;
	struct tlv t;

	if (item->tag == SGP22_TAG_NOTIFICATION_METADATA)
		return item->raw;
	if (item->tag == SGP22_TAG_PROFILE_INSTALLATION_RESULT &&
	    !tlv_find(item->value, SGP22_TAG_INSTALLATION_RESULT_DATA, &data))
		return SLICE_EMPTY;
	c = cursor_of(data);
	while (tlv_next(&c, &t)) {
		if (t.tag == SGP22_TAG_NOTIFICATION_METADATA)
			return t.raw;
	}
	return SLICE_EMPTY;
}

/* It asks for all of them. */
static bool ntf_asks_all(const struct audit_step *s)
{
	struct es10b_retrieve_notifications m;
	bool by_event;
	uint32_t event;

	if (s->tag == SGP22_TAG_LIST_NOTIFICATION)
		return !es10b_parse_list_notification(s->x->apdu.data, &by_event, &event) &&
		       !by_event;
	return !es10b_parse_retrieve_notifications(s->x->apdu.data, &m) && !m.by_seq && !m.by_event;
}

static void ntf_take_list(struct audit_run *r, struct ntf *st, const struct audit_step *s)
{
	bool retrieves = s->tag == SGP22_TAG_RETRIEVE_NOTIFICATIONS, had_max = st->has_max;
	struct es10b_notifications m;
	uint32_t max = st->max;
	unsigned known = st->note_count;
	struct cursor c;
	struct tlv item;

	if (s->good || !s->x->has_sw)
		st->changed = false;
	for (unsigned i = 0; retrieves && !s->x->has_sw && i < NOTES; i++)
		st->notes[i].retrieved = true; /* what was answered is not in the trace */
	if (!s->good || es10b_parse_notifications(s->x->answer, s->tag, &m) || !m.ok)
		return;
	for (unsigned i = 0; i < NOTES; i++)
		st->notes[i].listed = false;
	c = cursor_of(m.items);
	while (tlv_next(&c, &item)) {
		struct ntf_note *n =
			ntf_take_note(r, st, s, ntf_metadata_of(&item),
				      item.tag == SGP22_TAG_PROFILE_INSTALLATION_RESULT);

		if (!n)
			return;
		n->listed = true;
		n->removed = false;
		n->retrieved = n->retrieved || retrieves;
	}
	if (ntf_asks_all(s) && !c.err && st->note_count <= known + NOTES)
		ntf_judge_list(r, st, s, had_max, max);
}

static void ntf_take_removal(struct audit_run *r, struct ntf *st, const struct audit_step *s)
{
	uint32_t seq, result;
	struct ntf_note *n;

	if (es10b_parse_notification_sent(s->x->apdu.data, &seq))
		return;
	n = ntf_note_of(st, seq);
	if (!n)
		return;
	if (!s->x->has_sw) /* nobody saw what came of it */
		n->removed = true;
	if (!s->good || rsp_parse_result(s->x->answer, s->tag, &result) || result != ES10B_SENT_OK)
		return;
	/* the result of an installation was in the answer to the package too */
	if (!n->retrieved && !n->is_result) {
		const struct audit_spot pair[2] = {n->at, s->spot};

		audit_find_pair(r, &rules[NTF_LOST], pair, "number %u was not retrieved", seq);
	}
	n->removed = true;
}

static void ntf_take_change(struct ntf *st, const struct audit_step *s)
{
	uint32_t result;

	if (!s->good || rsp_parse_result(s->x->answer, s->tag, &result) || result != ES10C_OK)
		return;
	if (!st->changed)
		st->changed_at = s->spot;
	st->changed = true;
}

static void ntf_take_piece(struct audit_run *r, struct ntf *st, const struct audit_step *s)
{
	struct es10b_installation_result m;

	if (s->tag == ES8P_TAG_METADATA)
		ntf_take_metadata(st, s);
	if (s->good && es10_tag(s->x->answer) == SGP22_TAG_PROFILE_INSTALLATION_RESULT &&
	    !es10b_parse_installation_result(s->x->answer, &m))
		(void)ntf_take_note(r, st, s, m.notification_raw, true);
}

static void ntf_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct ntf *st = state;

	switch (s->tag) {
	case 0: break;
	case SGP22_TAG_ENABLE_PROFILE:
	case SGP22_TAG_DISABLE_PROFILE:
	case SGP22_TAG_DELETE_PROFILE: ntf_take_change(st, s); break;
	case SGP22_TAG_LIST_NOTIFICATION:
	case SGP22_TAG_RETRIEVE_NOTIFICATIONS: ntf_take_list(r, st, s); break;
	case SGP22_TAG_NOTIFICATION_SENT: ntf_take_removal(r, st, s); break;
	default: ntf_take_piece(r, st, s); break;
	}
}

static void ntf_end(struct audit_run *r, void *state)
{
	struct ntf *st = state;

	for (unsigned i = 0; i < NOTES; i++) {
		const struct ntf_note *n = &st->notes[i];

		if (n->is_there && n->is_result && !n->retrieved && !n->removed)
			audit_find(r, &rules[NTF_NOT_REPORTED], &n->at, "number %u", n->seq);
	}
	if (st->changed)
		audit_find(r, &rules[NTF_NOT_FETCHED], &st->changed_at,
			   "none was asked for after it");
}

static void ntf_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct ntf *st = state;

	if (e->kind != TRACE_REMOVED)
		return;
	/* what is done to it in another reader is not in this trace */
	ntf_end(r, st);
	*st = (struct ntf){0};
}

static const enum command_id ntf_takes[] = {COMMAND_STORE_DATA};

const struct audit_family audit_notify = {
	.about = "Notifications of an eUICC",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct ntf),
	.takes = ntf_takes,
	.take_count = ARRAY_LEN(ntf_takes),
	.step = ntf_step,
	.event = ntf_event,
	.end = ntf_end,
};
