/*
 * journal_damage: what is wrong with a journal, in words (tool/sys/trouble.h). Private to
 * journal.c.
 */
#ifndef TWINKEY_CARD_JOURNAL_DAMAGE_H
#define TWINKEY_CARD_JOURNAL_DAMAGE_H

#include <stdbool.h>

#include "lib/base/err.h"

struct head;
struct head_point;
struct journal_report;

/* Nothing can be read of it: ERR_CORRUPT. */
enum err damage_start(void);
enum err damage_key(void);

/* The others give false, damage_old_format() true where the format is that of an old folder. */
bool damage_no_head(void);
bool damage_other_head(const struct head *h, bool anchor);
bool damage_broken(const struct journal_report *r);
bool damage_behind(const struct journal_report *r, const struct head_point *p, bool anchor);
bool damage_half_head(bool anchor);
bool damage_old_format(const struct head *h, const struct head *anchor);

/* Adds what to do, or what was done, to what the functions above said. */
void damage_advise(bool sync, bool recover);

#endif
