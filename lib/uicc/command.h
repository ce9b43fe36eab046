/*
 * command: the commands of a card, one row each: from it the card dispatches, a terminal builds
 * what it sends, a trace finds what it has to mask.
 *
 * ETSI TS 102 221 10.1.2 and 11 with the applications on it (3GPP TS 31.102, TS 31.103), TS 51.011
 * 9.2 (class A0), GlobalPlatform Card Specification 11, whose STORE DATA carries SGP.22's ES10.
 * What other cards have besides (of_others) is from TS 102 221, TS 102 222 and GlobalPlatform.
 */
#ifndef TWINKEY_UICC_COMMAND_H
#define TWINKEY_UICC_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

struct apdu;

/* Instructions: TS 102 221 table 10.5, TS 51.011 table 9 (where two have one number, one name) */
enum ins {
	INS_DEACTIVATE_FILE = 0x04,
	INS_ERASE_BINARY = 0x0E,
	INS_TERMINAL_PROFILE = 0x10,
	INS_FETCH = 0x12,
	INS_TERMINAL_RESPONSE = 0x14,
	INS_VERIFY_PIN = 0x20,
	INS_MANAGE_SECURITY_ENVIRONMENT = 0x22,
	INS_CHANGE_PIN = 0x24,
	INS_DISABLE_PIN = 0x26,
	INS_ENABLE_PIN = 0x28,
	INS_PERFORM_SECURITY_OPERATION = 0x2A,
	INS_UNBLOCK_PIN = 0x2C,
	INS_INCREASE = 0x32,
	INS_ACTIVATE_FILE = 0x44,
	INS_INITIALIZE_UPDATE = 0x50,
	INS_MANAGE_CHANNEL = 0x70,
	INS_MANAGE_SECURE_CHANNEL = 0x73,
	INS_TRANSACT_DATA = 0x75,
	INS_SUSPEND_UICC = 0x76,
	INS_GET_IDENTITY = 0x78,
	INS_END_R_MAC_SESSION = 0x78, /* GlobalPlatform, in a secure channel, as the next */
	INS_EXCHANGE_CAPABILITIES = 0x7A,
	INS_BEGIN_R_MAC_SESSION = 0x7A,
	INS_MANAGE_LSI = 0x7C,
	INS_EXTERNAL_AUTHENTICATE = 0x82,
	INS_GET_CHALLENGE = 0x84,
	INS_AUTHENTICATE = 0x88,
	INS_AUTHENTICATE_ODD = 0x89,
	INS_SEARCH_RECORD = 0xA2,
	INS_SELECT = 0xA4,
	INS_TERMINAL_CAPABILITY = 0xAA,
	INS_READ_BINARY = 0xB0,
	INS_READ_RECORD = 0xB2,
	INS_GET_RESPONSE = 0xC0,
	INS_ENVELOPE = 0xC2,
	INS_GET_DATA = 0xCA,
	INS_RETRIEVE_DATA = 0xCB,
	INS_RESIZE_FILE = 0xD4,
	INS_UPDATE_BINARY = 0xD6,
	INS_PUT_KEY = 0xD8,
	INS_PUT_DATA = 0xDA,
	INS_SET_DATA = 0xDB,
	INS_UPDATE_RECORD = 0xDC,
	INS_CREATE_FILE = 0xE0,
	INS_STORE_DATA = 0xE2,
	INS_DELETE = 0xE4,
	INS_INSTALL = 0xE6, /* TERMINATE DF */
	INS_LOAD = 0xE8,    /* TERMINATE EF */
	INS_SET_STATUS = 0xF0,
	INS_STATUS = 0xF2, /* GET STATUS */
	INS_SLEEP = 0xFA,  /* 2G */
	INS_TERMINATE_CARD_USAGE = 0xFE,
};

/* Who defines a command */
enum command_interface {
	COMMAND_OF_UICC,	   /* ETSI TS 102 221, TS 31.102, TS 31.103 */
	COMMAND_OF_GSM,		   /* TS 51.011 */
	COMMAND_OF_GLOBALPLATFORM, /* and SGP.02, SGP.22 */
	COMMAND_OF_ISO		   /* ISO 7816-4, 7816-8 */
};

/*
 * Cases of ISO 7816-3, as the command is defined: what may be sent and what comes back. What a
 * command of case 4 answers is always announced by 61xx, also when it has no data (case 4 or 1).
 */
enum command_case {
	COMMAND_CASE_1 = 1,
	COMMAND_CASE_2,
	COMMAND_CASE_3,
	COMMAND_CASE_4,
	COMMAND_CASE_3_OR_1,
	COMMAND_CASE_4_OR_1,
	COMMAND_CASE_ANY /* P1 or P2 decide */
};

/* What of a command and its answer belongs in no trace. */
enum command_secret {
	COMMAND_OPEN,
	COMMAND_HIDES_DATA,  /* PIN and PUK codes */
	COMMAND_HIDES_ANSWER /* session keys */
};

struct command {
	const char *name;
	uint8_t cla, cla_mask; /* its class is one with (cla & cla_mask) == row.cla */
	uint8_t ins;	       /* enum ins */
	enum command_case kind;
	enum command_interface interface;
	enum command_secret secret;
	bool of_others; /* this card has it not: for the terminal, and for traces */
	/* Above 0: its P1 is that or more, which tells it from another one of its class and
	 * instruction. */
	uint8_t least_p1;
	const char *clause;
};

enum command_id {
	COMMAND_SELECT,
	COMMAND_STATUS,
	COMMAND_READ_BINARY,
	COMMAND_UPDATE_BINARY,
	COMMAND_READ_RECORD,
	COMMAND_UPDATE_RECORD,
	COMMAND_SEARCH_RECORD,
	COMMAND_INCREASE,
	COMMAND_VERIFY_PIN,
	COMMAND_CHANGE_PIN,
	COMMAND_DISABLE_PIN,
	COMMAND_ENABLE_PIN,
	COMMAND_UNBLOCK_PIN,
	COMMAND_DEACTIVATE_FILE,
	COMMAND_ACTIVATE_FILE,
	COMMAND_AUTHENTICATE,
	COMMAND_AUTHENTICATE_ODD,
	COMMAND_MANAGE_CHANNEL,
	COMMAND_GET_CHALLENGE,
	COMMAND_TERMINAL_CAPABILITY,
	COMMAND_TERMINAL_PROFILE,
	COMMAND_ENVELOPE,
	COMMAND_FETCH,
	COMMAND_TERMINAL_RESPONSE,
	COMMAND_RETRIEVE_DATA,
	COMMAND_SET_DATA,
	COMMAND_GET_IDENTITY,
	COMMAND_GET_RESPONSE,

	COMMAND_GSM_SELECT,
	COMMAND_GSM_STATUS,
	COMMAND_GSM_READ_BINARY,
	COMMAND_GSM_UPDATE_BINARY,
	COMMAND_GSM_READ_RECORD,
	COMMAND_GSM_UPDATE_RECORD,
	COMMAND_GSM_SEEK,
	COMMAND_GSM_INCREASE,
	COMMAND_GSM_VERIFY_CHV,
	COMMAND_GSM_CHANGE_CHV,
	COMMAND_GSM_DISABLE_CHV,
	COMMAND_GSM_ENABLE_CHV,
	COMMAND_GSM_UNBLOCK_CHV,
	COMMAND_GSM_INVALIDATE,
	COMMAND_GSM_REHABILITATE,
	COMMAND_GSM_RUN_ALGORITHM,
	COMMAND_GSM_SLEEP,
	COMMAND_GSM_GET_RESPONSE,
	COMMAND_GSM_TERMINAL_PROFILE,
	COMMAND_GSM_ENVELOPE,
	COMMAND_GSM_FETCH,
	COMMAND_GSM_TERMINAL_RESPONSE,

	COMMAND_STORE_DATA,
	COMMAND_GET_DATA,

	/* of others */
	COMMAND_MANAGE_SECURE_CHANNEL,
	COMMAND_TRANSACT_DATA,
	COMMAND_SUSPEND_UICC,
	COMMAND_EXCHANGE_CAPABILITIES,
	COMMAND_MANAGE_LSI,
	COMMAND_CREATE_FILE,
	COMMAND_DELETE_FILE,
	COMMAND_RESIZE_FILE,
	COMMAND_TERMINATE_DF,
	COMMAND_TERMINATE_EF,
	COMMAND_TERMINATE_CARD_USAGE,
	COMMAND_INITIALIZE_UPDATE,
	COMMAND_GP_EXTERNAL_AUTHENTICATE,
	COMMAND_INSTALL,
	COMMAND_LOAD,
	COMMAND_DELETE,
	COMMAND_GET_STATUS,
	COMMAND_SET_STATUS,
	COMMAND_PUT_KEY,
	COMMAND_GP_AUTHENTICATE,
	COMMAND_GP_SECURITY_OPERATION,
	COMMAND_ISO_GET_DATA,
	COMMAND_ISO_PUT_DATA,
	COMMAND_ISO_EXTERNAL_AUTHENTICATE,
	COMMAND_ISO_SECURITY_ENVIRONMENT,
	COMMAND_ISO_SECURITY_OPERATION,
	COMMAND_ISO_ERASE_BINARY,

	COMMAND_COUNT
};

extern const struct command command_table[COMMAND_COUNT];

/* A class octet as sent is one of the command. */
bool command_has_class(const struct command *c, uint8_t cla);
/* The row of a class octet as sent and an instruction; NULL: none. Rows with a least_p1 are passed
 * over. */
const struct command *command_find(uint8_t cla, uint8_t ins);
/* The row of a command as sent, whatever it is; NULL: none. */
const struct command *command_of(const struct apdu *a);
/* What an instruction hides, of whatever class: a trace hides too much rather than too little. */
enum command_secret command_hides(uint8_t ins);
/* The command's class on a channel and its instruction; P1, P2, data and Le are the caller's. */
struct apdu command_apdu(enum command_id id, unsigned channel);
/* ISO 7816-3 12.1: what was sent fits the case of the command. */
bool command_fits(const struct command *c, const struct apdu *a);

/* P1 and P2 */
enum select_p1 { /* TS 102 221 table 11.1 */
		 SELECT_FID = 0x00,
		 SELECT_CHILD = 0x01,
		 SELECT_PARENT = 0x03,
		 SELECT_AID = 0x04,
		 SELECT_PATH_MF = 0x08,
		 SELECT_PATH_DF = 0x09,
};
enum select_p2 { /* TS 102 221 table 11.2 */
		 SELECT_RFU_MASK = 0x90,
		 SELECT_SESSION_MASK = 0x60,
		 SELECT_ACTIVATE = 0x00,
		 SELECT_TERMINATE = 0x40,
		 SELECT_RETURN_MASK = 0x0C,
		 SELECT_RETURN_FCI = 0x00, /* GlobalPlatform 11.9 */
		 SELECT_RETURN_FCP = 0x04,
		 SELECT_RETURN_RFU = 0x08,
		 SELECT_RETURN_NONE = 0x0C,
		 SELECT_OCCURRENCE_MASK = 0x03,
};
enum record_p2 { RECORD_NEXT = 0x02, RECORD_PREVIOUS = 0x03, RECORD_ABSOLUTE = 0x04 }; /* 11.1.5 */
enum channel_p1 { CHANNEL_OPEN = 0x00, CHANNEL_CLOSE = 0x80 };			       /* 11.1.17 */
enum authenticate_p2 {				 /* TS 31.102 7.1.2, TS 31.103 7.1.2 */
		       AUTHENTICATE_GSM = 0x80,	 /* reserved in an ISIM */
		       AUTHENTICATE_3G = 0x81,	 /* of an ISIM: IMS AKA */
		       AUTHENTICATE_VGCS = 0x82, /* of an ISIM: HTTP digest */
		       AUTHENTICATE_GBA = 0x84,
		       AUTHENTICATE_CONTEXT_MASK = 0x07,
};
enum store_data_p1 { /* SGP.22 5.7.2; GlobalPlatform table 11-89 */
		     STORE_DATA_MORE = 0x11,
		     STORE_DATA_LAST = 0x91,
		     STORE_DATA_FORMAT = 0x18, /* these bits say how the data are coded */
		     STORE_DATA_GROUPS = 0x08,
		     STORE_DATA_BER = 0x10,
};

/* TS 31.102 7.1.2.1: the first octet of what AUTHENTICATE answers in the 3G context */
enum authenticate_tag { AUTHENTICATE_SUCCESS = 0xDB, AUTHENTICATE_SYNC_FAILURE = 0xDC };

#endif
