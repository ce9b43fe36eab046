#include "host/trace/report/kinds.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/trace/report/baseline.h"
#include "host/trace/report/pool.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/rsp/es10.h"

#define SLOTS (2 * KINDS_MAX) /* a power of two */

struct kinds {
	struct baseline *baseline;
	struct report_kind list[KINDS_MAX];
	size_t count;
	uint16_t slots[SLOTS]; /* 1 + index into list; 0: free */
	struct pool pool;
	bool overflown;
};

struct kinds *kinds_open(struct baseline *baseline)
{
	struct kinds *k = calloc(1, sizeof(*k));

	if (k)
		k->baseline = baseline;
	return k;
}

/* Each word that has a digit in it becomes "#". */
static void without_numbers(const char *text, char out[static KIND_TEXT_MAX])
{
	size_t n = 0;

	while (*text && n + 1 < KIND_TEXT_MAX) {
		size_t len = 0;
		bool has_digit = false;

		for (; isalnum((unsigned char)text[len]); len++)
			has_digit = has_digit || isdigit((unsigned char)text[len]);
		if (!len)
			out[n++] = *text++;
		else if (has_digit)
			out[n++] = '#';
		else
			n += (size_t)snprintf(out + n, KIND_TEXT_MAX - n, "%.*s", (int)len, text);
		text += len;
		n = n < KIND_TEXT_MAX ? n : KIND_TEXT_MAX - 1;
	}
	out[n] = 0;
}

/* What an exchange is about, in parts: "STORE DATA", "ES10b.PrepareDownload", "ISD-R" */
struct subject_words {
	const char *name, *function, *path;
};

/* Of the exchange that it was found in; nothing where it is about another one. */
static struct subject_words subject_of(const struct audit_finding *f)
{
	const struct exchange *x = f->item ? f->item->exchange : NULL;
	struct subject_words s = {"", "", ""};
	const char *function = NULL;

	if (!x || x->first.number != f->at.place.number)
		return s;
	if (f->item->command == &command_table[COMMAND_STORE_DATA] && !x->malformed)
		function = es10_function(es10_tag(x->apdu.data));
	s.name = f->item->command ? f->item->command->name : "unknown command";
	s.function = function ? function : "";
	s.path = f->item->view.path;
	return s;
}

static void join_subject(const struct subject_words *s, char out[static KIND_TEXT_MAX])
{
	bool first = *s->name && *s->function, second = *s->path && (*s->name || *s->function);

	snprintf(out, KIND_TEXT_MAX, "%s%s%s%s%s", s->name, first ? " " : "", s->function,
		 second ? ", " : "", s->path);
}

/* Without what the detail has. */
static void say_context(struct subject_words s, const char *detail, char out[static KIND_TEXT_MAX])
{
	if (strstr(detail, s.name))
		s.name = "";
	if (strstr(detail, s.function))
		s.function = "";
	if (strstr(detail, s.path))
		s.path = "";
	join_subject(&s, out);
}

static void make_print(const struct audit_finding *f, const char *about, const char *detail,
		       uint8_t out[static REPORT_PRINT_LEN])
{
	const struct slice parts[] = {slice_str(f->finding.rule->id), slice_make("", 1),
				      slice_str(about), slice_make("", 1), slice_str(detail)};
	uint8_t digest[SHA256_LEN] = {0};

	if (!sha256(parts, ARRAY_LEN(parts), digest))
		memcpy(out, digest, REPORT_PRINT_LEN);
	else
		memset(out, 0, REPORT_PRINT_LEN);
}

static uint16_t *slot_of(struct kinds *k, const uint8_t print[static REPORT_PRINT_LEN])
{
	size_t at = (size_t)(print[0] << 8 | print[1]) & (SLOTS - 1);

	while (k->slots[at] &&
	       memcmp(k->list[k->slots[at] - 1].print, print, REPORT_PRINT_LEN) != 0)
		at = (at + 1) & (SLOTS - 1);
	return &k->slots[at];
}

static void add_kind(struct kinds *k, const struct audit_finding *f,
		     const struct kind_of_finding *mine, const char *detail)
{
	struct report_kind *kind = &k->list[k->count];

	if (k->count == KINDS_MAX) {
		k->overflown = true;
		return;
	}
	*kind = (struct report_kind){.rule = f->finding.rule,
				     .about = pool_text(&k->pool, mine->about),
				     .detail = pool_text(&k->pool, detail),
				     .count = 1,
				     .accepted = mine->accepted,
				     .note = mine->note};
	memcpy(kind->print, mine->print, REPORT_PRINT_LEN);
	if (!kind->about || !kind->detail)
		k->overflown = true;
	else
		*slot_of(k, mine->print) = (uint16_t)++k->count;
}

void kinds_take(struct kinds *k, const struct audit_finding *f, struct kind_of_finding *out)
{
	char detail[KIND_TEXT_MAX];
	struct subject_words subject;
	uint16_t slot;

	subject = subject_of(f);
	join_subject(&subject, out->about);
	say_context(subject, f->finding.detail, out->context);
	without_numbers(f->finding.detail, detail);
	make_print(f, out->about, detail, out->print);
	slot = *slot_of(k, out->print);
	if (slot) {
		k->list[slot - 1].count++;
		out->accepted = k->list[slot - 1].accepted;
		out->note = k->list[slot - 1].note;
		return;
	}
	out->note = "";
	out->accepted = k->baseline && baseline_takes(k->baseline, out->print, &out->note);
	add_kind(k, f, out, detail);
}

bool kinds_list(const struct kinds *k, const struct report_kind **list, size_t *count)
{
	*list = k->list;
	*count = k->count;
	return !k->overflown;
}

void kinds_close(struct kinds **k)
{
	struct kinds *mine = *k;

	*k = NULL;
	if (!mine)
		return;
	pool_free(&mine->pool);
	free(mine);
}
