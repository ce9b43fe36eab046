/* inspect: what a card holds, secrets left out. */
#include <inttypes.h>
#include <stdio.h>

#include "card-emu/cmd/cmd.h"
#include "card-emu/core/signer.h"
#include "card-emu/fs/path.h"
#include "card-emu/fs/pins.h"
#include "card-emu/profile/applist.h"
#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/profile/release.h"
#include "card-emu/profile/subscription.h"
#include "card-emu/store/journal_report.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/auth/sqn.h"
#include "lib/base/bytes.h"
#include "lib/base/secret.h"
#include "lib/crypto/cert.h"
#include "lib/profile/build.h"
#include "lib/profile/services.h"
#include "tool/cli/json.h"

static const char *dir, *anchor;

static const struct tool_option options[] = {
	{"dir", 'd', OPT_STRING, "DIR", "The card's folder (needed)", &dir},
	ANCHOR_OPTION(&anchor),
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

struct report {
	const struct store *store;
	json_t *profiles;
};

static bool count(void *ctx, const char *key, struct slice value)
{
	(void)key, (void)value;
	++*(json_int_t *)ctx;
	return true;
}

static json_int_t count_files(const struct store *s, unsigned n)
{
	char prefix[STORE_KEY_MAX + 1];
	json_int_t files = 0;

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES, n);
	store_each(s, prefix, count, &files);
	return files;
}

static json_t *subscriptions(const struct store *s, unsigned n)
{
	json_t *list = json_array();

	for (unsigned sub = 1; sub < SUBSCRIPTION_OTHER + 16; sub++) {
		struct sqn_array sqn;
		char text[16];

		if (subscription_sqn_load(s, n, sub, &sqn))
			continue;
		snprintf(text, sizeof(text), "%012" PRIx64, sqn_highest(&sqn));
		json_array_append_new(
			list, json_pack("{s:i, s:s}", "subscription", (int)sub, "sqn", text));
	}
	return list;
}

static void add_pin(json_t *list, const struct store *s, unsigned n, const char *df, uint8_t ref)
{
	struct pin_record pin;

	if (pin_load_in(s, n, df, ref, &pin))
		return;
	json_array_append_new(list, json_pack("{s:i, s:s, s:b, s:i, s:i}", "reference", (int)ref,
					      "df", *df ? df : "3F00", "enabled", pin.enabled,
					      "tries", (int)pin.tries, "pukTries",
					      pin.has_puk ? (int)pin.puk_tries : 0));
	secret_wipe(&pin, sizeof(pin));
}

struct pins {
	const struct store *store;
	unsigned number;
	json_t *list;
};

/* p/<n>/pin/<ref> or p/<n>/pin/<ref>/<df> */
static bool list_pin(void *ctx, const char *key, struct slice value)
{
	struct pins *p = ctx;
	unsigned n, ref;
	char df[FS_PATH_MAX] = "";

	(void)value;
	if (sscanf(key, "p/%2x/pin/%2x/%32s", &n, &ref, df) >= 2)
		add_pin(p->list, p->store, p->number, df, (uint8_t)ref);
	return true;
}

static json_t *pins(const struct store *s, unsigned n)
{
	struct pins p = {s, n, json_array()};
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_PIN, n);
	store_each(s, prefix, list_pin, &p);
	return p.list;
}

static bool list_app(void *ctx, const struct profile_app *a)
{
	char aid[2 * 16 + 1] = "", package[2 * 16 + 1] = "", tars[256] = "";

	if (hex_encode(a->aid, aid, sizeof(aid)) == ERR_OK &&
	    hex_encode(a->package, package, sizeof(package)) == ERR_OK) {
		(void)!hex_encode(a->tars, tars, sizeof(tars)); /* too many: not shown */
		json_array_append_new(ctx, json_pack("{s:s, s:s, s:s, s:i, s:s}", "kind",
						     app_kind_name(a->kind), "aid", aid, "package",
						     package, "lifeCycle", (int)a->life_cycle,
						     "tars", tars));
	}
	return true;
}

static json_t *apps(const struct store *s, unsigned n)
{
	json_t *list = json_array();

	app_each(s, n, list_app, list);
	return list;
}

static bool add_profile(void *ctx, unsigned n, const struct profile_record *r)
{
	struct report *report = ctx;
	struct release_record release;
	char iccid[2 * ICCID_LEN + 1];

	release_load(report->store, n, &release);
	profile_iccid_text(r->iccid, iccid);
	json_array_append_new(report->profiles,
			      json_pack("{s:i, s:s, s:s, s:o, s:I, s:i, s:I, s:o, s:o, s:o}",
					"number", (int)n, "iccid", iccid, "state",
					r->state == PROFILE_ENABLED ? "enabled" : "disabled",
					"nickname", json_text(slice_str(r->nickname)), "files",
					count_files(report->store, n), "activeSubscription",
					(int)release.active, "keyId", (json_int_t)release.key_id,
					"subscriptions", subscriptions(report->store, n), "pins",
					pins(report->store, n), "applications",
					apps(report->store, n)));
	return true;
}

static void say_profile(const json_t *p)
{
	const json_t *row;
	size_t i;

	tool_say("profile %" JSON_INTEGER_FORMAT ": ICCID %s, %s, %" JSON_INTEGER_FORMAT " files",
		 json_integer_value(json_object_get(p, "number")),
		 json_string_value(json_object_get(p, "iccid")),
		 json_string_value(json_object_get(p, "state")),
		 json_integer_value(json_object_get(p, "files")));
	tool_say("  active subscription %" JSON_INTEGER_FORMAT ", key id %" JSON_INTEGER_FORMAT,
		 json_integer_value(json_object_get(p, "activeSubscription")),
		 json_integer_value(json_object_get(p, "keyId")));
	json_array_foreach(json_object_get(p, "subscriptions"), i, row)
		tool_say("  subscription %" JSON_INTEGER_FORMAT ": SQN %s",
			 json_integer_value(json_object_get(row, "subscription")),
			 json_string_value(json_object_get(row, "sqn")));
	json_array_foreach(json_object_get(p, "pins"), i, row)
		tool_say("  PIN %02X of %s: %s, %" JSON_INTEGER_FORMAT " tries left",
			 (unsigned)json_integer_value(json_object_get(row, "reference")),
			 json_string_value(json_object_get(row, "df")),
			 json_is_true(json_object_get(row, "enabled")) ? "enabled" : "disabled",
			 json_integer_value(json_object_get(row, "tries")));
	json_array_foreach(json_object_get(p, "applications"), i, row) tool_say(
		"  %s %s, stored, not run", json_string_value(json_object_get(row, "kind")),
		json_string_value(json_object_get(row, "aid")));
}

/* The CIs under which the card signs, and what it announces. */
static json_t *signers(const struct store *s)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < CARD_SIGNERS_MAX; i++) {
		uint8_t mem[CERT_KEY_ID_MAX];
		struct wbuf id = wbuf_init(mem, sizeof(mem));
		char text[2 * CERT_KEY_ID_MAX + 1];

		if (signer_ci(s, i, &id) || hex_encode(wbuf_slice(&id), text, sizeof(text)))
			continue;
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *version(const struct store *s)
{
	char text[16];
	struct slice svn;

	if (!store_get(s, STORE_KEY_SVN, &svn))
		return json_null();
	snprintf(text, sizeof(text), "%d.%d.%d", slice_at(svn, 0), slice_at(svn, 1),
		 slice_at(svn, 2));
	return json_string(text);
}

/* The services that the card was made without. */
static json_t *without(const struct store *s)
{
	uint32_t set = install_without(s);
	const struct service_row *row;
	json_t *list = json_array();

	for (unsigned n = 0; (row = service_at(n)) != NULL; n++) {
		if (set & SERVICE_SET(n))
			json_array_append_new(list, json_string(row->name));
	}
	return list;
}

/* The file behind it, as it was when it was opened. */
static json_t *journal(const struct store *s)
{
	const struct journal_report *r = store_report(s);

	return json_pack("{s:I, s:I, s:I, s:b}", "records", (json_int_t)r->records, "lastCommit",
			 (json_int_t)r->number, "head", (json_int_t)r->head, "unfinished", r->torn);
}

static void say_journal(const json_t *j)
{
	json_int_t last = json_integer_value(json_object_get(j, "lastCommit"));
	json_int_t head = json_integer_value(json_object_get(j, "head"));
	char behind[64] = "";

	if (head < last)
		snprintf(behind, sizeof(behind),
			 "; its head was behind, at commit %" JSON_INTEGER_FORMAT, head);
	tool_say("journal: whole, %" JSON_INTEGER_FORMAT
		 " records, the last is commit %" JSON_INTEGER_FORMAT "%s%s",
		 json_integer_value(json_object_get(j, "records")), last, behind,
		 json_is_true(json_object_get(j, "unfinished"))
			 ? "; a commit that was not finished was dropped"
			 : "");
}

static void say_card(const json_t *card)
{
	const json_t *id;
	size_t i;

	tool_say("EID %s", json_string_value(json_object_get(card, "eid")));
	if (json_is_string(json_object_get(card, "sgp22")))
		tool_say("SGP.22 %s", json_string_value(json_object_get(card, "sgp22")));
	json_array_foreach(json_object_get(card, "signsUnder"), i, id)
		tool_say("signs under CI %s", json_string_value(id));
	json_array_foreach(json_object_get(card, "without"), i, id)
		tool_say("without the service %s", json_string_value(id));
	say_journal(json_object_get(card, "journal"));
}

static int run_inspect(int argc, char **argv)
{
	struct report report = {0};
	struct store *store = NULL;
	struct slice eid = SLICE_EMPTY;
	char eid_text[33] = "";
	json_t *profile, *card;
	size_t i;
	enum err e;

	(void)argc, (void)argv;
	if (!dir)
		return tool_usage("--dir is missing");
	e = store_open_with(&(struct store_options){.dir = dir, .anchor = anchor}, &store);
	if (e)
		return cmd_fail_open(e, dir);
	cmd_warn_open(dir);
	if (!store_get(store, STORE_KEY_EID, &eid) || hex_encode(eid, eid_text, sizeof(eid_text))) {
		store_close(&store);
		return tool_fail(ERR_CORRUPT, "%s: there is no EID in it", dir);
	}
	report.store = store;
	report.profiles = json_array();
	profile_each(store, add_profile, &report);
	card = json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:o}", "eid", eid_text, "sgp22",
			 version(store), "signsUnder", signers(store), "without", without(store),
			 "journal", journal(store), "octets", (json_int_t)store_used(store),
			 "profiles", report.profiles);
	say_card(card);
	json_array_foreach(report.profiles, i, profile) say_profile(profile);
	if (json_array_size(report.profiles) == 0)
		tool_say("no profile");
	if (tool_json())
		tool_print_json(json_incref(card));
	json_decref(card);
	store_close(&store);
	return TOOL_OK;
}

const struct tool_command cmd_inspect = {
	.name = "inspect",
	.args = "",
	.summary = "Say what the card holds, never a secret",
	.options = options,
	.run = run_inspect,
};
