/* Faults of the key-release application (docs/protocol.md, section 2). */
#include "lib/release/kra.h"
#include "tests/tool/faulty/fault.h"

static bool in_kra(const struct faulty *f, const struct apdu *a)
{
	return a->ins == INS_STORE_DATA && fault_in_app(fault_place_of(f, a), SLICE_OF(kra_aid));
}

static bool parse_challenge(const struct fault_turn *t, struct kra_challenge *c)
{
	enum kra_result error;

	return kra_parse_challenge(wbuf_slice(t->data), c, &error) == ERR_OK;
}

/* The octet of the answer that a slice of it begins with. */
static void flip_in(struct fault_turn *t, struct slice part, size_t at)
{
	fault_flip(t->data, (long)((size_t)(part.ptr - t->data->ptr) + at));
}

static void signature(struct fault_turn *t)
{
	struct kra_challenge c;

	if (parse_challenge(t, &c))
		flip_in(t, c.signature, c.signature.len - 1);
}

/* The first challenge is every challenge, whole and rightly signed. */
static void nonce_repeats(struct fault_turn *t)
{
	static struct wbuf first;
	struct kra_challenge c;

	if (!parse_challenge(t, &c))
		return;
	if (!first.ptr) {
		first = wbuf_grow(KRA_MESSAGE_MAX);
		wbuf_put(&first, wbuf_slice(t->data));
	}
	wbuf_cut(t->data, 0);
	wbuf_put(t->data, wbuf_slice(&first));
}

static void put_status(struct fault_turn *t, const struct kra_status *s)
{
	wbuf_cut(t->data, 0);
	kra_put_status(t->data, s);
}

static void key_id_back(struct fault_turn *t)
{
	struct kra_status s;

	if (kra_parse_status(wbuf_slice(t->data), &s) == ERR_OK && s.key_id) {
		s.key_id += 5 - (t->f->count < 4 ? t->f->count : 4); /* and less each time */
		t->f->count++;
		put_status(t, &s);
	}
}

static void other_iccid(struct fault_turn *t)
{
	struct kra_status s;

	if (kra_parse_status(wbuf_slice(t->data), &s) == ERR_OK && s.has_iccid) {
		s.iccid[5] ^= 0x10;
		put_status(t, &s);
	}
}

static void other_eid(struct fault_turn *t)
{
	struct kra_status s;

	if (kra_parse_status(wbuf_slice(t->data), &s) == ERR_OK) {
		s.eid[8] ^= 0x10;
		put_status(t, &s);
	}
}

/* The last octet of the eUICC's certificate is that of its signature. */
static void damaged_certificate(struct fault_turn *t)
{
	struct kra_challenge c;

	if (parse_challenge(t, &c))
		flip_in(t, c.euicc_cert, c.euicc_cert.len - 1);
}

#define FAULT(id, function, text, where, finder)                                                   \
	{                                                                                          \
		.name = (id), .what = (text), .clause = (where), .finds = (finder), .card = "kra", \
		.concerns = in_kra, .answer = (function)                                           \
	}
static const struct fault rows[] = {
	FAULT("kra-signature", signature, "the signature of the challenge is wrong",
	      "docs/protocol.md 2", "kra.signature"),
	FAULT("kra-nonce", nonce_repeats, "the challenge is the same again", "docs/protocol.md 2",
	      "kra.fresh"),
	FAULT("kra-key-id", key_id_back, "the keyId of the status goes back", "docs/protocol.md 2",
	      "kra.key-id"),
	FAULT("kra-iccid", other_iccid, "the status names another profile", "docs/protocol.md 2",
	      "kra.profile"),
	FAULT("kra-eid", other_eid, "the status names another eUICC", "docs/protocol.md 2",
	      "kra.status"),
	FAULT("kra-certificate", damaged_certificate,
	      "the eUICC's certificate is not signed by its EUM", "docs/protocol.md 2",
	      "kra.chain"),
};

FAULT_TABLE(faults_of_kra, rows);
