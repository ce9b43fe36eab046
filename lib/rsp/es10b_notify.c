/* es10b_notify: ES10b after an installation: cancel session, notifications, rules (SGP.22 5.7) */
#include "lib/rsp/es10b.h"

#include "lib/base/bytes.h"
#include "lib/base/tlv.h"
#include "lib/crypto/ec.h"

static struct slice expect_signature(struct cursor *c)
{
	return rsp_expect_range(c, SGP22_TAG_SIGNATURE, EC_SIGNATURE_LEN, EC_SIGNATURE_LEN);
}

static uint32_t expect_u32(struct cursor *c, uint32_t tag)
{
	uint64_t v = tlv_expect_uint(c, tag);

	if (v > UINT32_MAX)
		cursor_fail(c, ERR_VALUE);
	return (uint32_t)v;
}

static enum es10b_cancel_reason expect_reason(struct cursor *c, uint32_t tag)
{
	uint32_t v = expect_u32(c, tag);

	if (v > ES10B_CANCEL_LOAD_BPP_ERROR && v != ES10B_CANCEL_UNDEFINED_REASON)
		cursor_fail(c, ERR_VALUE);
	return (enum es10b_cancel_reason)v;
}

enum err es10b_parse_cancel_session_request(struct slice der,
					    struct es10b_cancel_session_request *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_CANCEL_SESSION, &rsp_type_CancelSessionRequest);
	struct es10b_cancel_session_request m;
	enum err e;

	m.transaction_id = rsp_expect_range(&in, RSP_CancelSessionRequest_transactionId, 1,
					    RSP_TRANSACTION_ID_MAX);
	m.reason = expect_reason(&in, RSP_CancelSessionRequest_reason);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_cancel_session_request(struct wbuf *w, const struct es10b_cancel_session_request *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_CANCEL_SESSION);

	tlv_put(w, RSP_CancelSessionRequest_transactionId, m->transaction_id);
	tlv_put_uint(w, RSP_CancelSessionRequest_reason, m->reason);
	tlv_close(w, mark);
}

enum err es10b_parse_cancel_session_signed(struct slice der,
					   struct es10b_cancel_session_signed *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, ASN1_SEQUENCE, &rsp_type_EuiccCancelSessionSigned);
	struct es10b_cancel_session_signed m;
	enum err e;

	m.transaction_id = rsp_expect_range(&in, RSP_EuiccCancelSessionSigned_transactionId, 1,
					    RSP_TRANSACTION_ID_MAX);
	m.smdp_oid = rsp_expect_range(&in, RSP_EuiccCancelSessionSigned_smdpOid, 1, 64);
	m.reason = expect_reason(&in, RSP_EuiccCancelSessionSigned_reason);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_cancel_session_signed(struct wbuf *w, const struct es10b_cancel_session_signed *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, RSP_EuiccCancelSessionSigned_transactionId, m->transaction_id);
	tlv_put(w, RSP_EuiccCancelSessionSigned_smdpOid, m->smdp_oid);
	tlv_put_uint(w, RSP_EuiccCancelSessionSigned_reason, m->reason);
	tlv_close(w, mark);
}

enum err es10b_parse_cancel_session_response(struct slice der,
					     struct es10b_cancel_session_response *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, SGP22_TAG_CANCEL_SESSION);
	struct es10b_cancel_session_response m = {0};
	enum err e;

	m.ok = tlv_peek(&in) == RSP_CancelSessionResponse_cancelSessionResponseOk;
	if (m.ok) {
		struct cursor ok = rsp_enter(&in, RSP_CancelSessionResponse_cancelSessionResponseOk,
					     &rsp_type_CancelSessionResponseOk);

		m.signed_raw =
			tlv_expect_raw(&ok, RSP_CancelSessionResponseOk_euiccCancelSessionSigned);
		m.signature = expect_signature(&ok);
		tlv_leave(&in, &ok);
	} else {
		m.error = (enum es10b_cancel_error)expect_u32(
			&in, RSP_CancelSessionResponse_cancelSessionResponseError);
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e && m.ok)
		e = es10b_parse_cancel_session_signed(m.signed_raw, &m.signed_);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_cancel_session_response(struct wbuf *w,
				       const struct es10b_cancel_session_response *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_CANCEL_SESSION);

	if (m->ok) {
		size_t ok = tlv_open(w, RSP_CancelSessionResponse_cancelSessionResponseOk);

		wbuf_put(w, m->signed_raw);
		tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
		tlv_close(w, ok);
	} else {
		tlv_put_uint(w, RSP_CancelSessionResponse_cancelSessionResponseError, m->error);
	}
	tlv_close(w, mark);
}

enum err es10b_parse_notification(struct slice der, struct es10b_notification *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_NOTIFICATION_METADATA,
							 &rsp_type_NotificationMetadata);
	struct es10b_notification m = {0};
	enum err e;

	m.seq = expect_u32(&in, RSP_NotificationMetadata_seqNumber);
	m.event = rsp_expect_bits(&in, RSP_NotificationMetadata_profileManagementOperation);
	m.address = rsp_expect_range(&in, RSP_NotificationMetadata_notificationAddress, 0,
				     RSP_ADDRESS_MAX);
	rsp_optional_range(&in, SGP22_TAG_ICCID, RSP_ICCID_LEN, RSP_ICCID_LEN, &m.iccid);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_notification(struct wbuf *w, const struct es10b_notification *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_NOTIFICATION_METADATA);

	tlv_put_uint(w, RSP_NotificationMetadata_seqNumber, m->seq);
	tlv_put_bits(w, RSP_NotificationMetadata_profileManagementOperation, m->event);
	tlv_put(w, RSP_NotificationMetadata_notificationAddress, m->address);
	rsp_put_optional(w, SGP22_TAG_ICCID, m->iccid);
	tlv_close(w, mark);
}

void es10b_put_installation_data(struct wbuf *w, const struct es10b_installation_result *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_INSTALLATION_RESULT_DATA), final, choice;

	tlv_put(w, RSP_ProfileInstallationResultData_transactionId, m->transaction_id);
	es10b_put_notification(w, &m->notification);
	rsp_put_optional(w, RSP_ProfileInstallationResultData_smdpOid, m->smdp_oid);
	final = tlv_open(w, RSP_ProfileInstallationResultData_finalResult);
	if (m->success) {
		choice = tlv_open(w, RSP_FinalResult_successResult);
		tlv_put(w, SGP22_TAG_AID, m->aid);
		tlv_put(w, RSP_SuccessResult_simaResponse, m->sima_response);
	} else {
		choice = tlv_open(w, RSP_FinalResult_errorResult);
		tlv_put_uint(w, RSP_ErrorResult_bppCommandId, m->command);
		tlv_put_uint(w, RSP_ErrorResult_errorReason, m->reason);
		rsp_put_optional(w, RSP_ErrorResult_simaResponse, m->sima_response);
	}
	tlv_close(w, choice);
	tlv_close(w, final);
	tlv_close(w, mark);
}

static void read_final(struct cursor *c, struct es10b_installation_result *m)
{
	struct cursor final = rsp_enter(c, RSP_ProfileInstallationResultData_finalResult,
					&rsp_type_FinalResult),
		      choice;

	m->success = tlv_peek(&final) == RSP_FinalResult_successResult;
	if (m->success) {
		choice = rsp_enter(&final, RSP_FinalResult_successResult, &rsp_type_SuccessResult);
		m->aid = rsp_expect_range(&choice, RSP_SuccessResult_aid, 5, 16);
		m->sima_response = tlv_expect(&choice, RSP_SuccessResult_simaResponse);
	} else {
		choice = rsp_enter(&final, RSP_FinalResult_errorResult, &rsp_type_ErrorResult);
		m->command =
			(enum es10b_bpp_command)expect_u32(&choice, RSP_ErrorResult_bppCommandId);
		m->reason = (enum es10b_bpp_error)expect_u32(&choice, RSP_ErrorResult_errorReason);
		rsp_optional_range(&choice, RSP_ErrorResult_simaResponse, 0, SIZE_MAX,
				   &m->sima_response);
	}
	tlv_leave(&final, &choice);
	tlv_leave(c, &final);
}

static enum err parse_data(struct slice der, struct es10b_installation_result *m)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_INSTALLATION_RESULT_DATA,
							 &rsp_type_ProfileInstallationResultData);
	enum err e;

	m->transaction_id = rsp_expect_range(&in, RSP_ProfileInstallationResultData_transactionId,
					     0, RSP_TRANSACTION_ID_MAX);
	m->notification_raw = tlv_expect_raw(&in, SGP22_TAG_NOTIFICATION_METADATA);
	rsp_optional_range(&in, RSP_ProfileInstallationResultData_smdpOid, 1, 64, &m->smdp_oid);
	read_final(&in, m);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	return e ? e : es10b_parse_notification(m->notification_raw, &m->notification);
}

enum err es10b_parse_installation_result(struct slice der, struct es10b_installation_result *out)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_PROFILE_INSTALLATION_RESULT,
							 &rsp_type_ProfileInstallationResult);
	struct es10b_installation_result m = {0};
	enum err e;

	m.data_raw = tlv_expect_raw(&in, SGP22_TAG_INSTALLATION_RESULT_DATA);
	m.signature = expect_signature(&in);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = parse_data(m.data_raw, &m);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_installation_result(struct wbuf *w, const struct es10b_installation_result *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_PROFILE_INSTALLATION_RESULT);

	wbuf_put(w, m->data_raw);
	tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
	tlv_close(w, mark);
}

enum err es10b_parse_other_notification(struct slice der, struct es10b_other_notification *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, ASN1_SEQUENCE, &rsp_type_OtherSignedNotification);
	struct es10b_other_notification m = {0};
	enum err e;

	m.notification_raw = tlv_expect_raw(&in, SGP22_TAG_NOTIFICATION_METADATA);
	m.signature = expect_signature(&in);
	m.euicc_certificate = tlv_expect_raw(&in, RSP_OtherSignedNotification_euiccCertificate);
	m.eum_certificate = tlv_expect_raw(&in, RSP_OtherSignedNotification_eumCertificate);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		e = es10b_parse_notification(m.notification_raw, &m.notification);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_other_notification(struct wbuf *w, const struct es10b_other_notification *m)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	wbuf_put(w, m->notification_raw);
	tlv_put(w, SGP22_TAG_SIGNATURE, m->signature);
	wbuf_put(w, m->euicc_certificate);
	wbuf_put(w, m->eum_certificate);
	tlv_close(w, mark);
}

enum err es10b_parse_list_notification(struct slice der, bool *by_event, uint32_t *event)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, SGP22_TAG_LIST_NOTIFICATION,
							 &rsp_type_ListNotificationRequest);
	bool any = tlv_peek(&in) != 0;
	uint32_t bits =
		any ? rsp_expect_bits(&in, RSP_ListNotificationRequest_profileManagementOperation)
		    : 0;
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e) {
		*by_event = any;
		*event = bits;
	}
	return e;
}

void es10b_put_list_notification(struct wbuf *w, bool by_event, uint32_t event)
{
	size_t mark = tlv_open(w, SGP22_TAG_LIST_NOTIFICATION);

	if (by_event)
		tlv_put_bits(w, RSP_ListNotificationRequest_profileManagementOperation, event);
	tlv_close(w, mark);
}

enum err es10b_parse_notifications(struct slice der, uint32_t tag, struct es10b_notifications *out)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, tag);
	struct es10b_notifications m = {0};
	enum err e;

	m.ok = tlv_optional(&in, RSP_ListNotificationResponse_notificationMetadataList, &m.items);
	if (!m.ok)
		m.error = (enum es10b_notifications_error)expect_u32(
			&in, RSP_ListNotificationResponse_listNotificationsResultError);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_notifications(struct wbuf *w, uint32_t tag, const struct es10b_notifications *m)
{
	size_t mark = tlv_open(w, tag);

	if (m->ok)
		tlv_put(w, RSP_ListNotificationResponse_notificationMetadataList, m->items);
	else
		tlv_put_uint(w, RSP_ListNotificationResponse_listNotificationsResultError,
			     m->error);
	tlv_close(w, mark);
}

enum err es10b_parse_retrieve_notifications(struct slice der,
					    struct es10b_retrieve_notifications *out)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_RETRIEVE_NOTIFICATIONS,
				     &rsp_type_RetrieveNotificationsListRequest);
	struct es10b_retrieve_notifications m = {0};
	enum err e;

	if (tlv_peek(&in)) {
		struct cursor by =
			tlv_enter(&in, RSP_RetrieveNotificationsListRequest_searchCriteria);

		m.by_seq = tlv_peek(&by) == RSP_NotificationSearch_seqNumber;
		m.by_event = tlv_peek(&by) == RSP_NotificationSearch_profileManagementOperation;
		if (m.by_seq)
			m.seq = expect_u32(&by, RSP_NotificationSearch_seqNumber);
		else if (m.by_event)
			m.event = rsp_expect_bits(
				&by, RSP_NotificationSearch_profileManagementOperation);
		else
			rsp_no_alternative(&by);
		tlv_leave(&in, &by);
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = m;
	return e;
}

void es10b_put_retrieve_notifications(struct wbuf *w, const struct es10b_retrieve_notifications *m)
{
	size_t mark = tlv_open(w, SGP22_TAG_RETRIEVE_NOTIFICATIONS);

	if (m->by_seq || m->by_event) {
		size_t by = tlv_open(w, RSP_RetrieveNotificationsListRequest_searchCriteria);

		if (m->by_seq)
			tlv_put_uint(w, RSP_NotificationSearch_seqNumber, m->seq);
		else
			tlv_put_bits(w, RSP_NotificationSearch_profileManagementOperation,
				     m->event);
		tlv_close(w, by);
	}
	tlv_close(w, mark);
}

enum err es10b_parse_notification_sent(struct slice der, uint32_t *seq)
{
	return rsp_parse_result(der, SGP22_TAG_NOTIFICATION_SENT, seq);
}

void es10b_put_notification_sent(struct wbuf *w, uint32_t seq)
{
	rsp_put_result(w, SGP22_TAG_NOTIFICATION_SENT, seq);
}

enum err es10b_parse_rat(struct slice der, struct slice *rules)
{
	struct cursor c = cursor_of(der),
		      in = rsp_enter(&c, SGP22_TAG_GET_RAT, &rsp_type_GetRatResponse);
	struct slice s = tlv_expect(&in, RSP_GetRatResponse_rat);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*rules = s;
	return e;
}

void es10b_put_rat(struct wbuf *w, struct slice rules)
{
	size_t mark = tlv_open(w, SGP22_TAG_GET_RAT);

	tlv_put(w, RSP_GetRatResponse_rat, rules);
	tlv_close(w, mark);
}
