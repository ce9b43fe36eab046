/*
 * template: the file structure templates of the TCA specification (Annex A): which files an element
 * makes, with their identifiers, sizes, access rules and default contents.
 */
#ifndef TWINKEY_PROFILE_TEMPLATE_H
#define TWINKEY_PROFILE_TEMPLATE_H

#include "lib/base/bytes.h"
#include "lib/profile/template/table.h"

#define TEMPLATE_OID_MAX 7

/* NULL when this element has no such template. */
const struct template *template_find(uint32_t element, struct slice oid);
/* The template with this identifier, of whatever element; NULL: there is none. */
const struct template *template_of(struct slice oid);
/* The value of its OBJECT IDENTIFIER. */
struct slice template_oid(const struct template *t, uint8_t mem[static TEMPLATE_OID_MAX]);
/*
 * Fcp, securityAttributesReferenced: the EF.ARR that a record number alone refers to, by the place
 * of the file (FIDs in hex, from the MF or from an ADF): that of the MF for the MF, an ADF, and
 * what lies in the MF.
 */
uint16_t template_arr_at(const char *path);
/* All of them, for the test that walks the tables. */
const struct template *template_at(size_t i);
/* Fills len octets with a default content; false when it is not written as table.h describes. */
bool template_expand(const char *content, uint8_t *out, size_t len);

#endif
