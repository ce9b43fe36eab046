/* hostapd: its events and what it says of stations: as they are, cut at every octet, and lies */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/gateway/hostapd.h"

#define MAC "02:00:00:00:00:01"

static void test_macs(void)
{
	static const char *const bad[] = {"",
					  "02:00:00:00:00:0",
					  "02:00:00:00:00:011",
					  "02-00-00-00-00-01",
					  "02:00:00:00:00:0g",
					  "02:00:00:00:00:0A",
					  "00:00:00:00:00:00",
					  "ff:ff:ff:ff:ff:ff",
					  "01:80:c2:00:00:03",
					  " 2:00:00:00:00:01"};
	uint8_t mac[HOSTAPD_MAC_LEN];
	char text[HOSTAPD_MAC_CAP];

	ASSERT_ERR(hostapd_mac(slice_str("02:0a:bC:00:00:01"), mac), ERR_ENCODING);
	ASSERT_ERR(hostapd_mac(slice_str("02:0a:bc:00:00:fe"), mac), ERR_OK);
	hostapd_mac_text(mac, text);
	CU_ASSERT_STRING_EQUAL(text, "02:0a:bc:00:00:fe");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(hostapd_mac(slice_str(bad[i]), mac), ERR_ENCODING);
	ASSERT_ERR(hostapd_mac(slice_make("02:00:00:00:00\0001", 17), mac), ERR_ENCODING);
}

static void test_events(void)
{
	static const struct {
		const char *text;
		enum err e;
		enum hostapd_event_kind kind;
	} all[] = {
		{"<3>CTRL-EVENT-EAP-SUCCESS " MAC, ERR_OK, HOSTAPD_SUCCESS},
		{"<3>CTRL-EVENT-EAP-SUCCESS2 " MAC, ERR_OK, HOSTAPD_FOREIGN},
		{"<3>CTRL-EVENT-EAP-FAILURE " MAC, ERR_OK, HOSTAPD_GONE},
		{"<3>CTRL-EVENT-EAP-FAILURE2 " MAC, ERR_OK, HOSTAPD_GONE},
		{"<3>CTRL-EVENT-EAP-TIMEOUT-FAILURE " MAC, ERR_OK, HOSTAPD_GONE},
		{"<3>CTRL-EVENT-EAP-TIMEOUT-FAILURE2 " MAC, ERR_OK, HOSTAPD_GONE},
		{"<3>AP-STA-CONNECTED " MAC, ERR_OK, HOSTAPD_LET_IN},
		{"<3>AP-STA-CONNECTED " MAC " auth_alg=open", ERR_OK, HOSTAPD_LET_IN},
		{"<3>AP-STA-DISCONNECTED " MAC, ERR_OK, HOSTAPD_GONE},
		{"<3>AP-STA-DISCONNECTED " MAC " reason=3", ERR_OK, HOSTAPD_GONE},
		{"<3>CTRL-EVENT-TERMINATING ", ERR_OK, HOSTAPD_ENDS},
		{"<3>AP-DISABLED ", ERR_OK, HOSTAPD_ENDS},
		{"<3>CTRL-EVENT-EAP-STARTED " MAC, ERR_OK, HOSTAPD_OTHER},
		{"<2>WHAT-COMES-LATER ", ERR_OK, HOSTAPD_OTHER},
		{"", ERR_LENGTH, HOSTAPD_OTHER},
		{"CTRL-EVENT-EAP-SUCCESS " MAC, ERR_ENCODING, HOSTAPD_OTHER},
		{"<>CTRL-EVENT-EAP-SUCCESS " MAC, ERR_ENCODING, HOSTAPD_OTHER},
		{"<x>CTRL-EVENT-EAP-SUCCESS " MAC, ERR_ENCODING, HOSTAPD_OTHER},
		{"<3>CTRL-EVENT-EAP-SUCCESS", ERR_ENCODING, HOSTAPD_OTHER},
		{"<3>CTRL-EVENT-EAP-SUCCESS " MAC " x", ERR_ENCODING, HOSTAPD_OTHER},
		{"<3>CTRL-EVENT-EAP-SUCCESS " MAC "\n", ERR_ENCODING, HOSTAPD_OTHER},
		{"<3>CTRL-EVENT-EAP-SUCCESS  " MAC, ERR_ENCODING, HOSTAPD_OTHER},
		{"<3>CTRL-EVENT-EAP-SUCCESS ff:ff:ff:ff:ff:ff", ERR_ENCODING, HOSTAPD_OTHER},
	};
	static const uint8_t mac[] = {2, 0, 0, 0, 0, 1};
	static char large[HOSTAPD_MESSAGE_MAX + 1];
	struct hostapd_event ev;

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		ASSERT_ERR(hostapd_event_read(slice_str(all[i].text), &ev), all[i].e);
		if (all[i].e)
			continue;
		CU_ASSERT_EQUAL(ev.kind, all[i].kind);
		if (ev.kind == HOSTAPD_SUCCESS || ev.kind == HOSTAPD_GONE)
			CU_ASSERT_EQUAL(memcmp(ev.mac, mac, sizeof(mac)), 0);
	}
	/* a success that is cut is none */
	for (size_t n = 0; n < strlen(all[0].text); n++)
		CU_ASSERT(hostapd_event_read(slice_make(all[0].text, n), &ev) ||
			  ev.kind == HOSTAPD_OTHER);
	memset(large, 'A', sizeof(large));
	memcpy(large, "<3>", 3);
	ASSERT_ERR(hostapd_event_read(slice_make(large, HOSTAPD_MESSAGE_MAX), &ev), ERR_OK);
	ASSERT_ERR(hostapd_event_read(SLICE_OF(large), &ev), ERR_LENGTH);
}

/* As hostapd 2.10 says it, with what matters in the place of %s. */
static struct slice answer(const char *flags, const char *pae, const char *identity,
			   const char *method)
{
	static char text[1024];
	int n = snprintf(text, sizeof(text),
			 MAC "\nflags=%s\naid=0\ncapability=0x0\nlisten_interval=0\n"
			     "supported_rates=\ntimeout_next=NULLFUNC POLL\n"
			     "dot1xPaePortNumber=0\ndot1xAuthPaeState=%s\n"
			     "dot1xAuthSessionTime=10\ndot1xAuthSessionUserName=%s\n"
			     "authMultiSessionId=C1E2BFB8A2F2D930\n"
			     "last_eap_type_as=0 (unknown)\nlast_eap_type_sta=%s\n",
			 flags, pae, identity, method);

	CU_ASSERT_FATAL(n > 0 && n < (int)sizeof(text));
	return slice_make(text, (size_t)n);
}

#define REALM "@wlan.mnc001.mcc001.3gppnetwork.org"
#define GOOD  "[AUTHORIZED]", "5"

static void test_identities(void)
{
	static const struct {
		const char *identity, *method, *imsi; /* "": none of ours */
	} all[] = {
		{"0001010000000001" REALM, "23 (AKA)", "001010000000001"},
		{"1001010000000001" REALM, "18 (SIM)", "001010000000001"},
		{"6001010000000001" REALM, "50 (AKA')", "001010000000001"},
		{"0001010000000001", "23 (AKA)", "001010000000001"},
		{"0001010" REALM, "23 (AKA)", "001010"},
		/* of another method, a pseudonym, a name, too short, too long, more than digits */
		{"6001010000000001" REALM, "23 (AKA)", ""},
		{"0001010000000001" REALM, "50 (AKA')", ""},
		{"0001010000000001" REALM, "4 (MD5)", ""},
		{"0001010000000001" REALM, "", ""},
		{"2001010000000001" REALM, "23 (AKA)", ""},
		{"4001010000000001" REALM, "23 (AKA)", ""},
		{"anonymous" REALM, "23 (AKA)", ""},
		{"000101" REALM, "23 (AKA)", ""},
		{"00010100000000012" REALM, "23 (AKA)", ""},
		{"000101000000000x" REALM, "23 (AKA)", ""},
		{"0001010000000001 " REALM, "23 (AKA)", ""},
		{"", "23 (AKA)", ""},
		{"(null)", "23 (AKA)", ""},
	};
	struct hostapd_station st;

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		ASSERT_ERR(hostapd_station_read(answer(GOOD, all[i].identity, all[i].method), &st),
			   ERR_OK);
		CU_ASSERT(st.authorized && st.settled);
		CU_ASSERT_STRING_EQUAL(st.imsi, all[i].imsi);
		CU_ASSERT_EQUAL(*st.name != 0, *st.imsi != 0);
	}
}

static void test_stations(void)
{
	static const char *const lies[] = {
		("0001010000000001\ndot1xAuthSessionUserName=0001010000000002" REALM),
		"x\nlast_eap_type_sta=23 (AKA)",
		"x\ndot1xAuthPaeState=5",
		"x\nflags=[AUTHORIZED]",
	};
	static char large[HOSTAPD_MESSAGE_MAX + 1];
	struct hostapd_station st;
	struct slice whole;

	/* who is not let in, or in the middle of a run */
	ASSERT_ERR(hostapd_station_read(answer("", "5", "x", "23"), &st), ERR_OK);
	CU_ASSERT_FALSE(st.authorized);
	ASSERT_ERR(hostapd_station_read(answer("[AUTHORIZED]", "4", "x", "23"), &st), ERR_OK);
	CU_ASSERT(st.authorized && !st.settled);
	/* an identity with line ends in it says nothing more than hostapd does */
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		st = (struct hostapd_station){.authorized = false};
		ASSERT_ERR(hostapd_station_read(answer(GOOD, lies[i], "23 (AKA)"), &st),
			   ERR_DUPLICATE);
		CU_ASSERT(st.mac[0] == 2 && !st.authorized); /* whom it is of, and no more */
	}
	ASSERT_ERR(hostapd_station_read(slice_str("FAIL\n"), &st), ERR_NOT_FOUND);
	ASSERT_ERR(hostapd_station_read(SLICE_EMPTY, &st), ERR_NOT_FOUND);
	ASSERT_ERR(hostapd_station_read(slice_str("OK\n"), &st), ERR_ENCODING);
	ASSERT_ERR(hostapd_station_read(slice_str(MAC "\n"), &st), ERR_TAG);
	ASSERT_ERR(hostapd_station_read(SLICE_OF(large), &st), ERR_LENGTH);
	/* cut anywhere before its method, it names nobody */
	whole = answer(GOOD, "0001010000000001" REALM, "23 (AKA)");
	for (size_t n = 0; n + strlen("23 (AKA)\n") <= whole.len; n++)
		CU_ASSERT(hostapd_station_read(slice_sub(whole, 0, n), &st) || !*st.imsi);
}

TEST_SUITE(hostapd, {"addresses", test_macs}, {"events", test_events},
	   {"identities", test_identities}, {"stations", test_stations})
