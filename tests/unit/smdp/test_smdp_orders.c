/* es2p, smdp_state: orders, their states, limits, codes; the manager's log; its older store. */
#include "tests/unit/support/tamper.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/inventory.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/verify.h"
#include "lib/rsp/es8p.h"
#include "tests/unit/support/desk.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/cli/json.h"
#include "tests/support/stock.h"

#define NOW	    INT64_C(1800000000)
#define MESSAGE_MAX (96u * 1024)

static const uint8_t iccid[10] = {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x30, 0xF7};
static const uint8_t eid[16] = {0x89, 4, 0x90, 0x32, 1}, other_eid[16] = {0x89, 4, 0x90, 0x32, 2};

/* Every state with every event: what has no edge is refused, and every state can be reached. */
static void test_state_table(void)
{
	bool reached[SMDP_STATE_END] = {[SMDP_AVAILABLE] = true};
	unsigned edges = 0;

	for (int round = 0; round < SMDP_STATE_END; round++) {
		for (enum smdp_profile_state s = SMDP_AVAILABLE; s < SMDP_STATE_END; s++) {
			for (enum smdp_event e = SMDP_ORDER; e < SMDP_EVENT_END; e++) {
				enum smdp_profile_state to = SMDP_STATE_END;

				if (smdp_state_next(s, e, &to)) {
					CU_ASSERT_EQUAL(to, SMDP_STATE_END);
					continue;
				}
				edges++;
				CU_ASSERT(to >= SMDP_AVAILABLE && to < SMDP_STATE_END);
				/* what may be on an eUICC is never offered again */
				CU_ASSERT_FALSE(to == SMDP_AVAILABLE &&
						(s == SMDP_DOWNLOADED || s == SMDP_INSTALLED));
				/* ... and leaves it by its eUICC's word alone */
				CU_ASSERT(s != SMDP_INSTALLED || e == SMDP_DELETE);
				CU_ASSERT_NOT_EQUAL(s, SMDP_UNAVAILABLE);
				reached[to] |= reached[s];
			}
		}
	}
	CU_ASSERT(edges > 0);
	for (enum smdp_profile_state s = SMDP_AVAILABLE; s < SMDP_STATE_END; s++) {
		CU_ASSERT(reached[s]);
		CU_ASSERT_STRING_NOT_EQUAL(smdp_state_name(s), "?");
	}
	for (enum smdp_event e = SMDP_ORDER; e < SMDP_EVENT_END; e++)
		CU_ASSERT_STRING_NOT_EQUAL(smdp_event_name(e), "?");
	CU_ASSERT_STRING_EQUAL(smdp_state_name(SMDP_STATE_END), "?");
	for (int c = 0; c < SMDP_FAULT_COUNT; c++) {
		const struct smdp_fault *f = smdp_fault((enum smdp_fault_cause)c);

		CU_ASSERT(f->subject && *f->subject && f->reason && *f->reason && *f->message);
	}
}

struct shop {
	struct es2p_call call;
	struct smdp_profile p;
};

static void shop_open(struct shop *h)
{
	*h = (struct shop){.call = {.actor = "test", .now = NOW}};
	CU_ASSERT_FATAL(smdp_store_open(test_dir(), NULL, &h->call.store) == ERR_OK);
	ASSERT_ERR(smdp_import(h->call.store,
			       &(struct smdp_import){iccid, "gold", slice_str("metadata"),
						     slice_str("upp")},
			       NOW),
		   ERR_OK);
}

static enum err order(struct shop *h, const uint8_t *e, const uint8_t *i, const char *type)
{
	const struct es2p_order r = {.eid = e, .iccid = i, .type = type};

	return es2p_download_order(&h->call, &r, &h->p);
}

static enum err confirm(struct shop *h, const uint8_t *e, const char *id, bool release)
{
	const struct es2p_confirmation r = {
		.eid = e, .iccid = iccid, .matching_id = id, .release = release, .lifetime_s = 60};

	return es2p_confirm_order(&h->call, &r, &h->p);
}

static enum err cancel(struct shop *h, const uint8_t *e, const char *id, bool final)
{
	const struct es2p_cancellation r = {
		.eid = e, .iccid = iccid, .matching_id = id, .final = final};

	return es2p_cancel_order(&h->call, &r, &h->p);
}

static void expect_refused(struct shop *h, enum err e, enum smdp_fault_cause cause)
{
	struct smdp_profile now;

	ASSERT_ERR(e, ERR_REFUSED);
	CU_ASSERT_PTR_EQUAL(h->call.fault, smdp_fault(cause));
	if (h->call.fault != smdp_fault(cause))
		fprintf(stderr, "\nrefused by: %s\n",
			h->call.fault ? h->call.fault->message : "nothing");
	ASSERT_ERR(smdp_profile_by_iccid(h->call.store, iccid, &now), ERR_OK);
	h->call.fault = NULL;
}

static void expect_state(struct shop *h, enum err e, enum smdp_profile_state state)
{
	struct smdp_profile now = {.state = 0};

	ASSERT_ERR(e, ERR_OK);
	CU_ASSERT_EQUAL(h->p.state, state);
	ASSERT_ERR(smdp_profile_by_iccid(h->call.store, iccid, &now), ERR_OK);
	CU_ASSERT_EQUAL(now.state, state);
	CU_ASSERT_EQUAL(now.revision, h->p.revision);
	CU_ASSERT_STRING_EQUAL(now.matching_id, h->p.matching_id);
}

static void test_orders(void)
{
	static const uint8_t no_eid[16];
	uint8_t unknown[10] = {0x98};
	struct shop h;

	shop_open(&h);
	expect_refused(&h, order(&h, NULL, NULL, NULL), SMDP_FAULT_WHICH);
	expect_refused(&h, order(&h, no_eid, iccid, NULL), SMDP_FAULT_EID_FORM);
	/* who has no type is not ordered by it: prepared profiles are of one subscriber each */
	ASSERT_ERR(smdp_import(h.call.store,
			       &(struct smdp_import){unknown, "", slice_str("m"), slice_str("u")},
			       NOW),
		   ERR_OK);
	expect_refused(&h, order(&h, NULL, NULL, ""), SMDP_FAULT_WHICH);
	unknown[9] = 1;
	expect_refused(&h, order(&h, NULL, unknown, NULL), SMDP_FAULT_ICCID_UNKNOWN);
	expect_refused(&h, order(&h, NULL, NULL, "silver"), SMDP_FAULT_TYPE_UNKNOWN);
	expect_refused(&h, order(&h, NULL, iccid, "silver"), SMDP_FAULT_TYPE_OTHER);
	expect_refused(&h, confirm(&h, NULL, "ID", true), SMDP_FAULT_TRANSITION);
	expect_state(&h, order(&h, NULL, NULL, "gold"), SMDP_ALLOCATED);
	expect_refused(&h, order(&h, NULL, iccid, NULL), SMDP_FAULT_ICCID_USED);
	expect_refused(&h, order(&h, NULL, NULL, "gold"), SMDP_FAULT_TYPE_EMPTY);
	expect_refused(&h, es2p_release_profile(&h.call, iccid, &h.p), SMDP_FAULT_TRANSITION);
	expect_refused(&h, confirm(&h, NULL, "", false), SMDP_FAULT_EID_MISSING);
	expect_refused(&h, confirm(&h, no_eid, "", false), SMDP_FAULT_EID_FORM);
	expect_refused(&h, confirm(&h, NULL, "a b", false), SMDP_FAULT_MATCHING_ID_FORM);
	expect_refused(&h, confirm(&h, NULL, "id-1", false), SMDP_FAULT_MATCHING_ID_FORM);
	expect_state(&h, confirm(&h, NULL, "ID-1", false), SMDP_CONFIRMED);
	expect_state(&h, es2p_release_profile(&h.call, iccid, &h.p), SMDP_RELEASED);
	CU_ASSERT_EQUAL(h.p.expires, NOW + 60);
	expect_refused(&h, cancel(&h, NULL, "ID-2", false), SMDP_FAULT_MATCHING_ID_OTHER);
	expect_state(&h, cancel(&h, NULL, "ID-1", false), SMDP_AVAILABLE);
	CU_ASSERT_STRING_EQUAL(h.p.matching_id, "");
	/* for one eUICC */
	expect_state(&h, order(&h, eid, iccid, NULL), SMDP_LINKED);
	expect_refused(&h, confirm(&h, other_eid, NULL, true), SMDP_FAULT_EID_OTHER);
	expect_state(&h, confirm(&h, eid, NULL, true), SMDP_RELEASED);
	CU_ASSERT_EQUAL(strlen(h.p.matching_id), 20); /* made */
	expect_refused(&h, cancel(&h, NULL, NULL, false), SMDP_FAULT_EID_MISSING);
	expect_refused(&h, cancel(&h, other_eid, NULL, false), SMDP_FAULT_EID_NOT_OF_ICCID);
	expect_state(&h, cancel(&h, eid, NULL, true), SMDP_UNAVAILABLE);
	expect_refused(&h, order(&h, NULL, iccid, NULL), SMDP_FAULT_ICCID_USED);
	smdp_store_close(&h.call.store);
}

/* A matching id that another order has: refused whole, release and all. */
static void test_matching_id_taken(void)
{
	struct shop h;

	shop_open(&h);
	ASSERT_ERR(stock_profile(h.call.store, desk_iccids[0], "TAKEN", slice_str("m"),
				 slice_str("u")),
		   ERR_OK);
	expect_state(&h, order(&h, NULL, iccid, NULL), SMDP_ALLOCATED);
	expect_refused(&h, confirm(&h, NULL, "TAKEN", true), SMDP_FAULT_MATCHING_ID_USED);
	ASSERT_ERR(smdp_profile_by_iccid(h.call.store, iccid, &h.p), ERR_OK);
	CU_ASSERT_EQUAL(h.p.state, SMDP_ALLOCATED);
	expect_state(&h, confirm(&h, NULL, "FREE", true), SMDP_RELEASED);
	smdp_store_close(&h.call.store);
}

/* Somebody else changed the profile since it was read. */
static void test_lost_race(void)
{
	const struct smdp_change c = {.event = SMDP_ORDER, .now = NOW};
	struct smdp_profile mine;
	struct shop h;

	shop_open(&h);
	ASSERT_ERR(smdp_profile_by_iccid(h.call.store, iccid, &mine), ERR_OK);
	expect_state(&h, order(&h, NULL, iccid, NULL), SMDP_ALLOCATED);
	ASSERT_ERR(smdp_profile_change(h.call.store, &mine, &c), ERR_LOCKED);
	CU_ASSERT_EQUAL(mine.state, SMDP_AVAILABLE);
	smdp_store_close(&h.call.store);
}

/* The order of the desk's profile with a confirmation code and limits. */
static void desk_order(struct desk *d, const char *code, unsigned downloads, int64_t lifetime)
{
	const struct es2p_cancellation cancellation = {.iccid = desk_iccids[0]};
	const struct es2p_order o = {.iccid = desk_iccids[0]};
	const struct es2p_confirmation c = {.iccid = desk_iccids[0],
					    .matching_id = DESK_MATCHING_ID,
					    .code = slice_str(code),
					    .release = true,
					    .lifetime_s = lifetime,
					    .downloads_max = downloads};
	struct smdp_profile p;

	ASSERT_ERR(es2p_cancel_order(DESK_CALL(*d), &cancellation, &p), ERR_OK);
	ASSERT_ERR(es2p_download_order(DESK_CALL(*d), &o, &p), ERR_OK);
	ASSERT_ERR(es2p_confirm_order(DESK_CALL(*d), &c, &p), ERR_OK);
}

static void prepare_with(struct desk *d, const char *code, uint8_t hash[static SHA256_LEN])
{
	struct slice text = slice_str(code);
	struct slice parts[2] = {slice_make(hash, SHA256_LEN), d->p.transaction_id};

	ASSERT_ERR(sha256(&text, 1, hash), ERR_OK);
	ASSERT_ERR(sha256(parts, 2, hash), ERR_OK);
	d->p.hash_cc = slice_make(hash, SHA256_LEN);
	peer_prepare(&d->p, &d->message);
}

static void refused_as(struct desk *d, enum es9p_function f, const char *subject,
		       const char *reason)
{
	json_t *answer = NULL;

	ASSERT_ERR(desk_send(d, f, &answer), ERR_OK);
	CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "subjectCode"), subject);
	CU_ASSERT_STRING_EQUAL(desk_code_of(answer, "reasonCode"), reason);
	json_decref(answer);
}

static void test_confirmation_code(void)
{
	uint8_t hash[SHA256_LEN];
	struct smdp_profile p;
	struct desk d;

	desk_open(&d);
	desk_order(&d, "1234", 0, 0);
	desk_authenticate(&d);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "2.2");
	prepare_with(&d, "1235", hash);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "3.8");
	prepare_with(&d, "123", hash);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "3.8");
	ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
	CU_ASSERT_EQUAL(p.code_tries, 2);
	prepare_with(&d, "1234", hash); /* the last attempt is the right one */
	json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
	CU_ASSERT_EQUAL(p.code_tries, 0);
	desk_expect_profile(&d, SMDP_DOWNLOADED);
	for (int i = 0; i < 2 * SMDP_CODE_TRIES_MAX;
	     i++) /* answers that are lost cost no attempt */
		json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	prepare_with(&d, "1235", hash);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "3.8");
	ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
	CU_ASSERT_EQUAL(p.code_tries, 1);
	desk_close(&d);
}

static void test_confirmation_code_limit(void)
{
	uint8_t hash[SHA256_LEN];
	struct desk d;

	desk_open(&d);
	desk_order(&d, "1234", 0, 0);
	desk_authenticate(&d);
	prepare_with(&d, "0000", hash);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "3.8");
	smdp_close(&d.smdp); /* a restart forgets no attempt */
	smdp_store_close(&d.store);
	desk_open_store(&d);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "3.8");
	desk_authenticate(&d); /* nor does another session */
	prepare_with(&d, "0001", hash);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "6.4");
	desk_expect_profile(&d, SMDP_ERROR);
	prepare_with(&d, "1234", hash); /* right, and too late */
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2", "3.7");
	desk_initiate(&d);
	refused_as(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8");
	desk_close(&d);
}

static void ends_installed(struct desk *d)
{
	peer_result(&d->p, true, &d->message);
	ASSERT_ERR(desk_send(d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
}
static void ends_retry(struct desk *d)
{
	d->p.failure = ES10B_BPP_INTERRUPTION;
	peer_result(&d->p, false, &d->message);
	ASSERT_ERR(desk_send(d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
}
static void ends_failed(struct desk *d)
{
	d->p.failure = ES10B_BPP_PE_PROCESSING;
	peer_result(&d->p, false, &d->message);
	ASSERT_ERR(desk_send(d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
}
static void ends_cancelled(struct desk *d)
{
	peer_cancel(&d->p, &d->message);
	json_decref(desk_good(d, ES9P_CANCEL_SESSION));
}
static void ends_retired(struct desk *d)
{
	const struct es2p_cancellation c = {.iccid = desk_iccids[0], .final = true};
	struct smdp_profile p;

	ASSERT_ERR(es2p_cancel_order(DESK_CALL(*d), &c, &p), ERR_OK);
}
static void ends_expired(struct desk *d)
{
	d->now += 100;
	desk_initiate(d);
	refused_as(d, ES9P_AUTHENTICATE_CLIENT, "8.8.5", "4.10");
}
static void ends_limited(struct desk *d)
{
	desk_initiate(d);
	refused_as(d, ES9P_AUTHENTICATE_CLIENT, "8.8.5", "6.4");
}
static void ends_guessed(struct desk *d)
{
	uint8_t hash[SHA256_LEN];

	for (int i = 0; i < SMDP_CODE_TRIES_MAX; i++) {
		prepare_with(d, "0000", hash);
		refused_as(d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7",
			   i < SMDP_CODE_TRIES_MAX - 1 ? "3.8" : "6.4");
	}
}

/* Whether these octets are in the manager's files as they are. */
static bool is_on_disk(const struct desk *d, struct slice octets)
{
	static const char *const names[] = {"manager.db", "manager.db-wal"};
	struct wbuf rows = wbuf_grow(16u << 20);
	bool there;

	tamper_dump(d->manager, TAMPER_MANAGER, &rows);
	there = memmem(rows.ptr, rows.len, octets.ptr, octets.len) != NULL;
	wbuf_free(&rows);
	for (size_t i = 0; i < ARRAY_LEN(names) && tamper_has_files(); i++) {
		struct wbuf w = wbuf_grow(16u << 20);
		char path[160];

		ASSERT_ERR(path_join(d->manager, names[i], path, sizeof(path)), ERR_OK);
		ASSERT_ERR(file_read(path, NULL, &w), ERR_OK);
		there = there || memmem(w.ptr, w.len, octets.ptr, octets.len);
		wbuf_free(&w);
	}
	return there;
}

/* The keys of a package are on the disk as long as they are of use, and only sealed; so is a code.
 */
static void test_one_time_keys(void)
{
	static const struct {
		void (*end)(struct desk *d);
		enum smdp_profile_state state;
		unsigned downloads;
	} rows[] = {
		{ends_installed, SMDP_INSTALLED, 0}, {ends_retry, SMDP_RELEASED, 0},
		{ends_failed, SMDP_ERROR, 0},	     {ends_cancelled, SMDP_ERROR, 0},
		{ends_retired, SMDP_UNAVAILABLE, 0}, {ends_expired, SMDP_ERROR, 0},
		{ends_limited, SMDP_ERROR, 1},	     {ends_guessed, SMDP_ERROR, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wbuf keys = wbuf_grow(1024);
		uint8_t hash[SHA256_LEN], code[SHA256_LEN];
		struct smdp_profile p;
		struct desk d;

		desk_open(&d);
		desk_order(&d, "1234", rows[i].downloads, 100);
		desk_authenticate(&d);
		prepare_with(&d, "1234", hash);
		json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
		ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
		ASSERT_ERR(smdp_profile_binding(d.store, p.id, &keys), ERR_OK);
		/* the eUICC's public key comes first, and its session has that too */
		CU_ASSERT(is_on_disk(&d, slice_sub(wbuf_slice(&keys), 0, EC_POINT_LEN)));
		for (size_t at = EC_POINT_LEN; at + 16 <= keys.len; at += 16)
			CU_ASSERT_FALSE(is_on_disk(&d, slice_sub(wbuf_slice(&keys), at, 16)));
		rows[i].end(&d);
		ASSERT_ERR(smdp_profile_get(d.store, p.id, &p), ERR_OK);
		CU_ASSERT_EQUAL(p.state, rows[i].state);
		wbuf_reset(&keys);
		ASSERT_ERR(smdp_profile_binding(d.store, p.id, &keys), ERR_NOT_FOUND);
		CU_ASSERT_EQUAL(p.has_code, p.state == SMDP_RELEASED);
		ASSERT_ERR(smdp_profile_code_hash(d.store, p.id, code),
			   p.has_code ? ERR_OK : ERR_NOT_FOUND);
		wbuf_free(&keys);
		desk_close(&d);
	}
}

static void test_limits(void)
{
	struct desk d;

	desk_open(&d);
	desk_order(&d, "", 2, 100);
	for (int i = 0; i < 2; i++) {
		desk_bind(&d);
		d.p.failure = ES10B_BPP_INTERRUPTION;
		d.p.seq++;
		peer_result(&d.p, false, &d.message);
		ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
	}
	desk_initiate(&d);
	refused_as(&d, ES9P_AUTHENTICATE_CLIENT, "8.8.5", "6.4");
	desk_expect_profile(&d, SMDP_ERROR);
	refused_as(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8");
	desk_order(&d, "", 0, 100);
	desk_authenticate(&d);
	d.now += 100;
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.8.5", "4.10");
	desk_initiate(&d);
	refused_as(&d, ES9P_AUTHENTICATE_CLIENT, "8.8.5", "4.10");
	desk_expect_profile(&d, SMDP_ERROR);
	desk_close(&d);
}

#define STOCK 100

/* A process of its own that orders half of the stock by its type. */
static pid_t order_half(const char *manager, const int gate[2])
{
	const struct es2p_order o = {.type = "gold"};
	pid_t child = fork();
	struct es2p_call call = {.actor = "test", .now = NOW};
	struct smdp_store *s = NULL;
	struct smdp_profile p;
	uint8_t c;
	enum err e;

	if (child)
		return child;
	close(gate[1]);
	e = smdp_store_open(manager, NULL, &s);
	if (!e && read(gate[0], &c, 1) != 0) /* until it is closed */
		e = ERR_IO;
	call.store = s;
	for (int i = 0; i < STOCK / 2 && !e; i++)
		e = es2p_download_order(&call, &o, &p);
	smdp_store_close(&s);
	_exit(e != ERR_OK);
}

/* Two that order the same type at once get a profile each, as long as there are any. */
static void test_orders_at_once(void)
{
	const struct es2p_order o = {.type = "gold"};
	struct es2p_call call = {.actor = "test", .now = NOW};
	struct smdp_store *s = NULL;
	uint8_t which[10] = {0x98, 0x88};
	char manager[128];
	struct smdp_profile p;
	pid_t children[2];
	int status, gate[2];

	ASSERT_ERR(path_join(test_dir(), "manager", manager, sizeof(manager)), ERR_OK);
	CU_ASSERT_FATAL(smdp_store_open(manager, NULL, &s) == ERR_OK);
	for (uint8_t i = 0; i < STOCK; i++) {
		which[2] = i;
		ASSERT_ERR(smdp_import(s,
				       &(struct smdp_import){which, "gold", slice_str("m"),
							     slice_str("u")},
				       NOW),
			   ERR_OK);
	}
	smdp_store_close(&s);
	CU_ASSERT_FATAL(pipe(gate) == 0);
	for (size_t i = 0; i < ARRAY_LEN(children); i++)
		children[i] = order_half(manager, gate);
	close(gate[0]);
	close(gate[1]);
	for (size_t i = 0; i < ARRAY_LEN(children); i++) {
		CU_ASSERT_EQUAL(waitpid(children[i], &status, 0), children[i]);
		CU_ASSERT_EQUAL(status, 0);
	}
	CU_ASSERT_FATAL(smdp_store_open(manager, NULL, &s) == ERR_OK);
	call.store = s;
	ASSERT_ERR(es2p_download_order(&call, &o, &p), ERR_REFUSED);
	CU_ASSERT_PTR_EQUAL(call.fault, smdp_fault(SMDP_FAULT_TYPE_EMPTY));
	smdp_store_close(&s);
}

static void test_not_released(void)
{
	const struct es2p_cancellation cancellation = {.iccid = desk_iccids[0]};
	const struct es2p_order o = {.iccid = desk_iccids[0]};
	struct es2p_confirmation c = {.iccid = desk_iccids[0], .matching_id = DESK_MATCHING_ID};
	struct smdp_profile p;
	struct desk d;

	desk_open(&d);
	ASSERT_ERR(es2p_cancel_order(DESK_CALL(d), &cancellation, &p), ERR_OK);
	desk_initiate(&d);
	refused_as(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8");
	ASSERT_ERR(es2p_download_order(DESK_CALL(d), &o, &p), ERR_OK);
	ASSERT_ERR(es2p_confirm_order(DESK_CALL(d), &c, &p), ERR_OK);
	refused_as(&d, ES9P_AUTHENTICATE_CLIENT, "8.2", "1.2");
	ASSERT_ERR(es2p_release_profile(DESK_CALL(d), desk_iccids[0], &p), ERR_OK);
	json_decref(desk_good(&d, ES9P_AUTHENTICATE_CLIENT));
	/* an order that waits for the EID alone */
	ASSERT_ERR(es2p_cancel_order(DESK_CALL(d), &cancellation, &p), ERR_OK);
	ASSERT_ERR(es2p_download_order(DESK_CALL(d), &o, &p), ERR_OK);
	c.matching_id = "";
	c.eid = d.p.eid;
	c.release = true;
	ASSERT_ERR(es2p_confirm_order(DESK_CALL(d), &c, &p), ERR_OK);
	d.p.matching_id = "";
	desk_bind(&d);
	ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_OK);
	CU_ASSERT_EQUAL(p.state, SMDP_DOWNLOADED);
	desk_close(&d);
}

/* A download that broke off: the next session is told the one-time key, and gets the package again.
 */
static void test_rebinding(void)
{
	struct es10b_smdp_signed2 signed2;
	struct wbuf w = wbuf_grow(MESSAGE_MAX), a = wbuf_grow(MESSAGE_MAX),
		    b = wbuf_grow(MESSAGE_MAX);
	struct es8p_package x, y;
	struct es8p_secure_channel cx, cy;
	json_t *first, *again, *offer;
	struct ec_key *fresh = NULL;
	struct desk d;

	desk_open(&d);
	desk_authenticate(&d);
	first = desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE);
	smdp_close(&d.smdp); /* the keys outlive the server */
	smdp_store_close(&d.store);
	desk_open_store(&d);
	desk_initiate(&d);
	offer = desk_good(&d, ES9P_AUTHENTICATE_CLIENT);
	ASSERT_ERR(json_base64_field(offer, "smdpSigned2", &w), ERR_OK);
	CU_ASSERT_FATAL(es10b_parse_smdp_signed2(wbuf_slice(&w), &signed2) == ERR_OK);
	ASSERT_OCTETS(signed2.euicc_otpk, d.p.otpk, "bppEuiccOtpk");
	peer_take_offer(&d.p, offer);
	peer_prepare(&d.p, &d.message);
	again = desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE);
	ASSERT_ERR(json_base64_field(first, "boundProfilePackage", &a), ERR_OK);
	ASSERT_ERR(json_base64_field(again, "boundProfilePackage", &b), ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_package(wbuf_slice(&a), &x) == ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_package(wbuf_slice(&b), &y) == ERR_OK);
	ASSERT_OCTETS(y.seq86, x.seq86, "the same package");
	ASSERT_ERR(es8p_parse_secure_channel(x.secure_channel_raw, &cx), ERR_OK);
	ASSERT_ERR(es8p_parse_secure_channel(y.secure_channel_raw, &cy), ERR_OK);
	ASSERT_OCTETS(cy.smdp_otpk, cx.smdp_otpk, "the same one-time key");
	CU_ASSERT_FALSE(slice_equal(cy.transaction_id, cx.transaction_id));
	/* another one-time key: everything anew */
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &fresh) == ERR_OK);
	d.p.otpk = ec_key_point(fresh);
	peer_prepare(&d.p, &d.message);
	json_decref(again);
	again = desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE);
	wbuf_reset(&b);
	ASSERT_ERR(json_base64_field(again, "boundProfilePackage", &b), ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_package(wbuf_slice(&b), &y) == ERR_OK);
	CU_ASSERT_FALSE(slice_equal(y.seq86, x.seq86));
	/* the keys go when the result has come */
	peer_result(&d.p, true, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
	desk_expect_profile(&d, SMDP_INSTALLED);
	wbuf_reset(&w);
	ASSERT_ERR(smdp_profile_binding(d.store, 1, &w), ERR_NOT_FOUND);
	json_decref(first);
	json_decref(again);
	json_decref(offer);
	wbuf_free(&w);
	wbuf_free(&a);
	wbuf_free(&b);
	ec_key_free(&fresh);
	desk_close(&d);
}

/* A session of an order that was taken back gets nothing of the next one, and does not harm it. */
static void test_old_session(void)
{
	struct desk d;

	desk_open(&d);
	desk_authenticate(&d);
	desk_order(&d, "", 0, 0); /* cancelled, and placed anew */
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.10.1", "3.9");
	d.p.reason = ES10B_CANCEL_LOAD_BPP_ERROR;
	peer_cancel(&d.p, &d.message);
	json_decref(desk_good(&d, ES9P_CANCEL_SESSION));
	desk_expect_profile(&d, SMDP_RELEASED);
	/* nor can it claim an installation without a package */
	peer_result(&d.p, true, &d.message);
	refused_as(&d, ES9P_HANDLE_NOTIFICATION, "8.10.1", "3.9");
	desk_expect_profile(&d, SMDP_RELEASED);
	desk_close(&d);
}

/* The package goes to nobody else as long as one that has it may have installed it. */
static void test_two_sessions(void)
{
	static const struct smdp_change bound = {.event = SMDP_BIND};
	static const uint8_t other[16] = {0x89, 4, 0x90, 0x32, 1};
	static const enum es9p_function ends[] = {ES9P_HANDLE_NOTIFICATION, ES9P_CANCEL_SESSION};
	struct smdp_profile p;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct wbuf late = wbuf_grow(MESSAGE_MAX);
		char transaction[33];
		json_t *answer = NULL;
		struct desk d;

		desk_open(&d);
		d.p.reason = ES10B_CANCEL_LOAD_BPP_ERROR;
		d.p.failure = ES10B_BPP_INTERRUPTION;
		desk_bind(&d);
		memcpy(transaction, d.transaction, sizeof(transaction));
		if (ends[i] == ES9P_CANCEL_SESSION)
			peer_cancel(&d.p, &late);
		else
			peer_result(&d.p, false, &late);
		d.p.seq++;
		desk_bind(&d); /* the same eUICC once more */
		peer_result(&d.p, false, &d.message);
		ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
		ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
		CU_ASSERT_EQUAL(p.state, SMDP_RELEASED);
		CU_ASSERT(smdp_profile_has_eid(&p)); /* its first session owes a result */
		memcpy(p.eid, other, sizeof(p.eid));
		ASSERT_ERR(smdp_profile_change(d.store, &p, &bound), ERR_OK);
		memcpy(d.transaction, transaction, sizeof(transaction));
		wbuf_reset(&d.message);
		wbuf_put(&d.message, wbuf_slice(&late));
		ASSERT_ERR(desk_send(&d, ends[i], &answer), ERR_OK);
		json_decref(answer);
		ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
		CU_ASSERT_EQUAL(p.state, SMDP_DOWNLOADED);
		CU_ASSERT(memcmp(p.eid, other, sizeof(other)) == 0);
		wbuf_free(&late);
		desk_close(&d);
	}
}

/* One download is one package: another one-time key in the same session makes a second one. */
static void test_limit_in_session(void)
{
	struct ec_key *fresh = NULL;
	struct desk d;

	desk_open(&d);
	desk_order(&d, "", 1, 0);
	desk_authenticate(&d);
	json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE)); /* the answer was lost */
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &fresh) == ERR_OK);
	d.p.otpk = ec_key_point(fresh);
	peer_prepare(&d.p, &d.message);
	refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.8.5", "6.4");
	desk_expect_profile(&d, SMDP_DOWNLOADED);
	ec_key_free(&fresh);
	desk_close(&d);
}

/* The reasons of a cancelled session, and what they do to the order. */
static void test_cancel_reasons(void)
{
	static const struct {
		enum es10b_cancel_reason reason;
		bool keep;
		const char *code, *given; /* the order's confirmation code, and the eUICC's */
		enum smdp_profile_state state;
	} rows[] = {
		{ES10B_CANCEL_POSTPONED, false, "", NULL, SMDP_RELEASED},
		{ES10B_CANCEL_TIMEOUT, false, "", NULL, SMDP_RELEASED},
		{ES10B_CANCEL_PPR_NOT_ALLOWED, false, "", NULL, SMDP_ERROR},
		{ES10B_CANCEL_LOAD_BPP_ERROR, true, "", NULL, SMDP_ERROR},
		{ES10B_CANCEL_END_USER_REJECTION, false, "", NULL, SMDP_ERROR},
		{ES10B_CANCEL_END_USER_REJECTION, true, "", NULL, SMDP_RELEASED},
		/* a code was mistyped, or not given: an LPA may call that a rejection */
		{ES10B_CANCEL_END_USER_REJECTION, false, "1234", NULL, SMDP_RELEASED},
		{ES10B_CANCEL_END_USER_REJECTION, false, "1234", "1243", SMDP_RELEASED},
		{ES10B_CANCEL_END_USER_REJECTION, true, "1234", "1243", SMDP_RELEASED},
		{ES10B_CANCEL_PPR_NOT_ALLOWED, false, "1234", NULL, SMDP_ERROR},
		{ES10B_CANCEL_END_USER_REJECTION, false, "1234", "1234", SMDP_ERROR},
		{ES10B_CANCEL_END_USER_REJECTION, true, "1234", "1234", SMDP_DOWNLOADED},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t hash[SHA256_LEN];
		json_t *answer = NULL;
		struct desk d;

		desk_open(&d);
		if (rows[i].keep)
			smdp_keep_rejected(d.smdp);
		desk_order(&d, rows[i].code, 0, 0);
		desk_authenticate(&d);
		if (rows[i].given) {
			prepare_with(&d, rows[i].given, hash);
			ASSERT_ERR(desk_send(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, &answer), ERR_OK);
			json_decref(answer);
		}
		d.p.reason = rows[i].reason;
		peer_cancel(&d.p, &d.message);
		json_decref(desk_good(&d, ES9P_CANCEL_SESSION));
		desk_expect_profile(&d, rows[i].state);
		desk_close(&d);
	}
}

/* A hash of no octets is none: asked for where a code is, and passed over where not. */
static void test_empty_hash(void)
{
	static const char *const codes[] = {"", "1234"};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		struct smdp_profile p;
		struct desk d;

		desk_open(&d);
		desk_order(&d, codes[i], 0, 0);
		desk_authenticate(&d);
		d.p.hash_cc = slice_make("", 0);
		peer_prepare(&d.p, &d.message);
		if (*codes[i])
			refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7", "2.2");
		else
			json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
		ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
		CU_ASSERT_EQUAL(p.code_tries, 0);
		d.p.hash_cc = slice_make("1234", 4);
		peer_prepare(&d.p, &d.message);
		ASSERT_ERR(desk_send(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, &(json_t *){NULL}),
			   ERR_LENGTH);
		desk_close(&d);
	}
}

/* Rejections between do not give more attempts, and the right code still serves after two. */
static void test_rejected_codes(void)
{
	static const char *const tries[2][3] = {{"0000", "0001", "1234"}, {"0000", "0001", "0002"}};

	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		bool right = i == 0;
		uint8_t hash[SHA256_LEN];
		struct desk d;

		desk_open(&d);
		desk_order(&d, "1234", 0, 0);
		for (size_t n = 0; n < ARRAY_LEN(tries[i]); n++) {
			bool last = n + 1 == ARRAY_LEN(tries[i]);

			desk_authenticate(&d);
			prepare_with(&d, tries[i][n], hash);
			if (last && right) {
				json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
				break;
			}
			refused_as(&d, ES9P_GET_BOUND_PROFILE_PACKAGE, "8.2.7",
				   last ? "6.4" : "3.8");
			d.p.hash_cc = SLICE_EMPTY;
			peer_cancel(&d.p, &d.message);
			json_decref(desk_good(&d, ES9P_CANCEL_SESSION));
			desk_expect_profile(&d, last ? SMDP_ERROR : SMDP_RELEASED);
		}
		desk_expect_profile(&d, right ? SMDP_DOWNLOADED : SMDP_ERROR);
		desk_close(&d);
	}
}

static bool count(void *ctx, const struct smdp_log_entry *e)
{
	(void)e;
	++*(int64_t *)ctx;
	return true;
}

static void execute(const struct desk *d, const char *sql)
{
	char path[160];

	if (strstr(sql, "user_version")) { /* the key of an older version's folder tells none */
		ASSERT_ERR(path_join(d->manager, "manager.key", path, sizeof(path)), ERR_OK);
		CU_ASSERT_EQUAL(truncate(path, 32), 0);
	}
	tamper(d->manager, TAMPER_MANAGER, sql);
}

/* What version 8 has put in. */
#define BACK_TO_7                                                                                  \
	"DROP INDEX log_of; ALTER TABLE profile DROP COLUMN log_seq;"                              \
	"ALTER TABLE profile DROP COLUMN mac; ALTER TABLE package DROP COLUMN mac;"                \
	"ALTER TABLE session DROP COLUMN mac; PRAGMA user_version = 7;"

static void test_log(void)
{
	static const char *const tampering[] = {
		"UPDATE log SET evidence = 'nothing' WHERE seq = 3",
		"DELETE FROM log WHERE seq = 2",
		"DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)",
		"UPDATE log SET at = at + 1 WHERE seq = 1",
		("DELETE FROM log WHERE seq > 4; UPDATE sqlite_sequence SET seq = 4 WHERE name = "
		 "'log'"),
		"DELETE FROM log; DELETE FROM sqlite_sequence WHERE name = 'log'",
		"DELETE FROM log_head",
	};

	for (size_t i = 0; i < ARRAY_LEN(tampering); i++) {
		int64_t entries = 0, good = 0;
		struct desk d;

		desk_open(&d);
		desk_bind(&d);
		ASSERT_ERR(smdp_log_each(d.store, count, &entries), ERR_OK);
		ASSERT_ERR(stock_verify(d.store, &good), ERR_OK);
		CU_ASSERT_EQUAL(good, entries);
		CU_ASSERT(entries >= 9); /* two profiles through their orders, and one bound */
		execute(&d, tampering[i]);
		ASSERT_ERR(stock_verify(d.store, &good), ERR_CORRUPT);
		desk_close(&d);
	}
}

/* A store of version 1 is brought up: orders as they were. */
static void test_migration(void)
{
	static const char old[] =
		"DROP TABLE profile; DROP TABLE session; DROP TABLE log; DROP TABLE notification;"
		"DROP TABLE package; DROP TABLE told;"
		"CREATE TABLE profile (id INTEGER PRIMARY KEY AUTOINCREMENT,"
		" iccid BLOB NOT NULL UNIQUE, matching_id TEXT NOT NULL UNIQUE,"
		" state INTEGER NOT NULL, eid BLOB NOT NULL, metadata BLOB NOT NULL,"
		" upp BLOB NOT NULL); CREATE TABLE session (id BLOB PRIMARY KEY,"
		" state INTEGER NOT NULL, curve INTEGER NOT NULL, challenge BLOB NOT NULL,"
		" created INTEGER NOT NULL, profile INTEGER NOT NULL, eid BLOB NOT NULL,"
		" point BLOB NOT NULL, signature BLOB NOT NULL);"
		"INSERT INTO profile VALUES (1, x'98881201000000001011', 'A', 1, zeroblob(16),"
		" x'01', x'02'), (2, x'98881201000000001012', 'B', 2, zeroblob(16), x'01', x'02'),"
		" (3, x'98881201000000001013', 'C', 3, zeroblob(16), x'01', x'02');"
		"PRAGMA user_version = 1;";
	static const struct {
		const char *id;
		enum smdp_profile_state state;
	} rows[] = {{"A", SMDP_RELEASED}, {"B", SMDP_DOWNLOADED}, {"C", SMDP_INSTALLED}};
	struct smdp_profile p = {.state = 0};
	struct desk d;
	struct smdp_check c;

	if (!tamper_needs_files())
		return;
	desk_open(&d);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	execute(&d, old);
	desk_open_store(&d);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ASSERT_ERR(smdp_profile_find(d.store, rows[i].id, &p), ERR_OK);
		CU_ASSERT_EQUAL(p.state, rows[i].state);
		CU_ASSERT_FALSE(p.has_code);
		CU_ASSERT_EQUAL(p.downloads_max, SMDP_DOWNLOADS_MAX);
	}
	ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_CORRUPT);
	CU_ASSERT_EQUAL(c.found, SMDP_PACKAGE_CHANGED); /* x'02' is no sealed package */
	desk_close(&d);
}

/* A store of version 2, with the packages in the rows of their orders. */
static void test_migration_of_2(void)
{
	struct wbuf metadata = wbuf_grow(MESSAGE_MAX), upp = wbuf_grow(MESSAGE_MAX);
	struct desk d;

	if (!tamper_needs_files())
		return;
	desk_open(&d);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	execute(&d, BACK_TO_7
		"ALTER TABLE profile ADD COLUMN metadata BLOB;"
		"ALTER TABLE profile ADD COLUMN upp BLOB;"
		"UPDATE profile SET metadata = (SELECT metadata FROM package WHERE profile = id),"
		" upp = (SELECT upp FROM package WHERE profile = id);"
		"DROP TABLE package; DROP TABLE told; PRAGMA user_version = 2;");
	desk_open_store(&d);
	ASSERT_ERR(smdp_package_load(d.store, 1, &metadata, &upp), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&metadata), slice_str("metadata"), "metadata");
	ASSERT_OCTETS(wbuf_slice(&upp), slice_str("profile elements"), "elements");
	desk_bind(&d);
	desk_expect_profile(&d, SMDP_DOWNLOADED);
	wbuf_free(&metadata);
	wbuf_free(&upp);
	desk_close(&d);
}

/* A store of version 3: every row in the indexes. A session goes on, and the inventory is found. */
static void test_migration_of_3(void)
{
	static const uint8_t third[10] = {0x98, 0x88, 9};
	struct smdp_profile p = {.state = 0};
	struct desk d;

	if (!tamper_needs_files())
		return;
	desk_open(&d);
	desk_authenticate(&d);
	ASSERT_ERR(smdp_import(d.store,
			       &(struct smdp_import){third, "type", slice_str("metadata"),
						     slice_str("upp")},
			       d.now),
		   ERR_OK);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	execute(&d, BACK_TO_7 "CREATE TABLE was (id BLOB PRIMARY KEY, state INTEGER NOT NULL,"
			      " curve INTEGER NOT NULL, euicc_curve INTEGER NOT NULL,"
			      " challenge BLOB NOT NULL, created INTEGER NOT NULL,"
			      " profile INTEGER NOT NULL, eid BLOB NOT NULL, point BLOB NOT NULL,"
			      " signature BLOB NOT NULL, otpk BLOB NOT NULL);"
			      "INSERT INTO was SELECT * FROM session; DROP TABLE session;"
			      "ALTER TABLE was RENAME TO session;"
			      "DROP INDEX profile_eid; DROP INDEX profile_state;"
			      "CREATE INDEX profile_eid ON profile (eid);"
			      "CREATE INDEX profile_state ON profile (state, type);"
			      "CREATE INDEX session_created ON session (created);"
			      "ALTER TABLE package DROP COLUMN services; DROP TABLE told; PRAGMA "
			      "user_version = 3;");
	desk_open_store(&d);
	ASSERT_ERR(smdp_profile_available(d.store, "other", &p), ERR_NOT_FOUND);
	ASSERT_ERR(smdp_profile_available(d.store, "type", &p), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(p.iccid), SLICE_OF(third), "ICCID");
	json_decref(desk_good(&d, ES9P_GET_BOUND_PROFILE_PACKAGE));
	desk_expect_profile(&d, SMDP_DOWNLOADED);
	desk_close(&d);
}

/* A store of version 4: what its packages demand is not known, and nothing is refused for it. */
static void test_migration_of_4(void)
{
	struct inventory_needs needs = {.services = 1};
	struct smdp_profile p;
	struct desk d;

	if (!tamper_needs_files())
		return;
	desk_open(&d);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	execute(&d, BACK_TO_7 "ALTER TABLE package DROP COLUMN services; DROP TABLE told; PRAGMA "
			      "user_version = 4;");
	desk_open_store(&d);
	ASSERT_ERR(smdp_profile_find(d.store, DESK_MATCHING_ID, &p), ERR_OK);
	ASSERT_ERR(smdp_package_needs(d.store, p.id, &needs), ERR_OK);
	CU_ASSERT_EQUAL(needs.octets, strlen("profile elements"));
	CU_ASSERT_EQUAL(needs.services, 0);
	desk_authenticate(&d);
	desk_close(&d);
}

/* A store of version 5: what its eUICCs told was only logged; a deletion counts from now on. */
static void test_migration_of_5(void)
{
	struct desk d;

	if (!tamper_needs_files())
		return;
	desk_open(&d);
	desk_bind(&d);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	execute(&d, BACK_TO_7 "DROP TABLE told; PRAGMA user_version = 5;");
	desk_open_store(&d);
	peer_event(&d.p, RSP_EVENT_DELETE, d.p.seq + 1, &d.message);
	ASSERT_ERR(desk_send(&d, ES9P_HANDLE_NOTIFICATION, &(json_t *){NULL}), ERR_OK);
	desk_expect_profile(&d, SMDP_DELETED);
	desk_close(&d);
}

/* Version 6 did not authenticate the log's end: one that was cut then stays so. */
static void test_migration_of_6(void)
{
	static const char *const old[] = {BACK_TO_7 "DROP TABLE log_head; PRAGMA user_version = 6;",
					  BACK_TO_7
					  "DROP TABLE log_head; PRAGMA user_version = 6;"
					  "DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)"};

	if (!tamper_needs_files())
		return;
	for (size_t i = 0; i < ARRAY_LEN(old); i++) {
		int64_t before = 0, good = 0;
		struct desk d;

		desk_open(&d);
		ASSERT_ERR(stock_verify(d.store, &before), ERR_OK);
		smdp_close(&d.smdp);
		smdp_store_close(&d.store);
		execute(&d, old[i]);
		desk_open_store(&d);
		ASSERT_ERR(stock_verify(d.store, &good), i ? ERR_CORRUPT : ERR_OK);
		CU_ASSERT_EQUAL(good, before - (int64_t)i);
		desk_close(&d);
	}
}

/* A profile whose package somebody took out before: the others are brought up all the same. */
static void test_migration_without_package(void)
{
	struct wbuf metadata = wbuf_grow(SMDP_METADATA_MAX);
	struct smdp_check c;
	struct smdp_profile p;
	struct desk d;

	if (!tamper_needs_files())
		return;
	desk_open(&d);
	smdp_close(&d.smdp);
	smdp_store_close(&d.store);
	execute(&d, BACK_TO_7 "DELETE FROM package WHERE profile = (SELECT min(id) FROM profile);");
	desk_open_store(&d);
	ASSERT_ERR(smdp_store_verify(d.store, &c), ERR_CORRUPT);
	CU_ASSERT_EQUAL(c.found, SMDP_PACKAGE_CHANGED);
	ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[1], &p), ERR_OK);
	ASSERT_ERR(smdp_package_load(d.store, p.id, &metadata, NULL), ERR_OK);
	CU_ASSERT(metadata.len > 0);
	wbuf_free(&metadata);
	desk_close(&d);
}

TEST_SUITE(smdp_orders, {"the table of states", test_state_table},
	   {"ES2+ order, confirm, release, cancel", test_orders},
	   {"a matching id that is taken", test_matching_id_taken},
	   {"a profile changed by another hand", test_lost_race},
	   {"orders from two processes at once", test_orders_at_once},
	   {"confirmation code", test_confirmation_code},
	   {"wrong codes once too often", test_confirmation_code_limit},
	   {"one-time keys, sealed and deleted", test_one_time_keys},
	   {"downloads once too often, expiry", test_limits},
	   {"not released yet; an order for an EID", test_not_released},
	   {"a broken download gets the same package", test_rebinding},
	   {"a session of an order that is no more", test_old_session},
	   {"two sessions of one eUICC", test_two_sessions},
	   {"a second package in one session", test_limit_in_session},
	   {"reasons of a cancelled session", test_cancel_reasons},
	   {"a hash of no octets", test_empty_hash},
	   {"rejections of who has no code", test_rejected_codes}, {"the log", test_log},
	   {"a store of version 1", test_migration}, {"a store of version 2", test_migration_of_2},
	   {"a store of version 3", test_migration_of_3},
	   {"a store of version 4", test_migration_of_4},
	   {"a store of version 5", test_migration_of_5},
	   {"a store of version 6", test_migration_of_6},
	   {"a store of version 7 that lacks a package", test_migration_without_package})
