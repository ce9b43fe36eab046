/* The key-release application by APDUs: orders, replays, chains, rotation (I1, I2, I6, I7). */
#include "lib/uicc/command.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/uicc/apdu.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/release_fixture.h"

/* I2: once. */
static void replays(void)
{
	struct release_fixture f;
	struct release_grant_bytes first, second, g;

	release_fixture_open(&f);
	release_fixture_fresh_grant(&f, &first);
	release_fixture_fresh_grant(&f, &second);
	release_fixture_refused(&f, &first, KRA_RESULT_WRONG_NONCE,
				"the grant of the challenge before");
	release_fixture_refused(&f, &second, KRA_RESULT_NO_SESSION,
				"a second grant in one session");
	release_fixture_fresh_grant(&f, &g);
	release_fixture_refused(&f, &first, KRA_RESULT_WRONG_NONCE,
				"an old grant in a new session");
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "the session has served");
	release_fixture_reset(&f);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "after a reset");
	release_fixture_fresh_grant(&f, &g);
	CU_ASSERT_EQUAL(release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
			KRA_RESULT_OK);
	release_fixture_reset(&f);
	for (unsigned i = 0; i < 2; i++) {
		struct fixture_before b = fixture_take(&f);

		CU_ASSERT_EQUAL(release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
				KRA_RESULT_NO_SESSION);
		CU_ASSERT_EQUAL(release_fixture_challenge(&f), KRA_RESULT_ALREADY);
		fixture_unchanged(&f, &b, "the grant that was used");
		CU_ASSERT_EQUAL(release_fixture_active(&f), 2);
		release_fixture_reopen(&f);
	}
	release_fixture_close(&f);
}

static uint16_t send_hex(struct release_fixture *f, const char *hex, const char *want)
{
	struct wbuf out = wbuf_grow(512);
	uint16_t sw = release_fixture_send(f, test_unhex(hex), &out);

	ASSERT_OCTETS(wbuf_slice(&out), test_unhex(want), hex);
	wbuf_free(&out);
	return sw;
}

/* Messages out of order, and other messages in between. */
static void orders(void)
{
	struct release_fixture f;
	struct release_grant_bytes g = {0};
	uint8_t other[KRA_ICCID_LEN];
	struct wbuf out = wbuf_grow(512);

	release_fixture_open(&f);
	g.len = 3;
	memcpy(g.bytes, "\xBF\x72\x00", g.len);
	release_fixture_refused(&f, &g, RELEASE_FIXTURE_MALFORMED, "empty");
	release_fixture_fresh_grant(&f, &g);
	release_fixture_reset(&f);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "reset between challenge and grant");
	release_fixture_fresh_grant(&f, &g);
	card_power_off(f.card);
	release_fixture_reset(&f);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION,
				"power cut between challenge and grant");
	release_fixture_fresh_grant(&f, &g);
	release_fixture_reopen(&f);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "the session is in volatile memory");
	/* a challenge that is refused ends the session as well */
	release_fixture_fresh_grant(&f, &g);
	memset(other, 0x11, sizeof(other));
	CU_ASSERT_EQUAL(release_fixture_challenge_for(&f, other), KRA_RESULT_WRONG_PROFILE);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "a refused challenge after it");
	release_fixture_fresh_grant(&f, &g);
	CU_ASSERT_EQUAL(send_hex(&f, "bf7100", ""), SW_WRONG_DATA);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "a malformed challenge after it");
	release_fixture_fresh_grant(&f, &g);
	CU_ASSERT_EQUAL(send_hex(&f, "bf7400", ""), SW_WRONG_DATA);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "what is no command after it");
	/* what only asks does not */
	release_fixture_fresh_grant(&f, &g);
	CU_ASSERT_EQUAL(release_fixture_send(&f, test_unhex("bf7000"), &out), SW_OK);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 1);
	CU_ASSERT_EQUAL(release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
			KRA_RESULT_OK);
	release_fixture_reset(&f);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 2);
	wbuf_free(&out);
	release_fixture_close(&f);
}

/* A STORE DATA block of a grant, by hand: class, P1, P2. */
static uint16_t block(struct release_fixture *f, uint8_t cla, uint8_t p1, uint8_t p2,
		      struct slice part)
{
	uint8_t mem[APDU_COMMAND_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem)), out = wbuf_grow(512);
	uint16_t sw;

	apdu_put(&w, &(struct apdu){
			     .cla = cla, .ins = INS_STORE_DATA, .p1 = p1, .p2 = p2, .data = part});
	sw = fixture_exchange(f->card, wbuf_slice(&w), &out);
	if (sw != SW_OK && (sw & 0xFF00) != SW_PROACTIVE)
		CU_ASSERT_EQUAL(out.len, 0);
	wbuf_free(&out);
	return sw;
}

/* Blocks lost, repeated, swapped, of two chains mixed: refused at once, and nothing is done. */
static void chains(void)
{
	static const struct {
		uint8_t p1, p2;
		unsigned part;
		uint16_t sw;
	} rows[][3] = {
		/* parts of it as messages: these end the session, chains that break off do not */
		{{0x91, 0, 1, SW_WRONG_DATA},
		 {0x91, 0, 2, SW_WRONG_DATA},
		 {0x91, 1, 0, SW_WRONG_P1P2}},
		{{0x11, 0, 0, SW_OK}, {0x91, 2, 2, SW_WRONG_P1P2}, {0x91, 1, 1, SW_WRONG_P1P2}},
		{{0x11, 0, 0, SW_OK}, {0x11, 1, 1, SW_OK}, {0x91, 1, 1, SW_WRONG_P1P2}},
		{{0x11, 1, 1, SW_WRONG_P1P2},
		 {0x91, 2, 2, SW_WRONG_P1P2},
		 {0x91, 3, 2, SW_WRONG_P1P2}},
		{{0x91, 2, 2, SW_WRONG_P1P2},
		 {0x11, 1, 1, SW_WRONG_P1P2},
		 {0x11, 2, 0, SW_WRONG_P1P2}},
		{{0x11, 0, 0, SW_OK}, {0x12, 1, 1, SW_WRONG_P1P2}, {0x91, 2, 2, SW_WRONG_P1P2}},
		{{0x11, 0, 0, SW_OK}, {0x11, 1, 1, SW_OK}, {0x81, 2, 2, SW_WRONG_P1P2}},
	};
	struct release_fixture f;
	struct release_grant_bytes g;

	release_fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture_before b;

		release_fixture_fresh_grant(&f, &g);
		b = fixture_take(&f);
		for (size_t k = 0; k < ARRAY_LEN(rows[i]); k++) {
			struct slice whole = slice_make(g.bytes, g.len);
			struct slice part = slice_sub(whole, 100 * rows[i][k].part,
						      rows[i][k].part == 2 ? g.len : 100);

			CU_ASSERT_EQUAL(block(&f, 0x81, rows[i][k].p1, rows[i][k].p2, part),
					rows[i][k].sw);
		}
		fixture_unchanged(&f, &b, "blocks");
		CU_ASSERT_EQUAL(release_fixture_active(&f), 1);
	}
	/* the session is still open: all the blocks, in order, and it is a grant */
	CU_ASSERT_EQUAL(release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
			KRA_RESULT_OK);
	release_fixture_close(&f);
}

static uint16_t apdu(struct release_fixture *f, const char *hex)
{
	struct wbuf out = wbuf_grow(512);
	uint16_t sw = fixture_exchange(f->card, test_unhex(hex), &out);

	wbuf_free(&out);
	return sw;
}

/* A chain belongs to the channel and the selection that it was begun in; the session to the card.
 */
static void channels(void)
{
	static const char select_01[] = "01a4040009f05457494e4b455901";
	static const char select_02[] = "02a4040009f05457494e4b455901";
	struct release_fixture f;
	struct release_grant_bytes g;
	struct slice first, rest;

	release_fixture_open(&f);
	CU_ASSERT_EQUAL(apdu(&f, "0070000001"), SW_OK);
	CU_ASSERT_EQUAL(apdu(&f, select_02), SW_OK);
	release_fixture_fresh_grant(&f, &g);
	first = slice_make(g.bytes, 100);
	rest = slice_make(g.bytes + 100, g.len - 100);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x11, 0, first), SW_OK);
	CU_ASSERT_EQUAL(block(&f, 0x82, 0x91, 1, rest), SW_WRONG_P1P2);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x11, 0, first), SW_OK);
	CU_ASSERT_EQUAL(apdu(&f, select_01), SW_OK);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x91, 1, rest), SW_WRONG_P1P2);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x11, 0, first), SW_OK);
	CU_ASSERT_EQUAL(apdu(&f, "0070800100"), SW_OK);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x91, 1, rest), SW_CHANNEL_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(apdu(&f, "0070000001"), SW_OK);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x91, 1, rest), SW_INS_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(apdu(&f, select_01), SW_OK);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x91, 1, rest), SW_WRONG_P1P2);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 1);
	/* another channel's comings and goings leave a chain alone */
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x11, 0, first), SW_OK);
	CU_ASSERT_EQUAL(apdu(&f, "0070800200"), SW_OK);
	CU_ASSERT_EQUAL(block(&f, 0x81, 0x91, 1, rest) & 0xFF00, SW_PROACTIVE);
	release_fixture_reset(&f);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 2);
	release_fixture_close(&f);
}

/* The profile goes away between challenge and grant, and comes back. */
static void profile_disabled(void)
{
	static const char select_isdr[] = "02a4040010a0000005591010ffffffff8900000100";
	struct release_fixture f;
	struct release_grant_bytes g;
	char disable[64], enable[64], iccid[2 * KRA_ICCID_LEN + 1];

	release_fixture_open(&f);
	ASSERT_ERR(hex_encode(SLICE_OF(f.iccid), iccid, sizeof(iccid)), ERR_OK);
	snprintf(disable, sizeof(disable), "82e2910014bf3211a00c5a0a%s810100", iccid);
	snprintf(enable, sizeof(enable), "82e2910014bf3111a00c5a0a%s810100", iccid);
	CU_ASSERT_EQUAL(apdu(&f, "0070000001"), SW_OK);
	CU_ASSERT_EQUAL(apdu(&f, select_isdr), SW_OK);
	release_fixture_fresh_grant(&f, &g);
	CU_ASSERT_EQUAL(apdu(&f, disable), SW_OK);
	CU_ASSERT_EQUAL(release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
			KRA_RESULT_WRONG_PROFILE);
	CU_ASSERT_EQUAL(release_fixture_challenge(&f), KRA_RESULT_WRONG_PROFILE);
	CU_ASSERT_EQUAL(apdu(&f, enable), SW_OK);
	release_fixture_reset(&f);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION,
				"the session is gone with the profile");
	release_fixture_still_releases(&f);
	release_fixture_close(&f);
}

/* I7: a new sealed part comes from the release key, for this profile, with a higher keyId. */
static void reseal_refused(void)
{
	static const struct {
		const char *what;
		uint32_t key_id;
		bool other_iccid, stranger, in_memory;
		enum kra_result want;
	} rows[] = {
		{"a lower keyId", RELEASE_FIXTURE_KEY_ID - 1, false, false, false,
		 KRA_RESULT_WRONG_KEY_ID},
		{"the same keyId", RELEASE_FIXTURE_KEY_ID, false, false, false,
		 KRA_RESULT_WRONG_KEY_ID},
		{"keyId 1", 1, false, false, false, KRA_RESULT_WRONG_KEY_ID},
		{"another profile", RELEASE_FIXTURE_KEY_ID + 1, true, false, false,
		 KRA_RESULT_WRONG_PROFILE},
		{"another key's signature", RELEASE_FIXTURE_KEY_ID + 1, false, true, false,
		 KRA_RESULT_BAD_SIGNATURE},
		{"in memory only", RELEASE_FIXTURE_KEY_ID + 1, false, false, true,
		 KRA_RESULT_UNSUPPORTED},
	};
	struct release_fixture f;
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);
	struct ec_key *stranger = NULL;

	ASSERT_ERR(ec_key_generate(EC_P256, &stranger), ERR_OK);
	release_fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sealed_fields fields = release_fixture_fields(&f, rows[i].key_id);
		struct fixture_before b = fixture_take(&f);

		fields.iccid[9] ^= rows[i].other_iccid;
		fields.in_memory_only = rows[i].in_memory;
		wbuf_reset(&sealed);
		release_fixture_sealed(&f, &fields, release_fixture_k2, &sealed);
		release_fixture_result_is(
			release_fixture_reseal(&f, wbuf_slice(&sealed),
					       rows[i].stranger ? stranger : f.release_key),
			rows[i].want, rows[i].what);
		fixture_unchanged(&f, &b, rows[i].what);
		CU_ASSERT_EQUAL(release_fixture_active(&f), 1);
	}
	release_fixture_still_releases(&f);
	ec_key_free(&stranger);
	wbuf_free(&sealed);
	release_fixture_close(&f);
}

/* Each bit of a good reseal, and each cut of it. */
static void reseal_bits(void)
{
	struct release_fixture f;
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX), m = wbuf_grow(SEALED_LEN_MAX);
	struct wbuf out = wbuf_grow(512);
	struct sealed_fields fields;
	struct fixture_before b;

	release_fixture_open(&f);
	fields = release_fixture_fields(&f, RELEASE_FIXTURE_KEY_ID + 1);
	release_fixture_sealed(&f, &fields, release_fixture_k2, &sealed);
	ASSERT_ERR(kra_put_reseal(&m, wbuf_slice(&sealed), f.release_key), ERR_OK);
	b = fixture_take(&f);
	for (size_t bit = 16; bit < 8 * m.len; bit++) {
		enum kra_result r = KRA_RESULT_OK;
		uint16_t sw;

		m.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		sw = release_fixture_send(&f, wbuf_slice(&m), &out);
		m.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT(sw == SW_OK || (sw == SW_WRONG_DATA && out.len == 0));
		if (sw != SW_OK)
			continue;
		ASSERT_ERR(kra_parse_reseal_result(wbuf_slice(&out), &r), ERR_OK);
		CU_ASSERT_EQUAL(r, KRA_RESULT_BAD_SIGNATURE);
	}
	for (size_t len = 1; len < m.len; len++)
		CU_ASSERT_EQUAL(release_fixture_send(&f, slice_sub(wbuf_slice(&m), 0, len), &out),
				SW_WRONG_DATA);
	fixture_unchanged(&f, &b, "reseal");
	release_fixture_still_releases(&f);
	wbuf_free(&sealed);
	wbuf_free(&m);
	wbuf_free(&out);
	release_fixture_close(&f);
}

static void reseal_to(struct release_fixture *f, uint32_t key_id, const uint8_t k[static 16])
{
	struct sealed_fields fields = release_fixture_fields(f, key_id);
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);

	release_fixture_sealed(f, &fields, k, &sealed);
	CU_ASSERT_EQUAL(release_fixture_reseal(f, wbuf_slice(&sealed), f->release_key),
			KRA_RESULT_OK);
	wbuf_free(&sealed);
}

static void take_over(struct release_fixture *f)
{
	CU_ASSERT_EQUAL(release_fixture_release(f), KRA_RESULT_OK);
	release_fixture_reset(f);
}

/* A rotation: the sealed part changes, the subscription only with its grant. */
static void rotation(void)
{
	struct release_fixture f;
	struct release_grant_bytes g;
	struct sealed_fields fields;
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);

	release_fixture_open(&f);
	release_fixture_fresh_grant(&f, &g);
	reseal_to(&f, RELEASE_FIXTURE_KEY_ID + 1, release_fixture_k2);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION,
				"a grant for the sealed part before");
	release_fixture_fresh_grant(&f, &g);
	CU_ASSERT_EQUAL(f.open.key_id, RELEASE_FIXTURE_KEY_ID + 1);
	take_over(&f);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 2);
	reseal_to(&f, RELEASE_FIXTURE_KEY_ID + 9, release_fixture_k1);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 2);
	take_over(&f);
	CU_ASSERT_EQUAL(release_fixture_active(&f), 1);
	/* I7: what the card has had does not come back */
	for (uint32_t id = RELEASE_FIXTURE_KEY_ID; id <= RELEASE_FIXTURE_KEY_ID + 9; id++) {
		fields = release_fixture_fields(&f, id);
		wbuf_reset(&sealed);
		release_fixture_sealed(&f, &fields, release_fixture_k2, &sealed);
		CU_ASSERT_EQUAL(release_fixture_reseal(&f, wbuf_slice(&sealed), f.release_key),
				KRA_RESULT_WRONG_KEY_ID);
	}
	wbuf_free(&sealed);
	release_fixture_close(&f);
}

/* I6: SQN is kept per K. The same K released again has seen what it has seen; another has not. */
static void sqn_kept(void)
{
	struct release_fixture f;
	struct aka_vector old[40], v;
	uint64_t sqn;

	release_fixture_open(&f);
	take_over(&f);
	for (size_t i = 0; i < ARRAY_LEN(old); i++) { /* more than there are slots */
		old[i] = release_fixture_vector(&f, 2);
		CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &old[i], NULL), AUTH_ANSWERED);
	}
	reseal_to(&f, RELEASE_FIXTURE_KEY_ID + 1, release_fixture_k2);
	take_over(&f);
	for (size_t i = 0; i < ARRAY_LEN(old); i++)
		CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &old[i], NULL), AUTH_SYNC);
	v = release_fixture_vector(&f, 2);
	CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &v, NULL), AUTH_ANSWERED);
	/* and over a power cut */
	release_fixture_reopen(&f);
	CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &old[39], NULL), AUTH_SYNC);
	/* another K begins anew: a number that K2 has long passed is fresh for it */
	aka_key_free(&f.key[2]);
	ASSERT_ERR(aka_key_new(AKA_MILENAGE, SLICE_OF(f.eid), release_fixture_opc(), &f.key[2]),
		   ERR_OK);
	reseal_to(&f, RELEASE_FIXTURE_KEY_ID + 2, f.eid);
	take_over(&f);
	sqn = f.sqn[2];
	f.sqn[2] = 0;
	v = release_fixture_vector(&f, 2);
	CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &v, NULL), AUTH_ANSWERED);
	CU_ASSERT(f.sqn[2] < sqn);
	/* K2 comes back after the other: what it has seen is not fresh again */
	reseal_to(&f, RELEASE_FIXTURE_KEY_ID + 3, release_fixture_k2);
	take_over(&f);
	for (size_t i = 0; i < ARRAY_LEN(old); i++)
		CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &old[i], NULL), AUTH_SYNC);
	release_fixture_reopen(&f);
	CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &old[39], NULL), AUTH_SYNC);
	release_fixture_close(&f);
}

/* The first subscription's K sealed again (another IMSI with the same key): its numbers count on.
 */
static void sqn_kept_from_first(void)
{
	struct release_fixture f;
	struct aka_vector old, v;

	release_fixture_open(&f);
	old = release_fixture_vector(&f, 1);
	CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &old, NULL), AUTH_ANSWERED);
	reseal_to(&f, RELEASE_FIXTURE_KEY_ID + 1, release_fixture_k1);
	take_over(&f);
	CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &old, NULL), AUTH_SYNC);
	v = release_fixture_vector(&f, 1);
	CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &v, NULL), AUTH_ANSWERED);
	release_fixture_close(&f);
}

static bool folder_holds(struct release_fixture *f, struct slice secret)
{
	struct wbuf memory = wbuf_grow(1u << 20);
	struct card *copy = NULL;
	struct card_options o = {.dir = f->dir};
	bool found;

	card_close(&f->card); /* what is in its folder is what is kept */
	ASSERT_ERR(card_open(&o, &copy), ERR_OK);
	fixture_snapshot(copy, &memory);
	found = memmem(memory.ptr, memory.len, secret.ptr, secret.len) != NULL;
	card_close(&copy);
	release_fixture_reopen(f);
	wbuf_free(&memory);
	return found;
}

/*
 * A second subscription in volatile memory: a warm reset keeps it, power off takes it, and the same
 * grant rules bring it back: a fresh challenge, no grant twice. Its SQN goes on (I6).
 */
static void in_memory(void)
{
	struct release_fixture f;
	struct release_grant_bytes g;
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);
	struct sealed_fields fields;
	struct aka_vector v;
	uint16_t sw = 0;

	release_fixture_open(&f);
	fields = release_fixture_fields(&f, RELEASE_FIXTURE_KEY_ID);
	fields.in_memory_only = true;
	release_fixture_sealed(&f, &fields, release_fixture_k2, &sealed);
	release_fixture_put_sealed(&f, wbuf_slice(&sealed));
	for (unsigned i = 0; i < 3; i++) {
		release_fixture_fresh_grant(&f, &g);
		CU_ASSERT_EQUAL(release_fixture_deliver(&f, slice_make(g.bytes, g.len), &sw),
				KRA_RESULT_OK);
		CU_ASSERT_EQUAL(sw & 0xFF00, 0x9100);
		release_fixture_reset(&f);
		CU_ASSERT_EQUAL(release_fixture_active(&f), 2);
		if (i) /* what it has taken before it takes no more */
			CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &v, NULL), AUTH_SYNC);
		v = release_fixture_vector(&f, 2);
		CU_ASSERT_EQUAL(release_fixture_authenticate(&f, &v, NULL), AUTH_ANSWERED);
		CU_ASSERT_EQUAL(release_fixture_challenge(&f), KRA_RESULT_ALREADY);
		if (i == 1) {
			CU_ASSERT_FALSE(folder_holds(&f, slice_make(release_fixture_k2, 16)));
			CU_ASSERT_TRUE(folder_holds(&f, slice_make(release_fixture_k1, 16)));
		} else {
			card_power_off(f.card);
			release_fixture_reset(&f);
		}
		CU_ASSERT_EQUAL(release_fixture_active(&f), 1);
		release_fixture_result_is(
			release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
			KRA_RESULT_NO_SESSION, "a grant of before");
		CU_ASSERT_EQUAL(release_fixture_active(&f), 1);
	}
	release_fixture_still_releases(&f);
	wbuf_free(&sealed);
	release_fixture_close(&f);
}

/* Kinds of sealed part that this card does not do: told at the challenge, whatever comes. */
static void unsupported(void)
{
	struct release_fixture f;
	struct release_grant_bytes g;
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);

	release_fixture_open(&f);
	release_fixture_fresh_grant(&f, &g);
	/* derived mode: as above up to the mode, then [1] with the OID of a KDF */
	wbuf_reset(&sealed);
	{
		size_t whole = tlv_open(&sealed, ASN1_SEQUENCE), mode;

		tlv_put_uint(&sealed, ASN1_INTEGER, SEALED_VERSION);
		tlv_put_uint(&sealed, ASN1_INTEGER, RELEASE_FIXTURE_KEY_ID + 1);
		tlv_put(&sealed, ASN1_OCTET_STRING, SLICE_OF(f.iccid));
		ec_put_spki(&sealed, EC_P256, ec_key_point(f.release_key));
		mode = tlv_open(&sealed, 0xA1);
		tlv_put(&sealed, ASN1_OID, test_unhex("2a0304"));
		tlv_close(&sealed, mode);
		tlv_close(&sealed, whole);
	}
	CU_ASSERT_EQUAL(release_fixture_reseal(&f, wbuf_slice(&sealed), f.release_key),
			KRA_RESULT_UNSUPPORTED);
	release_fixture_put_sealed(&f, wbuf_slice(&sealed));
	CU_ASSERT_EQUAL(release_fixture_challenge(&f), KRA_RESULT_UNSUPPORTED);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "derived, nobody knows how");
	release_fixture_put_sealed(&f, SLICE_EMPTY);
	CU_ASSERT_EQUAL(release_fixture_challenge(&f), KRA_RESULT_NO_SEALED_PART);
	release_fixture_refused(&f, &g, KRA_RESULT_NO_SESSION, "no sealed part");
	wbuf_free(&sealed);
	release_fixture_close(&f);
}

TEST_SUITE(kra_flow, {"replays", replays}, {"orders of messages", orders},
	   {"chains of blocks", chains}, {"chains and channels", channels},
	   {"the profile is disabled", profile_disabled}, {"reseal is refused", reseal_refused},
	   {"every bit of a reseal", reseal_bits}, {"rotation", rotation},
	   {"SQN is kept per K", sqn_kept}, {"SQN is kept from K1", sqn_kept_from_first},
	   {"in volatile memory only", in_memory}, {"unsupported modes", unsupported})
