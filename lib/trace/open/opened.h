/*
 * opened: what an auditor's keys have opened of an exchange. Plain values, for who prints and who
 * judges.
 */
#ifndef TWINKEY_TRACE_OPEN_OPENED_H
#define TWINKEY_TRACE_OPEN_OPENED_H

#include "lib/base/bytes.h"

#define OPENED_SEGMENTS_MAX 8
#define OPENED_PACKETS_MAX  4
#define OPENED_ELEMENTS_MAX 128

enum opened_by {
	OPENED_NOT,
	OPENED_SCP02,  /* GlobalPlatform E */
	OPENED_SCP03,  /* amendment D */
	OPENED_PACKAGE /* a bound profile package, SGP.22 2.5 */
};

enum opened_check { OPENED_NOT_CHECKED, OPENED_RIGHT, OPENED_WRONG };

/* A segment of a bound profile package. */
struct opened_segment {
	uint8_t tag;
	enum opened_check mac; /* WRONG, and what follows: plain is empty */
	struct slice plain;    /* may hold keys: see opened_tell() */
	/* Of the metadata, which may have several segments: all of it, beside the last of them */
	struct slice metadata;
};

/* An element of the profile, which may have several segments. */
struct opened_element {
	uint32_t tag;
	size_t len;	    /* of its value */
	struct slice whole; /* it has ended here; empty: it only begins. It may hold keys. */
};

/* What a packet has against changes, as SPI codes it (TS 102 225 5.1.1). */
enum opened_integrity { INTEGRITY_NONE, INTEGRITY_RC, INTEGRITY_CC, INTEGRITY_DS };

/* A secured packet, TS 102 225. */
struct opened_packet {
	bool is_response;
	enum opened_integrity integrity;
	enum opened_check check; /* of that */
	const char *unchecked; /* why it is not checked, for people; NULL: it is, or is not there */
	bool was_ciphered, has_plain;
	uint64_t counter;
	uint8_t status;	    /* of a response */
	struct slice plain; /* the secured data, without what fills up */
	const char *fault;  /* why there is no plain; or NULL */
};

/* Borrows until the next exchange. */
struct opened {
	enum opened_by by;
	/* Of a secure channel: that of the card, of the host; MACs; the level that EXTERNAL
	 * AUTHENTICATE set */
	enum opened_check card_cryptogram, host_cryptogram, command_mac, answer_mac;
	uint8_t level;
	bool has_data, has_answer; /* these are what secure messaging wrapped */
	struct slice data, answer;
	const char *fault; /* why something is not opened, for people; or NULL */
	struct opened_segment segments[OPENED_SEGMENTS_MAX];
	unsigned segment_count;
	struct opened_element elements[OPENED_ELEMENTS_MAX];
	unsigned element_count, elements_more; /* more: how many there is no room for */
	struct opened_packet packets[OPENED_PACKETS_MAX];
	unsigned packet_count;
};

#endif
