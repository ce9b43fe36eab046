/*
 * hostapd's control socket and dnsmasq's leases: any bytes. The first octet chooses: an event, a
 * station, leases, or what the gateway answers to who asks it.
 */
#include <string.h>

#include "host/operator/gateway/attached.h"
#include "host/operator/gateway/hostapd.h"
#include "host/operator/gateway/leases.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_event(struct slice text)
{
	struct hostapd_event ev;
	char mac[HOSTAPD_MAC_CAP];

	if (hostapd_event_read(text, &ev) ||
	    (ev.kind != HOSTAPD_SUCCESS && ev.kind != HOSTAPD_GONE))
		return;
	/* it names one station, and as hostapd writes it */
	hostapd_mac_text(ev.mac, mac);
	MUST(!(ev.mac[0] & 1));
	MUST(memmem(text.ptr, text.len, mac, strlen(mac)) != NULL);
}

static void read_station(struct slice text)
{
	struct hostapd_station st;
	size_t n;

	if (hostapd_station_read(text, &st) || !*st.imsi)
		return;
	n = strlen(st.imsi);
	MUST(n >= 6 && n < sizeof(st.imsi) && strspn(st.imsi, "0123456789") == n);
	MUST(strcmp(st.name + 1, st.imsi) == 0);
	MUST(st.method == HOSTAPD_SIM || st.method == HOSTAPD_AKA ||
	     st.method == HOSTAPD_AKA_PRIME);
}

static void read_leases(struct slice text)
{
	struct leases l = {0};

	if (leases_parse(text, &l) == ERR_OK)
		for (size_t i = 0; i < l.count; i++)
			MUST(l.count <= LEASES_MAX);
	leases_free(&l);
}

static void read_answer(struct slice text)
{
	struct attached a;
	uint8_t mem[ATTACHED_ANSWER_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));

	if (attached_read(text, &a))
		return;
	attached_write(&a, &out);
	MUST(attached_read(wbuf_slice(&out), &a) == ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(struct slice text) = {read_event, read_station, read_leases,
							   read_answer};
	struct cursor c = cursor_of(slice_make(data, size));
	uint8_t kind = cursor_u8(&c);

	kinds[kind % ARRAY_LEN(kinds)](cursor_take_rest(&c));
	return 0;
}
