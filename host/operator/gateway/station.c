#include "host/operator/gateway/station.h"

#include <stdlib.h>
#include <string.h>

struct station *station_find(struct stations *s, const uint8_t mac[static HOSTAPD_MAC_LEN])
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->all[i].mac, mac, sizeof(s->all[i].mac)) == 0)
			return &s->all[i];
	return NULL;
}

const struct station *station_at(const struct stations *s, uint32_t address)
{
	for (size_t i = 0; address && i < s->count; i++)
		if (s->all[i].address == address && s->all[i].access != ACCESS_NONE)
			return &s->all[i];
	return NULL;
}

enum err station_take(struct stations *s, const uint8_t mac[static HOSTAPD_MAC_LEN],
		      struct station **out)
{
	struct station *st = station_find(s, mac);

	if (!s->all)
		s->all = calloc(STATIONS_MAX, sizeof(*s->all));
	if (!s->all)
		return ERR_MEMORY;
	if (!st) {
		if (s->count == STATIONS_MAX)
			return ERR_FULL;
		st = &s->all[s->count++];
		*st = (struct station){0};
		memcpy(st->mac, mac, sizeof(st->mac));
	}
	*out = st;
	return ERR_OK;
}

void stations_sweep(struct stations *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		if (!s->all[i].left)
			s->all[kept++] = s->all[i];
	s->count = kept;
}

void stations_free(struct stations *s)
{
	free(s->all);
	*s = (struct stations){0};
}
