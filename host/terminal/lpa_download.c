#include <string.h>

#include "host/terminal/es9p.h"
#include "host/terminal/lpa_internal.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "tool/json.h"

#define STEPS	    6
#define MESSAGE_MAX (16u * 1024)
#define PACKAGE_MAX (768u * 1024)

static const struct lpa_words authenticate_errors[] = {
	{ES10B_AUTHENTICATE_INVALID_CERTIFICATE, "it does not accept the server's certificate"},
	{ES10B_AUTHENTICATE_INVALID_SIGNATURE, "the server's signature is wrong"},
	{ES10B_AUTHENTICATE_UNSUPPORTED_CURVE, "it does not support the server's curve"},
	{ES10B_AUTHENTICATE_NO_SESSION, "it lost the session: start again"},
	{ES10B_AUTHENTICATE_INVALID_OID, "the server's identity is not the expected one"},
	{ES10B_AUTHENTICATE_CHALLENGE_MISMATCH, "the challenge is not its own"},
	{ES10B_AUTHENTICATE_CI_UNKNOWN, "it does not know the certificate issuer"},
};

static const struct lpa_words download_errors[] = {
	{ES10B_DOWNLOAD_INVALID_CERTIFICATE, "it does not accept the server's certificate"},
	{ES10B_DOWNLOAD_INVALID_SIGNATURE, "the server's signature is wrong"},
	{ES10B_DOWNLOAD_UNSUPPORTED_CURVE, "it does not support the server's curve"},
	{ES10B_DOWNLOAD_NO_SESSION, "it lost the session: start again"},
	{ES10B_DOWNLOAD_INVALID_TRANSACTION, "the transaction id is wrong"},
};

static const struct lpa_words install_errors[] = {
	{ES10B_BPP_INCORRECT_INPUT, "a part of the package has wrong values"},
	{ES10B_BPP_INVALID_SIGNATURE, "the package's signature is wrong"},
	{ES10B_BPP_INVALID_TRANSACTION, "the package belongs to another session"},
	{ES10B_BPP_UNSUPPORTED_CRT, "the package's key type is not supported"},
	{ES10B_BPP_UNSUPPORTED_OPERATION, "the package's operation is not supported"},
	{ES10B_BPP_UNSUPPORTED_CLASS, "the profile's class is not supported"},
	{ES10B_BPP_SCP03T_STRUCTURE, "a segment is malformed or out of order"},
	{ES10B_BPP_SCP03T_SECURITY, "a segment was changed or is for another eUICC"},
	{ES10B_BPP_ICCID_EXISTS, "a profile with this ICCID is installed already: delete it first"},
	{ES10B_BPP_INSUFFICIENT_MEMORY, "no memory left: delete another profile first"},
	{ES10B_BPP_INTERRUPTION, "it was interrupted: start again"},
	{ES10B_BPP_PE_PROCESSING, "a profile element cannot be processed"},
	{ES10B_BPP_ICCID_MISMATCH, "metadata and profile have different ICCIDs"},
	{ES10B_BPP_TEST_NAA_KEY, "the test profile has no test key"},
	{ES10B_BPP_PPR_NOT_ALLOWED, "its policy rules are not allowed here"},
};

struct download {
	struct lpa *l;
	struct operator_link *op;
	const struct lpa_activation *a;
	const struct lpa_progress *progress;
	json_t *transaction; /* the string; NULL before the server answered */
	struct wbuf id;	     /* its octets */
	json_t *answer;	     /* the server's last */
	struct wbuf card;    /* the card's last */
};

static void step(const struct download *d, unsigned n, const char *what)
{
	if (d->progress && d->progress->step)
		d->progress->step(d->progress->ctx, n, STEPS, what);
}

static enum err call_card(struct download *d, struct slice request)
{
	uint16_t sw;

	wbuf_reset(&d->card);
	return lpa_es10(d->l, request, &d->card, &sw);
}

/* request is taken over. */
static enum err call_server(struct download *d, const char *function, json_t *request)
{
	json_decref(d->answer);
	d->l->message[0] = 0;
	return es9p_call(d->op, function, request, &d->answer, d->l->message);
}

static enum err ask_card_for(struct download *d, uint32_t tag, struct wbuf *out)
{
	uint8_t octets[8];
	struct wbuf request = wbuf_init(octets, sizeof(octets));
	enum err e;

	tlv_put(&request, tag, SLICE_EMPTY);
	e = call_card(d, wbuf_slice(&request));
	if (!e)
		wbuf_put(out, wbuf_slice(&d->card));
	return e ? e : wbuf_done(out);
}

static enum err initiate(struct download *d)
{
	struct wbuf info = wbuf_grow(MESSAGE_MAX), der = wbuf_grow(MESSAGE_MAX);
	struct slice challenge = SLICE_EMPTY;
	enum err e = ask_card_for(d, SGP22_TAG_EUICC_CHALLENGE, &der);

	if (!e)
		e = es10b_parse_challenge(wbuf_slice(&der), &challenge);
	if (!e)
		e = ask_card_for(d, SGP22_TAG_EUICC_INFO1, &info);
	if (!e) {
		step(d, 2, "the subscription manager answers the eUICC's challenge");
		e = call_server(d, "initiateAuthentication",
				json_pack("{s:o, s:o, s:s}", "euiccChallenge",
					  json_base64(challenge), "euiccInfo1",
					  json_base64(wbuf_slice(&info)), "smdpAddress",
					  d->a->address));
	}
	if (!e) {
		const json_t *id = json_object_get(d->answer, "transactionId");

		d->transaction = json_is_string(id) ? json_deep_copy(id) : NULL;
		e = d->transaction ? hex_decode(json_string_value(id), &d->id) : ERR_TAG;
	}
	wbuf_free(&info);
	wbuf_free(&der);
	return e;
}

/* Puts the objects of the answer, as they are, one after the other. */
static enum err put_fields(const struct download *d, struct wbuf *w, const char *const *names)
{
	enum err e = ERR_OK;

	for (; *names && !e; names++)
		e = json_base64_field(d->answer, *names, w);
	return e;
}

static void put_ctx(const struct download *d, struct wbuf *w)
{
	static const uint8_t tac[] = {0x35, 0x29, 0x06, 0x11}; /* of the test range */
	struct es10b_ctx ctx = {.matching_id = slice_str(d->a->matching_id), .tac = SLICE_OF(tac)};

	es10b_put_ctx(w, &ctx);
}

static enum err authenticate(struct download *d)
{
	static const char *const fields[] = {"serverSigned1", "serverSignature1",
					     "euiccCiPKIdToBeUsed", "serverCertificate", NULL};
	struct wbuf request = wbuf_grow(MESSAGE_MAX);
	struct es10b_authenticate_server_response r;
	size_t mark = tlv_open(&request, SGP22_TAG_AUTHENTICATE_SERVER);
	enum err e = put_fields(d, &request, fields);

	put_ctx(d, &request);
	tlv_close(&request, mark);
	if (!e)
		e = wbuf_done(&request);
	step(d, 3, "the eUICC checks the subscription manager");
	if (!e)
		e = call_card(d, wbuf_slice(&request));
	wbuf_free(&request);
	if (!e)
		e = es10b_parse_authenticate_server_response(wbuf_slice(&d->card), &r);
	if (!e && !r.ok)
		return lpa_fail(d->l, ERR_REFUSED, "the eUICC refused the server: %s",
				lpa_word(authenticate_errors, ARRAY_LEN(authenticate_errors),
					 (uint32_t)r.error));
	if (e)
		return e;
	step(d, 4, "the subscription manager checks the eUICC");
	return call_server(d, "authenticateClient",
			   json_pack("{s:O, s:o}", "transactionId", d->transaction,
				     "authenticateServerResponse",
				     json_base64(wbuf_slice(&d->card))));
}

static enum err prepare(struct download *d)
{
	static const char *const fields[] = {"smdpSigned2", "smdpSignature2", "smdpCertificate",
					     NULL};
	struct wbuf request = wbuf_grow(MESSAGE_MAX);
	struct es10b_prepare_download_response r;
	size_t mark = tlv_open(&request, SGP22_TAG_PREPARE_DOWNLOAD);
	enum err e = put_fields(d, &request, fields);

	tlv_close(&request, mark);
	if (!e)
		e = wbuf_done(&request);
	if (!e)
		e = call_card(d, wbuf_slice(&request));
	wbuf_free(&request);
	if (!e)
		e = es10b_parse_prepare_download_response(wbuf_slice(&d->card), &r);
	if (!e && !r.ok)
		return lpa_fail(
			d->l, ERR_REFUSED, "the eUICC refused the download: %s",
			lpa_word(download_errors, ARRAY_LEN(download_errors), (uint32_t)r.error));
	if (e)
		return e;
	step(d, 5, "the profile is encrypted for this eUICC");
	return call_server(d, "getBoundProfilePackage",
			   json_pack("{s:O, s:o}", "transactionId", d->transaction,
				     "prepareDownloadResponse", json_base64(wbuf_slice(&d->card))));
}

static enum err check_result(struct download *d, struct lpa_loaded *out)
{
	struct es10b_installation_result r;
	enum err e = es10b_parse_installation_result(wbuf_slice(&d->card), &r);

	if (e)
		return e;
	if (!r.success)
		return lpa_fail(
			d->l, ERR_REFUSED, "the eUICC did not install the profile: %s",
			lpa_word(install_errors, ARRAY_LEN(install_errors), (uint32_t)r.reason));
	return slice_copy(r.notification.iccid, out->iccid, sizeof(out->iccid));
}

static enum err load(struct download *d, struct lpa_loaded *out)
{
	struct wbuf package = wbuf_grow(PACKAGE_MAX);
	struct es8p_segmenter s;
	struct slice piece;
	enum err e = json_base64_field(d->answer, "boundProfilePackage", &package);

	if (!e)
		e = es8p_segmenter_init(&s, wbuf_slice(&package));
	step(d, 6, "the eUICC takes the profile by STORE DATA");
	while (!e && es8p_segmenter_next(&s, &piece)) {
		e = call_card(d, piece);
		out->segments++;
		out->bytes += piece.len;
		if (!e && d->progress && d->progress->segment)
			d->progress->segment(d->progress->ctx, out->segments, out->bytes,
					     package.len);
		if (!e && d->card.len) /* SGP.22 5.7.6: the result ends the package */
			break;
	}
	if (!e)
		e = s.err;
	wbuf_free(&package);
	return e ? e : check_result(d, out);
}

/* Both sides forget the session; what failed before is what counts. */
static void cancel(struct download *d)
{
	struct es10b_cancel_session_request m = {.transaction_id = wbuf_slice(&d->id),
						 .reason = ES10B_CANCEL_POSTPONED};
	uint8_t octets[64];
	char message[ES9P_MESSAGE];
	struct wbuf request = wbuf_init(octets, sizeof(octets));

	if (!d->transaction || d->id.len == 0)
		return;
	memcpy(message, d->l->message, sizeof(message));
	es10b_put_cancel_session_request(&request, &m);
	if (!call_card(d, wbuf_slice(&request)) &&
	    call_server(d, "cancelSession",
			json_pack("{s:O, s:o}", "transactionId", d->transaction,
				  "cancelSessionResponse", json_base64(wbuf_slice(&d->card)))))
		d->answer = NULL;
	memcpy(d->l->message, message, sizeof(message));
}

enum err lpa_download(struct lpa *l, struct operator_link *op, const struct lpa_activation *a,
		      const struct lpa_progress *progress, struct lpa_loaded *out)
{
	struct download d = {.l = l,
			     .op = op,
			     .a = a,
			     .progress = progress,
			     .id = wbuf_grow(RSP_TRANSACTION_ID_MAX),
			     .card = wbuf_grow(UICC_RESPONSE_MAX)};
	struct lpa_loaded loaded = {0};
	enum err e;

	step(&d, 1, "the eUICC gives a challenge");
	e = initiate(&d);
	if (!e)
		e = authenticate(&d);
	if (!e)
		e = prepare(&d);
	if (!e)
		e = load(&d, &loaded);
	if (e)
		cancel(&d);
	else
		*out = loaded;
	json_decref(d.transaction);
	json_decref(d.answer);
	wbuf_free(&d.id);
	wbuf_free(&d.card);
	return e;
}

static enum err seq_of(const struct tlv *item, uint32_t *seq)
{
	struct es10b_installation_result r;
	struct es10b_other_notification n;
	enum err e;

	if (item->tag == SGP22_TAG_PROFILE_INSTALLATION_RESULT) {
		e = es10b_parse_installation_result(item->raw, &r);
		*seq = e ? 0 : r.notification.seq;
	} else {
		e = es10b_parse_other_notification(item->raw, &n);
		*seq = e ? 0 : n.notification.seq;
	}
	return e;
}

static enum err send_one(struct lpa *l, struct operator_link *op, const struct tlv *item)
{
	uint8_t sent[32], got[32];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	json_t *body = NULL;
	uint32_t seq, result;
	uint16_t sw;
	enum err e = seq_of(item, &seq);

	if (!e)
		e = es9p_call(op, "handleNotification",
			      json_pack("{s:o}", "pendingNotification", json_base64(item->raw)),
			      &body, l->message);
	json_decref(body);
	if (e)
		return e;
	es10b_put_notification_sent(&request, seq);
	e = lpa_es10(l, wbuf_slice(&request), &answer, &sw);
	return e ? e : rsp_parse_result(wbuf_slice(&answer), SGP22_TAG_NOTIFICATION_SENT, &result);
}

enum err lpa_send_notifications(struct lpa *l, struct operator_link *op, unsigned *sent)
{
	uint8_t octets[16];
	struct wbuf request = wbuf_init(octets, sizeof(octets));
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10b_notifications list = {0};
	struct cursor c;
	struct tlv item;
	unsigned n = 0;
	uint16_t sw;
	enum err e;

	es10b_put_retrieve_notifications(&request, &(struct es10b_retrieve_notifications){0});
	e = lpa_es10(l, wbuf_slice(&request), &der, &sw);
	if (!e)
		e = es10b_parse_notifications(wbuf_slice(&der), SGP22_TAG_RETRIEVE_NOTIFICATIONS,
					      &list);
	c = cursor_of(list.ok ? list.items : SLICE_EMPTY);
	while (!e && tlv_next(&c, &item)) {
		e = send_one(l, op, &item);
		n += !e;
	}
	wbuf_free(&der);
	if (sent)
		*sent = n;
	return e;
}
