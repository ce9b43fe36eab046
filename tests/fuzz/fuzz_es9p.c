/*
 * ES9+ from both ends.
 *
 * Input: an octet. Below ES9P_FUNCTION_COUNT: the rest is the JSON of that function's request to
 * the manager, who has a session 000102..0F that is authenticated. MODE_CODE: the rest is an
 * activation code. Else: a download with a manager that lies, the rest says how: a record for each
 * of its answers (enum lie, and what it needs); the genuine answer when the records have run out.
 *
 * After a download that failed the eUICC has no session of it left, and the next one, with an
 * honest manager, goes well.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "card-emu/apps/isdr/isdr.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/store.h"
#include "host/operator/api/es9p.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/activation.h"
#include "tests/support/must.h"
#include "tests/support/rsp_pair.h"
#include "tests/support/snapshot.h"
#include "tool/cli/json.h"

#define ICCID	 "8988211000000000017"
#define MATCHING "FUZZ-1"

enum { MODE_CODE = ES9P_FUNCTION_COUNT };

enum lie {
	LIE_NONE,
	LIE_OCTET,   /* an octet of a field's DER: which, where (2), with what */
	LIE_DROP,    /* a field is missing: which */
	LIE_VALUE,   /* a field has another JSON value: which, length, JSON */
	LIE_WHOLE,   /* the whole answer: length, JSON */
	LIE_EARLY,   /* nobody answers, nothing was done */
	LIE_LATE,    /* it was done, but the answer is lost */
	LIE_REFUSED, /* a refusal: length, subject code */
	LIE_COUNT
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
enum err __wrap_http_client_call(struct http_client *o, const char *path, json_t *body,
				 json_t **answer);

static struct rsp_pair pair;
static struct card *card;
static struct snapshot *at_first;
static struct cursor lies;
static struct smdp_profile offered;
static int64_t now;
static unsigned lost;

/* The card in this process, as a transport. */
static enum err reset(struct transport *t, struct slice *atr)
{
	(void)t;
	*atr = card_reset(card);
	return ERR_OK;
}

static enum err transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	(void)t;
	return card_transmit(card, command, response);
}

static void forget(struct transport *t)
{
	(void)t;
}

static const struct transport_ops ops = {
	.kind = "fuzz", .reset = reset, .transmit = transmit, .close = forget};

static json_t *take_json(struct cursor *c)
{
	size_t n = cursor_u8(c);
	struct slice text = cursor_take(c, n < cursor_left(c) ? n : cursor_left(c));

	return json_loadb((const char *)text.ptr, text.len, JSON_DECODE_ANY, NULL);
}

static const char *name_of_field(const json_t *answer, size_t n)
{
	void *it = json_object_iter((json_t *)(uintptr_t)answer);
	size_t count = json_object_size(answer);

	for (n = count ? n % count : 0; it && n; n--)
		it = json_object_iter_next((json_t *)(uintptr_t)answer, it);
	return it ? json_object_iter_key(it) : NULL;
}

static void change_octet(json_t *answer, const char *field, uint16_t at, uint8_t octet)
{
	struct wbuf der = wbuf_grow(1 << 20);

	if (json_base64_field(answer, field, &der) == ERR_OK && der.len) {
		der.ptr[at % der.len] ^= octet;
		json_object_set_new(answer, field, json_base64(wbuf_slice(&der)));
	}
	wbuf_free(&der);
}

static enum err tell(enum lie lie, json_t **answer)
{
	const char *field = NULL;
	json_t *value;
	uint16_t at;

	if (lie == LIE_OCTET || lie == LIE_DROP || lie == LIE_VALUE) {
		field = name_of_field(*answer, cursor_u8(&lies));
		if (!field)
			return ERR_OK;
	}
	switch (lie) {
	case LIE_OCTET:
		at = cursor_u16(&lies);
		change_octet(*answer, field, at, cursor_u8(&lies));
		break;
	case LIE_DROP: json_object_del(*answer, field); break;
	case LIE_VALUE:
		value = take_json(&lies);
		if (value)
			json_object_set_new(*answer, field, value);
		break;
	case LIE_WHOLE:
		value = take_json(&lies);
		json_decref(*answer);
		*answer = value;
		return json_is_object(value) ? ERR_OK : (json_decref(value), ERR_PROTOCOL);
	case LIE_LATE:
		lost++;
		json_decref(*answer);
		return ERR_DISCONNECTED;
	default: break;
	}
	return ERR_OK;
}

static enum err serve(const char *function, const json_t *body, json_t **answer)
{
	enum lie lie = (enum lie)(cursor_u8(&lies) % LIE_COUNT);
	enum err e;

	*answer = NULL;
	if (lie == LIE_EARLY) {
		lost++;
		return ERR_DISCONNECTED;
	}
	e = rsp_pair_post(&pair, function, body, answer);
	if (e)
		return e;
	if (!*answer)
		*answer = json_object();
	return tell(lie, answer);
}

enum err __wrap_http_client_call(struct http_client *o, const char *path, json_t *body,
				 json_t **answer)
{
	json_t *got = NULL;
	enum err e = serve(strrchr(path, '/') + 1, body, &got);

	(void)o;
	json_decref(body);
	if (!e)
		*answer = got;
	return e;
}

static bool count(void *ctx, unsigned n, const struct profile_record *r)
{
	(void)n, (void)r;
	++*(size_t *)ctx;
	return true;
}

static size_t count_profiles(void)
{
	size_t n = 0;

	profile_each(card_store(card), count, &n);
	return n;
}

/* One download, from a reset of the card on. */
static enum err download(struct slice how)
{
	static const struct es9p_network network = {.link = "unix:/nowhere"};
	struct activation a = {.address = RSP_PAIR_ADDRESS, .matching_id = MATCHING};
	struct lpa_download d = {.activation = &a, .network = &network};
	struct transport *t = calloc(1, sizeof(*t));
	struct lpa_loaded loaded;
	struct uicc *u = NULL;
	struct lpa *l = NULL;
	enum err e;

	MUST(t != NULL);
	t->ops = &ops;
	lies = cursor_of(how);
	lost = 0;
	MUST(uicc_open(t, &u) == ERR_OK && lpa_open(u, SLICE_EMPTY, &l) == ERR_OK);
	e = lpa_download(l, &d, &loaded);
	if (e && !lost) /* the eUICC has forgotten it */
		MUST(((struct isdr *)isdr_memory(card))->stage < ISDR_PREPARED);
	lpa_close(&l);
	uicc_close(&u);
	free(t);
	return e;
}

/* A download whose traces the manager forgets afterwards. */
static enum err try_download(struct slice how)
{
	enum err e;

	MUST(smdp_store_begin(pair.manager) == ERR_OK);
	e = download(how);
	MUST(smdp_store_end(pair.manager, ERR_CANCELLED) != ERR_OK);
	return e;
}

static void download_twice(struct slice how)
{
	enum err e = try_download(how);
	size_t profiles = count_profiles();

	MUST(profiles <= 1 && (e != ERR_OK || profiles == 1));
	if (!profiles && (lost || how.len % 2)) /* it takes time: not always */
		MUST(try_download(SLICE_EMPTY) == ERR_OK);
	snapshot_restore(at_first, card_store(card));
}

static void request(enum es9p_function f, struct slice text)
{
	struct smdp_session session = {.state = SMDP_SESSION_AUTHENTICATED,
				       .curve = EC_P256,
				       .created = now,
				       .profile = offered.id};
	json_t *body = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	struct http_answer answer = {.body = NULL};

	for (size_t i = 0; i < sizeof(session.transaction_id); i++)
		session.transaction_id[i] = (uint8_t)i;
	MUST(smdp_store_begin(pair.manager) == ERR_OK);
	MUST(smdp_session_put(pair.manager, &session, 0) == ERR_OK);
	if (es9p_answer(pair.smdp, f, body, now, &answer) == ERR_OK)
		MUST(answer.body != NULL || f == ES9P_HANDLE_NOTIFICATION);
	else
		MUST(answer.body == NULL && f == ES9P_HANDLE_NOTIFICATION);
	MUST(smdp_store_end(pair.manager, ERR_CANCELLED) != ERR_OK);
	json_decref(answer.body);
	json_decref(body);
}

static void code(struct slice text)
{
	char code[1024];
	struct activation a;
	const char *why = NULL;

	if (slice_text(text, code, sizeof(code)))
		return;
	if (activation_parse(code, &a, &why) == ERR_OK)
		MUST(memchr(a.address, 0, sizeof(a.address)) && a.address[0] &&
		     memchr(a.matching_id, 0, sizeof(a.matching_id)) &&
		     memchr(a.oid, 0, sizeof(a.oid)));
}

static void finish(void)
{
	card_close(&card);
	rsp_pair_close(&pair);
}

static void start(void)
{
	struct card_options o = {.memory = true};
	struct snapshot *made;
	struct store *s = NULL;

	now = (int64_t)time(NULL);
	rsp_pair_open(&pair, EC_P256, NULL);
	atexit(finish);
	rsp_pair_add(&pair, ICCID, MATCHING, 0);
	MUST(smdp_profile_find(pair.manager, MATCHING, &offered) == ERR_OK);
	MUST(store_open(pair.card_dir, 0, &s) == ERR_OK);
	made = snapshot_take(s, "");
	store_close(&s);
	MUST(card_open(&o, &card) == ERR_OK);
	snapshot_restore(made, card_store(card));
	snapshot_free(&made);
	at_first = snapshot_take(card_store(card), "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_make(data, size), rest = slice_sub(input, 1, size);
	uint8_t mode = slice_at(input, 0);

	if (!card)
		start();
	if (mode < ES9P_FUNCTION_COUNT)
		request((enum es9p_function)mode, rest);
	else if (mode == MODE_CODE)
		code(rest);
	else
		download_twice(rest);
	return 0;
}
