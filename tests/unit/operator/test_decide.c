/* Policy: each state with each event, factors at the edges of their time, both sets of keys. */
#include "tests/unit/test.h"

#include <string.h>

#include "host/operator/policy/decide.h"

#define NOW 10000

static const uint8_t eid[16] = {0x89, 1}, other_eid[16] = {0x89, 2};

/* A subscriber whose factors hold now. */
static struct subscriber a_subscriber(enum subscriber_state state)
{
	struct subscriber row = {.id = 1,
				 .key_id = 3,
				 .granted_key_id = 3,
				 .state = state,
				 .first_factor_at = NOW - 1,
				 .second_factor_from = NOW - 1,
				 .second_factor_until = NOW + 1};

	if (state_is_rotation(state))
		row.spare_key_id = 4;
	return row;
}

static struct subscriber_event an_event(enum subscriber_event_kind kind)
{
	return (struct subscriber_event){.kind = kind,
					 .actor = "test",
					 .evidence = "seen",
					 .now = NOW,
					 .valid_s = 60,
					 .eid = eid};
}

/*
 * One column for each state, in their order: the first letter of the state that the event leads to
 * (T: ROTATING, C: RECALLED), '-' where there is no edge.
 */
static const struct {
	enum subscriber_event_kind event;
	const char
		*to; /* PROVISIONED LIMITED VERIFIED RELEASED ACTIVE SUSPENDED ROTATING RECALLED */
} matrix[] = {
	{EVENT_RES1, "LLV-----"},	   {EVENT_FACTOR, "-VV---TC"},
	{EVENT_EXPIRE, "--L-----"},	   {EVENT_GRANT, "--R---RR"},
	{EVENT_REISSUE, "---R----"},	   {EVENT_RESULT_OK, "---R-S-C"},
	{EVENT_RESULT_FAILED, "---L----"}, {EVENT_RES2, "---AA-TC"},
	{EVENT_ROTATE, "----T---"},	   {EVENT_SUSPEND, "SSSSS-SS"},
	{EVENT_RESUME, "-----P--"},	   {EVENT_RECALL, "---C-C--"},
	{EVENT_RETURN, "---RA-TC"},	   {EVENT_FACTOR_AGAIN, "---RA---"},
	{EVENT_GRANT_AGAIN, "---RR---"},   {EVENT_FALLBACK, "---RA-TC"},
	{EVENT_ROLL_BACK, "--------"}, /* of no former key: test_roll_back() */
	{EVENT_MOVE, "PPPPPSPP"},	   {EVENT_BIND, "PLVRASTC"},
	{EVENT_FOREIGN, "PLVRASTC"},	   {EVENT_CODE_WRONG, "PLVRASTC"},
	{EVENT_CODE_LOCK, "PLVRASTC"},	   {EVENT_RES_WRONG, "PLVRASTC"},
	{EVENT_RES_LOCK, "PLVRASTC"},	   {EVENT_POLICY, "!!!!!!!!"}, /* of no subscriber */
	{EVENT_ENROLL, "PLVRASTC"},	   {EVENT_CODE_SENT, "PLVRASTC"},
	{EVENT_PART, "PLVRASTC"},	   {EVENT_FACTOR_LOCK, "PLVRASTC"},
	{EVENT_FACTOR_UNLOCK, "PLVRASTC"}, {EVENT_DESK, "!!!!!!!!"},
	{EVENT_IMPORT, "!!!!!!!!"},	   {EVENT_EXPORT, "!!!!!!!!"},
};

static char letter_of(enum subscriber_state s)
{
	return "?PLVRASTC"[s];
}

static void test_matrix(void)
{
	bool seen[EVENT_END] = {false};

	for (size_t i = 0; i < ARRAY_LEN(matrix); i++) {
		seen[matrix[i].event] = true;
		for (int from = STATE_PROVISIONED; from <= STATE_RECALLED; from++) {
			struct subscriber row = a_subscriber((enum subscriber_state)from);
			struct subscriber_event ev = an_event(matrix[i].event);
			char want = matrix[i].to[from - STATE_PROVISIONED], got = '-';
			struct decision d;
			enum err e = decide(&row, &ev, &d);

			if (!e)
				got = letter_of(d.row.state);
			else if (e == ERR_VALUE)
				got = '!';
			else
				CU_ASSERT_EQUAL(e, ERR_WRONG_STATE);
			CU_ASSERT_EQUAL(got, want);
			if (got != want)
				fprintf(stderr, "\n%s in %s: %c, not %c\n", event_name(ev.kind),
					state_name(row.state), got, want);
			if (!e && event_is_note(ev.kind))
				CU_ASSERT_EQUAL(d.row.first_factor_at, row.first_factor_at);
			if (!e && state_is_rotation(d.row.state)) /* whatever led there */
				CU_ASSERT(d.row.spare_key_id > d.row.key_id);
			if (!e) /* I7 */
				CU_ASSERT(d.row.key_id >= row.key_id);
		}
	}
	for (int k = EVENT_RES1; k < EVENT_END; k++)
		CU_ASSERT_TRUE(seen[k]);
}

/* A second key in volatile memory: K1 opens limited access after the release too, and is the first
 * factor of the next grant of the same key. Of any other key nothing of that holds. */
static void test_in_memory(void)
{
	static const struct {
		enum subscriber_state from;
		enum subscriber_event_kind event;
		char to, logged[16];
	} rows[] = {
		{STATE_PROVISIONED, EVENT_RES1, 'L', "res1"},
		{STATE_RELEASED, EVENT_RES1, 'R', "return"},
		{STATE_ACTIVE, EVENT_RES1, 'A', "return"},
		{STATE_ROTATING, EVENT_RES1, 'T', "return"},
		{STATE_RECALLED, EVENT_RES1, 'C', "return"},
		{STATE_ACTIVE, EVENT_FACTOR, 'A', "factor-again"},
		{STATE_RELEASED, EVENT_FACTOR, 'R', "factor-again"},
		{STATE_ROTATING, EVENT_FACTOR, 'T', "factor"},
		{STATE_ACTIVE, EVENT_GRANT, 'R', "grant-again"},
		{STATE_RELEASED, EVENT_GRANT, 'R', "grant-again"},
		{STATE_ROTATING, EVENT_GRANT, 'R', "grant"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subscriber row = a_subscriber(rows[i].from);
		struct subscriber_event ev = an_event(rows[i].event);
		struct decision d;

		if (rows[i].from == STATE_ACTIVE || rows[i].from == STATE_RELEASED)
			ASSERT_ERR(decide(&row, &ev, &d), ERR_WRONG_STATE);
		row.modes.in_memory = true;
		ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
		CU_ASSERT_EQUAL(letter_of(d.row.state), rows[i].to);
		CU_ASSERT_STRING_EQUAL(event_name(d.kind), rows[i].logged);
		if (ev.kind == EVENT_RES1)
			CU_ASSERT_EQUAL(d.row.first_factor_at, NOW);
		row.first_factor_at = 0; /* I3: again */
		if (ev.kind == EVENT_GRANT)
			ASSERT_ERR(decide(&row, &ev, &d), ERR_FACTOR);
	}
	for (int s = STATE_PROVISIONED; s <= STATE_RECALLED; s++) {
		struct subscriber row = a_subscriber((enum subscriber_state)s);
		bool after = state_is_after_release(row.state);

		CU_ASSERT_EQUAL(subscriber_allows_sub(&row, 1), state_allows_sub(row.state, 1));
		row.modes.in_memory = true;
		CU_ASSERT_EQUAL(subscriber_allows_sub(&row, 1),
				after || state_allows_sub(row.state, 1));
		CU_ASSERT_EQUAL(subscriber_allows_sub(&row, 2), state_allows_sub(row.state, 2));
		CU_ASSERT_STRING_EQUAL(subscriber_access(&row, 1),
				       s == STATE_SUSPENDED ? "none" : "limited");
	}
}

/* The key before a rotation's grant is in force again, and the same next key is granted anew. */
static void test_roll_back(void)
{
	struct subscriber row = a_subscriber(STATE_RELEASED);
	struct subscriber_event ev = an_event(EVENT_ROLL_BACK), told = an_event(EVENT_RESULT_OK);
	struct decision d, after;

	row.spare_key_id = 2; /* the one before */
	ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
	CU_ASSERT_EQUAL(d.row.state, STATE_RECALLED);
	CU_ASSERT(d.row.key_id == 2 && d.row.spare_key_id == 3);
	CU_ASSERT(!d.row.first_factor_at && !d.row.second_factor_until);
	told.key_id = 3; /* it had opened it, and its result comes late */
	ASSERT_ERR(decide(&d.row, &told, &after), ERR_OK);
	CU_ASSERT_EQUAL(after.row.key_id, 3);
}

/* Where K1 is kept beside K2 it opens limited access, and is no factor of anything. */
static void test_first_kept(void)
{
	for (int s = STATE_RELEASED; s <= STATE_RECALLED; s++) {
		struct subscriber row = a_subscriber((enum subscriber_state)s);
		struct subscriber_event ev = an_event(EVENT_RES1);
		struct decision d;

		/* unless it is asked for; of an attach from before the grant the limited one stays
		 */
		CU_ASSERT_STRING_EQUAL(subscriber_access(&row, 1),
				       s == STATE_RELEASED ? "limited" : "none");
		row.modes.keep_first = true;
		row.first_factor_at = 0;
		if (s == STATE_SUSPENDED) {
			CU_ASSERT_FALSE(subscriber_allows_sub(&row, 1));
			ASSERT_ERR(decide(&row, &ev, &d), ERR_WRONG_STATE);
			continue;
		}
		CU_ASSERT_TRUE(subscriber_allows_sub(&row, 1));
		CU_ASSERT_STRING_EQUAL(subscriber_access(&row, 1), "limited");
		ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
		CU_ASSERT_EQUAL(d.kind, EVENT_FALLBACK);
		CU_ASSERT(d.row.state == row.state && !d.row.first_factor_at);
		ev.kind = EVENT_GRANT;
		if (!state_is_rotation(row.state))
			ASSERT_ERR(decide(&row, &ev, &d), ERR_WRONG_STATE);
	}
}

/* I3: both factors, each between two moments. */
static void test_factors(void)
{
	static const struct {
		int64_t first_at, from, until, first_valid_s;
		enum err e;
	} rows[] = {
		{NOW, NOW, NOW + 1, 0, ERR_OK},
		{0, NOW, NOW + 1, 0, ERR_FACTOR},		     /* no RES yet */
		{NOW + 1, NOW, NOW + 1, 0, ERR_FACTOR},		     /* the clock went back */
		{NOW - FIRST_FACTOR_S + 1, NOW, NOW + 1, 0, ERR_OK}, /* the last second */
		{NOW - FIRST_FACTOR_S, NOW, NOW + 1, 0, ERR_FACTOR}, /* the one after */
		{NOW - 29, NOW, NOW + 1, 30, ERR_OK},		     /* as it was set */
		{NOW - 30, NOW, NOW + 1, 30, ERR_FACTOR},
		{NOW - 5000, NOW, NOW + 1, 6000, ERR_OK},
		{NOW, 0, 0, 0, ERR_FACTOR},	     /* nobody approved */
		{NOW, NOW - 10, NOW, 0, ERR_FACTOR}, /* until then, not longer */
		{NOW, NOW - 10, NOW + 1, 0, ERR_OK},
		{NOW, NOW + 1, NOW + 10, 0, ERR_FACTOR}, /* approved by a clock that was ahead */
	};
	static const enum subscriber_state states[] = {STATE_VERIFIED, STATE_ROTATING,
						       STATE_RECALLED};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t k = 0; k < ARRAY_LEN(states); k++) {
			struct subscriber row = a_subscriber(states[k]);
			struct subscriber_event ev = an_event(EVENT_GRANT);
			struct decision d;

			row.first_factor_at = rows[i].first_at;
			row.second_factor_from = rows[i].from;
			row.second_factor_until = rows[i].until;
			ev.first_valid_s = rows[i].first_valid_s;
			ASSERT_ERR(decide(&row, &ev, &d), rows[i].e);
			if (!rows[i].e) /* they serve once */
				CU_ASSERT(!d.row.first_factor_at && !d.row.second_factor_from &&
					  !d.row.second_factor_until);
		}
	}
}

/* Who sets a factor, and who takes it away. */
static void test_who_sets_factors(void)
{
	static const struct {
		enum subscriber_state state;
		enum subscriber_event_kind event;
		bool no_factor, sets_first, forgets;
	} rows[] = {
		{STATE_PROVISIONED, EVENT_RES1, false, true, false},
		{STATE_PROVISIONED, EVENT_RES1, true, false, false},
		{STATE_ACTIVE, EVENT_RES2, false, false, false}, /* in no rotation */
		{STATE_ROTATING, EVENT_RES2, false, true, false},
		{STATE_ROTATING, EVENT_RES2, true, false, false},
		{STATE_RECALLED, EVENT_RES2, false, true, false},
		{STATE_ACTIVE, EVENT_ROTATE, false, false, true},
		{STATE_VERIFIED, EVENT_SUSPEND, false, false, true},
		{STATE_SUSPENDED, EVENT_RESUME, false, false, true},
		{STATE_RELEASED, EVENT_RESULT_FAILED, false, false, true},
		{STATE_RELEASED, EVENT_RECALL, false, false, true},
		{STATE_VERIFIED, EVENT_MOVE, false, false, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subscriber row = a_subscriber(rows[i].state);
		struct subscriber_event ev = an_event(rows[i].event);
		struct decision d;

		ev.no_factor = rows[i].no_factor;
		ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
		CU_ASSERT_EQUAL(d.row.first_factor_at, rows[i].forgets	    ? 0
						       : rows[i].sets_first ? NOW
									    : NOW - 1);
		CU_ASSERT_EQUAL(d.row.second_factor_until, rows[i].forgets ? 0 : NOW + 1);
	}
}

static const struct key_row {
	const char *what;
	enum subscriber_state state;
	uint32_t key_id, spare_key_id, granted_key_id;
	enum subscriber_second second;
	struct subscriber_event ev; /* kind, key_id, opened, as_profile */
	enum err e;
	uint32_t key_then, spare_then;
	enum key_action keys[DECISION_KEYS_MAX];
	unsigned key_count;
} key_rows[] = {
	{"a rotation makes the next set",
	 STATE_ACTIVE,
	 1,
	 0,
	 1,
	 SECOND_IN_CARD,
	 {.kind = EVENT_ROTATE},
	 ERR_OK,
	 1,
	 2,
	 {KEYS_MAKE_NEXT},
	 1},
	{"not in two-profile mode",
	 STATE_ACTIVE,
	 1,
	 0,
	 1,
	 SECOND_AS_PROFILE,
	 {.kind = EVENT_ROTATE},
	 ERR_UNSUPPORTED,
	 0,
	 0,
	 {0},
	 0},
	{"nor after the last keyId",
	 STATE_ACTIVE,
	 UINT32_MAX,
	 0,
	 1,
	 SECOND_IN_CARD,
	 {.kind = EVENT_ROTATE},
	 ERR_FULL,
	 0,
	 0,
	 {0},
	 0},
	{"the first grant leaves the keys",
	 STATE_VERIFIED,
	 1,
	 0,
	 0,
	 SECOND_SEALED,
	 {.kind = EVENT_GRANT, .key_id = 1},
	 ERR_OK,
	 1,
	 0,
	 {0},
	 0},
	{"a grant of another key",
	 STATE_VERIFIED,
	 1,
	 0,
	 0,
	 SECOND_SEALED,
	 {.kind = EVENT_GRANT, .key_id = 2},
	 ERR_REFUSED,
	 0,
	 0,
	 {0},
	 0},
	{"a grant in a rotation puts the next set in force",
	 STATE_ROTATING,
	 1,
	 2,
	 1,
	 SECOND_IN_CARD,
	 {.kind = EVENT_GRANT, .key_id = 2},
	 ERR_OK,
	 2,
	 1,
	 {KEYS_SWAP},
	 1},
	{"it is for the next key alone",
	 STATE_ROTATING,
	 1,
	 2,
	 1,
	 SECOND_IN_CARD,
	 {.kind = EVENT_GRANT, .key_id = 1},
	 ERR_REFUSED,
	 0,
	 0,
	 {0},
	 0},
	{"a rotation is none of two profiles",
	 STATE_ROTATING,
	 1,
	 2,
	 1,
	 SECOND_SEALED,
	 {.kind = EVENT_GRANT, .as_profile = true},
	 ERR_WRONG_STATE,
	 0,
	 0,
	 {0},
	 0},
	{"RES 2 of the new key drops the one before",
	 STATE_RELEASED,
	 2,
	 1,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RES2, .key_id = 2},
	 ERR_OK,
	 2,
	 0,
	 {KEYS_DROP_SPARE},
	 1},
	{"RES 2 of the key before proves no new one",
	 STATE_RELEASED,
	 2,
	 1,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RES2, .key_id = 1},
	 ERR_REFUSED,
	 0,
	 0,
	 {0},
	 0},
	{"so does the card's word",
	 STATE_RELEASED,
	 2,
	 1,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RESULT_OK, .key_id = 2},
	 ERR_OK,
	 2,
	 0,
	 {KEYS_DROP_SPARE},
	 1},
	{"a refusal takes the card's key back",
	 STATE_RELEASED,
	 2,
	 1,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RESULT_FAILED, .key_id = 2},
	 ERR_OK,
	 1,
	 2,
	 {KEYS_SWAP},
	 1},
	{"a card that is on its first key yet proves that again",
	 STATE_RELEASED,
	 1,
	 0,
	 1,
	 SECOND_SEALED,
	 {.kind = EVENT_RESULT_FAILED, .key_id = 1},
	 ERR_OK,
	 1,
	 0,
	 {0},
	 0},
	{"resumed on its second key: the one before",
	 STATE_SUSPENDED,
	 2,
	 1,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RESUME},
	 ERR_OK,
	 1,
	 2,
	 {KEYS_SWAP},
	 1},
	{"resumed, and the card has opened the last one: a next one is made",
	 STATE_SUSPENDED,
	 2,
	 1,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RESUME, .key_id = 2, .opened = true},
	 ERR_OK,
	 2,
	 3,
	 {KEYS_DROP_SPARE, KEYS_MAKE_NEXT},
	 2},
	{"resumed on its first key: the former set is gone",
	 STATE_SUSPENDED,
	 2,
	 1,
	 2,
	 SECOND_SEALED,
	 {.kind = EVENT_RESUME},
	 ERR_OK,
	 2,
	 0,
	 {KEYS_DROP_SPARE},
	 1},
	{"recalled, and the card opened the granted key after all",
	 STATE_RECALLED,
	 1,
	 2,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RESULT_OK, .key_id = 2},
	 ERR_OK,
	 2,
	 3,
	 {KEYS_SWAP, KEYS_DROP_SPARE, KEYS_MAKE_NEXT},
	 3},
	{"a result of a key that was not granted",
	 STATE_RECALLED,
	 1,
	 2,
	 1,
	 SECOND_IN_CARD,
	 {.kind = EVENT_RESULT_OK, .key_id = 2},
	 ERR_REFUSED,
	 0,
	 0,
	 {0},
	 0},
	{"another eUICC: what the former one has is gone",
	 STATE_RELEASED,
	 2,
	 1,
	 2,
	 SECOND_IN_CARD,
	 {.kind = EVENT_MOVE},
	 ERR_OK,
	 2,
	 0,
	 {KEYS_DROP_SPARE},
	 1},
	{"not where a profile is on the former one",
	 STATE_ACTIVE,
	 1,
	 0,
	 1,
	 SECOND_AS_PROFILE,
	 {.kind = EVENT_MOVE},
	 ERR_UNSUPPORTED,
	 0,
	 0,
	 {0},
	 0},
};

static void test_keys(void)
{
	for (size_t i = 0; i < ARRAY_LEN(key_rows); i++) {
		const struct key_row *r = &key_rows[i];
		struct subscriber row = a_subscriber(r->state);
		struct subscriber_event ev = r->ev;
		unsigned long before = CU_get_number_of_failures();
		struct decision d = {.key_count = 0};

		row.key_id = r->key_id;
		row.spare_key_id = r->spare_key_id;
		row.granted_key_id = r->granted_key_id;
		row.second = r->second;
		ev.now = NOW;
		ev.eid = eid;
		ASSERT_ERR(decide(&row, &ev, &d), r->e);
		if (!r->e) {
			CU_ASSERT_EQUAL(d.row.key_id, r->key_then);
			CU_ASSERT_EQUAL(d.row.spare_key_id, r->spare_then);
			CU_ASSERT_EQUAL(d.key_count, r->key_count);
			for (unsigned k = 0; k < d.key_count && k < r->key_count; k++)
				CU_ASSERT_EQUAL(d.keys[k], r->keys[k]);
		}
		if (CU_get_number_of_failures() != before)
			fprintf(stderr, "\n%s\n", r->what);
	}
}

/* A rotation that an older version began has no keys yet. */
static void test_next_key(void)
{
	struct subscriber row = a_subscriber(STATE_ROTATING);
	struct decision d;

	ASSERT_ERR(decide_next_key(&row, &d), ERR_OK);
	CU_ASSERT_EQUAL(d.key_count, 0);
	CU_ASSERT_EQUAL(subscriber_release_key_id(&row), 4);
	row.spare_key_id = 0;
	CU_ASSERT_EQUAL(subscriber_release_key_id(&row), 0);
	ASSERT_ERR(decide_next_key(&row, &d), ERR_OK);
	CU_ASSERT(d.key_count == 1 && d.keys[0] == KEYS_MAKE_NEXT && d.row.spare_key_id == 4);
	row.state = STATE_ACTIVE;
	CU_ASSERT_EQUAL(subscriber_release_key_id(&row), 3);
	ASSERT_ERR(decide_next_key(&row, &d), ERR_WRONG_STATE);
}

/* I2: a grant binds, and is for no other eUICC; the operator's word moves. */
static void test_euicc(void)
{
	struct subscriber row = a_subscriber(STATE_VERIFIED);
	struct subscriber_event ev = an_event(EVENT_GRANT);
	struct decision d;

	ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
	CU_ASSERT(d.row.has_eid && d.row.bound_by == BOUND_BY_GRANT);
	ASSERT_OCTETS(SLICE_OF(d.row.eid), SLICE_OF(eid), "EID");
	CU_ASSERT_STRING_EQUAL(d.evidence, "seen");
	row = d.row;
	row.state = STATE_VERIFIED;
	row.first_factor_at = row.second_factor_from = NOW;
	row.second_factor_until = NOW + 1;
	ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
	ev.eid = other_eid;
	ASSERT_ERR(decide(&row, &ev, &d), ERR_REFUSED);
	ev.kind = EVENT_BIND;
	ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
	CU_ASSERT(d.kind == EVENT_MOVE && d.row.state == STATE_PROVISIONED);
	CU_ASSERT_STRING_EQUAL(d.evidence, "EID 89020000000000000000000000000000: seen");
	ev.eid = eid;
	ASSERT_ERR(decide(&row, &ev, &d), ERR_OK);
	CU_ASSERT(d.kind == EVENT_BIND && d.row.state == STATE_VERIFIED &&
		  d.row.bound_by == BOUND_BY_OPERATOR);
}

TEST_SUITE(decide, {"each state with each event", test_matrix},
	   {"a second key in volatile memory", test_in_memory},
	   {"a first key that is kept", test_first_kept},
	   {"a rotation is rolled back", test_roll_back},
	   {"factors at the edges of their time", test_factors},
	   {"who sets a factor", test_who_sets_factors}, {"both sets of keys", test_keys},
	   {"the next key of an old rotation", test_next_key}, {"which eUICC", test_euicc})
