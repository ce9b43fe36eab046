#include "tests/unit/support/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/rsp.h"
#include "lib/uicc/command.h"
#include "card-emu/card.h"
#include "host/operator/factor/factor.h"
#include "host/operator/pki/release_key.h"
#include "tool/pki/pki.h"
#include "host/operator/release/prepare.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/profile_row.h"
#include "host/operator/smdp/store/store.h"
#include "host/terminal/attach.h"
#include "host/terminal/relay.h"
#include "host/transport/open.h"
#include "host/transport/observe.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/grant.h"
#include "tests/support/scratch.h"
#include "tests/unit/test.h"
#include "tool/sys/path.h"
#include "tests/support/stock.h"
#include "tests/unit/support/tamper.h"

#define RECORD_MAX (16u << 20)
#define CERT_MAX   8192

static const uint8_t flow_iccid[10] = {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x10, 0xF7};

static void record(struct flow *f, const json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	if (text) {
		wbuf_put(&f->bodies, slice_str(text));
		wbuf_u8(&f->bodies, '\n');
	}
	free(text);
}

static enum err on_call(void *ctx, const struct http_route *route, const json_t *request,
			struct http_answer *answer)
{
	struct flow *f = ctx;
	const struct http_route *own = &api_routes[route - f->routes];
	enum err e;

	record(f, request);
	e = own->handle(&f->api, own, request, answer);
	if (!e && f->lie)
		e = f->lie(f, strrchr(route->path, '/') + 1, &answer->body);
	record(f, answer->body);
	return e;
}

static int64_t now_s(void)
{
	return (int64_t)time(NULL);
}

static void serve(struct flow *f)
{
	struct http_setup setup = {.count = 1, .ctx = f};
	size_t n = 0;

	f->api = (struct api){.smdp = f->smdp,
			      .manager = {f->manager, FLOW_ADDRESS},
			      .lab = {f->store, f->authority, f->manager},
			      .now = now_s};
	for (; api_routes[n].path; n++) {
		CU_ASSERT_FATAL(n + 1 < FLOW_ROUTES);
		f->routes[n] = api_routes[n];
		f->routes[n].handle = on_call;
	}
	f->routes[n].path = NULL;
	setup.listeners[0] = (struct http_listener){.fd = scratch_listen(f->socket),
						    .routes = f->routes,
						    .offers = API_ES9P | API_LAB | API_RELEASE};
	CU_ASSERT_FATAL(http_serve(&setup, &f->http) == ERR_OK);
}

/* The card's transport: keeps what passes, and lets a test change it. */
struct tapped {
	struct transport base;
	struct transport *card;
	struct flow *flow;
	uint8_t atr[33];
	size_t atr_len;
};

static enum err tapped_reset(struct transport *t, struct slice *atr)
{
	struct tapped *p = (struct tapped *)t;
	enum err e;

	if (p->flow->reset_lost) {
		*atr = slice_make(p->atr, p->atr_len);
		return ERR_OK;
	}
	e = transport_reset(p->card, atr);
	if (!e && atr->len <= sizeof(p->atr) && !slice_copy(*atr, p->atr, atr->len))
		p->atr_len = atr->len;
	return e;
}

static enum err tapped_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct tapped *p = (struct tapped *)t;
	struct wbuf got = wbuf_grow(APDU_RESPONSE_MAX);
	enum err e = transport_transmit(p->card, command, &got);

	if (!e && p->flow->card_lie)
		p->flow->card_lie(p->flow, command, &got);
	wbuf_put(&p->flow->apdus, command);
	wbuf_put(&p->flow->apdus, wbuf_slice(&got));
	wbuf_put(response, wbuf_slice(&got));
	wbuf_free(&got);
	return e;
}

static void tapped_close(struct transport *t)
{
	transport_close(&((struct tapped *)t)->card);
	free(t);
}

static const struct transport_ops tapped_ops = {
	.kind = "tapped",
	.reset = tapped_reset,
	.transmit = tapped_transmit,
	.close = tapped_close,
};

static struct transport *tap(struct flow *f, struct transport *card)
{
	struct tapped *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->base = *card;
	p->base.ops = &tapped_ops;
	p->card = card;
	p->flow = f;
	return &p->base;
}

static void add_subscriber(struct flow *f)
{
	struct subscriber *sub = &f->sub;

	for (int i = 0; i < 2; i++) {
		bool derived = i == 1 && sub->modes.derived, tuak = i && sub->modes.derived == 32;

		f->keys.k[i] = derived ? NULL : random_secret(16);
		f->keys.opc[i] = random_secret(tuak ? 32 : 16);
		sub->algorithm[i] = tuak ? AKA_TUAK : AKA_MILENAGE;
		snprintf(sub->imsi[i], sizeof(sub->imsi[i]), "00101000000000%c", (char)('1' + i));
	}
	f->keys.s = random_secret(GRANT_S_LEN);
	memcpy(sub->iccid, flow_iccid, sizeof(flow_iccid));
	sub->key_id = 1;
	ASSERT_ERR(subscriber_add(f->store, sub, &f->keys), ERR_OK);
}

void flow_add_package(struct flow *f, const char *matching_id, struct slice upp,
		      const uint8_t iccid[static RSP_ICCID_LEN])
{
	struct wbuf metadata = wbuf_grow(1024);

	ASSERT_ERR(prepare_metadata(&f->sub, iccid, FLOW_ADDRESS, &metadata), ERR_OK);
	ASSERT_ERR(stock_profile(f->manager, iccid, matching_id, wbuf_slice(&metadata), upp),
		   ERR_OK);
	wbuf_free(&metadata);
}

static void prepare(struct flow *f)
{
	struct prepare_codes codes = {FLOW_PIN, "12345678"};
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX);
	struct ec_key *key = NULL;

	ASSERT_ERR(release_key_load(f->dir, &key), ERR_OK);
	ASSERT_ERR(prepare_package(f->store, &f->sub, &codes, key, &upp), ERR_OK);
	flow_add_package(f, FLOW_MATCHING_ID, wbuf_slice(&upp), f->sub.iccid);
	ec_key_free(&key);
	wbuf_free(&upp);
}

static void open_network(struct flow *f)
{
	char manager[128];
	uint8_t eid[16];

	f->dir = test_dir();
	ASSERT_ERR(pki_parse_eid(FLOW_EID, eid), ERR_OK);
	ASSERT_ERR(pki_create(f->dir, EC_P256, eid, FLOW_ADDRESS), ERR_OK);
	ASSERT_ERR(release_key_create(f->dir), ERR_OK);
	ASSERT_ERR(path_join(f->dir, "manager", manager, sizeof(manager)), ERR_OK);
	ASSERT_ERR(path_join(f->dir, "socket", f->socket, sizeof(f->socket)), ERR_OK);
	CU_ASSERT_FATAL(operator_store_create(f->dir, NULL, &f->store) == ERR_OK);
	CU_ASSERT_FATAL(release_authority_open(f->dir, &f->authority) == ERR_OK);
	CU_ASSERT_FATAL(smdp_store_open(manager, NULL, &f->manager) == ERR_OK);
	CU_ASSERT_FATAL(smdp_open(f->manager, f->dir, FLOW_ADDRESS, (int64_t)time(NULL),
				  &f->smdp) == ERR_OK);
	release_authority_manager(f->authority, f->manager);
	add_subscriber(f);
	prepare(f);
	serve(f);
}

static void open_trace(struct flow *f, struct transport **card)
{
	struct transport_observer observer;
	char path[128];

	ASSERT_ERR(path_join(f->dir, FLOW_TRACE, path, sizeof(path)), ERR_OK);
	CU_ASSERT_FATAL(trace_create(&(struct trace_target){.path = path}, "test", &f->trace) ==
			ERR_OK);
	observer = trace_observer(f->trace);
	CU_ASSERT_FATAL(transport_observe(*card, &observer, card) == ERR_OK);
}

static void open_card(struct flow *f, uint32_t without)
{
	struct card_options o = {.dir = f->card_dir};
	struct card_identity id = {.without = without};
	struct wbuf w[4], spec = wbuf_grow(256);
	struct ec_key *key = NULL;
	struct transport *card = NULL;

	for (size_t i = 0; i < ARRAY_LEN(w); i++)
		w[i] = wbuf_grow(CERT_MAX);
	ASSERT_ERR(pki_cert(f->dir, PKI_EUICC, EC_P256, &w[0]), ERR_OK);
	ASSERT_ERR(pki_cert(f->dir, PKI_EUM, EC_P256, &w[1]), ERR_OK);
	ASSERT_ERR(pki_cert(f->dir, PKI_CI, EC_P256, &w[2]), ERR_OK);
	ASSERT_ERR(pki_key(f->dir, PKI_EUICC, EC_P256, &key), ERR_OK);
	ASSERT_ERR(ec_key_save(key, &w[3]), ERR_OK);
	ASSERT_ERR(pki_parse_eid(FLOW_EID, id.eid), ERR_OK);
	id.signers[0].euicc_cert = wbuf_slice(&w[0]);
	id.signers[0].eum_cert = wbuf_slice(&w[1]);
	id.ci_certs[0] = wbuf_slice(&w[2]);
	id.signers[0].euicc_key = wbuf_slice(&w[3]);
	ASSERT_ERR(card_create(&o, &id), ERR_OK);
	wbuf_put(&spec, slice_str("card:"));
	wbuf_put(&spec, slice_str(f->card_dir));
	wbuf_u8(&spec, 0);
	CU_ASSERT_FATAL(transport_open((const char *)spec.ptr, 0, &f->cancel, &card) == ERR_OK);
	open_trace(f, &card);
	CU_ASSERT_FATAL(uicc_open(tap(f, card), &f->u) == ERR_OK);
	ec_key_free(&key);
	for (size_t i = 0; i < ARRAY_LEN(w); i++)
		wbuf_free(&w[i]);
	wbuf_free(&spec);
}

void flow_open(struct flow *f)
{
	flow_open_without(f, 0);
}

static void open_all(struct flow *f, uint32_t without)
{
	f->bodies = wbuf_grow(RECORD_MAX);
	f->apdus = wbuf_grow(RECORD_MAX);
	open_network(f);
	f->card_dir = test_dir();
	open_card(f, without);
	snprintf(f->link, sizeof(f->link), "unix:%s", f->socket);
	f->network.link = f->link;
	f->network.cancel = &f->cancel;
	CU_ASSERT_FATAL(http_client_open(f->link, &f->cancel, &f->op) == ERR_OK);
	CU_ASSERT_FATAL(lpa_open(f->u, SLICE_EMPTY, &f->lpa) == ERR_OK);
}

void flow_open_without(struct flow *f, uint32_t without)
{
	*f = (struct flow){.dir = NULL};
	open_all(f, without);
}

void flow_open_as(struct flow *f, const struct subscriber_modes *modes)
{
	*f = (struct flow){.sub = {.modes = *modes}};
	open_all(f, 0);
}

struct secret *flow_k2(struct flow *f)
{
	struct subscriber_keys keys = {0};
	struct secret *k2;

	ASSERT_ERR(subscriber_keys_load(f->store, f->sub.id, &keys), ERR_OK);
	k2 = keys.k[1];
	keys.k[1] = NULL;
	subscriber_keys_free(&keys);
	return k2;
}

void flow_close(struct flow *f)
{
	lpa_close(&f->lpa);
	uicc_close(&f->u);
	ASSERT_ERR(trace_close(&f->trace), ERR_OK);
	http_client_close(&f->op);
	http_stop(&f->http);
	smdp_close(&f->smdp);
	smdp_store_close(&f->manager);
	release_authority_close(&f->authority);
	operator_store_close(&f->store);
	subscriber_keys_free(&f->keys);
	subscriber_keys_free(&f->next);
	wbuf_free(&f->bodies);
	wbuf_free(&f->apdus);
}

struct activation flow_activation(void)
{
	struct activation a = {.address = ""};

	ASSERT_ERR(activation_parse("LPA:1$" FLOW_ADDRESS "$" FLOW_MATCHING_ID, &a, NULL), ERR_OK);
	return a;
}

enum err flow_download(struct flow *f, unsigned retries, struct lpa_loaded *loaded)
{
	struct activation a = flow_activation();
	struct lpa_download d = {.activation = &a, .network = &f->network, .retries = retries};
	struct lpa_loaded ignored;

	return lpa_download(f->lpa, &d, loaded ? loaded : &ignored);
}

void flow_install(struct flow *f)
{
	struct lpa_loaded loaded;
	struct lpa_report report = {0};

	CU_ASSERT_FATAL(flow_download(f, 0, &loaded) == ERR_OK);
	ASSERT_OCTETS(SLICE_OF(loaded.iccid), SLICE_OF(f->sub.iccid), "ICCID");
	ASSERT_ERR(lpa_profile_command(f->lpa, SGP22_TAG_ENABLE_PROFILE, SLICE_OF(loaded.iccid)),
		   ERR_OK);
	ASSERT_ERR(lpa_send_notifications(f->lpa, &f->network, &report), ERR_OK);
	CU_ASSERT_EQUAL(report.sent, 2);
	lpa_close(&f->lpa);
}

enum err flow_attach(struct flow *f)
{
	static const uint8_t pin[8] = {'1', '2', '3', '4', 0xFF, 0xFF, 0xFF, 0xFF};
	struct apdu a = command_apdu(COMMAND_VERIFY_PIN, 0);
	uint16_t sw = 0;
	enum err e = usim_select(f->u);

	a.p2 = USIM_PIN1;
	a.data = SLICE_OF(pin);
	if (!e)
		e = uicc_send(f->u, &a, NULL, &sw);
	for (int gsm = 0; !e && gsm < 2; gsm++) {
		struct attach at = {.gsm = gsm};

		e = attach_run(f->u, f->op, &at);
		json_decref(at.verdict);
	}
	return e;
}

void flow_approve(struct flow *f)
{
	struct subscriber now;

	ASSERT_ERR(subscriber_by_id(f->store, f->sub.id, &now), ERR_OK);
	ASSERT_ERR(factor_approve_agent(f->store, &now,
					&(struct factor_word){"agent", "passport seen",
							      (int64_t)time(NULL), false},
					&now),
		   ERR_OK);
}

enum err flow_release(struct flow *f)
{
	struct relay r = {.result = 0};

	return relay_release(f->u, f->op, &r);
}

void flow_rotate(struct flow *f)
{
	const struct subscriber_event ev = {.kind = EVENT_ROTATE, .now = (int64_t)time(NULL)};

	ASSERT_ERR(subscriber_event(f->store, f->sub.id, &ev, NULL), ERR_OK);
	subscriber_keys_free(&f->next);
	ASSERT_ERR(subscriber_spare_keys_load(f->store, f->sub.id, &f->next), ERR_OK);
}

enum smdp_profile_state flow_profile_state(struct flow *f)
{
	struct smdp_profile p = {.state = 0};

	ASSERT_ERR(smdp_profile_find(f->manager, FLOW_MATCHING_ID, &p), ERR_OK);
	return p.state;
}

unsigned flow_card_profiles(struct flow *f)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	struct cursor c;
	unsigned n = 0;

	ASSERT_ERR(lpa_profiles(f->lpa, &der, &items), ERR_OK);
	c = cursor_of(items);
	while (es10c_next_profile(&c, &info))
		n++;
	wbuf_free(&der);
	return n;
}

/* The log says it too, or nothing would be done with a row that was written here. */
void flow_release_again(struct flow *f)
{
	struct smdp_log_entry entry = {.event = "test"};
	struct smdp_store *own = NULL;
	struct smdp_profile p;
	char manager[256], sql[256];

	snprintf(manager, sizeof(manager), "%s/manager", f->dir);
	CU_ASSERT_FATAL(smdp_store_open(manager, NULL, &own) == ERR_OK);
	ASSERT_ERR(smdp_profile_by_iccid(own, f->sub.iccid, &p), ERR_OK);
	hex_encode(SLICE_OF(p.iccid), entry.iccid, sizeof(entry.iccid));
	snprintf(entry.to, sizeof(entry.to), "%s", smdp_state_name(SMDP_RELEASED));
	snprintf(sql, sizeof(sql),
		 "UPDATE profile SET state = %d, eid = %s, downloads = 0, binding = NULL,"
		 " revision = revision + 1 WHERE id = %d; DELETE FROM session",
		 SMDP_RELEASED,
		 tamper_has_files() ? "zeroblob(16)" : "decode(repeat('00', 16), 'hex')",
		 (int)p.id);
	ASSERT_ERR(smdp_store_begin(own), ERR_OK);
	ASSERT_ERR(db_execute(own->db, sql), ERR_OK);
	ASSERT_ERR(smdp_log_append(own, &entry), ERR_OK);
	ASSERT_ERR(smdp_store_end(own, smdp_profile_row_prove(own, p.id, entry.seq)), ERR_OK);
	smdp_store_close(&own);
}
