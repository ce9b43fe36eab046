/*
 * rows: how the tables of lib/trace/decode/ef write a row. For the files of that folder only.
 */
#ifndef TWINKEY_TRACE_DECODE_EF_ROWS_H
#define TWINKEY_TRACE_DECODE_EF_ROWS_H

#include "lib/trace/decode/ef/table.h"

#define EF_ROW(where, id, short_id, kind, ef_name, full, from, how, what)                          \
	{                                                                                          \
		.place = EF_##where, .fid = (id), .sfi = (short_id), .structure = (kind),          \
		.name = (ef_name), .title = (full), .clause = (from), .show = (how), .of = (what)  \
	}
#define TR(where, id, sfi, name, full, from, how, what)                                            \
	EF_ROW(where, id, sfi, UICC_TRANSPARENT, name, full, from, how, what)
#define LF(where, id, sfi, name, full, from, how, what)                                            \
	EF_ROW(where, id, sfi, UICC_LINEAR, name, full, from, how, what)
#define CY(where, id, sfi, name, full, from, how, what)                                            \
	EF_ROW(where, id, sfi, UICC_CYCLIC, name, full, from, how, what)
#define BT(where, id, sfi, name, full, from, how, what)                                            \
	EF_ROW(where, id, sfi, UICC_BER_TLV, name, full, from, how, what)

/* A file of the Common PCN Handset Specification, which lies in both */
#define CPHS(id, name, full, from, how, what)                                                      \
	TR(GSM, id, 0, name, full, "CPHS 4.2 " from, how, what),                                   \
		TR(USIM, id, 0, name, full, "CPHS 4.2 " from, how, what)

struct ef_set {
	const struct ef_kind *rows;
	size_t count;
};

/* The tables, for ef.c. */
extern const struct ef_set efs_uicc, efs_identity, efs_services, efs_network, efs_location,
	efs_security, efs_numbers, efs_messages, efs_calls, efs_phonebook, efs_5gs, efs_ims,
	efs_packet, efs_media, efs_proximity;

#endif
