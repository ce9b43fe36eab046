#include "host/exam/challenge.h"

#include "host/exam/probe.h"
#include "host/terminal/kra.h"

static void judge_refusal(struct exam *x, const struct challenge *c, enum kra_result result)
{
	if (c->status.state == KRA_STATE_SEALED)
		exam_depart(x, "there is a sealed part, and no challenge: %s",
			    kra_result_text(result));
	else
		exam_skip(x, "the application has nothing to release: %s",
			  kra_state_name(c->status.state));
}

static bool ask_both(struct exam *x, struct kra *k, struct challenge *c)
{
	enum kra_result result = KRA_RESULT_OK;
	enum err e = kra_ask_status(k, &c->status);

	if (e == ERR_CARD || e == ERR_PROTOCOL)
		exam_depart(x, "the status is refused (%04X), or is not as it should be", k->sw);
	if (!exam_took(x, e))
		return false;
	if (!c->status.has_iccid) {
		exam_skip(x, "no profile is enabled");
		return false;
	}
	e = kra_ask_challenge(k, c->status.iccid, &c->octets);
	if (e == ERR_CARD || e == ERR_PROTOCOL)
		exam_depart(x, "the challenge is refused (%04X), or is not as it should be", k->sw);
	if (!exam_took(x, e))
		return false;
	e = kra_parse_challenge(wbuf_slice(&c->octets), &c->message, &result);
	if (e == ERR_REFUSED)
		judge_refusal(x, c, result);
	else
		exam_check(x, !e, "the challenge is not as docs/protocol.md has it");
	return !e;
}

bool challenge_take(struct exam *x, struct challenge *c)
{
	struct kra k;
	bool taken;
	enum err e;

	*c = (struct challenge){.octets = wbuf_grow(KRA_MESSAGE_MAX)};
	x->dirty = true;
	e = kra_open(x->u, &k);
	exam_check(x, !e || !(e == ERR_CARD || e == ERR_NOT_FOUND),
		   "SELECT of the key-release application is refused");
	if (e == ERR_NOT_FOUND || !exam_took(x, e))
		return false;
	taken = ask_both(x, &k, c);
	exam_took(x, kra_close(&k));
	return taken && exam_goes_on(x);
}

void challenge_free(struct challenge *c)
{
	wbuf_free(&c->octets);
}
