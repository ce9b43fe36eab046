#include "lib/uicc/conform.h"

#define CLA_INVALID	 0xFF
#define CLA_RFU_MASK	 0xE0 /* 001x xxxx, ISO 7816-4 5.4.1 */
#define CLA_RFU		 0x20
#define SW1_MASK	 0xF0
#define SW1_NULL	 0x60 /* a procedure octet of T=0, ISO 7816-3 10.3.3 */
#define P1_SFI		 0x80 /* TS 102 221 11.1.3 */
#define P1_SFI_RFU	 0x60
#define RECORD_MODE_MASK 0x07
#define RECORD_MODE_RFU	 0x07 /* ISO 7816-4 7.3.3: the others have a meaning there */
#define REFERENCE_RFU	 0x60 /* of a key reference, TS 102 221 table 11.24 */
#define ISO_SELECT_EF	 0x02 /* ISO 7816-4 7.1.1; TS 102 221 has it not */
#define CONTEXT_RFU	 0x78 /* TS 31.102 7.1.2 */
#define STATUS_P1_MAX	 0x02 /* TS 102 221 11.1.2 */

bool conform_is_class(uint8_t cla)
{
	return cla != CLA_INVALID && (cla & CLA_RFU_MASK) != CLA_RFU;
}

/* ISO 7816-4 table 4, 7816-8, 7816-9: those beside the command table */
static bool is_iso(uint8_t ins)
{
	static const uint8_t known[] = {0x06, 0x08, 0x0C, 0x0F, 0x10, 0x12, 0x14, 0x16, 0x18, 0x21,
					0x25, 0x2B, 0x2D, 0x33, 0x34, 0x46, 0x47, 0x71, 0x86, 0x87,
					0xA0, 0xA1, 0xA5, 0xB1, 0xB3, 0xC3, 0xCC, 0xCD, 0xCF, 0xD0,
					0xD1, 0xD2, 0xD7, 0xDD, 0xDE, 0xE2, 0xEE};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (known[i] == ins)
			return true;
	}
	return false;
}

bool conform_is_instruction(uint8_t cla, uint8_t ins)
{
	bool inter = !(cla & CLA_PROPRIETARY);

	if (inter && is_iso(ins))
		return true;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		/* GET RESPONSE goes by the class of what it fetches for */
		if (command_table[i].ins == ins && (ins == INS_GET_RESPONSE || !inter ||
						    command_has_class(&command_table[i], cla)))
			return true;
	}
	return false;
}

static const char *reserved_select(const struct apdu *a)
{
	switch (a->p1) {
	case SELECT_FID:
	case SELECT_CHILD:
	case SELECT_PARENT:
	case SELECT_AID:
	case SELECT_PATH_MF:
	case SELECT_PATH_DF:
	case ISO_SELECT_EF: break;
	default: return "P1, by which a file is selected";
	}
	return a->p2 & SELECT_RFU_MASK ? "b8 or b5 of P2" : NULL;
}

/* TS 102 221 table 11.2: application 00, 01, 02; what is answered 00, 01, 0C */
static const char *reserved_status(const struct apdu *a)
{
	if (a->p1 > STATUS_P1_MAX)
		return "P1, the application's state";
	return a->p2 > 1 && a->p2 != SELECT_RETURN_NONE ? "P2, what is to be answered" : NULL;
}

static const char *reserved_pin(const struct apdu *a)
{
	return a->p2 & REFERENCE_RFU ? "b7 or b6 of P2, the key reference" : NULL;
}

static const char *reserved_authenticate(const struct apdu *a)
{
	unsigned context = a->p2 & AUTHENTICATE_CONTEXT_MASK;

	if (a->p1)
		return "P1";
	if (a->p2 & CONTEXT_RFU)
		return "b7 to b4 of P2";
	return context & 1 && context != 1 ? "P2, the security context" : NULL;
}

static const char *reserved_channel(const struct apdu *a)
{
	return a->p1 != CHANNEL_OPEN && a->p1 != CHANNEL_CLOSE ? "P1, to open or to close" : NULL;
}

static const char *reserved_both(const struct apdu *a)
{
	return a->p1 || a->p2 ? "P1 and P2, which are 0000" : NULL;
}

const char *conform_reserved(enum command_id id, const struct apdu *a)
{
	switch (id) {
	case COMMAND_SELECT: return reserved_select(a);
	case COMMAND_STATUS: return reserved_status(a);
	case COMMAND_READ_BINARY:
	case COMMAND_UPDATE_BINARY:
		return a->p1 & P1_SFI && a->p1 & P1_SFI_RFU ? "b7 or b6 of P1 beside an SFI" : NULL;
	case COMMAND_READ_RECORD:
	case COMMAND_UPDATE_RECORD:
		return (a->p2 & RECORD_MODE_MASK) == RECORD_MODE_RFU ? "P2, the mode" : NULL;
	case COMMAND_VERIFY_PIN:
	case COMMAND_CHANGE_PIN:
	case COMMAND_DISABLE_PIN:
	case COMMAND_ENABLE_PIN:
	case COMMAND_UNBLOCK_PIN: return reserved_pin(a);
	case COMMAND_AUTHENTICATE: return reserved_authenticate(a);
	case COMMAND_MANAGE_CHANNEL: return reserved_channel(a);
	case COMMAND_GET_CHALLENGE:
	case COMMAND_TERMINAL_CAPABILITY:
	case COMMAND_TERMINAL_PROFILE:
	case COMMAND_ENVELOPE:
	case COMMAND_FETCH:
	case COMMAND_TERMINAL_RESPONSE:
	case COMMAND_GET_RESPONSE:
	case COMMAND_GSM_GET_RESPONSE:
	case COMMAND_GSM_RUN_ALGORITHM:
	case COMMAND_GSM_FETCH:
	case COMMAND_GSM_TERMINAL_PROFILE:
	case COMMAND_GSM_TERMINAL_RESPONSE:
	case COMMAND_GSM_ENVELOPE: return reserved_both(a);
	default: return NULL;
	}
}

/* ISO 7816-4 tables 5 and 6, TS 102 221 10.2, TS 51.011 9.4: ranges beside the words that have a
 * text. */
bool conform_is_status(uint16_t sw)
{
	static const struct {
		uint16_t first, last;
	} ranges[] = {{0x6100, 0x61FF}, {0x6200, 0x6286}, {0x62F1, 0x62F3}, {0x6300, 0x6300},
		      {0x6310, 0x6310}, {0x6381, 0x6381}, {0x63C0, 0x63CF}, {0x63F1, 0x63F2},
		      {0x6400, 0x6480}, {0x6500, 0x6500}, {0x6581, 0x6581}, {0x6600, 0x66FF},
		      {0x6700, 0x6702}, {0x6800, 0x6800}, {0x6881, 0x6884}, {0x6900, 0x6900},
		      {0x6981, 0x6989}, {0x6999, 0x6999}, {0x6A00, 0x6A00}, {0x6A80, 0x6A8A},
		      {0x6B00, 0x6B00}, {0x6C00, 0x6CFF}, {0x6D00, 0x6D00}, {0x6E00, 0x6E00},
		      {0x6F00, 0x6FFF}, {0x9000, 0x9000}, {0x9100, 0x920F}, {0x9240, 0x9240},
		      {0x9300, 0x9300}, {0x9400, 0x9400}, {0x9402, 0x9402}, {0x9404, 0x9404},
		      {0x9408, 0x9408}, {0x9484, 0x9485}, {0x9802, 0x9802}, {0x9804, 0x9804},
		      {0x9808, 0x9808}, {0x9810, 0x9810}, {0x9840, 0x9840}, {0x9850, 0x9850},
		      {0x9862, 0x9869}, {0x9E00, 0x9FFF}};

	if (sw == SW_OK) /* by far the most */
		return true;
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		if (sw >= ranges[i].first && sw <= ranges[i].last)
			return true;
	}
	return false;
}

static bool checks_secret(enum command_id id)
{
	switch (id) {
	case COMMAND_AUTHENTICATE:
	case COMMAND_AUTHENTICATE_ODD:
	case COMMAND_GP_EXTERNAL_AUTHENTICATE:
	case COMMAND_ISO_EXTERNAL_AUTHENTICATE:
	case COMMAND_GP_AUTHENTICATE:
	case COMMAND_ISO_SECURITY_OPERATION:
	case COMMAND_GP_SECURITY_OPERATION:
	case COMMAND_ISO_SECURITY_ENVIRONMENT: return true;
	default: return command_table[id].secret == COMMAND_HIDES_DATA;
	}
}

static bool only_reads(enum command_id id)
{
	switch (id) {
	case COMMAND_SELECT:
	case COMMAND_STATUS:
	case COMMAND_READ_BINARY:
	case COMMAND_READ_RECORD:
	case COMMAND_SEARCH_RECORD:
	case COMMAND_GET_CHALLENGE:
	case COMMAND_GET_RESPONSE:
	case COMMAND_GET_IDENTITY:
	case COMMAND_FETCH:
	case COMMAND_MANAGE_CHANNEL: return true;
	default: return false;
	}
}

static bool is_gsm_word(uint16_t sw)
{
	switch (sw) {
	case SW_GSM_NO_EF:
	case SW_GSM_OUT_OF_RANGE:
	case SW_GSM_NOT_FOUND:
	case SW_GSM_INCONSISTENT:
	case SW_GSM_NO_CHV:
	case SW_GSM_ACCESS:
	case SW_GSM_CHV_STATE:
	case SW_GSM_INVALIDATION:
	case SW_GSM_BLOCKED: return true;
	default: return sw_is(sw, SW_GSM_RESPONSE);
	}
}

/* It has no answer, so none can wait. */
static bool has_no_answer(const struct command *c, const struct apdu *a)
{
	switch (c->kind) {
	case COMMAND_CASE_1:
	case COMMAND_CASE_3:
	case COMMAND_CASE_3_OR_1: return !apdu_is_secured(a->cla);
	default: return false;
	}
}

static const char *trouble_of_word(enum command_id id, uint16_t sw)
{
	switch (sw) {
	case SW_AUTH_MAC:
	case SW_AUTH_CONTEXT:
	case SW_KEY_FRESHNESS:
	case SW_AUTH_NO_MEMORY:
	case SW_AUTH_NO_MUK:
		return id != COMMAND_AUTHENTICATE && id != COMMAND_AUTHENTICATE_ODD
			       ? "it is of AUTHENTICATE"
			       : NULL;
	case SW_MAX_REACHED:
		return id != COMMAND_INCREASE && id != COMMAND_GSM_INCREASE ? "it is of INCREASE"
									    : NULL;
	case SW_PIN_BLOCKED: return only_reads(id) ? "it is of commands that check a code" : NULL;
	case SW_NO_MATCH: return checks_secret(id) ? "it is of commands that read" : NULL;
	default: return NULL;
	}
}

const char *conform_status_trouble(enum command_id id, const struct apdu *a, uint16_t sw)
{
	unsigned high = sw >> 8 & SW1_MASK;

	if ((high != SW1_NULL && high != SW_OK >> 8) || sw >> 8 == SW1_NULL)
		return "no status word begins so";
	if (id == COMMAND_COUNT)
		return NULL;
	if (sw_is(sw, SW_VERIFY_FAILED) && only_reads(id))
		return "nothing was verified, and nothing written";
	if (command_table[id].interface != COMMAND_OF_GSM && is_gsm_word(sw) && a->cla != CLA_GSM)
		return "it is of class A0";
	if (sw_is(sw, SW_RESPONSE) && has_no_answer(&command_table[id], a))
		return "the command has no answer that could wait";
	return trouble_of_word(id, sw);
}
