#include "host/trace/report/page/page.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/trace/report/baseline.h"
#include "host/trace/report/page/parts.h"
#include "host/trace/report/words.h"
#include "lib/trace/read/format.h"
#include "tool/cli/markup.h"
#include "tool/cli/page.h"
#include "tool/cli/program.h"

#define READERS_MAX 4 /* rows */
#define DIGEST_HEX  (2 * SHA256_LEN + 1)

static void put_page_head(struct wbuf *w, const struct report *r)
{
	char size[WORDS_MAX];
	const struct page_head head = {.kind = "Trace audit",
				       .subject = r->trace.path,
				       .notes = {r->trace.format ? r->trace.format->title : "empty",
						 words_size(&r->trace, size), r->made},
				       .style = page_look};

	page_begin(w, &head);
}

static void put_verdict_box(struct wbuf *w, const struct report *r)
{
	char words[WORDS_MAX];

	markup_put(w, "<div class=\"verdict %s\">", words_verdict_name(r));
	markup_text(w, words_verdict(r, words));
	markup_put(w, "</div>\n<ul class=\"counts\">");
	for (int s = FINDING_ERROR; s >= FINDING_INFO; s--) {
		static const char *const words_of[] = {"remarks", "warnings", "errors"};

		markup_put(w, "<li class=\"%s\"><b>%zu</b>%s</li>",
			   finding_severity_name((enum finding_severity)s), r->counts.of[s],
			   words_of[s]);
	}
	markup_put(w, "<li><b>%zu</b>rules tried</li></ul>\n", r->rule_count);
	markup_put(w, "<nav aria-label=\"Sections\"><a href=\"#trace\">The trace</a>"
		      "<a href=\"#findings\">Findings</a><a href=\"#timeline\">Timeline</a>"
		      "<a href=\"#events\">Key events</a><a href=\"#exchanges\">Exchanges</a>"
		      "<a href=\"#rules\">Rules</a></nav>\n");
}

static void put_number_fact(struct wbuf *w, const char *label, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	page_fact(w, label, text, false);
}

/* Of more than a few, the names alone. */
static void put_many_readers(struct wbuf *w, const struct report_trace *t)
{
	markup_put(w, "<tr><th scope=\"row\">Cards</th><td>%u: ", t->cards);
	for (unsigned i = 0; i < t->cards; i++) {
		markup_put(w, "%s", i ? ", " : "");
		markup_text(w, t->names[i]);
	}
	markup_put(w, "</td></tr>\n");
}

static void put_readers(struct wbuf *w, const struct report_trace *t)
{
	if (t->cards > READERS_MAX) {
		put_many_readers(w, t);
		return;
	}
	for (unsigned i = 0; i < t->cards; i++) {
		char label[32];

		snprintf(label, sizeof(label), "Card %u", i);
		page_fact(w, label, t->names[i], false);
	}
}

static void put_the_trace(struct wbuf *w, const struct report *r)
{
	const struct report_trace *t = &r->trace;
	char words[WORDS_MAX], hex[DIGEST_HEX];

	hex_encode(SLICE_OF(t->digest), hex, sizeof(hex));
	markup_put(w, "<section id=\"trace\"><h2>The trace</h2>\n<table class=\"card\"><tbody>\n");
	page_fact(w, "File", t->path, false);
	page_fact(w, "SHA-256", t->has_digest ? hex : "", true);
	put_number_fact(w, "Octets", t->octets);
	page_fact(w, "Form", t->format ? t->format->title : "empty", false);
	put_number_fact(w, "Exchanges", t->exchanges);
	put_number_fact(w, "Places that could not be read", t->faults);
	put_readers(w, t);
	if (t->has_times) {
		page_fact(w, "First time", words_time(t->first_ns, words), false);
		page_fact(w, "Last time", words_time(t->last_ns, words), false);
		page_fact(w, "Duration", words_span(t->last_ns - t->first_ns, words), false);
	}
	page_fact(w, "Seal", words_seal(t, words), false);
	markup_put(w, "</tbody></table></section>\n");
}

static void put_absent(struct wbuf *w, const struct report *r)
{
	size_t count, absent = 0;
	const struct baseline_entry *entries = baseline_entries(r->baseline, &count);

	for (size_t i = 0; i < count; i++) {
		if (entries[i].matches)
			continue;
		if (!absent++)
			markup_put(w, "<section><h2>In the baseline, and not found any more</h2>"
				      "<ul>\n");
		markup_put(w, "<li><code>");
		markup_text(w, entries[i].rule);
		markup_put(w, "</code> ");
		markup_text(w, entries[i].about);
		markup_put(w, "%s", *entries[i].about ? ": " : "");
		markup_text(w, entries[i].detail);
		markup_put(w, "</li>\n");
	}
	markup_put(w, "%s", absent ? "</ul></section>\n" : "");
}

void report_page(const struct report *r, struct wbuf *out)
{
	put_page_head(out, r);
	put_verdict_box(out, r);
	put_the_trace(out, r);
	page_put_findings(out, r);
	put_absent(out, r);
	page_put_timeline(out, r);
	page_put_events(out, r);
	page_put_lines(out, r);
	page_put_rules(out, r);
	page_end(out, "twinkey trace audit " TWINKEY_VERSION
		      ". Codes and keys are masked by FF, and no finding quotes one.");
}
