/*
 * behind: what a simulated chip has behind it, whatever carries its frames: the card, and the lines
 * of standard input that tell it what goes wrong. Options of both programs that have one:
 *
 *   [--pn533] [--vpcd PORT] [--delay MS] [PREFIX=ANSWER ...]
 *
 * --vpcd: a card program connects there as to vsmartcard's vpcd (twinkey-card run --port PORT);
 * without it the first rule whose PREFIX begins a command (hex) gives its ANSWER, and 9000 what no
 * rule fits. It says "ready".
 *
 * Lines of standard input, each answered by "done: LINE" ("wrong: LINE" where it is none):
 *   fault NAME [HEX or MS]   at the next command, once: see tests/pn532/chip.h
 *   ats HEX, ats none        what the card says of itself, with its length octet
 *   sak HEX                  another kind of card
 *   cards N                  so many cards are in the field
 *   count                    says "count N": commands that the card has answered
 */
#ifndef TWINKEY_TESTS_PN532_BEHIND_H
#define TWINKEY_TESTS_PN532_BEHIND_H

#include "tests/pn532/chip.h"

struct behind {
	struct chip chip;
	int card; /* vpcd's end; -1: rules */
	char **rules;
	uint16_t port;
	unsigned delay_ms;
};

/* args: the options, ended by NULL. What the chip says goes to send(), whose ctx is b. */
void behind_init(struct behind *b, char **args, void (*send)(void *, const uint8_t *, size_t));
/* Waits for the card program; what its ATR says of it becomes the ATS. Then says "ready". */
void behind_ready(struct behind *b);
/* Whole lines of standard input. False: it has ended. */
bool behind_obey(struct behind *b);

/* All of it. False: the other end is gone. */
bool behind_write(int fd, const uint8_t *p, size_t n);
bool behind_read(int fd, uint8_t *p, size_t n);
/* Says why, and ends the program. */
_Noreturn void behind_fail(const char *what);

#endif
