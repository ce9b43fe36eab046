/*
 * real_card: a card in this process with the identity of an operator's test PKI and a profile that
 * the operator prepared, as a module has it; for programs that let it meet the operator.
 */
#ifndef TWINKEY_TESTS_PROPERTY_REAL_CARD_H
#define TWINKEY_TESTS_PROPERTY_REAL_CARD_H

#include "host/operator/policy/subscriber.h"
#include "tests/property/flow/bench.h"

struct operator_store;

/* The folder has a PKI and a release key. b->card alone is used; the caller closes it. */
void real_card_make(struct bench *b, const char *dir);
void real_card_install(struct bench *b, struct operator_store *s, const struct subscriber *sub,
		       const char *dir);
/* Its answer to a challenge in the 3G context; ERR_MAC: the key is another one. */
enum err real_card_answer(struct bench *b, const struct aka_challenge *c, struct wbuf *res);
/* A message to the key-release application, and its answer. */
void real_card_send(struct bench *b, struct slice message, struct wbuf *answer);

#endif
