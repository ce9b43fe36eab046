/* serve: the subscription manager (ES9+, ES2+) and the lab interface over HTTP and HTTPS */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/operator/cmd/cmd.h"
#include "host/operator/api/es2p_json.h"
#include "host/operator/api/es9p_json.h"
#include "host/operator/http/http.h"
#include "host/operator/api/lab.h"
#include "lib/base/secret.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/cancel.h"
#include "tool/sys/local.h"
#include "tool/cli/json.h"
#include "tool/pki/pki.h"
#include "tool/cli/text.h"
#include "tool/sys/wait.h"

#define PEM_MAX	  65536
#define TOKEN_MIN 16
#define TOKEN_MAX 256
#define WARN_DAYS 30
#define DAY_S	  86400
#define LOOK_MS	  (3600 * 1000) /* how often it is looked at the certificate's end */

static struct {
	const char *socket, *listen, *plain, *address;
	const char *tls_cert, *tls_key, *es2_token, *es2_ca, *deleted;
	bool keep_rejected, log;
} opt = {.deleted = "kept"};

struct services {
	struct lab lab;
	struct smdp_store *manager;
	struct smdp_store *kept; /* the same, as far as it is committed: for the release */
	struct smdp *smdp;
	struct wbuf tls_key, tls_cert, client_ca, token;
	struct http_tls tls; /* of these */
};

/*
 * What is wrong with the form of a request, or with the server, is an answer too (SGP.22 5.2.6). A
 * store that another process has locked is waited for (http.h).
 */
static enum err as_fault(enum err e, const char *field, json_t **answer)
{
	if (e == ERR_LOCKED)
		return e;
	if (e)
		*answer = rsp_json_malformed(e, field);
	return *answer || !e ? ERR_OK : ERR_MEMORY;
}

static enum err on_es9p(void *ctx, int kind, const json_t *request, json_t **answer)
{
	struct services *s = ctx;
	enum err e = es9p_json_call(s->smdp, (enum es9p_function)kind, request, cmd_now(), answer);

	if (kind != ES9P_HANDLE_NOTIFICATION)
		return as_fault(e, es9p_json_wrong_field((enum es9p_function)kind, request),
				answer);
	/* SGP.22 5.6.4, 6.5.1: a notification is acknowledged; what is not genuine changes nothing
	 */
	json_decref(*answer);
	*answer = NULL;
	return e;
}

static enum err on_es2p(void *ctx, int kind, const json_t *request, json_t **answer)
{
	struct services *s = ctx;

	enum es2p_function f = (enum es2p_function)kind;
	enum err e =
		es2p_json_call(s->manager, smdp_address(s->smdp), f, request, cmd_now(), answer);

	return as_fault(e, es2p_json_wrong_field(f, request), answer);
}

static enum err on_lab(void *ctx, int kind, const json_t *request, json_t **answer)
{
	struct services *s = ctx;
	enum err e;

	operator_store_hurry(s->lab.store);
	if (kind != LAB_RELEASE_ACTIVATION)
		return lab_call(&s->lab, (enum lab_function)kind, request, cmd_now(), answer);
	/* it changes both stores: that of the manager is there before anything is done */
	e = smdp_store_begin(s->manager);
	if (e)
		return e;
	e = lab_call(&s->lab, (enum lab_function)kind, request, cmd_now(), answer);
	return smdp_store_end(s->manager, e);
}

/* Many LPAs at once wait for the disk once. */
static enum err on_settle(void *ctx)
{
	struct services *s = ctx;

	return smdp_store_settle(s->manager);
}

#define ES2P  "/gsma/rsp2/es2plus/"
#define LAB   "/twinkey/v1/"
#define ORDER (HTTP_RSP | HTTP_GUARDED)
#define OWN   (HTTP_LOCAL | HTTP_APART) /* what the operator's own store has kept by then */
static const struct http_route routes[] = {
	ES9P_ROUTES(on_es9p, HTTP_RSP),
	{ES2P "downloadOrder", on_es2p, ES2P_DOWNLOAD_ORDER, ORDER},
	{ES2P "confirmOrder", on_es2p, ES2P_CONFIRM_ORDER, ORDER},
	{ES2P "cancelOrder", on_es2p, ES2P_CANCEL_ORDER, ORDER},
	{ES2P "releaseProfile", on_es2p, ES2P_RELEASE_PROFILE, ORDER},
	{LAB "auc/vector", on_lab, LAB_AUC_VECTOR, OWN},
	{LAB "auc/verify", on_lab, LAB_AUC_VERIFY, OWN},
	{LAB "auc/resync", on_lab, LAB_AUC_RESYNC, OWN},
	{LAB "factor/status", on_lab, LAB_FACTOR_STATUS, OWN},
	{LAB "factor/totp", on_lab, LAB_FACTOR_TOTP, OWN},
	{LAB "release/reseal", on_lab, LAB_RELEASE_RESEAL, OWN},
	{LAB "release/grant", on_lab, LAB_RELEASE_GRANT, OWN},
	{LAB "release/result", on_lab, LAB_RELEASE_RESULT, OWN},
	{LAB "release/activation", on_lab, LAB_RELEASE_ACTIVATION, HTTP_LOCAL},
	{NULL, NULL, 0, 0},
};

static int open_services(struct services *s)
{
	int code = cmd_store_open(&s->lab.store);
	enum err e;

	if (code)
		return code;
	e = cmd_crl_warn();
	if (e)
		return tool_fail(e, "cannot read the lists in '%s/pki/CRL'", cmd_dir);
	e = release_authority_open(cmd_dir, &s->lab.authority);
	if (e)
		return tool_fail(e, "cannot load release key and CI certificates of '%s'", cmd_dir);
	code = cmd_manager_open(&s->manager);
	if (code)
		return code;
	code = cmd_manager_open(&s->kept);
	if (code)
		return code;
	release_authority_manager(s->lab.authority, s->kept);
	smdp_store_gather(s->manager);
	s->lab.manager = s->manager;
	e = cmd_address(&opt.address);
	if (e)
		return tool_fail(e, "the address that '%s/" CMD_ADDRESS_FILE "' should hold",
				 cmd_dir);
	e = smdp_open(s->manager, cmd_dir, opt.address, cmd_now(), &s->smdp);
	if (e)
		return tool_fail(e, "the certificates in '%s/pki' cannot be used", cmd_dir);
	if (opt.keep_rejected)
		smdp_keep_rejected(s->smdp);
	if (strcmp(opt.deleted, "available") == 0)
		smdp_reuse_deleted(s->smdp);
	return TOOL_OK;
}

static int load_file(const char *path, bool secret, struct wbuf *w)
{
	enum err e = secret ? secret_file_read(path, tool_cancel(), w)
			    : file_read(path, tool_cancel(), w);

	return e ? tool_fail(e, "cannot load '%s'", path) : TOOL_OK;
}

/* PEM text as a C string. */
static int end_text(struct wbuf *w)
{
	wbuf_u8(w, 0);
	return wbuf_done(w) ? tool_fail_said(ERR_SPACE, "a PEM file is too large") : TOOL_OK;
}

static int check_tls(const struct http_tls *tls)
{
	const char *cert = opt.tls_cert ? opt.tls_cert : "the certificate in pki/DPtls";
	const char *key = opt.tls_key ? opt.tls_key : "the key in pki/DPtls";

	switch (http_tls_check(tls)) {
	case HTTP_TLS_GOOD: return TOOL_OK;
	case HTTP_TLS_CERT: return tool_fail(ERR_CERT, "no TLS with %s", cert);
	case HTTP_TLS_KEY: return tool_fail(ERR_KEY, "no TLS with %s", key);
	case HTTP_TLS_PAIR:
		return tool_fail_said(ERR_KEY, "no TLS with %s and %s: they do not belong together",
				      cert, key);
	case HTTP_TLS_CLIENT_CA: break;
	}
	return tool_fail_said(ERR_CERT, "no certificate of a CA in '%s'", opt.es2_ca);
}

/* The operator's PKI has a TLS certificate of its own; OpenSSL's and GnuTLS' clients refuse
 * Brainpool. */
static int load_own_pair(struct services *s)
{
	enum err e = pki_cert_pem(cmd_dir, PKI_DP_TLS, EC_P256, &s->tls_cert);

	if (!e)
		e = pki_key_pem(cmd_dir, PKI_DP_TLS, EC_P256, &s->tls_key);
	return e ? tool_fail(e, "cannot load the TLS key and certificate (pki/DPtls; or give "
				"--tls-cert and --tls-key)")
		 : TOOL_OK;
}

static int load_tls(struct services *s)
{
	int code;

	if (!opt.tls_cert != !opt.tls_key)
		return tool_usage("--tls-cert and --tls-key belong together");
	if (opt.tls_cert) {
		code = load_file(opt.tls_cert, false, &s->tls_cert);
		if (!code) /* the group of those who serve may read one of root's */
			code = load_file(opt.tls_key, true, &s->tls_key);
	} else {
		code = load_own_pair(s);
	}
	if (!code)
		code = end_text(&s->tls_cert);
	if (!code)
		code = end_text(&s->tls_key);
	if (!code && opt.es2_ca) {
		code = load_file(opt.es2_ca, false, &s->client_ca);
		if (!code)
			code = end_text(&s->client_ca);
	}
	if (code)
		return code;
	s->tls = (struct http_tls){
		.key = (const char *)s->tls_key.ptr,
		.cert = (const char *)s->tls_cert.ptr,
		.client_ca = opt.es2_ca ? (const char *)s->client_ca.ptr : NULL,
	};
	return check_tls(&s->tls);
}

static const char *certificate_name(void)
{
	return opt.tls_cert ? opt.tls_cert : "in pki/DPtls";
}

/* A certificate of tomorrow, or a clock of yesterday. */
static void warn_of_beginning(int64_t begin)
{
	char at[CMD_TIME_CAP];

	if (cmd_now() < begin)
		tool_warn("the TLS certificate %s is not valid before %s: nobody takes it until "
			  "then, unless this machine's clock is wrong",
			  certificate_name(), cmd_time_text(begin, at));
}

/*
 * Says when the certificate ends if that is soon, or was. *told: what was said before is not said
 * again.
 */
static void warn_of_end(int64_t end, int *told)
{
	int64_t left = end - cmd_now();
	int stage = left <= 0 ? 2 : left <= WARN_DAYS * DAY_S ? 1 : 0;
	char at[CMD_TIME_CAP];

	if (stage <= *told)
		return;
	*told = stage;
	tool_warn("the TLS certificate %s %s on %s: replace it and its key, then send SIGHUP",
		  certificate_name(), stage == 2 ? "expired" : "expires", cmd_time_text(end, at));
}

static struct http_tls_life tls_life(const struct services *s)
{
	struct http_tls_life life = {0, INT64_MAX};

	if (opt.listen && http_tls_life((const char *)s->tls_cert.ptr, &life))
		life = (struct http_tls_life){0, INT64_MAX};
	return life;
}

/* SIGHUP: certificate and key as they are on the disk now, both or neither. */
static void reload_tls(int64_t *end, int *told)
{
	struct services fresh = {.tls_key = wbuf_grow(PEM_MAX),
				 .tls_cert = wbuf_grow(PEM_MAX),
				 .client_ca = wbuf_grow(PEM_MAX)};
	struct http_tls_life life;
	char at[CMD_TIME_CAP];

	if (load_tls(&fresh) || http_tls_use(&fresh.tls)) {
		tool_warn("SIGHUP: the TLS certificate and key from before stay in use");
	} else {
		life = tls_life(&fresh);
		*end = life.until;
		*told = 0;
		fprintf(stderr, "SIGHUP: the TLS certificate is replaced; this one ends on %s\n",
			cmd_time_text(*end, at));
		warn_of_beginning(life.from);
		warn_of_end(*end, told);
	}
	wbuf_free(&fresh.tls_key);
	wbuf_free(&fresh.tls_cert);
	wbuf_free(&fresh.client_ca);
}

/* SIGHUP as a descriptor; before any thread begins, so that no other way is left for it. */
static int hangup_fd(void)
{
	sigset_t set;

	if (!opt.listen)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void wait_for_the_end(const struct services *s, int hangup)
{
	struct pollfd fds[] = {{.fd = cancel_fd(tool_cancel()), .events = POLLIN},
			       {.fd = hangup, .events = POLLIN}};
	struct http_tls_life life = tls_life(s);
	struct signalfd_siginfo info;
	int64_t end = life.until;
	int told = 0;

	warn_of_beginning(life.from);
	warn_of_end(end, &told);
	while (!cancel_is_wished(tool_cancel())) {
		poll(fds, ARRAY_LEN(fds), LOOK_MS);
		if (hangup >= 0 && read(hangup, &info, sizeof(info)) == sizeof(info))
			reload_tls(&end, &told);
		warn_of_end(end, &told);
	}
}

/* One line of a file that nobody else may read. */
static int load_token(struct services *s)
{
	int code;

	if (!opt.es2_token)
		return TOOL_OK;
	code = load_file(opt.es2_token, true, &s->token);
	while (!code && s->token.len && strchr("\r\n", s->token.ptr[s->token.len - 1]))
		wbuf_cut(&s->token, s->token.len - 1);
	if (!code && s->token.len < TOKEN_MIN)
		return tool_fail_said(ERR_LENGTH, "the token in '%s' has less than %d characters",
				      opt.es2_token, TOKEN_MIN);
	return code;
}

static int add_listener(struct http_setup *setup, const char *where, enum err e, int fd,
			const struct http_tls *tls, bool loopback)
{
	if (e == ERR_USAGE)
		return tool_usage(
			"'%s' is no %saddress: HOST:PORT in numbers, PORT from 1 to 65535", where,
			tls ? "" : "loopback ");
	if (e == ERR_NOT_FOUND && where != opt.socket)
		return tool_fail_said(e, "this machine has no address '%s'", where);
	if (e)
		return tool_fail(e, "cannot serve on '%s'", where);
	setup->listeners[setup->count++] = (struct http_listener){
		.fd = fd,
		.tls = tls,
		.routes = routes,
		.hidden = (opt.es2_token || opt.es2_ca ? 0 : HTTP_GUARDED) |
			  (loopback ? 0 : HTTP_LOCAL),
	};
	return TOOL_OK;
}

/* Port 0 is one that nobody is told of, and one past 65535 would be cut to 16 bits. */
static bool port_good(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon && text_is_port(colon + 1);
}

static int add_listeners(struct http_setup *setup, const struct http_tls *tls,
			 struct local_socket *own)
{
	int code = TOOL_OK, fd = -1;
	enum err e;

	if (opt.socket) {
		e = local_listen(opt.socket, SOCK_STREAM, own);
		code = add_listener(setup, opt.socket, e, own->fd, NULL, true);
	}
	if (!code && opt.plain) {
		e = port_good(opt.plain) ? http_listen_tcp(opt.plain, true, &fd) : ERR_USAGE;
		code = add_listener(setup, opt.plain, e, fd, NULL, true);
	}
	if (!code && opt.listen) {
		e = port_good(opt.listen) ? http_listen_tcp(opt.listen, false, &fd) : ERR_USAGE;
		code = add_listener(setup, opt.listen, e, fd, tls, http_is_loopback(opt.listen));
	}
	if (code && opt.socket && setup->count) /* the first one was made */
		local_remove(own);
	for (size_t i = 0; code && i < setup->count; i++)
		close(setup->listeners[i].fd);
	return code;
}

static void say_ready(const struct services *s)
{
	const char *const places[] = {opt.socket, opt.plain, opt.listen};

	if (tool_json()) {
		json_t *where = json_array();

		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			if (places[i])
				json_array_append_new(where, json_text(slice_str(places[i])));
		tool_print_json(json_pack("{s:o, s:s}", "ready", where, "smdpAddress",
					  smdp_address(s->smdp)));
	} else {
		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			if (places[i])
				tool_say("Ready on %s as %s (Ctrl-C ends it)", places[i],
					 smdp_address(s->smdp));
	}
	fflush(stdout);
}

/*
 * A line a request, without anything of its headers and body. Paths are strangers' texts. That
 * nobody reads the log any more ends no server.
 */
static void on_log(void *ctx, const struct http_entry *e)
{
	char at[CMD_TIME_CAP], path[TEXT_LINE_MAX], method[TEXT_LINE_MAX];
	long long us = (long long)(e->duration_s * 1e6);

	(void)ctx;
	cmd_time_text(cmd_now(), at);
	text_line(slice_str(e->path), path);
	text_line(slice_str(e->method), method);
	if (tool_json()) {
		json_t *o =
			json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:I}", "at", at, "peer", e->peer,
				  "method", method, "path", path, "status", (int)e->status,
				  "result", e->words, "microseconds", (json_int_t)us);

		json_dumpf(o, stdout, JSON_COMPACT);
		fputc('\n', stdout);
		json_decref(o);
	} else {
		printf("%s  %s  %s %s  %u  %s  %lld.%03lld ms\n", at, e->peer, method, path,
		       e->status, *e->words ? e->words : "-", us / 1000, us % 1000);
	}
	fflush(stdout);
	clearerr(stdout);
}

static int serve(struct services *s)
{
	struct http_setup setup = {.ctx = s,
				   .settle = on_settle,
				   .log = opt.log ? on_log : NULL,
				   .token = wbuf_slice(&s->token)};
	int hangup = hangup_fd();
	struct http *h = NULL;
	struct local_socket own = {.fd = -1};
	int code = add_listeners(&setup, &s->tls, &own);
	enum err e;

	if (code)
		return code;
	cancel_set_teller(tool_cancel(),
			  NULL); /* a server's waits are its own, and need no reader */
	e = http_serve(&setup, &h);
	if (e && opt.socket)
		local_remove(&own);
	if (e)
		return tool_fail(e, "cannot start the server");
	wbuf_free(&s->tls_key);
	wbuf_free(&s->token);
	say_ready(s);
	wait_for_the_end(s, hangup);
	if (hangup >= 0)
		close(hangup);
	cancel_take(tool_cancel());
	if (opt.socket)
		local_remove(&own);
	http_stop(&h);
	return TOOL_OK;
}

static int run_serve(int argc, char **argv)
{
	struct services s = {.tls_key = wbuf_grow(PEM_MAX),
			     .tls_cert = wbuf_grow(PEM_MAX),
			     .client_ca = wbuf_grow(PEM_MAX),
			     .token = wbuf_grow(TOKEN_MAX)};
	int code = TOOL_OK;

	(void)argc, (void)argv;
	if (!opt.socket && !opt.listen && !opt.plain)
		return tool_usage("give one of --socket PATH, --listen HOST:PORT (HTTPS) and "
				  "--listen-plain 127.0.0.1:PORT");
	if (strcmp(opt.deleted, "kept") != 0 && strcmp(opt.deleted, "available") != 0)
		return tool_usage("--deleted wants kept or available");
	if (opt.es2_ca && !opt.listen)
		return tool_usage("--es2-client-ca needs --listen");
	if (opt.listen)
		code = load_tls(&s);
	if (!code)
		code = load_token(&s);
	if (!code)
		code = open_services(&s);
	if (!code)
		code = serve(&s);
	smdp_close(&s.smdp);
	release_authority_close(&s.lab.authority);
	smdp_store_close(&s.kept);
	smdp_store_close(&s.manager);
	operator_store_close(&s.lab.store);
	wbuf_free(&s.tls_key);
	wbuf_free(&s.tls_cert);
	wbuf_free(&s.client_ca);
	wbuf_free(&s.token);
	return code;
}

static const struct tool_option options[] = {
	{"socket", 0, OPT_STRING, "PATH", "Listen on this unix socket (mode 0600)", &opt.socket},
	{"listen", 0, OPT_STRING, "HOST:PORT",
	 "Listen by HTTPS on this numeric address; beyond the loopback without the lab interface",
	 &opt.listen},
	{"listen-plain", 0, OPT_STRING, "127.0.0.1:PORT",
	 "Listen by HTTP, without TLS, on a loopback address", &opt.plain},
	{"tls-cert", 0, OPT_STRING, "FILE",
	 "TLS certificate, PEM, with its chain (default: DPtls of the operator's PKI, P-256)",
	 &opt.tls_cert},
	{"tls-key", 0, OPT_STRING, "FILE", "Its key, PEM", &opt.tls_key},
	{"es2-token", 0, OPT_STRING, "FILE",
	 "Take orders (ES2+) from who shows the token in this file (0600): Authorization: Bearer",
	 &opt.es2_token},
	{"es2-client-ca", 0, OPT_STRING, "FILE",
	 "Take orders (ES2+) from who shows a TLS certificate of this CA (PEM)", &opt.es2_ca},
	{"log", 0, OPT_FLAG, NULL,
	 "Print a line for each request: time, peer, method, path, status, result, duration",
	 &opt.log},
	{"keep-rejected", 0, OPT_FLAG, NULL,
	 "A rejected download keeps its order, also where no confirmation code is asked",
	 &opt.keep_rejected},
	{"deleted", 0, OPT_STRING, "POLICY",
	 "What an eUICC has deleted is kept as Deleted (kept, default) or available again",
	 &opt.deleted},
	{"smdp-address", 0, OPT_STRING, "NAME",
	 "The subscription manager's name (default: that of init)", &opt.address},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_serve[] = {
	{"serve", "", 0, 0, "Serve the subscription manager and the lab interface",
	 "Answers LPAs (ES9+), and the operator's orders (ES2+) when --es2-token or "
	 "--es2-client-ca\n"
	 "is given. One server may listen on a unix socket, by HTTPS and by HTTP at once.\n"
	 "SIGHUP reads the TLS certificate and its key again.",
	 options, run_serve},
};
const size_t cmd_serve_count = ARRAY_LEN(cmd_serve);
