#include "host/operator/smdp/fault.h"

#include "lib/base/bytes.h"

/* Subject and reason codes: SGP.22 5.2.6.1 and 5.2.6.2; the clause is where the function has it. */
static const struct smdp_fault faults[SMDP_FAULT_COUNT] = {
	/* 5.2.6 */
	[SMDP_FAULT_MISSING] = {"1.6", "2.2", "a mandatory element is missing or of a wrong type"},
	[SMDP_FAULT_INVALID] = {"1.6", "2.1", "an element is invalid"},
	[SMDP_FAULT_SERVER] = {"1.2", "4.2", "the server could not execute the function"},
	[SMDP_FAULT_UNTRUSTED_CALLER] = {"1.1", "1.1",
					 "the function requester is not authenticated"},
	/* 5.6.1 InitiateAuthentication */
	[SMDP_FAULT_ADDRESS] = {"8.8.1", "3.8", "invalid SM-DP+ address"},
	[SMDP_FAULT_CI] = {"8.8.2", "3.1", "no CI public key in common with the eUICC"},
	[SMDP_FAULT_SVN] = {"8.8.3", "3.1", "the eUICC's specification version is not supported"},
	[SMDP_FAULT_NO_CERTIFICATE] = {"8.8.4", "3.7",
				       "no SM-DP+ certificate under a CI that the eUICC knows"},
	/* 5.6.3 AuthenticateClient */
	[SMDP_FAULT_TRANSACTION] = {"8.10.1", "3.9", "unknown transaction id"},
	[SMDP_FAULT_CI_UNKNOWN] = {"8.11.1", "3.9", "the CI of the EUM certificate is not trusted"},
	[SMDP_FAULT_EUM] = {"8.1.2", "6.1", "the EUM certificate is not valid"},
	[SMDP_FAULT_EUM_EXPIRED] = {"8.1.2", "6.3", "the EUM certificate has expired"},
	[SMDP_FAULT_EUM_REVOKED] = {"8.1.2", "6.1", "the EUM certificate was revoked"},
	[SMDP_FAULT_EUICC] = {"8.1.3", "6.1", "the eUICC certificate is not valid"},
	[SMDP_FAULT_EUICC_EXPIRED] = {"8.1.3", "6.3", "the eUICC certificate has expired"},
	[SMDP_FAULT_SIGNATURE] = {"8.1", "6.1", "the eUICC's signature or challenge is invalid"},
	[SMDP_FAULT_EUICC_REFUSED] = {"8.1", "4.2", "the eUICC reported an error"},
	[SMDP_FAULT_NOT_RELEASED] = {"8.2", "1.2", "the profile has not been released yet"},
	[SMDP_FAULT_MATCHING_ID] = {"8.2.6", "3.8", "the matching id is refused"},
	[SMDP_FAULT_EID] = {"8.1.1", "3.8", "there is no profile for this eUICC here"},
	[SMDP_FAULT_NOT_ELIGIBLE] = {"8.2.5", "4.3", "no profile that this eUICC could have"},
	[SMDP_FAULT_MEMORY] = {"8.1", "4.8", "the eUICC has not enough memory for the profile"},
	[SMDP_FAULT_EXPIRED] = {"8.8.5", "4.10", "the download order has expired"},
	[SMDP_FAULT_TRIES] = {"8.8.5", "6.4", "the profile was downloaded too often"},
	/* 5.6.2 GetBoundProfilePackage */
	[SMDP_FAULT_NO_BINDING] = {"8.2", "3.7", "the profile can not be bound again"},
	[SMDP_FAULT_CODE_MISSING] = {"8.2.7", "2.2", "the confirmation code is missing"},
	[SMDP_FAULT_CODE_WRONG] = {"8.2.7", "3.8", "the confirmation code is refused"},
	[SMDP_FAULT_CODE_TRIES] = {"8.2.7", "6.4", "too many wrong confirmation codes"},
	/* 5.6.5 CancelSession */
	[SMDP_FAULT_OID] = {"8.8", "3.10", "the SM-DP+ OID is another one's"},
	/* 5.3.1 DownloadOrder, 5.3.2 ConfirmOrder, 5.3.3 CancelOrder, 5.3.4 ReleaseProfile */
	[SMDP_FAULT_ICCID_UNKNOWN] = {"8.2.1", "3.9", "there is no profile with this ICCID"},
	[SMDP_FAULT_ICCID_USED] = {"8.2.1", "3.3", "the profile is in use"},
	[SMDP_FAULT_TRANSITION] = {"8.2.1", "3.5", "the profile's state does not allow this"},
	[SMDP_FAULT_TYPE_UNKNOWN] = {"8.2.5", "3.9", "there is no such profile type"},
	[SMDP_FAULT_TYPE_EMPTY] = {"8.2.5", "3.7", "no profile of this type is available"},
	[SMDP_FAULT_TYPE_OTHER] = {"8.2.5", "3.8", "the profile is of another type"},
	[SMDP_FAULT_EID_OTHER] = {"8.1.1", "3.10", "the order is for another EID"},
	[SMDP_FAULT_EID_MISSING] = {"8.1.1", "2.2", "the EID is missing that this order needs"},
	[SMDP_FAULT_EID_NOT_OF_ICCID] = {"8.2.1", "3.10", "the ICCID is another EID's"},
	[SMDP_FAULT_WHICH] = {"1.6", "2.2", "iccid and profileType: one must be there"},
	[SMDP_FAULT_EID_FORM] = {"1.6", "2.1", "eid: no eUICC has the EID of zeros"},
	[SMDP_FAULT_MATCHING_ID_FORM] = {"1.6", "2.1",
					 "matchingId: capital letters, digits and hyphens alone, "
					 "at most 64 (SGP.22 4.1.1)"},
	[SMDP_FAULT_SMDP_OTHER] = {"8.8.1", "3.8", "the SM-DP+ address is another one's"},
	[SMDP_FAULT_MATCHING_ID_USED] = {"8.2.6", "3.3", "the matching id is in use"},
	[SMDP_FAULT_MATCHING_ID_OTHER] = {"8.2.6", "3.10", "the order has another matching id"},
	[SMDP_FAULT_SMDS] = {"8.9", "5.1", "there is no SM-DS that the SM-DP+ could tell"},
};

const struct smdp_fault *smdp_fault(enum smdp_fault_cause cause)
{
	return &faults[cause];
}

static const struct {
	enum err e;
	enum smdp_fault_cause cause;
} causes[] = {
	{ERR_TAG, SMDP_FAULT_MISSING},	     {ERR_TRUNCATED, SMDP_FAULT_INVALID},
	{ERR_TRAILING, SMDP_FAULT_INVALID},  {ERR_ENCODING, SMDP_FAULT_INVALID},
	{ERR_DEPTH, SMDP_FAULT_INVALID},     {ERR_VALUE, SMDP_FAULT_INVALID},
	{ERR_LENGTH, SMDP_FAULT_INVALID},    {ERR_SPACE, SMDP_FAULT_INVALID},
	{ERR_DUPLICATE, SMDP_FAULT_INVALID}, {ERR_UNSUPPORTED, SMDP_FAULT_INVALID},
	{ERR_POINT, SMDP_FAULT_INVALID},
};

const struct smdp_fault *smdp_fault_of(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		if (causes[i].e == e)
			return &faults[causes[i].cause];
	}
	return &faults[SMDP_FAULT_SERVER];
}
