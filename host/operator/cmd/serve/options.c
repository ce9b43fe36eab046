#include "host/operator/cmd/serve/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/cmd/shared/folder.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/option_file.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"
#include "tool/sys/tcp.h"
#include "tool/sys/trouble.h"

#define STOP_MAX	  3600
#define CREDENTIAL	  "credential:"
#define CREDENTIAL_FOLDER "CREDENTIALS_DIRECTORY"

struct serve_options serve_options = {
	.deleted = "kept", .log_format = "text", .log_level = "info", .stop_after = 10};

#define opt serve_options

const struct tool_option serve_option_table[] = {
	{"config", 0, OPT_STRING, "FILE",
	 "Read options from this file too, a line NAME = VALUE each; the command line has the "
	 "last word",
	 &opt.config},
	{"check-config", 0, OPT_FLAG, NULL,
	 "Look at all options, files and addresses, say everything that is wrong, and end",
	 &opt.check},
	{"socket", 0, OPT_STRING, "PATH", "Listen on this unix socket (mode 0600)",
	 &opt.at[SERVE_SOCKET]},
	{"listen", 0, OPT_STRING, "HOST:PORT",
	 "Listen by HTTPS on this numeric address; beyond the loopback without the lab interface",
	 &opt.at[SERVE_LISTEN]},
	{"listen-release", 0, OPT_STRING, "HOST:PORT",
	 "Listen by HTTPS on this numeric address for the release of second keys alone, as an "
	 "access "
	 "network offers it",
	 &opt.at[SERVE_RELEASE]},
	{"listen-plain", 0, OPT_STRING, "127.0.0.1:PORT",
	 "Listen by HTTP, without TLS, on a loopback address", &opt.at[SERVE_PLAIN]},
	{"listen-metrics", 0, OPT_STRING, "127.0.0.1:PORT",
	 "Tell on a loopback address how the server is: /metrics (Prometheus), /healthz, /readyz",
	 &opt.at[SERVE_METRICS]},
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
	{"log-to", 0, OPT_STRING, "journal|stderr|FILE",
	 "Write what the server does there, an entry a request, with the request's id",
	 &opt.log_to},
	{"log-format", 0, OPT_STRING, "text|json",
	 "Form of the entries on standard error and in a file (default: text)", &opt.log_format},
	{"log-level", 0, OPT_STRING, "error|warning|info|debug",
	 "What is written: entries of this weight and above (default: info)", &opt.log_level},
	{"stop-after", 0, OPT_UINT, "SECONDS",
	 "On SIGTERM requests in progress have so long to be answered (default: 10)",
	 &opt.stop_after},
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
	OPT_END,
};

const char *serve_role_name(enum serve_role role)
{
	static const char *const names[SERVE_ROLES] = {
		[SERVE_SOCKET] = "socket",   [SERVE_PLAIN] = "plain",	  [SERVE_LISTEN] = "listen",
		[SERVE_RELEASE] = "release", [SERVE_METRICS] = "metrics",
	};

	return names[role];
}

void serve_fault(struct serve_faults *f, const char *option, const char *fmt, ...)
{
	char what[OPTION_FILE_SAID_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	f->count++;
	f->tell(f, option, what);
}

const char *serve_why(enum err e)
{
	return *trouble_of(e) ? trouble_of(e) : err_text(e);
}

/* The file that is read, and where what is wrong goes. */
static struct option_file settings; /* options point into it until the program ends */

static struct said {
	json_t *faults; /* under --json */
	unsigned count;
} said;

static void say_one(const char *option, unsigned line, const char *what)
{
	said.count++;
	if (tool_json() && opt.check) {
		json_t *o = json_pack("{s:o}", "message", json_text(slice_str(what)));

		if (line) {
			json_object_set_new(o, "file", json_text(slice_str(opt.config)));
			json_object_set_new(o, "line", json_integer(line));
		}
		if (option)
			json_object_set_new(o, "option", json_string(option));
		if (!said.faults)
			said.faults = json_array();
		json_array_append_new(said.faults, o);
	} else if (line) {
		tool_warn("%s:%u: %s", opt.config, line, what);
	} else if (option) {
		tool_warn("--%s: %s", option, what);
	} else {
		tool_warn("%s", what);
	}
}

static void tell_line(void *ctx, unsigned line, const char *what)
{
	(void)ctx;
	say_one(NULL, line, what);
}

static void tell_option(struct serve_faults *f, const char *option, const char *what)
{
	(void)f;
	say_one(option, option ? option_file_line(&settings, option) : 0, what);
}

/* The end of a check: what was found is said, or that there is nothing. */
static int end_check(void)
{
	if (tool_json())
		tool_print_json(json_pack("{s:b, s:o}", "good", said.count == 0, "faults",
					  said.faults ? said.faults : json_array()));
	else if (!said.count)
		tool_say("%s: good", opt.config ? opt.config : "the options");
	return said.count ? TOOL_USAGE : TOOL_OK;
}

/* systemd hands a secret over as a file in a folder of the service's own (systemd.exec(5)). */
static int resolve(const char **file, const char *option)
{
	const char *folder = getenv(CREDENTIAL_FOLDER), *name;
	char path[PATH_CAP];

	if (!*file || strncmp(*file, CREDENTIAL, strlen(CREDENTIAL)) != 0)
		return TOOL_OK;
	name = *file + strlen(CREDENTIAL);
	if (!folder)
		return tool_usage("--%s %s: systemd has given no credentials: LoadCredential=%s:"
				  "FILE in the unit does",
				  option, *file, name);
	if (!*name || strchr(name, '/') || path_join(folder, name, path, sizeof(path)))
		return tool_usage("--%s %s: a credential has a name of a file", option, *file);
	*file = strdup(path);
	return *file ? TOOL_OK : tool_fail(ERR_MEMORY, "--%s", option);
}

static int resolve_all(void)
{
	const struct {
		const char *option, **file;
	} files[] = {{"tls-cert", &opt.tls.cert},
		     {"tls-key", &opt.tls.key},
		     {"es2-client-ca", &opt.tls.client_ca},
		     {"es2-token", &opt.es2_token}};
	int code = TOOL_OK;

	for (size_t i = 0; !code && i < ARRAY_LEN(files); i++)
		code = resolve(files[i].file, files[i].option);
	return code;
}

static int read_config(void)
{
	static const char *const never[] = {"config", "check-config", NULL};
	const struct option_file_rules rules = {.tables = {serve_option_table, cmd_global_options},
						.never = never,
						.fault = tell_line};
	struct wbuf text = wbuf_grow(OPTION_FILE_MAX + 1);
	enum err e = file_read(opt.config, tool_cancel(), &text);

	if (e == ERR_SPACE)
		e = ERR_OK; /* the reader says so of what is there */
	if (!e)
		e = option_file_read(wbuf_slice(&text), &rules, &settings);
	wbuf_free(&text);
	if (e && e != ERR_VALUE)
		return tool_fail(e, "cannot read '%s'", opt.config);
	option_file_apply(&settings, tool_was_given);
	if (e && !opt.check)
		return tool_usage("'%s' is not taken: %u of its lines are wrong", opt.config,
				  said.count);
	return TOOL_OK;
}

int serve_options_read(void)
{
	int code = opt.config ? read_config() : TOOL_OK;

	return code ? code : resolve_all();
}

bool serve_port_good(const char *address)
{
	const char *colon = strrchr(address, ':');

	/* one past 65535 would be cut to 16 bits */
	return colon && (tcp_is_port(colon + 1) || strcmp(colon, ":0") == 0);
}

void serve_options_judge(struct serve_faults *f, unsigned passed)
{
	bool any = passed & ~(1u << SERVE_METRICS);
	enum log_level level;

	for (unsigned r = 0; r < SERVE_ROLES; r++)
		any = any || (opt.at[r] && r != SERVE_METRICS);
	if (!any)
		serve_fault(f, NULL,
			    "give one of --socket PATH, --listen HOST:PORT (HTTPS), "
			    "--listen-release HOST:PORT and --listen-plain 127.0.0.1:PORT");
	if (strcmp(opt.deleted, "kept") != 0 && strcmp(opt.deleted, "available") != 0)
		serve_fault(f, "deleted", "--deleted wants kept or available");
	if (strcmp(opt.log_format, "text") != 0 && strcmp(opt.log_format, "json") != 0)
		serve_fault(f, "log-format", "--log-format wants text or json");
	if (log_level_parse(opt.log_level, &level))
		serve_fault(f, "log-level", "--log-level wants error, warning, info or debug");
	if (opt.stop_after > STOP_MAX)
		serve_fault(f, "stop-after", "--stop-after wants at most %d seconds", STOP_MAX);
	if (opt.tls.client_ca && !opt.at[SERVE_LISTEN] && !(passed & (1u << SERVE_LISTEN)))
		serve_fault(f, "es2-client-ca", "--es2-client-ca needs --listen");
	if (!opt.tls.cert != !opt.tls.key)
		serve_fault(f, opt.tls.cert ? "tls-cert" : "tls-key",
			    "--tls-cert and --tls-key belong together");
}

bool serve_log_place(struct service_log_place *place)
{
	bool json = strcmp(opt.log_format, "json") == 0;

	*place = (struct service_log_place){.to = opt.log_to,
					    .program = "twinkey-operator",
					    .form = json ? LOG_FORM_JSON : LOG_FORM_TEXT};
	return opt.log_to && (json || strcmp(opt.log_format, "text") == 0) &&
	       !log_level_parse(opt.log_level, &place->level);
}

enum err serve_token_read(struct wbuf *token, struct serve_faults *f)
{
	enum err e;

	if (!opt.es2_token)
		return ERR_OK;
	e = secret_file_read(opt.es2_token, tool_cancel(), token);
	if (e) {
		serve_fault(f, "es2-token", "cannot load '%s': %s", opt.es2_token, serve_why(e));
		return e;
	}
	while (token->len && strchr("\r\n", token->ptr[token->len - 1]))
		wbuf_cut(token, token->len - 1);
	if (token->len >= SERVE_TOKEN_MIN)
		return ERR_OK;
	serve_fault(f, "es2-token", "the token in '%s' has less than %d characters", opt.es2_token,
		    SERVE_TOKEN_MIN);
	return ERR_LENGTH;
}

int serve_options_check(void (*look)(struct serve_faults *f, unsigned passed), unsigned passed)
{
	struct serve_faults f = {.tell = tell_option};

	look(&f, passed);
	return end_check();
}
