#include "tool/pcsc/lookout.h"

#include <stdlib.h>

#include "tool/sys/aside.h"
#include "tool/pcsc/readers.h"

#define SERVICE_ANSWERS "the PC/SC service"
#define GRACE_MS	0 /* a question that nobody needs the answer of */

struct lookout {
	struct aside *aside;
	struct service service;
	struct reader_list list;
	unsigned wait_ms;
};

static enum err call_read(void *ctx)
{
	struct lookout *l = ctx;
	enum err e = l->service.is_open ? ERR_OK : service_open(&l->service);

	reader_list_free(&l->list);
	if (!e)
		e = readers_read(&l->service, &l->list);
	if (e)
		service_close(&l->service);
	return e;
}

static enum err call_wait(void *ctx)
{
	struct lookout *l = ctx;

	return readers_wait(&l->service, &l->list, l->wait_ms);
}

static enum err call_end(void *ctx)
{
	struct lookout *l = ctx;

	reader_list_free(&l->list);
	service_close(&l->service);
	return ERR_OK;
}

enum err lookout_open(struct cancel *cancel, struct lookout **out)
{
	struct lookout *l = calloc(1, sizeof(*l));
	enum err e = l ? aside_open(cancel, &l->aside) : ERR_MEMORY;

	if (e)
		free(l);
	else
		*out = l;
	return e;
}

enum err lookout_read(struct lookout *l, const struct reader_list **out)
{
	enum err e = aside_call(l->aside, SERVICE_ANSWERS, GRACE_MS, call_read, l);

	if (!e)
		*out = &l->list;
	return e;
}

enum err lookout_wait(struct lookout *l, unsigned ms)
{
	l->wait_ms = ms;
	return aside_call(l->aside, SERVICE_ANSWERS, GRACE_MS, call_wait, l);
}

void lookout_close(struct lookout **l)
{
	struct lookout *mine = *l;

	*l = NULL;
	if (!mine || aside_call(mine->aside, SERVICE_ANSWERS, GRACE_MS, call_end, mine))
		return; /* the thread has it still */
	aside_close(&mine->aside);
	free(mine);
}
