#include "host/operator/audit/chain.h"
#include "host/operator/cmd/serve/watch.h"

#include <string.h>
#include <time.h>

#include "host/operator/cmd/shared/request_log.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/http/page.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/growth/figures.h"
#include "host/operator/store/store.h"
#include "lib/release/interface.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"

#define JSON_TYPE     "application/json"
#define OK	      200
#define ERROR_FROM    400
#define TROUBLE_FROM  500
#define STATUS_MAX    599
#define UNAVAILABLE   503
#define READY_REASONS 4

static double monotonic_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void watch_settle(void *ctx, enum err ends[static 2])
{
	const struct api *api = ctx;
	struct watch *w = api->watch;
	double begun = monotonic_s();

	api_settle(ctx, ends);
	histogram_add(&w->commits, monotonic_s() - begun);
}

void watch_entry(void *ctx, const struct http_entry *e)
{
	const struct api *api = ctx;
	struct watch *w = api->watch;
	enum log_level level = e->status >= TROUBLE_FROM ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
	const struct log_field fields[] = {
		{"request", e->id, 0},
		{"peer", e->peer, 0},
		{"method", e->method, 0},
		{"path", e->path, 0},
		{"status", NULL, e->status},
		{"result", *e->words ? e->words : "-", 0},
		{"microseconds", NULL, (int64_t)(e->duration_s * 1e6)},
	};

	figures_add(&w->figures, e->route, e->status, e->duration_s);
	if (w->lines)
		request_log(NULL, e);
	/* who asks every few seconds how it is fills no log */
	if (level == LOG_LEVEL_INFO && e->route && api_is_watch(e->route))
		level = LOG_LEVEL_DEBUG;
	service_log_put(w->log, level, "request", fields, ARRAY_LEN(fields));
}

/* Of which routes and answers a figure of its own is made. */
static const struct {
	const char *name, *help, *route;
	unsigned from, to;
} outcomes[] = {
	{"twinkey_vectors_total", "Challenges that the AuC gave out over the lab interface.",
	 LAB_PATH_AUC_VECTOR, OK, OK},
	{"twinkey_answers_accepted_total", "Answers of cards that were right.", LAB_PATH_AUC_VERIFY,
	 OK, OK},
	{"twinkey_answers_refused_total", "Answers of cards that were not taken.",
	 LAB_PATH_AUC_VERIFY, ERROR_FROM, STATUS_MAX},
	{"twinkey_resynchronisations_total", "Synchronisation failures that were taken.",
	 LAB_PATH_AUC_RESYNC, OK, OK},
	{"twinkey_grants_total", "Second keys that were released.", LAB_PATH_RELEASE_GRANT, OK, OK},
	{"twinkey_grants_refused_total", "Releases that were refused.", LAB_PATH_RELEASE_GRANT,
	 ERROR_FROM, STATUS_MAX},
};

static void put_outcomes(struct wbuf *to, const struct watch *w)
{
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		exposition_one(to, outcomes[i].name, EXPOSITION_COUNTER, outcomes[i].help,
			       (double)figures_count(&w->figures, outcomes[i].route,
						     outcomes[i].from, outcomes[i].to));
}

static void put_store(struct wbuf *to, const struct operator_figures *f)
{
	exposition_one(to, "twinkey_subscribers", EXPOSITION_GAUGE, "Subscribers.",
		       (double)f->subscribers);
	exposition_one(to, "twinkey_log_entries", EXPOSITION_GAUGE,
		       "Number of the last entry of the audit log.", (double)f->log_seq);
	exposition_one(to, "twinkey_pending_challenges", EXPOSITION_GAUGE,
		       "Challenges of the AuC that wait for an answer, or have run out.",
		       (double)f->pending);
	exposition_one(to, "twinkey_awaited_results", EXPOSITION_GAUGE,
		       "Grants that wait for the card's result.", (double)f->awaited);
	exposition_one(to, "twinkey_provider_batches", EXPOSITION_GAUGE,
		       "Answers that are kept for providers.", (double)f->batches);
}

static enum err put_metrics(struct watch *w, struct http_page *page)
{
	struct wbuf *to = &page->body;
	const struct http *h = w->http;
	struct http_figures http = h ? http_figures(h) : (struct http_figures){.connections = 0};
	struct operator_figures f = {.subscribers = 0};
	enum err e = operator_store_figures(w->api->lab.store, &f);

	if (e == ERR_LOCKED)
		return e;
	page->type = EXPOSITION_TYPE;
	exposition_one(to, "twinkey_database_up", EXPOSITION_GAUGE,
		       "Whether the database answers: 1 or 0.", e ? 0 : 1);
	if (!e)
		put_store(to, &f);
	put_outcomes(to, w);
	figures_put(to, &w->figures);
	exposition_one(to, "twinkey_connections", EXPOSITION_GAUGE, "Open connections.",
		       (double)http.connections);
	exposition_family(to, "twinkey_database_commit_seconds", EXPOSITION_HISTOGRAM,
			  "Seconds that the requests of a round waited for the disk.");
	histogram_put(to, "twinkey_database_commit_seconds", NULL, &w->commits);
	exposition_one(to, "twinkey_database_retries_total", EXPOSITION_COUNTER,
		       "Requests that were handled again since another process had a database.",
		       (double)http.retries);
	exposition_one(to, "twinkey_log_entries_lost_total", EXPOSITION_COUNTER,
		       "Entries of the server's log that could not be written.",
		       (double)service_log_lost(w->log));
	if (w->tls_until)
		exposition_one(to, "twinkey_tls_certificate_expiry_seconds", EXPOSITION_GAUGE,
			       "When the TLS certificate ends, seconds since unix epoch.",
			       (double)w->tls_until);
	exposition_process(to, w->started);
	return ERR_OK;
}

static enum err put_json_page(json_t *o, struct http_page *page)
{
	page->type = JSON_TYPE;
	json_put(&page->body, o);
	return wbuf_done(&page->body);
}

/* Why it should not be asked for anything now. */
static json_t *reasons(struct watch *w)
{
	json_t *list = json_array();
	struct operator_figures f;
	struct chain_stand manager;
	int64_t now = cmd_now();
	enum err e = operator_store_figures(w->api->lab.store, &f);

	if (e)
		json_array_append_new(
			list, json_sprintf("the database does not answer: %s", err_text(e)));
	e = smdp_store_head(w->api->manager.store, &manager);
	if (e)
		json_array_append_new(
			list,
			json_sprintf("the manager's database does not answer: %s", err_text(e)));
	if (w->tls_until && now < w->tls_from)
		json_array_append_new(list, json_string("the TLS certificate is not valid yet"));
	if (w->tls_until && now >= w->tls_until)
		json_array_append_new(list, json_string("the TLS certificate has expired"));
	if (w->stopping)
		json_array_append_new(list, json_string("the server is stopping"));
	return list;
}

static enum err put_ready(struct watch *w, struct http_page *page)
{
	json_t *why = reasons(w);
	bool ready = json_array_size(why) == 0;

	page->status = ready ? OK : UNAVAILABLE;
	return put_json_page(json_pack("{s:b, s:o}", "ready", ready, "reasons", why), page);
}

enum err watch_tell(void *ctx, enum api_watch what, struct http_page *page)
{
	const struct api *api = ctx;

	switch (what) {
	case API_WATCH_METRICS: return put_metrics(api->watch, page);
	case API_WATCH_READY: return put_ready(api->watch, page);
	case API_WATCH_HEALTH: break;
	}
	return put_json_page(json_pack("{s:b}", "alive", 1), page);
}
