#include "host/operator/service/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/service/journald.h"
#include "lib/base/bytes.h"
#include "tool/cli/json.h"
#include "tool/cli/text.h"
#include "tool/sys/errno.h"

#define ENTRY_MAX (16u * 1024)
#define FILE_MODE 0640

struct service_log {
	struct service_log_place place;
	pthread_mutex_t lock;
	int fd; /* file, standard error or journald's socket */
	bool is_journal, own;
	uint64_t lost;
};

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {{"error", LOG_LEVEL_ERROR},
	      {"warning", LOG_LEVEL_WARNING},
	      {"info", LOG_LEVEL_INFO},
	      {"debug", LOG_LEVEL_DEBUG}};

enum err log_level_parse(const char *name, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (strcmp(levels[i].name, name) == 0) {
			*out = levels[i].level;
			return ERR_OK;
		}
	return ERR_VALUE;
}

static const char *level_name(enum log_level level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (levels[i].level == level)
			return levels[i].name;
	return "";
}

/* A pipe without a reader would keep who opens it waiting. */
static enum err open_log_file(const char *path, int *fd)
{
	struct stat st;
	int f = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
		     FILE_MODE);

	if (f < 0)
		return errno == ENXIO ? ERR_NO_FILE : errno_err(errno);
	if (fstat(f, &st) || !(S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))) {
		close(f);
		return ERR_NO_FILE;
	}
	*fd = f;
	return ERR_OK;
}

enum err service_log_open(const struct service_log_place *place, struct service_log **out)
{
	struct service_log *l = calloc(1, sizeof(*l));
	enum err e = ERR_OK;

	if (!l)
		return ERR_MEMORY;
	l->place = *place;
	if (!l->place.journal)
		l->place.journal = SERVICE_LOG_JOURNAL_SOCKET;
	l->is_journal = strcmp(place->to, SERVICE_LOG_JOURNAL) == 0;
	l->own = strcmp(place->to, SERVICE_LOG_STDERR) != 0;
	l->fd = STDERR_FILENO;
	if (l->is_journal)
		e = journald_open(l->place.journal, &l->fd);
	else if (l->own)
		e = open_log_file(place->to, &l->fd);
	if (e) {
		free(l);
		return e;
	}
	pthread_mutex_init(&l->lock, NULL);
	*out = l;
	return ERR_OK;
}

enum err service_log_reopen(struct service_log *l)
{
	int fd = -1;
	enum err e;

	if (!l || l->is_journal || !l->own)
		return ERR_OK;
	e = open_log_file(l->place.to, &fd);
	if (e)
		return e;
	pthread_mutex_lock(&l->lock);
	close(l->fd);
	l->fd = fd;
	pthread_mutex_unlock(&l->lock);
	return ERR_OK;
}

bool service_log_takes(const struct service_log *l, enum log_level level)
{
	return l && level <= l->place.level;
}

static void put_moment(struct wbuf *w)
{
	struct timespec t;
	struct tm tm;
	char text[48] = "";
	size_t n;

	clock_gettime(CLOCK_REALTIME, &t);
	if (!gmtime_r(&t.tv_sec, &tm))
		return;
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03ldZ", t.tv_nsec / 1000000);
	wbuf_put(w, slice_str(text));
}

/* Values with blanks or quotes are in quotes; what would end the line or deceive its reader is "?".
 */
static void put_text_value(struct wbuf *w, const char *value)
{
	char clean[TEXT_LINE_MAX];
	bool quotes;

	text_line(slice_str(value), clean);
	quotes = !*clean || strpbrk(clean, " \"=\\");
	if (quotes)
		wbuf_u8(w, '"');
	for (const char *c = clean; *c; c++) {
		if (quotes && (*c == '"' || *c == '\\'))
			wbuf_u8(w, '\\');
		wbuf_u8(w, (uint8_t)*c);
	}
	if (quotes)
		wbuf_u8(w, '"');
}

struct log_entry_in {
	enum log_level level;
	const char *message;
	const struct log_field *fields;
	size_t n;
};

static void put_as_text(struct wbuf *w, const struct log_entry_in *e)
{
	char head[16], number[24], message[TEXT_LINE_MAX];

	put_moment(w);
	snprintf(head, sizeof(head), " %-7s ", level_name(e->level));
	wbuf_put(w, slice_str(head));
	wbuf_put(w, slice_str(text_line(slice_str(e->message), message)));
	for (size_t i = 0; i < e->n; i++) {
		wbuf_u8(w, ' ');
		wbuf_put(w, slice_str(e->fields[i].name));
		wbuf_u8(w, '=');
		snprintf(number, sizeof(number), "%" PRId64, e->fields[i].number);
		put_text_value(w, e->fields[i].text ? e->fields[i].text : number);
	}
	wbuf_u8(w, '\n');
}

static void put_as_json(struct wbuf *w, const struct log_entry_in *e)
{
	uint8_t octets[48];
	struct wbuf at = wbuf_init(octets, sizeof(octets));
	json_t *o = json_object();
	char *text;

	put_moment(&at);
	json_object_set_new(o, "time", json_text(wbuf_slice(&at)));
	json_object_set_new(o, "level", json_string(level_name(e->level)));
	json_object_set_new(o, "message", json_text(slice_str(e->message)));
	for (size_t i = 0; i < e->n; i++) {
		const struct log_field *f = &e->fields[i];

		json_object_set_new(o, f->name,
				    f->text ? json_text(slice_str(f->text))
					    : json_integer(f->number));
	}
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	wbuf_put(w, slice_str(text ? text : ""));
	if (text)
		wbuf_u8(w, '\n');
	free(text);
}

/* A journald that was started anew may have another socket at the same path. */
static bool send_to_journal(struct service_log *l, struct slice entry)
{
	int fd = -1;

	if (journald_send(l->fd, entry))
		return true;
	if (journald_open(l->place.journal, &fd))
		return false;
	close(l->fd);
	l->fd = fd;
	return journald_send(l->fd, entry);
}

/* One write an entry: lines of many do not mix. */
static bool send_entry(struct service_log *l, struct slice entry)
{
	struct pollfd p = {.fd = l->fd, .events = POLLOUT};

	if (!entry.len)
		return false;
	if (l->is_journal)
		return send_to_journal(l, entry);
	/* who reads standard error may have stopped reading */
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return false;
	return write(l->fd, entry.ptr, entry.len) == (ssize_t)entry.len;
}

static void put_for_journal(struct wbuf *w, const struct service_log *l,
			    const struct log_entry_in *e)
{
	char number[24], name[64];

	journald_put(w, "MESSAGE", e->message);
	snprintf(number, sizeof(number), "%d", (int)e->level);
	journald_put(w, "PRIORITY", number);
	journald_put(w, "SYSLOG_IDENTIFIER", l->place.program);
	for (size_t i = 0; i < e->n; i++) {
		size_t n = (size_t)snprintf(name, sizeof(name), "TWINKEY_%s", e->fields[i].name);

		for (size_t c = 0; c < n && c < sizeof(name); c++)
			if (name[c] >= 'a' && name[c] <= 'z')
				name[c] = (char)(name[c] - 'a' + 'A');
		snprintf(number, sizeof(number), "%" PRId64, e->fields[i].number);
		journald_put(w, name, e->fields[i].text ? e->fields[i].text : number);
	}
}

void service_log_put(struct service_log *l, enum log_level level, const char *message,
		     const struct log_field *fields, size_t n)
{
	const struct log_entry_in e = {level, message, fields, n};
	struct wbuf w;

	if (!service_log_takes(l, level))
		return;
	w = wbuf_grow(ENTRY_MAX);
	if (l->is_journal)
		put_for_journal(&w, l, &e);
	else if (l->place.form == LOG_FORM_JSON)
		put_as_json(&w, &e);
	else
		put_as_text(&w, &e);
	pthread_mutex_lock(&l->lock);
	if (wbuf_done(&w) || !send_entry(l, wbuf_slice(&w)))
		l->lost++;
	pthread_mutex_unlock(&l->lock);
	wbuf_free(&w);
}

uint64_t service_log_lost(struct service_log *l)
{
	uint64_t n;

	if (!l)
		return 0;
	pthread_mutex_lock(&l->lock);
	n = l->lost;
	pthread_mutex_unlock(&l->lock);
	return n;
}

void service_log_close(struct service_log **l)
{
	if (!*l)
		return;
	if ((*l)->own)
		close((*l)->fd);
	pthread_mutex_destroy(&(*l)->lock);
	free(*l);
	*l = NULL;
}
