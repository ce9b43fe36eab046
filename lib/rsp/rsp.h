/*
 * rsp: what the messages of SGP.22 v2 share: tags, lengths and named bits.
 *
 * Conventions of es10a, es10b, es10c and es8p: INTERFACE_parse_MESSAGE() takes one whole data
 * object (tag and length included), refuses trailing bytes and hands out slices that borrow from
 * it; INTERFACE_put_MESSAGE() appends the whole data object to a wbuf (sticky failure). An OPTIONAL
 * field that is absent is a slice whose ptr is NULL. Fields named *_raw are the whole data object
 * as it came, because that is what was signed.
 *
 * The module has AUTOMATIC TAGS: a SEQUENCE none of whose fields carries a tag gets [0], [1] ...;
 * one that carries a tag somewhere keeps the universal tags of the others. It has EXTENSIBILITY
 * IMPLIED: what a later version adds to a SEQUENCE is skipped, wherever it stands among the
 * members (docs/adr/0020). Both are in one table, definitions.def.
 */
#ifndef TWINKEY_RSP_RSP_H
#define TWINKEY_RSP_RSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct cursor;
struct slice;
struct wbuf;

enum rsp_kind { RSP_LEAF, RSP_SEQUENCE, RSP_CHOICE, RSP_LIST };

struct rsp_type {
	const char *name;
	enum rsp_kind kind;
	uint32_t tag;	       /* 0: none of its own */
	const uint32_t *known; /* the tags of its members; 0 ends them */
	const struct rsp_member *members;
};

struct rsp_member {
	const char *name; /* NULL ends them */
	uint32_t tag;
	const struct rsp_type *type;
	bool later; /* it came with a version after the module's */
};

/* For each row of the table rsp_type_TYPE, and the tags RSP_TYPE and RSP_TYPE_member. */
extern const struct rsp_type rsp_type_LEAF;
#define BEGIN(type, kind, tag) extern const struct rsp_type rsp_type_##type;
#define MEMBER(type, member, tag, of)
#define LATER(type, member, tag, of)
#define END(type)
#include "lib/rsp/definitions.def"
#undef BEGIN
#undef MEMBER
#undef LATER
#undef END

enum rsp_tag {
#define BEGIN(type, kind, tag)	      RSP_##type = (tag),
#define MEMBER(type, member, tag, of) RSP_##type##_##member = (tag),
#define LATER(type, member, tag, of)  RSP_##type##_##member = (tag),
#define END(type)
#include "lib/rsp/definitions.def"
#undef BEGIN
#undef MEMBER
#undef LATER
#undef END
};

/* What several types share: a request and its answer, and members of one tag. */
#define SGP22_TAG_EUICC_INFO1		      RSP_EUICCInfo1
#define SGP22_TAG_PREPARE_DOWNLOAD	      RSP_PrepareDownloadRequest
#define SGP22_TAG_EUICC_INFO2		      RSP_EUICCInfo2
#define SGP22_TAG_INITIALISE_SECURE_CHANNEL   RSP_InitialiseSecureChannelRequest
#define SGP22_TAG_CONFIGURE_ISDP	      RSP_ConfigureISDPRequest
#define SGP22_TAG_STORE_METADATA	      RSP_StoreMetadataRequest
#define SGP22_TAG_REPLACE_SESSION_KEYS	      RSP_ReplaceSessionKeysRequest
#define SGP22_TAG_INSTALLATION_RESULT_DATA    RSP_ProfileInstallationResultData
#define SGP22_TAG_LIST_NOTIFICATION	      RSP_ListNotificationRequest
#define SGP22_TAG_SET_NICKNAME		      RSP_SetNicknameRequest
#define SGP22_TAG_RETRIEVE_NOTIFICATIONS      RSP_RetrieveNotificationsListRequest
#define SGP22_TAG_PROFILES_INFO		      RSP_ProfileInfoListRequest
#define SGP22_TAG_EUICC_CHALLENGE	      RSP_GetEuiccChallengeRequest
#define SGP22_TAG_NOTIFICATION_METADATA	      RSP_NotificationMetadata
#define SGP22_TAG_NOTIFICATION_SENT	      RSP_NotificationSentRequest
#define SGP22_TAG_ENABLE_PROFILE	      RSP_EnableProfileRequest
#define SGP22_TAG_DISABLE_PROFILE	      RSP_DisableProfileRequest
#define SGP22_TAG_DELETE_PROFILE	      RSP_DeleteProfileRequest
#define SGP22_TAG_MEMORY_RESET		      RSP_EuiccMemoryResetRequest
#define SGP22_TAG_LOAD_CRL		      RSP_LoadCRLRequest
#define SGP22_TAG_BOUND_PROFILE_PACKAGE	      RSP_BoundProfilePackage
#define SGP22_TAG_PROFILE_INSTALLATION_RESULT RSP_ProfileInstallationResult
#define SGP22_TAG_AUTHENTICATE_SERVER	      RSP_AuthenticateServerRequest
#define SGP22_TAG_CONFIGURED_ADDRESSES	      RSP_EuiccConfiguredAddressesRequest
#define SGP22_TAG_EUICC_DATA		      RSP_GetEuiccDataRequest
#define SGP22_TAG_SET_DEFAULT_DP_ADDRESS      RSP_SetDefaultDpAddressRequest
#define SGP22_TAG_CANCEL_SESSION	      RSP_CancelSessionRequest
#define SGP22_TAG_GET_RAT		      RSP_GetRatRequest
#define SGP22_TAG_SIGNATURE		      RSP_AuthenticateServerRequest_serverSignature1
#define SGP22_TAG_OTPK			      RSP_EUICCSigned2_euiccOtpk
#define SGP22_TAG_AID			      RSP_ProfileInfo_isdpAid
#define SGP22_TAG_ICCID			      RSP_ProfileInfo_iccid
#define SGP22_TAG_TAG_LIST		      RSP_ProfileInfoListRequest_tagList
#define SGP22_TAG_PROFILE_INFO		      RSP_ProfileInfo
#define SGP22_TAG_PROFILE_STATE		      RSP_ProfileInfo_profileState
#define SGP22_TAG_NICKNAME		      RSP_ProfileInfo_profileNickname
#define SGP22_TAG_SERVICE_PROVIDER	      RSP_ProfileInfo_serviceProviderName
#define SGP22_TAG_PROFILE_NAME		      RSP_ProfileInfo_profileName
#define SGP22_TAG_ICON_TYPE		      RSP_ProfileInfo_iconType
#define SGP22_TAG_ICON			      RSP_ProfileInfo_icon
#define SGP22_TAG_PROFILE_CLASS		      RSP_ProfileInfo_profileClass
#define SGP22_TAG_NOTIFICATION_CONFIG	      RSP_ProfileInfo_notificationConfigurationInfo
#define SGP22_TAG_PROFILE_OWNER		      RSP_ProfileInfo_profileOwner
#define SGP22_TAG_DP_PROPRIETARY	      RSP_ProfileInfo_dpProprietaryData
#define SGP22_TAG_PPR			      RSP_ProfileInfo_profilePolicyRules
#define SGP22_TAG_SERVICE_DATA		      RSP_ProfileInfo_serviceSpecificDataStoredInEuicc

/* Every type, NULL at the end. */
extern const struct rsp_type *const rsp_types[];

#define RSP_CHALLENGE_LEN      16
#define RSP_TRANSACTION_ID_MAX 16
#define RSP_EID_LEN	       16
#define RSP_ICCID_LEN	       10
#define RSP_VERSION_LEN	       3
#define RSP_HASH_LEN	       32
#define RSP_ADDRESS_MAX	       255

/* Named bits, as tlv_bits() gives them: bit 0 is the top bit. */
#define RSP_BIT(n)	  (0x80000000u >> (n))
#define RSP_EVENT_INSTALL RSP_BIT(0)
#define RSP_EVENT_ENABLE  RSP_BIT(1)
#define RSP_EVENT_DISABLE RSP_BIT(2)
#define RSP_EVENT_DELETE  RSP_BIT(3)
#define RSP_PPR1	  RSP_BIT(1) /* disabling is not allowed */
#define RSP_PPR2	  RSP_BIT(2) /* deletion is not allowed */
#define RSP_PPR3	  RSP_BIT(3) /* deletion is required on disabling: not in force any more */

/* A request without parameters, such as BF20 00. */
enum err rsp_parse_empty(struct slice der, const struct rsp_type *type) MUST_CHECK;
/* { INTEGER [0] } under tag, as SetNicknameResponse is: the answer of most ES10 functions. */
enum err rsp_parse_result(struct slice der, uint32_t tag, uint32_t *result) MUST_CHECK;
void rsp_put_result(struct wbuf *w, uint32_t tag, uint32_t result);

/* Readers that also check a length range; failures go to the cursor. */
struct slice rsp_expect_range(struct cursor *c, uint32_t tag, size_t min, size_t max);
bool rsp_optional_range(struct cursor *c, uint32_t tag, size_t min, size_t max, struct slice *out);
uint32_t rsp_expect_bits(struct cursor *c, uint32_t tag);
/* An optional field is written only when it is there. */
void rsp_put_optional(struct wbuf *w, uint32_t tag, struct slice value);

/* The contents of a UTF8String: ERR_VALUE when it is no UTF-8, ERR_LENGTH for more than max
 * characters, as X.680 counts them. */
enum err rsp_check_text(struct slice text, size_t max) MUST_CHECK;

/*
 * Into an object that carries tag and has the members of type. Unknown members of a SEQUENCE are
 * skipped; the alternative of a CHOICE must be known. Close it with tlv_leave().
 */
struct cursor rsp_enter(struct cursor *c, uint32_t tag, const struct rsp_type *type);
/* The same of what stands inside such an object. Close it with tlv_done(). */
struct cursor rsp_contents(struct slice value, const struct rsp_type *type);

/* An unknown alternative of a CHOICE: ERR_UNSUPPORTED, when it is a well-formed object. */
void rsp_no_alternative(struct cursor *c);

/* SEQUENCE OF SubjectKeyIdentifier, given without its outer tag. */
bool rsp_key_ids_have(struct slice list, struct slice key_id);

#endif
