#include "host/transport/open.h"

#include <string.h>

#include "host/transport/card.h"
#include "host/transport/nfc/nfc.h"
#include "host/transport/pcsc.h"
#include "host/transport/vpcd.h"

static const struct {
	const char *prefix;
	enum err (*open)(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			 struct transport **out);
} kinds[] = {
	{"pcsc", transport_pcsc_open},
	{"card", transport_card_open},
	{"vpcd", transport_vpcd_open},
	{"nfc", transport_nfc_open},
};

enum err transport_open(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			struct transport **out)
{
	if (!spec)
		spec = "";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(spec, kinds[i].prefix, len) != 0)
			continue;
		if (spec[len] == ':')
			return kinds[i].open(spec + len + 1, timeout_ms, cancel, out);
		if (!spec[len])
			return kinds[i].open("", timeout_ms, cancel, out);
	}
	return transport_pcsc_open(spec, timeout_ms, cancel, out);
}

enum err transport_list(void (*each)(void *ctx, const char *name, bool card_present,
				     struct slice atr),
			void *ctx, struct cancel *cancel)
{
	return transport_pcsc_list(each, ctx, cancel);
}
