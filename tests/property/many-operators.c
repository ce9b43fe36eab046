/*
 * many-operators: several processes serve one operator's store at once, while they are killed, and
 * the database with them.
 *
 * Each gives vectors in rounds that are settled as hlr_auc_gw's are, and takes events, codes of a
 * second factor and grants, of any subscriber, and often of the same few. What was answered is told
 * to the parent before anything else is done. At the end, over what was answered and over the data:
 * no number was given out twice (I6), no code served twice, no nonce twice, no second key was
 * released without a second factor since the release before (I3), the log is whole, and each
 * subscriber is what its log says. Whoever asked was answered or refused: a process that hangs is
 * one too many.
 *
 * usage: many-operators [PROCESSES [SUBSCRIBERS [SECONDS [KILLS]]]]
 * Over SQLite, or the database that tests/support/with-postgres gives; that one is killed too.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/auc/auc.h"
#include "host/operator/db/place.h"
#include "host/operator/db/values.h"
#include "host/operator/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "tests/support/aka_key_of.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/sys/file.h"
#include "tool/sys/wait.h"

#define PROCESSES_MAX 8
#define BATCH	      1000
#define HOT	      6	 /* subscribers that all want */
#define ROUND	      8	 /* vectors */
#define NONCES	      64 /* that are tried again and again */
#define STUCK_MS      60000
#define SET_LEN	      (1u << 24)

/* What a process tells of an answer that it gave. */
enum told_kind { TOLD_VECTOR, TOLD_CODE, TOLD_GRANT, TOLD_REFUSED, TOLD_AWAY, TOLD_KINDS };
struct told {
	enum told_kind what;
	int64_t id;
	uint64_t value; /* SQN, step, nonce */
};

static struct {
	char dir[96];
	unsigned processes, subscribers, seconds, kills;
	pid_t pid[PROCESSES_MAX];
	int64_t alive_ms[PROCESSES_MAX]; /* when it last told something */
	int pipe[PROCESSES_MAX];
	uint64_t count[TOLD_KINDS], lost, database_kills;
	uint64_t *seen; /* a set */
	size_t used;
} w = {.processes = 4, .subscribers = 10000, .seconds = 20, .kills = 40};

static uint8_t key_k[16] = {0x46, 0x5b}, key_opc[16] = {0xcd, 0x63}; /* of tests */

static void name(char text[static IMSI_MAX + 1], unsigned n, unsigned sub)
{
	snprintf(text, IMSI_MAX + 1, "00101%u%09u", sub % 10, n % 1000000000);
}

static struct secret *copy(const uint8_t *octets, size_t n)
{
	struct secret *s = secret_new(n);

	MUST(s != NULL);
	memcpy(s->bytes, octets, n);
	return s;
}

static void fill(void)
{
	struct subscriber_keys keys = {.s = random_secret(32)};
	struct operator_store *s = NULL;
	struct secret *seed = random_secret(20);
	enum err e = ERR_OK;

	for (int i = 0; i < 2; i++) {
		keys.k[i] = copy(key_k, sizeof(key_k));
		keys.opc[i] = copy(key_opc, sizeof(key_opc));
	}
	MUST(operator_store_create(w.dir, NULL, &s) == ERR_OK);
	for (unsigned n = 0; n < w.subscribers && !e; n += BATCH) {
		OPERATOR_TRANSACTION (s, e) {
			for (unsigned i = n; i < n + BATCH && i < w.subscribers && !e; i++) {
				struct subscriber sub = {.algorithm = {AKA_MILENAGE, AKA_MILENAGE},
							 .key_id = 1};

				memcpy(sub.iccid, &i, sizeof(i));
				name(sub.imsi[0], i, 1);
				name(sub.imsi[1], i, 2);
				e = subscriber_add(s, &sub, &keys);
			}
		}
	}
	MUST(!e);
	for (int64_t id = 1; id <= HOT; id++)
		MUST(factor_put_totp(s, id, seed) == ERR_OK);
	secret_free(&seed);
	subscriber_keys_free(&keys);
	operator_store_close(&s);
}

/* ---- a process that serves */

static int out; /* to the parent */

static void tell(enum told_kind what, int64_t id, uint64_t value)
{
	const struct told t = {.what = what, .id = id, .value = value};

	if (write(out, &t, sizeof(t)) != sizeof(t))
		_exit(1);
}

static void tell_refused(enum err e, int64_t id)
{
	MUST(e != ERR_CORRUPT && e != ERR_IO); /* nobody else writes here */
	tell(db_is_busy(e) ? TOLD_AWAY : TOLD_REFUSED, id, (uint64_t)e);
}

static int64_t any(bool hot)
{
	return 1 + (int64_t)((unsigned long)random() % (hot ? HOT : w.subscribers));
}

struct served {
	int64_t id;
	uint64_t sqn;
	enum err e;
};

/* SQN out of AUTN, by the key, which all have. */
static uint64_t sqn_of(const struct aka_vector *v)
{
	static struct aka_key *key;
	const struct aka_parameters p = aka_parameters_of(
		AKA_MILENAGE, SLICE_OF(key_k), SLICE_OF(key_opc), &(struct aka_shape){0});
	struct sqn_array fresh = SQN_ARRAY_NEW;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];

	if (!key)
		MUST(aka_key_make(&p, &key) == ERR_OK);
	MUST(aka_usim_authenticate(key, &fresh, &(struct aka_challenge){v->rand, v->autn}, &r,
				   auts) == ERR_OK);
	return sqn_highest(&fresh);
}

/* Told when the round is settled, not before; done again when another process was faster. */
static void vectors(struct operator_store *s)
{
	struct served served[ROUND];
	enum err e = ERR_LOCKED;

	operator_store_gather(s);
	for (int try = 0; e == ERR_LOCKED && try < 100; try++) {
		for (int i = 0; i < ROUND; i++) {
			char imsi[IMSI_MAX + 1];
			struct aka_vector v;

			served[i].id = try ? served[i].id : any(random() % 4 == 0);
			name(imsi, (unsigned)served[i].id - 1, 1);
			served[i].e = auc_quintuplet(s, imsi, time(NULL), &v);
			if (!served[i].e)
				served[i].sqn = sqn_of(&v);
		}
		e = operator_store_settle(s, ERR_OK);
		if (e == ERR_LOCKED)
			usleep((useconds_t)(random() % 10000));
	}
	for (int i = 0; i < ROUND; i++) {
		if (e || served[i].e)
			tell_refused(e ? e : served[i].e, served[i].id);
		else
			tell(TOLD_VECTOR, served[i].id, served[i].sqn);
	}
}

static int64_t find_step(void *ctx, const struct secret *seed)
{
	(void)seed;
	return *(int64_t *)ctx;
}

/* The same code as others have at this moment. */
static void code(struct operator_store *s)
{
	int64_t id = any(true), step = time(NULL) / 2;
	const struct factor_attempt a = {
		.find = find_step,
		.ctx = &step,
		.window = 1,
		.event = {
			.kind = EVENT_FACTOR, .actor = "user", .now = time(NULL), .valid_s = 600}};
	struct subscriber after;
	unsigned left;
	enum err e = factor_attempt_totp(s, id, &a, &after, &left);

	if (e)
		tell_refused(e, id);
	else
		tell(TOLD_CODE, id, (uint64_t)step);
}

static void event(struct operator_store *s)
{
	static const enum subscriber_event_kind kinds[] = {
		EVENT_RES1,    EVENT_RES1,   EVENT_RES1,	  EVENT_RES2,
		EVENT_SUSPEND, EVENT_RESUME, EVENT_RESULT_FAILED, EVENT_RESULT_FAILED};
	int64_t id = any(random() % 2);
	const struct subscriber_event ev = {.kind = kinds[(size_t)random() % ARRAY_LEN(kinds)],
					    .actor = "test",
					    .evidence = "",
					    .now = time(NULL),
					    .valid_s = 600};
	enum err e = subscriber_event(s, id, &ev, NULL);

	tell_refused(e, id); /* or taken: the log has it */
}

static void grant(struct operator_store *s)
{
	static const uint8_t eid[16] = {0x89, 0x04};
	uint8_t nonce[16] = {(uint8_t)((unsigned long)random() % NONCES)};
	int64_t id = any(true);
	char evidence[40];
	const struct subscriber_event ev = {.kind = EVENT_GRANT,
					    .actor = "test",
					    .evidence = evidence,
					    .now = time(NULL),
					    .first_valid_s = 600,
					    .valid_s = 600,
					    .eid = eid,
					    .nonce = nonce,
					    .key_id = 1};
	enum err e;

	nonce[1] = (uint8_t)(time(NULL) / 4);
	snprintf(evidence, sizeof(evidence), "nonce %02x%02x", nonce[0], nonce[1]);
	e = subscriber_event(s, id, &ev, NULL);
	if (e)
		tell_refused(e, id);
	else
		tell(TOLD_GRANT, id, (uint64_t)nonce[0] << 8 | nonce[1]);
}

/* The database may be away, or just begin. */
static struct operator_store *open_patiently(void)
{
	struct operator_store *s = NULL;
	enum err e = ERR_DB_AWAY;

	for (int i = 0; i < 400 && db_is_busy(e); i++) {
		e = operator_store_open(w.dir, NULL, &s);
		if (e)
			usleep(50000);
	}
	MUST(!e);
	return s;
}

/* One for rounds, one that waits for its turn. */
static void serve(unsigned seed)
{
	struct operator_store *gathers = open_patiently(), *s = open_patiently();

	srandom(seed);
	for (;;) {
		switch (random() % 8) {
		case 0: code(s); break;
		case 1: event(s); break;
		case 2: grant(s); break;
		default: vectors(gathers); break;
		}
	}
}

/* ---- the parent */

static void start(unsigned i)
{
	static unsigned seeds = 1;
	int p[2];

	MUST(pipe(p) == 0);
	w.pid[i] = fork();
	MUST(w.pid[i] >= 0);
	if (!w.pid[i]) {
		close(p[0]);
		out = p[1];
		serve(++seeds * 7919);
	}
	++seeds;
	close(p[1]);
	w.pipe[i] = p[0];
	w.alive_ms[i] = wait_now_ms();
}

/* False: it was there. */
static bool put(uint64_t v)
{
	size_t at = (size_t)(v * 0x9E3779B97F4A7C15u >> 40) % SET_LEN;

	MUST(v && ++w.used < SET_LEN / 2);
	while (w.seen[at] && w.seen[at] != v)
		at = (at + 1) % SET_LEN;
	if (w.seen[at] == v)
		return false;
	w.seen[at] = v;
	return true;
}

static void take(const struct told *t)
{
	w.count[t->what]++;
	if (t->what <= TOLD_GRANT)
		MUST(put((uint64_t)(t->what + 1) << 60 |
			 (t->what == TOLD_GRANT ? 0 : (uint64_t)t->id << 34) |
			 (t->value & 0x3FFFFFFFFu)));
}

static void drain(unsigned i)
{
	struct told t;
	ssize_t n;

	while ((n = read(w.pipe[i], &t, sizeof(t))) == sizeof(t))
		take(&t);
	MUST(n == 0); /* what is smaller than PIPE_BUF comes whole */
	close(w.pipe[i]);
}

static void look(int timeout_ms)
{
	struct pollfd p[PROCESSES_MAX];
	struct told t[256];

	for (unsigned i = 0; i < w.processes; i++)
		p[i] = (struct pollfd){.fd = w.pipe[i], .events = POLLIN};
	(void)!poll(p, w.processes, timeout_ms);
	for (unsigned i = 0; i < w.processes; i++) {
		ssize_t n = p[i].revents & POLLIN ? read(w.pipe[i], t, sizeof(t)) : -1;

		MUST(!(p[i].revents & POLLHUP) || n > 0); /* nobody ends by himself */
		for (ssize_t k = 0; k * (ssize_t)sizeof(t[0]) < n; k++)
			take(&t[k]);
		if (n > 0)
			w.alive_ms[i] = wait_now_ms();
		MUST(wait_now_ms() - w.alive_ms[i] < STUCK_MS);
	}
}

static void run_pg(const char *verb)
{
	char command[200];

	snprintf(command, sizeof(command), "\"$TWINKEY_TEST_PG\" %s", verb);
	(void)!system(command);
}

/* As if power had failed: nothing is closed. It cannot start again before the last of its processes
 * has seen that. */
static void kill_database(void)
{
	bool runs = false;

	run_pg("kill");
	for (int i = 0; !runs && i < 400; i++) {
		look(50);
		runs = i > 2 && system("\"$TWINKEY_TEST_PG\" start 2>/dev/null") == 0;
	}
	MUST(runs);
	w.database_kills++;
}

static void kill_one(void)
{
	unsigned i = (unsigned)random() % w.processes;

	kill(w.pid[i], SIGKILL);
	waitpid(w.pid[i], NULL, 0);
	drain(i);
	w.lost++;
	start(i);
}

struct history {
	bool approved;
	uint64_t grants;
};
static struct history *histories;

/* In the order of the log: a grant uses the approval up. */
static bool follow(void *ctx, const struct log_entry *e)
{
	struct history *h = &histories[e->subscriber];

	(void)ctx;
	if (strcmp(e->event, "factor") == 0)
		h->approved = true;
	if (strcmp(e->event, "grant") == 0) {
		MUST(h->approved);
		h->approved = false;
		h->grants++;
		/* its nonce, once in all */
		MUST(put(UINT64_C(7) << 60 |
			 strtoul(e->evidence + sizeof("nonce ") - 1, NULL, 16)));
	}
	return true;
}

static void judge(void)
{
	struct operator_store *s = NULL;
	struct log_check check;
	uint64_t grants = 0;

	MUST(operator_store_open(w.dir, NULL, &s) == ERR_OK);
	MUST(log_verify(s, &check) == ERR_OK);
	histories = calloc(w.subscribers + 1, sizeof(*histories));
	MUST(histories && log_each(s, 0, follow, NULL) == ERR_OK);
	for (unsigned i = 0; i <= w.subscribers; i++)
		grants += histories[i].grants;
	MUST(grants >= w.count[TOLD_GRANT]); /* those that were answered are there */
	operator_store_close(&s);
	printf("many-operators: %u processes, %u subscribers, %s: %" PRIu64 " vectors, %" PRIu64
	       " codes, %" PRIu64 " grants (%" PRIu64 " in the log of %" PRId64
	       " entries), %" PRIu64 " taken or refused, %" PRIu64 " told to come again; %" PRIu64
	       " processes killed, the database %" PRIu64 " times: none twice, the log is whole\n",
	       w.processes, w.subscribers,
	       getenv("TWINKEY_TEST_DATABASE") ? "PostgreSQL" : "SQLite", w.count[TOLD_VECTOR],
	       w.count[TOLD_CODE], w.count[TOLD_GRANT], grants, check.good, w.count[TOLD_REFUSED],
	       w.count[TOLD_AWAY], w.lost, w.database_kills);
	fflush(stdout);
	MUST(w.count[TOLD_VECTOR] > 1000 && w.count[TOLD_CODE] > 5 && w.count[TOLD_GRANT] > 3);
}

static void run(void)
{
	int64_t begun = wait_now_ms(), length = w.seconds * INT64_C(1000);
	bool has_database = getenv("TWINKEY_TEST_PG") != NULL;
	unsigned kills = 0;

	while (wait_now_ms() - begun < length || kills < w.kills) {
		look(20);
		if (wait_now_ms() - begun < (kills + 1) * length / (w.kills + 1))
			continue;
		if (has_database && ++kills % 5 == 0)
			kill_database();
		else
			kill_one();
		kills += !has_database;
	}
}

int main(int argc, char **argv)
{
	const char *database = getenv("TWINKEY_TEST_DATABASE");
	unsigned *const numbers[] = {&w.processes, &w.subscribers, &w.seconds, &w.kills};
	char place[DB_PLACE_CAP];

	for (int i = 1; i < argc && i <= (int)ARRAY_LEN(numbers); i++)
		*numbers[i - 1] = (unsigned)strtoul(argv[i], NULL, 10);
	MUST(w.processes >= 1 && w.processes <= PROCESSES_MAX && w.subscribers >= HOT);
	w.seen = calloc(SET_LEN, sizeof(*w.seen));
	MUST(w.seen != NULL);
	scratch_make(NULL, "many", w.dir, sizeof(w.dir));
	if (database && *database) {
		snprintf(place, sizeof(place), "%s#many%ld", database, (long)getpid());
		MUST(db_place_tell(w.dir, place) == ERR_OK);
	}
	fill();
	for (unsigned i = 0; i < w.processes; i++)
		start(i);
	run();
	for (unsigned i = 0; i < w.processes; i++) {
		kill(w.pid[i], SIGKILL);
		waitpid(w.pid[i], NULL, 0);
		drain(i);
	}
	judge();
	file_remove_tree(w.dir);
	return 0;
}
