#include "host/operator/gateway/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nftables/libnftables.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/sys/tcp.h"

#define TEXT_LIMIT  (1u << 20)
#define WORDS_CAP   256
#define ADDRESS_CAP INET_ADDRSTRLEN

struct gate {
	struct nft_ctx *nft;
	struct gate_rules rules;
};

/* Each entry in these sets runs out. */
static const struct {
	const char *name, *type;
} sets[] = {
	{"limited", "ether_addr"},   {"full", "ether_addr"},   {"place", "ether_addr . ipv4_addr"},
	{"limited_at", "ipv4_addr"}, {"full_at", "ipv4_addr"},
};

static char words[WORDS_CAP];

const char *gate_trouble(void)
{
	return words;
}

static void rule(struct wbuf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void rule(struct wbuf *out, const char *fmt, ...)
{
	char line[WORDS_CAP];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(line))
		wbuf_fail(out, ERR_SPACE);
	else
		wbuf_put(out, slice_make(line, (size_t)n));
}

static const char *address_text(uint32_t address, char text[static ADDRESS_CAP])
{
	struct in_addr a = {.s_addr = htonl(address)};

	return inet_ntop(AF_INET, &a, text, ADDRESS_CAP);
}

enum err gate_interface(const char *name, struct gate_rules *out)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";
	size_t n = strspn(name, good);

	if (!n || name[n] || n >= sizeof(out->interface))
		return ERR_VALUE;
	snprintf(out->interface, sizeof(out->interface), "%s", name);
	return ERR_OK;
}

enum err gate_add_reach(const char *text, struct gate_rules *out)
{
	struct gate_reach r = {.udp = strncmp(text, "udp:", 4) == 0};
	const char *colon = strrchr(text, ':');
	char address[ADDRESS_CAP];
	struct in_addr a;

	if ((!r.udp && strncmp(text, "tcp:", 4) != 0) || colon < text + 4 ||
	    !tcp_is_port(colon + 1))
		return ERR_VALUE;
	if (slice_text(slice_make(text + 4, (size_t)(colon - text) - 4), address,
		       sizeof(address)) ||
	    inet_pton(AF_INET, address, &a) != 1)
		return ERR_VALUE;
	if (out->count == GATE_REACH_MAX)
		return ERR_FULL;
	r.address = ntohl(a.s_addr);
	r.port = (uint16_t)strtoul(colon + 1, NULL, 10);
	out->reach[out->count++] = r;
	return ERR_OK;
}

/* A set of what limited access reaches; it does not run out. */
static void put_reach(const struct gate_rules *rules, struct wbuf *out)
{
	char address[ADDRESS_CAP];

	rule(out, "\tset reach {\n\t\ttype inet_proto . ipv4_addr . inet_service\n");
	for (size_t i = 0; i < rules->count; i++)
		rule(out, "%s%s . %s . %u", i ? ", " : "\t\telements = { ",
		     rules->reach[i].udp ? "udp" : "tcp",
		     address_text(rules->reach[i].address, address), rules->reach[i].port);
	rule(out, "%s\t}\n", rules->count ? " }\n" : "");
}

/*
 * A module has the address that DHCP gave it and no other, or it could speak for somebody else.
 * What comes back to it is looked at too: what was begun with more access than there is now goes on
 * in neither direction.
 */
static void put_chains(const char *interface, struct wbuf *out)
{
	rule(out, "\tchain services {\n"
		  "\t\tudp sport 68 udp dport 67 accept\n"
		  "\t\tmeta nfproto != ipv4 drop\n"
		  "\t\tether saddr . ip saddr != @place drop\n");
	rule(out, "\t\tmeta l4proto { tcp, udp } th dport 53 accept\n"
		  "\t\tmeta l4proto . ip daddr . th dport @reach accept\n"
		  "\t\tdrop\n\t}\n");
	rule(out,
	     "\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n"
	     "\t\tiifname != \"%s\" accept\n",
	     interface);
	rule(out, "\t\tether saddr @limited goto services\n"
		  "\t\tether saddr @full goto services\n\t}\n");
	rule(out, "\tchain from_module {\n"
		  "\t\tmeta nfproto != ipv4 drop\n"
		  "\t\tether saddr . ip saddr != @place drop\n"
		  "\t\tether saddr @full accept\n");
	rule(out, "\t\tether saddr @limited meta l4proto . ip daddr . th dport @reach accept\n"
		  "\t\tdrop\n\t}\n");
	rule(out,
	     "\tchain to_module {\n"
	     "\t\tct state established,related ip daddr @full_at accept\n"
	     "\t\tct state established ip daddr @limited_at meta l4proto . ip saddr . th sport "
	     "@reach accept\n"
	     "\t\tdrop\n\t}\n");
	rule(out,
	     "\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n"
	     "\t\tiifname \"%s\" oifname \"%s\" drop\n",
	     interface, interface);
	rule(out,
	     "\t\tiifname \"%s\" goto from_module\n\t\toifname \"%s\" goto to_module\n"
	     "\t\taccept\n\t}\n",
	     interface, interface);
}

void gate_table_text(const struct gate_rules *rules, struct wbuf *out)
{
	/* made, should it not be there, or its removal fails; all of it is one transaction */
	rule(out, "table inet " GATE_TABLE " { }\ndelete table inet " GATE_TABLE "\n"
		  "table inet " GATE_TABLE " {\n");
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		rule(out, "\tset %s {\n\t\ttype %s\n\t\tflags timeout\n\t}\n", sets[i].name,
		     sets[i].type);
	put_reach(rules, out);
	put_chains(rules->interface, out);
	rule(out, "}\n");
}

static void put_member(const struct gate_member *m, struct wbuf *out)
{
	const char *set = access_name(m->access);
	char mac[3 * sizeof(m->mac)], ip[ADDRESS_CAP];

	if (m->access == ACCESS_NONE)
		return;
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", m->mac[0], m->mac[1], m->mac[2],
		 m->mac[3], m->mac[4], m->mac[5]);
	rule(out, "add element inet " GATE_TABLE " %s { %s timeout %ds }\n", set, mac,
	     GATE_TIMEOUT_S);
	if (!m->address)
		return;
	address_text(m->address, ip);
	rule(out, "add element inet " GATE_TABLE " place { %s . %s timeout %ds }\n", mac, ip,
	     GATE_TIMEOUT_S);
	rule(out, "add element inet " GATE_TABLE " %s_at { %s timeout %ds }\n", set, ip,
	     GATE_TIMEOUT_S);
}

void gate_sets_text(const struct gate_member *members, size_t n, struct wbuf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		rule(out, "flush set inet " GATE_TABLE " %s\n", sets[i].name);
	for (size_t i = 0; i < n; i++)
		put_member(&members[i], out);
}

/* What libnftables says has several lines, with marks below what it means. */
static void keep_words(const char *said)
{
	size_t n = strcspn(said ? said : "", "\n");

	snprintf(words, sizeof(words), "%.*s", (int)n, said ? said : "");
}

static enum err run_nft(struct gate *g, struct wbuf *text)
{
	enum err e = ERR_OK;
	int failed;

	wbuf_u8(text, 0);
	e = wbuf_done(text);
	if (e)
		return e;
	errno = 0;
	failed = nft_run_cmd_from_buffer(g->nft, (const char *)wbuf_slice(text).ptr);
	keep_words(failed ? nft_ctx_get_error_buffer(g->nft) : "");
	if (!failed)
		return ERR_OK;
	return strstr(words, "not permitted") || strstr(words, "ermission denied") ? ERR_PERMISSION
										   : ERR_IO;
}

static enum err make_table(struct gate *g, const struct gate_member *members, size_t n)
{
	struct wbuf text = wbuf_grow(TEXT_LIMIT);
	enum err e;

	gate_table_text(&g->rules, &text);
	gate_sets_text(members, n, &text);
	e = run_nft(g, &text);
	wbuf_free(&text);
	return e;
}

enum err gate_open(const struct gate_rules *rules, struct gate **out)
{
	struct gate *g = calloc(1, sizeof(*g));
	enum err e = ERR_MEMORY;

	words[0] = 0;
	if (!g)
		return ERR_MEMORY;
	g->rules = *rules;
	g->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (g->nft && !nft_ctx_buffer_error(g->nft) && !nft_ctx_buffer_output(g->nft))
		e = make_table(g, NULL, 0);
	if (e) {
		if (g->nft)
			nft_ctx_free(g->nft);
		free(g);
	} else {
		*out = g;
	}
	return e;
}

enum err gate_set(struct gate *g, const struct gate_member *members, size_t n)
{
	struct wbuf text = wbuf_grow(TEXT_LIMIT);
	enum err e;

	gate_sets_text(members, n, &text);
	e = run_nft(g, &text);
	wbuf_free(&text);
	return e ? make_table(g, members, n) : ERR_OK;
}

void gate_close(struct gate **g)
{
	if (!*g)
		return;
	(void)!gate_set(*g, NULL, 0);
	nft_ctx_free((*g)->nft);
	free(*g);
	*g = NULL;
}
