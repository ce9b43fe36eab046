/* the desk: accounts as octets, sign-ins judged and counted, rows put back. */
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include <liboath/oath.h>

#include "host/operator/desk/sign_in.h"
#include "host/operator/factor/factor.h"
#include "host/operator/store/desk/accounts.h"
#include "tests/unit/support/authority.h"

#define NOW	 1790000000
#define PASSWORD "correct horse battery"

static void test_account(void)
{
	uint8_t memory[ACCOUNT_MAX];
	struct wbuf w = wbuf_init(memory, sizeof(memory));
	struct account a = {.name = "anna", .hash = "$argon2id$x", .roles = 3, .wrong = 2}, got;
	unsigned roles = 0;

	account_encode(&a, &w);
	ASSERT_ERR(wbuf_done(&w), ERR_OK);
	ASSERT_ERR(account_decode(wbuf_slice(&w), &got), ERR_OK);
	CU_ASSERT_STRING_EQUAL(got.hash, a.hash);
	CU_ASSERT(got.roles == 3 && got.wrong == 2);
	for (size_t n = 0; n < w.len; n++)
		ASSERT_ERR(account_decode(slice_make(memory, n), &got), ERR_CORRUPT);
	CU_ASSERT(account_is_name("anna-1.b_c"));
	CU_ASSERT_FALSE(account_is_name("") || account_is_name("Anna") || account_is_name("a b") ||
			account_is_name("a/b") ||
			account_is_name("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	ASSERT_ERR(account_roles_parse("manage", &roles), ERR_OK);
	CU_ASSERT_EQUAL(roles, ROLE_VIEW | ROLE_MANAGE);
	ASSERT_ERR(account_roles_parse("view,", &roles), ERR_VALUE);
	ASSERT_ERR(account_roles_parse("", &roles), ERR_VALUE);
	ASSERT_ERR(account_roles_parse("all", &roles), ERR_VALUE);
}

/* What the account's generator shows at this moment. */
static void code_of(struct authority *l, int64_t now, char code[static FACTOR_DIGITS + 1])
{
	struct account a;

	ASSERT_ERR(account_get(l->store, "anna", &a), ERR_OK);
	CU_ASSERT_EQUAL(oath_hotp_generate((const char *)a.seed, sizeof(a.seed),
					   (uint64_t)(now / FACTOR_STEP_S), FACTOR_DIGITS, false,
					   OATH_HOTP_DYNAMIC_TRUNCATION, code),
			OATH_OK);
}

static enum err sign_in(struct authority *l, const char *password, const char *code, int64_t now)
{
	unsigned roles = 0;
	enum err e =
		desk_sign_in(l->store, &(struct desk_attempt){"anna", password, code, now}, &roles);

	CU_ASSERT_EQUAL(roles, e ? 0 : ROLE_VIEW | ROLE_APPROVE);
	return e;
}

static void open_desk(struct authority *l)
{
	const struct desk_hiring h = {"anna", PASSWORD, ROLE_VIEW | ROLE_APPROVE, NOW};
	char uri[DESK_URI_MAX];

	authority_open(l);
	ASSERT_ERR(desk_hire(l->store, &(struct desk_hiring){"anna", "short", 1, NOW}, uri),
		   ERR_LENGTH);
	ASSERT_ERR(desk_hire(l->store, &(struct desk_hiring){"An na", PASSWORD, 1, NOW}, uri),
		   ERR_VALUE);
	ASSERT_ERR(desk_hire(l->store, &h, uri), ERR_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(uri, "otpauth://totp/Twinkey:anna?secret="));
}

static void test_sign_in(void)
{
	struct authority l;
	char code[FACTOR_DIGITS + 1];

	open_desk(&l);
	code_of(&l, NOW, code);
	ASSERT_ERR(sign_in(&l, "another password", code, NOW), ERR_FACTOR);
	ASSERT_ERR(sign_in(&l, PASSWORD, "", NOW), ERR_FACTOR);
	ASSERT_ERR(sign_in(&l, PASSWORD, code, NOW), ERR_OK);
	ASSERT_ERR(sign_in(&l, PASSWORD, code, NOW), ERR_FACTOR); /* the code served */
	for (unsigned i = 1; i < ACCOUNT_TRIES_MAX; i++)
		ASSERT_ERR(sign_in(&l, "another password", "000000", NOW + 60), ERR_FACTOR);
	code_of(&l, NOW + 60, code);
	ASSERT_ERR(sign_in(&l, PASSWORD, code, NOW + 60), ERR_REFUSED);
	ASSERT_ERR(desk_unlock(l.store, "anna", NOW + 60), ERR_OK);
	ASSERT_ERR(sign_in(&l, PASSWORD, code, NOW + 60), ERR_OK);
	ASSERT_ERR(desk_dismiss(l.store, "anna", NOW + 60), ERR_OK);
	ASSERT_ERR(sign_in(&l, PASSWORD, code, NOW + 90), ERR_FACTOR);
	ASSERT_ERR(desk_dismiss(l.store, "anna", NOW), ERR_NOT_FOUND);
	ASSERT_ERR(desk_unlock(l.store, "ben", NOW), ERR_NOT_FOUND);
	authority_close(&l);
}

static void run_sql(const struct authority *l, const char *sql)
{
	tamper(l->dir, TAMPER_OPERATOR, sql);
}

/* A row of before gives no tries back, and no account that was taken away. */
static void test_row_put_back(void)
{
	struct log_check check = {.good = 0};
	struct authority l;
	struct account a;

	open_desk(&l);
	run_sql(&l, "CREATE TABLE kept AS SELECT * FROM desk");
	ASSERT_ERR(desk_dismiss(l.store, "anna", NOW), ERR_OK);
	ASSERT_ERR(log_verify(l.store, &check), ERR_OK);
	run_sql(&l, "DELETE FROM desk; INSERT INTO desk SELECT * FROM kept");
	ASSERT_ERR(account_get(l.store, "anna", &a), ERR_CORRUPT);
	ASSERT_ERR(sign_in(&l, PASSWORD, "000000", NOW), ERR_CORRUPT);
	authority_close(&l);
}

TEST_SUITE(desk, {"an account, as octets and back", test_account},
	   {"password and code, once; wrong ones lock", test_sign_in},
	   {"a row of before does not open", test_row_put_back})
