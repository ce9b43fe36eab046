/* hlr_auc_gw_serve: the requests that are there at once are answered in one transaction */
#include "host/operator/auc/hlr_auc_gw.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/local.h"
#include "tool/sys/wait.h"

#define ROUND_MAX   64
#define PATIENCE_MS 10000 /* for another process that has the store */
#define PAUSE_MS    5

struct message {
	char request[HLR_AUC_GW_MESSAGE_MAX + 1], answer[HLR_AUC_GW_MESSAGE_MAX];
	struct sockaddr_un from;
	socklen_t from_len;
	enum err e; /* of its answer */
	bool over;
};

struct round {
	struct message messages[ROUND_MAX];
	struct message *order[ROUND_MAX];
	size_t n;
};

/* What is there, without waiting, as far as there is room: from the first on that is new. */
static size_t take_waiting(struct round *r, int fd)
{
	struct mmsghdr heads[ROUND_MAX] = {0};
	struct iovec pieces[ROUND_MAX];
	size_t room = ROUND_MAX - r->n;
	int n;

	for (size_t i = 0; i < room; i++) {
		struct message *m = &r->messages[r->n + i];

		pieces[i] = (struct iovec){m->request, sizeof(m->request) - 1};
		heads[i].msg_hdr = (struct msghdr){.msg_name = &m->from,
						   .msg_namelen = sizeof(m->from),
						   .msg_iov = &pieces[i],
						   .msg_iovlen = 1};
	}
	n = room ? recvmmsg(fd, heads, (unsigned)room, MSG_DONTWAIT, NULL) : 0;
	for (int i = 0; i < n; i++) {
		struct message *m = &r->messages[r->n];

		m->request[heads[i].msg_len] = 0;
		m->from_len = heads[i].msg_hdr.msg_namelen;
		m->over = false;
		r->order[r->n++] = m;
	}
	return n > 0 ? (size_t)n : 0;
}

static int by_request(const void *a, const void *b)
{
	return strcmp((*(struct message *const *)a)->request,
		      (*(struct message *const *)b)->request);
}

/* In the order of their names: of two processes that want the same subscribers one waits for the
 * other, and not each for the other one. */
static void handle_from(struct operator_store *s, struct round *r, size_t from)
{
	int64_t now = time(NULL);

	qsort(r->order + from, r->n - from, sizeof(*r->order), by_request);
	for (size_t i = from; i < r->n; i++) {
		struct message *m = r->order[i];

		if (!m->over)
			m->e = hlr_auc_gw_answer(s, m->request, now, m->answer);
	}
}

/* A number's vector leaves when the number is kept. False: some are to be handled again. */
static bool settle(struct operator_store *s, struct round *r)
{
	enum err e = operator_store_settle(s, ERR_OK);
	bool all = true;

	for (size_t i = 0; i < r->n; i++) {
		struct message *m = r->order[i];

		if (m->over)
			continue;
		if (e && !m->e)
			hlr_auc_gw_refuse(m->request, m->answer);
		m->over = (e ? e : m->e) != ERR_LOCKED;
		all = all && m->over;
	}
	return all;
}

/* While some are handled more of them come: few fit into the socket's queue at once. */
static void gather(struct operator_store *s, struct round *r, int fd)
{
	size_t from = 0;

	r->n = 0;
	while (take_waiting(r, fd)) {
		handle_from(s, r, from);
		from = r->n;
	}
}

static void answer_round(struct operator_store *s, struct round *r, int fd, struct cancel *cancel)
{
	struct wait w = wait_begin(cancel, "another process, which has the operator's database");

	gather(s, r, fd);
	while (!settle(s, r)) {
		if (wait_now_ms() - w.since_ms >= PATIENCE_MS || wait_pause(&w, PAUSE_MS))
			return; /* what is left has FAILURE for an answer */
		handle_from(s, r, 0);
	}
}

/* A client that is gone, or has no name to answer to, has no use for its answer. */
static size_t answers_of(struct round *r, struct mmsghdr heads[static ROUND_MAX],
			 struct iovec pieces[static ROUND_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct message *m = &r->messages[i];

		if (!*m->answer || m->from_len <= sizeof(sa_family_t))
			continue;
		pieces[n] = (struct iovec){m->answer, strlen(m->answer)};
		heads[n].msg_hdr = (struct msghdr){.msg_name = &m->from,
						   .msg_namelen = m->from_len,
						   .msg_iov = &pieces[n],
						   .msg_iovlen = 1};
		n++;
	}
	return n;
}

/* All at once; one that cannot be sent is passed over. */
static void send_all(struct round *r, int fd)
{
	struct mmsghdr heads[ROUND_MAX] = {0};
	struct iovec pieces[ROUND_MAX];
	size_t n = answers_of(r, heads, pieces);

	for (size_t at = 0; at < n;) {
		int sent = sendmmsg(fd, heads + at, (unsigned)(n - at), MSG_DONTWAIT);

		at += sent > 0 ? (size_t)sent : 1;
	}
	for (size_t i = 0; i < r->n; i++)
		secret_wipe(r->messages[i].answer, sizeof(r->messages[i].answer));
}

static enum err serve_rounds(struct operator_store *s, struct round *r, int fd,
			     struct cancel *cancel)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
			      {.fd = cancel_fd(cancel), .events = POLLIN}};
	enum err e = ERR_OK;

	while (!e && !p[1].revents && !cancel_is_wished(cancel)) {
		int n = poll(p, ARRAY_LEN(p), -1);

		if (n < 0 && errno != EINTR)
			e = errno_err(errno);
		if (n <= 0 || !p[0].revents)
			continue;
		answer_round(s, r, fd, cancel);
		send_all(r, fd);
	}
	return e;
}

enum err hlr_auc_gw_serve(struct operator_store *s, const char *path, struct cancel *cancel,
			  void (*ready)(void))
{
	struct round *r = calloc(1, sizeof(*r));
	struct local_socket own;
	enum err e = r ? local_listen(path, SOCK_DGRAM, cancel, &own) : ERR_MEMORY;

	if (!e) {
		operator_store_gather(s);
		if (ready)
			ready();
		e = serve_rounds(s, r, own.fd, cancel);
		local_remove(&own);
		close(own.fd);
	}
	free(r);
	return e;
}
