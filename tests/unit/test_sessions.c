/* What outside programs sent, sent again: to the recorded peers, octet by octet, and to ours. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/operator/es9p_json.h"
#include "lib/apdu.h"
#include "tests/support/rsp_pair.h"
#include "tests/unit/card_fixture.h"
#include "tests/unit/session.h"

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
	static const char *const functions[ES9P_FUNCTION_COUNT] = {
		[ES9P_INITIATE_AUTHENTICATION] = "initiateAuthentication",
		[ES9P_AUTHENTICATE_CLIENT] = "authenticateClient",
		[ES9P_GET_BOUND_PROFILE_PACKAGE] = "getBoundProfilePackage",
		[ES9P_HANDLE_NOTIFICATION] = "handleNotification",
		[ES9P_CANCEL_SESSION] = "cancelSession",
	};
	struct live *live = ctx;

	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (strcmp(functions[i], function) == 0)
			return es9p_json_call(live->pair.smdp, (enum es9p_function)i, body,
					      (int64_t)time(NULL), answer);
	}
	return ERR_NOT_FOUND;
}

/* The same commands to our card, the same bodies to our subscription manager. */
static void lpac_live(enum ec_curve curve)
{
	static const char matching_id[] = "LPAC-TEST";
	const struct session_value given[] = {{"matchingId", slice_str(matching_id)}, {0}};
	struct live live;
	const struct session_peer peer = {
		.reset = live_reset, .transmit = live_transmit, .post = live_post, .ctx = &live};

	rsp_pair_open(&live.pair, curve);
	rsp_pair_add(&live.pair, "89000123456789012341", matching_id, 0);
	live.card = rsp_pair_card(&live.pair);
	session_play("lpac-2.3.0", &peer, given);
	CU_ASSERT_EQUAL(rsp_pair_state(&live.pair, matching_id), SMDP_INSTALLED);
	card_close(&live.card);
	rsp_pair_close(&live.pair);
}

static void lpac_p256(void)
{
	lpac_live(EC_P256);
}

static void lpac_brainpool(void)
{
	lpac_live(EC_BP256R1);
}

/* A SIM from a text file, without a PIN, in an eUICC. */
static void pysim(const char *name)
{
	static const char sim[] =
		"imsi = 001010123456789\niccid = 89000123456789012341\n"
		"k = 465b5ce8b199b49faa5f0a2ee238a6bc\nopc = cd63cb71954a9f4e48a5994e37a02baf\n"
		"sqn = ff9bb4d0b5e7\n"; /* TS 35.208 test set 1 */
	struct live live;
	const struct session_peer peer = {
		.reset = live_reset, .transmit = live_transmit, .ctx = &live};

	rsp_pair_open(&live.pair, EC_P256);
	fixture_install(live.pair.card_dir, sim);
	live.card = rsp_pair_card(&live.pair);
	session_play(name, &peer, NULL);
	card_close(&live.card);
	rsp_pair_close(&live.pair);
}

static void pysim_read(void)
{
	pysim("pysim-read");
}

static void pysim_shell(void)
{
	pysim("pysim-shell");
}

TEST_SUITE(sessions, {"lpac as it was recorded", lpac_as_recorded},
	   {"lpac with our card and manager, P-256", lpac_p256},
	   {"lpac with our card and manager, Brainpool", lpac_brainpool},
	   {"pySim-read", pysim_read}, {"pySim-shell", pysim_shell})
