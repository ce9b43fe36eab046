/*
 * Any content of any file, any FCP, any short message, any rules: it is told as UTF-8, out of the
 * octets that were given, and each node that is opened is closed.
 *
 * Input: a place (an octet) and a FID or a tag of EF.PBR (two octets), and the content; in no place
 * the FID says what else it is.
 */
#include "lib/base/utf8.h"
#include "lib/trace/decode/ef/ef.h"
#include "lib/trace/decode/fcp/ara.h"
#include "lib/trace/decode/fcp/fcp.h"
#include "lib/trace/decode/sms/tpdu.h"
#include "tests/support/must.h"

#define DEPTH_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct walk {
	unsigned depth;
	struct slice all;
};

/* What is told is UTF-8, and the octets of a node lie in what was given. */
static void open_node(void *ctx, const struct tree_node *node)
{
	struct walk *w = ctx;
	size_t n;

	MUST(node->key && *node->key && node->name && *node->name);
	MUST(++w->depth <= DEPTH_MAX);
	MUST(!node->raw.len || (node->raw.ptr >= w->all.ptr &&
				node->raw.ptr + node->raw.len <= w->all.ptr + w->all.len));
	MUST(!node->value || utf8_count(slice_str(node->value), &n) == ERR_OK);
}

static void close_node(void *ctx)
{
	struct walk *w = ctx;

	MUST(w->depth-- > 0);
}

static const struct ef_kind *kind_of(unsigned place, uint16_t fid)
{
	if (place == EF_PHONEBOOK && fid < 0x100)
		return ef_of_phonebook((uint8_t)fid);
	return ef_find((enum ef_place)(place % EF_PLACES), fid);
}

static void tell_other(unsigned what, struct slice octets, const struct tree *tree)
{
	switch (what % 6) {
	case 0: fcp_show(octets, tree); break;
	case 1: fcp_show_gsm(octets, tree); break;
	case 2: tpdu_show(octets, TPDU_TO_MOBILE, tree); break;
	case 3: tpdu_show(octets, TPDU_FROM_MOBILE, tree); break;
	case 4: ara_show(octets, tree); break;
	default: ef_show(NULL, octets, tree);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_make(data, size));
	unsigned place = cursor_u8(&c);
	uint16_t fid = cursor_u16(&c);
	struct walk w = {0, c.rest};
	const struct tree tree = {.open = open_node, .close = close_node, .ctx = &w};
	const struct ef_kind *kind;

	if (c.err)
		return 0;
	kind = kind_of(place, fid);
	if (kind)
		ef_show(kind, c.rest, &tree);
	else
		tell_other(fid, c.rest, &tree);
	MUST(w.depth == 0);
	return 0;
}
