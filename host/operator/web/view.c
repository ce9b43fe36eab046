#include "host/operator/web/view.h"

#include "host/operator/policy/decide.h"
#include "host/operator/store/store.h"
#include "tool/sys/wait.h"

#define GATEWAY_MS 300	/* its answer is waited for */
#define SILENCE_MS 2000 /* it is not asked again, once it gave none */

static bool is_tried_at_portal(const struct view *v, const struct view_source *from,
			       enum factor_kind kind)
{
	switch (kind) {
	case FACTOR_TOTP: return v->totp_enrolled;
	case FACTOR_SENT: return from->sends && *v->book.sent.address;
	case FACTOR_PASSKEY: return from->passkeys && v->book.passkey[0].id_len != 0;
	default: return false;
	}
}

static bool has_tries(const struct view *v, enum factor_kind kind)
{
	if (kind == FACTOR_TOTP)
		return !v->book.locked && v->totp_tries;
	return !book_is_locked(&v->book, kind);
}

/* What can be given; *locked: something could, but for its tries. */
static unsigned find_offers(const struct view *v, const struct view_source *from, bool *locked)
{
	unsigned missing = factor_wants_missing(&v->wants, v->book.passed, v->now), offered = 0;

	*locked = false;
	for (unsigned k = 0; k < FACTOR_KINDS; k++) {
		enum factor_kind kind = (enum factor_kind)k;

		if (!(missing & FACTOR_BIT(k)) || !is_tried_at_portal(v, from, kind))
			continue;
		if (has_tries(v, kind))
			offered |= FACTOR_BIT(k);
		else
			*locked = true;
	}
	return offered;
}

/* The card had its second key in volatile memory, and is back on the first. */
static bool is_back(const struct view *v)
{
	return v->sub.modes.in_memory && v->who.subscription == 1 && v->sub.first_factor_at;
}

static enum view_stage find_stage(const struct view *v, bool locked)
{
	switch (v->sub.state) {
	case STATE_PROVISIONED: return VIEW_WAIT;
	case STATE_RELEASED:
		if (!is_back(v))
			return VIEW_KEY;
		break;
	case STATE_ACTIVE:
		if (!is_back(v))
			return VIEW_FULL;
		break;
	case STATE_SUSPENDED: return VIEW_SUSPENDED;
	case STATE_LIMITED:
	case STATE_VERIFIED:
	case STATE_ROTATING:
	case STATE_RECALLED: break;
	}
	if (subscriber_approved(&v->sub, v->now))
		return VIEW_APPROVED;
	if (!v->offered && locked)
		return VIEW_LOCKED;
	return v->sub.second_factor_until ? VIEW_EXPIRED : VIEW_PROVE;
}

static bool has_part(const struct view *v)
{
	for (unsigned k = 0; k < FACTOR_KINDS; k++)
		if (v->book.passed[k].until > v->now && v->book.passed[k].from <= v->now)
			return v->wants.all;
	return false;
}

enum err view_look(const struct view_source *from, int64_t now, struct view *out)
{
	struct factor_status totp;
	bool locked;
	int which = 0;
	enum err e = subscriber_by_imsi(from->store, out->who.imsi, &out->sub, &which);

	/* the gateway speaks of another operator's, or of a time before */
	if (!e && which != out->who.subscription)
		e = ERR_NOT_FOUND;
	if (!e)
		e = factor_status(from->store, out->sub.id, &totp);
	if (!e)
		e = factor_book(from->store, out->sub.id, &out->book);
	if (!e)
		e = factor_wants_of(from->store, out->sub.id, &out->wants);
	if (e)
		return e;
	out->now = now;
	out->totp_enrolled = totp.enrolled;
	out->totp_tries = totp.tries_left;
	out->offered = find_offers(out, from, &locked);
	out->stage = find_stage(out, locked);
	out->part = out->stage == VIEW_PROVE && has_part(out);
	return ERR_OK;
}

/* One that does not answer would hold up all who ask. */
static enum err ask_gateway(struct view_source *from, const char *address, struct attached *who)
{
	int64_t now_ms = wait_now_ms();
	enum err e;

	if (now_ms < from->silent_until_ms)
		return ERR_TIMEOUT;
	e = attached_ask(from->gateway, address, GATEWAY_MS, who);
	if (e == ERR_VALUE)
		return ERR_NOT_FOUND; /* it has no such addresses */
	if (e == ERR_TIMEOUT)
		from->silent_until_ms = now_ms + SILENCE_MS;
	return e;
}

enum err view_take(struct view_source *from, const char *address, int64_t now, struct view *out)
{
	enum err e = ask_gateway(from, address, &out->who);

	return e ? e : view_look(from, now, out);
}
