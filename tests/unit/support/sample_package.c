#include "tests/unit/support/sample_package.h"

#include <stdio.h>
#include <string.h>

#include "host/package/json.h"
#include "lib/profile/build.h"
#include "lib/profile/sealed.h"
#include "tests/unit/test.h"

/* Published test key: 3GPP TS 35.207, test set 1. */
static const uint8_t k1[16] = {0x46, 0x5B, 0x5C, 0xE8, 0xB1, 0x99, 0xB4, 0x9F,
			       0xAA, 0x5F, 0x0A, 0x2E, 0xE2, 0x38, 0xA6, 0xBC};
static const uint8_t opc1[16] = {0xCD, 0x63, 0xCB, 0x71, 0x95, 0x4A, 0x9F, 0x4E,
				 0x48, 0xA5, 0x99, 0x4E, 0x37, 0xA0, 0x2B, 0xAF};

void sample_package(struct wbuf *out, bool sealed_part)
{
	static const char g[] = "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
				"4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";
	static const uint8_t s[SEALED_KEY_LEN] = {1};
	struct profile_spec spec = {.iccid = "8988211000000000017",
				    .imsi = "001010000000001",
				    .mnc_length = 2,
				    .name = "Lab",
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(k1),
				    .opc = SLICE_OF(opc1),
				    .pin = "1234",
				    .puk = "12345678",
				    .adm = "4321"};
	struct sealed_fields fields = {.key_id = 1, .release_point = test_unhex(g)};
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX), patch = wbuf_grow(4096);

	*out = wbuf_grow(PACKAGE_MAX);
	ASSERT_ERR(profile_iccid(spec.iccid, fields.iccid), ERR_OK);
	ASSERT_ERR(profile_build_patch(&spec, &patch), ERR_OK);
	if (sealed_part)
		ASSERT_ERR(sealed_seal(&fields, SLICE_OF(s), wbuf_slice(&patch), &sealed), ERR_OK);
	ASSERT_ERR(profile_build(&spec, wbuf_slice(&sealed), out), ERR_OK);
	wbuf_free(&sealed);
	wbuf_free(&patch);
}

static json_t *walk_to(json_t *at, const char *path, char key[static 64])
{
	while (at) {
		size_t n = strcspn(path + 1, "/");

		snprintf(key, 64, "%.*s", (int)n, path + 1);
		if (!path[1 + n])
			return at;
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10))
				       : json_object_get(at, key);
		path += 1 + n;
	}
	return NULL;
}

static json_t *value_of(json_t *v)
{
	const char *repeat = json_string_value(json_object_get(v, "repeat"));
	size_t times = (size_t)json_integer_value(json_object_get(v, "times")), n;
	json_t *text;
	char *hex;

	if (!repeat)
		return json_deep_copy(v);
	n = strlen(repeat);
	hex = malloc(n * times + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(hex);
	for (size_t i = 0; i < n * times; i++)
		hex[i] = repeat[i % n];
	hex[n * times] = 0;
	text = json_string(hex);
	free(hex);
	return text;
}

static void change_one(json_t *elements, const json_t *op)
{
	const char *set = json_string_value(json_object_get(op, "set"));
	const char *drop = json_string_value(json_object_get(op, "drop"));
	const char *add = json_string_value(json_object_get(op, "add"));
	char key[64];
	json_t *at = walk_to(elements, set ? set : drop ? drop : add, key);
	size_t index = strtoul(key, NULL, 10);
	int bad = at == NULL;

	if (set && json_is_array(at))
		bad = json_array_set_new(at, index, value_of(json_object_get(op, "to")));
	else if (set)
		bad = bad || json_object_set_new(at, key, value_of(json_object_get(op, "to")));
	else if (drop)
		bad = json_is_array(at) ? json_array_remove(at, index) : json_object_del(at, key);
	else
		bad = json_array_insert_new(at, index, value_of(json_object_get(op, "value")));
	CU_ASSERT_EQUAL(bad, 0);
}

void sample_change(json_t *elements, const json_t *changes)
{
	for (size_t i = 0; i < json_array_size(changes); i++)
		change_one(elements, json_array_get(changes, i));
}

void sample_encode(json_t *elements, struct wbuf *out)
{
	struct package_error error;
	json_t *package = json_pack("{s:O}", "elements", elements);

	*out = wbuf_grow(PACKAGE_MAX);
	if (package_from_json(package, out, &error))
		printf("%s: %s\n", error.path, error.why);
	ASSERT_ERR(wbuf_done(out), ERR_OK);
	json_decref(package);
}
