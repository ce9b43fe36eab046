/*
 * faultless: exchanges in which the decoder found nothing wrong, for a long trace has the same ones
 * again and again, and all that is wanted of them is that they have no fault. One is known by all
 * that decode_tell() looks at, octet by octet. For lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_FAULTLESS_H
#define TWINKEY_TRACE_AUDIT_FAULTLESS_H

#include <stdbool.h>

struct decode_item;
struct faultless;

/* NULL: out of memory. */
struct faultless *faultless_open(void);
/* Such an exchange was added, and has not made room for another one. */
bool faultless_has(struct faultless *f, const struct decode_item *item);
/* The item that was asked about last. Those with secrets, with keys to open them and those that are
 * very long are not remembered. */
void faultless_add(struct faultless *f);
void faultless_close(struct faultless **f);

#endif
