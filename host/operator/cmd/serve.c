/* serve: the subscription manager (ES9+, ES2+) and the lab interface over HTTP and HTTPS */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/operator/api/api.h"
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/crl.h"
#include "host/operator/cmd/serve_env.h"
#include "host/operator/cmd/serve_tls.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/request_log.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/http/listen.h"
#include "host/operator/http/server.h"
#include "host/operator/release/release.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/command.h"
#include "tool/sys/file.h"
#include "tool/sys/local.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/tcp.h"

#define TOKEN_MIN  16
#define TOKEN_MAX  256
#define LOOK_MS	   (3600 * 1000) /* how often it is looked at the certificate's end */
#define PLACE_CAP  80		 /* octets of HOST:PORT in numbers, with the NUL */
#define HTTPS_PORT 443

static struct {
	const char *socket, *listen, *release, *plain, *address, *env;
	char listens[PLACE_CAP], releases[PLACE_CAP],
		plainly[PLACE_CAP]; /* the same with the port that was chosen */
	struct serve_tls_files tls;
	const char *es2_token, *deleted;
	bool keep_rejected, log;
} opt = {.deleted = "kept"};

/* What is open while it is served. */
struct service {
	struct api api;
	struct smdp_store *kept; /* the manager's, as far as it is committed: for the release */
	struct serve_tls tls;
	struct wbuf token;
	struct environment env; /* what others need to come here */
	char **command;		/* that runs beside it; NULL: none */
	bool ran;		/* it was tried to */
};

static bool has_tls(void)
{
	return opt.listen || opt.release;
}

static int open_api(struct service *s)
{
	struct api *api = &s->api;
	int code = cmd_store_open(&api->lab.store);
	enum err e;

	if (code)
		return code;
	e = cmd_crl_warn();
	if (e)
		return tool_fail(e, "cannot read the lists in '%s/pki/CRL'", cmd_dir);
	e = release_authority_open(cmd_dir, &api->lab.authority);
	if (e)
		return tool_fail(e, "cannot load release key and CI certificates of '%s'", cmd_dir);
	code = cmd_manager_open(&api->manager.store);
	if (code)
		return code;
	code = cmd_manager_open(&s->kept);
	if (code)
		return code;
	release_authority_manager(api->lab.authority, s->kept);
	smdp_store_gather(api->manager.store);
	operator_store_gather(api->lab.store);
	api->lab.manager = api->manager.store;
	e = cmd_address(&opt.address);
	if (e)
		return tool_fail(e, "the address that '%s/" CMD_ADDRESS_FILE "' should hold",
				 cmd_dir);
	e = smdp_open(api->manager.store, cmd_dir, opt.address, cmd_now(), &api->smdp);
	if (e)
		return tool_fail(e, "the certificates in '%s/pki' cannot be used", cmd_dir);
	if (opt.keep_rejected)
		smdp_keep_rejected(api->smdp);
	if (strcmp(opt.deleted, "available") == 0)
		smdp_reuse_deleted(api->smdp);
	api->manager.address = smdp_address(api->smdp);
	api->now = cmd_now;
	return TOOL_OK;
}

/* SIGHUP as a descriptor; before any thread begins, so that no other way is left for it. A command
 * beside it gets that signal. */
static int hangup_fd(const struct service *s)
{
	sigset_t set;

	if (!has_tls() || s->command)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void wait_for_the_end(struct serve_tls *tls, int hangup)
{
	struct pollfd fds[] = {{.fd = cancel_fd(tool_cancel()), .events = POLLIN},
			       {.fd = hangup, .events = POLLIN}};
	struct signalfd_siginfo info;

	if (has_tls())
		serve_tls_begin(tls);
	while (!cancel_is_wished(tool_cancel())) {
		poll(fds, ARRAY_LEN(fds), LOOK_MS);
		if (hangup >= 0 && read(hangup, &info, sizeof(info)) == sizeof(info))
			serve_tls_reload(tls);
		if (has_tls())
			serve_tls_look(tls);
	}
}

/* One line of a file that nobody else may read. */
static int load_token(struct wbuf *token)
{
	enum err e;

	if (!opt.es2_token)
		return TOOL_OK;
	e = secret_file_read(opt.es2_token, tool_cancel(), token);
	if (e)
		return tool_fail(e, "cannot load '%s'", opt.es2_token);
	while (token->len && strchr("\r\n", token->ptr[token->len - 1]))
		wbuf_cut(token, token->len - 1);
	if (token->len < TOKEN_MIN)
		return tool_fail_said(ERR_LENGTH, "the token in '%s' has less than %d characters",
				      opt.es2_token, TOKEN_MIN);
	return TOOL_OK;
}

/* Lets the server listen there too; l as it came of e. Where it does not say what it offers, that
 * is all that the place allows. */
static int add_listener(struct http_setup *setup, const char *where, enum err e,
			const struct http_listener *l)
{
	bool loopback = l->tls ? http_is_loopback(where) : true;
	struct http_listener *added = &setup->listeners[setup->count];

	if (e == ERR_USAGE)
		return tool_usage("'%s' is no %saddress: HOST:PORT in numbers, PORT up to 65535 "
				  "(0: a free one)",
				  where, l->tls ? "" : "loopback ");
	if (e == ERR_NOT_FOUND && where != opt.socket)
		return tool_fail_said(e, "this machine has no address '%s'", where);
	if (e)
		return tool_fail(e, "cannot serve on '%s'", where);
	*added = *l;
	added->routes = api_routes;
	if (!l->offers)
		added->offers = API_ES9P | (opt.es2_token || opt.tls.client_ca ? API_ES2P : 0) |
				(loopback ? API_LAB | API_RELEASE : 0);
	setup->count++;
	return TOOL_OK;
}

/* One past 65535 would be cut to 16 bits. */
static bool port_good(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon && (tcp_is_port(colon + 1) || strcmp(colon, ":0") == 0);
}

/*
 * A listening socket at HOST:PORT; errors as http_listen_tcp() has them. Port 0: the system chooses
 * one, and *address becomes chosen, which names it.
 */
static enum err listen_at(const char **address, bool loopback_only, int *fd,
			  char chosen[static PLACE_CAP])
{
	enum err e = port_good(*address) ? http_listen_tcp(*address, loopback_only, fd) : ERR_USAGE;

	if (e)
		return e;
	snprintf(chosen, PLACE_CAP, "%.*s:%u", (int)(strrchr(*address, ':') - *address), *address,
		 http_listen_port(*fd));
	*address = chosen;
	return ERR_OK;
}

static int add_listeners(struct http_setup *setup, const struct http_tls *tls,
			 struct local_socket *own)
{
	struct http_listener l = {.fd = -1};
	int code = TOOL_OK;
	enum err e;

	if (opt.socket) {
		e = local_listen(opt.socket, SOCK_STREAM, tool_cancel(), own);
		l.fd = own->fd;
		code = add_listener(setup, opt.socket, e, &l);
	}
	if (!code && opt.plain) {
		e = listen_at(&opt.plain, true, &l.fd, opt.plainly);
		code = add_listener(setup, opt.plain, e, &l);
	}
	if (!code && opt.listen) {
		l.tls = tls;
		e = listen_at(&opt.listen, false, &l.fd, opt.listens);
		code = add_listener(setup, opt.listen, e, &l);
	}
	if (!code && opt.release) {
		l.tls = tls;
		l.offers = API_RELEASE;
		e = listen_at(&opt.release, false, &l.fd, opt.releases);
		code = add_listener(setup, opt.release, e, &l);
	}
	if (code && opt.socket && setup->count) /* the first one was made */
		local_remove(own);
	for (size_t i = 0; code && i < setup->count; i++)
		close(setup->listeners[i].fd);
	return code;
}

static void say_ready(const struct service *s)
{
	const char *address = s->api.manager.address;
	const char *const places[] = {opt.socket, opt.plain, opt.listen, opt.release};

	if (tool_json()) {
		json_t *where = json_array();

		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			if (places[i])
				json_array_append_new(where, json_text(slice_str(places[i])));
		tool_print_json(json_pack("{s:o, s:s, s:o*}", "ready", where, "smdpAddress",
					  address, "environment", environment_json(&s->env)));
	} else {
		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			if (places[i])
				tool_say("Ready on %s as %s (Ctrl-C ends it)", places[i], address);
	}
	fflush(stdout);
}

static unsigned https_port(void)
{
	return opt.listen ? (unsigned)strtoul(strrchr(opt.listen, ':') + 1, NULL, 10) : HTTPS_PORT;
}

/* How the server is reached, for who wants to know; before it has threads. */
static int fill_env(struct service *s)
{
	const struct serve_places at = {.socket = opt.socket,
					.plain = opt.plain,
					.listen = opt.listen,
					.address = smdp_place(s->api.smdp),
					.own_certificate = !opt.tls.cert};
	int code = TOOL_OK;

	if (opt.env || tool_json() || s->command)
		code = serve_env_fill(&s->env, &at);
	if (!code && s->command && environment_export(&s->env))
		code = tool_fail(ERR_MEMORY, "the command's environment");
	return code;
}

static int run_beside(struct service *s)
{
	enum err why;
	int code;

	if (has_tls())
		serve_tls_begin(&s->tls);
	s->ran = true;
	code = command_run(s->command, tool_cancel(), &why);
	if (why && why != ERR_CANCELLED)
		(void)tool_fail(why, "%s", *s->command);
	return code;
}

/* What goes on while requests are answered by threads of their own. */
static int attend(struct service *s, int hangup)
{
	int code = serve_env_write(opt.env, &s->env);

	if (code)
		return code;
	if (s->command)
		return run_beside(s);
	say_ready(s);
	wait_for_the_end(&s->tls, hangup);
	cancel_take(tool_cancel());
	return TOOL_OK;
}

static int serve(struct service *s)
{
	struct http_setup setup = {.ctx = &s->api,
				   .settle = api_settle,
				   .log = opt.log ? request_log : NULL,
				   .token = wbuf_slice(&s->token)};
	int hangup = hangup_fd(s);
	struct http *h = NULL;
	struct local_socket own = {.fd = -1};
	int code = add_listeners(&setup, &s->tls.pem, &own);
	enum err e;

	if (code)
		return code;
	cancel_set_teller(tool_cancel(),
			  NULL); /* a server's waits are its own, and need no reader */
	if (https_port() != HTTPS_PORT)
		smdp_at_port(s->api.smdp, https_port());
	code = fill_env(s);
	if (!code) {
		e = http_serve(&setup, &h);
		code = e ? tool_fail(e, "cannot start the server") : TOOL_OK;
	}
	if (!code) {
		serve_tls_forget_key(&s->tls);
		wbuf_free(&s->token);
		code = attend(s, hangup);
		serve_env_remove(opt.env, &s->env);
	}
	if (hangup >= 0)
		close(hangup);
	if (opt.socket)
		local_remove(&own);
	http_stop(&h);
	return code;
}

static int run_serve(int argc, char **argv)
{
	struct service s = {.token = wbuf_grow(TOKEN_MAX), .command = argc ? argv : NULL};
	int code;

	request_log_to(argc ? stderr : stdout); /* the latter is that of a command beside it */
	if (!opt.socket && !has_tls() && !opt.plain)
		return tool_usage("give one of --socket PATH, --listen HOST:PORT (HTTPS), "
				  "--listen-release HOST:PORT and --listen-plain 127.0.0.1:PORT");
	if (strcmp(opt.deleted, "kept") != 0 && strcmp(opt.deleted, "available") != 0)
		return tool_usage("--deleted wants kept or available");
	if (opt.tls.client_ca && !opt.listen)
		return tool_usage("--es2-client-ca needs --listen");
	code = serve_env_prepare(opt.env);
	if (!code && has_tls())
		code = serve_tls_load(&opt.tls, &s.tls);
	if (!code)
		code = load_token(&s.token);
	if (!code)
		code = open_api(&s);
	if (!code)
		code = serve(&s);
	smdp_close(&s.api.smdp);
	release_authority_close(&s.api.lab.authority);
	smdp_store_close(&s.kept);
	smdp_store_close(&s.api.manager.store);
	operator_store_close(&s.api.lab.store);
	serve_tls_free(&s.tls);
	environment_free(&s.env);
	wbuf_free(&s.token);
	if (!s.command || s.ran || !code || code == TOOL_USAGE)
		return code;
	if (cancel_has_timed_out(tool_cancel()))
		return COMMAND_TIMED_OUT;
	return cancel_is_wished(tool_cancel()) ? TOOL_CANCELLED : COMMAND_NOT_RUN;
}

static const struct tool_option options[] = {
	{"socket", 0, OPT_STRING, "PATH", "Listen on this unix socket (mode 0600)", &opt.socket},
	{"listen", 0, OPT_STRING, "HOST:PORT",
	 "Listen by HTTPS on this numeric address; beyond the loopback without the lab interface",
	 &opt.listen},
	{"listen-release", 0, OPT_STRING, "HOST:PORT",
	 "Listen by HTTPS on this numeric address for the release of second keys alone, as an "
	 "access "
	 "network offers it",
	 &opt.release},
	{"listen-plain", 0, OPT_STRING, "127.0.0.1:PORT",
	 "Listen by HTTP, without TLS, on a loopback address", &opt.plain},
	{"tls-cert", 0, OPT_STRING, "FILE",
	 "TLS certificate, PEM, with its chain (default: DPtls of the operator's PKI, P-256)",
	 &opt.tls.cert},
	{"tls-key", 0, OPT_STRING, "FILE", "Its key, PEM", &opt.tls.key},
	{"es2-token", 0, OPT_STRING, "FILE",
	 "Take orders (ES2+) from who shows the token in this file (0600): Authorization: Bearer",
	 &opt.es2_token},
	{"es2-client-ca", 0, OPT_STRING, "FILE",
	 "Take orders (ES2+) from who shows a TLS certificate of this CA (PEM)",
	 &opt.tls.client_ca},
	{"log", 0, OPT_FLAG, NULL,
	 "Print a line for each request: time, peer, method, path, status, result, duration",
	 &opt.log},
	{"keep-rejected", 0, OPT_FLAG, NULL,
	 "A rejected download keeps its order, also where no confirmation code is asked",
	 &opt.keep_rejected},
	{"deleted", 0, OPT_STRING, "kept|available",
	 "What becomes of a profile that an eUICC has deleted (default: kept)", &opt.deleted},
	{"print-env", 0, OPT_STRING, "FILE",
	 "Write what others need to reach it to this file, as lines NAME=VALUE for a shell, when "
	 "it is ready",
	 &opt.env},
	{"smdp-address", 0, OPT_STRING, "NAME",
	 "The subscription manager's name (default: that of init)", &opt.address},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_serve[] = {
	{"serve", "[-- COMMAND [ARGUMENT...]]", 0, UINT_MAX,
	 "Serve the subscription manager and the lab interface, alone or while a command runs",
	 "Answers LPAs (ES9+), and the operator's orders (ES2+) when --es2-token or "
	 "--es2-client-ca\n"
	 "is given. One server may listen on a unix socket, by HTTPS and by HTTP at once.\n"
	 "SIGHUP reads the TLS certificate and its key again.\n\n"
	 "With a COMMAND it runs that when it is ready, ends with it and gives its exit code. "
	 "COMMAND has in\n"
	 "its environment what --print-env writes: TWINKEY_SMDP_ADDRESS, TWINKEY_CA and others. "
	 "Exit codes\n"
	 "beside COMMAND's: 127 it is not there, 126 it cannot be run, 128 + N signal N ended "
	 "it, 125 the\n"
	 "server could not be had, 124 --timeout ended it.",
	 options, run_serve},
};
const size_t cmd_serve_count = ARRAY_LEN(cmd_serve);
