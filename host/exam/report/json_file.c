#include "host/exam/report/json_file.h"

#include <ctype.h>
#include <string.h>

#include "host/exam/report/verdict.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"

static json_t *text_of(const char *s)
{
	return json_text(slice_str(s));
}

/* null where there is none */
static json_t *text_or_null(const char *s)
{
	return *s ? text_of(s) : json_null();
}

/* "EXAM_ENABLED_PROFILE" as "enabled-profile" */
static json_t *name_of_need(const char *name)
{
	char out[32];
	size_t n = 0;

	for (const char *p = name + strlen("EXAM_"); *p && n + 1 < sizeof(out); p++)
		out[n++] = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
	out[n] = 0;
	return json_string(out);
}

static json_t *needs_json(unsigned has)
{
	json_t *list = json_array();

#define HAS(name, bit, why)                                                                        \
	if (has & (name))                                                                          \
		json_array_append_new(list, name_of_need(#name));
	EXAM_NEED_TABLE(HAS)
#undef HAS
	return list;
}

static json_t *card_json(const struct exam_subject *card)
{
	json_t *facts = json_array();

	for (size_t i = 0; i < card->fact_count; i++)
		json_array_append_new(facts, json_pack("{s:s, s:o, s:o}", "key", card->facts[i].key,
						       "label", text_of(card->facts[i].label),
						       "text", text_of(card->facts[i].text)));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "kind", text_of(card->kind), "atr",
			 text_or_null(card->atr), "iccid", text_or_null(card->iccid), "eid",
			 text_or_null(card->eid), "has", needs_json(card->has), "facts", facts);
}

static json_t *reader_json(const struct exam_subject *card)
{
	const struct transport_properties *p = &card->properties;
	json_t *usb = p->has_usb_id ? json_pack("{s:i, s:i}", "vendor", (int)p->usb_vendor,
						"product", (int)p->usb_product)
				    : json_null();

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "name", text_of(card->reader), "way",
			 text_of(card->way), "protocol", text_of(card->protocol), "usb", usb,
			 "firmware", text_or_null(p->firmware), "apduDataMax",
			 (json_int_t)p->apdu_data_max);
}

static json_t *budget_json(const struct exam_budget *b)
{
	return json_pack("{s:i, s:i, s:i}", "cases", (int)b->cases, "authentications",
			 (int)b->authentications, "pinTries", (int)b->pin_tries);
}

static json_t *counts_json(const struct exam_report *r)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < EXAM_OUTCOMES; i++)
		json_object_set_new(counts, exam_outcome_name((enum exam_outcome)i),
				    json_integer((json_int_t)r->counts[i]));
	return counts;
}

static json_t *case_json(const struct exam_result *r)
{
	const struct finding_rule *rule = &r->rule_case->rule;
	json_t *evidence = json_array();

	for (size_t i = 0; i < r->evidence_count; i++)
		json_array_append_new(evidence, json_pack("{s:o, s:o, s:I}", "command",
							  text_of(r->evidence[i].command), "answer",
							  text_of(r->evidence[i].answer), "us",
							  (json_int_t)r->evidence[i].us));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:o}", "id", rule->id, "group",
			 r->group->name, "outcome", exam_outcome_name(r->outcome), "severity",
			 finding_severity_name(rule->severity), "clause", rule->clause, "says",
			 rule->says, "detail", text_of(r->detail), "us", (json_int_t)r->us,
			 "evidence", evidence);
}

static json_t *cases_json(const struct exam_report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->result_count; i++)
		json_array_append_new(list, case_json(&r->results[i]));
	return list;
}

static json_t *timings_json(const struct exam_report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->timing_count; i++) {
		const struct exam_timing *t = &r->timings[i];
		json_t *samples = json_array();

		for (size_t k = 0; k < t->count; k++)
			json_array_append_new(samples, json_integer((json_int_t)t->samples[k]));
		json_array_append_new(list,
				      json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "command",
						text_of(t->name), "count", (json_int_t)t->count,
						"minUs", (json_int_t)t->min, "medianUs",
						(json_int_t)t->median, "p90Us", (json_int_t)t->p90,
						"maxUs", (json_int_t)t->max, "samplesUs", samples));
	}
	return list;
}

static json_t *end_json(const struct exam_report *r)
{
	static const char *const names[] = {[EXAM_COMPLETE] = "complete",
					    [EXAM_CANCELLED] = "cancelled",
					    [EXAM_CARD_LOST] = "card-lost"};

	return json_pack("{s:s, s:o}", "state", names[r->end], "text", text_or_null(r->end_text));
}

json_t *exam_report_json(const struct exam_report *r)
{
	return json_pack("{s:i, s:{s:s, s:s}, s:s, s:o, s:o, s:I, s:o, s:o, s:{s:o, s:o}, s:o, "
			 "s:o, s:o}",
			 "schema", EXAM_REPORT_SCHEMA, "tool", "name", "twinkey", "version",
			 TWINKEY_VERSION, "verdict", exam_verdict(r), "end", end_json(r), "started",
			 text_of(r->started), "durationUs", (json_int_t)r->duration_us, "card",
			 card_json(&r->card), "reader", reader_json(&r->card), "budget", "planned",
			 budget_json(&r->planned), "spent", budget_json(&r->spent), "counts",
			 counts_json(r), "cases", cases_json(r), "timings", timings_json(r));
}

void json_file_put(const struct exam_report *r, struct wbuf *out)
{
	json_put(out, exam_report_json(r));
}
