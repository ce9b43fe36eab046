/*
 * script: a card that plays a transcript, as a transport.
 *
 * A transcript is text: "> hex" is a command that must come next, "< hex" its whole response (data
 * and status word; nothing behind "<" is an empty answer), "# ..." a comment. "! reset" is a reset
 * that must come next; the ATR is always the same. The first reset of uicc_open() is not written.
 */
#ifndef TWINKEY_TESTS_SCRIPT_H
#define TWINKEY_TESTS_SCRIPT_H

#include "host/terminal/uicc.h"

struct script {
	const char *text;   /* what is left of the transcript */
	bool apdu_level;    /* T=1 */
	bool extended;	    /* way and card take extended APDUs */
	unsigned resets;    /* resets so far */
	unsigned exchanges; /* commands so far */
	bool differed;	    /* another command came than the transcript says */
};

/* A transport that plays s; s must outlive it. */
struct transport *script_transport(struct script *s);
/* A card session over the script; fails the test when it does not open. */
struct uicc *script_uicc(struct script *s);
/* All was played and nothing differed. */
bool script_done(const struct script *s);
/* Plays the commands of tests/transcripts/NAME.txt to a card and compares each response. */
void transcript_compare(struct transport *card, const char *name);

#endif
