#include "host/operator/cmd/serve/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/cmd/serve/options.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/http/listen.h"
#include "host/operator/pki/operator_folder.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/place.h"
#include "tool/sys/trouble.h"

#define ADDRESS_CAP 80
#define SUN_PATH    107 /* octets of a unix socket's name */

static const struct {
	const char *option;
	bool loopback;
} of_role[SERVE_ROLES] = {
	[SERVE_SOCKET] = {"socket", false},	    [SERVE_PLAIN] = {"listen-plain", true},
	[SERVE_LISTEN] = {"listen", false},	    [SERVE_RELEASE] = {"listen-release", false},
	[SERVE_METRICS] = {"listen-metrics", true},
};

/* By a port that the system chooses: a server that runs on this one is no fault. */
static void check_address(struct serve_faults *f, enum serve_role r)
{
	const char *address = serve_options.at[r];
	const char *colon = strrchr(address, ':');
	char free_port[ADDRESS_CAP];
	int fd = -1;
	enum err e = ERR_USAGE;

	if (serve_port_good(address) && colon - address < ADDRESS_CAP - 3) {
		snprintf(free_port, sizeof(free_port), "%.*s:0", (int)(colon - address), address);
		e = http_listen_tcp(free_port, of_role[r].loopback, &fd);
	}
	if (!e)
		close(fd);
	else if (e == ERR_USAGE)
		serve_fault(f, of_role[r].option,
			    "'%s' is no %saddress: HOST:PORT in numbers, PORT up to 65535 (0: a "
			    "free one)",
			    address, of_role[r].loopback ? "loopback " : "");
	else if (e == ERR_NOT_FOUND)
		serve_fault(f, of_role[r].option, "this machine has no address '%s'", address);
	else
		serve_fault(f, of_role[r].option, "cannot serve on '%s': %s", address,
			    serve_why(e));
}

static void check_socket(struct serve_faults *f, const char *path)
{
	enum err e;

	trouble_forget();
	e = strlen(path) > SUN_PATH ? ERR_LONG_NAME : place_check_folder(path);
	if (e)
		serve_fault(f, "socket", "cannot serve on '%s': %s", path, serve_why(e));
}

static void check_places(struct serve_faults *f, unsigned passed)
{
	for (unsigned r = 0; r < SERVE_ROLES; r++) {
		if (!serve_options.at[r] || (passed & (1u << r)))
			continue;
		if (r == SERVE_SOCKET)
			check_socket(f, serve_options.at[r]);
		else
			check_address(f, (enum serve_role)r);
	}
}

static void check_tls(struct serve_faults *f)
{
	struct serve_tls tls;
	struct serve_tls_trouble t;
	struct http_tls_life life;
	char at[CMD_TIME_CAP];
	enum err e;

	trouble_forget();
	e = serve_tls_read(&serve_options.tls, &tls, &t);
	if (e && t.said)
		serve_fault(f, t.option, "%s", t.what);
	else if (e)
		serve_fault(f, t.option, "%s: %s", t.what, serve_why(e));
	else if (!http_tls_life(tls.pem.cert, &life) && life.until <= cmd_now())
		serve_fault(f, serve_options.tls.cert ? SERVE_TLS_CERT : NULL,
			    "the TLS certificate %s expired on %s",
			    serve_options.tls.cert ? serve_options.tls.cert : "in pki/DPtls",
			    cmd_time_text(life.until, at));
	serve_tls_free(&tls);
}

static void check_folder(struct serve_faults *f)
{
	enum err e;

	trouble_forget();
	e = operator_folder_check(cmd_dir);
	if (e == ERR_NOT_FOUND)
		serve_fault(f, "dir", "there is no operator in '%s'", cmd_dir);
	else if (e)
		serve_fault(f, "dir", "the operator's folder '%s': %s", cmd_dir, serve_why(e));
}

/* It is looked at, and not made. */
static void check_log(struct serve_faults *f)
{
	const char *to = serve_options.log_to;
	enum err e = ERR_OK;

	if (!to || strcmp(to, SERVICE_LOG_STDERR) == 0)
		return;
	trouble_forget();
	if (strcmp(to, SERVICE_LOG_JOURNAL) == 0)
		e = access(SERVICE_LOG_JOURNAL_SOCKET, W_OK) ? ERR_NOT_FOUND : ERR_OK;
	else if (access(to, F_OK))
		e = place_check_folder(to);
	else if (access(to, W_OK))
		e = ERR_PERMISSION;
	if (e)
		serve_fault(f, "log-to", "cannot write to '%s': %s", to, serve_why(e));
}

void serve_check_all(struct serve_faults *f, unsigned passed)
{
	bool tls = serve_options.at[SERVE_LISTEN] || serve_options.at[SERVE_RELEASE] ||
		   (passed & (1u << SERVE_LISTEN | 1u << SERVE_RELEASE));
	struct wbuf token = wbuf_grow(SERVE_TOKEN_MAX);
	enum err e;

	serve_options_judge(f, passed);
	check_folder(f);
	check_places(f, passed);
	if (tls && !serve_options.tls.cert == !serve_options.tls.key)
		check_tls(f);
	check_log(f);
	trouble_forget();
	e = serve_token_read(&token, f);
	wbuf_free(&token);
	trouble_forget();
	e = serve_options.env ? file_may_write(serve_options.env, true) : ERR_OK;
	if (e)
		serve_fault(f, "print-env", "cannot write '%s': %s", serve_options.env,
			    serve_why(e));
}
