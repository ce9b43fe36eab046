/*
 * access: access rules of files in words: "read, update: PIN1". TS 102 221 9.2, 9.5; ISO 7816-4
 * 9.3.
 */
#ifndef TWINKEY_TRACE_DECODE_ACCESS_H
#define TWINKEY_TRACE_DECODE_ACCESS_H

#include "lib/trace/decode/field/field.h"

/* What the bits of an access mode mean depends on it. */
enum access_of { ACCESS_OF_ANY, ACCESS_OF_EF, ACCESS_OF_DF };

/* A leaf for each rule: access mode objects and security condition objects, FF to the end. */
void access_tell(struct slice rules, enum access_of of, const struct tree *t);
/* A leaf for each: an access mode octet, and an octet of conditions for each bit of it. */
void access_tell_compact(struct slice rules, enum access_of of, const struct tree *t);
/* A node with them in it, as of a record of EF.ARR. */
field_show field_access;
/* "PIN1", TS 102 221 table 9.3; "reserved" */
const char *access_key_name(uint8_t reference);
/* A leaf: a key reference by its name */
field_show field_key_reference;

#endif
