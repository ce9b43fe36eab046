/*
 * flow-chaos: the messages of the release in random orders, repeated, dropped, swapped, corrupted.
 *
 * Cards with a sealed second subscription, of each kind of K2; an operator that signs right grants,
 * grants with one wrong field, new sealed parts with a K2 of their own, and a stranger that signs
 * with a key of its own. After every step: of all keys that there were one answers on a card, in
 * the 3G and the GSM context: the K2 of the sealed part for which the card has got last, whole and
 * first, the genuine grant for its open challenge (I1, I2), or K1 until the first of them (and,
 * where K2 is in volatile memory, after each loss of power); after
 * every refusal the card's memory is what it was (I2).
 *
 * usage: flow-chaos [ORDERS [SEED]]. What is done is a function of both; the orders are shared
 * among WORKERS processes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/uicc/command.h"
#include "lib/auth/sqn.h"
#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "card-emu/store/store.h"
#include "lib/profile/sealed.h"
#include "lib/base/tlv.h"
#include "lib/release/grant.h"
#include "tests/property/flow/bench.h"

#define ORDERS_DEFAULT 6000 /* make soak: more */
#define WORKERS	       2
#define STEPS	       8
#define POOL	       6
#define CHAIN_MAX      16 /* blocks of a chain that was tampered with */

struct message {
	size_t len;
	uint8_t bytes[BENCH_MESSAGE];
	unsigned card;				       /* whose challenge it answers */
	uint8_t nonce[KRA_NONCE_LEN], k2[BENCH_K_MAX]; /* where it is derived */
};

/* X(name): what happened, counted */
#define COUNT_TABLE(X)	  X(orders) X(grants) X(refusals) X(rotations) X(broken_chains)
#define COUNT_FIELD(name) uint64_t name;
struct counts {
	COUNT_TABLE(COUNT_FIELD)
};

static struct bench benches[BENCH_CARDS];
static struct message pool[POOL];
static unsigned pooled, latest, worker;
static struct ec_key *release_key, *stranger;
static uint64_t seed, state;
static struct counts counts;

void chaos_where(char *text, size_t cap)
{
	snprintf(text, cap, "seed %" PRIu64 ", process %u, its order %" PRIu64, seed, worker,
		 counts.orders);
}

/* xorshift64* */
static uint32_t pick(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

static size_t pick_block(void)
{
	static const uint8_t blocks[] = {255, 255, 128, 97, 40};

	return blocks[pick(ARRAY_LEN(blocks))];
}

/* What must hold after every step. */
static void verify(struct bench *b)
{
	unsigned active = b->released ? 2 : 1;

	bench_snapshot(b, &b->now);
	CHECK(slice_equal(wbuf_slice(&b->now), wbuf_slice(&b->before)),
	      "the card's memory is what it was");
	for (unsigned i = 0; i < BENCH_KEYS; i++) {
		static const char *const what[] = {"the former K2 answers no longer",
						   "K1 answers no longer", "a K2 before its time",
						   "the sealed K2 does not answer (I1)"};

		if (i != active && b->keys[i].key)
			CHECK(bench_authenticate(b, &b->keys[i].vector) == SW_AUTH_MAC, what[i]);
	}
	CHECK(bench_gsm(b) == active, "the active key alone answers in the GSM context");
}

static void took_over(struct bench *b, const struct message *m)
{
	bench_reset(b);
	bench_opened(b, m->k2);
	counts.grants++;
	CHECK(bench_authenticate(b, &b->keys[2].vector) == SW_OK, "K2 answers after the grant");
	bench_snapshot(b, &b->before);
}

/* The answer to what was handed over as a grant. m: which it was, where it is genuine; NULL: it is
 * not. */
static void judge(struct bench *b, const struct message *m, uint16_t sw, struct slice answer)
{
	struct kra_outcome o;
	bool genuine = m != NULL;
	bool accepted = kra_parse_outcome(answer, &o) == ERR_OK && o.result == KRA_RESULT_OK;

	CHECK(accepted == genuine, genuine ? "a genuine grant is taken" : "a grant is refused");
	CHECK(accepted == ((sw & 0xFF00) == SW_PROACTIVE), "REFRESH comes with a release only");
	b->in_session = false; /* whatever it was corrupted into */
	if (accepted)
		took_over(b, m);
	else
		counts.refusals++;
}

static void deliver(struct bench *b, struct slice octets, const struct message *genuine)
{
	uint8_t mem[BENCH_MESSAGE];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	uint16_t sw = bench_send(b, octets, pick_block(), &out);

	judge(b, genuine, sw, wbuf_slice(&out));
}

static struct bench *other_than(const struct bench *b)
{
	return &benches[((size_t)(b - benches) + 1 + pick(BENCH_CARDS - 1)) % BENCH_CARDS];
}

static void step_challenge(struct bench *b)
{
	uint8_t mem[BENCH_MESSAGE], ask_mem[32];
	struct wbuf out = wbuf_init(mem, sizeof(mem)), ask = wbuf_init(ask_mem, sizeof(ask_mem));
	struct kra_challenge c;
	enum kra_result error;
	bool wrong = pick(8) == 0;
	enum err e;

	kra_put_get_challenge(&ask, wrong ? other_than(b)->iccid : b->iccid);
	CHECK(bench_send(b, wbuf_slice(&ask), pick_block(), &out) == SW_OK,
	      "a challenge is answered");
	e = kra_parse_challenge(wbuf_slice(&out), &c, &error);
	b->in_session = e == ERR_OK;
	CHECK(b->in_session == (!wrong && b->sealed), "a challenge for what is sealed only");
	if (e)
		return;
	CHECK(!slice_equal(SLICE_OF(b->open.nonce), SLICE_OF(c.binding.nonce)), "a new nonce");
	CHECK(c.binding.key_id == b->key_id, "the keyId of what is sealed");
	b->open = c.binding;
	CHECK(slice_copy(c.card_otpk, b->point, sizeof(b->point)) == ERR_OK, "a point");
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
	bench_put_grant(b, &b->open, release_key, &w, m->k2);
	m->len = w.len;
	m->card = (unsigned)(b - benches);
	memcpy(m->nonce, b->open.nonce, sizeof(m->nonce));
	if (pooled < POOL)
		pooled++;
}

/* The message, if it is; else NULL. */
static const struct message *genuine(const struct bench *b, const struct message *m)
{
	return b->in_session && &benches[m->card] == b &&
			       slice_equal(SLICE_OF(m->nonce), SLICE_OF(b->open.nonce))
		       ? m
		       : NULL;
}

/* The latest answer to a challenge, more often than chance would have it */
static const struct message *pick_message(void)
{
	return &pool[pick(2) ? latest : pick(pooled)];
}

static void step_deliver(struct bench *b)
{
	const struct message *m;

	if (!pooled)
		return;
	m = pick_message();
	deliver(b, slice_make(m->bytes, m->len), genuine(b, m));
}

/* A flipped bit, a cut, bytes behind it, or a piece of another message in its place. */
static void step_corrupt(struct bench *b)
{
	struct message m;
	const struct message *other;
	size_t at, n;

	if (!pooled)
		return;
	m = *pick_message();
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
		for (unsigned i = 0; i < pooled; i++) {
			if (m.len == pool[i].len && memcmp(m.bytes, pool[i].bytes, m.len) == 0)
				return; /* nothing was changed */
		}
	}
	deliver(b, slice_make(m.bytes, m.len), NULL);
}

/* The order of the blocks of a chain of n, with one or two mishaps; how many are sent. */
static size_t tamper(uint8_t order[static CHAIN_MAX], size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = (uint8_t)i;
	for (unsigned k = 1 + pick(2); k && n; k--) {
		size_t i = pick((uint32_t)n), j = pick((uint32_t)n);
		uint8_t kept = order[i];

		switch (pick(3)) {
		case 0: /* swapped */
			order[i] = order[j];
			order[j] = kept;
			break;
		case 1: /* lost */ memmove(order + i, order + i + 1, --n - i); break;
		default: /* sent again, at some later time or at once */
			if (n < CHAIN_MAX) {
				memmove(order + j + 1, order + j, n++ - j);
				order[j] = kept;
			}
		}
	}
	return n;
}

/* What a message is that came together block by block: maybe one of the pool. */
static const struct message *genuine_chain(const struct bench *b, struct slice chain)
{
	for (unsigned i = 0; i < pooled; i++) {
		if (slice_equal(chain, slice_make(pool[i].bytes, pool[i].len)))
			return genuine(b, &pool[i]);
	}
	return NULL;
}

/* Blocks of a message swapped, lost, repeated, a chain left open: a whole chain is a message only.
 */
static void step_blocks(struct bench *b)
{
	uint8_t mem[BENCH_MESSAGE], order[CHAIN_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	const struct message *m;
	size_t block = 40 + pick(100), n, sent;

	if (!pooled)
		return;
	m = pick_message();
	n = (m->len + block - 1) / block;
	sent = tamper(order, n);
	for (size_t i = 0; i < sent; i++) {
		struct slice part =
			slice_sub(slice_make(m->bytes, m->len), order[i] * block, block);
		uint16_t sw;

		if (bench_block(b, part, order[i] == n - 1, order[i], &out, &sw))
			judge(b, genuine_chain(b, wbuf_slice(&b->chain)), sw, wbuf_slice(&out));
		counts.broken_chains += sw == SW_WRONG_P1P2;
	}
}

/* Well signed, for the open session, but for one field. */
static void step_wrong_field(struct bench *b)
{
	struct kra_binding wrong = b->open;
	uint8_t mem[BENCH_MESSAGE];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	const struct bench *other = other_than(b);
	uint8_t k2[BENCH_K_MAX];
	const struct ec_key *key = release_key;

	if (!b->in_session)
		return;
	switch (pick(5)) {
	case 0: memcpy(wrong.eid, other->eid, sizeof(wrong.eid)); break;
	case 1: memcpy(wrong.iccid, other->iccid, sizeof(wrong.iccid)); break;
	case 2: wrong.nonce[pick(KRA_NONCE_LEN)] ^= (uint8_t)(1u << pick(8)); break;
	case 3: wrong.key_id += pick(2) ? 1u : UINT32_MAX; break;
	default: key = stranger; break;
	}
	bench_put_grant(b, &wrong, key, &w, k2);
	deliver(b, wbuf_slice(&w), NULL);
}

static enum kra_result reseal(struct bench *b, struct slice m)
{
	uint8_t answer[64];
	struct wbuf out = wbuf_init(answer, sizeof(answer));
	enum kra_result r = KRA_RESULT_OK;

	(void)bench_send(b, m, pick_block(), &out);
	if (kra_parse_reseal_result(wbuf_slice(&out), &r))
		r = KRA_RESULT_UNDEFINED; /* it was corrupted into no reseal */
	b->in_session = false;		  /* whatever it was corrupted into */
	return r;
}

/* I7: the sealed part that is there, or one that a stranger signed, does not come in. */
static void step_reseal(struct bench *b)
{
	struct wbuf m = wbuf_grow(SEALED_LEN_MAX);
	char key[STORE_KEY_MAX + 1];
	struct slice sealed;

	snprintf(key, sizeof(key), STORE_KEY_SEALED, BENCH_PROFILE);
	CHECK(store_get(card_store(b->card), key, &sealed), "a sealed part is stored");
	CHECK(kra_put_reseal(&m, sealed, pick(2) ? release_key : stranger) == ERR_OK,
	      "a reseal message");
	CHECK(reseal(b, wbuf_slice(&m)) != KRA_RESULT_OK, "an old sealed part is refused");
	wbuf_free(&m);
}

/* A rotation: the new sealed part comes in, and changes nothing else; a bit of it wrong: it does
 * not. */
static void step_rotate(struct bench *b)
{
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX), m = wbuf_grow(SEALED_LEN_MAX);
	bool corrupt = pick(2);

	bench_put_next_sealed(b, release_key, &sealed);
	CHECK(kra_put_reseal(&m, wbuf_slice(&sealed), release_key) == ERR_OK, "a reseal");
	if (corrupt)
		m.ptr[pick((uint32_t)m.len)] ^= (uint8_t)(1u << pick(8));
	CHECK((reseal(b, wbuf_slice(&m)) == KRA_RESULT_OK) == !corrupt, "a rotation");
	if (!corrupt) {
		bench_resealed(b);
		counts.rotations++;
		bench_snapshot(b, &b->before);
	}
	wbuf_free(&sealed);
	wbuf_free(&m);
}

static void step_power(struct bench *b)
{
	if (pick(2))
		bench_power(b);
	else
		bench_reset(b);
}

/* The network asks the first subscription, with a fresh number. */
static void step_first(struct bench *b)
{
	static const uint8_t rand[AKA_RAND_LEN] = {1}, amf[AKA_AMF_LEN] = {0x80, 0};
	struct aka_vector v;

	CHECK(sqn_next(b->sqn1, SQN_IND_BITS, &b->sqn1) == ERR_OK, "a number");
	CHECK(aka_auc_vector(b->keys[1].key, rand, b->sqn1, amf, &v) == ERR_OK, "a vector");
	CHECK(bench_authenticate(b, &v) == (b->released ? SW_AUTH_MAC : SW_OK),
	      "K1 answers until the release");
}

static void step_status(struct bench *b)
{
	uint8_t mem[128], ask_mem[8];
	struct wbuf out = wbuf_init(mem, sizeof(mem)), ask = wbuf_init(ask_mem, sizeof(ask_mem));
	struct kra_status s;

	kra_put_get_status(&ask);
	CHECK(bench_send(b, wbuf_slice(&ask), BENCH_MESSAGE, &out) == SW_OK, "a status");
	CHECK(kra_parse_status(wbuf_slice(&out), &s) == ERR_OK, "that is one");
	CHECK(s.active == (b->released ? 2 : 1) && s.key_id == b->key_id &&
		      s.state == (b->sealed ? KRA_STATE_SEALED : KRA_STATE_RELEASED),
	      "and tells what is");
}

/* The profile is disabled and enabled; in between a grant, even a genuine one, does nothing. */
static void step_profile(struct bench *b)
{
	static const uint8_t open[] = {0x00, INS_MANAGE_CHANNEL, 0, 0};
	static const uint8_t select[] = {0x02, INS_SELECT, 0x04, 0x00};
	static const uint8_t send[] = {0x82, INS_STORE_DATA, 0x91, 0x00};
	static const uint8_t isdr[] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
				       0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00};
	uint8_t request[20] = {0xBF, 0x32, 0x11, 0xA0, 0x0C, 0x5A, 0x0A};
	uint8_t mem[BENCH_MESSAGE];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	const struct message *m = pooled ? pick_message() : NULL;

	memcpy(request + 7, b->iccid, sizeof(b->iccid));
	memcpy(request + 17, "\x81\x01\x00", 3);
	CHECK(bench_command(b, open, SLICE_EMPTY, &out) == SW_OK, "a channel");
	CHECK(bench_command(b, select, SLICE_OF(isdr), &out) == SW_OK, "the ISD-R");
	CHECK(bench_command(b, send, SLICE_OF(request), &out) == SW_OK, "the profile is disabled");
	CHECK(bench_authenticate(b, &b->keys[1].vector) == SW_FILE_NOT_FOUND,
	      "and answers nothing");
	if (m)
		deliver(b, slice_make(m->bytes, m->len), NULL);
	request[1] = 0x31;
	CHECK(bench_command(b, send, SLICE_OF(request), &out) == SW_OK, "the profile is enabled");
	bench_reset(b);
}

typedef void step(struct bench *b);

static step *pick_step(void)
{
	static step *const steps[] = {
		step_challenge, step_challenge, step_challenge,	  step_issue,	step_issue,
		step_deliver,	step_deliver,	step_corrupt,	  step_corrupt, step_wrong_field,
		step_reseal,	step_power,	step_wrong_field, step_blocks,	step_rotate,
		step_first,	step_status,	step_profile,
	};

	return steps[pick(ARRAY_LEN(steps))];
}

/* Chance alone seldom makes a release: now and then all of it in order, with one thing between. */
static void run_release(struct bench *b)
{
	step *const order[] = {step_challenge, step_issue, step_deliver};
	unsigned at = pick(4);

	for (unsigned i = 0; i < ARRAY_LEN(order); i++) {
		order[i](b);
		verify(b);
		if (i == at) {
			pick_step()(b);
			verify(b);
		}
	}
}

static void run_order(void)
{
	for (unsigned i = 0; i < BENCH_CARDS; i++) {
		if (benches[i].released && pick(4))
			bench_install(&benches[i]);
	}
	for (unsigned i = 0; i < STEPS; i++) {
		struct bench *b = &benches[pick(BENCH_CARDS)];

		if (pick(32) == 0)
			run_release(b);
		else
			pick_step()(b);
		verify(b);
	}
}

/* A share of the orders, in a process of its own; the counts go to fd. */
static int work(uint64_t orders, int fd)
{
	state = (seed + worker + 1) * UINT64_C(0x9E3779B97F4A7C15);
	CHECK(state != 0, "a seed");
	CHECK(ec_key_generate(EC_P256, &release_key) == ERR_OK &&
		      ec_key_generate(EC_P256, &stranger) == ERR_OK,
	      "the operator's key");
	for (unsigned i = 0; i < BENCH_CARDS; i++)
		bench_make(&benches[i], i, release_key);
	for (counts.orders = 0; counts.orders < orders; counts.orders++)
		run_order();
	for (unsigned i = 0; i < BENCH_CARDS; i++)
		bench_free(&benches[i]);
	ec_key_free(&release_key);
	ec_key_free(&stranger);
	return write(fd, &counts, sizeof(counts)) == sizeof(counts) ? 0 : 1;
}

int main(int argc, char **argv)
{
	uint64_t orders = argc > 1 ? strtoull(argv[1], NULL, 10) : ORDERS_DEFAULT;
	struct counts sum = {0}, one;
	bool failed = false;
	int fds[2], status;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	printf("flow-chaos: seed %" PRIu64 ", %" PRIu64 " orders\n", seed, orders);
	fflush(stdout);
	CHECK(pipe(fds) == 0, "a pipe");
	for (worker = 0; worker < WORKERS; worker++) {
		pid_t pid = fork();

		CHECK(pid >= 0, "a process");
		if (pid == 0)
			exit(work((orders + worker) / WORKERS, fds[1]));
	}
	while (wait(&status) > 0)
		failed = failed || status != 0;
	close(fds[1]);
	while (read(fds[0], &one, sizeof(one)) == sizeof(one)) {
#define COUNT_ADD(name) sum.name += one.name;
		COUNT_TABLE(COUNT_ADD)
	}
	if (failed || sum.orders != orders)
		return 1;
	printf("flow-chaos: seed %" PRIu64, seed);
#define COUNT_PRINT(name) printf(", %" PRIu64 " " #name, sum.name);
	COUNT_TABLE(COUNT_PRINT)
	printf("\n");
	CHECK(orders < 1000 || (sum.grants && sum.refusals && sum.rotations && sum.broken_chains),
	      "each kind of thing has happened");
	return 0;
}
