#include "tests/unit/test.h"

#include <string.h>

#include "card-emu/card.h"
#include "lib/apdu.h"
#include "lib/crypto/ec.h"
#include "lib/profile/build.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"

#define PKI	     "rsp/sgp26/"
#define NOW	     INT64_C(1780000000)
#define AFTER	     INT64_C(1950000000) /* the SM-DP+'s certificates have ended, the others not */
#define ADDRESS	     "testsmdpplus1.example.com"
#define PIECES_MAX   64
#define BLOCK_LEN    200
#define HOST_ID	     "test host"
#define ICCID	     "98001032547698103214"
#define ICCID_DIGITS "89000123456789012341"
#define OTHER_ICCID  "98001032547698103215"

/* What the peer does wrong. */
enum fault {
	FAULT_NONE,
	FAULT_BIT,	   /* a bit of piece `at` is changed */
	FAULT_SWAP,	   /* piece `at` and the next change places */
	FAULT_DROP,	   /* piece `at` is left out */
	FAULT_OTPK,	   /* bound for another eUICC's one-time key */
	FAULT_TRANSACTION, /* another transaction in BF23, rightly signed */
	FAULT_ICCID,	   /* metadata and profile disagree */
	FAULT_SERVER_SIGNATURE,
	FAULT_CHALLENGE,
	FAULT_ROLE, /* DPpb's certificate where DPauth's belongs */
	FAULT_CI,
};

struct bench {
	struct card *card;
	struct slice dpauth, dppb;
	struct wbuf upp;
	struct ec_key *auth_key, *pb_key;
	int64_t now;
	enum fault fault;
	size_t at;
	uint8_t challenge[16], otpk[EC_POINT_LEN];
	uint8_t signature1[64];
	struct wbuf bpp, answer;
};

static const uint8_t transaction[] = {1, 2, 3, 4, 5, 6, 7, 8};

static int64_t bench_now(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static uint16_t transmit(struct bench *b, struct slice command, struct wbuf *data)
{
	uint8_t mem[300];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	struct slice r;

	ASSERT_ERR(card_transmit(b->card, command, &out), ERR_OK);
	r = wbuf_slice(&out);
	wbuf_put(data, slice_sub(r, 0, r.len - 2));
	return (uint16_t)(slice_at(r, r.len - 2) << 8 | slice_at(r, r.len - 1));
}

/* One ES10 function: a chain of blocks, then what waits. */
static uint16_t es10(struct bench *b, struct slice request)
{
	struct cursor c = cursor_of(request);
	uint8_t block = 0, mem[300];
	uint16_t sw = SW_TECHNICAL;

	wbuf_cut(&b->answer, 0);
	do {
		size_t n = cursor_left(&c) < BLOCK_LEN ? cursor_left(&c) : BLOCK_LEN;
		struct slice part = cursor_take(&c, n);
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		apdu_put(&w, 0x80, INS_STORE_DATA, cursor_left(&c) ? 0x11 : 0x91, block++, part);
		sw = transmit(b, wbuf_slice(&w), &b->answer);
	} while (cursor_left(&c) && sw == SW_OK);
	while (sw >> 8 == SW_RESPONSE >> 8) {
		uint8_t get[] = {0x80, INS_GET_RESPONSE, 0, 0, (uint8_t)sw};

		sw = transmit(b, SLICE_OF(get), &b->answer);
	}
	return sw;
}

static uint16_t es10_hex(struct bench *b, const char *hex)
{
	return es10(b, test_unhex(hex));
}

static void select_isdr(struct bench *b)
{
	struct slice s = test_unhex("00a4040010a0000005591010ffffffff8900000100");
	struct wbuf w = wbuf_grow(300);

	card_reset(b->card);
	CU_ASSERT_EQUAL(transmit(b, s, &w), 0x6121);
	wbuf_free(&w);
}

static void make_package(struct wbuf *upp)
{
	static const uint8_t k[16] = {1}, opc[16] = {2};
	struct profile_spec spec = {.iccid = ICCID_DIGITS,
				    .imsi = "001010000000001",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(k),
				    .opc = SLICE_OF(opc)};

	ASSERT_ERR(profile_build(&spec, SLICE_EMPTY, upp), ERR_OK);
}

static bool bench_open(struct bench *b)
{
	struct card_options o = {.dir = test_dir(), .now = bench_now, .now_ctx = b};
	struct card_identity id = {
		.euicc_cert = test_shared(PKI "eUICC/CERT_EUICC_SIG_NIST.der"),
		.euicc_key = test_shared(PKI "eUICC/SK_EUICC_SIG_NIST.pem"),
		.eum_cert = test_shared(PKI "EUM/CERT_EUM_SIG_NIST.der"),
		.ci_certs = {test_shared(PKI "CI/CERT_CI_ECDSA_NIST.der")},
	};

	*b = (struct bench){.now = NOW,
			    .bpp = wbuf_grow(1 << 17),
			    .upp = wbuf_grow(PROFILE_PACKAGE_MAX),
			    .answer = wbuf_grow(1 << 17)};
	b->dpauth = test_shared(PKI "DPauth/CERT_S_SM_DPauth_ECDSA_NIST.der");
	b->dppb = test_shared(PKI "DPpb/CERT_S_SM_DPpb_ECDSA_NIST.der");
	if (!id.euicc_cert.len)
		return false;
	ASSERT_ERR(hex_decode_exact("89049032123451234512345678901235", id.eid, 16), ERR_OK);
	ASSERT_ERR(
		ec_key_load(test_shared(PKI "DPauth/SK_S_SM_DPauth_ECDSA_NIST.pem"), &b->auth_key),
		ERR_OK);
	ASSERT_ERR(ec_key_load(test_shared(PKI "DPpb/SK_S_SM_DPpb_ECDSA_NIST.pem"), &b->pb_key),
		   ERR_OK);
	make_package(&b->upp);
	ASSERT_ERR(card_create(&o, &id), ERR_OK);
	ASSERT_ERR(card_open(&o, &b->card), ERR_OK);
	if (b->card)
		select_isdr(b);
	return b->card != NULL;
}

static void bench_close(struct bench *b)
{
	card_close(&b->card);
	ec_key_free(&b->auth_key);
	ec_key_free(&b->pb_key);
	wbuf_free(&b->upp);
	wbuf_free(&b->bpp);
	wbuf_free(&b->answer);
}

/* GetEUICCChallenge and AuthenticateServer; the error or 0. */
static unsigned authenticate(struct bench *b)
{
	struct es10b_server_signed1 s1 = {SLICE_OF(transaction), SLICE_OF(b->challenge),
					  slice_str(ADDRESS), SLICE_OF(b->challenge)};
	struct es10b_authenticate_server_request m = {.certificate = b->dpauth};
	struct es10b_authenticate_server_response r = {0};
	struct wbuf signed1 = wbuf_grow(512), w = wbuf_grow(4096);
	struct slice challenge = SLICE_EMPTY;
	uint8_t signature[64];

	CU_ASSERT_EQUAL(es10_hex(b, "bf2e00"), SW_OK);
	ASSERT_ERR(es10b_parse_challenge(wbuf_slice(&b->answer), &challenge), ERR_OK);
	ASSERT_ERR(slice_copy(challenge, b->challenge, 16), ERR_OK);
	b->challenge[0] ^= b->fault == FAULT_CHALLENGE;
	es10b_put_server_signed1(&signed1, &s1);
	m.signed1_raw = wbuf_slice(&signed1);
	ASSERT_ERR(ec_sign(b->auth_key, &m.signed1_raw, 1, signature), ERR_OK);
	signature[5] ^= b->fault == FAULT_SERVER_SIGNATURE;
	m.signature = SLICE_OF(signature);
	m.ci_key_id = test_unhex(b->fault == FAULT_CI ? "c0bc70ba36929d43b467ff57570530e57ab8fcd8"
						      : "f54172bdf98a95d65cbeb88a38a1c11d800a85c3");
	if (b->fault == FAULT_ROLE)
		m.certificate = b->dppb;
	m.ctx_raw = test_unhex("a00c8000a108800435290611a100");
	es10b_put_authenticate_server_request(&w, &m);
	CU_ASSERT_EQUAL(es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(es10b_parse_authenticate_server_response(wbuf_slice(&b->answer), &r), ERR_OK);
	if (r.ok)
		ASSERT_ERR(slice_copy(r.signature, b->signature1, 64), ERR_OK);
	wbuf_free(&signed1);
	wbuf_free(&w);
	return r.ok ? 0 : r.error;
}

static unsigned prepare(struct bench *b)
{
	struct es10b_smdp_signed2 s2 = {.transaction_id = SLICE_OF(transaction)};
	struct es10b_prepare_download_request m = {.certificate = b->dppb};
	struct es10b_prepare_download_response r = {0};
	struct wbuf signed2 = wbuf_grow(512), w = wbuf_grow(4096);
	uint8_t signature[64], mem[67];
	struct slice parts[2];

	es10b_put_smdp_signed2(&signed2, &s2);
	parts[0] = m.signed2_raw = wbuf_slice(&signed2);
	parts[1] = es10b_signature_object(SLICE_OF(b->signature1), mem);
	ASSERT_ERR(ec_sign(b->pb_key, parts, 2, signature), ERR_OK);
	m.signature = SLICE_OF(signature);
	es10b_put_prepare_download_request(&w, &m);
	CU_ASSERT_EQUAL(es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(es10b_parse_prepare_download_response(wbuf_slice(&b->answer), &r), ERR_OK);
	if (r.ok)
		ASSERT_ERR(slice_copy(r.signed2.euicc_otpk, b->otpk, EC_POINT_LEN), ERR_OK);
	wbuf_free(&signed2);
	wbuf_free(&w);
	return r.ok ? 0 : r.error;
}

static void put_metadata(const struct bench *b, struct wbuf *w)
{
	struct wbuf config = wbuf_grow(256);
	struct es8p_metadata m = {
		.iccid = test_unhex(b->fault == FAULT_ICCID ? OTHER_ICCID : ICCID),
		.service_provider = slice_str("Provider"),
		.profile_name = slice_str("Name"),
	};

	es8p_put_notification_config(&config,
				     RSP_EVENT_ENABLE | RSP_EVENT_DISABLE | RSP_EVENT_DELETE,
				     slice_str(ADDRESS));
	m.notification_config = wbuf_slice(&config);
	es8p_put_metadata(w, &m);
	wbuf_free(&config);
}

/* The SM-DP+'s side of BF23; gives the secured channel. */
static struct bsp *put_channel(struct bench *b, struct wbuf *w)
{
	static const uint8_t other[] = {9, 9};
	struct es8p_secure_channel m = {.remote_op = ES8P_INSTALL_BPP,
					.transaction_id = SLICE_OF(transaction),
					.key_type = test_unhex("88"),
					.key_len = test_unhex("10"),
					.host_id = slice_str(HOST_ID)};
	struct wbuf tbs = wbuf_grow(512);
	struct secret *shared = NULL;
	struct ec_key *otsk = NULL;
	struct bsp *bsp = NULL;
	struct slice part;
	uint8_t signature[64];

	ASSERT_ERR(ec_key_generate(EC_P256, &otsk), ERR_OK);
	if (b->fault == FAULT_TRANSACTION)
		m.transaction_id = SLICE_OF(other);
	m.smdp_otpk = ec_key_point(otsk);
	es8p_put_secure_channel_signed(&tbs, &m,
				       b->fault == FAULT_OTPK ? m.smdp_otpk : SLICE_OF(b->otpk));
	part = wbuf_slice(&tbs);
	ASSERT_ERR(ec_sign(b->pb_key, &part, 1, signature), ERR_OK);
	m.signature = SLICE_OF(signature);
	es8p_put_secure_channel(w, &m);
	ASSERT_ERR(ec_agree(otsk, SLICE_OF(b->otpk), &shared), ERR_OK);
	ASSERT_ERR(bsp_derive(secret_slice(shared), ES8P_KEY_TYPE_AES, ES8P_KEY_LEN, m.host_id,
			      test_unhex("89049032123451234512345678901235"), &bsp),
		   ERR_OK);
	secret_free(&shared);
	ec_key_free(&otsk);
	wbuf_free(&tbs);
	return bsp;
}

static void bind(struct bench *b)
{
	struct wbuf w[5] = {wbuf_grow(1024), wbuf_grow(1024), wbuf_grow(1024), wbuf_grow(1024),
			    wbuf_grow(1 << 17)};
	struct wbuf meta = wbuf_grow(1024), keys = wbuf_grow(256);
	struct slice k1 = test_unhex("000102030405060708090a0b0c0d0e0f");
	struct slice k2 = test_unhex("100102030405060708090a0b0c0d0e0f");
	struct es8p_session_keys ppk = {k1, k2, k1};
	struct bsp *bsp = put_channel(b, &w[0]);
	struct es8p_package p;

	put_metadata(b, &meta);
	es8p_put_session_keys(&keys, &ppk);
	ASSERT_ERR(bsp_protect(bsp, 0x87, test_unhex("bf2400"), &w[1]), ERR_OK);
	ASSERT_ERR(bsp_protect_mac_only(bsp, 0x88, wbuf_slice(&meta), &w[2]), ERR_OK);
	ASSERT_ERR(bsp_protect(bsp, 0x87, wbuf_slice(&keys), &w[3]), ERR_OK);
	ASSERT_ERR(bsp_replace_keys(bsp, k2, k1, k1), ERR_OK);
	ASSERT_ERR(bsp_protect_all(bsp, 0x86, true, 1036, wbuf_slice(&b->upp), &w[4]), ERR_OK);
	p = (struct es8p_package){wbuf_slice(&w[0]), wbuf_slice(&w[1]), wbuf_slice(&w[2]),
				  wbuf_slice(&w[3]), wbuf_slice(&w[4])};
	wbuf_cut(&b->bpp, 0);
	es8p_put_package(&b->bpp, &p);
	for (size_t i = 0; i < 5; i++)
		wbuf_free(&w[i]);
	wbuf_free(&meta);
	wbuf_free(&keys);
	bsp_free(&bsp);
}

static size_t cut_pieces(struct bench *b, struct slice piece[static PIECES_MAX])
{
	struct es8p_segmenter s;
	size_t n = 0;

	ASSERT_ERR(es8p_segmenter_init(&s, wbuf_slice(&b->bpp)), ERR_OK);
	while (n < PIECES_MAX && es8p_segmenter_next(&s, &piece[n]))
		n++;
	ASSERT_ERR(s.err, ERR_OK);
	if (b->fault == FAULT_SWAP && b->at + 1 < n) {
		struct slice t = piece[b->at];

		piece[b->at] = piece[b->at + 1];
		piece[b->at + 1] = t;
	}
	if (b->fault == FAULT_BIT && b->at < n) /* the last octet: MAC, signature or length */
		b->bpp.ptr[(size_t)(piece[b->at].ptr - b->bpp.ptr) + piece[b->at].len - 1] ^= 1;
	return n;
}

/* A whole download. The ErrorReason, 0 on success, 1000 + n when it came to no result. */
static unsigned download(struct bench *b, size_t *pieces)
{
	struct slice piece[PIECES_MAX];
	struct es10b_installation_result r = {0};
	unsigned e = authenticate(b);
	size_t n;

	if (e)
		return 1000 + e;
	e = prepare(b);
	if (e)
		return 2000 + e;
	bind(b);
	n = cut_pieces(b, piece);
	if (pieces)
		*pieces = n;
	for (size_t i = 0; i < n; i++) {
		if (b->fault == FAULT_DROP && i == b->at)
			continue;
		if (es10(b, piece[i]) != SW_OK)
			return 3000;
		if (b->answer.len) {
			ASSERT_ERR(es10b_parse_installation_result(wbuf_slice(&b->answer), &r),
				   ERR_OK);
			return r.success ? 0 : r.reason;
		}
	}
	return 4000;
}

static void assert_profiles(struct bench *b, size_t want)
{
	struct es10c_profiles list = {0};
	struct es10c_profile_info info;
	struct cursor c;
	size_t n = 0;

	CU_ASSERT_EQUAL(es10_hex(b, "bf2d00"), SW_OK);
	ASSERT_ERR(es10c_parse_profiles(wbuf_slice(&b->answer), &list), ERR_OK);
	c = cursor_of(list.items);
	while (es10c_next_profile(&c, &info))
		n++;
	ASSERT_ERR(c.err, ERR_OK);
	CU_ASSERT_EQUAL(n, want);
}

static void test_life(void)
{
	struct bench b;

	if (bench_open(&b)) {
		CU_ASSERT_EQUAL(download(&b, NULL), 0);
		assert_profiles(&b, 1);
		CU_ASSERT_EQUAL(download(&b, NULL), ES10B_BPP_ICCID_EXISTS);
		assert_profiles(&b, 1);
		CU_ASSERT_EQUAL(es10_hex(&b, "bf29115a0a9800103254769810321490036c6162"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf2903800100"), "nickname");
		CU_ASSERT_EQUAL(es10_hex(&b, "bf3111a00c5a0a98001032547698103214810100"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3103800100"), "enabled");
		CU_ASSERT_EQUAL(es10_hex(&b, "bf330c5a0a98001032547698103214"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3303800102"), "not deleted");
		CU_ASSERT_EQUAL(es10_hex(&b, "bf3211a00c5a0a98001032547698103214810100"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3203800100"), "disabled");
		CU_ASSERT_EQUAL(es10_hex(&b, "bf330c5a0a98001032547698103214"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3303800100"), "deleted");
		assert_profiles(&b, 0);
		/* install, the refused second one, enable, disable, delete */
		CU_ASSERT_EQUAL(es10_hex(&b, "bf2b05a003800105"), SW_OK);
		CU_ASSERT(b.answer.len > 500);
		CU_ASSERT_EQUAL(es10_hex(&b, "bf3003800105"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf3003800100"), "removed");
		CU_ASSERT_EQUAL(es10_hex(&b, "bf2b05a003800105"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf2b03810101"), "none");
	}
	bench_close(&b);
}

static void test_faults(void)
{
	static const struct {
		enum fault fault;
		unsigned want;
	} rows[] = {
		{FAULT_OTPK, ES10B_BPP_INVALID_SIGNATURE},
		{FAULT_TRANSACTION, ES10B_BPP_INVALID_TRANSACTION},
		{FAULT_ICCID, ES10B_BPP_ICCID_MISMATCH},
		{FAULT_SERVER_SIGNATURE, 1000 + ES10B_AUTHENTICATE_INVALID_SIGNATURE},
		{FAULT_CHALLENGE, 1000 + ES10B_AUTHENTICATE_CHALLENGE_MISMATCH},
		{FAULT_ROLE, 1000 + ES10B_AUTHENTICATE_INVALID_CERTIFICATE},
		{FAULT_CI, 1000 + ES10B_AUTHENTICATE_CI_UNKNOWN},
	};
	struct bench b;

	if (bench_open(&b)) {
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			b.fault = rows[i].fault;
			CU_ASSERT_EQUAL(download(&b, NULL), rows[i].want);
			assert_profiles(&b, 0);
		}
		b.fault = FAULT_NONE;
		b.now = AFTER;
		CU_ASSERT_EQUAL(download(&b, NULL), 1000 + ES10B_AUTHENTICATE_INVALID_CERTIFICATE);
		b.now = NOW;
		CU_ASSERT_EQUAL(download(&b, NULL), 0);
	}
	bench_close(&b);
}

/* In each piece: a wrong bit, the next one first, left out. Never is anything installed. */
static void test_pieces(void)
{
	static const enum fault faults[] = {FAULT_BIT, FAULT_SWAP, FAULT_DROP};
	size_t pieces = 2;
	struct bench b;

	if (bench_open(&b)) {
		for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
			for (b.at = 0; b.at < pieces; b.at++) {
				/* A2 is optional in form: without it the keys are the session's. */
				b.fault = faults[i];
				if (b.fault == FAULT_SWAP && b.at + 1 == pieces)
					break;
				CU_ASSERT_NOT_EQUAL(download(&b, &pieces), 0);
				assert_profiles(&b, 0);
			}
		}
		b.fault = FAULT_NONE;
		CU_ASSERT_EQUAL(download(&b, NULL), 0);
	}
	bench_close(&b);
}

static void test_refusals(void)
{
	static const struct {
		const char *request;
		uint16_t sw;
	} rows[] = {
		{"bf5600", SW_NOT_FOUND},    {"bf2001", SW_WRONG_DATA},
		{"bf200100", SW_WRONG_DATA}, {"bf3e035c015b", SW_WRONG_DATA},
		{"bf3100", SW_WRONG_DATA},   {"bf2e0000", SW_WRONG_DATA},
		{"a00100", SW_CONDITIONS},   {"bf3600", SW_CONDITIONS},
		{"86020000", SW_CONDITIONS}, {"bf2d025c81", SW_WRONG_DATA},
		{"bf4300", SW_OK},	     {"bf3c00", SW_OK},
		{"bf3e035c015a", SW_OK},     {"bf2000", SW_OK},
		{"bf2200", SW_OK},
	};
	struct bench b;

	if (bench_open(&b)) {
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			CU_ASSERT_EQUAL(es10_hex(&b, rows[i].request), rows[i].sw);
		CU_ASSERT_EQUAL(es10_hex(&b, "bf2d00"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf2d02a000"), "no profile");
		CU_ASSERT_EQUAL(es10_hex(&b, "bf410d80080102030405060708810100"), SW_OK);
		ASSERT_OCTETS(wbuf_slice(&b.answer), test_unhex("bf4103810105"), "no session");
		CU_ASSERT_EQUAL(authenticate(&b), 0);
		CU_ASSERT_EQUAL(es10_hex(&b, "bf410d80080102030405060708810100"), SW_OK);
		CU_ASSERT(b.answer.len > 80); /* signed */
		CU_ASSERT_EQUAL(prepare(&b), ES10B_DOWNLOAD_NO_SESSION);
	}
	bench_close(&b);
}

TEST_SUITE(isdr, {"download, enable, disable, delete, notify", test_life},
	   {"a wrong peer gets the error of the standard", test_faults},
	   {"a wrong piece installs nothing", test_pieces}, {"requests refused", test_refusals})
