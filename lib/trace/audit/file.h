/*
 * file: what a command reads from a file or writes into it, from its beginning on. For
 * lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_FILE_H
#define TWINKEY_TRACE_AUDIT_FILE_H

#include "lib/base/bytes.h"

struct audit_step;

struct audit_file {
	uint32_t scope; /* a number for the application that it lies in; 0: none */
	bool is_gsm;	/* of DF.GSM */
	uint16_t df;	/* in an ADF; 0: in the MF, an ADF or DF.GSM itself */
	bool in_mf, in_usim, in_isim, in_telecom;
	uint16_t fid;
	unsigned record; /* its number; 0: the file has none, or which is not said */
	struct slice content;
	bool is_written;
};

/* Where a file lies that a command names, whatever came of it; false: it names none. */
bool audit_file_named(const struct audit_step *s, struct audit_file *out);
/* The same with what is in it, from the first octet on, when it was done. All FF: it is empty or
 * masked. */
bool audit_file_of(const struct audit_step *s, struct audit_file *out);

#endif
