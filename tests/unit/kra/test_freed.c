/*
 * What held a key is wiped before it is freed (docs/architecture.md, I5): the blocks that loaders,
 * stores, card and terminal give back are searched for the keys that went through them.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/operator/pki/release_key.h"
#include "host/package/json.h"
#include "host/terminal/relay.h"
#include "host/operator/http/listen.h"
#include "host/operator/http/route.h"
#include "host/operator/http/tls.h"
#include "lib/base/base64.h"
#include "lib/crypto/ec.h"
#include "lib/profile/simfile.h"
#include "tests/unit/support/flow.h"
#include "tests/unit/support/freed.h"
#include "tests/unit/support/sample_package.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/pki/pki.h"

/* RFC 6979 A.2.5 */
#define X "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define U                                                                                          \
	"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41a"   \
	"e9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
/* PKCS #8 and ECPrivateKey, with the public point and without, as strangers write them */
#define PKCS8                                                                                      \
	"308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420" X "a14403420"   \
	"0" U
#define PKCS8_SHORT "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420" X
#define PKCS8_NAMED                                                                                \
	"308193020100301306072a8648ce3d020106082a8648ce3d0301070479307702010104"                   \
	"20" X "a00a06082a8648ce3d030107a144034200" U
#define SEC1	   "30770201010420" X "a00a06082a8648ce3d030107a144034200" U
#define SEC1_SHORT "30310201010420" X "a00a06082a8648ce3d030107"
#define PARAMETERS "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
#define K_HEX	   "465b5ce8b199b49faa5f0a2ee238a6bc"
#define OPC_HEX	   "cd63cb71954a9f4e48a5994e37a02baf"

static const struct form {
	const char *label, *before, *hex;
} forms[] = {
	{"PRIVATE KEY", "", PKCS8},	      {"PRIVATE KEY", "", PKCS8_SHORT},
	{"PRIVATE KEY", "", PKCS8_NAMED},     {"EC PRIVATE KEY", "", SEC1},
	{"EC PRIVATE KEY", PARAMETERS, SEC1}, {"EC PRIVATE KEY", PARAMETERS, SEC1_SHORT},
};

static bool sighted(void)
{
	if (!freed_can_see())
		printf("(skipped: a sanitizer has the allocator) ");
	return freed_can_see();
}

/* What was written there counts for the compiler, though it is never read. */
static void keep(void *block)
{
	__asm__ volatile("" : : "r"(block) : "memory");
}

/* A search that finds nothing proves nothing. */
static void test_search(void)
{
	struct slice x = test_unhex(X);
	char *block;

	if (!sighted())
		return;
	freed_watch("the number", x);
	block = malloc(100);
	CU_ASSERT_PTR_NOT_NULL_FATAL(block);
	memset(block, 0, 100);
	memcpy(block + 7, x.ptr, x.len);
	keep(block);
	free(block);
	CU_ASSERT_EQUAL(freed_found(), 1);
	freed_watch("the number", x);
	block = strdup("..." X);
	keep(block);
	block = realloc(block, 100000); /* it moves */
	CU_ASSERT_PTR_NOT_NULL_FATAL(block);
	memset(block, 0, 100000);
	keep(block);
	free(block);
	CU_ASSERT_EQUAL(freed_found(), 1);
	block = strdup("..." X);
	keep(block);
	free(block); /* nobody looks */
	CU_ASSERT_EQUAL(freed_found(), 0);
}

/* Loaded, used, saved, freed. */
static void use_key(struct slice encoded)
{
	struct slice sample = slice_str("sample");
	struct wbuf der = wbuf_grow(1000);
	struct secret *shared = NULL;
	uint8_t sig[EC_SIGNATURE_LEN];
	struct ec_key *key = NULL;

	ASSERT_ERR(ec_key_load(encoded, &key), ERR_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	ASSERT_OCTETS(ec_key_point(key), test_unhex(U), "the public point");
	ASSERT_ERR(ec_sign(key, &sample, 1, sig), ERR_OK);
	ASSERT_ERR(ec_agree(key, test_unhex(U), &shared), ERR_OK);
	ASSERT_ERR(ec_key_save(key, &der), ERR_OK);
	secret_free(&shared);
	wbuf_free(&der);
	ec_key_free(&key);
}

static void test_key_forms(void)
{
	struct ec_key *none = NULL;

	freed_watch("the private number", test_unhex(X));
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct slice der = test_unhex(forms[i].hex);
		struct wbuf pem = wbuf_grow(4096);

		use_key(der);
		wbuf_put(&pem, slice_str(forms[i].before));
		base64_put_pem(&pem, forms[i].label, der);
		use_key(wbuf_slice(&pem));
		for (size_t n = 0; n < pem.len - 2; n += 3) /* what is cut is wiped too */
			ASSERT_ERR(ec_key_load(slice_sub(wbuf_slice(&pem), 0, n), &none), ERR_KEY);
		wbuf_free(&pem);
	}
	CU_ASSERT_EQUAL(freed_found(), 0);
}

static void test_files(void)
{
	static const char sim[] = "imsi = 001010000000001\niccid=8988211000000000017\n"
				  "k = " K_HEX "\nopc = " OPC_HEX "\n";
	struct wbuf text = wbuf_grow(4096);
	struct simfile_error error;
	struct simfile *f = NULL;
	char path[128];

	ASSERT_ERR(path_join(test_dir(), "sim", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_write(path, slice_str(sim), 0600, NULL), ERR_OK);
	freed_watch("K", test_unhex(K_HEX));
	freed_watch("OPc", test_unhex(OPC_HEX));
	ASSERT_ERR(file_read(path, NULL, &text), ERR_OK);
	ASSERT_ERR(simfile_parse(wbuf_slice(&text), &f, &error), ERR_OK);
	simfile_free(&f);
	wbuf_cut(&text, text.len - 3); /* OPc of 29 digits */
	CU_ASSERT_NOT_EQUAL(simfile_parse(wbuf_slice(&text), &f, &error), ERR_OK);
	wbuf_free(&text);
	CU_ASSERT_EQUAL(freed_found(), 0);
}

/* The tools' JSON of a package, as 'profile export' and 'profile build' have it. */
static void test_json(void)
{
	struct wbuf package = wbuf_grow(PACKAGE_MAX), again = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	struct slice k, at;
	json_t *json = NULL;
	char *text;

	sample_package(&package, false);
	ASSERT_ERR(package_to_json(wbuf_slice(&package), true, &json, &error), ERR_OK);
	json_decref(json);
	/* PE-AKAParameter: key [2] of algoParameter, 16 octets, behind algorithmOptions 81 */
	at = wbuf_slice(&package);
	while (at.len && !slice_starts(at, test_unhex("8210")))
		at = slice_sub(at, 1, at.len);
	CU_ASSERT_FATAL(at.len > 18);
	k = slice_sub(at, 2, 16);
	freed_watch("K", k);
	package_json_wipe();
	ASSERT_ERR(package_to_json(wbuf_slice(&package), true, &json, &error), ERR_OK);
	text = json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	secret_wipe(text, strlen(text));
	free(text);
	ASSERT_ERR(package_from_json(json, &again, &error), ERR_OK);
	json_decref(json);
	wbuf_free(&again);
	wbuf_free(&package);
	CU_ASSERT_EQUAL(freed_found(), 0);
	json_set_alloc_funcs(malloc, free);
}

/* Self-signed with X; what counts is that TLS takes the pair. */
static const char tls_cert[] = "-----BEGIN CERTIFICATE-----\n"
			       "MIIBfjCCASWgAwIBAgIUS94XCYVPzzO+5ZSWnlnLo3XOKB4wCgYIKoZIzj0EAwIw\n"
			       "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODIwNDk0N1oYDzIxMjYxMTA0\n"
			       "MjA0OTQ3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
			       "PQMBBwNCAARg/tS6JVqdMclh63TGNW1owEm4kjth+mzmaWIuYPKftnkD/hAIuLyZ\n"
			       "pBrp6VYovGTy8bIMLX6fUXejwpTURiKZo1MwUTAdBgNVHQ4EFgQUGpVpV5vOMpqU\n"
			       "LQdpycC1ZDFWNxAwHwYDVR0jBBgwFoAUGpVpV5vOMpqULQdpycC1ZDFWNxAwDwYD\n"
			       "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBR8RSP67hj+f2DOmbQbyIV\n"
			       "SKwUjuTFI1YCWMCZNR6qmQIgD1dX6txeaq789gvatXUimpvBkVCYGF9jnfFXCZJM\n"
			       "2+M=\n"
			       "-----END CERTIFICATE-----\n";

static void test_tls(void)
{
	const struct http_route none[] = {{0}};
	struct http_setup setup = {.count = 1};
	struct wbuf pem = wbuf_grow(4096);
	struct http_tls tls = {.cert = tls_cert};
	struct http *server = NULL;

	freed_watch("the private number", test_unhex(X));
	base64_put_pem(&pem, "PRIVATE KEY", test_unhex(PKCS8));
	wbuf_u8(&pem, 0);
	tls.key = (const char *)pem.ptr;
	CU_ASSERT_EQUAL(http_tls_check(&tls), HTTP_TLS_GOOD);
	setup.listeners[0] = (struct http_listener){.tls = &tls, .routes = none};
	ASSERT_ERR(http_listen_tcp("127.0.0.1:0", true, &setup.listeners[0].fd), ERR_OK);
	ASSERT_ERR(http_serve(&setup, &server), ERR_OK);
	wbuf_free(&pem);
	http_stop(&server);
	CU_ASSERT_EQUAL(freed_found(), 0);
}

static void watch_subscription(const struct flow *f)
{
	freed_watch("K1", secret_slice(f->keys.k[0]));
	freed_watch("OPc1", secret_slice(f->keys.opc[0]));
	freed_watch("K2", secret_slice(f->keys.k[1]));
	freed_watch("OPc2", secret_slice(f->keys.opc[1]));
	freed_watch("S", secret_slice(f->keys.s));
}

/* The private number of the release key, from its file. */
static void watch_release_key(const struct flow *f)
{
	struct ec_key *key = NULL;
	struct wbuf der = wbuf_grow(1000);
	const struct slice mark = test_unhex("02010104");

	ASSERT_ERR(release_key_load(f->dir, &key), ERR_OK);
	ASSERT_ERR(ec_key_save(key, &der), ERR_OK);
	ec_key_free(&key);
	for (size_t at = 0; at < der.len; at++) {
		struct slice rest = slice_sub(wbuf_slice(&der), at, der.len);

		if (slice_starts(rest, mark)) {
			freed_watch("the release key", slice_sub(rest, mark.len + 1, 32));
			break;
		}
	}
	wbuf_free(&der);
}

/* All that operator, manager, terminal and card do with the keys, to the end of their processes. */
static void test_whole_way(void)
{
	struct relay r = {.result = 0};
	struct ec_key *key = NULL;
	struct flow f;

	flow_open(&f);
	watch_subscription(&f);
	watch_release_key(&f);
	ASSERT_ERR(release_key_load(f.dir, &key), ERR_OK);
	ec_key_free(&key);
	flow_install(&f);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	flow_approve(&f);
	ASSERT_ERR(flow_release(&f), ERR_OK);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	flow_rotate(&f);
	freed_watch("the next K2", secret_slice(f.next.k[1]));
	freed_watch("the next S", secret_slice(f.next.s));
	ASSERT_ERR(relay_reseal(f.u, f.op, &r), ERR_OK);
	flow_approve(&f);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	ASSERT_ERR(flow_release(&f), ERR_OK);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	flow_close(&f);
	CU_ASSERT_EQUAL(freed_found(), 0);
}

TEST_SUITE(freed, {"a planted secret is found", test_search},
	   {"private keys in every form", test_key_forms}, {"a SIM file", test_files},
	   {"JSON of a package", test_json}, {"a TLS key", test_tls},
	   {"the whole way", test_whole_way})
