/*
 * flow-chaos: the messages of the release in random orders, repeated, dropped, swapped, corrupted.
 *
 * Two cards with a sealed second subscription; an operator that signs right grants, grants with one
 * wrong field, and a stranger that signs with a key of its own. After every step: the second
 * subscription answers AUTHENTICATE on a card if and only if that card got, whole and first, the
 * genuine grant for its open challenge (I1, I2); after every refusal the card's memory is what it
 * was (I2). usage: flow-chaos [ORDERS [SEED]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "card-emu/card.h"
#include "card-emu/store/keys.h"
#include "card-emu/uicc/app.h"
#include "card-emu/uicc/install.h"
#include "card-emu/uicc/profile.h"
#include "lib/profile/build.h"
#include "lib/profile/sealed.h"
#include "lib/release/release.h"
#include "lib/tlv.h"

#define ORDERS_DEFAULT	100000
#define STEPS		8
#define CARDS		2
#define POOL		6
#define PROFILE		1u
#define KEY_ID		7
#define MESSAGE_CAP	1024
#define SNAPSHOT_CAP	65536
#define BLOCK		255

#define CHECK(ok, what) check((ok), (what), __LINE__)

struct message {
	size_t len;
	uint8_t bytes[MESSAGE_CAP];
	unsigned card; /* whose challenge it answers */
	uint8_t nonce[RELEASE_NONCE_LEN];
};

struct bench { /* one card and what should be true of it */
	struct card *card;
	uint8_t eid[RELEASE_EID_LEN], iccid[RELEASE_ICCID_LEN];
	const char *iccid_text;
	struct wbuf upp, before, now;
	struct secret *s;
	struct aka_vector first, second;
	struct release_binding open; /* of the open session */
	uint8_t point[EC_POINT_LEN];
	bool in_session, released;
};

static struct bench benches[CARDS];
static struct message pool[POOL];
static unsigned pooled, latest;
static struct ec_key *release_key, *stranger;
static uint64_t seed, state, order, grants, refusals;

static void check(bool ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "flow-chaos: line %d: %s (order %" PRIu64 ", seed %" PRIu64 ")\n", line,
		what, order, seed);
	exit(1);
}

/* xorshift64*: an order is a function of the seed */
static uint32_t pick(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

static uint16_t command(struct bench *b, const uint8_t head[static 4], struct slice data,
			struct wbuf *out)
{
	uint8_t mem[5 + BLOCK], answer[258];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	uint16_t sw;

	wbuf_put(&w, slice_make(head, 4));
	wbuf_u8(&w, (uint8_t)data.len);
	wbuf_put(&w, data);
	for (;;) {
		struct wbuf r = wbuf_init(answer, sizeof(answer));
		struct cursor c;

		CHECK(card_transmit(b->card, wbuf_slice(&w), &r) == ERR_OK, "the card answers");
		CHECK(r.len >= 2, "an answer has a status word");
		c = cursor_of(wbuf_slice(&r));
		wbuf_put(out, cursor_take(&c, r.len - 2));
		sw = cursor_u16(&c);
		if ((sw & 0xFF00) != SW_RESPONSE)
			return sw;
		wbuf_reset(&w);
		wbuf_u8(&w, head[0] & 0x0F);
		wbuf_u8(&w, INS_GET_RESPONSE);
		wbuf_u16(&w, 0);
		wbuf_u8(&w, (uint8_t)sw);
	}
}

static uint16_t store_data(struct bench *b, struct slice m, struct wbuf *out)
{
	static const uint8_t select[] = {0x00, INS_SELECT, 0x04, 0x00};
	uint16_t sw = command(b, select, slice_make(release_aid, sizeof(release_aid)), out);
	size_t at = 0;

	CHECK(sw == SW_OK, "the key-release application is selected");
	for (uint8_t n = 0; sw == SW_OK; n++) {
		struct slice block = slice_sub(m, at, BLOCK);
		uint8_t head[] = {0x80, INS_STORE_DATA, 0x11, n};

		at += block.len;
		if (at == m.len)
			head[2] = 0x91;
		wbuf_reset(out);
		sw = command(b, head, block, out);
		if (at == m.len)
			break;
	}
	return sw;
}

static uint16_t authenticate(struct bench *b, const struct aka_vector *v)
{
	static const uint8_t usim[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};
	static const uint8_t select[] = {0x00, INS_SELECT, 0x04, 0x04};
	static const uint8_t head[] = {0x00, INS_AUTHENTICATE, 0x00, 0x81};
	uint8_t mem[512], data_mem[34];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	struct wbuf data = wbuf_init(data_mem, sizeof(data_mem));

	CHECK(command(b, select, SLICE_OF(usim), &out) == SW_OK, "the USIM is selected");
	wbuf_u8(&data, AKA_RAND_LEN);
	wbuf_put(&data, SLICE_OF(v->rand));
	wbuf_u8(&data, AKA_AUTN_LEN);
	wbuf_put(&data, SLICE_OF(v->autn));
	wbuf_reset(&out);
	return command(b, head, wbuf_slice(&data), &out);
}

/* All that is not a secret nor a sequence number, and that K2 is there. */
static bool collect(void *ctx, const char *key, struct slice value)
{
	struct wbuf *w = ctx;

	if (strstr(key, "/sqn/"))
		return true;
	wbuf_put(w, slice_str(key));
	wbuf_u32(w, (uint32_t)value.len);
	wbuf_put(w, value);
	return true;
}

static void snapshot(struct bench *b, struct wbuf *w)
{
	wbuf_reset(w);
	store_each(card_store(b->card), "", collect, w);
	CHECK(wbuf_done(w) == ERR_OK, "the card's memory fits the snapshot");
}

static void install(struct bench *b)
{
	struct profile_record r = {.state = PROFILE_ENABLED};
	struct store_txn *t = store_begin(card_store(b->card));
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_N, PROFILE);
	store_delete_prefix(t, prefix);
	CHECK(store_commit(t) == ERR_OK, "the old profile goes");
	t = store_begin(card_store(b->card));
	CHECK(install_profile(t, PROFILE, wbuf_slice(&b->upp), r.iccid, NULL) == ERR_OK,
	      "the profile is installed");
	profile_put(t, PROFILE, &r);
	CHECK(store_commit(t) == ERR_OK, "the profile is stored");
	memcpy(b->iccid, r.iccid, sizeof(b->iccid));
	card_reset(b->card);
	b->released = b->in_session = false;
	snapshot(b, &b->before);
}

static void make_vector(const struct profile_spec *spec, struct aka_vector *v)
{
	static const uint8_t rand[AKA_RAND_LEN] = {0x23, 0x55}, amf[AKA_AMF_LEN] = {0x80, 0};
	struct aka_key *key = NULL;

	CHECK(aka_key_new(spec->algorithm, spec->k, spec->opc, &key) == ERR_OK, "a key");
	CHECK(aka_auc_vector(key, rand, 32, amf, v) == ERR_OK, "a vector");
	aka_key_free(&key);
}

static void make_profile(struct bench *b, unsigned i)
{
	uint8_t k[2][16] = {{1, (uint8_t)i}, {2, (uint8_t)i}}, opc[16] = {3};
	struct profile_spec spec = {.mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(k[0]),
				    .opc = SLICE_OF(opc)};
	struct profile_spec second = spec;
	struct sealed_fields fields = {.key_id = KEY_ID,
				       .release_point = ec_key_point(release_key)};
	struct wbuf patch = wbuf_grow(PROFILE_PACKAGE_MAX), sealed = wbuf_grow(SEALED_LEN_MAX);

	snprintf(spec.iccid, sizeof(spec.iccid), "%s", b->iccid_text);
	snprintf(spec.imsi, sizeof(spec.imsi), "00101000000000%u", i);
	second = spec;
	snprintf(second.imsi, sizeof(second.imsi), "00101000000001%u", i);
	second.k = SLICE_OF(k[1]);
	make_vector(&spec, &b->first);
	make_vector(&second, &b->second);
	b->s = random_secret(SEALED_KEY_LEN);
	CHECK(b->s != NULL, "a sealing key");
	CHECK(profile_iccid(b->iccid_text, fields.iccid) == ERR_OK, "an ICCID");
	CHECK(profile_build_patch(&second, &patch) == ERR_OK, "the patch");
	CHECK(sealed_seal(&fields, secret_slice(b->s), wbuf_slice(&patch), &sealed) == ERR_OK,
	      "the sealed part");
	b->upp = wbuf_grow(PROFILE_PACKAGE_MAX);
	CHECK(profile_build(&spec, wbuf_slice(&sealed), &b->upp) == ERR_OK, "the package");
	wbuf_free(&patch);
	wbuf_free(&sealed);
}

static void make_card(struct bench *b, unsigned i)
{
	static const char *const iccids[CARDS] = {"8988211000000000017", "8988211000000000025"};
	static const uint8_t cert[] = {0x30, 0x00};
	struct card_options o = {.memory = true};
	struct wbuf der = wbuf_grow(SECRET_MAX);
	struct ec_key *sk = NULL;
	struct store_txn *t;

	memset(b->eid, 0x89 + (int)i, sizeof(b->eid));
	b->iccid_text = iccids[i];
	b->before = wbuf_grow(SNAPSHOT_CAP);
	b->now = wbuf_grow(SNAPSHOT_CAP);
	CHECK(card_open(&o, &b->card) == ERR_OK, "a card");
	CHECK(ec_key_generate(EC_P256, &sk) == ERR_OK && ec_key_save(sk, &der) == ERR_OK,
	      "SK.EUICC");
	t = store_begin(card_store(b->card));
	store_put(t, STORE_KEY_EID, SLICE_OF(b->eid));
	store_put(t, STORE_KEY_CERT, SLICE_OF(cert));
	store_put(t, STORE_KEY_EUM, SLICE_OF(cert));
	store_put_secret(t, STORE_KEY_SK, wbuf_slice(&der));
	CHECK(store_commit(t) == ERR_OK, "an identity");
	make_profile(b, i);
	install(b);
	ec_key_free(&sk);
	wbuf_free(&der);
}

/* What must hold after every step. */
static void verify(struct bench *b)
{
	snapshot(b, &b->now);
	CHECK(slice_equal(wbuf_slice(&b->now), wbuf_slice(&b->before)),
	      "the card's memory is what it was");
	CHECK(b->released || authenticate(b, &b->second) == SW_AUTH_MAC, "K2 does not answer (I1)");
}

static void took_over(struct bench *b)
{
	card_reset(b->card);
	b->released = true;
	grants++;
	CHECK(authenticate(b, &b->second) == SW_OK, "K2 answers after the grant");
	CHECK(authenticate(b, &b->first) == SW_AUTH_MAC, "K1 answers no longer");
	snapshot(b, &b->before);
}

/* What is corrupted into no command at all leaves an open challenge open. */
static bool ends_session(struct slice m)
{
	struct cursor c = cursor_of(m);
	uint32_t tag = tlv_peek(&c);

	return tag == RELEASE_TAG_CHALLENGE || tag == RELEASE_TAG_GRANT ||
	       tag == RELEASE_TAG_RESEAL;
}

/* Hands a message to a card as a grant; genuine tells what must happen. */
static void deliver(struct bench *b, struct slice m, bool genuine)
{
	uint8_t mem[MESSAGE_CAP];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	uint16_t sw = store_data(b, m, &out);
	struct release_outcome o;
	bool accepted =
		release_parse_outcome(wbuf_slice(&out), &o) == ERR_OK && o.result == RELEASE_OK;

	CHECK(accepted == genuine, genuine ? "a genuine grant is taken" : "a grant is refused");
	CHECK(accepted == ((sw & 0xFF00) == SW_PROACTIVE), "REFRESH comes with a release only");
	if (ends_session(m))
		b->in_session = false;
	if (accepted)
		took_over(b);
	else
		refusals++;
}

static void step_challenge(struct bench *b)
{
	uint8_t mem[MESSAGE_CAP], ask_mem[32];
	struct wbuf out = wbuf_init(mem, sizeof(mem)), ask = wbuf_init(ask_mem, sizeof(ask_mem));
	struct release_challenge c;
	enum release_result error;
	bool wrong = pick(8) == 0;
	enum err e;

	release_put_get_challenge(&ask, wrong ? benches[b == benches].iccid : b->iccid);
	CHECK(store_data(b, wbuf_slice(&ask), &out) == SW_OK, "a challenge is answered");
	e = release_parse_challenge(wbuf_slice(&out), &c, &error);
	b->in_session = e == ERR_OK;
	CHECK(b->in_session == (!wrong && !b->released), "a challenge for what is sealed only");
	if (e)
		return;
	CHECK(!slice_equal(SLICE_OF(b->open.nonce), SLICE_OF(c.binding.nonce)), "a new nonce");
	b->open = c.binding;
	CHECK(slice_copy(c.card_otpk, b->point, sizeof(b->point)) == ERR_OK, "a point");
}

static void put_grant(struct wbuf *w, struct bench *b, const struct release_binding *binding,
		      const struct ec_key *key)
{
	CHECK(release_put_grant(w, binding, SLICE_OF(b->point), b->s, key) == ERR_OK, "a grant");
}

/* The operator answers the last challenge; the message may be lost, late, or sent twice. */
static void step_issue(struct bench *b)
{
	unsigned slot = pooled < POOL ? pooled : pick(POOL);
	struct message *m = &pool[slot];
	struct wbuf w = wbuf_init(m->bytes, sizeof(m->bytes));

	if (!b->point[0])
		return;
	latest = slot;
	put_grant(&w, b, &b->open, release_key);
	m->len = w.len;
	m->card = (unsigned)(b - benches);
	memcpy(m->nonce, b->open.nonce, sizeof(m->nonce));
	if (pooled < POOL)
		pooled++;
}

static bool is_genuine(const struct bench *b, const struct message *m)
{
	return b->in_session && &benches[m->card] == b &&
	       slice_equal(SLICE_OF(m->nonce), SLICE_OF(b->open.nonce));
}

static void step_deliver(struct bench *b)
{
	const struct message *m;

	if (!pooled)
		return;
	/* the latest answer to this card's challenge, more often than chance would have it */
	m = &pool[pick(2) ? latest : pick(pooled)];
	deliver(b, slice_make(m->bytes, m->len), is_genuine(b, m));
}

/* A flipped bit, a cut, bytes behind it, or a piece of another message in its place. */
static void step_corrupt(struct bench *b)
{
	struct message m;
	const struct message *other;
	size_t at, n;

	if (!pooled)
		return;
	m = pool[pick(pooled)];
	other = &pool[pick(pooled)];
	at = pick((uint32_t)m.len);
	n = 1 + pick(80);
	switch (pick(4)) {
	case 0: m.bytes[at] ^= (uint8_t)(1u << pick(8)); break;
	case 1: m.len = at ? at : 1; break;
	case 2: m.bytes[m.len++] = (uint8_t)pick(256); break;
	default:
		if (n > m.len - at)
			n = m.len - at;
		memcpy(m.bytes + at, other->bytes + at, n);
		if (memcmp(m.bytes, other->bytes, m.len) == 0 && m.len == other->len)
			return;
		for (unsigned i = 0; i < pooled; i++)
			if (memcmp(m.bytes, pool[i].bytes, m.len) == 0)
				return;
	}
	deliver(b, slice_make(m.bytes, m.len), false);
}

/* Well signed, for the open session, but for one field. */
static void step_wrong_field(struct bench *b)
{
	struct release_binding wrong = b->open;
	uint8_t mem[MESSAGE_CAP];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	const struct bench *other = &benches[b == benches];
	const struct ec_key *key = release_key;

	if (!b->in_session)
		return;
	switch (pick(5)) {
	case 0: memcpy(wrong.eid, other->eid, sizeof(wrong.eid)); break;
	case 1: memcpy(wrong.iccid, other->iccid, sizeof(wrong.iccid)); break;
	case 2: wrong.nonce[pick(RELEASE_NONCE_LEN)] ^= (uint8_t)(1u << pick(8)); break;
	case 3: wrong.key_id += pick(2) ? 1u : UINT32_MAX; break;
	default: key = stranger; break;
	}
	put_grant(&w, b, &wrong, key);
	deliver(b, wbuf_slice(&w), false);
}

/* I7: the sealed part that is there, or one that a stranger signed, does not come in. */
static void step_reseal(struct bench *b)
{
	uint8_t mem[MESSAGE_CAP], answer[64];
	struct wbuf w = wbuf_init(mem, sizeof(mem)), out = wbuf_init(answer, sizeof(answer));
	enum release_result r = RELEASE_OK;
	char key[STORE_KEY_MAX + 1];
	struct slice sealed;

	snprintf(key, sizeof(key), STORE_KEY_SEALED, PROFILE);
	CHECK(store_get(card_store(b->card), key, &sealed), "a sealed part is stored");
	CHECK(release_put_reseal(&w, sealed, pick(2) ? release_key : stranger) == ERR_OK,
	      "a reseal message");
	(void)store_data(b, wbuf_slice(&w), &out);
	CHECK(release_parse_reseal_result(wbuf_slice(&out), &r) == ERR_OK && r != RELEASE_OK,
	      "an old sealed part is refused");
	b->in_session = false;
}

static void step_power(struct bench *b)
{
	card_reset(b->card);
	b->in_session = false;
}

static void run_order(void)
{
	static void (*const steps[])(struct bench *) = {
		step_challenge, step_challenge, step_challenge,	  step_issue,	step_issue,
		step_deliver,	step_deliver,	step_corrupt,	  step_corrupt, step_wrong_field,
		step_reseal,	step_power,	step_wrong_field,
	};

	for (unsigned i = 0; i < CARDS; i++) {
		if (benches[i].released)
			install(&benches[i]);
	}
	for (unsigned i = 0; i < STEPS; i++) {
		struct bench *b = &benches[pick(4) == 0];

		steps[pick(ARRAY_LEN(steps))](b);
		verify(b);
	}
}

int main(int argc, char **argv)
{
	uint64_t orders = argc > 1 ? strtoull(argv[1], NULL, 10) : ORDERS_DEFAULT;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	state = seed ? seed : 1;
	printf("flow-chaos: seed %" PRIu64 ", %" PRIu64 " orders\n", seed, orders);
	fflush(stdout);
	CHECK(ec_key_generate(EC_P256, &release_key) == ERR_OK &&
		      ec_key_generate(EC_P256, &stranger) == ERR_OK,
	      "the operator's key");
	for (unsigned i = 0; i < CARDS; i++)
		make_card(&benches[i], i);
	for (order = 0; order < orders; order++)
		run_order();
	CHECK(grants > 0 || orders < 100, "some grants were taken");
	printf("flow-chaos: seed %" PRIu64 ": %" PRIu64 " orders, %" PRIu64 " grants, %" PRIu64
	       " refusals\n",
	       seed, orders, grants, refusals);
	for (unsigned i = 0; i < CARDS; i++) {
		card_close(&benches[i].card);
		secret_free(&benches[i].s);
		wbuf_free(&benches[i].upp);
		wbuf_free(&benches[i].before);
		wbuf_free(&benches[i].now);
	}
	ec_key_free(&release_key);
	ec_key_free(&stranger);
	return 0;
}
