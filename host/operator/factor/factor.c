#include "host/operator/policy/decide.h"
#include "host/operator/factor/factor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <liboath/oath.h>

#include "host/operator/policy/book.h"
#include "host/operator/policy/moment.h"
#include "lib/base/utf8.h"
#include "lib/crypto/symmetric.h"

enum err factor_new_totp(const struct subscriber *sub, struct secret **out,
			 char uri[static FACTOR_URI_MAX])
{
	return factor_new_seed(sub->imsi[0], out, uri);
}

enum err factor_new_seed(const char *label, struct secret **out, char uri[static FACTOR_URI_MAX])
{
	struct secret *seed = random_secret(FACTOR_SEED_LEN);
	char *base32 = NULL;
	size_t n = 0;
	enum err e = seed ? ERR_OK : ERR_MEMORY;

	if (!e && oath_base32_encode((const char *)seed->bytes, seed->len, &base32, &n) != OATH_OK)
		e = ERR_MEMORY;
	if (!e)
		snprintf(uri, FACTOR_URI_MAX, "otpauth://totp/Twinkey:%s?secret=%s&issuer=Twinkey",
			 label, base32);
	if (base32)
		secret_wipe(base32, n);
	free(base32);
	if (e)
		secret_free(&seed);
	else
		*out = seed;
	return e;
}

int64_t factor_find_step(const struct secret *seed, const char *code, int64_t now)
{
	int64_t step = now / FACTOR_STEP_S, found = -1;

	for (int64_t d = -FACTOR_WINDOW; d <= FACTOR_WINDOW; d++) {
		char want[FACTOR_DIGITS + 1];

		if (oath_hotp_generate((const char *)seed->bytes, seed->len, (uint64_t)(step + d),
				       FACTOR_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION,
				       want) == OATH_OK &&
		    secret_equal(slice_str(want), slice_str(code)))
			found = step + d;
		secret_wipe(want, sizeof(want));
	}
	return found;
}

static int64_t find_step(void *ctx, const struct secret *seed)
{
	const struct factor_code *code = ctx;

	return factor_find_step(seed, code->text, code->now);
}

enum err factor_approve_totp(struct operator_store *s, const struct subscriber *sub,
			     const struct factor_code *code, struct subscriber *after,
			     unsigned *tries_left)
{
	struct factor_code given = *code;
	const struct factor_attempt a = {.find = find_step,
					 .ctx = &given,
					 .window = FACTOR_WINDOW,
					 .event = {.kind = EVENT_FACTOR,
						   .actor = "user",
						   .evidence = "one-time code (TOTP)",
						   .now = given.now,
						   .valid_s = FACTOR_VALID_S}};

	return factor_attempt_totp(s, sub->id, &a, after, tries_left);
}

#define WORD_SAID_MAX 180

/* A word, and what the log says of it. */
struct speaking {
	const struct factor_word *word;
	bool four_eyes;
	char actor[80], evidence[300];
};

/* Within its time, and of somebody else. */
static bool has_other_eyes(const struct book *b, const struct factor_word *word)
{
	return *b->first_agent && moment_lasts(word->now, b->first_agent_at, FACTOR_VALID_S) &&
	       strcmp(b->first_agent, word->agent) != 0;
}

static enum err take_spoken(void *ctx, const struct subscriber *row, struct book *b,
			    struct subscriber_event *ev)
{
	struct speaking *s = ctx;
	int fits = utf8_fit(s->word->evidence, WORD_SAID_MAX);

	*ev = (struct subscriber_event){.kind = EVENT_FACTOR,
					.actor = s->actor,
					.evidence = s->word->evidence,
					.now = s->word->now,
					.valid_s = FACTOR_VALID_S};
	if (!s->four_eyes)
		return ERR_OK;
	if (has_other_eyes(b, s->word)) {
		snprintf(s->evidence, sizeof(s->evidence), "%.*s; before that agent %s", fits,
			 s->word->evidence, b->first_agent);
		b->first_agent[0] = 0;
	} else if (subscriber_takes_factor(row) || b->locked) {
		return ERR_OK; /* refused as any other */
	} else {
		ev->kind = EVENT_PART;
		snprintf(s->evidence, sizeof(s->evidence), "%.*s; a second agent is wanted", fits,
			 s->word->evidence);
		snprintf(b->first_agent, sizeof(b->first_agent), "%s", s->word->agent);
		b->first_agent_at = s->word->now;
	}
	ev->evidence = s->evidence;
	return ERR_OK;
}

enum err factor_approve_agent(struct operator_store *s, const struct subscriber *sub,
			      const struct factor_word *word, struct subscriber *after)
{
	struct speaking speaking = {.word = word};
	const struct factor_step step = {.kind = word->document ? FACTOR_IDENTITY : FACTOR_AGENT,
					 .attempt = true,
					 .now = word->now,
					 .take = take_spoken,
					 .ctx = &speaking};
	struct factor_wants wants;
	enum err e;

	if (!*word->agent || !*word->evidence || strlen(word->agent) > BOOK_WORD_MAX)
		return ERR_VALUE;
	snprintf(speaking.actor, sizeof(speaking.actor), "agent %s", word->agent);
	OPERATOR_TRANSACTION (s, e) {
		e = factor_wants_of(s, sub->id, &wants);
		speaking.four_eyes = !e && !word->document && wants.four_eyes;
		if (!e)
			e = factor_step(s, sub->id, &step, after);
	}
	return e;
}

struct wishing {
	const struct factor_wants *wants; /* NULL: the operator's */
	int64_t now;
	char evidence[FACTOR_EVIDENCE_MAX];
};

static enum err take_wish(void *ctx, const struct subscriber *row, struct book *b,
			  struct subscriber_event *ev)
{
	struct wishing *w = ctx;
	char text[FACTOR_WANTS_CAP] = "what the operator's policy says";

	(void)row;
	b->has_wants = w->wants != NULL;
	if (w->wants) {
		b->wants = *w->wants;
		factor_wants_text(w->wants, text);
	}
	snprintf(w->evidence, sizeof(w->evidence), "wants %s%s", text,
		 w->wants && w->wants->four_eyes ? ", four eyes" : "");
	*ev = (struct subscriber_event){
		.kind = EVENT_ENROLL, .actor = "operator", .evidence = w->evidence, .now = w->now};
	return ERR_OK;
}

enum err factor_want(struct operator_store *s, int64_t id, const struct factor_wants *wants,
		     int64_t now)
{
	struct wishing w = {.wants = wants, .now = now};
	const struct factor_step step = {.now = now, .take = take_wish, .ctx = &w};

	return factor_step(s, id, &step, NULL);
}

enum err factor_document(const char *kind, const char *reference,
			 char evidence[static FACTOR_EVIDENCE_MAX])
{
	static const char *const kinds[] = {"passport", "identity-card", "residence-permit",
					    "driving-licence"};

	if (!*reference || strlen(reference) > FACTOR_REFERENCE_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i], kind) != 0)
			continue;
		snprintf(evidence, FACTOR_EVIDENCE_MAX, "%s seen, reference %s", kind, reference);
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}
