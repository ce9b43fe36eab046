/*
 * The journal and its head: what is missing or changed is told, a process that dies at any write
 * loses nothing, the lock is on the state, an older folder is told by its anchor, and folders of
 * format 1 are brought up. tests/property/broken-journals.c tries every octet.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "card-emu/store/journal_report.h"
#include "card-emu/card.h"
#include "card-emu/store/head.h"
#include "card-emu/store/journal.h"
#include "card-emu/store/store.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/fault.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/folder.h"
#include "tool/sys/trouble.h"

#define FILE_CAP (1u << 20)

static struct store *must_open(const struct store_options *o)
{
	struct store *s = NULL;
	enum err e = store_open_with(o, &s);

	ASSERT_ERR(e, ERR_OK);
	if (e)
		fprintf(stderr, "%s\n", trouble_text());
	CU_ASSERT_FATAL(s != NULL);
	return s;
}

static enum err open_error(const char *dir, unsigned flags, const char *anchor)
{
	struct store_options o = {.dir = dir, .flags = flags, .anchor = anchor};
	struct store *s = NULL;
	enum err e = store_open_with(&o, &s);

	store_close(&s);
	return e;
}

static void put(struct store *s, const char *value)
{
	struct store_txn *t = store_begin(s);

	store_put(t, "k", slice_str(value));
	ASSERT_ERR(store_commit(t), ERR_OK);
	store_settle(s);
}

static bool holds(const struct store *s, const char *value)
{
	struct slice got;

	return store_get(s, "k", &got) && slice_is(got, value);
}

static const char *path_of(const char *dir, const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *p = path[turn++ % 4];

	CU_ASSERT_FATAL(path_join(dir, name, p, sizeof(path[0])) == ERR_OK);
	return p;
}

static struct wbuf load(const char *dir, const char *name)
{
	struct wbuf w = wbuf_grow(FILE_CAP);

	ASSERT_ERR(file_read(path_of(dir, name), NULL, &w), ERR_OK);
	return w;
}

static void save(const char *dir, const char *name, struct slice octets)
{
	ASSERT_ERR(file_write(path_of(dir, name), octets, 0600, NULL), ERR_OK);
}

/* A store of three commits: "1", "2", "3". The files after each. */
struct history {
	const char *dir, *anchor;
	struct wbuf journal[4], head[4], anchored[4];
};

static void history_make(struct history *h)
{
	static char anchor[256];
	struct store_options o = {.flags = STORE_CREATE, .anchor = anchor};
	struct store *s;

	h->dir = o.dir = test_dir();
	h->anchor = anchor;
	snprintf(anchor, sizeof(anchor), "%s", path_of(test_dir(), "anchor"));
	s = must_open(&o);
	for (unsigned i = 0; i < ARRAY_LEN(h->journal); i++) {
		char value[2] = {(char)('0' + i), 0};

		put(s, value);
		h->journal[i] = load(h->dir, "journal");
		h->head[i] = load(h->dir, "head");
		h->anchored[i] = wbuf_grow(FILE_CAP);
		ASSERT_ERR(file_read(anchor, NULL, &h->anchored[i]), ERR_OK);
	}
	store_close(&s);
}

static void history_put(const struct history *h, unsigned journal, unsigned head)
{
	save(h->dir, "journal", wbuf_slice(&h->journal[journal]));
	save(h->dir, "head", wbuf_slice(&h->head[head]));
}

static void history_free(struct history *h)
{
	for (unsigned i = 0; i < ARRAY_LEN(h->journal); i++) {
		wbuf_free(&h->journal[i]);
		wbuf_free(&h->head[i]);
		wbuf_free(&h->anchored[i]);
	}
}

static bool tells(const char *part)
{
	bool there = strstr(trouble_text(), part) != NULL;

	if (!there)
		fprintf(stderr, "no \"%s\" in: %s\n", part, trouble_text());
	return there;
}

/* What is wrong is said in words, the same with --sync and without, and the folder is left alone.
 */
static void damage(void)
{
	static const unsigned flags[] = {0, STORE_SYNC};
	struct history h;
	struct wbuf now;

	history_make(&h);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		history_put(&h, 1, 3);
		ASSERT_ERR(open_error(h.dir, flags[i], NULL), ERR_CORRUPT);
		CU_ASSERT(tells("'journal' is cut short: it ends at commit 2, and 4 was made"));
		CU_ASSERT(tells(flags[i] ? "run --recover, without --sync" : "run --recover"));
		ASSERT_ERR(open_error(h.dir, STORE_CREATE, NULL), ERR_EXISTS);
		now = load(h.dir, "journal");
		ASSERT_OCTETS(wbuf_slice(&now), wbuf_slice(&h.journal[1]), "left alone");
		wbuf_free(&now);
		history_put(&h, 3, 3);
		CU_ASSERT_EQUAL(unlink(path_of(h.dir, "head")), 0);
		ASSERT_ERR(open_error(h.dir, flags[i], NULL), ERR_CORRUPT);
		CU_ASSERT(tells("'head' is missing"));
		save(h.dir, "head", SLICE_OF("of another card"));
		ASSERT_ERR(open_error(h.dir, flags[i], NULL), ERR_CORRUPT);
		CU_ASSERT(tells("'head' is damaged, or of another card"));
		history_put(&h, 3, 3);
		now = load(h.dir, "journal");
		now.ptr[now.len - 1] ^= 1; /* the last record's tag */
		save(h.dir, "journal", wbuf_slice(&now));
		wbuf_free(&now);
		ASSERT_ERR(open_error(h.dir, flags[i], NULL), ERR_CORRUPT);
		CU_ASSERT(tells("cut short"));
	}
	history_free(&h);
}

/* A journal that is ahead of its head is taken, and the head follows. */
static void ahead(void)
{
	struct history h;
	struct store *s;

	history_make(&h);
	history_put(&h, 3, 1);
	s = must_open(&(struct store_options){.dir = h.dir});
	CU_ASSERT(holds(s, "3"));
	CU_ASSERT_EQUAL(store_report(s)->head, 2);
	CU_ASSERT_EQUAL(store_report(s)->number, 4);
	store_close(&s);
	save(h.dir, "journal", wbuf_slice(&h.journal[2]));
	ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_CORRUPT);
	history_free(&h);
}

/* A head of which one place is wiped tells of the record before: with a journal that is cut to that
 * one it is refused all the same. With the record itself it was the process that died. */
static void half_a_head(void)
{
	static const uint8_t junk[64] = {1, 2, 3};
	struct history h;

	history_make(&h);
	for (unsigned i = 0; i < 4; i++) { /* either place; wiped, or overwritten */
		struct wbuf head = wbuf_grow(FILE_CAP);
		size_t at = i % 2 ? 512 : 0;
		enum err whole, cut;

		wbuf_put(&head, wbuf_slice(&h.head[3]));
		memset(head.ptr + at, 0, 512);
		if (i >= 2)
			memcpy(head.ptr + at, junk, sizeof(junk));
		history_put(&h, 3, 3);
		save(h.dir, "head", wbuf_slice(&head));
		whole = open_error(h.dir, 0, NULL);
		history_put(&h, 2, 3);
		save(h.dir, "head", wbuf_slice(&head));
		cut = open_error(h.dir, 0, NULL);
		ASSERT_ERR(cut, ERR_CORRUPT);
		CU_ASSERT(whole == ERR_OK || tells("cut short"));
		wbuf_free(&head);
	}
	history_free(&h);
}

/* What is in front of the damage is taken when that is asked for, and it is said what is not. */
static void recover(void)
{
	struct history h;
	struct store *s;
	struct wbuf kept;

	history_make(&h);
	history_put(&h, 1, 3);
	s = must_open(&(struct store_options){.dir = h.dir, .flags = STORE_RECOVER});
	CU_ASSERT(holds(s, "1"));
	CU_ASSERT(store_report(s)->damaged);
	CU_ASSERT(tells("it ends at commit 2, and 4 was made. What was committed behind that is "
			"lost"));
	put(s, "new");
	store_close(&s);
	kept = load(h.dir, "journal.damaged");
	ASSERT_OCTETS(wbuf_slice(&kept), wbuf_slice(&h.journal[1]), "the damaged file");
	wbuf_free(&kept);
	s = must_open(&(struct store_options){.dir = h.dir});
	CU_ASSERT(holds(s, "new"));
	CU_ASSERT(store_report(s)->number > 4); /* numbers go on above those that were used */
	CU_ASSERT_STRING_EQUAL(trouble_text(), "");
	store_close(&s);
	save(h.dir, "journal", wbuf_slice(&h.journal[3])); /* the lost one does not come back */
	ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_CORRUPT);
	CU_ASSERT(tells("'journal' is an older copy"));
	history_free(&h);
}

/* An older copy of the whole folder opens; beside its anchor it does not. */
static void anchors(void)
{
	struct history h;
	struct store *s;

	history_make(&h);
	history_put(&h, 1, 1);
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_CORRUPT);
	CU_ASSERT(tells("the folder is older than its anchor"));
	ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_OK);
	history_put(&h, 3, 3);
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_OK);
	ASSERT_ERR(open_error(h.dir, 0, path_of(h.dir, "nothing")), ERR_NOT_FOUND);
	CU_ASSERT(tells("is not there"));
	/* used without it, and then with it again */
	s = must_open(&(struct store_options){.dir = h.dir});
	put(s, "4");
	store_close(&s);
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_OK);
	ASSERT_ERR(file_write(h.anchor, wbuf_slice(&h.head[3]), 0600, NULL), ERR_OK);
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_CORRUPT); /* no head is an anchor */
	CU_ASSERT(tells("the anchor is damaged, or of another card"));
	history_free(&h);
	/* begun when the folder is there already */
	history_make(&h);
	CU_ASSERT_EQUAL(unlink(h.anchor), 0);
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_NOT_FOUND);
	ASSERT_ERR(open_error(h.dir, STORE_RECOVER, h.anchor), ERR_OK);
	CU_ASSERT_STRING_EQUAL(trouble_text(), "");
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_OK);
	history_put(&h, 3, 3);
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_CORRUPT);
	history_free(&h);
}

static const char *const words[2] = {"old", "new"};

/* One commit with the power cut at the n-th call, within a write behind so many octets; full: the
 * commit makes the journal anew. False: nothing was struck. */
static bool cut_commit(const struct store_options *o, unsigned nth, size_t octets, bool full)
{
	static uint8_t bulk[STORE_VALUE_MAX];
	struct store *s = must_open(o);
	struct store_txn *t;
	bool struck;
	enum err e;

	put(s, words[0]);
	for (unsigned i = 0; full && i < 4; i++) {
		t = store_begin(s);
		store_put(t, "bulk", SLICE_OF(bulk));
		ASSERT_ERR(store_commit(t), ERR_OK);
	}
	fault_arm(FAULT_DEATH, nth, octets);
	t = store_begin(s);
	store_put(t, "k", slice_str(words[1]));
	store_delete(t, "bulk");
	e = store_commit(t);
	struck = fault_disarm();
	store_close(&s);
	s = must_open(o);
	CU_ASSERT(holds(s, words[1]) || (e && holds(s, words[0])));
	store_close(&s);
	return struck;
}

/* A process that dies at any write, of the record, of its head, of the anchor, of a new journal:
 * the folder opens, with all that was committed. */
static void deaths(void)
{
	static const unsigned flags[] = {0, STORE_SYNC};
	struct history h;

	history_make(&h);
	for (size_t f = 0; f < ARRAY_LEN(flags); f++) {
		struct store_options o = {.dir = h.dir, .flags = flags[f], .anchor = h.anchor};

		for (unsigned nth = 1, go_on = 1; go_on; nth++) {
			go_on = false;
			for (size_t octets = 0; octets < 100; octets++)
				go_on |= cut_commit(&o, nth, octets, false);
			CU_ASSERT(nth < 9);
		}
		for (unsigned nth = 1, go_on = 1; go_on; nth++) {
			go_on = false;
			for (size_t octets = 0; octets < 100; octets += 24)
				go_on |= cut_commit(&o, nth, octets, true);
			CU_ASSERT(nth < 32);
		}
	}
	history_free(&h);
}

/* A folder of the time before there was a head is read once, and then has one. */
static void format_1(void)
{
	json_t *v = test_vectors("card-format-1");
	const char *dir = test_dir();
	struct wbuf authenticate = wbuf_grow(64), answer = wbuf_grow(258);
	struct slice old = test_hex(v, "journal"), eid;
	struct card_options o = {.dir = dir};
	struct card *card = NULL;
	struct store *s;

	save(dir, "storage.key", test_hex(v, "storageKey"));
	save(dir, "journal", old);
	s = must_open(&(struct store_options){.dir = dir});
	CU_ASSERT_EQUAL(store_report(s)->format, 1);
	CU_ASSERT(store_get(s, "euicc/eid", &eid));
	ASSERT_OCTETS(eid, test_hex(v, "eid"), "EID");
	store_close(&s);
	s = must_open(&(struct store_options){.dir = dir, .flags = STORE_SYNC});
	CU_ASSERT_EQUAL(store_report(s)->format, STORE_FORMAT);
	CU_ASSERT(store_report(s)->number > 0);
	store_close(&s);
	/* the last AUTN that it accepted then is refused: AUTS of 14 octets, and its tags */
	ASSERT_ERR(card_open(&o, &card), ERR_OK);
	CU_ASSERT_FATAL(card != NULL);
	card_reset(card);
	ASSERT_APDU(card, "00a4040c07a0000000871002", "9000");
	wbuf_uint(&authenticate, 0x0088008122, 5);
	wbuf_u8(&authenticate, 16);
	wbuf_put(&authenticate, test_hex(v, "rand"));
	wbuf_u8(&authenticate, 16);
	wbuf_put(&authenticate, test_hex(v, "autn"));
	ASSERT_ERR(card_transmit(card, wbuf_slice(&authenticate), &answer), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&answer), test_unhex("6110"), "AUTS");
	card_close(&card);
	/* put back after the head has moved on it is an older copy */
	s = must_open(&(struct store_options){.dir = dir});
	put(s, "x");
	store_close(&s);
	save(dir, "journal", old);
	ASSERT_ERR(open_error(dir, 0, NULL), ERR_CORRUPT);
	CU_ASSERT(tells("'journal' is a copy of the time before 'head' was made"));
	wbuf_free(&authenticate);
	wbuf_free(&answer);
	json_decref(v);
}

/* Bringing up is cut off at any call: it is begun again. */
static void format_1_cut(void)
{
	json_t *v = test_vectors("card-format-1");
	bool struck = true;

	for (unsigned nth = 1; struck; nth++) {
		const char *dir = test_dir();
		struct store_options o = {.dir = dir};
		struct slice eid;
		struct store *s = NULL;
		enum err e;

		save(dir, "storage.key", test_hex(v, "storageKey"));
		save(dir, "journal", test_hex(v, "journal"));
		fault_arm(FAULT_DEATH, nth, nth % 3 ? 10 : 1000);
		e = store_open_with(&o, &s);
		struck = fault_disarm();
		CU_ASSERT(struck || !e);
		store_close(&s);
		s = must_open(&o);
		CU_ASSERT(store_get(s, "euicc/eid", &eid));
		store_close(&s);
		nth += nth > 8 ? 6 : 0;
	}
	json_decref(v);
}

/* The lock goes with no file that is removed, replaced or renamed. */
static void locks(void)
{
	struct history h;
	struct store *s;
	char moved[256];

	history_make(&h);
	s = must_open(&(struct store_options){.dir = h.dir});
	CU_ASSERT_EQUAL(store_lock_holder(h.dir), (long)getpid());
	CU_ASSERT_EQUAL(unlink(path_of(h.dir, "lock")), 0);
	CU_ASSERT_EQUAL(store_lock_holder(h.dir), 0);
	ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_LOCKED);
	save(h.dir, "journal", wbuf_slice(&h.journal[3])); /* another file of the name */
	ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_LOCKED);
	snprintf(moved, sizeof(moved), "%s-moved", h.dir);
	CU_ASSERT_EQUAL(rename(h.dir, moved), 0);
	ASSERT_ERR(open_error(moved, 0, NULL), ERR_LOCKED);
	CU_ASSERT_EQUAL(rename(moved, h.dir), 0);
	store_close(&s);
	ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_OK);
	/* the journal itself, taken into another folder */
	s = must_open(&(struct store_options){.dir = h.dir});
	CU_ASSERT_EQUAL(mkdir(moved, 0700), 0);
	save(moved, "storage.key", SLICE_EMPTY);
	CU_ASSERT_EQUAL(rename(path_of(h.dir, "journal"), path_of(moved, "journal")), 0);
	ASSERT_ERR(open_error(moved, 0, NULL), ERR_CORRUPT); /* its key first */
	CU_ASSERT_EQUAL(rename(path_of(moved, "journal"), path_of(h.dir, "journal")), 0);
	store_close(&s);
	file_remove_tree(moved);
	history_free(&h);
}

static void make_socket(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	CU_ASSERT_FATAL(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path));
	CU_ASSERT(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	close(fd);
}

enum stand_in { SYMLINK, DANGLING, HARD_LINK, FIFO, SOCKET, FOLDER, STAND_INS };

static void put_stand_in(enum stand_in kind, const char *victim, const char *path)
{
	switch (kind) {
	case SYMLINK: CU_ASSERT_EQUAL(symlink(victim, path), 0); break;
	case DANGLING: CU_ASSERT_EQUAL(symlink("/nonexistent/file", path), 0); break;
	case HARD_LINK: CU_ASSERT_EQUAL(link(victim, path), 0); break;
	case FIFO: CU_ASSERT_EQUAL(mkfifo(path, 0600), 0); break;
	case SOCKET: make_socket(path); break;
	default: CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	}
}

/* Whatever else than a file of its own stands in the place of a file: refused, its target
 * untouched. */
static void stand_ins(void)
{
	static const char *const names[] = {"lock", "journal", "head", "storage.key"};
	const char *away = test_dir();
	struct history h;

	history_make(&h);
	for (size_t i = 0; i < ARRAY_LEN(names) * STAND_INS; i++) {
		const char *name = names[i / STAND_INS];
		const char *victim = path_of(away, "victim");
		struct wbuf kept = load(h.dir, name), now;

		ASSERT_ERR(file_write(victim, wbuf_slice(&kept), 0600, NULL), ERR_OK);
		CU_ASSERT_EQUAL(unlink(path_of(h.dir, name)), 0);
		put_stand_in((enum stand_in)(i % STAND_INS), victim, path_of(h.dir, name));
		ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_PERMISSION);
		CU_ASSERT(tells("permission denied: '"));
		CU_ASSERT(tells(name));
		now = load(away, "victim");
		ASSERT_OCTETS(wbuf_slice(&now), wbuf_slice(&kept), "the target");
		CU_ASSERT_EQUAL(remove(path_of(h.dir, name)), 0);
		save(h.dir, name, wbuf_slice(&kept));
		ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_OK);
		wbuf_free(&kept);
		wbuf_free(&now);
	}
	history_free(&h);
}

/* As ssh: what others can write to is refused, secrets that others can read, too. */
static void modes(void)
{
	static const struct {
		const char *name; /* NULL: the folder */
		mode_t mode;
		bool good;
	} rows[] = {
		{NULL, 0750, true},	      {NULL, 0755, true},
		{NULL, 0770, false},	      {NULL, 0702, false},
		{NULL, 01777, false},	      {"journal", 0640, false},
		{"journal", 0604, false},     {"journal", 0602, false},
		{"storage.key", 0440, false}, {"storage.key", 0604, false},
		{"head", 0644, true},	      {"head", 0664, false},
		{"lock", 0622, false},
	};
	struct history h;

	history_make(&h);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *path = rows[i].name ? path_of(h.dir, rows[i].name) : h.dir;

		CU_ASSERT_EQUAL(chmod(path, rows[i].mode), 0);
		ASSERT_ERR(open_error(h.dir, 0, NULL), rows[i].good ? ERR_OK : ERR_PERMISSION);
		CU_ASSERT(rows[i].good || tells("permission denied: others can "));
		CU_ASSERT((*folder_warning() != 0) == (!rows[i].name && rows[i].good));
		CU_ASSERT_EQUAL(chmod(path, rows[i].name ? 0600 : 0700), 0);
	}
	CU_ASSERT_EQUAL(chmod(h.anchor, 0622), 0);
	ASSERT_ERR(open_error(h.dir, 0, h.anchor), ERR_PERMISSION);
	history_free(&h);
}

/* Another user's folder or file: told so, not "there is none". Only root can give files away. */
static void owners(void)
{
	static const char *const names[] = {"journal", "storage.key", "head", "lock"};
	struct history h;

	history_make(&h);
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown(h.dir, 12345, (gid_t)-1), 0);
		ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_PERMISSION);
		CU_ASSERT(tells("belongs to another user (number 12345)"));
		CU_ASSERT_EQUAL(chown(h.dir, 0, (gid_t)-1), 0);
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			CU_ASSERT_EQUAL(chown(path_of(h.dir, names[i]), 12345, (gid_t)-1), 0);
			ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_PERMISSION);
			CU_ASSERT(tells(names[i]));
			CU_ASSERT_EQUAL(chown(path_of(h.dir, names[i]), 0, (gid_t)-1), 0);
		}
		CU_ASSERT_EQUAL(chown(h.dir, 12345, (gid_t)-1), 0);
		CU_ASSERT_FATAL(seteuid(54321) == 0);
	} else {
		CU_ASSERT_EQUAL(chmod(h.dir, 0), 0);
	}
	ASSERT_ERR(open_error(h.dir, 0, NULL), ERR_PERMISSION);
	CU_ASSERT(tells("is not for this user to open"));
	ASSERT_ERR(open_error(h.dir, STORE_CREATE, NULL), ERR_PERMISSION);
	if (getuid() == 0)
		CU_ASSERT_FATAL(seteuid(0) == 0);
	CU_ASSERT_EQUAL(chmod(h.dir, 0700), 0);
	history_free(&h);
}

/* In a folder that everybody can write to, everybody can put another one in its place; a sticky one
 * (as /tmp is) prevents it. */
static void above(void)
{
	const char *up = test_dir();
	const char *dir = path_of(up, "card");
	struct store *s = must_open(&(struct store_options){.dir = dir, .flags = STORE_CREATE});

	store_close(&s);
	CU_ASSERT_EQUAL(chmod(up, 0777), 0);
	ASSERT_ERR(open_error(dir, 0, NULL), ERR_PERMISSION);
	CU_ASSERT(tells("everybody can write to a folder above"));
	CU_ASSERT_EQUAL(chmod(up, 01777), 0);
	ASSERT_ERR(open_error(dir, 0, NULL), ERR_OK);
}

TEST_SUITE(journal, {"damage is told", damage}, {"a journal ahead of its head", ahead},
	   {"half a head", half_a_head}, {"recover", recover}, {"an anchor", anchors},
	   {"death at any write", deaths}, {"a folder of format 1", format_1},
	   {"brought up in pieces", format_1_cut}, {"the lock", locks},
	   {"what is no file", stand_ins}, {"modes", modes}, {"owners", owners},
	   {"folders above", above})
