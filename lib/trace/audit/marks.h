/*
 * marks: which events of a trace are of weight, told in one place for all: who does what to whom.
 * A family of rules tells what only it knows besides (audit_tell()). For lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_MARKS_H
#define TWINKEY_TRACE_AUDIT_MARKS_H

struct audit_run;
struct audit_step;
struct trace_event;

void marks_step(struct audit_run *r, const struct audit_step *s);
void marks_event(struct audit_run *r, const struct trace_event *e);

#endif
