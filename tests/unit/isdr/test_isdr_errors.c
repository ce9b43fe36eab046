/*
 * Every error code of the functions of ES10a, ES10b, ES10c and ES8+ (SGP.22 annex H): how the card
 * comes to it, or why it never does. The table is compared with the ASN.1 module.
 */
#include "tests/unit/isdr/isdr_reach.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct row {
	const char *type; /* the name before "INTEGER {" in RSPDefinitions */
	unsigned code;
	const char *name;
	isdr_reach *reach; /* NULL: the card never answers so */
	const char *how;   /* how, or why never */
	const char *clause;
} rows[] = {
	{"setDefaultDpAddressResult", 0, "ok", reach_dp_ok, "an address", "5.7.4"},
	{"setDefaultDpAddressResult", 127, "undefinedError", reach_dp_long, "256 octets", "5.7.4"},

	{"AuthenticateErrorCode", 1, "invalidCertificate", reach_auth_role, "CERT.DPpb", "5.7.13"},
	{"AuthenticateErrorCode", 2, "invalidSignature", reach_auth_signature, "a bit", "5.7.13"},
	{"AuthenticateErrorCode", 3, "unsupportedCurve", reach_auth_curve, "prime239v3", "5.7.13"},
	{"AuthenticateErrorCode", 4, "noSessionContext", reach_auth_no_session, "no challenge",
	 "5.7.13"},
	{"AuthenticateErrorCode", 5, "invalidOid", reach_auth_oid, "no registeredID", "5.7.13"},
	{"AuthenticateErrorCode", 6, "euiccChallengeMismatch", reach_auth_challenge, "a bit",
	 "5.7.13"},
	{"AuthenticateErrorCode", 7, "ciPKUnknown", reach_auth_ci, "a CI it signs not under",
	 "5.7.13"},
	{"AuthenticateErrorCode", 127, "undefinedError", reach_auth_spoilt, "SK.EUICC spoilt",
	 "5.7.13"},

	{"DownloadErrorCode", 1, "invalidCertificate", reach_prepare_role, "CERT.DPauth", "5.7.5"},
	{"DownloadErrorCode", 2, "invalidSignature", reach_prepare_signature, "a bit", "5.7.5"},
	{"DownloadErrorCode", 3, "unsupportedCurve", reach_prepare_curve, "prime239v3", "5.7.5"},
	{"DownloadErrorCode", 4, "noSessionContext", bench_prepare, "nothing before", "5.7.5"},
	{"DownloadErrorCode", 5, "invalidTransactionId", reach_prepare_transaction, "another",
	 "5.7.5"},
	{"DownloadErrorCode", 127, "undefinedError", reach_prepare_no_code,
	 "a confirmation code is required and its hash is missing", "5.7.5"},

	{"cancelSessionResponseError", 5, "invalidTransactionId", reach_cancel_other, "another",
	 "5.7.14"},
	{"cancelSessionResponseError", 127, "undefinedError", reach_cancel_spoilt,
	 "SK.EUICC spoilt", "5.7.14"},

	{"LoadCRLResponseError", 1, "invalidSignature", reach_crl_signature, "another key's",
	 "5.7.12"},
	{"LoadCRLResponseError", 2, "invalidCRLFormat", reach_crl_format, "no number", "5.7.12"},
	{"LoadCRLResponseError", 3, "notEnoughMemorySpace", reach_crl_large, "1600 entries",
	 "5.7.12"},
	{"LoadCRLResponseError", 4, "verificationKeyNotFound", reach_crl_foreign, "another CI",
	 "5.7.12"},
	{"LoadCRLResponseError", 127, "undefinedError", reach_crl_old,
	 "older than the one in force", "5.7.12"},

	{"ErrorReason", 1, "incorrectInputValues", reach_load_isdp, "data of another SM-DP+",
	 "5.5.2"},
	{"ErrorReason", 2, "invalidSignature", reach_load_signature, "another eUICC's key",
	 "5.5.1"},
	{"ErrorReason", 3, "invalidTransactionId", reach_load_transaction, "another", "5.5.1"},
	{"ErrorReason", 4, "unsupportedCrtValues", reach_load_crt, "key type 80", "5.5.1"},
	{"ErrorReason", 5, "unsupportedRemoteOperationType", reach_load_operation, "operation 2",
	 "5.5.1"},
	{"ErrorReason", 6, "unsupportedProfileClass", reach_load_class, "class 3", "5.5.3"},
	{"ErrorReason", 7, "scp03tStructureError", reach_load_structure, "1100 octets", "2.5.4"},
	{"ErrorReason", 8, "scp03tSecurityError", reach_load_security, "a bit", "2.5.4"},
	{"ErrorReason", 9, "installFailedDueToIccidAlreadyExistsOnEuicc", reach_load_twice, "twice",
	 "5.5.3"},
	{"ErrorReason", 10, "installFailedDueToInsufficientMemoryForProfile", reach_load_full,
	 "the medium is full", "2.5.6"},
	{"ErrorReason", 11, "installFailedDueToInterruption", reach_load_anew,
	 "begun again in between", "2.5.6"},
	{"ErrorReason", 12, "installFailedDueToPEProcessingError", reach_load_elements,
	 "an octet short", "2.5.6"},
	{"ErrorReason", 13, "installFailedDueToIccidMismatch", reach_load_iccid,
	 "metadata of another", "2.5.6"},
	{"ErrorReason", 14, "testProfileInstallFailedDueToInvalidNaaKey", reach_load_key,
	 "a test profile with a key that is not published", "2.5.6"},
	{"ErrorReason", 15, "pprNotAllowed", reach_load_policy, "an owner that the RAT names not",
	 "5.5.3"},
	{"ErrorReason", 127, "installFailedDueToUnknownError", NULL,
	 "each cause has its code; what prevents the signature prevents this result too", "2.5.6"},

	{"BppCommandId", 0, "initialiseSecureChannel", reach_at_channel, "invalidSignature",
	 "2.5.6"},
	{"BppCommandId", 1, "configureISDP", reach_at_isdp, "incorrectInputValues", "2.5.6"},
	{"BppCommandId", 2, "storeMetadata", reach_at_metadata, "unsupportedProfileClass", "2.5.6"},
	{"BppCommandId", 3, "storeMetadata2", NULL, "a package has one StoreMetadata (2.5.3)",
	 "2.5.6"},
	{"BppCommandId", 4, "replaceSessionKeys", reach_at_keys, "scp03tSecurityError", "2.5.6"},
	{"BppCommandId", 5, "loadProfileElements", reach_at_elements, "scp03tSecurityError",
	 "2.5.6"},

	{"ProfileInfoListError", 1, "incorrectInputValues", reach_list_tags, "half a tag",
	 "5.7.15"},
	{"ProfileInfoListError", 127, "undefinedError", reach_list_spoilt, "metadata spoilt",
	 "5.7.15"},

	{"listNotificationsResultError", 127, "undefinedError", reach_notes_listed,
	 "more than one answer holds", "5.7.9"},
	{"notificationsListResultError", 1, "noResultAvailable", reach_notes_none, "none waits",
	 "5.7.10"},
	{"notificationsListResultError", 127, "undefinedError", reach_notes_retrieved,
	 "more than one answer holds", "5.7.10"},
	{"deleteNotificationStatus", 0, "ok", reach_note_sent, "one that waits", "5.7.11"},
	{"deleteNotificationStatus", 1, "nothingToDelete", reach_note_unknown, "none waits",
	 "5.7.11"},
	{"deleteNotificationStatus", 127, "undefinedError", NULL,
	 "a write that fails is answered by 6581", "5.7.11"},

	{"setNicknameResult", 0, "ok", reach_nickname_ok, "a name", "5.7.21"},
	{"setNicknameResult", 1, "iccidNotFound", reach_nickname_unknown, "no profile", "5.7.21"},
	{"setNicknameResult", 127, "undefinedError", reach_nickname_long, "65 octets", "5.7.21"},

	{"enableResult", 0, "ok", reach_enable_ok, "a disabled profile", "5.7.16"},
	{"enableResult", 1, "iccidOrAidNotFound", reach_enable_it, "no profile", "5.7.16"},
	{"enableResult", 2, "profileNotInDisabledState", reach_enable_twice, "twice", "5.7.16"},
	{"enableResult", 3, "disallowedByPolicy", reach_enable_policy, "PPR1 of the other",
	 "5.7.16"},
	{"enableResult", 4, "wrongProfileReenabling", reach_enable_after_test,
	 "one that was not enabled before the test profile", "5.7.16"},
	{"enableResult", 127, "undefinedError", reach_enable_spoilt, "SK.EUICC spoilt", "5.7.16"},

	{"disableResult", 0, "ok", reach_disable_ok, "an enabled profile", "5.7.17"},
	{"disableResult", 1, "iccidOrAidNotFound", reach_disable_it, "no profile", "5.7.17"},
	{"disableResult", 2, "profileNotInEnabledState", reach_disable_early, "disabled", "5.7.17"},
	{"disableResult", 3, "disallowedByPolicy", reach_disable_policy, "PPR1", "5.7.17"},
	{"disableResult", 127, "undefinedError", reach_disable_spoilt, "SK.EUICC spoilt", "5.7.17"},

	{"deleteResult", 0, "ok", reach_delete_ok, "a disabled profile", "5.7.18"},
	{"deleteResult", 1, "iccidOrAidNotFound", reach_delete_it, "no profile", "5.7.18"},
	{"deleteResult", 2, "profileNotInDisabledState", reach_delete_enabled, "enabled", "5.7.18"},
	{"deleteResult", 3, "disallowedByPolicy", reach_delete_policy, "PPR2", "5.7.18"},
	{"deleteResult", 127, "undefinedError", reach_delete_spoilt, "SK.EUICC spoilt", "5.7.18"},

	{"resetResult", 0, "ok", reach_reset_ok, "a profile", "5.7.19"},
	{"resetResult", 1, "nothingToDelete", reach_reset_nothing, "an empty card", "5.7.19"},
	{"resetResult", 127, "undefinedError", reach_reset_spoilt, "SK.EUICC spoilt", "5.7.19"},
};

static void test_reached(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b;
		unsigned got;

		if (rows[i].reach && bench_open(&b, BENCH_FRESH_NIST)) {
			got = rows[i].reach(&b);
			if (got != rows[i].code)
				printf("\n    %s %s: %u instead of %u ", rows[i].type, rows[i].name,
				       got, rows[i].code);
			CU_ASSERT_EQUAL(got, rows[i].code);
			/* whatever happened, the card answers, and has one profile enabled at most
			 */
			bench_restart(&b);
			CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2e00"), SW_OK);
		}
		if (rows[i].reach)
			bench_close(&b);
	}
}

static bool is_row(const char *type, size_t type_len, const char *name, size_t len, unsigned code)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (slice_equal(slice_str(rows[i].type), slice_make(type, type_len)) &&
		    slice_equal(slice_str(rows[i].name), slice_make(name, len)) &&
		    rows[i].code == code)
			return true;
	}
	return false;
}

static bool is_type(const char *type, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (slice_equal(slice_str(rows[i].type), slice_make(type, len)))
			return true;
	}
	return false;
}

/* The names and numbers of one "TYPE INTEGER { name(1), ... }"; how many. */
static size_t check_list(const char *type, size_t type_len, const char *list)
{
	size_t n = 0;

	while (*list && *list != '}') {
		const char *name = list;
		size_t len = strspn(name, LETTERS "0123456789");
		unsigned code;

		if (!len) { /* a blank or a comma */
			list++;
			continue;
		}
		list += len;
		if (sscanf(list, " (%u)", &code) != 1)
			continue;
		if (!is_row(type, type_len, name, len, code))
			printf("\n    no row for %.*s %.*s ", (int)type_len, type, (int)len, name);
		CU_ASSERT(is_row(type, type_len, name, len, code));
		n++;
		list += strcspn(list, ",}");
	}
	return n;
}

/* The table has a row for every code of the ASN.1 module, and no other. */
static void test_complete(void)
{
	struct slice module = test_shared("rsp/asn1/rsp.asn");
	char *text = module.len ? strndup((const char *)module.ptr, module.len) : NULL;
	size_t n = 0;

	for (const char *at = text; at && (at = strstr(at, "INTEGER {")); at++) {
		const char *end = at, *type;

		while (end > text &&
		       (isspace((unsigned char)end[-1]) || end[-1] == ':' || end[-1] == '='))
			end--;
		for (type = end; type > text && isalnum((unsigned char)type[-1]);)
			type--;
		if (is_type(type, (size_t)(end - type)))
			n += check_list(type, (size_t)(end - type), at + strlen("INTEGER {"));
	}
	if (text)
		CU_ASSERT_EQUAL(n, ARRAY_LEN(rows));
	free(text);
}

TEST_SUITE(isdr_errors, {"the table is complete", test_complete},
	   {"every error code is reached", test_reached})
