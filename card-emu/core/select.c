#include "card-emu/core/select.h"

#include <string.h>

#include "lib/uicc/fid.h"
#include "card-emu/core/channel.h"
#include "card-emu/core/state.h"
#include "card-emu/fs/adf.h"
#include "card-emu/fs/fcp.h"
#include "card-emu/fs/selection.h"
#include "card-emu/fs/pins.h"
#include "lib/base/tlv.h"

#define AID_MAX 16

enum occurrence { FIRST_OCCURRENCE, LAST_OCCURRENCE, NEXT_OCCURRENCE, PREVIOUS_OCCURRENCE };

/* The answer to a SELECT of this place: its FCP, if it is wanted. */
static uint16_t answer_fcp(struct app_call *call, const struct selection *p)
{
	bool ef = *p->ef;

	if ((call->apdu.p2 & SELECT_RETURN_MASK) != SELECT_RETURN_NONE &&
	    fcp_put(call->fs, ef ? p->ef : p->df, &p->file, call->out))
		return SW_TECHNICAL;
	return ef && p->file.lcsi == UICC_LCSI_DEACTIVATED ? SW_FILE_DEACTIVATED : SW_OK;
}

static uint16_t select_file(struct app_call *call, const struct selection *p)
{
	uint16_t sw = answer_fcp(call, p);

	if (sw != SW_TECHNICAL)
		channel_enter(call->card, call->channel, p);
	return sw;
}

/* What an AID can name: an applet, or an ADF of the profile. */
struct application {
	const struct app *app;
	char adf[FS_PATH_MAX];
};

/* SELECT by AID walks over all of them, applets first, then the ADFs by their identifiers. */
struct aid_search {
	const struct app_table *table;
	struct slice aid; /* may be the beginning of one */
	enum occurrence which;
	const struct channel *ch;
	bool passed; /* the application that is current on ch */
	bool found;
	struct application hit;
};

static void look_at(struct aid_search *s, struct slice aid, const struct application *a)
{
	bool current = s->ch->app == a->app && strcmp(s->ch->at.adf, a->adf) == 0;
	bool matches = slice_starts(aid, s->aid), take = false;

	switch (s->which) {
	case FIRST_OCCURRENCE: take = !s->found; break;
	case LAST_OCCURRENCE: take = true; break;
	case NEXT_OCCURRENCE: take = s->passed && !s->found; break;
	case PREVIOUS_OCCURRENCE: take = !s->passed && !current; break;
	}
	s->passed = s->passed || current;
	if (!matches || !take)
		return;
	s->hit = *a;
	s->found = true;
}

/* ADFs are looked at behind the applets. */
static bool look_at_adf(void *ctx, const char *path, struct slice aid)
{
	struct aid_search *s = ctx;
	struct application a = {.app = s->table->of_adf(aid)};

	memcpy(a.adf, path, strlen(path) + 1);
	look_at(s, aid, &a);
	return true;
}

/* TS 102 221 11.1.1.2: next and previous are those of the current application, if there is one. */
static bool find_application(struct app_call *call, struct application *out)
{
	struct card *card = call->card;
	struct aid_search s = {.table = card->table,
			       .aid = call->apdu.data,
			       .which = call->apdu.p2 & SELECT_OCCURRENCE_MASK,
			       .ch = call->channel};

	s.passed = s.which == NEXT_OCCURRENCE && !call->channel->app;
	for (const struct app *const *app = card->table->applets; *app; app++)
		look_at(&s, (*app)->aid(card), &(struct application){.app = *app});
	adf_each(call->fs, look_at_adf, &s);
	*out = s.hit;
	return s.found;
}

static bool active_elsewhere(const struct card *card, const struct channel *ch)
{
	for (size_t i = 0; i < CARD_CHANNELS; i++) {
		const struct channel *other = &card->channels[i];

		if (other != ch && other->open && strcmp(other->at.adf, ch->at.adf) == 0)
			return true;
	}
	return false;
}

/* TS 102 221 9.4: what was verified for the application is not any more; the universal PIN is of
 * no application. */
static void forget_pins(struct fs_session *fs, const struct selection *adf)
{
	struct cursor c = cursor_of(adf->file.pin_status);
	char df[FS_PATH_MAX];
	struct tlv t;

	while (tlv_next(&c, &t)) {
		uint8_t ref = slice_at(t.value, 0);

		if (t.tag == UICC_PS_KEY_REFERENCE && ref != PIN_UNIVERSAL &&
		    pin_home(fs->store, fs->profile, adf->df, ref, df))
			session_set_verified(fs, df, ref, false);
	}
}

/* TS 102 221 8.5: the session of the current application ends; the MF is current again. */
static uint16_t terminate(struct app_call *call, const struct application *a)
{
	struct card *card = call->card;
	struct channel *ch = call->channel;
	struct selection adf;
	bool open = ch->open;
	uint16_t sw = SW_OK;

	if (ch->app != a->app || strcmp(ch->at.adf, a->adf) != 0)
		return SW_CONDITIONS;
	if (*a->adf) {
		if (!selection_of(call->fs, a->adf, a->adf, &adf))
			return SW_TECHNICAL;
		sw = answer_fcp(call, &adf);
		if (sw == SW_OK && !active_elsewhere(card, ch))
			forget_pins(call->fs, &adf);
	}
	if (sw == SW_OK) {
		channel_reset(card, ch);
		ch->open = open;
	}
	return sw;
}

/* An applet's FCI is its own; whether it is wanted, P2 says as for files. */
static uint16_t select_applet(struct app_call *call, const struct app *app)
{
	struct channel *ch = call->channel;
	uint16_t sw = app->select(call);

	if (sw != SW_OK)
		return sw;
	channel_reset(call->card, ch);
	ch->open = true;
	ch->app = app;
	if ((call->apdu.p2 & SELECT_RETURN_MASK) == SELECT_RETURN_NONE)
		wbuf_cut(call->out, 0);
	return SW_OK;
}

static uint16_t select_adf(struct app_call *call, const struct application *a)
{
	struct channel *ch = call->channel;
	struct selection p;
	uint16_t sw;

	if (!selection_of(call->fs, a->adf, a->adf, &p))
		return SW_TECHNICAL;
	sw = answer_fcp(call, &p);
	if (sw != SW_OK)
		return sw;
	channel_leave_app(call->card, ch);
	channel_enter(call->card, ch, &p);
	memcpy(ch->at.adf, a->adf, sizeof(ch->at.adf));
	ch->app = a->app;
	return SW_OK;
}

static uint16_t select_by_aid(struct app_call *call)
{
	uint8_t session = call->apdu.p2 & SELECT_SESSION_MASK;
	struct application a;

	if (session != SELECT_ACTIVATE && session != SELECT_TERMINATE)
		return SW_WRONG_P1P2;
	if (call->apdu.data.len > AID_MAX)
		return SW_WRONG_LENGTH;
	if (!find_application(call, &a))
		return SW_FILE_NOT_FOUND;
	if (session == SELECT_TERMINATE)
		return terminate(call, &a);
	return *a.adf ? select_adf(call, &a) : select_applet(call, a.app);
}

static uint16_t select_by_fid(struct app_call *call)
{
	struct cursor c = cursor_of(call->apdu.data);
	struct selection p;
	uint16_t fid = FID_MF;

	if (call->apdu.data.len == 0) { /* 11.1.1.2: the MF, and no data can be asked for */
		if (call->apdu.p2 != SELECT_RETURN_NONE)
			return SW_WRONG_P1P2;
	} else if (call->apdu.data.len != 2) {
		return SW_WRONG_LENGTH;
	} else {
		fid = cursor_u16(&c);
	}
	if (!selection_find(call->fs, call->at, &tree_uicc, fid, &p))
		return SW_FILE_NOT_FOUND;
	return select_file(call, &p);
}

static uint16_t select_child_df(struct app_call *call)
{
	struct cursor c = cursor_of(call->apdu.data);
	const struct channel *ch = call->channel;
	char path[FS_PATH_MAX];
	struct selection p;

	if (call->apdu.data.len != 2)
		return SW_WRONG_LENGTH;
	if (!tree_uicc.child(call->fs, ch->at.df, cursor_u16(&c), path) ||
	    !selection_of(call->fs, ch->at.df, path, &p) || *p.ef)
		return SW_FILE_NOT_FOUND;
	return select_file(call, &p);
}

static uint16_t select_parent(struct app_call *call)
{
	char path[FS_PATH_MAX];
	struct selection p;

	if (call->apdu.data.len)
		return SW_WRONG_LENGTH;
	if (!tree_uicc.parent(call->fs, call->at->df, path) ||
	    !selection_of(call->fs, path, path, &p))
		return SW_FILE_NOT_FOUND;
	return select_file(call, &p);
}

static uint16_t select_by_path(struct app_call *call, const char *from)
{
	struct selection p;
	uint16_t sw = selection_walk(call->fs, call->at, from, call->apdu.data, &p);

	return sw == SW_OK ? select_file(call, &p) : sw;
}

/* TS 102 221 11.1.1. Whatever fails changes nothing. */
uint16_t select_command(struct app_call *call)
{
	uint8_t p2 = call->apdu.p2;
	bool by_aid = call->apdu.p1 == SELECT_AID;

	/* under T=0 P3 is Lc, unless P1 says that no data belong to the command */
	if (!response_is_whole(&call->card->response, &call->apdu) && !call->apdu.data.len &&
	    call->apdu.p3 && call->apdu.p1 != SELECT_PARENT)
		return SW_WRONG_LENGTH;
	if (p2 & SELECT_RFU_MASK || (p2 & SELECT_RETURN_MASK) == SELECT_RETURN_RFU ||
	    (!by_aid && p2 & (SELECT_SESSION_MASK | SELECT_OCCURRENCE_MASK)))
		return SW_WRONG_P1P2;
	switch (call->apdu.p1) {
	case SELECT_FID: return select_by_fid(call);
	case SELECT_CHILD: return select_child_df(call);
	case SELECT_PARENT: return select_parent(call);
	case SELECT_AID: return select_by_aid(call);
	case SELECT_PATH_MF: return select_by_path(call, FS_PATH_MF);
	case SELECT_PATH_DF: return select_by_path(call, call->at->df);
	default: return SW_WRONG_P1P2;
	}
}

/* TS 102 221 11.1.2 */
uint16_t status_command(struct app_call *call)
{
	const struct apdu *a = &call->apdu;
	struct channel *ch = call->channel;
	struct fs_file f;

	if (a->p1 > 2)
		return SW_WRONG_P1P2;
	switch (a->p2) {
	case 0x00:
		if (fs_load(call->fs->store, call->fs->profile, ch->at.df, &f) ||
		    fcp_put(call->fs, ch->at.df, &f, call->out))
			return SW_TECHNICAL;
		return SW_OK;
	case 0x01:
		if (app_is_applet(ch->app)) {
			tlv_put(call->out, UICC_FCP_DF_NAME, ch->app->aid(call->card));
			return SW_OK;
		}
		if (!*ch->at.adf || fs_load(call->fs->store, call->fs->profile, ch->at.adf, &f))
			return SW_CONDITIONS;
		tlv_put(call->out, UICC_FCP_DF_NAME, f.aid);
		return SW_OK;
	case 0x0C: return SW_OK;
	default: return SW_WRONG_P1P2;
	}
}
