#include "lib/trace/diff/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/trace/diff/expected.h"
#include "lib/trace/diff/leaves.h"
#include "lib/trace/diff/meaning.h"
#include "lib/trace/diff/pool.h"
#include "lib/trace/diff/side.h"
#include "lib/uicc/apdu.h"

#define WHERE_MAX   512
#define AHEAD_MAX   64 /* siblings among which a node's counterpart is looked for */
#define CHANGED_MAX 16 /* keys of leaves that have another value, for expected.h */
#define NUMBER_TEXT 48

struct comparer {
	const struct pool *pool;
	struct diff_sink sink;
	struct leaves before, after;
	/* of the pair at hand */
	const struct entry *a, *b;
	char where[WHERE_MAX], keys[WHERE_MAX];
	const char *changed[CHANGED_MAX];
	size_t changed_count;
	bool plain; /* a packet that says that it is not ciphered */
	size_t said;
};

struct comparer *comparer_open(const struct pool *pool, const struct diff_sink *sink)
{
	struct comparer *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->pool = pool;
	c->sink = *sink;
	return c;
}

void comparer_close(struct comparer **c)
{
	struct comparer *mine = *c;

	*c = NULL;
	if (!mine)
		return;
	leaves_free(&mine->before);
	leaves_free(&mine->after);
	free(mine);
}

static void tell_difference(struct comparer *c, enum diff_kind kind,
			    const struct diff_value *before, const struct diff_value *after,
			    const char *why)
{
	const struct difference d = {.kind = kind,
				     .a = c->a,
				     .b = c->b,
				     .where = c->where,
				     .keys = c->keys,
				     .before = *before,
				     .after = *after,
				     .why = why};

	c->said++;
	c->sink.take(c->sink.ctx, &d);
}

static void tell_texts(struct comparer *c, enum diff_kind kind, const char *before,
		       const char *after, const char *why)
{
	const struct diff_value a = {.is = true, .text = before}, b = {.is = true, .text = after};

	tell_difference(c, kind, &a, &b, why);
}

struct step {
	size_t where, keys;
};

/* Appends a node's name and key; gives what step_back() takes. */
static struct step step_into(struct comparer *c, const char *name, const char *key)
{
	const struct step at = {strlen(c->where), strlen(c->keys)};

	snprintf(c->where + at.where, WHERE_MAX - at.where, "%s%s", at.where ? "/" : "", name);
	snprintf(c->keys + at.keys, WHERE_MAX - at.keys, "%s%s", at.keys ? "/" : "", key);
	return at;
}

static void step_back(struct comparer *c, struct step at)
{
	c->where[at.where] = 0;
	c->keys[at.keys] = 0;
}

static struct diff_value value_of(const struct leaf *n)
{
	return (struct diff_value){.is = true, .text = n->value, .raw = n->raw};
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* Its octets and its words, but not what is in it */
static bool same_node(const struct leaf *a, const struct leaf *b)
{
	return slice_equal(a->raw, b->raw) && same_text(a->value, b->value) &&
	       same_text(a->fault, b->fault);
}

/* lib/trace/decode says of a secret whether it stands there in clear, and nothing else. */
static bool is_mask_alone(const struct leaf *a, const struct leaf *b)
{
	static const char masked[] = "masked", clear[] = "in clear";

	if (!a->value || !b->value || a->raw.len || b->raw.len)
		return false;
	return (strstr(a->value, masked) && strstr(b->value, clear)) ||
	       (strstr(b->value, masked) && strstr(a->value, clear));
}

static bool has_changed(const struct comparer *c, const char *key)
{
	for (size_t i = 0; i < c->changed_count; i++) {
		if (strcmp(c->changed[i], key) == 0)
			return true;
	}
	return false;
}

static bool same_up_to(const struct leaf *a, const struct leaf *b, size_t tail)
{
	size_t n = a->raw.len < tail ? 0 : a->raw.len - tail;

	return slice_equal(slice_sub(a->raw, 0, n), slice_sub(b->raw, 0, n));
}

/* The clause by which this leaf may have another value; NULL: none. */
static const char *why_expected(const struct comparer *c, const char *under, const struct leaf *a,
				const struct leaf *b)
{
	const struct expected *row = expected_find(c->a->command, under, a);

	if (!row || !same_text(a->fault, b->fault))
		return NULL;
	if (!row->any_length && a->raw.len != b->raw.len)
		return NULL;
	if ((row->made_of && !has_changed(c, row->made_of)) || (row->if_ciphered && c->plain))
		return NULL;
	if (row->tail && !same_up_to(a, b, row->tail))
		return NULL;
	return row->why;
}

static void compare_leaf(struct comparer *c, const char *under, const struct leaf *a,
			 const struct leaf *b)
{
	struct diff_value before = value_of(a), after = value_of(b);
	const char *why;

	if (strcmp(a->key, "ciphering") == 0)
		c->plain = a->value && b->value && strcmp(a->value, "no") == 0 &&
			   strcmp(b->value, "no") == 0;
	if (same_node(a, b))
		return;
	if (c->changed_count < CHANGED_MAX)
		c->changed[c->changed_count++] = a->key;
	why = why_expected(c, under, a, b);
	if (is_mask_alone(a, b))
		tell_difference(c, DIFF_MASKED, &before, &after, NULL);
	else
		tell_difference(c, why ? DIFF_SESSION : DIFF_CHANGED, &before, &after, why);
}

static void say_one_sided(struct comparer *c, const struct leaf *n, bool in_a)
{
	static const struct diff_value none = {.is = false};
	struct diff_value v = value_of(n);
	struct step at = step_into(c, n->name, n->key);

	tell_difference(c, DIFF_CHANGED, in_a ? &v : &none, in_a ? &none : &v, NULL);
	step_back(c, at);
}

/* A list of nodes with what is in them, and where in it one is. */
struct walk {
	const struct leaf *nodes;
	uint32_t at, end;
};

static const struct leaf *here(const struct walk *w)
{
	return w->at < w->end ? &w->nodes[w->at] : NULL;
}

static void next(struct walk *w)
{
	w->at = w->nodes[w->at].end;
}

/* How many siblings on the next one with this key is, up to AHEAD_MAX; that: there is none. */
static uint32_t ahead(struct walk w, const char *key)
{
	uint32_t n = 0;

	for (; here(&w) && n < AHEAD_MAX; n++, next(&w)) {
		if (strcmp(here(&w)->key, key) == 0)
			return n;
	}
	return AHEAD_MAX;
}

static struct walk inside(const struct leaves *l, const struct leaf *n)
{
	uint32_t i = (uint32_t)(n - l->nodes);

	return (struct walk){l->nodes, i + 1, n->end};
}

/* A pair of lists whose comparison is begun. */
struct level {
	struct walk a, b;
	const struct leaf *in_a, *in_b; /* the nodes that they are in; NULL: the top */
	struct step at;
	size_t said; /* when it was begun */
	bool last;   /* there is no room for a deeper one */
};

#define LEVELS_MAX 32 /* deeper than the decoder goes */

/* Of two nodes with other keys: that of the second is the one which the first list lacks. */
static bool is_added(const struct level *l, const struct leaf *a, const struct leaf *b)
{
	uint32_t in_b, in_a;

	if (!a || !b)
		return !a;
	in_b = ahead(l->b, a->key);
	in_a = ahead(l->a, b->key);
	return in_b < AHEAD_MAX && in_b <= in_a;
}

/* Both walks stand at nodes of one key; or there are no more. Nodes that one side lacks are told.
 */
static bool meet(struct comparer *c, struct level *l)
{
	while (here(&l->a) || here(&l->b)) {
		const struct leaf *a = here(&l->a), *b = here(&l->b);

		if (a && b && strcmp(a->key, b->key) == 0)
			return true;
		if (is_added(l, a, b)) {
			say_one_sided(c, b, false);
			next(&l->b);
		} else {
			say_one_sided(c, a, true);
			next(&l->a);
		}
	}
	return false;
}

/* What a node says besides what is in it: of interest where nothing in it was told. */
static void end_level(struct comparer *c, const struct level *l)
{
	if (l->in_a && c->said == l->said && !same_node(l->in_a, l->in_b))
		compare_leaf(c, NULL, l->in_a, l->in_b);
	step_back(c, l->at);
}

/* The header, see compare_octet(); what other exchanges have said of a PIN */
static bool is_passed_over(const char *key)
{
	return strcmp(key, "header") == 0 || strcmp(key, "tries") == 0 ||
	       strcmp(key, "verified") == 0;
}

static bool has_inside(const struct walk *w)
{
	return w->at < w->end;
}

/* Compares the nodes at which both walks stand, which go on; true: what is in them comes first. */
static bool compare_pair(struct comparer *c, struct level *l, struct level *in)
{
	const struct leaf *a = here(&l->a), *b = here(&l->b);

	next(&l->a);
	next(&l->b);
	if (!l->in_a && is_passed_over(a->key))
		return false;
	*in = (struct level){.a = inside(&c->before, a),
			     .b = inside(&c->after, b),
			     .in_a = a,
			     .in_b = b,
			     .said = c->said,
			     .last = in->last};
	in->at = step_into(c, a->name, a->key);
	if (!in->last && has_inside(&in->a) && has_inside(&in->b))
		return true;
	compare_leaf(c, l->in_a ? l->in_a->key : NULL, a, b);
	step_back(c, in->at);
	return false;
}

static void compare_trees(struct comparer *c)
{
	struct level levels[LEVELS_MAX] = {[LEVELS_MAX - 1] = {.last = true}};
	unsigned depth = 1;

	levels[0] = (struct level){.a = {c->before.nodes, 0, c->before.count},
				   .b = {c->after.nodes, 0, c->after.count}};
	while (depth) {
		struct level *l = &levels[depth - 1];

		if (!meet(c, l)) {
			end_level(c, l);
			depth--;
		} else if (compare_pair(c, l, &levels[depth])) {
			depth++;
		}
	}
}

static void compare_octet(struct comparer *c, const char *name, enum meaning_of of, uint8_t before,
			  uint8_t after)
{
	char x[3], y[3];
	struct step at;

	if (before == after || of == MEANING_ELSEWHERE)
		return;
	hex_encode(slice_make(&before, 1), x, sizeof(x));
	hex_encode(slice_make(&after, 1), y, sizeof(y));
	at = step_into(c, name, name[1] == '1' ? "p1" : "p2");
	if (of == MEANING_WAY)
		tell_texts(c, DIFF_FORM, x, y, "the same, asked in another way");
	else
		tell_texts(c, DIFF_CHANGED, x, y, NULL);
	step_back(c, at);
}

/* Status words that say the same: how many octets wait is told by the answer, or by FETCH. */
static bool same_status(const struct entry *a, const struct entry *b)
{
	if (a->sw == b->sw)
		return true;
	return (sw_is(a->sw, SW_PROACTIVE) && sw_is(b->sw, SW_PROACTIVE)) ||
	       (sw_is(a->sw, SW_RESPONSE) && sw_is(b->sw, SW_RESPONSE));
}

static void write_status(const struct comparer *c, const struct entry *e,
			 char out[static WHERE_MAX])
{
	if (e->has_sw)
		snprintf(out, WHERE_MAX, "%04x %s", e->sw, side_label(c->pool, e).status);
	else
		snprintf(out, WHERE_MAX, "not recorded");
}

static void compare_status(struct comparer *c)
{
	char x[WHERE_MAX], y[WHERE_MAX];
	struct step at;

	if (c->a->has_sw == c->b->has_sw && same_status(c->a, c->b))
		return;
	write_status(c, c->a, x);
	write_status(c, c->b, y);
	at = step_into(c, "status word", "sw");
	if (c->a->has_sw && c->b->has_sw)
		tell_texts(c, DIFF_CHANGED, x, y, NULL);
	else
		tell_texts(c, DIFF_FORM, x, y, "one of the traces lacks it");
	step_back(c, at);
}

static void compare_pieces(struct comparer *c)
{
	char x[NUMBER_TEXT], y[NUMBER_TEXT];
	struct step at;

	if (c->a->pieces == c->b->pieces && c->a->blocks == c->b->blocks)
		return;
	snprintf(x, sizeof(x), "%u", c->a->pieces);
	snprintf(y, sizeof(y), "%u", c->b->pieces);
	at = step_into(c, "pieces", "pieces");
	tell_texts(c, DIFF_FORM, x, y, "the same, sent in more or fewer pieces");
	step_back(c, at);
}

enum err comparer_compare(struct comparer *c, const struct entry *a, const struct entry *b)
{
	enum err e = ERR_OK;

	c->a = a;
	c->b = b;
	c->where[0] = c->keys[0] = 0;
	c->changed_count = 0;
	c->plain = false;
	compare_pieces(c);
	if (a->kind == TRACE_EXCHANGE) {
		compare_octet(c, "P1", meaning_of_p1(a->command), a->p1, b->p1);
		compare_octet(c, "P2", meaning_of_p2(a->command), a->p2, b->p2);
	}
	if (a->tree != b->tree) {
		e = leaves_read(pool_get(c->pool, a->tree), &c->before);
		if (!e)
			e = leaves_read(pool_get(c->pool, b->tree), &c->after);
		if (!e)
			compare_trees(c);
	}
	if (!e)
		compare_status(c);
	return e;
}
