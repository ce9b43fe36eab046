#include "tests/property/net/air.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EVENTS_MAX 64
#define EVENT_CAP  160

struct air air;
static char events[EVENTS_MAX][EVENT_CAP];
static unsigned first, count;

void air_mac(unsigned station, uint8_t mac[static HOSTAPD_MAC_LEN])
{
	const uint8_t m[HOSTAPD_MAC_LEN] = {2, 0, 0, 0, 0, (uint8_t)(station + 1)};

	memcpy(mac, m, sizeof(m));
}

static void mac_of(unsigned station, char text[static HOSTAPD_MAC_CAP])
{
	uint8_t mac[HOSTAPD_MAC_LEN];

	air_mac(station, mac);
	hostapd_mac_text(mac, text);
}

unsigned air_station_of(const char *mac)
{
	char text[HOSTAPD_MAC_CAP];

	for (unsigned i = 0; i < AIR_STATIONS; i++) {
		mac_of(i, text);
		if (strcmp(text, mac) == 0)
			return i;
	}
	return AIR_STATIONS;
}

bool air_evidence(unsigned station, const struct air_run *r, char out[static 64])
{
	char mac[HOSTAPD_MAC_CAP];

	mac_of(station, mac);
	snprintf(out, 64, "hostapd, %s, %.*s", mac, (int)strcspn(r->identity, "@"), r->identity);
	return r->kind != 0;
}

void air_say(const char *fmt, ...)
{
	va_list ap;

	if (!air.up || air.monitor != air.incarnation || count == EVENTS_MAX)
		return; /* nobody hears it */
	va_start(ap, fmt);
	vsnprintf(events[(first + count++) % EVENTS_MAX], EVENT_CAP, fmt, ap);
	va_end(ap);
}

bool air_event(struct wbuf *text)
{
	if (!count)
		return false;
	wbuf_put(text, slice_str(events[first]));
	first = (first + 1) % EVENTS_MAX;
	count--;
	return true;
}

void air_start(void)
{
	/* what it forgets is kept beside it: for who did not hear yet that it ended */
	for (unsigned i = 0; i < AIR_STATIONS; i++)
		air_leave(i, true, false);
	air.up = true;
	air.mute = false;
	air.incarnation++;
	count = 0;
}

void air_end(bool told)
{
	if (told)
		air_say("<3>CTRL-EVENT-TERMINATING ");
	for (unsigned i = 0; i < AIR_STATIONS; i++)
		air_leave(i, true, false);
	air.up = false;
}

/* What is told is heard at once. */
static void lose(struct air_station *st, bool told)
{
	/* nobody has opened anything by what nobody heard of */
	if (st->authorized && air.monitor == air.incarnation) {
		st->lost_ms = air.now_ms;
		st->lost = st->last;
		if (told)
			st->lost.kind = 0;
	}
	st->authorized = st->keys = false;
}

/* What the station says it is shows at once; what it may, does not change before the end. */
void air_begin(unsigned station, const struct air_run *run)
{
	struct air_station *st = &air.station[station];

	st->there = true;
	st->settled = st->keys = false;
	st->run = *run;
	st->method = run->method;
	snprintf(st->identity, sizeof(st->identity), "%s", run->identity);
}

static void admit(struct air_station *st)
{
	st->keys = false;
	st->authorized = st->settled = true;
	st->last = st->run;
}

void air_finish(unsigned station)
{
	struct air_station *st = &air.station[station];
	char mac[HOSTAPD_MAC_CAP];

	if (!st->there || st->settled || st->keys)
		return;
	mac_of(station, mac);
	if (!st->run.right) {
		lose(st, true);
		air_say("<3>CTRL-EVENT-EAP-FAILURE %s", mac);
		return;
	}
	st->keys = air.wireless && !st->authorized;
	if (!st->keys)
		admit(st);
	air_say("<3>CTRL-EVENT-EAP-SUCCESS%s %s", st->run.foreign ? "2" : "", mac);
	if (!air.wireless)
		air_say("<3>AP-STA-CONNECTED %s", mac);
}

void air_let_in(unsigned station)
{
	struct air_station *st = &air.station[station];
	char mac[HOSTAPD_MAC_CAP];

	if (!st->keys)
		return;
	admit(st);
	mac_of(station, mac);
	air_say("<3>AP-STA-CONNECTED %s auth_alg=open", mac);
}

void air_leave(unsigned station, bool put_out, bool told)
{
	struct air_station *st = &air.station[station];
	char mac[HOSTAPD_MAC_CAP];

	if (!st->there)
		return;
	lose(st, told);
	st->settled = false;
	st->run = (struct air_run){.subscriber = -1};
	if (put_out)
		st->there = false;
	mac_of(station, mac);
	if (told)
		air_say("<3>AP-STA-DISCONNECTED %s", mac);
}

static void put_station(unsigned station, struct wbuf *out)
{
	const struct air_station *st = &air.station[station];
	char text[512], mac[HOSTAPD_MAC_CAP];

	mac_of(station, mac);
	snprintf(text, sizeof(text),
		 "%s\nflags=%s\naid=0\ndot1xAuthPaeState=%d\ndot1xAuthSessionUserName=%s\n"
		 "last_eap_type_as=0 (unknown)\nlast_eap_type_sta=%d (%s)\n",
		 mac, st->authorized ? "[AUTHORIZED]" : "", st->settled ? 5 : 4, st->identity,
		 (int)st->method, st->method == HOSTAPD_SIM ? "SIM" : "AKA");
	wbuf_put(out, slice_str(text));
}

static void put_next(unsigned from, struct wbuf *out)
{
	while (from < AIR_STATIONS && !air.station[from].there)
		from++;
	if (from < AIR_STATIONS)
		put_station(from, out);
	else
		wbuf_put(out, slice_str("FAIL\n"));
}

static void run_again(unsigned station)
{
	struct air_run run = air.again(station);

	air_begin(station, &run);
}

void air_answer(const char *command, struct wbuf *out)
{
	const char *space = strrchr(command, ' ');
	unsigned station = air_station_of(space ? space + 1 : "");
	bool there = station < AIR_STATIONS && air.station[station].there;
	const char *said = "OK\n";

	if (strcmp(command, "PING") == 0)
		said = "PONG\n";
	else if (strcmp(command, "ATTACH") == 0)
		air.monitor = air.incarnation, count = 0;
	else if (strcmp(command, "STA-FIRST") == 0)
		said = NULL, put_next(0, out);
	else if (strncmp(command, "STA-NEXT ", 9) == 0)
		said = NULL, put_next(station + 1, out);
	else if (!there)
		said = "FAIL\n";
	else if (strncmp(command, "STA ", 4) == 0)
		said = NULL, put_station(station, out);
	else if (strncmp(command, "EAPOL_REAUTH ", 13) == 0)
		run_again(station);
	if (said)
		wbuf_put(out, slice_str(said));
}
