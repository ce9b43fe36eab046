#include "host/operator/factor/sent.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "lib/crypto/symmetric.h"

#define EVIDENCE_MAX 200
#define SHOWN	     3	      /* characters of an address */
#define DIGITS_END   1000000u /* one more than the last code */

void sent_mask(const char *address, char masked[static SENT_MASKED_CAP])
{
	size_t n = strlen(address);

	snprintf(masked, SENT_MASKED_CAP, "...%s", n > 2 * SHOWN ? address + n - SHOWN : "");
}

static bool is_address(const char *s)
{
	for (const char *c = s; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return strlen(s) <= BOOK_ADDRESS_MAX;
}

struct enrolling {
	const char *address;
	int64_t now;
	char evidence[EVIDENCE_MAX];
};

static enum err take_address(void *ctx, const struct subscriber *row, struct book *b,
			     struct subscriber_event *ev)
{
	struct enrolling *g = ctx;
	char masked[SENT_MASKED_CAP];

	(void)row;
	sent_mask(g->address, masked);
	b->sent = (struct book_sent){.until = 0};
	b->wrong[FACTOR_SENT] = 0;
	b->passed[FACTOR_SENT] = (struct factor_passed){0, 0};
	snprintf(b->sent.address, sizeof(b->sent.address), "%s", g->address);
	if (*g->address)
		snprintf(g->evidence, sizeof(g->evidence), "codes are sent to %s", masked);
	else
		snprintf(g->evidence, sizeof(g->evidence), "codes are sent to nobody any more");
	*ev = (struct subscriber_event){
		.kind = EVENT_ENROLL, .actor = "operator", .evidence = g->evidence, .now = g->now};
	return ERR_OK;
}

enum err sent_enroll(struct operator_store *s, int64_t id, const char *address, int64_t now)
{
	struct enrolling g = {.address = address, .now = now};
	const struct factor_step step = {
		.kind = FACTOR_SENT, .now = now, .take = take_address, .ctx = &g};

	return is_address(address) ? factor_step(s, id, &step, NULL) : ERR_VALUE;
}

static enum err hash_code(const struct book_sent *sent, const char *digits,
			  uint8_t hash[static BOOK_HASH_LEN])
{
	struct slice parts[] = {slice_str("twinkey sent code"), slice_str(digits)};

	return hmac_sha256(SLICE_OF(sent->salt), parts, ARRAY_LEN(parts), hash);
}

/* Each code as likely as any other: what is past the last whole million is drawn again. */
static enum err draw(char digits[static SENT_DIGITS + 1])
{
	const uint32_t end = UINT32_MAX - UINT32_MAX % DIGITS_END;
	uint8_t octets[4];
	struct cursor c;
	uint32_t n;
	enum err e;

	do {
		e = random_bytes(octets, sizeof(octets));
		c = cursor_of(SLICE_OF(octets));
		n = cursor_u32(&c);
	} while (!e && n >= end);
	if (!e)
		snprintf(digits, SENT_DIGITS + 1, "%06u", (unsigned)(n % DIGITS_END));
	secret_wipe(octets, sizeof(octets));
	return e;
}

struct making {
	struct sent_code *out;
	int64_t now;
	char evidence[EVIDENCE_MAX];
};

static enum err make_code(void *ctx, const struct subscriber *row, struct book *b,
			  struct subscriber_event *ev)
{
	struct making *m = ctx;
	char masked[SENT_MASKED_CAP];
	enum err e = b->locked ? ERR_REFUSED : book_sent_begin(b, m->now, &m->out->wait_s);

	(void)row;
	if (!e)
		e = random_bytes(b->sent.salt, sizeof(b->sent.salt));
	if (!e)
		e = draw(m->out->digits);
	if (!e)
		e = hash_code(&b->sent, m->out->digits, b->sent.hash);
	if (e)
		return e;
	snprintf(m->out->address, sizeof(m->out->address), "%s", b->sent.address);
	sent_mask(b->sent.address, masked);
	snprintf(m->evidence, sizeof(m->evidence), "a code is sent to %s", masked);
	*ev = (struct subscriber_event){
		.kind = EVENT_CODE_SENT, .actor = "user", .evidence = m->evidence, .now = m->now};
	return ERR_OK;
}

enum err sent_make(struct operator_store *s, int64_t id, int64_t now, struct sent_code *out)
{
	struct sent_code code = {.wait_s = 0};
	struct making m = {.out = &code, .now = now};
	const struct factor_step step = {
		.kind = FACTOR_SENT, .attempt = true, .now = now, .take = make_code, .ctx = &m};
	enum err e = factor_step(s, id, &step, NULL);

	if (!e)
		*out = code;
	out->wait_s = code.wait_s;
	secret_wipe(&code, sizeof(code));
	return e;
}

static enum err lose_code(void *ctx, const struct subscriber *row, struct book *b,
			  struct subscriber_event *ev)
{
	(void)row;
	b->sent.until = 0;
	*ev = *(const struct subscriber_event *)ctx;
	return ERR_OK;
}

enum err sent_lost(struct operator_store *s, int64_t id, int64_t now, const char *why)
{
	char evidence[EVIDENCE_MAX];
	struct subscriber_event ev = {
		.kind = EVENT_CODE_SENT, .actor = "portal", .evidence = evidence, .now = now};
	const struct factor_step step = {
		.kind = FACTOR_SENT, .now = now, .take = lose_code, .ctx = &ev};

	snprintf(evidence, sizeof(evidence), "the code could not be sent: %s", why);
	return factor_step(s, id, &step, NULL);
}

struct judging {
	const struct factor_code *code;
	unsigned *tries_left;
	char evidence[EVIDENCE_MAX];
};

static void note_wrong(struct judging *j, struct book *b, struct subscriber_event *ev)
{
	bool last = book_fail(b, FACTOR_SENT);

	*j->tries_left = book_tries_left(b, FACTOR_SENT);
	if (last)
		snprintf(j->evidence, sizeof(j->evidence),
			 "wrong sent code, the last try: locked until the operator unlocks it");
	else
		snprintf(j->evidence, sizeof(j->evidence), "wrong sent code, %u tries left",
			 *j->tries_left);
	ev->kind = last ? EVENT_CODE_LOCK : EVENT_CODE_WRONG;
}

static enum err judge_sent(void *ctx, const struct subscriber *row, struct book *b,
			   struct subscriber_event *ev)
{
	struct judging *j = ctx;
	uint8_t hash[BOOK_HASH_LEN];
	char masked[SENT_MASKED_CAP];
	bool good;
	enum err e = book_sent_waits(b, j->code->now);

	(void)row;
	if (!e)
		e = hash_code(&b->sent, j->code->text, hash);
	if (e)
		return e;
	good = secret_equal(SLICE_OF(hash), SLICE_OF(b->sent.hash));
	secret_wipe(hash, sizeof(hash));
	*ev = (struct subscriber_event){.kind = EVENT_FACTOR,
					.actor = "user",
					.evidence = j->evidence,
					.now = j->code->now,
					.valid_s = FACTOR_VALID_S};
	book_sent_end(b, good);
	if (!good) {
		note_wrong(j, b, ev);
		return ERR_FACTOR;
	}
	sent_mask(b->sent.address, masked);
	snprintf(j->evidence, sizeof(j->evidence), "code sent to %s", masked);
	return ERR_OK;
}

enum err sent_approve(struct operator_store *s, int64_t id, const struct factor_code *code,
		      struct subscriber *after, unsigned *tries_left)
{
	struct judging j = {.code = code, .tries_left = tries_left};
	const struct factor_step step = {.kind = FACTOR_SENT,
					 .attempt = true,
					 .now = code->now,
					 .take = judge_sent,
					 .ctx = &j};

	return factor_step(s, id, &step, after);
}
