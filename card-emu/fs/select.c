#include "card-emu/core/internal.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"

#define FID_CURRENT_ADF 0x7FFF
#define FID_LEN		4 /* digits in a path */
#define AID_MAX		16
#define PATH_MF		"3F00"
#define TAG_DF_NAME	0x84

/* TS 102 221 11.1.1.4.10 */
#define TAG_PIN_STATUS_DO     0x90
#define TAG_KEY_REFERENCE     0x83
#define TAG_USAGE_QUALIFIER   0x95
#define USED_FOR_VERIFICATION 0x08
#define KEY_UNIVERSAL	      0x11

enum occurrence { FIRST_OCCURRENCE, LAST_OCCURRENCE, NEXT_OCCURRENCE, PREVIOUS_OCCURRENCE };

void channel_reset(struct card *card, struct channel *ch)
{
	unsigned number = ch->number;

	if (ch->app && ch->app->deselect)
		ch->app->deselect(card, ch);
	transfer_end(ch);
	*ch = (struct channel){.number = number};
	memcpy(ch->df, PATH_MF, sizeof(PATH_MF));
}

static void leave_app(struct card *card, struct channel *ch)
{
	if (ch->app && ch->app->deselect)
		ch->app->deselect(card, ch);
	ch->app = NULL;
}

void channel_go(struct card *card, struct channel *ch, const struct place *to)
{
	if (!app_is_adf(ch->app)) /* an ADF stays active (TS 102 221 8.5), an applet does not */
		leave_app(card, ch);
	transfer_end(ch);
	memcpy(ch->df, to->df, sizeof(ch->df));
	memcpy(ch->ef, to->ef, sizeof(ch->ef));
	ch->record = to->record;
}

bool channel_in_adf(const struct channel *ch)
{
	return *ch->adf && strncmp(ch->df, ch->adf, strlen(ch->adf)) == 0;
}

static bool is_adf(const char *path)
{
	return strlen(path) == FID_LEN && strcmp(path, PATH_MF) != 0;
}

bool path_parent(const char *path, char out[static FS_PATH_MAX])
{
	size_t len = strlen(path);

	if (is_adf(path)) { /* TS 102 221 8.2: ADFs lie under the MF */
		memcpy(out, PATH_MF, sizeof(PATH_MF));
		return true;
	}
	if (len < 2 * FID_LEN)
		return false;
	memcpy(out, path, len - FID_LEN);
	out[len - FID_LEN] = 0;
	return true;
}

bool select_exists(struct card *card, const char *path)
{
	struct fs_file f;

	return fs_load(card->store, card->profile, path, &f) == ERR_OK;
}

bool select_place(struct card *card, const char *df, const char *path, struct place *out)
{
	struct place p = {0};
	bool dir;

	if (fs_load(card->store, card->profile, path, &p.file))
		return false;
	dir = p.file.kind == FS_DF;
	if (slice_text(slice_str(dir ? path : df), p.df, sizeof(p.df)) ||
	    slice_text(slice_str(dir ? "" : path), p.ef, sizeof(p.ef)))
		return false;
	/* 11.1.1.1: undefined in a linear EF, at the record that was updated last in a cyclic one
	 */
	p.record = p.file.kind == FS_CYCLIC;
	*out = p;
	return true;
}

static bool uicc_child(struct card *card, const char *df, uint16_t fid,
		       char out[static FS_PATH_MAX])
{
	return fs_path_join(df, fid, out) == ERR_OK && select_exists(card, out);
}

static bool uicc_parent(struct card *card, const char *df, char out[static FS_PATH_MAX])
{
	(void)card;
	return path_parent(df, out);
}

/* TS 102 221 8.4.1: of the ADFs only that of the current application has an identifier, 7FFF. */
static uint16_t uicc_fid(struct card *card, const struct channel *ch, const char *df)
{
	uint8_t octets[2];
	struct cursor fid = cursor_of(SLICE_OF(octets));

	(void)card;
	if (is_adf(df))
		return strcmp(df, ch->adf) == 0 ? FID_CURRENT_ADF : 0;
	if (hex_decode_exact(df + strlen(df) - FID_LEN, octets, sizeof(octets)))
		return 0;
	return cursor_u16(&fid);
}

const struct tree_view tree_uicc = {uicc_child, uicc_parent, uicc_fid};

/* What a SELECT by FID starts from. */
struct seeking {
	struct card *card;
	const struct channel *ch;
	const struct tree_view *view;
	uint16_t fid;
};

static bool is_named(const struct seeking *s, const char *df)
{
	return s->fid && s->view->fid(s->card, s->ch, df) == s->fid;
}

static bool find_mf(const struct seeking *s, struct place *out)
{
	return is_named(s, PATH_MF) && select_place(s->card, PATH_MF, PATH_MF, out);
}

static bool find_adf(const struct seeking *s, struct place *out)
{
	return *s->ch->adf && is_named(s, s->ch->adf) &&
	       select_place(s->card, s->ch->adf, s->ch->adf, out);
}

static bool find_child(const struct seeking *s, struct place *out)
{
	char path[FS_PATH_MAX];

	return s->view->child(s->card, s->ch->df, s->fid, path) &&
	       select_place(s->card, s->ch->df, path, out);
}

static bool find_self(const struct seeking *s, struct place *out)
{
	return is_named(s, s->ch->df) && select_place(s->card, s->ch->df, s->ch->df, out);
}

static bool find_parent(const struct seeking *s, struct place *out)
{
	char parent[FS_PATH_MAX];

	return s->view->parent(s->card, s->ch->df, parent) && is_named(s, parent) &&
	       select_place(s->card, parent, parent, out);
}

/* A DF beside the current one; an EF there is out of reach. */
static bool find_sibling(const struct seeking *s, struct place *out)
{
	char parent[FS_PATH_MAX], path[FS_PATH_MAX];
	struct place p;

	if (!s->view->parent(s->card, s->ch->df, parent) ||
	    !s->view->child(s->card, parent, s->fid, path) ||
	    !select_place(s->card, parent, path, &p) || *p.ef)
		return false;
	*out = p;
	return true;
}

/*
 * What a FID may name, TS 102 221 8.4.1 and TS 51.011 6.5, in the order of 11.1.1.2. Nothing else
 * can be selected by one.
 */
static const struct {
	const char *what;
	bool (*find)(const struct seeking *s, struct place *out);
} selectable[] = {
	{"the MF", find_mf},
	{"the ADF of the current application", find_adf},
	{"a child of the current directory", find_child},
	{"the current directory", find_self},
	{"its parent", find_parent},
	{"a DF that has the same parent", find_sibling},
};

bool select_find(struct card *card, const struct channel *ch, const struct tree_view *view,
		 uint16_t fid, struct place *out)
{
	const struct seeking s = {card, ch, view, fid};

	for (size_t i = 0; i < ARRAY_LEN(selectable); i++) {
		if (selectable[i].find(&s, out))
			return true;
	}
	return false;
}

static bool universal_is_next(struct cursor c)
{
	struct tlv t;

	return tlv_next(&c, &t) && t.tag == TAG_KEY_REFERENCE &&
	       slice_at(t.value, 0) == KEY_UNIVERSAL;
}

/*
 * TS 102 221 9.5.2: which of the PINs that the DF names are enabled now; bit 8 of PS for the first
 * key reference, and so on. The universal PIN is used when it takes the place of another.
 */
static void put_pin_status(struct card *card, const char *path, struct slice named,
			   struct wbuf *out)
{
	struct cursor c = cursor_of(named);
	uint8_t status = 0, bit = 0x80;
	bool replaced = false;
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
			replaced = replaced || (!pin.enabled && pin.alternative == KEY_UNIVERSAL);
			secret_wipe(&pin, sizeof(pin));
		}
		bit >>= 1;
	}
	tlv_put(out, TAG_PIN_STATUS_DO, slice_make(&status, 1));
	c = cursor_of(named);
	while (tlv_next(&c, &t)) {
		if (t.tag == TAG_USAGE_QUALIFIER && replaced && universal_is_next(c))
			tlv_put_uint(out, TAG_USAGE_QUALIFIER, USED_FOR_VERIFICATION);
		else if (t.tag != TAG_PIN_STATUS_DO)
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

/* The answer to a SELECT of this place: its FCP, if it is wanted. */
static uint16_t answer_fcp(struct app_call *call, const struct place *p)
{
	bool ef = *p->ef;

	if ((call->apdu.p2 & SELECT_RETURN_MASK) != SELECT_RETURN_NONE &&
	    put_fcp(call->card, ef ? p->ef : p->df, &p->file, call->out))
		return SW_TECHNICAL;
	return ef && p->file.lcsi == FS_DEACTIVATED ? SW_FILE_DEACTIVATED : SW_OK;
}

static uint16_t select_file(struct app_call *call, const struct place *p)
{
	uint16_t sw = answer_fcp(call, p);

	if (sw != SW_TECHNICAL)
		channel_go(call->card, call->channel, p);
	return sw;
}

uint16_t select_walk(struct app_call *call, const char *from, struct place *out)
{
	struct cursor c = cursor_of(call->apdu.data);
	const struct channel *ch = call->channel;
	char path[FS_PATH_MAX], dir[FS_PATH_MAX];

	if (call->apdu.data.len == 0 || call->apdu.data.len % 2)
		return SW_WRONG_LENGTH;
	memcpy(path, from, strlen(from) + 1);
	memcpy(dir, path, sizeof(dir));
	for (bool first = true; cursor_left(&c); first = false) {
		uint16_t fid = cursor_u16(&c);

		if (first && fid == FID_CURRENT_ADF) {
			if (!*ch->adf)
				return SW_FILE_NOT_FOUND;
			memcpy(path, ch->adf, sizeof(path));
			continue;
		}
		if (first && fid == FS_FID_MF && strcmp(from, PATH_MF) == 0)
			continue;
		memcpy(dir, path, sizeof(dir));
		if (!tree_uicc.child(call->card, dir, fid, path))
			return SW_FILE_NOT_FOUND;
	}
	return select_place(call->card, dir, path, out) ? SW_OK : SW_FILE_NOT_FOUND;
}

/* What an AID can name: an applet, or an ADF of the profile. */
struct application {
	const struct app *app;
	char adf[FS_PATH_MAX];
};

/* SELECT by AID walks over all of them, applets first, then the ADFs by their identifiers. */
struct aid_search {
	struct slice aid; /* may be the beginning of one */
	enum occurrence which;
	const struct channel *ch;
	bool passed; /* the application that is current on ch */
	bool found;
	struct application hit;
};

static void look_at(struct aid_search *s, struct slice aid, const struct application *a)
{
	bool current = s->ch->app == a->app && strcmp(s->ch->adf, a->adf) == 0;
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

/* ADFs are the files whose path is one FID and that have an AID. */
static bool look_at_adf(void *ctx, const char *key, struct slice value)
{
	const char *path = strrchr(key, '/') + 1;
	struct application a = {0};
	struct fs_file f;

	if (strlen(path) != FID_LEN || fs_decode(value, &f) || !f.aid.len)
		return true;
	a.app = app_of_adf(f.aid);
	memcpy(a.adf, path, FID_LEN + 1);
	look_at(ctx, f.aid, &a);
	return true;
}

static void look_at_adfs(struct card *card, struct aid_search *s)
{
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES, card->profile);
	store_each(card->store, prefix, look_at_adf, s);
}

/* TS 102 221 11.1.1.2: next and previous are those of the current application, if there is one. */
static bool find_application(struct app_call *call, struct application *out)
{
	struct card *card = call->card;
	struct aid_search s = {.aid = call->apdu.data,
			       .which = call->apdu.p2 & SELECT_OCCURRENCE_MASK,
			       .ch = call->channel};
	const struct app *app;

	s.passed = s.which == NEXT_OCCURRENCE && !call->channel->app;
	for (unsigned i = 0; (app = applet_at(card, i)) != NULL; i++)
		look_at(&s, app->aid(card), &(struct application){.app = app});
	look_at_adfs(card, &s);
	*out = s.hit;
	return s.found;
}

bool select_find_adf(struct card *card, struct slice aid, char out[static FS_PATH_MAX])
{
	static const struct channel nowhere;
	struct aid_search s = {.aid = aid, .ch = &nowhere};

	look_at_adfs(card, &s);
	memcpy(out, s.hit.adf, sizeof(s.hit.adf));
	return s.found;
}

static bool active_elsewhere(const struct card *card, const struct channel *ch)
{
	for (size_t i = 0; i < CARD_CHANNELS; i++) {
		const struct channel *other = &card->channels[i];

		if (other != ch && other->open && strcmp(other->adf, ch->adf) == 0)
			return true;
	}
	return false;
}

/* TS 102 221 9.4: what was verified for the application is not any more; the universal PIN is of
 * no application. */
static void forget_pins(struct card *card, const struct place *adf)
{
	struct cursor c = cursor_of(adf->file.pin_status);
	char df[FS_PATH_MAX];
	struct tlv t;

	while (tlv_next(&c, &t)) {
		uint8_t ref = slice_at(t.value, 0);

		if (t.tag == TAG_KEY_REFERENCE && ref != KEY_UNIVERSAL &&
		    pin_home(card->store, card->profile, adf->df, ref, df))
			access_set_verified(card, df, ref, false);
	}
}

/* TS 102 221 8.5: the session of the current application ends; the MF is current again. */
static uint16_t terminate(struct app_call *call, const struct application *a)
{
	struct card *card = call->card;
	struct channel *ch = call->channel;
	struct place adf;
	bool open = ch->open;
	uint16_t sw = SW_OK;

	if (ch->app != a->app || strcmp(ch->adf, a->adf) != 0)
		return SW_CONDITIONS;
	if (*a->adf) {
		if (!select_place(card, a->adf, a->adf, &adf))
			return SW_TECHNICAL;
		sw = answer_fcp(call, &adf);
		if (sw == SW_OK && !active_elsewhere(card, ch))
			forget_pins(card, &adf);
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
	struct place p;
	uint16_t sw;

	if (!select_place(call->card, a->adf, a->adf, &p))
		return SW_TECHNICAL;
	sw = answer_fcp(call, &p);
	if (sw != SW_OK)
		return sw;
	leave_app(call->card, ch);
	channel_go(call->card, ch, &p);
	memcpy(ch->adf, a->adf, sizeof(ch->adf));
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
	struct place p;
	uint16_t fid = FS_FID_MF;

	if (call->apdu.data.len == 0) { /* 11.1.1.2: the MF, and no data can be asked for */
		if (call->apdu.p2 != SELECT_RETURN_NONE)
			return SW_WRONG_P1P2;
	} else if (call->apdu.data.len != 2) {
		return SW_WRONG_LENGTH;
	} else {
		fid = cursor_u16(&c);
	}
	if (!select_find(call->card, call->channel, &tree_uicc, fid, &p))
		return SW_FILE_NOT_FOUND;
	return select_file(call, &p);
}

static uint16_t select_child_df(struct app_call *call)
{
	struct cursor c = cursor_of(call->apdu.data);
	const struct channel *ch = call->channel;
	char path[FS_PATH_MAX];
	struct place p;

	if (call->apdu.data.len != 2)
		return SW_WRONG_LENGTH;
	if (!tree_uicc.child(call->card, ch->df, cursor_u16(&c), path) ||
	    !select_place(call->card, ch->df, path, &p) || *p.ef)
		return SW_FILE_NOT_FOUND;
	return select_file(call, &p);
}

static uint16_t select_parent(struct app_call *call)
{
	char path[FS_PATH_MAX];
	struct place p;

	if (call->apdu.data.len)
		return SW_WRONG_LENGTH;
	if (!tree_uicc.parent(call->card, call->channel->df, path) ||
	    !select_place(call->card, path, path, &p))
		return SW_FILE_NOT_FOUND;
	return select_file(call, &p);
}

static uint16_t select_by_path(struct app_call *call, const char *from)
{
	struct place p;
	uint16_t sw = select_walk(call, from, &p);

	return sw == SW_OK ? select_file(call, &p) : sw;
}

/* TS 102 221 11.1.1. Whatever fails changes nothing. */
uint16_t select_command(struct app_call *call)
{
	uint8_t p2 = call->apdu.p2;
	bool by_aid = call->apdu.p1 == SELECT_AID;

	/* P3 is Lc, unless P1 says that no data belong to the command */
	if (!call->apdu.data.len && call->apdu.p3 && call->apdu.p1 != SELECT_PARENT)
		return SW_WRONG_LENGTH;
	if (p2 & SELECT_RFU_MASK || (p2 & SELECT_RETURN_MASK) == SELECT_RETURN_RFU ||
	    (!by_aid && p2 & (SELECT_SESSION_MASK | SELECT_OCCURRENCE_MASK)))
		return SW_WRONG_P1P2;
	switch (call->apdu.p1) {
	case SELECT_FID: return select_by_fid(call);
	case SELECT_CHILD: return select_child_df(call);
	case SELECT_PARENT: return select_parent(call);
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
