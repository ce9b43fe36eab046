/*
 * adopt: what a version before has written, made what this one reads. Only the steps of the schema
 * (schema.c) and open.c include this header; each works inside a step's transaction.
 */
#ifndef TWINKEY_OPERATOR_STORE_SCHEMA_ADOPT_H
#define TWINKEY_OPERATOR_STORE_SCHEMA_ADOPT_H

#include "lib/base/err.h"

struct operator_store;

/* To version 4: second factors, out of old_totp. */
enum err adopt_factors(struct operator_store *s) MUST_CHECK;
/* To version 6: rows are authenticated as they are, and counted. */
enum err adopt_rows(struct operator_store *s) MUST_CHECK;
/* To version 7: K, OPc and shape become one sealed value. A row that is not what version 6 has
 * written is not authenticated anew. */
enum err adopt_keys(struct operator_store *s) MUST_CHECK;
/* To version 7: the challenges in the folder release/ of the operator's. */
enum err adopt_awaited(struct operator_store *s) MUST_CHECK;
/* To version 9: rows are authenticated with their modes; likewise. */
enum err adopt_modes(struct operator_store *s) MUST_CHECK;
/* To version 10: rows are authenticated with what was heard by AUTS; likewise. */
enum err adopt_heard(struct operator_store *s) MUST_CHECK;
/* Removes what adopt_awaited() has taken over; after the commit, and again when that was cut. */
void adopt_remove_files(const struct operator_store *s);

#endif
