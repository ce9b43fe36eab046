/* lpa_slow: a subscription manager that drips, or says nothing, and one behind a slow line. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/operator/smdp/state.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "tests/support/bad_line.h"
#include "tests/unit/support/flow.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

#define PATIENCE_MS 300
#define TOO_LONG_MS 5000 /* of one patience, on a busy machine */
#define FILE_MAX    (16u << 20)

/* The messages of a download. */
enum { INITIATE = 1, AUTHENTICATE, GET_PACKAGE, MESSAGES = GET_PACKAGE };

struct slow {
	struct flow f;
	char line[128], link[160];
};

static void slow_open(struct slow *s)
{
	flow_open(&s->f);
	ASSERT_ERR(path_join(s->f.dir, "line", s->line, sizeof(s->line)), ERR_OK);
	snprintf(s->link, sizeof(s->link), "unix:%s", s->line);
	bad_line_start(s->line, s->f.socket);
	s->f.network = (struct es9p_network){.link = s->link, .patience_ms = PATIENCE_MS};
}

static void slow_close(struct slow *s)
{
	bad_line_arm(BAD_LINE_NONE, 0, false);
	flow_close(&s->f);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void read_journal(const struct flow *f, struct wbuf *w)
{
	char path[160];

	wbuf_reset(w);
	ASSERT_ERR(path_join(f->card_dir, "journal", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_read(path, NULL, w), ERR_OK);
}

/* Given up in time and in clear words, and the session is ended on both sides. */
static void expect_given_up(struct slow *s, enum bad_line_break how, unsigned at)
{
	struct wbuf before = wbuf_grow(FILE_MAX), after = wbuf_grow(FILE_MAX);
	int64_t start = now_ms();

	read_journal(&s->f, &before);
	bad_line_arm(how, at, false);
	ASSERT_ERR(flow_download(&s->f, 0, NULL), ERR_TIMEOUT);
	CU_ASSERT(now_ms() - start >= PATIENCE_MS && now_ms() - start < TOO_LONG_MS);
	/* the eUICC has no session before it has authenticated the manager: nothing to cancel */
	CU_ASSERT_EQUAL(bad_line_messages(), at + (at > INITIATE));
	CU_ASSERT_PTR_NOT_NULL(strstr(lpa_message(s->f.lpa), "too slowly: check the network"));
	CU_ASSERT_EQUAL(flow_card_profiles(&s->f), 0);
	CU_ASSERT_NOT_EQUAL(flow_profile_state(&s->f), SMDP_INSTALLED);
	read_journal(&s->f, &after);
	/* PrepareDownload keeps its one-time key for a retry (SGP.22 5.7.5) */
	CU_ASSERT(at == GET_PACKAGE || slice_equal(wbuf_slice(&before), wbuf_slice(&after)));
	wbuf_free(&before);
	wbuf_free(&after);
}

static void test_slow_answers(void)
{
	struct lpa_report report = {0};
	struct slow s;

	slow_open(&s);
	for (unsigned at = INITIATE; at <= MESSAGES; at++)
		expect_given_up(&s, BAD_LINE_ANSWER_DRIPS, at);
	expect_given_up(&s, BAD_LINE_ANSWER_HELD, AUTHENTICATE);
	bad_line_arm(BAD_LINE_NONE, 0, false);
	ASSERT_ERR(flow_download(&s.f, 0, NULL), ERR_OK);
	/* a notification is sent a second time */
	bad_line_arm(BAD_LINE_ANSWER_DRIPS, 1, false);
	ASSERT_ERR(lpa_send_notifications(s.f.lpa, &s.f.network, &report), ERR_OK);
	CU_ASSERT_EQUAL(report.sent, 1);
	CU_ASSERT_EQUAL(bad_line_messages(), 2);
	slow_close(&s);
}

/* However long it takes: what goes on is waited for. */
static void test_slow_line(void)
{
	int64_t start = now_ms();
	struct slow s;

	slow_open(&s);
	bad_line_arm(BAD_LINE_SLOW, 0, false);
	ASSERT_ERR(flow_download(&s.f, 0, NULL), ERR_OK);
	CU_ASSERT(now_ms() - start > 2 * PATIENCE_MS);
	CU_ASSERT_EQUAL(bad_line_messages(), MESSAGES);
	CU_ASSERT_EQUAL(flow_card_profiles(&s.f), 1);
	slow_close(&s);
}

TEST_SUITE(lpa_slow, {"answers that drip, or don't come", test_slow_answers},
	   {"a slow line", test_slow_line})
