/*
 * records: the commands on records, TS 102 221 11.1.5 to 11.1.8.
 */
#ifndef TWINKEY_CARD_RECORDS_H
#define TWINKEY_CARD_RECORDS_H

#include "lib/base/bytes.h"

struct app_call;
struct fs_file;

uint16_t record_read(struct app_call *call);
uint16_t record_update(struct app_call *call);
uint16_t record_search(struct app_call *call);
uint16_t record_increase(struct app_call *call);
/* TS 51.011 8.7: the record from which number `from` on that begins with the pattern; 0: none. */
unsigned record_seek(const struct fs_file *f, unsigned from, bool back, struct slice pattern);

#endif
