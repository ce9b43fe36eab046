#include "host/operator/http_peer.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "host/operator/http.h"

#define ROOM 8 /* connections that are kept free */

/*
 * since: when it was made, or its last answer was through; extra: how many seconds the length of
 * the present answer adds to those of any.
 */
struct http_peer {
	struct http_peer *next, **back;
	int fd;
	double since, extra;
	bool ended; /* shut down here; the daemon has not seen it yet */
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct http_peer *http_peer_new(struct http_peers *all, int fd)
{
	struct http_peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	*p = (struct http_peer){
		.next = all->first, .back = &all->first, .fd = fd, .since = now_s()};
	if (all->first)
		all->first->back = &p->next;
	all->first = p;
	all->open++;
	return p;
}

void http_peer_free(struct http_peers *all, struct http_peer *p)
{
	if (!p)
		return;
	*p->back = p->next;
	if (p->next)
		p->next->back = p->back;
	all->open--;
	free(p);
}

void http_peer_answers(struct http_peer *p, size_t octets)
{
	if (p)
		p->extra = (double)octets / HTTP_RATE_MIN;
}

void http_peer_rests(struct http_peer *p)
{
	if (!p)
		return;
	p->since = now_s();
	p->extra = 0;
}

static void end(struct http_peer *p)
{
	shutdown(p->fd, SHUT_RDWR); /* the daemon closes it when it sees that */
	p->ended = true;
}

static struct http_peer *oldest(const struct http_peers *all)
{
	struct http_peer *found = NULL;

	for (struct http_peer *p = all->first; p; p = p->next)
		if (!p->ended && (!found || p->since < found->since))
			found = p;
	return found;
}

bool http_peers_sweep(struct http_peers *all)
{
	double now = now_s();
	bool crowded = false;
	size_t alive = 0;

	for (struct http_peer *p = all->first; p; p = p->next) {
		if (!p->ended && now - p->since > all->request_s + p->extra)
			end(p);
		alive += !p->ended;
	}
	for (; alive > HTTP_CONNECTIONS_MAX - ROOM; alive--) {
		end(oldest(all));
		crowded = true;
	}
	return crowded;
}
