/* registry: what a card is put together from, and its opening */
#include "card-emu/apps/gsm.h"
#include "card-emu/apps/isdr/isdr.h"
#include "card-emu/apps/isim.h"
#include "card-emu/apps/kra.h"
#include "card-emu/apps/usim.h"
#include "card-emu/core/card.h"
#include "card-emu/fs/files.h"
#include "card-emu/fs/pin.h"
#include "lib/uicc/aid.h"

/* TS 31.102 and TS 31.103 annex: the beginning of their AIDs */
static const struct app *of_adf(struct slice aid)
{
	return slice_starts(aid, aid_of(AID_ISIM)) ? &app_isim : &app_usim;
}

static const struct app *const all[] = {&app_isdr, &app_kra, NULL};
static const struct app *const without_release[] = {&app_isdr, NULL};
static const struct app *const files[] = {&app_files, &app_pins, NULL};

static const struct app_table whole = {all, of_adf, files, &app_gsm};
static const struct app_table no_kra = {without_release, of_adf, files, &app_gsm};

enum err card_open(const struct card_options *o, struct card **out)
{
	return card_open_with(o, o->no_kra ? &no_kra : &whole, out);
}
