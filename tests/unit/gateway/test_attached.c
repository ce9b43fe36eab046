/* attached: who asks the gateway, and what he is told; a gateway that is not there, mute, or mad */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/gateway/answers.h"
#include "host/operator/gateway/attached.h"
#include "tool/sys/wait.h"

static const struct attached one = {.mac = "02:00:00:00:00:01",
				    .imsi = "001010000000001",
				    .subscription = 1,
				    .since = 1790000000};
#define ONE                                                                                        \
	"{\"attached\":true,\"mac\":\"02:00:00:00:00:01\",\"imsi\":\"001010000000001\","           \
	"\"subscription\":1,\"since\":1790000000}\n"

static void test_words(void)
{
	static const struct {
		const char *text;
		enum err e;
	} all[] = {
		{ONE, ERR_OK},
		{"{\"attached\":false}\n", ERR_NOT_FOUND},
		{"", ERR_PROTOCOL},
		{"{}", ERR_PROTOCOL},
		{"[]", ERR_PROTOCOL},
		{"{\"attached\":1}", ERR_PROTOCOL},
		{"{\"attached\":true}", ERR_PROTOCOL},
		{"{\"attached\":true,\"mac\":\"02:00:00:00:00:0\",\"imsi\":\"001010000000001\","
		 "\"subscription\":1,\"since\":1}",
		 ERR_PROTOCOL},
		{"{\"attached\":true,\"mac\":\"02:00:00:00:00:01\",\"imsi\":\"0010100000000012\","
		 "\"subscription\":1,\"since\":1}",
		 ERR_PROTOCOL},
		{"{\"attached\":true,\"mac\":\"02:00:00:00:00:01\",\"imsi\":\"00101x\","
		 "\"subscription\":1,\"since\":1}",
		 ERR_PROTOCOL},
		{"{\"attached\":true,\"mac\":\"02:00:00:00:00:01\",\"imsi\":\"001010\","
		 "\"subscription\":3,\"since\":1}",
		 ERR_PROTOCOL},
		{"{\"attached\":true,\"attached\":false}", ERR_PROTOCOL},
	};
	struct attached got = {.subscription = 9};
	uint8_t mem[ATTACHED_ANSWER_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		ASSERT_ERR(attached_read(slice_str(all[i].text), &got), all[i].e);
	ASSERT_ERR(attached_read(slice_str(ONE), &got), ERR_OK);
	CU_ASSERT_STRING_EQUAL(got.mac, one.mac);
	CU_ASSERT_STRING_EQUAL(got.imsi, one.imsi);
	CU_ASSERT(got.subscription == 1 && got.since == one.since);
	for (size_t n = 0; n + 2 < strlen(ONE); n++)
		ASSERT_ERR(attached_read(slice_make(ONE, n), &got), ERR_PROTOCOL);
	attached_write(&one, &out);
	CU_ASSERT(slice_is(wbuf_slice(&out), ONE));
	wbuf_reset(&out);
	attached_write(NULL, &out);
	CU_ASSERT(slice_is(wbuf_slice(&out), "{\"attached\":false}\n"));
}

static bool find_one(void *ctx, uint32_t address, struct attached *out)
{
	(void)ctx;
	*out = one;
	return address == 0x0A2D0002;
}

/* Serves until it is told to stop. */
struct server {
	struct answers answers;
	volatile bool ends;
};

static void *serve(void *ctx)
{
	struct server *s = ctx;

	while (!s->ends) {
		struct pollfd fds[ANSWERS_POLL];

		answers_poll(&s->answers, fds);
		if (poll(fds, ANSWERS_POLL, 20) >= 0)
			answers_serve(&s->answers, fds);
	}
	return NULL;
}

static void test_asking(void)
{
	struct server s = {.answers = {.find = find_one}};
	struct attached got;
	char path[200];
	pthread_t t;

	snprintf(path, sizeof(path), "%s/gateway.sock", test_dir());
	ASSERT_ERR(attached_ask(path, "10.45.0.2", 1000, &got), ERR_DISCONNECTED);
	ASSERT_ERR(answers_open(path, NULL, &s.answers), ERR_OK);
	/* nobody serves it yet */
	ASSERT_ERR(attached_ask(path, "10.45.0.2", 50, &got), ERR_TIMEOUT);
	CU_ASSERT_FATAL(pthread_create(&t, NULL, serve, &s) == 0);
	for (int i = 0; i < 3 * ASKERS_MAX; i++)
		ASSERT_ERR(attached_ask(path, "10.45.0.2", 5000, &got), ERR_OK);
	CU_ASSERT_STRING_EQUAL(got.imsi, one.imsi);
	ASSERT_ERR(attached_ask(path, "10.45.0.3", 5000, &got), ERR_NOT_FOUND);
	ASSERT_ERR(attached_ask(path, "10.45.0.2\n", 5000, &got), ERR_VALUE);
	ASSERT_ERR(attached_ask(path, "portal.lab", 5000, &got), ERR_VALUE);
	ASSERT_ERR(attached_ask(path, "", 5000, &got), ERR_VALUE);
	s.ends = true;
	pthread_join(t, NULL);
	answers_close(&s.answers);
	CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	ASSERT_ERR(attached_ask(path, "10.45.0.2", 10, &got), ERR_LONG_NAME);
}

TEST_SUITE(attached, {"the answer, read and written", test_words}, {"asking", test_asking})
