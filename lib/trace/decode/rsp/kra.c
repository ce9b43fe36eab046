#include "lib/trace/decode/rsp/kra.h"

#include "lib/base/tlv.h"
#include "lib/release/kra.h"
#include "lib/rsp/rsp.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/rsp/certificate.h"

#define SIGNED_PART 0xB0u

/* Texts of lib/release/kra.h */
#define RESULT(name, value, text) {value, text},
static const struct word result_rows[] = {KRA_RESULT_TABLE(RESULT)};
#undef RESULT
static const struct words results = {result_rows, ARRAY_LEN(result_rows)};
WORDS(states, {KRA_STATE_NO_PROFILE, "no profile"}, {KRA_STATE_NO_SEALED_PART, "no sealed part"},
      {KRA_STATE_SEALED, "sealed"}, {KRA_STATE_RELEASED, "released"});

#define EID                                                                                        \
	{                                                                                          \
		.tag = 0x80, .key = "eid", .name = "EID"                                           \
	}
#define ICCID                                                                                      \
	{                                                                                          \
		.tag = 0x81, .key = "iccid", .name = "ICCID", .show = field_hex_digits             \
	}
#define KEY_ID                                                                                     \
	{                                                                                          \
		.tag = 0x82, .key = "key-id", .name = "keyId", .show = field_number                \
	}
#define NONCE                                                                                      \
	{                                                                                          \
		.tag = 0x83, .key = "nonce", .name = "Nonce"                                       \
	}
#define SIGNATURE                                                                                  \
	{                                                                                          \
		.tag = SGP22_TAG_SIGNATURE, .key = "signature", .name = "Signature"                \
	}
#define ERROR_ROW                                                                                  \
	{                                                                                          \
		.tag = 0x80, .key = "error", .name = "Error", .show = field_words, .of = &results  \
	}

FIELDS(nothing, {.tag = 0x80, .key = "iccid", .name = "ICCID", .show = field_hex_digits});
FIELDS(status, EID, ICCID, KEY_ID,
       {.tag = 0x83, .key = "state", .name = "State", .show = field_words, .of = &states},
       {.tag = 0x84, .key = "active", .name = "Active subscription", .show = field_number});
FIELDS(challenged, EID, ICCID, KEY_ID, NONCE,
       {.tag = SGP22_TAG_OTPK, .key = "card-otpk", .name = "One-time key of the card"});
FIELDS(challenge,
       {.tag = SIGNED_PART,
	.key = "signed",
	.name = "Signed part",
	.show = field_objects,
	.of = &challenged},
       SIGNATURE, ERROR_ROW,
       {.tag = ASN1_SEQUENCE,
	.key = "certificate",
	.name = "Certificate",
	.show = field_certificate});
FIELDS(granted, {.tag = 0x80, .key = "key-id", .name = "keyId", .show = field_number}, ICCID,
       {.tag = 0x82, .key = "eid", .name = "EID"}, NONCE,
       {.tag = SGP22_TAG_OTPK, .key = "operator-otpk", .name = "One-time key of the operator"},
       {.tag = 0x84, .key = "wrapped-key", .name = "Wrapped key"});
FIELDS(grant,
       {.tag = SIGNED_PART,
	.key = "signed",
	.name = "Signed part",
	.show = field_objects,
	.of = &granted},
       SIGNATURE);
FIELDS(outcome_signed, EID, ICCID, KEY_ID, NONCE,
       {.tag = 0x84, .key = "result", .name = "Result", .show = field_words, .of = &results});
FIELDS(outcome,
       {.tag = SIGNED_PART,
	.key = "signed",
	.name = "Signed part",
	.show = field_objects,
	.of = &outcome_signed},
       SIGNATURE, ERROR_ROW);
FIELDS(reseal, {.tag = ASN1_SEQUENCE, .key = "sealed", .name = "Sealed elements"}, SIGNATURE);
FIELDS(resealed, ERROR_ROW);

static const struct message {
	uint32_t tag;
	const char *key, *name;
	const struct fields *request, *answer;
} messages[] = {
	{KRA_TAG_STATUS, "status", "KRA status", &nothing, &status},
	{KRA_TAG_CHALLENGE, "challenge", "KRA challenge", &nothing, &challenge},
	{KRA_TAG_GRANT, "grant", "KRA grant", &grant, &outcome},
	{KRA_TAG_RESEAL, "reseal", "KRA reseal", &reseal, &resealed},
};

static const struct message *find_message(uint32_t tag)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		if (messages[i].tag == tag)
			return &messages[i];
	}
	return NULL;
}

bool kra_knows(uint32_t tag)
{
	return find_message(tag) != NULL;
}

void kra_tell(struct slice message, bool is_request, const struct tree *t)
{
	struct cursor c = cursor_of(message);
	const struct message *m;
	struct fields rows;
	struct field f;
	uint32_t tag = 0;
	size_t len;

	(void)tlv_header(&c, &tag, &len);
	m = find_message(tag);
	if (!m)
		return;
	rows = is_request ? *m->request : *m->answer;
	f = (struct field){.key = m->key, .name = m->name, .show = field_objects, .of = &rows};
	field_tell(&f, c.rest, t);
}
