#include "tests/property/flow/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card-emu/profile/record.h"
#include "lib/uicc/command.h"
#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/install.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/base/secret.h"
#include "lib/profile/build.h"
#include "lib/profile/sealed.h"
#include "lib/release/grant.h"

#define SNAPSHOT_CAP (1u << 20)

static const uint8_t usim_aid[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};
static const uint8_t opc[32] = {3};
static const struct bench_mode {
	bool tuak256, derived, in_memory; /* of K2 */
} modes[BENCH_CARDS] = {{false, false, false},
			{true, false, false},
			{true, true, false},
			{false, false, true},
			{true, true, true}};
static const uint8_t rand_of_all[AKA_RAND_LEN] = {0x23, 0x55};

void bench_check(bool ok, const char *what, const char *file, int line)
{
	char where[128];

	if (ok)
		return;
	chaos_where(where, sizeof(where));
	fprintf(stderr, "%s:%d: %s (%s)\n", file, line, what, where);
	exit(1);
}

static uint16_t transmit(struct bench *b, struct slice command, struct wbuf *out)
{
	uint8_t answer[APDU_RESPONSE_MAX];
	struct wbuf r = wbuf_init(answer, sizeof(answer));
	struct cursor c;

	CHECK(card_transmit(b->card, command, &r) == ERR_OK, "the card answers");
	CHECK(r.len >= 2, "an answer has a status word");
	c = cursor_of(wbuf_slice(&r));
	wbuf_put(out, cursor_take(&c, r.len - 2));
	return cursor_u16(&c);
}

uint16_t bench_command(struct bench *b, const uint8_t head[static 4], struct slice data,
		       struct wbuf *out)
{
	uint8_t mem[APDU_COMMAND_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	uint16_t sw;

	apdu_put(&w, &(struct apdu){.cla = head[0],
				    .ins = head[1],
				    .p1 = head[2],
				    .p2 = head[3],
				    .data = data});
	if (!data.len)
		wbuf_u8(&w, 1); /* MANAGE CHANNEL, open */
	sw = transmit(b, wbuf_slice(&w), out);
	while ((sw & 0xFF00) == SW_RESPONSE || (sw & 0xFF00) == SW_GSM_RESPONSE) {
		uint8_t get[] = {head[0], INS_GET_RESPONSE, 0, 0, (uint8_t)sw};

		sw = transmit(b, SLICE_OF(get), out);
	}
	return sw;
}

void bench_reset(struct bench *b)
{
	static const uint8_t open[] = {0x00, INS_MANAGE_CHANNEL, 0, 0};
	static const uint8_t select[] = {BENCH_CHANNEL, INS_SELECT, 0x04, 0x00};
	uint8_t mem[64];
	struct wbuf out = wbuf_init(mem, sizeof(mem));

	card_reset(b->card);
	CHECK(bench_command(b, open, SLICE_EMPTY, &out) == SW_OK, "a channel is opened");
	CHECK(bench_command(b, select, slice_make(kra_aid, sizeof(kra_aid)), &out) == SW_OK,
	      "the key-release application is selected");
	b->in_session = false;
	b->next_block = 0;
}

/* What should become of a block: false when it is out of order. */
static bool follow(struct bench *b, struct slice part, bool last, uint8_t number)
{
	bool fits = number == 0 || number == b->next_block;

	if (number == 0)
		b->chain = wbuf_init(b->chain_mem, sizeof(b->chain_mem));
	b->next_block = fits && !last ? number + 1u : 0;
	wbuf_put(&b->chain, part);
	CHECK(wbuf_done(&b->chain) == ERR_OK, "room for the chain");
	return fits;
}

bool bench_block(struct bench *b, struct slice part, bool last, uint8_t number, struct wbuf *out,
		 uint16_t *sw)
{
	uint8_t head[] = {0x80 | BENCH_CHANNEL, INS_STORE_DATA, last ? 0x91 : 0x11, number};
	bool fits = follow(b, part, last, number);

	wbuf_reset(out);
	*sw = bench_command(b, head, part, out);
	if (fits && last)
		return true;
	CHECK(*sw == (fits ? SW_OK : SW_WRONG_P1P2), "a block is taken in its order only");
	CHECK(out->len == 0, "and not answered");
	return false;
}

uint16_t bench_send(struct bench *b, struct slice m, size_t block, struct wbuf *out)
{
	uint16_t sw = SW_OK;
	uint8_t n = 0;

	for (size_t at = 0; at < m.len; at += block)
		bench_block(b, slice_sub(m, at, block), at + block >= m.len, n++, out, &sw);
	return sw;
}

uint16_t bench_authenticate(struct bench *b, const struct aka_vector *v)
{
	static const uint8_t select[] = {0x00, INS_SELECT, 0x04, 0x0C};
	static const uint8_t head[] = {0x00, INS_AUTHENTICATE, 0x00, 0x81};
	uint8_t mem[128], data_mem[34];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	struct wbuf data = wbuf_init(data_mem, sizeof(data_mem));
	uint16_t sw = bench_command(b, select, SLICE_OF(usim_aid), &out);

	if (sw != SW_OK && (sw & 0xFF00) != SW_PROACTIVE)
		return sw;
	wbuf_u8(&data, AKA_RAND_LEN);
	wbuf_put(&data, SLICE_OF(v->rand));
	wbuf_u8(&data, AKA_AUTN_LEN);
	wbuf_put(&data, SLICE_OF(v->autn));
	return bench_command(b, head, wbuf_slice(&data), &out);
}

unsigned bench_gsm(struct bench *b)
{
	static const uint8_t select[] = {0xA0, INS_SELECT, 0x00, 0x00};
	static const uint8_t run[] = {0xA0, INS_AUTHENTICATE, 0x00, 0x00};
	static const uint8_t df_gsm[] = {0x7F, 0x20};
	uint8_t mem[128];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	struct slice sres;
	unsigned i = 0;

	if (bench_command(b, select, SLICE_OF(df_gsm), &out) != SW_OK)
		return BENCH_KEYS;
	wbuf_reset(&out);
	if (bench_command(b, run, SLICE_OF(rand_of_all), &out) != SW_OK)
		return BENCH_KEYS;
	sres = slice_sub(wbuf_slice(&out), 0, GSM_SRES_LEN);
	while (i < BENCH_KEYS && !(b->keys[i].key && slice_equal(sres, SLICE_OF(b->keys[i].sres))))
		i++;
	return i;
}

static bool collect(void *ctx, const char *key, struct slice value)
{
	struct wbuf *w = ctx;

	if (strstr(key, "/sqn/") || strcmp(key, STORE_KEY_NOTE_NEXT) == 0)
		return true;
	wbuf_put(w, slice_str(key));
	wbuf_u32(w, (uint32_t)value.len);
	wbuf_put(w, value);
	return true;
}

void bench_snapshot(struct bench *b, struct wbuf *w)
{
	wbuf_reset(w);
	store_each(card_store(b->card), "", collect, w);
	CHECK(wbuf_done(w) == ERR_OK, "the card's memory fits the snapshot");
}

/* key_id: of the K2; 0 for the first subscription. */
static struct profile_spec spec_of(const struct bench *b, uint32_t key_id,
				   uint8_t k[static BENCH_K_MAX])
{
	unsigned subscription = key_id ? 2 : 1;
	size_t octets = key_id && modes[b->number].tuak256 ? 32 : 16; /* of K as of OPc or TOPc */
	struct profile_spec s = {.mnc_length = 2,
				 .algorithm = octets == 32 ? AKA_TUAK : AKA_MILENAGE,
				 .k = slice_make(k, octets),
				 .opc = slice_make(opc, octets)};

	memset(k, 0, BENCH_K_MAX);
	k[0] = (uint8_t)subscription;
	k[1] = (uint8_t)b->number;
	memcpy(k + 2, &key_id, sizeof(key_id));
	snprintf(s.iccid, sizeof(s.iccid), "%s", b->iccid_text);
	snprintf(s.imsi, sizeof(s.imsi), "0010100000000%u%u", subscription, b->number);
	return s;
}

/* k2: of derived mode; NULL: it is not known before the grant. */
static void make_key(struct bench *b, unsigned at, uint32_t key_id, const uint8_t *k2)
{
	static const uint8_t amf[AKA_AMF_LEN] = {0x80, 0};
	struct bench_key *made = &b->keys[at];
	uint8_t kc[GSM_KC_LEN], k[BENCH_K_MAX];
	struct profile_spec spec = spec_of(b, key_id, k);
	struct aka_parameters p = profile_spec_aka(&spec);

	aka_key_free(&made->key);
	if (key_id && modes[b->number].derived) {
		if (!k2)
			return;
		p.k = slice_make(k2, p.k.len);
	}
	CHECK(aka_key_make(&p, &made->key) == ERR_OK, "a key");
	CHECK(aka_auc_vector(made->key, rand_of_all, 32, amf, &made->vector) == ERR_OK, "a vector");
	CHECK(aka_gsm_authenticate(made->key, rand_of_all, made->sres, kc) == ERR_OK, "a triplet");
}

void bench_resealed(struct bench *b)
{
	b->key_id++;
	b->sealed = true;
	make_key(b, 3, b->key_id, NULL);
}

void bench_opened(struct bench *b, const uint8_t *k2)
{
	if (modes[b->number].derived)
		make_key(b, 3, b->key_id, k2);
	aka_key_free(&b->keys[0].key);
	b->keys[0] = b->keys[2];
	b->keys[2] = b->keys[3];
	b->keys[3] = (struct bench_key){.key = NULL};
	b->released = true;
	b->sealed = false;
	b->opened_id = b->key_id;
}

void bench_power(struct bench *b)
{
	card_power_off(b->card);
	if (modes[b->number].in_memory && b->released) {
		aka_key_free(&b->keys[0].key);
		b->keys[0] = b->keys[2];
		b->keys[2] = (struct bench_key){.key = NULL};
		b->released = false;
		b->sealed = true;
		if (b->opened_id == b->key_id)
			make_key(b, 3, b->key_id, NULL);
		bench_snapshot(b, &b->before);
	}
	bench_reset(b);
}

void bench_install(struct bench *b)
{
	struct profile_record r = {.state = PROFILE_ENABLED};
	struct store_txn *t = store_begin(card_store(b->card));
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_N, BENCH_PROFILE);
	store_delete_prefix(t, prefix);
	CHECK(store_commit(t) == ERR_OK, "the old profile goes");
	t = store_begin(card_store(b->card));
	CHECK(install_profile(&(struct install_place){t, BENCH_PROFILE, 0}, wbuf_slice(&b->upp),
			      r.iccid, NULL) == ERR_OK,
	      "the profile is installed");
	profile_put(t, BENCH_PROFILE, &r);
	CHECK(store_commit(t) == ERR_OK, "the profile is stored");
	memcpy(b->iccid, r.iccid, sizeof(b->iccid));
	b->key_id = BENCH_KEY_ID;
	b->opened_id = 0;
	b->released = false;
	b->sealed = true;
	b->sqn1 = 0;
	for (unsigned i = 0; i < BENCH_KEYS; i++)
		aka_key_free(&b->keys[i].key);
	make_key(b, 1, 0, NULL);
	make_key(b, 3, BENCH_KEY_ID, NULL);
	bench_reset(b);
	bench_snapshot(b, &b->before);
}

static void put_sealed(struct bench *b, const struct ec_key *release_key, uint32_t key_id,
		       struct wbuf *out)
{
	struct sealed_fields fields = {.key_id = key_id,
				       .release_point = ec_key_point(release_key),
				       .in_memory_only = modes[b->number].in_memory};
	struct wbuf patch = wbuf_grow(PROFILE_PACKAGE_MAX);
	uint8_t k[BENCH_K_MAX];
	struct profile_spec second = spec_of(b, key_id, k);

	CHECK(profile_iccid(b->iccid_text, fields.iccid) == ERR_OK, "an ICCID");
	if (modes[b->number].derived) {
		CHECK(sealed_put_derived(&fields, second.k.len, out) == ERR_OK, "the sealed part");
		wbuf_free(&patch);
		return;
	}
	CHECK(profile_build_patch(&second, &patch) == ERR_OK, "the patch");
	CHECK(sealed_seal(&fields, secret_slice(b->s), wbuf_slice(&patch), out) == ERR_OK,
	      "the sealed part");
	wbuf_free(&patch);
}

void bench_put_next_sealed(struct bench *b, const struct ec_key *release_key, struct wbuf *out)
{
	put_sealed(b, release_key, b->key_id + 1, out);
}

/* As the operator makes it: of the sealed part that the card has. */
static void put_derived(struct bench *b, const struct kra_binding *binding,
			const struct ec_key *key, struct wbuf *w, uint8_t *k2)
{
	const struct kra_challenge c = {.binding = *binding, .card_otpk = SLICE_OF(b->point)};
	struct wbuf patch = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct secret *derived = NULL;
	struct grant_elements elements;
	char name[STORE_KEY_MAX + 1];
	uint8_t k[BENCH_K_MAX];
	struct profile_spec second = spec_of(b, binding->key_id ? binding->key_id : 1, k);

	second.derived_octets = second.k.len;
	second.k = SLICE_EMPTY;
	CHECK(profile_build_patch(&second, &patch) == ERR_OK, "the patch");
	elements = (struct grant_elements){
		.from = {.kdf = sealed_kdf(second.derived_octets), .octets = second.derived_octets},
		.plain = wbuf_slice(&patch)};
	snprintf(name, sizeof(name), STORE_KEY_SEALED, BENCH_PROFILE);
	CHECK(store_get(card_store(b->card), name, &elements.from.sealed), "a sealed part");
	CHECK(grant_build_derived(w, &c, &elements, key, &derived) == ERR_OK, "a grant");
	CHECK(memmem(w->ptr, w->len, derived->bytes, derived->len) == NULL, "K2 is in no message");
	memcpy(k2, derived->bytes, derived->len);
	secret_free(&derived);
	wbuf_free(&patch);
}

void bench_put_grant(struct bench *b, const struct kra_binding *binding, const struct ec_key *key,
		     struct wbuf *w, uint8_t *k2)
{
	if (modes[b->number].derived)
		put_derived(b, binding, key, w, k2);
	else
		CHECK(grant_build(w, binding, SLICE_OF(b->point), b->s, key) == ERR_OK, "a grant");
}

static void make_identity(struct bench *b)
{
	static const uint8_t cert[] = {0x30, 0x00};
	struct wbuf der = wbuf_grow(SECRET_MAX);
	struct ec_key *sk = NULL;
	struct store_txn *t;

	CHECK(ec_key_generate(EC_P256, &sk) == ERR_OK && ec_key_save(sk, &der) == ERR_OK,
	      "SK.EUICC");
	t = store_begin(card_store(b->card));
	store_put(t, STORE_KEY_EID, SLICE_OF(b->eid));
	store_put(t, STORE_KEY_CERT, SLICE_OF(cert));
	store_put(t, STORE_KEY_EUM, SLICE_OF(cert));
	store_put_secret(t, STORE_KEY_SK, wbuf_slice(&der));
	CHECK(store_commit(t) == ERR_OK, "an identity");
	ec_key_free(&sk);
	wbuf_free(&der);
}

void bench_make(struct bench *b, unsigned i, const struct ec_key *release_key)
{
	static const char *const iccids[BENCH_CARDS] = {
		"8988211000000000017", "8988211000000000025", "8988211000000000033",
		"8988211000000000041", "8988211000000000058"};
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);
	struct card_options o = {.memory = true};
	struct profile_spec first;
	uint8_t k[BENCH_K_MAX];

	b->number = i;
	memset(b->eid, (int)i, sizeof(b->eid));
	b->iccid_text = iccids[i];
	b->chain = wbuf_init(b->chain_mem, sizeof(b->chain_mem)); /* its first block may be lost */
	b->before = wbuf_grow(SNAPSHOT_CAP);
	b->now = wbuf_grow(SNAPSHOT_CAP);
	b->upp = wbuf_grow(PROFILE_PACKAGE_MAX);
	b->s = random_secret(SEALED_KEY_LEN);
	CHECK(b->s != NULL, "a sealing key");
	CHECK(card_open(&o, &b->card) == ERR_OK, "a card");
	make_identity(b);
	put_sealed(b, release_key, BENCH_KEY_ID, &sealed);
	first = spec_of(b, 0, k);
	CHECK(profile_build(&first, wbuf_slice(&sealed), &b->upp) == ERR_OK, "the package");
	bench_install(b);
	wbuf_free(&sealed);
}

void bench_free(struct bench *b)
{
	card_close(&b->card);
	secret_free(&b->s);
	for (unsigned i = 0; i < BENCH_KEYS; i++)
		aka_key_free(&b->keys[i].key);
	wbuf_free(&b->upp);
	wbuf_free(&b->before);
	wbuf_free(&b->now);
}
