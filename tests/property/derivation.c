/*
 * derivation: card and operator derive the same K2, in random runs; nobody else does.
 *
 * Each run: a challenge with a fresh one-time key, a grant of derived mode, opened by the card's
 * side. The elements come out as they went in, both sides have the same K2, which is in no message
 * in any form, no other run has it, and a function for another length gives another one. A grant of
 * which a bit was changed, whose sealed part is another, or whose one-time key is no point of the
 * curve, opens nothing; nor does the operator answer such a point.
 *
 * usage: derivation [RUNS [SEED]].
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/sealed.h"
#include "lib/release/grant.h"
#include "tests/property/flow/bench.h"

#define RUNS_DEFAULT 10000
#define ELEMENTS_MAX 600
#define SEALED_MAX   300

static uint64_t seed, state, runs;

void chaos_where(char *text, size_t cap)
{
	snprintf(text, cap, "seed %" PRIu64 ", run %" PRIu64, seed, runs);
}

/* xorshift64* */
static uint32_t pick(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

static void fill(uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)pick(256);
}

/* One run, as both sides see it. */
struct run {
	struct kra_challenge challenge;
	struct ec_key *card; /* its one-time key */
	uint8_t plain[ELEMENTS_MAX], sealed[SEALED_MAX];
	struct grant_elements elements;
	uint8_t memory[KRA_MESSAGE_MAX];
	struct wbuf message;
	struct secret *k2; /* the operator's */
};

static void begin(struct run *r)
{
	size_t octets = pick(2) ? 16 : 32;

	*r = (struct run){.challenge = {.binding = {.key_id = 1 + pick(UINT32_MAX - 1)}}};
	fill(r->challenge.binding.eid, KRA_EID_LEN);
	fill(r->challenge.binding.iccid, KRA_ICCID_LEN);
	fill(r->challenge.binding.nonce, KRA_NONCE_LEN);
	fill(r->plain, sizeof(r->plain));
	fill(r->sealed, sizeof(r->sealed));
	r->message = wbuf_init(r->memory, sizeof(r->memory));
	r->elements = (struct grant_elements){
		.from = {.kdf = sealed_kdf(octets),
			 .octets = octets,
			 .sealed = slice_make(r->sealed, 1 + pick(SEALED_MAX))},
		.plain = slice_make(r->plain, 1 + pick(ELEMENTS_MAX))};
	CHECK(ec_key_generate(EC_P256, &r->card) == ERR_OK, "a one-time key");
	r->challenge.card_otpk = ec_key_point(r->card);
}

static void end(struct run *r)
{
	ec_key_free(&r->card);
	secret_free(&r->k2);
}

static enum err open_grant(const struct run *r, const struct grant_derivation *from,
			   struct grant_derived *out)
{
	struct grant g;
	enum err e = grant_parse(wbuf_slice(&r->message), &g);

	return e ? e : grant_open_derived(&g, r->card, from, out);
}

static void agree(struct run *r)
{
	struct grant_derived d = {NULL, NULL};
	struct secret *s = NULL;
	struct grant g;

	CHECK(open_grant(r, &r->elements.from, &d) == ERR_OK, "the card opens the grant");
	CHECK(slice_equal(secret_slice(d.elements), r->elements.plain), "the elements are whole");
	CHECK(d.k2->len == r->elements.from.octets, "K2 is as long as the sealed part says");
	CHECK(secret_equal(secret_slice(d.k2), secret_slice(r->k2)), "both sides have one K2");
	CHECK(!memmem(r->message.ptr, r->message.len, d.k2->bytes, d.k2->len),
	      "K2 is in no message");
	CHECK(!memmem(r->message.ptr, r->message.len, r->elements.plain.ptr,
		      r->elements.plain.len) ||
		      r->elements.plain.len < 8,
	      "nor are the elements in clear");
	CHECK(grant_parse(wbuf_slice(&r->message), &g) == ERR_OK &&
		      grant_open(&g, r->card, &s) == ERR_UNSUPPORTED,
	      "there is no S in it");
	grant_derived_free(&d);
}

/* Another function gives another K2, also in what the two have in common. */
static void derive_otherwise(struct run *r)
{
	struct grant_derivation from = r->elements.from;
	struct grant_derived d = {NULL, NULL};

	from.octets = from.octets == 16 ? 32 : 16;
	from.kdf = sealed_kdf(from.octets);
	CHECK(open_grant(r, &from, &d) == ERR_OK, "another function");
	CHECK(memcmp(d.k2->bytes, r->k2->bytes, 16) != 0, "another K2");
	grant_derived_free(&d);
}

static void change_sealed(struct run *r)
{
	struct grant_derived d = {NULL, NULL};

	r->sealed[pick((uint32_t)r->elements.from.sealed.len)] ^= (uint8_t)(1u << pick(8));
	CHECK(open_grant(r, &r->elements.from, &d) == ERR_MAC, "another sealed part");
}

/* In front of the signature: that one is the card's to check. */
static void change_bit(struct run *r)
{
	struct grant_derived d = {NULL, NULL};
	struct grant g;
	size_t end;

	CHECK(grant_parse(wbuf_slice(&r->message), &g) == ERR_OK, "a grant");
	end = (size_t)(g.signed_part.ptr - r->message.ptr) + g.signed_part.len;
	r->message.ptr[pick((uint32_t)end)] ^= (uint8_t)(1u << pick(8));
	CHECK(open_grant(r, &r->elements.from, &d) != ERR_OK, "a changed bit");
}

/* P-256 has no points of low order but infinity, whose code is an octet 00: here it is in a field
 * of 65 octets, with that form's other ways to say nothing. */
static void bad_point(uint8_t point[static EC_POINT_LEN])
{
	switch (pick(4)) {
	case 0: memset(point, 0, EC_POINT_LEN); break;
	case 1: memset(point + 1, 0, EC_POINT_LEN - 1); break;	      /* 04, x = y = 0 */
	case 2: memset(point + 1, 0xFF, EC_POINT_LEN - 1); break;     /* no field elements */
	default: point[EC_POINT_LEN - 1] ^= (uint8_t)(1u << pick(8)); /* beside the curve */
	}
}

static void refuse_points(struct run *r)
{
	struct grant_derived d = {NULL, NULL};
	struct secret *k2 = NULL;
	uint8_t point[EC_POINT_LEN], mem[KRA_MESSAGE_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct kra_challenge c = r->challenge;
	struct grant g;

	memcpy(point, c.card_otpk.ptr, sizeof(point));
	bad_point(point);
	c.card_otpk = SLICE_OF(point);
	CHECK(grant_build_derived(&w, &c, &r->elements, r->card, &k2) == ERR_POINT && !k2 && !w.len,
	      "the operator refuses what is no point");
	CHECK(grant_parse(wbuf_slice(&r->message), &g) == ERR_OK, "a grant");
	bad_point(r->message.ptr + (g.operator_otpk.ptr - r->message.ptr));
	CHECK(open_grant(r, &r->elements.from, &d) == ERR_POINT && !d.k2, "so does the card");
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(uint64_t));
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : RUNS_DEFAULT;
	static void (*const twists[])(struct run *) = {derive_otherwise, change_sealed, change_bit,
						       refuse_points};
	uint64_t *seen = calloc(count, sizeof(*seen));
	struct ec_key *release_key = NULL;
	struct run r;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	state = seed * 2 + 1;
	printf("derivation: seed %" PRIu64 ", %" PRIu64 " runs\n", seed, count);
	CHECK(seen && ec_key_generate(EC_P256, &release_key) == ERR_OK, "memory and a key");
	for (runs = 0; runs < count; runs++) {
		begin(&r);
		CHECK(grant_build_derived(&r.message, &r.challenge, &r.elements, release_key,
					  &r.k2) == ERR_OK,
		      "a grant");
		agree(&r);
		memcpy(&seen[runs], r.k2->bytes, sizeof(seen[runs]));
		twists[pick(ARRAY_LEN(twists))](&r);
		end(&r);
	}
	qsort(seen, count, sizeof(*seen), compare);
	for (uint64_t i = 1; i < count; i++)
		CHECK(seen[i] != seen[i - 1], "no K2 came twice");
	free(seen);
	ec_key_free(&release_key);
	printf("derivation: seed %" PRIu64 ", %" PRIu64 " runs agree\n", seed, count);
	return 0;
}
