/*
 * subject: what the card is and has, found out before any case runs.
 */
#ifndef TWINKEY_HOST_EXAM_SUBJECT_H
#define TWINKEY_HOST_EXAM_SUBJECT_H

#include "lib/base/err.h"

struct exam;

/*
 * Fills x->card, x->usim_aid and x->pin_tries. Changes and spends nothing. Errors of the
 * conversation only: a card that refuses everything is a subject, too.
 */
enum err subject_learn(struct exam *x) MUST_CHECK;

#endif
