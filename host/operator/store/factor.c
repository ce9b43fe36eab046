/* factor: the second factor of a subscriber: seed, used steps, wrong codes */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/policy/book.h"
#include "host/operator/store/own.h"

#define SEED_MAX   256 /* sealed */
#define USED_MAX   64  /* steps that are remembered */
#define STEP_LEN   8
#define LABEL_MAX  40
#define ACTOR_USER "user"

/* The row; none when revision is 0. */
struct totp {
	int64_t subscriber;
	uint32_t revision;
	unsigned failures;
	uint8_t seed_mem[SEED_MAX], used_mem[(USED_MAX + 1) * STEP_LEN];
	struct wbuf seed, used; /* sealed; the steps, eight octets each */
};

static void totp_begin(struct totp *t, int64_t subscriber)
{
	memset(t, 0, sizeof(*t));
	t->subscriber = subscriber;
	t->seed = wbuf_init(t->seed_mem, sizeof(t->seed_mem));
	t->used = wbuf_init(t->used_mem, sizeof(t->used_mem));
}

static enum err totp_mac(struct operator_store *s, const struct totp *t,
			 uint8_t mac[static SHA256_LEN])
{
	uint8_t numbers[32];
	struct wbuf w = wbuf_init(numbers, sizeof(numbers));
	struct slice parts[] = {slice_str("totp"), SLICE_EMPTY, wbuf_slice(&t->used),
				wbuf_slice(&t->seed)};

	wbuf_uint(&w, (uint64_t)t->subscriber, 8);
	wbuf_u32(&w, t->revision);
	wbuf_u32(&w, t->failures);
	wbuf_u32(&w, (uint32_t)t->used.len);
	wbuf_u32(&w, (uint32_t)t->seed.len);
	parts[1] = wbuf_slice(&w);
	return hmac_sha256(keyring_row_key(s->keyring), parts, ARRAY_LEN(parts), mac);
}

static enum err totp_take(struct operator_store *s, struct db_statement *st, struct totp *t)
{
	uint8_t mac[SHA256_LEN];
	enum err e;

	t->revision = (uint32_t)db_int(st, 0);
	t->failures = (unsigned)db_int(st, 1);
	wbuf_put(&t->used, db_bytes(st, 2));
	wbuf_put(&t->seed, db_bytes(st, 3));
	if (wbuf_done(&t->used) || wbuf_done(&t->seed) || t->used.len % STEP_LEN)
		return ERR_CORRUPT;
	e = totp_mac(s, t, mac);
	return e ? e : secret_equal(db_bytes(st, 4), SLICE_OF(mac)) ? ERR_OK : ERR_CORRUPT;
}

/* ERR_NOT_FOUND: none is enrolled; ERR_CORRUPT: the subscriber's row names another revision. */
static enum err totp_read(struct operator_store *s, const struct subscriber *row, struct totp *t)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(
		s->db, "SELECT revision, failures, used, seed, mac FROM totp WHERE subscriber = ?",
		&st);

	totp_begin(t, row->id);
	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	e = db_row(st);
	if (!e)
		e = totp_take(s, st, t);
	db_done(st);
	if ((!e || e == ERR_NOT_FOUND) && t->revision != row->totp_revision)
		e = ERR_CORRUPT;
	return e;
}

/* Every change is one of the subscriber's row as well, which the caller writes. */
static enum err totp_write(struct operator_store *s, struct subscriber *row, struct totp *t)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = row->totp_revision < UINT32_MAX ? ERR_OK : ERR_FULL;

	t->revision = row->totp_revision + 1;
	if (!e)
		e = totp_mac(s, t, mac);
	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO totp (subscriber, revision, failures, used,"
			       " seed, mac) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (subscriber) DO"
			       " UPDATE SET revision = excluded.revision, failures ="
			       " excluded.failures, used = excluded.used, seed = excluded.seed,"
			       " mac = excluded.mac",
			       &st);
	if (e)
		return e;
	db_bind_int(st, 1, t->subscriber);
	db_bind_int(st, 2, t->revision);
	db_bind_int(st, 3, t->failures);
	db_bind_bytes(st, 4, wbuf_slice(&t->used));
	db_bind_bytes(st, 5, wbuf_slice(&t->seed));
	db_bind_bytes(st, 6, SLICE_OF(mac));
	e = db_run(st);
	if (!e)
		row->totp_revision = t->revision;
	return e;
}

static void totp_label(char label[static LABEL_MAX], int64_t id)
{
	snprintf(label, LABEL_MAX, "totp/%" PRId64, id);
}

enum err factor_put_totp(struct operator_store *s, int64_t id, const struct secret *seed)
{
	char label[LABEL_MAX];
	struct subscriber row;
	struct totp t;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		totp_begin(&t, id);
		totp_label(label, id);
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = keyring_seal(s->keyring, slice_str(label), secret_slice(seed), &t.seed);
		if (!e)
			e = totp_write(s, &row, &t);
		if (!e)
			e = subscriber_write(s, &row);
	}
	return e;
}

/* Both rows as of one moment. */
static enum err totp_find(struct operator_store *s, int64_t id, struct totp *t)
{
	struct subscriber row;
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = totp_read(s, &row, t);
	}
	return e;
}

static enum err totp_seed(struct operator_store *s, const struct totp *t, struct secret **seed)
{
	char label[LABEL_MAX];

	totp_label(label, t->subscriber);
	return keyring_unseal_secret(s->keyring, slice_str(label), wbuf_slice(&t->seed), seed);
}

enum err factor_load_totp(struct operator_store *s, int64_t id, struct secret **seed)
{
	struct totp t;
	enum err e = totp_find(s, id, &t);

	return e ? e : totp_seed(s, &t, seed);
}

enum err factor_status(struct operator_store *s, int64_t id, struct factor_status *out)
{
	struct totp t;
	enum err e = totp_find(s, id, &t);

	if (e && e != ERR_NOT_FOUND)
		return e;
	*out = (struct factor_status){.enrolled = !e};
	if (!e && t.failures < FACTOR_TRIES_MAX)
		out->tries_left = FACTOR_TRIES_MAX - t.failures;
	return ERR_OK;
}

/*
 * No step serves twice, nor one before it that is in reach at the same time. One that is out of
 * reach later on locks nothing out: the clock was ahead when it was used.
 */
static bool was_used(const struct totp *t, int64_t step, int64_t window)
{
	struct cursor c = cursor_of(wbuf_slice(&t->used));

	while (cursor_left(&c)) {
		int64_t used = (int64_t)cursor_uint(&c, STEP_LEN);

		if (used == step || (step < used && used - step <= 2 * window))
			return true;
	}
	return false;
}

static enum err use_step(struct totp *t, int64_t step)
{
	wbuf_uint(&t->used, (uint64_t)step, STEP_LEN);
	if (t->used.len > (size_t)USED_MAX * STEP_LEN) {
		memmove(t->used_mem, t->used_mem + STEP_LEN, t->used.len - STEP_LEN);
		wbuf_cut(&t->used, t->used.len - STEP_LEN);
	}
	return wbuf_done(&t->used);
}

static enum err count_failure(struct operator_store *s, struct subscriber *row, struct totp *t,
			      const struct factor_attempt *a)
{
	bool locked = ++t->failures >= FACTOR_TRIES_MAX;
	char evidence[96];
	const struct subscriber_event ev = {.kind = locked ? EVENT_CODE_LOCK : EVENT_CODE_WRONG,
					    .actor = ACTOR_USER,
					    .evidence = evidence,
					    .now = a->event.now};
	enum err e = totp_write(s, row, t);

	if (locked)
		snprintf(evidence, sizeof(evidence),
			 "wrong one-time code, the last try: locked until it is enrolled anew");
	else
		snprintf(evidence, sizeof(evidence), "wrong one-time code, %u tries left",
			 FACTOR_TRIES_MAX - t->failures);
	return e ? e : event_take(s, row, &ev);
}

static enum err pass_totp(struct operator_store *s, struct subscriber *row,
			  const struct factor_attempt *a)
{
	const struct factor_pass pass = {FACTOR_TOTP, &a->event};
	struct book b;
	enum err e = book_read(s, row, &b);

	return e ? e : factor_take_pass(s, row, &b, &pass);
}

/* No code is judged that could not count. */
static enum err allow_totp(struct operator_store *s, const struct subscriber *row)
{
	struct factor_wants wants;
	struct book b = {0};
	enum err e = subscriber_takes_factor(row);

	if (!e)
		e = book_read(s, row, &b);
	if (!e)
		e = wants_read(s, &b, &wants);
	if (!e && !(wants.kinds & FACTOR_BIT(FACTOR_TOTP)))
		e = ERR_UNSUPPORTED;
	return !e && b.locked ? ERR_REFUSED : e;
}

/* *verdict: of the code; the result: whether what came of it can be kept. */
static enum err judge_code(struct operator_store *s, struct subscriber *row, struct totp *t,
			   const struct factor_attempt *a, enum err *verdict)
{
	struct secret *seed = NULL;
	int64_t step;
	enum err e = t->failures < FACTOR_TRIES_MAX ? totp_seed(s, t, &seed) : ERR_REFUSED;

	if (e)
		return e;
	step = a->find(a->ctx, seed);
	secret_free(&seed);
	if (step < 0) {
		*verdict = ERR_FACTOR;
		return count_failure(s, row, t, a);
	}
	if (was_used(t, step, a->window))
		return ERR_REPLAY;
	t->failures = 0;
	e = use_step(t, step);
	if (!e)
		e = totp_write(s, row, t);
	return e ? e : pass_totp(s, row, a);
}

enum err factor_attempt_totp(struct operator_store *s, int64_t id, const struct factor_attempt *a,
			     struct subscriber *after, unsigned *tries_left)
{
	struct subscriber row;
	struct totp t;
	enum err verdict = ERR_OK, e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		verdict = ERR_OK;
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = allow_totp(s, &row);
		if (!e)
			e = totp_read(s, &row, &t);
		if (!e)
			e = judge_code(s, &row, &t, a, &verdict);
	}
	if (!e && verdict) {
		*tries_left = FACTOR_TRIES_MAX - t.failures;
		return verdict;
	}
	if (!e)
		*after = row;
	return e;
}

enum err totp_unlock(struct operator_store *s, struct subscriber *row)
{
	struct totp t;
	enum err e = totp_read(s, row, &t);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	t.failures = 0;
	return totp_write(s, row, &t);
}

enum err totp_use_up(struct operator_store *s, struct subscriber *row, int64_t step)
{
	struct totp t;
	enum err e = totp_read(s, row, &t);

	if (!e)
		e = use_step(&t, step);
	if (!e)
		e = totp_write(s, row, &t);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err totp_check(struct operator_store *s, const struct subscriber *row)
{
	struct totp t;
	enum err e = totp_read(s, row, &t);

	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err totp_adopt(struct operator_store *s, const struct totp_old *old, uint32_t *revision)
{
	struct subscriber row = {.id = old->subscriber};
	struct totp t;
	enum err e = ERR_OK;

	totp_begin(&t, old->subscriber);
	t.failures = old->failures;
	wbuf_put(&t.seed, old->seed);
	if (old->last_step > 0)
		e = use_step(&t, old->last_step);
	if (!e)
		e = wbuf_done(&t.seed);
	if (!e)
		e = totp_write(s, &row, &t);
	if (!e)
		*revision = row.totp_revision;
	return e;
}

enum err factor_unlock(struct operator_store *s, int64_t id, const struct subscriber_event *ev)
{
	struct subscriber row;
	struct book b;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = book_read(s, &row, &b);
		if (!e) {
			book_unlock(&b);
			e = book_write(s, &row, &b);
		}
		if (!e)
			e = totp_unlock(s, &row);
		if (!e)
			e = event_take(s, &row, ev);
	}
	return e;
}
