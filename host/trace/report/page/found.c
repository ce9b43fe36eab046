/* found: what was found, by rule; and the rules that were tried */
#include <stdio.h>
#include <string.h>

#include "host/trace/report/page/parts.h"
#include "host/trace/report/words.h"
#include "lib/trace/audit/audit.h"
#include "tool/cli/markup.h"
#include "tool/cli/page.h"

#define SHOWN_MAX 12 /* findings of a rule; more can be unfolded */

static void put_filter(struct wbuf *w, const struct report *r)
{
	static const char *const words[] = {"remarks", "warnings", "errors"};

	for (int s = FINDING_ERROR; s >= FINDING_INFO; s--) {
		const char *name = finding_severity_name((enum finding_severity)s);

		markup_put(w,
			   "<label class=\"pick\"><input type=\"checkbox\" id=\"show-%s\" "
			   "checked>%zu %s</label>\n",
			   name, r->counts.of[s], words[s]);
	}
	if (r->baseline)
		markup_put(w, "<label class=\"pick\"><input type=\"checkbox\" "
			      "id=\"show-accepted\" checked>accepted</label>\n");
}

static void put_finding_row(struct wbuf *w, const struct report *r, size_t i)
{
	const struct report_finding *f = &r->findings[i];

	markup_put(w, "<tr id=\"f%zu\"%s><td class=\"place\">", i,
		   f->accepted ? " class=\"accepted\"" : "");
	page_put_place(w, r, &f->at);
	markup_put(w, "</td><td>");
	markup_text(w, f->detail);
	if (f->has_before) {
		markup_put(w, " <span class=\"soft\">(see ");
		page_put_place(w, r, &f->before);
		markup_put(w, ")</span>");
	}
	if (f->accepted) {
		markup_put(w, "<span class=\"tag\">accepted</span> ");
		markup_text(w, f->note);
	}
	if (*f->context) {
		markup_put(w, "<br><span class=\"detail\">");
		markup_text(w, f->context);
		markup_put(w, "</span>");
	}
	markup_put(w, "</td></tr>\n");
}

static void put_finding_rows(struct wbuf *w, const struct report *r, size_t first, size_t end)
{
	markup_put(w, "<table><thead><tr><th scope=\"col\">Where</th><th scope=\"col\">What stands "
		      "there</th></tr></thead><tbody>\n");
	for (size_t i = first; i < end; i++)
		put_finding_row(w, r, i);
	markup_put(w, "</tbody></table>\n");
}

static void put_rule_head(struct wbuf *w, const struct report_rule *of)
{
	const struct finding_rule *rule = of->rule;
	const char *severity = finding_severity_name(rule->severity);

	markup_put(w, "<article class=\"%s%s\" id=\"%s\"><h3><b class=\"%s\">%s</b><code>%s</code>",
		   of->found ? severity : "accepted", "", rule->id, severity, severity, rule->id);
	markup_put(w, "<span>");
	markup_text(w, rule->clause);
	markup_put(w, "</span></h3><dl>");
	page_term(w, "Not so", rule->says);
	page_term(w, "It means", rule->means ? rule->means : "");
	page_term(w, "What to do", rule->remedy ? rule->remedy : "");
	markup_put(w, "</dl>");
}

/* What was found of one rule, from `first` on; gives the index behind it. */
static size_t put_rule_article(struct wbuf *w, const struct report *r, size_t first)
{
	const struct report_rule *of = &r->rules[r->findings[first].rule];
	size_t total = of->found + of->accepted, kept = of->kept + of->kept_accepted;
	size_t end = first + kept, shown = kept > SHOWN_MAX ? first + SHOWN_MAX : end;

	put_rule_head(w, of);
	put_finding_rows(w, r, first, shown);
	if (shown < end) {
		markup_put(w, "<details><summary>%zu more</summary>", end - shown);
		put_finding_rows(w, r, shown, end);
		markup_put(w, "</details>");
	}
	if (total > kept)
		markup_put(w,
			   "<p class=\"soft\">Another %zu of this rule are counted, and not "
			   "listed.</p>",
			   total - kept);
	markup_put(w, "</article>\n");
	return end;
}

void page_put_findings(struct wbuf *w, const struct report *r)
{
	markup_put(w, "<section id=\"findings\"><h2>Findings</h2>\n");
	if (!r->finding_count) {
		markup_put(w, "<p>None.</p></section>\n");
		return;
	}
	put_filter(w, r);
	markup_put(w, "<div class=\"found\">\n");
	for (size_t i = 0; i < r->finding_count;)
		i = put_rule_article(w, r, i);
	markup_put(w, "</div></section>\n");
}

static size_t put_family_rules(struct wbuf *w, const struct report *r, size_t i)
{
	const char *family = audit_family_of(r->rules[i].rule);

	markup_put(w, "<tr><th colspan=\"4\" scope=\"rowgroup\">");
	markup_text(w, family);
	markup_put(w, "</th></tr>\n");
	for (; i < r->rule_count && strcmp(audit_family_of(r->rules[i].rule), family) == 0; i++) {
		const struct report_rule *of = &r->rules[i];
		size_t total = of->found + of->accepted;

		markup_put(w, "<tr><td><code>");
		markup_put(w, of->kept + of->kept_accepted ? "<a href=\"#%s\">%s</a>" : "%.0s%s",
			   of->rule->id, of->rule->id);
		markup_put(w, "</code></td><td>");
		markup_text(w, of->rule->says);
		markup_put(w, "</td>");
		page_cell(w, "clause", of->rule->clause);
		markup_put(w, "<td class=\"n %s\">%zu</td></tr>\n",
			   total ? finding_severity_name(of->rule->severity) : "soft", total);
	}
	return i;
}

void page_put_rules(struct wbuf *w, const struct report *r)
{
	markup_put(w,
		   "<section id=\"rules\"><h2>Rules</h2>\n<details><summary>What was looked for: "
		   "%zu rules</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-label=\"Rules\"><table><thead><tr><th scope=\"col\">Rule</th><th "
		   "scope=\"col\">Holds where nothing is found</th><th scope=\"col\">Source</th>"
		   "<th scope=\"col\" class=\"n\">Found</th></tr></thead><tbody>\n",
		   r->rule_count);
	for (size_t i = 0; i < r->rule_count;)
		i = put_family_rules(w, r, i);
	markup_put(w, "</tbody></table></div></details></section>\n");
}
