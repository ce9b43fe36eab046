/*
 * es9p: ES9+ as the LPA speaks it (SGP.22 5.6, 6.5.2).
 */
#ifndef TWINKEY_HOST_ES9P_H
#define TWINKEY_HOST_ES9P_H

#include "host/terminal/operator.h"

#define ES9P_MESSAGE 256

/*
 * Calls a function ("initiateAuthentication"); request is taken over. *answer may stay NULL for
 * handleNotification. ERR_REFUSED: the subscription manager answers with a failure; message then
 * says which.
 */
enum err es9p_call(struct operator_link *op, const char *function, json_t *request, json_t **answer,
		   char message[static ES9P_MESSAGE]) MUST_CHECK;

#endif
