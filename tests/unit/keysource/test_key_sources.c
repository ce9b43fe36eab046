/* the texts that say where a key comes from, and what they lead to */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/operator/keysource/outer.h"
#include "host/operator/keysource/uri.h"
#include "lib/base/secret.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define B64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static const struct key_ticket none = {.len = 0};

static void test_good_texts(void)
{
	static const struct {
		const char *text;
		enum key_source_kind kind;
		const char *rest;
	} rows[] = {
		{"file:/etc/key", KEY_SOURCE_FILE, "/etc/key"},
		{"env:A_1", KEY_SOURCE_ENV, "A_1"},
		{"credential:store-key", KEY_SOURCE_CREDENTIAL, "store-key"},
		{"pkcs11:token=a;object=b", KEY_SOURCE_PKCS11, "token=a;object=b"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct key_source s;

		CU_ASSERT_FATAL(key_source_parse(slice_str(rows[i].text), &s) == ERR_OK);
		CU_ASSERT_EQUAL(s.kind, rows[i].kind);
		CU_ASSERT_STRING_EQUAL(s.text, rows[i].text);
		CU_ASSERT_STRING_EQUAL(key_source_rest(&s), rows[i].rest);
	}
}

/* None of them is told to people: a key or a PIN may stand there by mistake. */
static void test_bad_texts(void)
{
	static const char *const texts[] = {
		"",
		HEX,
		"File:/x",
		"file",
		"file:",
		"file:x",
		"env:",
		"env:1A",
		"env:A-B",
		"env:A=" HEX,
		"credential:",
		"credential:..",
		"credential:a/b",
		"credential:.hidden",
		"file:/a\nb",
		"file:/a\177",
		"pkcs11:",
		"pkcs11:token=" HEX,
		"pkcs11:object=b",
		"pkcs11:token=a;object=b?pin-value=" HEX,
	};
	struct key_source s;
	char longest[KEY_SOURCE_CAP + 1];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		trouble_forget();
		ASSERT_ERR(key_source_parse(slice_str(texts[i]), &s), ERR_USAGE);
		CU_ASSERT_NOT_EQUAL(*trouble_text(), 0);
		CU_ASSERT_PTR_NULL(strstr(trouble_text(), HEX));
	}
	ASSERT_ERR(key_source_parse(slice_make("env:A\0B", 7), &s), ERR_USAGE);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "file:/", 6);
	ASSERT_ERR(key_source_parse(slice_make(longest, KEY_SOURCE_CAP), &s), ERR_USAGE);
	ASSERT_ERR(key_source_parse(slice_make(longest, KEY_SOURCE_CAP - 1), &s), ERR_OK);
}

static void test_given_path(void)
{
	char dir[512], want[600];
	struct key_source s;

	ASSERT_ERR(key_source_given("file:/x", &s), ERR_OK);
	CU_ASSERT_STRING_EQUAL(s.text, "file:/x");
	ASSERT_ERR(key_source_given("file:", &s), ERR_USAGE);
	CU_ASSERT_FATAL(getcwd(dir, sizeof(dir)) != NULL);
	snprintf(want, sizeof(want), "file:%s/sub/key", dir);
	ASSERT_ERR(key_source_given("file:sub/key", &s), ERR_OK);
	CU_ASSERT_STRING_EQUAL(s.text, want);
}

static void test_uri(void)
{
	static const char text[] =
		"pkcs11:token=My%20lab;manufacturer=M;model=v2;serial=0a;object=k%3Bey;id=%00%fF1;"
		"type=secret-key?module-path=/usr/lib/m.so&pin-source=file:/etc/pin&x-v=1";
	static const uint8_t id[] = {0, 0xFF, '1'};
	struct pkcs11_uri u;
	const char *why = NULL;

	CU_ASSERT_FATAL(pkcs11_uri_parse(slice_str(text), &u, &why) == ERR_OK);
	CU_ASSERT_STRING_EQUAL(u.token, "My lab");
	CU_ASSERT_STRING_EQUAL(u.manufacturer, "M");
	CU_ASSERT_STRING_EQUAL(u.model, "v2");
	CU_ASSERT_STRING_EQUAL(u.serial, "0a");
	CU_ASSERT_STRING_EQUAL(u.object, "k;ey");
	ASSERT_OCTETS(slice_make(u.id, u.id_len), SLICE_OF(id), "id");
	CU_ASSERT_STRING_EQUAL(u.module, "/usr/lib/m.so");
	CU_ASSERT_EQUAL(u.pin, URI_PIN_FILE);
	CU_ASSERT_STRING_EQUAL(u.pin_source, "/etc/pin");
}

static void test_pin_sources(void)
{
	static const struct {
		const char *value;
		enum uri_pin pin;
		const char *place;
	} rows[] = {
		{"/p", URI_PIN_FILE, "/p"},
		{"file:/p", URI_PIN_FILE, "/p"},
		{"file:///p", URI_PIN_FILE, "/p"},
		{"credential:p", URI_PIN_CREDENTIAL, "p"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pkcs11_uri u;
		const char *why = NULL;
		char text[128];

		snprintf(text, sizeof(text), "pkcs11:token=a;object=b?pin-source=%s",
			 rows[i].value);
		CU_ASSERT_FATAL(pkcs11_uri_parse(slice_str(text), &u, &why) == ERR_OK);
		CU_ASSERT_EQUAL(u.pin, rows[i].pin);
		CU_ASSERT_STRING_EQUAL(u.pin_source, rows[i].place);
	}
}

static void test_bad_uris(void)
{
	static const char *const texts[] = {
		"pkcs12:token=a;object=b",
		"pkcs11:token=a;token=a;object=b",
		"pkcs11:token=;object=b",
		"pkcs11:token=a%00;object=b",
		"pkcs11:token=a%4;object=b",
		"pkcs11:token=a%4g;object=b",
		"pkcs11:token=a b;object=b",
		"pkcs11:token=123456789012345678901234567890123;object=b",
		"pkcs11:serial=12345678901234567;object=b",
		"pkcs11:token=a;id=",
		"pkcs11:token=a;object=b;slot-id=1",
		"pkcs11:token=a;object=b;type=private",
		"pkcs11:token=a;object=b;;",
		"pkcs11:token=a;object=b;pin-source=/p",
		"pkcs11:token=a;object=b?module-path=m.so",
		"pkcs11:token=a;object=b?module-name=m",
		"pkcs11:token=a;object=b?pin-source=p",
		"pkcs11:token=a;object=b?pin-source=|sh",
		"pkcs11:token=a;object=b?pin-source=credential:../p",
		"pkcs11:token=a;object=b?pin-source=credential:",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct pkcs11_uri u = {.id_len = 77};
		const char *why = NULL;

		if (pkcs11_uri_parse(slice_str(texts[i]), &u, &why) != ERR_USAGE) {
			fprintf(stderr, "\ntaken: %s\n", texts[i]);
			CU_FAIL("a bad URI");
		}
		CU_ASSERT_PTR_NOT_NULL(why);
		CU_ASSERT_EQUAL(u.id_len, 77);
	}
}

/* The key at source, whatever was asked for before. */
static enum err outer_of(const char *text, struct secret **out)
{
	struct key_source s;

	outer_key_forget();
	CU_ASSERT_FATAL(key_source_parse(slice_str(text), &s) == ERR_OK);
	return outer_key_get(&s, &none, NULL, out);
}

static void expect_key(const char *text)
{
	struct secret *key = NULL;

	ASSERT_ERR(outer_of(text, &key), ERR_OK);
	ASSERT_OCTETS(secret_slice(key), test_unhex(HEX), text);
	secret_free(&key);
}

static void expect_none(const char *text, enum err want)
{
	struct secret *key = NULL;

	ASSERT_ERR(outer_of(text, &key), want);
	CU_ASSERT_PTR_NULL(key);
	CU_ASSERT_NOT_EQUAL(*trouble_of(want), 0);
	CU_ASSERT_PTR_NULL(strstr(trouble_text(), "00010203"));
}

static void test_files(void)
{
	static const char *const bad[] = {
		"",
		"00",
		HEX "00",
		HEX "\n\n ",
		("x" HEX),
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
		"0000000000000000000000000000000000000000000000000000000000000000"};
	char path[300], text[320];

	snprintf(path, sizeof(path), "%s/key", test_dir());
	snprintf(text, sizeof(text), "file:%s", path);
	expect_none(text, ERR_KEY_AWAY);
	ASSERT_ERR(file_write(path, test_unhex(HEX), 0600, NULL), ERR_OK);
	expect_key(text);
	ASSERT_ERR(file_write(path, slice_str(HEX "\n"), 0600, NULL), ERR_OK);
	expect_key(text);
	ASSERT_ERR(file_write(path, slice_str(B64 "\r\n"), 0600, NULL), ERR_OK);
	expect_key(text);
	CU_ASSERT_EQUAL(chmod(path, 0644), 0);
	expect_none(text, ERR_PERMISSION);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ASSERT_ERR(file_write(path, slice_str(bad[i]), 0600, NULL), ERR_OK);
		expect_none(text, ERR_KEY);
	}
	for (size_t n = 0; n < 40; n++) { /* raw: 32 octets, no more and no less */
		uint8_t octets[40];

		memset(octets, 0xA5, sizeof(octets));
		ASSERT_ERR(file_write(path, slice_make(octets, n), 0600, NULL), ERR_OK);
		if (n != OUTER_KEY_LEN)
			expect_none(text, ERR_KEY);
	}
}

static void test_variables(void)
{
	struct secret *key = NULL;
	struct key_source s;
	char *value;

	expect_none("env:TWINKEY_TEST_KEY", ERR_KEY_AWAY);
	setenv("TWINKEY_TEST_KEY", HEX, 1);
	value = getenv("TWINKEY_TEST_KEY");
	expect_key("env:TWINKEY_TEST_KEY");
	CU_ASSERT_PTR_NULL(getenv("TWINKEY_TEST_KEY"));
	CU_ASSERT_PTR_NULL(strstr(value, "00010203")); /* nor what /proc shows of it */
	/* the second store's file finds it, too */
	ASSERT_ERR(key_source_parse(slice_str("env:TWINKEY_TEST_KEY"), &s), ERR_OK);
	ASSERT_ERR(outer_key_get(&s, &none, NULL, &key), ERR_OK);
	secret_free(&key);
	outer_key_forget();
	ASSERT_ERR(outer_key_get(&s, &none, NULL, &key), ERR_KEY_AWAY);
	setenv("TWINKEY_TEST_KEY", B64, 1);
	expect_key("env:TWINKEY_TEST_KEY");
	setenv("TWINKEY_TEST_KEY", "01234567890123456789012345678901", 1);
	expect_none("env:TWINKEY_TEST_KEY", ERR_KEY);
	CU_ASSERT_PTR_NULL(getenv("TWINKEY_TEST_KEY")); /* whatever it was */
}

static void test_credentials(void)
{
	const char *dir = test_dir();
	char path[300];

	unsetenv("CREDENTIALS_DIRECTORY");
	expect_none("credential:key", ERR_KEY_AWAY);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	expect_none("credential:key", ERR_KEY_AWAY);
	snprintf(path, sizeof(path), "%s/key", dir);
	ASSERT_ERR(file_write(path, test_unhex(HEX), 0400, NULL), ERR_OK);
	expect_key("credential:key");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_made(void)
{
	char path[300], text[320];
	struct secret *key = NULL;
	struct key_source s;
	struct stat st;

	snprintf(path, sizeof(path), "%s/made", test_dir());
	snprintf(text, sizeof(text), "file:%s", path);
	ASSERT_ERR(key_source_given(text, &s), ERR_OK);
	ASSERT_ERR(outer_key_make(&s, NULL), ERR_OK);
	ASSERT_ERR(outer_key_make(&s, NULL), ERR_EXISTS);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	ASSERT_ERR(outer_of(text, &key), ERR_OK);
	secret_free(&key);
	ASSERT_ERR(key_source_given("env:A", &s), ERR_OK);
	ASSERT_ERR(outer_key_make(&s, NULL), ERR_UNSUPPORTED);
	outer_key_forget();
}

TEST_SUITE(key_sources, {"texts that are taken", test_good_texts},
	   {"texts that are not, and are not told", test_bad_texts},
	   {"a path is made whole", test_given_path}, {"a PKCS#11 URI", test_uri},
	   {"where a PIN is", test_pin_sources}, {"URIs that are not taken", test_bad_uris},
	   {"files", test_files}, {"variables are taken away", test_variables},
	   {"credentials", test_credentials}, {"a file is made", test_made})
