#include "host/operator/http/peer.h"

#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "host/operator/http/limits.h"

#define ROOM	    8 /* connections that are kept free */
#define REFUSED_S   2 /* what one that is refused has to hear so */
#define ADDRESS_LEN 16
#define PREFIX_LEN  8 /* octets of an IPv6 address that one client has */

/*
 * since: when it was made, or its last answer was through; extra: how many seconds the length of
 * the present answer adds to those of any.
 */
struct http_peer {
	struct http_peer *next, **back;
	struct MHD_Connection *connection;
	int fd;
	double since, extra;
	uint8_t address[ADDRESS_LEN];
	bool remote;  /* it has an address: no unix socket */
	bool working; /* on a request */
	bool refused;
	bool ended; /* shut down here; the daemon has not seen it yet */
	bool stays, closing;
	struct http_record record;
};

double http_peer_now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void find_address(struct http_peer *p)
{
	struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(a);

	if (getpeername(p->fd, (struct sockaddr *)&a, &len))
		return;
	if (a.ss_family == AF_INET) {
		struct sockaddr_in v4;

		memcpy(&v4, &a, sizeof(v4));
		memcpy(p->address, &v4.sin_addr, sizeof(v4.sin_addr));
		p->remote = true;
	} else if (a.ss_family == AF_INET6) {
		struct sockaddr_in6 v6;
		bool mapped;

		memcpy(&v6, &a, sizeof(v6));
		mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
		memcpy(p->address, v6.sin6_addr.s6_addr + (mapped ? 12 : 0),
		       mapped ? 4 : PREFIX_LEN);
		p->remote = true;
	}
}

static bool same_address(const struct http_peer *a, const struct http_peer *b)
{
	return a->remote == b->remote && memcmp(a->address, b->address, ADDRESS_LEN) == 0;
}

/* Those of p's address that are open. */
static size_t count_address(const struct http_peers *all, const struct http_peer *p)
{
	size_t n = 0;

	for (const struct http_peer *q = all->first; q; q = q->next)
		n += !q->ended && same_address(p, q);
	return n;
}

static size_t count_alive(const struct http_peers *all)
{
	size_t n = 0;

	for (const struct http_peer *p = all->first; p; p = p->next)
		n += !p->ended;
	return n;
}

static void end(struct http_peers *all, struct http_peer *p)
{
	shutdown(p->fd, SHUT_RDWR); /* the daemon closes it when it sees that */
	p->ended = all->ended = true;
}

/* The oldest of the address of `of` (NULL: of any) that has no request, but not the newest. */
static struct http_peer *oldest_idle(const struct http_peers *all, const struct http_peer *of,
				     const struct http_peer *newest)
{
	struct http_peer *found = NULL;

	for (struct http_peer *p = all->first; p; p = p->next) {
		if (p->ended || p->working || p == newest || (of && !same_address(of, p)))
			continue;
		if (!found || p->since < found->since)
			found = p;
	}
	return found;
}

/* One that has no request, of the address that has most of them. */
static const struct http_peer *greediest(const struct http_peers *all,
					 const struct http_peer *newest)
{
	const struct http_peer *found = NULL;
	size_t most = 0;

	for (const struct http_peer *p = all->first; p; p = p->next) {
		size_t n = p->ended || p->working || p == newest ? 0 : count_address(all, p);

		if (n > most) {
			most = n;
			found = p;
		}
	}
	return found;
}

static void make_room(struct http_peers *all, struct http_peer *p)
{
	struct http_peer *gone = NULL;

	if (p->remote && count_address(all, p) > HTTP_ADDRESS_MAX)
		gone = oldest_idle(all, p, p);
	else if (count_alive(all) > HTTP_CONNECTIONS_MAX - ROOM)
		gone = oldest_idle(all, greediest(all, p), p);
	else
		return;
	if (gone)
		end(all, gone);
	else
		p->refused = true;
}

struct http_peer *http_peer_new(struct http_peers *all, int fd, struct MHD_Connection *c)
{
	struct http_peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	*p = (struct http_peer){.next = all->first,
				.back = &all->first,
				.fd = fd,
				.connection = c,
				.since = http_peer_now_s()};
	find_address(p);
	if (all->first)
		all->first->back = &p->next;
	all->first = p;
	all->open++;
	make_room(all, p);
	return p;
}

struct http_peer *http_peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i ? i->socket_context : NULL;
}

void http_peer_name(struct MHD_Connection *c, char name[static HTTP_PEER_NAME_MAX])
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = i ? i->client_addr : NULL;
	socklen_t len = a && a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						      : sizeof(struct sockaddr_in);
	char host[64], port[8];

	if (!a || (a->sa_family != AF_INET && a->sa_family != AF_INET6) ||
	    getnameinfo(a, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(name, HTTP_PEER_NAME_MAX, "unix");
	else
		snprintf(name, HTTP_PEER_NAME_MAX, a->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
			 host, port);
}

struct http_peer *http_peer_next(const struct http_peer *p)
{
	return p->next;
}

struct MHD_Connection *http_peer_connection(const struct http_peer *p)
{
	return p->connection;
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

bool http_peer_is_refused(const struct http_peer *p)
{
	return p && p->refused;
}

void http_peer_works(struct http_peer *p)
{
	if (p)
		p->working = true;
}

bool http_peer_is_working(const struct http_peer *p)
{
	return p && p->working;
}

void http_peer_answers(struct http_peer *p, size_t octets)
{
	if (p)
		p->extra = (double)octets / HTTP_RATE_MIN;
}

struct http_record *http_peer_record(struct http_peer *p)
{
	return p ? &p->record : NULL;
}

void http_peer_rests(struct http_peer *p)
{
	if (!p)
		return;
	p->since = http_peer_now_s();
	p->extra = 0;
	p->working = false;
}

void http_peers_sweep(struct http_peers *all)
{
	double now = http_peer_now_s();

	for (struct http_peer *p = all->first; p; p = p->next) {
		double limit = p->refused ? REFUSED_S : all->request_s + p->extra;

		if (!p->ended && now - p->since > limit)
			end(all, p);
	}
}

void http_peer_stays(struct http_peer *p)
{
	if (p)
		p->stays = true;
}

void http_peers_close(struct http_peers *all)
{
	for (struct http_peer *p = all->first; p; p = p->next)
		p->closing = !p->stays;
}

bool http_peer_is_closing(const struct http_peer *p)
{
	return p && p->closing;
}

size_t http_peers_end_idle(struct http_peers *all)
{
	size_t n = 0;

	for (struct http_peer *p = all->first; p; p = p->next) {
		if (!p->closing || p->ended)
			continue;
		if (p->working)
			n++;
		else
			end(all, p);
	}
	return n;
}
