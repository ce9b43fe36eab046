/*
 * asn1_module: reads as much of an ASN.1 module (X.680) as tells which tag each member of its types
 * has, with AUTOMATIC TAGS (24.7 to 24.9, 30.6): it is the second opinion on tables written by
 * hand.
 */
#ifndef TWINKEY_TESTS_ASN1_MODULE_H
#define TWINKEY_TESTS_ASN1_MODULE_H

#include "lib/base/bytes.h"

enum asn1_kind { ASN1_IS_SEQUENCE, ASN1_IS_CHOICE, ASN1_IS_LIST, ASN1_IS_PRIMITIVE, ASN1_IS_NAME };

struct asn1_type;
struct asn1_member {
	char name[64];
	uint32_t tag; /* 0: a CHOICE without one of its own */
	bool optional;
	const struct asn1_type *type;
};

struct asn1_module;
/* Ends the program for what it does not understand. Free by asn1_module_free(). */
struct asn1_module *asn1_module_read(struct slice text);
void asn1_module_free(struct asn1_module *m);

/* NULL: the module has no such type. */
const struct asn1_type *asn1_find(const struct asn1_module *m, const char *name);
/* The i-th type that has a name; NULL at the end. */
const char *asn1_name(const struct asn1_module *m, size_t i);
/* What a type is when the names are followed; ASN1_IS_NAME: one that is imported. */
const struct asn1_type *asn1_base(const struct asn1_module *m, const struct asn1_type *t);
enum asn1_kind asn1_kind_of(const struct asn1_type *t);
uint32_t asn1_tag(const struct asn1_module *m, const struct asn1_type *t);
/* The i-th member of a SEQUENCE or CHOICE; false at the end. */
bool asn1_member_at(const struct asn1_module *m, const struct asn1_type *t, size_t i,
		    struct asn1_member *out);
const struct asn1_type *asn1_item(const struct asn1_type *list);

#endif
