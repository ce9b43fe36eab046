#include "host/transport/open.h"

#include <string.h>

#include "host/transport/card.h"
#include "host/transport/nfc/nfc.h"
#include "host/transport/pcsc/card.h"
#include "host/transport/pcsc/pcsc.h"
#include "host/transport/vpcd.h"

/* Other ways than PC/SC */
static const struct {
	const char *prefix;
	enum err (*open)(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			 struct transport **out);
} kinds[] = {
	{"card", transport_card_open},
	{"vpcd", transport_vpcd_open},
	{"nfc", transport_nfc_open},
};

#define PCSC "pcsc"

/* "prefix" or "prefix:rest" */
static bool has_prefix(const char *spec, const char *prefix, const char **rest)
{
	size_t len = strlen(prefix);

	if (strncmp(spec, prefix, len) != 0 || (spec[len] && spec[len] != ':'))
		return false;
	*rest = spec + len + (spec[len] == ':');
	return true;
}

/* Its index in kinds, and what is behind the prefix; ARRAY_LEN(kinds): it is PC/SC's. */
static size_t kind_of(const char *spec, const char **rest)
{
	size_t i = 0;

	while (i < ARRAY_LEN(kinds) && !has_prefix(spec, kinds[i].prefix, rest))
		i++;
	return i;
}

bool transport_uses_pcsc(const char *spec)
{
	const char *rest;

	return !spec || kind_of(spec, &rest) == ARRAY_LEN(kinds);
}

enum err transport_open_wish(struct transport_wish *wish, struct transport **out)
{
	const char *rest = wish->spec ? wish->spec : "";
	size_t kind = kind_of(rest, &rest);

	wish->said[0] = 0;
	if (kind < ARRAY_LEN(kinds))
		return kinds[kind].open(rest, wish->timeout_ms, wish->cancel, out);
	(void)has_prefix(rest, PCSC, &rest);
	return pcsc_open(rest, wish, out);
}

enum err transport_open(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			struct transport **out)
{
	struct transport_wish wish = {.spec = spec, .timeout_ms = timeout_ms, .cancel = cancel};

	return transport_open_wish(&wish, out);
}

enum err transport_list(struct cancel *cancel, struct reader_list *out)
{
	return pcsc_list(cancel, out);
}

enum err transport_watch(const struct reader_watcher *watcher, struct cancel *cancel)
{
	return pcsc_watch(watcher, cancel);
}

enum err transport_reader_properties(const char *name, struct cancel *cancel,
				     struct transport_properties *out)
{
	return pcsc_card_properties(name, cancel, out);
}
