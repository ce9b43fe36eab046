#include "tests/support/euicc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/uicc/command.h"
#include "card-emu/apps/isdr/isdr.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "host/operator/pki/release_key.h"
#include "lib/auth/aka.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/build.h"
#include "lib/profile/sealed.h"
#include "lib/rsp/es8p.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/sys/file.h"

#define ADDRESS	   "testsmdpplus1.example.com"
#define ICCID_TEXT "8988211000000000017"
#define KEY_ID	   7
#define DATA_MAX   255

static const uint8_t transaction[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void make_pki(struct euicc *u)
{
	char dir[64];

	scratch_make(NULL, "pki", dir, sizeof(dir));
	MUST(pki_create(dir, EC_P256, u->eid, ADDRESS) == ERR_OK);
	MUST(release_key_create(dir) == ERR_OK);
	for (int i = 0; i < PKI_PARTS; i++) {
		u->certs[i] = wbuf_grow(8192);
		MUST(pki_cert(dir, (enum pki_part)i, EC_P256, &u->certs[i]) == ERR_OK);
		MUST(pki_key(dir, (enum pki_part)i, EC_P256, &u->keys[i]) == ERR_OK);
	}
	MUST(cert_parse(wbuf_slice(&u->certs[PKI_DP_AUTH]), &u->dp_auth) == ERR_OK);
	MUST(cert_parse(wbuf_slice(&u->certs[PKI_DP_PB]), &u->dp_pb) == ERR_OK);
	MUST(release_key_load(dir, &u->release) == ERR_OK);
	file_remove_tree(dir);
}

static void make_card(struct euicc *u, const char *dir, enum card_protocol protocol)
{
	struct wbuf der = wbuf_grow(SECRET_MAX);
	struct card_options o = {.dir = dir, .memory = !dir, .protocol = protocol};
	struct card_identity id = {.ci_certs = {wbuf_slice(&u->certs[PKI_CI])}};

	memcpy(id.eid, u->eid, sizeof(id.eid));
	MUST(ec_key_save(u->keys[PKI_EUICC], &der) == ERR_OK);
	id.signers[0] = (struct card_signer){wbuf_slice(&u->certs[PKI_EUICC]), wbuf_slice(&der),
					     wbuf_slice(&u->certs[PKI_EUM])};
	if (dir)
		MUST(card_create(&o, &id) == ERR_OK);
	MUST(card_open(&o, &u->card) == ERR_OK);
	if (!dir)
		MUST(card_fill(u->card, &id, NULL) == ERR_OK);
	wbuf_free(&der);
}

static void make_vector(const struct profile_spec *spec, struct aka_vector *v)
{
	static const uint8_t rand[AKA_RAND_LEN] = {0x23, 0x55}, amf[AKA_AMF_LEN] = {0x80, 0};
	struct aka_key *key = NULL;

	MUST(aka_key_new(spec->algorithm, spec->k, spec->opc, &key) == ERR_OK);
	MUST(aka_auc_vector(key, rand, EUICC_SQN, amf, v) == ERR_OK);
	aka_key_free(&key);
}

/* Both subscriptions; upp: the package with the second one sealed. Test keys. */
static void build_profile(struct euicc *u, struct wbuf *upp)
{
	static const uint8_t k[2][16] = {{0x11}, {0x22}}, opc[16] = {0x33};
	struct profile_spec spec = {.iccid = ICCID_TEXT,
				    .imsi = "001010000000001",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(k[0]),
				    .opc = SLICE_OF(opc),
				    .pin = EUICC_PIN,
				    .puk = "12345678",
				    .adm = "87654321"};
	struct profile_spec second = spec;
	struct sealed_fields fields = {.key_id = KEY_ID, .release_point = ec_key_point(u->release)};
	struct wbuf patch = wbuf_grow(PROFILE_PACKAGE_MAX), sealed = wbuf_grow(SEALED_LEN_MAX);

	snprintf(second.imsi, sizeof(second.imsi), "001010000000002");
	second.k = SLICE_OF(k[1]);
	make_vector(&spec, &u->first);
	make_vector(&second, &u->second);
	u->s = random_secret(SEALED_KEY_LEN);
	MUST(u->s && profile_iccid(ICCID_TEXT, fields.iccid) == ERR_OK);
	MUST(profile_build_patch(&second, &patch) == ERR_OK);
	MUST(sealed_seal(&fields, secret_slice(u->s), wbuf_slice(&patch), &sealed) == ERR_OK);
	MUST(profile_build(&spec, wbuf_slice(&sealed), upp) == ERR_OK);
	wbuf_free(&patch);
	wbuf_free(&sealed);
}

static void install(struct euicc *u)
{
	struct profile_record r = {.state = PROFILE_ENABLED, .isdp_aid = {0xA0, 0, 0, 5, 0x59}};
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), metadata = wbuf_grow(1024);
	struct store_txn *t = store_begin(card_store(u->card));
	char key[STORE_KEY_MAX + 1];

	build_profile(u, &upp);
	euicc_put_metadata(&metadata);
	MUST(install_profile(&(struct install_place){t, EUICC_PROFILE, 0}, wbuf_slice(&upp),
			     r.iccid, NULL) == ERR_OK);
	profile_put(t, EUICC_PROFILE, &r);
	snprintf(key, sizeof(key), STORE_KEY_META, EUICC_PROFILE);
	store_put(t, key, wbuf_slice(&metadata));
	MUST(store_commit(t) == ERR_OK);
	memcpy(u->iccid, r.iccid, sizeof(u->iccid));
	wbuf_free(&upp);
	wbuf_free(&metadata);
}

void euicc_open(struct euicc *u, const char *dir)
{
	euicc_open_as(u, dir, CARD_T0);
}

void euicc_open_as(struct euicc *u, const char *dir, enum card_protocol protocol)
{
	*u = (struct euicc){0};
	MUST(hex_decode_exact("89049032123451234512345678901235", u->eid, 16) == ERR_OK);
	make_pki(u);
	make_card(u, dir, protocol);
	install(u);
	card_reset(u->card);
}

void euicc_close(struct euicc *u)
{
	card_close(&u->card);
	for (int i = 0; i < PKI_PARTS; i++) {
		wbuf_free(&u->certs[i]);
		ec_key_free(&u->keys[i]);
	}
	ec_key_free(&u->release);
	secret_free(&u->s);
}

uint16_t euicc_send(struct euicc *u, uint8_t cla, uint8_t ins, uint16_t p1p2, struct slice data,
		    struct wbuf *out)
{
	uint8_t mem[APDU_COMMAND_MAX], answer[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	uint16_t sw;

	apdu_put(&w, &(struct apdu){.cla = cla,
				    .ins = ins,
				    .p1 = (uint8_t)(p1p2 >> 8),
				    .p2 = (uint8_t)p1p2,
				    .data = data});
	for (;;) {
		struct wbuf r = wbuf_init(answer, sizeof(answer));
		struct cursor c;

		MUST(card_transmit(u->card, wbuf_slice(&w), &r) == ERR_OK && r.len >= 2);
		c = cursor_of(wbuf_slice(&r));
		if (out)
			wbuf_put(out, cursor_take(&c, r.len - 2));
		else
			cursor_take(&c, r.len - 2);
		sw = cursor_u16(&c);
		if ((sw & 0xFF00) != SW_RESPONSE)
			return sw;
		wbuf_reset(&w);
		apdu_put(&w, &(struct apdu){.cla = cla & 0x0F, .ins = INS_GET_RESPONSE});
		wbuf_u8(&w, (uint8_t)sw);
	}
}

uint16_t euicc_select(struct euicc *u, struct slice aid)
{
	return euicc_send(u, 0x00, INS_SELECT, 0x0400, aid, NULL);
}

uint16_t euicc_store_data(struct euicc *u, struct slice request, uint8_t block, struct wbuf *out)
{
	struct cursor c = cursor_of(request);
	uint8_t number = 0;
	uint16_t sw;

	do {
		size_t n = cursor_left(&c) < block ? cursor_left(&c) : block;
		struct slice part = cursor_take(&c, n);
		unsigned p1 = cursor_left(&c) ? 0x11 : 0x91;

		sw = euicc_send(u, 0x80, INS_STORE_DATA, (uint16_t)(p1 << 8 | number++), part, out);
	} while (cursor_left(&c) && sw == SW_OK);
	return sw;
}

uint16_t euicc_authenticate(struct euicc *u, const struct aka_vector *v, struct wbuf *out)
{
	uint8_t mem[2 + AKA_RAND_LEN + AKA_AUTN_LEN];
	struct wbuf data = wbuf_init(mem, sizeof(mem));

	wbuf_u8(&data, AKA_RAND_LEN);
	wbuf_put(&data, SLICE_OF(v->rand));
	wbuf_u8(&data, AKA_AUTN_LEN);
	wbuf_put(&data, SLICE_OF(v->autn));
	return euicc_send(u, 0x00, INS_AUTHENTICATE, 0x0081, wbuf_slice(&data), out);
}

void euicc_prepare_download(struct euicc *u)
{
	static const uint8_t isdr[] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
				       0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00};
	struct isdr *s;

	card_reset(u->card);
	MUST(euicc_select(u, SLICE_OF(isdr)) == SW_OK);
	s = isdr_memory(u->card);
	MUST(s != NULL);
	s->dp_auth = u->dp_auth;
	s->dp_pb = u->dp_pb;
	MUST(ec_key_generate(EC_P256, &s->otsk) == ERR_OK);
	memcpy(s->transaction_id, transaction, sizeof(transaction));
	s->transaction_len = sizeof(transaction);
	snprintf(s->server_address, sizeof(s->server_address), ADDRESS);
	s->stage = ISDR_PREPARED;
}

struct bsp *euicc_put_channel(struct euicc *u, struct wbuf *w)
{
	static const uint8_t type = ES8P_KEY_TYPE_AES, len = ES8P_KEY_LEN, host[] = "host";
	const struct isdr *s = isdr_memory(u->card);
	struct es8p_secure_channel m = {.remote_op = ES8P_INSTALL_BPP,
					.transaction_id = SLICE_OF(transaction),
					.key_type = slice_make(&type, 1),
					.key_len = slice_make(&len, 1),
					.host_id = SLICE_OF(host)};
	struct wbuf tbs = wbuf_grow(512);
	struct secret *shared = NULL;
	struct ec_key *otsk = NULL;
	struct bsp *bsp = NULL;
	struct slice part;
	uint8_t signature[EC_SIGNATURE_LEN];

	MUST(ec_key_generate(EC_P256, &otsk) == ERR_OK);
	m.smdp_otpk = ec_key_point(otsk);
	es8p_put_secure_channel_signed(&tbs, &m, ec_key_point(s->otsk));
	part = wbuf_slice(&tbs);
	MUST(ec_sign(u->keys[PKI_DP_PB], &part, 1, signature) == ERR_OK);
	m.signature = SLICE_OF(signature);
	es8p_put_secure_channel(w, &m);
	MUST(ec_agree(otsk, ec_key_point(s->otsk), &shared) == ERR_OK);
	MUST(bsp_derive(secret_slice(shared),
			&(struct bsp_shared_info){ES8P_KEY_TYPE_AES, ES8P_KEY_LEN, m.host_id,
						  SLICE_OF(u->eid)},
			&bsp) == ERR_OK);
	MUST(wbuf_done(w) == ERR_OK);
	secret_free(&shared);
	ec_key_free(&otsk);
	wbuf_free(&tbs);
	return bsp;
}

void euicc_put_metadata(struct wbuf *w)
{
	struct wbuf config = wbuf_grow(256);
	uint8_t iccid[PROFILE_ICCID_LEN];
	struct es8p_metadata m = {.iccid = SLICE_OF(iccid),
				  .service_provider = slice_str("Provider"),
				  .profile_name = slice_str("Name")};

	MUST(profile_iccid(EUICC_DOWNLOAD, iccid) == ERR_OK);
	es8p_put_notification_config(&config,
				     RSP_EVENT_ENABLE | RSP_EVENT_DISABLE | RSP_EVENT_DELETE,
				     slice_str(ADDRESS));
	m.notification_config = wbuf_slice(&config);
	es8p_put_metadata(w, &m);
	wbuf_free(&config);
}

void euicc_put_package(struct wbuf *w)
{
	static const uint8_t k[16] = {1}, opc[16] = {2};
	struct profile_spec spec = {.iccid = EUICC_DOWNLOAD,
				    .imsi = "001010000000003",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(k),
				    .opc = SLICE_OF(opc)};

	MUST(profile_build(&spec, SLICE_EMPTY, w) == ERR_OK);
}
