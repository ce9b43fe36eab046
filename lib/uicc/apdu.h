/*
 * apdu: command APDUs and status words (ISO 7816-3 12.1, ISO 7816-4 5; ETSI TS 102 221 10).
 *
 * Short APDUs have an Lc and Le of one octet, as T=0 carries them; extended ones of three and two.
 */
#ifndef TWINKEY_APDU_H
#define TWINKEY_APDU_H

#include "lib/base/bytes.h"

#define APDU_DATA_MAX	  255
#define APDU_LE_MAX	  256 /* written 00 */
#define APDU_COMMAND_MAX  261 /* header, Lc, 255 octets, Le */
#define APDU_RESPONSE_MAX 258 /* 256 octets and the status word */

/* Extended APDUs (ISO 7816-3 12.1.3), where card and way take them: three octets of Lc, two of Le
 * (three, where no Lc is in front) */
#define APDU_EXTENDED_DATA_MAX	   65535
#define APDU_EXTENDED_LE_MAX	   65536 /* written 0000 */
#define APDU_EXTENDED_COMMAND_MAX  65544
#define APDU_EXTENDED_RESPONSE_MAX 65538

/* Status words: X(name, value, text) */
#define SW_TABLE(X)                                                                                \
	X(SW_OK, 0x9000, "normal ending")                                                          \
	X(SW_PROACTIVE, 0x9100, "normal ending, a proactive command waits")                        \
	X(SW_GSM_RESPONSE, 0x9F00, "normal ending, response data waits (2G)")                      \
	X(SW_RESPONSE, 0x6100, "response data waits")                                              \
	X(SW_WARNING, 0x6200, "warning")                                                           \
	X(SW_PART_CORRUPT, 0x6281, "part of the data may be corrupted")                            \
	X(SW_NO_MATCH, 0x6282, "end of the file, or the search found nothing")                     \
	X(SW_FILE_DEACTIVATED, 0x6283, "the selected file is deactivated")                         \
	X(SW_FILE_TERMINATED, 0x6285, "the selected file is terminated")                           \
	X(SW_MORE_DATA, 0x62F1, "more data waits")                                                 \
	X(SW_MORE_DATA_PROACTIVE, 0x62F2, "more data waits, and a proactive command")              \
	X(SW_RESPONSE_WAITS, 0x62F3, "response data waits")                                        \
	X(SW_CHANGED, 0x6300, "warning, something was changed")                                    \
	X(SW_MORE_OBJECTS, 0x6310, "more data waits (GlobalPlatform)")                             \
	X(SW_FILLED_UP, 0x6381, "the file was filled up by the last write")                        \
	X(SW_VERIFY_FAILED, 0x63C0, "verification failed")                                         \
	X(SW_MORE_EXPECTED, 0x63F1, "more data is expected")                                       \
	X(SW_EXECUTION, 0x6400, "execution error, nothing was changed")                            \
	X(SW_MEMORY_PROBLEM, 0x6581, "memory problem")                                             \
	X(SW_WRONG_LENGTH, 0x6700, "wrong length")                                                 \
	X(SW_CLA_FUNCTION, 0x6800, "functions in CLA not supported")                               \
	X(SW_CHANNEL_NOT_SUPPORTED, 0x6881, "logical channel not supported")                       \
	X(SW_SECURE_MESSAGING, 0x6882, "secure messaging not supported")                           \
	X(SW_LAST_EXPECTED, 0x6883, "the last command of the chain is expected")                   \
	X(SW_CHAINING, 0x6884, "command chaining not supported")                                   \
	X(SW_COMMAND_INCOMPATIBLE, 0x6981, "command incompatible with the file structure")         \
	X(SW_SECURITY_STATUS, 0x6982, "security status not satisfied (PIN not verified)")          \
	X(SW_PIN_BLOCKED, 0x6983, "authentication method (PIN) blocked")                           \
	X(SW_REFERENCED_DATA, 0x6984, "referenced data invalidated")                               \
	X(SW_CONDITIONS, 0x6985, "conditions of use not satisfied")                                \
	X(SW_NO_EF_SELECTED, 0x6986, "command not allowed (no EF selected)")                       \
	X(SW_SM_MISSING, 0x6987, "objects of secure messaging are missing")                        \
	X(SW_SM_WRONG, 0x6988, "objects of secure messaging are wrong")                            \
	X(SW_SELECT_FAILED, 0x6999, "the application does not let itself be selected")             \
	X(SW_WRONG_DATA, 0x6A80, "incorrect parameters in the data field")                         \
	X(SW_FUNCTION_NOT_SUPPORTED, 0x6A81, "function not supported")                             \
	X(SW_FILE_NOT_FOUND, 0x6A82, "file not found")                                             \
	X(SW_RECORD_NOT_FOUND, 0x6A83, "record not found")                                         \
	X(SW_NO_MEMORY, 0x6A84, "not enough memory space")                                         \
	X(SW_LC_STRUCTURE, 0x6A85, "Lc is inconsistent with the structure")                        \
	X(SW_WRONG_P1P2, 0x6A86, "incorrect parameters P1 to P2")                                  \
	X(SW_LC_P1P2, 0x6A87, "Lc is inconsistent with P1 to P2")                                  \
	X(SW_NOT_FOUND, 0x6A88, "referenced data not found")                                       \
	X(SW_FILE_EXISTS, 0x6A89, "the file exists already")                                       \
	X(SW_NAME_EXISTS, 0x6A8A, "the name of the DF exists already")                             \
	X(SW_OUT_OF_RANGE, 0x6B00, "wrong parameters P1 or P2")                                    \
	X(SW_CORRECT_LE, 0x6C00, "wrong Le")                                                       \
	X(SW_INS_NOT_SUPPORTED, 0x6D00, "instruction not supported")                               \
	X(SW_CLA_NOT_SUPPORTED, 0x6E00, "class not supported")                                     \
	X(SW_TECHNICAL, 0x6F00, "technical problem, no precise diagnosis")                         \
	X(SW_MAX_REACHED, 0x9850, "increase cannot be done, maximum value reached")                \
	X(SW_AUTH_MAC, 0x9862, "authentication error, incorrect MAC")                              \
	X(SW_AUTH_CONTEXT, 0x9864, "authentication error, security context not supported")         \
	X(SW_KEY_FRESHNESS, 0x9865, "key freshness failure")                                       \
	X(SW_AUTH_NO_MEMORY, 0x9866, "authentication error, no memory space")                      \
	X(SW_AUTH_NO_MUK, 0x9867, "authentication error, no memory space in EF.MUK")               \
	X(SW_TOOLKIT_BUSY, 0x9300, "the toolkit is busy")                                          \
	X(SW_ALGORITHM, 0x9484, "algorithm not supported (GlobalPlatform)")                        \
	X(SW_KEY_CHECK, 0x9485, "key check value not valid (GlobalPlatform)")                      \
	X(SW_GSM_MEMORY, 0x9240, "memory problem (2G)")                                            \
	X(SW_GSM_NO_EF, 0x9400, "no EF selected (2G)")                                             \
	X(SW_GSM_OUT_OF_RANGE, 0x9402, "out of range (2G)")                                        \
	X(SW_GSM_NOT_FOUND, 0x9404, "file or pattern not found (2G)")                              \
	X(SW_GSM_INCONSISTENT, 0x9408, "file inconsistent with the command (2G)")                  \
	X(SW_GSM_NO_CHV, 0x9802, "no CHV initialised (2G)")                                        \
	X(SW_GSM_ACCESS, 0x9804, "access condition not fulfilled (2G)")                            \
	X(SW_GSM_CHV_STATE, 0x9808, "in contradiction with the CHV status (2G)")                   \
	X(SW_GSM_INVALIDATION, 0x9810, "in contradiction with the invalidation status (2G)")       \
	X(SW_GSM_BLOCKED, 0x9840, "CHV blocked (2G)")

#define SW_ENUM(name, value, text) name = (value),
enum sw { SW_TABLE(SW_ENUM) };
#undef SW_ENUM
/* The text of a status word; families (61xx, 63Cx, 6Cxx, 91xx, 9Fxx) and those that have no text of
 * their own by their first octet (ISO 7816-4 table 5). */
const char *sw_text(uint16_t sw);
/* sw is of the family, whatever its second octet says (of 63Cx: its second half). */
static inline bool sw_is(uint16_t sw, enum sw family)
{
	unsigned number = family == SW_VERIFY_FAILED ? 0x0F : 0xFF;

	return (sw & ~number) == (unsigned)family;
}
/* What that says: octets (61xx, 6Cxx, 91xx, 9Fxx; 00 is 256), attempts left (63Cx). */
unsigned sw_number(uint16_t sw);
/* 9000, 91xx, 92xx (but not 9240), 9Fxx, 61xx. */
bool sw_is_good(uint16_t sw);

/* Classes without their channel (TS 102 221 10.1.1), and the bits in them */
enum cla {
	CLA_INTERINDUSTRY = 0x00,
	CLA_PROPRIETARY = 0x80,
	CLA_GSM = 0xA0,
	CLA_FURTHER_CHANNEL = 0x40,	     /* the form for channels 4 to 19 */
	CLA_CHANNEL_MASK = 0x03,	     /* of the first form */
	CLA_FURTHER_CHANNEL_MASK = 0x0F,     /* of the other one */
	CLA_SECURE_MESSAGING = 0x0C,	     /* of the first form */
	CLA_GP_SECURED = 0x04,		     /* GlobalPlatform 11.1.4: one of them */
	CLA_FURTHER_SECURE_MESSAGING = 0x20, /* of the other one */
};

/* ISO 7816-3 12.1.2: the four cases. Under T=0 case 1 and 2 look alike (P3 = 00). */
struct apdu {
	uint8_t cla, ins, p1, p2;
	uint8_t p3;	   /* the fifth octet, 0 if there was none */
	struct slice data; /* the command data (Lc octets) */
	bool has_p3;	   /* a fifth octet was sent */
	bool has_le;	   /* no data and a fifth octet, or data and an Le behind it */
	bool extended;	   /* Lc and Le in their long forms */
	uint32_t le;	   /* 1..256, extended 1..65536, when has_le; else 0 */
};

/*
 * Takes a command TPDU or APDU apart (ISO 7816-3 12.1.3). ERR_TRUNCATED: under 4 octets, fewer data
 * than Lc says, or half an extended length; ERR_TRAILING: more than an Le behind the data;
 * ERR_LENGTH: an extended Lc that says 0. data borrows from raw.
 */
enum err apdu_parse(struct slice raw, struct apdu *out) MUST_CHECK;
/* Le is zeros: whatever there is, up to a->le octets. */
bool apdu_asks_all(const struct apdu *a);
/* The logical channel of a class octet: 0..19; -1 for a class that names none (TS 102 221 10.1.1).
 */
static inline int apdu_channel(uint8_t cla)
{
	switch (cla >> 4) {
	case 0x0:
	case 0x8: return cla & CLA_CHANNEL_MASK;
	case 0xA: return 0; /* the 2G class knows no channels */
	case 0x4:
	case 0x6:
	case 0xC:
	case 0xE: return 4 + (cla & CLA_FURTHER_CHANNEL_MASK);
	default: return -1;
	}
}
/* A class without channel and secure messaging: of those that name a channel 00, 80 or A0. */
static inline uint8_t apdu_basic_class(uint8_t cla)
{
	return cla & CLA_FURTHER_CHANNEL ? cla & CLA_PROPRIETARY : cla & 0xF0;
}
/* The class asks for secure messaging. Class A0 knows none. */
static inline bool apdu_is_secured(uint8_t cla)
{
	if (apdu_basic_class(cla) == CLA_GSM)
		return false;
	return cla & CLA_FURTHER_CHANNEL ? cla & CLA_FURTHER_SECURE_MESSAGING
					 : cla & CLA_SECURE_MESSAGING;
}
/* cla with the channel put in: 0..3 in bits 1-2, 4..19 in the 4X/6X form (basic cla 00 or 80). */
uint8_t apdu_cla(uint8_t cla, unsigned channel);
/* Writes header, Lc and data (no Le). data.len <= 255, else ERR_LENGTH in w. */
void apdu_put(struct wbuf *w, const struct apdu *a);
/*
 * Writes the whole APDU; le 0: without Le. Extended where a->extended says so, data.len is over 255
 * or le over 256. ERR_LENGTH in w: over 65535 and 65536.
 */
void apdu_put_whole(struct wbuf *w, const struct apdu *a);

#endif
