/*
 * card_fixture: a card in a folder of its own, with a SIM of published test keys, for the tests.
 */
#ifndef TWINKEY_TESTS_CARD_FIXTURE_H
#define TWINKEY_TESTS_CARD_FIXTURE_H

#include "card-emu/card.h"

/* TS 35.208 test set 1, PIN 1234, PUK 12345678, SQN just below the one of its AUTN */
#define FIXTURE_SIM                                                                                \
	"imsi = 001010123456789\niccid = 89000123456789012341\n"                                   \
	"k = 465b5ce8b199b49faa5f0a2ee238a6bc\nopc = cd63cb71954a9f4e48a5994e37a02baf\n"           \
	"sqn = ff9bb4d0b5e7\npin = 1234\npuk = 12345678\n"

/* A powered card; sim NULL: no profile. The folder goes to *dir if it is not NULL. */
struct card *fixture_card(const char *sim, const char **dir);
/* Puts a SIM (lib/profile/simfile.h) into a card that is closed. */
void fixture_install(const char *dir, const char *text);
/* The same folder again, after card_close(). */
struct card *fixture_reopen(const char *dir);
struct card *fixture_reopen_as(const char *dir, enum card_protocol protocol);
/* Sends the command and gives the response in lower-case hex; it lives until the next call. */
const char *fixture_send(struct card *card, const char *hex);

/* One command; what 61xx announces is fetched. Data is appended to out; the last status word. */
uint16_t fixture_exchange(struct card *card, struct slice command, struct wbuf *out);

#define ASSERT_APDU(card, command, response)                                                       \
	test_octets(test_unhex(fixture_send(card, command)), test_unhex(response), command,        \
		    __FILE__, __LINE__)

#endif
