/* fence: work in a process that may die */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"
#include "tool/nfc/fence.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

/* Answers each message by itself; a few words have it misbehave. */
static enum err work(void *ctx, struct fence_child *c)
{
	uint8_t octets[FENCE_MESSAGE_MAX];

	(void)ctx;
	for (;;) {
		struct wbuf w = wbuf_init(octets, sizeof(octets));
		enum err e = fence_child_receive(c, &w);

		if (e)
			return e;
		if (slice_is(wbuf_slice(&w), "abort"))
			abort();
		if (slice_is(wbuf_slice(&w), "end"))
			return ERR_OK;
		if (slice_is(wbuf_slice(&w), "hang"))
			pause();
		if (slice_is(wbuf_slice(&w), "fail"))
			return trouble_set(ERR_NO_READER, "there is no /dev/none");
		e = fence_child_send(c, wbuf_slice(&w));
		if (e)
			return e;
	}
}

static struct fence *begin(void)
{
	const struct fence_options o = {.work = work};
	struct fence *f = NULL;

	ASSERT_ERR(fence_open(&o, &f), ERR_OK);
	ASSERT_ERR(fence_start(f), ERR_OK);
	return f;
}

static const struct fence_wait patient = {.timeout_ms = 5000};

static enum err ask(struct fence *f, const char *text, struct wbuf *answer)
{
	enum err e = fence_send(f, slice_str(text));

	return e ? e : fence_receive(f, &patient, answer);
}

static void test_messages(void)
{
	static uint8_t long_one[FENCE_MESSAGE_MAX + 1];
	uint8_t octets[FENCE_MESSAGE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct fence *f = begin();

	ASSERT_ERR(ask(f, "hello", &w), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&w), slice_str("hello"), "a message there and back");
	wbuf_reset(&w);
	memset(long_one, 'x', sizeof(long_one));
	ASSERT_ERR(fence_send(f, SLICE_OF(long_one)), ERR_SPACE);
	ASSERT_ERR(fence_send(f, slice_make(long_one, FENCE_MESSAGE_MAX)), ERR_OK);
	ASSERT_ERR(fence_receive(f, &patient, &w), ERR_OK);
	CU_ASSERT_EQUAL(w.len, FENCE_MESSAGE_MAX);
	ASSERT_ERR(fence_start(f), ERR_WRONG_STATE);
	fence_close(&f);
	CU_ASSERT_PTR_NULL(f);
}

static void test_ends(void)
{
	uint8_t octets[64];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct fence *f = begin();

	for (unsigned i = 0; i < 3; i++) {
		ASSERT_ERR(ask(f, "abort", &w), ERR_NFC_CRASH);
		CU_ASSERT_FALSE(fence_works(f));
		ASSERT_ERR(fence_send(f, slice_str("x")), ERR_DISCONNECTED);
		ASSERT_ERR(fence_receive(f, &patient, &w), ERR_DISCONNECTED);
		ASSERT_ERR(fence_start(f), ERR_OK);
	}
	ASSERT_ERR(ask(f, "fail", &w), ERR_NO_READER);
	CU_ASSERT_STRING_EQUAL(trouble_of(ERR_NO_READER), "there is no /dev/none");
	ASSERT_ERR(fence_start(f), ERR_OK);
	ASSERT_ERR(ask(f, "end", &w), ERR_DISCONNECTED);
	ASSERT_ERR(fence_start(f), ERR_OK);
	ASSERT_ERR(ask(f, "again", &w), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&w), slice_str("again"), "after four ends");
	fence_close(&f);
	trouble_forget();
}

/* Work that waits for nothing that comes is ended, and soon. */
static void test_hang(void)
{
	const struct fence_wait soon = {.timeout_ms = 50};
	uint8_t octets[64];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct fence *f = begin();
	int64_t start;

	ASSERT_ERR(fence_send(f, slice_str("hang")), ERR_OK);
	ASSERT_ERR(fence_receive(f, &soon, &w), ERR_TIMEOUT);
	start = wait_now_ms();
	fence_close(&f);
	CU_ASSERT_TRUE(wait_now_ms() - start < 2000);
}

TEST_SUITE(fence, {"messages of each length", test_messages},
	   {"an end, its words, a crash, and a new beginning", test_ends},
	   {"work that hangs", test_hang})
