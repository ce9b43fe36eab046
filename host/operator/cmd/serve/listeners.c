#include "host/operator/cmd/serve/listeners.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/operator/api/api.h"
#include "host/operator/http/listen.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

#define opt serve_options

static bool has_tls(enum serve_role r)
{
	return r == SERVE_LISTEN || r == SERVE_RELEASE;
}

static bool is_of_loopback(enum serve_role r)
{
	return r == SERVE_PLAIN || r == SERVE_METRICS;
}

static int find_role(const char *name, enum serve_role *role)
{
	char shown[TEXT_LINE_MAX];

	for (unsigned r = 0; r < SERVE_ROLES; r++)
		if (strcmp(serve_role_name((enum serve_role)r), name) == 0) {
			*role = (enum serve_role)r;
			return TOOL_OK;
		}
	return tool_usage("a socket was passed as '%s': its FileDescriptorName= must be socket, "
			  "plain, listen, release or metrics",
			  text_line(slice_str(name), shown));
}

int listeners_take(struct listeners *l)
{
	enum err e = passed_take(&l->passed);
	enum serve_role role = SERVE_SOCKET;
	int code = TOOL_OK;

	if (e == ERR_NO_FILE)
		code = tool_fail_said(e, "a socket that was passed is no stream socket that "
					 "listens (ListenStream=, Accept=no)");
	else if (e)
		code = tool_fail_said(e,
				      "LISTEN_FDS and LISTEN_PID do not say which sockets were "
				      "passed (%d at most)",
				      PASSED_MAX);
	for (size_t i = 0; !code && i < l->passed.count; i++) {
		code = find_role(l->passed.sockets[i].name, &role);
		l->passed_roles |= 1u << role;
	}
	if (code)
		passed_close(&l->passed);
	return code;
}

bool listeners_want(const struct listeners *l, enum serve_role role)
{
	return opt.at[role] || (l->passed_roles & (1u << role));
}

const char *listeners_at(const struct listeners *l, enum serve_role role)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->rows[i].role == role)
			return l->rows[i].place;
	return NULL;
}

/* What a listener of this role offers, to whom comes there. */
static unsigned offers(enum serve_role r, const char *place)
{
	bool loopback = has_tls(r) ? http_is_loopback(place) : true;

	if (r == SERVE_RELEASE)
		return API_RELEASE;
	if (r == SERVE_METRICS)
		return API_WATCH;
	return API_ES9P | (opt.es2_token || opt.tls.client_ca ? API_ES2P : 0) |
	       (loopback ? API_LAB | API_RELEASE : 0) | (r == SERVE_SOCKET ? API_WATCH : 0);
}

/* Takes fd, whose place is the next row's. */
static void add_place(struct listeners *l, struct http_setup *setup, enum serve_role r, int fd)
{
	const char *place = l->rows[l->count].place;

	l->rows[l->count++].role = r;
	setup->listeners[setup->count++] = (struct http_listener){.fd = fd,
								  .routes = api_routes,
								  .offers = offers(r, place),
								  .stays = r == SERVE_METRICS};
}

static int say_no_place(enum serve_role r, enum err e)
{
	const char *where = opt.at[r];

	if (e == ERR_USAGE)
		return tool_usage("'%s' is no %saddress: HOST:PORT in numbers, PORT up to 65535 "
				  "(0: a free one)",
				  where, is_of_loopback(r) ? "loopback " : "");
	if (e == ERR_NOT_FOUND && r != SERVE_SOCKET)
		return tool_fail_said(e, "this machine has no address '%s'", where);
	return tool_fail(e, "cannot serve on '%s'", where);
}

/*
 * A listening socket for the option of this role. Port 0: the system chooses one, and the place
 * names it.
 */
static int open_asked(struct listeners *l, struct http_setup *setup, enum serve_role r)
{
	const char *where = opt.at[r];
	char *place;
	int fd = -1;
	enum err e = ERR_USAGE;

	if (l->count == HTTP_LISTENERS_MAX)
		return tool_usage("there are more than %d places to serve on", HTTP_LISTENERS_MAX);
	place = l->rows[l->count].place;
	if (r == SERVE_SOCKET) {
		e = local_listen(where, SOCK_STREAM, tool_cancel(), &l->own);
		fd = l->own.fd;
		l->has_own = !e;
		snprintf(place, PASSED_PLACE_CAP, "%s", where);
	} else if (serve_port_good(where)) {
		e = http_listen_tcp(where, is_of_loopback(r), &fd);
		if (!e)
			snprintf(place, PASSED_PLACE_CAP, "%.*s:%u",
				 (int)(strrchr(where, ':') - where), where, http_listen_port(fd));
	}
	if (e)
		return say_no_place(r, e);
	add_place(l, setup, r, fd);
	return TOOL_OK;
}

static int take_passed(struct listeners *l, struct http_setup *setup, size_t i)
{
	enum serve_role r = SERVE_SOCKET;
	int fd = l->passed.sockets[i].fd;
	char place[PASSED_PLACE_CAP];
	bool local = passed_place(fd, place);
	int code = find_role(l->passed.sockets[i].name, &r);

	if (code)
		return code;
	if (local != (r == SERVE_SOCKET) && (r != SERVE_METRICS || !local))
		return tool_usage("the socket '%s' was passed as %s, which is %s", place,
				  serve_role_name(r),
				  r == SERVE_SOCKET ? "a unix socket" : "one of TCP");
	if (!local && is_of_loopback(r) && !http_is_loopback(place))
		return tool_usage("the socket '%s' was passed as %s, which is for the loopback "
				  "alone",
				  place, serve_role_name(r));
	if (l->count == HTTP_LISTENERS_MAX)
		return tool_usage("there are more than %d places to serve on", HTTP_LISTENERS_MAX);
	memcpy(l->rows[l->count].place, place, sizeof(place));
	add_place(l, setup, r, fd);
	l->passed.sockets[i].fd = -1;
	return TOOL_OK;
}

int listeners_open(struct listeners *l, const struct http_tls *tls, struct http_setup *setup)
{
	int code = TOOL_OK;

	for (size_t i = 0; !code && i < l->passed.count; i++)
		code = take_passed(l, setup, i);
	for (unsigned r = 0; !code && r < SERVE_ROLES; r++)
		if (opt.at[r] && !(l->passed_roles & (1u << r)))
			code = open_asked(l, setup, (enum serve_role)r);
	for (size_t i = 0; i < setup->count; i++)
		if (has_tls(l->rows[i].role))
			setup->listeners[i].tls = tls;
	passed_close(&l->passed); /* those that were not taken */
	if (!code)
		return TOOL_OK;
	listeners_remove(l);
	for (size_t i = 0; i < setup->count; i++)
		close(setup->listeners[i].fd);
	return code;
}

void listeners_remove(struct listeners *l)
{
	if (l->has_own)
		local_remove(&l->own);
	l->has_own = false;
}
