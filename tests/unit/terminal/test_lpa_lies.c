/*
 * lpa_lies: a subscription manager, or a card, that lies to the LPA. Whatever it says, the download
 * ends with an error, nothing is installed, and the next honest download works.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/state.h"
#include "host/operator/smdp/fault.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/lpa/words.h"
#include "host/terminal/uicc.h"
#include "lib/base/base64.h"
#include "lib/base/oid.h"
#include "lib/rsp/rsp.h"
#include "tests/unit/support/flow.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/cli/json.h"

#define DER_MAX	    (1u << 20)
#define FILE_MAX    (16u << 20)
#define FLIPS	    24	/* places of a field at which an octet is changed */
#define APDUS_MAX   256 /* of one download */
#define LARGE_FIELD (700u * 1024)

enum distortion {
	GONE,
	NUMBER,
	NOTHING,
	LIST,
	OBJECT,
	EMPTY,
	NO_BASE64,
	CUT,
	LONGER,
	LARGE,
	CHANGED, /* + the number of the place */
	DISTORTIONS = CHANGED + FLIPS
};

/* What the liar does next. */
struct lie {
	const char *function, *field;
	unsigned how;
	json_t *replacement; /* of the whole answer, or NULL */
	enum err error;	     /* instead of an answer */
	unsigned told;	     /* how often it was told */
};

static json_t *distort(const json_t *value, unsigned how)
{
	struct wbuf der = wbuf_grow(DER_MAX);
	json_t *object = json_pack("{s:O}", "v", value), *out;
	bool base64 = json_base64_field(object, "v", &der) == ERR_OK && der.len;

	json_decref(object);
	if (how == CUT)
		wbuf_cut(&der, der.len - 1);
	else if (how == LONGER)
		wbuf_u8(&der, 0);
	else if (how == LARGE)
		wbuf_fill(&der, 0x30, LARGE_FIELD - der.len);
	else if (base64)
		der.ptr[(how - CHANGED) * der.len / FLIPS] ^= 0x04;
	out = base64 ? json_base64(wbuf_slice(&der)) : json_string("00");
	wbuf_free(&der);
	return out;
}

static void tell(json_t *answer, const char *field, unsigned how)
{
	switch (how) {
	case GONE: json_object_del(answer, field); break;
	case NUMBER: json_object_set_new(answer, field, json_integer(7)); break;
	case NOTHING: json_object_set_new(answer, field, json_null()); break;
	case LIST: json_object_set_new(answer, field, json_pack("[s]", "MAA=")); break;
	case OBJECT: json_object_set_new(answer, field, json_object()); break;
	case EMPTY: json_object_set_new(answer, field, json_string("")); break;
	case NO_BASE64: json_object_set_new(answer, field, json_string("*no base64*")); break;
	default: json_object_set_new(answer, field, distort(json_object_get(answer, field), how));
	}
}

static enum err liar(struct flow *f, const char *function, json_t **answer)
{
	struct lie *lie = f->ctx;

	if (!lie || strcmp(function, lie->function) != 0)
		return ERR_OK;
	lie->told++;
	if (lie->error) {
		json_decref(*answer);
		*answer = NULL;
		return lie->error;
	}
	if (lie->replacement) {
		json_decref(*answer);
		*answer = json_deep_copy(lie->replacement);
	} else if (*answer) {
		tell(*answer, lie->field, lie->how);
	}
	return ERR_OK;
}

static void read_journal(const struct flow *f, struct wbuf *w)
{
	char path[160];

	wbuf_reset(w);
	ASSERT_ERR(path_join(f->card_dir, "journal", path, sizeof(path)), ERR_OK);
	ASSERT_ERR(file_read(path, NULL, w), ERR_OK);
}

/* Reports what the eUICC has to report, so that its list does not grow for ever. */
static void report(struct flow *f)
{
	struct lpa_report r = {0};
	void *lie = f->ctx;

	f->ctx = NULL;
	ASSERT_ERR(lpa_send_notifications(f->lpa, &f->network, &r), ERR_OK);
	CU_ASSERT_EQUAL(r.kept, 0);
	f->ctx = lie;
}

/* loads: whether the lie comes after the eUICC began to write: it keeps the one-time key of
 * PrepareDownload for a retry (SGP.22 5.7.5). */
static void expect_refused(struct flow *f, struct lie *lie, bool loads)
{
	struct wbuf before = wbuf_grow(FILE_MAX), after = wbuf_grow(FILE_MAX);
	char said[ES9P_MESSAGE];
	bool ok;
	enum err e;

	flow_release_again(f);
	f->ctx = lie;
	read_journal(f, &before);
	e = flow_download(f, 0, NULL);
	f->ctx = NULL;
	snprintf(said, sizeof(said), "%s", lpa_message(f->lpa));
	/* the card is not to blame: either side's own words say what is wrong */
	ok = e != ERR_OK && lie->told > 0 && *said && flow_card_profiles(f) == 0 &&
	     flow_profile_state(f) != SMDP_INSTALLED;
	if (!loads) {
		read_journal(f, &after);
		ok = ok && slice_equal(wbuf_slice(&before), wbuf_slice(&after));
	}
	if (!ok)
		fprintf(stderr, "\n%s, %s, lie %u: %s, told %u times, \"%s\"\n", lie->function,
			lie->field ? lie->field : "whole", lie->how, err_name(e), lie->told, said);
	CU_ASSERT(ok);
	if (loads)
		report(f);
	wbuf_free(&before);
	wbuf_free(&after);
}

static bool loads(const char *function)
{
	return strcmp(function, "getBoundProfilePackage") == 0;
}

static void expect_honest_works(struct flow *f)
{
	f->ctx = NULL;
	ASSERT_ERR(flow_download(f, 0, NULL), ERR_OK);
	CU_ASSERT_EQUAL(flow_card_profiles(f), 1);
	report(f);
	CU_ASSERT_EQUAL(flow_profile_state(f), SMDP_INSTALLED);
}

static const struct {
	const char *function, *field;
	bool loads;
} told[] = {
	{"initiateAuthentication", "transactionId", false},
	{"initiateAuthentication", "serverSigned1", false},
	{"initiateAuthentication", "serverSignature1", false},
	{"initiateAuthentication", "euiccCiPKIdToBeUsed", false},
	{"initiateAuthentication", "serverCertificate", false},
	{"authenticateClient", "profileMetadata", true}, /* found out when the package comes */
	{"authenticateClient", "smdpSigned2", false},
	{"authenticateClient", "smdpSignature2", false},
	{"authenticateClient", "smdpCertificate", false},
	{"getBoundProfilePackage", "boundProfilePackage", true},
};

/* Each field of each answer: gone, of another type, no base64, cut, longer, changed. */
static void test_fields(void)
{
	struct flow f;

	flow_open(&f);
	f.lie = liar;
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		for (unsigned how = 0; how < DISTORTIONS; how++) {
			struct lie lie = {
				.function = told[i].function, .field = told[i].field, .how = how};

			expect_refused(&f, &lie, told[i].loads);
		}
	}
	expect_honest_works(&f);
	flow_close(&f);
}

/* Members that every answer has. */
static void test_envelope(void)
{
	static const char *const functions[] = {"initiateAuthentication", "authenticateClient",
						"getBoundProfilePackage"};
	struct flow f;

	flow_open(&f);
	f.lie = liar;
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		for (unsigned how = GONE; how <= NO_BASE64; how++) {
			struct lie header = {
				.function = functions[i], .field = "header", .how = how};
			struct lie id = {
				.function = functions[i], .field = "transactionId", .how = how};

			expect_refused(&f, &header, loads(functions[i]));
			expect_refused(&f, &id, loads(functions[i]));
		}
	}
	expect_honest_works(&f);
	flow_close(&f);
}

/* Errors of HTTP, and of the function. */
static void test_errors(void)
{
	static const char *const functions[] = {"initiateAuthentication", "authenticateClient",
						"getBoundProfilePackage"};
	static const enum err errors[] = {ERR_ENCODING, ERR_NOT_FOUND, ERR_REFUSED,
					  ERR_IO,	ERR_SPACE,     ERR_WRONG_STATE};
	json_t *bodies[] = {
		json_pack("{s:{s:{s:s, s:{s:s, s:s}}}}", "header", "functionExecutionStatus",
			  "status", "Failed", "statusCodeData", "subjectCode", "8.1", "reasonCode",
			  "6.1"),
		json_pack("{s:{s:{s:s}}}", "header", "functionExecutionStatus", "status",
			  "Executed-Success"), /* and no field at all */
		json_pack("{s:{s:{s:s}}}", "header", "functionExecutionStatus", "status", "What?"),
		json_object(),
	};
	struct flow f;

	flow_open(&f);
	f.lie = liar;
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		for (size_t k = 0; k < ARRAY_LEN(errors); k++) {
			struct lie lie = {.function = functions[i], .error = errors[k]};

			expect_refused(&f, &lie, loads(functions[i]));
		}
		for (size_t k = 0; k < ARRAY_LEN(bodies); k++) {
			struct lie lie = {.function = functions[i], .replacement = bodies[k]};

			expect_refused(&f, &lie, loads(functions[i]));
		}
	}
	expect_honest_works(&f);
	flow_close(&f);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		json_decref(bodies[i]);
}

/* Keeps the answer of one function, told later again. */
static enum err keeper(struct flow *f, const char *function, json_t **answer)
{
	struct lie *lie = f->ctx;

	if (lie && strcmp(function, lie->function) == 0) {
		lie->replacement = json_deep_copy(*answer);
		return ERR_REFUSED; /* so that this session ends here */
	}
	return ERR_OK;
}

/* The genuine answer of an earlier session. */
static void test_replays(void)
{
	static const char *const functions[] = {"initiateAuthentication", "authenticateClient",
						"getBoundProfilePackage"};
	struct flow f;

	flow_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		struct lie lie = {.function = functions[i]};

		f.lie = keeper;
		f.ctx = &lie;
		CU_ASSERT_NOT_EQUAL(flow_download(&f, 0, NULL), ERR_OK);
		CU_ASSERT_PTR_NOT_NULL_FATAL(lie.replacement);
		f.lie = liar;
		expect_refused(&f, &lie, loads(functions[i]));
		json_object_del(lie.replacement, "transactionId"); /* what is signed still tells */
		lie.told = 0;
		if (strcmp(functions[i], "initiateAuthentication") != 0)
			expect_refused(&f, &lie, loads(functions[i]));
		json_decref(lie.replacement);
	}
	expect_honest_works(&f);
	flow_close(&f);
}

/* A notification that was taken, but the answer says otherwise: it stays in the eUICC, is sent
 * again, and the manager hears the same twice. */
static void test_notification_refused(void)
{
	struct lie lie = {.function = "handleNotification", .error = ERR_REFUSED};
	struct lpa_report r = {0};
	struct flow f;

	flow_open(&f);
	f.lie = liar;
	ASSERT_ERR(flow_download(&f, 0, NULL), ERR_OK);
	f.ctx = &lie;
	ASSERT_ERR(lpa_send_notifications(f.lpa, &f.network, &r), ERR_OK);
	CU_ASSERT_EQUAL(r.kept, 1);
	CU_ASSERT_EQUAL(r.sent, 0);
	report(&f);
	CU_ASSERT_EQUAL(flow_profile_state(&f), SMDP_INSTALLED);
	flow_close(&f);
}

/* A card whose n-th response is another than it gave. */
enum card_distortion {
	CARD_ERROR,
	CARD_EMPTY,
	CARD_CUT,
	CARD_LONGER,
	CARD_FIRST,
	CARD_MIDDLE,
	CARD_LAST,
	CARD_MORE, /* 61xx without end is cut off by the next, true response */
	CARD_DISTORTIONS
};

struct card_liar {
	unsigned at, seen, how;
};

static void card_liar(struct flow *f, struct slice command, struct wbuf *response)
{
	struct card_liar *c = f->ctx;
	size_t data = response->len < 2 ? 0 : response->len - 2;
	uint16_t sw = 0;

	(void)command;
	if (!c || c->seen++ != c->at || response->len < 2)
		return;
	sw = (uint16_t)(response->ptr[data] << 8 | response->ptr[data + 1]);
	switch (c->how) {
	case CARD_ERROR:
		wbuf_reset(response);
		wbuf_u16(response, 0x6F00);
		return;
	case CARD_EMPTY: wbuf_cut(response, 0); break;
	case CARD_CUT: wbuf_cut(response, data ? data - 1 : 0); break;
	case CARD_LONGER:
		wbuf_cut(response, data);
		wbuf_u8(response, 0);
		break;
	case CARD_FIRST:
		wbuf_cut(response, data);
		if (data)
			response->ptr[0] ^= 0x20;
		break;
	case CARD_MIDDLE:
		wbuf_cut(response, data);
		if (data)
			response->ptr[data / 2] ^= 0x01;
		break;
	case CARD_LAST:
		wbuf_cut(response, data);
		if (data)
			response->ptr[data - 1] ^= 0x01;
		break;
	default: wbuf_cut(response, data); sw = 0x6110;
	}
	wbuf_u16(response, sw);
}

/* As after the reader was unplugged: a new reset, a new channel; nothing left of the profile. */
static void start_over(struct flow *f)
{
	f->ctx = NULL;
	lpa_close(&f->lpa);
	ASSERT_ERR(uicc_reset(f->u), ERR_OK);
	CU_ASSERT_FATAL(lpa_open(f->u, SLICE_EMPTY, &f->lpa) == ERR_OK);
	report(f);
	if (flow_card_profiles(f))
		ASSERT_ERR(lpa_profile_command(f->lpa, SGP22_TAG_DELETE_PROFILE,
					       SLICE_OF(f->sub.iccid)),
			   ERR_OK);
	report(f);
}

static bool download_with_card(struct flow *f, struct card_liar *c)
{
	bool ok, installed;
	enum err e;

	flow_release_again(f);
	f->ctx = c;
	e = flow_download(f, 0, NULL);
	f->ctx = NULL;
	lpa_close(&f->lpa);
	ASSERT_ERR(uicc_reset(f->u), ERR_OK);
	CU_ASSERT_FATAL(lpa_open(f->u, SLICE_EMPTY, &f->lpa) == ERR_OK);
	installed = flow_card_profiles(f) == 1;
	ok = (e || installed) && flow_profile_state(f) != SMDP_INSTALLED;
	start_over(f); /* what is true in the eUICC's list is told now, and what is deleted */
	ok = ok && (flow_profile_state(f) == SMDP_DELETED) == installed;
	if (!ok)
		fprintf(stderr, "\nresponse %u, lie %u: %s, installed %d, at the manager %s\n",
			c->at, c->how, err_name(e), installed,
			smdp_state_name(flow_profile_state(f)));
	return ok;
}

/*
 * Every response of a whole download, distorted in each way: success is said only when the profile
 * is there, and the manager hears what is true.
 */
static void test_card(void)
{
	struct card_liar honest = {.at = APDUS_MAX};
	struct flow f;

	flow_open(&f);
	f.card_lie = card_liar;
	CU_ASSERT(download_with_card(&f, &honest));
	CU_ASSERT(honest.seen > 20 && honest.seen < APDUS_MAX);
	for (unsigned at = 0; at < honest.seen; at++) {
		for (unsigned how = 0; how < CARD_DISTORTIONS; how++) {
			struct card_liar c = {.at = at, .how = how};

			CU_ASSERT(download_with_card(&f, &c));
		}
	}
	flow_release_again(&f);
	ASSERT_ERR(flow_download(&f, 0, NULL), ERR_OK);
	flow_close(&f);
}

static json_t *refusal(const char *subject, const char *reason, const char *text)
{
	return json_pack("{s:{s:{s:s, s:{s:s, s:s, s:s}}}}", "header", "functionExecutionStatus",
			 "status", "Failed", "statusCodeData", "subjectCode", subject, "reasonCode",
			 reason, "message", text);
}

/* What the LPA makes of it: a cause, what to do, the codes. */
static void expect_advice(struct flow *f, const char *subject, const char *reason, const char *text)
{
	static const char who[] = "the subscription manager: ";
	struct lie lie = {.function = "initiateAuthentication",
			  .replacement = refusal(subject, reason, text)};
	char codes[32], *cause;
	enum err e;

	snprintf(codes, sizeof(codes), " (%s/%s)", subject, reason);
	f->ctx = &lie;
	e = flow_download(f, 0, NULL);
	f->ctx = NULL;
	json_decref(lie.replacement);
	CU_ASSERT(e == ERR_REFUSED || e == ERR_WRONG_STATE);
	cause = strstr(lpa_message(f->lpa), who);
	CU_ASSERT_PTR_NOT_NULL_FATAL(cause);
	if (!strstr(cause + strlen(who), ": ") || !strstr(cause, codes))
		fprintf(stderr, "\n%s\n", lpa_message(f->lpa));
	CU_ASSERT_PTR_NOT_NULL(strstr(cause + strlen(who), ": "));
	CU_ASSERT_PTR_NOT_NULL(strstr(cause, codes));
}

/* Each code that a manager of ours may answer at ES9+, and one of another's. */
static void test_advice(void)
{
	struct flow f;

	flow_open(&f);
	f.lie = liar;
	for (int c = 0; c < SMDP_FAULT_ICCID_UNKNOWN; c++) {
		const struct smdp_fault *fault = smdp_fault((enum smdp_fault_cause)c);

		if (c == SMDP_FAULT_UNTRUSTED_CALLER) /* of ES2+ */
			continue;
		expect_advice(&f, fault->subject, fault->reason, fault->message);
		/* words of our own, not of any manager */
		CU_ASSERT_PTR_NULL(strstr(lpa_message(f.lpa), "ask its operator ("));
	}
	expect_advice(&f, "9.9", "9.9", "out of order");
	CU_ASSERT_PTR_NOT_NULL(strstr(lpa_message(f.lpa), "out of order: ask its operator"));
	flow_close(&f);
}

/* Each code that an eUICC may answer. */
static void test_card_advice(void)
{
	for (uint32_t code = 1; code <= UINT8_MAX; code++) {
		CU_ASSERT_PTR_NOT_NULL(
			strstr(lpa_authenticate_text((enum es10b_authenticate_error)code), ": "));
		CU_ASSERT_PTR_NOT_NULL(
			strstr(lpa_prepare_text((enum es10b_download_error)code), ": "));
		CU_ASSERT_PTR_NOT_NULL(strstr(lpa_install_text((enum es10b_bpp_error)code), ": "));
	}
}

TEST_SUITE(lpa_lies, {"each field of each answer", test_fields},
	   {"header and transaction of each answer", test_envelope},
	   {"errors of HTTP and of functions", test_errors}, {"replayed answers", test_replays},
	   {"a notification that is not taken", test_notification_refused},
	   {"a card that lies", test_card},
	   {"what can be done about a manager's refusal", test_advice},
	   {"what can be done about the eUICC's", test_card_advice})
