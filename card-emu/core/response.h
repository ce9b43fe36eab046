/*
 * response: what a command answered, and how it is carried: at once, or announced and fetched by
 * GET RESPONSE (TS 102 221 7.3, 12.1.1; enum card_protocol). For card-emu/core alone.
 */
#ifndef TWINKEY_CARD_RESPONSE_H
#define TWINKEY_CARD_RESPONSE_H

#include "lib/base/bytes.h"

struct apdu;

struct response {
	struct wbuf data;
	size_t at;   /* what was fetched */
	uint16_t sw; /* what follows when all is fetched */
	unsigned channel;
	bool gsm;   /* announced by 9Fxx */
	bool whole; /* the card speaks in whole APDUs */
};

/* Room for short answers, so that they never fail afterwards. ERR_MEMORY. */
enum err response_open(struct response *r, bool whole) MUST_CHECK;
void response_close(struct response *r);
void response_drop(struct response *r);
/* To this command it is carried in one piece, not by the rules of T=0. */
bool response_is_whole(const struct response *r, const struct apdu *a);
/* Of a command of case 2: n octets are what its Le asks for. */
bool response_fits(const struct response *r, const struct apdu *a, size_t n);
/*
 * What a handler answered, its status word and the data that it left in r->data: what goes out of
 * it now to out, and the status word behind. direct: the command asks for a length (case 2), and
 * gets data of that length or is told another.
 */
uint16_t response_send(struct response *r, const struct apdu *a, bool direct, uint16_t sw,
		       struct wbuf *out);
/* GET RESPONSE: what it asks for to out, and the status word behind. */
uint16_t response_fetch(struct response *r, const struct apdu *a, struct wbuf *out);

#endif
