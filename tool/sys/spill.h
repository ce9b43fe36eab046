/*
 * spill: a file without a name, for what memory has no room for: nobody else sees it, and it is
 * gone with the process.
 */
#ifndef TWINKEY_TOOL_SPILL_H
#define TWINKEY_TOOL_SPILL_H

#include "lib/base/bytes.h"

/* Zeros: nothing was spilled yet, and there is no file. */
struct spill {
	bool is_open;
	int fd;
};

/* In TMPDIR, else in /tmp; the first write makes the file. False: it failed. ctx: a struct spill.
 */
bool spill_write(void *ctx, uint64_t at, struct slice octets);
/* All len octets, which were written. */
bool spill_read(void *ctx, uint64_t at, uint8_t *dst, size_t len);
void spill_close(struct spill *s);

#endif
