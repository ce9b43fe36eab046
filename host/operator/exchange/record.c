#include "host/operator/exchange/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

#define FIRST_CAP 16

struct slice exchange_key_slice(const struct exchange_key *k)
{
	return slice_make(k->octets, k->len);
}

void exchange_list_free(struct exchange_list *l)
{
	secret_block_free(l->records);
	free(l->notes);
	*l = (struct exchange_list){.place = l->place};
}

struct exchange_record *exchange_add(struct exchange_list *l, unsigned number)
{
	if (l->count == EXCHANGE_ROWS_MAX) {
		exchange_fault(l, 0, "",
			       "it has more than 250000 subscribers: import them in parts");
		return NULL;
	}
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : FIRST_CAP;
		struct exchange_record *moved =
			secret_block_resize(l->records, cap * sizeof(*l->records));

		if (!moved) {
			l->err = ERR_MEMORY;
			return NULL;
		}
		l->records = moved;
		l->cap = cap;
	}
	l->records[l->count] = (struct exchange_record){.number = number};
	return &l->records[l->count++];
}

static struct exchange_note *new_note(struct exchange_list *l)
{
	if (l->note_count == EXCHANGE_NOTES_MAX)
		return NULL;
	if (!l->notes)
		l->notes = calloc(EXCHANGE_NOTES_MAX, sizeof(*l->notes));
	if (!l->notes) {
		l->err = ERR_MEMORY;
		return NULL;
	}
	return &l->notes[l->note_count++];
}

static void put_fault(struct exchange_list *l, struct exchange_note n, const char *field)
{
	struct exchange_note *to = new_note(l);

	l->faults++;
	if (l->count && l->records[l->count - 1].number == n.number)
		l->records[l->count - 1].bad = true;
	if (!to)
		return;
	*to = n;
	to->is_fault = true;
	snprintf(to->field, sizeof(to->field), "%s", field);
}

void exchange_fault(struct exchange_list *l, unsigned number, const char *field, const char *why)
{
	put_fault(l, (struct exchange_note){.number = number, .why = why}, field);
}

void exchange_double(struct exchange_list *l, unsigned number, const char *field, unsigned other)
{
	put_fault(l,
		  (struct exchange_note){.number = number, .other = other, .why = "is there twice"},
		  field);
}

void exchange_warn(struct exchange_list *l, unsigned number, const char *field, const char *why)
{
	struct exchange_note *n;

	for (size_t i = 0; i < l->note_count; i++) {
		n = &l->notes[i];
		if (!n->is_fault && n->why == why && strcmp(n->field, field) == 0) {
			n->count++;
			return;
		}
	}
	n = new_note(l);
	if (!n)
		return;
	*n = (struct exchange_note){.number = number, .count = 1, .why = why};
	snprintf(n->field, sizeof(n->field), "%s", field);
}

void exchange_note_text(const struct exchange_list *l, const struct exchange_note *n,
			char out[static EXCHANGE_NOTE_CAP])
{
	char at[48] = "", more[64] = "";

	if (n->number)
		snprintf(at, sizeof(at), "%s %u%s", l->place, n->number, *n->field ? ", " : ": ");
	if (n->other)
		snprintf(more, sizeof(more), " (%s %u has it as well)", l->place, n->other);
	else if (n->count > 1)
		snprintf(more, sizeof(more), " (and so have %zu more)", n->count - 1);
	snprintf(out, EXCHANGE_NOTE_CAP, "%s%s%s%s%s", at, n->field, *n->field ? ": " : "", n->why,
		 more);
}
