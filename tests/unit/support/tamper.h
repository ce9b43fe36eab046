/*
 * tamper: what somebody does who has a store's database, and no key. Over SQLite and over the
 * database that TWINKEY_TEST_DATABASE names.
 */
#ifndef TWINKEY_TESTS_UNIT_SUPPORT_TAMPER_H
#define TWINKEY_TESTS_UNIT_SUPPORT_TAMPER_H

#include <stdbool.h>
#include <stdint.h>

struct wbuf;

enum tamper_store { TAMPER_OPERATOR, TAMPER_MANAGER };

/* The stores are files of SQLite. */
bool tamper_has_files(void);
/* The same, and where they are not it is said that the case is left out. */
bool tamper_needs_files(void);
/* Statements in SQLite's words; x'' is octets. False: they are about SQLite itself, and the
 * database is another. */
bool tamper(const char *dir, enum tamper_store store, const char *sql);
/* The number that a query gives, or -1. */
int64_t tamper_number(const char *dir, enum tamper_store store, const char *sql);
/* All rows of all tables, appended to w. */
void tamper_dump(const char *dir, enum tamper_store store, struct wbuf *w);

#endif
