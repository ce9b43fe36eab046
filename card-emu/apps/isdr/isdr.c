#include "card-emu/apps/isdr/isdr.h"

#include "card-emu/apps/isdr/crl.h"
#include "card-emu/apps/isdr/enable.h"
#include "card-emu/apps/isdr/info.h"
#include "card-emu/apps/isdr/load.h"
#include "card-emu/apps/isdr/notify.h"
#include "card-emu/apps/isdr/policy.h"
#include "card-emu/apps/isdr/profiles.h"
#include "card-emu/apps/isdr/session.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fcp.h"

/* SGP.22 5.7.4: SetDefaultDpAddress */
static uint16_t set_default_dp(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store_txn *t;
	struct slice address;
	enum err e = es10a_parse_set_default_dp(request, &address);

	(void)s;
	if (e == ERR_LENGTH || e == ERR_VALUE) {
		rsp_put_result(call->out, SGP22_TAG_SET_DEFAULT_DP_ADDRESS, ES10A_UNDEFINED);
		return isdr_sw_of_out(call->out);
	}
	if (e)
		return SW_WRONG_DATA;
	t = store_begin(card_store(call->card));
	if (address.len)
		store_put(t, STORE_KEY_DEFAULT_DP, address);
	else
		store_delete(t, STORE_KEY_DEFAULT_DP);
	if (store_commit(t))
		return SW_MEMORY_PROBLEM;
	rsp_put_result(call->out, SGP22_TAG_SET_DEFAULT_DP_ADDRESS, 0);
	return isdr_sw_of_out(call->out);
}

struct isdr *isdr_memory(struct card *card)
{
	return card_app_memory(card, &app_isdr, sizeof(struct isdr));
}

static const struct isdr_function {
	uint32_t tag;
	isdr_handler *run;
	const char *clause;
} functions[] = {
	{SGP22_TAG_EUICC_INFO1, isdr_get_info1, "SGP.22 5.7.8"},
	{SGP22_TAG_PREPARE_DOWNLOAD, isdr_prepare_download, "SGP.22 5.7.5"},
	{SGP22_TAG_EUICC_INFO2, isdr_get_info2, "SGP.22 5.7.8"},
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
	{SGP22_TAG_LOAD_CRL, isdr_load_crl, "SGP.22 5.7.12"},
	{SGP22_TAG_AUTHENTICATE_SERVER, isdr_authenticate_server, "SGP.22 5.7.13"},
	{SGP22_TAG_CONFIGURED_ADDRESSES, isdr_get_addresses, "SGP.22 5.7.3"},
	{SGP22_TAG_EUICC_DATA, isdr_get_eid, "SGP.22 5.7.20"},
	{SGP22_TAG_SET_DEFAULT_DP_ADDRESS, set_default_dp, "SGP.22 5.7.4"},
	{SGP22_TAG_CANCEL_SESSION, isdr_cancel_session, "SGP.22 5.7.14"},
	{SGP22_TAG_GET_RAT, isdr_get_rat, "SGP.22 5.7.22"},
	{SGP22_TAG_BOUND_PROFILE_PACKAGE, isdr_load_segment, "SGP.22 5.7.6"},
	{RSP_BoundProfilePackage_firstSequenceOf87, isdr_load_segment, "SGP.22 5.7.6"},
	{RSP_BoundProfilePackage_sequenceOf88, isdr_load_segment, "SGP.22 5.7.6"},
	{RSP_BoundProfilePackage_secondSequenceOf87, isdr_load_segment, "SGP.22 5.7.6"},
	{RSP_BoundProfilePackage_sequenceOf86, isdr_load_segment, "SGP.22 5.7.6"},
	{SGP22_TAG_INITIALISE_SECURE_CHANNEL, isdr_load_segment, "SGP.22 5.7.6"},
	{ES8P_TAG_PROFILE, isdr_load_segment, "SGP.22 5.7.6"},
	{ES8P_TAG_ENCRYPTED, isdr_load_segment, "SGP.22 5.7.6"},
	{ES8P_TAG_METADATA, isdr_load_segment, "SGP.22 5.7.6"},
};

static uint16_t handle(struct app_call *call, struct slice request)
{
	struct cursor c = cursor_of(request);
	struct isdr *s = isdr_memory(call->card);
	uint32_t tag = tlv_peek(&c);

	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (functions[i].tag == tag)
			return functions[i].run(call, s, request);
	}
	/* a member of a package of a later version, sent as a command of its own */
	if (tag && isdr_load_ignores(s))
		return isdr_load_segment(call, s, request);
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
	return aid_of(AID_ISDR);
}

/* SGP.22 5.7.1: FCI with the ISD-R proprietary application template */
static uint16_t select_isdr(struct app_call *call)
{
	static const uint8_t max_data = 0xFF;
	size_t fci = tlv_open(call->out, UICC_FCI), inner;

	tlv_put(call->out, UICC_FCP_DF_NAME, aid_of(AID_ISDR));
	inner = tlv_open(call->out, UICC_FCI_PROPRIETARY);
	tlv_put(call->out, UICC_FCI_MAX_DATA, slice_make(&max_data, 1));
	tlv_close(call->out, inner);
	inner = tlv_open(call->out, RSP_ISDRProprietaryApplicationTemplate);
	tlv_put(call->out, RSP_ISDRProprietaryApplicationTemplate_svn, isdr_svn(call->card));
	tlv_close(call->out, inner);
	tlv_close(call->out, fci);
	return isdr_sw_of_out(call->out);
}

static void leave(struct card *card, struct channel *channel)
{
	struct isdr *s = isdr_memory(card);

	if (s)
		store_data_leave(&s->chain, channel);
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
	{COMMAND_STORE_DATA, store_data},
};

const struct app app_isdr = {
	.name = "ISD-R",
	.aid = aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.select = select_isdr,
	.deselect = leave,
	.reset = reset,
};
