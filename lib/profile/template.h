/*
 * template: the file structure templates of the TCA specification (Annex A): which files an element
 * makes, with their identifiers, sizes, access rules and default contents.
 */
#ifndef TWINKEY_PROFILE_TEMPLATE_H
#define TWINKEY_PROFILE_TEMPLATE_H

#include "lib/profile/pe.h"

enum template_kind { TEMPLATE_MF, TEMPLATE_ADF, TEMPLATE_TR, TEMPLATE_LF, TEMPLATE_CY };

struct template_file {
	uint32_t tag; /* of the File in its element: A2, A3 ... */
	const char *name;
	uint16_t fid; /* 0: the element gives it (ADF) */
	enum template_kind kind;
	uint8_t records, arr, sfi;
	uint16_t size;	     /* of the file, or of a record; 0: the element gives it */
	const char *content; /* default, in hex; ".." after an octet: it is repeated to the end */
	bool needed;	     /* created by default: it must be there, or is made with its default */
};

struct template
{
	enum pe_tag element;
	struct slice oid; /* value of the OBJECT IDENTIFIER */
	const struct template_file *files;
	size_t count;
};

/* NULL when this element has no such template. */
const struct template *template_find(uint32_t element, struct slice oid);
/* All of them, for the test that walks the tables. */
const struct template *template_at(size_t i);

#endif
