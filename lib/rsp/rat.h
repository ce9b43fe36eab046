/*
 * rat: the rules authorisation table: whose profiles may carry which profile policy rules
 * (SGP.22 2.9.2.3).
 *
 * A table is the contents of RulesAuthorisationTable: ProfilePolicyAuthorisationRule one after the
 * other. A nibble E of a rule's MCC and MNC stands for any digit; an empty GID stands for any, an
 * absent one for none.
 */
#ifndef TWINKEY_RSP_RAT_H
#define TWINKEY_RSP_RAT_H

#include "lib/base/bytes.h"
#include "lib/rsp/rsp.h"

#define RAT_PPRS (RSP_PPR1 | RSP_PPR2 | RSP_PPR3) /* what a profile may carry; bit 0 is no rule */

struct rat_rule {
	uint32_t ppr;
	struct slice operators; /* SEQUENCE OF OperatorID without its tag */
	bool consent;		/* the end user is to be asked */
};

/* The next rule of the table; false at the end and on failure, which is then in table->err. */
bool rat_next(struct cursor *table, struct rat_rule *out);
/* The rules that some entry of the table names. */
uint32_t rat_named(struct slice table);
/*
 * Whether the owner's profile (contents of OperatorID; empty: it names none) may carry every one of
 * ppr; *consent (may be NULL) is set when the end user must agree to one.
 */
bool rat_allows(struct slice table, uint32_t ppr, struct slice owner, bool *consent);
/*
 * Appends the rule that text gives: "ppr1+ppr2=OPERATOR[,OPERATOR...][:consent]", OPERATOR being
 * "*" or MCC and MNC (5 or 6 digits, * for any digit) with "/GID1" and "/GID2" in hex behind
 * ("*": any). ERR_VALUE.
 */
enum err rat_parse_text(const char *text, struct wbuf *out) MUST_CHECK;

#endif
