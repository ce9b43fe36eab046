/* keys that are printed in standards, and what a key says of a challenge */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/auth/aka.h"
#include "lib/auth/published.h"
#include "lib/base/secret.h"

static bool is_there(enum aka_algorithm algorithm, const json_t *v, const char *opc)
{
	struct aka_parameters p;

	for (size_t i = 0; i < aka_published_count(); i++) {
		CU_ASSERT(strlen(aka_published(i, &p)) > 5);
		if (p.algorithm == algorithm && slice_equal(p.k, test_hex(v, "k")) &&
		    slice_equal(p.opc, test_hex(v, opc)))
			return true;
	}
	return false;
}

static bool is_of(const json_t *v, const char *standard)
{
	const char *id = json_string_value(json_object_get(v, "id"));

	return id && strncmp(id, standard, strlen(standard)) == 0;
}

static void test_all_sets(void)
{
	json_t *milenage = test_vectors("milenage"), *tuak = test_vectors("tuak"), *v;
	size_t i, sets = 0;

	json_array_foreach(json_object_get(milenage, "vectors"), i, v)
	{
		if (is_of(v, "ts35.208")) {
			CU_ASSERT(is_there(AKA_MILENAGE, v, "opc"));
			sets++;
		}
	}
	json_array_foreach(json_object_get(tuak, "vectors"), i, v)
	{
		if (is_of(v, "ts35.233")) {
			CU_ASSERT(is_there(AKA_TUAK, v, "topc"));
			sets++;
		}
	}
	CU_ASSERT_EQUAL(sets, 26);
	json_decref(milenage);
	json_decref(tuak);
}

/* Each can be opened, and knows its own challenges. */
static void test_examine(void)
{
	const uint8_t rand[AKA_RAND_LEN] = {0x42, 7, 1}, amf[AKA_AMF_LEN] = {0x80, 0};

	for (size_t i = 0; i < aka_published_count(); i++) {
		struct aka_parameters p;
		struct aka_key *key = NULL;
		struct aka_vector v;
		struct aka_insight got;
		struct aka_challenge c = {v.rand, v.autn};

		(void)aka_published(i, &p);
		ASSERT_ERR(aka_key_make(&p, &key), ERR_OK);
		ASSERT_ERR(aka_auc_vector(key, rand, 0x123456789ABC, amf, &v), ERR_OK);
		ASSERT_ERR(aka_examine(key, &c, &got), ERR_OK);
		CU_ASSERT_TRUE(got.mac_right);
		CU_ASSERT_EQUAL(got.sqn, 0x123456789ABC);
		ASSERT_OCTETS(slice_make(got.result.res, got.result.res_len),
			      slice_make(v.expected.res, v.expected.res_len), "RES");
		v.autn[AKA_AUTN_LEN - 1] ^= 1;
		ASSERT_ERR(aka_examine(key, &c, &got), ERR_OK);
		CU_ASSERT_FALSE(got.mac_right);
		aka_key_free(&key);
	}
}

TEST_SUITE(published, {"all sets of TS 35.208 and TS 35.233", test_all_sets},
	   {"a challenge examined", test_examine})
