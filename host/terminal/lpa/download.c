#include "host/terminal/lpa/download.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/net/client.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/session.h"
#include "host/terminal/lpa/words.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/interface.h"
#include "lib/base/tlv.h"
#include "lib/crypto/cert.h"
#include "lib/base/oid.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/rat.h"
#include "tool/sys/cancel.h"
#include "tool/cli/json.h"
#include "tool/sys/wait.h"

#define STEPS	    6
#define PACKAGE_MAX (768u * 1024)

static void step(const struct lpa_session *s, unsigned n, const char *what)
{
	if (s->d->step)
		s->d->step(s->d->ctx, n, STEPS, what);
}

static enum err begin_session(struct lpa_session *s)
{
	struct wbuf info = wbuf_grow(LPA_MESSAGE_MAX), der = wbuf_grow(LPA_MESSAGE_MAX);
	struct slice challenge = SLICE_EMPTY;
	enum err e;

	step(s, 1, "the eUICC gives a challenge");
	e = lpa_session_ask(s, SGP22_TAG_EUICC_CHALLENGE, &der);
	if (!e)
		e = es10b_parse_challenge(wbuf_slice(&der), &challenge);
	if (!e)
		e = lpa_session_ask(s, SGP22_TAG_EUICC_INFO1, &info);
	if (!e) {
		step(s, 2, "the subscription manager answers the eUICC's challenge");
		e = lpa_session_server(s, ES9P_PATH_INITIATE_AUTHENTICATION,
				       json_pack("{s:o, s:o, s:s}", "euiccChallenge",
						 json_base64(challenge), "euiccInfo1",
						 json_base64(wbuf_slice(&info)), "smdpAddress",
						 s->d->activation->address));
	}
	wbuf_free(&info);
	wbuf_free(&der);
	return e;
}

/* SGP.22 3.0.1 step 9: what the server signs must be for the address that was asked, and, when the
 * activation code names an OID, its certificate must carry that one. */
static enum err check_server(struct lpa_session *s)
{
	struct wbuf signed1 = wbuf_grow(LPA_MESSAGE_MAX), der = wbuf_grow(LPA_MESSAGE_MAX);
	const struct activation *a = s->d->activation;
	struct es10b_server_signed1 m = {0};
	struct cert cert;
	char oid[ACTIVATION_OID_MAX + 1];
	enum err e = lpa_session_field(s, "serverSigned1", &signed1);

	if (!e)
		e = lpa_session_check(s, "serverSigned1",
				      es10b_parse_server_signed1(wbuf_slice(&signed1), &m));
	if (!e)
		e = lpa_session_field(s, "serverCertificate", &der);
	if (!e && !activation_same_address(m.server_address, slice_str(a->address)))
		e = lpa_fail(
			s->l, ERR_PROTOCOL,
			"the manager signs for the address %.*s, not %s: check the activation code",
			(int)m.server_address.len, (const char *)m.server_address.ptr, a->address);
	if (!e && *a->oid) {
		e = lpa_session_check(s, "serverCertificate", cert_parse(wbuf_slice(&der), &cert));
		if (!e && (oid_text(cert_rid(&cert), oid, sizeof(oid)) || strcmp(oid, a->oid) != 0))
			e = lpa_fail(s->l, ERR_CERT,
				     "the manager's certificate is not for %s, as the activation "
				     "code says: check the code",
				     a->oid);
	}
	wbuf_free(&signed1);
	wbuf_free(&der);
	return e;
}

static void put_ctx(const struct lpa_session *s, struct wbuf *w)
{
	static const uint8_t tac[LPA_TAC_LEN] = {0x35, 0x29, 0x06, 0x11}; /* of the test range */
	struct es10b_ctx ctx = {.matching_id = slice_str(s->d->activation->matching_id),
				.tac = SLICE_OF(tac)};

	if (s->d->imei) {
		ctx.imei = slice_make(s->d->imei, LPA_IMEI_LEN);
		ctx.tac = slice_sub(ctx.imei, 0, LPA_TAC_LEN); /* TS 23.003 6.2.1 */
	}
	es10b_put_ctx(w, &ctx);
}

static enum err authenticate(struct lpa_session *s)
{
	static const char *const fields[] = {"serverSigned1", "serverSignature1",
					     "euiccCiPKIdToBeUsed", "serverCertificate", NULL};
	struct wbuf request = wbuf_grow(LPA_MESSAGE_MAX);
	struct es10b_authenticate_server_response r;
	size_t mark = tlv_open(&request, SGP22_TAG_AUTHENTICATE_SERVER);
	enum err e = lpa_session_fields(s, fields, &request), told;

	put_ctx(s, &request);
	tlv_close(&request, mark);
	if (!e)
		e = wbuf_done(&request);
	step(s, 3, "the eUICC checks the subscription manager");
	if (!e)
		e = lpa_session_relay(s, wbuf_slice(&request));
	wbuf_free(&request);
	if (!e)
		e = es10b_parse_authenticate_server_response(wbuf_slice(&s->card), &r);
	if (e)
		return e;
	s->in_card = r.ok;
	step(s, 4, "the subscription manager checks the eUICC");
	/* SGP.22 3.0.1: a refusal goes there as well, and ends the session */
	told = lpa_session_server(s, ES9P_PATH_AUTHENTICATE_CLIENT,
				  json_pack("{s:O, s:o}", "transactionId", s->transaction,
					    "authenticateServerResponse",
					    json_base64(wbuf_slice(&s->card))));
	return r.ok ? told
		    : lpa_fail(s->l, ERR_REFUSED, "the eUICC refused the server: %s",
			       lpa_authenticate_text(r.error));
}

/* The eUICC would find out only at the end of the load; here it is known before. */
static enum err check_not_installed(struct lpa_session *s)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	enum err e = lpa_profiles(s->l, &der, &items);
	bool there = !e && es10c_find_profile(items, s->profile.iccid, &info) == ERR_OK;

	wbuf_free(&der);
	s->lost = s->lost || lpa_is_loss(e);
	return there ? lpa_session_refuse(s, ERR_EXISTS, ES10B_CANCEL_POSTPONED,
					  "this profile is on the eUICC already: enable it, or "
					  "delete it first")
		     : e;
}

static enum err take_metadata(struct lpa_session *s)
{
	enum err e = lpa_session_field(s, "profileMetadata", &s->metadata);

	if (!e)
		e = es8p_parse_metadata(wbuf_slice(&s->metadata), &s->profile);
	if (!e)
		e = slice_copy(s->profile.iccid, s->loaded->iccid, sizeof(s->loaded->iccid));
	return e ? lpa_session_refuse(
			   s, e, ES10B_CANCEL_UNDEFINED_REASON,
			   "the manager does not say what profile it is: tell the operator")
		 : check_not_installed(s);
}

/* SGP.22 3.1.3 step 5: the eUICC's rules authorisation table decides what a profile may carry. */
static enum err check_policy(struct lpa_session *s, bool *strong)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct slice rules;
	bool allowed = false;
	enum err e;

	if (!s->profile.has_ppr || !(s->profile.ppr & RAT_PPRS))
		return ERR_OK;
	e = lpa_rat(s->l, &der, &rules);
	if (!e)
		allowed = rat_allows(rules, s->profile.ppr & RAT_PPRS, s->profile.owner, strong);
	wbuf_free(&der);
	s->lost = s->lost || lpa_is_loss(e);
	if (e || allowed)
		return e;
	return lpa_session_refuse(s, ERR_REFUSED, ES10B_CANCEL_PPR_NOT_ALLOWED,
				  "the eUICC does not allow the policy rules of this profile: ask "
				  "the operator for one without");
}

static enum err ask_user(struct lpa_session *s)
{
	struct lpa_offer offer = {.metadata = &s->profile};
	enum lpa_consent c = LPA_ACCEPT;
	enum err e = check_policy(s, &offer.strong);

	if (e)
		return e;
	if (s->d->consent)
		c = s->d->consent(s->d->ctx, &offer);
	switch (c) {
	case LPA_ACCEPT: return cancel_is_wished(uicc_cancel(s->l->u)) ? ERR_CANCELLED : ERR_OK;
	case LPA_REJECT:
		return lpa_session_refuse(s, ERR_CANCELLED, ES10B_CANCEL_END_USER_REJECTION,
					  "the profile was not wanted; its order is ended");
	case LPA_CONSENT_TIMEOUT:
		return lpa_session_refuse(s, ERR_TIMEOUT, ES10B_CANCEL_TIMEOUT,
					  "nobody said yes in time: start again");
	default:
		return lpa_session_refuse(s, ERR_CANCELLED, ES10B_CANCEL_POSTPONED,
					  "postponed; the profile waits at the manager");
	}
}

/* SGP.22 3.1.3 step 7 and 4.7 */
static enum err hash_code(struct lpa_session *s, uint8_t hash[static RSP_HASH_LEN])
{
	struct wbuf code = wbuf_grow(LPA_CONFIRMATION_CODE_MAX);
	enum err e =
		s->d->confirmation_code ? s->d->confirmation_code(s->d->ctx, &code) : ERR_NOT_FOUND;

	if (!e && !code.len)
		e = ERR_NOT_FOUND;
	if (!e)
		e = es10b_hash_cc(wbuf_slice(&code), wbuf_slice(&s->id), hash);
	wbuf_free(&code); /* wipes */
	switch (e) {
	case ERR_OK:
	case ERR_CANCELLED: return e;
	case ERR_NOT_FOUND:
		return lpa_session_refuse(s, ERR_REFUSED, ES10B_CANCEL_POSTPONED,
					  "the profile needs the confirmation code that came with "
					  "the activation code: give --confirmation-code-file");
	case ERR_TIMEOUT:
		return lpa_session_refuse(s, e, ES10B_CANCEL_TIMEOUT,
					  "nobody gave the confirmation code in time: start again");
	default:
		return lpa_session_refuse(s, e, ES10B_CANCEL_POSTPONED,
					  "the confirmation code cannot be taken: check its file");
	}
}

/* smdpSigned2, smdpSignature2, hashCc OPTIONAL, smdpCertificate */
static enum err put_prepare(struct lpa_session *s, struct wbuf *request)
{
	static const char *const first[] = {"smdpSigned2", "smdpSignature2", NULL};
	struct wbuf der = wbuf_grow(LPA_MESSAGE_MAX);
	struct es10b_smdp_signed2 signed2 = {0};
	uint8_t hash[RSP_HASH_LEN];
	size_t mark = tlv_open(request, SGP22_TAG_PREPARE_DOWNLOAD);
	enum err e = lpa_session_field(s, "smdpSigned2", &der);

	if (!e)
		e = lpa_session_check(s, "smdpSigned2",
				      es10b_parse_smdp_signed2(wbuf_slice(&der), &signed2));
	if (!e)
		e = lpa_session_fields(s, first, request);
	if (!e && (signed2.cc_required || s->d->activation->confirmation_code_required)) {
		e = hash_code(s, hash);
		tlv_put(request, ASN1_OCTET_STRING, SLICE_OF(hash));
	}
	if (!e)
		e = lpa_session_field(s, "smdpCertificate", request);
	tlv_close(request, mark);
	wbuf_free(&der);
	return e ? e : wbuf_done(request);
}

static enum err prepare(struct lpa_session *s)
{
	struct wbuf request = wbuf_grow(LPA_MESSAGE_MAX);
	struct es10b_prepare_download_response r;
	enum err e = put_prepare(s, &request), told;

	if (!e)
		e = lpa_session_relay(s, wbuf_slice(&request));
	wbuf_free(&request);
	if (!e)
		e = es10b_parse_prepare_download_response(wbuf_slice(&s->card), &r);
	if (e)
		return e;
	step(s, 5, "the subscription manager encrypts the profile for this eUICC");
	told = lpa_session_server(s, ES9P_PATH_GET_BOUND_PROFILE_PACKAGE,
				  json_pack("{s:O, s:o}", "transactionId", s->transaction,
					    "prepareDownloadResponse",
					    json_base64(wbuf_slice(&s->card))));
	if (r.ok)
		return told;
	s->in_card = false;
	return lpa_fail(s->l, ERR_REFUSED, "the eUICC refused the download: %s",
			lpa_prepare_text(r.error));
}

/* SGP.22 3.1.3.3 step 3: the metadata in the package is what the user agreed to. */
static enum err check_metadata(struct lpa_session *s, struct slice package)
{
	struct wbuf joined = wbuf_grow(LPA_MESSAGE_MAX);
	struct es8p_package p;
	struct cursor c;
	struct tlv t;
	enum err e = es8p_parse_package(package, &p);
	bool same;

	c = cursor_of(p.seq88);
	while (!e && tlv_next(&c, &t)) /* each with its MAC at the end */
		wbuf_put(&joined,
			 slice_sub(t.value, 0,
				   t.value.len - (t.value.len < BSP_MAC_LEN ? t.value.len
									    : BSP_MAC_LEN)));
	if (!e)
		e = c.err ? c.err : wbuf_done(&joined);
	same = slice_equal(wbuf_slice(&joined), wbuf_slice(&s->metadata));
	wbuf_free(&joined);
	if (e)
		return lpa_session_refuse(s, e, ES10B_CANCEL_LOAD_BPP_ERROR,
					  "the manager's package is malformed: tell the operator");
	return same ? ERR_OK
		    : lpa_session_refuse(s, ERR_PROTOCOL, ES10B_CANCEL_METADATA_MISMATCH,
					 "the manager's package is not for the profile that it "
					 "offered: tell the operator");
}

/* Which element the eUICC refused, and why, when it says so. */
static enum err fail_install(struct lpa_session *s, const struct es10b_installation_result *r)
{
	struct pe_note notes[1];
	char what[32] = "the profile's header";
	size_t n;

	if (r->reason != ES10B_BPP_PE_PROCESSING || !r->sima_response.len ||
	    pe_report_read(r->sima_response, notes, ARRAY_LEN(notes), &n))
		return lpa_fail(s->l, ERR_REFUSED, "the eUICC did not install the profile: %s",
				lpa_install_text(r->reason));
	if (notes[0].has_id)
		snprintf(what, sizeof(what), "its element %u", notes[0].id);
	return lpa_fail(s->l, ERR_REFUSED,
			"the eUICC did not install the profile and refused %s: %s (PEStatus %u; "
			"twinkey chip info, twinkey profile lint)",
			what, pe_status_text(notes[0].status), notes[0].status);
}

static enum err check_result(struct lpa_session *s)
{
	struct es10b_installation_result r;
	enum err e = es10b_parse_installation_result(wbuf_slice(&s->card), &r);

	if (e)
		return e;
	s->in_card = false; /* SGP.22 5.7.6: the result ends the session */
	if (!r.success)
		return fail_install(s, &r);
	/* the last is that of the whole */
	if (pe_report_read(r.sima_response, s->loaded->notes, ARRAY_LEN(s->loaded->notes),
			   &s->loaded->note_count) == ERR_OK)
		s->loaded->note_count--;
	return ERR_OK;
}

static enum err load_segments(struct lpa_session *s, struct slice package)
{
	struct es8p_segmenter segmenter;
	struct slice piece;
	enum err e = es8p_segmenter_init(&segmenter, package);

	while (!e && es8p_segmenter_next(&segmenter, &piece)) {
		e = lpa_session_relay(s, piece);
		if (e == ERR_CARD)
			s->reason = ES10B_CANCEL_LOAD_BPP_ERROR;
		s->loaded->segments++;
		s->loaded->bytes += piece.len;
		if (!e && s->d->segment)
			s->d->segment(s->d->ctx, s->loaded->segments, s->loaded->bytes,
				      package.len);
		if (!e && s->card.len) /* SGP.22 5.7.6: the result ends the package */
			break;
	}
	return e ? e : segmenter.err;
}

/*
 * The package without what a later version adds to it: an eUICC that knows no such members may
 * count the octets of those that it knows (SGP.22 5.7.6).
 */
static enum err plain_package(struct slice package, struct wbuf *out)
{
	struct es8p_package m;
	enum err e = es8p_parse_package(package, &m);

	if (e)
		return e;
	es8p_put_package(out, &m);
	return wbuf_done(out);
}

static enum err load_package(struct lpa_session *s)
{
	struct wbuf package = wbuf_grow(PACKAGE_MAX), plain = wbuf_grow(PACKAGE_MAX);
	enum err e = lpa_session_field(s, "boundProfilePackage", &package);

	if (!e)
		e = check_metadata(s, wbuf_slice(&package));
	step(s, 6, "the eUICC takes the profile by STORE DATA");
	if (!e)
		e = plain_package(wbuf_slice(&package), &plain);
	if (!e)
		e = load_segments(s, wbuf_slice(&plain));
	wbuf_free(&plain);
	wbuf_free(&package);
	return e ? e : check_result(s);
}

static enum err attempt(struct lpa *l, const struct lpa_download *d, bool *lost,
			struct lpa_loaded *out)
{
	struct lpa_session s = {.l = l,
				.d = d,
				.id = wbuf_grow(RSP_TRANSACTION_ID_MAX),
				.card = wbuf_grow(UICC_RESPONSE_MAX),
				.metadata = wbuf_grow(LPA_MESSAGE_MAX),
				.reason = ES10B_CANCEL_POSTPONED,
				.loaded = out};
	enum err e;

	l->party = PARTY_MANAGER;
	e = es9p_open(d->network, d->activation->address, &s.op, l->message);
	if (!e)
		e = begin_session(&s);
	if (!e)
		e = check_server(&s);
	if (!e)
		e = authenticate(&s);
	if (!e)
		e = take_metadata(&s);
	if (!e)
		e = ask_user(&s);
	if (!e)
		e = prepare(&s);
	if (!e)
		e = load_package(&s);
	if (e)
		lpa_session_cancel(&s);
	*lost = s.lost;
	http_client_close(&s.op);
	json_decref(s.transaction);
	json_decref(s.answer);
	wbuf_free(&s.id);
	wbuf_free(&s.card);
	wbuf_free(&s.metadata);
	return e;
}

/* The reader may have lost the card for a moment; a channel is gone then, and maybe a session. */
static bool revive(struct lpa *l, unsigned backoff_ms)
{
	struct wait w = wait_begin(uicc_cancel(l->u), "the next try");

	if (wait_pause(&w, backoff_ms))
		return false;
	l->open = false;
	return uicc_reset(l->u) == ERR_OK;
}

enum err lpa_download(struct lpa *l, const struct lpa_download *d, struct lpa_loaded *out)
{
	struct lpa_loaded before = {0};

	for (unsigned n = 1;; n++) {
		struct lpa_loaded loaded = {0};
		bool lost = false;
		enum err e = attempt(l, d, &lost, &loaded);

		/* the answer to the last segment was lost, but the profile was not */
		if (e == ERR_EXISTS && before.segments &&
		    memcmp(loaded.iccid, before.iccid, sizeof(loaded.iccid)) == 0) {
			loaded = before;
			e = ERR_OK;
		}
		if (loaded.segments)
			before = loaded;
		loaded.attempts = n;
		if (!e)
			*out = loaded;
		if (!e || !lost || n > d->retries || cancel_is_wished(uicc_cancel(l->u)))
			return e;
		if (d->retry)
			d->retry(d->ctx, n + 1, d->retries + 1,
				 *l->message ? l->message : err_text(e));
		if (!revive(l, d->backoff_ms))
			return e;
	}
}
