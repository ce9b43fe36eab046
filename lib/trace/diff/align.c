#include "lib/trace/diff/align.h"

#include <stdlib.h>

#define BOXES_MAX 64 /* the larger part waits: log2 of the items is enough */

/* Parts of both sequences that are aligned with each other. */
struct box {
	int32_t a0, a1, b0, b1;
};

struct search {
	const uint32_t *a, *b;
	int32_t *forward, *backward; /* by diagonal: how far in a a path has come */
	int32_t shift;		     /* of diagonals, so that none is negative */
	struct alignment *out;
};

struct point {
	int32_t x, y;
};

static void pair(struct search *s, int32_t x, int32_t y)
{
	s->out->of_a[x] = (uint32_t)y;
	s->out->of_b[y] = (uint32_t)x;
}

/* What is the same at both ends is paired, and the box is what is left. */
static void strip(struct search *s, struct box *box)
{
	while (box->a0 < box->a1 && box->b0 < box->b1 && s->a[box->a0] == s->b[box->b0])
		pair(s, box->a0++, box->b0++);
	while (box->a0 < box->a1 && box->b0 < box->b1 && s->a[box->a1 - 1] == s->b[box->b1 - 1])
		pair(s, --box->a1, --box->b1);
}

/* The diagonals that paths from one corner have reached. */
struct front {
	int32_t *far;
	int32_t low, high;
	int32_t outside; /* where a path is that is none */
};

static void widen(struct front *f, int32_t lowest, int32_t highest)
{
	if (f->low > lowest)
		f->far[--f->low - 1] = f->outside;
	else
		++f->low;
	if (f->high < highest)
		f->far[++f->high + 1] = f->outside;
	else
		--f->high;
}

static bool go_forward(const struct search *s, const struct box *box, struct front *f,
		       const struct front *meets, struct point *out)
{
	for (int32_t d = f->high; d >= f->low; d -= 2) {
		int32_t below = f->far[d - 1], above = f->far[d + 1];
		int32_t x = below < above ? above : below + 1, y = x - d;

		while (x < box->a1 && y < box->b1 && s->a[x] == s->b[y]) {
			x++;
			y++;
		}
		f->far[d] = x;
		if (meets && meets->low <= d && d <= meets->high && meets->far[d] <= x) {
			*out = (struct point){x, y};
			return true;
		}
	}
	return false;
}

static bool go_backward(const struct search *s, const struct box *box, struct front *f,
			const struct front *meets, struct point *out)
{
	for (int32_t d = f->high; d >= f->low; d -= 2) {
		int32_t below = f->far[d - 1], above = f->far[d + 1];
		int32_t x = below < above ? below : above - 1, y = x - d;

		while (box->a0 < x && box->b0 < y && s->a[x - 1] == s->b[y - 1]) {
			x--;
			y--;
		}
		f->far[d] = x;
		if (meets && meets->low <= d && d <= meets->high && x <= meets->far[d]) {
			*out = (struct point){x, y};
			return true;
		}
	}
	return false;
}

/* The place inside the box that is farthest on its way, of those that paths have reached. */
static struct point farthest(const struct box *box, const struct front *f, const struct front *b)
{
	struct point forth = {box->a0, box->b0}, back = {box->a1, box->b1};

	for (int32_t d = f->high; d >= f->low; d -= 2) {
		int32_t x = f->far[d] < box->a1 ? f->far[d] : box->a1, y = x - d;

		if (y > box->b1) {
			x = box->b1 + d;
			y = box->b1;
		}
		if (x + y > forth.x + forth.y)
			forth = (struct point){x, y};
	}
	for (int32_t d = b->high; d >= b->low; d -= 2) {
		int32_t x = b->far[d] > box->a0 ? b->far[d] : box->a0, y = x - d;

		if (y < box->b0) {
			x = box->b0 + d;
			y = box->b0;
		}
		if (x + y < back.x + back.y)
			back = (struct point){x, y};
	}
	return box->a1 + box->b1 - (back.x + back.y) < forth.x + forth.y - (box->a0 + box->b0)
		       ? forth
		       : back;
}

/* A place that a shortest way through the box passes, or a good one: see ALIGN_COST_MAX. */
static struct point middle(const struct search *s, const struct box *box)
{
	int32_t lowest = box->a0 - box->b1, highest = box->a1 - box->b0;
	int32_t first = box->a0 - box->b0, last = box->a1 - box->b1;
	struct front f = {s->forward + s->shift, first, first, -1};
	struct front b = {s->backward + s->shift, last, last, INT32_MAX};
	bool odd = (first - last) & 1;
	struct point p;

	f.far[first] = box->a0;
	b.far[last] = box->a1;
	for (int cost = 1; cost <= ALIGN_COST_MAX; cost++) {
		widen(&f, lowest, highest);
		if (go_forward(s, box, &f, odd ? &b : NULL, &p))
			return p;
		widen(&b, lowest, highest);
		if (go_backward(s, box, &b, odd ? NULL : &f, &p))
			return p;
	}
	return farthest(box, &f, &b);
}

static int32_t size_of(const struct box *box)
{
	return box->a1 - box->a0 + box->b1 - box->b0;
}

static void align_box(struct search *s, struct box box)
{
	struct box waiting[BOXES_MAX];
	unsigned count = 0;

	for (;;) {
		struct box first, second;
		struct point p;

		strip(s, &box);
		if (box.a0 == box.a1 || box.b0 == box.b1) {
			if (!count)
				return;
			box = waiting[--count];
			continue;
		}
		p = middle(s, &box);
		first = (struct box){box.a0, p.x, box.b0, p.y};
		second = (struct box){p.x, box.a1, p.y, box.b1};
		if (size_of(&first) == 0 || size_of(&second) == 0 || count == BOXES_MAX) {
			box.a0 = box.a1; /* nothing of it is the same */
			continue;
		}
		if (size_of(&first) < size_of(&second)) {
			waiting[count++] = second;
			box = first;
		} else {
			waiting[count++] = first;
			box = second;
		}
	}
}

/* Of each item: how often it stands without a partner, and where last. */
struct lonely {
	uint32_t in_a, in_b, last_b;
};

static void count_lonely(struct sequence a, struct sequence b, const struct alignment *al,
			 struct lonely *of)
{
	for (uint32_t i = 0; i < a.count; i++)
		of[a.items[i]].in_a += al->of_a[i] == ALIGN_NONE;
	for (uint32_t i = 0; i < b.count; i++) {
		if (al->of_b[i] != ALIGN_NONE)
			continue;
		of[b.items[i]].in_b++;
		of[b.items[i]].last_b = i;
	}
}

static bool is_free(const struct alignment *al, uint32_t i, uint32_t k)
{
	return al->of_a[i] == ALIGN_NONE && al->of_b[k] == ALIGN_NONE &&
	       al->moved_a[i] == ALIGN_NONE && al->moved_b[k] == ALIGN_NONE;
}

static void move(struct alignment *al, uint32_t i, uint32_t k)
{
	al->moved_a[i] = k;
	al->moved_b[k] = i;
}

/* What is left over once in both is a block that moved, with what stands around it in both. */
static void find_moved(struct sequence a, struct sequence b, const struct lonely *of,
		       struct alignment *al)
{
	for (uint32_t i = 0; i < a.count; i++) {
		const struct lonely *l = &of[a.items[i]];
		uint32_t k = l->last_b;

		if (l->in_a != 1 || l->in_b != 1 || !is_free(al, i, k))
			continue;
		move(al, i, k);
		for (uint32_t n = 1; n <= i && n <= k && a.items[i - n] == b.items[k - n] &&
				     is_free(al, i - n, k - n);
		     n++)
			move(al, i - n, k - n);
		for (uint32_t n = 1; i + n < a.count && k + n < b.count &&
				     a.items[i + n] == b.items[k + n] && is_free(al, i + n, k + n);
		     n++)
			move(al, i + n, k + n);
	}
}

static uint32_t *places(uint32_t count)
{
	uint32_t *p = malloc((count ? count : 1) * sizeof(*p));

	for (uint32_t i = 0; p && i < count; i++)
		p[i] = ALIGN_NONE;
	return p;
}

static uint32_t greatest(struct sequence s)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < s.count; i++)
		most = s.items[i] > most ? s.items[i] : most;
	return most;
}

enum err align(struct sequence a, struct sequence b, struct alignment *out)
{
	uint32_t most = greatest(a) > greatest(b) ? greatest(a) : greatest(b);
	size_t diagonals = (size_t)a.count + b.count + 3;
	struct search s = {.a = a.items, .b = b.items, .out = out};
	struct lonely *of;

	*out = (struct alignment){0};
	if (a.count > ALIGN_MOST || b.count > ALIGN_MOST)
		return ERR_SPACE;
	*out = (struct alignment){places(a.count), places(b.count), places(a.count),
				  places(b.count)};
	s.forward = calloc(diagonals, sizeof(*s.forward));
	s.backward = calloc(diagonals, sizeof(*s.backward));
	s.shift = (int32_t)b.count + 1;
	of = calloc((size_t)most + 1, sizeof(*of));
	if (s.forward && s.backward && of && out->of_a && out->of_b && out->moved_a &&
	    out->moved_b) {
		align_box(&s, (struct box){0, (int32_t)a.count, 0, (int32_t)b.count});
		count_lonely(a, b, out, of);
		find_moved(a, b, of, out);
	} else {
		alignment_free(out);
	}
	free(s.forward);
	free(s.backward);
	free(of);
	return out->of_a ? ERR_OK : ERR_MEMORY;
}

void alignment_free(struct alignment *al)
{
	free(al->of_a);
	free(al->of_b);
	free(al->moved_a);
	free(al->moved_b);
	*al = (struct alignment){0};
}
