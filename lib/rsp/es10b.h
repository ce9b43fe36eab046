/*
 * es10b: LPA and eUICC on download, notifications and CRLs (SGP.22 5.7.5 to 5.7.14). Conventions in
 * rsp.h.
 */
#ifndef TWINKEY_RSP_ES10B_H
#define TWINKEY_RSP_ES10B_H

#include "lib/base/bytes.h"
#include "lib/rsp/rsp.h"

/* AuthenticateErrorCode */
enum es10b_authenticate_error {
	ES10B_AUTHENTICATE_INVALID_CERTIFICATE = 1,
	ES10B_AUTHENTICATE_INVALID_SIGNATURE = 2,
	ES10B_AUTHENTICATE_UNSUPPORTED_CURVE = 3,
	ES10B_AUTHENTICATE_NO_SESSION = 4,
	ES10B_AUTHENTICATE_INVALID_OID = 5,
	ES10B_AUTHENTICATE_CHALLENGE_MISMATCH = 6,
	ES10B_AUTHENTICATE_CI_UNKNOWN = 7,
	ES10B_AUTHENTICATE_UNDEFINED = 127,
};

/* DownloadErrorCode */
enum es10b_download_error {
	ES10B_DOWNLOAD_INVALID_CERTIFICATE = 1,
	ES10B_DOWNLOAD_INVALID_SIGNATURE = 2,
	ES10B_DOWNLOAD_UNSUPPORTED_CURVE = 3,
	ES10B_DOWNLOAD_NO_SESSION = 4,
	ES10B_DOWNLOAD_INVALID_TRANSACTION = 5,
	ES10B_DOWNLOAD_UNDEFINED = 127,
};

/* CancelSessionReason */
enum es10b_cancel_reason {
	ES10B_CANCEL_END_USER_REJECTION = 0,
	ES10B_CANCEL_POSTPONED = 1,
	ES10B_CANCEL_TIMEOUT = 2,
	ES10B_CANCEL_PPR_NOT_ALLOWED = 3,
	ES10B_CANCEL_METADATA_MISMATCH = 4,
	ES10B_CANCEL_LOAD_BPP_ERROR = 5,
	ES10B_CANCEL_UNDEFINED_REASON = 127,
};

/* cancelSessionResponseError */
enum es10b_cancel_error { ES10B_CANCEL_INVALID_TRANSACTION = 5, ES10B_CANCEL_UNDEFINED = 127 };

/* BppCommandId */
enum es10b_bpp_command {
	ES10B_BPP_INITIALISE_SECURE_CHANNEL = 0,
	ES10B_BPP_CONFIGURE_ISDP = 1,
	ES10B_BPP_STORE_METADATA = 2,
	ES10B_BPP_STORE_METADATA2 = 3,
	ES10B_BPP_REPLACE_SESSION_KEYS = 4,
	ES10B_BPP_LOAD_PROFILE_ELEMENTS = 5,
};

/* ErrorReason */
enum es10b_bpp_error {
	ES10B_BPP_INCORRECT_INPUT = 1,
	ES10B_BPP_INVALID_SIGNATURE = 2,
	ES10B_BPP_INVALID_TRANSACTION = 3,
	ES10B_BPP_UNSUPPORTED_CRT = 4,
	ES10B_BPP_UNSUPPORTED_OPERATION = 5,
	ES10B_BPP_UNSUPPORTED_CLASS = 6,
	ES10B_BPP_SCP03T_STRUCTURE = 7,
	ES10B_BPP_SCP03T_SECURITY = 8,
	ES10B_BPP_ICCID_EXISTS = 9,
	ES10B_BPP_INSUFFICIENT_MEMORY = 10,
	ES10B_BPP_INTERRUPTION = 11,
	ES10B_BPP_PE_PROCESSING = 12,
	ES10B_BPP_ICCID_MISMATCH = 13,
	ES10B_BPP_TEST_NAA_KEY = 14,
	ES10B_BPP_PPR_NOT_ALLOWED = 15,
	ES10B_BPP_UNKNOWN = 127,
};

/* notificationsListResultError, listNotificationsResultError */
enum es10b_notifications_error {
	ES10B_NOTIFICATIONS_NONE = 1,
	ES10B_NOTIFICATIONS_UNDEFINED = 127,
};

/* deleteNotificationStatus */
enum es10b_notification_sent {
	ES10B_SENT_OK = 0,
	ES10B_SENT_NOTHING = 1,
	ES10B_SENT_UNDEFINED = 127,
};

/* LoadCRLResponseError */
enum es10b_crl_error {
	ES10B_CRL_INVALID_SIGNATURE = 1,
	ES10B_CRL_INVALID_FORMAT = 2,
	ES10B_CRL_NO_MEMORY = 3,
	ES10B_CRL_NO_KEY = 4,
	ES10B_CRL_UNDEFINED = 127,
};

struct es10b_euicc_info1 {	/* BF20 */
	struct slice svn;	/* 3 octets */
	struct slice ci_verify; /* SEQUENCE OF key identifiers: rsp_key_ids_have() */
	struct slice ci_sign;
};

/* Of extCardResource (TS 102 226 8.2.1.7.2): how many applications there are, free octets. */
enum es10b_resource_tag {
	ES10B_RESOURCE_APPLICATIONS = 0x81,
	ES10B_RESOURCE_FREE_NVM,
	ES10B_RESOURCE_FREE_RAM
};

struct es10b_euicc_info2 { /* BF22 */
	struct slice profile_version, svn, firmware;
	struct slice ext_resource; /* elements of enum es10b_resource_tag */
	uint32_t uicc_capability;
	struct slice javacard, globalplatform; /* OPTIONAL */
	uint32_t rsp_capability;
	struct slice ci_verify, ci_sign;
	bool has_category;
	uint32_t category;
	bool has_forbidden;
	uint32_t forbidden; /* PprIds */
	struct slice pp_version;
	struct slice sas;
	struct slice certification; /* OPTIONAL, contents of [12] */
	/* OPTIONAL, contents of [15]: further versions of the profile package, SEQUENCE OF */
	struct slice more_profile_versions;
};

struct es10b_server_signed1 { /* SEQUENCE */
	struct slice transaction_id, euicc_challenge, server_address, server_challenge;
};

struct es10b_ctx {		   /* CtxParamsForCommonAuthentication */
	struct slice matching_id;  /* OPTIONAL, may be empty */
	struct slice tac;	   /* 4 octets in practice, 8 in the module: both are taken */
	struct slice capabilities; /* contents of DeviceCapabilities */
	struct slice imei;	   /* OPTIONAL */
};

struct es10b_authenticate_server_request { /* BF38 */
	struct slice signed1_raw;
	struct es10b_server_signed1 signed1; /* parse only: signed1_raw is what is written */
	struct slice signature;
	struct slice ci_key_id;
	struct slice certificate; /* CERT.DPauth, DER */
	struct slice ctx_raw;	  /* written as it is when there, else made from ctx */
	struct es10b_ctx ctx;
};

struct es10b_euicc_signed1 { /* SEQUENCE */
	struct slice transaction_id, server_address, server_challenge;
	struct slice info2_raw; /* BF22 */
	struct slice ctx_raw;	/* A0 */
};

struct es10b_authenticate_server_response { /* BF38 */
	bool ok;
	/* ok */
	struct slice signed1_raw;
	struct es10b_euicc_signed1 signed1; /* parse only */
	struct slice signature, euicc_certificate, eum_certificate;
	/* not ok */
	struct slice transaction_id;
	enum es10b_authenticate_error error;
};

struct es10b_smdp_signed2 { /* SEQUENCE */
	struct slice transaction_id;
	bool cc_required;
	struct slice euicc_otpk; /* OPTIONAL: to be used again */
};

struct es10b_prepare_download_request { /* BF21 */
	struct slice signed2_raw;
	struct es10b_smdp_signed2 signed2; /* parse only */
	struct slice signature;
	struct slice hash_cc;	  /* OPTIONAL, 32 octets */
	struct slice certificate; /* CERT.DPpb, DER */
};

struct es10b_euicc_signed2 { /* SEQUENCE */
	struct slice transaction_id;
	struct slice euicc_otpk; /* 65 octets */
	struct slice hash_cc;	 /* OPTIONAL */
};

struct es10b_prepare_download_response { /* BF21 */
	bool ok;
	struct slice signed2_raw;
	struct es10b_euicc_signed2 signed2; /* parse only */
	struct slice signature;
	struct slice transaction_id;
	enum es10b_download_error error;
};

struct es10b_cancel_session_request { /* BF41 */
	struct slice transaction_id;
	enum es10b_cancel_reason reason;
};

struct es10b_cancel_session_signed { /* SEQUENCE */
	struct slice transaction_id;
	struct slice smdp_oid; /* value of the OID */
	enum es10b_cancel_reason reason;
};

struct es10b_cancel_session_response { /* BF41 */
	bool ok;
	struct slice signed_raw;
	struct es10b_cancel_session_signed signed_; /* parse only */
	struct slice signature;
	enum es10b_cancel_error error;
};

struct es10b_notification { /* BF2F NotificationMetadata */
	uint32_t seq;
	uint32_t event; /* one of RSP_EVENT_* */
	struct slice address;
	struct slice iccid; /* OPTIONAL */
};

struct es10b_installation_result { /* BF37 */
	struct slice data_raw;	   /* BF27: what is signed; written as it is */
	struct slice transaction_id;
	struct slice notification_raw; /* BF2F; parse only */
	struct es10b_notification notification;
	struct slice smdp_oid; /* OPTIONAL, value of the OID */
	bool success;
	struct slice aid;	    /* success */
	struct slice sima_response; /* OPTIONAL on failure */
	enum es10b_bpp_command command;
	enum es10b_bpp_error reason;
	struct slice signature;
};

struct es10b_other_notification {      /* SEQUENCE */
	struct slice notification_raw; /* BF2F: what is signed */
	struct es10b_notification notification;
	struct slice signature, euicc_certificate, eum_certificate;
};

enum err es10b_parse_euicc_info1(struct slice der, struct es10b_euicc_info1 *out) MUST_CHECK;
void es10b_put_euicc_info1(struct wbuf *w, const struct es10b_euicc_info1 *m);
enum err es10b_parse_euicc_info2(struct slice der, struct es10b_euicc_info2 *out) MUST_CHECK;
void es10b_put_euicc_info2(struct wbuf *w, const struct es10b_euicc_info2 *m);
/* BF2E { 80 challenge } */
enum err es10b_parse_challenge(struct slice der, struct slice *challenge) MUST_CHECK;
void es10b_put_challenge(struct wbuf *w, struct slice challenge);

enum err es10b_parse_server_signed1(struct slice der, struct es10b_server_signed1 *out) MUST_CHECK;
void es10b_put_server_signed1(struct wbuf *w, const struct es10b_server_signed1 *m);
/* The CHOICE CtxParams1, A0. */
enum err es10b_parse_ctx(struct slice der, struct es10b_ctx *out) MUST_CHECK;
void es10b_put_ctx(struct wbuf *w, const struct es10b_ctx *m);
enum err
es10b_parse_authenticate_server_request(struct slice der,
					struct es10b_authenticate_server_request *out) MUST_CHECK;
void es10b_put_authenticate_server_request(struct wbuf *w,
					   const struct es10b_authenticate_server_request *m);
enum err es10b_parse_euicc_signed1(struct slice der, struct es10b_euicc_signed1 *out) MUST_CHECK;
void es10b_put_euicc_signed1(struct wbuf *w, const struct es10b_euicc_signed1 *m);
enum err
es10b_parse_authenticate_server_response(struct slice der,
					 struct es10b_authenticate_server_response *out) MUST_CHECK;
void es10b_put_authenticate_server_response(struct wbuf *w,
					    const struct es10b_authenticate_server_response *m);

enum err es10b_parse_smdp_signed2(struct slice der, struct es10b_smdp_signed2 *out) MUST_CHECK;
void es10b_put_smdp_signed2(struct wbuf *w, const struct es10b_smdp_signed2 *m);
enum err
es10b_parse_prepare_download_request(struct slice der,
				     struct es10b_prepare_download_request *out) MUST_CHECK;
void es10b_put_prepare_download_request(struct wbuf *w,
					const struct es10b_prepare_download_request *m);
/* hashCc of SGP.22 4.7: SHA256(SHA256(confirmation code) | TransactionID). */
enum err es10b_hash_cc(struct slice code, struct slice transaction_id,
		       uint8_t hash[static RSP_HASH_LEN]) MUST_CHECK;
enum err es10b_parse_euicc_signed2(struct slice der, struct es10b_euicc_signed2 *out) MUST_CHECK;
void es10b_put_euicc_signed2(struct wbuf *w, const struct es10b_euicc_signed2 *m);
enum err
es10b_parse_prepare_download_response(struct slice der,
				      struct es10b_prepare_download_response *out) MUST_CHECK;
void es10b_put_prepare_download_response(struct wbuf *w,
					 const struct es10b_prepare_download_response *m);

enum err es10b_parse_cancel_session_request(struct slice der,
					    struct es10b_cancel_session_request *out) MUST_CHECK;
void es10b_put_cancel_session_request(struct wbuf *w, const struct es10b_cancel_session_request *m);
enum err es10b_parse_cancel_session_signed(struct slice der,
					   struct es10b_cancel_session_signed *out) MUST_CHECK;
void es10b_put_cancel_session_signed(struct wbuf *w, const struct es10b_cancel_session_signed *m);
enum err es10b_parse_cancel_session_response(struct slice der,
					     struct es10b_cancel_session_response *out) MUST_CHECK;
void es10b_put_cancel_session_response(struct wbuf *w,
				       const struct es10b_cancel_session_response *m);

enum err es10b_parse_notification(struct slice der, struct es10b_notification *out) MUST_CHECK;
void es10b_put_notification(struct wbuf *w, const struct es10b_notification *m);
/* BF27 from the fields of m; the signature is over exactly these bytes. */
void es10b_put_installation_data(struct wbuf *w, const struct es10b_installation_result *m);
enum err es10b_parse_installation_result(struct slice der,
					 struct es10b_installation_result *out) MUST_CHECK;
/* From data_raw and signature. */
void es10b_put_installation_result(struct wbuf *w, const struct es10b_installation_result *m);
enum err es10b_parse_other_notification(struct slice der,
					struct es10b_other_notification *out) MUST_CHECK;
/* From notification_raw, signature and certificates. */
void es10b_put_other_notification(struct wbuf *w, const struct es10b_other_notification *m);

/* BF28 request; without by_event there is no filter, and with no bit in it none fits. */
enum err es10b_parse_list_notification(struct slice der, bool *by_event,
				       uint32_t *event) MUST_CHECK;
void es10b_put_list_notification(struct wbuf *w, bool by_event, uint32_t event);
/* BF28 and BF2B answers: the items one after the other (BF2F..., BF37/30...), or an error. */
struct es10b_notifications {
	bool ok;
	struct slice items;
	enum es10b_notifications_error error;
};
enum err es10b_parse_notifications(struct slice der, uint32_t tag,
				   struct es10b_notifications *out) MUST_CHECK;
void es10b_put_notifications(struct wbuf *w, uint32_t tag, const struct es10b_notifications *m);

struct es10b_retrieve_notifications { /* BF2B request */
	bool by_seq, by_event;	      /* neither: all */
	uint32_t seq, event;
};
enum err es10b_parse_retrieve_notifications(struct slice der,
					    struct es10b_retrieve_notifications *out) MUST_CHECK;
void es10b_put_retrieve_notifications(struct wbuf *w, const struct es10b_retrieve_notifications *m);

/* BF30 { 80 seq }; the answer is rsp_put_result() with enum es10b_notification_sent. */
enum err es10b_parse_notification_sent(struct slice der, uint32_t *seq) MUST_CHECK;
void es10b_put_notification_sent(struct wbuf *w, uint32_t seq);

struct es10b_load_crl_response { /* BF35 */
	bool ok;
	struct slice missing; /* parts still missing: es10b_next_missing(); OPTIONAL */
	enum es10b_crl_error error;
};

/* BF35 request: the CertificateList, tag included. */
/* The contents of the CertificateList; put takes it whole, as it was signed. */
enum err es10b_parse_load_crl(struct slice der, struct slice *crl) MUST_CHECK;
void es10b_put_load_crl(struct wbuf *w, struct slice crl);
enum err es10b_parse_load_crl_response(struct slice der,
				       struct es10b_load_crl_response *out) MUST_CHECK;
void es10b_put_load_crl_response(struct wbuf *w, const struct es10b_load_crl_response *m);
/* The next number of the missing parts; false at the end and on failure. */
bool es10b_next_missing(struct cursor *c, uint32_t *part);
void es10b_put_missing(struct wbuf *w, uint32_t part);

/* BF43: the rules, SEQUENCE OF ProfilePolicyAuthorisationRule without its tag. */
enum err es10b_parse_rat(struct slice der, struct slice *rules) MUST_CHECK;
void es10b_put_rat(struct wbuf *w, struct slice rules);

/* A 5F37 data object: signatures of SGP.22 also cover the previous message's one. */
struct slice es10b_signature_object(struct slice signature, uint8_t out[static 3 + 64]);

#endif
