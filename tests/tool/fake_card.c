/*
 * fake_card: a card for vpcd that answers by rules, late, or not at all.
 *
 *   fake-card PORT [--atr HEX] [--delay MS] [--mute COMMANDS] [--log FILE] [PREFIX=ANSWER ...]
 *
 * The first rule whose PREFIX begins the command gives its ANSWER (hex); 9000 to what no rule fits.
 * --delay: before each answer; --mute: no answer after so many commands; --log: a line a command.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 600

static const char *atr = "3b021450", *log_file;
static long delay_ms, mute_after = -1;

static size_t unhex(const char *hex, unsigned char *out)
{
	size_t n = 0;

	for (; hex[0] && hex[1] && n < FRAME_MAX; hex += 2) {
		char two[3] = {hex[0], hex[1], 0};

		out[n++] = (unsigned char)strtoul(two, NULL, 16);
	}
	return n;
}

static int send_hex(int fd, const char *hex)
{
	unsigned char frame[2 + FRAME_MAX];
	size_t n = unhex(hex, frame + 2);

	frame[0] = (unsigned char)(n >> 8);
	frame[1] = (unsigned char)n;
	return write(fd, frame, n + 2) == (ssize_t)(n + 2);
}

static const char *answer_to(const char *command, int rules, char **rule)
{
	for (int i = 0; i < rules; i++) {
		size_t n = strcspn(rule[i], "=");

		if (rule[i][n] && strncasecmp(command, rule[i], n) == 0)
			return rule[i] + n + 1;
	}
	return "9000";
}

static void note(const char *command)
{
	FILE *f = log_file ? fopen(log_file, "a") : NULL;

	if (!f)
		return;
	fprintf(f, "%s\n", command);
	fclose(f);
}

static int read_all(int fd, unsigned char *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			return 0;
		p += got;
		n -= (size_t)got;
	}
	return 1;
}

static void play(int fd, int rules, char **rule)
{
	struct timespec pause = {delay_ms / 1000, delay_ms % 1000 * 1000000L};
	unsigned char head[2], body[FRAME_MAX];
	char command[2 * FRAME_MAX + 1];

	for (long count = 0; read_all(fd, head, 2);) {
		size_t n = (size_t)head[0] << 8 | head[1];

		if (n > sizeof(body) || !read_all(fd, body, n))
			return;
		if (n == 1 && body[0] == 4 && !send_hex(fd, atr))
			return;
		if (n <= 1)
			continue;
		for (size_t i = 0; i < n; i++)
			snprintf(command + 2 * i, 3, "%02x", body[i]);
		note(command);
		if (mute_after >= 0 && count++ >= mute_after)
			continue;
		nanosleep(&pause, NULL);
		if (!send_hex(fd, answer_to(command, rules, rule)))
			return;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1, i = 2;

	to.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--atr") == 0)
			atr = argv[i + 1];
		else if (strcmp(argv[i], "--delay") == 0)
			delay_ms = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--mute") == 0)
			mute_after = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--log") == 0)
			log_file = argv[i + 1];
	}
	for (;;) { /* as long as it is not ended: into the reader again and again */
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0)
			return 1;
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			play(fd, argc - i, argv + i);
		}
		close(fd);
		usleep(20000);
	}
}
