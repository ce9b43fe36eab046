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
#include "host/operator/cmd/serve/check.h"
#include "host/operator/cmd/serve/listeners.h"
#include "host/operator/cmd/serve/options.h"
#include "host/operator/cmd/serve/serve_env.h"
#include "host/operator/cmd/serve/watch.h"
#include "host/operator/cmd/shared/serve_tls.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/request_log.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/http/listen.h"
#include "host/operator/http/server.h"
#include "host/operator/release/release.h"
#include "host/operator/service/notify.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/store/growth/tidy.h"
#include "host/operator/store/store.h"
#include "host/operator/smdp/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/command.h"
#include "tool/sys/file.h"
#include "tool/sys/local.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/tcp.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

#define HTTPS_PORT 443
#define DRAIN_MS   20
#define TIDY_MS	   (60 * 1000) /* how often what has run out is taken out */
#define TIDY_STEPS 8	       /* of which so many at once */

#define opt	   serve_options

/* What is open while it is served. */
struct service {
	struct api api;
	struct smdp_store *kept; /* the manager's, as far as it is committed: for the release */
	struct serve_tls tls;
	struct wbuf token;
	struct environment env; /* what others need to come here */
	char **command;		/* that runs beside it; NULL: none */
	bool ran;		/* it was tried to */
	struct listeners at;
	bool has_tls;
	struct notify notify;
	struct watch watch;
	struct operator_store
		*tidied;   /* a connection of the main thread's own, for what has run out */
	int64_t tidied_ms; /* when it was looked at */
};

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
	code = cmd_store_open(&s->tidied);
	if (code)
		return code;
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
	api->tell = watch_tell;
	api->watch = &s->watch;
	return TOOL_OK;
}

/* SIGHUP as a descriptor; before any thread begins, so that no other way is left for it. A command
 * beside it gets that signal. */
static int hangup_fd(const struct service *s)
{
	sigset_t set;

	if (s->command)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The first fault is what is said. */
struct first_fault {
	struct serve_faults f;
	char what[OPTION_FILE_SAID_MAX];
};

static void keep_first(struct serve_faults *f, const char *option, const char *what)
{
	struct first_fault *first = (struct first_fault *)f;

	(void)option;
	if (f->count == 1)
		snprintf(first->what, sizeof(first->what), "%s", what);
}

/* The thread that answers knows how long the certificate lives. */
static void tell_life(struct service *s)
{
	struct http_tls_life life = serve_tls_life(&s->tls);

	s->watch.tls_from = life.from;
	s->watch.tls_until = life.until;
}

static void reload_token(struct http *h)
{
	struct first_fault wrong = {.f = {.tell = keep_first}};
	struct wbuf token = wbuf_grow(SERVE_TOKEN_MAX);
	enum err e;

	trouble_forget();
	e = serve_token_read(&token, &wrong.f);
	if (!e && opt.es2_token)
		e = http_change_token(h, wbuf_slice(&token));
	if (e)
		tool_warn("SIGHUP: %s: the token from before stays in use", wrong.what);
	wbuf_free(&token);
}

/* What stands in files is read again; where the new is not good, the old stays, and why is told. */
static void reload(struct service *s, struct http *h)
{
	enum err e;

	notify_reloading(&s->notify);
	e = service_log_reopen(s->watch.log);
	if (e)
		tool_warn("SIGHUP: cannot open '%s' anew: %s", opt.log_to, err_text(e));
	if (s->has_tls) {
		serve_tls_reload(&s->tls);
		tell_life(s);
	}
	reload_token(h);
	e = cmd_crl_warn(); /* lists count as soon as they are there */
	if (e)
		tool_warn("SIGHUP: the lists in '%s/pki/CRL': %s", cmd_dir, err_text(e));
	service_log_put(s->watch.log, LOG_LEVEL_INFO, "read again what stands in files", NULL, 0);
	notify_ready(&s->notify, "Requests are answered");
}

/* In small steps, and never against those who are served: what is locked is left for later. */
static void tidy(struct service *s)
{
	struct tidied done = {.more = true};
	enum err e = ERR_OK;

	if (wait_now_ms() - s->tidied_ms < TIDY_MS)
		return;
	s->tidied_ms = wait_now_ms();
	for (unsigned i = 0; i < TIDY_STEPS && done.more && !e; i++) {
		operator_store_hurry(s->tidied);
		e = operator_store_tidy(s->tidied, cmd_now(), &done);
	}
	if (e && e != ERR_LOCKED)
		tool_warn("what has run out is not out of the database: %s", err_text(e));
}

/* How long it may sleep before something is to be looked at or told. */
static int look_again_ms(const struct service *s)
{
	int64_t half = s->notify.watchdog_ms / 2;

	return half > 0 && half < TIDY_MS ? (int)half : TIDY_MS;
}

static void wait_for_the_end(struct service *s, struct http *h, int hangup)
{
	struct pollfd fds[] = {{.fd = cancel_fd(tool_cancel()), .events = POLLIN},
			       {.fd = hangup, .events = POLLIN}};
	struct signalfd_siginfo info;

	if (s->has_tls)
		serve_tls_begin(&s->tls);
	while (!cancel_is_wished(tool_cancel())) {
		/* the one who serves is another thread: its word is passed on */
		if (http_is_alive(h))
			notify_watchdog(&s->notify);
		tidy(s);
		poll(fds, ARRAY_LEN(fds), look_again_ms(s));
		if (hangup >= 0 && read(hangup, &info, sizeof(info)) == sizeof(info))
			reload(s, h);
		if (s->has_tls)
			serve_tls_look(&s->tls);
	}
}

/* What has begun is answered; a second wish, or the end of the time for it, ends that too. */
static void end_gently(struct service *s, struct http *h)
{
	struct pollfd fd = {.fd = cancel_fd(tool_cancel()), .events = POLLIN};
	int64_t until = wait_now_ms() + (int64_t)opt.stop_after * 1000;

	cancel_take(tool_cancel());
	s->watch.stopping = true;
	notify_stopping(&s->notify);
	service_log_put(s->watch.log, LOG_LEVEL_INFO, "stopping", NULL, 0);
	listeners_remove(&s->at);
	http_drain(h);
	while (!http_is_drained(h) && !cancel_is_wished(tool_cancel()) && wait_now_ms() < until)
		poll(&fd, 1, DRAIN_MS);
	if (!http_is_drained(h))
		tool_warn("requests in progress were not answered: %s",
			  cancel_is_wished(tool_cancel()) ? "asked twice to end"
							  : "their time is over (--stop-after)");
	cancel_take(tool_cancel());
}

static void say_ready(const struct service *s)
{
	const char *address = s->api.manager.address;

	if (tool_json()) {
		json_t *where = json_array();

		for (size_t i = 0; i < s->at.count; i++)
			json_array_append_new(where, json_text(slice_str(s->at.rows[i].place)));
		tool_print_json(json_pack("{s:o, s:s, s:o*}", "ready", where, "smdpAddress",
					  address, "environment", environment_json(&s->env)));
	} else {
		for (size_t i = 0; i < s->at.count; i++)
			tool_say("Ready on %s as %s (Ctrl-C ends it)", s->at.rows[i].place,
				 address);
	}
	fflush(stdout);
	notify_ready(&s->notify, "Requests are answered");
}

static unsigned https_port(const struct service *s)
{
	const char *at = listeners_at(&s->at, SERVE_LISTEN);

	return at ? (unsigned)strtoul(strrchr(at, ':') + 1, NULL, 10) : HTTPS_PORT;
}

/* How the server is reached, for who wants to know; before it has threads. */
static int fill_env(struct service *s)
{
	const struct serve_places at = {.socket = listeners_at(&s->at, SERVE_SOCKET),
					.plain = listeners_at(&s->at, SERVE_PLAIN),
					.listen = listeners_at(&s->at, SERVE_LISTEN),
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

	if (s->has_tls)
		serve_tls_begin(&s->tls);
	s->ran = true;
	code = command_run(s->command, tool_cancel(), &why);
	if (why && why != ERR_CANCELLED)
		(void)tool_fail(why, "%s", *s->command);
	return code;
}

/* What goes on while requests are answered by threads of their own. */
static int attend(struct service *s, struct http *h, int hangup)
{
	int code = serve_env_write(opt.env, &s->env);

	if (code)
		return code;
	if (s->command)
		return run_beside(s);
	say_ready(s);
	service_log_put(s->watch.log, LOG_LEVEL_INFO, "ready", NULL, 0);
	wait_for_the_end(s, h, hangup);
	end_gently(s, h);
	return TOOL_OK;
}

static int serve(struct service *s)
{
	struct http_setup setup = {.ctx = &s->api,
				   .settle = watch_settle,
				   .log = watch_entry,
				   .token = wbuf_slice(&s->token)};
	int hangup = hangup_fd(s);
	struct http *h = NULL;
	int code = listeners_open(&s->at, &s->tls.pem, &setup);
	enum err e;

	if (code)
		return code;
	cancel_set_teller(tool_cancel(),
			  NULL); /* a server's waits are its own, and need no reader */
	if (https_port(s) != HTTPS_PORT)
		smdp_at_port(s->api.smdp, https_port(s));
	code = fill_env(s);
	if (!code) {
		e = http_serve(&setup, &h);
		code = e ? tool_fail(e, "cannot start the server") : TOOL_OK;
		s->watch.http = h;
	}
	if (!code) {
		serve_tls_forget_key(&s->tls);
		wbuf_free(&s->token);
		code = attend(s, h, hangup);
		serve_env_remove(opt.env, &s->env);
	}
	if (hangup >= 0)
		close(hangup);
	listeners_remove(&s->at);
	s->watch.http = NULL;
	http_stop(&h);
	return code;
}

/* A warning of ours is an entry of the log. */
static void log_warning(void *ctx, const char *text)
{
	service_log_put(ctx, LOG_LEVEL_WARNING, text, NULL, 0);
}

static int open_log(struct service *s)
{
	struct service_log_place place;
	enum err e;

	if (!serve_log_place(&place))
		return TOOL_OK;
	e = service_log_open(&place, &s->watch.log);
	if (e)
		return tool_fail(e, "cannot write the log to '%s'", opt.log_to);
	tool_warn_to(log_warning, s->watch.log);
	return TOOL_OK;
}

static void close_log(struct service *s)
{
	tool_warn_to(NULL, NULL);
	service_log_close(&s->watch.log);
}

/* What is needed before anything is opened. */
static int prepare_service(struct service *s)
{
	struct first_fault wrong = {.f = {.tell = keep_first}};
	int code;
	enum err e;

	serve_options_judge(&wrong.f, s->at.passed_roles);
	if (wrong.f.count)
		return tool_usage("%s", wrong.what);
	s->has_tls = listeners_want(&s->at, SERVE_LISTEN) || listeners_want(&s->at, SERVE_RELEASE);
	code = open_log(s);
	if (!code)
		code = serve_env_prepare(opt.env);
	if (!code && s->has_tls)
		code = serve_tls_load(&opt.tls, &s->tls);
	if (code)
		return code;
	if (s->has_tls)
		tell_life(s);
	e = serve_token_read(&s->token, &wrong.f);
	return e ? tool_fail_said(e, "%s", wrong.what) : TOOL_OK;
}

static int run_serve(int argc, char **argv)
{
	static struct service s; /* what it counts is large */
	int code;

	s = (struct service){.token = wbuf_grow(SERVE_TOKEN_MAX),
			     .command = argc ? argv : NULL,
			     .watch = {.api = &s.api, .started = (double)cmd_now()}};

	request_log_to(argc ? stderr : stdout); /* the latter is that of a command beside it */
	notify_open(&s.notify);
	code = serve_options_read();
	s.watch.lines = opt.log;
	if (!code)
		code = listeners_take(&s.at);
	if (!code && opt.check) {
		code = serve_options_check(serve_check_all, s.at.passed_roles);
		passed_close(&s.at.passed);
		return code;
	}
	if (!code)
		code = prepare_service(&s);
	if (!code)
		code = open_api(&s);
	if (!code)
		code = serve(&s);
	smdp_close(&s.api.smdp);
	release_authority_close(&s.api.lab.authority);
	smdp_store_close(&s.kept);
	smdp_store_close(&s.api.manager.store);
	operator_store_close(&s.tidied);
	operator_store_close(&s.api.lab.store);
	serve_tls_free(&s.tls);
	environment_free(&s.env);
	wbuf_free(&s.token);
	close_log(&s);
	if (!s.command || s.ran || !code || code == TOOL_USAGE)
		return code;
	if (cancel_has_timed_out(tool_cancel()))
		return COMMAND_TIMED_OUT;
	return cancel_is_wished(tool_cancel()) ? TOOL_CANCELLED : COMMAND_NOT_RUN;
}

const struct tool_command cmd_serve[] = {
	{"serve", "[-- COMMAND [ARGUMENT...]]", 0, UINT_MAX,
	 "Serve the subscription manager and the lab interface, alone or while a command runs",
	 "Answers LPAs (ES9+), and the operator's orders (ES2+) when --es2-token or "
	 "--es2-client-ca\n"
	 "is given. One server may listen on a unix socket, by HTTPS and by HTTP at once.\n"
	 "SIGHUP reads the TLS certificate and its key, the token and the log's file again. "
	 "SIGTERM lets\n"
	 "requests in progress be answered first.\n\n"
	 "The file of --config has lines NAME = VALUE, where NAME is a long option without its "
	 "hyphens and\n"
	 "flags are yes or no. credential:NAME in the place of a FILE is one of systemd's "
	 "credentials. Sockets\n"
	 "that systemd passes are served on by their names: socket, plain, listen, release, "
	 "metrics.\n\n"
	 "With a COMMAND it runs that when it is ready, ends with it and gives its exit code. "
	 "COMMAND has in\n"
	 "its environment what --print-env writes: TWINKEY_SMDP_ADDRESS, TWINKEY_CA and others. "
	 "Exit codes\n"
	 "beside COMMAND's: 127 it is not there, 126 it cannot be run, 128 + N signal N ended "
	 "it, 125 the\n"
	 "server could not be had, 124 --timeout ended it.",
	 serve_option_table, run_serve},
};
const size_t cmd_serve_count = ARRAY_LEN(cmd_serve);
