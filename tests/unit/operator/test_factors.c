/* second factors: what is wanted, what is kept of them, and what of it a release gets. */
#include "lib/base/utf8.h"
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "host/operator/factor/sent.h"
#include "host/operator/policy/decide.h"
#include "tests/unit/support/authority.h"

#define NOW 1790000000

static void test_wants(void)
{
	static const struct {
		const char *text;
		bool all;
		unsigned kinds;
	} good[] = {
		{"one-of:any", false, FACTOR_ALL_KINDS},
		{"one-of:totp", false, FACTOR_BIT(FACTOR_TOTP)},
		{"all-of:totp,sent", true, FACTOR_BIT(FACTOR_TOTP) | FACTOR_BIT(FACTOR_SENT)},
		{"all-of:passkey,agent", true,
		 FACTOR_BIT(FACTOR_AGENT) | FACTOR_BIT(FACTOR_PASSKEY)},
	};
	static const char *const bad[] = {
		"",	    "totp",	  "one-of:",	      "one-of:totp,",
		"one-of:,", "one-of:otp", "all-of:totp,totp", "some-of:totp"};
	char text[FACTOR_WANTS_CAP];
	struct factor_wants w, before = {.all = true, .kinds = 3};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ASSERT_ERR(factor_wants_parse(good[i].text, &w), ERR_OK);
		CU_ASSERT(w.all == good[i].all && w.kinds == good[i].kinds);
		factor_wants_text(&w, text);
		ASSERT_ERR(factor_wants_parse(text, &w), ERR_OK);
		CU_ASSERT(w.all == good[i].all && w.kinds == good[i].kinds);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		w = before;
		ASSERT_ERR(factor_wants_parse(bad[i], &w), ERR_VALUE);
		CU_ASSERT(w.all && w.kinds == 3);
	}
}

/* Every set of wanted kinds, with every set of those that were passed. */
static void test_met(void)
{
	for (unsigned kinds = 1; kinds <= FACTOR_ALL_KINDS; kinds++) {
		for (unsigned have = 0; have <= FACTOR_ALL_KINDS; have++) {
			struct factor_passed p[FACTOR_KINDS] = {{0, 0}};
			struct factor_wants w = {.kinds = kinds};
			int64_t until = 0;

			for (unsigned k = 0; k < FACTOR_KINDS; k++)
				if (have & FACTOR_BIT(k))
					p[k] = (struct factor_passed){NOW, NOW + 10 + k};
			CU_ASSERT(factor_wants_met(&w, p, NOW, &until) == !!(kinds & have));
			w.all = true;
			CU_ASSERT(factor_wants_met(&w, p, NOW, &until) == !(kinds & ~have));
			CU_ASSERT_FALSE(factor_wants_met(&w, p, NOW - 1, &until));
			CU_ASSERT_FALSE(factor_wants_met(&w, p, NOW + 10 + FACTOR_KINDS, &until));
		}
	}
}

static void test_book(void)
{
	uint8_t memory[BOOK_MAX];
	struct wbuf w = wbuf_init(memory, sizeof(memory));
	struct book b = {.locked = true, .first_agent = "Anna", .first_agent_at = NOW}, got;
	size_t len;

	b.passed[FACTOR_SENT] = (struct factor_passed){NOW, NOW + 1};
	b.wrong[FACTOR_PASSKEY] = 3;
	strcpy(b.sent.address, "+491234567");
	b.sent.count = 2;
	b.passkey[1] = (struct book_passkey){.id = {1, 2, 3}, .id_len = 3, .counter = 7};
	book_encode(&b, &w);
	ASSERT_ERR(wbuf_done(&w), ERR_OK);
	ASSERT_ERR(book_decode(wbuf_slice(&w), &got), ERR_OK);
	CU_ASSERT(got.locked && got.wrong[FACTOR_PASSKEY] == 3 && got.sent.count == 2 &&
		  got.passkey[1].id_len == 3 && got.passkey[1].counter == 7 &&
		  got.passed[FACTOR_SENT].until == NOW + 1);
	CU_ASSERT_STRING_EQUAL(got.sent.address, "+491234567");
	CU_ASSERT_STRING_EQUAL(got.first_agent, "Anna");
	len = w.len;
	for (size_t n = 0; n < len; n++) /* cut anywhere it is none */
		ASSERT_ERR(book_decode(slice_make(memory, n), &got), ERR_CORRUPT);
	wbuf_u8(&w, 0);
	ASSERT_ERR(book_decode(wbuf_slice(&w), &got), ERR_CORRUPT);
}

static void test_sending(void)
{
	struct book b = {.locked = false};
	int64_t wait = 0, now = NOW;

	ASSERT_ERR(book_sent_begin(&b, now, &wait), ERR_NOT_FOUND);
	strcpy(b.sent.address, "x");
	ASSERT_ERR(book_sent_begin(&b, now, &wait), ERR_OK);
	ASSERT_ERR(book_sent_begin(&b, now + 1, &wait), ERR_TRIES);
	CU_ASSERT_EQUAL(wait, SENT_AGAIN_S - 1);
	for (int i = 1; i < SENT_WINDOW_MAX; i++) {
		now += SENT_AGAIN_S;
		ASSERT_ERR(book_sent_begin(&b, now, &wait), ERR_OK);
	}
	now += SENT_AGAIN_S;
	ASSERT_ERR(book_sent_begin(&b, now, &wait), ERR_TRIES);
	CU_ASSERT_EQUAL(wait, NOW + SENT_WINDOW_S - now);
	ASSERT_ERR(book_sent_begin(&b, NOW + SENT_WINDOW_S, &wait), ERR_OK);
	now = NOW + SENT_WINDOW_S;
	ASSERT_ERR(book_sent_waits(&b, now), ERR_OK);
	ASSERT_ERR(book_sent_waits(&b, now - 1), ERR_EXPIRED);
	ASSERT_ERR(book_sent_waits(&b, now + SENT_VALID_S), ERR_EXPIRED);
	for (int i = 0; i < SENT_TRIES; i++)
		book_sent_end(&b, false);
	ASSERT_ERR(book_sent_waits(&b, now), ERR_EXPIRED);
}

static void open_limited(struct authority *l)
{
	authority_open(l);
	authority_take(l, EVENT_RES1, NOW);
	CU_ASSERT_EQUAL(l->sub.state, STATE_LIMITED);
}

static enum err give_code(struct authority *l, const char *digits, int64_t now)
{
	unsigned left = 0;
	enum err e = sent_approve(l->store, l->sub.id, &(struct factor_code){digits, now}, &l->sub,
				  &left);

	return e;
}

/* Another code than this one. */
static const char *other_than(const char *digits)
{
	static char wrong[FACTOR_DIGITS + 1];

	strcpy(wrong, digits);
	wrong[0] = wrong[0] == '9' ? '0' : (char)(wrong[0] + 1);
	return wrong;
}

static void test_sent_code(void)
{
	struct authority l;
	struct sent_code c, d;

	open_limited(&l);
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW, &c), ERR_NOT_FOUND);
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "two words", NOW), ERR_VALUE);
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "+49\n1", NOW), ERR_VALUE);
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "+491234567", NOW), ERR_OK);
	ASSERT_ERR(give_code(&l, "123456", NOW), ERR_EXPIRED);
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW, &c), ERR_OK);
	CU_ASSERT(strlen(c.digits) == FACTOR_DIGITS);
	CU_ASSERT_STRING_EQUAL(c.address, "+491234567");
	ASSERT_ERR(give_code(&l, c.digits, NOW + SENT_VALID_S), ERR_EXPIRED);
	ASSERT_ERR(give_code(&l, other_than(c.digits), NOW), ERR_FACTOR);
	/* a newer one ends it */
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW + SENT_AGAIN_S, &d), ERR_OK);
	if (strcmp(c.digits, d.digits) != 0)
		ASSERT_ERR(give_code(&l, c.digits, NOW + SENT_AGAIN_S), ERR_FACTOR);
	ASSERT_ERR(give_code(&l, d.digits, NOW + SENT_AGAIN_S), ERR_OK);
	CU_ASSERT(l.sub.state == STATE_VERIFIED && subscriber_approved(&l.sub, NOW + SENT_AGAIN_S));
	ASSERT_ERR(give_code(&l, d.digits, NOW + SENT_AGAIN_S), ERR_EXPIRED); /* once */
	authority_close(&l);
}

/* However many codes are asked for between them: five wrong ones, and not one more. */
static void test_guessing(void)
{
	struct authority l;
	struct subscriber_event ev = {
		.kind = EVENT_FACTOR_UNLOCK, .actor = "operator", .evidence = "", .now = NOW};
	struct sent_code c;
	unsigned wrong = 0;
	int64_t now = NOW;

	open_limited(&l);
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "+491234567", NOW), ERR_OK);
	for (int i = 0; i < 30; i++) {
		enum err e = sent_make(l.store, l.sub.id, now, &c);

		if (e == ERR_REFUSED)
			break;
		CU_ASSERT(e == ERR_OK || e == ERR_TRIES);
		wrong += give_code(&l, other_than(c.digits), now) == ERR_FACTOR;
		now += SENT_AGAIN_S;
	}
	CU_ASSERT_EQUAL(wrong, BOOK_TRIES_MAX);
	ASSERT_ERR(give_code(&l, c.digits, now), ERR_REFUSED);
	/* enrolled by the operator, or unlocked: it goes on */
	ASSERT_ERR(factor_unlock(l.store, l.sub.id, &ev), ERR_OK);
	now = NOW + 2 * SENT_WINDOW_S;
	ASSERT_ERR(sent_make(l.store, l.sub.id, now, &c), ERR_OK);
	ASSERT_ERR(give_code(&l, c.digits, now), ERR_OK);
	authority_close(&l);
}

static enum err speak(struct authority *l, int64_t now)
{
	return factor_approve_agent(l->store, &l->sub,
				    &(struct factor_word){"Anna", "seen", now, false}, &l->sub);
}

static void set_wants(struct authority *l, const char *text)
{
	struct factor_wants w = FACTOR_WANTS_ONE, got;

	ASSERT_ERR(factor_wants_parse(text, &w), ERR_OK);
	ASSERT_ERR(factor_wants_set(l->store, &w, "operator", NOW), ERR_OK);
	ASSERT_ERR(factor_wants_get(l->store, &got), ERR_OK);
	CU_ASSERT(got.all == w.all && got.kinds == w.kinds);
}

static void test_policy(void)
{
	struct authority l;
	struct sent_code c;

	open_limited(&l);
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "+491234567", NOW), ERR_OK);
	set_wants(&l, "one-of:sent");
	ASSERT_ERR(speak(&l, NOW), ERR_UNSUPPORTED);
	set_wants(&l, "one-of:totp");
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW, &c), ERR_UNSUPPORTED);
	set_wants(&l, "all-of:agent,sent");
	ASSERT_ERR(speak(&l, NOW), ERR_OK);
	CU_ASSERT(l.sub.state == STATE_LIMITED && !subscriber_approved(&l.sub, NOW));
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW + 100, &c), ERR_OK);
	ASSERT_ERR(give_code(&l, c.digits, NOW + 100), ERR_OK);
	CU_ASSERT(l.sub.state == STATE_VERIFIED);
	/* as long as the first that ends */
	CU_ASSERT_EQUAL(l.sub.second_factor_until, NOW + FACTOR_VALID_S);
	/* a release that is over takes its parts along */
	authority_take(&l, EVENT_SUSPEND, NOW + 100);
	authority_take(&l, EVENT_RESUME, NOW + 100);
	authority_take(&l, EVENT_RES1, NOW + 100);
	ASSERT_ERR(speak(&l, NOW + 101), ERR_OK);
	CU_ASSERT_EQUAL(l.sub.state, STATE_LIMITED);
	authority_close(&l);
}

/* Of a key in volatile memory, which is granted again and again, and of a roll-back as well. */
static void test_parts_end(void)
{
	struct subscriber_keys keys = {.s = random_secret(SEALING_KEY_LEN)};
	struct authority l;
	struct book b;

	authority_open(&l);
	l.sub = (struct subscriber){.imsi = {"001010000000077", "001010000000078"},
				    .key_id = 1,
				    .algorithm = {AKA_MILENAGE, AKA_MILENAGE},
				    .iccid = {0x98, 0x88, 0x77},
				    .modes = {.in_memory = true}};
	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
	}
	ASSERT_ERR(subscriber_add(l.store, &l.sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
	set_wants(&l, "all-of:agent,identity");
	authority_take(&l, EVENT_RES1, NOW);
	for (int i = 0; i < 2; i++) {
		ASSERT_ERR(speak(&l, NOW), ERR_OK);
		CU_ASSERT_FALSE(subscriber_approved(&l.sub, NOW));
		ASSERT_ERR(factor_approve_agent(
				   l.store, &l.sub,
				   &(struct factor_word){"Anna", "passport seen", NOW, true},
				   &l.sub),
			   ERR_OK);
		CU_ASSERT(subscriber_approved(&l.sub, NOW));
		authority_take(&l, EVENT_GRANT, NOW);
		ASSERT_ERR(factor_book(l.store, l.sub.id, &b), ERR_OK);
		CU_ASSERT(!b.passed[FACTOR_AGENT].until && !b.passed[FACTOR_IDENTITY].until);
		authority_take(&l, EVENT_RES1, NOW);
	}
	authority_close(&l);
}

static enum err word_of(struct authority *l, const char *agent, int64_t now)
{
	return factor_approve_agent(l->store, &l->sub,
				    &(struct factor_word){agent, "seen", now, false}, &l->sub);
}

/* One subscriber's wants are his own, whatever the operator's are, and come with the log. */
static void test_own_wants(void)
{
	struct factor_wants own = {
		.all = true, .kinds = FACTOR_BIT(FACTOR_AGENT), .four_eyes = true};
	struct factor_wants got;
	struct authority l;

	open_limited(&l);
	set_wants(&l, "one-of:sent");
	ASSERT_ERR(factor_want(l.store, l.sub.id, &own, NOW), ERR_OK);
	ASSERT_ERR(factor_wants_of(l.store, l.sub.id, &got), ERR_OK);
	CU_ASSERT(got.all && got.four_eyes && got.kinds == own.kinds);
	ASSERT_ERR(factor_wants_get(l.store, &got), ERR_OK);
	CU_ASSERT(!got.all && !got.four_eyes && got.kinds == FACTOR_BIT(FACTOR_SENT));
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "+491234567", NOW), ERR_OK);
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW, &(struct sent_code){0}), ERR_UNSUPPORTED);
	ASSERT_ERR(word_of(&l, "Anna", NOW), ERR_OK);
	CU_ASSERT_EQUAL(l.sub.state, STATE_LIMITED); /* one pair of eyes */
	ASSERT_ERR(word_of(&l, "Ben", NOW), ERR_OK);
	CU_ASSERT_EQUAL(l.sub.state, STATE_VERIFIED);
	/* a release that is over does not take it along */
	authority_take(&l, EVENT_SUSPEND, NOW);
	authority_take(&l, EVENT_RESUME, NOW);
	authority_take(&l, EVENT_RES1, NOW);
	ASSERT_ERR(factor_wants_of(l.store, l.sub.id, &got), ERR_OK);
	CU_ASSERT(got.four_eyes);
	ASSERT_ERR(factor_want(l.store, l.sub.id, NULL, NOW), ERR_OK);
	ASSERT_ERR(word_of(&l, "Anna", NOW), ERR_UNSUPPORTED);
	ASSERT_ERR(log_verify(l.store, &(struct log_check){0}), ERR_OK);
	authority_close(&l);
}

/* A book as it was before it had wants. */
static void test_first_format(void)
{
	struct book b = {.locked = true, .provider = "acme", .sent.address = "a@example.com"}, back;
	struct wbuf w = wbuf_grow(BOOK_MAX);

	book_encode(&b, &w);
	w.ptr[0] = 1;
	ASSERT_ERR(book_decode(slice_make(w.ptr, w.len - 1), &back), ERR_OK);
	CU_ASSERT(back.locked && !back.has_wants);
	CU_ASSERT_STRING_EQUAL(back.provider, "acme");
	ASSERT_ERR(book_decode(wbuf_slice(&w), &back), ERR_CORRUPT);
	wbuf_reset(&w);
	b.has_wants = true; /* of no kind */
	book_encode(&b, &w);
	ASSERT_ERR(book_decode(wbuf_slice(&w), &back), ERR_CORRUPT);
	wbuf_free(&w);
}

static void test_four_eyes(void)
{
	struct authority l;
	struct factor_wants w = {.kinds = FACTOR_BIT(FACTOR_AGENT), .four_eyes = true};

	open_limited(&l);
	ASSERT_ERR(factor_wants_set(l.store, &w, "operator", NOW), ERR_OK);
	ASSERT_ERR(word_of(&l, "Anna", NOW), ERR_OK);
	ASSERT_ERR(word_of(&l, "Anna", NOW + 1), ERR_OK); /* twice the same is one */
	CU_ASSERT_EQUAL(l.sub.state, STATE_LIMITED);
	ASSERT_ERR(word_of(&l, "Ben", NOW + 1 + FACTOR_VALID_S), ERR_OK); /* too late: the first */
	CU_ASSERT_EQUAL(l.sub.state, STATE_LIMITED);
	ASSERT_ERR(word_of(&l, "Anna", NOW + 2 + FACTOR_VALID_S), ERR_OK);
	CU_ASSERT_EQUAL(l.sub.state, STATE_VERIFIED);
	ASSERT_ERR(word_of(&l, "", NOW), ERR_VALUE);
	authority_close(&l);
}

static bool is_whole(void *ctx, const struct log_entry *e)
{
	size_t n;

	(void)ctx;
	ASSERT_ERR(utf8_count(slice_str(e->evidence), &n), ERR_OK);
	return true;
}

/* What an agent has seen may be long, and no character of it is cut in two: a database on a server
 * would refuse it. */
static void test_long_words(void)
{
	struct factor_wants w = {.kinds = FACTOR_BIT(FACTOR_AGENT), .four_eyes = true};
	char seen[230];
	struct authority l;

	for (unsigned at = 0; at < 2; at++) {
		struct factor_word word = {"Anna", seen, NOW, false};

		memset(seen, 'x', sizeof(seen));
		for (size_t i = at; i + 2 < sizeof(seen); i += 2)
			memcpy(seen + i, "\xc3\xbc", 2);
		seen[sizeof(seen) - 2] = 0;
		open_limited(&l);
		ASSERT_ERR(factor_wants_set(l.store, &w, "operator", NOW), ERR_OK);
		ASSERT_ERR(factor_approve_agent(l.store, &l.sub, &word, &l.sub), ERR_OK);
		word.agent = "Ben";
		ASSERT_ERR(factor_approve_agent(l.store, &l.sub, &word, &l.sub), ERR_OK);
		CU_ASSERT_EQUAL(l.sub.state, STATE_VERIFIED);
		ASSERT_ERR(log_each(l.store, 0, is_whole, NULL), ERR_OK);
		authority_close(&l);
	}
}

static void test_document(void)
{
	char evidence[FACTOR_EVIDENCE_MAX], longer[FACTOR_REFERENCE_MAX + 2] = "";
	struct authority l;

	memset(longer, 'x', sizeof(longer) - 1);
	ASSERT_ERR(factor_document("passport", "", evidence), ERR_VALUE);
	ASSERT_ERR(factor_document("passport", longer, evidence), ERR_VALUE);
	ASSERT_ERR(factor_document("library-card", "1", evidence), ERR_NOT_FOUND);
	ASSERT_ERR(factor_document("passport", "case 7", evidence), ERR_OK);
	CU_ASSERT_STRING_EQUAL(evidence, "passport seen, reference case 7");
	open_limited(&l);
	set_wants(&l, "one-of:identity");
	ASSERT_ERR(word_of(&l, "Anna", NOW), ERR_UNSUPPORTED);
	ASSERT_ERR(factor_approve_agent(l.store, &l.sub,
					&(struct factor_word){"Anna", evidence, NOW, true}, &l.sub),
		   ERR_OK);
	CU_ASSERT_EQUAL(l.sub.state, STATE_VERIFIED);
	authority_close(&l);
}

static enum err lock_all(void *ctx, const struct subscriber *row, struct book *b,
			 struct subscriber_event *ev)
{
	(void)row;
	b->locked = true;
	*ev = *(const struct subscriber_event *)ctx;
	return ERR_OK;
}

static void test_lock(void)
{
	struct authority l;
	struct subscriber_event ev = {
		.kind = EVENT_FACTOR_LOCK, .actor = "operator", .evidence = "lost", .now = NOW};
	const struct factor_step step = {.now = NOW, .take = lock_all, .ctx = &ev};
	struct sent_code c;

	open_limited(&l);
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "+491234567", NOW), ERR_OK);
	ASSERT_ERR(factor_step(l.store, l.sub.id, &step, NULL), ERR_OK);
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW, &c), ERR_REFUSED);
	ASSERT_ERR(speak(&l, NOW), ERR_REFUSED);
	ev.kind = EVENT_FACTOR_UNLOCK;
	ASSERT_ERR(factor_unlock(l.store, l.sub.id, &ev), ERR_OK);
	ASSERT_ERR(speak(&l, NOW), ERR_OK);
	authority_close(&l);
}

static void run_sql(const char *dir, const char *sql)
{
	tamper(dir, TAMPER_OPERATOR, sql);
}

/* A row of before, put back by somebody who can write the database, gives no tries back. */
static void test_old_row(void)
{
	struct authority l;
	struct book b;
	struct sent_code c;
	struct log_check check = {.good = 0};

	open_limited(&l);
	ASSERT_ERR(sent_enroll(l.store, l.sub.id, "+491234567", NOW), ERR_OK);
	ASSERT_ERR(sent_make(l.store, l.sub.id, NOW, &c), ERR_OK);
	run_sql(l.dir, "CREATE TABLE kept AS SELECT * FROM book");
	ASSERT_ERR(give_code(&l, other_than(c.digits), NOW), ERR_FACTOR);
	ASSERT_ERR(log_verify(l.store, &check), ERR_OK);
	run_sql(l.dir, "DELETE FROM book; INSERT INTO book SELECT * FROM kept");
	ASSERT_ERR(factor_book(l.store, l.sub.id, &b), ERR_CORRUPT);
	ASSERT_ERR(give_code(&l, c.digits, NOW), ERR_CORRUPT);
	ASSERT_ERR(log_verify(l.store, &check), ERR_CORRUPT);
	CU_ASSERT_EQUAL(check.found, LOG_FACTOR);
	run_sql(l.dir, "DELETE FROM book");
	ASSERT_ERR(factor_book(l.store, l.sub.id, &b), ERR_CORRUPT);
	run_sql(l.dir, "UPDATE subscriber SET book_revision = 0");
	ASSERT_ERR(factor_book(l.store, l.sub.id, &b), ERR_CORRUPT);
	authority_close(&l);
}

TEST_SUITE(factors, {"what is wanted, as text and back", test_wants},
	   {"parts end with each grant", test_parts_end},
	   {"one of them, all of them: every set", test_met},
	   {"the book, as octets and back", test_book},
	   {"how often codes are sent, and how long they hold", test_sending},
	   {"a sent code serves once, in its time", test_sent_code},
	   {"guesses end at the limit", test_guessing}, {"the policy: one of, all of", test_policy},
	   {"an agent's word, and four eyes", test_four_eyes}, {"a long word", test_long_words},
	   {"a document that was shown", test_document}, {"locked by a person", test_lock},
	   {"a row put back is found", test_old_row},
	   {"what one subscriber's release wants", test_own_wants},
	   {"a book of the first format", test_first_format})
