/*
 * code: what a command with a PIN, a PUK or an administrative code asks, and what came of it. ETSI
 * TS 102 221 9.5 and 11.1.9 to 11.1.13, 3GPP TS 51.011 9.2.9 to 9.2.13. For lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_CODE_H
#define TWINKEY_TRACE_AUDIT_CODE_H

#include "lib/base/bytes.h"

#define AUDIT_CODE_LEN 8 /* filled up with FF, TS 102 221 9.5.1 */

struct audit_step;
struct place;

enum audit_code_outcome {
	CODE_UNANSWERED,
	CODE_RIGHT,   /* or it was asked about, and is verified or not needed */
	CODE_WRONG,   /* or it was asked how many attempts are left */
	CODE_BLOCKED, /* no attempt is left, or none was before */
	CODE_REFUSED, /* for another reason: there is none, it is disabled */
};

/* Borrows from the step. */
struct audit_code {
	uint8_t reference; /* TS 102 221 table 9.3; CHV1 and CHV2 of 2G are 01 and 81 */
	uint32_t scope;	   /* 0: of the card; else a number for the application whose it is */
	bool is_puk;	   /* the code that unblocks the one of this reference */
	bool is_gsm;
	struct slice given;  /* as it was sent; empty: the command asks for its state */
	struct slice chosen; /* what it is to be from now on */
	enum audit_code_outcome outcome;
	bool has_tries;
	unsigned tries; /* left */
};

/* false: the command has none, or is none of a UICC or SIM. */
bool audit_code_of(const struct audit_step *s, struct audit_code *out);
/* "PIN1", "PUK of PIN1", "ADM1"; lives for ever but for out */
#define AUDIT_CODE_NAME 48
void audit_code_name(const struct audit_code *c, char out[static AUDIT_CODE_NAME]);
bool audit_code_is_adm(uint8_t reference);
/* It can be compared: a trace that masks codes has FF there. */
bool audit_code_is_clear(struct slice code);
/* TS 102 221 9.5.1: digits in ASCII (at least 4, a PUK 8), filled up with FF; or masked. */
bool audit_code_is_shaped(struct slice code, bool is_puk);
/* One that anybody tries first: a digit repeated, digits in a row, and the like. */
bool audit_code_is_well_known(struct slice code);
/* As it is, or its digits as text with no other digit beside them. */
bool audit_code_stands_in(struct slice code, struct slice octets, bool as_text);

#endif
