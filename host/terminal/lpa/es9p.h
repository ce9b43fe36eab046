/*
 * es9p: ES9+ as the LPA speaks it (SGP.22 5.6, 6.5.2).
 */
#ifndef TWINKEY_HOST_ES9P_H
#define TWINKEY_HOST_ES9P_H

#include "host/net/client.h"

#define ES9P_MESSAGE 448

/* How subscription managers are reached. */
struct es9p_network {
	const char *link;      /* one way for every address: unix:PATH or a URL; NULL: https */
	const char *ca_file;   /* trusted instead of the system's certificates; NULL */
	const char *connect;   /* HOST:PORT to connect to, whatever the address; NULL */
	unsigned patience_ms;  /* as http_client_set_patience(); 0: as at first */
	struct cancel *cancel; /* ends each call; may be NULL */
};
/*
 * Opens n->link, or url when there is none. Errors as http_client_open(), http_client_trust() and
 * http_client_connect_to(); message: which of them it is, and what to do.
 */
enum err es9p_reach(const struct es9p_network *n, const char *url, struct http_client **out,
		    char message[static ES9P_MESSAGE]) MUST_CHECK;
/*
 * Opens the way to the subscription manager of this address (host name, with :PORT or without).
 * ERR_VALUE: it is no such address. Errors as es9p_reach().
 */
enum err es9p_open(const struct es9p_network *n, const char *address, struct http_client **out,
		   char message[static ES9P_MESSAGE]) MUST_CHECK;

/*
 * Calls a function by its path (lib/rsp/interface.h); request is taken over. *answer may be empty
 * for handleNotification. ERR_REFUSED: the subscription manager answers with a failure; message
 * then says which. ERR_WRONG_STATE: it does not know the session any more, or is past this step (a
 * request may arrive twice when the answer to the first was lost): begin anew.
 */
enum err es9p_call(struct http_client *op, const char *path, json_t *request, json_t **answer,
		   char message[static ES9P_MESSAGE]) MUST_CHECK;

#endif
