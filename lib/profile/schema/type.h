/*
 * type: how the tables of the schema describe the types of PEDefinitions.
 */
#ifndef TWINKEY_PROFILE_SCHEMA_TYPE_H
#define TWINKEY_PROFILE_SCHEMA_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_kind {
	SCHEMA_SEQUENCE, /* fields in their order */
	SCHEMA_CHOICE,	 /* one of the fields */
	SCHEMA_LIST,	 /* SEQUENCE OF item */
	SCHEMA_OCTETS,
	SCHEMA_INTEGER,
	SCHEMA_UTF8,
	SCHEMA_OID,
	SCHEMA_NULL
};

struct schema_name { /* a named value of an INTEGER */
	uint64_t value;
	const char *name;
};

struct schema_type {
	const char *name; /* of the ASN.1 */
	enum schema_kind kind;
	const struct schema_field *fields; /* SEQUENCE, CHOICE */
	size_t count;
	const struct schema_type *item; /* LIST */
	uint32_t item_tag; /* 0: the item is a CHOICE, its alternatives have the tags */
	const struct schema_name *names;
	size_t name_count;
	uint64_t min, max; /* SIZE of octets, text or list, range of an INTEGER; max 0: none */
};

struct schema_field {
	const char *name;
	uint32_t tag;
	const struct schema_type *type;
	bool optional;
	const char *dflt; /* hex of octets, decimal of an INTEGER; NULL: none */
	bool secret;	  /* a key, a code, or a file that holds keys */
	bool content;	  /* of a file: secret when the file is */
};

#endif
