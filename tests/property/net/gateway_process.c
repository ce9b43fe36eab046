#include "tests/property/net/gateway_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/property/net/air.h"
#include "tests/property/net/lines.h"
#include "tests/property/flow/bench.h"
#include "tool/sys/wait.h"

#define START_MS 20000
#define ASK_MS	 10000

static struct {
	const char *dir, *bin;
	char hostapd[128], leases[128], socket[128], log[128];
	pid_t pid;
	bool hangs;
	int fd; /* of hostapd */
	struct sockaddr_un monitor;
	socklen_t monitor_len;
} p = {.fd = -1};

int64_t monotonic_ms(void)
{
	return wait_now_ms();
}

void gateway_process_place(const char *dir, const char *bin)
{
	p.dir = dir;
	p.bin = bin;
	snprintf(p.hostapd, sizeof(p.hostapd), "%s/hostapd.sock", dir);
	snprintf(p.leases, sizeof(p.leases), "%s/leases", dir);
	snprintf(p.socket, sizeof(p.socket), "%s/gateway.sock", dir);
	snprintf(p.log, sizeof(p.log), "%s/gateway.log", dir);
}

static void become_gateway(void)
{
	const char *const argv[] = {p.bin,	   "gateway",
				    "--dir",	   p.dir,
				    "--interface", LINES_INTERFACE,
				    "--hostapd",   p.hostapd,
				    "--leases",	   p.leases,
				    "--socket",	   p.socket,
				    "--reach",	   "tcp:" LINES_PORTAL,
				    "--reach",	   "tcp:" LINES_RELEASE,
				    NULL};
	int fd = open(p.log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execv(p.bin, (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* It answers: its gate is there, closed, and its loop has begun. */
void gateway_process_start(void)
{
	int64_t end = monotonic_ms() + START_MS;
	char answer[512];

	if (p.pid)
		return;
	p.hangs = false;
	p.pid = fork();
	CHECK(p.pid >= 0, "a process");
	if (p.pid == 0)
		become_gateway();
	while (!gateway_process_ask(0x7F000001, answer, sizeof(answer))) {
		CHECK(waitpid(p.pid, NULL, WNOHANG) == 0 && monotonic_ms() < end, "a gateway");
		hostapd_serve(20);
	}
}

void gateway_process_end(int signal)
{
	int64_t end = monotonic_ms() + START_MS;

	if (!p.pid)
		return;
	gateway_process_hang(false);
	kill(p.pid, signal);
	while (waitpid(p.pid, NULL, WNOHANG) == 0) {
		CHECK(monotonic_ms() < end, "it ends");
		hostapd_serve(5);
	}
	p.pid = 0;
}

void gateway_process_hang(bool hang)
{
	if (!p.pid || p.hangs == hang)
		return;
	kill(p.pid, hang ? SIGSTOP : SIGCONT);
	p.hangs = hang;
}

bool gateway_process_is_up(void)
{
	return p.pid && !p.hangs;
}

pid_t gateway_process_pid(void)
{
	return p.pid;
}

bool gateway_process_reap(void)
{
	if (!p.pid || waitpid(p.pid, NULL, WNOHANG) != p.pid)
		return false;
	p.pid = 0;
	return true;
}

void hostapd_socket(bool up)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	if (p.fd >= 0) {
		close(p.fd);
		unlink(p.hostapd);
	}
	p.fd = -1;
	p.monitor_len = 0;
	if (!up)
		return;
	memcpy(a.sun_path, p.hostapd, strlen(p.hostapd));
	p.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	CHECK(p.fd >= 0 && bind(p.fd, (const struct sockaddr *)&a, sizeof(a)) == 0,
	      "hostapd's socket");
}

static void answer_question(void)
{
	struct sockaddr_un who;
	socklen_t len = sizeof(who);
	uint8_t mem[HOSTAPD_MESSAGE_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	char question[256];
	ssize_t n =
		recvfrom(p.fd, question, sizeof(question) - 1, 0, (struct sockaddr *)&who, &len);

	if (n < 0 || air.mute)
		return;
	question[n] = 0;
	if (strcmp(question, "ATTACH") == 0) {
		p.monitor = who;
		p.monitor_len = len;
	}
	air_answer(question, &out);
	(void)!sendto(p.fd, out.ptr, out.len, MSG_DONTWAIT, (const struct sockaddr *)&who, len);
}

static void send_events(void)
{
	uint8_t mem[512];
	struct wbuf text = wbuf_init(mem, sizeof(mem));

	while (air_event(&text)) {
		if (p.fd >= 0 && p.monitor_len)
			(void)!sendto(p.fd, text.ptr, text.len, MSG_DONTWAIT,
				      (const struct sockaddr *)&p.monitor, p.monitor_len);
		wbuf_reset(&text);
	}
}

void hostapd_serve(int64_t ms)
{
	int64_t end = monotonic_ms() + ms, left;

	do {
		struct pollfd fd = {.fd = p.fd, .events = POLLIN};

		air.now_ms = monotonic_ms();
		send_events();
		left = end - monotonic_ms();
		if (poll(&fd, 1, left < 0 ? 0 : (int)left) > 0)
			answer_question();
	} while (monotonic_ms() < end);
	send_events();
}

size_t gateway_process_ask(uint32_t address, char *answer, size_t cap)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), n;
	int64_t end = monotonic_ms() + ASK_MS;
	ssize_t got = -1;
	char line[64];

	memcpy(a.sun_path, p.socket, strlen(p.socket));
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a))) {
		close(fd);
		return 0;
	}
	n = snprintf(line, sizeof(line), "%u.%u.%u.%u\n", address >> 24, address >> 16 & 0xFF,
		     address >> 8 & 0xFF, address & 0xFF);
	CHECK(send(fd, line, (size_t)n, MSG_NOSIGNAL) == n, "a question");
	while (got < 0 && monotonic_ms() < end) {
		got = recv(fd, answer, cap, 0);
		if (got < 0)
			hostapd_serve(5);
	}
	close(fd);
	return got > 0 ? (size_t)got : 0;
}
