/*
 * attached: who has an address of the access network, as the gateway knows it. The gateway
 * (host/operator/gateway/gateway.h) answers on a unix stream socket of its owner alone: a request
 * is one line, an IPv4 address; the answer one line of JSON and the end of the connection:
 *   {"attached":true,"mac":"02:00:00:00:00:01","imsi":"001010000000001","subscription":1,
 *    "since":1790000000}
 *   {"attached":false}
 */
#ifndef TWINKEY_OPERATOR_ATTACHED_H
#define TWINKEY_OPERATOR_ATTACHED_H

#include <stdint.h>

#include "lib/base/bytes.h"

#define ATTACHED_MAC_CAP    18 /* octets with the NUL */
#define ATTACHED_IMSI_CAP   16
#define ATTACHED_LINE_MAX   64	/* octets of a request, its end included */
#define ATTACHED_ANSWER_MAX 256 /* octets of an answer */

struct attached {
	char mac[18];
	char imsi[16];	  /* that it proved itself with */
	int subscription; /* 1 or 2: whose IMSI that is */
	int64_t since;	  /* seconds since 1970: when it proved itself */
};

/*
 * Asks the gateway behind socket for address. ERR_NOT_FOUND: nobody is attached there; ERR_VALUE:
 * it is no IPv4 address in numbers. ERR_DISCONNECTED, ERR_TIMEOUT, ERR_PROTOCOL, ERR_PERMISSION,
 * ERR_IO, ERR_LONG_NAME: the gateway does not answer, or not within wait_ms, or not as it should.
 */
enum err attached_ask(const char *socket, const char *address, int wait_ms,
		      struct attached *out) MUST_CHECK;

/* The answer as it is read: ERR_NOT_FOUND, ERR_PROTOCOL. */
enum err attached_read(struct slice answer, struct attached *out) MUST_CHECK;
/* The answer as it is written, its end included; who NULL: nobody. */
void attached_write(const struct attached *who, struct wbuf *out);

#endif
