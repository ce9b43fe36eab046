#include "host/operator/store/desk/accounts.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/operator/store/own.h"
#include "lib/base/secret.h"

#define LABEL_MAX (ACCOUNT_NAME_MAX + 40)

static enum err last_entry(struct operator_store *s, const char *name, int64_t *seq)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT coalesce(max(seq), 0) FROM log WHERE subscriber = 0 AND"
				" event = ?1 AND actor = ?2",
				&st);

	if (e)
		return e;
	db_bind_text(st, 1, event_name(EVENT_DESK));
	db_bind_text(st, 2, name);
	e = db_row(st);
	if (!e)
		*seq = db_int(st, 0);
	db_done(st);
	return e;
}

static enum err unseal_account(struct operator_store *s, const char *name, struct slice sealed,
			       struct account *out)
{
	struct secret *plain = NULL;
	char label[LABEL_MAX];
	int64_t seq = 0;
	enum err e = last_entry(s, name, &seq);

	snprintf(label, sizeof(label), "desk/%s/%" PRId64, name, seq);
	if (!e)
		e = keyring_unseal_secret(s->keyring, slice_str(label), sealed, &plain);
	if (!e)
		e = account_decode(secret_slice(plain), out);
	secret_free(&plain);
	return e;
}

static enum err read_account(struct operator_store *s, const char *name, struct account *out)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "SELECT value FROM desk WHERE name = ?1", &st);

	if (e)
		return e;
	db_bind_text(st, 1, name);
	e = db_row(st);
	if (!e)
		e = unseal_account(s, name, db_bytes(st, 0), out);
	db_done(st);
	return e;
}

enum err account_get(struct operator_store *s, const char *name, struct account *out)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e)
		e = read_account(s, name, out);
	return e;
}

static enum err write_account(struct operator_store *s, const struct account *a, int64_t seq)
{
	uint8_t memory[ACCOUNT_MAX];
	struct wbuf plain = wbuf_init(memory, sizeof(memory));
	struct wbuf sealed = wbuf_grow(ACCOUNT_MAX + KEYRING_SEALED_MORE);
	struct db_statement *st = NULL;
	char label[LABEL_MAX];
	enum err e;

	snprintf(label, sizeof(label), "desk/%s/%" PRId64, a->name, seq);
	account_encode(a, &plain);
	e = wbuf_done(&plain);
	if (!e)
		e = keyring_seal(s->keyring, slice_str(label), wbuf_slice(&plain), &sealed);
	secret_wipe(memory, sizeof(memory));
	if (!e)
		e = db_prepare(
			s->db,
			"INSERT INTO desk (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO"
			" UPDATE SET value = excluded.value",
			&st);
	if (!e) {
		db_bind_text(st, 1, a->name);
		db_bind_bytes(st, 2, wbuf_slice(&sealed));
		e = db_run(st);
	}
	wbuf_free(&sealed);
	return e;
}

static enum err keep_step(struct operator_store *s, const struct account_step *step,
			  const struct account *a, const char *evidence)
{
	struct chain_entry entry = {.at = step->now,
				    .text = {event_name(EVENT_DESK), "", "", step->name, evidence}};
	enum err e = chain_append(&s->log, &entry);

	return e ? e : write_account(s, a, entry.seq);
}

enum err account_step(struct operator_store *s, const struct account_step *step)
{
	char evidence[ACCOUNT_EVIDENCE_MAX] = "";
	struct account a = {.roles = 0};
	enum err verdict = ERR_OK, e;
	bool is_new;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		verdict = ERR_OK;
		*evidence = 0;
		e = read_account(s, step->name, &a);
		is_new = e == ERR_NOT_FOUND;
		if (is_new) {
			snprintf(a.name, sizeof(a.name), "%s", step->name);
			e = ERR_OK;
		}
		if (!e) {
			verdict = step->take(step->ctx, &a, is_new, evidence);
			e = *evidence ? keep_step(s, step, &a, evidence) : verdict;
		}
		secret_wipe(&a, sizeof(a));
	}
	return e ? e : verdict;
}

enum err account_each(struct operator_store *s, bool (*each)(void *ctx, const struct account *a),
		      void *ctx)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "SELECT name, value FROM desk ORDER BY name", &st);

	while (!e && (e = db_row(st)) == ERR_OK) {
		char name[ACCOUNT_NAME_MAX + 1];
		struct account a;
		bool more;

		db_text(st, 0, name, sizeof(name));
		e = unseal_account(s, name, db_bytes(st, 1), &a);
		more = !e && each(ctx, &a);
		secret_wipe(&a, sizeof(a));
		if (!more)
			break;
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
