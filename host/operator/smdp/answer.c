#include "host/operator/smdp/answer.h"

#include <assert.h>
#include <string.h>

#define FIELD_MAX (640u * 1024)

void smdp_answer_free(struct smdp_answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		wbuf_free(&a->fields[i].der);
	memset(a, 0, sizeof(*a));
}

struct wbuf *smdp_answer_field(struct smdp_answer *a, const char *name)
{
	struct smdp_field *f;

	assert(a->count < SMDP_FIELDS_MAX);
	f = &a->fields[a->count++];
	f->name = name;
	f->der = wbuf_grow(FIELD_MAX);
	return &f->der;
}

void smdp_answer_refuse(struct smdp_answer *a, enum smdp_fault_cause cause)
{
	smdp_answer_free(a);
	a->fault = smdp_fault(cause);
}

enum err smdp_answer_done(const struct smdp_answer *a)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < a->count && !e; i++)
		e = wbuf_done(&a->fields[i].der);
	return e;
}
