/*
 * bad_line: a line between an HTTP client and a server on unix sockets that breaks, or becomes
 * slow, at a chosen message. Its threads belong to the process; what it cannot set up ends the
 * program.
 */
#ifndef TWINKEY_TESTS_BAD_LINE_H
#define TWINKEY_TESTS_BAD_LINE_H

#include <stdbool.h>

enum bad_line_break {
	BAD_LINE_NONE,
	BAD_LINE_REQUEST_LOST,			 /* the server never sees it */
	BAD_LINE_ANSWER_LOST,			 /* the server has handled it */
	BAD_LINE_ANSWER_CUT,			 /* half of the answer comes */
	BAD_LINE_BREAKS,			 /* how many those above are */
	BAD_LINE_ANSWER_DRIPS = BAD_LINE_BREAKS, /* 50 octets a second */
	BAD_LINE_ANSWER_HELD,			 /* until the client goes */
	BAD_LINE_SLOW,				 /* every answer comes with 6 kB a second */
};

/* Listens on front, connects to back for each connection; the last call's back for all. */
void bad_line_start(const char *front, const char *back);
/*
 * Counts messages anew; message number `at` (from 1) breaks so. dead: every connection after it is
 * refused until the next call.
 */
void bad_line_arm(enum bad_line_break how, unsigned at, bool dead);
/* Messages since bad_line_arm(). */
unsigned bad_line_messages(void);

#endif
