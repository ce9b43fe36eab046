/*
 * rsp_extend: puts elements that no version knows into messages of RSPDefinitions, at the places
 * where EXTENSIBILITY IMPLIED allows them: among the members of every SEQUENCE, before, between and
 * behind. It goes by the table of lib/rsp/definitions.def.
 */
#ifndef TWINKEY_TESTS_RSP_EXTEND_H
#define TWINKEY_TESTS_RSP_EXTEND_H

#include "lib/base/bytes.h"
#include "lib/rsp/rsp.h"

#define RSP_EVERYWHERE SIZE_MAX

struct rsp_extension {
	struct slice element;
	size_t at;	/* the place, counted from 0; RSP_EVERYWHERE */
	bool unsigned_; /* not inside what is signed on its own and was extended before */
	size_t places;	/* counted */
};

/* Elements of all classes and forms, NULL at the end. */
extern const char *const rsp_unknown_elements[];

/* der, of this type, with the element in it; appended to out. x->places is set. */
void rsp_extend(struct slice der, const struct rsp_type *type, struct rsp_extension *x,
		struct wbuf *out);
/* der without what is not in the table. */
void rsp_strip(struct slice der, const struct rsp_type *type, struct wbuf *out);
/* The request or answer of an ES10 function by its tag, or NULL. */
const struct rsp_type *rsp_request_type(uint32_t tag);

/* Fixtures that play card, LPA or manager pass what they write through this, before they sign it:
 * extended everywhere when rsp_extending is set. whole: the message that carries what was signed.
 */
extern const char *rsp_extending;
void rsp_extend_now(struct wbuf *w, const struct rsp_type *type, bool whole);

#endif
