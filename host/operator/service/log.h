/*
 * log: what a server does, as entries of fields: for journald (its own protocol, with the fields),
 * a file or standard error, as lines of text or of JSON.
 *
 * An entry that cannot be written is counted, and ends nothing; none is waited for. Nobody gives it
 * a secret. Any thread may write.
 */
#ifndef TWINKEY_OPERATOR_SERVICE_LOG_H
#define TWINKEY_OPERATOR_SERVICE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#include <stddef.h>

/* By weight; the numbers are syslog's. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};
/* "error", "warning", "info", "debug"; ERR_VALUE: it is none of these. */
enum err log_level_parse(const char *name, enum log_level *out) MUST_CHECK;

enum log_form { LOG_FORM_TEXT, LOG_FORM_JSON };

/* A name is of lower case letters and "_": journald gets it as TWINKEY_NAME. */
struct log_field {
	const char *name;
	const char *text; /* any octets; NULL: number is it */
	int64_t number;
};

struct service_log;

#define SERVICE_LOG_JOURNAL	   "journal"
#define SERVICE_LOG_STDERR	   "stderr"
#define SERVICE_LOG_JOURNAL_SOCKET "/run/systemd/journal/socket"

struct service_log_place {
	const char *to;	     /* "journal", "stderr" or a file (made with mode 0640, appended to) */
	const char *journal; /* its socket; NULL: SERVICE_LOG_JOURNAL_SOCKET */
	const char *program;
	enum log_form form; /* of files and standard error */
	enum log_level level;
};
/* Strings are borrowed. ERR_NO_FILE: what stands there is neither file nor device; ERR_NOT_FOUND:
 * no such folder, no journald; ERR_PERMISSION ... */
enum err service_log_open(const struct service_log_place *place,
			  struct service_log **out) MUST_CHECK;
/* The file anew, for who has moved it away. On an error the one from before stays. */
enum err service_log_reopen(struct service_log *l) MUST_CHECK;
/* NULL is allowed in these. */
bool service_log_takes(const struct service_log *l, enum log_level level);
void service_log_put(struct service_log *l, enum log_level level, const char *message,
		     const struct log_field *fields, size_t n);
/* How many entries did not get through. */
uint64_t service_log_lost(struct service_log *l);
void service_log_close(struct service_log **l);

#endif
