/*
 * session: plays the recorded session of an outside program: its APDUs and its ES9+ bodies.
 *
 * A session is a text file tests/transcripts/NAME.session, line by line:
 *
 *   # ...                 a comment
 *   ! reset               the card is reset
 *   ! store LENGTH CLASS  blocks of STORE DATA from here on (120 octets, as lpac), and, in hex, the
 *                         class of GET RESPONSE
 *   ! forget              all values but the given ones are unknown again
 *   > TEMPLATE            one command as it stands
 *   < PATTERN             its whole response
 *   >> TEMPLATE           one ES10 function: STORE DATA on channel 1 in blocks, then GET RESPONSE
 *                         until all is there
 *   << PATTERN            its data and last status word
 *   BPP $NAME             each piece of a bound profile package as such a function; the pieces
 *                         before the one that is answered must have empty answers
 *   POST FUNCTION JSON    an ES9+ request
 *   200 JSON or 204       its answer
 *   = $NAME PATTERN       the octets of a value
 *   SHA256 NAME TEMPLATE  a value that is a digest
 *
 * A template is hex, $NAME (the octets of a value) and "( ... )" (a DER length and what it counts).
 * A pattern is hex, $NAME, {N} (any N octets), {NAME:N} (N octets that become the value NAME) and
 * {NAME} (all but what the pattern still has to say, at least an octet). A JSON string "$NAME" is
 * the base64 of the value, "$$NAME" its hex digits; in an answer the value is taken from there if
 * it is not known yet. An answer has no field that the line has not.
 *
 * The value "le" is always the second octet of the last status word: what GET RESPONSE asks for.
 * Certificates, signatures and random octets are never in a session: they are values.
 */
#ifndef TWINKEY_TESTS_SESSION_H
#define TWINKEY_TESTS_SESSION_H

#include <jansson.h>

#include "lib/base/bytes.h"

struct session_peer {
	void (*reset)(void *ctx);
	/* The response is appended; at least a status word. */
	enum err (*transmit)(void *ctx, struct slice command, struct wbuf *response);
	/* *answer NULL: no body (204). */
	enum err (*post)(void *ctx, const char *function, const json_t *body, json_t **answer);
	void *ctx;
	/* The peer is a recording: only the commands count; a pattern that does not fit is no
	 * failure. */
	bool recording;
};

struct session_value {
	const char *name;
	struct slice octets;
};

/* Plays to the end or to the first difference, which fails the test. given ends with name NULL. */
void session_play(const char *name, const struct session_peer *peer,
		  const struct session_value *given);

#endif
