#include "lib/trace/open/channel.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/trace/decode/exchange.h"
#include "lib/trace/open/scp02.h"
#include "lib/trace/open/scp03.h"
#include "lib/uicc/command.h"

#define VERSION_AT	   10 /* in the answer to INITIALIZE UPDATE: key version, then the protocol */
#define PLAIN_MAX	   (1u << 16)
#define R_MAC_SESSION_ENDS 0x03 /* P2 of END R-MAC SESSION, which else only asks */
#define NO_KEYS		   "the keys file has no keys that fit"
#define NO_BEGINNING	   "the trace does not show how the secure channel began"

enum step { STEP_NONE, STEP_INITIALIZED, STEP_AUTHENTICATED };

struct channel {
	const struct trace_keys *keys;
	enum step step;
	enum opened_by by;
	const struct channel_scheme *scheme;
	struct channel_session *session; /* NULL: no keys fit */
	struct wbuf data, answer;
};

struct channel *channel_open(const struct trace_keys *keys)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->keys = keys;
	c->data = wbuf_grow(PLAIN_MAX);
	c->answer = wbuf_grow(PLAIN_MAX);
	return c;
}

static void forget_session(struct channel *c)
{
	if (c->session)
		secret_object_free(c->session, sizeof(*c->session));
	c->session = NULL;
	c->step = STEP_NONE;
}

void channel_close(struct channel **c)
{
	struct channel *mine = *c;

	*c = NULL;
	if (!mine)
		return;
	forget_session(mine);
	wbuf_free(&mine->data);
	wbuf_free(&mine->answer);
	free(mine);
}

/* One set of keys: whether the card's cryptogram is of it. */
static bool try_keys(struct channel *c, const struct key_row *row, const struct exchange *x)
{
	struct channel_session *s = secret_object_new(sizeof(*s));
	bool right = false;

	if (s && !c->scheme->start(row, x->apdu.data, x->answer, s, &right) && right) {
		c->session = s;
		return true;
	}
	if (s)
		secret_object_free(s, sizeof(*s));
	return false;
}

static void begin_session(struct channel *c, const struct exchange *x, struct opened *out)
{
	const struct key_row *row = NULL;
	struct slice version = slice_sub(x->answer, VERSION_AT, 1);
	uint8_t protocol = slice_at(x->answer, VERSION_AT + 1);
	enum key_kind kind = protocol == 3 ? KEY_SCP03 : KEY_SCP02;
	bool tried = false;

	forget_session(c);
	if (x->sw != SW_OK || (protocol != 2 && protocol != 3))
		return;
	c->by = protocol == 3 ? OPENED_SCP03 : OPENED_SCP02;
	c->scheme = protocol == 3 ? &scp03_scheme : &scp02_scheme;
	c->step = STEP_INITIALIZED;
	while (!c->session && (row = keys_next(c->keys, kind, version, row)) != NULL)
		tried = try_keys(c, row, x) || true;
	out->by = c->by;
	if (c->session)
		out->card_cryptogram = OPENED_RIGHT;
	else if (tried)
		out->card_cryptogram = OPENED_WRONG;
	if (!tried)
		out->fault = NO_KEYS;
}

/* E.3.4, amendment D 6.2.4: the class as on the basic channel */
static struct channel_command command_of_exchange(const struct exchange *x)
{
	const struct apdu *a = &x->apdu;
	uint8_t cla = a->cla & CLA_FURTHER_CHANNEL
			      ? (uint8_t)((a->cla & CLA_PROPRIETARY) | CLA_GP_SECURED)
			      : (uint8_t)(a->cla & ~CLA_CHANNEL_MASK);

	return (struct channel_command){.head = {cla, a->ins, a->p1, a->p2}, .data = a->data};
}

static void open_command(struct channel *c, const struct exchange *x, struct opened *out)
{
	const struct channel_command command = command_of_exchange(x);
	bool right = false;
	enum err e;

	if (!x->apdu.data.len && !(c->session->level & LEVEL_MAC))
		return;
	wbuf_reset(&c->data);
	e = c->scheme->open_command(c->session, &command, &c->data, &right);
	out->command_mac = right ? OPENED_RIGHT : OPENED_WRONG;
	out->has_data = !e && right;
	out->data = out->has_data ? wbuf_slice(&c->data) : SLICE_EMPTY;
	if (e && e != ERR_LENGTH)
		out->fault = "it cannot be deciphered by the session's keys";
}

static bool answer_is_secured(const struct channel *c, const struct exchange *x)
{
	/* amendment D 6.2.5: of an error nothing is MACed */
	return x->has_sw && c->session->level & LEVEL_R_MAC && x->answer.len &&
	       (x->sw == SW_OK || x->sw >> 8 == SW_WARNING >> 8 || x->sw >> 8 == SW_CHANGED >> 8);
}

static void open_answer(struct channel *c, const struct exchange *x, struct opened *out)
{
	bool right = false;
	enum err e;

	if (!answer_is_secured(c, x))
		return;
	wbuf_reset(&c->answer);
	e = c->scheme->open_answer(c->session, x->answer, x->sw, &c->answer, &right);
	if (e == ERR_NOT_FOUND)
		return;
	out->answer_mac = right ? OPENED_RIGHT : OPENED_WRONG;
	out->has_answer = !e && right;
	out->answer = out->has_answer ? wbuf_slice(&c->answer) : SLICE_EMPTY;
}

static void take_authentication(struct channel *c, const struct exchange *x, struct opened *out)
{
	uint8_t expected[CHANNEL_BLOCK];
	size_t n = c->session->mac_len;

	c->session->level = 0; /* nothing of this command is ciphered */
	open_command(c, x, out);
	out->has_data = false;
	if (!c->scheme->host_cryptogram(c->session, expected))
		out->host_cryptogram =
			secret_equal(slice_make(expected, n), slice_sub(x->apdu.data, 0, n))
				? OPENED_RIGHT
				: OPENED_WRONG;
	out->level = c->session->level = x->apdu.p1;
	c->session->counter = 0; /* of the first command it is 1 */
	if (x->sw == SW_OK)
		c->step = STEP_AUTHENTICATED;
	else
		forget_session(c);
}

/* E.5.3, E.5.4: R-MACs for a while. The answers to these two commands themselves have another form.
 */
static bool take_r_mac_session(struct channel *c, const struct exchange *x)
{
	uint8_t ins = x->apdu.ins;

	if (c->by != OPENED_SCP02 ||
	    (ins != INS_BEGIN_R_MAC_SESSION && ins != INS_END_R_MAC_SESSION))
		return false;
	if (x->sw == SW_OK && ins == INS_BEGIN_R_MAC_SESSION)
		c->session->level |= x->apdu.p1 & LEVEL_R_MAC;
	else if (x->sw == SW_OK && x->apdu.p2 == R_MAC_SESSION_ENDS)
		c->session->level &= (uint8_t)~LEVEL_R_MAC;
	return true;
}

void channel_take(struct channel *c, const struct exchange *x, struct opened *out)
{
	uint8_t ins = x->apdu.ins;

	if (x->malformed)
		return;
	if (ins == INS_INITIALIZE_UPDATE) {
		begin_session(c, x, out);
		return;
	}
	if (ins == INS_SELECT) {
		forget_session(c); /* GlobalPlatform 10.2.3 */
		return;
	}
	if (!apdu_is_secured(x->apdu.cla) || x->apdu.cla == CLA_GSM)
		return;
	if (c->step == STEP_NONE || !c->session) {
		out->fault = c->step == STEP_NONE ? NO_BEGINNING : NO_KEYS;
		return;
	}
	out->by = c->by;
	if (ins == INS_EXTERNAL_AUTHENTICATE) {
		take_authentication(c, x, out);
		return;
	}
	out->level = c->session->level;
	open_command(c, x, out);
	if (!take_r_mac_session(c, x))
		open_answer(c, x, out);
}
