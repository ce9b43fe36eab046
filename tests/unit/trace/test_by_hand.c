/* a trace that a person writes: what its remarks say */
#include "tests/unit/test.h"

#include "lib/base/bytes.h"
#include "tests/unit/trace/told.h"

static void test_remarks(void)
{
	static const char trace[] = "# reset 3B00\n"
				    "> 00A40004023F00\n"
				    "< 9000\n"
				    "# 2026-04-17 12:00:00.5\n"
				    "# card other\n"
				    "> 00A40004022FE2\n"
				    "# removed\n"
				    "# reset\n"
				    "# 17 cards are enough, reset or not\n"
				    "> 00A40004022F00\n"
				    "< 6A82\n"
				    "# pps FF10967F FF107F\n"
				    "# pps FF10967F\n"
				    "# pps of no hex\n";
	const char *told = told_events(slice_str(trace), 7, NULL);

	CU_ASSERT_STRING_EQUAL(told, "reset 0 1@0 - /3b00\n"
				     "exchange 0 2@13 - 00a40004023f00/9000\n"
				     "exchange 1 6@74 1776427200500000000 00a40004022fe2/\n"
				     "removed 1 7@91 1776427200500000000 /\n"
				     "reset 1 8@101 1776427200500000000 /\n"
				     "exchange 1 10@145 1776427200500000000 00a40004022f00/6a82\n"
				     "pps 1 12@169 1776427200500000000 ff10967f/ff107f\n"
				     "pps 1 13@191 1776427200500000000 ff10967f/\n");
}

TEST_SUITE(trace_by_hand, {"remarks", test_remarks})
