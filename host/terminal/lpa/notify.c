#include "host/terminal/lpa/notify.h"

#include <stdio.h>
#include <string.h>

#include "lib/rsp/interface.h"
#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "host/net/client.h"
#include "host/terminal/lpa/es10.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/es10b.h"
#include "tool/sys/cancel.h"
#include "tool/cli/json.h"

#define TRIES	    2
#define REQUEST_MAX 32

enum err lpa_list_notifications(struct lpa *l, struct wbuf *der, struct slice *items)
{
	uint8_t sent[REQUEST_MAX];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	struct es10b_notifications list = {0};
	enum err e;

	es10b_put_list_notification(&request, false, 0);
	e = lpa_ask(l, wbuf_slice(&request), der);
	if (!e)
		e = es10b_parse_notifications(wbuf_slice(der), SGP22_TAG_LIST_NOTIFICATION, &list);
	if (!e && !list.ok)
		e = lpa_fail(l, ERR_REFUSED,
			     "the eUICC does not list its notifications: try again (%u)",
			     (unsigned)list.error);
	if (!e)
		*items = list.items;
	return e;
}

enum err lpa_remove_notification(struct lpa *l, uint32_t seq)
{
	uint8_t sent[REQUEST_MAX];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	uint32_t result;
	enum err e;

	es10b_put_notification_sent(&request, seq);
	e = lpa_command(l, wbuf_slice(&request), SGP22_TAG_NOTIFICATION_SENT, &result);
	if (!e && result == ES10B_SENT_NOTHING)
		return lpa_fail(l, ERR_NOT_FOUND,
				"there is no notification %u: see twinkey notification list",
				(unsigned)seq);
	return e || !result ? e
			    : lpa_fail(l, ERR_REFUSED, "the eUICC keeps notification %u: try again",
				       (unsigned)seq);
}

/* The whole notification (BF37 or SEQUENCE) of a number. */
static enum err retrieve(struct lpa *l, uint32_t seq, struct wbuf *der, struct slice *item)
{
	uint8_t sent[REQUEST_MAX];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	struct es10b_notifications list = {0};
	enum err e;

	es10b_put_retrieve_notifications(
		&request, &(struct es10b_retrieve_notifications){.by_seq = true, .seq = seq});
	e = lpa_ask(l, wbuf_slice(&request), der);
	if (!e)
		e = es10b_parse_notifications(wbuf_slice(der), SGP22_TAG_RETRIEVE_NOTIFICATIONS,
					      &list);
	if (!e && (!list.ok || !list.items.len))
		e = ERR_NOT_FOUND;
	if (!e)
		*item = list.items;
	return e;
}

static enum err post(struct lpa *l, const struct es9p_network *net, const char *address,
		     struct slice item)
{
	enum err e = ERR_OK;

	l->party = PARTY_MANAGER;
	for (unsigned i = 0; i < TRIES; i++) {
		struct http_client *op = NULL;
		json_t *body = NULL;

		e = es9p_open(net, address, &op, l->message);
		if (!e)
			e = es9p_call(op, ES9P_PATH_HANDLE_NOTIFICATION,
				      json_pack("{s:o}", "pendingNotification", json_base64(item)),
				      &body, l->message);
		json_decref(body);
		http_client_close(&op);
		if (e != ERR_DISCONNECTED && e != ERR_TIMEOUT)
			break;
	}
	return e;
}

static enum err send_one(struct lpa *l, const struct es9p_network *net,
			 const struct es10b_notification *n)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	char address[RSP_ADDRESS_MAX + 1];
	struct slice item = SLICE_EMPTY;
	enum err e = slice_text(n->address, address, sizeof(address)), resumed;

	if (!e)
		e = retrieve(l, n->seq, &der, &item);
	if (!e) {
		lpa_rest(l);
		e = post(l, net, address, item);
		resumed = lpa_resume(l);
		e = e ? e : resumed;
	}
	if (!e)
		e = lpa_remove_notification(l, n->seq);
	wbuf_free(&der);
	return e;
}

/* A failure of the card ends the whole; one of a receiver only its own notification. */
static bool is_receivers(const struct lpa *l, enum err e)
{
	return e != ERR_OK && e != ERR_CANCELLED && e != ERR_CARD &&
	       !(transport_is_lost(e) && (e != ERR_DISCONNECTED || !*l->message));
}

struct waiting {
	struct es10b_notification n;
	bool lost; /* nobody was found at its address */
};

static int by_seq(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	return (x->n.seq > y->n.seq) - (x->n.seq < y->n.seq);
}

/* The notifications of a list, in the order of their numbers; *list is the caller's to free. */
static enum err read_list(struct slice items, struct waiting **list, size_t *count)
{
	struct cursor c = cursor_of(items);
	struct tlv t;
	size_t n = 0;
	enum err e = ERR_OK;

	while (tlv_next(&c, &t))
		n++;
	if (c.err)
		return c.err;
	*list = calloc(n ? n : 1, sizeof(**list));
	if (!*list)
		return ERR_MEMORY;
	c = cursor_of(items);
	for (size_t i = 0; i < n && !e && tlv_next(&c, &t); i++)
		e = es10b_parse_notification(t.raw, &(*list)[i].n);
	if (e)
		return e;
	qsort(*list, n, sizeof(**list), by_seq);
	*count = n;
	return ERR_OK;
}

/*
 * Whether nobody was found for an earlier one to the same address: their order stays, and hundreds
 * of them do not each wait in vain.
 */
static bool held_up(const struct waiting *list, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (list[k].lost && slice_equal(list[k].n.address, list[i].n.address))
			return true;
	}
	return false;
}

/* The i-th of the list; what hinders only this one is written down in the report. */
static enum err report_one(struct lpa *l, const struct es9p_network *net, struct waiting *list,
			   size_t i, struct lpa_report *r)
{
	enum err e =
		cancel_is_wished(uicc_cancel(l->u)) ? ERR_CANCELLED : send_one(l, net, &list[i].n);

	r->sent += !e;
	if (!is_receivers(l, e))
		return e;
	list[i].lost = e == ERR_DISCONNECTED || e == ERR_TIMEOUT;
	if (!r->kept++)
		snprintf(r->message, sizeof(r->message), "%s",
			 *l->message ? l->message : err_text(e));
	return ERR_OK;
}

/* seq: that one alone; NULL: all */
static enum err send(struct lpa *l, const struct es9p_network *net, const uint32_t *seq,
		     struct lpa_report *report)
{
	struct waiting *list = NULL;
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct lpa_report r = {0};
	struct slice items = SLICE_EMPTY;
	bool found = !seq;
	size_t count = 0;
	enum err e = lpa_list_notifications(l, &der, &items);

	if (!e)
		e = read_list(items, &list, &count);
	for (size_t i = 0; !e && i < count; i++) {
		if (seq && list[i].n.seq != *seq)
			continue;
		found = true;
		if (held_up(list, i))
			r.kept++;
		else
			e = report_one(l, net, list, i, &r);
	}
	if (!e && !found)
		e = lpa_fail(l, ERR_NOT_FOUND,
			     "there is no notification %u: see twinkey notification list",
			     (unsigned)*seq);
	*report = r;
	free(list);
	wbuf_free(&der);
	return e;
}

enum err lpa_send_notifications(struct lpa *l, const struct es9p_network *net,
				struct lpa_report *report)
{
	return send(l, net, NULL, report);
}

enum err lpa_send_notification(struct lpa *l, const struct es9p_network *net, uint32_t seq,
			       struct lpa_report *report)
{
	return send(l, net, &seq, report);
}

void lpa_deliver(struct lpa *l, const struct lpa_delivery *d)
{
	const struct es9p_network *n = d->network;
	struct lpa_report r = {.untold = !n->link && !n->ca_file && !n->connect};

	if (!r.untold)
		r.err = lpa_send_notifications(l, n, &r);
	if (d->report)
		d->report(d->ctx, &r);
}
