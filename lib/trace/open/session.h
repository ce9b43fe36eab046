/*
 * session: the session keys and the state of a secure channel, and what its protocol does with
 * them. For lib/trace/open alone.
 */
#ifndef TWINKEY_TRACE_OPEN_SESSION_H
#define TWINKEY_TRACE_OPEN_SESSION_H

#include "lib/trace/keys/keys.h"

#define CHANNEL_KEY_MAX	     32
#define CHANNEL_BLOCK	     16
#define CHANNEL_STRIPPED_MAX 260 /* a short command without Le */
#define CHANNEL_PARTS_MAX    64	 /* octets of INITIALIZE UPDATE: challenges, cryptogram */

/* Security level, E.5.2.3, amendment D 7.1.2.1 */
enum channel_level {
	LEVEL_MAC = 0x01,
	LEVEL_CIPHER = 0x02,
	LEVEL_R_MAC = 0x10,
	LEVEL_R_CIPHER = 0x20
};

/* In the secure heap. */
struct channel_session {
	uint8_t enc[CHANNEL_KEY_MAX], mac[CHANNEL_KEY_MAX], r_mac[CHANNEL_KEY_MAX];
	size_t key_len;
	uint8_t chain[CHANNEL_BLOCK]; /* the MAC chaining value, or the ICV */
	uint64_t counter;	      /* SCP03: of ciphered commands */
	size_t mac_len;
	uint8_t level;
	/* SCP02: the ICV of the next R-MAC; the last command as R-MACs have it, 0 octets: not known
	 */
	uint8_t r_chain[CHANNEL_BLOCK], stripped[CHANNEL_STRIPPED_MAX];
	size_t stripped_len;
	uint8_t host_challenge[CHANNEL_BLOCK], card_challenge[CHANNEL_BLOCK], sequence[2];
	size_t challenge_len;
};

/* A command's header as it is MACed, and its data as sent. */
struct channel_command {
	uint8_t head[4];
	struct slice data;
};

struct channel_scheme {
	/*
	 * Session keys, from a row of keys and what INITIALIZE UPDATE said and answered; *right:
	 * the card's cryptogram is of these keys. ERR_LENGTH: the answer is none of this protocol.
	 */
	enum err (*start)(const struct key_row *row, struct slice host_challenge,
			  struct slice answer, struct channel_session *s, bool *right);
	/* What EXTERNAL AUTHENTICATE has to say for the host: as long as s->mac_len. */
	enum err (*host_cryptogram)(const struct channel_session *s, uint8_t *out);
	/*
	 * Opens a command: *right: its MAC; what it wraps is appended to out. The session goes on.
	 */
	enum err (*open_command)(struct channel_session *s, const struct channel_command *c,
				 struct wbuf *out, bool *right);
	/* The same of an answer. ERR_NOT_FOUND: the command that it is MACed with is not known. */
	enum err (*open_answer)(struct channel_session *s, struct slice answer, uint16_t sw,
				struct wbuf *out, bool *right);
};

/* Without 80 00 .. at its end; ERR_MAC: it has none. */
enum err session_unpad(struct slice padded, struct slice *out) MUST_CHECK;

#endif
