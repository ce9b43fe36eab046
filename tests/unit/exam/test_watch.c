/* watch: times of commands, masked evidence, and the end of one that takes too long */
#include "host/exam/watch.h"

#include <string.h>
#include <time.h>

#include "tests/unit/test.h"
#include "tool/sys/cancel.h"

#define LIMIT_MS 30

static void pause_ms(long ms)
{
	const struct timespec t = {.tv_nsec = ms * 1000000};

	nanosleep(&t, NULL);
}

static void pass(const struct transport_observer *o, const char *command, const char *answer)
{
	o->on_start(o->ctx);
	o->on_exchange(o->ctx, test_unhex(command), test_unhex(answer));
}

static void test_evidence(void)
{
	struct exam_exchange last[EXAM_EXCHANGES];
	struct watch *w = NULL;
	struct transport_observer o;

	ASSERT_ERR(watch_open(NULL, 10000, &w), ERR_OK);
	o = watch_observer(w);
	pass(&o, "00a40004023f00", "6120");
	watch_forget(w);
	pass(&o, "002000010831323334ffffffff", "9000");
	pass(&o, "00b0000003", "0102039000");
	pass(&o, "00880081", "");
	CU_ASSERT_EQUAL(watch_last(w, last), 3);
	CU_ASSERT_STRING_EQUAL(last[0].command, "0020000108ffffffffffffffff");
	CU_ASSERT_STRING_EQUAL(last[0].answer, "9000");
	CU_ASSERT_STRING_EQUAL(last[1].answer, "0102039000");
	CU_ASSERT_STRING_EQUAL(last[2].answer, ""); /* it failed */
	for (unsigned i = 0; i < 5; i++)
		pass(&o, i < 4 ? "80f2000c00" : "00a40004022fe2", "9000");
	CU_ASSERT_EQUAL(watch_last(w, last), EXAM_EXCHANGES);
	CU_ASSERT_STRING_EQUAL(last[EXAM_EXCHANGES - 1].command, "00a40004022fe2");
	watch_close(&w);
}

static void test_counts(void)
{
	const struct exam_timing *t = NULL;
	struct watch *w = NULL;
	struct transport_observer o;
	size_t n;

	ASSERT_ERR(watch_open(NULL, 10000, &w), ERR_OK);
	o = watch_observer(w);
	for (unsigned i = 0; i < 300; i++)
		pass(&o, "00b0000003", "0102039000");
	pass(&o, "00fe000000", "6d00");
	pass(&o, "00b0000003", ""); /* no answer: no time */
	/* of AUTHENTICATE what the card did or refused as not genuine; not what was malformed */
	pass(&o, "0088008122", "6110");
	pass(&o, "0088008122", "9862");
	pass(&o, "0088008122", "6700");
	CU_ASSERT_EQUAL(watch_authentications(w), 2);
	n = watch_timings(w, &t);
	CU_ASSERT_EQUAL(n, 3);
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT(t[i].min <= t[i].median && t[i].median <= t[i].p90);
		CU_ASSERT(t[i].p90 <= t[i].max);
		CU_ASSERT(i == 0 || strcmp(t[i - 1].name, t[i].name) < 0);
		if (strcmp(t[i].name, "READ BINARY") == 0)
			CU_ASSERT_EQUAL(t[i].count, 300);
	}
	watch_close(&w);
}

static void test_hanging(void)
{
	struct cancel cancel = {.wishes = 0};
	struct watch *w = NULL;
	struct transport_observer o;

	ASSERT_ERR(watch_open(&cancel, LIMIT_MS, &w), ERR_OK);
	o = watch_observer(w);
	pass(&o, "00b0000003", "9000");
	pause_ms(3 * LIMIT_MS); /* between two commands nothing hangs */
	CU_ASSERT(!watch_is_hung(w) && !cancel_is_wished(&cancel));
	o.on_start(o.ctx);
	for (unsigned i = 0; i < 100 && !watch_is_hung(w); i++)
		pause_ms(LIMIT_MS);
	CU_ASSERT(watch_is_hung(w) && cancel_is_wished(&cancel));
	o.on_exchange(o.ctx, test_unhex("00b0000003"), SLICE_EMPTY);
	CU_ASSERT(cancel_take(&cancel));
	watch_forgive(w);
	CU_ASSERT(!watch_is_hung(w));
	watch_close(&w);
}

TEST_SUITE(exam_watch, {"evidence, masked", test_evidence},
	   {"times and authentications", test_counts}, {"a command that hangs", test_hanging})
