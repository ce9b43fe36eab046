/* Faults of the ISD-R and what it tells: SGP.22. */
#include "lib/rsp/rsp.h"

#include "lib/base/tlv.h"
#include "lib/uicc/aid.h"
#include "tests/tool/faulty/fault.h"

#define PATH(...) ((const uint32_t[]){__VA_ARGS__, 0})

static bool in_isdr(const struct faulty *f, const struct apdu *a)
{
	return a->ins == INS_STORE_DATA && fault_in_app(fault_place_of(f, a), aid_of(AID_ISDR));
}

static bool selects_isdr(const struct faulty *f, const struct apdu *a)
{
	(void)f;
	return a->ins == INS_SELECT && slice_starts(a->data, aid_of(AID_ISDR));
}

static void eid_check(struct fault_turn *t)
{
	struct slice eid;

	if (fault_find_tlv(t->data,
			   PATH(RSP_GetEuiccDataResponse, RSP_GetEuiccDataResponse_eidValue), &eid))
		fault_flip(t->data, -1);
}

static void eid_short(struct fault_turn *t)
{
	const uint32_t *path = PATH(RSP_GetEuiccDataResponse, RSP_GetEuiccDataResponse_eidValue);
	struct slice eid;

	if (fault_find_tlv(t->data, path, &eid)) {
		uint8_t kept[RSP_EID_LEN - 1];
		struct slice with = SLICE_OF(kept);

		if (slice_copy(slice_sub(eid, 0, sizeof(kept)), kept, sizeof(kept)) == ERR_OK)
			fault_edit_tlv(t->data, path, &with);
	}
}

/* EUICCInfo2 says another version than EUICCInfo1. */
static void infos_differ(struct fault_turn *t)
{
	static const uint8_t version[] = {2, 2, 2};
	struct slice with = SLICE_OF(version);

	fault_edit_tlv(t->data, PATH(RSP_EUICCInfo2, RSP_EUICCInfo2_svn), &with);
}

static void odd_svn(struct fault_turn *t)
{
	static const uint8_t version[] = {2, 5};
	struct slice with = SLICE_OF(version);

	fault_edit_tlv(t->data, PATH(RSP_EUICCInfo1, RSP_EUICCInfo1_svn), &with);
}

static void no_ci(struct fault_turn *t)
{
	struct slice none = slice_make("", 0);

	fault_edit_tlv(t->data, PATH(RSP_EUICCInfo1, RSP_EUICCInfo1_euiccCiPKIdListForSigning),
		       &none);
}

static void cut_ci(struct fault_turn *t)
{
	struct slice list;
	const uint32_t *path = PATH(RSP_EUICCInfo1, RSP_EUICCInfo1_euiccCiPKIdListForVerification,
				    ASN1_OCTET_STRING);

	if (fault_find_tlv(t->data, path, &list) && list.len > 8) {
		uint8_t kept[8];
		struct slice with = SLICE_OF(kept);

		if (slice_copy(slice_sub(list, 0, sizeof(kept)), kept, sizeof(kept)) == ERR_OK)
			fault_edit_tlv(t->data, path, &with);
	}
}

/* The first challenge is every challenge. */
static void same_challenge(struct fault_turn *t)
{
	struct slice challenge;

	if (!fault_find_tlv(t->data,
			    PATH(RSP_GetEuiccChallengeResponse,
				 RSP_GetEuiccChallengeResponse_euiccChallenge),
			    &challenge))
		return;
	if (t->f->memory.len) {
		wbuf_cut(t->data, 0);
		wbuf_put(t->data, wbuf_slice(&t->f->memory));
	} else {
		wbuf_put(&t->f->memory, wbuf_slice(t->data));
	}
}

static void no_fci(struct fault_turn *t)
{
	if (t->sw == SW_OK)
		wbuf_cut(t->data, 0);
}

/* Each profile's ICCID is one octet shorter than the standard has it. */
static void profile_iccid(struct fault_turn *t)
{
	const uint32_t *path = PATH(RSP_ProfileInfoListResponse, ASN1_CONTEXTC(0), RSP_ProfileInfo,
				    RSP_ProfileInfo_iccid);
	struct slice iccid;

	if (fault_find_tlv(t->data, path, &iccid)) {
		uint8_t kept[RSP_ICCID_LEN - 1];
		struct slice with = SLICE_OF(kept);

		if (slice_copy(slice_sub(iccid, 0, sizeof(kept)), kept, sizeof(kept)) == ERR_OK)
			fault_edit_tlv(t->data, path, &with);
	}
}

static void no_enabled_profile(struct fault_turn *t)
{
	static const uint8_t disabled[] = {0};
	struct slice with = SLICE_OF(disabled);

	fault_edit_tlv(t->data,
		       PATH(RSP_ProfileInfoListResponse, ASN1_CONTEXTC(0), RSP_ProfileInfo,
			    RSP_ProfileInfo_profileState),
		       &with);
}

/* The root SM-DS has no address. */
static void no_smds(struct fault_turn *t)
{
	fault_edit_tlv(t->data,
		       PATH(RSP_EuiccConfiguredAddressesResponse,
			    RSP_EuiccConfiguredAddressesResponse_rootDsAddress),
		       NULL);
}

#define FAULT(id, which, function, text, where, finder)                                            \
	{                                                                                          \
		.name = (id), .what = (text), .clause = (where), .finds = (finder),                \
		.card = "euicc", .concerns = (which), .answer = (function)                         \
	}
static const struct fault rows[] = {
	FAULT("euicc-eid-check", in_isdr, eid_check, "the check digits of the EID are wrong",
	      "SGP.29 3", "isdr.eid"),
	FAULT("euicc-eid-short", in_isdr, eid_short, "the EID has fifteen octets", "SGP.22 5.7.20",
	      "isdr.eid"),
	FAULT("euicc-infos", in_isdr, infos_differ,
	      "EUICCInfo1 and EUICCInfo2 announce two versions", "SGP.22 5.7.8",
	      "isdr.infos-agree"),
	FAULT("euicc-svn", in_isdr, odd_svn, "the version in EUICCInfo1 has two octets",
	      "SGP.22 5.7.8", "isdr.info1"),
	FAULT("euicc-no-ci", in_isdr, no_ci, "EUICCInfo1 has no CI to sign under", "SGP.22 5.7.8",
	      "isdr.info1"),
	FAULT("euicc-ci-short", in_isdr, cut_ci, "a CI's key identifier has eight octets",
	      "SGP.22 5.7.8", "isdr.infos-agree"),
	FAULT("euicc-challenge", in_isdr, same_challenge,
	      "the challenge is the same again and again", "SGP.22 5.7.7", "isdr.challenge"),
	FAULT("euicc-no-fci", selects_isdr, no_fci, "SELECT of the ISD-R gives no FCI",
	      "SGP.22 5.7.1", "isdr.fci"),
	FAULT("euicc-iccid", in_isdr, profile_iccid, "a profile's ICCID has nine octets",
	      "SGP.22 5.7.15", "isdr.profiles"),
	FAULT("euicc-not-enabled", in_isdr, no_enabled_profile,
	      "no profile is enabled, and its files are there", "SGP.22 5.7.15",
	      "isdr.profile-files"),
	FAULT("euicc-no-smds", in_isdr, no_smds, "the root SM-DS has no address", "SGP.22 5.7.3",
	      "isdr.addresses"),
};

FAULT_TABLE(faults_of_euicc, rows);
