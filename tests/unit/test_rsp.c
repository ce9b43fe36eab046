#include "tests/unit/test.h"

#include <string.h>

#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"

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

static const struct {
	const char *name;
	again *run;
	const char *hex;
} messages[] = {
	{"EuiccInfo1", again_info1,
	 "bf20358203020500a91604140000000000000000000000000000000000000000aa16041400000000"
	 "00000000000000000000000000000000"},
	{"EuiccInfo2", again_info2,
	 "bf2272810302030182030205008303010000840d810100820400100000830210008504067f36c086030f00008"
	 "70302030088020490a9160414f54172bdf98a95d65cbeb88a38a1c11d800a85c3aa160414f54172bdf98a95d6"
	 "5cbeb88a38a1c11d800a85c304030100000c09544553542d30303031"},
	{"EuiccInfo2 of version 2.5", again_info2,
	 "bf224d8103020301820302050083030100008403810100850206c088020308a9160414f54172bdf9"
	 "8a95d65cbeb88a38a1c11d800a85c3aa0004030100000c09544553542d30303031af050403030301"},
	{"ConfiguredAddresses", again_addresses, "bf3c06800161810162"},
	{"AuthenticateServer", again_server,
	 "bf388199302b80010181101111111111111111111111111111111183026162841022222222222222"
	 "2222222222222222225f374000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000004140000"
	 "0000000000000000000000000000000000003003020101a00c8000a108800435290611a100"},
	{"AuthenticateServer error", again_server_answer, "bf3808a106800101020106"},
	{"PrepareDownload", again_download,
	 "bf215030068001010101005f37400000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000003003"
	 "020101"},
	{"PrepareDownload with code", again_download,
	 "bf2181b6304a8001010101ff5f494104000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "5f374000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000004200000000000000000000000"
	 "0000000000000000000000000000000000000000003003020101"},
	{"PrepareDownload answer", again_download_answer,
	 "bf21818fa0818c30478001015f494104000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "5f374000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "000000000000000000000000000000000000000000000000000000"},
	{"PrepareDownload error", again_download_answer, "bf2108a106800101020105"},
	{"CancelSession", again_cancel, "bf4106800101810103"},
	{"CancelSession, metadata mismatch", again_cancel, "bf4106800101810104"},
	{"CancelSession, load failed", again_cancel, "bf4106800101810105"},
	{"CancelSession, undefined reason", again_cancel, "bf410680010181017f"},
	{"CancelSession error", again_cancel_answer, "bf4103810105"},
	{"CancelSession answer", again_cancel_answer,
	 "bf4150a04e30098001018101888201005f3740000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "000000"},
	{"ProfileInstallationResult", again_result,
	 "bf3771bf272b800101bf2f1b800101810207800c06612e746573745a0a98001032547698103214a2"
	 "08a1068001058101085f374000000000000000000000000000000000000000000000000000000000"
	 "000000000000000000000000000000000000000000000000000000000000000000000000"},
	{"ProfileInstallationResult ok", again_result,
	 "bf378184bf273e800101bf2f1b800101810207800c06612e746573745a0a98001032547698103214"
	 "0603883701a216a0144f100000000000000000000000000000000004005f37400000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000"},
	{"RetrieveNotifications", again_retrieve, "bf2b05a003800101"},
	{"RetrieveNotifications by event", again_retrieve, "bf2b06a00481020780"},
	{"RetrieveNotifications all", again_retrieve, "bf2b00"},
	{"ListNotification", again_notifications,
	 "bf2820a01ebf2f1b800101810207800c06612e746573745a0a98001032547698103214"},
	{"ProfilesInfo", again_profiles_request, "bf2d12a00c5a0a980010325476981032145c025a4f"},
	{"ProfilesInfo by class", again_profiles_request, "bf2d05a003950102"},
	{"ProfilesInfo answer", again_profiles, "bf2d02a000"},
	{"ProfilesInfo error", again_profiles, "bf2d03810101"},
	{"Enable", again_enable, "bf3111a00c5a0a980010325476981032148101ff"},
	{"Delete", again_delete, "bf330c5a0a98001032547698103214"},
	{"SetNickname", again_nickname, "bf29115a0a980010325476981032149003616263"},
	{"InitialiseSecureChannel", again_channel,
	 "bf238198820101800101a6098001888101108401615f494104000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "0000000000000000005f374000000000000000000000000000000000000000000000000000000000"
	 "000000000000000000000000000000000000000000000000000000000000000000000000"},
	{"StoreMetadata", again_metadata,
	 "bf25245a0a98001032547698103214910161920162950102b60930078002078081016199020640"},
	{"ReplaceSessionKeys", again_keys,
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
 * a named BIT STRING may be another (X.690 11.2.2 fixes it, other encoders do not keep to it).
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
		CU_ASSERT(lost <= 4);
		wbuf_free(&changed);
		wbuf_free(&w);
	}
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
	   {"the messages of a recorded session", test_recorded})
