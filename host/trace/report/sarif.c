#include "host/trace/report/sarif.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "host/trace/report/baseline.h"
#include "host/trace/report/words.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/read/format.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"

#define SCHEMA                                                                                     \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"                      \
	"sarif-schema-2.1.0.json"
#define PRINT_NAME "twinkeyFinding/v2" /* of partialFingerprints: 3.27.17 */
#define URI_MAX	   8192
#define TEXT_MAX   1024
#define PRINT_HEX  (2 * REPORT_PRINT_LEN + 1)
#define DIGEST_HEX (2 * SHA256_LEN + 1)

static json_t *message_of(const char *text)
{
	return json_pack("{s:o}", "text", json_text(slice_str(text)));
}

/* 3.27.10 */
static const char *level_of(enum finding_severity severity)
{
	static const char *const levels[] = {
		[FINDING_INFO] = "note", [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error"};

	return levels[severity];
}

/* RFC 3986: a path as a relative reference, or a file URI of an absolute one. */
static void make_uri(const char *path, char out[static URI_MAX])
{
	size_t n = 0;

	if (strcmp(path, "-") == 0)
		path = "stdin";
	if (*path == '/')
		n = (size_t)snprintf(out, URI_MAX, "file://");
	for (; *path && n + 4 < URI_MAX; path++) {
		unsigned char c = (unsigned char)*path;

		if (c < 0x80 && (isalnum(c) || strchr("/-._~", c)))
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, URI_MAX - n, "%%%02X", c);
	}
	out[n] = 0;
}

static json_t *artifact_of(const struct report *r)
{
	char uri[URI_MAX];

	make_uri(r->trace.path, uri);
	return json_pack("{s:s, s:i}", "uri", uri, "index", 0);
}

/* 3.30: lines of a text, octets of anything else; NULL: the place is not known. */
static json_t *region_of(const struct report *r, const struct audit_spot *at)
{
	const struct trace_format *f = r->trace.format;

	if (!f || !at->place.number)
		return NULL;
	if (f->line)
		return json_pack(
			"{s:I, s:I}", "startLine", (json_int_t)at->place.number, "endLine",
			(json_int_t)(at->last > at->place.number ? at->last : at->place.number));
	if (!at->place.offset)
		return NULL;
	return json_pack("{s:I}", "byteOffset", (json_int_t)at->place.offset);
}

static json_t *location_of(const struct report *r, const struct audit_spot *at, const char *about)
{
	json_t *region = region_of(r, at);
	json_t *physical = json_pack("{s:o}", "artifactLocation", artifact_of(r));
	json_t *location = json_pack("{s:o}", "physicalLocation", physical);

	if (region)
		json_object_set_new(physical, "region", region);
	if (*about)
		json_object_set_new(
			location, "logicalLocations",
			json_pack("[{s:o}]", "fullyQualifiedName", json_text(slice_str(about))));
	return location;
}

static json_t *rules_of(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->rule_count; i++) {
		const struct finding_rule *rule = r->rules[i].rule;
		char help[TEXT_MAX];

		snprintf(help, sizeof(help), "%.500s\n\nSource: %.200s", rule->remedy,
			 rule->clause);
		json_array_append_new(
			list, json_pack("{s:s, s:o, s:o, s:o, s:{s:s}, s:{s:s, s:[s]}}", "id",
					rule->id, "shortDescription", message_of(rule->says),
					"fullDescription", message_of(rule->means), "help",
					message_of(help), "defaultConfiguration", "level",
					level_of(rule->severity), "properties", "clause",
					rule->clause, "tags", audit_family_of(rule)));
	}
	return list;
}

static void set_baseline_state(const struct report *r, const struct report_finding *f,
			       json_t *result)
{
	if (r->baseline)
		json_object_set_new(result, "baselineState",
				    json_string(f->accepted ? "unchanged" : "new"));
	if (!f->accepted)
		return;
	json_object_set_new(
		result, "suppressions",
		json_pack("[{s:s, s:s, s:o}]", "kind", "external", "status", "accepted",
			  "justification",
			  json_text(slice_str(*f->note ? f->note : "in the baseline"))));
}

static json_t *print_of(const uint8_t print[static REPORT_PRINT_LEN])
{
	char hex[PRINT_HEX];

	hex_encode(slice_make(print, REPORT_PRINT_LEN), hex, sizeof(hex));
	return json_pack("{s:s}", PRINT_NAME, hex);
}

static json_t *result_of(const struct report *r, const struct report_finding *f)
{
	const struct finding_rule *rule = r->rules[f->rule].rule;
	char text[TEXT_MAX];
	json_t *result, *before;

	snprintf(text, sizeof(text), "%s: %.300s%s%.300s%s", f->where, f->detail,
		 *f->context ? " (" : "", f->context, *f->context ? ")" : "");
	result = json_pack("{s:s, s:I, s:s, s:o, s:[o], s:o, s:{s:I, s:I}}", "ruleId", rule->id,
			   "ruleIndex", (json_int_t)f->rule, "level", level_of(rule->severity),
			   "message", message_of(text), "locations",
			   location_of(r, &f->at, f->about), "partialFingerprints",
			   print_of(f->print), "properties", "card", (json_int_t)f->at.card,
			   "frame", (json_int_t)f->at.place.number);
	if (f->has_before) {
		before = location_of(r, &f->before, "");
		json_object_set_new(before, "id", json_integer(1));
		json_object_set_new(before, "message", message_of("what it disagrees with"));
		json_object_set_new(result, "relatedLocations", json_pack("[o]", before));
	}
	set_baseline_state(r, f, result);
	return result;
}

/* 3.27.24: what the baseline has, and this trace has not */
static void add_absent(const struct report *r, json_t *list)
{
	size_t count;
	const struct baseline_entry *entries = baseline_entries(r->baseline, &count);

	for (size_t i = 0; i < count; i++) {
		char text[TEXT_MAX];

		if (entries[i].matches || !*entries[i].rule)
			continue;
		snprintf(text, sizeof(text), "%.300s%s%.300s", entries[i].about,
			 *entries[i].about ? ": " : "", entries[i].detail);
		json_array_append_new(
			list, json_pack("{s:o, s:s, s:s, s:o, s:o}", "ruleId",
					json_text(slice_str(entries[i].rule)), "level", "none",
					"baselineState", "absent", "message", message_of(text),
					"partialFingerprints", print_of(entries[i].print)));
	}
}

static json_t *results_of(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->finding_count; i++)
		json_array_append_new(list, result_of(r, &r->findings[i]));
	add_absent(r, list);
	return list;
}

static json_t *artifacts_of(const struct report *r)
{
	char uri[URI_MAX], hex[DIGEST_HEX];
	json_t *artifact;

	make_uri(r->trace.path, uri);
	hex_encode(SLICE_OF(r->trace.digest), hex, sizeof(hex));
	artifact = json_pack("{s:{s:s}, s:I, s:[s]}", "location", "uri", uri, "length",
			     (json_int_t)r->trace.octets, "roles", "analysisTarget");
	if (r->trace.has_digest)
		json_object_set_new(artifact, "hashes", json_pack("{s:s}", "sha-256", hex));
	return json_pack("[o]", artifact);
}

/* 3.20 */
static json_t *invocations_of(const struct report *r)
{
	json_t *one =
		json_pack("{s:b, s:s}", "executionSuccessful", r->complete, "endTimeUtc", r->made);

	if (!r->complete)
		json_object_set_new(
			one, "toolExecutionNotifications",
			json_pack("[{s:s, s:o}]", "level", "error", "message", message_of(r->why)));
	return json_pack("[o]", one);
}

/* How many findings there were beyond those that are told. */
static json_t *left_out_of(const struct report *r)
{
	size_t all = 0;

	for (size_t i = 0; i < r->rule_count; i++)
		all += r->rules[i].found + r->rules[i].accepted;
	return json_integer((json_int_t)(all - r->finding_count));
}

void report_sarif(const struct report *r, struct wbuf *out)
{
	char verdict[WORDS_MAX];
	json_t *driver = json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", "twinkey trace audit",
				   "version", TWINKEY_VERSION, "semanticVersion", TWINKEY_VERSION,
				   "organization", "Twinkey", "rules", rules_of(r));
	json_t *run = json_pack("{s:{s:o}, s:o, s:o, s:o, s:{s:s, s:o}}", "tool", "driver", driver,
				"invocations", invocations_of(r), "artifacts", artifacts_of(r),
				"results", results_of(r), "properties", "verdict",
				words_verdict(r, verdict), "findingsLeftOut", left_out_of(r));

	json_put(out, json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA, "version", "2.1.0", "runs",
				run));
}
