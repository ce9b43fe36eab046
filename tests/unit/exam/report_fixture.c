#include "tests/unit/exam/report_fixture.h"

#include <stdio.h>
#include <string.h>

#define SAMPLES 60

static const struct exam_case atr_cases[] = {
	{.rule = {.id = "atr.form",
		  .severity = FINDING_ERROR,
		  .clause = "ISO 7816-3 8.2",
		  .says = "T0, TDi and the octets that they announce fill the ATR"}},
	{.rule = {.id = "atr.tck",
		  .severity = FINDING_ERROR,
		  .clause = "ISO 7816-3 8.2.5",
		  .says = "TCK makes the XOR zero"}},
	{.rule = {.id = "atr.speed",
		  .severity = FINDING_WARNING,
		  .clause = "TS 102 221 6.3.3",
		  .says = "TA1 is 94 or faster"}},
};
static const struct exam_case file_cases[] = {
	{.rule = {.id = "file.iccid",
		  .severity = FINDING_ERROR,
		  .clause = "ITU-T E.118 4.1",
		  .says = "the ICCID ends with its check digit"}},
	{.rule = {.id = "file.end",
		  .severity = FINDING_ERROR,
		  .clause = "TS 102 221 11.1.3",
		  .says = "READ BINARY behind the end is refused by 6B00"}},
};
static const struct exam_group groups[] = {
	{"atr", "Answer to reset", atr_cases, ARRAY_LEN(atr_cases)},
	{"file", "Files & records", file_cases, ARRAY_LEN(file_cases)},
};

static void put_results(struct exam_result results[static 5], const char *text)
{
	static const enum exam_outcome outcomes[] = {EXAM_PASSED, EXAM_FAILED, EXAM_NOTED,
						     EXAM_SKIPPED, EXAM_NOT_RUN};

	memset(results, 0, 5 * sizeof(*results));
	for (size_t i = 0; i < 5; i++) {
		struct exam_result *r = &results[i];

		r->group = &groups[i / 3];
		r->rule_case = &r->group->cases[i % 3];
		r->outcome = outcomes[i];
		r->us = (uint32_t)(1500 * i);
		if (i)
			snprintf(r->detail, sizeof(r->detail), "%s", text);
	}
	results[1].evidence_count = 2;
	results[1].evidence[0] = (struct exam_exchange){"00a40004022fe2", "6a82", 812};
	results[1].evidence[1] = (struct exam_exchange){"00b000000a", "", 5000000};
}

static void put_timings(struct exam_timing timings[static 3])
{
	static const char *const names[] = {"READ BINARY", "RESET", "SELECT"};
	static uint32_t samples[3][SAMPLES];

	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < SAMPLES; k++)
			samples[i][k] = (uint32_t)((i == 1 ? 80000 : 400 + 300 * i) + 37 * k +
						   (k == 9 ? 90000 : 0));
		timings[i] = (struct exam_timing){.name = names[i],
						  .count = SAMPLES,
						  .min = samples[i][0],
						  .median = samples[i][SAMPLES / 2],
						  .p90 = samples[i][SAMPLES * 9 / 10],
						  .max = samples[i][9],
						  .samples = samples[i]};
	}
}

const struct exam_report *report_fixture(bool odd)
{
	static struct exam_result results[5];
	static struct exam_timing timings[3];
	static struct exam_report r;
	const char *text = odd ? REPORT_ODD : "it gives 9000";

	put_results(results, text);
	put_timings(timings);
	r = (struct exam_report){
		.card = {.has = EXAM_UICC | EXAM_ENABLED_PROFILE,
			 .way = "vpcd",
			 .protocol = "T=0",
			 .atr = "3b9f96801fc78031e073fe2113575457494e4b4559bb",
			 .iccid = "89000123456789012341",
			 .fact_count = 1},
		.planned = {5, 3, 2},
		.spent = {3, 2, 1},
		.end = EXAM_CARD_LOST,
		.results = results,
		.result_count = 5,
		.timings = timings,
		.timing_count = 3,
		.counts = {1, 1, 1, 1, 1},
		.started = "2026-11-29T04:10:00Z",
		.duration_us = 1234567,
	};
	r.card.facts[0].key = "channels";
	r.card.facts[0].label = "Logical channels";
	snprintf(r.card.facts[0].text, sizeof(r.card.facts[0].text), "%s", text);
	snprintf(r.card.kind, sizeof(r.card.kind), "%s", odd ? REPORT_ODD : "UICC with a USIM");
	snprintf(r.card.reader, sizeof(r.card.reader), "%s", odd ? REPORT_ODD : "vpcd:25871");
	snprintf(r.end_text, sizeof(r.end_text), "%s", odd ? REPORT_ODD : "the card is gone");
	return &r;
}
