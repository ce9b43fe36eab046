/*
 * failure: why something failed that card, operator and subscription manager do together: what went
 * wrong, at whom, and the sentence for people.
 */
#ifndef TWINKEY_HOST_FAILURE_H
#define TWINKEY_HOST_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#define FAILURE_TEXT 1024

struct http_client;
struct uicc;

enum party { PARTY_OURSELVES, PARTY_CARD, PARTY_OPERATOR, PARTY_MANAGER };

struct failure {
	enum err err; /* ERR_OK: nothing failed */
	enum party party;
	bool is_whole; /* text says all; otherwise it says what was tried, and err why it failed */
	char text[FAILURE_TEXT];
};

/* text says all of it. */
struct failure failure_said(enum party party, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* text says what was tried; err has the reason. */
struct failure failure_of(enum party party, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The card's: with its status word where it refused, with what to do where it makes no sense. */
struct failure failure_of_card(const struct uicc *u, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The operator's, with what it said of a refusal. */
struct failure failure_of_operator(const struct http_client *op, enum err e, const char *what);

#define FAILURE_TROUBLE 128
/* Why the card was not understood or refused: its status word, or a sentence; gives text. */
const char *failure_card_trouble(const struct uicc *u, enum err e,
				 char text[static FAILURE_TROUBLE]);

#endif
