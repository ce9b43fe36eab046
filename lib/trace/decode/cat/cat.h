/*
 * cat: the card application toolkit: proactive commands, terminal responses, envelopes, the
 * terminal's profile. ETSI TS 102 223, 3GPP TS 31.111.
 */
#ifndef TWINKEY_TRACE_DECODE_CAT_H
#define TWINKEY_TRACE_DECODE_CAT_H

#include "lib/trace/decode/tree.h"

#define CAT_TITLE_MAX 96

/* Types of proactive commands, TS 102 223 9.4: those that programs ask for */
enum cat_type {
	CAT_REFRESH = 0x01,
	CAT_SET_UP_EVENT_LIST = 0x05,
	CAT_SET_UP_CALL = 0x10,
	CAT_SEND_SS = 0x11,
	CAT_SEND_USSD = 0x12,
	CAT_SEND_SMS = 0x13,
	CAT_LAUNCH_BROWSER = 0x15,
	CAT_GEOGRAPHICAL_LOCATION = 0x16,
	CAT_LOCAL_INFORMATION = 0x26,
	CAT_PERFORM_CARD_APDU = 0x30,
	CAT_RUN_AT_COMMAND = 0x34,
	CAT_OPEN_CHANNEL = 0x40,
	CAT_SEND_DATA = 0x43,
};
/* Qualifiers of REFRESH, 8.6 */
enum cat_refresh {
	CAT_REFRESH_FULL = 0x00, /* NAA initialisation and full file change */
	CAT_REFRESH_FILES = 0x01,
	CAT_REFRESH_INIT_FILES = 0x02,
	CAT_REFRESH_INIT = 0x03,
	CAT_REFRESH_RESET = 0x04, /* of the UICC */
	CAT_REFRESH_APPLICATION = 0x05,
	CAT_REFRESH_SESSION = 0x06,
	CAT_REFRESH_STEERING = 0x07,
	CAT_REFRESH_STEERING_WLAN = 0x08,
	CAT_REFRESH_PROFILE = 0x09, /* the eUICC's state has changed */
};
/* Of PROVIDE LOCAL INFORMATION */
enum cat_local {
	CAT_LOCAL_LOCATION = 0x00,
	CAT_LOCAL_IMEI = 0x01,
	CAT_LOCAL_MEASUREMENTS = 0x02,
	CAT_LOCAL_TIMING_ADVANCE = 0x05,
	CAT_LOCAL_IMEISV = 0x08,
};
/* Objects, 9.3, without the bit of comprehension */
enum cat_tag {
	CAT_TAG_DETAILS = 0x01,
	CAT_TAG_RESULT = 0x03,
	CAT_TAG_ALPHA = 0x05,
	CAT_TAG_ADDRESS = 0x06,
	CAT_TAG_TPDU = 0x0B,
	CAT_TAG_EVENTS = 0x19,
	CAT_TAG_TRANSPORT = 0x3C,
	CAT_TAG_DESTINATION = 0x3E,
};
enum cat_event { CAT_EVENT_LOCATION = 0x03, CAT_EVENT_REJECTION = 0x12 }; /* 8.25 */
#define CAT_PROACTIVE	   0xD0 /* the template of a proactive command */
#define CAT_RESULT_REFUSED 0x20 /* 8.12: from here on the terminal did not do it */

struct cat_details { /* 8.6 */
	uint8_t number, type, qualifier;
};

/* The tag of a template (9.2), and the objects in it; 0: it is none. */
uint8_t cat_open(struct slice object, struct slice *inner);
/* The first object with this tag. */
bool cat_find(struct slice objects, enum cat_tag tag, struct slice *value);
bool cat_take_details(struct slice objects, struct cat_details *out);
/* "REFRESH"; NULL: of no standard */
const char *cat_type_name(uint8_t type);
/* "UICC reset", of REFRESH; NULL: of no standard */
const char *cat_refresh_name(uint8_t qualifier);
/* A TERMINAL PROFILE says whether it does the command (5.2). True also where no bit is for it. */
bool cat_profile_has(struct slice profile, uint8_t type);

/* "REFRESH", of what FETCH answers; "" where it says none */
void cat_proactive_title(struct slice command, char out[static CAT_TITLE_MAX]);
/* "REFRESH: performed successfully", of TERMINAL RESPONSE */
void cat_response_title(struct slice response, char out[static CAT_TITLE_MAX]);
/* "SMS-PP download" */
void cat_envelope_title(struct slice envelope, char out[static CAT_TITLE_MAX]);

/* One node: a proactive command, or an envelope: a BER-TLV object of simple ones. */
void cat_tell(struct slice object, const struct tree *t);
/* COMPREHENSION-TLV objects, one after the other: those of a TERMINAL RESPONSE */
void cat_tell_objects(struct slice objects, const struct tree *t);
/* TERMINAL PROFILE: what the terminal can do, TS 102 223 5.2 */
void cat_tell_profile(struct slice profile, const struct tree *t);

#endif
