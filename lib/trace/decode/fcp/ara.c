#include "lib/trace/decode/fcp/ara.h"

#include "lib/base/tlv.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/trace/decode/field/texts.h"

/* What GET DATA asks for, SEAC 4.1 */
#define TAG_ALL	    0xFF40
#define TAG_SOME    0xFF50
#define TAG_NEXT    0xFF60
#define TAG_REFRESH 0xDF20

#define FILTER_LEN  8
#define SHA1_LEN    20
#define SHA256_LEN  32

/* Empty: whatever it is */
static void show_aid(const struct field *f, struct slice v, const struct tree *t)
{
	if (v.len)
		field_aid(f, v, t);
	else
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "any");
}

static void show_hash(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};

	if (v.len && v.len != SHA1_LEN && v.len != SHA256_LEN)
		node.fault = "neither 20 octets (SHA-1) nor 32 (SHA-256)";
	tree_leaf(t, &node, "%s",
		  !v.len		? "any"
		  : v.len == SHA1_LEN	? "SHA-1"
		  : v.len == SHA256_LEN ? "SHA-256"
					: "");
}

FIELDS(filter, {.key = "header", .name = "Header", .len = 4},
       {.key = "mask", .name = "Mask of the header", .len = 4});
static const struct field filter_item = {.key = "filter",
					 .name = "APDU filter",
					 .len = FILTER_LEN,
					 .show = field_fields,
					 .of = &filter};
WORDS(access, {0, "never"}, {1, "always"});

/* All APDUs, none, or those that a filter lets pass */
static void show_apdus(const struct field *f, struct slice v, const struct tree *t)
{
	struct field inner = *f;

	inner.of = v.len == 1 ? (const void *)&access : &filter_item;
	if (v.len == 1)
		field_words(&inner, v, t);
	else
		field_list(&inner, v, t);
}

FIELDS(reference, {.tag = 0x4F, .key = "aid", .name = "AID", .show = show_aid},
       {.tag = 0xC0, .key = "default", .name = "The application that is selected by itself"},
       {.tag = 0xC1,
	.key = "application",
	.name = "Device application, hash of its certificate",
	.show = show_hash},
       {.tag = 0xCA,
	.key = "package",
	.name = "Package of the device application",
	.show = field_utf8});
FIELDS(rules, {.tag = 0xD0, .key = "apdu", .name = "APDUs", .show = show_apdus},
       {.tag = 0xD1,
	.key = "nfc",
	.name = "NFC events",
	.len = 1,
	.show = field_words,
	.of = &access},
       {.tag = 0xDB, .key = "permissions", .name = "Carrier privileges", .len = 8});
FIELDS(rule,
       {.tag = 0xE1,
	.key = "reference",
	.name = "Whom it is about",
	.show = field_objects,
	.of = &reference},
       {.tag = 0xE3,
	.key = "access",
	.name = "What is allowed",
	.show = field_objects,
	.of = &rules});
FIELDS(all,
       {.tag = 0xE2, .key = "rule", .name = "Access rule", .show = field_objects, .of = &rule});
FIELDS(deleted, {.tag = 0x4F, .key = "aid", .name = "AID", .show = show_aid},
       {.tag = 0xE1,
	.key = "reference",
	.name = "Whom it is about",
	.show = field_objects,
	.of = &reference},
       {.tag = 0xE2, .key = "rule", .name = "Access rule", .show = field_objects, .of = &rule});
FIELDS(answers,
       {.tag = TAG_ALL,
	.key = "all",
	.name = "All access rules",
	.show = field_objects,
	.of = &all},
       {.tag = TAG_SOME,
	.key = "some",
	.name = "Access rules of an application",
	.show = field_objects,
	.of = &rules},
       {.tag = TAG_REFRESH, .key = "refresh", .name = "Refresh tag", .len = 8},
       {.tag = 0xE2, .key = "rule", .name = "Access rule", .show = field_objects, .of = &rule},
       {.tag = 0xF0,
	.key = "store",
	.name = "Store an access rule",
	.show = field_objects,
	.of = &all},
       {.tag = 0xF1,
	.key = "delete",
	.name = "Delete access rules",
	.show = field_objects,
	.of = &deleted},
       {.tag = 0xF2, .key = "update", .name = "Update the refresh tag"});

void ara_show(struct slice objects, const struct tree *t)
{
	objects_tell(&answers, objects, t);
}

bool ara_show_answer(uint32_t tag, struct slice answer, const struct tree *t)
{
	static const struct field part = {.key = "part", .name = "Part of the access rules"};
	struct cursor c = cursor_of(answer);
	uint32_t object;
	size_t len;

	if (tag != TAG_ALL && tag != TAG_SOME && tag != TAG_NEXT && tag != TAG_REFRESH)
		return false;
	if (tag == TAG_NEXT || (tlv_header(&c, &object, &len) && len > cursor_left(&c)))
		field_octets(&part, answer, NULL, t);
	else
		ara_show(answer, t);
	return true;
}
