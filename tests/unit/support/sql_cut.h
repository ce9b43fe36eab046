/*
 * sql_cut: SQLite's writes, counted, and a process that dies at one of them.
 */
#ifndef TWINKEY_TESTS_SQL_CUT_H
#define TWINKEY_TESTS_SQL_CUT_H

#include <stdbool.h>

/*
 * Runs act(ctx) in a process of its own, which dies at its nth write to a database's file, with
 * half of that written. True when it did; false when it came to its end before, and act() was true.
 * Everything else is a failure of the test.
 */
bool sql_cut_at(unsigned nth, bool (*act)(void *ctx), void *ctx);

#endif
