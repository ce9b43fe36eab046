/*
 * expected: values that are new in each session, whatever card and terminal do: a table, with the
 * clause that says so.
 */
#ifndef TWINKEY_TRACE_DIFF_EXPECTED_H
#define TWINKEY_TRACE_DIFF_EXPECTED_H

#include "lib/trace/diff/leaves.h"
#include "lib/uicc/command.h"

struct expected {
	enum command_id of; /* COMMAND_COUNT: of any command */
	const char *under;  /* the key of the node that it is in; NULL: of any */
	const char *key;
	const char *why;    /* the clause */
	bool any_length;    /* else another length is a difference */
	uint8_t tail;	    /* above 0: no more than so many octets at its end */
	const char *begins; /* what its value begins with; NULL: anything */
	/* The key of a leaf of this exchange that must be another one, too: what is computed from
	 * it alone; NULL: nothing. */
	const char *made_of;
	bool if_ciphered; /* of a packet whose SPI says so */
};

/* NULL: a difference of this leaf is one. command may be NULL; under: NULL at the top. */
const struct expected *expected_find(const struct command *command, const char *under,
				     const struct leaf *leaf);

#endif
