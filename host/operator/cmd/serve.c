/* serve: ES9+ and the lab interface over HTTP */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "host/operator/cmd/cmd.h"
#include "host/operator/es9p_json.h"
#include "host/operator/http.h"
#include "host/operator/lab.h"
#include "tool/file.h"
#include "tool/harden.h"

#define PATH_CAP 4096

static struct {
	const char *socket, *listen, *address;
} opt;

struct services {
	struct lab lab;
	struct smdp_store *manager;
	struct smdp *smdp;
};

static enum err on_es9p(void *ctx, int kind, const json_t *request, json_t **answer)
{
	struct services *s = ctx;

	return es9p_json_call(s->smdp, (enum es9p_function)kind, request, cmd_now(), answer);
}

static enum err on_lab(void *ctx, int kind, const json_t *request, json_t **answer)
{
	struct services *s = ctx;

	return lab_call(&s->lab, (enum lab_function)kind, request, cmd_now(), answer);
}

#define ES9P "/gsma/rsp2/es9plus/"
#define LAB  "/twinkey/v1/"
static const struct http_route routes[] = {
	{ES9P "initiateAuthentication", on_es9p, ES9P_INITIATE_AUTHENTICATION},
	{ES9P "authenticateClient", on_es9p, ES9P_AUTHENTICATE_CLIENT},
	{ES9P "getBoundProfilePackage", on_es9p, ES9P_GET_BOUND_PROFILE_PACKAGE},
	{ES9P "handleNotification", on_es9p, ES9P_HANDLE_NOTIFICATION},
	{ES9P "cancelSession", on_es9p, ES9P_CANCEL_SESSION},
	{LAB "auc/vector", on_lab, LAB_AUC_VECTOR},
	{LAB "auc/verify", on_lab, LAB_AUC_VERIFY},
	{LAB "auc/resync", on_lab, LAB_AUC_RESYNC},
	{LAB "factor/status", on_lab, LAB_FACTOR_STATUS},
	{LAB "factor/totp", on_lab, LAB_FACTOR_TOTP},
	{LAB "release/grant", on_lab, LAB_RELEASE_GRANT},
	{LAB "release/result", on_lab, LAB_RELEASE_RESULT},
	{LAB "release/activation", on_lab, LAB_RELEASE_ACTIVATION},
	{NULL, NULL, 0},
};

static int open_services(struct services *s)
{
	char manager[PATH_CAP];
	int code = cmd_store_open(&s->lab.store);
	enum err e;

	if (code)
		return code;
	e = release_authority_open(cmd_dir, &s->lab.authority);
	if (e)
		return tool_fail(e, "cannot load release key and CI certificates of '%s'", cmd_dir);
	e = file_join(cmd_dir, "manager", manager, sizeof(manager));
	if (!e)
		e = smdp_store_open(manager, &s->manager);
	if (e)
		return tool_fail(e, "cannot open the subscription manager's folder '%s'", manager);
	s->lab.manager = s->manager;
	e = cmd_address(&opt.address);
	if (e)
		return tool_fail(e, "the address that '%s/" CMD_ADDRESS_FILE "' should hold",
				 cmd_dir);
	e = smdp_open(s->manager, cmd_dir, opt.address, cmd_now(), &s->smdp);
	return e ? tool_fail(e, "the certificates in '%s/pki' cannot be used", cmd_dir) : TOOL_OK;
}

static int serve(struct services *s)
{
	struct pollfd stop = {.fd = interrupt_fd(), .events = POLLIN};
	const char *where = opt.socket ? opt.socket : opt.listen;
	struct http *h = NULL;
	int fd = -1;
	enum err e = opt.socket ? http_listen_unix(where, &fd) : http_listen_tcp(where, &fd);

	if (e == ERR_USAGE)
		return tool_usage("--listen takes a loopback address: 127.0.0.1:PORT");
	if (!e)
		e = http_start(fd, routes, s, &h);
	if (e)
		return tool_fail(e, "cannot serve on '%s'", where);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s}", "ready", where, "smdpAddress",
					  smdp_address(s->smdp)));
	else
		tool_say("Ready on %s as %s (Ctrl-C ends it)", where, smdp_address(s->smdp));
	fflush(stdout);
	while (!interrupted())
		poll(&stop, 1, -1);
	http_stop(&h);
	if (opt.socket)
		unlink(opt.socket);
	return TOOL_OK;
}

static int run_serve(int argc, char **argv)
{
	struct services s = {0};
	int code;

	(void)argc, (void)argv;
	if (!opt.socket == !opt.listen)
		return tool_usage("give one of --socket PATH and --listen 127.0.0.1:PORT");
	code = open_services(&s);
	if (!code)
		code = serve(&s);
	smdp_close(&s.smdp);
	smdp_store_close(&s.manager);
	release_authority_close(&s.lab.authority);
	operator_store_close(&s.lab.store);
	return code;
}

static const struct tool_option options[] = {
	{"socket", 0, OPT_STRING, "PATH", "Listen on this unix socket (mode 0600)", &opt.socket},
	{"listen", 0, OPT_STRING, "127.0.0.1:PORT", "Listen on a loopback address", &opt.listen},
	{"smdp-address", 0, OPT_STRING, "NAME",
	 "The subscription manager's name (default: that of init)", &opt.address},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_serve[] = {
	{"serve", "", 0, 0, "Serve the subscription manager and the lab interface", NULL, options,
	 run_serve},
};
const size_t cmd_serve_count = ARRAY_LEN(cmd_serve);
