#include "tests/property/flow/real_card.h"

#include <string.h>

#include "card-emu/core/app.h"
#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/store.h"
#include "host/operator/pki/release_key.h"
#include "host/operator/release/prepare.h"
#include "lib/profile/build.h"
#include "lib/uicc/command.h"
#include "tool/pki/pki.h"

#define CERT_MAX 8192

void real_card_make(struct bench *b, const char *dir)
{
	struct card_options o = {.memory = true};
	struct card_identity id = {.svn = {0}};
	struct wbuf cert[3], key = wbuf_grow(CERT_MAX);
	struct ec_key *sk = NULL;

	for (size_t i = 0; i < ARRAY_LEN(cert); i++)
		cert[i] = wbuf_grow(CERT_MAX);
	CHECK(pki_parse_eid(PKI_EID_TEST, id.eid) == ERR_OK, "an EID");
	CHECK(pki_cert(dir, PKI_EUICC, EC_P256, &cert[0]) == ERR_OK, "CERT.EUICC");
	CHECK(pki_cert(dir, PKI_EUM, EC_P256, &cert[1]) == ERR_OK, "CERT.EUM");
	CHECK(pki_cert(dir, PKI_CI, EC_P256, &cert[2]) == ERR_OK, "CERT.CI");
	CHECK(pki_key(dir, PKI_EUICC, EC_P256, &sk) == ERR_OK && !ec_key_save(sk, &key),
	      "SK.EUICC");
	id.signers[0] = (struct card_signer){.euicc_cert = wbuf_slice(&cert[0]),
					     .eum_cert = wbuf_slice(&cert[1]),
					     .euicc_key = wbuf_slice(&key)};
	id.ci_certs[0] = wbuf_slice(&cert[2]);
	CHECK(card_open(&o, &b->card) == ERR_OK, "a card");
	CHECK(card_fill(b->card, &id, NULL) == ERR_OK, "an identity");
	ec_key_free(&sk);
	wbuf_free(&key);
	for (size_t i = 0; i < ARRAY_LEN(cert); i++)
		wbuf_free(&cert[i]);
}

void real_card_install(struct bench *b, struct operator_store *s, const struct subscriber *sub,
		       const char *dir)
{
	const struct prepare_codes codes = {"", ""};
	struct profile_record r = {.state = PROFILE_ENABLED};
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct ec_key *key = NULL;
	struct store_txn *t;

	CHECK(release_key_load(dir, &key) == ERR_OK, "the release key");
	CHECK(prepare_package(s, sub, &codes, key, &upp) == ERR_OK, "a package");
	t = store_begin(card_store(b->card));
	CHECK(install_profile(&(struct install_place){t, BENCH_PROFILE, 0}, wbuf_slice(&upp),
			      r.iccid, NULL) == ERR_OK,
	      "a profile");
	profile_put(t, BENCH_PROFILE, &r);
	CHECK(store_commit(t) == ERR_OK, "that is stored");
	bench_reset(b);
	ec_key_free(&key);
	wbuf_free(&upp);
}

enum err real_card_answer(struct bench *b, const struct aka_challenge *c, struct wbuf *res)
{
	static const uint8_t select[] = {0x00, INS_SELECT, 0x04, 0x0C};
	static const uint8_t head[] = {0x00, INS_AUTHENTICATE, 0x00, 0x81};
	static const uint8_t usim[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};
	uint8_t mem[128], data_mem[34];
	struct wbuf out = wbuf_init(mem, sizeof(mem)), data = wbuf_init(data_mem, sizeof(data_mem));
	struct cursor answer;
	uint16_t sw;

	(void)bench_command(b, select, SLICE_OF(usim), &out);
	wbuf_reset(&out);
	wbuf_u8(&data, AKA_RAND_LEN);
	wbuf_put(&data, slice_make(c->rand, AKA_RAND_LEN));
	wbuf_u8(&data, AKA_AUTN_LEN);
	wbuf_put(&data, slice_make(c->autn, AKA_AUTN_LEN));
	sw = bench_command(b, head, wbuf_slice(&data), &out);
	if (sw == SW_AUTH_MAC)
		return ERR_MAC;
	CHECK(sw == SW_OK, "an answer");
	answer = cursor_of(wbuf_slice(&out));
	CHECK(cursor_u8(&answer) == AUTHENTICATE_SUCCESS, "no synchronisation failure (I6)");
	wbuf_put(res, cursor_take(&answer, cursor_u8(&answer)));
	return wbuf_done(res);
}

void real_card_send(struct bench *b, struct slice message, struct wbuf *answer)
{
	wbuf_reset(answer);
	(void)bench_send(b, message, 255, answer);
}
