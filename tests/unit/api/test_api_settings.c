/* include/twinkey/card.h, error.h: what a caller may ask for, and the words for what he may not */
#include "tests/unit/test.h"

#include <openssl/err.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/error.h"
#include "include/twinkey/card.h"
#include "lib/crypto/ec.h"
#include "tool/pki/pki.h"
#include "tests/unit/support/tamper.h"

static struct twinkey_error error;

/* Makes no card: the code, and a text that says so. */
static void refused(const struct twinkey_identity *who, const struct twinkey_options *how,
		    enum twinkey_code code, const char *text)
{
	struct twinkey_card *card = NULL;

	CU_ASSERT_EQUAL(twinkey_card_create(who, how, &card, &error), code);
	CU_ASSERT_EQUAL(error.code, code);
	CU_ASSERT_PTR_NULL(card);
	if (!strstr(error.text, text))
		printf("\n'%s' does not say '%s'\n", error.text, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, text));
	CU_ASSERT_PTR_NULL(strchr(error.text, '\n'));
}

static void made(const struct twinkey_identity *who, const struct twinkey_options *how)
{
	struct twinkey_card *card = NULL;

	CU_ASSERT_EQUAL(twinkey_card_create(who, how, &card, &error), TWINKEY_OK);
	if (error.code)
		printf("\n%s\n", error.text);
	twinkey_card_close(&card);
}

static void test_sizes(void)
{
	/* what a program of a later version has */
	struct {
		struct twinkey_options known;
		uint64_t later;
	} how = {.known = {.size = sizeof(how)}};
	struct {
		struct twinkey_identity known;
		uint64_t later;
	} who = {.known = {.size = sizeof(who), .pki = TWINKEY_PKI_NONE}};
	struct twinkey_options none = {.size = 0};
	struct twinkey_identity nobody = {.size = offsetof(struct twinkey_identity, rules)};

	made(&who.known, &how.known);
	how.later = 1;
	refused(&who.known, &how.known, TWINKEY_ERR_UNSUPPORTED, "struct twinkey_options has");
	how.later = 0;
	who.later = 1;
	refused(&who.known, &how.known, TWINKEY_ERR_UNSUPPORTED, "struct twinkey_identity has");
	refused(NULL, &none, TWINKEY_ERR_USAGE, "size of struct twinkey_options is 0");
	refused(&nobody, NULL, TWINKEY_ERR_USAGE, "size of struct twinkey_identity");
}

static void test_options(void)
{
	struct twinkey_options how = {.size = sizeof(how), .flags = 0x80};
	char name[6000] = "";

	refused(NULL, &how, TWINKEY_ERR_UNSUPPORTED, "flags 0x80");
	how = (struct twinkey_options){.size = sizeof(how), .protocol = (enum twinkey_protocol)9};
	refused(NULL, &how, TWINKEY_ERR_UNSUPPORTED, "protocol 9");
	how = (struct twinkey_options){.size = sizeof(how), .folder = ""};
	refused(NULL, &how, TWINKEY_ERR_NOT_FOUND, "empty");
	how.folder = "/proc/none/card";
	refused(NULL, &how, TWINKEY_ERR_NOT_FOUND, "/proc/none");
	memset(name, 'x', sizeof(name) - 1);
	how.folder = name;
	refused(NULL, &how, TWINKEY_ERR_VALUE, "too long");
}

static void test_words(void)
{
	static const struct {
		struct twinkey_identity who;
		enum twinkey_code code;
		const char *text;
	} rows[] = {
		{{.eid = "8904903212345123451234567890123"}, TWINKEY_ERR_VALUE, "eid must be 32"},
		{{.eid = "8904903212345123451234567890123a"}, TWINKEY_ERR_VALUE, "eid must be 32"},
		{{.sgp22 = "3.0"}, TWINKEY_ERR_VALUE, "sgp22 must be from 2.2.2 to 2.5"},
		{{.sgp22 = ""}, TWINKEY_ERR_VALUE, "sgp22 must be"},
		{{.without = "csim,colour"}, TWINKEY_ERR_VALUE, "no service 'colour'"},
		{{.pki = (enum twinkey_pki)7}, TWINKEY_ERR_UNSUPPORTED, "no pki 7"},
		{{.pki = TWINKEY_PKI_FOLDER}, TWINKEY_ERR_USAGE, "pki_folder is missing"},
		{{.pki = TWINKEY_PKI_FOLDER, .pki_folder = "/proc/none"},
		 TWINKEY_ERR_NOT_FOUND,
		 "/proc/none/"},
		{{.pki = TWINKEY_PKI_GIVEN}, TWINKEY_ERR_USAGE, "signers must be 1 to 4"},
		{{.rules = "ppr1=*\nppr4=*\n"}, TWINKEY_ERR_VALUE, "rules: 'ppr4=*' must"},
		{{.sim = ""}, TWINKEY_ERR_VALUE, "sim, "},
		{{.sim = "imsi = 001010123456789\nk = hello\n"},
		 TWINKEY_ERR_VALUE,
		 "sim, line 2: k"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct twinkey_identity who = rows[i].who;

		who.size = sizeof(who);
		refused(&who, NULL, rows[i].code, rows[i].text);
		CU_ASSERT_PTR_NULL(strstr(error.text, "hello")); /* no value of the SIM */
	}
}

static void test_services(void)
{
	struct twinkey_identity who = {.size = sizeof(who),
				       .without = "usim",
				       .pki = TWINKEY_PKI_NONE,
				       .sim = "imsi = 001010123456789\n"
					      "iccid = 89000123456789012341\n"
					      "k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
					      "opc = cd63cb71954a9f4e48a5994e37a02baf\n"};

	refused(&who, NULL, TWINKEY_ERR_REFUSED, "needs a service");
	who.without = "csim,javacard";
	made(&who, NULL);
}

static int64_t at(void *ctx)
{
	return *(int64_t *)ctx;
}

/* One way after the other to the same certificates; and the clock that judges them. */
static void test_pki(void)
{
	char dir[256], pki[300];
	int64_t now = 1900000000; /* in 2030 */
	struct twinkey_options how = {
		.size = sizeof(how), .folder = dir, .now = at, .now_ctx = &now};
	struct twinkey_options memory = {.size = sizeof(memory), .now = at, .now_ctx = &now};
	struct twinkey_identity who = {.size = sizeof(who), .eid = PKI_EID_TEST};
	struct wbuf certs[PKI_PARTS], key = wbuf_grow(1024);
	struct ec_key *sk = NULL;
	struct twinkey_signer signer;
	struct twinkey_octets ci;

	snprintf(dir, sizeof(dir), "%s/card", test_dir());
	snprintf(pki, sizeof(pki), "%s/pki", dir);
	made(&who, &how);
	who = (struct twinkey_identity){
		.size = sizeof(who), .pki = TWINKEY_PKI_FOLDER, .pki_folder = pki};
	made(&who, &memory);
	for (int i = PKI_CI; i <= PKI_EUICC; i++) {
		certs[i] = wbuf_grow(PKI_CERT_MAX);
		ASSERT_ERR(pki_cert(dir, (enum pki_part)i, EC_P256, &certs[i]), ERR_OK);
	}
	ASSERT_ERR(pki_key(dir, PKI_EUICC, EC_P256, &sk), ERR_OK);
	ASSERT_ERR(ec_key_save(sk, &key), ERR_OK);
	signer = (struct twinkey_signer){{certs[PKI_EUICC].ptr, certs[PKI_EUICC].len},
					 {key.ptr, key.len},
					 {certs[PKI_EUM].ptr, certs[PKI_EUM].len}};
	ci = (struct twinkey_octets){certs[PKI_CI].ptr, certs[PKI_CI].len};
	who = (struct twinkey_identity){.size = sizeof(who),
					.pki = TWINKEY_PKI_GIVEN,
					.signers = &signer,
					.signers_count = 1,
					.cis = &ci,
					.cis_count = 1};
	made(&who, &memory);
	who.eid = "89049032123451234512345678901236";
	refused(&who, &memory, TWINKEY_ERR_CERT, "do not make an eUICC");
	who.eid = NULL;
	now += INT64_C(40) * 365 * 86400;
	refused(&who, &memory, TWINKEY_ERR_CERT, "expired");
	now -= INT64_C(40) * 365 * 86400;
	signer.euicc_key.len--;
	ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
	refused(&who, &memory, TWINKEY_ERR_CERT, "do not make an eUICC");
	CU_ASSERT_EQUAL(ERR_peek_error(), 0);
	signer.euicc_key = (struct twinkey_octets){NULL, 100};
	refused(&who, &memory, TWINKEY_ERR_USAGE, "signers[0] lacks");
	who.cis_count = 9;
	refused(&who, &memory, TWINKEY_ERR_USAGE, "cis must be 1 to 8, not 9");
	for (int i = PKI_CI; i <= PKI_EUICC; i++)
		wbuf_free(&certs[i]);
	wbuf_free(&key);
	ec_key_free(&sk);
}

/* A folder that could not be made leaves nothing. */
static void test_nothing_is_left(void)
{
	const char *dir = test_dir();
	char path[300];
	struct twinkey_options how = {.size = sizeof(how), .folder = path};
	struct twinkey_identity who = {.size = sizeof(who),
				       .without = "usim",
				       .sim = "imsi = 001010123456789\n"
					      "iccid = 89000123456789012341\n"
					      "k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
					      "opc = cd63cb71954a9f4e48a5994e37a02baf\n"};

	if (!tamper_needs_files())
		return;
	snprintf(path, sizeof(path), "%s/card", dir);
	refused(&who, &how, TWINKEY_ERR_REFUSED, "needs a service");
	CU_ASSERT_EQUAL(rmdir(dir), 0); /* it is empty */
	CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
}

/* The numbers are the interface's: a program compares with them. */
static void test_codes(void)
{
	for (int e = ERR_OK; e < ERR_COUNT; e++) {
		enum twinkey_code code = error_of(&error, (enum err)e, "it");

		CU_ASSERT_EQUAL(code, error_code((enum err)e));
		CU_ASSERT_EQUAL(code, error.code);
		CU_ASSERT((code == TWINKEY_OK) == (e == ERR_OK));
		CU_ASSERT_EQUAL(strncmp(error.text, "it: ", 4), 0);
	}
	CU_ASSERT_EQUAL(TWINKEY_ERR_USAGE, 1);
	CU_ASSERT_EQUAL(TWINKEY_ERR_SPACE, 3);
	CU_ASSERT_EQUAL(TWINKEY_ERR_LOCKED, 9);
	CU_ASSERT_EQUAL(TWINKEY_ERR_CERT, 13);
	CU_ASSERT_EQUAL(TWINKEY_ERR_OTHER, 18);
	for (int i = TWINKEY_OK; i <= TWINKEY_ERR_OTHER; i++) {
		for (int k = TWINKEY_OK; k < i; k++)
			CU_ASSERT_STRING_NOT_EQUAL(twinkey_error_text((enum twinkey_code)i),
						   twinkey_error_text((enum twinkey_code)k));
	}
	CU_ASSERT_STRING_EQUAL(twinkey_error_text((enum twinkey_code)99),
			       twinkey_error_text(TWINKEY_ERR_OTHER));
	CU_ASSERT_STRING_EQUAL(twinkey_version(), "1.0.0");
}

TEST_SUITE(api_settings, {"sizes of structs", test_sizes}, {"options", test_options},
	   {"words", test_words}, {"services", test_services}, {"certificates", test_pki},
	   {"nothing is left", test_nothing_is_left}, {"codes", test_codes})
