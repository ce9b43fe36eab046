/* registry: the applets of the card, in the order in which SELECT by AID looks for them */
#include "card-emu/core/internal.h"

static const struct applet {
	const struct app *app;
	bool release; /* left out of a card that was started without the key release */
} applets[] = {
#if __has_include("card-emu/apps/isdr/isdr.c")
	{&app_isdr, false},
#endif
#if __has_include("card-emu/apps/kra.c") && __has_include("card-emu/profile/install.c")
	{&app_kra, true},
#endif
	{NULL, false},
};

const struct app *applet_at(struct card *card, unsigned i)
{
	for (const struct applet *a = applets; a->app; a++) {
		if (a->release && card->options.no_kra)
			continue;
		if (i-- == 0)
			return a->app;
	}
	return NULL;
}

/* TS 31.102 and TS 31.103 annex: the beginning of their AIDs */
const struct app *app_of_adf(struct slice aid)
{
	static const uint8_t isim[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04};

	return slice_starts(aid, SLICE_OF(isim)) ? &app_isim : &app_usim;
}

bool app_is_adf(const struct app *app)
{
	return app == &app_usim || app == &app_isim;
}
