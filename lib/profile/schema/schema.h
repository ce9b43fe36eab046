/*
 * schema: PEDefinitions of the TCA eUICC Profile Package specification 3.3.1, as tables.
 *
 * One row a field: its name as in the ASN.1, its tag (AUTOMATIC TAGS worked out), its type, whether
 * it may be absent, its default. A package is a node; a node has children in the order in which
 * they stand. What the tables do not know (EXTENSIBILITY IMPLIED) is a child without a type, so
 * that who reads a package by these tables can give every octet back. Nothing is allocated.
 */
#ifndef TWINKEY_PROFILE_SCHEMA_H
#define TWINKEY_PROFILE_SCHEMA_H

#include "lib/base/bytes.h"
#include "lib/profile/schema/type.h"

struct schema_node {
	const struct schema_type *type; /* NULL: not known */
	const struct schema_field *field;
	uint32_t tag;
	struct slice value, raw; /* raw: tag and length in front */
	bool secret;		 /* this or what it stands in is secret */
};

/* The whole package: a list of ProfileElements. */
struct schema_node schema_package(struct slice package);

struct schema_iter {
	struct schema_node of;
	struct cursor c;
	size_t next; /* field that may come next */
	bool missing, unknown, disorder;
};
/* The children of a SEQUENCE, a CHOICE or a LIST; no child of any other. */
struct schema_iter schema_children(const struct schema_node *n);
/* False at the end and on failure (it->c.err: no DER). */
bool schema_next(struct schema_iter *it, struct schema_node *child);

/*
 * Whether n, itself and not its children, has the shape of its type: fields in their order, none
 * missing, unknown ones behind them; an INTEGER that is minimal and not negative, a canonical
 * OBJECT IDENTIFIER, UTF-8 without control characters. Only then can n be encoded again from its
 * type and value. ERR_TAG: fields missing, twice or in disorder; ERR_ENCODING, ERR_VALUE ...: no
 * such value.
 */
enum err schema_fits(const struct schema_node *n) MUST_CHECK;

/*
 * The descendant at a path of field names, "algoConfiguration/algoParameter/key". False when it is
 * not there (a default is not put in its place).
 */
bool schema_get(const struct schema_node *n, const char *path, struct schema_node *out);
/* Its octets, empty when it is not there. */
struct slice schema_octets(const struct schema_node *n, const char *path);
/* Its number; when it is absent, that of the default; when there is none, otherwise. */
uint64_t schema_uint(const struct schema_node *n, const char *path, uint64_t otherwise);

const struct schema_field *schema_field_named(const struct schema_type *t, const char *name);
/* The name of an INTEGER's value, or NULL. */
const char *schema_value_name(const struct schema_type *t, uint64_t value);
bool schema_value_of(const struct schema_type *t, const char *name, uint64_t *value);
/* n holds what the row says when the field is absent. */
bool schema_is_default(const struct schema_node *n);
/* The SIZE or range of the ASN.1 holds. */
bool schema_in_range(const struct schema_node *n);

#endif
