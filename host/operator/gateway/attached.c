#include "host/operator/gateway/attached.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/sys/errno.h"
#include "tool/sys/wait.h"

#define MAC_TEXT_LEN  (ATTACHED_MAC_CAP - 1)
#define IMSI_TEXT_MIN 6

_Static_assert(sizeof(((struct attached *)0)->mac) == ATTACHED_MAC_CAP, "room for a MAC");
_Static_assert(sizeof(((struct attached *)0)->imsi) == ATTACHED_IMSI_CAP, "room for an IMSI");

static enum err connect_to(const char *path, int *fd)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int why;

	if (slice_text(slice_str(path), a.sun_path, sizeof(a.sun_path)))
		return ERR_LONG_NAME;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return errno_err(errno);
	if (connect(*fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return ERR_OK;
	why = errno;
	close(*fd);
	if (why == ENOENT || why == ECONNREFUSED)
		return ERR_DISCONNECTED;
	return why == EAGAIN ? ERR_TIMEOUT : errno_err(why); /* its queue is full */
}

static enum err ready(int fd, short events, int64_t end_ms)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int64_t left = end_ms - wait_now_ms();
		int n = poll(&p, 1, left < 0 ? 0 : (int)left);

		if (n > 0)
			return ERR_OK;
		if (n == 0)
			return ERR_TIMEOUT;
		if (errno != EINTR)
			return errno_err(errno);
	}
}

/* A line is short: a socket that was just opened takes all of it. */
static enum err send_line(int fd, const char *address)
{
	char line[ATTACHED_LINE_MAX];
	int n = snprintf(line, sizeof(line), "%s\n", address);
	ssize_t sent = send(fd, line, (size_t)n, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EPIPE || errno == ECONNRESET ? ERR_DISCONNECTED : errno_err(errno);
	return sent == n ? ERR_OK : ERR_IO;
}

static enum err await_answer(int fd, int64_t end_ms, struct wbuf *answer)
{
	uint8_t part[ATTACHED_ANSWER_MAX];
	ssize_t n = 1;
	enum err e = ERR_OK;

	while (!e && n > 0) {
		e = ready(fd, POLLIN, end_ms);
		if (e)
			break;
		n = recv(fd, part, sizeof(part), 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			e = errno == ECONNRESET ? ERR_DISCONNECTED : errno_err(errno);
		else if (n < 0)
			n = 1;
		else
			wbuf_put(answer, slice_make(part, (size_t)n));
	}
	return e ? e : wbuf_done(answer) ? ERR_PROTOCOL : ERR_OK;
}

enum err attached_ask(const char *socket, const char *address, int wait_ms, struct attached *out)
{
	int64_t end_ms = wait_now_ms() + wait_ms;
	uint8_t mem[ATTACHED_ANSWER_MAX];
	struct wbuf answer = wbuf_init(mem, sizeof(mem));
	struct in_addr ip;
	int fd = -1;
	enum err e;

	if (inet_pton(AF_INET, address, &ip) != 1)
		return ERR_VALUE;
	e = connect_to(socket, &fd);
	if (e)
		return e;
	e = send_line(fd, address);
	if (!e)
		e = await_answer(fd, end_ms, &answer);
	close(fd);
	return e ? e : attached_read(wbuf_slice(&answer), out);
}

static bool mac_fits(const char *text)
{
	if (strlen(text) != MAC_TEXT_LEN)
		return false;
	for (size_t i = 0; i < MAC_TEXT_LEN; i++) {
		if (i % 3 == 2 ? text[i] != ':' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

static bool imsi_fits(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n >= IMSI_TEXT_MIN && n < ATTACHED_IMSI_CAP && !text[n];
}

static enum err read_who(json_t *o, struct attached *out)
{
	struct attached a = {0};
	const char *mac = NULL, *imsi = NULL;
	json_int_t since = 0;

	if (json_unpack(o, "{s:s, s:s, s:i, s:I}", "mac", &mac, "imsi", &imsi, "subscription",
			&a.subscription, "since", &since))
		return ERR_PROTOCOL;
	if (!mac_fits(mac) || !imsi_fits(imsi) || a.subscription < 1 || a.subscription > 2)
		return ERR_PROTOCOL;
	snprintf(a.mac, sizeof(a.mac), "%s", mac);
	snprintf(a.imsi, sizeof(a.imsi), "%s", imsi);
	a.since = since;
	*out = a;
	return ERR_OK;
}

enum err attached_read(struct slice answer, struct attached *out)
{
	json_t *o = json_loadb((const char *)answer.ptr, answer.len, JSON_REJECT_DUPLICATES, NULL);
	json_t *is = json_object_get(o, "attached");
	enum err e = ERR_PROTOCOL;

	if (json_is_false(is))
		e = ERR_NOT_FOUND;
	else if (json_is_true(is))
		e = read_who(o, out);
	json_decref(o);
	return e;
}

void attached_write(const struct attached *who, struct wbuf *out)
{
	char text[ATTACHED_ANSWER_MAX] = "{\"attached\":false}\n";

	/* none of it needs quoting: digits, colons */
	if (who)
		snprintf(text, sizeof(text),
			 "{\"attached\":true,\"mac\":\"%s\",\"imsi\":\"%s\",\"subscription\":%d,"
			 "\"since\":%lld}\n",
			 who->mac, who->imsi, who->subscription, (long long)who->since);
	wbuf_put(out, slice_str(text));
}
