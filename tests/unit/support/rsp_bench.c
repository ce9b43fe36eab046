#include "tests/unit/support/rsp_bench.h"

#include <stdio.h>
#include <string.h>

#include "lib/uicc/command.h"
#include "lib/base/tlv.h"
#include "lib/base/secret.h"
#include "lib/base/bytes.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/issue.h"
#include "lib/profile/build.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/rat.h"
#include "tests/unit/rsp/rsp_extend.h"

#define HOST_ID "test host"
#define EID	"89049032123451234512345678901235"

const uint8_t bench_transaction[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static const struct pki_files {
	const char *folder;
	struct {
		const char *euicc, *key, *eum;
	} signers[2];
	const char *cis[2];
	const char *dpauth, *dpauth_key, *dppb, *dppb_key, *ci_key;
	enum ec_curve curve;
} pkis[] = {
	[BENCH_SGP26] = {"rsp/sgp26",
			 {{"eUICC/CERT_EUICC_SIG_NIST.der", "eUICC/SK_EUICC_SIG_NIST.pem",
			   "EUM/CERT_EUM_SIG_NIST.der"}},
			 {"CI/CERT_CI_ECDSA_NIST.der"},
			 "DPauth/CERT_S_SM_DPauth_ECDSA_NIST.der",
			 "DPauth/SK_S_SM_DPauth_ECDSA_NIST.pem",
			 "DPpb/CERT_S_SM_DPpb_ECDSA_NIST.der",
			 "DPpb/SK_S_SM_DPpb_ECDSA_NIST.pem",
			 "CI/SK_CI_SIG_NIST.pem",
			 EC_P256},
#define FRESH(name, c)                                                                             \
	{                                                                                          \
		"rsp/pki-fresh",                                                                   \
			{{"eUICC/CERT_EUICC_ECDSA_NIST.der", "eUICC/SK_EUICC_ECDSA_NIST.pem",      \
			  "EUM/CERT_EUM_ECDSA_NIST.der"},                                          \
			 {"eUICC/CERT_EUICC_ECDSA_BRP.der", "eUICC/SK_EUICC_ECDSA_BRP.pem",        \
			  "EUM/CERT_EUM_ECDSA_BRP.der"}},                                          \
			{"CertificateIssuer/CERT_CI_ECDSA_NIST.der",                               \
			 "CertificateIssuer/CERT_CI_ECDSA_BRP.der"},                               \
			"DPauth/CERT_S_SM_DPauth_ECDSA_" name ".der",                              \
			"DPauth/SK_S_SM_DPauth_ECDSA_" name ".pem",                                \
			"DPpb/CERT_S_SM_DPpb_ECDSA_" name ".der",                                  \
			"DPpb/SK_S_SM_DPpb_ECDSA_" name ".pem",                                    \
			"ci-keys/SK_CI_ECDSA_" name ".pem", c                                      \
	}
	[BENCH_FRESH_NIST] = FRESH("NIST", EC_P256),
	[BENCH_FRESH_BRP] = FRESH("BRP", EC_BP256R1),
};

static int64_t bench_now(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static struct slice load(const struct pki_files *f, const char *name)
{
	char path[256];

	if (!name)
		return SLICE_EMPTY;
	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return test_shared(path);
}

static void load_key(const struct pki_files *f, const char *name, struct ec_key **out)
{
	ASSERT_ERR(ec_key_load(load(f, name), out), ERR_OK);
}

void bench_set_profile(struct bench *b, const char *iccid_digits, struct slice k)
{
	static uint8_t iccid[PROFILE_ICCID_LEN];
	static const uint8_t opc[16] = {2};
	struct profile_spec spec = {.imsi = "001010000000001",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = k,
				    .opc = SLICE_OF(opc)};

	snprintf(spec.iccid, sizeof(spec.iccid), "%s", iccid_digits);
	wbuf_cut(&b->upp, 0);
	ASSERT_ERR(profile_build(&spec, SLICE_EMPTY, &b->upp), ERR_OK);
	ASSERT_ERR(profile_iccid(iccid_digits, iccid), ERR_OK);
	b->metadata.iccid = SLICE_OF(iccid);
}

/* What a good SM-DP+ sends. */
static void set_defaults(struct bench *b)
{
	static const uint8_t k[16] = {1};
	static uint8_t config_mem[128];
	struct wbuf config = wbuf_init(config_mem, sizeof(config_mem));

	es8p_put_notification_config(&config,
				     RSP_EVENT_ENABLE | RSP_EVENT_DISABLE | RSP_EVENT_DELETE,
				     slice_str(BENCH_ADDRESS));
	b->metadata = (struct es8p_metadata){.service_provider = slice_str("Provider"),
					     .profile_name = slice_str("Name"),
					     .notification_config = wbuf_slice(&config)};
	b->channel = (struct es8p_secure_channel){.remote_op = ES8P_INSTALL_BPP,
						  .transaction_id = SLICE_OF(bench_transaction),
						  .key_type = test_unhex("88"),
						  .key_len = test_unhex("10"),
						  .host_id = slice_str(HOST_ID)};
	b->transaction = SLICE_OF(bench_transaction);
	b->isdp = test_unhex("bf2400");
	b->segment_max = ES8P_SEGMENT_MAX;
	b->block_len = 200;
	bench_set_profile(b, BENCH_ICCID_DIGITS, SLICE_OF(k));
}

static bool load_pki(struct bench *b, const struct pki_files *f)
{
	struct cert c;

	for (size_t i = 0; i < ARRAY_LEN(f->signers) && f->signers[i].euicc; i++) {
		b->identity.signers[i] = (struct card_signer){load(f, f->signers[i].euicc),
							      load(f, f->signers[i].key),
							      load(f, f->signers[i].eum)};
	}
	for (size_t i = 0; i < ARRAY_LEN(f->cis); i++)
		b->identity.ci_certs[i] = load(f, f->cis[i]);
	if (!b->identity.signers[0].euicc_cert.len)
		return false;
	b->dpauth = load(f, f->dpauth);
	b->dppb = load(f, f->dppb);
	load_key(f, f->dpauth_key, &b->auth_key);
	load_key(f, f->dppb_key, &b->pb_key);
	load_key(f, f->ci_key, &b->ci_key);
	b->curve = f->curve;
	for (size_t i = 0; i < ARRAY_LEN(f->cis); i++) {
		if (b->identity.ci_certs[i].len &&
		    cert_parse(b->identity.ci_certs[i], &c) == ERR_OK && c.curve == f->curve) {
			static uint8_t id[CERT_KEY_ID_MAX];

			ASSERT_ERR(slice_copy(cert_key_id(&c), id, sizeof(id)), ERR_OK);
			b->ci_key_id = SLICE_OF(id);
		}
	}
	return true;
}

bool bench_open(struct bench *b, enum bench_pki pki)
{
	struct wbuf rat = wbuf_init(b->rat, sizeof(b->rat));

	*b = (struct bench){.now = BENCH_NOW,
			    .bpp = wbuf_grow(1 << 20),
			    .upp = wbuf_grow(1 << 20),
			    .answer = wbuf_grow(1 << 19)};
	if (!load_pki(b, &pkis[pki]))
		return false;
	set_defaults(b);
	b->options = (struct card_options){.dir = test_dir(), .now = bench_now, .now_ctx = b};
	ASSERT_ERR(hex_decode_exact(EID, b->identity.eid, 16), ERR_OK);
	ASSERT_ERR(rat_parse_text(BENCH_RAT, &rat), ERR_OK);
	b->identity.rat = wbuf_slice(&rat);
	ASSERT_ERR(card_create(&b->options, &b->identity), ERR_OK);
	bench_restart(b);
	return b->card != NULL;
}

void bench_close(struct bench *b)
{
	card_close(&b->card);
	ec_key_free(&b->auth_key);
	ec_key_free(&b->pb_key);
	ec_key_free(&b->ci_key);
	wbuf_free(&b->upp);
	wbuf_free(&b->bpp);
	wbuf_free(&b->answer);
}

void bench_restart(struct bench *b)
{
	card_close(&b->card);
	ASSERT_ERR(card_open(&b->options, &b->card), ERR_OK);
	if (b->card)
		bench_select(b);
}

static uint16_t transmit(struct bench *b, struct slice command, struct wbuf *data)
{
	uint8_t mem[300];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	struct slice r;

	if (b->stop_after && b->exchanges == b->stop_after)
		return 0; /* the connection is gone */
	b->exchanges++;
	if (b->exchanges == b->skip_at)
		return SW_OK;
	ASSERT_ERR(card_transmit(b->card, command, &out), ERR_OK);
	if (b->exchanges == b->repeat_at) {
		wbuf_cut(&out, 0);
		ASSERT_ERR(card_transmit(b->card, command, &out), ERR_OK);
	}
	r = wbuf_slice(&out);
	wbuf_put(data, slice_sub(r, 0, r.len - 2));
	return (uint16_t)(slice_at(r, r.len - 2) << 8 | slice_at(r, r.len - 1));
}

void bench_select(struct bench *b)
{
	static const uint8_t select[] = {0x00, INS_SELECT, 0x04, 0x00, 0x10, 0xA0, 0x00,
					 0x00, 0x05,	   0x59, 0x10, 0x10, 0xFF, 0xFF,
					 0xFF, 0xFF,	   0x89, 0x00, 0x00, 0x01, 0x00};
	struct wbuf w = wbuf_grow(300);

	card_reset(b->card);
	CU_ASSERT_EQUAL(transmit(b, SLICE_OF(select), &w), 0x6121);
	wbuf_free(&w);
}

static uint16_t send_blocks(struct bench *b, struct slice request)
{
	struct cursor c = cursor_of(request);
	uint8_t block = 0, mem[300];
	uint16_t sw = SW_TECHNICAL;

	wbuf_cut(&b->answer, 0);
	do {
		size_t n = cursor_left(&c) < b->block_len ? cursor_left(&c) : b->block_len;
		struct slice part = cursor_take(&c, n);
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		apdu_put(&w, &(struct apdu){.cla = 0x80,
					    .ins = INS_STORE_DATA,
					    .p1 = cursor_left(&c) ? 0x11 : 0x91,
					    .p2 = block++,
					    .data = part});
		sw = transmit(b, wbuf_slice(&w), &b->answer);
	} while (cursor_left(&c) && sw == SW_OK);
	while (sw >> 8 == SW_RESPONSE >> 8) {
		uint8_t get[] = {0x80, INS_GET_RESPONSE, 0, 0, (uint8_t)sw};

		sw = transmit(b, SLICE_OF(get), &b->answer);
	}
	if (sw >> 8 == SW_PROACTIVE >> 8) /* a REFRESH waits */
		sw = SW_OK;
	return sw;
}

uint16_t bench_es10(struct bench *b, struct slice request)
{
	struct wbuf extended = wbuf_grow(1 << 20);
	struct cursor c = cursor_of(request);
	uint32_t tag = tlv_peek(&c);
	/* a package was extended when it was bound */
	bool package = tag == RSP_BoundProfilePackage || tag == RSP_InitialiseSecureChannelRequest;
	const struct rsp_type *type = package ? NULL : rsp_request_type(tag);
	uint16_t sw;

	if (!rsp_extending || !type)
		return send_blocks(b, request);
	wbuf_put(&extended, request);
	rsp_extend_now(&extended, type, true);
	sw = send_blocks(b, wbuf_slice(&extended));
	wbuf_free(&extended);
	return sw;
}

uint16_t bench_es10_hex(struct bench *b, const char *hex)
{
	return bench_es10(b, test_unhex(hex));
}

unsigned bench_authenticate(struct bench *b)
{
	struct es10b_server_signed1 s1 = {b->transaction, SLICE_OF(b->challenge),
					  slice_str(BENCH_ADDRESS), SLICE_OF(b->challenge)};
	struct es10b_authenticate_server_request m = {.certificate = b->dpauth,
						      .ci_key_id = b->ci_key_id};
	struct es10b_authenticate_server_response r = {.ok = false};
	unsigned result = BENCH_NO_ANSWER;
	struct wbuf signed1 = wbuf_grow(512), w = wbuf_grow(8192);
	struct slice challenge = SLICE_EMPTY;
	uint8_t signature[64];

	if (!b->no_challenge) {
		if (bench_es10_hex(b, "bf2e00") != SW_OK ||
		    es10b_parse_challenge(wbuf_slice(&b->answer), &challenge))
			return result;
		ASSERT_ERR(slice_copy(challenge, b->challenge, 16), ERR_OK);
	}
	b->challenge[0] ^= b->fault == BENCH_CHALLENGE;
	es10b_put_server_signed1(&signed1, &s1);
	rsp_extend_now(&signed1, &rsp_type_ServerSigned1, false);
	m.signed1_raw = wbuf_slice(&signed1);
	ASSERT_ERR(ec_sign(b->auth_key, &m.signed1_raw, 1, signature), ERR_OK);
	signature[5] ^= b->fault == BENCH_SERVER_SIGNATURE;
	m.signature = SLICE_OF(signature);
	m.ctx_raw = test_unhex("a00c8000a108800435290611a100");
	es10b_put_authenticate_server_request(&w, &m);
	if (bench_es10(b, wbuf_slice(&w)) == SW_OK &&
	    !es10b_parse_authenticate_server_response(wbuf_slice(&b->answer), &r))
		result = r.ok ? 0 : r.error;
	if (r.ok)
		ASSERT_ERR(slice_copy(r.signature, b->signature1, 64), ERR_OK);
	wbuf_free(&signed1);
	wbuf_free(&w);
	return result;
}

unsigned bench_prepare(struct bench *b)
{
	static const uint8_t other[] = {9, 9};
	struct es10b_smdp_signed2 s2 = {
		.transaction_id = b->fault == BENCH_TRANSACTION2 ? SLICE_OF(other) : b->transaction,
		.cc_required = b->cc_required,
		.euicc_otpk = b->reuse_otpk};
	struct es10b_prepare_download_request m = {.certificate = b->dppb, .hash_cc = b->hash_cc};
	struct es10b_prepare_download_response r = {.ok = false};
	unsigned result = BENCH_NO_ANSWER;
	struct wbuf signed2 = wbuf_grow(512), w = wbuf_grow(8192);
	uint8_t mem[67];
	struct slice parts[2];

	es10b_put_smdp_signed2(&signed2, &s2);
	rsp_extend_now(&signed2, &rsp_type_SmdpSigned2, false);
	parts[0] = m.signed2_raw = wbuf_slice(&signed2);
	parts[1] = es10b_signature_object(SLICE_OF(b->signature1), mem);
	ASSERT_ERR(ec_sign(b->pb_key, parts, 2, b->signature2), ERR_OK);
	b->signature2[5] ^= b->fault == BENCH_SIGNATURE2;
	m.signature = SLICE_OF(b->signature2);
	es10b_put_prepare_download_request(&w, &m);
	if (bench_es10(b, wbuf_slice(&w)) == SW_OK &&
	    !es10b_parse_prepare_download_response(wbuf_slice(&b->answer), &r))
		result = r.ok ? 0 : r.error;
	if (r.ok)
		ASSERT_ERR(slice_copy(r.signed2.euicc_otpk, b->otpk, EC_POINT_LEN), ERR_OK);
	wbuf_free(&signed2);
	wbuf_free(&w);
	return result;
}

/* The key agreement's template as a later version may have it. */
static void extend_template(struct es8p_secure_channel *m, struct wbuf *w)
{
	size_t mark;

	if (!rsp_extending)
		return;
	mark = tlv_open(w, RSP_InitialiseSecureChannelRequest_controlRefTemplate);
	tlv_put(w, RSP_ControlRefTemplate_keyType, m->key_type);
	tlv_put(w, RSP_ControlRefTemplate_keyLen, m->key_len);
	tlv_put(w, RSP_ControlRefTemplate_hostId, m->host_id);
	tlv_close(w, mark);
	rsp_extend_now(w, &rsp_type_ControlRefTemplate, false);
	m->crt_raw = wbuf_slice(w);
}

/* The SM-DP+'s side of BF23; gives the secured channel. */
static struct bsp *put_channel(struct bench *b, struct wbuf *w)
{
	static const uint8_t other[] = {9, 9};
	struct es8p_secure_channel m = b->channel;
	struct wbuf tbs = wbuf_grow(512), crt = wbuf_grow(512);
	struct secret *shared = NULL;
	struct ec_key *otsk = NULL;
	struct bsp *bsp = NULL;
	struct slice part;
	uint8_t signature[64];

	ASSERT_ERR(ec_key_generate(b->curve, &otsk), ERR_OK);
	if (b->fault == BENCH_TRANSACTION)
		m.transaction_id = SLICE_OF(other);
	m.smdp_otpk = ec_key_point(otsk);
	extend_template(&m, &crt);
	es8p_put_secure_channel_signed(&tbs, &m,
				       b->fault == BENCH_OTPK ? m.smdp_otpk : SLICE_OF(b->otpk));
	part = wbuf_slice(&tbs);
	ASSERT_ERR(ec_sign(b->pb_key, &part, 1, signature), ERR_OK);
	m.signature = SLICE_OF(signature);
	es8p_put_secure_channel(w, &m);
	wbuf_free(&crt);
	ASSERT_ERR(ec_agree(otsk, SLICE_OF(b->otpk), &shared), ERR_OK);
	ASSERT_ERR(bsp_derive(secret_slice(shared),
			      &(struct bsp_shared_info){ES8P_KEY_TYPE_AES, ES8P_KEY_LEN, m.host_id,
							SLICE_OF(b->identity.eid)},
			      &bsp),
		   ERR_OK);
	secret_free(&shared);
	ec_key_free(&otsk);
	wbuf_free(&tbs);
	return bsp;
}

void bench_bind(struct bench *b)
{
	struct wbuf w[5] = {wbuf_grow(1024), wbuf_grow(1024), wbuf_grow(8192), wbuf_grow(1024),
			    wbuf_grow(1 << 20)};
	struct wbuf meta = wbuf_grow(8192), keys = wbuf_grow(256), isdp = wbuf_grow(512);
	struct slice k1 = test_unhex("000102030405060708090a0b0c0d0e0f");
	struct slice k2 = test_unhex("100102030405060708090a0b0c0d0e0f");
	struct es8p_session_keys ppk = {k1, k2, k1};
	struct bsp *bsp = put_channel(b, &w[0]);
	struct es8p_package p;

	es8p_put_metadata(&meta, &b->metadata);
	rsp_extend_now(&meta, &rsp_type_StoreMetadataRequest, false);
	es8p_put_session_keys(&keys, &ppk);
	rsp_extend_now(&keys, &rsp_type_ReplaceSessionKeysRequest, false);
	wbuf_put(&isdp, b->isdp);
	rsp_extend_now(&isdp, &rsp_type_ConfigureISDPRequest, false);
	ASSERT_ERR(bsp_protect(bsp, 0x87, wbuf_slice(&isdp), &w[1]), ERR_OK);
	ASSERT_ERR(bsp_protect_all(bsp, &(struct bsp_cut){0x88, false, 1020}, wbuf_slice(&meta),
				   &w[2]),
		   ERR_OK);
	if (!b->no_replace) {
		ASSERT_ERR(bsp_protect(bsp, 0x87, wbuf_slice(&keys), &w[3]), ERR_OK);
		ASSERT_ERR(bsp_replace_keys(bsp, k2, k1, k1), ERR_OK);
	}
	ASSERT_ERR(bsp_protect_all(bsp, &(struct bsp_cut){0x86, true, b->segment_max},
				   wbuf_slice(&b->upp), &w[4]),
		   ERR_OK);
	p = (struct es8p_package){wbuf_slice(&w[0]), wbuf_slice(&w[1]), wbuf_slice(&w[2]),
				  b->no_replace ? SLICE_EMPTY : wbuf_slice(&w[3]),
				  wbuf_slice(&w[4])};
	wbuf_cut(&b->bpp, 0);
	es8p_put_package(&b->bpp, &p);
	rsp_extend_now(&b->bpp, &rsp_type_BoundProfilePackage, true);
	for (size_t i = 0; i < 5; i++)
		wbuf_free(&w[i]);
	wbuf_free(&meta);
	wbuf_free(&keys);
	wbuf_free(&isdp);
	bsp_free(&bsp);
}

size_t bench_pieces(struct bench *b, struct slice piece[static BENCH_PIECES_MAX])
{
	struct es8p_segmenter s;
	size_t n = 0;

	ASSERT_ERR(es8p_segmenter_init(&s, wbuf_slice(&b->bpp)), ERR_OK);
	while (n < BENCH_PIECES_MAX && es8p_segmenter_next(&s, &piece[n]))
		n++;
	ASSERT_ERR(s.err, ERR_OK);
	if (b->fault == BENCH_SWAP && b->at + 1 < n) {
		struct slice t = piece[b->at];

		piece[b->at] = piece[b->at + 1];
		piece[b->at + 1] = t;
	}
	if (b->fault == BENCH_BIT && b->at < n) /* the last octet: MAC, signature or length */
		b->bpp.ptr[(size_t)(piece[b->at].ptr - b->bpp.ptr) + piece[b->at].len - 1] ^= 1;
	return n;
}

unsigned bench_load(struct bench *b)
{
	struct slice piece[BENCH_PIECES_MAX];
	size_t n = bench_pieces(b, piece);

	b->pieces = n;
	for (size_t i = 0; i < n; i++) {
		unsigned times = 1;

		if (i == b->at && b->fault == BENCH_DROP)
			continue;
		if (i == b->at && b->fault == BENCH_TWICE)
			times = 2;
		for (unsigned k = 0; k < times; k++) {
			if (bench_es10(b, piece[i]) != SW_OK)
				return BENCH_AT_LOAD;
			if (!b->answer.len)
				continue;
			if (es10b_parse_installation_result(wbuf_slice(&b->answer), &b->result))
				return BENCH_AT_LOAD;
			return b->result.success ? 0 : b->result.reason;
		}
	}
	return BENCH_AT_END;
}

unsigned bench_download(struct bench *b)
{
	unsigned e = bench_authenticate(b);

	if (e)
		return BENCH_AT_AUTHENTICATE + e;
	e = bench_prepare(b);
	if (e)
		return BENCH_AT_PREPARE + e;
	bench_bind(b);
	return bench_load(b);
}

unsigned bench_command(struct bench *b, uint32_t tag, const char *iccid)
{
	uint8_t mem[64];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct es10c_profile_command m = {.iccid = test_unhex(iccid)};
	uint32_t result = UINT32_MAX;

	es10c_put_profile_command(&w, tag, &m);
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(rsp_parse_result(wbuf_slice(&b->answer), tag, &result), ERR_OK);
	return result;
}

unsigned bench_result(struct bench *b, const char *request)
{
	struct slice in = SLICE_EMPTY;
	struct cursor c;
	struct tlv t;
	uint64_t v = UINT32_MAX;

	CU_ASSERT_EQUAL(bench_es10_hex(b, request), SW_OK);
	c = cursor_of(wbuf_slice(&b->answer));
	CU_ASSERT(tlv_next(&c, &t));
	in = t.value;
	c = cursor_of(in);
	CU_ASSERT(tlv_next(&c, &t) && (t.tag == 0x80 || t.tag == 0x81));
	ASSERT_ERR(tlv_uint(t.value, &v), ERR_OK);
	return (unsigned)v;
}

size_t bench_profiles(struct bench *b, size_t *enabled)
{
	struct es10c_profiles list = {0};
	struct es10c_profile_info info;
	struct cursor c;
	size_t n = 0, on = 0;

	CU_ASSERT_EQUAL(bench_es10_hex(b, "bf2d00"), SW_OK);
	ASSERT_ERR(es10c_parse_profiles(wbuf_slice(&b->answer), &list), ERR_OK);
	c = cursor_of(list.items);
	while (es10c_next_profile(&c, &info)) {
		n++;
		on += info.state == ES10C_ENABLED;
	}
	ASSERT_ERR(c.err, ERR_OK);
	if (enabled)
		*enabled = on;
	return n;
}

size_t bench_notifications(struct bench *b)
{
	struct es10b_notifications list = {0};
	struct cursor c;
	struct tlv t;
	size_t n = 0;

	CU_ASSERT_EQUAL(bench_es10_hex(b, "bf2800"), SW_OK);
	ASSERT_ERR(es10b_parse_notifications(wbuf_slice(&b->answer), SGP22_TAG_LIST_NOTIFICATION,
					     &list),
		   ERR_OK);
	c = cursor_of(list.items);
	while (tlv_next(&c, &t))
		n++;
	return n;
}

struct slice bench_forge(const struct bench *b, struct slice der, const char *find, const char *put,
			 struct wbuf *out)
{
	struct slice from = test_unhex(find), to = test_unhex(put), tbs;
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	uint8_t changed[2048], *at;

	tbs = tlv_expect_raw(&in, ASN1_SEQUENCE);
	CU_ASSERT_FATAL(tbs.len <= sizeof(changed) && from.len == to.len && !in.err);
	memcpy(changed, tbs.ptr, tbs.len);
	at = memmem(changed, tbs.len, from.ptr, from.len);
	CU_ASSERT_FATAL(at != NULL);
	memcpy(at, to.ptr, to.len);
	wbuf_cut(out, 0);
	ASSERT_ERR(issue_signed(slice_make(changed, tbs.len), b->ci_key, out), ERR_OK);
	return wbuf_slice(out);
}
