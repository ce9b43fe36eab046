/*
 * Any content of any file, any FCP, any short message: it is told as UTF-8, out of the octets
 * that were given, and each node that is opened is closed.
 *
 * Input: what it is (two octets: a row of the table of files, or beyond it the others), and octets.
 */
#include "lib/base/utf8.h"
#include "lib/trace/decode/ef/ef.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_make(data, size));
	unsigned what = cursor_u16(&c) % 600;
	struct walk w = {0, c.rest};
	const struct tree tree = {open_node, close_node, &w};
	const struct ef_kind *kind = ef_at(what);

	if (c.err)
		return 0;
	if (kind)
		ef_show(kind, c.rest, &tree);
	else if (what % 4 == 0)
		fcp_show(c.rest, &tree);
	else if (what % 4 == 1)
		fcp_show_gsm(c.rest, &tree);
	else
		tpdu_show(c.rest, what % 4 == 2 ? TPDU_TO_MOBILE : TPDU_FROM_MOBILE, &tree);
	MUST(w.depth == 0);
	return 0;
}
