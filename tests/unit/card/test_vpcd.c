/* the card's end of vpcd: a reader that looks at it and gives it no power */
#include "tests/unit/test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "card-emu/link/vpcd.h"
#include "tests/unit/support/card_fixture.h"
#include "tool/sys/cancel.h"

#define LOOK	"000104"
#define POWER	"000101"
#define OFF	"000100"
#define COMMAND "000700a4000c023f00"
#define LOOKS_4 LOOK LOOK LOOK LOOK

static const struct {
	const char *what, *in;
	unsigned ignored, taken; /* how often the card said so */
} readers[] = {
	{"four looks", LOOKS_4, 0, 0},
	{"five", LOOKS_4 LOOK, 1, 0},
	{"five, with the power going off", LOOKS_4 OFF LOOK, 1, 0},
	{"power after four", LOOKS_4 POWER LOOKS_4 LOOK, 0, 1},
	{"power, off, and looks", POWER LOOK OFF LOOKS_4 LOOKS_4, 0, 1},
	{"a command without power", LOOKS_4 COMMAND LOOKS_4 LOOK, 0, 1},
};

static struct seen {
	unsigned taken, ignored;
} seen;

static void note_event(void *ctx, enum link_event event)
{
	struct seen *s = ctx;

	s->taken += event == LINK_TAKEN;
	s->ignored += event == LINK_IGNORED;
}

struct served {
	struct card *card;
	struct link link;
	enum err end;
};

static void *serve(void *arg)
{
	struct served *s = arg;

	s->end = vpcd_serve(s->card, &s->link);
	return NULL;
}

static int next_card(int listener)
{
	int fd = accept(listener, NULL, NULL);

	CU_ASSERT_FATAL(fd >= 0);
	return fd;
}

/* Says what a reader says; the card has read it to its end when it closes. */
static void say(int fd, const char *hex)
{
	uint8_t mem[512];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	ASSERT_ERR(hex_decode(hex, &w), ERR_OK);
	CU_ASSERT_FATAL(send(fd, w.ptr, w.len, MSG_NOSIGNAL) == (ssize_t)w.len);
	shutdown(fd, SHUT_WR);
	while (recv(fd, mem, sizeof(mem), 0) > 0)
		;
	close(fd);
}

/* One reader after another at the place where a card looks for them; the card goes at the end. */
static void with_card(void (*act)(int listener))
{
	char dir[] = "/tmp/twinkey-vpcd-XXXXXX";
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct cancel cancel = {0};
	struct served s = {.card = fixture_card(NULL, NULL)};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	pthread_t thread;

	CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/reader", dir);
	CU_ASSERT_FATAL(bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0);
	CU_ASSERT_FATAL(listen(listener, 4) == 0);
	ASSERT_ERR(cancel_open(&cancel), ERR_OK);
	s.link = (struct link){
		.path = at.sun_path, .cancel = &cancel, .event = note_event, .ctx = &seen};
	seen = (struct seen){0};
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, serve, &s) == 0);
	act(listener);
	cancel_wish(&cancel);
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(s.end, ERR_CANCELLED);
	close(listener);
	unlink(at.sun_path);
	rmdir(dir);
	cancel_close(&cancel);
	card_close(&s.card);
}

static void one_reader(int listener)
{
	static size_t i;

	say(next_card(listener), readers[i].in);
	close(next_card(listener)); /* what the first one was told is told */
	CU_ASSERT_EQUAL(seen.ignored, readers[i].ignored);
	CU_ASSERT_EQUAL(seen.taken, readers[i].taken);
	i++;
}

static void test_looks(void)
{
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		with_card(one_reader);
}

/* A reader that never gives power keeps the card after the first time; the next one is as the
 * first. */
static void looks_on_and_on(int listener)
{
	static const unsigned want[] = {1, 1, 2};
	int fd = next_card(listener);

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		say(fd, LOOKS_4 LOOKS_4 LOOKS_4);
		fd = next_card(listener);
		CU_ASSERT_EQUAL(seen.ignored, want[i]);
	}
	close(fd);
}

static void test_once(void)
{
	with_card(looks_on_and_on);
}

TEST_SUITE(vpcd_card, {"looks without power", test_looks}, {"out once", test_once})
