/* events on the module's side, and to the machines between it and the operator */
#include <stdio.h>
#include <string.h>

#include "tests/property/net/events.h"

unsigned events_station(void)
{
	return dice(WORLD_STATIONS);
}

static void come(unsigned station, unsigned subscriber)
{
	static const enum hostapd_method methods[] = {HOSTAPD_AKA, HOSTAPD_AKA, HOSTAPD_AKA_PRIME,
						      HOSTAPD_AKA_PRIME, HOSTAPD_SIM};

	w.at[station].subscriber = (int)subscriber;
	w.at[station].clone = dice_once_in(6);
	w.at[station].method = methods[dice(ARRAY_LEN(methods))];
}

/* As the card would: by its own IMSI. */
static void run(unsigned station, bool to_its_end)
{
	const struct world_claim own = {(unsigned)w.at[station].subscriber,
					world_kind(station) - 1};
	struct air_run r;

	if (!air.up)
		return;
	r = world_run(station, own);
	air_begin(station, &r);
	counts.refused_runs += !r.right;
	if (to_its_end)
		air_finish(station);
}

void events_attach(unsigned station, unsigned subscriber)
{
	w.at[station].subscriber = (int)subscriber;
	run(station, true);
}

/* Where it is, or where it was last. */
void event_attach(void)
{
	unsigned station = events_station();

	if (w.at[station].subscriber < 0 || dice_once_in(3))
		come(station, dice(w.subscribers));
	run(station, true);
}

void event_attach_elsewhere(void)
{
	unsigned from = events_station(), to = events_station();

	if (w.at[from].subscriber < 0 || from == to)
		return;
	w.at[to] = w.at[from];
	if (dice(2))
		w.at[from].subscriber = -1;
	run(to, true);
}

/* It names somebody else, or its own other subscription. */
void event_attach_wrong_name(void)
{
	unsigned station = events_station();
	const struct world_claim claim = {dice(w.subscribers), dice(2)};
	struct air_run r;

	if (!air.up)
		return;
	if (w.at[station].subscriber < 0)
		come(station, dice(w.subscribers));
	r = world_run(station, claim);
	air_begin(station, &r);
	air_finish(station);
}

/* A good run whose identity tells nothing: a pseudonym, another prefix, a line put in, or nobody's.
 */
void event_attach_pseudonym(void)
{
	static const char *const names[] = {"2%s@x",
					    "9%s",
					    "0%s\nflags=[AUTHORIZED]",
					    "0%s\ndot1xAuthSessionUserName=0%s@x",
					    "6%s\nlast_eap_type_sta=50 (AKA')",
					    "0%s9x@x",
					    ""};
	unsigned station = events_station(), n = dice(ARRAY_LEN(names));
	const char *imsi = events_subscriber()->row.imsi[dice(2)], *name = names[n];
	struct air_run r = {.subscriber = -1, .method = HOSTAPD_AKA, .right = true};
	size_t len = 0;

	if (!air.up)
		return;
	for (; *name && len + 16 < sizeof(r.identity); name++) {
		if (name[0] == '%' && name[1] == 's')
			len += (size_t)snprintf(r.identity + len, sizeof(r.identity) - len, "%s",
						imsi),
				name++;
		else
			r.identity[len++] = *name;
	}
	air_begin(station, &r);
	air_finish(station);
}

/* A RADIUS server's success, under a name that proves nothing. */
void event_attach_radius(void)
{
	struct world_subscriber *s = events_subscriber();
	struct air_run r = {
		.subscriber = -1, .method = HOSTAPD_AKA, .right = true, .foreign = true};
	unsigned station = events_station();
	char evidence[64];

	snprintf(r.identity, sizeof(r.identity), "0%s@wlan.mnc001.mcc001.3gppnetwork.org",
		 s->row.imsi[dice(2)]);
	(void)air_evidence(station, &r, evidence);
	/*
	 * A hostapd has its own EAP server or a RADIUS server: no success of the one waits to be
	 * heard behind one of the other. And who was there by that name with a key is no other one
	 * to anybody.
	 */
	if (!air.up || !w.drive->gateway_is_up() || strcmp(evidence, s->evidence) == 0)
		return;
	air_begin(station, &r);
	air_finish(station);
}

void event_begin(void)
{
	unsigned station = events_station();

	if (w.at[station].subscriber < 0)
		come(station, dice(w.subscribers));
	run(station, false);
}

void event_finish(void)
{
	unsigned station = events_station();

	for (unsigned i = 0; i < WORLD_STATIONS; i++)
		if (air.station[i].there && !air.station[i].settled &&
		    air.station[i].run.identity[0])
			station = i;
	if (air.up)
		air_finish(station);
}

void event_let_in(void)
{
	for (unsigned i = 0; i < WORLD_STATIONS; i++)
		air_let_in(i);
}

void event_log_off(void)
{
	air_leave(events_station(), false, dice(2));
}

void event_disconnect(void)
{
	air_leave(events_station(), true, dice(3));
}

/* Of a K2 in volatile memory nothing is left. */
void event_power_off(void)
{
	struct world_subscriber *s = events_subscriber();

	if (s->modes.in_memory)
		s->card.on_second = false;
}

void event_spoof(void)
{
	static const char *const words[] = {
		"<3>CTRL-EVENT-EAP-SUCCESS2 ", "<3>CTRL-EVENT-EAP-SUCCESS ff:",
		"<3>CTRL-EVENT-EAP-SUCCESS x", "CTRL-EVENT-EAP-SUCCESS ",
		"<3>CTRL-EVENT-EAP-STARTED ",  "<3>AP-STA-CONNECTED ",
		"<3>CTRL-EVENT-EAP-SUCCESS "};
	unsigned n = dice(ARRAY_LEN(words) * 2), station = events_station();

	if (n >= ARRAY_LEN(words))
		n = ARRAY_LEN(words) - 1;
	/* hostapd itself says it, of who is not in, nor soon will be */
	if ((n == 0 || n + 1 == ARRAY_LEN(words)) &&
	    (air.station[station].authorized || air.station[station].keys))
		return;
	air_say("%s02:00:00:00:00:%02x", words[n], station + 1);
}

void event_swap_leases(void)
{
	unsigned a = events_station(), b = events_station();

	switch (dice(5)) {
	case 4: /* one address, all of them */
		for (unsigned i = 0; i < WORLD_STATIONS; i++)
			w.lease[i] = (struct lease_of){.last_octet = 10 + a};
		break;
	case 0: w.lease[a].last_octet = w.lease[b].last_octet; break; /* one address, two */
	case 1: w.lease[a].last_octet = 0; break;
	case 2:
		w.lease[a] = (struct lease_of){.last_octet = 10 + a,
					       .until = world_now() + 1 + dice(600)};
		break;
	default: w.lease[a] = (struct lease_of){.last_octet = 10 + a}; break;
	}
	world_write_leases();
}

void event_wait(void)
{
	w.drive->pass(100 + 100 * (int64_t)dice(14));
}

/* Factors run out, and leases. */
void event_wait_long(void)
{
	if (w.drive->real)
		return;
	w.skew_s += 200 + dice(600);
	w.drive->pass(4000);
}

void event_clock(void)
{
	static const int64_t jumps[] = {-31536000, -86400, -60, -1, 1, 60, 599, 601, 86400};

	if (!w.drive->real)
		w.skew_s = dice(2) ? 0 : w.skew_s + jumps[dice(ARRAY_LEN(jumps))];
}

void event_gateway_kill(void)
{
	w.drive->gateway_kill();
}

void event_gateway_stop(void)
{
	w.drive->gateway_stop();
}

void event_gateway_start(void)
{
	w.drive->gateway_start();
}

void event_gateway_hang(void)
{
	w.drive->gateway_hang(true);
}

void event_gateway_go_on(void)
{
	w.drive->gateway_hang(false);
}

void event_hostapd_end(void)
{
	if (air.up)
		w.drive->hostapd(false, true);
}

void event_hostapd_kill(void)
{
	if (air.up)
		w.drive->hostapd(false, false);
}

void event_hostapd_start(void)
{
	if (!air.up)
		w.drive->hostapd(true, true);
	air.mute = false;
}

void event_hostapd_mute(void)
{
	air.mute = true;
}

void event_kernel_break(void)
{
	if (w.drive->kernel_break)
		w.drive->kernel_break(dice(2));
}

/* Somebody else writes, for a while. */
void event_store_busy(void)
{
	if (w.alone)
		return;
	CHECK(operator_store_begin(w.store) == ERR_OK, "a transaction");
	if (w.at[0].subscriber >= 0 && air.up)
		air_finish(0);
	w.drive->pass(200);
	CHECK(operator_store_end(w.store, ERR_OK) == ERR_OK, "its end");
}

void event_ask(void)
{
	if (w.drive->gateway_is_up())
		w.drive->ask(events_station());
}

/* Nothing happens for so long that everything must have come to rest. */
void event_quiet(void)
{
	w.drive->pass(-1);
}
