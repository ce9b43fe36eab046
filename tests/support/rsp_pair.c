#include "tests/support/rsp_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/profile/build.h"
#include "lib/profile/pe.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/interface.h"
#include "lib/base/tlv.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/pki/pki.h"
#include "tests/support/stock.h"
#include "tool/sys/file.h"

#define CERT_MAX   8192
#define FILLER_LEN 2000 /* of one file */
#define FILLER_FID 0x2FA0
#define EVENTS_ALL 0xF0000000u /* install, enable, disable, delete */

static void make_card(struct rsp_pair *p, enum ec_curve curve)
{
	struct card_options o = {.dir = p->card_dir};
	struct card_identity id = {0};
	struct wbuf cert[PKI_EUICC + 1], key_der = wbuf_grow(CERT_MAX);
	struct ec_key *key = NULL;

	for (int i = 0; i <= PKI_EUICC; i++) {
		cert[i] = wbuf_grow(CERT_MAX);
		MUST(pki_cert(p->dir, (enum pki_part)i, curve, &cert[i]) == ERR_OK);
	}
	MUST(pki_key(p->dir, PKI_EUICC, curve, &key) == ERR_OK);
	MUST(ec_key_save(key, &key_der) == ERR_OK);
	MUST(pki_parse_eid(RSP_PAIR_EID, id.eid) == ERR_OK);
	id.ci_certs[0] = wbuf_slice(&cert[PKI_CI]);
	id.signers[0].eum_cert = wbuf_slice(&cert[PKI_EUM]);
	id.signers[0].euicc_cert = wbuf_slice(&cert[PKI_EUICC]);
	id.signers[0].euicc_key = wbuf_slice(&key_der);
	MUST(card_create(&o, &id) == ERR_OK);
	ec_key_free(&key);
	wbuf_free(&key_der);
	for (int i = 0; i <= PKI_EUICC; i++)
		wbuf_free(&cert[i]);
}

static int64_t now_s(void)
{
	return (int64_t)time(NULL);
}

void rsp_pair_open(struct rsp_pair *p, enum ec_curve curve, const char *place)
{
	char manager[96];
	uint8_t eid[16];

	memset(p, 0, sizeof(*p));
	scratch_make(place, "pair", p->dir, sizeof(p->dir));
	snprintf(p->card_dir, sizeof(p->card_dir), "%s/card", p->dir);
	snprintf(manager, sizeof(manager), "%s/manager", p->dir);
	MUST(pki_parse_eid(RSP_PAIR_EID, eid) == ERR_OK);
	MUST(pki_create(p->dir, curve, eid, RSP_PAIR_ADDRESS) == ERR_OK);
	make_card(p, curve);
	MUST(smdp_store_open(manager, NULL, &p->manager) == ERR_OK);
	MUST(smdp_open(p->manager, p->dir, RSP_PAIR_ADDRESS, now_s(), &p->smdp) == ERR_OK);
	p->api = (struct api){.smdp = p->smdp, .now = now_s};
}

void rsp_pair_serve(struct rsp_pair *p)
{
	struct http_setup setup = {.count = 1, .ctx = &p->api};

	snprintf(p->socket, sizeof(p->socket), "%s/socket", p->dir);
	setup.listeners[0] = (struct http_listener){
		.fd = scratch_listen(p->socket), .routes = api_routes, .offers = API_ES9P};
	MUST(http_serve(&setup, &p->http) == ERR_OK);
}

enum err rsp_pair_post(struct rsp_pair *p, const char *function, const json_t *request,
		       json_t **body)
{
	size_t n = strlen(ES9P_PATH);

	for (const struct http_route *r = api_routes; r->path; r++) {
		struct http_answer answer = {.body = NULL};
		enum err e;

		if (strncmp(r->path, ES9P_PATH, n) != 0 || strcmp(r->path + n, function) != 0)
			continue;
		e = r->handle(&p->api, r, request, &answer);
		*body = answer.body;
		return e;
	}
	return ERR_NOT_FOUND;
}

void rsp_pair_close(struct rsp_pair *p)
{
	http_stop(&p->http);
	smdp_close(&p->smdp);
	smdp_store_close(&p->manager);
	file_remove_tree(p->dir);
}

struct card *rsp_pair_card(const struct rsp_pair *p)
{
	struct card_options o = {.dir = p->card_dir};
	struct card *card = NULL;

	MUST(card_open(&o, &card) == ERR_OK);
	card_reset(card);
	return card;
}

/* A file below the MF: descriptor, identifier, size, read with the PIN; then its content. */
static void put_filler(struct wbuf *w, uint16_t fid)
{
	static const uint8_t descriptor[] = {0x41, 0x21}, rule[] = {0x2F, 0x06, 0x02};
	uint8_t content[FILLER_LEN], octets[2];
	struct wbuf number = wbuf_init(octets, sizeof(octets));
	size_t mark = tlv_open(w, GFM_TAG_CREATE);

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 31 + fid);
	wbuf_u16(&number, fid);
	tlv_put(w, FCP_TAG_DESCRIPTOR, SLICE_OF(descriptor));
	tlv_put(w, FCP_TAG_FID, wbuf_slice(&number));
	tlv_put(w, FCP_TAG_SECURITY, SLICE_OF(rule));
	wbuf_reset(&number);
	wbuf_u16(&number, FILLER_LEN);
	tlv_put(w, FCP_TAG_SIZE, wbuf_slice(&number));
	tlv_close(w, mark);
	tlv_put(w, GFM_TAG_CONTENT, SLICE_OF(content));
}

/* PE-GenericFileManagement in front of PE-End, which is the last element of the package. */
static void fill_up(struct wbuf *upp, size_t octets)
{
	struct cursor c = cursor_of(wbuf_slice(upp));
	struct tlv item, element = {0};
	uint8_t end[32];
	struct wbuf last = wbuf_init(end, sizeof(end));
	size_t mark, list, steps, header;

	while (tlv_next(&c, &item))
		element = item;
	MUST(element.tag == PE_END);
	wbuf_put(&last, element.raw);
	wbuf_cut(upp, upp->len - element.raw.len);
	mark = tlv_open(upp, PE_GENERIC_FILE_MANAGEMENT);
	header = tlv_open(upp, PE_TAG_HEADER);
	tlv_put(upp, PE_TAG_MANDATED, SLICE_EMPTY);
	tlv_put_uint(upp, PE_TAG_IDENTIFICATION, 200);
	tlv_close(upp, header);
	list = tlv_open(upp, 0xA1);
	steps = tlv_open(upp, ASN1_SEQUENCE);
	tlv_put(upp, GFM_TAG_PATH, SLICE_EMPTY);
	for (uint16_t fid = FILLER_FID; upp->len + last.len < octets; fid++)
		put_filler(upp, fid);
	tlv_close(upp, steps);
	tlv_close(upp, list);
	tlv_close(upp, mark);
	wbuf_put(upp, wbuf_slice(&last));
}

void rsp_pair_package(const char *iccid, size_t octets, struct wbuf *upp)
{
	static const char k[] = "465b5ce8b199b49faa5f0a2ee238a6bc",
			  opc[] = "cd63cb71954a9f4e48a5994e37a02baf";
	uint8_t keys[2][16];
	struct profile_spec spec = {.imsi = "001010123456789",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(keys[0]),
				    .opc = SLICE_OF(keys[1])};

	snprintf(spec.iccid, sizeof(spec.iccid), "%s", iccid);
	MUST(hex_decode_exact(k, keys[0], 16) == ERR_OK &&
	     hex_decode_exact(opc, keys[1], 16) == ERR_OK);
	MUST(profile_build(&spec, SLICE_EMPTY, upp) == ERR_OK);
	if (upp->len < octets)
		fill_up(upp, octets);
	MUST(wbuf_done(upp) == ERR_OK);
}

void rsp_pair_add(struct rsp_pair *p, const char *iccid, const char *matching_id, size_t octets)
{
	uint8_t number[PROFILE_ICCID_LEN];
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX), metadata = wbuf_grow(1024);
	struct wbuf config = wbuf_grow(512);
	struct es8p_metadata m = {.service_provider = slice_str("Twinkey"),
				  .profile_name = slice_str("test profile")};

	MUST(profile_iccid(iccid, number) == ERR_OK);
	es8p_put_notification_config(&config, EVENTS_ALL, slice_str(RSP_PAIR_ADDRESS));
	m.iccid = SLICE_OF(number);
	m.notification_config = wbuf_slice(&config);
	es8p_put_metadata(&metadata, &m);
	rsp_pair_package(iccid, octets, &upp);
	MUST(stock_profile(p->manager, number, matching_id, wbuf_slice(&metadata),
			   wbuf_slice(&upp)) == ERR_OK);
	wbuf_free(&upp);
	wbuf_free(&metadata);
	wbuf_free(&config);
}

enum smdp_profile_state rsp_pair_state(struct rsp_pair *p, const char *matching_id)
{
	struct smdp_profile profile;

	MUST(smdp_profile_find(p->manager, matching_id, &profile) == ERR_OK);
	return profile.state;
}
