/*
 * codes: numbers of ETSI TS 102 223 8 and 9 that programs ask for.
 */
#ifndef TWINKEY_TRACE_DECODE_CAT_CODES_H
#define TWINKEY_TRACE_DECODE_CAT_CODES_H

/* Types of proactive commands, 9.4 */
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

#endif
