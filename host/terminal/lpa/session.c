#include "host/terminal/lpa/session.h"

#include <string.h>

#include "host/net/client.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/interface.h"
#include "lib/base/tlv.h"
#include "lib/uicc/apdu.h"
#include "tool/sys/cancel.h"
#include "tool/cli/json.h"

#define CANCEL_PATIENCE_MS 3000 /* of who has pressed Ctrl-C */

bool lpa_is_loss(enum err e)
{
	return transport_is_lost(e) || e == ERR_TIMEOUT || e == ERR_IO;
}

enum err lpa_session_card(struct lpa_session *s, struct slice request)
{
	enum err e;

	wbuf_reset(&s->card);
	e = cancel_is_wished(uicc_cancel(s->l->u)) ? ERR_CANCELLED
						   : lpa_ask(s->l, request, &s->card);
	s->lost = s->lost || lpa_is_loss(e);
	return e;
}

enum err lpa_session_relay(struct lpa_session *s, struct slice request)
{
	enum err e = lpa_session_card(s, request);
	uint16_t sw = uicc_last_sw(s->l->u);

	return e == ERR_CARD
		       ? lpa_fail(s->l, e,
				  "the eUICC does not take what the manager sent: try again, or "
				  "tell the operator (%04X, %s)",
				  sw, sw_text(sw))
		       : e;
}

enum err lpa_session_ask(struct lpa_session *s, uint32_t tag, struct wbuf *out)
{
	uint8_t octets[8];
	struct wbuf request = wbuf_init(octets, sizeof(octets));
	enum err e;

	tlv_put(&request, tag, SLICE_EMPTY);
	e = lpa_session_card(s, wbuf_slice(&request));
	if (!e)
		wbuf_put(out, wbuf_slice(&s->card));
	return e ? e : wbuf_done(out);
}

/* What came is of this session; the first answer opens it. */
static enum err check_transaction(struct lpa_session *s, const char *path)
{
	const json_t *id = json_object_get(s->answer, "transactionId");
	const char *text = json_string_value(id);

	if (!s->transaction && text && !hex_decode(text, &s->id) && s->id.len) {
		s->transaction = json_deep_copy(id);
		return s->transaction ? ERR_OK : ERR_MEMORY;
	}
	if (!s->transaction)
		return lpa_fail(
			s->l, ERR_PROTOCOL,
			"the manager opens no session: check the address, or tell the operator");
	if (!id && strcmp(path, ES9P_PATH_CANCEL_SESSION) == 0)
		return ERR_OK; /* the one that SGP.22 6.5.2.9 lets go without */
	if (!text || strcasecmp(text, json_string_value(s->transaction)) != 0)
		return lpa_fail(s->l, ERR_PROTOCOL,
				"the manager answers for another session: start again");
	return ERR_OK;
}

enum err lpa_session_server(struct lpa_session *s, const char *path, json_t *request)
{
	enum err e, resumed;

	json_decref(s->answer);
	s->l->message[0] = 0;
	s->l->party = PARTY_MANAGER;
	lpa_rest(s->l);
	e = es9p_call(s->op, path, request, &s->answer, s->l->message);
	resumed = lpa_resume(s->l);
	e = e ? e : resumed;
	s->lost = s->lost || lpa_is_loss(e) || e == ERR_WRONG_STATE;
	return e ? e : check_transaction(s, path);
}

enum err lpa_session_check(struct lpa_session *s, const char *name, enum err e)
{
	if (!e || e == ERR_MEMORY)
		return e;
	return lpa_fail(s->l, ERR_PROTOCOL, "the manager's %s makes no sense: tell the operator",
			name);
}

enum err lpa_session_field(struct lpa_session *s, const char *name, struct wbuf *out)
{
	return lpa_session_check(s, name, json_base64_field(s->answer, name, out));
}

enum err lpa_session_fields(struct lpa_session *s, const char *const *names, struct wbuf *out)
{
	enum err e = ERR_OK;

	for (; *names && !e; names++)
		e = lpa_session_field(s, *names, out);
	return e;
}

enum err lpa_session_refuse(struct lpa_session *s, enum err e, enum es10b_cancel_reason reason,
			    const char *why)
{
	s->reason = reason;
	return lpa_fail(s->l, e, "%s", why);
}

/* Ctrl-C has done its work by now: only a second one stops this as well. */
void lpa_session_cancel(struct lpa_session *s)
{
	struct es10b_cancel_session_request m = {.transaction_id = wbuf_slice(&s->id),
						 .reason = s->reason};
	uint8_t octets[64];
	char message[ES9P_MESSAGE];
	struct wbuf request = wbuf_init(octets, sizeof(octets));
	struct cancel *cancel = uicc_cancel(s->l->u);
	bool stopped = cancel_take(cancel), lost = s->lost;

	if (s->op && stopped)
		http_client_set_patience(s->op, CANCEL_PATIENCE_MS);
	if (s->in_card) {
		memcpy(message, s->l->message, sizeof(message));
		es10b_put_cancel_session_request(&request, &m);
		if (!lpa_session_card(s, wbuf_slice(&request)))
			(void)!lpa_session_server(s, ES9P_PATH_CANCEL_SESSION,
						  json_pack("{s:O, s:o}", "transactionId",
							    s->transaction, "cancelSessionResponse",
							    json_base64(wbuf_slice(&s->card))));
		memcpy(s->l->message, message, sizeof(message));
		s->lost = lost;
	}
	if (stopped)
		cancel_again(cancel);
}
