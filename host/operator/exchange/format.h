/*
 * format: the files of other programs, one reader and one writer each (docs/adr/0064). What a
 * format's reader or writer does with a list it notes in the list: a fault says that nothing of it
 * may be used.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_FORMAT_H
#define TWINKEY_OPERATOR_EXCHANGE_FORMAT_H

#include "lib/base/bytes.h"

struct exchange_list;

struct exchange_input {
	const char *path;  /* as it was named; "-": standard input */
	struct slice text; /* all of it; of an SQLite database its beginning */
};

struct exchange_wish {
	bool with_keys; /* CSV alone may be without */
};

struct exchange_format {
	const char *name, *title; /* "open5gs", "Open5GS" */
	/* What a line, document or row is called. */
	const char *place;
	bool is_text;		/* false: an SQLite database */
	bool needs_keys;	/* a file without them would be none */
	bool has_one_key;	/* of two subscriptions one goes there */
	bool has_tuak, has_xor; /* else MILENAGE alone */
	bool wants_next;	/* it keeps the next number where we keep the last one */
	/* Whether it looks like one of these. */
	bool (*is_it)(const struct exchange_input *in);
	/* Appends to out. ERR_OK, also with faults; ERR_MEMORY, ERR_IO, ERR_CORRUPT: it is none. */
	enum err (*read)(const struct exchange_input *in, struct exchange_list *out);
	/* All of l, whose first halves are what goes there. Appends the file to out. Something may
	 * be noted as a fault. */
	enum err (*write)(struct exchange_list *l, const struct exchange_wish *wish,
			  struct wbuf *out);
};

/* An SQLite database begins with these 16 octets. */
#define EXCHANGE_SQLITE_MAGIC "SQLite format 3"

extern const struct exchange_format exchange_osmo_hlr, exchange_open5gs, exchange_free5gc,
	exchange_pyhss, exchange_pyhss_sqlite, exchange_csv;

#endif
