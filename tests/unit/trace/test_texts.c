/*
 * The logs of other programs: each sample of tests/traces gives what stands beside it
 * (NAME.events), by the reader that is found, whatever the pieces are and wherever it is cut.
 */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "tests/support/events.h"

#define SAMPLE_MAX 16384
#define MARGIN	   40 /* by which the right reader is surer than any other */

static const struct sample {
	const char *name, *format;
} samples[] = {
	{"apdu4j-dump", "hex"},
	{"apdu4j-log", "apdu4j"},
	{"at-typed", "at"},
	{"gp-hash", "apdu4j"},
	{"apdu4j", "apdu4j"},
	{"eapol_test", "wpa"},
	{"hex", "hex"},
	{"hex-lost", "hex"},
	{"lpac-at-cgla", "at"},
	{"lpac-at-csim", "at"},
	{"lpac-at-old", "at"},
	{"lpac-stdio", "lpac-json"},
	{"lpac-tty", "lpac"},
	{"lpac-nodata", "lpac"},
	{"lpac", "lpac"},
	{"mtk", "mtk"},
	{"omapi", "omapi"},
	{"onomondo", "onomondo"},
	{"opensc-explorer", "opensc-tool"},
	{"opensc-indent", "opensc-tool"},
	{"opensc-old", "opensc"},
	{"opensc-reset", "opensc"},
	{"opensc-blank", "opensc"},
	{"opensc-tool", "opensc-tool"},
	{"opensc-windows", "opensc"},
	{"opensc", "opensc"},
	{"pairs", "pairs"},
	{"pcsc-spy", "pcsc-spy"},
	{"pcscd-color", "pcscd"},
	{"pcscd-cut", "pcscd"},
	{"pcscd-journal", "pcscd"},
	{"pcscd-lost", "pcscd"},
	{"pcscd-reset", "pcscd"},
	{"pcscd-signed", "pcscd"},
	{"pcscd-two", "pcscd"},
	{"pcscd", "pcscd"},
	{"pyscard", "pairs"},
	{"pysim-shell", "pysim"},
	{"qcat", "qcat"},
	{"qcat-search", "qcat"},
	{"qxdm", "qxdm"},
	{"qxdm-bare", "qxdm"},
	{"remsim-bankd", "remsim"},
	{"remsim-client", "remsim"},
	{"script", "script"},
	{"scriptor", "scriptor"},
	{"shannon", "shannon"},
	{"simtrace", "simtrace"},
	{"srsue", "srsue"},
	{"tcaloader", "tcaloader"},
	{"wpa_supplicant-K", "wpa"},
	{"wpa_supplicant", "wpa"},
};

static struct slice load(const char *name, const char *end, uint8_t octets[SAMPLE_MAX])
{
	char path[256];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "tests/traces/%s%s", name, end);
	f = fopen(path, "rb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	n = fread(octets, 1, SAMPLE_MAX, f);
	fclose(f);
	CU_ASSERT_FATAL(n > 0 && n < SAMPLE_MAX);
	return slice_make(octets, n);
}

/* What is told; free it. *before_end: how much of that before the trace ended. */
static char *read_pieces(struct slice trace, size_t piece, const char *from, const char *found,
			 size_t *before_end)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const struct trace_sink sink = {.take = events_take, .ctx = out};
	struct trace_reader *r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	ASSERT_ERR(trace_reader_open(from ? trace_format_named(from) : NULL, &sink, &r), ERR_OK);
	while (trace.len) {
		ASSERT_ERR(trace_reader_feed(r, slice_sub(trace, 0, piece)), ERR_OK);
		trace = slice_sub(trace, piece, trace.len);
	}
	fflush(out);
	*before_end = len;
	ASSERT_ERR(trace_reader_end(r), ERR_OK);
	if (found)
		CU_ASSERT_STRING_EQUAL(trace_reader_format(r)->name, found);
	trace_reader_close(&r);
	fclose(out);
	return text;
}

static void same(const char *got, struct slice wanted, const char *name)
{
	bool is_same = slice_is(wanted, got);

	CU_ASSERT(is_same);
	if (!is_same)
		fprintf(stderr, "%s, got:\n%swanted:\n%.*s", name, got, (int)wanted.len,
			(const char *)wanted.ptr);
}

static void test_samples(void)
{
	static const size_t pieces[] = {1, 7, 100, 4096, SAMPLE_MAX};
	static uint8_t trace[SAMPLE_MAX], events[SAMPLE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const struct sample *s = &samples[i];
		struct slice octets = load(s->name, ".log", trace);
		struct slice wanted = load(s->name, ".events", events);

		for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
			size_t before_end;
			char *got = read_pieces(octets, pieces[k], NULL, s->format, &before_end);

			same(got, wanted, s->name);
			free(got);
		}
	}
}

/* Of each sample one reader is sure, and no other comes near. */
static void test_recognise(void)
{
	static uint8_t trace[SAMPLE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct slice head = load(samples[i].name, ".log", trace);
		unsigned sure = trace_format_named(samples[i].format)->recognise(head);

		CU_ASSERT(sure >= MARGIN + 1 && sure <= 100);
		for (size_t k = 0; trace_formats[k]; k++) {
			unsigned other = trace_formats[k]->recognise(head);

			if (strcmp(trace_formats[k]->name, samples[i].format) == 0)
				continue;
			CU_ASSERT(other + MARGIN <= sure);
			if (other + MARGIN > sure)
				fprintf(stderr, "%s: %s %u, %s %u\n", samples[i].name,
					samples[i].format, sure, trace_formats[k]->name, other);
		}
	}
}

/*
 * Cut behind each line, and within: what is told before the end is a beginning of what the whole
 * trace tells; the rest is told when it ends, with no more than one event a card beside.
 */
static void test_cut(void)
{
	static uint8_t trace[SAMPLE_MAX], events[SAMPLE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct slice octets = load(samples[i].name, ".log", trace);
		struct slice wanted = load(samples[i].name, ".events", events);

		for (size_t n = 0; n < octets.len; n++) {
			size_t before_end;
			char *got;

			if (slice_at(octets, n) != '\n' && n % 61 != 0)
				continue;
			got = read_pieces(slice_sub(octets, 0, n + 1), SAMPLE_MAX,
					  samples[i].format, NULL, &before_end);
			CU_ASSERT(slice_equal(slice_sub(wanted, 0, before_end),
					      slice_make(got, before_end)));
			free(got);
		}
	}
}

/* Every sample of the folder is in the table, and every reader of text has one. */
static void test_all_there(void)
{
	DIR *dir = opendir("tests/traces");
	struct dirent *entry;
	size_t count = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while ((entry = readdir(dir)))
		count += strstr(entry->d_name, ".log") != NULL;
	closedir(dir);
	CU_ASSERT_EQUAL(count, ARRAY_LEN(samples));
	for (size_t k = 0; trace_formats[k]; k++) {
		bool found = !trace_formats[k]->line;

		for (size_t i = 0; i < ARRAY_LEN(samples); i++)
			found |= strcmp(samples[i].format, trace_formats[k]->name) == 0;
		CU_ASSERT(found);
	}
}

/* Lines that look like APDUs and are broken: a fault each, at its place, and what follows is read.
 */
static void test_broken(void)
{
	static const struct {
		const char *format, *trace, *events;
	} cases[] = {
		{"pcscd", "0000012 APDU: 00 A4\n00000001 APDU: 00 A4 0\n00000001 SW: 90 00\n",
		 "fault 0 1@0 / the time in front is missing or cut\n"
		 "fault 0 2@20 00a4/ a command that is not hex\n"
		 "fault 0 3@43 9000/ a response to no command\n"},
		{"pcscd", "00000001 [x7f] APDU: 00 A4\n00000001 [x7f] SW: 90 00\n",
		 "fault 0 1@0 / what stands in front of the octets is unknown\n"
		 "fault 0 2@27 / what stands in front of the octets is unknown\n"},
		{"pcsc-spy",
		 "7F@>|1|2|SCardTransmit\n7F@0x01\n7F@>|1|3|SCardTransmit\n7F@0x01\n7F@0x1\n7F@"
		 "0x1\n"
		 "7F@0x5\n7F@00 ZZ\n7F@0x1\n7F@0x1\n7F@0x2\n7F@90 00\n"
		 "7F@<|1|4|SCardTransmit|Command successful.|0x00000000\n",
		 "fault 0 1@0 / SCardTransmit without its end\n"
		 "fault 0 3@31 / SCardTransmit with a line that is missing or no hex\n"},
		{"lpac",
		 "[DEBUG] [APDU] [TX] CLA: 81, INS: E2, P1: 91, P2: 00, Data: bf2d00\n"
		 "[DEBUG] [APDU] [RX] SW1: 61, SW2: 3, Data: \n",
		 "fault 0 1@0 / a command of which a part is missing or no hex\n"
		 "fault 0 2@67 / a response of which a part is missing or no hex\n"},
		{"lpac-json",
		 "{\"type\":\"apdu\",\"payload\":{\"func\":\"transmit\",\"param\":\"81e2\n"
		 "{\"type\":\"apdu\",\"payload\":{\"func\":\"transmit\",\"param\":\"8x\"}}\n",
		 "fault 0 1@0 / the object is cut\n"
		 "fault 0 2@58 / a command that is not hex\n"},
		{"at", "AT+CSIM=12,\"0070000001\"\n+CSIM: 4,\"90\nAT+CGLA=1,10,\"007000000\"\n",
		 "fault 0 1@0 / a command whose length is missing or wrong\n"
		 "fault 0 2@24 / an answer whose length is missing or wrong\n"
		 "fault 0 3@37 / a command whose length is missing or wrong\n"},
		{"pysim", "-> 00a4000402 3f0\n<- 61\n-> 00b0000009\n<- 9000: 08x\n",
		 "fault 0 1@0 / a command that is not hex\n"
		 "fault 0 2@18 / a response without a status word\n"
		 "exchange 0 3@24 00b0000009/\n"
		 "fault 0 4@38 / a response that is not hex\n"},
		{"opensc",
		 "Outgoing APDU (7 bytes):\n00 A4 00 .....\nIncoming APDU (bytes):\n"
		 "Outgoing APDU (5 bytes):\n00 B0 00 00 0A .....\n",
		 "fault 0 1@0 00a400/ fewer octets than were promised\n"
		 "fault 0 3@40 / how many octets follow is missing, or too many\n"
		 "exchange 0 4@63 00b000000a/\n"},
		{"opensc-tool",
		 "Sending: 00 B0 00 00 0A\nReceived (SW1=0x90, SW2=0x00):\nSending: 00 B\n"
		 "Received (SW1=0x, SW2=0x00)\n",
		 "exchange 0 1@0 00b000000a/\n"
		 "fault 0 2@24 / fewer octets than were promised\n"
		 "fault 0 3@55 00/ a command that is not hex\n"
		 "fault 0 4@69 / a response without a status word\n"},
		{"wpa",
		 "SCARD: scard_transmit: send - hexdump(len=7): 00 a4\n"
		 "SCARD: scard_transmit: recv - hexdump(len=2): 61 1f\n",
		 "fault 0 1@0 00a4/ not as many octets as it says\n"
		 "fault 0 2@52 611f/ a response to no command\n"},
		{"apdu4j",
		 "A>> (4+2) 00A40004 02\nA>> 00A40004\nA>> (4+0) 00B00000 0A\nA<< (1+2) 9000 "
		 "(1ms)\n",
		 "fault 0 1@0 00a4000402/ fewer octets than it says\n"
		 "fault 0 2@22 / how many octets it has is missing\n"
		 "exchange 0 3@35 00b000000a/\n"
		 "fault 0 4@57 9000/ not as many octets as it says\n"},
		{"hex", "00A40004023F00\n61 1\n00B000000A\n",
		 "exchange 0 1@0 00a40004023f00/\n"
		 "fault 0 2@15 61/ a response that is not hex\n"
		 "exchange 0 3@20 00b000000a/\n"},
		{"scriptor", "> 00 a4 0\n< 61 1F : words\n",
		 "fault 0 1@0 00a4/ a command that is not hex\n"
		 "fault 0 2@10 611f/ a response to no command\n"},
		{"script", "00 a4 0\nhello\n",
		 "fault 0 1@0 00a4/ a command that is not hex\nfault 0 2@8 / a command that is not "
		 "hex\n"},
		{"tcaloader", "Command 80E2x\nResponse 9000\n",
		 "fault 0 1@0 80e2/ a command that is not hex\n"
		 "fault 0 2@14 9000/ a response to no command\n"},
		{"simtrace", "TPDU: 00 a4 0\nATR: 3x\nPPS: zz\nTPD\nTPDU (incom\n",
		 "fault 0 1@0 00a4/ a TPDU that is not hex\n"
		 "fault 0 2@14 / an ATR that is not hex\n"
		 "fault 0 3@22 / a PPS that is not hex\n"
		 "fault 0 5@34 / the line is cut\n"},
		{"remsim", "tpduModemToCard(00a4000\ntpduCardToModem(9000)\n",
		 "fault 0 1@0 / a command that is not hex\n"
		 "fault 0 2@24 9000/ a response to no command\n"},
		{"qxdm",
		 "[0x19B7] SLOT_1 Type = TX Data = { 00 A4\n[0x19B7] SLOT_1 Type = RX Data = { zz "
		 "}\n"
		 "[0x19B7] SLOT_1 Type = RX Data = { 90 00 }\n",
		 "fault 0 1@0 00a4/ no hex between the braces, or no end of them\n"
		 "fault 0 2@41 / no hex between the braces, or no end of them\n"
		 "fault 0 3@81 9000/ a response to no command\n"},
		{"shannon",
		 "[USIM_0] [UICC APDU CMD] Hex Dump -> : 00 A\n[USIM_0] [UICC APDU RSP] Hex Dump "
		 "-> : 90\n",
		 "fault 0 1@0 00/ a dump that is not hex\n"
		 "fault 0 2@44 90/ a response to no command\n"},
		{"mtk", "APDU_tx 1: 00\nAPDU_tx 0: 00 A\nAPDU_rx\n",
		 "fault 0 1@0 / what is in front of this line is missing\n"
		 "fault 0 2@14 00/ octets that are not hex\n"},
		{"omapi",
		 "SecureElement-Terminal-SIM1: Sent : 00a\nSecureElement-Terminal-SIM1: Received : "
		 "\n",
		 "fault 0 1@0 00/ a command that is not hex\n"
		 "fault 0 2@40 / a response that is not hex\n"},
		{"srsue",
		 "SCARD: scard_transmit: send\n0000: 00 a4\n0020: 00\nSCARD: SCardTransmit: recv\n"
		 "0000: 90 0\n",
		 "fault 0 3@40 00/ a row is missing in front of this one\n"
		 "fault 0 5@76 90/ a row that is not hex\n"},
		{"onomondo",
		 "SCARD DEBUG PCSC reader #0 TX: \nSCARD DEBUG PCSC reader #0 RX: \nSCARD INFO  "
		 "9000\n",
		 "fault 0 1@0 / fewer octets than were promised\n"
		 "fault 0 2@32 9000/ a response to no command\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t before_end;
		char *got = read_pieces(slice_str(cases[i].trace), 5, cases[i].format, NULL,
					&before_end);

		same(got, slice_str(cases[i].events), cases[i].format);
		free(got);
	}
}

static void test_several(void)
{
	/* two threads of pcsc-spy with a card each; one of them is reset, the other's card fails */
	static const char spy[] = "7A@>|1|1|SCardTransmit\n7B@>|1|2|SCardTransmit\n7A@0x01\n"
				  "7B@0x02\n7A@0x1\n7A@0x10\n7A@0x5\n7B@0x1\n7B@0x10\n7B@0x5\n"
				  "7B@00 B0 00 00 01 \n7A@00 B0 00 00 02 \n7A@0x1\n7A@0x10\n"
				  "7A@0x4\n7A@AA BB 90 00 \n"
				  "7A@<|1|3|SCardTransmit|Command successful.|0x00000000\n"
				  "7B@0x1\n7B@0x10\n7B@0x0\n7B@NULL\n"
				  "7B@<|1|4|SCardTransmit|Transaction failed.|0x80100016\n"
				  "7A@>|1|5|SCardReconnect\n7A@0x01\n7A@0x00000002\n"
				  "7A@0x00000003\n7A@0x00000001\n7A@0x00000001\n"
				  "7A@<|1|6|SCardReconnect|Command successful.|0x00000000\n"
				  "7B@>|1|7|SCardDisconnect\n7B@0x02\n7B@0x00000002\n"
				  "7B@<|1|8|SCardDisconnect|Command successful.|0x00000000\n";
	static const struct {
		const char *format, *trace, *events;
	} cases[] = {
		{"pcsc-spy", spy,
		 "exchange 0 1@0 00b0000002/aabb9000 t=1000001000\n"
		 "exchange 1 2@23 00b0000001/ t=1000002000 SCardTransmit failed\n"
		 "reset 0 23@320 / t=1000005000\n"
		 "removed 1 30@463 / t=1000007000\n"},
		/* a response with data to a command that asks for none; a card that says nothing */
		{"pcscd",
		 "00000001 APDU: 00 A4 00 04 02 3F 00 \n00000001 SW: AA 90 00 \n"
		 "00000001 APDU: 00 B0 00 00 01 \n"
		 "00000001 ifdwrapper.c:543:IFDTransmit() Card not transacted: 612\n"
		 "00000001 APDU: 00 B0 00 00 02 \n00000001 SW: 6C 01 \n",
		 "exchange 0 1@0 00a40004023f00/aa9000 t=1000 "
		 "this command cannot have this response, and the log names no reader\n"
		 "exchange 0 3@60 00b0000001/ t=3000\n"
		 "exchange 0 5@156 00b0000002/6c01 t=5000\n"},
		/* ends of lines that were made so twice */
		{"lpac",
		 "[DEBUG] [APDU] [TX] CLA: 81, INS: E2, P1: 91, P2: 00, Lc: 03, Data: bf2d00\r\r\n"
		 "[DEBUG] [APDU] [RX] SW1: 90, SW2: 00, Data: bf2d00\r\r\n",
		 "exchange 0 1@0 81e2910003bf2d00/bf2d009000\n"},
		/* past midnight, without a date */
		{"omapi",
		 "12-31 23:59:59.5 I SecureElement-Terminal-SIM1: Sent : 0070000001\n"
		 "01-01 00:00:00.5 I SecureElement-Terminal-SIM1: Received : 019000\n"
		 "01-01 00:00:01 I SecureElement-Terminal-SIM1: Sent : 0070000001\n",
		 "exchange 0 1@0 0070000001/019000 t=86399500000000\n"
		 "exchange 0 3@132 0070000001/ t=86401000000000\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t before_end;
		char *got = read_pieces(slice_str(cases[i].trace), 11, cases[i].format, NULL,
					&before_end);

		same(got, slice_str(cases[i].events), cases[i].format);
		free(got);
	}
}

struct counts {
	unsigned of[TRACE_FAULT + 1];
};

static void count(void *ctx, const struct trace_event *e)
{
	struct counts *c = ctx;

	c->of[e->kind]++;
}

/* Of simtrace2-sniff's logs from outside every line that is one is an event. */
static void test_sniffer(void)
{
	static const struct {
		const char *path;
		unsigned exchanges, resets, pps, faults;
	} logs[] = {{"traces/simtrace_interposer.log", 288, 6, 6, 3},
		    {"traces/simtrace_sysmoUSIM.log", 256, 4, 2, 1}};

	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		struct slice trace = test_shared(logs[i].path);
		struct counts c = {.of = {0}};
		const struct trace_sink sink = {.take = count, .ctx = &c};
		struct trace_reader *r;

		if (!trace.len)
			continue;
		ASSERT_ERR(trace_reader_open(NULL, &sink, &r), ERR_OK);
		ASSERT_ERR(trace_reader_feed(r, trace), ERR_OK);
		ASSERT_ERR(trace_reader_end(r), ERR_OK);
		CU_ASSERT_STRING_EQUAL(trace_reader_format(r)->name, "simtrace");
		trace_reader_close(&r);
		CU_ASSERT_EQUAL(c.of[TRACE_EXCHANGE], logs[i].exchanges);
		CU_ASSERT_EQUAL(c.of[TRACE_RESET], logs[i].resets);
		CU_ASSERT_EQUAL(c.of[TRACE_PPS], logs[i].pps);
		CU_ASSERT_EQUAL(c.of[TRACE_REMOVED], 0);
		CU_ASSERT_EQUAL(c.of[TRACE_FAULT], logs[i].faults);
	}
}

TEST_SUITE(texts, {"each sample as it should be, in pieces of any size", test_samples},
	   {"one reader is sure, by far", test_recognise}, {"cut anywhere", test_cut},
	   {"every sample, every reader", test_all_there}, {"broken lines", test_broken},
	   {"several cards, silence, midnight", test_several}, {"logs of a sniffer", test_sniffer})
