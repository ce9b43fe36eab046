#include "card-emu/apps/isdr/info.h"

#include <string.h>

#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "card-emu/core/signer.h"
#include "lib/base/tlv.h"
#include "lib/profile/services.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/rat.h"

#define ROOT_DS_ADDRESS "testrootsmds.example.com"
#define KEY_IDS_LEN	(CARD_CI_MAX * (2 + CERT_KEY_ID_MAX))

static const uint8_t svn_newest[RSP_VERSION_LEN] = CARD_SVN_NEWEST;
static const uint8_t profile_version[] = {2, 3, 1};
static const uint8_t more_profile_versions[] = {ASN1_OCTET_STRING, 3, 3, 3, 1};
static const uint8_t firmware[] = {1, 0, 0};
static const uint8_t pp_version[] = {1, 0, 0};

/* From which version of SGP.22 on (RspCapability, EUICCInfo2) */
static const uint8_t svn_service_data[RSP_VERSION_LEN] = {2, 4, 0};
static const uint8_t svn_more_profile_versions[RSP_VERSION_LEN] = {2, 5, 0};

enum rsp_capability {
	RSP_ADDITIONAL_PROFILE = RSP_BIT(0),
	RSP_CRL = RSP_BIT(1),
	RSP_TEST_PROFILE = RSP_BIT(3),
	RSP_DEVICE_INFO_EXTENSIBILITY = RSP_BIT(4),
	RSP_SERVICE_SPECIFIC_DATA = RSP_BIT(5),
};

size_t isdr_free_octets(struct card *card)
{
	size_t used = store_used(card_store(card));

	return used < ISDR_NVM_OCTETS ? ISDR_NVM_OCTETS - used : 0;
}

struct slice isdr_svn(struct card *card)
{
	struct slice given = card_svn(card), stored = isdr_stored(card, STORE_KEY_SVN);

	return given.len ? given : stored.len ? stored : SLICE_OF(svn_newest);
}

/* The lists of CI key identifiers, contents of A9 and AA. */
struct ci_lists {
	uint8_t verify_mem[KEY_IDS_LEN], sign_mem[KEY_IDS_LEN];
	struct slice verify, sign;
};

/* A CI may have several certificates with one key: it stands in a list once. */
static void put_key_id(struct wbuf *list, struct slice id)
{
	if (!rsp_key_ids_have(wbuf_slice(list), id))
		tlv_put(list, ASN1_OCTET_STRING, id);
}

static enum err read_ci_lists(struct card *card, struct ci_lists *l)
{
	struct wbuf verify = wbuf_init(l->verify_mem, sizeof(l->verify_mem));
	struct wbuf sign = wbuf_init(l->sign_mem, sizeof(l->sign_mem));
	struct slice certs[CARD_CI_MAX];
	size_t n = isdr_ci_certs(card, certs);
	struct signer_certs signer;
	struct cert c;
	enum err e = ERR_OK;

	for (size_t i = 0; i < n; i++) {
		if (cert_parse(certs[i], &c) == ERR_OK)
			put_key_id(&verify, cert_key_id(&c));
	}
	/* a card without an identity signs for nobody */
	for (unsigned i = 0; !e && signer_certs(card_store(card), i, &signer); i++) {
		uint8_t mem[CERT_KEY_ID_MAX];
		struct wbuf id = wbuf_init(mem, sizeof(mem));

		e = signer_ci(card_store(card), i, &id);
		if (!e)
			put_key_id(&sign, wbuf_slice(&id));
	}
	if (!e)
		e = wbuf_done(&verify);
	if (!e)
		e = wbuf_done(&sign);
	l->verify = wbuf_slice(&verify);
	l->sign = wbuf_slice(&sign);
	return e;
}

/* SGP.22 5.7.8: GetEUICCInfo */
uint16_t isdr_get_info1(struct app_call *call, struct isdr *s, struct slice request)
{
	struct es10b_euicc_info1 m;
	struct ci_lists ci;

	(void)s;
	if (rsp_parse_empty(request, &rsp_type_GetEuiccInfo1Request))
		return SW_WRONG_DATA;
	if (read_ci_lists(call->card, &ci))
		return SW_TECHNICAL;
	m = (struct es10b_euicc_info1){isdr_svn(call->card), ci.verify, ci.sign};
	es10b_put_euicc_info1(call->out, &m);
	return isdr_sw_of_out(call->out);
}

static bool is_since(struct card *card, const uint8_t svn[static RSP_VERSION_LEN])
{
	struct slice own = isdr_svn(card);

	return own.len == RSP_VERSION_LEN && memcmp(own.ptr, svn, RSP_VERSION_LEN) >= 0;
}

static uint32_t rsp_capability(struct card *card)
{
	uint32_t bits = RSP_CRL | RSP_TEST_PROFILE | RSP_DEVICE_INFO_EXTENSIBILITY;

	if (profile_free_number(card_store(card)) && isdr_free_octets(card))
		bits |= RSP_ADDITIONAL_PROFILE;
	if (is_since(card, svn_service_data))
		bits |= RSP_SERVICE_SPECIFIC_DATA;
	return bits;
}

void isdr_put_info2(struct card *card, struct wbuf *w)
{
	uint8_t resource_mem[32];
	struct wbuf resource = wbuf_init(resource_mem, sizeof(resource_mem));
	struct es10b_euicc_info2 m = {
		.profile_version = SLICE_OF(profile_version),
		.svn = isdr_svn(card),
		.firmware = SLICE_OF(firmware),
		.uicc_capability = services_capability(card_without(card)),
		.rsp_capability = rsp_capability(card),
		.has_forbidden = true,
		.forbidden = (RSP_PPR1 | RSP_PPR2) & ~rat_named(isdr_stored(card, STORE_KEY_RAT)),
		.pp_version = SLICE_OF(pp_version),
		.sas = slice_str("TEST-0001"),
	};
	struct ci_lists ci;

	tlv_put(&resource, ES10B_RESOURCE_APPLICATIONS, SLICE_OF(((const uint8_t[]){0})));
	tlv_put_header(&resource, ES10B_RESOURCE_FREE_NVM, 4);
	wbuf_u32(&resource, (uint32_t)isdr_free_octets(card));
	tlv_put_header(&resource, ES10B_RESOURCE_FREE_RAM, 4);
	wbuf_u32(&resource, STORE_DATA_MAX);
	if (read_ci_lists(card, &ci) || wbuf_done(&resource)) {
		wbuf_fail(w, ERR_CERT);
		return;
	}
	m.ci_verify = ci.verify;
	m.ci_sign = ci.sign;
	m.ext_resource = wbuf_slice(&resource);
	if (is_since(card, svn_more_profile_versions))
		m.more_profile_versions = SLICE_OF(more_profile_versions);
	es10b_put_euicc_info2(w, &m);
}

uint16_t isdr_get_info2(struct app_call *call, struct isdr *s, struct slice request)
{
	(void)s;
	if (rsp_parse_empty(request, &rsp_type_GetEuiccInfo2Request))
		return SW_WRONG_DATA;
	isdr_put_info2(call->card, call->out);
	return isdr_sw_of_out(call->out);
}

/* SGP.22 5.7.20: GetEID */
uint16_t isdr_get_eid(struct app_call *call, struct isdr *s, struct slice request)
{
	(void)s;
	if (es10c_parse_get_eid(request))
		return SW_WRONG_DATA;
	es10c_put_eid(call->out, isdr_stored(call->card, STORE_KEY_EID));
	return isdr_sw_of_out(call->out);
}

/* SGP.22 5.7.3: GetEuiccConfiguredAddresses */
uint16_t isdr_get_addresses(struct app_call *call, struct isdr *s, struct slice request)
{
	struct es10a_configured_addresses m = {.root_ds = slice_str(ROOT_DS_ADDRESS)};

	(void)s;
	if (rsp_parse_empty(request, &rsp_type_EuiccConfiguredAddressesRequest))
		return SW_WRONG_DATA;
	m.default_dp = isdr_stored(call->card, STORE_KEY_DEFAULT_DP);
	es10a_put_configured_addresses(call->out, &m);
	return isdr_sw_of_out(call->out);
}
