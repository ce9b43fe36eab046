/* the captures of others: each frame is an exchange, a reset, or a fault with its place */
#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/trace/told.h"

#define PYSIM	   "traces/pySim-trace_test_gsmtap.pcapng"
#define INTERPOSER "traces/simtrace_both.pcapng"

static void test_pysim(void)
{
	struct slice trace = test_shared(PYSIM);
	struct told_counts n;

	if (!trace.len)
		return;
	told_events(trace, 4096, NULL);
	n = told_counts();
	CU_ASSERT_EQUAL(n.frames, 957);
	CU_ASSERT_EQUAL(n.exchanges, 932);
	CU_ASSERT_EQUAL(n.resets, 25);
	CU_ASSERT_EQUAL(n.faults + n.pps, 0);
	CU_ASSERT_EQUAL(n.skipped, 0);
	CU_ASSERT_EQUAL(n.cards, 1);
	CU_ASSERT_STRING_EQUAL(told_card(0), "lo");
}

static unsigned lines_of(const char *events, const char *begin)
{
	unsigned n = 0;

	for (const char *at = events; (at = strstr(at, begin)); at++)
		n += at == events || at[-1] == '\n';
	return n;
}

/* Both sides of an interposer: it changes what the card says, so they are two cards. */
static void test_interposer(void)
{
	struct slice trace = test_shared(INTERPOSER);
	const char *events;
	struct told_counts n;

	if (!trace.len)
		return;
	events = told_events(trace, 1, NULL);
	n = told_counts();
	CU_ASSERT_EQUAL(n.frames, 500);
	CU_ASSERT_EQUAL(n.exchanges, 491);
	CU_ASSERT_EQUAL(n.resets, 8);
	CU_ASSERT_EQUAL(n.faults, 1);
	CU_ASSERT_EQUAL(n.skipped, 0);
	CU_ASSERT_EQUAL(n.cards, 2);
	CU_ASSERT_STRING_EQUAL(told_card(0), "127.0.0.1:57814");
	CU_ASSERT_STRING_EQUAL(told_card(1), "127.0.0.1:46029");
	CU_ASSERT_EQUAL(lines_of(events, "exchange 0 "), 248);
	CU_ASSERT_EQUAL(lines_of(events, "exchange 1 "), 243);
	CU_ASSERT_PTR_NOT_NULL(strstr(events, "fault 0 1@232 1718377639735982000 80f2fe/ there is "
					      "no whole command in it\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(events, "exchange 0 155@18436 1718377648218713000 00c0000021/\n"));
	/* what one card answers, and the other one does not */
	CU_ASSERT_PTR_NOT_NULL(strstr(events, " 00b000000a/988812010000408498f79000\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(events, " 00b000000a/ffffffffffffffffffff9000\n"));
}

/* As tshark shows it: frame, time, and of an exchange INS and the status word. */
static void compare_line(const char *events, const char *line, unsigned *compared)
{
	char number[16] = "", seconds[32] = "", ins[8] = "", sw[8] = "", want[24];
	unsigned long ins_value;
	const char *event, *octets;
	int words = sscanf(line, "%15[^,],%31[^,],%7[^,],%7s", number, seconds, ins, sw);

	CU_ASSERT_FATAL(words >= 2);
	snprintf(want, sizeof(want), " %s@", number);
	event = strstr(events, want);
	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	*strchr(seconds, '.') = 0;
	octets = strchr(event + 1, ' ') + 1;
	CU_ASSERT_NSTRING_EQUAL(octets, seconds, strlen(seconds));
	octets = strchr(octets, ' ') + 1;
	line = event; /* its beginning: a first line has none before it */
	while (line > events && line[-1] != '\n')
		line--;
	if (words < 4 || strncmp(line, "exchange", strlen("exchange")) != 0)
		return;
	ins_value = strtoul(ins, NULL, 0);
	snprintf(want, sizeof(want), "%02lx", ins_value);
	CU_ASSERT_NSTRING_EQUAL(octets + 2, want, 2);
	CU_ASSERT_NSTRING_EQUAL(strchr(octets, '\n') - 4, sw + strlen("0x"), 4);
	(*compared)++;
}

static unsigned compare_with_tshark(const char *path)
{
	const char *shared = getenv("TWINKEY_SHARED");
	const char *events = told_events(test_shared(path), 65536, NULL);
	char command[512], line[256];
	unsigned n = 0;
	FILE *p;

	snprintf(command, sizeof(command),
		 "tshark -r '%s/%s' -T fields -E separator=, -e frame.number -e frame.time_epoch "
		 "-e gsm_sim.apdu.ins -e gsm_sim.apdu.sw 2>/dev/null",
		 shared ? shared : "../shared", path);
	p = popen(command, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	while (fgets(line, sizeof(line), p))
		compare_line(events, line, &n);
	CU_ASSERT_EQUAL(pclose(p), 0);
	return n;
}

static void test_tshark_agrees(void)
{
	if (!test_shared(PYSIM).len || !test_shared(INTERPOSER).len)
		return;
	if (system("command -v tshark >/dev/null 2>&1") != 0) {
		printf("(skipped: tshark is not installed) ");
		return;
	}
	CU_ASSERT_EQUAL(compare_with_tshark(PYSIM), 932);
	CU_ASSERT_EQUAL(compare_with_tshark(INTERPOSER), 490);
}

TEST_SUITE(captures, {"a phone with 25 resets", test_pysim}, {"an interposer", test_interposer},
	   {"as tshark sees them", test_tshark_agrees})
