/*
 * table: what the tables of templates say of a template and of each of its files.
 *
 * A DF row (after the first) begins a folder below the template's own; the rows after it lie in it.
 * Default contents are hex: "FF.." repeats the last octet to the end, "FF..07" up to what follows,
 * "FFFFFF0000*" repeats the whole. Of a file with records it is the content of each record.
 */
#ifndef TWINKEY_PROFILE_TEMPLATE_TABLE_H
#define TWINKEY_PROFILE_TEMPLATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/profile/pe.h"

/* 2.23.143.1.2, the arc of all templates; then come number and version. */
#define TEMPLATE_ARC 0x67, 0x81, 0x0F, 0x01, 0x02

enum template_kind {
	TEMPLATE_MF,
	TEMPLATE_ADF,
	TEMPLATE_DF,
	TEMPLATE_TR,
	TEMPLATE_LF,
	TEMPLATE_CY,
	TEMPLATE_BT,
};

/* Where the files lie: in a DF of their own under the MF or the USIM's ADF, or in an ADF. */
enum template_place {
	TEMPLATE_UNDER_MF, /* also an ADF, which lies nowhere */
	TEMPLATE_IN_USIM,
	TEMPLATE_IN_ISIM,
	TEMPLATE_IN_CSIM,
};

struct template_file {
	uint32_t tag; /* of the File in its element: A2, A3 ... */
	const char *name;
	uint16_t fid; /* 0: the element gives it */
	enum template_kind kind;
	uint8_t records, arr, sfi;
	uint16_t size;	     /* of the file, or of a record; 0: the element gives it */
	const char *content; /* default, or NULL */
	bool optional;	     /* of a template that is created by default: not made when absent */
};

struct template
{
	enum pe_tag element;
	uint8_t number, version; /* OID 2.23.143.1.2.number[.version]; version 0: none */
	enum template_place place;
	bool by_default; /* the card makes files that the element does not name, too */
	const struct template_file *files;
	size_t count;
};

#endif
