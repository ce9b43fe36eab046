/*
 * journal_report: what was found in a journal when it was opened.
 */
#ifndef TWINKEY_CARD_JOURNAL_REPORT_H
#define TWINKEY_CARD_JOURNAL_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct journal_report {
	unsigned format;
	uint64_t records, number; /* good ones; the number of the last of them */
	uint64_t head;		  /* the number that the head tells */
	bool torn;		  /* behind them was one that the process did not finish */
	bool damaged;		  /* something is missing or broken: trouble_text() says what */
};

#endif
