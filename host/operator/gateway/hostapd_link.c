#include "host/operator/gateway/hostapd_link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/sys/errno.h"
#include "tool/sys/wait.h"

#define ANSWER_MS   1000
#define COMMAND_CAP 64

struct hostapd_link {
	int events, questions;
};

/* What the peer's end means to us. */
static enum err link_err(int number)
{
	switch (number) {
	case ENOENT:
	case ECONNREFUSED:
	case ECONNRESET:
	case ENOTCONN:
	case EPIPE: return ERR_DISCONNECTED;
	case EAGAIN: return ERR_TIMEOUT;
	case EPROTOTYPE: return ERR_PROTOCOL;
	default: return errno_err(number);
	}
}

/* A socket with a name that the kernel chooses: hostapd answers to it, and no file is left. */
static enum err open_one(const struct sockaddr_un *peer, int *out)
{
	const struct sockaddr_un own = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	enum err e = ERR_OK;

	if (fd < 0)
		return errno_err(errno);
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own.sun_family)) ||
	    connect(fd, (const struct sockaddr *)peer, sizeof(*peer)))
		e = link_err(errno);
	if (e)
		close(fd);
	else
		*out = fd;
	return e;
}

/* One datagram; text.err is ERR_SPACE when it was longer than there is room for. */
static enum err receive(int fd, struct wbuf *text)
{
	uint8_t *to;
	ssize_t n;

	wbuf_reset(text);
	to = wbuf_reserve(text, HOSTAPD_MESSAGE_MAX);
	if (!to)
		return ERR_MEMORY;
	do
		n = recv(fd, to, HOSTAPD_MESSAGE_MAX, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return link_err(errno);
	if (n > HOSTAPD_MESSAGE_MAX)
		wbuf_fail(text, ERR_SPACE);
	else
		wbuf_cut(text, (size_t)n);
	return ERR_OK;
}

static enum err await(int fd, int64_t end_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left;
	int n;

	do {
		left = end_ms - wait_now_ms();
		n = poll(&p, 1, left < 0 ? 0 : (int)left);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? errno_err(errno) : n == 0 ? ERR_TIMEOUT : ERR_OK;
}

/* The answer to one question; answers to older ones, which came too late, are thrown away. */
static enum err ask_hostapd(int fd, const char *question, struct wbuf *answer)
{
	int64_t end_ms = wait_now_ms() + ANSWER_MS;
	enum err e;

	do
		e = receive(fd, answer);
	while (!e);
	if (e != ERR_TIMEOUT)
		return e;
	if (send(fd, question, strlen(question), MSG_NOSIGNAL) < 0)
		return link_err(errno);
	e = await(fd, end_ms);
	return e ? e : receive(fd, answer);
}

static enum err command(int fd, const char *question, const char *good)
{
	struct wbuf answer = wbuf_grow(HOSTAPD_MESSAGE_MAX);
	enum err e = ask_hostapd(fd, question, &answer);

	if (!e && !slice_is(wbuf_slice(&answer), good))
		e = ERR_PROTOCOL;
	wbuf_free(&answer);
	return e;
}

enum err hostapd_link_open(const char *path, struct hostapd_link **out)
{
	struct sockaddr_un peer = {.sun_family = AF_UNIX};
	struct hostapd_link *l;
	enum err e;

	if (slice_text(slice_str(path), peer.sun_path, sizeof(peer.sun_path)))
		return ERR_LONG_NAME;
	l = malloc(sizeof(*l));
	if (!l)
		return ERR_MEMORY;
	*l = (struct hostapd_link){-1, -1};
	e = open_one(&peer, &l->events);
	if (!e)
		e = open_one(&peer, &l->questions);
	if (!e)
		e = command(l->questions, "PING", "PONG\n");
	if (!e)
		e = command(l->events, "ATTACH", "OK\n");
	if (e)
		hostapd_link_close(&l);
	else
		*out = l;
	return e;
}

void hostapd_link_close(struct hostapd_link **l)
{
	if (!*l)
		return;
	if ((*l)->events >= 0)
		close((*l)->events);
	if ((*l)->questions >= 0)
		close((*l)->questions);
	free(*l);
	*l = NULL;
}

int hostapd_link_fd(const struct hostapd_link *l)
{
	return l->events;
}

enum err hostapd_link_event(struct hostapd_link *l, struct wbuf *text)
{
	return receive(l->events, text);
}

static enum err ask_station(struct hostapd_link *l, const char *question,
			    struct hostapd_station *out)
{
	struct wbuf answer = wbuf_grow(HOSTAPD_MESSAGE_MAX);
	enum err e = ask_hostapd(l->questions, question, &answer);

	if (!e)
		e = answer.err ? ERR_LENGTH : hostapd_station_read(wbuf_slice(&answer), out);
	wbuf_free(&answer);
	return e;
}

static void word_command(const char *word, const uint8_t *mac, char out[static COMMAND_CAP])
{
	char text[HOSTAPD_MAC_CAP];

	hostapd_mac_text(mac, text);
	snprintf(out, COMMAND_CAP, "%s %s", word, text);
}

enum err hostapd_link_station(struct hostapd_link *l, const uint8_t mac[static HOSTAPD_MAC_LEN],
			      struct hostapd_station *out)
{
	struct hostapd_station st;
	char question[COMMAND_CAP];
	enum err e;

	word_command("STA", mac, question);
	e = ask_station(l, question, &st);
	if (!e && memcmp(st.mac, mac, sizeof(st.mac)) != 0)
		e = ERR_PROTOCOL;
	if (!e)
		*out = st;
	return e;
}

enum err hostapd_link_next(struct hostapd_link *l, const uint8_t *mac, struct hostapd_station *out)
{
	char question[COMMAND_CAP] = "STA-FIRST";

	if (mac)
		word_command("STA-NEXT", mac, question);
	return ask_station(l, question, out);
}

enum err hostapd_link_reauth(struct hostapd_link *l, const uint8_t mac[static HOSTAPD_MAC_LEN])
{
	char question[COMMAND_CAP];

	word_command("EAPOL_REAUTH", mac, question);
	return command(l->questions, question, "OK\n");
}

enum err hostapd_link_ping(struct hostapd_link *l)
{
	return command(l->questions, "PING", "PONG\n");
}
