#include "host/trace/report/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "lib/trace/seal/seal.h"
#include "tool/cli/page.h"

#define NS		 1000000000
#define HEX_LEN		 (2 * SHA256_LEN + 1)
#define CLOCK_OF_ITS_OWN (NS * (int64_t)86400 * 365 * 10) /* before 1980: no time since 1970 */

const char *words_verdict_name(const struct report *r)
{
	static const char *const names[] = {[FINDING_INFO] = "remarks",
					    [FINDING_WARNING] = "warnings",
					    [FINDING_ERROR] = "errors"};

	for (int s = FINDING_ERROR; s >= FINDING_INFO; s--) {
		if (r->counts.of[s])
			return names[s];
	}
	return "clean";
}

const char *words_count(enum finding_severity severity, size_t n, char out[static WORDS_MAX])
{
	static const char *const one[] = {[FINDING_INFO] = "remark",
					  [FINDING_WARNING] = "warning",
					  [FINDING_ERROR] = "error"};

	snprintf(out, WORDS_MAX, "%zu %s%s", n, one[severity], n == 1 ? "" : "s");
	return out;
}

const char *words_counts(const struct finding_counts *c, char out[static WORDS_MAX])
{
	char errors[WORDS_MAX], warnings[WORDS_MAX], remarks[WORDS_MAX];

	words_count(FINDING_ERROR, c->of[FINDING_ERROR], errors);
	words_count(FINDING_WARNING, c->of[FINDING_WARNING], warnings);
	words_count(FINDING_INFO, c->of[FINDING_INFO], remarks);
	snprintf(out, WORDS_MAX, "%.60s, %.60s, %.60s", errors, warnings, remarks);
	return out;
}

static const char *judgement(const struct report *r)
{
	if (!r->trace.exchanges)
		return "Nothing could be judged: there is no exchange in the trace.";
	if (r->counts.of[FINDING_ERROR])
		return "Something is wrong: a leak, a break-in, a loss, or an attempt at one.";
	if (r->counts.of[FINDING_WARNING])
		return "No harm is proved, and there is something that a person has to look at.";
	return "Nothing is wrong by the rules that were tried.";
}

const char *words_verdict(const struct report *r, char out[static WORDS_MAX])
{
	size_t accepted = r->accepted.of[FINDING_ERROR] + r->accepted.of[FINDING_WARNING] +
			  r->accepted.of[FINDING_INFO];
	int n = snprintf(out, WORDS_MAX, "%s", judgement(r));

	if (accepted)
		n += snprintf(out + n, WORDS_MAX - (size_t)n, " %zu known %s accepted.", accepted,
			      page_noun(accepted, "finding is", "findings are"));
	if (r->trace.faults)
		n += snprintf(out + n, WORDS_MAX - (size_t)n,
			      " %" PRIu64 " %s of the trace could not be read, and nothing is said "
			      "of what stood there.",
			      r->trace.faults,
			      page_noun((size_t)r->trace.faults, "place", "places"));
	if (!r->complete)
		snprintf(out + n, WORDS_MAX - (size_t)n, " It is incomplete: %.100s.", r->why);
	return out;
}

const char *words_size(const struct report_trace *t, char out[static WORDS_MAX])
{
	unsigned cards = t->cards ? t->cards : 1;

	snprintf(out, WORDS_MAX, "%" PRIu64 " exchange%s of %u card%s", t->exchanges,
		 t->exchanges == 1 ? "" : "s", cards, cards == 1 ? "" : "s");
	return out;
}

const char *words_seal(const struct report_trace *t, char out[static WORDS_MAX])
{
	char words[SEAL_WORDS_MAX], key[HEX_LEN];

	seal_verdict_words(&t->seal, words);
	hex_encode(SLICE_OF(t->fingerprint), key, sizeof(key));
	if (t->seal.sealed && t->seal.is_signed)
		snprintf(out, WORDS_MAX, "%s; signed by key %s", words, key);
	else
		snprintf(out, WORDS_MAX, "%s", words);
	return out;
}

const char *words_time(int64_t time_ns, char out[static WORDS_MAX])
{
	time_t s = (time_t)(time_ns / NS);
	char day[32];
	struct tm tm;

	if (time_ns < CLOCK_OF_ITS_OWN || !gmtime_r(&s, &tm)) {
		snprintf(out, WORDS_MAX, "%" PRId64 ".%06d s by its own clock", time_ns / NS,
			 (int)(time_ns < 0 ? 0 : time_ns % NS / 1000));
		return out;
	}
	strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(out, WORDS_MAX, "%s.%06d UTC", day, (int)(time_ns % NS / 1000));
	return out;
}

const char *words_span(int64_t ns, char out[static WORDS_MAX])
{
	int64_t s = ns / NS;

	if (s < 1)
		snprintf(out, WORDS_MAX, "%.1f ms", (double)ns / 1e6);
	else if (s < 60)
		snprintf(out, WORDS_MAX, "%.1f s", (double)ns / 1e9);
	else if (s < 3600)
		snprintf(out, WORDS_MAX, "%d min %d s", (int)(s / 60), (int)(s % 60));
	else
		snprintf(out, WORDS_MAX, "%" PRId64 " h %d min", s / 3600, (int)(s / 60 % 60));
	return out;
}

const char *words_party(enum audit_party party)
{
	static const char *const names[] = {[AUDIT_CARD] = "card",
					    [AUDIT_HOST] = "host",
					    [AUDIT_OPERATOR] = "operator",
					    [AUDIT_MANAGER] = "SM-DP+"};

	return names[party];
}
