/* What outside programs sent, sent again: to the recorded peers, octet by octet, and to ours. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/operator/smdp/es2p.h"
#include "host/operator/api/es9p.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile.h"
#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/uicc.h"
#include "host/transport/open.h"
#include "host/transport/observe.h"
#include "host/transport/transport.h"
#include "lib/rsp/activation.h"
#include "lib/uicc/apdu.h"
#include "tests/support/rsp_pair.h"
#include "tests/support/scratch.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/session.h"

/* The recording of the test-data folder: rsp/session/apdu.txt and es9plus.jsonl. */
struct recording {
	struct cursor apdus, bodies;
	unsigned commands, requests;
	const char *differs;
};

/* The next line that is no comment; an empty one at the end. */
static struct slice next_line(struct cursor *c)
{
	for (;;) {
		struct slice rest = c->rest;
		const uint8_t *end = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
		size_t n = end ? (size_t)(end - rest.ptr) : rest.len;
		struct slice line = cursor_take(c, n);

		if (end)
			(void)cursor_u8(c);
		if (line.len == 0 || slice_at(line, 0) != '#')
			return line;
	}
}

static void recorded_octets(struct recording *r, char kind, struct wbuf *out)
{
	char text[2 * APDU_COMMAND_MAX + 8];

	if (slice_text(next_line(&r->apdus), text, sizeof(text)) || text[0] != kind ||
	    hex_decode(text + 1, out))
		r->differs = "the recording is at its end, or no line of it";
}

static enum err recorded_transmit(void *ctx, struct slice command, struct wbuf *response)
{
	struct recording *r = ctx;
	uint8_t mem[APDU_COMMAND_MAX];
	struct wbuf want = wbuf_init(mem, sizeof(mem));

	r->commands++;
	recorded_octets(r, '>', &want);
	if (!r->differs && !slice_equal(command, wbuf_slice(&want))) {
		char got[2 * APDU_COMMAND_MAX + 1];

		(void)hex_encode(command, got, sizeof(got));
		fprintf(stderr, "\ncommand %u of the session: %s\n", r->commands, got);
		r->differs = "a command differs from the recorded one";
	}
	recorded_octets(r, '<', response);
	return r->differs ? ERR_PROTOCOL : ERR_OK;
}

static json_t *recorded_body(struct recording *r)
{
	struct slice line = next_line(&r->bodies);
	json_t *entry = json_loadb((const char *)line.ptr, line.len, 0, NULL), *body;

	body = json_deep_copy(json_object_get(entry, "body"));
	json_decref(entry);
	return body;
}

static enum err recorded_post(void *ctx, const char *function, const json_t *body, json_t **answer)
{
	struct recording *r = ctx;
	json_t *want = recorded_body(r);

	(void)function;
	r->requests++;
	if (!json_equal(want, body))
		r->differs = "a body differs from the recorded one";
	json_decref(want);
	*answer = recorded_body(r);
	if (json_is_null(*answer)) {
		json_decref(*answer);
		*answer = NULL;
	}
	return r->differs ? ERR_PROTOCOL : ERR_OK;
}

static void recorded_reset(void *ctx)
{
	(void)ctx; /* the recording does not show them */
}

static void lpac_as_recorded(void)
{
	static const char matching_id[] = "TS48v5_SAIP2.1A_NoBERTLV";
	const struct session_value given[] = {{"matchingId", slice_str(matching_id)}, {0}};
	struct slice apdus = test_shared("rsp/session/apdu.txt");
	struct slice bodies = test_shared("rsp/session/es9plus.jsonl");
	struct recording r = {.apdus = cursor_of(apdus), .bodies = cursor_of(bodies)};
	const struct session_peer peer = {.reset = recorded_reset,
					  .transmit = recorded_transmit,
					  .post = recorded_post,
					  .ctx = &r,
					  .recording = true};

	if (!apdus.len || !bodies.len)
		return;
	session_play("lpac-2.3.0", &peer, given);
	if (r.differs) {
		fprintf(stderr, "\n%s\n", r.differs);
		CU_FAIL("the session is not what was recorded");
	}
	CU_ASSERT_EQUAL(cursor_left(&r.apdus), 0);
	CU_ASSERT_EQUAL(cursor_left(&r.bodies), 0);
	CU_ASSERT_EQUAL(r.requests, 7);
}

struct live {
	struct rsp_pair pair;
	struct card *card;
};

static void live_reset(void *ctx)
{
	card_reset(((struct live *)ctx)->card);
}

static enum err live_transmit(void *ctx, struct slice command, struct wbuf *response)
{
	return card_transmit(((struct live *)ctx)->card, command, response);
}

static enum err live_post(void *ctx, const char *function, const json_t *body, json_t **answer)
{
	return rsp_pair_post(&((struct live *)ctx)->pair, function, body, answer);
}

static const uint8_t iccid[] = {0x98, 0x00, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0x32, 0x14};

/* The same commands to our card, the same bodies to our subscription manager; its state then. */
static void session_live(const char *name, enum ec_curve curve, enum smdp_profile_state state)
{
	static const char matching_id[] = "LPA-TEST";
	const struct session_value given[] = {
		{"matchingId", slice_str(matching_id)}, {"iccid", SLICE_OF(iccid)}, {0}};
	struct live live;
	const struct session_peer peer = {
		.reset = live_reset, .transmit = live_transmit, .post = live_post, .ctx = &live};

	rsp_pair_open(&live.pair, curve, NULL);
	rsp_pair_add(&live.pair, "89000123456789012341", matching_id, 0);
	live.card = rsp_pair_card(&live.pair);
	session_play(name, &peer, given);
	CU_ASSERT_EQUAL(rsp_pair_state(&live.pair, matching_id), state);
	card_close(&live.card);
	rsp_pair_close(&live.pair);
}

static void lpac_p256(void)
{
	session_live("lpac-2.3.0", EC_P256, SMDP_DELETED);
}

static void lpac_brainpool(void)
{
	session_live("lpac-2.3.0", EC_BP256R1, SMDP_DELETED);
}

static void twinkey_p256(void)
{
	session_live("twinkey-osmo-smdpp", EC_P256, SMDP_INSTALLED);
}

static void twinkey_brainpool(void)
{
	session_live("twinkey-osmo-smdpp", EC_BP256R1, SMDP_INSTALLED);
}

/* Orders a profile anew, with a confirmation code; metadata: what an LPA is to be shown of it. */
static void order_with_code(struct rsp_pair *pair, const char *matching_id, const char *code,
			    struct wbuf *metadata)
{
	struct es2p_call call = {
		.store = pair->manager, .actor = "test", .now = (int64_t)time(NULL)};
	struct smdp_profile p;
	uint8_t number[sizeof(p.iccid)];
	const struct es2p_order order = {.iccid = number};
	const struct es2p_cancellation cancellation = {.iccid = number};
	const struct es2p_confirmation confirmation = {.iccid = number,
						       .matching_id = matching_id,
						       .code = slice_str(code),
						       .release = true,
						       .lifetime_s = -1};

	ASSERT_ERR(smdp_profile_find(pair->manager, matching_id, &p), ERR_OK);
	memcpy(number, p.iccid, sizeof(number));
	ASSERT_ERR(smdp_package_load(pair->manager, p.id, metadata, NULL), ERR_OK);
	ASSERT_ERR(es2p_cancel_order(&call, &cancellation, &p), ERR_OK);
	ASSERT_ERR(es2p_download_order(&call, &order, &p), ERR_OK);
	ASSERT_ERR(es2p_confirm_order(&call, &confirmation, &p), ERR_OK);
}

/* lpac with a matching id that is none, with a wrong confirmation code, and to the end. */
static void lpac_with_serve(enum ec_curve curve)
{
	static const char good[] = "LPA-TEST", rejected[] = "OTHER", code[] = "4711";
	struct wbuf metadata = wbuf_grow(1024), other = wbuf_grow(1024);
	struct live live;
	const struct session_peer peer = {
		.reset = live_reset, .transmit = live_transmit, .post = live_post, .ctx = &live};

	rsp_pair_open(&live.pair, curve, NULL);
	rsp_pair_add(&live.pair, "89000123456789012341", good, 0);
	rsp_pair_add(&live.pair, "8949449999999990023", rejected, 0);
	order_with_code(&live.pair, good, code, &metadata);
	order_with_code(&live.pair, rejected, code, &other);
	live.card = rsp_pair_card(&live.pair);
	session_play("lpac-twinkey-serve", &peer,
		     (const struct session_value[]){{"metadata", wbuf_slice(&metadata)},
						    {"otherMetadata", wbuf_slice(&other)},
						    {0}});
	CU_ASSERT_EQUAL(rsp_pair_state(&live.pair, good), SMDP_DELETED); /* at the end */
	/* it says endUserRejection for a code that was mistyped: two attempts are left */
	CU_ASSERT_EQUAL(rsp_pair_state(&live.pair, rejected), SMDP_RELEASED);
	card_close(&live.card);
	rsp_pair_close(&live.pair);
	wbuf_free(&metadata);
	wbuf_free(&other);
}

static void lpac_serve_p256(void)
{
	lpac_with_serve(EC_P256);
}

static void lpac_serve_brainpool(void)
{
	lpac_with_serve(EC_BP256R1);
}

/* What our LPA says today, in the form of the recording. */
struct tapped {
	struct rsp_pair pair;
	struct http_route routes[ES9P_FUNCTION_COUNT + 1]; /* the manager's, heard by tap_call() */
	struct wbuf apdus, bodies;
	struct uicc *card;
	struct lpa *lpa;
};

static void tap_octets(struct wbuf *w, char kind, struct slice octets)
{
	char text[2 * APDU_COMMAND_MAX + 8];

	ASSERT_ERR(hex_encode(octets, text, sizeof(text)), ERR_OK);
	wbuf_u8(w, (uint8_t)kind);
	wbuf_put(w, slice_str(text));
	wbuf_u8(w, '\n');
}

static void tap_exchange(void *ctx, struct slice command, struct slice response)
{
	struct tapped *t = ctx;

	tap_octets(&t->apdus, '>', command);
	tap_octets(&t->apdus, '<', response);
}

static void tap_reset(void *ctx, struct slice atr)
{
	(void)ctx, (void)atr; /* the recording does not show them */
}

static void tap_body(struct wbuf *w, const json_t *body)
{
	json_t *entry = json_pack("{s:O?}", "body", body);
	char *text = json_dumps(entry, JSON_COMPACT);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	wbuf_put(w, slice_str(text));
	wbuf_u8(w, '\n');
	free(text);
	json_decref(entry);
}

static enum err tap_call(void *ctx, const struct http_route *route, const json_t *request,
			 struct http_answer *answer)
{
	struct tapped *t = ctx;
	const struct http_route *own = &api_routes[route - t->routes];
	enum err e = own->handle(&t->pair.api, own, request, answer);

	tap_body(&t->bodies, request);
	tap_body(&t->bodies, answer->body);
	return e;
}

static void tap_open(struct tapped *t, const char *matching_id)
{
	const struct transport_observer observer = {
		.on_reset = tap_reset, .on_exchange = tap_exchange, .ctx = t};
	struct http_setup setup = {.count = 1, .ctx = t};
	struct transport *card = NULL, *observed = NULL;
	char spec[128];

	*t = (struct tapped){.apdus = wbuf_grow(1 << 20), .bodies = wbuf_grow(1 << 20)};
	rsp_pair_open(&t->pair, EC_P256, NULL);
	rsp_pair_add(&t->pair, "89000123456789012341", matching_id, 0);
	snprintf(t->pair.socket, sizeof(t->pair.socket), "%s/socket", t->pair.dir);
	for (size_t i = 0; api_routes[i].interface == API_ES9P; i++) {
		t->routes[i] = api_routes[i];
		t->routes[i].handle = tap_call;
	}
	setup.listeners[0] = (struct http_listener){
		.fd = scratch_listen(t->pair.socket), .routes = t->routes, .offers = API_ES9P};
	ASSERT_ERR(http_serve(&setup, &t->pair.http), ERR_OK);
	snprintf(spec, sizeof(spec), "card:%s", t->pair.card_dir);
	ASSERT_ERR(transport_open(spec, 0, NULL, &card), ERR_OK);
	ASSERT_ERR(transport_observe(card, &observer, &observed), ERR_OK);
	ASSERT_ERR(uicc_open(observed, &t->card), ERR_OK);
}

/* As each command of twinkey begins. */
static void tap_lpa(struct tapped *t)
{
	uint8_t eid[RSP_EID_LEN];

	ASSERT_ERR(uicc_reset(t->card), ERR_OK);
	CU_ASSERT_FATAL(lpa_open(t->card, SLICE_EMPTY, &t->lpa) == ERR_OK);
	ASSERT_ERR(lpa_eid(t->lpa, eid), ERR_OK);
}

static void tap_commands(struct tapped *t, const char *matching_id)
{
	struct es9p_network network = {0};
	struct activation code = {.address = ""};
	struct lpa_download download = {.activation = &code, .network = &network};
	struct lpa_loaded loaded;
	struct lpa_report report;
	char link[160], text[128];

	snprintf(link, sizeof(link), "unix:%s", t->pair.socket);
	network.link = link;
	snprintf(text, sizeof(text), "LPA:1$" RSP_PAIR_ADDRESS "$%s", matching_id);
	ASSERT_ERR(activation_parse(text, &code, NULL), ERR_OK);
	tap_lpa(t);
	ASSERT_ERR(lpa_download(t->lpa, &download, &loaded), ERR_OK);
	ASSERT_ERR(lpa_send_notifications(t->lpa, &network, &report), ERR_OK);
	lpa_close(&t->lpa);
	tap_lpa(t);
	ASSERT_ERR(lpa_profile_command(t->lpa, SGP22_TAG_ENABLE_PROFILE, SLICE_OF(iccid)), ERR_OK);
	ASSERT_ERR(lpa_send_notifications(t->lpa, &network, &report), ERR_OK);
	lpa_close(&t->lpa);
}

/* Our LPA sends, octet by octet, what osmo-smdpp and the card took from it. */
static void twinkey_as_recorded(void)
{
	static const char matching_id[] = "LPA-TEST";
	const struct session_value given[] = {
		{"matchingId", slice_str(matching_id)}, {"iccid", SLICE_OF(iccid)}, {0}};
	struct tapped t;
	struct recording r = {0};
	const struct session_peer peer = {.reset = recorded_reset,
					  .transmit = recorded_transmit,
					  .post = recorded_post,
					  .ctx = &r,
					  .recording = true};

	tap_open(&t, matching_id);
	tap_commands(&t, matching_id);
	uicc_close(&t.card);
	http_stop(&t.pair.http);
	r.apdus = cursor_of(wbuf_slice(&t.apdus));
	r.bodies = cursor_of(wbuf_slice(&t.bodies));
	session_play("twinkey-osmo-smdpp", &peer, given);
	if (r.differs) {
		fprintf(stderr, "\n%s\n", r.differs);
		CU_FAIL("the session is not what the LPA says");
	}
	CU_ASSERT_EQUAL(cursor_left(&r.apdus), 0);
	CU_ASSERT_EQUAL(cursor_left(&r.bodies), 0);
	CU_ASSERT_EQUAL(r.requests, 5);
	rsp_pair_close(&t.pair);
	wbuf_free(&t.apdus);
	wbuf_free(&t.bodies);
}

/* TS 35.208 test set 1 */
#define SIM                                                                                        \
	"imsi = 001010123456789\niccid = 89000123456789012341\n"                                   \
	"k = 465b5ce8b199b49faa5f0a2ee238a6bc\nopc = cd63cb71954a9f4e48a5994e37a02baf\n"           \
	"sqn = ff9bb4d0b5e7\n"

/* A SIM from a text file in an eUICC. */
static void pysim(const char *name, const char *sim)
{
	struct live live;
	const struct session_peer peer = {
		.reset = live_reset, .transmit = live_transmit, .ctx = &live};

	rsp_pair_open(&live.pair, EC_P256, NULL);
	fixture_install(live.pair.card_dir, sim);
	live.card = rsp_pair_card(&live.pair);
	session_play(name, &peer, NULL);
	card_close(&live.card);
	rsp_pair_close(&live.pair);
}

static void pysim_read(void)
{
	pysim("pysim-read", SIM);
}

static void pysim_shell(void)
{
	pysim("pysim-shell", SIM);
}

static void pysim_shell_pin(void)
{
	pysim("pysim-shell-pin", SIM "pin = 1234\npuk = 12345678\nadm = 88888888\n");
}

TEST_SUITE(sessions, {"lpac as it was recorded", lpac_as_recorded},
	   {"lpac with our card and manager, P-256", lpac_p256},
	   {"lpac with our card and manager, Brainpool", lpac_brainpool},
	   {"lpac as our manager knows it, P-256", lpac_serve_p256},
	   {"lpac as our manager knows it, Brainpool", lpac_serve_brainpool},
	   {"our LPA as osmo-smdpp knows it", twinkey_as_recorded},
	   {"that with our card and manager, P-256", twinkey_p256},
	   {"that with our card and manager, Brainpool", twinkey_brainpool},
	   {"pySim-read", pysim_read}, {"pySim-shell", pysim_shell},
	   {"pySim-shell with PIN, PUK and ADM", pysim_shell_pin})
