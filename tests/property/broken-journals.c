/*
 * broken-journals: the folder of a card, broken in every way: cut at every octet, a bit of it
 * changed, a record taken out, doubled or swapped, older copies put back, the process killed.
 *
 * Each time the card is whole (every AUTN that it has accepted is refused from then on), or it is
 * not opened and says why. With an anchor that holds for the older copy of the whole folder, too.
 * usage: broken-journals [CARDS [SEED]]; of one card some octets are left out, of several none.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/auth/sqn.h"
#include "card-emu/card.h"
#include "card-emu/store/store.h"
#include "card-emu/profile/sim.h"
#include "lib/profile/simfile.h"
#include "lib/uicc/apdu.h"
#include "lib/auth/aka.h"
#include "lib/crypto/symmetric.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define STEPS	     12 /* authentications of a history */
#define REWRITTEN_AT 6	/* the journal is rewritten behind this one */
#define VECTORS	     16384
#define KILLS	     30
#define KILL_MIN_US  300
#define KILL_MAX_US  3000
#define FILE_CAP     (1u << 20)
#define JOURNAL_HEAD 28
#define RECORD_START 24
#define BULK_LEN     65000
#define THIN	     7 /* of one card every so-many-th octet, but all of the last records */
#define THICK	     700

enum state_file { JOURNAL, HEAD, ANCHOR, STATE_FILES };

struct copy {
	struct wbuf file[STATE_FILES];
};

static struct {
	char dir[96], path[STATE_FILES][128];
	struct copy copies[STEPS + 1]; /* behind each authentication; the first: before all */
	struct aka_vector vectors[VECTORS];
	bool accepted[VECTORS];
	unsigned next; /* vector that was never sent */
	struct aka_key *key;
	uint64_t sqn;
} it;
static struct {
	unsigned cuts, changes, moves, copies, kills, found, survived;
} counts;
static unsigned cards = 1;
static uint64_t seed;
static char current[160]; /* the case, for a failure */

#define CHECK(ok, what) check((ok), (what), __LINE__)

static void check(bool ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "broken-journals: line %d: %s (%s, seed %" PRIu64 ", %s): %s\n", line, what,
		current, seed, it.dir, trouble_text());
	exit(1);
}

static uint64_t number(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % below;
}

static void put_file(enum state_file f, struct slice octets)
{
	int fd = open(it.path[f], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	MUST(fd >= 0 && write(fd, octets.ptr, octets.len) == (ssize_t)octets.len);
	close(fd);
}

static void put_copy(const struct copy *c)
{
	for (int f = 0; f < STATE_FILES; f++)
		put_file((enum state_file)f, wbuf_slice(&c->file[f]));
}

static void take_copy(struct copy *c)
{
	for (int f = 0; f < STATE_FILES; f++) {
		wbuf_free(&c->file[f]);
		c->file[f] = wbuf_grow(FILE_CAP);
		MUST(file_read(it.path[f], NULL, &c->file[f]) == ERR_OK);
	}
}

static uint16_t send(struct card *card, struct slice command)
{
	uint8_t mem[APDU_RESPONSE_MAX];
	struct wbuf out = wbuf_init(mem, sizeof(mem));

	MUST(card_transmit(card, command, &out) == ERR_OK && out.len >= 2);
	return (uint16_t)(mem[out.len - 2] << 8 | mem[out.len - 1]);
}

static void select_usim(struct card *card)
{
	static const uint8_t select[] = {0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 0, 0x87, 0x10, 2};

	MUST(card_reset(card).len > 0);
	MUST(send(card, SLICE_OF(select)) == SW_OK);
}

/* The length that 61xx announces tells RES from AUTS. */
static bool accepts(struct card *card, unsigned n)
{
	uint8_t command[5 + 34];
	struct wbuf w = wbuf_init(command, sizeof(command));
	uint16_t sw;

	wbuf_uint(&w, 0x0088008122, 5);
	wbuf_u8(&w, 16);
	wbuf_put(&w, SLICE_OF(it.vectors[n].rand));
	wbuf_u8(&w, 16);
	wbuf_put(&w, SLICE_OF(it.vectors[n].autn));
	sw = send(card, wbuf_slice(&w));
	CHECK(sw >> 8 == 0x61, "an answer of AUTHENTICATE");
	return (sw & 0xFF) > 2 + AKA_AUTS_LEN;
}

static struct card *must_open(bool sync, const char *anchor)
{
	struct card_options o = {.dir = it.dir, .sync = sync, .anchor = anchor};
	struct card *card = NULL;

	CHECK(card_open(&o, &card) == ERR_OK, "the card opens");
	select_usim(card);
	return card;
}

/* Whole, or refused with a reason. */
static void judge(const char *anchor)
{
	static unsigned turn;
	struct card_options o = {.dir = it.dir, .sync = turn++ % 2, .anchor = anchor};
	struct card *card = NULL;
	enum err e = card_open(&o, &card);

	if (e) {
		CHECK(e == ERR_CORRUPT || e == ERR_VERSION, "why it is refused");
		CHECK(e == ERR_VERSION || strlen(trouble_text()) > 20, "it says why");
		counts.found++;
		return;
	}
	select_usim(card);
	for (unsigned n = 0; n < it.next; n++)
		CHECK(!it.accepted[n] || !accepts(card, n), "no AUTN is accepted twice");
	counts.survived++;
	card_close(&card);
}

static void make_vectors(void)
{
	static const uint8_t amf[2] = {0x80, 0};

	for (unsigned n = 0; n < VECTORS; n++) {
		uint8_t rand[16];

		MUST(sqn_next(it.sqn, SQN_IND_BITS, &it.sqn) == ERR_OK);
		MUST(random_bytes(rand, sizeof(rand)) == ERR_OK);
		MUST(aka_auc_vector(it.key, rand, it.sqn, amf, &it.vectors[n]) == ERR_OK);
	}
}

/* So much is written, and then deleted, that the journal is made anew. */
static void force_rewrite(void)
{
	static const uint8_t bulk[BULK_LEN];
	struct store_options o = {.dir = it.dir, .anchor = it.path[ANCHOR]};
	struct store *s = NULL;

	MUST(store_open_with(&o, &s) == ERR_OK);
	for (unsigned i = 0; i <= 4; i++) {
		struct store_txn *t = store_begin(s);

		if (i < 4)
			store_put(t, "bulk", SLICE_OF(bulk));
		else
			store_delete(t, "bulk");
		MUST(store_commit(t) == ERR_OK);
	}
	store_close(&s);
}

static void make_card(void)
{
	/* TS 35.208 test set 1: published test keys */
	static const char sim_text[] = "imsi = 001010123456789\niccid = 89000123456789012341\n"
				       "k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
				       "opc = cd63cb71954a9f4e48a5994e37a02baf\n";
	struct card_identity id = {.eid = {0x89, 0x04, 0x90, 0x32}};
	struct card_options o = {.dir = it.dir, .anchor = it.path[ANCHOR]};
	struct simfile_error error;
	struct simfile *sim = NULL;
	struct store *s = NULL;
	struct card *card;

	MUST(card_create(&o, &id) == ERR_OK);
	MUST(simfile_parse(slice_str(sim_text), &sim, &error) == ERR_OK);
	MUST(store_open(it.dir, 0, &s) == ERR_OK);
	MUST(sim_install(s, sim) == ERR_OK);
	store_close(&s);
	simfile_free(&sim);
	card = must_open(false, it.path[ANCHOR]);
	card_close(&card);
}

static void make_history(void)
{
	take_copy(&it.copies[0]);
	for (unsigned i = 1; i <= STEPS; i++) {
		struct card *card = must_open(i % 2, it.path[ANCHOR]);

		CHECK(accepts(card, it.next), "a fresh AUTN is accepted");
		it.accepted[it.next++] = true;
		card_close(&card);
		if (i == REWRITTEN_AT)
			force_rewrite();
		take_copy(&it.copies[i]);
	}
}

static bool left_out(size_t at, size_t len)
{
	return cards == 1 && at % THIN && at + THICK < len;
}

static void cut_everywhere(void)
{
	const struct copy *last = &it.copies[STEPS];
	size_t len = last->file[JOURNAL].len;
	unsigned survived;

	for (size_t n = 0; n <= len; n++) {
		if (left_out(n, len))
			continue;
		survived = counts.survived;
		snprintf(current, sizeof(current), "cut to %zu of %zu octets", n, len);
		put_copy(last);
		put_file(JOURNAL, slice_sub(wbuf_slice(&last->file[JOURNAL]), 0, n));
		judge(NULL);
		CHECK((n == len) == (counts.survived > survived), "a cut is found");
		counts.cuts++;
	}
}

/* One bit in each octet of the journal and of its head. */
static void change_everywhere(void)
{
	const struct copy *last = &it.copies[STEPS];

	for (int f = JOURNAL; f <= HEAD; f++) {
		struct wbuf changed = wbuf_grow(FILE_CAP);

		wbuf_put(&changed, wbuf_slice(&last->file[f]));
		for (size_t n = 0; n < changed.len; n++) {
			uint8_t kept = changed.ptr[n];
			unsigned survived = counts.survived;

			if (left_out(n, changed.len))
				continue;
			snprintf(current, sizeof(current), "a bit of octet %zu of %s", n,
				 it.path[f]);
			changed.ptr[n] ^= (uint8_t)(1u << number(8));
			put_copy(last);
			put_file((enum state_file)f, wbuf_slice(&changed));
			changed.ptr[n] = kept;
			judge(NULL);
			CHECK(f == HEAD || survived == counts.survived, "a changed bit is found");
			counts.changes++;
		}
		wbuf_free(&changed);
	}
}

struct record {
	size_t at, len;
};

static unsigned find_records(struct slice journal, struct record *out, unsigned max)
{
	unsigned n = 0;
	size_t at = JOURNAL_HEAD;

	while (at < journal.len) {
		struct cursor c = cursor_of(slice_sub(journal, at, 4));

		MUST(n < max);
		out[n].at = at;
		out[n].len = RECORD_START + cursor_u32(&c);
		at += out[n++].len;
	}
	MUST(at == journal.len);
	return n;
}

static void put_records(struct slice journal, const struct record *r, const unsigned *order,
			unsigned n)
{
	struct wbuf w = wbuf_grow(FILE_CAP);

	wbuf_put(&w, slice_sub(journal, 0, JOURNAL_HEAD));
	for (unsigned i = 0; i < n; i++)
		wbuf_put(&w, slice_sub(journal, r[order[i]].at, r[order[i]].len));
	put_file(JOURNAL, wbuf_slice(&w));
	wbuf_free(&w);
}

static void moved(struct slice journal, const struct record *r, const unsigned *order, unsigned n)
{
	unsigned survived = counts.survived;

	for (int head = 0; head < 2; head++) { /* with the newest head, and with the one before */
		put_copy(&it.copies[STEPS]);
		if (head)
			put_file(HEAD, wbuf_slice(&it.copies[STEPS - 1].file[HEAD]));
		put_records(journal, r, order, n);
		judge(NULL);
		counts.moves++;
	}
	CHECK(survived == counts.survived, "records in another order are found");
}

static void move_records(void)
{
	struct slice journal = wbuf_slice(&it.copies[STEPS].file[JOURNAL]);
	static struct record r[512];
	static unsigned order[513];
	unsigned n = find_records(journal, r, 512);

	for (unsigned at = 0; at < n; at++) {
		unsigned k = 0;

		if (left_out(r[at].at, journal.len) && at)
			continue;
		snprintf(current, sizeof(current), "record %u of %u", at, n);
		for (unsigned i = 0; i < n; i++) { /* taken out; the last one is a cut */
			if (i != at)
				order[k++] = i;
		}
		if (at + 1 < n)
			moved(journal, r, order, n - 1);
		for (unsigned i = 0; i <= n; i++) /* doubled */
			order[i] = i <= at ? i : i - 1;
		moved(journal, r, order, n + 1);
		for (unsigned i = 0; i < n; i++) /* swapped with the next */
			order[i] = i == at && i + 1 < n ? i + 1 : i == at + 1 ? at : i;
		if (at + 1 < n)
			moved(journal, r, order, n);
	}
}

/* Every older journal with every older head: beside the newest anchor all are found; without it,
 * all but those that fit each other, which is an older copy of the whole folder. */
static void restore_copies(void)
{
	for (unsigned j = 0; j <= STEPS; j++) {
		for (unsigned h = 0; h <= STEPS; h++) {
			bool newest = j == STEPS;
			unsigned survived = counts.survived;

			snprintf(current, sizeof(current), "journal %u, head %u of %d", j, h,
				 STEPS);
			for (int anchored = 0; anchored < 2; anchored++) {
				put_copy(&it.copies[STEPS]);
				put_file(JOURNAL, wbuf_slice(&it.copies[j].file[JOURNAL]));
				put_file(HEAD, wbuf_slice(&it.copies[h].file[HEAD]));
				if (!anchored && !newest && j >= h)
					continue;
				judge(anchored ? it.path[ANCHOR] : NULL);
				counts.copies++;
				CHECK(newest || survived == counts.survived, "a copy is found");
			}
		}
		snprintf(current, sizeof(current), "anchor %u of %d", j, STEPS);
		put_copy(&it.copies[STEPS]);
		put_file(ANCHOR, wbuf_slice(&it.copies[j].file[ANCHOR]));
		judge(it.path[ANCHOR]);
		counts.copies++;
	}
	snprintf(current, sizeof(current), "without a head");
	put_copy(&it.copies[STEPS]);
	MUST(unlink(it.path[HEAD]) == 0);
	judge(NULL);
	counts.copies++;
}

/* A process that authenticates as fast as it can, and tells each success. */
static void work(bool sync, int fd)
{
	struct card *card = must_open(sync, it.path[ANCHOR]);

	for (unsigned n = it.next; n < VECTORS; n++) {
		if (!accepts(card, n) || write(fd, "", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void kill_one(bool sync)
{
	struct timespec pause = {.tv_nsec = (long)(number(KILL_MAX_US) + KILL_MIN_US) * 1000};
	uint8_t told[256];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	MUST(pipe(fds) == 0);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0)
		work(sync, fds[1]);
	close(fds[1]);
	nanosleep(&pause, NULL);
	kill(pid, SIGKILL);
	MUST(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status), "it was killed at work");
	while ((n = read(fds[0], told, sizeof(told))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			it.accepted[it.next++] = true;
	}
	close(fds[0]);
	it.next++; /* one more may have been accepted, and not told */
}

static void kill_often(void)
{
	put_copy(&it.copies[STEPS]);
	for (unsigned i = 0; i < KILLS && it.next + VECTORS / 8 < VECTORS; i++) {
		unsigned found = counts.found;

		snprintf(current, sizeof(current), "kill %u", i);
		kill_one(i % 2);
		judge(it.path[ANCHOR]);
		CHECK(found == counts.found, "a card that was killed is whole");
		counts.kills++;
	}
}

static void start(void)
{
	static const uint8_t k[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f,
				      0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc};
	static const uint8_t opc[16] = {0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e,
					0x48, 0xa5, 0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf};
	static const char *const names[STATE_FILES] = {"journal", "head", "anchor"};

	MUST(aka_key_new(AKA_MILENAGE, SLICE_OF(k), SLICE_OF(opc), &it.key) == ERR_OK);
	scratch_make(NULL, "journals", it.dir, sizeof(it.dir));
	for (int f = 0; f < STATE_FILES; f++) /* the anchor is outside of the card's folder */
		MUST((size_t)snprintf(it.path[f], sizeof(it.path[f]), "%s%s%s", it.dir,
				      f == ANCHOR ? "-" : "/", names[f]) < sizeof(it.path[f]));
}

static void finish(void)
{
	file_remove_tree(it.dir);
	unlink(it.path[ANCHOR]);
	aka_key_free(&it.key);
	for (unsigned i = 0; i <= STEPS; i++) {
		for (int f = 0; f < STATE_FILES; f++)
			wbuf_free(&it.copies[i].file[f]);
	}
	memset(&it, 0, sizeof(it));
}

int main(int argc, char **argv)
{
	uint64_t first;

	cards = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
	first = seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	for (unsigned i = 0; i < cards; i++) {
		start();
		make_vectors();
		make_card();
		make_history();
		cut_everywhere();
		change_everywhere();
		move_records();
		restore_copies();
		kill_often();
		finish();
	}
	printf("broken-journals: seed %" PRIu64 ", %u cards: %u cuts, %u changed bits, %u records "
	       "moved, %u older copies, %u kills: %u found, %u survived, none silent, no AUTN "
	       "accepted twice\n",
	       first, cards, counts.cuts, counts.changes, counts.moves, counts.copies, counts.kills,
	       counts.found, counts.survived);
	return 0;
}
