/*
 * smdp_fault: how the subscription manager refuses: subject and reason code (SGP.22 5.2.6) of each
 * cause that ES2+ and ES9+ have.
 */
#ifndef TWINKEY_OPERATOR_SMDP_FAULT_H
#define TWINKEY_OPERATOR_SMDP_FAULT_H

#include "lib/err.h"

enum smdp_fault_cause {
	SMDP_FAULT_MISSING, /* what a request lacks or has wrong */
	SMDP_FAULT_INVALID,
	SMDP_FAULT_SERVER,
	SMDP_FAULT_UNTRUSTED_CALLER,
	SMDP_FAULT_ADDRESS, /* ES9+ */
	SMDP_FAULT_CI,
	SMDP_FAULT_SVN,
	SMDP_FAULT_NO_CERTIFICATE,
	SMDP_FAULT_TRANSACTION,
	SMDP_FAULT_CI_UNKNOWN,
	SMDP_FAULT_EUM,
	SMDP_FAULT_EUM_EXPIRED,
	SMDP_FAULT_EUICC,
	SMDP_FAULT_EUICC_EXPIRED,
	SMDP_FAULT_SIGNATURE,
	SMDP_FAULT_EUICC_REFUSED,
	SMDP_FAULT_NOT_RELEASED,
	SMDP_FAULT_MATCHING_ID,
	SMDP_FAULT_EID,
	SMDP_FAULT_NOT_ELIGIBLE,
	SMDP_FAULT_EXPIRED,
	SMDP_FAULT_TRIES,
	SMDP_FAULT_NO_BINDING,
	SMDP_FAULT_CODE_MISSING,
	SMDP_FAULT_CODE_WRONG,
	SMDP_FAULT_CODE_TRIES,
	SMDP_FAULT_OID,
	SMDP_FAULT_ICCID_UNKNOWN, /* ES2+ */
	SMDP_FAULT_ICCID_USED,
	SMDP_FAULT_TRANSITION,
	SMDP_FAULT_TYPE_UNKNOWN,
	SMDP_FAULT_TYPE_EMPTY,
	SMDP_FAULT_TYPE_OTHER,
	SMDP_FAULT_EID_OTHER,
	SMDP_FAULT_EID_MISSING,
	SMDP_FAULT_MATCHING_ID_USED,
	SMDP_FAULT_MATCHING_ID_OTHER,
	SMDP_FAULT_COUNT
};

struct smdp_fault {
	const char *subject, *reason, *message;
};

const struct smdp_fault *smdp_fault(enum smdp_fault_cause cause);
/* What an error that came of the request's form, or of the server, is called there. */
const struct smdp_fault *smdp_fault_of(enum err e);

#endif
