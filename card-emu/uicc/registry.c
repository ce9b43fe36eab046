/* registry: the applets of the card, in the order in which SELECT by AID looks for them */
#include "card-emu/uicc/internal.h"

static const struct applet {
	const struct app *app;
	bool release; /* left out of a card that was started without the key release */
} applets[] = {
#if __has_include("card-emu/apps/isdr.c")
	{&app_isdr, false},
#endif
#if __has_include("card-emu/apps/kra.c") && __has_include("card-emu/uicc/install.c")
	{&app_kra, true},
#endif
	{NULL, false},
};

const struct app *applet_find(struct card *card, struct slice aid)
{
	for (const struct applet *a = applets; a->app; a++) {
		if (a->release && card->options.no_kra)
			continue;
		if (slice_starts(a->app->aid(card), aid))
			return a->app;
	}
	return NULL;
}
