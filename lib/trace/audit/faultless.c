#include "lib/trace/audit/faultless.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/print.h"
#include "lib/base/secret.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"

#define SETS	   2048 /* a power of two */
#define OF_SET	   2
#define OCTETS_MAX 4096 /* of one: its path, its data and its answer */
#define SAMPLE	   24	/* octets at either end, by which its slot is chosen */

/* What decode_tell() looks at besides octets; no padding that is not zeros. A slot is chosen by the
 * first two. */
struct facts {
	uint32_t header, sw;
	const struct ef_kind *ef;
	const struct command *command;
	uint32_t le, application, odd, malformed;
	uint32_t path_len, data_len, answer_len;
	uint8_t p3, has_p3, has_le, extended, has_sw;
};

#define FACTS_PRINTED offsetof(struct facts, command)

struct known {
	struct facts facts;
	size_t room;
	uint8_t octets[];
};

struct faultless {
	struct known *sets[SETS][OF_SET]; /* the later one first */
	/* asked about last */
	bool is_fit;
	uint64_t print;
	struct facts facts;
	struct slice path, data, answer;
};

struct faultless *faultless_open(void)
{
	return calloc(1, sizeof(struct faultless));
}

static void free_known(struct known *k)
{
	if (k)
		secret_wipe(k, sizeof(*k) + k->room);
	free(k);
}

/* What has no secret in it that would be kept longer than the exchange. */
static bool is_open(const struct decode_item *item)
{
	const struct exchange *x = item->exchange;

	return !item->opened && item->data.ptr == x->apdu.data.ptr &&
	       item->answer.ptr == x->answer.ptr;
}

static void take_facts(struct faultless *f, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	const struct apdu *a = &x->apdu;

	memset(&f->facts, 0, sizeof(f->facts));
	f->facts.command = item->command;
	f->facts.ef = item->view.ef;
	f->facts.le = a->le;
	f->facts.application = item->view.place->application.kind;
	f->facts.odd = x->odd;
	f->facts.malformed = x->malformed;
	f->facts.path_len = (uint32_t)f->path.len;
	f->facts.data_len = (uint32_t)f->data.len;
	f->facts.answer_len = (uint32_t)f->answer.len;
	f->facts.sw = x->sw;
	f->facts.header = (uint32_t)a->cla << 24 | (uint32_t)a->ins << 16 | (uint32_t)a->p1 << 8 |
			  a->p2;
	f->facts.p3 = a->p3;
	f->facts.has_p3 = a->has_p3;
	f->facts.has_le = a->has_le;
	f->facts.extended = a->extended;
	f->facts.has_sw = x->has_sw;
}

static bool is_same(const struct known *k, const struct faultless *f)
{
	const uint8_t *at = k->octets;

	if (memcmp(&k->facts, &f->facts, sizeof(f->facts)) != 0)
		return false;
	return memcmp(at, f->path.ptr, f->path.len) == 0 &&
	       slice_equal(slice_make(at + f->path.len, f->data.len), f->data) &&
	       slice_equal(slice_make(at + f->path.len + f->data.len, f->answer.len), f->answer);
}

/* Its slot; what is in the middle is compared there. */
static uint64_t print_sample(uint64_t print, struct slice octets)
{
	if (octets.len <= 2 * SAMPLE)
		return print_octets(print, octets);
	print = print_octets(print, slice_make(octets.ptr, SAMPLE));
	return print_octets(print, slice_make(octets.ptr + octets.len - SAMPLE, SAMPLE));
}

bool faultless_has(struct faultless *f, const struct decode_item *item)
{
	struct known *const *set;

	f->path = slice_str(item->view.path);
	f->data = item->data;
	f->answer = item->answer;
	f->is_fit = is_open(item) && f->path.len + f->data.len + f->answer.len <= OCTETS_MAX;
	if (!f->is_fit)
		return false;
	take_facts(f, item);
	f->print = print_octets(0, slice_make(&f->facts, FACTS_PRINTED));
	f->print = print_sample(f->print, f->data);
	f->print = print_sample(f->print, f->answer);
	set = f->sets[f->print % SETS];
	for (unsigned i = 0; i < OF_SET; i++) {
		if (set[i] && is_same(set[i], f))
			return true;
	}
	return false;
}

/* What was asked about, in place of another one; NULL: the other one stays. */
static struct known *keep(struct known *old, const struct faultless *f)
{
	size_t len = f->path.len + f->data.len + f->answer.len;
	struct known *k = old && old->room >= len ? old : calloc(1, sizeof(*k) + len);
	struct wbuf w;

	if (!k)
		return NULL;
	if (k != old) {
		k->room = len;
		free_known(old);
	}
	k->facts = f->facts;
	w = wbuf_init(k->octets, k->room);
	wbuf_put(&w, f->path);
	wbuf_put(&w, f->data);
	wbuf_put(&w, f->answer);
	return k;
}

void faultless_add(struct faultless *f)
{
	struct known **set = f->sets[f->print % SETS];
	struct known *mine = f->is_fit ? keep(set[OF_SET - 1], f) : NULL;

	if (!mine)
		return; /* it is decoded again */
	set[OF_SET - 1] = set[0];
	set[0] = mine;
}

void faultless_close(struct faultless **f)
{
	struct faultless *mine = *f;

	*f = NULL;
	for (size_t i = 0; mine && i < SETS * OF_SET; i++)
		free_known(mine->sets[i / OF_SET][i % OF_SET]);
	free(mine);
}
