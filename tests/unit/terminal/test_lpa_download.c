/* the LPA's download: codes, consent, breaks, reports */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/state.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/uicc.h"
#include "lib/base/bytes.h"
#include "lib/base/tlv.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/services.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "tests/unit/support/flow.h"
#include "tests/unit/profile/upp_notation.h"
#include "tool/cli/json.h"

#define MANY 1300 /* notifications: a list of more than 64 KiB */

/* SGP.22 4.1: every optional part */
static void test_activation_codes(void)
{
	static const struct {
		const char *code, *address, *id, *oid;
		bool cc;
	} good[] = {
		{"LPA:1$a.example$ID-1", "a.example", "ID-1", "", false},
		{"LPA:1$A.EXAMPLE$ID-a", "a.example", "ID-a", "", false},
		{"1$a.example$ID-1", "a.example", "ID-1", "", false},
		{"1$a.example:8443$", "a.example:8443", "", "", false},
		{"LPA:1$a.example$$2.999.10", "a.example", "", "2.999.10", false},
		{"LPA:1$a.example$X$1.3.6.1.4.1.31746$1", "a.example", "X", "1.3.6.1.4.1.31746",
		 true},
		{"LPA:1$a.example$X$$1", "a.example", "X", "", true},
		{"  LPA:1$a.example$X$$\r\n", "a.example", "X", "", false},
		{"LPA:1$a.example$TS48v5_SAIP2.1A", "a.example", "TS48v5_SAIP2.1A", "", false},
		{"lpa:1$a.example$X", "a.example", "X", "", false},
		{"Lpa:1$a.example$X", "a.example", "X", "", false},
		/* in a link */
		{"LPA:1%24a.example%24X-1", "a.example", "X-1", "", false},
		{"LPA%3a1%24a.example%3A8443%24X%241.2.3%241\n", "a.example:8443", "X", "1.2.3",
		 true},
		{"%20lpa:1%24a.example%24", "a.example", "", "", false},
		/* behind the flag: what later versions add */
		{"LPA:1$a.example$X$$1$81370f5125d0b1d408d4c3b232e6d25e795bebfb", "a.example", "X",
		 "", true},
		{"LPA:1$a.example$X$$$F54172BDF98A95D65CBEB88A38A1C11D800A85C3$1$y", "a.example",
		 "X", "", false},
		{"LPA:1$a.example$ID$$1$", "a.example", "ID", "", true},
		{"LPA:1$ a.example $ X $ $ 1 ", "a.example", "X", "", true},
		{"1$a.example$100%24", "a.example", "100%24", "", false}, /* it has $ of its own */
	};
	static const struct {
		const char *code;
		enum err e;
	} bad[] = {
		{"", ERR_ENCODING},
		{"LPA:", ERR_ENCODING},
		{"LPA:1", ERR_ENCODING},
		{"LPA:1$a.example", ERR_ENCODING},
		{"LPA:1$$ID", ERR_ENCODING},
		{"LPA:2$a.example$ID", ERR_VERSION},
		{"LPA:1$a/b$ID", ERR_ENCODING},
		{"LPA:1$a@b$ID", ERR_ENCODING},
		{"LPA:1$a b$ID", ERR_ENCODING},
		{"LPA:1$a.example$I D", ERR_ENCODING},
		{"LPA:1$a.example$ID$x", ERR_ENCODING},
		{"LPA:1$a.example$ID$1..2", ERR_ENCODING},
		{"LPA:1$a.example$ID$12", ERR_ENCODING},
		{"LPA:1$a.example$ID$$2", ERR_ENCODING},
		{"LPA:1%24a.example%24%00", ERR_ENCODING},
		{"LPA:1%24a.example%24%4", ERR_ENCODING},
		{"LPA:1%24a.example%24%g4", ERR_ENCODING},
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct activation a;

		ASSERT_ERR(activation_parse(good[i].code, &a, NULL), ERR_OK);
		CU_ASSERT_STRING_EQUAL(a.address, good[i].address);
		CU_ASSERT_STRING_EQUAL(a.matching_id, good[i].id);
		CU_ASSERT_STRING_EQUAL(a.oid, good[i].oid);
		CU_ASSERT_EQUAL(a.confirmation_code_required, good[i].cc);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct activation a;
		const char *why = "";

		ASSERT_ERR(activation_parse(bad[i].code, &a, &why), bad[i].e);
		CU_ASSERT_TRUE(*why != 0);
	}
}

/* What is left of "LPA:1$a.example$X" when a shell has taken $a and $X, or $1 and $0. */
static void test_eaten_codes(void)
{
	static const char *const eaten[] = {"LPA:1.example", "LPA:1", "1", "lpa:1.2.3.4", "1-x"};

	for (size_t i = 0; i < ARRAY_LEN(eaten); i++) {
		struct activation a;
		const char *why = "";

		ASSERT_ERR(activation_parse(eaten[i], &a, &why), ERR_ENCODING);
		CU_ASSERT_PTR_NOT_NULL(strstr(why, "single quotes"));
	}
}

static void test_long_codes(void)
{
	char code[800];
	struct activation a;

	for (size_t n = 253; n < 258; n++) {
		snprintf(code, sizeof(code), "1$%0*d$%0*d", (int)n, 0, 1, 0);
		ASSERT_ERR(activation_parse(code, &a, NULL), n < 256 ? ERR_OK : ERR_ENCODING);
		snprintf(code, sizeof(code), "1$a$%0*d", (int)n, 0);
		ASSERT_ERR(activation_parse(code, &a, NULL), n < 256 ? ERR_OK : ERR_ENCODING);
	}
}

/* The reason that the eUICC signed in the last cancelSession; -1: there was none. */
static int cancelled_for(const struct flow *f)
{
	const char *at = NULL, *next = (const char *)f->bodies.ptr;
	struct es10b_cancel_session_response r;
	struct wbuf der = wbuf_grow(4096);
	json_t *body;
	int reason = -1;

	for (; next && next < (const char *)f->bodies.ptr + f->bodies.len; next++) {
		if (strncmp(next, "{\"transactionId\"", 16) == 0) {
			const char *end = strchr(next, '\n');
			const char *field = strstr(next, "\"cancelSessionResponse\"");

			if (field && field < end)
				at = next;
		}
		next = strchr(next, '\n');
		if (!next)
			break;
	}
	body = at ? json_loads(at, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	if (body) {
		ASSERT_ERR(json_base64_field(body, "cancelSessionResponse", &der), ERR_OK);
		ASSERT_ERR(es10b_parse_cancel_session_response(wbuf_slice(&der), &r), ERR_OK);
		CU_ASSERT_TRUE(r.ok);
		reason = r.ok ? (int)r.signed_.reason : -1;
	}
	json_decref(body);
	wbuf_free(&der);
	return reason;
}

static enum lpa_consent say(void *ctx, const struct lpa_offer *offer)
{
	const struct es8p_metadata *m = offer->metadata;
	const enum lpa_consent *what = ctx;

	CU_ASSERT_FALSE(offer->strong);

	CU_ASSERT_TRUE(m->profile_name.len > 0);
	CU_ASSERT_EQUAL(m->iccid.len, RSP_ICCID_LEN);
	return *what;
}

static enum err download_with(struct flow *f, struct lpa_download d)
{
	struct activation a = flow_activation();
	struct lpa_loaded loaded;

	d.activation = &a;
	d.network = &f->network;
	wbuf_reset(&f->bodies);
	return lpa_download(f->lpa, &d, &loaded);
}

/* Each answer of the user ends the session with its reason, and the next download works. */
static void test_consent(void)
{
	static const struct {
		enum lpa_consent say;
		enum err e;
		int reason;
	} rows[] = {
		{LPA_POSTPONE, ERR_CANCELLED, ES10B_CANCEL_POSTPONED},
		{LPA_CONSENT_TIMEOUT, ERR_TIMEOUT, ES10B_CANCEL_TIMEOUT},
		{LPA_ACCEPT, ERR_OK, -1},
	};
	struct flow f;

	flow_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum lpa_consent what = rows[i].say;

		ASSERT_ERR(download_with(&f, (struct lpa_download){.consent = say, .ctx = &what}),
			   rows[i].e);
		wbuf_u8(&f.bodies, 0);
		CU_ASSERT_EQUAL(cancelled_for(&f), rows[i].reason);
		CU_ASSERT_EQUAL(flow_card_profiles(&f), rows[i].e == ERR_OK);
	}
	/* the manager has not heard of it yet and would give it again */
	ASSERT_ERR(download_with(&f, (struct lpa_download){.retries = 0}), ERR_EXISTS);
	flow_close(&f);
}

static void test_rejected(void)
{
	enum lpa_consent what = LPA_REJECT;
	struct flow f;

	flow_open(&f);
	ASSERT_ERR(download_with(&f, (struct lpa_download){.consent = say, .ctx = &what}),
		   ERR_CANCELLED);
	wbuf_u8(&f.bodies, 0);
	CU_ASSERT_EQUAL(cancelled_for(&f), ES10B_CANCEL_END_USER_REJECTION);
	flow_close(&f);
}

/* The manager offers a profile with a policy rule; the eUICC's table has none. */
static enum err offer_policy(struct flow *f, const char *function, json_t **answer)
{
	struct wbuf der = wbuf_grow(4096), with = wbuf_grow(4096);
	struct es8p_metadata m;

	(void)f;
	if (strcmp(function, "authenticateClient") == 0) {
		ASSERT_ERR(json_base64_field(*answer, "profileMetadata", &der), ERR_OK);
		ASSERT_ERR(es8p_parse_metadata(wbuf_slice(&der), &m), ERR_OK);
		m.has_ppr = true;
		m.ppr = RSP_PPR1;
		es8p_put_metadata(&with, &m);
		json_object_set_new(*answer, "profileMetadata", json_base64(wbuf_slice(&with)));
	}
	wbuf_free(&der);
	wbuf_free(&with);
	return ERR_OK;
}

static void test_policy(void)
{
	struct flow f;

	flow_open(&f);
	f.lie = offer_policy;
	ASSERT_ERR(download_with(&f, (struct lpa_download){.retries = 0}), ERR_REFUSED);
	wbuf_u8(&f.bodies, 0);
	CU_ASSERT_EQUAL(cancelled_for(&f), ES10B_CANCEL_PPR_NOT_ALLOWED);
	CU_ASSERT_EQUAL(flow_card_profiles(&f), 0);
	flow_close(&f);
}

/* Ctrl-C in each step: postponed where there is a session, and what follows works. */
struct stop {
	struct cancel *cancel;
	unsigned at;
};

static void stop_at(void *ctx, unsigned step, unsigned steps, const char *what)
{
	const struct stop *s = ctx;

	(void)steps, (void)what;
	if (step == s->at)
		cancel_wish(s->cancel);
}

static void test_interrupted(void)
{
	struct flow f;

	flow_open(&f);
	for (unsigned at = 1; at <= 6; at++) {
		struct stop s = {&f.cancel, at};

		ASSERT_ERR(download_with(
				   &f,
				   (struct lpa_download){.step = stop_at, .ctx = &s, .retries = 3}),
			   ERR_CANCELLED);
		CU_ASSERT_TRUE(cancel_take(&f.cancel));
		CU_ASSERT_STRING_EQUAL(lpa_message(f.lpa), ""); /* there is nothing to explain */
		CU_ASSERT_EQUAL(flow_card_profiles(&f), 0);
		wbuf_u8(&f.bodies, 0);
		CU_ASSERT_EQUAL(cancelled_for(&f), at < 4 ? -1 : ES10B_CANCEL_POSTPONED);
	}
	ASSERT_ERR(download_with(&f, (struct lpa_download){.retries = 0}), ERR_OK);
	CU_ASSERT_EQUAL(flow_card_profiles(&f), 1);
	flow_close(&f);
}

/* The card vanishes at the n-th command of the load. */
struct vanish {
	unsigned at, seen;
};

static void lose_answer(struct flow *f, struct slice command, struct wbuf *response)
{
	struct vanish *v = f->ctx;

	if (slice_at(command, 1) == 0xE2 && ++v->seen == v->at)
		wbuf_cut(response, 0);
}

static void test_lost_reader(void)
{
	struct vanish v = {.at = 1};
	bool more = true;
	struct flow f;

	flow_open(&f);
	f.ctx = &v;
	f.card_lie = lose_answer;
	while (more) {
		struct lpa_loaded loaded = {0};
		struct lpa_report report;

		v.seen = 0;
		ASSERT_ERR(flow_download(&f, 1, &loaded), ERR_OK);
		more = v.seen >= v.at;
		v.seen = v.at; /* no more of it now */
		CU_ASSERT_EQUAL(flow_card_profiles(&f), 1);
		ASSERT_ERR(lpa_send_notifications(f.lpa, &f.network, &report), ERR_OK);
		CU_ASSERT_EQUAL(report.kept, 0);
		CU_ASSERT_EQUAL(flow_profile_state(&f), SMDP_INSTALLED);
		ASSERT_ERR(lpa_profile_command(f.lpa, SGP22_TAG_DELETE_PROFILE,
					       SLICE_OF(loaded.iccid)),
			   ERR_OK);
		flow_release_again(&f);
		v.at++;
	}
	CU_ASSERT_TRUE(v.at > 20);
	flow_close(&f);
}

/* More notifications wait than one would think: each can be listed and sent. */
static void test_many_notifications(void)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct slice items = SLICE_EMPTY;
	struct lpa_loaded loaded = {0};
	struct lpa_report report = {0};
	struct cursor c;
	struct tlv t;
	unsigned n = 0;
	struct flow f;

	flow_open(&f);
	ASSERT_ERR(flow_download(&f, 0, &loaded), ERR_OK);
	for (unsigned i = 0; i < MANY; i++)
		ASSERT_ERR(lpa_profile_command(f.lpa,
					       i % 2 ? SGP22_TAG_DISABLE_PROFILE
						     : SGP22_TAG_ENABLE_PROFILE,
					       SLICE_OF(loaded.iccid)),
			   ERR_OK);
	ASSERT_ERR(lpa_list_notifications(f.lpa, &der, &items), ERR_OK);
	c = cursor_of(items);
	while (tlv_next(&c, &t))
		n++;
	CU_ASSERT_EQUAL(n, 1 + MANY);
	ASSERT_ERR(lpa_send_notification(f.lpa, &f.network, 0, &report), ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(report.sent, 0); /* 0 is a number (SGP.22 5.7.9), and not "all" */
	ASSERT_ERR(lpa_send_notification(f.lpa, &f.network, 1 + MANY, &report), ERR_OK);
	CU_ASSERT_EQUAL(report.sent, 1);
	wbuf_free(&der);
	flow_close(&f);
}

/* Host names know no capitals: not of the default address, nor of who signs. */
static void test_capitals(void)
{
	struct activation a = flow_activation();
	struct lpa_download d = {.activation = &a};
	struct lpa_loaded loaded;
	struct flow f;

	CU_ASSERT(activation_same_address(slice_str("a.Example:1"), slice_str("A.eXAMPLE:1")));
	CU_ASSERT_FALSE(activation_same_address(slice_str("a.example"), slice_str("a.exampl")));
	CU_ASSERT_FALSE(activation_same_address(slice_str("a.example"), slice_str("b.example")));
	CU_ASSERT_FALSE(activation_same_address(slice_str("a[b"), slice_str("a{b")));
	flow_open(&f);
	d.network = &f.network;
	CU_ASSERT_STRING_EQUAL(a.address, "localhost");
	a.address[0] = 'L';
	ASSERT_ERR(lpa_download(f.lpa, &d, &loaded), ERR_OK);
	flow_close(&f);
}

static void count_retrieved(struct flow *f, struct slice command, struct wbuf *response)
{
	unsigned *n = f->ctx;

	(void)response;
	*n += slice_at(command, 1) == 0xE2 && slice_at(command, 5) == 0xBF &&
	      slice_at(command, 6) == 0x2B;
}

/* Nobody is there: it is tried once, not once for each notification, and all of them stay. */
static void test_nobody_there(void)
{
	struct lpa_loaded loaded = {0};
	struct lpa_report report = {0};
	unsigned retrieved = 0;
	struct flow f;

	flow_open(&f);
	ASSERT_ERR(flow_download(&f, 0, &loaded), ERR_OK);
	ASSERT_ERR(lpa_profile_command(f.lpa, SGP22_TAG_ENABLE_PROFILE, SLICE_OF(loaded.iccid)),
		   ERR_OK);
	ASSERT_ERR(lpa_profile_command(f.lpa, SGP22_TAG_DISABLE_PROFILE, SLICE_OF(loaded.iccid)),
		   ERR_OK);
	f.ctx = &retrieved;
	f.card_lie = count_retrieved;
	f.network.link = "unix:/nonexistent/socket";
	ASSERT_ERR(lpa_send_notifications(f.lpa, &f.network, &report), ERR_OK);
	CU_ASSERT_EQUAL(report.sent, 0);
	CU_ASSERT_EQUAL(report.kept, 3);
	CU_ASSERT(*report.message != 0);
	CU_ASSERT_EQUAL(retrieved, 1);
	f.network.link = f.link;
	ASSERT_ERR(lpa_send_notifications(f.lpa, &f.network, &report), ERR_OK);
	CU_ASSERT_EQUAL(report.sent, 3);
	flow_close(&f);
}

/* A profile that was there before is not taken for one that an earlier attempt has loaded. */
static void test_lost_before_load(void)
{
	struct vanish v = {.at = 1};
	struct flow f;

	flow_open(&f);
	ASSERT_ERR(flow_download(&f, 0, NULL), ERR_OK);
	f.ctx = &v;
	f.card_lie = lose_answer;
	ASSERT_ERR(flow_download(&f, 1, NULL), ERR_EXISTS);
	CU_ASSERT_TRUE(v.seen > v.at);
	flow_close(&f);
}

/* A card that lacks what the profile needs: which element it is, and why. */
static void test_refused_elements(void)
{
	static const uint8_t iccid[] = {0x98, 0x00, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0x32, 0x14};
	static const struct {
		const char *package, *what;
	} rows[] = {
		{UPP_HEADER_WITH("92:") UPP_MF UPP_END,
		 "the profile's header: it needs a feature that this eUICC does not have "
		 "(PEStatus 10"},
		{UPP_HEADER_WITH("") UPP_MF "BB(A0(80: 81:2A)) " UPP_END,
		 "its element 42: this eUICC does not support such an element (PEStatus 1;"},
	};
	struct activation a;

	ASSERT_ERR(activation_parse("LPA:1$" FLOW_ADDRESS "$REFUSED", &a, NULL), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wbuf upp = wbuf_grow(4096);
		struct lpa_loaded loaded;
		struct flow f;

		notation_put(&upp, rows[i].package);
		flow_open_without(&f, SERVICE_SET(SERVICE_BER_TLV));
		flow_add_package(&f, "REFUSED", wbuf_slice(&upp), iccid);
		ASSERT_ERR(lpa_download(
				   f.lpa,
				   &(struct lpa_download){.activation = &a, .network = &f.network},
				   &loaded),
			   ERR_REFUSED);
		CU_ASSERT_PTR_NOT_NULL(strstr(lpa_message(f.lpa), rows[i].what));
		CU_ASSERT_EQUAL(flow_card_profiles(&f), 0);
		flow_close(&f);
		wbuf_free(&upp);
	}
}

/* A profile of which a part is not in use: TS.48's CSIM, and without 'without' all of it. False:
 * there is no test data. */
static bool load_ts48(uint32_t without, enum err want, struct lpa_loaded *loaded, char *message)
{
	static const uint8_t iccid[] = {0x98, 0x00, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0x32, 0x14};
	struct slice package = test_shared("rsp/upp/TS48v7_SAIP2.3_BERTLV_SUCI.der");
	struct activation a;
	struct flow f;

	if (!package.len)
		return false;
	flow_open_without(&f, without);
	flow_add_package(&f, "TS48", package, iccid);
	ASSERT_ERR(activation_parse("LPA:1$" FLOW_ADDRESS "$TS48", &a, NULL), ERR_OK);
	ASSERT_ERR(lpa_download(f.lpa,
				&(struct lpa_download){.activation = &a, .network = &f.network},
				loaded),
		   want);
	snprintf(message, ES9P_MESSAGE, "%s", lpa_message(f.lpa));
	flow_close(&f);
	return true;
}

static void test_notes(void)
{
	struct lpa_loaded loaded = {.note_count = 0};
	char message[ES9P_MESSAGE];

	if (!load_ts48(0, ERR_OK, &loaded, message))
		return;
	CU_ASSERT(loaded.note_count >= 2);
	for (size_t i = 0; i < loaded.note_count; i++)
		CU_ASSERT_NOT_EQUAL(loaded.notes[i].status, PE_OK);
	CU_ASSERT_FALSE(loaded.notes[0].has_id);
	CU_ASSERT_TRUE(load_ts48(SERVICE_SET(SERVICE_CSIM), ERR_REFUSED, &loaded, message));
	CU_ASSERT_PTR_NOT_NULL(strstr(message, "refused the profile's header: it needs a feature"));
}

/* EUICCResponse, of anybody's eUICC */
static void test_reports(void)
{
	static const struct {
		const char *der;
		enum err e;
		size_t count;
		unsigned status, id; /* of the last; id 0: it has none */
	} rows[] = {
		{"3007 A005 3003 800100", ERR_OK, 1, 0, 0},
		{"300A A008 3006 800101 81011A", ERR_OK, 1, 1, 26},
		{"300C A008 3006 800101 81017F 8100", ERR_OK, 1, 1, 127},
		{"300F A00D 300B 80026A80 81021234 820101", ERR_OK, 1, 0x6A80, 0x1234},
		{"3011 A00F 3003 800107 3003 80010A 3003 80011F", ERR_OK, 3, 31, 0},
		{"3016 A014 3003 800107 3003 80010A 3003 80010B 3003 80011F", ERR_OK, 3, 31, 0},
		{"3002 A000", ERR_NOT_FOUND, 0, 0, 0},
		{"3000", ERR_TAG, 0, 0, 0},
		{"", ERR_TAG, 0, 0, 0},
		{"3007 A005 3003 800100 00", ERR_TRAILING, 0, 0, 0},
		{"3009 A007 3005 8003010000", ERR_VALUE, 0, 0, 0},
		{"300B A009 3007 800100 81028000", ERR_VALUE, 0, 0, 0},
	};
	struct pe_note notes[3];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = 0;
		enum err e = pe_report_read(test_unhex(rows[i].der), notes, ARRAY_LEN(notes), &n);

		if (e != rows[i].e)
			fprintf(stderr, "%s: %s\n", rows[i].der, err_name(e));
		ASSERT_ERR(e, rows[i].e);
		CU_ASSERT_EQUAL(n, rows[i].count);
		if (e)
			continue;
		CU_ASSERT_EQUAL(notes[n - 1].status, rows[i].status);
		CU_ASSERT_EQUAL(notes[n - 1].has_id, rows[i].id != 0);
		CU_ASSERT_EQUAL(notes[n - 1].id, rows[i].id);
		CU_ASSERT_TRUE(*pe_status_text(notes[n - 1].status) != 0);
	}
}

/* SGP.22 4.7 */
static void test_confirmation_hash(void)
{
	uint8_t hash[RSP_HASH_LEN], inner[SHA256_LEN], want[SHA256_LEN];
	struct slice code = slice_str("123456"),
		     id = test_unhex("000102030405060708090a0b0c0d0e0f");
	struct slice parts[] = {SLICE_OF(inner), id};

	ASSERT_ERR(es10b_hash_cc(code, id, hash), ERR_OK);
	ASSERT_OCTETS(
		SLICE_OF(hash),
		test_unhex("0dcca065655725cfbddd1baa9f15b9d17c370f70130092bc8ed02b44cdefc48c"),
		"hashCc");
	ASSERT_ERR(sha256(&code, 1, inner), ERR_OK);
	ASSERT_ERR(sha256(parts, 2, want), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(hash), SLICE_OF(want), "by its parts");
}

TEST_SUITE(lpa_download, {"activation codes", test_activation_codes},
	   {"codes whose $ a shell ate", test_eaten_codes},
	   {"the longest activation codes", test_long_codes}, {"what the user says", test_consent},
	   {"the user says no", test_rejected},
	   {"policy rules that the eUICC does not allow", test_policy},
	   {"Ctrl-C in every step", test_interrupted},
	   {"an answer lost at every command", test_lost_reader},
	   {"an address in capitals", test_capitals},
	   {"many notifications", test_many_notifications},
	   {"notifications, and nobody there", test_nobody_there},
	   {"an answer lost, and the profile is an old one", test_lost_before_load},
	   {"an element that the eUICC refuses", test_refused_elements},
	   {"what the eUICC does not use of a profile", test_notes},
	   {"an eUICC's report", test_reports},
	   {"the hash of a confirmation code", test_confirmation_hash})
