#include "tool/nfc/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "tool/sys/errno.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

#define CHILD_FD    3	 /* the socket, in keeper and child */
#define CLOSE_MS    1000 /* for the work to put its reader to rest */
#define CLOSE_STEP  5
#define TROUBLE_MAX 512
#define FRAME_MAX   (1 + FENCE_MESSAGE_MAX)

enum frame { FRAME_START, FRAME_MESSAGE, FRAME_END };

struct fence {
	int fd;
	pid_t keeper;
	struct cancel *cancel;
	bool works;
};

struct fence_child {
	int fd;
	void (*volatile stop)(void *ctx);
	void *volatile ctx;
	volatile sig_atomic_t stopped;
};

/* Of the keeper and of its child; each process has its own. */
static struct {
	volatile pid_t child;	   /* of the keeper; 0: none runs */
	volatile sig_atomic_t end; /* of the keeper: no further child */
	struct fence_child work;   /* of the child */
} self;

/* One frame, whole or not at all. */
static enum err send_kind(int fd, enum frame kind, struct slice content)
{
	uint8_t octets[FRAME_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	ssize_t n;
	enum err e;

	wbuf_u8(&w, (uint8_t)kind);
	wbuf_put(&w, content);
	e = wbuf_done(&w);
	if (!e) {
		do
			n = send(fd, w.ptr, w.len, MSG_NOSIGNAL);
		while (n < 0 && errno == EINTR);
		e = n < 0 ? ERR_DISCONNECTED : ERR_OK;
	}
	secret_wipe(octets, sizeof(octets));
	return e;
}

/* The next frame of a kind that is asked for; others of the parent are stale, and left out. */
static enum err receive_kind(int fd, enum frame kind, struct wbuf *out)
{
	uint8_t octets[FRAME_MAX];
	enum err e = ERR_TAG;

	while (e == ERR_TAG) {
		ssize_t n = recv(fd, octets, sizeof(octets), 0);
		struct cursor c;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_DISCONNECTED;
		c = cursor_of(slice_make(octets, (size_t)n));
		if (cursor_u8(&c) != (uint8_t)kind)
			continue;
		wbuf_put(out, cursor_take_rest(&c));
		e = wbuf_done(out);
	}
	secret_wipe(octets, sizeof(octets));
	return e;
}

/* How the work ended: the error in two octets, and the words. */
static enum err send_end(int fd, enum err end, const char *words)
{
	uint8_t octets[2 + TROUBLE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	size_t len = strlen(words);

	wbuf_u16(&w, (uint16_t)end);
	wbuf_put(&w, slice_make(words, len < TROUBLE_MAX ? len : TROUBLE_MAX));
	return send_kind(fd, FRAME_END, wbuf_slice(&w));
}

static void on_child_term(int sig)
{
	struct fence_child *c = &self.work;

	(void)sig;
	c->stopped = 1;
	if (c->stop)
		c->stop(c->ctx);
	else
		_exit(0);
}

static void on_keeper_term(int sig)
{
	(void)sig;
	if (!self.child)
		_exit(0);
	self.end = 1;
	kill(self.child, SIGTERM);
}

static void handle_term(void (*handler)(int))
{
	struct sigaction a = {.sa_handler = handler};

	sigaction(SIGTERM, &a, NULL);
}

static void hold_term(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(how, &set, NULL);
}

/* Dies with the process that made it, at once when that is gone already. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void run_child(const struct fence_options *o, pid_t keeper)
{
	enum err e;

	die_with(keeper);
	self.work.fd = CHILD_FD;
	handle_term(on_child_term);
	hold_term(SIG_UNBLOCK);
	trouble_forget();
	e = o->work(o->ctx, &self.work);
	fence_child_on_stop(&self.work, NULL, NULL);
	if (send_end(CHILD_FD, e, trouble_of(e)))
		fence_child_die(e);
	_exit(0);
}

/* The error that a child did not say itself: its exit code, or it was killed. */
static enum err end_of(int status)
{
	return WIFEXITED(status) ? (enum err)WEXITSTATUS(status) : ERR_NFC_CRASH;
}

/* Runs one child to its end, and says it where the child could not. */
static void keep_child(const struct fence_options *o)
{
	pid_t keeper = getpid(), child;
	int status = 0;

	hold_term(SIG_BLOCK);
	child = fork();
	if (child == 0)
		run_child(o, keeper);
	self.child = child > 0 ? child : 0;
	hold_term(SIG_UNBLOCK);
	if (child > 0) {
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	self.child = 0;
	if (self.end)
		_exit(0);
	if ((child < 0 || status) &&
	    send_end(CHILD_FD, child < 0 ? ERR_MEMORY : end_of(status), ""))
		_exit(0); /* nobody is there to be told */
}

static void ignore_terminal(void)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGALRM};
	struct sigaction a = {.sa_handler = SIG_IGN};

	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &a, NULL);
}

/* Nothing of the parent's stays open: its reader sees the end of its output when the parent ends.
 */
static void keep_only(int fd)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		_exit(0);
	for (int i = 0; i < CHILD_FD; i++)
		dup2(null, i);
	if (dup2(fd, CHILD_FD) < 0)
		_exit(0);
	close_range(CHILD_FD + 1, ~0u, 0);
}

static void run_keeper(const struct fence_options *o, int fd, pid_t parent)
{
	handle_term(on_keeper_term);
	ignore_terminal();
	die_with(parent);
	keep_only(fd);
	prctl(PR_SET_NAME, "twinkey-nfc");
	hold_term(SIG_UNBLOCK);
	for (;;) {
		uint8_t none[FRAME_MAX];
		struct wbuf w = wbuf_init(none, sizeof(none));

		if (receive_kind(CHILD_FD, FRAME_START, &w))
			_exit(0);
		keep_child(o);
	}
}

enum err fence_open(const struct fence_options *o, struct fence **out)
{
	struct fence *f = calloc(1, sizeof(*f));
	pid_t parent = getpid();
	int pair[2];

	if (!f || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		free(f);
		return ERR_MEMORY;
	}
	hold_term(SIG_BLOCK);
	f->keeper = fork();
	if (f->keeper == 0)
		run_keeper(o, pair[1], parent);
	hold_term(SIG_UNBLOCK);
	close(pair[1]);
	f->fd = pair[0];
	f->cancel = o->cancel;
	if (f->keeper < 0) {
		close(f->fd);
		free(f);
		return ERR_MEMORY;
	}
	*out = f;
	return ERR_OK;
}

static bool has_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) != 0;
}

void fence_close(struct fence **f)
{
	int64_t end = wait_now_ms() + CLOSE_MS;

	if (!*f)
		return;
	shutdown((*f)->fd, SHUT_WR); /* the work may wait for a message */
	kill((*f)->keeper, SIGTERM);
	while (!has_ended((*f)->keeper)) {
		if (wait_now_ms() >= end) {
			kill((*f)->keeper, SIGKILL); /* the child follows */
			waitpid((*f)->keeper, NULL, 0);
			break;
		}
		poll(NULL, 0, CLOSE_STEP);
	}
	close((*f)->fd);
	free(*f);
	*f = NULL;
}

enum err fence_start(struct fence *f)
{
	enum err e = f->works ? ERR_WRONG_STATE : send_kind(f->fd, FRAME_START, SLICE_EMPTY);

	f->works |= !e;
	return e;
}

bool fence_works(const struct fence *f)
{
	return f->works;
}

enum err fence_send(struct fence *f, struct slice message)
{
	return f->works ? send_kind(f->fd, FRAME_MESSAGE, message) : ERR_DISCONNECTED;
}

/* What the work's end means to who waits for its message. */
static enum err take_end(struct fence *f, struct cursor *c)
{
	char words[TROUBLE_MAX + 1] = "";
	unsigned value = cursor_u16(c);
	struct slice text = cursor_take_rest(c);
	enum err e = value < ERR_COUNT ? (enum err)value : ERR_PROTOCOL;

	f->works = false;
	if (c->err || slice_text(text, words, sizeof(words)))
		return ERR_PROTOCOL;
	if (words[0])
		return trouble_set(e, "%s", words);
	return e ? e : ERR_DISCONNECTED;
}

static enum err take_frame(struct fence *f, struct slice frame, struct wbuf *out)
{
	struct cursor c = cursor_of(frame);
	enum frame kind = (enum frame)cursor_u8(&c);

	if (c.err || kind == FRAME_END)
		return take_end(f, &c);
	wbuf_put(out, cursor_take_rest(&c));
	return wbuf_done(out);
}

enum err fence_receive(struct fence *f, const struct fence_wait *w, struct wbuf *out)
{
	uint8_t octets[FRAME_MAX];
	struct wait wait = wait_begin(f->cancel, w->what);
	ssize_t n = -1;
	enum err e;

	wait.told = !w->what;
	e = f->works ? wait_fd(&wait, f->fd, POLLIN, w->timeout_ms, w->grace_ms) : ERR_DISCONNECTED;
	if (!e) {
		n = recv(f->fd, octets, sizeof(octets), 0);
		e = n > 0 ? take_frame(f, slice_make(octets, (size_t)n), out) : ERR_NFC_CRASH;
		f->works &= n > 0;
		secret_wipe(octets, sizeof(octets));
	}
	return e;
}

enum err fence_child_send(struct fence_child *c, struct slice message)
{
	return send_kind(c->fd, FRAME_MESSAGE, message);
}

enum err fence_child_receive(struct fence_child *c, struct wbuf *out)
{
	return receive_kind(c->fd, FRAME_MESSAGE, out);
}

void fence_child_on_stop(struct fence_child *c, void (*stop)(void *ctx), void *ctx)
{
	c->ctx = ctx;
	c->stop = stop;
}

void fence_child_die(enum err e)
{
	_exit((int)e);
}

bool fence_child_is_stopped(const struct fence_child *c)
{
	return c->stopped;
}
