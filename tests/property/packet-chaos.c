/*
 * packet-chaos: the orders of gateway-chaos (net/events.h) with the real gateway, the kernel's
 * rules and packets: twinkey-operator gateway is a process, which is stopped, killed and made to
 * hang; hostapd's socket is spoken at its other end; and after every event each station sends to
 * the portal, the release, the DNS and the internet, and what arrives is what it may reach, no more
 * and no less. An answer of the internet to what went out before comes back to who has full access
 * now, and to nobody else.
 *
 * Each worker has namespaces and a store of its own. Needs root, or user namespaces; ip and nft.
 * usage: packet-chaos [--orders N] [--seed N [--order N]]; TWINKEY_BIN: where twinkey-operator is.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/gateway/attached.h"
#include "host/operator/gateway/gate.h"
#include "tests/property/net/events.h"
#include "tests/property/net/gateway_process.h"
#include "tests/property/net/lines.h"

#define ORDERS_DEFAULT 8 /* make soak: 1,000 */
#define WORKERS	       8
#define WORKERS_MANY   24 /* they wait more than they work */
#define MANY	       100
#define EVENTS	       8
#define LOOK_MS	       120   /* the gateway looks ten times a second */
#define REST_MS	       30000 /* a loaded machine is slow; what may not be, must end */
#define SKIPPED	       77

static struct dice_plan plan;
static unsigned worker, workers;
static uint64_t order;
static char bin[4096];
static enum access before[WORLD_STATIONS];
static int64_t gone_ms; /* since when no gateway is at work */
static struct packets {
	uint64_t sent, arrived, answered, looks;
	int64_t slowest_ms;
} packets;

void chaos_where(char *text, size_t cap)
{
	dice_tell();
	world_drop();
	snprintf(text, cap, "again: --seed %" PRIu64 " --order %" PRIu64, plan.seed, order);
}

static bool has_written(void)
{
	static int64_t before_now;
	int64_t now = 0;
	bool more;

	CHECK(operator_store_revision(w.store, &now) == ERR_OK, "a revision");
	more = now != before_now;
	before_now = now;
	return more;
}

/* By the packets that arrived; of none at all, none. */
static enum access heard_access(const struct lines_heard *heard, unsigned station)
{
	const bool *a = heard->arrived[station];
	bool some = a[PLACE_PORTAL] && a[PLACE_RELEASE] && a[PLACE_DNS];
	bool any = a[PLACE_PORTAL] || a[PLACE_RELEASE] || a[PLACE_DNS];

	if (a[PLACE_INTERNET])
		return some ? ACCESS_FULL : (enum access)(ACCESS_FULL + 1);
	return some ? ACCESS_LIMITED : any ? (enum access)(ACCESS_FULL + 1) : ACCESS_NONE;
}

/* Each speaks by its own address, or, without one, by what it would be. */
static void look(struct lines_heard *heard)
{
	uint32_t from[LINES_STATIONS] = {0};

	for (unsigned i = 0; i < WORLD_STATIONS; i++)
		from[i] = world_address(i) ? world_address(i) : (WORLD_NETWORK | (10 + i));
	lines_look(from, heard);
	packets.looks++;
	for (unsigned i = 0; i < WORLD_STATIONS; i++) {
		packets.sent += PLACES;
		for (unsigned k = 0; k < PLACES; k++)
			packets.arrived += heard->arrived[i][k];
		packets.answered += heard->answered[i];
	}
}

/* What is still another than it should be, in words; NULL: nothing is. */
static const char *is_wrong(const struct lines_heard *heard, unsigned station)
{
	enum access a = heard_access(heard, station), may = ACCESS_NONE;
	bool at_work = gateway_process_is_up();

	if (!at_work) {
		if (a > before[station])
			return "more without a gateway than before";
		if (a && monotonic_ms() - gone_ms > GATE_TIMEOUT_S * 1000 + 500)
			return "something without a gateway, for more than its time";
		return NULL;
	}
	may = world_address(station) && !air.mute ? world_may(station, false) : ACCESS_NONE;
	if (a > may)
		return "more than it may";
	if (a < may && air.station[station].settled)
		return "less than it may";
	if ((a == ACCESS_FULL) != heard->answered[station])
		return "answers of the internet, or none";
	return heard->late[station] && a != ACCESS_FULL ? "answers of before" : NULL;
}

/* Until all is as it should be. */
static void come_to_rest(void)
{
	int64_t since = monotonic_ms(), took;
	struct lines_heard heard;
	const char *wrong = NULL;
	unsigned at = 0;
	char answer[ATTACHED_ANSWER_MAX];

	do {
		if (gateway_process_is_up())
			(void)gateway_process_ask(0x7F000001, answer, sizeof(answer));
		world_look();
		look(&heard);
		wrong = NULL;
		for (unsigned i = 0; i < WORLD_STATIONS && !wrong; i++) {
			wrong = is_wrong(&heard, i);
			at = i;
		}
		if (wrong)
			hostapd_serve(50);
	} while (wrong && monotonic_ms() - since < REST_MS);
	if (wrong)
		dice_note("station %u: %d heard, %d may: %s", at, (int)heard_access(&heard, at),
			  (int)world_may(at, false), wrong);
	CHECK(!wrong, wrong ? wrong : "");
	took = monotonic_ms() - since;
	if (took > packets.slowest_ms)
		packets.slowest_ms = took;
	for (unsigned i = 0; i < WORLD_STATIONS; i++) {
		before[i] = heard_access(&heard, i);
		counts.full += before[i] == ACCESS_FULL;
		counts.checks++;
	}
}

static void pass(int64_t ms)
{
	hostapd_serve(ms < 0 ? 1200 : ms > LOOK_MS ? ms : LOOK_MS);
	w.now_ms = monotonic_ms();
	come_to_rest();
}

static void gateway_ends(int signal)
{
	if (gateway_process_is_up())
		gone_ms = monotonic_ms();
	gateway_process_end(signal);
}

static void gateway_stop(void)
{
	bool was_up = gateway_process_is_up();

	gateway_ends(SIGTERM);
	if (was_up)
		memset(before, 0, sizeof(before)); /* it closes its gate */
}

static void gateway_kill(void)
{
	gateway_ends(SIGKILL);
}

static void gateway_hang(bool hang)
{
	if (hang && gateway_process_is_up())
		gone_ms = monotonic_ms();
	gateway_process_hang(hang);
}

static void hostapd(bool up, bool told)
{
	if (up) {
		air_start();
	} else {
		air_end(told);
		hostapd_serve(0);
	}
	hostapd_socket(up);
}

static void ask(unsigned station)
{
	char answer[ATTACHED_ANSWER_MAX];
	size_t n = gateway_process_ask(world_address(station), answer, sizeof(answer));
	struct attached who;
	enum err e = attached_read(slice_make(answer, n), &who);

	CHECK(n && (e == ERR_OK || e == ERR_NOT_FOUND), "a good answer");
}

static const struct drive drive = {.real = true,
				   .pass = pass,
				   .gateway_is_up = gateway_process_is_up,
				   .gateway_start = gateway_process_start,
				   .gateway_stop = gateway_stop,
				   .gateway_kill = gateway_kill,
				   .gateway_hang = gateway_hang,
				   .hostapd = hostapd,
				   .ask = ask,
				   .news = has_written};

static void run_order(uint64_t n)
{
	order = n;
	dice_order(plan.seed, n);
	memset(before, 0, sizeof(before));
	world_begin_order();
	hostapd(true, true);
	gateway_process_start();
	events_run(EVENTS);
	hostapd(false, true);
	gateway_stop();
	world_end_order();
}

static int work(int fd)
{
	struct {
		struct events_counts counts;
		struct packets packets;
	} said;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHECK(lines_open(), "namespaces");
	world_open(&drive);
	gateway_process_place(w.dir, bin);
	for (uint64_t n = worker + 1; n <= plan.orders; n += workers)
		if (!plan.only || n == plan.only)
			run_order(n);
	world_close();
	memset(&said, 0, sizeof(said));
	said.counts = counts;
	said.packets = packets;
	return write(fd, &said, sizeof(said)) == sizeof(said) ? 0 : 1;
}

static bool add_up(int fd, struct events_counts *sum)
{
	struct {
		struct events_counts counts;
		struct packets packets;
	} one;

	while (read(fd, &one, sizeof(one)) == sizeof(one)) {
		counts_add(sum, &one.counts);
		packets.sent += one.packets.sent;
		packets.arrived += one.packets.arrived;
		packets.answered += one.packets.answered;
		packets.looks += one.packets.looks;
		if (one.packets.slowest_ms > packets.slowest_ms)
			packets.slowest_ms = one.packets.slowest_ms;
	}
	return plan.only || sum->orders == plan.orders;
}

int main(int argc, char **argv)
{
	const char *folder = getenv("TWINKEY_BIN");
	struct events_counts sum = {.orders = 0};
	bool failed = false;
	int fds[2], status;

	if (!dice_plan_read(argc, argv, ORDERS_DEFAULT, &plan))
		return 2;
	if (plan.only > plan.orders)
		plan.orders = plan.only;
	snprintf(bin, sizeof(bin), "%s/twinkey-operator", folder ? folder : "build/release");
	if (access(bin, X_OK)) {
		printf("skipped: %s is not there\n", bin);
		return SKIPPED;
	}
	if (!lines_allowed())
		return SKIPPED;
	printf("packet-chaos: seed %" PRIu64 ", %" PRIu64 " orders\n", plan.seed, plan.orders);
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
	if (!add_up(fds[0], &sum) || failed)
		return 1;
	counts_print("packet-chaos", &sum);
	printf("packet-chaos: seed %" PRIu64 ", %" PRIu64 " orders, %" PRIu64
	       " packets sent, %" PRIu64 " arrived, %" PRIu64 " answers; at rest after %" PRId64
	       " ms at the most\n",
	       plan.seed, sum.orders, packets.sent, packets.arrived, packets.answered,
	       packets.slowest_ms);
	return 0;
}
