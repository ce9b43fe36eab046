#include "host/trace/report/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "host/trace/report/baseline.h"
#include "host/trace/report/pool.h"
#include "lib/base/print.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/rsp/es10.h"

#define SLOTS (2 * KINDS_MAX) /* a power of two */

struct kinds {
	struct baseline *baseline;
	struct report_kind list[KINDS_MAX];
	size_t count;
	uint16_t slots[SLOTS];		/* 1 + index into list; 0: free */
	uint16_t last[AUDIT_RULES_MAX]; /* likewise: the kind of each rule's last finding */
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

/* As far as there is room. */
static void add_text(char out[static KIND_TEXT_MAX], size_t *n, const char *text, size_t len)
{
	size_t room = KIND_TEXT_MAX - 1 - *n;

	len = len < room ? len : room;
	memcpy(out + *n, text, len);
	*n += len;
	out[*n] = 0;
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
	const struct {
		const char *before, *text;
	} parts[] = {{"", s->name}, {" ", s->function}, {", ", s->path}};
	size_t n = 0;

	*out = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (*parts[i].text && n)
			add_text(out, &n, parts[i].before, strlen(parts[i].before));
		add_text(out, &n, parts[i].text, strlen(parts[i].text));
	}
}

void kinds_context(const struct audit_finding *f, char out[static KIND_TEXT_MAX])
{
	const char *detail = f->finding.detail;
	struct subject_words s = subject_of(f);

	if (strstr(detail, s.name))
		s.name = "";
	if (strstr(detail, s.function))
		s.function = "";
	if (strstr(detail, s.path))
		s.path = "";
	join_subject(&s, out);
}

static void make_print(const struct audit_finding *f, const char *about,
		       uint8_t out[static REPORT_PRINT_LEN])
{
	const struct slice parts[] = {slice_str(f->finding.rule->id), slice_make("", 1),
				      slice_str(about), slice_make("", 1), slice_str(f->kind)};
	uint8_t digest[SHA256_LEN] = {0};

	if (!sha256(parts, ARRAY_LEN(parts), digest))
		memcpy(out, digest, REPORT_PRINT_LEN);
	else
		memset(out, 0, REPORT_PRINT_LEN);
}

/* What a finding is looked for by. */
struct wanted {
	const struct finding_rule *rule;
	const char *about, *detail;
};

static bool is_kind(const struct report_kind *kind, const struct wanted *w)
{
	return kind->rule == w->rule && strcmp(kind->detail, w->detail) == 0 &&
	       strcmp(kind->about, w->about) == 0;
}

static uint16_t *slot_of(struct kinds *k, const struct wanted *w)
{
	uint64_t print = print_octets(print_octets(0, slice_str(w->detail)), slice_str(w->about));
	size_t at = print_octets(print, slice_str(w->rule->id)) & (SLOTS - 1);

	while (k->slots[at] && !is_kind(&k->list[k->slots[at] - 1], w))
		at = (at + 1) & (SLOTS - 1);
	return &k->slots[at];
}

static void add_kind(struct kinds *k, const struct wanted *w, const struct kind_of_finding *mine)
{
	struct report_kind *kind = &k->list[k->count];

	if (k->count == KINDS_MAX) {
		k->overflown = true;
		return;
	}
	*kind = (struct report_kind){.rule = w->rule,
				     .about = pool_text(&k->pool, w->about),
				     .detail = pool_text(&k->pool, w->detail),
				     .count = 1,
				     .accepted = mine->accepted,
				     .note = mine->note};
	memcpy(kind->print, mine->print, REPORT_PRINT_LEN);
	if (!kind->about || !kind->detail)
		k->overflown = true;
	else
		*slot_of(k, w) = (uint16_t)++k->count;
}

void kinds_take(struct kinds *k, const struct audit_finding *f, struct kind_of_finding *out)
{
	const struct subject_words subject = subject_of(f);
	const struct wanted w = {f->finding.rule, out->about, f->kind};
	uint16_t slot;

	join_subject(&subject, out->about);
	slot = k->last[f->number];
	if (!slot || !is_kind(&k->list[slot - 1], &w))
		slot = k->last[f->number] = *slot_of(k, &w);
	if (slot) {
		struct report_kind *kind = &k->list[slot - 1];

		kind->count++;
		out->accepted = kind->accepted;
		out->note = kind->note;
		memcpy(out->print, kind->print, REPORT_PRINT_LEN);
		return;
	}
	make_print(f, out->about, out->print);
	out->note = "";
	out->accepted = k->baseline && baseline_takes(k->baseline, out->print, &out->note);
	add_kind(k, &w, out);
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
