#include "lib/trace/audit/rsp/state.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es8p.h"
#include "lib/trace/decode/item.h"

#define GUESSES 3 /* sessions one after the other that fail at the same thing */

const struct finding_rule rsp_rules[RSP_RULES] = {
	[RSP_ABANDONED] = RULE(
		"RSP-01", WARNING, "SGP.22 v2.5 3.1.3, 5.7.14",
		"a session ends with a result or with CancelSession",
		"The card has authenticated a server, or prepared a download, and then nothing "
		"came: the server does not learn that the profile was not loaded, and keeps it "
		"reserved.",
		"Send ES10b.CancelSession with its reason, and the answer to the server."),
	[RSP_SKIPPED] = RULE(
		"RSP-02", WARNING, "SGP.22 v2.5 3.1.3",
		"the server is authenticated, then the download prepared, then the package sent",
		"A step of the download was left out, or came in another session: the eUICC and "
		"the server have not agreed on what is loaded.",
		"Begin again with GetEUICCChallenge and AuthenticateServer."),
	[RSP_TRANSACTION] =
		RULE("RSP-03", ERROR, "SGP.22 v2.5 2.5.3, 5.7.5",
		     "all messages of a session have its transaction identifier",
		     "A message names another transaction than the one that was authenticated: two "
		     "sessions were mixed, or one was taken over.",
		     "Find out who changed it; whoever relays messages keeps sessions apart."),
	[RSP_TRANSACTION_AGAIN] =
		RULE("RSP-04", WARNING, "SGP.22 v2.5 5.6.1",
		     "a server gives each session a transaction identifier of its own",
		     "The same server used an identifier for a second session: results and "
		     "notifications of the two cannot be told apart, or the first was played back.",
		     "Compare the two sessions; the server makes identifiers by chance."),
	[RSP_CHALLENGE_AGAIN] =
		RULE("RSP-05", ERROR, "SGP.22 v2.5 5.7.7", "the eUICC gives no challenge twice",
		     "Two challenges of an eUICC are the same: what a server signed for the first "
		     "is good for the second, or the answer was played back.",
		     "The card's random numbers are none, or it is not the card that answers."),
	[RSP_CHALLENGE_OTHER] = RULE(
		"RSP-06", ERROR, "SGP.22 v2.5 5.7.13",
		"the server signs the eUICC's last challenge",
		"The challenge that the server signed is not the one that the card gave last, or "
		"one that was used already: an authentication was recorded and played back.",
		"Find out where the message comes from; each session begins with "
		"GetEUICCChallenge."),
	[RSP_ECHO] =
		RULE("RSP-07", ERROR, "SGP.22 v2.5 5.7.13", "the eUICC signs what the server sent",
		     "The server's challenge or address is another one in the eUICC's answer: it "
		     "answers something else than was asked.",
		     "The answer was changed or played back; see who stands between card and "
		     "server."),
	[RSP_SIGNATURE] = RULE(
		"RSP-08", ERROR, "SGP.22 v2.5 5.7.5, 5.7.13, 5.5.1",
		"signatures fit the certificates that came with them",
		"A message was changed after it was signed, was signed by somebody else, or is "
		"bound to another eUICC's one-time key.",
		"The detail says which; do not load what it is about."),
	[RSP_ONE_TIME_KEY_AGAIN] =
		RULE("RSP-09", ERROR, "SGP.22 v2.5 3.1.3, 5.7.5",
		     "the eUICC makes a one-time key for each download",
		     "An eUICC prepared two downloads with the same one-time key although nobody "
		     "asked for it: who learns its private half reads both profiles.",
		     "The card's random numbers are none, or the answer was played back."),
	[RSP_REFUSED] =
		RULE("RSP-10", WARNING, "SGP.22 v2.5 5.7.5, 5.7.13, 5.7.14",
		     "the eUICC accepts what the server sends",
		     "The eUICC refused a message of the session, and says why.",
		     "The reason tells whether certificate, signature, issuer or order is wrong."),
	[RSP_FAILED] =
		RULE("RSP-11", WARNING, "SGP.22 v2.5 2.5.6", "the profile is installed",
		     "The eUICC refused the bound profile package, and says at which command "
		     "and why.",
		     "The reason tells what is wrong with the package or with the card."),
	[RSP_RESULT_ADDRESS] = RULE(
		"RSP-12", ERROR, "SGP.22 v2.5 3.1.3.3",
		"the result of an installation goes to the server that was authenticated",
		"The address in the result is another one than the server signed: the result is "
		"sent to somebody else, and the server does not learn it.",
		"Find out which of the two was changed, and who did it."),
	[RSP_GUESSED_ID] =
		RULE("RSP-13", WARNING, "SGP.22 v2.5 3.1.3",
		     "activation codes are not tried one after the other",
		     "Several sessions with another MatchingID each got no further than the "
		     "authentication: somebody tries activation codes.",
		     "See who runs this LPA; a server locks an eUICC after a few tries."),
	[RSP_GUESSED_CODE] =
		RULE("RSP-14", WARNING, "SGP.22 v2.5 4.7",
		     "confirmation codes are not tried one after the other",
		     "Several sessions sent a confirmation code and got no package: somebody tries "
		     "codes.",
		     "See who runs this LPA; the server ends an order after a few tries."),
	[RSP_CODE_AGAIN] =
		RULE("RSP-15", WARNING, "SGP.22 v2.5 4.7",
		     "the hash of a confirmation code is of its session alone",
		     "The same hash came in two sessions. It covers the transaction identifier: it "
		     "was played back, or is made in another way.",
		     "hashCc is SHA256(SHA256(code) | transaction identifier)."),
	[RSP_ISSUER] =
		RULE("RSP-16", WARNING, "SGP.22 v2.5 5.7.13",
		     "the server chooses an issuer (CI) that the eUICC signs under",
		     "The issuer that the server wants is none of those that the eUICC named: it "
		     "did not read EUICCInfo1, or it was given another one.",
		     "Compare euiccCiPKIdToBeUsed with EUICCInfo1."),
	[RSP_INFO] =
		RULE("RSP-17", ERROR, "SGP.22 v2.5 5.7.8, 5.7.13",
		     "what an eUICC says of itself is what it signs",
		     "Version or issuers in the signed answer are not those that were told before "
		     "without a signature: somebody changed what the server was told.",
		     "Find out what stands between card and server."),
	[RSP_BASIC_CHANNEL] =
		RULE("RSP-18", INFO, "SGP.22 v2.5 5.7.1",
		     "the ISD-R is used on a logical channel of its own",
		     "On the basic channel the selection of the ISD-R takes the place of the USIM, "
		     "and whoever uses that loses its session.",
		     "Open a channel (MANAGE CHANNEL), and close it afterwards."),
};

void rsp_keep(struct rsp_text *t, struct slice v)
{
	t->len = v.len < sizeof(t->octets) ? v.len : sizeof(t->octets);
	memcpy(t->octets, v.len ? v.ptr : t->octets, t->len);
}

bool rsp_kept(const struct rsp_text *t, struct slice v)
{
	return slice_equal(slice_make(t->octets, t->len), v);
}

void rsp_find_before(struct audit_run *r, enum rsp_rule rule, const struct audit_spot *before,
		     const struct audit_step *s, const char *text)
{
	const struct audit_spot pair[2] = {*before, s->spot};

	audit_find_pair(r, &rsp_rules[rule], pair, "%s", text);
}

void rsp_take_key(struct rsp *st, struct rsp_key *k, struct slice certificate)
{
	const struct cert *c;

	k->is_there = !proof_cert(&st->proofs, certificate, &c);
	if (!k->is_there)
		return;
	k->curve = c->curve;
	memcpy(k->point, c->point, sizeof(k->point));
}

void rsp_judge_signature(struct audit_run *r, struct rsp *st, const struct audit_step *s,
			 const struct rsp_signature *g)
{
	const struct proof_key key = {g->by->curve, SLICE_OF(g->by->point)};

	if (g->by->is_there && !proof_holds(&st->proofs, &key, g->parts, 2, g->signature))
		audit_find(r, &rsp_rules[RSP_SIGNATURE], &s->spot, "%s", g->name);
}

void rsp_judge_transaction(struct audit_run *r, const struct rsp *st, const struct audit_step *s,
			   struct slice id)
{
	if (st->stage != RSP_IDLE && !rsp_kept(&st->transaction, id))
		rsp_find_before(r, RSP_TRANSACTION, &st->began, s, "it is not that of the session");
}

/* The session is over: what it was that failed is counted. */
static void rsp_count(struct audit_run *r, struct rsp *st, const struct audit_spot *at)
{
	bool another = !rsp_kept(&st->last_matching_id,
				 slice_make(st->matching_id.octets, st->matching_id.len));

	if (st->stage == RSP_AUTHENTICATED && st->matching_id.len && another) {
		if (!st->failed_ids++)
			st->first_id = st->began;
		if (st->failed_ids == GUESSES)
			audit_find_pair(r, &rsp_rules[RSP_GUESSED_ID],
					(struct audit_spot[2]){st->first_id, *at},
					"the third MatchingID in a row without a download");
	}
	if (st->stage == RSP_PREPARED && st->has_code) {
		if (!st->failed_codes++)
			st->first_code = st->began;
		if (st->failed_codes == GUESSES)
			audit_find_pair(r, &rsp_rules[RSP_GUESSED_CODE],
					(struct audit_spot[2]){st->first_code, *at},
					"the third code in a row without a package");
	}
	if (st->stage == RSP_LOADING)
		st->failed_ids = st->failed_codes = 0;
	else if (st->stage == RSP_PREPARED)
		st->failed_ids = 0;
	st->last_matching_id = st->matching_id;
}

void rsp_close_session(struct audit_run *r, struct rsp *st, const struct audit_spot *at)
{
	if (st->stage != RSP_IDLE)
		rsp_count(r, st, at);
	st->stage = RSP_IDLE;
	st->has_signature1 = st->has_otpk = st->has_code = false;
}

bool rsp_read_metadata(const struct audit_step *s, struct es8p_metadata *out)
{
	struct slice value;

	return !tlv_only(s->x->apdu.data, ES8P_TAG_METADATA, &value) && value.len > BSP_MAC_LEN &&
	       !es8p_parse_metadata(slice_sub(value, 0, value.len - BSP_MAC_LEN), out);
}
