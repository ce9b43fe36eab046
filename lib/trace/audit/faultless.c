#include "lib/trace/audit/faultless.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/print.h"
#include "lib/base/secret.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"

#define SLOTS	   4096 /* a power of two */
#define OCTETS_MAX 4096 /* of one: its path, its data and its answer */
#define SAMPLE	   24	/* octets at either end, by which its slot is chosen */

/* What decode_tell() looks at besides octets; no padding that is not zeros. */
struct facts {
	const struct command *command;
	const struct ef_kind *ef;
	uint32_t le, application, odd, malformed;
	uint32_t path_len, data_len, answer_len;
	uint16_t sw;
	uint8_t cla, ins, p1, p2, p3, has_p3, has_le, extended, has_sw;
};

struct known {
	struct facts facts;
	size_t room;
	uint8_t octets[];
};

struct faultless {
	struct known *slots[SLOTS];
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
	f->facts.cla = a->cla;
	f->facts.ins = a->ins;
	f->facts.p1 = a->p1;
	f->facts.p2 = a->p2;
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
	const struct known *k;

	f->path = slice_str(item->view.path);
	f->data = item->data;
	f->answer = item->answer;
	f->is_fit = is_open(item) && f->path.len + f->data.len + f->answer.len <= OCTETS_MAX;
	if (!f->is_fit)
		return false;
	take_facts(f, item);
	f->print = print_octets(0, slice_make(&f->facts, sizeof(f->facts)));
	f->print = print_sample(f->print, f->data);
	f->print = print_sample(f->print, f->answer);
	k = f->slots[f->print % SLOTS];
	return k && is_same(k, f);
}

void faultless_add(struct faultless *f)
{
	struct known **slot = &f->slots[f->print % SLOTS];
	size_t len = f->path.len + f->data.len + f->answer.len;
	struct wbuf w;

	if (!f->is_fit)
		return;
	if (*slot && (*slot)->room < len) {
		free_known(*slot);
		*slot = NULL;
	}
	if (!*slot) {
		*slot = calloc(1, sizeof(**slot) + len);
		if (!*slot)
			return; /* it is decoded again */
		(*slot)->room = len;
	}
	(*slot)->facts = f->facts;
	w = wbuf_init((*slot)->octets, (*slot)->room);
	wbuf_put(&w, f->path);
	wbuf_put(&w, f->data);
	wbuf_put(&w, f->answer);
}

void faultless_close(struct faultless **f)
{
	struct faultless *mine = *f;

	*f = NULL;
	for (size_t i = 0; mine && i < SLOTS; i++)
		free_known(mine->slots[i]);
	free(mine);
}
