#include "host/trace/report/json.h"

#include <string.h>

#include "host/trace/report/baseline.h"
#include "host/trace/report/words.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/read/format.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"

#define HEX_MAX (2 * SHA256_LEN + 1)

static json_t *json_words(const char *text)
{
	return json_text(slice_str(text));
}

static void set_hex(json_t *o, const char *name, struct slice octets)
{
	char hex[HEX_MAX];

	hex_encode(octets, hex, sizeof(hex));
	json_object_set_new(o, name, json_string(hex));
}

static json_t *cards_json(const struct report_trace *t)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < t->cards; i++)
		json_array_append_new(list, json_pack("{s:i, s:o}", "card", (int)i, "reader",
						      json_words(t->names[i])));
	return list;
}

static json_t *seal_json(const struct report_trace *t)
{
	const struct seal_verdict *v = &t->seal;
	char words[SEAL_WORDS_MAX];
	json_t *o;

	seal_verdict_words(v, words);
	o = json_pack("{s:s, s:s, s:I, s:I}", "verdict", seal_verdict_name(v), "words", words,
		      "records", (json_int_t)v->records, "faults", (json_int_t)v->faults);
	if (v->sealed && v->is_signed) {
		json_object_set_new(o, "signedTo", json_integer((json_int_t)v->signed_to));
		set_hex(o, "key", SLICE_OF(t->fingerprint));
	}
	return o;
}

static json_t *trace_json(const struct report_trace *t)
{
	json_t *o = json_pack(
		"{s:o, s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "file", json_words(t->path), "format",
		t->format ? t->format->name : "", "title", t->format ? t->format->title : "",
		"octets", (json_int_t)t->octets, "exchanges", (json_int_t)t->exchanges, "faults",
		(json_int_t)t->faults, "cards", cards_json(t), "seal", seal_json(t));

	if (t->has_digest)
		set_hex(o, "sha256", SLICE_OF(t->digest));
	if (t->has_times) {
		json_object_set_new(o, "firstTime_ns", json_integer((json_int_t)t->first_ns));
		json_object_set_new(o, "lastTime_ns", json_integer((json_int_t)t->last_ns));
	}
	return o;
}

static json_t *counts_json(const struct finding_counts *c)
{
	return json_pack("{s:I, s:I, s:I}", "error", (json_int_t)c->of[FINDING_ERROR], "warning",
			 (json_int_t)c->of[FINDING_WARNING], "info",
			 (json_int_t)c->of[FINDING_INFO]);
}

static json_t *verdict_json(const struct report *r)
{
	char words[WORDS_MAX];

	return json_pack("{s:s, s:s, s:b, s:b, s:s}", "name", words_verdict_name(r), "words",
			 words_verdict(r, words), "complete", r->complete, "fails", report_fails(r),
			 "failOn", r->fails_never ? "none" : finding_severity_name(r->fail_on));
}

static json_t *rules_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->rule_count; i++) {
		const struct report_rule *of = &r->rules[i];

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "rule", of->rule->id,
					"severity", finding_severity_name(of->rule->severity),
					"family", audit_family_of(of->rule), "found",
					(json_int_t)of->found, "accepted", (json_int_t)of->accepted,
					"told", (json_int_t)(of->kept + of->kept_accepted)));
	}
	return list;
}

static void set_spot(json_t *o, const struct audit_spot *at)
{
	json_object_set_new(o, "number", json_integer((json_int_t)at->place.number));
	if (at->last)
		json_object_set_new(o, "last", json_integer((json_int_t)at->last));
	json_object_set_new(o, "offset", json_integer((json_int_t)at->place.offset));
	json_object_set_new(o, "card", json_integer(at->card));
	if (at->has_time)
		json_object_set_new(o, "time_ns", json_integer((json_int_t)at->time_ns));
}

static json_t *finding_json(const struct report *r, const struct report_finding *f)
{
	const struct finding_rule *rule = r->rules[f->rule].rule;
	json_t *before = f->has_before ? json_object() : NULL;
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b}", "rule", rule->id,
			      "severity", finding_severity_name(rule->severity), "clause",
			      rule->clause, "says", rule->says, "detail", json_words(f->detail),
			      "about", json_words(f->about), "where", json_words(f->where),
			      "accepted", f->accepted);

	set_spot(o, &f->at);
	set_hex(o, "print", SLICE_OF(f->print));
	if (*f->note)
		json_object_set_new(o, "note", json_words(f->note));
	if (before) {
		set_spot(before, &f->before);
		json_object_set_new(o, "before", before);
	}
	return o;
}

static json_t *findings_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->finding_count; i++)
		json_array_append_new(list, finding_json(r, &r->findings[i]));
	return list;
}

static json_t *events_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->mark_count; i++) {
		const struct report_mark *m = &r->marks[i];
		json_t *o = json_pack("{s:s, s:s, s:o, s:b, s:i}", "from", words_party(m->from),
				      "to", words_party(m->to), "text", json_words(m->text),
				      "failed", m->failed, "channel", (int)m->channel);

		set_spot(o, &m->at);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *absent_json(const struct report *r)
{
	size_t count;
	const struct baseline_entry *entries = baseline_entries(r->baseline, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *o = json_pack("{s:o, s:o, s:o}", "rule", json_words(entries[i].rule),
				      "about", json_words(entries[i].about), "detail",
				      json_words(entries[i].detail));

		set_hex(o, "print", SLICE_OF(entries[i].print));
		if (entries[i].matches)
			json_decref(o);
		else
			json_array_append_new(list, o);
	}
	return list;
}

void report_json(const struct report *r, struct wbuf *out)
{
	json_t *o = json_pack("{s:i, s:{s:s, s:s}, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}",
			      "schema", REPORT_SCHEMA, "tool", "name", "twinkey trace audit",
			      "version", TWINKEY_VERSION, "made", r->made, "trace",
			      trace_json(&r->trace), "verdict", verdict_json(r), "counts",
			      counts_json(&r->counts), "accepted", counts_json(&r->accepted),
			      "rules", rules_json(r), "findings", findings_json(r), "events",
			      events_json(r), "eventTotal", (json_int_t)r->mark_total);

	if (o && r->baseline)
		json_object_set_new(o, "absent", absent_json(r));
	json_put(out, o);
}
