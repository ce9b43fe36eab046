/*
 * pcscd: a PC/SC service of one's own, with a reader for each of one's cards.
 *
 * It works as any user, without root, namespaces, systemd or the machine's service: on a socket of
 * its own in a folder of its own (PCSCLITE_CSOCK_NAME names it to clients), and nothing of it
 * listens elsewhere. docs/adr/0044-a-service-of-its-own.md
 */
#ifndef TWINKEY_CARD_PCSCD_PCSCD_H
#define TWINKEY_CARD_PCSCD_PCSCD_H

#include <stddef.h>

#include "lib/base/err.h"

struct cancel;
struct pcscd;

struct pcscd_options {
	size_t cards;	       /* readers to have, 1 or more */
	const char *log;       /* a file for what it says; NULL: none */
	struct cancel *cancel; /* ends the waits; borrowed */
};

/*
 * Starts it; to be called before there are threads and secrets, since it makes processes of this
 * one. PCSCLITE_CSOCK_NAME is set for this process and its children. ERR_NO_SERVICE: there is no
 * pcscd, or none of use; ERR_FULL: it has not so many readers; ERR_NOT_FOUND: the reader's driver
 * is not where it belongs; ERR_LONG_NAME; what the log's file has. trouble_text()
 * (tool/sys/trouble.h) is the whole sentence where there is one.
 */
enum err pcscd_start(const struct pcscd_options *o, struct pcscd **out) MUST_CHECK;
/* Where the reader of a card, 0 and up, connects to: a listening socket; it stays pcscd's. */
int pcscd_listener(const struct pcscd *p, size_t card);
/*
 * Until the service tells its clients of all the cards, which must be served meanwhile.
 * ERR_SERVICE_LOST: it has ended, trouble_text() says what its last word was; ERR_TIMEOUT.
 */
enum err pcscd_wait(struct pcscd *p) MUST_CHECK;
/* After that: the name of the reader that holds the card. */
const char *pcscd_reader(const struct pcscd *p, size_t card);
/*
 * Ends it: no process, socket or folder of it is left. ERR_SERVICE_LOST: it had ended before by
 * itself, trouble_text() says so.
 */
enum err pcscd_end(struct pcscd **p) MUST_CHECK;

#endif
