#include "host/operator/factor/provider.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "host/operator/policy/decide.h"

#define WORD_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
#define TEXT_MAX	256

bool provider_is_word(const char *s)
{
	size_t n = strlen(s);

	return n && n <= BOOK_WORD_MAX && !s[strspn(s, WORD_CHARACTERS)];
}

struct naming {
	const char *provider;
	int64_t now;
	char evidence[TEXT_MAX];
};

static enum err take_provider(void *ctx, const struct subscriber *row, struct book *b,
			      struct subscriber_event *ev)
{
	struct naming *n = ctx;

	(void)row;
	b->passed[FACTOR_PROVIDER] = (struct factor_passed){0, 0};
	snprintf(b->provider, sizeof(b->provider), "%s", n->provider);
	if (*n->provider)
		snprintf(n->evidence, sizeof(n->evidence), "a module of provider %s", n->provider);
	else
		snprintf(n->evidence, sizeof(n->evidence), "a module of no provider any more");
	*ev = (struct subscriber_event){
		.kind = EVENT_ENROLL, .actor = "operator", .evidence = n->evidence, .now = n->now};
	return ERR_OK;
}

enum err provider_enroll(struct operator_store *s, int64_t id, const char *provider, int64_t now)
{
	struct naming n = {.provider = provider, .now = now};
	const struct factor_step step = {
		.kind = FACTOR_PROVIDER, .now = now, .take = take_provider, .ctx = &n};

	return !*provider || provider_is_word(provider) ? factor_step(s, id, &step, NULL)
							: ERR_VALUE;
}

/* Why this one is not approved; NULL: it can be. */
static const char *obstacle(const struct provider_batch *b, const struct subscriber *sub,
			    const struct book *book, const struct factor_wants *wants)
{
	if (strcmp(book->provider, b->provider) != 0)
		return "unknown";
	if (book->locked)
		return "locked";
	if (!(wants->kinds & FACTOR_BIT(FACTOR_PROVIDER)))
		return "not-wanted";
	return subscriber_takes_factor(sub) ? "wrong-state" : NULL;
}

static enum err approve_one(struct operator_store *s, const struct provider_batch *b,
			    struct provider_module *m)
{
	char actor[BOOK_WORD_MAX + 16], evidence[TEXT_MAX];
	const struct subscriber_event ev = {.kind = EVENT_FACTOR,
					    .actor = actor,
					    .evidence = evidence,
					    .now = b->now,
					    .valid_s = FACTOR_VALID_S};
	struct subscriber sub;
	struct factor_wants wants;
	struct book book;
	enum err e = subscriber_by_imsi(s, m->imsi, &sub, NULL);

	if (e == ERR_NOT_FOUND) {
		m->result = "unknown";
		return ERR_OK;
	}
	if (!e)
		e = factor_book(s, sub.id, &book);
	if (!e)
		e = factor_wants_of(s, sub.id, &wants);
	if (e)
		return e;
	m->result = obstacle(b, &sub, &book, &wants);
	if (m->result)
		return ERR_OK;
	snprintf(actor, sizeof(actor), "provider %s", b->provider);
	snprintf(evidence, sizeof(evidence), "batch %s%s%.*s", b->key, *m->evidence ? ": " : "",
		 PROVIDER_EVIDENCE_MAX, m->evidence);
	e = factor_pass(s, sub.id, FACTOR_PROVIDER, &ev, &sub);
	m->result = subscriber_approved(&sub, b->now) ? "approved" : "part";
	return e;
}

enum err provider_approve(struct operator_store *s, struct provider_batch *b)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < b->count; i++)
		e = approve_one(s, b, &b->module[i]);
	return e;
}
