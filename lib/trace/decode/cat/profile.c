/* profile: TERMINAL PROFILE, what the terminal can do: TS 102 223 5.2, the lowest bit first */
#include <stdio.h>
#include <string.h>

#include "lib/trace/decode/cat/cat.h"

#define TEXT_MAX 400

#define UNNAMED	 NULL

static const char *const facilities[][8] = {
	{"profile download", "SMS-PP download", "cell broadcast download", "menu selection",
	 "SMS-PP download answered by 9EXX", "timer expiration", "USSD in call control",
	 "call control"},
	{"command result", "call control", "call control, cell identity", "MO SMS control",
	 "alpha identifier in call control", "UCS2 entry", "UCS2 display", "display of extension"},
	{"DISPLAY TEXT", "GET INKEY", "GET INPUT", "MORE TIME", "PLAY TONE", "POLL INTERVAL",
	 "POLLING OFF", "REFRESH"},
	{"SELECT ITEM", "SEND SHORT MESSAGE", "SEND SS", "SEND USSD", "SET UP CALL", "SET UP MENU",
	 "PROVIDE LOCAL INFORMATION", "PROVIDE LOCAL INFORMATION, NMR"},
	{"SET UP EVENT LIST", "MT call", "call connected", "call disconnected", "location status",
	 "user activity", "idle screen available", "card reader status"},
	{"language selection", "browser termination", "data available", "channel status",
	 "access technology change", "display parameters changed", "local connection",
	 "network search mode change"},
	{"POWER ON CARD", "POWER OFF CARD", "PERFORM CARD APDU", "GET READER STATUS",
	 "GET READER STATUS, identifier", UNNAMED, UNNAMED, UNNAMED},
	{"TIMER MANAGEMENT", "TIMER MANAGEMENT, current value", "local information: date and time",
	 "GET INKEY, binary choice", "SET UP IDLE MODE TEXT", "RUN AT COMMAND",
	 "SET UP CALL, second alpha identifier", "call control, second alpha identifier"},
	{"DISPLAY TEXT, sustained", "SEND DTMF", "local information: NMR",
	 "local information: language", "local information: timing advance",
	 "LANGUAGE NOTIFICATION", "LAUNCH BROWSER", "local information: access technology"},
	{UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED},
	{UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED, UNNAMED},
	{"OPEN CHANNEL", "CLOSE CHANNEL", "RECEIVE DATA", "SEND DATA", "GET CHANNEL STATUS",
	 "SERVICE SEARCH", "GET SERVICE INFORMATION", "DECLARE SERVICE"},
	{"CSD", "GPRS", "Bluetooth", "IrDA", "RS232", UNNAMED, UNNAMED, UNNAMED},
};

static void write_facilities(size_t at, uint8_t octet, char out[static TEXT_MAX])
{
	size_t n = 0;

	out[0] = 0;
	for (unsigned bit = 0; bit < 8; bit++) {
		const char *name = at < ARRAY_LEN(facilities) ? facilities[at][bit] : NULL;

		if (!(octet & 1u << bit) || n >= TEXT_MAX)
			continue;
		if (name)
			n += (size_t)snprintf(out + n, TEXT_MAX - n, "%s%s", n ? ", " : "", name);
		else
			n += (size_t)snprintf(out + n, TEXT_MAX - n, "%sbit %u", n ? ", " : "",
					      bit + 1);
	}
}

void cat_tell_profile(struct slice profile, const struct tree *t)
{
	char text[TEXT_MAX], name[32];

	tree_open(t, "terminal-profile", "Terminal profile", profile);
	for (size_t i = 0; i < profile.len; i++) {
		uint8_t octet = slice_at(profile, i);

		if (!octet)
			continue;
		snprintf(name, sizeof(name), "Octet %zu", i + 1);
		write_facilities(i, octet, text);
		tree_leaf(t,
			  &(struct tree_node){
				  .key = "octet", .name = name, .raw = slice_sub(profile, i, 1)},
			  "%s", text);
	}
	tree_close(t);
}

bool cat_profile_has(struct slice profile, uint8_t type)
{
	const char *wanted = cat_type_name(type);

	for (size_t i = 0; wanted && i < ARRAY_LEN(facilities); i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			if (facilities[i][bit] && strcmp(facilities[i][bit], wanted) == 0)
				return slice_at(profile, i) & 1u << bit;
		}
	}
	return true;
}
