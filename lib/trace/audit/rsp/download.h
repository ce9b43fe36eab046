/*
 * download: what follows the authentication of a session: preparation, package, result,
 * cancellation. For lib/trace/audit/rsp alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_RSP_DOWNLOAD_H
#define TWINKEY_TRACE_AUDIT_RSP_DOWNLOAD_H

struct audit_run;
struct audit_step;
struct rsp;

/* PrepareDownload, the first piece of a package, CancelSession; the answer to any piece: for the
 * step of the family. */
void rsp_take_prepare(struct audit_run *r, struct rsp *st, const struct audit_step *s);
void rsp_take_package(struct audit_run *r, struct rsp *st, const struct audit_step *s);
void rsp_take_result(struct audit_run *r, struct rsp *st, const struct audit_step *s);
void rsp_take_cancel(struct audit_run *r, struct rsp *st, const struct audit_step *s);

#endif
