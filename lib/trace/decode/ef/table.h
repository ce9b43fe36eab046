/*
 * table: what the tables of files say of a file: where it lies, its identifiers, what stands in it.
 */
#ifndef TWINKEY_TRACE_DECODE_EF_TABLE_H
#define TWINKEY_TRACE_DECODE_EF_TABLE_H

#include "lib/trace/decode/field/field.h"
#include "lib/uicc/fcp.h"

/* The directories that have files of the standards */
enum ef_place {
	EF_NOWHERE, /* a directory that no standard has */
	EF_MF,
	EF_CD,
	EF_TELECOM,
	EF_GRAPHICS,
	EF_PHONEBOOK, /* in DF.TELECOM, or in the USIM */
	EF_MULTIMEDIA,
	EF_MMSS,
	EF_MCS,
	EF_V2X,
	EF_USIM,
	EF_GSM_ACCESS,
	EF_MEXE, /* in the USIM, or in DF.GSM */
	EF_SOLSA,
	EF_WLAN,
	EF_HNB,
	EF_PROSE,
	EF_ACDC,
	EF_TV,
	EF_5GS,
	EF_SAIP,
	EF_SNPN,
	EF_5G_PROSE,
	EF_5MBS,
	EF_ISIM,
	EF_GSM,
	EF_PLACES
};

struct ef_kind {
	enum ef_place place;
	uint16_t fid; /* 0: another file of the card says which, see ef_of_phonebook() */
	uint8_t sfi;  /* as the standard proposes it; 0: none */
	enum uicc_structure structure;
	const char *name;  /* "EF.IMSI" */
	const char *title; /* "IMSI" in full */
	const char *clause;
	field_show *show; /* for ef_show() */
	const void *of;
};

#endif
