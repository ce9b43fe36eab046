#include "tests/unit/rsp/rsp_extend.h"

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "tests/unit/test.h"

#define MESSAGE_MAX (1u << 20)

const char *const rsp_unknown_elements[] = {
	"9e03010203",	      /* [30], primitive */
	"be0530030a0101",     /* [30], constructed */
	"df7f02abcd",	      /* [PRIVATE 127], primitive */
	"ff4506bf2d03800100", /* [PRIVATE 69], constructed, with a tag of ours in it */
	"7f21038001005f2d00", /* two of [APPLICATION] */
	"0500",		      /* NULL */
	NULL,
};
const char *rsp_extending;

/* What is signed as a whole of its own, inside a message. */
static bool is_signed(const struct rsp_type *t)
{
	return t == &rsp_type_ServerSigned1 || t == &rsp_type_SmdpSigned2 ||
	       t == &rsp_type_EuiccSigned1 || t == &rsp_type_EUICCSigned2 ||
	       t == &rsp_type_EuiccCancelSessionSigned || t == &rsp_type_ControlRefTemplate ||
	       t == &rsp_type_ProfileInstallationResultData || t == &rsp_type_NotificationMetadata;
}

/* The member that an object is; *next: those before it have been. */
static const struct rsp_member *member_of(const struct rsp_type *t, uint32_t tag, size_t *next)
{
	for (size_t i = t->kind == RSP_SEQUENCE ? *next : 0; t->members && t->members[i].name;
	     i++) {
		if (t->members[i].tag == tag) {
			*next = i + 1;
			return &t->members[i];
		}
	}
	return NULL;
}

static void place(struct rsp_extension *x, const struct rsp_type *t, struct wbuf *out)
{
	if (t->kind != RSP_SEQUENCE)
		return;
	if (x->at == RSP_EVERYWHERE || x->at == x->places)
		wbuf_put(out, x->element);
	x->places++;
}

static void extend(struct slice contents, const struct rsp_type *t, struct rsp_extension *x,
		   struct wbuf *out)
{
	struct cursor c = cursor_of(contents);
	struct tlv object;
	size_t next = 0;

	for (place(x, t, out); tlv_next(&c, &object); place(x, t, out)) {
		const struct rsp_member *m = member_of(t, object.tag, &next);
		size_t mark;

		if (!m || m->type->kind == RSP_LEAF || (x->unsigned_ && is_signed(m->type))) {
			wbuf_put(out, object.raw);
			continue;
		}
		mark = tlv_open(out, object.tag);
		extend(object.value, m->type, x, out);
		tlv_close(out, mark);
	}
	ASSERT_ERR(c.err, ERR_OK);
}

void rsp_extend(struct slice der, const struct rsp_type *type, struct rsp_extension *x,
		struct wbuf *out)
{
	struct cursor c = cursor_of(der);
	struct tlv whole;
	size_t mark;

	x->places = 0;
	CU_ASSERT_FATAL(tlv_next(&c, &whole));
	mark = tlv_open(out, whole.tag);
	extend(whole.value, type, x, out);
	tlv_close(out, mark);
}

static void strip(struct slice contents, const struct rsp_type *t, struct wbuf *out)
{
	struct cursor c = cursor_of(contents);
	struct tlv object;
	size_t next = 0;

	while (tlv_next(&c, &object)) {
		const struct rsp_member *m = member_of(t, object.tag, &next);
		size_t mark;

		if (!m)
			continue;
		if (m->type->kind == RSP_LEAF) {
			wbuf_put(out, object.raw);
			continue;
		}
		mark = tlv_open(out, object.tag);
		strip(object.value, m->type, out);
		tlv_close(out, mark);
	}
}

void rsp_strip(struct slice der, const struct rsp_type *type, struct wbuf *out)
{
	struct cursor c = cursor_of(der);
	struct tlv whole;
	size_t mark;

	CU_ASSERT_FATAL(tlv_next(&c, &whole));
	mark = tlv_open(out, whole.tag);
	strip(whole.value, type, out);
	tlv_close(out, mark);
}

const struct rsp_type *rsp_request_type(uint32_t tag)
{
	/* the module has each request before its answer */
	for (size_t i = 0; rsp_types[i]; i++)
		if (rsp_types[i]->tag == tag && tag > 0xFF)
			return rsp_types[i];
	return NULL;
}

void rsp_extend_now(struct wbuf *w, const struct rsp_type *type, bool whole)
{
	struct rsp_extension x = {.at = RSP_EVERYWHERE, .unsigned_ = whole};
	struct wbuf out = wbuf_grow(MESSAGE_MAX);

	if (!rsp_extending || !type)
		return;
	x.element = test_unhex(rsp_extending);
	rsp_extend(wbuf_slice(w), type, &x, &out);
	wbuf_cut(w, 0);
	wbuf_put(w, wbuf_slice(&out));
	ASSERT_ERR(wbuf_done(w), ERR_OK);
	wbuf_free(&out);
}
