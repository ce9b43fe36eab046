/*
 * spy: a socket in the place of the PC/SC service's, for a program and its children: what passes is
 * carried on to the service, and recorded.
 *
 * A program's library finds it by PCSCLITE_CSOCK_NAME. The octets are not changed; the service sees
 * this process and its user as the client. A thread of its own does it.
 */
#ifndef TWINKEY_HOST_RECORD_SPY_H
#define TWINKEY_HOST_RECORD_SPY_H

#include <stdint.h>

#include "lib/base/err.h"

struct spy;
struct trace;

#define SPY_VARIABLE "PCSCLITE_CSOCK_NAME"

struct spy_report {
	unsigned connections; /* of programs to the service */
	unsigned odd;	      /* of them, those that spoke another protocol, from some octet on */
	uint64_t exchanges;
	enum err err; /* some of it is not recorded: why */
};

/*
 * trace: one without a reader (tool/trace/trace.h); it stays the caller's. The service is the one
 * that SPY_VARIABLE names, or pcscd's: it must run. ERR_NO_SERVICE and others of service_open();
 * ERR_PERMISSION of folder_make_short().
 */
enum err spy_open(struct trace *trace, struct spy **out) MUST_CHECK;
/* The value of SPY_VARIABLE for the program. */
const char *spy_socket(const struct spy *s);
/* Ends it: what has been said so far is recorded. Leaves neither socket nor folder. */
struct spy_report spy_close(struct spy **s);

#endif
