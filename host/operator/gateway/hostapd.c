#include "host/operator/gateway/hostapd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAC_TEXT_LEN  (HOSTAPD_MAC_CAP - 1)
#define IMSI_MIN      6
#define AUTHENTICATED "5" /* dot1xAuthPaeState, IEEE 802.1X */
#define NUMBER_MAX    6	  /* digits of a priority or a method */

enum err hostapd_mac(struct slice text, uint8_t mac[static HOSTAPD_MAC_LEN])
{
	uint8_t out[HOSTAPD_MAC_LEN], any = 0;
	char word[HOSTAPD_MAC_CAP];

	if (text.len != MAC_TEXT_LEN || slice_text(text, word, sizeof(word)))
		return ERR_ENCODING;
	for (size_t i = 0; i < MAC_TEXT_LEN; i++)
		if (i % 3 == 2 ? word[i] != ':' : !strchr("0123456789abcdef", word[i]))
			return ERR_ENCODING;
	for (size_t i = 0; i < sizeof(out); i++) {
		out[i] = (uint8_t)strtoul(word + 3 * i, NULL, 16);
		any |= out[i];
	}
	if (!any || (out[0] & 1)) /* I/G bit of IEEE 802: a group */
		return ERR_ENCODING;
	memcpy(mac, out, sizeof(out));
	return ERR_OK;
}

void hostapd_mac_text(const uint8_t mac[static HOSTAPD_MAC_LEN], char text[static HOSTAPD_MAC_CAP])
{
	snprintf(text, HOSTAPD_MAC_CAP, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
}

/* What stands in front of the next end, which is passed over; all of the rest without one. */
static struct slice take_until(struct cursor *c, uint8_t end)
{
	const uint8_t *at = c->rest.len ? memchr(c->rest.ptr, end, c->rest.len) : NULL;
	size_t n = at ? (size_t)(at - c->rest.ptr) : c->rest.len;
	struct slice part = cursor_take(c, n);

	if (at)
		(void)cursor_u8(c);
	return part;
}

static bool all_digits(struct slice s)
{
	bool all = s.len > 0 && s.len <= NUMBER_MAX;

	for (size_t i = 0; i < s.len && all; i++)
		all = slice_at(s, i) >= '0' && slice_at(s, i) <= '9';
	return all;
}

/* "<3>" in front of an event: how much it matters. */
static bool take_priority(struct cursor *c)
{
	return cursor_u8(c) == '<' && all_digits(take_until(c, '>'));
}

enum err hostapd_event_read(struct slice text, struct hostapd_event *out)
{
	static const struct {
		const char *name;
		enum hostapd_event_kind kind;
		bool more; /* words may follow the station */
	} kinds[] = {
		{"CTRL-EVENT-EAP-SUCCESS", HOSTAPD_SUCCESS, false},
		{"CTRL-EVENT-EAP-SUCCESS2", HOSTAPD_FOREIGN, false},
		{"CTRL-EVENT-EAP-FAILURE", HOSTAPD_GONE, false},
		{"CTRL-EVENT-EAP-TIMEOUT-FAILURE", HOSTAPD_GONE, false},
		{"CTRL-EVENT-EAP-FAILURE2", HOSTAPD_GONE, false},
		{"CTRL-EVENT-EAP-TIMEOUT-FAILURE2", HOSTAPD_GONE, false},
		{"AP-STA-CONNECTED", HOSTAPD_LET_IN, true},
		{"AP-STA-DISCONNECTED", HOSTAPD_GONE, true},
		{"CTRL-EVENT-TERMINATING", HOSTAPD_ENDS, true},
		{"AP-DISABLED", HOSTAPD_ENDS, true},
		{"INTERFACE-DISABLED", HOSTAPD_ENDS, true},
	};
	struct hostapd_event ev = {.kind = HOSTAPD_OTHER};
	struct cursor c = cursor_of(text);
	struct slice name;
	enum err e = ERR_OK;

	if (!text.len || text.len > HOSTAPD_MESSAGE_MAX)
		return ERR_LENGTH;
	if (!take_priority(&c))
		return ERR_ENCODING;
	name = take_until(&c, ' ');
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!slice_is(name, kinds[i].name))
			continue;
		ev.kind = kinds[i].kind;
		if (ev.kind != HOSTAPD_ENDS)
			e = hostapd_mac(take_until(&c, ' '), ev.mac);
		if (!e && !kinds[i].more && c.rest.len)
			e = ERR_ENCODING;
	}
	if (!e)
		*out = ev;
	return e;
}

/* The fields that count; each once. */
enum field { FIELD_FLAGS, FIELD_PAE, FIELD_IDENTITY, FIELD_METHOD, FIELDS };
static const char *const field_names[FIELDS] = {
	[FIELD_FLAGS] = "flags",
	[FIELD_PAE] = "dot1xAuthPaeState",
	[FIELD_IDENTITY] = "dot1xAuthSessionUserName",
	[FIELD_METHOD] = "last_eap_type_sta",
};

static enum err gather(struct cursor *c, struct slice fields[static FIELDS])
{
	bool has[FIELDS] = {false};

	while (c->rest.len) {
		struct cursor line = cursor_of(take_until(c, '\n'));
		struct slice name = take_until(&line, '=');

		for (size_t i = 0; i < FIELDS; i++) {
			if (!slice_is(name, field_names[i]))
				continue;
			if (has[i])
				return ERR_DUPLICATE;
			has[i] = true;
			fields[i] = line.rest;
		}
	}
	return has[FIELD_FLAGS] ? ERR_OK : ERR_TAG;
}

static bool has_word(struct slice text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.len; i++)
		if (slice_is(slice_sub(text, i, n), word))
			return true;
	return false;
}

/* "0001010000000001@wlan.mnc001.mcc001.3gppnetwork.org" of the method "23 (AKA)". */
static void read_identity(struct slice identity, struct slice method, struct hostapd_station *out)
{
	static const struct {
		const char *number;
		enum hostapd_method method;
		uint8_t prefix;
	} methods[] = {
		{"18", HOSTAPD_SIM, '1'}, {"23", HOSTAPD_AKA, '0'}, {"50", HOSTAPD_AKA_PRIME, '6'}};
	struct cursor id = cursor_of(identity), m = cursor_of(method);
	struct slice name = take_until(&id, '@'), number = take_until(&m, ' ');
	size_t digits = name.len ? name.len - 1 : 0;

	if (digits < IMSI_MIN || digits >= HOSTAPD_IMSI_CAP)
		return;
	for (size_t i = 0; i < name.len; i++)
		if (slice_at(name, i) < '0' || slice_at(name, i) > '9')
			return;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		if (!slice_is(number, methods[i].number) || slice_at(name, 0) != methods[i].prefix)
			continue;
		out->method = methods[i].method;
		if (slice_text(name, out->name, sizeof(out->name)) ||
		    slice_text(slice_sub(name, 1, digits), out->imsi, sizeof(out->imsi)))
			out->name[0] = out->imsi[0] = 0;
	}
}

enum err hostapd_station_read(struct slice text, struct hostapd_station *out)
{
	struct slice fields[FIELDS] = {{0}};
	struct hostapd_station st = {0};
	struct cursor c = cursor_of(text);
	enum err e;

	if (text.len > HOSTAPD_MESSAGE_MAX)
		return ERR_LENGTH;
	if (!text.len || slice_is(text, "FAIL\n"))
		return ERR_NOT_FOUND;
	e = hostapd_mac(take_until(&c, '\n'), st.mac);
	if (!e) {
		memcpy(out->mac, st.mac, sizeof(out->mac));
		e = gather(&c, fields);
	}
	if (e)
		return e;
	st.authorized = has_word(fields[FIELD_FLAGS], "[AUTHORIZED]");
	st.settled = slice_is(fields[FIELD_PAE], AUTHENTICATED);
	read_identity(fields[FIELD_IDENTITY], fields[FIELD_METHOD], &st);
	*out = st;
	return ERR_OK;
}
