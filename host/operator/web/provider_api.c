#include "host/operator/web/provider_api.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/factor/provider.h"
#include "host/operator/http/fault.h"
#include "host/operator/http/page.h"
#include "host/operator/store/store.h"
#include "tool/cli/text.h"

#define JSON_TYPE "application/json"

/* What was asked, and the JSON that it borrows from. */
struct request {
	json_t *json;
	struct provider_batch batch;
	struct provider_module module[PROVIDER_MODULES_MAX];
};

static const char *string_in(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static bool fits_an_imsi(const char *s)
{
	size_t n = s ? strspn(s, "0123456789") : 0;

	return n >= 6 && n <= IMSI_MAX && !s[n];
}

static bool is_line(const char *s)
{
	char line[TEXT_LINE_MAX];

	return strlen(s) <= PROVIDER_EVIDENCE_MAX && strcmp(text_line(slice_str(s), line), s) == 0;
}

static const char *take_module(struct request *r, const json_t *m)
{
	struct provider_module *to = &r->module[r->batch.count];

	to->imsi = string_in(m, "imsi");
	to->evidence = string_in(m, "evidence");
	if (!to->evidence)
		to->evidence = "";
	if (!fits_an_imsi(to->imsi))
		return "imsi must be a string of 6 to 15 digits";
	if (!is_line(to->evidence))
		return "evidence must be one line of up to 100 characters";
	for (size_t i = 0; i < r->batch.count; i++)
		if (strcmp(r->module[i].imsi, to->imsi) == 0)
			return "an imsi stands twice";
	r->batch.count++;
	return NULL;
}

/* NULL: it is good; else what is wrong with it. */
static const char *read_request(const struct http_asked *asked, struct request *r)
{
	const json_t *modules, *m;
	const char *wrong = NULL;
	size_t i;

	r->json = json_loadb((const char *)asked->body.ptr, asked->body.len, JSON_REJECT_DUPLICATES,
			     NULL);
	if (!json_is_object(r->json))
		return "the body is not a JSON object";
	r->batch.key = string_in(r->json, "key");
	if (!r->batch.key || !provider_is_word(r->batch.key))
		return "key must have 1 to 64 letters, digits, '-', '_' or '.'";
	modules = json_object_get(r->json, "modules");
	if (!json_is_array(modules) || !json_array_size(modules) ||
	    json_array_size(modules) > PROVIDER_MODULES_MAX)
		return "modules must be a list of 1 to 256";
	json_array_foreach(modules, i, m)
	{
		wrong = wrong ? wrong : take_module(r, m);
	}
	return wrong;
}

/* The answer, when the modules have been judged. */
static enum err run_request(void *ctx, struct operator_store *s, struct wbuf *answer)
{
	struct request *r = ctx;
	json_t *results = json_array(), *o;
	char *text = NULL;
	enum err e = provider_approve(s, &r->batch);

	for (size_t i = 0; !e && i < r->batch.count; i++)
		json_array_append_new(results, json_pack("{s:s, s:s}", "imsi", r->module[i].imsi,
							 "result", r->module[i].result));
	o = json_pack("{s:s, s:o}", "key", r->batch.key, "results", results);
	if (!e) {
		text = json_dumps(o, JSON_COMPACT);
		e = text ? ERR_OK : ERR_MEMORY;
	}
	if (!e)
		wbuf_put(answer, slice_str(text));
	free(text);
	json_decref(o);
	return e;
}

static enum err answer_error(struct http_page *page, enum err e, const char *message)
{
	json_t *o = http_fault_body(e, message);
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (!text)
		return ERR_MEMORY;
	page->status = e == ERR_EXISTS ? http_fault_status(ERR_REPLAY) : http_fault_status(e);
	page->words = err_name(e);
	wbuf_reset(&page->body);
	wbuf_put(&page->body, slice_str(text));
	free(text);
	return wbuf_done(&page->body);
}

static enum err run_and_answer(struct operator_store *s, const struct http_asked *asked,
			       struct request *r, struct http_page *page)
{
	const struct factor_batch batch = {.provider = r->batch.provider,
					   .key = r->batch.key,
					   .request = asked->body,
					   .now = r->batch.now,
					   .run = run_request,
					   .ctx = r};
	enum err e;

	operator_store_hurry(s);
	e = factor_batch(s, &batch, &page->body);
	if (e == ERR_EXISTS)
		return answer_error(page, e, "this key was used for another batch");
	return e;
}

enum err provider_api_approve(struct operator_store *s, const struct http_asked *asked, int64_t now,
			      struct http_page *page)
{
	struct request *r = calloc(1, sizeof(*r));
	const char *wrong;
	enum err e;

	page->type = JSON_TYPE;
	if (!r)
		return ERR_MEMORY;
	r->batch =
		(struct provider_batch){.provider = asked->client, .module = r->module, .now = now};
	wrong = asked->trouble ? "the body is too large" : read_request(asked, r);
	if (!provider_is_word(asked->client))
		e = answer_error(page, ERR_REFUSED,
				 "the certificate has no common name that is a word");
	else if (wrong)
		e = answer_error(page, asked->trouble ? asked->trouble : ERR_VALUE, wrong);
	else
		e = run_and_answer(s, asked, r, page);
	json_decref(r->json);
	free(r);
	return e;
}
