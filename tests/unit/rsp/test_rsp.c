/* messages of ES8+, ES10 and activation codes, whole and broken */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rat.h"
#include "tests/unit/rsp/rsp_extend.h"

/* Parses a message and writes it again into w. */
typedef enum err again(struct slice der, struct wbuf *w);

#define AGAIN(name, type, parse, put)                                                              \
	static enum err again_##name(struct slice der, struct wbuf *w)                             \
	{                                                                                          \
		struct type m;                                                                     \
		enum err e = parse(der, &m);                                                       \
		if (!e)                                                                            \
			put(w, &m);                                                                \
		return e;                                                                          \
	}

AGAIN(info1, es10b_euicc_info1, es10b_parse_euicc_info1, es10b_put_euicc_info1)
AGAIN(info2, es10b_euicc_info2, es10b_parse_euicc_info2, es10b_put_euicc_info2)
AGAIN(addresses, es10a_configured_addresses, es10a_parse_configured_addresses,
      es10a_put_configured_addresses)
AGAIN(server, es10b_authenticate_server_request, es10b_parse_authenticate_server_request,
      es10b_put_authenticate_server_request)
AGAIN(server_answer, es10b_authenticate_server_response, es10b_parse_authenticate_server_response,
      es10b_put_authenticate_server_response)
AGAIN(download, es10b_prepare_download_request, es10b_parse_prepare_download_request,
      es10b_put_prepare_download_request)
AGAIN(download_answer, es10b_prepare_download_response, es10b_parse_prepare_download_response,
      es10b_put_prepare_download_response)
AGAIN(cancel, es10b_cancel_session_request, es10b_parse_cancel_session_request,
      es10b_put_cancel_session_request)
AGAIN(cancel_answer, es10b_cancel_session_response, es10b_parse_cancel_session_response,
      es10b_put_cancel_session_response)
AGAIN(result, es10b_installation_result, es10b_parse_installation_result,
      es10b_put_installation_result)
AGAIN(retrieve, es10b_retrieve_notifications, es10b_parse_retrieve_notifications,
      es10b_put_retrieve_notifications)
AGAIN(profiles_request, es10c_profiles_request, es10c_parse_profiles_request,
      es10c_put_profiles_request)
AGAIN(profiles, es10c_profiles, es10c_parse_profiles, es10c_put_profiles)
AGAIN(channel, es8p_secure_channel, es8p_parse_secure_channel, es8p_put_secure_channel)
AGAIN(metadata, es8p_metadata, es8p_parse_metadata, es8p_put_metadata)
AGAIN(keys, es8p_session_keys, es8p_parse_session_keys, es8p_put_session_keys)

static enum err again_enable(struct slice der, struct wbuf *w)
{
	struct es10c_profile_command m;
	enum err e = es10c_parse_profile_command(der, SGP22_TAG_ENABLE_PROFILE, &m);

	if (!e)
		es10c_put_profile_command(w, SGP22_TAG_ENABLE_PROFILE, &m);
	return e;
}

static enum err again_delete(struct slice der, struct wbuf *w)
{
	struct es10c_profile_command m;
	enum err e = es10c_parse_profile_command(der, SGP22_TAG_DELETE_PROFILE, &m);

	if (!e)
		es10c_put_profile_command(w, SGP22_TAG_DELETE_PROFILE, &m);
	return e;
}

static enum err again_notifications(struct slice der, struct wbuf *w)
{
	struct es10b_notifications m;
	enum err e = es10b_parse_notifications(der, SGP22_TAG_LIST_NOTIFICATION, &m);

	if (!e)
		es10b_put_notifications(w, SGP22_TAG_LIST_NOTIFICATION, &m);
	return e;
}

static enum err again_nickname(struct slice der, struct wbuf *w)
{
	struct slice iccid, nickname;
	enum err e = es10c_parse_set_nickname(der, &iccid, &nickname);

	if (!e)
		es10c_put_set_nickname(w, iccid, nickname);
	return e;
}

static enum err again_empty(struct slice der, struct wbuf *w)
{
	enum err e = rsp_parse_empty(der, &rsp_type_GetEuiccInfo1Request);

	if (!e)
		tlv_put(w, RSP_GetEuiccInfo1Request, SLICE_EMPTY);
	return e;
}

static enum err again_answer(struct slice der, struct wbuf *w)
{
	uint32_t result;
	enum err e = rsp_parse_result(der, RSP_EnableProfileResponse, &result);

	if (!e)
		rsp_put_result(w, RSP_EnableProfileResponse, result);
	return e;
}

static enum err again_challenge(struct slice der, struct wbuf *w)
{
	struct slice challenge;
	enum err e = es10b_parse_challenge(der, &challenge);

	if (!e)
		es10b_put_challenge(w, challenge);
	return e;
}

static enum err again_default_dp(struct slice der, struct wbuf *w)
{
	struct slice address;
	enum err e = es10a_parse_set_default_dp(der, &address);

	if (!e)
		es10a_put_set_default_dp(w, address);
	return e;
}

static enum err again_get_eid(struct slice der, struct wbuf *w)
{
	enum err e = es10c_parse_get_eid(der);

	if (!e)
		es10c_put_get_eid(w);
	return e;
}

static enum err again_eid(struct slice der, struct wbuf *w)
{
	struct slice eid;
	enum err e = es10c_parse_eid(der, &eid);

	if (!e)
		es10c_put_eid(w, eid);
	return e;
}

static enum err again_reset(struct slice der, struct wbuf *w)
{
	uint32_t options;
	enum err e = es10c_parse_memory_reset(der, &options);

	if (!e)
		es10c_put_memory_reset(w, options);
	return e;
}

static enum err again_list(struct slice der, struct wbuf *w)
{
	bool by_event;
	uint32_t event;
	enum err e = es10b_parse_list_notification(der, &by_event, &event);

	if (!e)
		es10b_put_list_notification(w, by_event, event);
	return e;
}

static enum err again_pending(struct slice der, struct wbuf *w)
{
	struct es10b_notifications m;
	enum err e = es10b_parse_notifications(der, SGP22_TAG_RETRIEVE_NOTIFICATIONS, &m);

	if (!e)
		es10b_put_notifications(w, SGP22_TAG_RETRIEVE_NOTIFICATIONS, &m);
	return e;
}

static enum err again_other(struct slice der, struct wbuf *w)
{
	struct es10b_other_notification m;
	enum err e = es10b_parse_other_notification(der, &m);

	if (!e)
		es10b_put_other_notification(w, &m);
	return e;
}

static enum err again_crl_answer(struct slice der, struct wbuf *w)
{
	struct es10b_load_crl_response m;
	struct wbuf missing = wbuf_grow(256);
	struct cursor c;
	uint32_t part;
	enum err e = es10b_parse_load_crl_response(der, &m);

	c = cursor_of(m.missing);
	while (!e && es10b_next_missing(&c, &part))
		es10b_put_missing(&missing, part);
	e = e ? e : c.err;
	if (!e) {
		m.missing = wbuf_slice(&missing);
		es10b_put_load_crl_response(w, &m);
	}
	wbuf_free(&missing);
	return e;
}

static enum err again_crl(struct slice der, struct wbuf *w)
{
	struct slice contents;
	struct wbuf list = wbuf_grow(256);
	enum err e = es10b_parse_load_crl(der, &contents);

	if (!e) {
		tlv_put(&list, ASN1_SEQUENCE, contents);
		es10b_put_load_crl(w, wbuf_slice(&list));
	}
	wbuf_free(&list);
	return e;
}

/* With one profile in it. */
static enum err again_profile(struct slice der, struct wbuf *w)
{
	struct es10c_profiles m;
	struct es10c_profile_info info;
	struct wbuf items = wbuf_grow(1024);
	struct cursor c;
	enum err e = es10c_parse_profiles(der, &m);

	c = cursor_of(e ? SLICE_EMPTY : m.items);
	while (!e && es10c_next_profile(&c, &info))
		es10c_put_profile_info(&items, &info);
	e = e ? e : c.err;
	if (!e) {
		m.items = wbuf_slice(&items);
		es10c_put_profiles(w, &m);
	}
	wbuf_free(&items);
	return e;
}

static enum err again_rat(struct slice der, struct wbuf *w)
{
	struct slice rules;
	struct rat_rule rule;
	struct cursor c;
	bool consent = false;
	enum err e = es10b_parse_rat(der, &rules);

	if (e)
		return e;
	c = cursor_of(rules);
	while (rat_next(&c, &rule))
		consent = consent || rule.consent;
	if (c.err)
		return c.err;
	/* the rule still says what it said: consent, and 00101 with GID1 aa */
	if (!consent || !rat_allows(rules, RSP_PPR1, test_unhex("800300f1108101aa"), NULL))
		return ERR_REFUSED;
	es10b_put_rat(w, rules);
	return ERR_OK;
}

static enum err again_configure(struct slice der, struct wbuf *w)
{
	struct slice data, oid;
	enum err e = es8p_parse_configure_isdp(der, &data);

	if (!e)
		e = es8p_parse_dp_proprietary(data, &oid);
	if (!e)
		es8p_put_configure_isdp(w, data);
	return e;
}

static enum err again_package(struct slice der, struct wbuf *w)
{
	struct es8p_package m;
	enum err e = es8p_parse_package(der, &m);

	if (!e)
		es8p_put_package(w, &m);
	return e;
}

static const struct {
	const char *name;
	again *run;
	const struct rsp_type *type;
	const char *hex;
} messages[] = {
	{"EuiccInfo1", again_info1, &rsp_type_EUICCInfo1,
	 "bf20358203020500a91604140000000000000000000000000000000000000000aa16041400000000"
	 "00000000000000000000000000000000"},
	{"EuiccInfo2", again_info2, &rsp_type_EUICCInfo2,
	 "bf2272810302030182030205008303010000840d810100820400100000830210008504067f36c086030f00008"
	 "70302030088020490a9160414f54172bdf98a95d65cbeb88a38a1c11d800a85c3aa160414f54172bdf98a95d6"
	 "5cbeb88a38a1c11d800a85c304030100000c09544553542d30303031"},
	{"EuiccInfo2 of version 2.5", again_info2, &rsp_type_EUICCInfo2,
	 "bf224d8103020301820302050083030100008403810100850206c088020308a9160414f54172bdf9"
	 "8a95d65cbeb88a38a1c11d800a85c3aa0004030100000c09544553542d30303031af050403030301"},
	{"ConfiguredAddresses", again_addresses, &rsp_type_EuiccConfiguredAddressesResponse,
	 "bf3c06800161810162"},
	{"AuthenticateServer", again_server, &rsp_type_AuthenticateServerRequest,
	 "bf388199302b80010181101111111111111111111111111111111183026162841022222222222222"
	 "2222222222222222225f374000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000004140000"
	 "0000000000000000000000000000000000003003020101a00c8000a108800435290611a100"},
	{"AuthenticateServer error", again_server_answer, &rsp_type_AuthenticateServerResponse,
	 "bf3808a106800101020106"},
	{"PrepareDownload", again_download, &rsp_type_PrepareDownloadRequest,
	 "bf215030068001010101005f37400000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000003003"
	 "020101"},
	{"PrepareDownload with code", again_download, &rsp_type_PrepareDownloadRequest,
	 "bf2181b6304a8001010101ff5f494104000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "5f374000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000004200000000000000000000000"
	 "0000000000000000000000000000000000000000003003020101"},
	{"PrepareDownload answer", again_download_answer, &rsp_type_PrepareDownloadResponse,
	 "bf21818fa0818c30478001015f494104000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "5f374000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "000000000000000000000000000000000000000000000000000000"},
	{"PrepareDownload error", again_download_answer, &rsp_type_PrepareDownloadResponse,
	 "bf2108a106800101020105"},
	{"CancelSession", again_cancel, &rsp_type_CancelSessionRequest, "bf4106800101810103"},
	{"CancelSession, metadata mismatch", again_cancel, &rsp_type_CancelSessionRequest,
	 "bf4106800101810104"},
	{"CancelSession, load failed", again_cancel, &rsp_type_CancelSessionRequest,
	 "bf4106800101810105"},
	{"CancelSession, undefined reason", again_cancel, &rsp_type_CancelSessionRequest,
	 "bf410680010181017f"},
	{"CancelSession error", again_cancel_answer, &rsp_type_CancelSessionResponse,
	 "bf4103810105"},
	{"CancelSession answer", again_cancel_answer, &rsp_type_CancelSessionResponse,
	 "bf4150a04e30098001018101888201005f3740000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "000000"},
	{"ProfileInstallationResult", again_result, &rsp_type_ProfileInstallationResult,
	 "bf3771bf272b800101bf2f1b800101810207800c06612e746573745a0a98001032547698103214a2"
	 "08a1068001058101085f374000000000000000000000000000000000000000000000000000000000"
	 "000000000000000000000000000000000000000000000000000000000000000000000000"},
	{"ProfileInstallationResult ok", again_result, &rsp_type_ProfileInstallationResult,
	 "bf378184bf273e800101bf2f1b800101810207800c06612e746573745a0a98001032547698103214"
	 "0603883701a216a0144f100000000000000000000000000000000004005f37400000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000"},
	{"RetrieveNotifications", again_retrieve, &rsp_type_RetrieveNotificationsListRequest,
	 "bf2b05a003800101"},
	{"RetrieveNotifications by event", again_retrieve,
	 &rsp_type_RetrieveNotificationsListRequest, "bf2b06a00481020780"},
	{"RetrieveNotifications all", again_retrieve, &rsp_type_RetrieveNotificationsListRequest,
	 "bf2b00"},
	{"ListNotification", again_notifications, &rsp_type_ListNotificationResponse,
	 "bf2820a01ebf2f1b800101810207800c06612e746573745a0a98001032547698103214"},
	{"ProfilesInfo", again_profiles_request, &rsp_type_ProfileInfoListRequest,
	 "bf2d12a00c5a0a980010325476981032145c025a4f"},
	{"ProfilesInfo by class", again_profiles_request, &rsp_type_ProfileInfoListRequest,
	 "bf2d05a003950102"},
	{"ProfilesInfo answer", again_profiles, &rsp_type_ProfileInfoListResponse, "bf2d02a000"},
	{"ProfilesInfo error", again_profiles, &rsp_type_ProfileInfoListResponse, "bf2d03810101"},
	{"Enable", again_enable, &rsp_type_EnableProfileRequest,
	 "bf3111a00c5a0a980010325476981032148101ff"},
	{"Delete", again_delete, &rsp_type_DeleteProfileRequest, "bf330c5a0a98001032547698103214"},
	{"SetNickname", again_nickname, &rsp_type_SetNicknameRequest,
	 "bf29115a0a980010325476981032149003616263"},
	{"InitialiseSecureChannel", again_channel, &rsp_type_InitialiseSecureChannelRequest,
	 "bf238198820101800101a6098001888101108401615f494104000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "0000000000000000005f374000000000000000000000000000000000000000000000000000000000"
	 "000000000000000000000000000000000000000000000000000000000000000000000000"},
	{"StoreMetadata", again_metadata, &rsp_type_StoreMetadataRequest,
	 "bf25245a0a98001032547698103214910161920162950102b60930078002078081016199020640"},
	{"GetEuiccInfo1", again_empty, &rsp_type_GetEuiccInfo1Request, "bf2000"},
	{"EnableProfile answer", again_answer, &rsp_type_EnableProfileResponse, "bf3103800100"},
	{"GetEuiccChallenge answer", again_challenge, &rsp_type_GetEuiccChallengeResponse,
	 "bf2e12801011111111111111111111111111111111"},
	{"SetDefaultDpAddress", again_default_dp, &rsp_type_SetDefaultDpAddressRequest,
	 "bf3f03800161"},
	{"GetEuiccData", again_get_eid, &rsp_type_GetEuiccDataRequest, "bf3e035c015a"},
	{"GetEuiccData answer", again_eid, &rsp_type_GetEuiccDataResponse,
	 "bf3e125a1089049032123451234512345678901235"},
	{"EuiccMemoryReset", again_reset, &rsp_type_EuiccMemoryResetRequest, "bf340482020780"},
	{"ListNotification request", again_list, &rsp_type_ListNotificationRequest,
	 "bf280481020780"},
	{"ListNotification all", again_list, &rsp_type_ListNotificationRequest, "bf2800"},
	{"Notifications", again_pending, &rsp_type_RetrieveNotificationsListResponse,
	 "bf2b6fa06d306bbf2f1b800101810207800c06612e746573745a0a980010325476981032145f3740"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000030030201013003020101"},
	{"OtherSignedNotification", again_other, &rsp_type_OtherSignedNotification,
	 "306bbf2f1b800101810207800c06612e746573745a0a980010325476981032145f37400000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "0000000000000000000000000000000000000030030201013003020102"},
	{"LoadCRL", again_crl, &rsp_type_LoadCRLRequest, "bf3507a0053003020101"},
	{"LoadCRL answer", again_crl_answer, &rsp_type_LoadCRLResponse,
	 "bf350ea00ca00a30038001023003800103"},
	{"GetRAT answer", again_rat, &rsp_type_GetRatResponse,
	 "bf4318a016301480020640a10a3008800300f1108101aa82020780"},
	{"ProfilesInfo of one", again_profile, &rsp_type_ProfileInfoListResponse,
	 "bf2d55a053e3515a0a980010325476981032144f10a0000005591010ffffffff89000011009f7001"
	 "019001619101629201639301019401aa950102b609300780020780810161b705800300f110b80580"
	 "0388370a99020640"},
	{"ConfigureISDP", again_configure, &rsp_type_ConfigureISDPRequest, "bf2407b805800388370a"},
	{"BoundProfilePackage", again_package, &rsp_type_BoundProfilePackage,
	 "bf3616bf2303820101a0028700a1028800a2028700a3028600"},
	{"ReplaceSessionKeys", again_keys, &rsp_type_ReplaceSessionKeysRequest,
	 "bf263680100000000000000000000000000000000081100000000000000000000000000000000082"
	 "1000000000000000000000000000000000"},
};

static void test_round_trip(void)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct slice der = test_unhex(messages[i].hex);
		struct wbuf w = wbuf_grow(4096);

		ASSERT_ERR(messages[i].run(der, &w), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&w), der, messages[i].name);
		wbuf_free(&w);
	}
}

/* Cut at every octet, or followed by one: refused. */
static void test_cut(void)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct slice der = test_unhex(messages[i].hex);
		struct wbuf w = wbuf_grow(4096), longer = wbuf_grow(4096);

		for (size_t cut = 0; cut < der.len; cut++)
			CU_ASSERT_NOT_EQUAL(messages[i].run(slice_sub(der, 0, cut), &w), ERR_OK);
		wbuf_put(&longer, der);
		wbuf_u8(&longer, 0);
		ASSERT_ERR(messages[i].run(wbuf_slice(&longer), &w), ERR_TRAILING);
		CU_ASSERT_EQUAL(w.len, 0);
		wbuf_free(&w);
		wbuf_free(&longer);
	}
}

/*
 * A changed bit is refused, or is in a value and comes out again. Only the count of unused bits in
 * a named BIT STRING may be another (X.690 11.2.2 fixes it, other encoders do not keep to it), and
 * TRUE of BER any octet but 00.
 */
static void test_bits(void)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct slice der = test_unhex(messages[i].hex);
		struct wbuf changed = wbuf_grow(4096), w = wbuf_grow(4096);
		unsigned lost = 0;

		wbuf_put(&changed, der);
		for (size_t bit = 0; bit < der.len * 8; bit++) {
			changed.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
			wbuf_cut(&w, 0);
			lost += messages[i].run(wbuf_slice(&changed), &w) == ERR_OK &&
				slice_equal(wbuf_slice(&w), der);
			changed.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CU_ASSERT(lost <= (messages[i].run == again_enable ? 8 : 4));
		wbuf_free(&changed);
		wbuf_free(&w);
	}
}

/* What came out of a message that was extended is what the message says. */
static void expect_same(size_t i, struct slice extended, struct slice der)
{
	struct wbuf w = wbuf_grow(8192), plain = wbuf_grow(8192);

	ASSERT_ERR(messages[i].run(extended, &w), ERR_OK);
	if (w.len)
		rsp_strip(wbuf_slice(&w), messages[i].type, &plain);
	ASSERT_OCTETS(wbuf_slice(&plain), der, messages[i].name);
	wbuf_free(&w);
	wbuf_free(&plain);
}

/* RSPDefinitions has EXTENSIBILITY IMPLIED (X.680 7.2): an element of a later version at every
 * place, one at a time, then at all places at once. */
static void test_extended(void)
{
	size_t all = 0;

	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct slice der = test_unhex(messages[i].hex);
		struct rsp_extension x = {.places = 0};
		struct wbuf w = wbuf_grow(8192);

		for (size_t k = 0; rsp_unknown_elements[k]; k++) {
			x.element = test_unhex(rsp_unknown_elements[k]);
			for (x.at = 0; x.at == 0 || x.at < x.places; x.at++) {
				wbuf_cut(&w, 0);
				rsp_extend(der, messages[i].type, &x, &w);
				expect_same(i, wbuf_slice(&w), der);
			}
			x.at = RSP_EVERYWHERE;
			wbuf_cut(&w, 0);
			rsp_extend(der, messages[i].type, &x, &w);
			expect_same(i, wbuf_slice(&w), der);
		}
		all += x.places;
		wbuf_free(&w);
	}
	CU_ASSERT(all > 250);
}

/* What is no data object is refused, and so is a member that is known and comes again. */
static void test_extended_badly(void)
{
	static const char *const bad[] = {
		"00",	      /* no length */
		"9e05",	      /* shorter than it says */
		"9e80",	      /* without an end */
		"9e8101aa",   /* a length of two octets that needs one */
		"1f",	      /* half a tag */
		"be029e05",   /* the same inside */
		"be0100",     /* half an object inside */
		"be020000",   /* the end of what has none */
		"9f80010100", /* a tag with a zero in front */
	};

	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct slice der = test_unhex(messages[i].hex);
		struct rsp_extension x = {.at = 0};
		struct wbuf w = wbuf_grow(8192), out = wbuf_grow(8192);

		rsp_extend(der, messages[i].type, &x, &w);
		if (messages[i].type->kind == RSP_SEQUENCE)
			x.at = x.places - 1; /* behind its last member */
		for (size_t k = 0; x.at && k < ARRAY_LEN(bad); k++) {
			wbuf_cut(&w, 0);
			x.element = test_unhex(bad[k]);
			rsp_extend(der, messages[i].type, &x, &w);
			CU_ASSERT_NOT_EQUAL(messages[i].run(wbuf_slice(&w), &out), ERR_OK);
		}
		wbuf_free(&w);
		wbuf_free(&out);
	}
}

/* A member that is known, again: behind the last one, and another one's tag between. */
static void test_twice(void)
{
	static const struct {
		again *run;
		const char *hex;
		enum err e;
	} rows[] = {
		{again_enable, "bf3114a00c5a0a980010325476981032148101ff8101ff", ERR_TRAILING},
		{again_enable, "bf3114a00c5a0a980010325476981032149e01ff8101ff", ERR_OK},
		{again_enable, "bf31118101ffa00c5a0a98001032547698103214", ERR_TAG},
		{again_enable, "bf3111a00c5a0a98001032547698103214810101", ERR_OK}, /* BER's TRUE */
		{again_enable, "bf3112a00c5a0a9800103254769810321481020001", ERR_ENCODING},
		{again_enable, "bf3110a00c5a0a980010325476981032148100", ERR_ENCODING},
		{again_enable, "bf3113a00e5a0a980010325476981032149e008101ff", ERR_TRAILING},
		{again_enable, "bf3107a0029e008101ff", ERR_UNSUPPORTED}, /* none that is known */
		{again_enable, "bf3105a0008101ff", ERR_TAG},
		{again_addresses, "bf3c09800161810162810163", ERR_TRAILING},
		{again_addresses, "bf3c09800161800163810162", ERR_TAG},
		{again_retrieve, "bf2b06a004800101", ERR_TRUNCATED},
		{again_retrieve, "bf2b05a003850101", ERR_UNSUPPORTED},
		{again_profiles_request, "bf2d05a003960102", ERR_UNSUPPORTED},
		{again_delete, "bf330e5a0a980010325476981032149e00", ERR_TRAILING},
		{again_crl, "bf35053003020101", ERR_OK}, /* without the module's tag */
		{again_crl, "bf350aa003020101a003020101", ERR_TRAILING},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wbuf w = wbuf_grow(1024);

		ASSERT_ERR(rows[i].run(test_unhex(rows[i].hex), &w), rows[i].e);
		wbuf_free(&w);
	}
}

/* Bits that a later version names are no error, and nobody's here. */
static void test_many_bits(void)
{
	struct es10b_notification n;

	ASSERT_ERR(es10b_parse_notification(test_unhex("bf2f1180010181070080000000ff010c0361626c"),
					    &n),
		   ERR_OK);
	CU_ASSERT_EQUAL(n.event, RSP_EVENT_INSTALL);
}

/* What an unmodified LPA sends and what it was answered, as recorded: every message is taken. */
static void test_recorded(void)
{
	struct slice text = test_shared("rsp/session/apdu.txt");
	struct cursor c = cursor_of(text);
	struct wbuf line = wbuf_grow(1024), chain = wbuf_grow(1 << 16);
	size_t parsed = 0;

	while (cursor_left(&c)) {
		uint8_t ch = cursor_u8(&c);

		if (ch != '\n') {
			wbuf_u8(&line, ch);
			continue;
		}
		wbuf_u8(&line, 0);
		if (line.len > 13 && memcmp(line.ptr, "> 81e2", 6) == 0) {
			if (memcmp(line.ptr + 8, "00", 2) == 0)
				wbuf_cut(&chain, 0);
			wbuf_put(&chain, test_unhex((const char *)line.ptr + 12));
			for (size_t i = 0;
			     memcmp(line.ptr + 6, "91", 2) == 0 && i < ARRAY_LEN(messages); i++) {
				struct wbuf w = wbuf_grow(1 << 16);

				if (messages[i].run(wbuf_slice(&chain), &w) == ERR_OK) {
					ASSERT_OCTETS(wbuf_slice(&w), wbuf_slice(&chain),
						      "recorded");
					parsed++;
				}
				wbuf_free(&w);
			}
		}
		wbuf_cut(&line, 0);
	}
	CU_ASSERT(!text.len || parsed >= 8);
	wbuf_free(&line);
	wbuf_free(&chain);
}

TEST_SUITE(rsp, {"each message, read and written", test_round_trip},
	   {"each message, cut and with a tail", test_cut},
	   {"each message with a changed bit", test_bits},
	   {"each message, extended at every place", test_extended},
	   {"each message, extended by what is none", test_extended_badly},
	   {"members twice, alternatives that are not known", test_twice},
	   {"bits of later versions", test_many_bits},
	   {"the messages of a recorded session", test_recorded})
