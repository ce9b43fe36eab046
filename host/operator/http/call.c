#include "host/operator/http/call.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/operator/http/limits.h"
#include "lib/base/secret.h"

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void forget_answer(struct http_call *call)
{
	json_decref(call->answer.body);
	call->answer = (struct http_answer){.body = NULL};
	wbuf_free(&call->page.body);
	call->page = (struct http_page){.body = wbuf_grow(HTTP_PAGE_MAX)};
}

/* The form is parsed once more when a lock was waited for: it is kept nowhere meanwhile. */
static enum err make_page(const struct http_calls *all, struct http_call *call)
{
	const struct http_route *route = call->route;
	struct http_form *form = calloc(1, sizeof(*form));
	struct http_asked asked;
	enum err e;

	if (!form)
		return ERR_MEMORY;
	http_page_ask(call->connection, &asked);
	asked.form = form;
	asked.body = wbuf_slice(&call->body);
	asked.trouble = wbuf_done(&call->body);
	if (!asked.trouble && !route->json)
		asked.trouble = http_form_parse(asked.body, form);
	e = route->page(all->ctx, route, &asked, &call->page);
	secret_wipe(form, sizeof(*form));
	free(form);
	return e;
}

struct http_call *http_call_new(const struct http_route *route, struct MHD_Connection *c)
{
	struct http_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->route = route;
	call->connection = c;
	call->body = wbuf_grow(route->body_max);
	return call;
}

void http_call_free(struct http_call *call)
{
	if (!call)
		return;
	wbuf_free(&call->body);
	forget_answer(call);
	json_decref(call->request);
	free(call);
}

/* False: it waits for a lock, and can wait on. */
static bool try_handler(const struct http_calls *all, struct http_call *call)
{
	forget_answer(call); /* what was said of a lock */
	call->e = call->route->page ? make_page(all, call)
				    : call->route->handle(all->ctx, call->route, call->request,
							  &call->answer);
	call->handled = call->e != ERR_LOCKED || now_ms() >= call->until;
	return call->handled;
}

static void wait_on(struct http_calls *all, struct http_call *call)
{
	struct http_call **last = &all->waiting;

	while (*last)
		last = &(*last)->next;
	call->next = NULL;
	*last = call;
}

static void hold(struct http_calls *all, struct http_call *call)
{
	call->next = all->held;
	all->held = call;
}

/* The request, unless its body is none. */
static bool parse_body(struct http_call *call)
{
	const char *trouble = NULL;
	json_error_t why;

	call->e = wbuf_done(&call->body) ? ERR_SPACE : ERR_OK;
	if (call->e)
		trouble = "the body is too large";
	else
		call->request = json_loadb((const char *)call->body.ptr, call->body.len,
					   JSON_REJECT_DUPLICATES, &why);
	if (!trouble && !json_is_object(call->request)) {
		call->e = ERR_ENCODING;
		trouble = "the body is not a JSON object";
	}
	if (trouble)
		snprintf(call->answer.message, sizeof(call->answer.message), "%s", trouble);
	return !call->e;
}

bool http_call_handle(struct http_calls *all, struct http_call *call)
{
	if (call->handled || (!call->route->page && !parse_body(call)))
		return true;
	call->until = now_ms() + HTTP_LOCK_MS;
	if (!try_handler(all, call)) {
		wait_on(all, call);
	} else if (all->settle) {
		hold(all, call);
	} else {
		return true;
	}
	MHD_suspend_connection(call->connection);
	return false;
}

/* In their order: where one still waits, so would those behind it that want the same store. */
bool http_calls_retry(struct http_calls *all)
{
	bool locked[2] = {false, false}, any = false;
	struct http_call **at = &all->waiting;

	while (*at) {
		struct http_call *call = *at;
		bool apart = call->route->apart;

		if (locked[apart] && now_ms() < call->until) {
			at = &call->next;
			continue;
		}
		all->retries++;
		call->handled = locked[apart]; /* its time is over: no use to try once more */
		if (!call->handled && !try_handler(all, call)) {
			locked[apart] = true;
			at = &call->next;
			continue;
		}
		*at = call->next;
		any = true;
		if (all->settle)
			hold(all, call);
		else
			MHD_resume_connection(call->connection);
	}
	return any;
}

bool http_calls_settle(struct http_calls *all)
{
	enum err ends[2] = {ERR_OK, ERR_OK};
	bool any = all->held != NULL;

	/* who waits may have left a transaction that another process has made fail */
	if (all->settle && (any || all->waiting))
		all->settle(all->ctx, ends);
	while (all->held) {
		struct http_call *call = all->held;

		all->held = call->next;
		if (ends[call->route->apart] == ERR_LOCKED && now_ms() < call->until) {
			call->handled =
				false; /* another process was faster: nothing has happened */
			wait_on(all, call);
			continue;
		}
		if (ends[call->route->apart])
			call->e = ends[call->route->apart];
		MHD_resume_connection(call->connection);
	}
	return any;
}

void http_calls_let_go(struct http_calls *all)
{
	while (all->waiting) {
		struct http_call *call = all->waiting;

		all->waiting = call->next;
		call->handled = true;
		MHD_resume_connection(call->connection);
	}
}
