/*
 * scp80: secured packets (ETSI TS 102 225 5, 3GPP TS 31.115), deciphered and their checks computed:
 * RC by CRC-16 and CRC-32, CC by DES, triple DES and AES. Of DS no algorithm is standardised: it is
 * said to be there.
 */
#ifndef TWINKEY_TRACE_OPEN_SCP80_H
#define TWINKEY_TRACE_OPEN_SCP80_H

#include "lib/trace/keys/keys.h"
#include "lib/trace/open/opened.h"

/* What a response is secured by was said in the command. */
struct scp80_wish {
	bool is_known;
	uint8_t spi_2, kic, kid;
};

/* mem: for what is deciphered; out->plain borrows from it. Never fails: see out->fault. */
void scp80_open_command(const struct trace_keys *keys, struct slice packet, struct wbuf *mem,
			struct opened_packet *out, struct scp80_wish *wish);
void scp80_open_response(const struct trace_keys *keys, struct slice packet,
			 const struct scp80_wish *wish, struct wbuf *mem,
			 struct opened_packet *out);

#endif
