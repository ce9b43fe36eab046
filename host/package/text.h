/*
 * text: a profile package for people: a tree with the names of the ASN.1, and what the
 * values mean where that is known.
 */
#ifndef TWINKEY_HOST_PROFILE_PACKAGE_TEXT_H
#define TWINKEY_HOST_PROFILE_PACKAGE_TEXT_H

#include <stdio.h>

#include "lib/profile/schema/schema.h"

/* The package has passed package_check(). Without secrets "(N octets, masked)" stands for them. */
void package_print(struct slice package, bool secrets, FILE *to);
/* What the value of a field means, "" when there is nothing to say; file: the name of the File that
 * it stands in, or "". */
void package_meaning(const struct schema_node *n, const char *file, char *text, size_t cap);
/* A primitive value in short; masked and long ones by their length. */
void package_value(const struct schema_node *n, bool secrets, char *text, size_t cap);

#endif
