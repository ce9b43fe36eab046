/*
 * bench_download: a whole download of a 32 KiB profile through PC/SC, against what it cannot be
 * without: its commands at the speed of a card that only answers 9000, in the other reader, and
 * OpenSSL's time for the ECDSA, ECDH and AES of card and subscription manager.
 *
 * Usage: bench_download CARD-PROGRAM PORT CARD-READER ECHO-READER
 *
 * The subscription manager runs in this process (HTTP on a unix socket), the card is the program.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/uicc.h"
#include "host/transport/open.h"
#include "lib/rsp/activation.h"
#include "tests/bench/bench.h"
#include "tests/support/must.h"
#include "tests/support/rsp_pair.h"

#define ROUNDS	     25
#define PROFILE_LEN  (32 * 1024)
#define COMMANDS_MAX 1024
#define SIGNED_LEN   256 /* about what is signed */

/*
 * What SGP.22 3.1.3 demands. Card: CERT.DPauth, serverSignature1, CERT.DPpb, smdpSignature2, and
 * BF23 verified; euiccSignature1, euiccSignature2 and the result signed. Manager: serverSignature1,
 * smdpSignature2 and BF23 signed; CERT.EUM, CERT.EUICC and the two signatures of the eUICC
 * verified. Each side makes a one-time key and agrees once, and passes the profile through CBC and
 * CMAC.
 */
enum { SIGNATURES = 6, VERIFICATIONS = 9, ONE_TIME_KEYS = 2, AGREEMENTS = 2, PASSES = 2 };

struct command {
	uint8_t octets[APDU_COMMAND_MAX];
	size_t len;
};

struct recorded {
	struct transport base;
	struct transport *card;
	struct command commands[COMMANDS_MAX];
	size_t count;
};

static enum err recorded_reset(struct transport *t, struct slice *atr)
{
	return transport_reset(((struct recorded *)t)->card, atr);
}

static enum err recorded_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct recorded *r = (struct recorded *)t;
	struct command *c = &r->commands[r->count++];

	MUST(r->count < COMMANDS_MAX && command.len <= sizeof(c->octets));
	memcpy(c->octets, command.ptr, command.len);
	c->len = command.len;
	return transport_transmit(r->card, command, response);
}

static void recorded_close(struct transport *t)
{
	transport_close(&((struct recorded *)t)->card);
}

static const struct transport_ops recorded_ops = {.kind = "recorded",
						  .reset = recorded_reset,
						  .transmit = recorded_transmit,
						  .close = recorded_close};

/* The same commands to the card that answers 9000. */
static double replay(const struct recorded *r, struct transport *echo)
{
	uint8_t mem[APDU_RESPONSE_MAX];
	double start = bench_now();

	for (size_t i = 0; i < r->count; i++) {
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		const struct command *c = &r->commands[i];

		MUST(transport_transmit(echo, slice_make(c->octets, c->len), &w) == ERR_OK);
	}
	return bench_now() - start;
}

static EVP_PKEY *make_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	MUST(key != NULL);
	return key;
}

static void sign_and_verify(EVP_PKEY *key)
{
	uint8_t message[SIGNED_LEN] = {1}, signature[80];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = 0;

	for (int i = 0; i < SIGNATURES; i++) {
		len = sizeof(signature);
		MUST(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		     EVP_DigestSign(ctx, signature, &len, message, sizeof(message)) == 1);
		EVP_MD_CTX_reset(ctx);
	}
	for (int i = 0; i < VERIFICATIONS; i++) {
		MUST(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		     EVP_DigestVerify(ctx, signature, len, message, sizeof(message)) == 1);
		EVP_MD_CTX_reset(ctx);
	}
	EVP_MD_CTX_free(ctx);
}

static void agree(EVP_PKEY *own, EVP_PKEY *peer)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	uint8_t secret[32];
	size_t len = sizeof(secret);

	MUST(ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
	     EVP_PKEY_derive(ctx, secret, &len) == 1);
	EVP_PKEY_CTX_free(ctx);
}

/* CBC and CMAC over the profile; a CMAC costs as much as CBC. */
static void pass_profile(void)
{
	static uint8_t in[PROFILE_LEN], out[PROFILE_LEN + 16];
	static const uint8_t key[16] = {1}, iv[16] = {2};
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	char name[] = "AES-128-CBC";
	const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("cipher", name, 0),
				     OSSL_PARAM_construct_end()};
	size_t len;
	int n;

	MUST(cipher && EVP_EncryptInit_ex(cipher, EVP_aes_128_cbc(), NULL, key, iv) == 1 &&
	     EVP_EncryptUpdate(cipher, out, &n, in, sizeof(in)) == 1);
	MUST(ctx && EVP_MAC_init(ctx, key, sizeof(key), params) == 1 &&
	     EVP_MAC_update(ctx, in, sizeof(in)) == 1 &&
	     EVP_MAC_final(ctx, out, &len, sizeof(out)) == 1);
	EVP_CIPHER_CTX_free(cipher);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

static double cryptography(void)
{
	EVP_PKEY *key = make_key(), *keys[ONE_TIME_KEYS];
	double start = bench_now(), end;

	sign_and_verify(key);
	for (int i = 0; i < ONE_TIME_KEYS; i++)
		keys[i] = make_key();
	for (int i = 0; i < AGREEMENTS; i++)
		agree(keys[i], key);
	for (int i = 0; i < PASSES; i++)
		pass_profile();
	end = bench_now();
	for (int i = 0; i < ONE_TIME_KEYS; i++)
		EVP_PKEY_free(keys[i]);
	EVP_PKEY_free(key);
	return end - start;
}

static pid_t start_card(const char *program, const char *port, const char *dir)
{
	pid_t pid = fork();

	MUST(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM); /* a run that is cut short leaves no card */
		MUST(freopen("/dev/null", "w", stdout) != NULL);
		execl(program, program, "run", "--dir", dir, "--port", port, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void open_reader(const char *name, struct transport **out)
{
	struct slice atr;
	enum err e = transport_open(name, 8000, NULL, out);

	if (!e)
		e = transport_reset(*out, &atr);
	if (e)
		fprintf(stderr, "bench_download: %s: %s\n", name, err_text(e));
	MUST(e == ERR_OK);
}

static double download(struct lpa *l, const struct es9p_network *network, const char *matching_id)
{
	struct activation a = {.address = RSP_PAIR_ADDRESS};
	struct lpa_download d = {.activation = &a, .network = network};
	struct lpa_loaded loaded;
	double start = bench_now();
	enum err e;

	snprintf(a.matching_id, sizeof(a.matching_id), "%s", matching_id);
	e = lpa_download(l, &d, &loaded);
	if (e)
		fprintf(stderr, "bench_download: %s: %s\n", err_text(e), lpa_message(l));
	MUST(e == ERR_OK && loaded.bytes >= PROFILE_LEN);
	return bench_now() - start;
}

static void add_profiles(struct rsp_pair *pair)
{
	for (int i = 0; i < ROUNDS; i++) {
		char iccid[21], matching_id[16];

		snprintf(iccid, sizeof(iccid), "8988211%012d", i + 1);
		snprintf(matching_id, sizeof(matching_id), "BENCH-%d", i);
		rsp_pair_add(pair, iccid, matching_id, PROFILE_LEN);
	}
}

static void report(double *total, double *floor, double *crypto, double *ratio, size_t commands)
{
	printf("download of a 32 KiB profile through PC/SC and vpcd, whole (median of %d)\n",
	       ROUNDS);
	printf("  twinkey profile download      %7.2f ms   %zu commands\n",
	       bench_median(total, ROUNDS) * 1e3, commands);
	printf("  the commands, answered 9000   %7.2f ms\n", bench_median(floor, ROUNDS) * 1e3);
	printf("  OpenSSL: ECDSA, ECDH, AES     %7.2f ms   ratio %.3f  (bar 1.5)\n",
	       bench_median(crypto, ROUNDS) * 1e3, bench_median(ratio, ROUNDS));
}

int main(int argc, char **argv)
{
	static struct recorded card;
	static struct rsp_pair pair;
	double total[ROUNDS], floor[ROUNDS], crypto[ROUNDS], ratio[ROUNDS];
	struct es9p_network network = {0};
	struct transport *echo = NULL;
	struct uicc *u = NULL;
	struct lpa *l = NULL;
	char link[112];
	pid_t pid;

	if (argc != 5)
		return 2;
	rsp_pair_open(&pair, EC_P256, "/tmp"); /* the manager waits for a disk */
	rsp_pair_serve(&pair);
	add_profiles(&pair);
	snprintf(link, sizeof(link), "unix:%s", pair.socket);
	network.link = link;
	pid = start_card(argv[1], argv[2], pair.card_dir);
	open_reader(argv[3], &card.card);
	open_reader(argv[4], &echo);
	card.base = *card.card;
	card.base.ops = &recorded_ops;
	MUST(uicc_open(&card.base, &u) == ERR_OK && lpa_open(u, SLICE_EMPTY, &l) == ERR_OK);
	for (int i = 0; i < ROUNDS; i++) {
		char matching_id[16];

		snprintf(matching_id, sizeof(matching_id), "BENCH-%d", i);
		card.count = 0;
		total[i] = download(l, &network, matching_id);
		floor[i] = replay(&card, echo);
		crypto[i] = cryptography();
		ratio[i] = total[i] / (floor[i] + crypto[i]);
	}
	report(total, floor, crypto, ratio, card.count);
	lpa_close(&l);
	uicc_close(&u);
	transport_close(&echo);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	rsp_pair_close(&pair);
	return 0;
}
