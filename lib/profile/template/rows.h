/*
 * rows: how the tables of lib/profile/template write a row. For the files of that folder only.
 *
 * The number of a row is that of the component in the element's SEQUENCE (AUTOMATIC TAGS: its tag).
 */
#ifndef TWINKEY_PROFILE_TEMPLATE_ROWS_H
#define TWINKEY_PROFILE_TEMPLATE_ROWS_H

#include "lib/base/bytes.h"
#include "lib/profile/template/table.h"

#define ROW_TAG(n) ((n) < 31 ? 0xA0u | (n) : 0xBF00u | (n))

#define DIR(n, text, how, id, rule)                                                                \
	{                                                                                          \
		.tag = ROW_TAG(n), .name = (text), .fid = (id), .kind = (how), .arr = (rule)       \
	}
#define TR(n, text, id, octets, rule, short_id, value)                                             \
	{                                                                                          \
		.tag = ROW_TAG(n), .name = (text), .fid = (id), .kind = TEMPLATE_TR,               \
		.size = (octets), .arr = (rule), .sfi = (short_id), .content = (value)             \
	}
#define BT(n, text, id, octets, rule, short_id, value)                                             \
	{                                                                                          \
		.tag = ROW_TAG(n), .name = (text), .fid = (id), .kind = TEMPLATE_BT,               \
		.size = (octets), .arr = (rule), .sfi = (short_id), .content = (value)             \
	}
#define LF(n, text, id, count, octets, rule, short_id, value)                                      \
	{                                                                                          \
		.tag = ROW_TAG(n), .name = (text), .fid = (id), .kind = TEMPLATE_LF,               \
		.records = (count), .size = (octets), .arr = (rule), .sfi = (short_id),            \
		.content = (value)                                                                 \
	}
#define CY(n, text, id, count, octets, rule, short_id, value)                                      \
	{                                                                                          \
		.tag = ROW_TAG(n), .name = (text), .fid = (id), .kind = TEMPLATE_CY,               \
		.records = (count), .size = (octets), .arr = (rule), .sfi = (short_id),            \
		.content = (value)                                                                 \
	}

struct template_set {
	const struct template *rows;
	size_t count;
};

/* The tables, for template.c. */
extern const struct template_set templates_uicc, templates_usim, templates_5g, templates_isim,
	templates_csim;

#endif
