/* portal: pages over which users show that it is them, on the network that their modules are on */
#include "host/operator/web/portal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/serve_tls.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/request_log.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/factor/passkey.h"
#include "host/operator/http/listen.h"
#include "host/operator/http/route.h"
#include "host/operator/http/server.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/tcp.h"

#define LOOK_MS	  (3600 * 1000) /* how often it is looked at the certificate's end */
#define PLACE_CAP 80
#define LANGUAGE  ".txt"

static struct {
	const char *listen, *gateway, *send_code, *languages, *passkeys, *providers, *desk;
	struct serve_tls_files tls;
	bool log;
} opt;

/* A file a language, NAME.txt; what is wrong with one has been said. */
static enum err add_language(void *ctx, const char *path)
{
	struct portal *p = ctx;
	struct wbuf text = wbuf_grow(WORDS_FILE_MAX);
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char tag[WORDS_TAG_CAP] = "";
	unsigned line = 0;
	enum err e = file_read(path, tool_cancel(), &text);

	if (!e && slice_text(slice_make(name, strlen(name) - strlen(LANGUAGE)), tag, sizeof(tag)))
		e = ERR_VALUE;
	if (!e)
		e = words_add(&p->words, tag, wbuf_slice(&text), &line);
	wbuf_free(&text);
	if (e && line)
		(void)tool_fail(e, "%s, line %u", path, line);
	else if (e)
		(void)tool_fail(e, "the language in '%s'", path);
	return e;
}

static int load_languages(struct portal *p)
{
	struct stat st;
	enum err e;

	if (!opt.languages)
		return TOOL_OK;
	if (stat(opt.languages, &st) || !S_ISDIR(st.st_mode))
		return tool_fail(ERR_NOT_FOUND, "the folder of languages '%s'", opt.languages);
	e = file_each(opt.languages, "", LANGUAGE, add_language, p);
	return e ? TOOL_FAILED : TOOL_OK;
}

/* A command that is not there is no surprise for the first user. */
static int check_command(void)
{
	if (!opt.send_code)
		return TOOL_OK;
	if (*opt.send_code != '/')
		return tool_usage("--send-code wants the whole path of a program");
	return access(opt.send_code, X_OK) == 0
		       ? TOOL_OK
		       : tool_fail_said(ERR_NOT_FOUND, "'%s' is no program that can be run",
					opt.send_code);
}

/* A passkey is for a name that browsers call: no address. */
static bool is_name(const char *s)
{
	size_t n = strlen(s);

	return n && n <= PASSKEY_NAME_MAX &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.")] &&
	       s[strspn(s, "0123456789.")];
}

static int open_portal(struct portal *p)
{
	int code = check_command();
	enum err e;

	if (!code && opt.passkeys && !is_name(opt.passkeys))
		return tool_usage("--passkeys wants the portal's name, in small letters, without a "
				  "port");

	p->source.gateway = opt.gateway;
	p->source.sends = opt.send_code != NULL;
	p->courier.command = opt.send_code;
	p->source.passkeys = opt.passkeys;
	p->now = cmd_now;
	if (!code)
		code = load_languages(p);
	if (!code)
		code = cmd_store_open(&p->source.store);
	if (code)
		return code;
	e = guard_begin(&p->guard);
	if (!e)
		e = key_form_policy(p->key_policy);
	return e ? tool_fail(e, "the portal's key") : TOOL_OK;
}

static int listen_there(const char *address, int *fd, char place[static PLACE_CAP])
{
	const char *colon = strrchr(address, ':');
	enum err e = colon && (tcp_is_port(colon + 1) || strcmp(colon, ":0") == 0)
			     ? http_listen_tcp(address, false, fd)
			     : ERR_USAGE;

	if (e == ERR_USAGE)
		return tool_usage("'%s' is no address: ADDR:PORT in numbers, PORT up to 65535 "
				  "(0: a free one)",
				  address);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e, "this machine has no address '%s'", address);
	if (e)
		return tool_fail(e, "cannot serve on '%s'", address);
	snprintf(place, PLACE_CAP, "%.*s:%u", (int)(colon - address), address,
		 http_listen_port(*fd));
	return TOOL_OK;
}

static int hangups(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void wait_on(struct serve_tls *tls, int hangup)
{
	struct pollfd fds[] = {{.fd = cancel_fd(tool_cancel()), .events = POLLIN},
			       {.fd = hangup, .events = POLLIN}};
	struct signalfd_siginfo info;

	serve_tls_begin(tls);
	while (!cancel_is_wished(tool_cancel())) {
		poll(fds, ARRAY_LEN(fds), LOOK_MS);
		if (hangup >= 0 && read(hangup, &info, sizeof(info)) == sizeof(info))
			serve_tls_reload(tls);
		serve_tls_look(tls);
	}
	cancel_take(tool_cancel());
}

/* Where it listens. */
struct portal_places {
	char modules[PLACE_CAP], providers[PLACE_CAP], desk[PLACE_CAP];
};

static void say_portal_ready(const struct portal_places *at)
{
	if (tool_json()) {
		tool_print_json(json_pack(
			"{s:[o], s:o*, s:o*}", "ready", json_text(slice_str(at->modules)),
			"providers", opt.providers ? json_text(slice_str(at->providers)) : NULL,
			"desk", opt.desk ? json_text(slice_str(at->desk)) : NULL));
	} else {
		tool_say("Ready on https://%s (Ctrl-C ends it)", at->modules);
		if (opt.providers)
			tool_say("For providers on https://%s", at->providers);
		if (opt.desk)
			tool_say("The desk on https://%s/desk", at->desk);
	}
	fflush(stdout);
}

static int add_place(struct http_setup *setup, const char *address, const struct http_listener *l,
		     char place[static PLACE_CAP])
{
	struct http_listener *added = &setup->listeners[setup->count];
	int fd = -1;
	int code = listen_there(address, &fd, place);

	if (code)
		return code;
	*added = *l;
	added->fd = fd;
	added->routes = portal_routes;
	setup->count++;
	return TOOL_OK;
}

/* Modules and people are asked for no certificate. */
static int add_places(struct http_setup *setup, const struct serve_tls *tls, struct http_tls *plain,
		      struct portal_places *at)
{
	const struct http_listener modules = {.tls = plain, .offers = PORTAL_MODULES},
				   providers = {.tls = &tls->pem, .offers = PORTAL_PROVIDERS},
				   desk = {.tls = plain, .offers = PORTAL_DESK};
	int code;

	*plain = tls->pem;
	plain->client_ca = NULL;
	code = add_place(setup, opt.listen, &modules, at->modules);
	if (!code && opt.providers)
		code = add_place(setup, opt.providers, &providers, at->providers);
	if (!code && opt.desk)
		code = add_place(setup, opt.desk, &desk, at->desk);
	for (size_t i = 0; code && i < setup->count; i++)
		close(setup->listeners[i].fd);
	return code;
}

static int serve_portal(struct portal *p, struct serve_tls *tls)
{
	struct http_setup setup = {
		.ctx = p, .log = opt.log ? request_log : NULL, .refusal = portal_refusal};
	struct portal_places at = {.providers = ""};
	struct http_tls plain;
	struct http *h = NULL;
	int hangup = hangups();
	int code = add_places(&setup, tls, &plain, &at);
	enum err e;

	cancel_set_teller(tool_cancel(), NULL); /* a server's waits need no reader */
	e = code ? ERR_OK : http_serve(&setup, &h);
	if (e)
		code = tool_fail(e, "cannot start the portal");
	if (!code) {
		serve_tls_forget_key(tls);
		say_portal_ready(&at);
		wait_on(tls, hangup);
	}
	if (hangup >= 0)
		close(hangup);
	http_stop(&h);
	return code;
}

static int run_portal(int argc, char **argv)
{
	static struct portal p; /* it is large */
	struct serve_tls tls = {.stage = 0};
	int code;

	(void)argc, (void)argv;
	if (!opt.listen || !opt.gateway)
		return tool_usage("--listen ADDR:PORT and --gateway SOCKET are needed");
	if (!opt.providers != !opt.tls.client_ca)
		return tool_usage("--provider-listen and --provider-ca belong together");
	words_begin(&p.words);
	code = serve_tls_load(&opt.tls, &tls);
	if (!code)
		code = open_portal(&p);
	if (!code)
		code = serve_portal(&p, &tls);
	courier_end(&p.courier);
	guard_end(&p.guard);
	words_free(&p.words);
	operator_store_close(&p.source.store);
	serve_tls_free(&tls);
	return code;
}

static const struct tool_option options[] = {
	{"listen", 0, OPT_STRING, "ADDR:PORT", "Listen by HTTPS on this numeric address",
	 &opt.listen},
	{"gateway", 0, OPT_STRING, "SOCKET", "Ask the gateway behind this socket who is attached",
	 &opt.gateway},
	{"tls-cert", 0, OPT_STRING, "FILE",
	 "TLS certificate, PEM, with its chain (default: DPtls of the operator's PKI, P-256)",
	 &opt.tls.cert},
	{"tls-key", 0, OPT_STRING, "FILE", "Its key, PEM", &opt.tls.key},
	{"send-code", 0, OPT_STRING, "FILE",
	 "Send codes by this program: the code on its standard input, TWINKEY_ADDRESS says where "
	 "to",
	 &opt.send_code},
	{"passkeys", 0, OPT_STRING, "NAME",
	 "Take passkeys (WebAuthn), which are for this name: the one that browsers call the portal "
	 "by",
	 &opt.passkeys},
	{"provider-listen", 0, OPT_STRING, "ADDR:PORT",
	 "Take the word of modules' providers by HTTPS on this numeric address", &opt.providers},
	{"provider-ca", 0, OPT_STRING, "FILE",
	 "Providers show a TLS certificate of this CA (PEM); its common name is the provider's",
	 &opt.tls.client_ca},
	{"desk-listen", 0, OPT_STRING, "ADDR:PORT",
	 "Serve the desk of the operator's people by HTTPS on this numeric address", &opt.desk},
	{"languages", 0, OPT_STRING, "FOLDER",
	 "Add the languages in this folder's files TAG.txt (English and German are built in)",
	 &opt.languages},
	{"log", 0, OPT_FLAG, NULL,
	 "Print a line for each request: time, peer, method, path, status, result, duration",
	 &opt.log},
	OPT_END,
};

const struct tool_command cmd_portal[] = {
	{"portal", "", 0, 0, "Serve the pages over which users approve their second factor",
	 "A module's user opens it over the limited access that the module has. Who asks is known\n"
	 "by the address alone: the gateway says which module is attached there. The module "
	 "itself\n"
	 "asks /captive (RFC 8908). SIGHUP reads the TLS certificate and its key again.",
	 options, run_portal},
};
const size_t cmd_portal_count = ARRAY_LEN(cmd_portal);
