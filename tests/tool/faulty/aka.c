/* Faults of AUTHENTICATE. The key is the published one of TS 35.208, test set 1, where one is
 * needed. */
#include <string.h>

#include "lib/auth/aka.h"
#include "tests/support/must.h"
#include "tests/tool/faulty/fault.h"

#define LENGTHS_LEN 1
#define RES_LEN	    8
#define KEY_LEN	    16

/* DB, length and RES, length and CK, length and IK, length and Kc */
enum { AT_RES = 2, AT_CK = AT_RES + RES_LEN + LENGTHS_LEN, AT_IK = AT_CK + KEY_LEN + LENGTHS_LEN };
#define AT_KC	    (AT_IK + KEY_LEN + LENGTHS_LEN)
#define SUCCESS_LEN (AT_KC + GSM_KC_LEN)

static bool authenticates_3g(const struct faulty *f, const struct apdu *a)
{
	(void)f;
	return a->ins == INS_AUTHENTICATE && a->p2 == AUTHENTICATE_3G;
}

static bool authenticates_gsm(const struct faulty *f, const struct apdu *a)
{
	(void)f;
	return a->ins == INS_AUTHENTICATE && a->p2 == AUTHENTICATE_GSM;
}

static bool authenticates(const struct faulty *f, const struct apdu *a)
{
	(void)f;
	return a->ins == INS_AUTHENTICATE;
}

static bool is_success(const struct fault_turn *t)
{
	return t->sw == SW_OK && t->data->len == SUCCESS_LEN &&
	       t->data->ptr[0] == AUTHENTICATE_SUCCESS;
}

static bool is_sync_failure(const struct fault_turn *t)
{
	return t->sw == SW_OK && t->data->len > 2 && t->data->ptr[0] == AUTHENTICATE_SYNC_FAILURE;
}

static void res_is_wrong(struct fault_turn *t)
{
	if (is_success(t))
		fault_flip(t->data, AT_RES);
}

static void keys_swapped(struct fault_turn *t)
{
	uint8_t ck[KEY_LEN];

	if (!is_success(t))
		return;
	memcpy(ck, t->data->ptr + AT_CK, KEY_LEN);
	memcpy(t->data->ptr + AT_CK, t->data->ptr + AT_IK, KEY_LEN);
	memcpy(t->data->ptr + AT_IK, ck, KEY_LEN);
}

static void kc_is_wrong(struct fault_turn *t)
{
	if (is_success(t))
		fault_flip(t->data, -1);
}

static void no_kc(struct fault_turn *t)
{
	if (is_success(t))
		wbuf_cut(t->data, AT_KC - LENGTHS_LEN);
}

static void gsm_kc_is_wrong(struct fault_turn *t)
{
	if (t->sw == SW_OK && t->data->len)
		fault_flip(t->data, -1);
}

static void auts_mac(struct fault_turn *t)
{
	if (is_sync_failure(t))
		fault_flip(t->data, -1);
}

static void auts_cut(struct fault_turn *t)
{
	if (is_sync_failure(t)) {
		t->data->ptr[1]--;
		wbuf_cut(t->data, t->data->len - 1);
	}
}

static struct aka_key *test_key(void)
{
	uint8_t k[16], opc[16];
	struct aka_key *key = NULL;

	MUST(hex_decode_exact("465b5ce8b199b49faa5f0a2ee238a6bc", k, sizeof(k)) == ERR_OK);
	MUST(hex_decode_exact("cd63cb71954a9f4e48a5994e37a02baf", opc, sizeof(opc)) == ERR_OK);
	MUST(aka_key_new(AKA_MILENAGE, SLICE_OF(k), SLICE_OF(opc), &key) == ERR_OK);
	return key;
}

/* RAND of the command: a length, RAND, a length, AUTN */
static const uint8_t *rand_of(const struct apdu *a)
{
	return a->data.len >= 1 + AKA_RAND_LEN ? a->data.ptr + 1 : NULL;
}

/* 0 in the place of SQN, under the MAC of the true one. */
static void auts_sqn(struct fault_turn *t)
{
	const uint8_t *rand = rand_of(&t->command);
	struct aka_key *key = test_key();
	uint8_t *auts = t->data->ptr + 2;
	uint64_t sqn;

	if (rand && is_sync_failure(t) && aka_auc_resync(key, rand, auts, &sqn) == ERR_OK) {
		/* SQN is hidden by AK*, which is the same for both */
		for (size_t i = 0; i < AKA_SQN_LEN; i++)
			auts[i] ^= (uint8_t)(sqn >> (8 * (AKA_SQN_LEN - 1 - i)));
	}
	aka_key_free(&key);
}

/* What the card answers to whoever asks, without its checks. */
static void answer_anyhow(struct fault_turn *t)
{
	const uint8_t *rand = rand_of(&t->command);
	static const uint8_t amf[AKA_AMF_LEN] = {0x80, 0x00};
	struct aka_key *key = test_key();
	struct aka_vector v;
	struct wbuf *w = t->data;

	if (rand && aka_auc_vector(key, rand, 0, amf, &v) == ERR_OK) {
		wbuf_cut(w, 0);
		wbuf_u8(w, AUTHENTICATE_SUCCESS);
		wbuf_u8(w, (uint8_t)v.expected.res_len);
		wbuf_put(w, slice_make(v.expected.res, v.expected.res_len));
		wbuf_u8(w, KEY_LEN);
		wbuf_put(w, SLICE_OF(v.expected.ck));
		wbuf_u8(w, KEY_LEN);
		wbuf_put(w, SLICE_OF(v.expected.ik));
		wbuf_u8(w, GSM_KC_LEN);
		wbuf_put(w, SLICE_OF(v.expected.kc));
		t->sw = SW_OK;
	}
	aka_key_free(&key);
}

static void replay_accepted(struct fault_turn *t)
{
	if (is_sync_failure(t))
		answer_anyhow(t);
}

static void mac_accepted(struct fault_turn *t)
{
	if (t->sw == SW_AUTH_MAC)
		answer_anyhow(t);
}

static void mac_as_sync(struct fault_turn *t)
{
	if (t->sw != SW_AUTH_MAC)
		return;
	wbuf_u8(t->data, AUTHENTICATE_SYNC_FAILURE);
	wbuf_u8(t->data, AKA_AUTS_LEN);
	wbuf_fill(t->data, 0x5A, AKA_AUTS_LEN);
	t->sw = SW_OK;
}

/* A wrong MAC is told by another status word: 6985. */
static void mac_other_sw(struct fault_turn *t)
{
	if (t->sw == SW_AUTH_MAC)
		t->sw = SW_CONDITIONS;
}

static void without_pin(struct fault_turn *t)
{
	if (t->sw == SW_SECURITY_STATUS && t->command.p2 == AUTHENTICATE_3G)
		answer_anyhow(t);
}

/* Every synchronisation failure makes all that follow one, too: the number ran ahead. */
static void always_sync(struct fault_turn *t)
{
	if (is_sync_failure(t) && !t->f->memory.len)
		wbuf_put(&t->f->memory, wbuf_slice(t->data));
	if (is_success(t) && t->f->memory.len) {
		wbuf_cut(t->data, 0);
		wbuf_put(t->data, wbuf_slice(&t->f->memory));
	}
}

#define FAULT(id, which, function, text, where, finder)                                            \
	{                                                                                          \
		.name = (id), .what = (text), .clause = (where), .finds = (finder), .card = "sim", \
		.concerns = (which), .answer = (function)                                          \
	}
static const struct fault rows[] = {
	FAULT("aka-res", authenticates_3g, res_is_wrong, "RES is wrong", "TS 31.102 7.1.2.1",
	      "auth.answer"),
	FAULT("aka-swapped", authenticates_3g, keys_swapped, "CK and IK are in each other's place",
	      "TS 31.102 7.1.2.1", "auth.answer"),
	FAULT("aka-kc", authenticates_3g, kc_is_wrong,
	      "Kc in the 3G context is not c3 of CK and IK", "TS 33.102 6.8.1.2", "auth.answer"),
	FAULT("aka-no-kc", authenticates_3g, no_kc,
	      "service 27 is there, and the 3G context gives no Kc", "TS 31.102 7.1.2.1",
	      "auth.answer"),
	FAULT("aka-replay", authenticates_3g, replay_accepted,
	      "SQN is not checked: an AUTN serves again", "TS 33.102 6.3.3", "auth.replay"),
	FAULT("aka-auts-mac", authenticates_3g, auts_mac, "MAC-S of AUTS is wrong",
	      "TS 33.102 6.3.3", "auth.replay"),
	FAULT("aka-auts-short", authenticates_3g, auts_cut, "AUTS has thirteen octets",
	      "TS 33.102 6.3.3", "auth.replay"),
	FAULT("aka-auts-sqn", authenticates_3g, auts_sqn,
	      "AUTS hides another number than its MAC is for", "TS 33.102 6.3.3", "auth.replay"),
	FAULT("aka-mac-sync", authenticates_3g, mac_as_sync,
	      "a wrong MAC is answered by a synchronisation failure", "TS 33.102 6.3.3",
	      "auth.mac-keeps-number"),
	FAULT("aka-mac-accepted", authenticates_3g, mac_accepted, "a wrong MAC is accepted",
	      "TS 33.102 6.3.3", "auth.mac-keeps-number"),
	FAULT("aka-mac-sw", authenticates_3g, mac_other_sw,
	      "a wrong MAC is answered 6985, not 9862", "TS 31.102 7.3.1", "auth.foreign"),
	FAULT("aka-resync", authenticates_3g, always_sync,
	      "after a synchronisation failure no number is fresh any more", "TS 33.102 6.3.5",
	      "auth.resynchronised"),
	FAULT("gsm-kc", authenticates_gsm, gsm_kc_is_wrong, "Kc in the GSM context is wrong",
	      "TS 31.102 7.1.2.1", "auth.gsm-answer"),
	{.name = "aka-no-pin",
	 .what = "AUTHENTICATE needs no PIN",
	 .clause = "TS 31.102 7.1.1.1",
	 .finds = "pin.guards-authenticate",
	 .card = "pin",
	 .concerns = authenticates,
	 .answer = without_pin},
};

FAULT_TABLE(faults_of_aka, rows);
