/*
 * gateway-chaos: all that can happen to an operator's access network, in random orders: modules
 * attach with K1 and K2, under wrong names, at other places, by every method; factors are passed,
 * locked, run out; grants are given, lost, given again; subscribers are suspended, resumed, moved,
 * rotated, rolled back; cards lose their power; clocks are set; gateway and hostapd hang, end and
 * are killed.
 *
 * The gateway is the real one (host/operator/gateway), but for hostapd's socket and the kernel's
 * rules (net/standins.h), and its store the real one. After every step: nobody is let through
 * further than he has proved, by the key that it was and for as long as nothing ended it; a gateway
 * that hangs or is dead lets through nothing more than before, and nothing when the kernel's time
 * is over; no grant without both factors of now (I3). When nothing happens for a while, exactly who
 * may pass does.
 *
 * usage: gateway-chaos [--orders N] [--seed N [--order N]]. An order is a function of seed and
 * number, but for the keys; what happened in one that failed is printed.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/gateway/attached.h"
#include "host/operator/gateway/gateway.h"
#include "tests/property/net/events.h"
#include "tests/property/net/standins.h"
#include "tool/sys/cancel.h"

#define ORDERS_DEFAULT 1500 /* make soak: a million */
#define WORKERS	       2
#define EVENTS	       10
#define OF_A_STORE     150
#define QUIET_TURNS    14

static struct dice_plan plan;
static unsigned worker;
static uint64_t order;
static struct operator_store *of_gateway;
static struct gateway *gateway;
static struct gateway_setup setup;
static struct gate_rules rules;
static char socket_path[128];
static struct cancel cancel;
static bool hangs;
/* as it was let through when the gateway was last at work */
static enum access before[WORLD_STATIONS];

void chaos_where(char *text, size_t cap)
{
	dice_tell();
	world_drop();
	snprintf(text, cap, "again: --seed %" PRIu64 " --order %" PRIu64, plan.seed, order);
}

static int64_t now_ms(void)
{
	return w.now_ms;
}

static void nothing(void)
{
}

static void note_line(const char *line)
{
	dice_note("    %s", line);
}

static enum access let_through(unsigned station, uint32_t *address)
{
	uint8_t mac[HOSTAPD_MAC_LEN];

	air_mac(station, mac);
	return kernel_access(mac, address);
}

static bool is_at_work(void)
{
	return gateway && !hangs && !kernel.broken;
}

static void check_station(unsigned station, bool exactly)
{
	uint32_t address;
	enum access a = let_through(station, &address), may = world_may(station, !exactly);

	counts.checks++;
	if (!is_at_work()) {
		CHECK(a <= before[station], "nothing more without a gateway than before");
		before[station] = a;
		return;
	}
	CHECK(a <= may, a == ACCESS_FULL ? "full access without the second key"
					 : "access that nothing allows");
	/* that a lease has run out is seen once a second */
	CHECK(a == ACCESS_NONE || !address || address == world_address(station) ||
		      (w.lease[station].until &&
		       address == (WORLD_NETWORK | w.lease[station].last_octet)),
	      "by the address that DHCP gave");
	if (exactly && air.station[station].settled) {
		CHECK(a == may, "who may pass does");
		CHECK(a == ACCESS_NONE || address == world_address(station) ||
			      (w.lease[station].until && w.lease[station].until + 1 >= world_now()),
		      "with his address, or one that has just run out");
		counts.quiet_checks++;
		counts.full += a == ACCESS_FULL;
	}
	before[station] = a;
}

static void check_all(bool exactly)
{
	world_look();
	for (unsigned i = 0; i < WORLD_STATIONS; i++)
		check_station(i, exactly);
}

static void turn(int64_t ms)
{
	w.now_ms += ms;
	air.now_ms = kernel.now_ms = w.now_ms;
	if (gateway && !hangs)
		CHECK(gateway_turn(gateway, 0) == ERR_OK, "the gateway works");
}

static void pass(int64_t ms)
{
	bool quiet = ms < 0;

	for (int64_t at = 0; at < (quiet ? QUIET_TURNS * 100 : ms); at += 100) {
		turn(100);
		check_all(false);
	}
	if (quiet && is_at_work() && air.up && !air.mute)
		check_all(true);
}

static bool gateway_is_up(void)
{
	return gateway && !hangs;
}

static void gateway_begin(void)
{
	enum gateway_part part;

	if (gateway)
		return;
	kernel.killed = false;
	if (kernel.broken)
		kernel.broken = false;
	hangs = false;
	setup = (struct gateway_setup){.store = of_gateway,
				       .hostapd = "hostapd",
				       .leases = w.leases,
				       .socket = socket_path,
				       .rules = &rules,
				       .cancel = &cancel,
				       .now = world_now,
				       .now_ms = now_ms,
				       .ready = nothing,
				       .tell = note_line};
	CHECK(gateway_start(&setup, &part, &gateway) == ERR_OK, "a gateway");
}

static void gateway_finish(void)
{
	if (!gateway)
		return;
	gateway_end(&gateway);
	hangs = false;
}

static void gateway_kill(void)
{
	kernel.killed = true;
	gateway_finish();
}

static void gateway_stop(void)
{
	bool closes = gateway && !kernel.broken;
	uint32_t address;

	gateway_finish();
	for (unsigned i = 0; closes && i < WORLD_STATIONS; i++)
		CHECK(let_through(i, &address) == ACCESS_NONE, "one that ends closes its gate");
}

static void gateway_hang(bool hang)
{
	hangs = hang && gateway;
}

static void kernel_break(bool broken)
{
	kernel.broken = broken && gateway;
}

static void hostapd(bool up, bool told)
{
	if (up)
		air_start();
	else
		air_end(told);
}

/* As the portal does; in one process, so that the gateway has its turn in between. */
static void ask(unsigned station)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char line[ATTACHED_LINE_MAX], answer[ATTACHED_ANSWER_MAX], mac[HOSTAPD_MAC_CAP];
	uint8_t octets[HOSTAPD_MAC_LEN];
	uint32_t address = world_address(station), of = 0;
	struct attached who;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n;
	ssize_t got;
	enum err e;

	memcpy(a.sun_path, socket_path, strlen(socket_path));
	CHECK(fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0, "its socket");
	n = snprintf(line, sizeof(line), "10.45.0.%u\n", address & 0xFF);
	CHECK(send(fd, line, (size_t)n, 0) == n, "a question");
	turn(100);
	turn(0);
	got = recv(fd, answer, sizeof(answer), 0);
	CHECK(got > 0, "an answer");
	close(fd);
	e = attached_read(slice_make(answer, (size_t)got), &who);
	check_all(false);
	if (e == ERR_NOT_FOUND)
		return;
	CHECK(e == ERR_OK && address, "a good one");
	air_mac(station, octets);
	hostapd_mac_text(octets, mac);
	CHECK(strcmp(who.mac, mac) == 0, "of who has the address");
	CHECK(kernel.broken || (let_through(station, &of) != ACCESS_NONE && of == address),
	      "and who is let through");
}

static bool has_written(void)
{
	static unsigned long before_now;
	unsigned long now = operator_store_tally(of_gateway).transactions;
	bool more = now != before_now;

	before_now = now;
	return more;
}

static const struct drive drive = {.pass = pass,
				   .gateway_is_up = gateway_is_up,
				   .gateway_start = gateway_begin,
				   .gateway_stop = gateway_stop,
				   .gateway_kill = gateway_kill,
				   .gateway_hang = gateway_hang,
				   .kernel_break = kernel_break,
				   .hostapd = hostapd,
				   .ask = ask,
				   .news = has_written};

/* Most stores are in this process' memory, and one of some in a file, where writers wait for each
 * other. */
static void open_all(uint64_t n)
{
	bool in_file = n % 8 == 7;

	CHECK(sqlite3_vfs_register(sqlite3_vfs_find(in_file ? "unix" : "memdb"), 1) == SQLITE_OK,
	      "a place for the store");
	world_open(&drive);
	w.alone = !in_file;
	kernel.now_ms = w.now_ms;
	snprintf(socket_path, sizeof(socket_path), "%s/gateway.sock", w.dir);
	CHECK(operator_store_open(w.dir, NULL, &of_gateway) == ERR_OK, "the gateway's store");
}

static void close_all(void)
{
	operator_store_close(&of_gateway);
	world_close();
}

static void run_order(uint64_t n)
{
	order = n;
	dice_order(plan.seed, n);
	world_begin_order();
	memset(before, 0, sizeof(before));
	hostapd(false, true);
	hostapd(true, true);
	gateway_begin();
	events_run(EVENTS);
	gateway_stop();
	kernel.broken = hangs = false;
	kernel.count = 0;
	world_end_order();
}

/* A share of the orders, in a process of its own; the counts go to fd. */
static int work(int fd)
{
	uint64_t done = 0;

	CHECK(cancel_open(&cancel) == ERR_OK, "a token");
	for (uint64_t n = worker + 1; n <= plan.orders; n += WORKERS) {
		if (plan.only && n != plan.only)
			continue;
		if (done++ % OF_A_STORE == 0) {
			if (done > 1)
				close_all();
			open_all(n / WORKERS / OF_A_STORE);
		}
		run_order(n);
	}
	if (done)
		close_all();
	cancel_close(&cancel);
	return write(fd, &counts, sizeof(counts)) == sizeof(counts) ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct events_counts sum = {.orders = 0}, one;
	bool failed = false;
	int fds[2], status;

	if (!dice_plan_read(argc, argv, ORDERS_DEFAULT, &plan))
		return 2;
	if (plan.only > plan.orders)
		plan.orders = plan.only;
	printf("gateway-chaos: seed %" PRIu64 ", %" PRIu64 " orders\n", plan.seed, plan.orders);
	fflush(stdout);
	CHECK(pipe(fds) == 0, "a pipe");
	for (worker = 0; worker < WORKERS; worker++) {
		pid_t pid = fork();

		CHECK(pid >= 0, "a process");
		if (pid == 0)
			exit(work(fds[1]));
	}
	while (wait(&status) > 0)
		failed = failed || status != 0;
	close(fds[1]);
	while (read(fds[0], &one, sizeof(one)) == sizeof(one))
		counts_add(&sum, &one);
	if (failed || (!plan.only && sum.orders != plan.orders))
		return 1;
	counts_print("gateway-chaos", &sum);
	printf("gateway-chaos: seed %" PRIu64 ", %" PRIu64
	       " orders, none let more through than it may\n",
	       plan.seed, sum.orders);
	CHECK(plan.orders < ORDERS_DEFAULT || plan.only ||
		      (sum.grants && sum.refused_grants && sum.rotated && sum.whole_releases &&
		       sum.whole_rotations && sum.full && sum.grants_verified),
	      "each kind of thing has happened");
	return 0;
}
