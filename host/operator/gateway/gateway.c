#include "host/operator/gateway/gateway.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/gateway/answers.h"
#include "host/operator/gateway/attach.h"
#include "host/operator/gateway/flows.h"
#include "host/operator/gateway/hostapd_link.h"
#include "host/operator/gateway/leases.h"
#include "host/operator/store/store.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"

#define LINE_CAP 256

struct gateway {
	const struct gateway_setup *setup;
	struct gate *gate;
	struct hostapd_link *hostapd; /* NULL: it is not there */
	struct stations stations;
	struct leases leases;
	struct answers answers;
	struct gate_member *members; /* STATIONS_MAX */
	int64_t looked_ms, refreshed_ms, revision;
	bool due;				    /* something has happened */
	enum err hostapd_err, gate_err, leases_err; /* as they were told last */
};

static void tell_line(const struct gateway *g, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void tell_line(const struct gateway *g, const char *fmt, ...)
{
	char line[LINE_CAP];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	g->setup->tell(line);
}

static void tell_station(const struct gateway *g, const struct station *st, const char *what)
{
	char mac[HOSTAPD_MAC_CAP];

	hostapd_mac_text(st->mac, mac);
	tell_line(g, "%s  IMSI %s: %s", mac, *st->imsi ? st->imsi : "unknown", what);
}

/* The same trouble is told once. */
static void tell_trouble(const struct gateway *g, enum err *before, enum err e, const char *what)
{
	if (e && e != *before)
		tell_line(g, "%s: %s", what, err_text(e));
	*before = e;
}

/* hostapd is asked for a whole new run, once until somebody has proved himself. */
static void send_back(struct gateway *g, struct station *st)
{
	if (st->sent_back || !g->hostapd)
		return;
	st->sent_back = true;
	if (hostapd_link_reauth(g->hostapd, st->mac) == ERR_OK)
		tell_station(g, st, "is asked to prove itself again");
}

/* The subscriber is at one place: an earlier one looks into the log, and sees that. */
static void judge_attach(struct gateway *g, const struct hostapd_station *by, struct station *st)
{
	const struct attach_success a = {.station = by, .now = g->setup->now()};
	char why[LINE_CAP];
	enum err e = attach_take(g->setup->store, &a, st);

	st->left = false;
	st->waits = e == ERR_LOCKED;
	if (e == ERR_SYNC) {
		st->sent_back = false;
		send_back(g, st);
	} else if (e && e != ERR_LOCKED) {
		snprintf(why, sizeof(why), "no access, %s", err_text(e));
		tell_station(g, st, why);
	}
	g->due = true;
}

/* What it waited for the end of is none of its runs any more. */
static void see_off(struct gateway *g, struct station *st)
{
	st->waits = false;
	st->left = g->due = true;
}

static void on_gone(struct gateway *g, const uint8_t *mac)
{
	struct station *st = station_find(&g->stations, mac);

	if (st)
		see_off(g, st);
}

static void forget_all(struct gateway *g)
{
	for (size_t i = 0; i < g->stations.count; i++)
		see_off(g, &g->stations.all[i]);
	hostapd_link_close(&g->hostapd);
	g->due = true;
}

static void lose_hostapd(struct gateway *g, enum err e)
{
	tell_trouble(g, &g->hostapd_err, e, "hostapd, nobody is let through");
	forget_all(g);
}

/*
 * Over the air a run is followed by the handshake for its keys (IEEE 802.11 12.7.6), and then the
 * station is let in. Or a further run has begun, whose end will be told as well.
 */
static void wait_for_end(struct gateway *g, struct station *st)
{
	st->imsi[0] = 0; /* whoever was there before */
	st->left = st->proven = false;
	st->waits = g->due = true;
}

static void on_success(struct gateway *g, const uint8_t *mac)
{
	struct hostapd_station by;
	struct station *st = NULL;
	enum err e = hostapd_link_station(g->hostapd, mac, &by);

	if (e == ERR_TIMEOUT || e == ERR_DISCONNECTED) {
		lose_hostapd(g, e);
		return;
	}
	if (!e)
		e = station_take(&g->stations, mac, &st);
	if (e) {
		tell_line(g, "what hostapd says of a station is passed over: %s", err_text(e));
		on_gone(g, mac); /* whoever was there before: it is another one by now */
		return;
	}
	if (!by.authorized || !by.settled) {
		wait_for_end(g, st);
		return;
	}
	if (*by.imsi) {
		judge_attach(g, &by, st);
		return;
	}
	tell_station(g, st,
		     "its identity is no permanent one of EAP-SIM, AKA or AKA' (eap_sim_id=0)");
	see_off(g, st);
}

/* Who is let in by no run that we heard of, by keys of before say, has proved nothing to us. */
static void on_let_in(struct gateway *g, const uint8_t *mac)
{
	struct station *st = station_find(&g->stations, mac);

	if (st && st->waits)
		on_success(g, mac);
	else if (!st && station_take(&g->stations, mac, &st) == ERR_OK)
		send_back(g, st);
}

static void on_event(struct gateway *g, const struct wbuf *text)
{
	struct hostapd_event ev;
	enum err e = text->err ? ERR_LENGTH : hostapd_event_read(wbuf_slice(text), &ev);

	if (e) {
		tell_line(g, "an event that is none of hostapd's is passed over: %s", err_text(e));
		return;
	}
	switch (ev.kind) {
	case HOSTAPD_SUCCESS: on_success(g, ev.mac); break;
	case HOSTAPD_LET_IN: on_let_in(g, ev.mac); break;
	case HOSTAPD_FOREIGN:
		tell_line(
			g,
			"a success of a RADIUS server is passed over: hostapd's own EAP server is "
			"needed (eap_server=1)");
		on_gone(g, ev.mac); /* whoever was there before: it is another one by now */
		break;
	case HOSTAPD_GONE: on_gone(g, ev.mac); break;
	case HOSTAPD_ENDS: forget_all(g); break;
	case HOSTAPD_OTHER: break;
	}
}

static void take_events(struct gateway *g)
{
	struct wbuf text = wbuf_grow(HOSTAPD_MESSAGE_MAX);
	enum err e = ERR_OK;

	while (!e && g->hostapd) {
		e = hostapd_link_event(g->hostapd, &text);
		if (!e)
			on_event(g, &text);
	}
	wbuf_free(&text);
	if (g->hostapd && e && e != ERR_TIMEOUT)
		lose_hostapd(g, e);
}

static bool is_mac(const uint8_t mac[static HOSTAPD_MAC_LEN])
{
	static const uint8_t none[HOSTAPD_MAC_LEN];

	return memcmp(mac, none, sizeof(none)) != 0;
}

/* After this one; of an odd answer the MAC alone is there, if at all. */
static enum err next_station(const struct gateway *g, struct hostapd_station *by)
{
	struct hostapd_station before = *by;

	*by = (struct hostapd_station){.authorized = false};
	return hostapd_link_next(g->hostapd, is_mac(before.mac) ? before.mac : NULL, by);
}

/* Who was there before us: as the log has it, or by a run of now. */
static void find_stations(struct gateway *g)
{
	struct hostapd_station by = {.authorized = false};
	struct station *st;
	enum err e = next_station(g, &by);

	/* an odd one hides none of the others */
	for (size_t i = 0; i < STATIONS_MAX && is_mac(by.mac); i++) {
		if (!e && station_take(&g->stations, by.mac, &st))
			break;
		if (!e) {
			st->left = !by.authorized;
			st->sent_back = false;
			st->imsi[0] = 0;
			if (by.authorized &&
			    (!*by.imsi || !by.settled || attach_find(g->setup->store, &by, st)))
				send_back(g, st);
		}
		e = next_station(g, &by);
	}
	g->due = true;
}

static void look_for_hostapd(struct gateway *g)
{
	enum err e = hostapd_link_open(g->setup->hostapd, &g->hostapd);

	tell_trouble(g, &g->hostapd_err, e, "hostapd, nobody is let through");
	if (e)
		return;
	tell_line(g, "hostapd is there");
	find_stations(g);
}

/* hostapd still knows them: an event may have been lost. */
static void look_at_hostapd(struct gateway *g)
{
	struct hostapd_station by;
	enum err e = hostapd_link_ping(g->hostapd);

	for (size_t i = 0; !e && i < g->stations.count; i++) {
		struct station *st = &g->stations.all[i];
		enum err known = hostapd_link_station(g->hostapd, st->mac, &by);

		if (known == ERR_DISCONNECTED || known == ERR_TIMEOUT)
			e = known;
		else if (known || (!by.authorized && !st->waits))
			see_off(g, st);
		else if (st->waits && by.authorized && by.settled && *by.imsi)
			judge_attach(g, &by, st);
	}
	if (e)
		lose_hostapd(g, e);
}

static void tell_access(const struct gateway *g, const struct station *st, enum err e)
{
	char what[LINE_CAP];

	if (st->access != ACCESS_NONE)
		snprintf(what, sizeof(what), "subscription %d, %s access", st->subscription,
			 access_name(st->access));
	else
		snprintf(what, sizeof(what), "subscription %d, no access: %s", st->subscription,
			 e	     ? err_text(e)
			 : st->left  ? "it has left"
			 : st->waits ? "it proves itself anew"
			 : access_of(st->state, st->subscription) == ACCESS_NONE
				 ? state_name(st->state)
				 : "its attach counts no more");
	tell_station(g, st, what);
}

static void look_at_station(struct gateway *g, struct station *st, int64_t now)
{
	enum err e = ERR_OK;

	if (!st->left && *st->imsi)
		e = attach_look(g->setup->store, st);
	if (st->left || !*st->imsi)
		st->access = ACCESS_NONE;
	st->address = leases_address(&g->leases, st->mac, now);
	if (st->access == st->had)
		return;
	tell_access(g, st, e);
	if (st->access == ACCESS_NONE && !st->left && !st->waits)
		send_back(g, st);
}

/* What was begun with more access does not go on. */
static void drop_flows(struct gateway *g)
{
	for (size_t i = 0; i < g->stations.count; i++) {
		struct station *st = &g->stations.all[i];
		enum err e = ERR_OK;

		if (st->access < st->had && st->address)
			e = flows_drop(st->address);
		if (e)
			tell_line(g, "its connections stay in the kernel's list: %s", err_text(e));
		st->had = st->access;
	}
}

static void set_gate(struct gateway *g)
{
	size_t n = g->stations.count;
	enum err e;

	for (size_t i = 0; i < n; i++) {
		const struct station *st = &g->stations.all[i];

		g->members[i] = (struct gate_member){.address = st->address, .access = st->access};
		memcpy(g->members[i].mac, st->mac, sizeof(st->mac));
	}
	e = gate_set(g->gate, g->members, n);
	if (e && e != g->gate_err)
		tell_line(g, "the gate cannot be set: %s (%s)", err_text(e), gate_trouble());
	g->gate_err = e;
	if (e) { /* what stands in it runs out, unless it can be set soon */
		g->due = true;
		return;
	}
	drop_flows(g);
	stations_sweep(&g->stations);
}

/* The store is read again when somebody has written to it, and once a second anyway. */
static void look_round(struct gateway *g)
{
	int64_t now_ms = g->setup->now_ms(), revision = 0;
	bool news = false, refresh = now_ms - g->refreshed_ms >= GATEWAY_REFRESH_MS;

	if (now_ms - g->looked_ms < GATEWAY_LOOK_MS && !g->due)
		return;
	g->looked_ms = now_ms;
	if (refresh && g->hostapd)
		look_at_hostapd(g);
	if (refresh && !g->hostapd) /* another one may be there already */
		look_for_hostapd(g);
	tell_trouble(g, &g->leases_err, leases_read(g->setup->leases, &g->leases, &news),
		     "the leases of DHCP");
	if (operator_store_revision(g->setup->store, &revision) || revision != g->revision || news)
		g->due = true;
	g->revision = revision;
	if (!g->due && !refresh)
		return;
	g->due = false;
	g->refreshed_ms = refresh ? now_ms : g->refreshed_ms;
	for (size_t i = 0; i < g->stations.count; i++)
		look_at_station(g, &g->stations.all[i], g->setup->now());
	set_gate(g);
}

static bool find_attached(void *ctx, uint32_t address, struct attached *out)
{
	const struct gateway *g = ctx;
	const struct station *st = station_at(&g->stations, address);

	if (!st)
		return false;
	*out = (struct attached){.subscription = st->subscription, .since = st->since};
	hostapd_mac_text(st->mac, out->mac);
	snprintf(out->imsi, sizeof(out->imsi), "%s", st->imsi);
	return true;
}

enum err gateway_turn(struct gateway *g, int wait_ms)
{
	struct pollfd fds[2 + ANSWERS_POLL];

	fds[0] = (struct pollfd){.fd = cancel_fd(g->setup->cancel), .events = POLLIN};
	fds[1] = (struct pollfd){.fd = g->hostapd ? hostapd_link_fd(g->hostapd) : -1,
				 .events = POLLIN};
	answers_poll(&g->answers, fds + 2);
	if (poll(fds, ARRAY_LEN(fds), wait_ms) < 0 && errno != EINTR)
		return errno_err(errno);
	if (g->hostapd && fds[1].revents)
		take_events(g);
	look_round(g);
	answers_serve(&g->answers, fds + 2);
	return ERR_OK;
}

void gateway_end(struct gateway **g)
{
	if (!*g)
		return;
	answers_close(&(*g)->answers);
	hostapd_link_close(&(*g)->hostapd);
	gate_close(&(*g)->gate);
	leases_free(&(*g)->leases);
	stations_free(&(*g)->stations);
	free((*g)->members);
	free(*g);
	*g = NULL;
}

enum err gateway_start(const struct gateway_setup *setup, enum gateway_part *part,
		       struct gateway **out)
{
	struct gateway *g = calloc(1, sizeof(*g));
	enum err e = g ? ERR_OK : ERR_MEMORY;

	*part = GATEWAY_WORK;
	if (!e) {
		g->setup = setup;
		g->answers = (struct answers){.find = find_attached, .ctx = g, .own.fd = -1};
		g->members = calloc(STATIONS_MAX, sizeof(*g->members));
		e = g->members ? ERR_OK : ERR_MEMORY;
	}
	/* of two gateways the second touches no rule of the first */
	if (!e) {
		*part = GATEWAY_SOCKET;
		e = answers_open(setup->socket, setup->cancel, &g->answers);
	}
	if (!e) {
		*part = GATEWAY_GATE;
		e = gate_open(setup->rules, &g->gate);
	}
	if (e) {
		gateway_end(&g);
		return e;
	}
	*part = GATEWAY_WORK;
	*out = g;
	return ERR_OK;
}

enum err gateway_run(const struct gateway_setup *setup, enum gateway_part *part)
{
	struct gateway *g = NULL;
	enum err e = gateway_start(setup, part, &g);

	if (e)
		return e;
	setup->ready();
	while (!e && !cancel_is_wished(setup->cancel))
		e = gateway_turn(g, GATEWAY_LOOK_MS);
	gateway_end(&g);
	return e;
}
