/* the search for secrets finds what is there, and nothing else */
#include "tests/unit/support/leak.h"

#include <string.h>

#include "lib/base/base64.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/test.h"

#define ROUNDS 64

/* What is written down in some form at some place is found, and nothing else is. */
static void test_planted(void)
{
	uint8_t secret[32], noise[3 * 32];

	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t len = 8 + round % (sizeof(secret) - 7), at = round % 48;
		struct slice s = slice_make(secret, len);

		ASSERT_ERR(random_bytes(secret, sizeof(secret)), ERR_OK);
		secret[0] |= 0xA0; /* without a letter both forms of hex are one */
		for (unsigned form = 0; form < LEAK_FORMS; form++) {
			struct wbuf w = wbuf_grow(1024);
			enum leak_form found = LEAK_FORMS;

			ASSERT_ERR(random_bytes(noise, sizeof(noise)), ERR_OK);
			wbuf_put(&w, slice_make(noise, at));
			CU_ASSERT_FALSE(leak_found(wbuf_slice(&w), s, NULL));
			ASSERT_ERR(leak_put(&w, s, (enum leak_form)form), ERR_OK);
			wbuf_put(&w, SLICE_OF(noise));
			CU_ASSERT(leak_found(wbuf_slice(&w), s, &found));
			CU_ASSERT_EQUAL(found, form);
			wbuf_free(&w);
		}
	}
}

/* Base64 of a message in the midst of which the secret stands, at every place. */
static void test_inside_base64(void)
{
	uint8_t secret[16], message[16 + 16 + 16];

	for (size_t at = 0; at <= 32; at++) {
		struct wbuf w = wbuf_grow(1024);

		ASSERT_ERR(random_bytes(secret, sizeof(secret)), ERR_OK);
		ASSERT_ERR(random_bytes(message, sizeof(message)), ERR_OK);
		base64_put(&w, SLICE_OF(message));
		CU_ASSERT_FALSE(leak_found(wbuf_slice(&w), SLICE_OF(secret), NULL));
		wbuf_reset(&w);
		memcpy(message + at, secret, sizeof(secret));
		base64_put(&w, SLICE_OF(message));
		CU_ASSERT(leak_found(wbuf_slice(&w), SLICE_OF(secret), NULL));
		wbuf_free(&w);
	}
}

static void test_too_short(void)
{
	struct wbuf w = wbuf_grow(64);

	ASSERT_ERR(leak_put(&w, slice_str("1234567"), LEAK_RAW), ERR_LENGTH);
	CU_ASSERT_EQUAL(w.len, 0);
	wbuf_free(&w);
}

TEST_SUITE(leak, {"a planted secret is found", test_planted}, {"within base64", test_inside_base64},
	   {"a secret too short to look for", test_too_short})
