/*
 * json: the documents of a file, one after the other: objects, each in a line of its own or parted
 * by nothing, lists of them, or lists behind lists. One document is in memory at a time.
 */
#ifndef TWINKEY_OPERATOR_EXCHANGE_JSON_H
#define TWINKEY_OPERATOR_EXCHANGE_JSON_H

#include <jansson.h>

#include "lib/base/bytes.h"

struct exchange_key;
struct exchange_list;
struct field;

/* Numbers documents from 1. What is no JSON is a fault of the list, and the end. */
struct exchange_document {
	struct exchange_list *list;
	unsigned number;
	json_t *value; /* an object */
};
typedef void exchange_each(void *ctx, const struct exchange_document *d);
enum err exchange_json_each(struct slice text, struct exchange_list *l, exchange_each *each,
			    void *ctx) MUST_CHECK;
/* The first one, owned; NULL: there is none. */
json_t *exchange_json_first(struct slice text);

/*
 * What is at a path of members ("security.k"), as a field: a string, a number, or either in the
 * forms of MongoDB ({"$numberLong": "1"}). Empty where there is none, or null; another form is a
 * fault. buffer: for the digits of a number.
 */
#define EXCHANGE_DIGITS_CAP 24
struct field exchange_json_field(const struct exchange_document *d, const char *path,
				 char buffer[static EXCHANGE_DIGITS_CAP]);
/* Borrowed; NULL: there is nothing, or null. */
json_t *exchange_json_at(const json_t *object, const char *path);

/* A document as one line, freed. Failure is sticky in out. */
void exchange_json_line(struct wbuf *out, json_t *document);
/* Octets as a string of hex digits. */
json_t *exchange_json_hex(const struct exchange_key *k);

#endif
