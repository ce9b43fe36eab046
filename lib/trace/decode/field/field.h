/*
 * field: what octets are made of, as tables: a row a field, with the function that tells it. Fields
 * stand one behind the other, or they are BER-TLV objects.
 *
 * Nothing fails: what does not fit is told as a node with a fault. Nothing is read past the slice.
 */
#ifndef TWINKEY_TRACE_DECODE_FIELD_H
#define TWINKEY_TRACE_DECODE_FIELD_H

#include "lib/trace/decode/tree.h"

struct field;
/* Tells one field, or one object by its value, as one node. */
typedef void field_show(const struct field *f, struct slice v, const struct tree *t);

struct field {
	const char *key, *name; /* as in struct tree_node */
	uint32_t tag;		/* of an object; 0: it stands by its place */
	uint16_t len;		/* octets; 0: what the fields behind it leave (of an object: any) */
	bool optional;		/* the octets may end in front of it */
	field_show *show;	/* NULL: the octets say it all */
	const void *of;		/* what show takes, see there */
};

struct fields {
	const struct field *rows;
	size_t count;
	/* Something in them is a secret: no octets are told but those of rows that name them open,
	 * by a function other than field_secret(). */
	bool secret;
};
#define FIELDS(name, ...)                                                                          \
	static const struct field name##_rows[] = {__VA_ARGS__};                                   \
	static const struct fields name = {name##_rows, ARRAY_LEN(name##_rows), false}
#define SECRET_FIELDS(name, ...)                                                                   \
	static const struct field name##_rows[] = {__VA_ARGS__};                                   \
	static const struct fields name = {name##_rows, ARRAY_LEN(name##_rows), true}

void field_tell(const struct field *f, struct slice v, const struct tree *t);
/* The rows in their order. What is missing, and what is left, is told. */
void fields_tell(const struct fields *rows, struct slice v, const struct tree *t);
/* The objects of v, each by its row; FF and 00 in front of them and behind fill up. */
void objects_tell(const struct fields *rows, struct slice v, const struct tree *t);
/* All octets are FF. Also true of none. */
bool field_is_blank(struct slice v);
/* A leaf of its octets alone; fault may be NULL. */
void field_octets(const struct field *f, struct slice v, const char *fault, const struct tree *t);

/* of: struct fields. A node with fields in it, or with objects. */
field_show field_fields, field_objects;
/* of: struct field, with a len. A node with as many of it as there are; those of FF are left out.
 */
field_show field_list;
/* of: struct field, as long as the octet in front of it says. */
field_show field_counted;
/* of: a unit, or NULL. A number of up to eight octets. */
field_show field_number;
/* How long a secret is, and nothing else. */
field_show field_secret;

/* of: struct words: one text for each value */
struct word {
	uint32_t value;
	const char *text;
};
struct words {
	const struct word *rows;
	size_t count;
};
#define WORDS(name, ...)                                                                           \
	static const struct word name##_rows[] = {__VA_ARGS__};                                    \
	static const struct words name = {name##_rows, ARRAY_LEN(name##_rows)}
field_show field_words;
/* NULL: there is none. */
const char *words_find(const struct words *w, uint32_t value);

/* of: struct bits: parts of up to four octets that are one number */
struct bit {
	uint8_t at, width; /* from the lowest bit, 0 */
	const char *key, *name;
	const struct words *words; /* NULL: a number, or yes and no where the width is 1 */
};
struct bits {
	const struct bit *rows;
	size_t count;
};
#define BITS(name, ...)                                                                            \
	static const struct bit name##_rows[] = {__VA_ARGS__};                                     \
	static const struct bits name = {name##_rows, ARRAY_LEN(name##_rows)}
/* Reserved bits that are set are a fault; but if all are, nothing is set. */
field_show field_bits;

#endif
