/* The worked example of docs/protocol.md, section 6: computed by another implementation. */
#include "tests/unit/test.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/profile/sealed.h"
#include "lib/release/grant.h"

#define PAGE_MAX (1 << 16)

/* The page, in lower case, without blanks, the words beside the octets cut off. */
static char *page_octets(void)
{
	FILE *f = fopen("docs/protocol.md", "r");
	char line[512], *page = calloc(1, PAGE_MAX);
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f) && n < PAGE_MAX - sizeof(line)) {
		size_t hex = strspn(line, "0123456789abcdef");

		if (hex % 2 == 0) {
			memcpy(page + n, line, hex);
			n += hex;
		}
	}
	fclose(f);
	return page;
}

static void test_page(void)
{
	static const char *const shown[] = {
		"sealed", "challenge_signed", "shared_secret", "challenge_signature",
		"kek",	  "wrapped",	      "shared_info",   "grant",
		"result"};
	json_t *v = test_vectors("release_example");
	char *page = page_octets();

	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		const char *hex = json_string_value(json_object_get(v, shown[i]));

		CU_ASSERT_PTR_NOT_NULL_FATAL(hex);
		if (!strstr(page, hex))
			fprintf(stderr, "docs/protocol.md does not show %s\n", shown[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(page, hex));
	}
	free(page);
	json_decref(v);
}

static void test_sealed_part(void)
{
	json_t *v = test_vectors("release_example");
	struct secret *elements = NULL;
	struct sealed sealed;

	ASSERT_ERR(sealed_parse(test_hex(v, "sealed"), &sealed), ERR_OK);
	CU_ASSERT_EQUAL(sealed.fields.key_id, 1);
	ASSERT_OCTETS(sealed.fields.release_point, test_hex(v, "release_point"), "release key");
	ASSERT_ERR(sealed_open(&sealed, test_hex(v, "s"), &elements), ERR_OK);
	ASSERT_OCTETS(secret_slice(elements), test_hex(v, "elements"), "elements");
	secret_free(&elements);
	json_decref(v);
}

static void test_grant(void)
{
	json_t *v = test_vectors("release_example");
	struct slice signed_part = test_hex(v, "challenge_signed");
	struct ec_key *card_ot = NULL;
	struct secret *s = NULL;
	struct grant grant;

	ASSERT_ERR(ec_verify(EC_P256, test_hex(v, "euicc_point"), &signed_part, 1,
			     test_hex(v, "challenge_signature")),
		   ERR_OK);
	ASSERT_ERR(grant_parse(test_hex(v, "grant"), &grant), ERR_OK);
	ASSERT_OCTETS(grant.shared_info, test_hex(v, "shared_info"), "SharedInfo");
	ASSERT_OCTETS(grant.wrapped, test_hex(v, "wrapped"), "wrapped S");
	ASSERT_ERR(ec_verify(EC_P256, test_hex(v, "release_point"), &grant.signed_part, 1,
			     grant.signature),
		   ERR_OK);
	ASSERT_ERR(ec_key_load(test_hex(v, "card_ot_pkcs8"), &card_ot), ERR_OK);
	ASSERT_ERR(grant_open(&grant, card_ot, &s), ERR_OK);
	ASSERT_OCTETS(secret_slice(s), test_hex(v, "s"), "S");
	secret_free(&s);
	ec_key_free(&card_ot);
	json_decref(v);
}

static void test_result(void)
{
	json_t *v = test_vectors("release_example");
	struct kra_outcome outcome;

	ASSERT_ERR(kra_parse_outcome(test_hex(v, "result"), &outcome), ERR_OK);
	CU_ASSERT_EQUAL(outcome.result, KRA_RESULT_OK);
	ASSERT_OCTETS(SLICE_OF(outcome.binding.nonce), test_hex(v, "nonce"), "nonce");
	ASSERT_ERR(ec_verify(EC_P256, test_hex(v, "euicc_point"), &outcome.signed_part, 1,
			     outcome.signature),
		   ERR_OK);
	json_decref(v);
}

TEST_SUITE(release_example, {"the page shows what was computed", test_page},
	   {"the sealed part opens", test_sealed_part},
	   {"the grant opens for the card's one-time key", test_grant},
	   {"the card's result", test_result})
