/*
 * no_vector: why the AuC gave no vector, and what comes next.
 */
#ifndef TWINKEY_OPERATOR_CMD_NO_VECTOR_H
#define TWINKEY_OPERATOR_CMD_NO_VECTOR_H

#include "lib/base/err.h"

struct operator_store;

/* Says it; the exit code. */
int cmd_say_no_vector(struct operator_store *s, const char *imsi, enum err e);

#endif
