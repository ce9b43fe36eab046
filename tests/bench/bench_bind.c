/*
 * bench_bind: downloads that the subscription manager serves per second and core, from
 * initiateAuthentication to the bound package of 16 KiB, through the JSON binding and with the
 * store on the disk, for LPAS eUICCs at once, as its server takes them (and for one alone); beside
 * what OpenSSL needs for the elliptic-curve operations that SGP.22 asks
 * of the manager for one: three signatures (serverSigned1, smdpSigned2, BF23), four verifications
 * (EUM and eUICC certificate, the eUICC's two signatures), a one-time key and one ECDH, with
 * contexts that are made before, as `openssl speed` does. The manager remembers the certificates of
 * EUMs that it has checked: the second limit leaves out that verification, which it saves itself.
 *
 * The eUICC's part is done between, off the clock. Time is the process's own.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/api/es9p.h"
#include "host/operator/smdp/smdp.h"
#include "lib/base/tlv.h"
#include "host/operator/smdp/store/store.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/issue.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "lib/base/secret.h"
#include "tests/bench/bench.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/cli/json.h"
#include "tool/pki/pki.h"
#include "tests/support/ec_limit.h"
#include "tests/support/must.h"
#include "tests/support/stock.h"

#define ROUNDS	    9
#define LPAS	    8
#define BINDS	    40 /* in a round of the measurement */
#define UPP_LEN	    16384
#define BAR	    0.5
#define ADDRESS	    "dp.example.com"
#define MESSAGE_MAX 16384
#define SECURE_HEAP (1u << 20)

/* An LPA with its eUICC, and where its download is. */
struct lpa {
	struct ec_key *key;
	struct wbuf cert;
	char matching_id[16];
	json_t *initiated, *offer;
};

struct bench {
	enum ec_curve curve;
	char dir[64];
	struct smdp_store *store;
	struct smdp *smdp;
	int64_t now;
	unsigned stocked, next; /* profiles */
	struct wbuf eum, ci_ids;
	struct lpa lpas[LPAS];
	double cpu, wall; /* in the manager */
	struct wbuf message, part, other;
};

/* One more eUICC of the EUM. */
static void lpa_make(struct bench *b, struct lpa *l, const struct ec_key *eum_key)
{
	struct issue_request r = {.role = RSP_ROLE_EUICC,
				  .organization = "Twinkey Test EUM", /* whom the EUM may certify */
				  .common_name = "eUICC",
				  .not_before = b->now,
				  .not_after = b->now + 86400,
				  .curve = b->curve,
				  .issuer_cert = wbuf_slice(&b->eum),
				  .issuer_key = eum_key};
	uint8_t eid[16];
	char digits[33];

	MUST(pki_random_eid(eid) == ERR_OK && ec_key_generate(b->curve, &l->key) == ERR_OK);
	hex_encode(SLICE_OF(eid), digits, sizeof(digits));
	r.serial_number = digits;
	r.point = ec_key_point(l->key);
	l->cert = wbuf_grow(MESSAGE_MAX);
	MUST(issue_certificate(&r, &l->cert) == ERR_OK);
}

static void bench_open(struct bench *b, enum ec_curve curve)
{
	struct wbuf der = wbuf_grow(MESSAGE_MAX);
	struct ec_key *eum_key = NULL;
	char manager[96];
	uint8_t eid[16];
	struct cert ci;

	*b = (struct bench){.curve = curve,
			    .dir = "/tmp/twinkey-bench-XXXXXX",
			    .now = (int64_t)time(NULL),
			    .eum = wbuf_grow(MESSAGE_MAX),
			    .ci_ids = wbuf_grow(64),
			    .message = wbuf_grow(MESSAGE_MAX),
			    .part = wbuf_grow(MESSAGE_MAX),
			    .other = wbuf_grow(MESSAGE_MAX)};
	MUST(mkdtemp(b->dir) && pki_parse_eid(PKI_EID_TEST, eid) == ERR_OK);
	MUST(pki_create(b->dir, curve, eid, ADDRESS) == ERR_OK);
	MUST(pki_cert(b->dir, PKI_EUM, curve, &b->eum) == ERR_OK);
	MUST(pki_key(b->dir, PKI_EUM, curve, &eum_key) == ERR_OK);
	MUST(pki_cert(b->dir, PKI_CI, curve, &der) == ERR_OK);
	MUST(cert_parse(wbuf_slice(&der), &ci) == ERR_OK);
	tlv_put(&b->ci_ids, ASN1_OCTET_STRING, cert_key_id(&ci));
	for (int i = 0; i < LPAS; i++)
		lpa_make(b, &b->lpas[i], eum_key);
	MUST(path_join(b->dir, "manager", manager, sizeof(manager)) == ERR_OK);
	MUST(smdp_store_open(manager, NULL, &b->store) == ERR_OK);
	MUST(smdp_open(b->store, b->dir, ADDRESS, b->now, &b->smdp) == ERR_OK);
	smdp_store_gather(b->store);
	ec_key_free(&eum_key);
	wbuf_free(&der);
}

static void bench_close(struct bench *b)
{
	smdp_close(&b->smdp);
	smdp_store_close(&b->store);
	for (int i = 0; i < LPAS; i++) {
		ec_key_free(&b->lpas[i].key);
		wbuf_free(&b->lpas[i].cert);
	}
	wbuf_free(&b->eum);
	wbuf_free(&b->ci_ids);
	wbuf_free(&b->message);
	wbuf_free(&b->part);
	wbuf_free(&b->other);
	file_remove_tree(b->dir);
}

/* BINDS more profiles, released. */
static void stock(struct bench *b)
{
	static uint8_t upp[UPP_LEN];

	for (unsigned i = 0; i < BINDS; i++) {
		unsigned n = b->stocked++;
		uint8_t iccid[10] = {0x98, 0x88, (uint8_t)(n >> 8), (uint8_t)n};
		struct wbuf w = wbuf_grow(1024);
		const struct es8p_metadata m = {.iccid = SLICE_OF(iccid),
						.service_provider = slice_str("P"),
						.profile_name = slice_str("N")};
		char id[16];

		snprintf(id, sizeof(id), "ID-%u", n);
		es8p_put_metadata(&w, &m);
		MUST(stock_profile(b->store, iccid, id, wbuf_slice(&w), SLICE_OF(upp)) == ERR_OK);
		MUST(smdp_store_settle(b->store, ERR_OK) == ERR_OK);
		wbuf_free(&w);
	}
}

static void clock_start(struct bench *b)
{
	b->cpu -= ec_limit_now();
	b->wall -= bench_now();
}

static void clock_stop(struct bench *b)
{
	b->cpu += ec_limit_now();
	b->wall += bench_now();
}

/* One function of the manager, on the clock. */
static json_t *call(struct bench *b, enum es9p_function f, json_t *request)
{
	json_t *answer = NULL;
	enum err e;

	MUST(request);
	clock_start(b);
	e = es9p_perform(b->smdp, f, request, b->now, &answer);
	clock_stop(b);
	MUST(e == ERR_OK && json_object_get(answer, "transactionId"));
	json_decref(request);
	return answer;
}

/* What the server does before it answers all that came at once. */
static void settle(struct bench *b)
{
	enum err e;

	clock_start(b);
	e = smdp_store_settle(b->store, ERR_OK);
	clock_stop(b);
	MUST(e == ERR_OK);
}

static struct slice field(const json_t *answer, const char *name, struct wbuf *w)
{
	wbuf_reset(w);
	MUST(json_base64_field(answer, name, w) == ERR_OK);
	return wbuf_slice(w);
}

static json_t *in_session(const json_t *before, const char *name, const struct wbuf *message)
{
	MUST(wbuf_done(message) == ERR_OK);
	return json_pack("{s:O, s:o}", "transactionId", json_object_get(before, "transactionId"),
			 name, json_base64(wbuf_slice(message)));
}

static json_t *initiate(struct bench *b)
{
	static const uint8_t version[] = {2, 2, 2}, challenge[RSP_CHALLENGE_LEN] = {1};
	const struct es10b_euicc_info1 info = {SLICE_OF(version), wbuf_slice(&b->ci_ids),
					       wbuf_slice(&b->ci_ids)};

	wbuf_reset(&b->message);
	es10b_put_euicc_info1(&b->message, &info);
	return call(b, ES9P_INITIATE_AUTHENTICATION,
		    json_pack("{s:o, s:o, s:s}", "euiccChallenge", json_base64(SLICE_OF(challenge)),
			      "euiccInfo1", json_base64(wbuf_slice(&b->message)), "smdpAddress",
			      ADDRESS));
}

static json_t *authenticate(struct bench *b, struct lpa *l)
{
	static const uint8_t tac[4] = {1}, info2[] = {0xBF, 0x22, 0};
	struct es10b_server_signed1 server;
	struct es10b_ctx ctx = {.tac = SLICE_OF(tac)};
	struct es10b_euicc_signed1 m = {.info2_raw = SLICE_OF(info2)};
	struct es10b_authenticate_server_response r = {.ok = true};
	uint8_t signature[EC_SIGNATURE_LEN], mem[128];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct slice signed1;

	snprintf(l->matching_id, sizeof(l->matching_id), "ID-%u", b->next++);
	ctx.matching_id = slice_str(l->matching_id);
	MUST(es10b_parse_server_signed1(field(l->initiated, "serverSigned1", &b->part), &server) ==
	     ERR_OK);
	es10b_put_ctx(&w, &ctx);
	m.transaction_id = server.transaction_id;
	m.server_address = server.server_address;
	m.server_challenge = server.server_challenge;
	m.ctx_raw = wbuf_slice(&w);
	wbuf_reset(&b->other);
	es10b_put_euicc_signed1(&b->other, &m);
	signed1 = wbuf_slice(&b->other);
	MUST(ec_sign(l->key, &signed1, 1, signature) == ERR_OK);
	r.signed1_raw = signed1;
	r.signature = SLICE_OF(signature);
	r.euicc_certificate = wbuf_slice(&l->cert);
	r.eum_certificate = wbuf_slice(&b->eum);
	wbuf_reset(&b->message);
	es10b_put_authenticate_server_response(&b->message, &r);
	return call(b, ES9P_AUTHENTICATE_CLIENT,
		    in_session(l->initiated, "authenticateServerResponse", &b->message));
}

static json_t *get_package(struct bench *b, const struct lpa *l)
{
	struct es10b_smdp_signed2 offered;
	struct es10b_prepare_download_response r = {.ok = true};
	struct es10b_euicc_signed2 m;
	struct ec_key *one_time = NULL;
	uint8_t signature[EC_SIGNATURE_LEN];
	struct wbuf signed2 = wbuf_grow(1024);
	struct slice parts[2];

	MUST(es10b_parse_smdp_signed2(field(l->offer, "smdpSigned2", &b->part), &offered) ==
	     ERR_OK);
	MUST(ec_key_generate(b->curve, &one_time) == ERR_OK);
	m = (struct es10b_euicc_signed2){.transaction_id = offered.transaction_id,
					 .euicc_otpk = ec_key_point(one_time)};
	es10b_put_euicc_signed2(&signed2, &m);
	parts[0] = wbuf_slice(&signed2);
	parts[1] = field(l->offer, "smdpSignature2", &b->other);
	MUST(ec_sign(l->key, parts, ARRAY_LEN(parts), signature) == ERR_OK);
	r.signed2_raw = parts[0];
	r.signature = SLICE_OF(signature);
	wbuf_reset(&b->message);
	es10b_put_prepare_download_response(&b->message, &r);
	ec_key_free(&one_time);
	wbuf_free(&signed2);
	return call(b, ES9P_GET_BOUND_PROFILE_PACKAGE,
		    in_session(l->offer, "prepareDownloadResponse", &b->message));
}

/* So many downloads at once. */
static void download(struct bench *b, int lpas)
{
	for (int i = 0; i < lpas; i++)
		b->lpas[i].initiated = initiate(b);
	settle(b);
	for (int i = 0; i < lpas; i++)
		b->lpas[i].offer = authenticate(b, &b->lpas[i]);
	settle(b);
	for (int i = 0; i < lpas; i++) {
		json_t *package = get_package(b, &b->lpas[i]);
		const char *text =
			json_string_value(json_object_get(package, "boundProfilePackage"));

		MUST(text && strlen(text) > UPP_LEN * 4 / 3);
		json_decref(package);
	}
	settle(b);
	for (int i = 0; i < lpas; i++) {
		json_decref(b->lpas[i].initiated);
		json_decref(b->lpas[i].offer);
	}
}

/* Of BINDS downloads, so many at once, each one's time; *wall: with the waiting for the disk. */
static double measure(struct bench *b, int lpas, double *wall)
{
	stock(b);
	b->cpu = b->wall = 0;
	for (int n = 0; n < BINDS; n += lpas)
		download(b, lpas);
	*wall = b->wall / BINDS;
	return b->cpu / BINDS;
}

static void run(enum ec_curve curve, const char *name)
{
	double ours[ROUNDS], wall[ROUNDS], bound[ROUNDS], ratio[ROUNDS], known[ROUNDS], r;
	double alone[ROUNDS], alone_wall[ROUNDS];
	const struct ec_limit asked = {.signatures = 3, .verifications = 4};
	const struct ec_limit saved = {.signatures = 3, .verifications = 3};
	struct bench b;

	bench_open(&b, curve);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = measure(&b, LPAS, &wall[i]);
		bound[i] = ec_limit_measure(curve, &asked, BINDS);
		ratio[i] = bound[i] / ours[i];
		known[i] = ec_limit_measure(curve, &saved, BINDS) / ours[i];
		alone[i] = measure(&b, 1, &alone_wall[i]);
	}
	bench_close(&b);
	r = bench_median(ratio, ROUNDS);
	printf("%s: authenticate and bind 16 KiB, per second and core\n", name);
	printf("  twinkey-operator, %d eUICCs at once %12.0f\n", LPAS,
	       1 / bench_median(ours, ROUNDS));
	printf("  %-34s %12.0f\n", "OpenSSL: its ECDSA and ECDH alone",
	       1 / bench_median(bound, ROUNDS));
	printf("  %-34s %10.2f x  (bar %.2f: %s)\n", "ratio", r, BAR,
	       r >= BAR ? "reached" : "missed");
	printf("  %-34s %10.2f x\n", "ratio, the EUM's check not counted",
	       bench_median(known, ROUNDS));
	printf("  %-34s %12.0f\n", "twinkey-operator, one eUICC alone",
	       1 / bench_median(alone, ROUNDS));
	printf("  with the waiting for the disk %9.2f ms each, %.2f ms alone\n",
	       1000 * bench_median(wall, ROUNDS), 1000 * bench_median(alone_wall, ROUNDS));
}

int main(void)
{
	secret_heap_start(SECURE_HEAP);
	run(EC_P256, "P-256");
	run(EC_BP256R1, "brainpoolP256r1");
	return EXIT_SUCCESS;
}
