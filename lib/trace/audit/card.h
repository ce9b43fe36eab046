/*
 * card: what a trace has told of a card that more than one family of rules asks for. For
 * lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_CARD_H
#define TWINKEY_TRACE_AUDIT_CARD_H

#include "lib/base/bytes.h"

#define AUDIT_IMSI_MAX 15

struct audit_step;

struct audit_card {
	bool has_eid, has_iccid;
	uint8_t eid[16], iccid[10]; /* ICCID as EF.ICCID has it, nibbles swapped */
	/* Digits as text, as the USIM's EF.IMSI was read last; "": not read */
	char imsi[AUDIT_IMSI_MAX + 1];
	uint8_t mnc_len;      /* of EF.AD; 0: not told */
	uint8_t subscription; /* what the key-release application said is active; 0: nothing */
	uint64_t exchanges;   /* so far */
	uint64_t resets;
};

/* Takes what an exchange tells, after the rules have judged it. */
void audit_card_learn(struct audit_card *c, const struct audit_step *s);
/* The card has answered, and not to say that it has no such channel, class or instruction: the
 * application that the command was for has seen it (TS 102 221 10.2.1). */
bool audit_was_delivered(const struct audit_step *s);
/* The same, and it was not refused before what it brought was looked at: for its length, a code
 * that is missing, its parameters, or for a card that is busy or failed. What such a command
 * brought is not used up; nor, as far as anybody can say, is that of one without an answer. */
bool audit_was_processed(const struct audit_step *s);
/* It asks for another profile, or for none, whatever comes of it. */
bool audit_switches_profiles(const struct audit_step *s);
/* A step after which IMSI and subscriptions may be others: profiles were switched, or EF.IMSI was
 * written. */
bool audit_changes_profile(const struct audit_step *s);
/* What became of a grant of the second key, by what the card answered. */
enum audit_grant { AUDIT_GRANT_TAKEN, AUDIT_GRANT_REFUSED, AUDIT_GRANT_UNKNOWN };
enum audit_grant audit_grant_outcome(const struct audit_step *s);
/* MCC 001 or 999 */
bool audit_imsi_is_test(const char *imsi);
/* Its IMSI or ICCID is of no test network (MCC 001 and 999; issuers of TS.48). */
bool audit_card_is_live(const struct audit_card *c);

#endif
