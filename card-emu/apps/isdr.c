#include "card-emu/apps/isdr.h"

#include <stdio.h>
#include <string.h>

#include "lib/rsp/es10a.h"
#include "lib/rsp/es10c.h"

#define ROOT_DS_ADDRESS	     "testrootsmds.example.com"

#define TAG_FCI		     0x6Fu
#define TAG_FCI_AID	     0x84u
#define TAG_FCI_PROPRIETARY  0xA5u
#define TAG_FCI_MAX_DATA     0x9F65u
#define TAG_ISDR_PROPRIETARY 0xE0u

static const uint8_t isdr_aid[] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
				   0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00};
static const uint8_t svn[] = {2, 5, 0};
static const uint8_t profile_version[] = {2, 3, 1};
static const uint8_t firmware[] = {1, 0, 0};
static const uint8_t globalplatform[] = {2, 3, 0};
static const uint8_t pp_version[] = {1, 0, 0};

struct isdr *isdr_memory(struct card *card)
{
	return card_app_memory(card, &app_isdr, sizeof(struct isdr));
}

struct slice isdr_transaction(const struct isdr *s)
{
	return slice_make(s->transaction_id, s->transaction_len);
}

void isdr_end_session(struct isdr *s)
{
	struct store_data chain = s->chain;

	ec_key_free(&s->otsk);
	bsp_free(&s->bsp);
	wbuf_free(&s->isdp);
	wbuf_free(&s->metadata);
	wbuf_free(&s->package);
	secret_wipe(s, sizeof(*s));
	s->chain = chain;
}

void isdr_key(char key[static STORE_KEY_MAX + 1], const char *format, unsigned n)
{
	/* the formats of keys.h are the only ones that come here */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(key, STORE_KEY_MAX + 1, format, n);
#pragma GCC diagnostic pop
}

struct slice isdr_stored(struct card *card, const char *key)
{
	struct slice v = SLICE_EMPTY;

	store_get(card_store(card), key, &v);
	return v;
}

struct ci_list {
	struct slice *certs;
	size_t n;
};

static bool collect_ci(void *ctx, const char *key, struct slice value)
{
	struct ci_list *list = ctx;

	(void)key;
	list->certs[list->n++] = value;
	return list->n < ISDR_CI_MAX;
}

size_t isdr_ci_certs(struct card *card, struct slice out[static ISDR_CI_MAX])
{
	struct ci_list list = {out, 0};

	store_each(card_store(card), STORE_PREFIX_CI, collect_ci, &list);
	return list.n;
}

enum err isdr_signing_ci(struct card *card, struct wbuf *key_id)
{
	struct cert eum;
	enum err e = cert_parse(isdr_stored(card, STORE_KEY_EUM), &eum);

	if (!e)
		wbuf_put(key_id, cert_authority_id(&eum));
	return e ? e : wbuf_done(key_id);
}

enum err isdr_sign(struct card *card, const struct slice *parts, size_t n,
		   uint8_t signature[static EC_SIGNATURE_LEN])
{
	struct secret *der = NULL;
	struct ec_key *key = NULL;
	enum err e = store_get_secret(card_store(card), STORE_KEY_SK, &der);

	if (!e)
		e = ec_key_load(secret_slice(der), &key);
	if (!e)
		e = ec_sign(key, parts, n, signature);
	ec_key_free(&key);
	secret_free(&der);
	return e;
}

/* The lists of CI key identifiers, contents of A9 and AA. */
static void put_ci_lists(struct card *card, struct wbuf *verify, struct wbuf *sign)
{
	struct slice certs[ISDR_CI_MAX];
	size_t n = isdr_ci_certs(card, certs), mark;
	struct cert c;

	for (size_t i = 0; i < n; i++) {
		if (cert_parse(certs[i], &c) == ERR_OK)
			tlv_put(verify, ASN1_OCTET_STRING, cert_key_id(&c));
	}
	if (!isdr_stored(card, STORE_KEY_EUM).len) /* a card without an identity signs for nobody */
		return;
	mark = tlv_open(sign, ASN1_OCTET_STRING);
	if (isdr_signing_ci(card, sign))
		wbuf_fail(sign, ERR_CERT);
	tlv_close(sign, mark);
}

static uint16_t sw_of_out(const struct wbuf *out)
{
	return wbuf_done(out) ? SW_TECHNICAL : SW_OK;
}

/* SGP.22 5.7.8: GetEUICCInfo */
static uint16_t get_info1(struct app_call *call, struct isdr *s, struct slice request)
{
	uint8_t verify_mem[256], sign_mem[64];
	struct wbuf verify = wbuf_init(verify_mem, sizeof(verify_mem));
	struct wbuf sign = wbuf_init(sign_mem, sizeof(sign_mem));
	struct es10b_euicc_info1 m;

	(void)s;
	if (rsp_parse_empty(request, SGP22_TAG_EUICC_INFO1))
		return SW_WRONG_DATA;
	put_ci_lists(call->card, &verify, &sign);
	if (wbuf_done(&verify) || wbuf_done(&sign))
		return SW_TECHNICAL;
	m = (struct es10b_euicc_info1){SLICE_OF(svn), wbuf_slice(&verify), wbuf_slice(&sign)};
	es10b_put_euicc_info1(call->out, &m);
	return sw_of_out(call->out);
}

void isdr_put_info2(struct card *card, struct wbuf *w)
{
	uint8_t verify_mem[256], sign_mem[64], resource_mem[32];
	struct wbuf verify = wbuf_init(verify_mem, sizeof(verify_mem));
	struct wbuf sign = wbuf_init(sign_mem, sizeof(sign_mem));
	struct wbuf resource = wbuf_init(resource_mem, sizeof(resource_mem));
	struct es10b_euicc_info2 m = {
		.profile_version = SLICE_OF(profile_version),
		.svn = SLICE_OF(svn),
		.firmware = SLICE_OF(firmware),
		/* usimSupport, isimSupport, akaMilenage */
		.uicc_capability = RSP_BIT(1) | RSP_BIT(2) | RSP_BIT(4),
		.globalplatform = SLICE_OF(globalplatform),
		.rsp_capability = RSP_BIT(0) | RSP_BIT(3), /* additional and test profiles */
		.has_forbidden = true,
		.forbidden = RSP_PPR1 | RSP_PPR2,
		.pp_version = SLICE_OF(pp_version),
		.sas = slice_str("TEST-0001"),
	};
	size_t used = store_used(card_store(card)), budget = 4u << 20;

	put_ci_lists(card, &verify, &sign);
	/* TS 102 226 8.2.1.7.2: applications, free non-volatile and volatile memory */
	tlv_put(&resource, 0x81, SLICE_OF(((const uint8_t[]){0})));
	tlv_put_header(&resource, 0x82, 4);
	wbuf_u32(&resource, (uint32_t)(used < budget ? budget - used : 0));
	tlv_put_header(&resource, 0x83, 4);
	wbuf_u32(&resource, STORE_DATA_MAX);
	if (wbuf_done(&verify) || wbuf_done(&sign) || wbuf_done(&resource))
		wbuf_fail(w, ERR_CERT);
	m.ci_verify = wbuf_slice(&verify);
	m.ci_sign = wbuf_slice(&sign);
	m.ext_resource = wbuf_slice(&resource);
	es10b_put_euicc_info2(w, &m);
}

static uint16_t get_info2(struct app_call *call, struct isdr *s, struct slice request)
{
	(void)s;
	if (rsp_parse_empty(request, SGP22_TAG_EUICC_INFO2))
		return SW_WRONG_DATA;
	isdr_put_info2(call->card, call->out);
	return sw_of_out(call->out);
}

/* SGP.22 5.7.20: GetEID */
static uint16_t get_eid(struct app_call *call, struct isdr *s, struct slice request)
{
	(void)s;
	if (es10c_parse_get_eid(request))
		return SW_WRONG_DATA;
	es10c_put_eid(call->out, isdr_stored(call->card, STORE_KEY_EID));
	return sw_of_out(call->out);
}

/* SGP.22 5.7.3: GetEuiccConfiguredAddresses */
static uint16_t get_addresses(struct app_call *call, struct isdr *s, struct slice request)
{
	struct es10a_configured_addresses m = {.root_ds = slice_str(ROOT_DS_ADDRESS)};

	(void)s;
	if (rsp_parse_empty(request, SGP22_TAG_CONFIGURED_ADDRESSES))
		return SW_WRONG_DATA;
	m.default_dp = isdr_stored(call->card, STORE_KEY_DEFAULT_DP);
	es10a_put_configured_addresses(call->out, &m);
	return sw_of_out(call->out);
}

/* SGP.22 5.7.4: SetDefaultDpAddress */
static uint16_t set_default_dp(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store_txn *t;
	struct slice address;

	(void)s;
	if (es10a_parse_set_default_dp(request, &address))
		return SW_WRONG_DATA;
	t = store_begin(card_store(call->card));
	if (address.len)
		store_put(t, STORE_KEY_DEFAULT_DP, address);
	else
		store_delete(t, STORE_KEY_DEFAULT_DP);
	if (store_commit(t))
		return SW_MEMORY_PROBLEM;
	rsp_put_result(call->out, SGP22_TAG_SET_DEFAULT_DP_ADDRESS, 0);
	return sw_of_out(call->out);
}

/* SGP.22 5.7.22: GetRAT. No rule: no profile policy rule is authorised. */
static uint16_t get_rat(struct app_call *call, struct isdr *s, struct slice request)
{
	(void)s;
	if (rsp_parse_empty(request, SGP22_TAG_GET_RAT))
		return SW_WRONG_DATA;
	es10b_put_rat(call->out, SLICE_EMPTY);
	return sw_of_out(call->out);
}

static const struct isdr_function {
	uint32_t tag;
	isdr_handler *run;
	const char *clause;
} functions[] = {
	{SGP22_TAG_EUICC_INFO1, get_info1, "SGP.22 5.7.8"},
	{SGP22_TAG_PREPARE_DOWNLOAD, isdr_prepare_download, "SGP.22 5.7.5"},
	{SGP22_TAG_EUICC_INFO2, get_info2, "SGP.22 5.7.8"},
	{SGP22_TAG_LIST_NOTIFICATION, isdr_list_notifications, "SGP.22 5.7.9"},
	{SGP22_TAG_SET_NICKNAME, isdr_set_nickname, "SGP.22 5.7.21"},
	{SGP22_TAG_RETRIEVE_NOTIFICATIONS, isdr_retrieve_notifications, "SGP.22 5.7.10"},
	{SGP22_TAG_PROFILES_INFO, isdr_profiles_info, "SGP.22 5.7.15"},
	{SGP22_TAG_EUICC_CHALLENGE, isdr_get_challenge, "SGP.22 5.7.7"},
	{SGP22_TAG_NOTIFICATION_SENT, isdr_notification_sent, "SGP.22 5.7.11"},
	{SGP22_TAG_ENABLE_PROFILE, isdr_enable, "SGP.22 5.7.16"},
	{SGP22_TAG_DISABLE_PROFILE, isdr_disable, "SGP.22 5.7.17"},
	{SGP22_TAG_DELETE_PROFILE, isdr_delete, "SGP.22 5.7.18"},
	{SGP22_TAG_MEMORY_RESET, isdr_memory_reset, "SGP.22 5.7.19"},
	{SGP22_TAG_AUTHENTICATE_SERVER, isdr_authenticate_server, "SGP.22 5.7.13"},
	{SGP22_TAG_CONFIGURED_ADDRESSES, get_addresses, "SGP.22 5.7.3"},
	{SGP22_TAG_EUICC_DATA, get_eid, "SGP.22 5.7.20"},
	{SGP22_TAG_SET_DEFAULT_DP_ADDRESS, set_default_dp, "SGP.22 5.7.4"},
	{SGP22_TAG_CANCEL_SESSION, isdr_cancel_session, "SGP.22 5.7.14"},
	{SGP22_TAG_GET_RAT, get_rat, "SGP.22 5.7.22"},
	{SGP22_TAG_BOUND_PROFILE_PACKAGE, isdr_load_segment, "SGP.22 5.7.6"},
	{ASN1_CONTEXTC(0), isdr_load_segment, "SGP.22 5.7.6"},
	{ASN1_CONTEXTC(1), isdr_load_segment, "SGP.22 5.7.6"},
	{ASN1_CONTEXTC(2), isdr_load_segment, "SGP.22 5.7.6"},
	{ASN1_CONTEXTC(3), isdr_load_segment, "SGP.22 5.7.6"},
	{ASN1_CONTEXT(6), isdr_load_segment, "SGP.22 5.7.6"},
	{ASN1_CONTEXT(7), isdr_load_segment, "SGP.22 5.7.6"},
	{ASN1_CONTEXT(8), isdr_load_segment, "SGP.22 5.7.6"},
};

static uint16_t handle(struct app_call *call, struct slice request)
{
	struct cursor c = cursor_of(request);
	uint32_t tag = tlv_peek(&c);

	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (functions[i].tag == tag)
			return functions[i].run(call, isdr_memory(call->card), request);
	}
	return SW_NOT_FOUND;
}

static uint16_t store_data(struct app_call *call)
{
	struct isdr *s = isdr_memory(call->card);

	return s ? store_data_block(&s->chain, call, handle) : SW_TECHNICAL;
}

static struct slice aid(struct card *card)
{
	(void)card;
	return SLICE_OF(isdr_aid);
}

/* SGP.22 5.7.1: FCI with the ISD-R proprietary application template */
static uint16_t select_isdr(struct app_call *call)
{
	static const uint8_t max_data = 0xFF;
	size_t fci = tlv_open(call->out, TAG_FCI), inner;

	tlv_put(call->out, TAG_FCI_AID, SLICE_OF(isdr_aid));
	inner = tlv_open(call->out, TAG_FCI_PROPRIETARY);
	tlv_put(call->out, TAG_FCI_MAX_DATA, slice_make(&max_data, 1));
	tlv_close(call->out, inner);
	inner = tlv_open(call->out, TAG_ISDR_PROPRIETARY);
	tlv_put(call->out, ASN1_CONTEXT(2), SLICE_OF(svn));
	tlv_close(call->out, inner);
	tlv_close(call->out, fci);
	return sw_of_out(call->out);
}

static void reset(struct card *card)
{
	struct isdr *s = isdr_memory(card);

	if (!s)
		return;
	store_data_drop(&s->chain);
	isdr_end_session(s);
}

static const struct app_command commands[] = {
	{"STORE DATA", 0x80, 0xF0, INS_STORE_DATA, APP_CASE_4, store_data, "SGP.22 5.7.2"},
};

const struct app app_isdr = {
	.name = "ISD-R",
	.aid = aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.select = select_isdr,
	.reset = reset,
};
