#include "card-emu/apps/isdr/notify.h"

#include "card-emu/apps/isdr/info.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/core/signer.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"

static bool is_note(const char *key)
{
	return !slice_is(slice_str(key), STORE_KEY_NOTE_NEXT);
}

uint32_t isdr_first_seq(struct card *card)
{
	struct cursor c = cursor_of(isdr_stored(card, STORE_KEY_NOTE_NEXT));
	uint32_t next = cursor_u32(&c);

	return next ? next : 1;
}

void isdr_put_note(struct store_txn *t, uint32_t seq, struct slice note)
{
	char key[STORE_KEY_MAX + 1];

	isdr_key(key, STORE_KEY_NOTE, seq);
	store_put(t, key, note);
}

void isdr_put_next_seq(struct store_txn *t, uint32_t seq)
{
	uint8_t mem[4];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	wbuf_u32(&w, seq);
	store_put(t, STORE_KEY_NOTE_NEXT, wbuf_slice(&w));
}

/* One OtherSignedNotification, signed and stored. */
static enum err put_other(struct card *card, struct store_txn *t, unsigned signer,
			  const struct es10b_notification *note)
{
	struct wbuf tbs = wbuf_grow(1024), w = wbuf_grow(STORE_VALUE_MAX);
	struct es10b_other_notification m = {0};
	uint8_t signature[EC_SIGNATURE_LEN];
	struct signer_certs certs;
	enum err e;

	if (!signer_certs(card_store(card), signer, &certs))
		return ERR_NOT_FOUND;
	es10b_put_notification(&tbs, note);
	m.notification_raw = wbuf_slice(&tbs);
	e = wbuf_done(&tbs);
	if (!e)
		e = signer_sign(card_store(card), signer, &m.notification_raw, 1, signature);
	if (!e) {
		m.signature = SLICE_OF(signature);
		m.euicc_certificate = certs.euicc;
		m.eum_certificate = certs.eum;
		es10b_put_other_notification(&w, &m);
		e = wbuf_done(&w);
	}
	/* notifications that nobody fetches must not grow without end */
	if (!e && w.len <= isdr_free_octets(card))
		isdr_put_note(t, note->seq, wbuf_slice(&w));
	wbuf_free(&tbs);
	wbuf_free(&w);
	return e;
}

enum err isdr_notify(struct card *card, struct store_txn *t, const struct isdr_event *event,
		     uint32_t *seq)
{
	struct es8p_metadata meta = {0};
	struct slice address;
	struct cursor c;
	uint32_t events;
	enum err e = ERR_OK;

	if (!event->metadata.len) /* a profile that was not downloaded has nobody to tell */
		return ERR_OK;
	e = es8p_parse_metadata(event->metadata, &meta);
	c = cursor_of(meta.notification_config);
	while (!e && es8p_next_notification(&c, &events, &address)) {
		struct es10b_notification note = {*seq, event->event, address, event->iccid};

		if (!(events & event->event) || (event->skip && slice_is(address, event->skip)))
			continue;
		e = put_other(card, t, event->signer, &note);
		++*seq;
	}
	return e ? e : c.err;
}

/* The NotificationMetadata inside a stored notification of either kind. */
static enum err note_metadata(struct slice note, struct slice *raw, struct es10b_notification *out)
{
	struct es10b_installation_result pir;
	struct es10b_other_notification other;
	struct cursor c = cursor_of(note);
	enum err e;

	if (tlv_peek(&c) == SGP22_TAG_PROFILE_INSTALLATION_RESULT) {
		e = es10b_parse_installation_result(note, &pir);
		if (!e) {
			*raw = pir.notification_raw;
			*out = pir.notification;
		}
		return e;
	}
	e = es10b_parse_other_notification(note, &other);
	if (!e) {
		*raw = other.notification_raw;
		*out = other.notification;
	}
	return e;
}

struct listing {
	struct wbuf items;
	bool whole; /* the notification itself, not its metadata only */
	struct es10b_retrieve_notifications want;
};

static bool list_one(void *ctx, const char *key, struct slice value)
{
	struct listing *l = ctx;
	struct es10b_notification note;
	struct slice raw;

	if (!is_note(key) || note_metadata(value, &raw, &note))
		return true;
	if ((l->want.by_seq && note.seq != l->want.seq) ||
	    (l->want.by_event && !(note.event & l->want.event)))
		return true;
	wbuf_put(&l->items, l->whole ? value : raw);
	return true;
}

static uint16_t list(struct app_call *call, uint32_t tag, struct listing *l)
{
	struct es10b_notifications m = {.ok = true};

	l->items = wbuf_grow(ISDR_LIST_MAX);
	store_each(card_store(call->card), STORE_PREFIX_NOTE, list_one, l);
	m.items = wbuf_slice(&l->items);
	if (wbuf_done(&l->items)) {
		m.ok = false;
		m.error = ES10B_NOTIFICATIONS_UNDEFINED;
	} else if (l->whole && !m.items.len) {
		m.ok = false;
		m.error = ES10B_NOTIFICATIONS_NONE;
	}
	es10b_put_notifications(call->out, tag, &m);
	wbuf_free(&l->items);
	return wbuf_done(call->out) ? SW_TECHNICAL : SW_OK;
}

/* SGP.22 5.7.9 */
uint16_t isdr_list_notifications(struct app_call *call, struct isdr *s, struct slice request)
{
	struct listing l = {0};

	(void)s;
	if (es10b_parse_list_notification(request, &l.want.by_event, &l.want.event))
		return SW_WRONG_DATA;
	return list(call, SGP22_TAG_LIST_NOTIFICATION, &l);
}

/* SGP.22 5.7.10 */
uint16_t isdr_retrieve_notifications(struct app_call *call, struct isdr *s, struct slice request)
{
	static const struct es10b_notifications no = {.error = ES10B_NOTIFICATIONS_UNDEFINED};
	struct listing l = {.whole = true};
	enum err e = es10b_parse_retrieve_notifications(request, &l.want);

	(void)s;
	if (e == ERR_UNSUPPORTED) { /* searched for by what a later version names */
		es10b_put_notifications(call->out, SGP22_TAG_RETRIEVE_NOTIFICATIONS, &no);
		return isdr_sw_of_out(call->out);
	}
	if (e)
		return SW_WRONG_DATA;
	return list(call, SGP22_TAG_RETRIEVE_NOTIFICATIONS, &l);
}

/* SGP.22 5.7.11 */
uint16_t isdr_notification_sent(struct app_call *call, struct isdr *s, struct slice request)
{
	char key[STORE_KEY_MAX + 1];
	struct store_txn *t;
	uint32_t seq = 0, result = ES10B_SENT_NOTHING;

	(void)s;
	if (es10b_parse_notification_sent(request, &seq))
		return SW_WRONG_DATA;
	isdr_key(key, STORE_KEY_NOTE, seq);
	if (store_has(card_store(call->card), key)) {
		t = store_begin(card_store(call->card));
		store_delete(t, key);
		if (store_commit(t))
			return SW_MEMORY_PROBLEM;
		result = ES10B_SENT_OK;
	}
	rsp_put_result(call->out, SGP22_TAG_NOTIFICATION_SENT, result);
	return SW_OK;
}
