/*
 * bench_auc: vectors a second through the socket of hlr_auc_gw, each with a number that is on the
 * disk before it leaves, against what one durable commit after the other gives on the same disk
 * (SQLite, write-ahead log, synchronous = FULL), in turns.
 *
 * Usage: bench_auc [SUBSCRIBERS [CLIENTS [PROCESSES [SECONDS [FOLDER]]]]]
 *
 * Each client asks anew when it has its answer, for a subscriber by chance. FOLDER is kept: what is
 * in it is used again. TWINKEY_TEST_DATABASE: the subscribers are in that database
 * (tests/support/with-postgres), copied from the files of SQLite in FOLDER if it has any.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/db/copy.h"
#include "host/operator/auc/hlr_auc_gw.h"
#include "host/operator/db/place.h"
#include "host/operator/store/store.h"
#include "lib/auth/aka.h"
#include "tests/bench/bench.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"

#define CLIENTS_MAX   256
#define PROCESSES_MAX 8
#define ROUNDS	      3
#define BATCH	      1000 /* subscribers that are added in one transaction */

static struct {
	unsigned subscribers, clients, processes, seconds;
	char dir[80];
	pid_t server[PROCESSES_MAX];
	int client[CLIENTS_MAX];
	bool asked[CLIENTS_MAX]; /* its answer is awaited; else the server's queue was full */
} b = {.subscribers = 10000, .clients = 64, .processes = 1, .seconds = 3};

static void name(char text[static IMSI_MAX + 1], unsigned n, int sub)
{
	snprintf(text, IMSI_MAX + 1, "00101%u%09u", (unsigned)sub % 10, n % 1000000000);
}

static void add(struct operator_store *s, unsigned n, const struct subscriber_keys *keys)
{
	struct subscriber sub = {.algorithm = {AKA_MILENAGE, AKA_MILENAGE}, .key_id = 1};

	for (unsigned i = 0; i < 4; i++)
		sub.iccid[9 - i] = (uint8_t)(n >> (8 * i));
	name(sub.imsi[0], n, 1);
	name(sub.imsi[1], n, 2);
	MUST(subscriber_add(s, &sub, keys) == ERR_OK);
}

/* All have the keys of one: what is looked up and computed is the same. */
static void fill(void)
{
	struct subscriber_keys keys = {.s = random_secret(32)};
	struct operator_store *s = NULL;
	double begun = bench_now();
	enum err e = ERR_OK;

	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
	}
	MUST(operator_store_create(b.dir, NULL, &s) == ERR_OK);
	for (unsigned n = 0; n < b.subscribers && !e; n += BATCH) {
		OPERATOR_TRANSACTION (s, e) {
			for (unsigned i = n; i < n + BATCH && i < b.subscribers; i++)
				add(s, i, &keys);
		}
		if (n % 100000 == 0 && n)
			fprintf(stderr, "  %u subscribers, %.0f s\n", n, bench_now() - begun);
	}
	MUST(e == ERR_OK);
	operator_store_close(&s);
	subscriber_keys_free(&keys);
}

/* From the files of SQLite that the folder has, as twinkey-operator migrate does it. */
static void move_to(const char *place)
{
	const struct db_move m = {.place = place};
	struct operator_store *s = NULL;

	MUST(operator_store_open(b.dir, NULL, &s) == ERR_OK);
	MUST(operator_store_leave(s) == ERR_OK);
	MUST(operator_store_copy(s, &m) == ERR_OK);
	MUST(operator_store_end(s, ERR_OK) == ERR_OK);
	operator_store_close(&s);
}

static bool is_moved(void)
{
	char place[DB_PLACE_CAP];

	return db_place_find(b.dir, "operator.db", place) == ERR_OK && db_place_is_server(place);
}

static void path_of_server(char path[static 108], unsigned i)
{
	snprintf(path, 108, "%s/auc%u", b.dir, i);
}

static void serve(unsigned i)
{
	struct operator_store *s = NULL;
	static struct cancel stop;
	char path[108];

	path_of_server(path, i);
	MUST(cancel_open(&stop) == ERR_OK);
	MUST(operator_store_open(b.dir, &stop, &s) == ERR_OK);
	(void)!hlr_auc_gw_serve(s, path, &stop, NULL);
	operator_store_close(&s);
	_exit(0);
}

static void start(void)
{
	for (unsigned i = 0; i < b.processes; i++) {
		b.server[i] = fork();
		MUST(b.server[i] >= 0);
		if (!b.server[i])
			serve(i);
	}
	for (unsigned i = 0; i < b.clients; i++) {
		struct sockaddr_un own = {.sun_family = AF_UNIX}, to = {.sun_family = AF_UNIX};

		b.client[i] = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		snprintf(own.sun_path, sizeof(own.sun_path), "%s/client%u", b.dir, i);
		unlink(own.sun_path);
		path_of_server(to.sun_path, i % b.processes);
		MUST(bind(b.client[i], (struct sockaddr *)&own, sizeof(own)) == 0);
		for (int k = 0; k < 2000; k++) {
			if (connect(b.client[i], (struct sockaddr *)&to, sizeof(to)) == 0)
				break;
			usleep(5000);
		}
	}
}

static void stop(void)
{
	for (unsigned i = 0; i < b.processes; i++) {
		kill(b.server[i], SIGKILL);
		waitpid(b.server[i], NULL, 0);
	}
	for (unsigned i = 0; i < b.clients; i++)
		close(b.client[i]);
}

static void ask(unsigned i)
{
	char request[64], imsi[IMSI_MAX + 1];
	int n;

	name(imsi, (unsigned)random() % b.subscribers, 1);
	n = snprintf(request, sizeof(request), "AKA-REQ-AUTH %s", imsi);
	b.asked[i] = send(b.client[i], request, (size_t)n, 0) == n;
	MUST(b.asked[i] || errno == EAGAIN);
}

static void take(unsigned i)
{
	char answer[HLR_AUC_GW_MESSAGE_MAX + 1];
	ssize_t n = recv(b.client[i], answer, sizeof(answer) - 1, 0);

	MUST(n > 150);
	answer[n] = 0;
	MUST(strncmp(answer, "AKA-RESP-AUTH ", 14) == 0 && !strstr(answer, "FAILURE"));
}

/* What each client waits for: its answer, or room in the server's queue. */
static void wait_for(struct pollfd p[static CLIENTS_MAX])
{
	for (unsigned i = 0; i < b.clients; i++)
		p[i] = (struct pollfd){.fd = b.client[i], .events = b.asked[i] ? POLLIN : POLLOUT};
	MUST(poll(p, b.clients, 10000) > 0);
}

static double vectors(void)
{
	struct pollfd p[CLIENTS_MAX];
	double begun = bench_now(), now = begun;
	unsigned long done = 0;

	for (unsigned i = 0; i < b.clients; i++)
		ask(i);
	while ((now = bench_now()) - begun < b.seconds) {
		wait_for(p);
		for (unsigned i = 0; i < b.clients; i++) {
			if (!p[i].revents)
				continue;
			if (b.asked[i]) {
				take(i);
				done++;
			}
			ask(i);
		}
	}
	for (unsigned i = 0; i < b.clients; i++) { /* what is under way is none of the figure */
		p[i] = (struct pollfd){.fd = b.client[i], .events = POLLIN};
		MUST(!b.asked[i] || poll(&p[i], 1, 10000) == 1);
		if (b.asked[i])
			take(i);
	}
	return (double)done / (now - begun);
}

static double commits(void)
{
	char path[120];
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	unsigned long done = 0;
	double begun, now;

	snprintf(path, sizeof(path), "%s/yardstick.db", b.dir);
	MUST(sqlite3_open(path, &db) == SQLITE_OK);
	MUST(sqlite3_exec(db,
			  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			  "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, v INTEGER);"
			  "INSERT OR IGNORE INTO t VALUES (1, 0)",
			  NULL, NULL, NULL) == SQLITE_OK);
	MUST(sqlite3_prepare_v2(db, "UPDATE t SET v = v + 1 WHERE id = 1", -1, &st, NULL) ==
	     SQLITE_OK);
	begun = bench_now();
	while ((now = bench_now()) - begun < b.seconds) {
		MUST(sqlite3_step(st) == SQLITE_DONE);
		sqlite3_reset(st);
		done++;
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return (double)done / (now - begun);
}

static unsigned number(char **argv, int argc, int at, unsigned otherwise, unsigned most)
{
	unsigned n = argc > at ? (unsigned)strtoul(argv[at], NULL, 10) : otherwise;

	MUST(n >= 1 && n <= most);
	return n;
}

/* How many datagrams wait at a socket: as systemd sets it when a machine starts, not the
 * kernel's 10. It belongs to a network namespace; where none may be made it stays as it is. */
static void use_queues_of_systemd(void)
{
	FILE *f;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return;
	f = fopen("/proc/sys/net/unix/max_dgram_qlen", "w");
	if (f && (fputs("512", f) < 0 || fclose(f)))
		fprintf(stderr, "  (the queues of sockets are the kernel's)\n");
}

int main(int argc, char **argv)
{
	const char *database = getenv("TWINKEY_TEST_DATABASE");
	double v[ROUNDS], c[ROUNDS], ratio[ROUNDS];
	char place[DB_PLACE_CAP], key[120];

	use_queues_of_systemd();
	b.subscribers = number(argv, argc, 1, b.subscribers, 100000000);
	b.clients = number(argv, argc, 2, b.clients, CLIENTS_MAX);
	b.processes = number(argv, argc, 3, b.processes, PROCESSES_MAX);
	b.seconds = number(argv, argc, 4, b.seconds, 3600);
	if (argc > 5)
		snprintf(b.dir, sizeof(b.dir), "%s", argv[5]);
	else
		scratch_make("/var/tmp", "auc", b.dir, sizeof(b.dir)); /* on a disk */
	snprintf(key, sizeof(key), "%s/store.key", b.dir);
	if (database && *database) {
		snprintf(place, sizeof(place), "%s#b%u", database, b.subscribers);
		if (access(key, F_OK) == 0 && !is_moved())
			move_to(place);
		MUST(db_place_tell(b.dir, place) == ERR_OK);
	}
	if (access(key, F_OK) != 0)
		fill();
	start();
	vectors(); /* warm */
	for (int i = 0; i < ROUNDS; i++) {
		c[i] = commits();
		v[i] = vectors();
		ratio[i] = v[i] / c[i];
	}
	stop();
	printf("vectors by hlr_auc_gw, %s, %u subscribers, %u clients, %u process%s\n",
	       database && *database ? "PostgreSQL" : "SQLite", b.subscribers, b.clients,
	       b.processes, b.processes == 1 ? "" : "es");
	printf("  vectors/s          %9.0f\n", bench_median(v, ROUNDS));
	printf("  durable commits/s  %9.0f\n", bench_median(c, ROUNDS));
	printf("  ratio              %9.2f   (SQLite: bar 5)\n", bench_median(ratio, ROUNDS));
	if (argc <= 5)
		file_remove_tree(b.dir);
	return 0;
}
