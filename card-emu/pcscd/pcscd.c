#include "card-emu/pcscd/pcscd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "card-emu/pcscd/build.h"
#include "card-emu/pcscd/keeper.h"
#include "lib/base/bytes.h"
#include "tool/pcsc/lookout.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

#define SOCKET_VARIABLE "PCSCLITE_CSOCK_NAME"
#define DRIVER		"twinkey-ifd.so"
#define FRIENDLY	"Virtual PCD" /* the name that people know virtual readers by */
#define FRIENDLY_CAP	48
#define NUMBERS_LEN	6 /* " 00 00", which pcscd adds */
#define WAIT_MS		15000
#define STEP_MS		500
#define LOG_MAX		65536
#define WORD_MAX	256

struct seat {
	int listener;
	char reader[READER_NAME_MAX];
};

struct pcscd {
	struct pcscd_options options;
	struct pcscd_build build;
	struct keeper keeper;
	bool kept;
	char folder[PATH_CAP];
	int log;
	size_t count;
	struct seat *seats;
};

/* The driver is beside the program where it was built, and below lib where it is installed. */
static enum err find_driver(char path[static PATH_CAP])
{
	static const char *const places[] = {"", "../lib/twinkey/", "../lib64/twinkey/"};
	char own[PATH_CAP];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *end;

	if (n <= 0)
		return trouble_set(ERR_NOT_FOUND, "/proc is not mounted: mount it");
	own[n] = 0;
	end = strrchr(own, '/');
	end[1] = 0;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char try[PATH_CAP];

		if (snprintf(try, sizeof(try), "%s%s" DRIVER, own, places[i]) < (int)sizeof(try) &&
		    access(try, R_OK) == 0 && realpath(try, path))
			return ERR_OK;
	}
	return trouble_set(ERR_NOT_FOUND,
			   "the reader's driver " DRIVER
			   " is neither in %s nor in %s../lib/twinkey: "
			   "install twinkey-card anew",
			   own, own);
}

static enum err listen_in(const struct pcscd *p, const char *name, struct sockaddr_un *at, int *fd)
{
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (snprintf(at->sun_path, sizeof(at->sun_path), "%s/%s", p->folder, name) >=
	    (int)sizeof(at->sun_path))
		return ERR_LONG_NAME;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return errno_err(errno);
	if (bind(*fd, (struct sockaddr *)at, sizeof(*at)) || listen(*fd, SOMAXCONN)) {
		close(*fd);
		*fd = -1;
		return errno_err(errno);
	}
	return ERR_OK;
}

static void friendly_name(size_t card, char out[static FRIENDLY_CAP])
{
	if (card)
		snprintf(out, FRIENDLY_CAP, FRIENDLY " %zu", card + 1);
	else
		snprintf(out, FRIENDLY_CAP, FRIENDLY);
}

/* A card's socket, and the words of the configuration for its reader. */
static enum err make_seat(struct pcscd *p, size_t i, FILE *conf)
{
	char name[FRIENDLY_CAP];
	struct sockaddr_un at;
	enum err e;

	snprintf(name, sizeof(name), "card-%zu", i + 1);
	e = listen_in(p, name, &at, &p->seats[i].listener);
	if (e)
		return e;
	fcntl(p->seats[i].listener, F_SETFL, O_NONBLOCK);
	friendly_name(i, name);
	fprintf(conf,
		"FRIENDLYNAME \"%s\"\nDEVICENAME %s\nLIBPATH %s/" DRIVER "\nCHANNELID %zu\n\n",
		name, at.sun_path, p->folder, i + 1);
	return ERR_OK;
}

static enum err make_seats(struct pcscd *p)
{
	char path[PATH_CAP], driver[PATH_CAP];
	FILE *conf;
	enum err e = find_driver(driver);

	if (!e)
		e = path_join(p->folder, DRIVER, path, sizeof(path));
	if (!e && symlink(driver, path))
		e = errno_err(errno);
	if (!e)
		e = path_join(p->folder, "reader.conf", path, sizeof(path));
	if (e)
		return e;
	conf = fopen(path, "we");
	if (!conf)
		return errno_err(errno);
	for (size_t i = 0; i < p->count && !e; i++)
		e = make_seat(p, i, conf);
	if (fclose(conf) && !e)
		e = errno_err(errno);
	return e;
}

/* Where its last word is found, when nobody wants more of it. */
static enum err make_log(struct pcscd *p)
{
	char path[PATH_CAP];
	enum err e = path_join(p->folder, "log", path, sizeof(path));

	if (e)
		return e;
	p->log = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return p->log < 0 ? errno_err(errno) : ERR_OK;
}

static enum err launch(struct pcscd *p)
{
	char conf[PATH_CAP];
	const char *argv[] = {"pcscd", "--foreground", "--config", conf, NULL, NULL, NULL};
	struct keeper_task task = {
		.program = p->build.path, .argv = argv, .log = p->log, .folder = p->folder};
	size_t n = 4;
	struct sockaddr_un at;
	enum err e = path_join(p->folder, "reader.conf", conf, sizeof(conf));

	if (p->options.log)
		argv[n++] = "--info";
	if (p->build.polkit_switch)
		argv[n++] = "--disable-polkit"; /* the folder lets nobody else in */
	if (!e)
		e = listen_in(p, "pcscd.comm", &at, &task.socket);
	if (e)
		return e;
	e = keeper_start(&task, &p->keeper);
	close(task.socket);
	p->kept = !e;
	if (!e && setenv(SOCKET_VARIABLE, at.sun_path, 1))
		e = ERR_MEMORY;
	return e;
}

/* No signal ends this process before there is a keeper, who removes the folder. */
static enum err begin_kept(struct pcscd *p)
{
	sigset_t all, before;
	enum err e;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	e = folder_make_short(p->folder);
	if (!e)
		e = make_seats(p);
	if (!e && p->log < 0)
		e = make_log(p);
	if (!e)
		e = launch(p);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return e;
}

static enum err set_up(struct pcscd *p)
{
	enum err e = pcscd_build_find(&p->build);

	if (!e && p->count > p->build.readers_max)
		e = trouble_set(ERR_FULL, "%s has %u reader%s at most, and these are %zu cards",
				p->build.path, p->build.readers_max,
				p->build.readers_max == 1 ? "" : "s", p->count);
	if (!e && p->options.log) /* it may be a FIFO, whose reader is waited for */
		e = file_start(p->options.log, false, p->options.cancel, &p->log);
	return e ? e : begin_kept(p);
}

enum err pcscd_start(const struct pcscd_options *o, struct pcscd **out)
{
	struct pcscd *p = calloc(1, sizeof(*p));
	enum err e;

	trouble_forget();
	if (!p)
		return ERR_MEMORY;
	p->options = *o;
	p->log = -1;
	p->seats = calloc(o->cards, sizeof(*p->seats));
	p->count = p->seats ? o->cards : 0;
	for (size_t i = 0; i < p->count; i++)
		p->seats[i].listener = -1;
	e = p->seats ? set_up(p) : ERR_MEMORY;
	if (e)
		(void)!pcscd_end(&p);
	else
		*out = p;
	return e;
}

int pcscd_listener(const struct pcscd *p, size_t card)
{
	return p->seats[card].listener;
}

const char *pcscd_reader(const struct pcscd *p, size_t card)
{
	return p->seats[card].reader;
}

/* The reader of a card by its friendly name, to which pcscd has added two numbers. */
static const struct reader *named_reader(const struct reader_list *l, size_t card)
{
	char name[FRIENDLY_CAP];
	size_t n;

	friendly_name(card, name);
	n = strlen(name);
	for (size_t i = 0; i < l->count; i++) {
		const char *have = l->items[i].name;

		if (strncmp(have, name, n) == 0 && strlen(have) == n + NUMBERS_LEN)
			return &l->items[i];
	}
	return NULL;
}

static bool all_shown(struct pcscd *p, const struct reader_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct reader *r = named_reader(l, i);

		if (r && r->state == READER_CARD) {
			snprintf(p->seats[i].reader, sizeof(p->seats[i].reader), "%s", r->name);
			n++;
		}
	}
	return n == p->count;
}

/* The last line that is not empty of what pcscd said, out of the folder. */
static void find_last_word(const struct pcscd *p, char *out, size_t cap)
{
	struct wbuf w = wbuf_grow(LOG_MAX);
	char *text = calloc(1, LOG_MAX + 1), *save = NULL;

	snprintf(out, cap, "it said nothing");
	if (text && lseek(p->log, 0, SEEK_SET) == 0 && file_read_fd(p->log, &w) == ERR_OK &&
	    slice_text(wbuf_slice(&w), text, LOG_MAX + 1) == ERR_OK) {
		for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
			snprintf(out, cap, "%s", l);
	}
	free(text);
	wbuf_free(&w);
}

static enum err say_ended(const struct pcscd *p)
{
	char word[WORD_MAX];

	if (p->options.log)
		return trouble_set(ERR_SERVICE_LOST, "pcscd ended before it had the cards: see %s",
				   p->options.log);
	find_last_word(p, word, sizeof(word));
	return trouble_set(ERR_SERVICE_LOST, "pcscd ended before it had the cards: %s", word);
}

/* Somebody killed it, or it crashed, of which it says nothing. */
static enum err say_lost(const struct pcscd *p)
{
	return trouble_set(ERR_SERVICE_LOST,
			   "pcscd ended while the command ran, which found no "
			   "reader from then on%s%s",
			   p->options.log ? ": see " : "", p->options.log ? p->options.log : "");
}

enum err pcscd_wait(struct pcscd *p)
{
	int64_t end = wait_now_ms() + WAIT_MS;
	const struct reader_list *list;
	struct lookout *l = NULL;
	enum err e = lookout_open(p->options.cancel, &l);

	while (!e) {
		e = lookout_read(l, &list);
		if (e || all_shown(p, list))
			break;
		e = wait_now_ms() > end ? ERR_TIMEOUT : lookout_wait(l, STEP_MS);
	}
	lookout_close(&l);
	if (e == ERR_TIMEOUT)
		return trouble_set(e, "pcscd does not show all of the cards after %d s",
				   WAIT_MS / 1000);
	return !e || e == ERR_CANCELLED || e == ERR_MEMORY ? e : say_ended(p);
}

enum err pcscd_end(struct pcscd **p)
{
	struct pcscd *mine = *p;
	enum err e = ERR_OK;

	*p = NULL;
	if (!mine)
		return ERR_OK;
	if (mine->kept && keeper_end(&mine->keeper))
		e = say_lost(mine);
	if (*mine->folder) /* the keeper may have been killed */
		file_remove_tree(mine->folder);
	for (size_t i = 0; i < mine->count; i++) {
		if (mine->seats[i].listener >= 0)
			close(mine->seats[i].listener);
	}
	if (mine->log >= 0)
		close(mine->log);
	free(mine->seats);
	free(mine);
	return e;
}
