/*
 * kill-chaos: whole releases (attach with K1, factor, challenge, grant, install, attach with K2) by
 * the operator's real processes, which are killed at random moments: the server that releases, the
 * AuC, the gateway; hostapd goes and comes with nobody in it. What was killed is started again, and
 * the module goes on with the ordinary steps from wherever its card and its subscriber are. Each
 * flow ends with full access; and whenever a packet is sent, it arrives nowhere that the
 * subscriber's state did not allow within the time of the gate's entries.
 *
 * The card is a real one in this process, its second key in volatile memory: each flow begins with
 * its power off, and with K1. The kernel's rules and the packets are real (net/lines.h).
 * usage: kill-chaos [--orders N] [--seed N]; TWINKEY_BIN: where twinkey-operator is.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/net/client.h"
#include "host/operator/gateway/gate.h"
#include "host/operator/policy/decide.h"
#include "lib/base/bytes.h"
#include "lib/release/interface.h"
#include "tests/property/flow/real_card.h"
#include "tests/property/net/events.h"
#include "tests/property/net/gateway_process.h"
#include "tests/property/net/lines.h"
#include "tool/cli/json.h"

#define FLOWS_DEFAULT	12 /* make soak: 1,000 */
#define WORKERS		4
#define WORKERS_MANY	12
#define MANY		100
#define TRIES		12
#define START_MS	30000
#define AUC_MS		3000
#define REST_MS		20000
#define OPEN_MS		(GATE_TIMEOUT_S * 1000 + 1500) /* entries, and a look at a slow machine */
#define KILL_WITHIN	1200			       /* ms: a flow takes that long */
#define POINTS		5			       /* of a flow, at which hostapd may go */
#define RELEASE_ADDRESS "10.45.0.1:8443"
#define HERE		0 /* the station */
#define SKIPPED		77

enum victim { VICTIM_SERVE, VICTIM_AUC, VICTIM_GATEWAY, VICTIM_HOSTAPD, VICTIMS };

static struct dice_plan plan;
static unsigned worker, workers;
static uint64_t flow;
static char bin[4096], auc_path[128], trust[160];
static struct bench card;
static pid_t pids[VICTIMS], killer;
static struct http_client *op;
static unsigned hostapd_goes;		    /* at this point; 0: it stays */
static int64_t allowed_ms[ACCESS_FULL + 1]; /* when each was allowed last */
static struct kills {
	uint64_t flows, kills[VICTIMS], resumed, tries, looks, arrived;
} done;

void chaos_where(char *text, size_t cap)
{
	dice_tell();
	world_drop();
	snprintf(text, cap, "seed %" PRIu64 ", worker %u, flow %" PRIu64, plan.seed, worker, flow);
}

static bool has_written(void)
{
	return true;
}

/* What arrives, and whether it could. */
static enum access look(void)
{
	uint32_t from[LINES_STATIONS] = {world_address(HERE)};
	struct lines_heard h;
	enum access a;

	world_look();
	for (int i = 0; i <= (int)world_may(HERE, true); i++)
		allowed_ms[i] = monotonic_ms();
	lines_look(from, &h);
	world_look(); /* it may have been allowed meanwhile */
	for (int i = 0; i <= (int)world_may(HERE, true); i++)
		allowed_ms[i] = monotonic_ms();
	a = h.arrived[HERE][PLACE_INTERNET]				      ? ACCESS_FULL
	    : h.arrived[HERE][PLACE_PORTAL] || h.arrived[HERE][PLACE_RELEASE] ? ACCESS_LIMITED
									      : ACCESS_NONE;
	CHECK(monotonic_ms() - allowed_ms[a] <= OPEN_MS, "no more than the state allowed");
	done.looks++;
	done.arrived += a != ACCESS_NONE;
	return a;
}

static void become(const char *const *argv)
{
	char log[160];
	int fd;

	snprintf(log, sizeof(log), "%s/processes.log", w.dir);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execv(bin, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static bool answers_tcp(void)
{
	json_t *answer = NULL;
	/* it refuses what is none, and so it is there */
	enum err e = http_client_call(op, LAB_PATH_RELEASE_GRANT, json_object(), &answer);

	json_decref(answer);
	return e != ERR_DISCONNECTED && e != ERR_TIMEOUT;
}

static int auc_socket(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX}, own = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = AUC_MS / 1000};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path, auc_path, strlen(auc_path));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own.sun_family)) ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool answers_auc(void)
{
	int fd = auc_socket();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void start(enum victim which)
{
	const char *const serve[] = {
		bin, "serve", "--dir", w.dir, "--listen-release", RELEASE_ADDRESS, NULL};
	const char *const auc[] = {bin, "auc", "serve", "--dir", w.dir, "--socket", auc_path, NULL};
	int64_t end = monotonic_ms() + START_MS;

	pids[which] = fork();
	CHECK(pids[which] >= 0, "a process");
	if (pids[which] == 0)
		become(which == VICTIM_SERVE ? serve : auc);
	while (!(which == VICTIM_SERVE ? answers_tcp() : answers_auc())) {
		CHECK(waitpid(pids[which], NULL, WNOHANG) == 0 && monotonic_ms() < end,
		      which == VICTIM_SERVE ? "a server" : "an AuC");
		hostapd_serve(20);
	}
}

/* Who was killed is started again, as a system's services are. */
static void all_up(void)
{
	for (int i = VICTIM_SERVE; i <= VICTIM_AUC; i++)
		if (waitpid(pids[i], NULL, WNOHANG) == pids[i]) {
			dice_note("  %d is started again", i);
			start((enum victim)i);
		}
	if (gateway_process_reap()) {
		dice_note("  the gateway is started again");
		gateway_process_start();
	}
	if (!air.up) {
		air_start();
		hostapd_socket(true);
	}
}

/* hostapd, which is in this process: who was in is out, and nobody is told. */
static void point(unsigned n)
{
	if (hostapd_goes != n)
		return;
	dice_note("  hostapd goes");
	hostapd_goes = 0;
	air_end(false);
	hostapd_socket(false);
	hostapd_serve(20);
	all_up();
}

/* In a process beside: in so many milliseconds; hostapd at one of the points. */
static void kill_someone(void)
{
	enum victim who = (enum victim)dice(VICTIMS);
	uint32_t ms = dice(KILL_WITHIN);
	pid_t pid = who == VICTIM_GATEWAY ? gateway_process_pid() : pids[who];

	done.kills[who]++;
	dice_note("kill %d in %u ms", who, ms);
	if (who == VICTIM_HOSTAPD) {
		hostapd_goes = 1 + dice(POINTS);
		return;
	}
	killer = fork();
	CHECK(killer >= 0, "a process");
	if (killer == 0) {
		const struct timespec in = {ms / 1000, (long)(ms % 1000) * 1000000};

		nanosleep(&in, NULL);
		kill(pid, SIGKILL);
		_exit(0);
	}
}

static void killer_ends(void)
{
	if (killer > 0)
		waitpid(killer, NULL, 0);
	killer = 0;
}

static bool vector(const char *imsi, struct aka_vector *v)
{
	char question[64], answer[1024], words[5][64] = {""};
	int fd = auc_socket(), n;
	ssize_t got;

	if (fd < 0)
		return false;
	n = snprintf(question, sizeof(question), "AKA-REQ-AUTH %s", imsi);
	got = send(fd, question, (size_t)n, MSG_NOSIGNAL) == n
		      ? recv(fd, answer, sizeof(answer) - 1, 0)
		      : -1;
	close(fd);
	answer[got > 0 ? got : 0] = 0;
	if (sscanf(answer, "AKA-RESP-AUTH %*s %63s %63s %63s %63s %63s", words[0], words[1],
		   words[2], words[3], words[4]) != 5)
		return false;
	v->expected.res_len = strlen(words[4]) / 2;
	return !hex_decode_exact(words[0], v->rand, sizeof(v->rand)) &&
	       !hex_decode_exact(words[1], v->autn, sizeof(v->autn)) &&
	       v->expected.res_len <= sizeof(v->expected.res) &&
	       !hex_decode_exact(words[4], v->expected.res, v->expected.res_len);
}

/* The card is on its second subscription, as it says itself. */
static unsigned card_kind(void)
{
	struct wbuf ask = wbuf_grow(64), answer = wbuf_grow(KRA_MESSAGE_MAX);
	struct kra_status s = {.active = 0};

	bench_reset(&card);
	kra_put_get_status(&ask);
	real_card_send(&card, wbuf_slice(&ask), &answer);
	CHECK(kra_parse_status(wbuf_slice(&answer), &s) == ERR_OK, "a status");
	wbuf_free(&ask);
	wbuf_free(&answer);
	return s.active;
}

static struct air_run card_run(unsigned station)
{
	unsigned kind = card_kind();
	struct air_run r = {.subscriber = 0,
			    .kind = kind,
			    .generation = kind == 2 ? w.sub[0].generation_of[1] : 0,
			    .method = HOSTAPD_AKA};
	uint8_t mem[AKA_RES_MAX];
	struct wbuf res = wbuf_init(mem, sizeof(mem));
	struct aka_vector v;

	(void)station;
	snprintf(r.identity, sizeof(r.identity), "0%s@wlan.mnc001.mcc001.3gppnetwork.org",
		 w.sub[0].row.imsi[kind - 1]);
	r.right =
		vector(w.sub[0].row.imsi[kind - 1], &v) &&
		real_card_answer(&card, &(struct aka_challenge){v.rand, v.autn}, &res) == ERR_OK &&
		slice_equal(wbuf_slice(&res), slice_make(v.expected.res, v.expected.res_len));
	dice_note("  run with K%u: %s", kind, r.right ? "right" : "wrong");
	return r;
}

/* One run, and what the gateway asks for after it. */
static void attach(void)
{
	struct air_run r = card_run(HERE);

	if (!air.up)
		return;
	air_begin(HERE, &r);
	air_finish(HERE);
	for (int i = 0; i < 3; i++) {
		hostapd_serve(130);
		air_let_in(HERE);
		hostapd_serve(10);
		if (air.up && !air.station[HERE].settled)
			air_finish(HERE);
	}
	(void)look();
}

static void approve(void)
{
	char command[5000];

	snprintf(command, sizeof(command),
		 "%s factor approve --dir %s --imsi %s --agent 'desk 1' --evidence 'passport seen' "
		 ">>%s/processes.log 2>&1",
		 bin, w.dir, w.sub[0].row.imsi[0], w.dir);
	dice_note("  approved: %d", system(command));
}

static enum err post(const char *path, const char *name, struct slice message, json_t **answer)
{
	return http_client_call(op, path, json_pack("{s:o}", name, json_base64(message)), answer);
}

static void release(void)
{
	struct wbuf ask = wbuf_grow(64), challenge = wbuf_grow(KRA_MESSAGE_MAX);
	struct wbuf grant = wbuf_grow(KRA_MESSAGE_MAX), result = wbuf_grow(KRA_MESSAGE_MAX);
	json_t *answer = NULL;
	enum err e;

	bench_reset(&card);
	kra_put_get_challenge(&ask, w.sub[0].row.iccid);
	real_card_send(&card, wbuf_slice(&ask), &challenge);
	e = post(LAB_PATH_RELEASE_GRANT, "challenge", wbuf_slice(&challenge), &answer);
	if (!e)
		e = json_base64_field(answer, "grant", &grant);
	json_decref(answer);
	answer = NULL;
	dice_note("  grant: %s %s", err_text(e), e ? http_client_message(op) : "");
	if (!e) {
		real_card_send(&card, wbuf_slice(&grant), &result);
		e = post(LAB_PATH_RELEASE_RESULT, "result", wbuf_slice(&result), &answer);
		dice_note("  result: %s", err_text(e));
		json_decref(answer);
	}
	wbuf_free(&ask);
	wbuf_free(&challenge);
	wbuf_free(&grant);
	wbuf_free(&result);
}

static bool has_full_access(void)
{
	int64_t end = monotonic_ms() + REST_MS;

	while (w.sub[0].row.state == STATE_ACTIVE && world_may(HERE, false) == ACCESS_FULL &&
	       monotonic_ms() < end) {
		if (look() == ACCESS_FULL)
			return true;
		all_up();
		hostapd_serve(100);
	}
	return false;
}

/* The ordinary steps, from wherever it is. */
static bool go_on(void)
{
	const struct subscriber *row = &w.sub[0].row;

	all_up();
	point(1);
	attach();
	point(2);
	if (card_kind() == 1 && subscriber_takes_factor(row) == ERR_OK) {
		approve();
		(void)look();
		point(3);
		release();
		point(4);
		(void)look();
	}
	all_up();
	if (card_kind() == 2)
		attach();
	point(5);
	world_look();
	dice_note("  %s", state_name(row->state));
	return card_kind() == 2 && has_full_access();
}

static void run_flow(uint64_t n)
{
	unsigned tries = 0;

	flow = n;
	dice_order(plan.seed, n);
	all_up();
	card_power_off(card.card);
	bench_reset(&card);
	CHECK(card_kind() == 1, "it begins with K1");
	if (dice(8))
		kill_someone();
	while (!go_on())
		CHECK(++tries < TRIES, "each flow ends with full access, or its state says how");
	killer_ends();
	all_up();
	done.resumed += tries > 0;
	done.tries += tries;
	done.flows++;
}

static const struct drive drive = {.real = true, .news = has_written};

static int work(int fd)
{
	int64_t now = monotonic_ms();

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHECK(lines_open(), "namespaces");
	world_open_by(&drive, bin);
	world_begin_one(&(struct subscriber_modes){.in_memory = true});
	air.again = card_run;
	snprintf(auc_path, sizeof(auc_path), "%s/auc.sock", w.dir);
	snprintf(trust, sizeof(trust), "%s/pki/CI/CERT_CI_ECDSA_NIST.der", w.dir);
	for (int i = 0; i <= ACCESS_FULL; i++)
		allowed_ms[i] = i ? 0 : now;
	allowed_ms[ACCESS_NONE] = INT64_MAX / 2;
	CHECK(http_client_open("https://" WORLD_NAME, NULL, &op) == ERR_OK &&
		      http_client_trust(op, trust) == ERR_OK &&
		      http_client_connect_to(op, RELEASE_ADDRESS) == ERR_OK,
	      "a client");
	http_client_set_patience(op, AUC_MS);
	real_card_make(&card, w.dir);
	real_card_install(&card, w.store, &w.sub[0].row, w.dir);
	gateway_process_place(w.dir, bin);
	air_start();
	hostapd_socket(true);
	gateway_process_start();
	start(VICTIM_SERVE);
	start(VICTIM_AUC);
	for (uint64_t n = worker + 1; n <= plan.orders; n += workers)
		run_flow(n);
	for (int i = VICTIM_SERVE; i <= VICTIM_AUC; i++) {
		kill(pids[i], SIGTERM);
		waitpid(pids[i], NULL, 0);
	}
	gateway_process_end(SIGTERM);
	http_client_close(&op);
	card_close(&card.card);
	world_end_order();
	world_close();
	return write(fd, &done, sizeof(done)) == sizeof(done) ? 0 : 1;
}

static bool sum_up(int fd)
{
	struct kills sum = {.flows = 0}, one;

	while (read(fd, &one, sizeof(one)) == sizeof(one)) {
		sum.flows += one.flows;
		sum.resumed += one.resumed;
		sum.tries += one.tries;
		sum.looks += one.looks;
		sum.arrived += one.arrived;
		for (int i = 0; i < VICTIMS; i++)
			sum.kills[i] += one.kills[i];
	}
	printf("kill-chaos: seed %" PRIu64 ", %" PRIu64 " flows; killed: server %" PRIu64
	       ", AuC %" PRIu64 ", gateway %" PRIu64 ", hostapd %" PRIu64 "; resumed %" PRIu64
	       " flows (%" PRIu64 " steps); %" PRIu64 " looks, %" PRIu64 " with access\n",
	       plan.seed, sum.flows, sum.kills[0], sum.kills[1], sum.kills[2], sum.kills[3],
	       sum.resumed, sum.tries, sum.looks, sum.arrived);
	return sum.flows == plan.orders;
}

int main(int argc, char **argv)
{
	const char *folder = getenv("TWINKEY_BIN");
	bool failed = false;
	int fds[2], status;

	if (!dice_plan_read(argc, argv, FLOWS_DEFAULT, &plan))
		return 2;
	snprintf(bin, sizeof(bin), "%s/twinkey-operator", folder ? folder : "build/release");
	if (access(bin, X_OK)) {
		printf("skipped: %s is not there\n", bin);
		return SKIPPED;
	}
	if (!lines_allowed())
		return SKIPPED;
	printf("kill-chaos: seed %" PRIu64 ", %" PRIu64 " flows\n", plan.seed, plan.orders);
	fflush(stdout);
	CHECK(pipe(fds) == 0, "a pipe");
	workers = plan.orders < MANY ? WORKERS : WORKERS_MANY;
	for (worker = 0; worker < workers && worker < plan.orders; worker++) {
		pid_t pid = fork();

		CHECK(pid >= 0, "a process");
		if (pid == 0)
			exit(work(fds[1]));
	}
	while (wait(&status) > 0)
		failed = failed || status != 0;
	close(fds[1]);
	return sum_up(fds[0]) && !failed ? 0 : 1;
}
