/*
 * fcp: the file control parameters of a card under examination, taken apart as far as they go.
 * ETSI TS 102 221 11.1.1.3, 11.1.1.4.
 */
#ifndef TWINKEY_HOST_EXAM_FCP_H
#define TWINKEY_HOST_EXAM_FCP_H

#include "lib/base/bytes.h"
#include "lib/uicc/fcp.h"

struct exam_fcp { /* borrows from the answer; absent: ptr NULL */
	struct slice body;
	struct slice descriptor, fid, name, size, sfi, lcsi, proprietary, pin_status;
	struct slice arr, compact, expanded;
	enum uicc_structure structure; /* UICC_UNKNOWN: no or a strange descriptor */
	unsigned record_len, records;  /* of record files */
	size_t octets;		       /* the file's size; 0: not said */
};

/* What is wrong with its form as TLVs; NULL: nothing. out is filled as far as possible. */
const char *fcp_take(struct slice answer, struct exam_fcp *out);
bool fcp_is_directory(const struct exam_fcp *f);
bool fcp_has_records(const struct exam_fcp *f);

#endif
