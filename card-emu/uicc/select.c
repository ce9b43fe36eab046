#include "card-emu/uicc/internal.h"

#include <stdio.h>
#include <string.h>

#include "lib/tlv.h"

#define FID_CURRENT_ADF 0x7FFF
#define AID_PARTIAL_MIN 5
#define PATH_MF		"3F00"
#define TAG_DF_NAME	0x84

/* TS 102 221 11.1.1.4.10 */
#define TAG_PIN_STATUS_DO 0x90
#define TAG_KEY_REFERENCE 0x83

/* TS 102 221 table 11.2: SELECT P1; table 11.2a: P2 */
enum select_p1 {
	SELECT_FID = 0x00,
	SELECT_AID = 0x04,
	SELECT_PATH_MF = 0x08,
	SELECT_PATH_DF = 0x09,
};
enum select_p2 {
	SELECT_RETURN_MASK = 0x0C,
	SELECT_RETURN_NONE = 0x0C,
	SELECT_OCCURRENCE_MASK = 0x03,
	SELECT_FIRST = 0x00,
	SELECT_NEXT = 0x02,
	SELECT_RFU_MASK = 0x90,
};

void channel_reset(struct card *card, struct channel *ch)
{
	unsigned number = ch->number;

	if (ch->app && ch->app->deselect)
		ch->app->deselect(card, ch);
	*ch = (struct channel){.number = number};
	memcpy(ch->df, PATH_MF, sizeof(PATH_MF));
}

static bool parent_of(const char *path, char out[static FS_PATH_MAX])
{
	size_t len = strlen(path);

	if (len < 8)
		return false;
	memcpy(out, path, len - 4);
	out[len - 4] = 0;
	return true;
}

static bool there(struct card *card, const char *path)
{
	struct fs_file f;

	return fs_load(card->store, card->profile, path, &f) == ERR_OK;
}

/* TS 102 221 8.4.2: MF, children of the current DF, the DF itself, its parent, the parent's
 * children */
enum err select_find(struct card *card, const struct channel *ch, uint16_t fid,
		     char out[static FS_PATH_MAX])
{
	char fid_text[5], parent[FS_PATH_MAX];

	snprintf(fid_text, sizeof(fid_text), "%04X", fid);
	if (fid == FS_FID_MF) {
		memcpy(out, PATH_MF, sizeof(PATH_MF));
		return there(card, out) ? ERR_OK : ERR_NOT_FOUND;
	}
	if (fid == FID_CURRENT_ADF) {
		memcpy(out, ch->adf, sizeof(ch->adf));
		return *ch->adf ? ERR_OK : ERR_NOT_FOUND;
	}
	if (fs_path_join(ch->df, fid, out) == ERR_OK && there(card, out))
		return ERR_OK;
	if (strcmp(ch->df + strlen(ch->df) - 4, fid_text) == 0) {
		memcpy(out, ch->df, sizeof(ch->df));
		return ERR_OK;
	}
	if (!parent_of(ch->df, parent))
		return ERR_NOT_FOUND;
	if (strcmp(parent + strlen(parent) - 4, fid_text) == 0) {
		memcpy(out, parent, sizeof(parent));
		return ERR_OK;
	}
	return fs_path_join(parent, fid, out) == ERR_OK && there(card, out) ? ERR_OK
									    : ERR_NOT_FOUND;
}

static void leave_app(struct card *card, struct channel *ch)
{
	if (ch->app && ch->app->deselect)
		ch->app->deselect(card, ch);
	ch->app = NULL;
}

enum err select_path(struct card *card, struct channel *ch, const char *path)
{
	struct fs_file f;
	enum err e = fs_load(card->store, card->profile, path, &f);

	if (e)
		return e;
	ch->record = 0;
	if (f.kind == FS_DF) {
		memcpy(ch->df, path, strlen(path) + 1);
		ch->ef[0] = 0;
	} else {
		memcpy(ch->ef, path, strlen(path) + 1);
		if (!parent_of(path, ch->df))
			return ERR_CORRUPT;
	}
	return ERR_OK;
}

/*
 * TS 102 221 9.5.2: which of the PINs that the DF names are enabled now; bit 8 of PS for the first
 * key reference, and so on.
 */
static void put_pin_status(struct card *card, const char *path, struct slice named,
			   struct wbuf *out)
{
	struct cursor c = cursor_of(named);
	uint8_t status = 0, bit = 0x80;
	char df[FS_PATH_MAX];
	struct pin_record pin;
	struct tlv t;

	while (tlv_next(&c, &t)) {
		if (t.tag != TAG_KEY_REFERENCE)
			continue;
		if (pin_home(card->store, card->profile, path, slice_at(t.value, 0), df) &&
		    pin_load_in(card->store, card->profile, df, slice_at(t.value, 0), &pin) ==
			    ERR_OK) {
			status |= pin.enabled ? bit : 0;
			secret_wipe(&pin, sizeof(pin));
		}
		bit >>= 1;
	}
	tlv_put(out, TAG_PIN_STATUS_DO, slice_make(&status, 1));
	c = cursor_of(named);
	while (tlv_next(&c, &t)) {
		if (t.tag != TAG_PIN_STATUS_DO)
			wbuf_put(out, t.raw);
	}
}

static enum err put_fcp(struct card *card, const char *path, const struct fs_file *stored,
			struct wbuf *out)
{
	struct fs_file f = *stored;
	uint8_t mem[64];
	struct wbuf status = wbuf_init(mem, sizeof(mem));

	if (f.pin_status.len) {
		put_pin_status(card, path, f.pin_status, &status);
		f.pin_status = wbuf_slice(&status);
	}
	return fs_put_fcp(&f, out);
}

static uint16_t answer_fcp(struct app_call *call, const char *path)
{
	struct fs_file f;

	if (fs_load(call->card->store, call->card->profile, path, &f))
		return SW_FILE_NOT_FOUND;
	if ((call->apdu.p2 & SELECT_RETURN_MASK) != SELECT_RETURN_NONE &&
	    put_fcp(call->card, path, &f, call->out))
		return SW_TECHNICAL;
	return f.kind != FS_DF && f.lcsi == 0x04 ? SW_FILE_DEACTIVATED : SW_OK;
}

static uint16_t select_file(struct app_call *call, const char *path)
{
	struct channel *ch = call->channel;

	if (select_path(call->card, ch, path))
		return SW_FILE_NOT_FOUND;
	if (!app_is_adf(ch->app)) /* an ADF stays active (TS 102 221 8.5), an applet does not */
		leave_app(call->card, ch);
	return answer_fcp(call, path);
}

static uint16_t select_by_path(struct app_call *call, const char *start)
{
	struct cursor c = cursor_of(call->apdu.data);
	char path[FS_PATH_MAX], next[FS_PATH_MAX];

	if (call->apdu.data.len == 0 || call->apdu.data.len % 2)
		return SW_WRONG_LENGTH;
	memcpy(path, start, strlen(start) + 1);
	for (bool first = true; cursor_left(&c); first = false) {
		uint16_t fid = cursor_u16(&c);

		if (first && fid == FID_CURRENT_ADF) {
			if (!*call->channel->adf)
				return SW_FILE_NOT_FOUND;
			memcpy(path, call->channel->adf, sizeof(path));
			continue;
		}
		if (first && fid == FS_FID_MF && strcmp(start, PATH_MF) == 0)
			continue;
		if (fs_path_join(path, fid, next) || !there(call->card, next))
			return SW_FILE_NOT_FOUND;
		memcpy(path, next, sizeof(path));
	}
	return select_file(call, path);
}

struct adf_search {
	struct slice aid; /* may be the beginning of one */
	unsigned skip;	  /* matches to pass over */
	char path[FS_PATH_MAX];
	bool found;
};

/* ADFs are the files whose path is one FID and that have an AID. */
static bool look_at_adf(void *ctx, const char *key, struct slice value)
{
	struct adf_search *s = ctx;
	const char *path = strrchr(key, '/') + 1;
	struct fs_file f;

	if (strlen(path) != 4 || fs_decode(value, &f) || !f.aid.len || !slice_starts(f.aid, s->aid))
		return true;
	if (s->skip) {
		s->skip--;
		return true;
	}
	memcpy(s->path, path, 5);
	s->found = true;
	return false;
}

bool select_find_adf(struct card *card, struct slice aid, unsigned skip,
		     char out[static FS_PATH_MAX])
{
	struct adf_search search = {.aid = aid, .skip = skip};
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES, card->profile);
	store_each(card->store, prefix, look_at_adf, &search);
	memcpy(out, search.path, sizeof(search.path));
	return search.found;
}

/* An applet's FCI is its own; whether it is wanted, P2 says as for files. */
static uint16_t select_applet(struct app_call *call, const struct app *app)
{
	struct channel *ch = call->channel;
	uint16_t sw;

	channel_reset(call->card, ch);
	ch->open = true;
	ch->app = app;
	sw = app->select(call);
	if ((call->apdu.p2 & SELECT_RETURN_MASK) == SELECT_RETURN_NONE)
		wbuf_cut(call->out, 0);
	return sw;
}

static uint16_t select_by_aid(struct app_call *call)
{
	struct card *card = call->card;
	struct channel *ch = call->channel;
	struct slice aid = call->apdu.data;
	unsigned occurrence = call->apdu.p2 & SELECT_OCCURRENCE_MASK;
	char adf[FS_PATH_MAX];
	const struct app *app;
	struct fs_file f;

	if (aid.len > 16)
		return SW_WRONG_LENGTH;
	if (aid.len < AID_PARTIAL_MIN)
		return SW_FILE_NOT_FOUND;
	if (occurrence != SELECT_FIRST && occurrence != SELECT_NEXT)
		return SW_WRONG_P1P2;
	app = occurrence == SELECT_FIRST ? applet_find(card, aid) : NULL;
	if (app)
		return select_applet(call, app);
	if (!select_find_adf(card, aid, occurrence == SELECT_NEXT ? 1 : 0, adf))
		return SW_FILE_NOT_FOUND;
	leave_app(card, ch);
	if (select_path(card, ch, adf))
		return SW_TECHNICAL;
	memcpy(ch->adf, adf, sizeof(ch->adf));
	ch->app = fs_load(card->store, card->profile, adf, &f) ? &app_usim : app_of_adf(f.aid);
	return answer_fcp(call, ch->df);
}

/* TS 102 221 11.1.1 */
uint16_t select_command(struct app_call *call)
{
	const struct apdu *a = &call->apdu;
	char path[FS_PATH_MAX];
	struct cursor c = cursor_of(a->data);

	if (a->p2 & SELECT_RFU_MASK || (a->p2 & SELECT_RETURN_MASK) == 0x08)
		return SW_WRONG_P1P2;
	switch (a->p1) {
	case SELECT_FID:
		if (a->data.len != 2)
			return SW_WRONG_LENGTH;
		if (select_find(call->card, call->channel, cursor_u16(&c), path))
			return SW_FILE_NOT_FOUND;
		return select_file(call, path);
	case SELECT_AID: return select_by_aid(call);
	case SELECT_PATH_MF: return select_by_path(call, PATH_MF);
	case SELECT_PATH_DF: return select_by_path(call, call->channel->df);
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
		if (fs_load(call->card->store, call->card->profile, ch->df, &f) ||
		    put_fcp(call->card, ch->df, &f, call->out))
			return SW_TECHNICAL;
		return SW_OK;
	case 0x01:
		if (ch->app && !app_is_adf(ch->app)) {
			tlv_put(call->out, TAG_DF_NAME, ch->app->aid(call->card));
			return SW_OK;
		}
		if (!*ch->adf || fs_load(call->card->store, call->card->profile, ch->adf, &f))
			return SW_CONDITIONS;
		tlv_put(call->out, TAG_DF_NAME, f.aid);
		return SW_OK;
	case 0x0C: return SW_OK;
	default: return SW_WRONG_P1P2;
	}
}
