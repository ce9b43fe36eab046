#include "card-emu/apps/naa.h"

#include "lib/uicc/fid.h"
#include "lib/uicc/aid.h"
#include "lib/base/bytes.h"
#include "card-emu/fs/fs.h"
#include "card-emu/fs/session.h"
#include "card-emu/fs/pins.h"
#include "card-emu/profile/release.h"
#include "card-emu/profile/subscription.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"

/* The key that was used last and its SQN, kept until anything of it changes. */
struct naa_memory {
	struct aka_key *key;
	struct sqn_array sqn;
	unsigned profile, sub;
	struct release_record active;
};

static void forget(struct card *card);

/* The owner of the memory. It is no application that could be selected. */
static const struct app naa = {.name = "network access", .reset = forget};

static struct naa_memory *memory_of(struct card *card)
{
	return card_app_memory(card, &naa, sizeof(struct naa_memory));
}

static void forget(struct card *card)
{
	struct naa_memory *m = memory_of(card);

	if (m)
		aka_key_free(&m->key);
}

static bool has_aid(const struct fs_session *fs, const char *adf, enum aid application)
{
	struct fs_file f;

	return fs_load(fs->store, fs->profile, adf, &f) == ERR_OK &&
	       slice_starts(f.aid, aid_of(application));
}

bool naa_is_usim(const struct fs_session *fs, const char *adf)
{
	return has_aid(fs, adf, AID_USIM);
}

/* The subscription of the application in this ADF; 0: it has none. */
static unsigned subscription_of(const struct fs_session *fs, const char *adf,
				const struct release_record *now)
{
	unsigned sub = subscription_of_adf(fs->store, fs->profile, adf);

	if (!sub && (naa_is_usim(fs, adf) || has_aid(fs, adf, AID_ISIM)))
		sub = SUBSCRIPTION_FIRST; /* it has no key of its own */
	return sub == SUBSCRIPTION_FIRST ? now->active : sub;
}

static uint16_t load_subscription(struct app_call *call, const char *adf, struct naa_memory **out)
{
	const struct fs_session *fs = call->fs;
	struct naa_memory *m = memory_of(call->card);
	struct release_record now;
	unsigned sub;
	enum err e;

	if (!m)
		return SW_TECHNICAL;
	*out = m;
	release_load(fs->store, fs->profile, &now);
	sub = subscription_of(fs, adf, &now);
	if (m->key && m->profile == fs->profile && m->sub == sub &&
	    m->active.active == now.active && m->active.key_id == now.key_id)
		return SW_OK;
	aka_key_free(&m->key);
	if (!fs->profile || !sub || subscription_sqn_load(fs->store, fs->profile, sub, &m->sqn))
		return SW_REFERENCED_DATA;
	e = subscription_load(fs->store, fs->profile, sub, &m->key);
	if (e)
		return e == ERR_MEMORY || e == ERR_CRYPTO ? sw_of_store(e) : SW_REFERENCED_DATA;
	m->profile = fs->profile;
	m->sub = sub;
	m->active = now;
	return SW_OK;
}

/* TS 102 221 9.5.2: the application PIN is the first one of the PIN status template. */
uint16_t naa_check_pin(const struct fs_session *fs, const char *adf)
{
	char df[FS_PATH_MAX];
	struct fs_file f;
	struct cursor c;
	struct tlv t;
	uint8_t ref = 0;

	if (fs_load(fs->store, fs->profile, adf, &f))
		return SW_SECURITY_STATUS;
	c = cursor_of(f.pin_status);
	while (!ref && tlv_next(&c, &t)) {
		if (t.tag == UICC_PS_KEY_REFERENCE && slice_at(t.value, 0) <= PIN_APPL_LAST)
			ref = slice_at(t.value, 0);
	}
	if (!ref)
		ref = PIN_APPL_FIRST;
	if (!pin_home(fs->store, fs->profile, adf, ref, df))
		return SW_OK; /* the profile has no such PIN */
	return session_pin_satisfied(fs, adf, ref) ? SW_OK : SW_SECURITY_STATUS;
}

bool naa_service(const struct fs_session *fs, const char *adf, unsigned service)
{
	unsigned bit = service - 1;
	char path[FS_PATH_MAX];
	struct fs_file ust;

	if (fs_path_join(adf, FID_UST, path) ||
	    fs_load(fs->store, fs->profile, path, &ust) != ERR_OK)
		return false;
	return slice_at(ust.content, bit / 8) >> (bit % 8) & 1;
}

void naa_put_field(struct wbuf *out, struct slice value)
{
	wbuf_u8(out, (uint8_t)value.len);
	wbuf_put(out, value);
}

static void put_success(struct wbuf *out, const struct aka_result *r, bool with_kc)
{
	wbuf_u8(out, AUTHENTICATE_SUCCESS);
	naa_put_field(out, slice_make(r->res, r->res_len));
	naa_put_field(out, SLICE_OF(r->ck));
	naa_put_field(out, SLICE_OF(r->ik));
	if (with_kc)
		naa_put_field(out, SLICE_OF(r->kc));
}

/* Writes the accepted number down; only then may the answer leave the card. */
static enum err commit_sqn(const struct fs_session *fs, struct naa_memory *m,
			   const struct sqn_array *next)
{
	struct store_txn *t = store_begin(fs->store);
	enum err e;

	subscription_sqn_put(t, m->profile, m->sub, next);
	e = store_commit(t);
	if (!e)
		m->sqn = *next;
	return e;
}

uint16_t naa_authenticate_3g(struct app_call *call, bool with_kc)
{
	const char *adf = call->at->adf;
	struct cursor c = cursor_of(call->apdu.data);
	struct slice rand = cursor_take(&c, cursor_u8(&c));
	struct slice autn = cursor_take(&c, cursor_u8(&c));
	uint8_t auts[AKA_AUTS_LEN];
	struct aka_result result;
	struct naa_memory *m = NULL;
	struct sqn_array next;
	uint16_t sw;
	enum err e;

	if (call->apdu.data.len != 2 + AKA_RAND_LEN + AKA_AUTN_LEN)
		return SW_WRONG_LENGTH;
	if (cursor_done(&c) || rand.len != AKA_RAND_LEN || autn.len != AKA_AUTN_LEN)
		return SW_WRONG_DATA;
	sw = load_subscription(call, adf, &m);
	if (sw != SW_OK)
		return sw;
	next = m->sqn;
	e = aka_usim_authenticate(m->key, &next, &(struct aka_challenge){rand.ptr, autn.ptr},
				  &result, auts);
	if (e == ERR_MAC)
		return SW_AUTH_MAC;
	if (e == ERR_SYNC) {
		wbuf_u8(call->out, AUTHENTICATE_SYNC_FAILURE);
		naa_put_field(call->out, SLICE_OF(auts));
		return SW_OK;
	}
	if (e)
		return SW_TECHNICAL;
	sw = sw_of_store(commit_sqn(call->fs, m, &next));
	if (sw == SW_OK)
		put_success(call->out, &result, with_kc);
	secret_wipe(&result, sizeof(result));
	return sw;
}

uint16_t naa_gsm_algorithm(struct app_call *call, const char *adf, struct slice rand,
			   uint8_t sres[static GSM_SRES_LEN], uint8_t kc[static GSM_KC_LEN])
{
	struct naa_memory *m = NULL;
	uint16_t sw;

	if (rand.len != AKA_RAND_LEN)
		return SW_WRONG_LENGTH;
	sw = load_subscription(call, adf, &m);
	if (sw != SW_OK)
		return sw;
	return aka_gsm_authenticate(m->key, rand.ptr, sres, kc) ? SW_TECHNICAL : SW_OK;
}
