#include "tests/property/net/standins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/operator/gateway/flows.h"
#include "host/operator/gateway/hostapd_link.h"
#include "tests/property/net/air.h"

#define COMMAND_CAP 64

struct kernel kernel;

enum access kernel_access(const uint8_t mac[static 6], uint32_t *address)
{
	*address = 0;
	if (kernel.now_ms - kernel.set_ms >= GATE_TIMEOUT_S * 1000)
		return ACCESS_NONE;
	for (size_t i = 0; i < kernel.count; i++) {
		if (memcmp(kernel.members[i].mac, mac, 6) != 0)
			continue;
		*address = kernel.members[i].address;
		return kernel.members[i].access;
	}
	return ACCESS_NONE;
}

/* One transaction: all of it, or nothing. */
static enum err set_members(const struct gate_member *members, size_t n)
{
	if (kernel.killed)
		return ERR_OK;
	if (kernel.broken || n > KERNEL_MEMBERS)
		return ERR_IO;
	kernel.count = n;
	if (n)
		memcpy(kernel.members, members, n * sizeof(*members));
	kernel.set_ms = kernel.now_ms;
	kernel.sets++;
	return ERR_OK;
}

enum err gate_open(const struct gate_rules *rules, struct gate **out)
{
	static char here;

	(void)rules;
	*out = (struct gate *)&here;
	return set_members(NULL, 0);
}

enum err gate_set(struct gate *g, const struct gate_member *members, size_t n)
{
	(void)g;
	return set_members(members, n);
}

void gate_close(struct gate **g)
{
	if (*g)
		(void)!set_members(NULL, 0);
	*g = NULL;
}

const char *gate_trouble(void)
{
	return "the kernel of a test";
}

enum err flows_drop(uint32_t address)
{
	kernel.drops += address != 0;
	return ERR_OK;
}

struct hostapd_link {
	uint64_t incarnation;
	int always; /* readable */
};

/* Of a hostapd that ended nothing comes, and what it is asked says that it is gone. */
static enum err ask(const struct hostapd_link *l, const char *command, struct wbuf *out)
{
	if (!air.up || l->incarnation != air.incarnation)
		return ERR_DISCONNECTED;
	if (air.mute)
		return ERR_TIMEOUT;
	air_answer(command, out);
	return wbuf_done(out);
}

static enum err say(const struct hostapd_link *l, const char *command, const char *good)
{
	uint8_t mem[HOSTAPD_MESSAGE_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	enum err e = ask(l, command, &out);

	return !e && !slice_is(wbuf_slice(&out), good) ? ERR_PROTOCOL : e;
}

enum err hostapd_link_open(const char *path, struct hostapd_link **out)
{
	struct hostapd_link *l;
	enum err e;

	(void)path;
	if (!air.up)
		return ERR_DISCONNECTED;
	l = malloc(sizeof(*l));
	if (!l)
		return ERR_MEMORY;
	*l = (struct hostapd_link){.incarnation = air.incarnation,
				   .always = eventfd(1, EFD_CLOEXEC)};
	e = say(l, "ATTACH", "OK\n");
	if (e)
		hostapd_link_close(&l);
	else
		*out = l;
	return e;
}

void hostapd_link_close(struct hostapd_link **l)
{
	if (!*l)
		return;
	close((*l)->always);
	free(*l);
	*l = NULL;
}

int hostapd_link_fd(const struct hostapd_link *l)
{
	return l->always;
}

enum err hostapd_link_event(struct hostapd_link *l, struct wbuf *text)
{
	wbuf_reset(text);
	return l->incarnation == air.incarnation && air_event(text) ? ERR_OK : ERR_TIMEOUT;
}

static enum err ask_about(const struct hostapd_link *l, const char *command,
			  struct hostapd_station *out)
{
	uint8_t mem[HOSTAPD_MESSAGE_MAX];
	struct wbuf text = wbuf_init(mem, sizeof(mem));
	enum err e = ask(l, command, &text);

	return e ? e : hostapd_station_read(wbuf_slice(&text), out);
}

static const char *with_mac(const char *word, const uint8_t *mac, char out[static COMMAND_CAP])
{
	char text[HOSTAPD_MAC_CAP];

	hostapd_mac_text(mac, text);
	snprintf(out, COMMAND_CAP, "%s %s", word, text);
	return out;
}

enum err hostapd_link_station(struct hostapd_link *l, const uint8_t mac[static HOSTAPD_MAC_LEN],
			      struct hostapd_station *out)
{
	char command[COMMAND_CAP];

	return ask_about(l, with_mac("STA", mac, command), out);
}

enum err hostapd_link_next(struct hostapd_link *l, const uint8_t *mac, struct hostapd_station *out)
{
	char command[COMMAND_CAP];

	return ask_about(l, mac ? with_mac("STA-NEXT", mac, command) : "STA-FIRST", out);
}

enum err hostapd_link_reauth(struct hostapd_link *l, const uint8_t mac[static HOSTAPD_MAC_LEN])
{
	char command[COMMAND_CAP];

	return say(l, with_mac("EAPOL_REAUTH", mac, command), "OK\n");
}

enum err hostapd_link_ping(struct hostapd_link *l)
{
	return say(l, "PING", "PONG\n");
}
