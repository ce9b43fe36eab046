/*
 * attempts: how wrong answers to challenges are slowed down, and refused for a time
 * (docs/adr/0013). Nothing here keeps or reads anything.
 */
#ifndef TWINKEY_OPERATOR_ATTEMPTS_H
#define TWINKEY_OPERATOR_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWERS_FREE	 3    /* wrong answers without a wait; it doubles from there on */
#define ANSWERS_MAX	 10   /* after so many comes the long wait */
#define ANSWERS_LOCK_S	 900  /* that one */
#define ANSWERS_FORGET_S 1800 /* without a wrong answer, and they count no more */
#define ANSWERS_WEAK_LEN 8    /* octets; a shorter answer can be guessed */

struct attempts {
	unsigned wrong; /* answers in a row */
	int64_t at;	/* when the last of them came */
};

/* An answer of this length can be found by trying. */
bool attempts_is_weak(size_t res_len);
/* How many of them count now. */
unsigned attempts_count(const struct attempts *a, int64_t now);
/* How long weak answers are not judged yet; 0: they are. */
int64_t attempts_wait_s(const struct attempts *a, int64_t now);
/* One more. False: it came in a wait, and was not judged. */
bool attempts_fail(struct attempts *a, int64_t now);

#endif
