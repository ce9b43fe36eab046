/*
 * gsmtap: the header that a sniffer of a SIM puts in front (libosmocore, gsmtap.h), in UDP.
 */
#ifndef TWINKEY_TRACE_GSMTAP_H
#define TWINKEY_TRACE_GSMTAP_H

#define GSMTAP_PORT	  4729
#define GSMTAP_VERSION	  2
#define GSMTAP_WORD	  4  /* of which the header's length is a number */
#define GSMTAP_HEADER_LEN 16 /* at least */
#define GSMTAP_TYPE_SIM	  4

/* Where in the header */
#define GSMTAP_WORDS_AT	   1
#define GSMTAP_TYPE_AT	   2
#define GSMTAP_SUB_TYPE_AT 12

enum gsmtap_sim {
	GSMTAP_SIM_APDU, /* command and response, without a border */
	GSMTAP_SIM_ATR,
	GSMTAP_SIM_PPS_REQUEST,
	GSMTAP_SIM_PPS_RESPONSE,
	GSMTAP_SIM_HEADER, /* a TPDU in parts: CLA INS P1 P2 P3, ... */
	GSMTAP_SIM_COMMAND,
	GSMTAP_SIM_RESPONSE,
	GSMTAP_SIM_SW,
};

#endif
