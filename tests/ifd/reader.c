#include "tests/ifd/reader.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATH_MAX_LEN (IFD_FOLDER_MAX + 16)
#define WORDS_MAX    512
#define ANSWER_S     20
#define HEADER_LEN   2

enum { CONTROL_OFF = 0, CONTROL_ON = 1, CONTROL_RESET = 2, CONTROL_ATR = 4 };

static size_t read_file(const struct ifd *r, const char *name, char *text, size_t cap)
{
	char path[PATH_MAX_LEN];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", r->folder, name);
	f = fopen(path, "re");
	if (f) {
		n = fread(text, 1, cap - 1, f);
		fclose(f);
	}
	text[n] = 0;
	return n;
}

/* The word's end, or NULL. A word that ends in '=' stands for all that begin so. */
static const char *find_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; *p; p += strcspn(p, " \n")) {
		p += strspn(p, " \n");
		if (strncmp(p, word, n) == 0 && (word[n - 1] == '=' || strchr(" \n", p[n])))
			return p + n;
	}
	return NULL;
}

bool ifd_is(const struct ifd *r, const char *word)
{
	char words[WORDS_MAX];

	read_file(r, "control", words, sizeof(words));
	return find_word(words, word) != NULL;
}

unsigned long ifd_number(const struct ifd *r, const char *name)
{
	char words[WORDS_MAX];
	const char *at;

	read_file(r, "control", words, sizeof(words));
	at = find_word(words, name);
	return at ? strtoul(at, NULL, 10) : 0;
}

size_t ifd_typed(const struct ifd *r, char *text, size_t cap)
{
	read_file(r, "typed", text, cap);
	text[strcspn(text, "\n")] = 0;
	return strlen(text);
}

void ifd_log(const struct ifd *r, const char *format, ...)
{
	char path[PATH_MAX_LEN];
	va_list args;
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", r->folder);
	f = fopen(path, "ae");
	if (!f)
		return;
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	putc('\n', f);
	fclose(f);
}

static int listen_at(unsigned long port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 1) == 0)
		return fd;
	close(fd);
	return -1;
}

bool ifd_open(struct ifd *r, const char *name)
{
	const char *colon = strrchr(name, ':');

	if (!colon || (size_t)(colon - name) >= sizeof(r->folder))
		return false;
	snprintf(r->folder, sizeof(r->folder), "%.*s", (int)(colon - name), name);
	r->listener = listen_at(strtoul(colon + 1, NULL, 16));
	r->card = -1;
	ifd_log(r, "open%s", r->listener < 0 ? ": the port is in use" : "");
	return r->listener >= 0;
}

static void drop_card(struct ifd *r)
{
	if (r->card >= 0)
		close(r->card);
	r->card = -1;
	r->atr_len = 0;
}

void ifd_close(struct ifd *r)
{
	drop_card(r);
	close(r->listener);
	r->listener = -1;
	ifd_log(r, "close");
}

static void take_card(struct ifd *r)
{
	struct timeval most = {.tv_sec = ANSWER_S};
	int on = 1;

	r->card = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
	if (r->card < 0)
		return;
	setsockopt(r->card, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(r->card, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
}

bool ifd_has_card(struct ifd *r)
{
	uint8_t octet;

	if (ifd_is(r, "power=mute"))
		return true;
	if (ifd_is(r, "card=out"))
		return false;
	/* a card speaks when it is spoken to: what can be read now is its end */
	if (r->card >= 0 && recv(r->card, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		drop_card(r);
	if (r->card < 0)
		take_card(r);
	return r->card >= 0;
}

static bool send_all(struct ifd *r, const uint8_t *octets, size_t len)
{
	while (len) {
		ssize_t n = send(r->card, octets, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return false;
		octets += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool send_frame(struct ifd *r, const uint8_t *octets, size_t len)
{
	uint8_t head[HEADER_LEN] = {(uint8_t)(len >> 8), (uint8_t)len};

	return r->card >= 0 && len <= IFD_FRAME_MAX && send_all(r, head, sizeof(head)) &&
	       send_all(r, octets, len);
}

static bool receive(struct ifd *r, uint8_t *octets, size_t len)
{
	return !len || recv(r->card, octets, len, MSG_WAITALL) == (ssize_t)len;
}

static bool receive_frame(struct ifd *r, uint8_t *got, DWORD *got_len)
{
	uint8_t head[HEADER_LEN], rest;
	size_t len, kept;

	if (!receive(r, head, sizeof(head)))
		return false;
	len = (size_t)head[0] << 8 | head[1];
	kept = len < *got_len ? len : *got_len;
	if (!receive(r, got, kept))
		return false;
	for (size_t i = kept; i < len; i++) {
		if (!receive(r, &rest, 1))
			return false;
	}
	*got_len = kept;
	return true;
}

bool ifd_exchange(struct ifd *r, const uint8_t *sent, size_t len, uint8_t *got, DWORD *got_len)
{
	if (send_frame(r, sent, len) && receive_frame(r, got, got_len))
		return true;
	drop_card(r);
	return false;
}

static bool send_control(struct ifd *r, uint8_t control)
{
	return send_frame(r, &control, 1);
}

bool ifd_power_off(struct ifd *r)
{
	r->atr_len = 0;
	return send_control(r, CONTROL_OFF);
}

bool ifd_power_on(struct ifd *r, bool cold)
{
	const uint8_t ask = CONTROL_ATR;

	r->atr_len = sizeof(r->atr);
	if (!send_control(r, cold ? CONTROL_ON : CONTROL_RESET) ||
	    !ifd_exchange(r, &ask, 1, r->atr, &r->atr_len)) {
		r->atr_len = 0;
		return false;
	}
	if (r->atr_len && ifd_is(r, "atr=bad"))
		r->atr[r->atr_len - 1] ^= 0xFF;
	return r->atr_len > 0;
}
