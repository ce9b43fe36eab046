/*
 * The recorded session of unmodified lpac and osmo-smdpp (test-data folder, rsp/session): what they
 * sent goes to the card again, signatures, MACs and ciphertext of osmo-smdpp included. What the
 * session's card had made by chance is put in its place: the one-time key, and the signature by
 * which the SM-DP+ asks for it.
 */
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/rsp_bench.h"

#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"

#define REQUESTS_MAX 128
#define STORE_DATA   "> 81e2"

/* One ES10 request as it was, put together from its blocks, and the data of its answer. */
struct request {
	struct wbuf sent, answer;
};

struct recording {
	struct request requests[REQUESTS_MAX];
	size_t count;
};

/* "< DATA SW" in hex: the data are appended. */
static void add_answer(struct wbuf *w, const char *hex, size_t len)
{
	char text[1024];

	if (len < 4 || len >= sizeof(text))
		return;
	memcpy(text, hex, len);
	text[len - 4] = 0;
	ASSERT_ERR(hex_decode(text, w), ERR_OK);
}

static void read_session(struct slice text, struct recording *r)
{
	const char *at = (const char *)text.ptr, *end = at + text.len;
	bool open = false, answered = false;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);
		char line[1024];

		if (len < sizeof(line)) {
			memcpy(line, at, len);
			line[len] = 0;
			if (strncmp(line, STORE_DATA, strlen(STORE_DATA)) == 0 && len > 12) {
				if (!open && r->count < REQUESTS_MAX) {
					r->requests[r->count].sent = wbuf_grow(1 << 17);
					r->requests[r->count++].answer = wbuf_grow(1 << 17);
				}
				ASSERT_ERR(hex_decode(line + 12, &r->requests[r->count - 1].sent),
					   ERR_OK);
				open = strncmp(line + 6, "11", 2) == 0;
				answered = !open;
			} else if (line[0] == '>') { /* GET RESPONSE, or something else */
				answered = answered && strncmp(line + 4, "c0", 2) == 0;
			} else if (line[0] == '<' && answered) {
				add_answer(&r->requests[r->count - 1].answer, line + 2, len - 2);
			}
		}
		at += len + 1;
	}
}

static void free_session(struct recording *r)
{
	for (size_t i = 0; i < r->count; i++) {
		wbuf_free(&r->requests[i].sent);
		wbuf_free(&r->requests[i].answer);
	}
}

static uint32_t tag_of(const struct request *q)
{
	struct cursor c = cursor_of(wbuf_slice(&q->sent));

	return tlv_peek(&c);
}

static const struct request *find(const struct recording *r, uint32_t tag)
{
	for (size_t i = 0; i < r->count; i++) {
		if (tag_of(&r->requests[i]) == tag)
			return &r->requests[i];
	}
	return NULL;
}

/* The recorded one-time key becomes one that the card keeps for this SM-DP+. */
static void give_key(struct bench *b, struct slice pem, uint8_t point[static EC_POINT_LEN])
{
	struct slice rid = test_unhex("88370a");
	struct wbuf w = wbuf_grow(SECRET_MAX);
	struct ec_key *key = NULL;
	struct store_txn *t;

	ASSERT_ERR(ec_key_load(pem, &key), ERR_OK);
	ASSERT_ERR(slice_copy(ec_key_point(key), point, EC_POINT_LEN), ERR_OK);
	wbuf_u8(&w, (uint8_t)rid.len);
	wbuf_put(&w, rid);
	ASSERT_ERR(ec_key_save(key, &w), ERR_OK);
	t = store_begin(card_store(b->card));
	store_put_secret(t, "euicc/ot/0", wbuf_slice(&w));
	ASSERT_ERR(store_commit(t), ERR_OK);
	ec_key_free(&key);
	wbuf_free(&w);
}

/* osmo-smdpp's certificate and signature are good; only the challenge is another session's. */
static void check_server(struct bench *b, const struct recording *r,
			 struct es10b_server_signed1 *signed1)
{
	const struct request *q = find(r, SGP22_TAG_AUTHENTICATE_SERVER);
	struct es10b_authenticate_server_response answer = {0};
	struct es10b_authenticate_server_request m = {0};

	CU_ASSERT_FATAL(q != NULL);
	ASSERT_ERR(es10b_parse_authenticate_server_request(wbuf_slice(&q->sent), &m), ERR_OK);
	*signed1 = m.signed1;
	CU_ASSERT_EQUAL(bench_es10_hex(b, "bf2e00"), SW_OK);
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&q->sent)), SW_OK);
	ASSERT_ERR(es10b_parse_authenticate_server_response(wbuf_slice(&b->answer), &answer),
		   ERR_OK);
	CU_ASSERT(!answer.ok);
	CU_ASSERT_EQUAL(answer.error, ES10B_AUTHENTICATE_CHALLENGE_MISMATCH);
}

/* The bound package, piece by piece as lpac sent it. */
static void load(struct bench *b, const struct recording *r)
{
	bool inside = false;
	size_t pieces = 0;

	for (size_t i = 0; i < r->count; i++) {
		uint32_t tag = tag_of(&r->requests[i]);

		inside = inside || tag == SGP22_TAG_BOUND_PROFILE_PACKAGE;
		if (!inside || (tag & 0xFF00) == 0xBF00)
			inside = tag == SGP22_TAG_BOUND_PROFILE_PACKAGE;
		if (!inside)
			continue;
		CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&r->requests[i].sent)), SW_OK);
		pieces++;
	}
	CU_ASSERT(pieces > 10);
	ASSERT_ERR(es10b_parse_installation_result(wbuf_slice(&b->answer), &b->result), ERR_OK);
	CU_ASSERT(b->result.success);
}

/* What is answered without chance is answered as it was. */
static void manage(struct bench *b, const struct recording *r)
{
	static const uint32_t tags[] = {SGP22_TAG_SET_NICKNAME, SGP22_TAG_ENABLE_PROFILE,
					SGP22_TAG_DISABLE_PROFILE, SGP22_TAG_DELETE_PROFILE};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		const struct request *q = find(r, tags[i]);

		CU_ASSERT_FATAL(q != NULL);
		CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&q->sent)), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b->answer), wbuf_slice(&q->answer), "as recorded");
	}
}

static void test_recorded(void)
{
	struct slice text = test_shared("rsp/session/apdu.txt");
	struct slice pem = test_shared("rsp/session/euicc-otsk.pem");
	struct es10b_server_signed1 signed1 = {0};
	struct recording r = {0};
	uint8_t point[EC_POINT_LEN];
	struct bench b;

	if (text.len && pem.len && bench_open(&b, BENCH_SGP26)) {
		read_session(text, &r);
		ASSERT_OCTETS(wbuf_slice(&find(&r, SGP22_TAG_EUICC_CHALLENGE)->sent),
			      test_unhex("bf2e00"), "the first request");
		give_key(&b, pem, point);
		check_server(&b, &r, &signed1);
		b.transaction = signed1.transaction_id;
		b.reuse_otpk = SLICE_OF(point);
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), 0);
		ASSERT_OCTETS(SLICE_OF(b.otpk), SLICE_OF(point), "the recorded one-time key");
		load(&b, &r);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
		manage(&b, &r);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
	}
	if (text.len && pem.len)
		bench_close(&b);
	free_session(&r);
}

TEST_SUITE(isdr_recorded, {"lpac and osmo-smdpp as recorded, to the end", test_recorded})
