/* exchanges are named and explained; what is secret is not told */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/decode/decode.h"

#define OCTETS_MAX 600

/* Lines as a person gets them. */
struct told {
	char text[16384];
	size_t len;
	int depth;
	bool tree, wordless;
	bool octets; /* of the nodes, whatever words they have */
};

static void put(struct told *t, const char *text)
{
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, "%s", text);
}

static void open_node(void *ctx, const struct tree_node *n)
{
	char raw[2 * OCTETS_MAX + 1] = "";
	struct told *t = ctx;

	hex_encode(slice_sub(n->raw, 0, OCTETS_MAX), raw, sizeof(raw));
	for (int i = 0; i < t->depth; i++)
		put(t, " ");
	t->depth++;
	put(t, n->key);
	put(t, ": ");
	put(t, n->value && !t->octets ? n->value : raw);
	put(t, n->fault ? " !" : "");
	put(t, "\n");
}

static void close_node(void *ctx)
{
	struct told *t = ctx;

	t->depth--;
}

static void take(void *ctx, const struct decode_item *item)
{
	struct told *t = ctx;
	const struct tree tree = {
		.open = open_node, .close = close_node, .ctx = t, .wordless = t->wordless};
	char hex[2 * OCTETS_MAX + 1] = "";

	put(t, item->name);
	if (!item->event) {
		put(t, "|");
		put(t, item->view.path);
		put(t, "|");
		put(t, item->what);
		put(t, "|");
		put(t, item->status);
		hex_encode(item->data, hex, sizeof(hex));
		put(t, "|");
		put(t, hex);
		hex_encode(item->answer, hex, sizeof(hex));
		put(t, "|");
		put(t, hex);
	}
	put(t, "\n");
	if (t->tree)
		decode_tell(item, &tree);
	CU_ASSERT_EQUAL(t->depth, 0);
}

/* Words that are asked for are those that come by themselves otherwise. */
static void take_wordless(void *ctx, const struct decode_item *item)
{
	struct decode_item spoken = *item;
	struct decode_words words;

	if (!item->event) {
		if (item->command)
			CU_ASSERT_STRING_EQUAL(item->name, item->command->name);
		CU_ASSERT_STRING_EQUAL(item->what, "");
		CU_ASSERT_STRING_EQUAL(item->status, "");
		decode_words(item, &words);
		spoken.name = words.name;
		spoken.what = words.what;
		spoken.status = words.status;
	}
	take(ctx, &spoken);
}

static void feed(struct decode *d, const char *line)
{
	struct trace_event e = {.kind = TRACE_RESET};
	char command[OCTETS_MAX], response[OCTETS_MAX];
	struct wbuf c = wbuf_grow(OCTETS_MAX), r = wbuf_grow(OCTETS_MAX);

	if (sscanf(line, "%599s %599s", command, response) == 2) {
		ASSERT_ERR(hex_decode(command, &c), ERR_OK);
		ASSERT_ERR(hex_decode(response, &r), ERR_OK);
		e.kind = TRACE_EXCHANGE;
		e.command = wbuf_slice(&c);
		e.response = wbuf_slice(&r);
	}
	decode_event(d, &e);
	wbuf_free(&c);
	wbuf_free(&r);
}

static void decode_to(const struct decode_sink *sink, const char *const *lines)
{
	struct decode *d = decode_open(sink);

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	while (*lines)
		feed(d, *lines++);
	decode_end(d);
	decode_close(&d);
}

static const char *decode_lines(const char *const *lines, bool tree)
{
	static struct told told;

	told = (struct told){.tree = tree};
	decode_to(&(struct decode_sink){.take = take, .ctx = &told}, lines);
	return told.text;
}

static void same(const char *got, const char *wanted)
{
	CU_ASSERT_STRING_EQUAL(got, wanted);
	if (strcmp(got, wanted) != 0)
		fprintf(stderr, "got:\n%swanted:\n%s", got, wanted);
}
#define DECODE(wanted, ...)                                                                        \
	do {                                                                                       \
		const char *const lines[] = {__VA_ARGS__, NULL};                                   \
		same(decode_lines(lines, false), wanted);                                          \
	} while (0)
#define DECODE_TREE(wanted, ...)                                                                   \
	do {                                                                                       \
		const char *const lines[] = {__VA_ARGS__, NULL};                                   \
		const char *got = decode_lines(lines, true);                                       \
		CU_ASSERT_PTR_NOT_NULL(strstr(got, wanted));                                       \
		if (!strstr(got, wanted))                                                          \
			fprintf(stderr, "got:\n%swanted:\n%s", got, wanted);                       \
	} while (0)

#define USIM  "00A4040407A0000000871002 9000"
#define IMSI  "00A4000C026F07 9000"
#define ISDR  "00A4040010A0000005591010FFFFFFFF8900000100 9000"
#define LANE1 "0070000001 019000"
#define ARAM  "00A4040009A00000015141434C00 9000"

static void test_places(void)
{
	DECODE("SELECT|MF/EF.ICCID||ok|2fe2|\n"
	       "READ BINARY|MF/EF.ICCID|2 octets|ok||9810\n",
	       "00A4000C022FE2 9000", "00B0000002 98109000");
	DECODE("SELECT|MF/ADF.USIM|AID a0000000871002|ok|a0000000871002|\n"
	       "SELECT|MF/ADF.USIM/EF.IMSI||ok|6f07|\n"
	       "SELECT|MF/DF.TELECOM||ok|7f10|\n"
	       "SELECT|MF/ADF.USIM||ok|7fff|\n"
	       "SELECT|MF/ADF.USIM/DF.5GS/4FFE||there is no such file or "
	       "application|7fff5fc04ffe|\n"
	       "SELECT|MF||ok||\n",
	       USIM, IMSI, "00A4000C027F10 9000", "00A4000C027FFF 9000",
	       "00A4080C067FFF5FC04FFE 6A82", "00A4000C 9000");
	/* short identifiers: what the standard says, what the card said, what nobody said */
	DECODE("SELECT|MF/ADF.USIM|AID a0000000871002|ok|a0000000871002|\n"
	       "READ BINARY|MF/ADF.USIM/EF.IMSI|1 octets|ok||08\n"
	       "SELECT|MF/ADF.USIM/6F99||ok|6f99|620783026f998801e8\n"
	       "SELECT|MF/ADF.USIM||ok|7fff|\n"
	       "READ BINARY|MF/ADF.USIM/6F99|1 octets|ok||01\n"
	       "READ BINARY|MF/ADF.USIM|1 octets|ok||01\n",
	       USIM, "00B0870001 089000", "00A40004026F99 620783026F998801E89000",
	       "00A4000C027FFF 9000", "00B09D0001 019000", "00B09C0001 019000");
	/* 2G */
	DECODE("SELECT|MF/DF.GSM||ok|7f20|\nSELECT|MF/DF.GSM/EF.IMSI||ok|6f07|\n",
	       "A0A40000027F20 9000", "A0A40000026F07 9000");
}

static void test_channels(void)
{
	DECODE("SELECT|MF/ADF.USIM|AID a0000000871002|ok|a0000000871002|\n"
	       "MANAGE CHANNEL|MF/ADF.USIM|open: channel 1|ok||01\n"
	       "SELECT|ISD-R|AID a0000005591010ffffffff8900000100|ok|"
	       "a0000005591010ffffffff8900000100|\n"
	       "STATUS|MF/ADF.USIM||ok||\n"
	       "STORE DATA|ISD-R|ES10b.GetEUICCChallenge|ok|bf2e00|bf2e00\n"
	       "MANAGE CHANNEL|MF/ADF.USIM|close channel 1|ok||\n"
	       "reset\n"
	       "STATUS|MF||ok||\n",
	       USIM, LANE1, "01A4040010A0000005591010FFFFFFFF8900000100 9000", "80F2000C 9000",
	       "81E2910003BF2E00 BF2E009000", "00708001 9000", "reset", "80F2000C 9000");
}

static void test_meanings(void)
{
	DECODE("VERIFY PIN|MF|PIN 1, asks for its state|3 attempts are left||\n"
	       "VERIFY PIN|MF|PIN 1, 4 digits, in clear|wrong: 2 attempts are left|"
	       "ffffffffffffffff|\n"
	       "VERIFY PIN|MF|PIN 1, masked|ok|ffffffffffffffff|\n"
	       "CHANGE PIN|MF|ADM1, masked; new: 8 digits, in clear|blocked: no attempt is left|"
	       "ffffffffffffffffffffffffffffffff|\n",
	       "0020000100 63C3", "002000010831323334FFFFFFFF 63C2",
	       "0020000108FFFFFFFFFFFFFFFF 9000",
	       "0024000A10FFFFFFFFFFFFFFFF3132333435363738 6983");
	DECODE("GET STATUS|MF|issuer security domain|referenced data not found|4f00|\n"
	       "unknown FF 00|MF||class not supported||\n"
	       "READ BINARY|MF||command not allowed (no EF selected)||\n",
	       "80F28002024F00 6A88", "FF00000000 6E00", "00B0000001 6986");
}

/* Neither the line nor the tree has an octet of a PIN or of a session key. */
static void test_secrets(void)
{
	static const char *const lines[] = {
		"002000010831323334FFFFFFFF 9000",
		"002C00011039393939393939393132333435363738 63C5",
		"0088008122 10 9000",
		USIM,
		"00880081221011111111111111111111111111111111"
		"1022222222222222222222222222222222 DB08A1A2A3A4A5A6A7A8"
		"10C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C110C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1"
		"08C0C1C0C1C0C1C0C19000",
		"00C0000035 DB08A1A2A3A4A5A6A7A810C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1"
		"10C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C108C0C1C0C1C0C1C0C19000",
		"A088000010AABBAABBAABBAABBAABBAABBAABBAABB A1A2A3A4C0C1C0C1C0C1C0C19000",
		"A0C000000C A1A2A3A4C0C1C0C1C0C1C0C19000",
		"008800801110AABBAABBAABBAABBAABBAABBAABBAABB 04A1A2A3A408C0C1C0C1C0C1C0C19000",
		NULL};
	const char *got = decode_lines(lines, true);

	CU_ASSERT_PTR_NULL(strstr(got, "c0c1"));
	CU_ASSERT_PTR_NULL(strstr(got, "3132"));
	CU_ASSERT_PTR_NULL(strstr(got, "3939"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "a1a2a3a4"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "ck: 16 octets, in clear, not shown"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "kc: 8 octets, in clear, not shown"));
}

/* Nor of a key that stands in a file, from its beginning or from anywhere. */
static void test_files_of_keys(void)
{
	static const char *const lines[] = {
		USIM,
		"00A40004026F08 9000",
		"00B0000021 02C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C19000",
		"00B0000504 C0C1C0C19000",
		"00D6000004C0C1C0C1 9000",
		"00B0880021 02C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C19000",
		"00A40004026F07 9000",
		"00B0000009 0829261011608457409000",
		NULL};
	const char *got = decode_lines(lines, true);

	CU_ASSERT_PTR_NULL(strstr(got, "c0c1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "ck: 16 octets, not shown"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "of EF.Keys, which has secrets: 4 octets, not shown"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "082926101160845740"));
}

/* What lies in a phone book, EF.PBR says: of that one alone, and once it was read. */
static void test_phonebook(void)
{
	static const char *const lines[] = {"00A40804067F105F3A4F3A 9000",
					    "00B2010404 112233449000",
					    "00A40804067F105F3A4F30 9000",
					    "00B201040C A80AC0034F3A02C5034F09049000",
					    "00A40804067F105F3A4F3A 9000",
					    "00B2010412 416E6EFF038121F3FFFFFFFFFFFFFFFFFFFF9000",
					    "00B2010404 6F00",
					    USIM,
					    "00A40804067FFF5F3A4F3A 9000",
					    "00B2010404 556677889000",
					    NULL};
	const char *got = decode_lines(lines, true);

	CU_ASSERT_PTR_NOT_NULL(strstr(got, "ef: 11223344\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "adn: 416e6eff"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "name: Ann\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "ef: 55667788\n"));
}

static void test_authenticate(void)
{
	DECODE_TREE("rand: 11111111111111111111111111111111\n"
		    "autn: 22222222222280003333333333333333\n"
		    " sqn-ak: 222222222222\n amf: 8000\n mac: 3333333333333333\n"
		    "auts: 0102030405061718191a1b1c1d1e\n"
		    " sqn-ms-ak: 010203040506\n mac-s: 1718191a1b1c1d1e\n",
		    USIM,
		    "00880081221011111111111111111111111111111111"
		    "1022222222222280003333333333333333 DC0E0102030405061718191A1B1C1D1E9000");
}

static void test_remote(void)
{
	DECODE_TREE("ProfileInfoListResponse: a00ee30c5a0a98001032547698103214\n"
		    " profileInfoListOk: e30c5a0a98001032547698103214\n"
		    "  ProfileInfo: 5a0a98001032547698103214\n   iccid: 89000123456789012341\n",
		    "80E2910003BF2D00 BF2D10A00EE30C5A0A980010325476981032149000");
	DECODE_TREE("EnableProfileResponse: 800101\n enableResult: iccidOrAidNotFound\n",
		    "80E2910003BF3100 BF31038001019000");
	DECODE_TREE("segment: tag 86, 3 of 4 octets are here\n", ISDR, "80E29100058604010203 9000");
	DECODE_TREE("group: 3A02, 2 octets\n", "80E2880005"
					       "3A0202AABB 9000");
	DECODE_TREE("status: 830102\n state: sealed\n", "80E2910003BF7000 BF70038301029000");
}

static void test_toolkit(void)
{
	DECODE("FETCH|MF|REFRESH|ok||d009810301010482028182\n",
	       "801200000B D0098103010104820281829000");
	DECODE_TREE("proactive-command: 810301010482028182\n"
		    " command-details: number 1, REFRESH, qualifier 04: UICC reset\n"
		    " devices: UICC to terminal\n",
		    "801200000B D0098103010104820281829000");
}

static void test_domains(void)
{
	DECODE("INITIALIZE UPDATE|MF|key version 48, SCP03|ok|1111111111111111|"
	       "000102030405060708093003702222222222222222333333333333333300000a\n"
	       "EXTERNAL AUTHENTICATE|MF|C-MAC and "
	       "encryption|ok|44444444444444445555555555555555|\n"
	       "DELETE|MF|secure messaging|ok|4f02a000|\n"
	       "INSTALL|MF|for install, make selectable|incorrect parameters in the data field|"
	       "02a00002a00002a000010002c90000|\n"
	       "GET DATA|MF|tag 9F7F, card production life cycle data|the card has no such data "
	       "object||\n",
	       "80503000081111111111111111 "
	       "0001020304050607080930037022222222222222223333333333333333"
	       "00000A9000",
	       "848203001044444444444444445555555555555555 9000", "84E40000044F02A000 9000",
	       "80E60C000F02A00002A00002A000010002C90000 6A80", "80CA9F7F00 6A88");
	DECODE_TREE("application: unknown !\nprivileges: 00\nparameters: c900\n",
		    "80E60C000F02A00002A00002A000010002C90000 6A80");
	DECODE("CREATE FILE|MF||the file exists already|620483026f99|\n",
	       "00E0000006620483026F99 6A89");
}

/* SEAC 4.1, 4.2: only an ARA-M has rules under these tags; what is long comes in parts */
static void test_access_rules(void)
{
	DECODE_TREE("all: e20be1044f00c100e303d00101\n rule: e1044f00c100e303d00101\n"
		    "  reference: 4f00c100\n   aid: any\n   application: any\n"
		    "  access: d00101\n   apdu: always\n",
		    ARAM, "80CAFF4000 FF400DE20BE1044F00C100E303D001019000");
	DECODE_TREE("store: e204e1024f00\n rule: e1024f00\n  reference: 4f00\n   aid: any\n", ARAM,
		    "80E2900008F006E204E1024F00 9000");
	DECODE_TREE("part: ff4020e20b\n", ARAM, "80CAFF4000 FF4020E20B9000");
	DECODE_TREE("part: e1044f00c100\n", ARAM, "80CAFF6000 E1044F00C1009000");
	DECODE_TREE("answer: aabb\n", ARAM, "80CA9F7F00 AABB9000");
	DECODE_TREE("answer: ff400de20be1044f00c100e303d00101\n",
		    "80CAFF4000 FF400DE20BE1044F00C100E303D001019000");
}

/* Whose command was taken out: no octets of one are made up. */
static void test_masked(void)
{
	static const char *const lines[] = {": 9000", NULL};

	same(decode_lines(lines, true), "masked|MF|the trace does not have the command|ok||\n");
}

#define PACKET                                                                                     \
	"80C2000039D1378202838186039121438B2C44049121437FF6111111111111001D0270"                   \
	"00001815162115150000000000000001001122334455667788ABCD 9000"

/* TS 102 225: an SMS-PP download to the issuer security domain, with a checksum and enciphered */
static void test_secured_packet(void)
{
	DECODE_TREE("command-packet: 001815162115150000000000000001001122334455667788abcd\n",
		    PACKET);
	DECODE_TREE("integrity: cryptographic checksum\n", PACKET);
	DECODE_TREE("tar: 000000, issuer security domain\n", PACKET);
}

/* The same nodes with the same octets and faults, the same words of who asks for them. */
static void test_wordless(void)
{
	static const char *const lines[] = {
		USIM,
		IMSI,
		"00B0000009 0849069999999999999000",
		"00B0000002 08299000",
		PACKET,
		LANE1,
		"80E2910003BF2D00 BF2D10A00EE30C5A0A980010325476981032149000",
		NULL};
	static struct told told, wordless;

	told = (struct told){.tree = true, .octets = true};
	decode_to(&(struct decode_sink){.take = take, .ctx = &told}, lines);
	wordless = (struct told){.tree = true, .octets = true, .wordless = true};
	decode_to(&(struct decode_sink){.take = take_wordless, .ctx = &wordless, .wordless = true},
		  lines);
	same(wordless.text, told.text);
}

TEST_SUITE(trace_decode, {"places", test_places}, {"channels", test_channels},
	   {"meanings", test_meanings}, {"secrets", test_secrets},
	   {"files of keys", test_files_of_keys}, {"phone book", test_phonebook},
	   {"AUTHENTICATE", test_authenticate}, {"ES10 and KRA", test_remote},
	   {"toolkit", test_toolkit}, {"secured packet", test_secured_packet},
	   {"GlobalPlatform", test_domains}, {"access rules", test_access_rules},
	   {"a command that was masked", test_masked}, {"without words", test_wordless})
