/*
 * kind: the detail of a finding without the numbers that run, for findings of one kind are one to a
 * baseline, whatever their count, place or time. For lib/trace/audit/run.c.
 *
 * In the printf format of a detail, %u of any length and all that is longer than an int is a number
 * that runs, and becomes "#". The rest tells what was found: names, codes, TARs and files by %s and
 * %02X, and by %d those that are decimal. A %s with a precision is text of others: each word of it
 * that has a digit becomes "#".
 */
#ifndef TWINKEY_TRACE_AUDIT_KIND_H
#define TWINKEY_TRACE_AUDIT_KIND_H

#include <stdarg.h>
#include <stddef.h>

/* detail: what the format and its arguments make, cut or not. out: cap octets, of which one is the
 * 0 at the end. */
void audit_kind_of(const char *format, const char *detail, va_list ap, char *out, size_t cap);

#endif
