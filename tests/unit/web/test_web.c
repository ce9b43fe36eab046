/* web: languages, escaping, cookies and tokens of the portal, and the pages as a whole. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/http/page.h"
#include "host/operator/web/guard.h"
#include "host/operator/web/html.h"
#include "host/operator/web/pages.h"
#include "host/operator/web/view.h"
#include "host/operator/web/words.h"

#define NOW 1790000000

static const struct attached module_a = {"02:00:00:00:00:01", "001010000000001", 1, NOW - 10};

static void test_escaping(void)
{
	uint8_t memory[512];
	struct wbuf w = wbuf_init(memory, sizeof(memory));

	html_text(&w, "<script>alert(\"1\")&'</script>\x01\x1b[2J\xff\xe2\x80\xae");
	wbuf_u8(&w, 0);
	ASSERT_ERR(wbuf_done(&w), ERR_OK);
	CU_ASSERT_PTR_NULL(strchr((char *)memory, '<'));
	CU_ASSERT_PTR_NULL(strpbrk((char *)memory, "\"'>\x01\x1b\xff"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr((char *)memory, "&lt;script&gt;alert(&quot;1&quot;)&amp;&#39;"));
	wbuf_reset(&w);
	html_fill(&w, "a {} b {}", "<{}>");
	wbuf_u8(&w, 0);
	CU_ASSERT_STRING_EQUAL((char *)memory, "a &lt;{}&gt; b {}");
}

static void test_languages(void)
{
	static const struct {
		const char *accepted, *tag;
	} rows[] = {
		{NULL, "en"},
		{"", "en"},
		{"de", "de"},
		{"de-DE,de;q=0.9,en;q=0.8", "de"},
		{"DE-at", "de"},
		{"fr, de;q=0.5, en;q=0.7", "en"},
		{"en;q=0.1,de;q=0.2", "de"},
		{"de;q=0,en;q=0.001", "en"},
		{"*", "en"},
		{"xx,*;q=0.1", "en"},
		{"de;q=nonsense, en;q=0.3", "en"},
		{";;;,,,q=1;de", "en"},
		{"pt-PT", "en"},
		{"a-very-long-tag-of-nothing-at-all,de", "de"},
	};
	static struct words w;

	words_begin(&w);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CU_ASSERT_STRING_EQUAL(words_for(&w, rows[i].accepted)->tag, rows[i].tag);
	for (size_t l = 0; l < w.count; l++)
		for (int k = 0; k < WORD_COUNT; k++)
			CU_ASSERT(w.language[l].word[k] && *w.language[l].word[k] &&
				  !strstr(w.language[l].word[k], "{}") ==
					  !strstr(w.language[0].word[k], "{}"));
	words_free(&w);
}

static void test_language_files(void)
{
	static const struct {
		const char *tag, *text;
		enum err e;
		unsigned line;
	} rows[] = {
		{"x", "title = a", ERR_VALUE, 0},
		{"fr/..", "title = a", ERR_VALUE, 0},
		{"fr", "title = a\nnonsense\n", ERR_ENCODING, 2},
		{"fr", "\n# a\nnone = b", ERR_NOT_FOUND, 3},
		{"fr", "title = a\nTITLE = b", ERR_DUPLICATE, 2},
		{"fr", "title =", ERR_ENCODING, 1},
		{"fr", "title = \x1b[2J", ERR_ENCODING, 1},
		{"fr", "title = \xff", ERR_ENCODING, 1},
		{"fr", "title = Accès\r\n\nconfirm=Confirmer", ERR_OK, 3},
		{"fr", "title = again", ERR_EXISTS, 0},
		{"DE", "title = Anders", ERR_OK, 1},
	};
	static struct words w;
	unsigned line;

	words_begin(&w);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ASSERT_ERR(words_add(&w, rows[i].tag, slice_str(rows[i].text), &line), rows[i].e);
		CU_ASSERT_EQUAL(line, rows[i].line);
	}
	CU_ASSERT_EQUAL(w.count, 3);
	CU_ASSERT_STRING_EQUAL(words_for(&w, "fr-CA")->word[WORD_TITLE], "Accès");
	CU_ASSERT_STRING_EQUAL(words_for(&w, "fr")->word[WORD_CONFIRM], "Confirmer");
	CU_ASSERT_STRING_EQUAL(words_for(&w, "fr")->word[WORD_AGAIN], "Look again");
	CU_ASSERT_STRING_EQUAL(words_for(&w, "de")->word[WORD_TITLE], "Anders");
	CU_ASSERT_STRING_EQUAL(words_for(&w, "de")->word[WORD_CONFIRM], "Bestätigen");
	words_free(&w);
}

static struct guard guard;
static struct http_form form;
static char header[300], body[200];

/* A form with this cookie and token. */
static struct http_asked ask_with(const char *cookie, const char *token)
{
	snprintf(header, sizeof(header), "a=b; " GUARD_COOKIE "=%s", cookie);
	snprintf(body, sizeof(body), "token=%s&code=1", token);
	ASSERT_ERR(http_form_parse(slice_str(body), &form), ERR_OK);
	return (struct http_asked){
		.host = "portal.example", .cookie = cookie ? header : NULL, .form = &form};
}

static void expect_form(const struct http_asked *asked, const struct attached *who, int64_t now,
			const char *words)
{
	const char *got = "";
	enum err e = guard_check_form(&guard, asked, who, now, &got);

	ASSERT_ERR(e, words ? ERR_REFUSED : ERR_OK);
	CU_ASSERT(words ? got && strcmp(got, words) == 0 : !got);
}

static void test_sessions(void)
{
	struct attached other = module_a;
	struct guard_session s, again;
	struct http_asked asked = {.form = &form};

	ASSERT_ERR(guard_begin(&guard), ERR_OK);
	ASSERT_ERR(guard_open(&guard, &asked, &module_a, NOW, &s), ERR_OK);
	CU_ASSERT(s.fresh && !s.bad && strlen(s.token) == 64);
	asked = ask_with(s.cookie, s.token);
	expect_form(&asked, &module_a, NOW, NULL);
	expect_form(&asked, &module_a, NOW + GUARD_SESSION_S - 1, NULL);
	expect_form(&asked, &module_a, NOW + GUARD_SESSION_S, "cookie-old");
	expect_form(&asked, &module_a, NOW - 1, "cookie-old");
	ASSERT_ERR(guard_open(&guard, &asked, &module_a, NOW, &again), ERR_OK);
	CU_ASSERT(!again.fresh && strcmp(again.token, s.token) == 0);
	/* of another module, of another attach */
	strcpy(other.mac, "02:00:00:00:00:02");
	expect_form(&asked, &other, NOW, "cookie-forged");
	ASSERT_ERR(guard_open(&guard, &asked, &other, NOW, &again), ERR_OK);
	CU_ASSERT(again.fresh && again.bad && strcmp(again.cookie, s.cookie) != 0);
	other = module_a;
	other.since++;
	expect_form(&asked, &other, NOW, "cookie-forged");
	/* a token of another session */
	asked = ask_with(s.cookie, again.token);
	expect_form(&asked, &module_a, NOW, "token");
	asked = ask_with(s.cookie, "");
	expect_form(&asked, &module_a, NOW, "token");
	s.cookie[3] = s.cookie[3] == '0' ? '1' : '0';
	asked = ask_with(s.cookie, s.token);
	expect_form(&asked, &module_a, NOW, "cookie-forged");
	asked = ask_with("00", s.token);
	expect_form(&asked, &module_a, NOW, "cookie-forged");
	asked.cookie = NULL;
	expect_form(&asked, &module_a, NOW, "cookie-missing");
	/* a portal that began anew */
	asked = ask_with(again.cookie, again.token);
	ASSERT_ERR(guard_begin(&guard), ERR_OK);
	expect_form(&asked, &module_a, NOW, "cookie-forged");
	guard_end(&guard);
}

static void test_origins(void)
{
	static const struct {
		const char *origin, *site, *words;
	} rows[] = {
		{NULL, NULL, NULL},
		{"https://portal.example", NULL, NULL},
		{"https://portal.example", "same-origin", NULL},
		{"http://portal.example", NULL, "origin"},
		{"https://portal.example.evil", NULL, "origin"},
		{"https://portal.exampl", NULL, "origin"},
		{"null", NULL, "origin"},
		{NULL, "cross-site", "origin"},
		{NULL, "none", "origin"},
		{NULL, "same-site", "origin"},
	};
	struct guard_session s;
	struct http_asked asked = {.form = &form};

	ASSERT_ERR(guard_begin(&guard), ERR_OK);
	ASSERT_ERR(guard_open(&guard, &asked, &module_a, NOW, &s), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		asked = ask_with(s.cookie, s.token);
		asked.origin = rows[i].origin;
		asked.site = rows[i].site;
		expect_form(&asked, &module_a, NOW, rows[i].words);
	}
}

static void test_limits(void)
{
	char mac[18];

	ASSERT_ERR(guard_begin(&guard), ERR_OK);
	for (unsigned i = 0; i < GUARD_FORMS_MAX; i++)
		ASSERT_ERR(guard_count(&guard, module_a.mac, true, NOW), ERR_OK);
	ASSERT_ERR(guard_count(&guard, module_a.mac, true, NOW), ERR_TRIES);
	ASSERT_ERR(guard_count(&guard, module_a.mac, false, NOW), ERR_OK);
	ASSERT_ERR(guard_count(&guard, "02:00:00:00:00:02", true, NOW), ERR_OK);
	ASSERT_ERR(guard_count(&guard, module_a.mac, true, NOW + GUARD_TIME_S), ERR_OK);
	/* of more modules than there is room for each one is counted */
	for (unsigned i = 0; i < 2 * GUARD_MODULES; i++) {
		snprintf(mac, sizeof(mac), "02:00:00:00:%02x:%02x", (i >> 8) & 0xFF, i & 0xFF);
		ASSERT_ERR(guard_count(&guard, mac, true, NOW + i), ERR_OK);
	}
}

/* Every page is whole, in each language, and what strangers wrote is no markup in it. */
static void test_pages(void)
{
	static struct words words;
	static struct view v;
	struct wbuf w = wbuf_grow(HTTP_PAGE_MAX);

	words_begin(&words);
	v = (struct view){.who = module_a, .totp_enrolled = true, .totp_tries = 3, .now = NOW};
	v.sub.state = STATE_LIMITED;
	snprintf(v.book.sent.address, sizeof(v.book.sent.address), "+49123<b>");
	v.book.sent.made = NOW;
	v.book.sent.until = NOW + 10;
	v.offered = FACTOR_BIT(FACTOR_TOTP) | FACTOR_BIT(FACTOR_SENT);
	for (size_t l = 0; l < words.count; l++) {
		for (int stage = VIEW_WAIT; stage <= VIEW_SUSPENDED; stage++) {
			const struct pages_ask ask = {.language = &words.language[l],
						      .view = &v,
						      .token = "abc",
						      .error = {WORD_ERROR_WRONG, FACTOR_TOTP, 2}};

			v.stage = (enum view_stage)stage;
			wbuf_reset(&w);
			pages_state(&ask, &w);
			wbuf_u8(&w, 0);
			ASSERT_ERR(wbuf_done(&w), ERR_OK);
			CU_ASSERT_PTR_NULL(strstr((char *)w.ptr, "<b>"));
			CU_ASSERT_PTR_NULL(strstr((char *)w.ptr, "{}"));
			CU_ASSERT_PTR_NULL(strstr((char *)w.ptr, "<script"));
			CU_ASSERT_PTR_NOT_NULL(strstr((char *)w.ptr, "</html>"));
			CU_ASSERT(!strstr((char *)w.ptr, "<form") ==
				  (stage != VIEW_PROVE && stage != VIEW_EXPIRED));
		}
	}
	wbuf_free(&w);
	words_free(&words);
}

TEST_SUITE(web, {"what is written into a page is text", test_escaping},
	   {"the language that a browser asks for", test_languages},
	   {"languages of text files", test_language_files},
	   {"cookies and tokens: of this module, this attach, this portal, this half hour",
	    test_sessions},
	   {"a form of another place is refused", test_origins},
	   {"attempts are counted by module", test_limits}, {"pages of every stage", test_pages})
