#include "tests/support/sealed.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/seal/seal.h"
#include "tests/support/must.h"
#include "tool/trace/pcapng.h"

#define BLOCK_MAX	512
#define PACKET_MAX	90
#define TRACE_MAX	(1 << 20)
#define TAG_FROM_END	(8 + SHA256_LEN)
#define BEFORE_FROM_END (TAG_FROM_END + SHA256_LEN)

static uint8_t next_octet(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint8_t)(*seed >> 24);
}

static void keep(struct sealed *s, struct slice block)
{
	MUST(s->count < SEALED_RECORDS_MAX);
	wbuf_put(&s->octets, block);
	MUST(wbuf_done(&s->octets) == ERR_OK);
	s->at[++s->count] = s->octets.len;
}

static void sign(struct sealed *s, struct seal_chain *chain, const struct ec_key *key, bool last)
{
	uint8_t memory[SEAL_BLOCK_LEN];
	struct wbuf w = wbuf_init(memory, sizeof(memory));

	MUST(seal_sign(chain, key, last, &w) == ERR_OK);
	keep(s, wbuf_slice(&w));
}

static void put(struct sealed *s, struct seal_chain *chain, const struct ec_key *key,
		struct wbuf *block)
{
	MUST(seal_put(chain, block) == ERR_OK);
	keep(s, wbuf_slice(block));
	wbuf_reset(block);
	if (seal_is_due(chain))
		sign(s, chain, key, false);
}

void sealed_make(const struct sealed_plan *plan, struct sealed *out)
{
	uint8_t memory[BLOCK_MAX], packet[PACKET_MAX];
	struct wbuf w = wbuf_init(memory, sizeof(memory));
	struct seal_chain chain;
	uint32_t seed = plan->seed;

	*out = (struct sealed){.octets = wbuf_grow(TRACE_MAX)};
	MUST(seal_begin(&chain) == ERR_OK);
	pcapng_put_section(&w, "sealed");
	put(out, &chain, plan->key, &w);
	for (unsigned i = 0; i < plan->readers; i++) {
		pcapng_put_interface(&w, i ? "card 2" : "card 1");
		put(out, &chain, plan->key, &w);
	}
	for (unsigned i = 0; i < plan->packets; i++) {
		size_t n = 20 + next_octet(&seed) % (PACKET_MAX - 20);

		for (size_t k = 0; k < n; k++)
			packet[k] = next_octet(&seed);
		pcapng_put_packet(&w, i % plan->readers, 1000u * i, slice_make(packet, n),
				  i % 7 ? NULL : "masked");
		put(out, &chain, plan->key, &w);
	}
	if (!plan->open)
		sign(out, &chain, plan->key, true);
}

struct slice sealed_record(const struct sealed *s, size_t i)
{
	return slice_sub(wbuf_slice(&s->octets), s->at[i], s->at[i + 1] - s->at[i]);
}

void sealed_free(struct sealed *s)
{
	wbuf_free(&s->octets);
}

void sealed_forge(struct sealed *s, size_t record)
{
	s->octets.ptr[s->at[record] + 12] ^= 1;
	for (size_t i = record; i < s->count; i++) {
		struct slice block = sealed_record(s, i);
		uint8_t *end = s->octets.ptr + s->at[i + 1];
		const struct slice parts[] = {slice_str(SEAL_WORDS),
					      slice_sub(block, 0, block.len - TAG_FROM_END),
					      slice_sub(block, block.len - 8, 8)};

		if (i > record)
			memcpy(end - BEFORE_FROM_END, s->octets.ptr + s->at[i] - TAG_FROM_END,
			       SHA256_LEN);
		MUST(sha256(parts, ARRAY_LEN(parts), end - TAG_FROM_END) == ERR_OK);
	}
}

static void take_fault(void *ctx, const struct seal_fault *fault)
{
	struct sealed_outcome *o = ctx;

	if (o->count < SEALED_FAULTS_MAX)
		o->faults[o->count++] = *fault;
}

void sealed_verify(struct slice trace, size_t piece, struct sealed_outcome *out)
{
	const struct seal_sink sink = {take_fault, out};
	struct seal_verifier *v = NULL;

	out->count = 0;
	MUST(seal_verifier_open(&v) == ERR_OK);
	for (size_t at = 0; at < trace.len; at += piece)
		MUST(seal_verifier_feed(v, slice_sub(trace, at, piece)) == ERR_OK);
	MUST(seal_verifier_end(v, &sink, &out->verdict) == ERR_OK);
	seal_verifier_close(&v);
}

bool sealed_is_whole(const struct sealed_outcome *o)
{
	return o->verdict.sealed && o->verdict.closed && !o->verdict.faults && !o->verdict.cut;
}

bool sealed_same_fault(const struct seal_fault *a, const struct seal_fault *b)
{
	return a->kind == b->kind && a->first == b->first && a->last == b->last &&
	       a->offset == b->offset;
}

bool sealed_has_only(const struct sealed_outcome *o, const struct seal_fault *fault)
{
	return o->verdict.faults == 1 && sealed_same_fault(o->faults, fault);
}
