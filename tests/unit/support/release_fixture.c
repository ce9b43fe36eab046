#include "tests/unit/support/release_fixture.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/profile/record.h"
#include "lib/uicc/command.h"
#include "lib/auth/sqn.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/test.h"
#include "card-emu/store/head.h"
#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/install.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/base/secret.h"
#include "lib/profile/build.h"
#include "lib/base/tlv.h"
#include "lib/release/grant.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/test.h"
#include "tool/sys/path.h"

#define PROFILE	       1u
#define ICCID_TEXT     "8988211000000000017"
#define BLOCK	       255
#define JOURNAL_CAP    (1u << 20)
#define COMPACTED_FROM (256u * 1024) /* as the store has it */

const uint8_t release_fixture_k1[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f,
					0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc};
const uint8_t release_fixture_k2[16] = {0xfe, 0xc8, 0x6b, 0xa6, 0xeb, 0x70, 0x7e, 0xd0,
					0x89, 0x05, 0x75, 0x7b, 0x1b, 0xb4, 0x4b, 0x8f};
static const uint8_t opc[16] = {0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e,
				0x48, 0xa5, 0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf};

struct slice release_fixture_opc(void)
{
	return SLICE_OF(opc);
}

static struct profile_spec spec_of(const char *imsi, const uint8_t k[static 16])
{
	struct profile_spec s = {.iccid = ICCID_TEXT,
				 .mnc_length = 2,
				 .algorithm = AKA_MILENAGE,
				 .k = slice_make(k, 16),
				 .opc = SLICE_OF(opc)};

	snprintf(s.imsi, sizeof(s.imsi), "%s", imsi);
	return s;
}

void release_fixture_sealed(struct release_fixture *f, const struct sealed_fields *fields,
			    const uint8_t k[static 16], struct wbuf *out)
{
	struct profile_spec second = spec_of("001010000000002", k);
	struct wbuf patch = wbuf_grow(PROFILE_PACKAGE_MAX);

	ASSERT_ERR(profile_build_patch(&second, &patch), ERR_OK);
	ASSERT_ERR(sealed_seal(fields, secret_slice(f->s), wbuf_slice(&patch), out), ERR_OK);
	wbuf_free(&patch);
}

struct sealed_fields release_fixture_fields(struct release_fixture *f, uint32_t key_id)
{
	struct sealed_fields fields = {.key_id = key_id,
				       .release_point = ec_key_point(f->release_key)};

	memcpy(fields.iccid, f->iccid, sizeof(fields.iccid));
	return fields;
}

static void install(struct release_fixture *f)
{
	struct sealed_fields fields = release_fixture_fields(f, RELEASE_FIXTURE_KEY_ID);
	struct profile_spec first = spec_of("001010000000001", release_fixture_k1);
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), sealed = wbuf_grow(SEALED_LEN_MAX);
	struct wbuf der = wbuf_grow(SECRET_MAX);
	struct profile_record r = {.state = PROFILE_ENABLED};
	struct store *store = NULL;
	struct store_txn *t;

	release_fixture_sealed(f, &fields, release_fixture_k2, &sealed);
	ASSERT_ERR(profile_build(&first, wbuf_slice(&sealed), &upp), ERR_OK);
	ASSERT_ERR(ec_key_save(f->sk_euicc, &der), ERR_OK);
	CU_ASSERT_FATAL(store_open(f->dir, 0, &store) == ERR_OK);
	t = store_begin(store);
	/* what the card only hands on: two certificates, here as short as can be */
	store_put(t, STORE_KEY_CERT, test_unhex("3000"));
	store_put(t, STORE_KEY_EUM, test_unhex("3000"));
	store_put_secret(t, STORE_KEY_SK, wbuf_slice(&der));
	ASSERT_ERR(install_profile(&(struct install_place){t, PROFILE, 0}, wbuf_slice(&upp),
				   r.iccid, NULL),
		   ERR_OK);
	profile_put(t, PROFILE, &r);
	ASSERT_ERR(store_commit(t), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(r.iccid), SLICE_OF(f->iccid), "ICCID");
	store_close(&store);
	wbuf_free(&upp);
	wbuf_free(&sealed);
	wbuf_free(&der);
}

void release_fixture_open(struct release_fixture *f)
{
	struct card_identity id = {0};

	*f = (struct release_fixture){.dir = test_dir(), .channel = 1, .block = BLOCK};
	f->options.dir = f->dir;
	memset(f->eid, 0x89, sizeof(f->eid));
	memcpy(id.eid, f->eid, sizeof(id.eid));
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &f->release_key) == ERR_OK);
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &f->sk_euicc) == ERR_OK);
	f->s = random_secret(SEALED_KEY_LEN);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->s);
	ASSERT_ERR(profile_iccid(ICCID_TEXT, f->iccid), ERR_OK);
	for (unsigned i = 1; i <= 2; i++)
		ASSERT_ERR(aka_key_new(AKA_MILENAGE,
				       i == 1 ? SLICE_OF(release_fixture_k1)
					      : SLICE_OF(release_fixture_k2),
				       SLICE_OF(opc), &f->key[i]),
			   ERR_OK);
	ASSERT_ERR(card_create(&f->options, &id), ERR_OK);
	install(f);
	release_fixture_reopen(f);
}

void release_fixture_close(struct release_fixture *f)
{
	card_close(&f->card);
	ec_key_free(&f->release_key);
	ec_key_free(&f->sk_euicc);
	secret_free(&f->s);
	aka_key_free(&f->key[1]);
	aka_key_free(&f->key[2]);
}

void release_fixture_reopen(struct release_fixture *f)
{
	card_close(&f->card);
	CU_ASSERT_FATAL(card_open(&f->options, &f->card) == ERR_OK);
	release_fixture_reset(f);
}

/* One command, its response fetched; data to out. */
static uint16_t command(struct release_fixture *f, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2,
			struct slice data, struct wbuf *out)
{
	uint8_t mem[APDU_COMMAND_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	apdu_put(&w, &(struct apdu){.cla = cla, .ins = ins, .p1 = p1, .p2 = p2, .data = data});
	return fixture_exchange(f->card, wbuf_slice(&w), out);
}

void release_fixture_reset(struct release_fixture *f)
{
	static const uint8_t usim[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};
	uint8_t mem[300], cla = (uint8_t)f->channel;
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	uint8_t open[] = {0x00, INS_MANAGE_CHANNEL, 0x00, 0x00, 0x01};

	card_reset(f->card);
	for (unsigned i = 1; i <= f->channel; i++)
		CU_ASSERT_EQUAL(fixture_exchange(f->card, SLICE_OF(open), &out), SW_OK);
	CU_ASSERT_EQUAL(command(f, cla, INS_SELECT, 0x04, 0x00, SLICE_OF(kra_aid), &out), SW_OK);
	CU_ASSERT_EQUAL(command(f, 0x00, INS_SELECT, 0x04, 0x0C, SLICE_OF(usim), &out), SW_OK);
}

uint16_t release_fixture_send(struct release_fixture *f, struct slice message, struct wbuf *out)
{
	uint8_t cla = (uint8_t)(0x80 | f->channel), number = 0;
	struct cursor c = cursor_of(message);
	uint16_t sw;

	do {
		size_t left = cursor_left(&c), n = left < f->block ? left : f->block;
		struct slice part = cursor_take(&c, n);

		wbuf_reset(out);
		sw = command(f, cla, INS_STORE_DATA, n < left ? 0x11 : 0x91, number++, part, out);
	} while (cursor_left(&c) && sw == SW_OK);
	return sw;
}

enum kra_result release_fixture_challenge_for(struct release_fixture *f,
					      const uint8_t iccid[static KRA_ICCID_LEN])
{
	uint8_t ask_mem[32], mem[512];
	struct wbuf ask = wbuf_init(ask_mem, sizeof(ask_mem)), out = wbuf_init(mem, sizeof(mem));
	enum kra_result error = KRA_RESULT_OK;
	struct kra_challenge c;

	kra_put_get_challenge(&ask, iccid);
	CU_ASSERT_EQUAL(release_fixture_send(f, wbuf_slice(&ask), &out), SW_OK);
	if (kra_parse_challenge(wbuf_slice(&out), &c, &error)) {
		CU_ASSERT_NOT_EQUAL(error, KRA_RESULT_OK);
		return error;
	}
	ASSERT_ERR(ec_verify(EC_P256, ec_key_point(f->sk_euicc), &c.signed_part, 1, c.signature),
		   ERR_OK);
	CU_ASSERT(slice_equal(SLICE_OF(c.binding.eid), SLICE_OF(f->eid)));
	CU_ASSERT(slice_equal(SLICE_OF(c.binding.iccid), SLICE_OF(f->iccid)));
	CU_ASSERT_FALSE(slice_equal(SLICE_OF(c.binding.nonce), SLICE_OF(f->open.nonce)));
	f->open = c.binding;
	ASSERT_ERR(slice_copy(c.card_otpk, f->card_otpk, sizeof(f->card_otpk)), ERR_OK);
	return KRA_RESULT_OK;
}

enum kra_result release_fixture_challenge(struct release_fixture *f)
{
	return release_fixture_challenge_for(f, f->iccid);
}

void release_fixture_grant(struct release_fixture *f, struct release_grant_bytes *out)
{
	struct wbuf w = wbuf_init(out->bytes, sizeof(out->bytes));

	ASSERT_ERR(grant_build(&w, &f->open, SLICE_OF(f->card_otpk), f->s, f->release_key), ERR_OK);
	out->len = w.len;
}

void release_fixture_resign(struct release_grant_bytes *g, const struct ec_key *key)
{
	struct grant parsed;

	if (grant_parse(slice_make(g->bytes, g->len), &parsed)) {
		CU_FAIL("no grant to sign");
		return;
	}
	ASSERT_ERR(ec_sign(key, &parsed.signed_part, 1, g->bytes + g->len - EC_SIGNATURE_LEN),
		   ERR_OK);
}

enum kra_result release_fixture_deliver(struct release_fixture *f, struct slice grant, uint16_t *sw)
{
	uint8_t mem[512];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	uint16_t got = release_fixture_send(f, grant, &out);
	struct kra_outcome o;

	if (sw)
		*sw = got;
	if (got == SW_WRONG_DATA) {
		CU_ASSERT_EQUAL(out.len, 0);
		return RELEASE_FIXTURE_MALFORMED;
	}
	CU_ASSERT(got == SW_OK || (got & 0xFF00) == SW_PROACTIVE);
	if (kra_parse_outcome(wbuf_slice(&out), &o)) {
		CU_FAIL("the answer to a grant is no result");
		return KRA_RESULT_UNDEFINED;
	}
	ASSERT_ERR(ec_verify(EC_P256, ec_key_point(f->sk_euicc), &o.signed_part, 1, o.signature),
		   ERR_OK);
	CU_ASSERT(slice_equal(SLICE_OF(o.binding.eid), SLICE_OF(f->eid)));
	if (o.result != KRA_RESULT_NO_SESSION)
		CU_ASSERT(slice_equal(SLICE_OF(o.binding.nonce), SLICE_OF(f->open.nonce)));
	/* REFRESH waits when, and only when, the second subscription takes over */
	CU_ASSERT_EQUAL(o.result == KRA_RESULT_OK, got != SW_OK);
	return o.result;
}

enum kra_result release_fixture_release(struct release_fixture *f)
{
	struct release_grant_bytes g;
	enum kra_result r = release_fixture_challenge(f);

	if (r != KRA_RESULT_OK)
		return r;
	release_fixture_grant(f, &g);
	return release_fixture_deliver(f, slice_make(g.bytes, g.len), NULL);
}

void release_fixture_put_sealed(struct release_fixture *f, struct slice sealed)
{
	struct store_txn *t = store_begin(card_store(f->card));
	char key[STORE_KEY_MAX + 1];

	snprintf(key, sizeof(key), STORE_KEY_SEALED, PROFILE);
	if (sealed.len)
		store_put(t, key, sealed);
	else
		store_delete(t, key);
	ASSERT_ERR(store_commit(t), ERR_OK);
}

enum kra_result release_fixture_reseal(struct release_fixture *f, struct slice sealed,
				       const struct ec_key *key)
{
	struct wbuf message = wbuf_grow(SEALED_LEN_MAX), out = wbuf_grow(512);
	enum kra_result r = KRA_RESULT_UNDEFINED;

	ASSERT_ERR(kra_put_reseal(&message, sealed, key), ERR_OK);
	CU_ASSERT_EQUAL(release_fixture_send(f, wbuf_slice(&message), &out), SW_OK);
	ASSERT_ERR(kra_parse_reseal_result(wbuf_slice(&out), &r), ERR_OK);
	wbuf_free(&message);
	wbuf_free(&out);
	return r;
}

struct aka_vector release_fixture_vector(struct release_fixture *f, unsigned subscription)
{
	static const uint8_t amf[AKA_AMF_LEN] = {0x80, 0x00};
	uint8_t rand[AKA_RAND_LEN] = {(uint8_t)subscription};
	struct aka_vector v = {0};

	ASSERT_ERR(sqn_next(f->sqn[subscription], SQN_IND_BITS, &f->sqn[subscription]), ERR_OK);
	ASSERT_ERR(aka_auc_vector(f->key[subscription], rand, f->sqn[subscription], amf, &v),
		   ERR_OK);
	return v;
}

enum release_auth release_fixture_authenticate(struct release_fixture *f,
					       const struct aka_vector *v, uint16_t *sw)
{
	uint8_t data_mem[2 + AKA_RAND_LEN + AKA_AUTN_LEN], mem[64];
	struct wbuf data = wbuf_init(data_mem, sizeof(data_mem));
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	uint16_t got;

	wbuf_u8(&data, AKA_RAND_LEN);
	wbuf_put(&data, SLICE_OF(v->rand));
	wbuf_u8(&data, AKA_AUTN_LEN);
	wbuf_put(&data, SLICE_OF(v->autn));
	got = command(f, 0x00, INS_AUTHENTICATE, 0x00, 0x81, wbuf_slice(&data), &out);
	if (sw)
		*sw = got;
	if (got == SW_AUTH_MAC)
		return AUTH_MAC;
	if (got != SW_OK && (got & 0xFF00) != SW_PROACTIVE)
		return AUTH_REFUSED;
	if (slice_at(wbuf_slice(&out), 0) == 0xDC)
		return AUTH_SYNC;
	ASSERT_OCTETS(slice_sub(wbuf_slice(&out), 2, v->expected.res_len),
		      slice_make(v->expected.res, v->expected.res_len), "RES");
	return AUTH_ANSWERED;
}

unsigned release_fixture_active(struct release_fixture *f)
{
	unsigned mask = 0;

	for (unsigned i = 1; i <= 2; i++) {
		struct aka_vector v = release_fixture_vector(f, i);
		enum release_auth a = release_fixture_authenticate(f, &v, NULL);

		CU_ASSERT(a == AUTH_ANSWERED || a == AUTH_MAC);
		mask |= a == AUTH_ANSWERED ? i : 0;
	}
	return mask;
}

struct walk {
	struct store *store;
	struct wbuf *out;
};

static bool put_entry(void *ctx, const char *key, struct slice value)
{
	const struct walk *w = ctx;
	struct secret *secret = NULL;

	if (store_get_secret(w->store, key, &secret) == ERR_OK)
		value = secret_slice(secret);
	wbuf_put(w->out, slice_str(key));
	wbuf_u8(w->out, 0);
	wbuf_u32(w->out, (uint32_t)value.len);
	wbuf_put(w->out, value);
	secret_free(&secret);
	return true;
}

void fixture_snapshot(struct card *card, struct wbuf *out)
{
	struct walk w = {card_store(card), out};

	wbuf_reset(out);
	store_each(w.store, "", put_entry, &w);
	ASSERT_ERR(wbuf_done(out), ERR_OK);
	CU_ASSERT(out->len > 0);
}

static bool count_notification(void *ctx, const char *key, struct slice value)
{
	(void)value;
	*(unsigned *)ctx += strcmp(key, STORE_KEY_NOTE_NEXT) != 0;
	return true;
}

unsigned fixture_notifications(struct card *card)
{
	unsigned n = 0;

	store_each(card_store(card), STORE_PREFIX_NOTE, count_notification, &n);
	return n;
}

static FILE *open_state(const char *dir, const char *name, const char *mode)
{
	char path[512];
	FILE *f;

	ASSERT_ERR(path_join(dir, name, path, sizeof(path)), ERR_OK);
	f = fopen(path, mode);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	return f;
}

static void load_state(const char *dir, const char *name, struct wbuf *out)
{
	FILE *f = open_state(dir, name, "rb");
	uint8_t chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		wbuf_put(out, slice_make(chunk, n));
	fclose(f);
	ASSERT_ERR(wbuf_done(out), ERR_OK);
}

static void save_state(const char *dir, const char *name, struct slice octets)
{
	FILE *f = open_state(dir, name, "wb");

	CU_ASSERT_EQUAL(fwrite(octets.ptr, 1, octets.len, f), octets.len);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

void fixture_load_journal(const char *dir, struct wbuf *out)
{
	wbuf_reset(out);
	load_state(dir, "journal", out);
	load_state(dir, "head", out);
	CU_ASSERT_FATAL(out->len > HEAD_FILE_LEN);
}

void fixture_save_journal(const char *dir, struct slice octets)
{
	size_t journal_len = octets.len - HEAD_FILE_LEN;

	save_state(dir, "journal", slice_sub(octets, 0, journal_len));
	save_state(dir, "head", slice_sub(octets, journal_len, HEAD_FILE_LEN));
}

void fixture_fill_journal(struct card *card, const char *dir, size_t room)
{
	static const uint8_t bulk[32768];
	size_t overhead = 24 + 16 + 1 + 1 + strlen("bulk") + 4; /* of a record with one value */
	struct wbuf now = wbuf_grow(JOURNAL_CAP);

	fixture_load_journal(dir, &now);
	now.len -= HEAD_FILE_LEN;
	while (now.len + room < COMPACTED_FROM) {
		size_t left = COMPACTED_FROM - room - now.len;
		struct store_txn *t = store_begin(card_store(card));

		CU_ASSERT_FATAL(left >= overhead);
		left = left > sizeof(bulk) + 2 * overhead ? sizeof(bulk) : left - overhead;
		store_put(t, "bulk", slice_make(bulk, left < sizeof(bulk) ? left : left / 2));
		ASSERT_ERR(store_commit(t), ERR_OK);
		fixture_load_journal(dir, &now);
		now.len -= HEAD_FILE_LEN;
	}
	CU_ASSERT_EQUAL(now.len + room, COMPACTED_FROM);
	wbuf_free(&now);
}

struct fixture_before fixture_take(struct release_fixture *f)
{
	struct fixture_before b = {wbuf_grow(JOURNAL_CAP), wbuf_grow(JOURNAL_CAP)};

	fixture_snapshot(f->card, &b.memory);
	fixture_load_journal(f->dir, &b.file);
	return b;
}

void fixture_unchanged(struct release_fixture *f, struct fixture_before *b, const char *what)
{
	struct fixture_before now = fixture_take(f);

	ASSERT_OCTETS(wbuf_slice(&now.memory), wbuf_slice(&b->memory), what);
	ASSERT_OCTETS(wbuf_slice(&now.file), wbuf_slice(&b->file), what);
	wbuf_free(&b->memory);
	wbuf_free(&b->file);
	wbuf_free(&now.memory);
	wbuf_free(&now.file);
}

void release_fixture_result_is(enum kra_result got, enum kra_result want, const char *what)
{
	if (got != want)
		fprintf(stderr, "\n%s: %d (%s), not %d (%s)\n", what, got, kra_result_text(got),
			want, kra_result_text(want));
	CU_ASSERT_EQUAL(got, want);
}

/* The grant is refused for this reason, nothing is changed, and K1 alone answers. */
void release_fixture_refused(struct release_fixture *f, const struct release_grant_bytes *g,
			     enum kra_result want, const char *what)
{
	struct fixture_before b = fixture_take(f);

	release_fixture_result_is(release_fixture_deliver(f, slice_make(g->bytes, g->len), NULL),
				  want, what);
	fixture_unchanged(f, &b, what);
	CU_ASSERT_EQUAL(release_fixture_active(f), 1);
}

void release_fixture_fresh_grant(struct release_fixture *f, struct release_grant_bytes *g)
{
	CU_ASSERT_EQUAL(release_fixture_challenge(f), KRA_RESULT_OK);
	release_fixture_grant(f, g);
}

/* At the end of a case: nothing that was refused has spoilt the card for the genuine grant. */
void release_fixture_still_releases(struct release_fixture *f)
{
	CU_ASSERT_EQUAL(release_fixture_active(f), 1);
	CU_ASSERT_EQUAL(release_fixture_release(f), KRA_RESULT_OK);
	release_fixture_reset(f);
	CU_ASSERT_EQUAL(release_fixture_active(f), 2);
}
