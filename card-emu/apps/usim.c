/* usim: AUTHENTICATE, 3GPP TS 31.102 7.1 */
#include "card-emu/apps/usim.h"

#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "card-emu/core/internal.h"
#include "lib/base/tlv.h"

/* TS 31.102 7.1.2: P2 */
enum auth_context {
	CONTEXT_GSM = 0x80,
	CONTEXT_3G = 0x81,
	CONTEXT_VGCS = 0x82,
	CONTEXT_GBA = 0x84
};

/* TS 31.102 7.1.2.1: response of the 3G context */
enum auth_tag { AUTH_SUCCESS = 0xDB, AUTH_SYNC_FAILURE = 0xDC };

/* TS 31.102 4.2.8: services of the USIM service table */
enum ust_service { UST_GSM_ACCESS = 27, UST_GSM_CONTEXT = 38 };

/* The last octet of an AID of 3GPP's before what the issuer adds, TS 31.101 annex */
enum application { APPLICATION_USIM = 0x02, APPLICATION_ISIM = 0x04 };

#define FID_UST		  0x6F38
#define PS_KEY_REFERENCE  0x83
#define PIN_APPL_LAST	  0x08
#define PIN_APPL_FALLBACK 0x01

/* The key that was used last and its SQN, kept until anything of it changes. */
struct usim_memory {
	struct aka_key *key;
	struct sqn_array sqn;
	unsigned profile, sub;
	struct release_record active;
};

static struct usim_memory *memory_of(struct card *card)
{
	return card_app_memory(card, &app_usim, sizeof(struct usim_memory));
}

static void forget(struct card *card)
{
	struct usim_memory *m = memory_of(card);

	if (m)
		aka_key_free(&m->key);
}

static bool has_aid(struct card *card, const char *adf, uint8_t application)
{
	const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, application};
	struct fs_file f;

	return fs_load(card->store, card->profile, adf, &f) == ERR_OK &&
	       slice_starts(f.aid, SLICE_OF(aid));
}

static bool is_usim(struct card *card, const char *adf)
{
	return has_aid(card, adf, APPLICATION_USIM);
}

/* The subscription of the application in this ADF; 0: it has none. */
static unsigned subscription_of(struct card *card, const char *adf,
				const struct release_record *now)
{
	unsigned sub = profile_naa(card->store, card->profile, adf);

	if (!sub && (is_usim(card, adf) || has_aid(card, adf, APPLICATION_ISIM)))
		sub = SUBSCRIPTION_FIRST; /* it has no key of its own */
	return sub == SUBSCRIPTION_FIRST ? now->active : sub;
}

static uint16_t load_subscription(struct card *card, const char *adf, struct usim_memory **out)
{
	struct usim_memory *m = memory_of(card);
	struct release_record now;
	unsigned sub;
	enum err e;

	if (!m)
		return SW_TECHNICAL;
	*out = m;
	release_load(card->store, card->profile, &now);
	sub = subscription_of(card, adf, &now);
	if (m->key && m->profile == card->profile && m->sub == sub &&
	    m->active.active == now.active && m->active.key_id == now.key_id)
		return SW_OK;
	aka_key_free(&m->key);
	if (!card->profile || !sub ||
	    subscription_sqn_load(card->store, card->profile, sub, &m->sqn))
		return SW_REFERENCED_DATA;
	e = subscription_load(card->store, card->profile, sub, &m->key);
	if (e)
		return e == ERR_MEMORY || e == ERR_CRYPTO ? sw_of_store(e) : SW_REFERENCED_DATA;
	m->profile = card->profile;
	m->sub = sub;
	m->active = now;
	return SW_OK;
}

/* TS 102 221 9.5.2: the application PIN is the first one of the PIN status template. */
uint16_t usim_check_pin(struct card *card, const char *adf)
{
	char df[FS_PATH_MAX];
	struct fs_file f;
	struct cursor c;
	struct tlv t;
	uint8_t ref = 0;

	if (fs_load(card->store, card->profile, adf, &f))
		return SW_SECURITY_STATUS;
	c = cursor_of(f.pin_status);
	while (!ref && tlv_next(&c, &t)) {
		if (t.tag == PS_KEY_REFERENCE && slice_at(t.value, 0) <= PIN_APPL_LAST)
			ref = slice_at(t.value, 0);
	}
	if (!ref)
		ref = PIN_APPL_FALLBACK;
	if (!pin_home(card->store, card->profile, adf, ref, df))
		return SW_OK; /* the profile has no such PIN */
	return access_pin_satisfied(card, adf, ref) ? SW_OK : SW_SECURITY_STATUS;
}

bool usim_service(struct card *card, const char *adf, unsigned service)
{
	unsigned bit = service - 1;
	char path[FS_PATH_MAX];
	struct fs_file ust;

	if (fs_path_join(adf, FID_UST, path) ||
	    fs_load(card->store, card->profile, path, &ust) != ERR_OK)
		return false;
	return slice_at(ust.content, bit / 8) >> (bit % 8) & 1;
}

static void put_field(struct wbuf *out, struct slice value)
{
	wbuf_u8(out, (uint8_t)value.len);
	wbuf_put(out, value);
}

static void put_success(struct wbuf *out, const struct aka_result *r, bool with_kc)
{
	wbuf_u8(out, AUTH_SUCCESS);
	put_field(out, slice_make(r->res, r->res_len));
	put_field(out, SLICE_OF(r->ck));
	put_field(out, SLICE_OF(r->ik));
	if (with_kc)
		put_field(out, SLICE_OF(r->kc));
}

/* Writes the accepted number down; only then may the answer leave the card. */
static enum err commit_sqn(struct card *card, struct usim_memory *m, const struct sqn_array *next)
{
	struct store_txn *t = store_begin(card->store);
	enum err e;

	subscription_sqn_put(t, m->profile, m->sub, next);
	e = store_commit(t);
	if (!e)
		m->sqn = *next;
	return e;
}

uint16_t usim_authenticate_3g(struct app_call *call, bool with_kc)
{
	struct card *card = call->card;
	const char *adf = call->channel->adf;
	struct cursor c = cursor_of(call->apdu.data);
	struct slice rand = cursor_take(&c, cursor_u8(&c));
	struct slice autn = cursor_take(&c, cursor_u8(&c));
	uint8_t auts[AKA_AUTS_LEN];
	struct aka_result result;
	struct usim_memory *m = NULL;
	struct sqn_array next;
	uint16_t sw;
	enum err e;

	if (call->apdu.data.len != 2 + AKA_RAND_LEN + AKA_AUTN_LEN)
		return SW_WRONG_LENGTH;
	if (cursor_done(&c) || rand.len != AKA_RAND_LEN || autn.len != AKA_AUTN_LEN)
		return SW_WRONG_DATA;
	sw = load_subscription(card, adf, &m);
	if (sw != SW_OK)
		return sw;
	next = m->sqn;
	e = aka_usim_authenticate(m->key, &next, &(struct aka_challenge){rand.ptr, autn.ptr},
				  &result, auts);
	if (e == ERR_MAC)
		return SW_AUTH_MAC;
	if (e == ERR_SYNC) {
		wbuf_u8(call->out, AUTH_SYNC_FAILURE);
		put_field(call->out, SLICE_OF(auts));
		return SW_OK;
	}
	if (e)
		return SW_TECHNICAL;
	sw = sw_of_store(commit_sqn(card, m, &next));
	if (sw == SW_OK)
		put_success(call->out, &result, with_kc);
	secret_wipe(&result, sizeof(result));
	return sw;
}

uint16_t usim_gsm_algorithm(struct card *card, const char *adf, struct slice rand,
			    uint8_t sres[static GSM_SRES_LEN], uint8_t kc[static GSM_KC_LEN])
{
	struct usim_memory *m = NULL;
	uint16_t sw;

	if (rand.len != AKA_RAND_LEN)
		return SW_WRONG_LENGTH;
	sw = load_subscription(card, adf, &m);
	if (sw != SW_OK)
		return sw;
	return aka_gsm_authenticate(m->key, rand.ptr, sres, kc) ? SW_TECHNICAL : SW_OK;
}

static uint16_t authenticate_gsm(struct app_call *call)
{
	const char *adf = call->channel->adf;
	struct cursor c = cursor_of(call->apdu.data);
	struct slice rand = cursor_take(&c, cursor_u8(&c));
	uint8_t sres[GSM_SRES_LEN], kc[GSM_KC_LEN];
	uint16_t sw;

	if (!is_usim(call->card, adf) || !usim_service(call->card, adf, UST_GSM_CONTEXT))
		return SW_AUTH_CONTEXT;
	if (call->apdu.data.len != 1 + AKA_RAND_LEN)
		return SW_WRONG_LENGTH;
	if (cursor_done(&c) || rand.len != AKA_RAND_LEN)
		return SW_WRONG_DATA;
	sw = usim_gsm_algorithm(call->card, adf, rand, sres, kc);
	if (sw == SW_OK) {
		put_field(call->out, SLICE_OF(sres));
		put_field(call->out, SLICE_OF(kc));
	}
	secret_wipe(kc, sizeof(kc));
	return sw;
}

static uint16_t authenticate(struct app_call *call)
{
	const char *adf = call->channel->adf;
	uint16_t sw;

	if (call->apdu.p1)
		return SW_WRONG_P1P2;
	switch (call->apdu.p2) {
	case CONTEXT_GSM:
	case CONTEXT_3G: break;
	case CONTEXT_VGCS:
	case CONTEXT_GBA: return SW_AUTH_CONTEXT;
	default: return SW_WRONG_P1P2;
	}
	if (!channel_in_adf(call->channel)) /* 7.1.1: the ADF or a DF of it is current */
		return SW_CONDITIONS;
	sw = usim_check_pin(call->card, adf);
	if (sw != SW_OK)
		return sw;
	if (call->apdu.p2 == CONTEXT_GSM)
		return authenticate_gsm(call);
	return usim_authenticate_3g(call, is_usim(call->card, adf) &&
						  usim_service(call->card, adf, UST_GSM_ACCESS));
}

/* An ADF is found by the AID that the profile gives it, not here. */
static struct slice no_aid(struct card *card)
{
	(void)card;
	return SLICE_EMPTY;
}

static const struct app_command commands[] = {
	{"GET IDENTITY", 0x80, 0xF0, INS_GET_IDENTITY, APP_CASE_2, usim_get_identity,
	 "TS 31.102 7.5"},
	{"AUTHENTICATE", 0x00, 0xF0, INS_AUTHENTICATE, APP_CASE_4, authenticate, "TS 31.102 7.1.2"},
};

const struct app app_usim = {
	.name = "USIM",
	.aid = no_aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.reset = forget,
};
