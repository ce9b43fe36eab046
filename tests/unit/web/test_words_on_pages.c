/*
 * what the pages say goes through the table of words: in a language without any letters no page
 * has one, but for what is no language; and the German table is German.
 */
#include "tests/unit/test.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/http/page.h"
#include "host/operator/policy/account.h"
#include "host/operator/policy/decide.h"
#include "host/operator/web/desk_pages.h"
#include "host/operator/web/pages.h"
#include "host/operator/web/view.h"
#include "tests/unit/support/authority.h"

#define NOW 1790000000

/* Text of the tables of this suite; a page's own addresses, names and tokens have no letters. */
static struct language mute;

static void begin_mute(void)
{
	snprintf(mute.tag, sizeof(mute.tag), "00");
	for (size_t i = 0; i < WORD_COUNT; i++)
		mute.word[i] = "{} 1";
}

/* The names and marks of other tables, in capitals or in no language. */
static bool is_no_language(const char *text, size_t n)
{
	static const char *const names[] = {"UTC"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == n && strncmp(text, names[i], n) == 0)
			return true;
	for (int s = STATE_PROVISIONED; s <= STATE_RECALLED; s++)
		if (strlen(state_name((enum subscriber_state)s)) == n &&
		    strncmp(text, state_name((enum subscriber_state)s), n) == 0)
			return true;
	return false;
}

/* The first word in a stretch of what is shown; NULL: there is none. */
static const char *find_letters(const char *text, const char *end)
{
	while (text < end) {
		const char *word = text;

		if (!isalpha((unsigned char)*text)) {
			text++;
			continue;
		}
		while (text < end && isalpha((unsigned char)*text))
			text++;
		if (!is_no_language(word, (size_t)(text - word)))
			return word;
	}
	return NULL;
}

/* Behind the element that begins here: scripts, and what the log says in its own language. */
static const char *skip_element(const char *tag)
{
	static const struct {
		const char *open, *close;
	} rows[] = {{"<script>", "</script>"}, {"<ol class=\"timeline\" lang=\"en\">", "</ol>"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strncmp(tag, rows[i].open, strlen(rows[i].open)) == 0)
			return strstr(tag, rows[i].close);
	return tag;
}

/* Neither text nor what is read aloud of the page has a letter of its own. */
static void expect_no_words(const struct wbuf *page)
{
	const char *at = (const char *)page->ptr, *label;
	const char *found = NULL;

	while (!found && *at) {
		size_t n = strcspn(at, "<");
		const char *tag = skip_element(at + n), *end;

		found = find_letters(at, at + n);
		if (!*tag)
			break;
		end = strchr(tag, '>');
		CU_ASSERT_PTR_NOT_NULL_FATAL(end);
		label = strstr(tag, "aria-label=\"");
		if (!found && label && label < end) {
			label += strlen("aria-label=\"");
			found = find_letters(label, strchr(label, '"'));
		}
		at = end + 1;
	}
	CU_ASSERT_PTR_NULL(found);
	if (found)
		printf("not of the table: %.40s\n", found);
}

static void end_text(struct wbuf *w)
{
	wbuf_u8(w, 0);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
}

static void test_portal(void)
{
	static const struct attached who = {"02:00:00:00:00:01", "001010000000001", 1, NOW - 10};
	static struct view v;
	struct wbuf w = wbuf_grow(HTTP_PAGE_MAX);

	begin_mute();
	v = (struct view){.who = who, .totp_enrolled = true, .totp_tries = 3, .now = NOW};
	v.sub.state = STATE_LIMITED;
	v.sub.second_factor_until = NOW + 60;
	snprintf(v.book.sent.address, sizeof(v.book.sent.address), "+49123456789");
	for (int stage = VIEW_WAIT; stage <= VIEW_SUSPENDED; stage++)
		for (unsigned offered = 0; offered <= FACTOR_ALL_KINDS; offered++)
			for (unsigned bad = 0; bad < 2; bad++) {
				const struct pages_ask ask = {
					.language = &mute,
					.view = &v,
					.token = "1",
					.passkeys = "1",
					.challenge = "1",
					.error = {bad ? WORD_ERROR_WRONG : WORD_COUNT, FACTOR_SENT,
						  2}};

				v.stage = (enum view_stage)stage;
				v.offered = offered;
				v.book.sent.made = v.book.sent.until = 0;
				if (offered & FACTOR_BIT(FACTOR_AGENT)) { /* a code is on its way */
					v.book.sent.made = NOW;
					v.book.sent.until = NOW + 10;
				}
				wbuf_reset(&w);
				pages_state(&ask, &w);
				end_text(&w);
				expect_no_words(&w);
			}
	wbuf_reset(&w);
	pages_plain(&mute, &(struct pages_plain){WORD_NOBODY, WORD_NOBODY_TEXT, true}, &w);
	end_text(&w);
	expect_no_words(&w);
	wbuf_free(&w);
}

static void look_at_desk(const struct desk_page *p, const struct authority *l)
{
	struct wbuf w = wbuf_grow(HTTP_PAGE_MAX);

	ASSERT_ERR(desk_page_put(p, l->store, &w), ERR_OK);
	end_text(&w);
	expect_no_words(&w);
	wbuf_free(&w);
}

static void test_desk(void)
{
	struct desk_page p = {
		.language = &mute, .token = "1", .said = WORD_COUNT, .imsi = "1", .now = NOW};
	struct subscriber sub;
	struct authority l;

	begin_mute();
	authority_open(&l);
	authority_take(&l, EVENT_RES1, NOW);
	sub = l.sub;
	snprintf(sub.name, sizeof(sub.name), "1");
	look_at_desk(&p, &l); /* nobody is signed in */
	p.name = "1";
	p.roles = ROLE_VIEW | ROLE_APPROVE | ROLE_MANAGE;
	p.sub = &sub;
	p.said = WORD_DESK_DONE;
	for (int s = STATE_PROVISIONED; s <= STATE_RECALLED; s++)
		for (unsigned kinds = 1; kinds <= FACTOR_ALL_KINDS; kinds++) {
			sub.state = (enum subscriber_state)s;
			p.bad = kinds & 1;
			p.wants = (struct factor_wants){.all = kinds & 2, .kinds = kinds};
			if (s > STATE_PROVISIONED && kinds > 2 && kinds != FACTOR_ALL_KINDS)
				continue; /* they say the same in each state */
			look_at_desk(&p, &l);
		}
	authority_close(&l);
}

/* A word that both languages have is named here, or it was forgotten. */
static void test_german(void)
{
	static const enum word same[] = {WORD_PASSKEY_HEAD, WORD_DESK_NAME};
	static struct words w;

	words_begin(&w);
	CU_ASSERT_STRING_EQUAL_FATAL(w.language[1].tag, "de");
	for (size_t i = 0; i < WORD_COUNT; i++) {
		const char *en = w.language[0].word[i], *de = w.language[1].word[i];
		bool may = false;

		for (size_t k = 0; k < ARRAY_LEN(same); k++)
			may = may || same[k] == i;
		CU_ASSERT_EQUAL(strcmp(en, de) == 0, may);
		CU_ASSERT_EQUAL(!strstr(en, "{}"), !strstr(de, "{}"));
	}
	words_free(&w);
}

TEST_SUITE(words_on_pages, {"what the portal's pages say is of the table", test_portal},
	   {"what the desk's pages say is of the table", test_desk},
	   {"the German table is German", test_german})
