/*
 * wire: what a program's PC/SC library and the service say to each other over the service's socket,
 * made into what became of cards (pcsc-lite, src/winscard_msg.h: protocol 4, the same since 2010).
 *
 * A request is its length and its number, of four octets each, its structure of that length, and
 * the octets that go to a card behind it. The answer is the structure again, filled in, and the
 * octets that a card has answered. Numbers are of the machine's own byte order. A connection has
 * one request at a time; what is none of those below passes unread.
 */
#ifndef TWINKEY_HOST_RECORD_WIRE_H
#define TWINKEY_HOST_RECORD_WIRE_H

#include "lib/base/bytes.h"

enum wire_kind {
	WIRE_CONNECTED,
	WIRE_RECONNECTED,
	WIRE_DISCONNECTED,
	WIRE_TRANSACTION_ENDED,
	WIRE_TRANSMITTED
};

/* Borrows for the call. */
struct wire_event {
	enum wire_kind kind;
	uint32_t result; /* SCARD_S_SUCCESS ... */
	uint32_t card;	 /* the handle */
	uint32_t
		protocol; /* CONNECTED, RECONNECTED: what is spoken now; 0: the card has no power */
	uint32_t disposition; /* what was to become of the card; RECONNECTED: beforehand */
	const char *reader;   /* CONNECTED: its name */
	struct slice command, response; /* TRANSMITTED */
	bool at_keys; /* TRANSMITTED: with a PIN of the reader's keys, which command has not */
};

struct wire_sink {
	void (*take)(void *ctx, const struct wire_event *event);
	void *ctx;
};

struct wire;

/* Copies the sink. ERR_MEMORY. */
enum err wire_open(const struct wire_sink *sink, struct wire **out) MUST_CHECK;
/*
 * More of a connection's octets. ERR_VERSION: another version of the protocol; ERR_PROTOCOL: it is
 * none. After an error nothing more is taken.
 */
enum err wire_from_program(struct wire *w, struct slice octets) MUST_CHECK;
enum err wire_from_service(struct wire *w, struct slice octets) MUST_CHECK;
void wire_close(struct wire **w);

#endif
