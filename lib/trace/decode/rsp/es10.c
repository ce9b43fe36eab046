#include "lib/trace/decode/rsp/es10.h"

#include <string.h>

#include "lib/base/oid.h"
#include "lib/base/tlv.h"
#include "lib/release/kra.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rsp.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/trace/decode/rsp/certificate.h"
#include "lib/trace/decode/rsp/kra.h"

#define DEPTH_MAX 12

static const struct function {
	uint32_t tag;
	const char *name;
} functions[] = {
	{SGP22_TAG_EUICC_INFO1, "ES10b.GetEUICCInfo (1)"},
	{SGP22_TAG_PREPARE_DOWNLOAD, "ES10b.PrepareDownload"},
	{SGP22_TAG_EUICC_INFO2, "ES10b.GetEUICCInfo (2)"},
	{SGP22_TAG_LIST_NOTIFICATION, "ES10b.ListNotification"},
	{SGP22_TAG_SET_NICKNAME, "ES10c.SetNickname"},
	{SGP22_TAG_RETRIEVE_NOTIFICATIONS, "ES10b.RetrieveNotificationsList"},
	{SGP22_TAG_PROFILES_INFO, "ES10c.GetProfilesInfo"},
	{SGP22_TAG_EUICC_CHALLENGE, "ES10b.GetEUICCChallenge"},
	{SGP22_TAG_NOTIFICATION_SENT, "ES10b.RemoveNotificationFromList"},
	{SGP22_TAG_ENABLE_PROFILE, "ES10c.EnableProfile"},
	{SGP22_TAG_DISABLE_PROFILE, "ES10c.DisableProfile"},
	{SGP22_TAG_DELETE_PROFILE, "ES10c.DeleteProfile"},
	{SGP22_TAG_MEMORY_RESET, "ES10c.eUICCMemoryReset"},
	{SGP22_TAG_LOAD_CRL, "ES10b.LoadCRL"},
	{SGP22_TAG_BOUND_PROFILE_PACKAGE,
	 "ES10b.LoadBoundProfilePackage, ES8+.InitialiseSecureChannel"},
	{SGP22_TAG_AUTHENTICATE_SERVER, "ES10b.AuthenticateServer"},
	{SGP22_TAG_CONFIGURED_ADDRESSES, "ES10a.GetEuiccConfiguredAddresses"},
	{SGP22_TAG_EUICC_DATA, "ES10c.GetEID"},
	{SGP22_TAG_SET_DEFAULT_DP_ADDRESS, "ES10a.SetDefaultDpAddress"},
	{SGP22_TAG_CANCEL_SESSION, "ES10b.CancelSession"},
	{SGP22_TAG_GET_RAT, "ES10c.GetRAT"},
	/* SGP.22 2.5.6: the pieces of a bound profile package */
	{RSP_BoundProfilePackage_firstSequenceOf87, "ES8+.ConfigureISDP"},
	{RSP_BoundProfilePackage_sequenceOf88, "ES8+.StoreMetadata begins"},
	{RSP_BoundProfilePackage_secondSequenceOf87, "ES8+.ReplaceSessionKeys"},
	{RSP_BoundProfilePackage_sequenceOf86, "ES8+.LoadProfileElements begins"},
	{ES8P_TAG_METADATA, "ES8+.StoreMetadata, a segment"},
	{ES8P_TAG_PROFILE, "ES8+.LoadProfileElements, a segment"},
	{KRA_TAG_STATUS, "KRA status"},
	{KRA_TAG_CHALLENGE, "KRA challenge"},
	{KRA_TAG_GRANT, "KRA grant"},
	{KRA_TAG_RESEAL, "KRA reseal"},
};

const char *es10_function(uint32_t tag)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (functions[i].tag == tag)
			return functions[i].name;
	}
	return NULL;
}

uint32_t es10_tag(struct slice message)
{
	struct cursor c = cursor_of(message);
	uint32_t tag = 0;
	size_t len;

	return tlv_header(&c, &tag, &len) ? tag : 0;
}

WORDS(states, {0, "disabled"}, {1, "enabled"});
WORDS(classes, {0, "test"}, {1, "provisioning"}, {2, "operational"});
WORDS(icons, {0, "JPEG"}, {1, "PNG"});
WORDS(changes, {0, "ok"}, {1, "iccidOrAidNotFound"},
      {2, "profileNotInDisabledState, or not in enabled state"}, {3, "disallowedByPolicy"},
      {4, "wrongProfileReenabling"}, {5, "catBusy"}, {127, "undefinedError"});
WORDS(nicknames, {0, "ok"}, {1, "iccidNotFound"}, {127, "undefinedError"});
WORDS(resets, {0, "ok"}, {1, "nothingToDelete"}, {5, "catBusy"}, {127, "undefinedError"});
WORDS(addresses, {0, "ok"}, {127, "undefinedError"});
WORDS(removals, {0, "ok"}, {1, "nothingToDelete"}, {127, "undefinedError"});
WORDS(list_errors, {1, "incorrectInputValues"}, {127, "undefinedError"});
WORDS(reasons, {0, "endUserRejection"}, {1, "postponed"}, {2, "timeout"}, {3, "pprNotAllowed"},
      {4, "metadataMismatch"}, {5, "loadBppExecutionError"}, {127, "undefinedReason"});
WORDS(session_errors, {5, "invalidTransactionId"}, {127, "undefinedError"});
WORDS(authenticate_errors, {1, "invalidCertificate"}, {2, "invalidSignature"},
      {3, "unsupportedCurve"}, {4, "noSessionContext"}, {5, "invalidOid"},
      {6, "euiccChallengeMismatch"}, {7, "ciPKUnknown"}, {127, "undefinedError"});
WORDS(download_errors, {1, "invalidCertificate"}, {2, "invalidSignature"}, {3, "unsupportedCurve"},
      {4, "noSessionContext"}, {5, "invalidTransactionId"}, {127, "undefinedError"});
WORDS(command_ids, {0, "initialiseSecureChannel"}, {1, "configureISDP"}, {2, "storeMetadata"},
      {3, "storeMetadata2"}, {4, "replaceSessionKeys"}, {5, "loadProfileElements"});
WORDS(error_reasons, {1, "incorrectInputValues"}, {2, "invalidSignature"},
      {3, "invalidTransactionId"}, {4, "unsupportedCrtValues"},
      {5, "unsupportedRemoteOperationType"}, {6, "unsupportedProfileClass"},
      {7, "scp03tStructureError"}, {8, "scp03tSecurityError"},
      {9, "installFailedDueToIccidAlreadyExistsOnEuicc"},
      {10, "installFailedDueToInsufficientMemoryForProfile"},
      {11, "installFailedDueToInterruption"}, {12, "installFailedDueToPEProcessingError"},
      {13, "installFailedDueToDataMismatch"}, {14, "testProfileInstallFailedDueToInvalidNaaKey"},
      {15, "pprNotAllowed"}, {127, "installFailedDueToUnknownError"});

/* SGP.22 2.4.14, 2.9.2.3: the first octet says how many bits at the end are none */
static void field_named_bits(const struct field *f, struct slice v, const struct tree *t)
{
	const char *const *names = f->of;
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	char text[200] = "";
	uint32_t bits;

	if (tlv_bits(v, &bits)) {
		field_octets(f, v, "no BIT STRING of up to 32 bits", t);
		return;
	}
	for (unsigned i = 0; !t->wordless && names[i]; i++) {
		size_t n = strlen(text), more = strlen(names[i]);

		if (bits & RSP_BIT(i) && n + more + 3 < sizeof(text)) {
			memcpy(text + n, ", ", 3);
			memcpy(text + (n ? n + 2 : 0), names[i], more + 1);
		}
	}
	tree_leaf(t, &node, "%s", *text ? text : "none");
}

static void field_version(const struct field *f, struct slice v, const struct tree *t)
{
	if (v.len != RSP_VERSION_LEN)
		field_octets(f, v, "no version of three octets", t);
	else
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v},
			  "%u.%u.%u", slice_at(v, 0), slice_at(v, 1), slice_at(v, 2));
}

static void field_oid(const struct field *f, struct slice v, const struct tree *t)
{
	char text[OID_TEXT_MAX];

	if (oid_text(v, text, sizeof(text)))
		field_octets(f, v, "no object identifier", t);
	else
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%s",
			  text);
}

static void field_yes_no(const struct field *f, struct slice v, const struct tree *t)
{
	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%s",
		  slice_is_zero(v) ? "no" : "yes");
}

static const char *const event_names[] = {"install", "enable", "disable", "delete", NULL};
static const char *const rule_names[] = {"pprUpdateControl", "ppr1 (no disabling)",
					 "ppr2 (no deletion)", "ppr3", NULL};
static const char *const reset_names[] = {"deleteOperationalProfiles",
					  "deleteFieldLoadedTestProfiles",
					  "resetDefaultSmdpAddress", NULL};

FIELDS(key_ids, {.tag = ASN1_OCTET_STRING, .key = "key-id", .name = "SubjectKeyIdentifier"});
FIELDS(resources,
       {.tag = 0x81, .key = "applications", .name = "Installed applications", .show = field_number},
       {.tag = 0x82,
	.key = "free-flash",
	.name = "Free non-volatile memory",
	.show = field_number,
	.of = "octets"},
       {.tag = 0x83,
	.key = "free-ram",
	.name = "Free volatile memory",
	.show = field_number,
	.of = "octets"});

/* Members whose octets have words, by name. */
static const struct field leaves[] = {
	{.name = "aid", .show = field_aid},
	{.name = "authenticateErrorCode", .show = field_words, .of = &authenticate_errors},
	{.name = "bppCommandId", .show = field_words, .of = &command_ids},
	{.name = "cancelSessionResponseError", .show = field_words, .of = &session_errors},
	{.name = "ccRequiredFlag", .show = field_yes_no},
	{.name = "defaultDpAddress", .show = field_utf8},
	{.name = "deleteNotificationStatus", .show = field_words, .of = &removals},
	{.name = "deleteResult", .show = field_words, .of = &changes},
	{.name = "disableResult", .show = field_words, .of = &changes},
	{.name = "discoveryBaseURL", .show = field_utf8},
	{.name = "downloadErrorCode", .show = field_words, .of = &download_errors},
	{.name = "dpOid", .show = field_oid},
	{.name = "enableResult", .show = field_words, .of = &changes},
	{.name = "errorReason", .show = field_words, .of = &error_reasons},
	{.name = "euiccCertificate", .show = field_certificate},
	{.name = "euiccCiPKIdListForSigning", .show = field_objects, .of = &key_ids},
	{.name = "euiccCiPKIdListForVerification", .show = field_objects, .of = &key_ids},
	{.name = "euiccFirmwareVer", .show = field_version},
	{.name = "eumCertificate", .show = field_certificate},
	{.name = "eutranSupportedRelease", .show = field_version},
	{.name = "extCardResource", .show = field_objects, .of = &resources},
	{.name = "forbiddenProfilePolicyRules", .show = field_named_bits, .of = rule_names},
	{.name = "globalplatformVersion", .show = field_version},
	{.name = "gsmSupportedRelease", .show = field_version},
	{.name = "iccid", .show = field_hex_digits},
	{.name = "iconType", .show = field_words, .of = &icons},
	{.name = "isdpAid", .show = field_aid},
	{.name = "javacardVersion", .show = field_version},
	{.name = "listNotificationsResultError", .show = field_words, .of = &list_errors},
	{.name = "matchingId", .show = field_utf8},
	{.name = "mccMnc", .show = field_plmn},
	{.name = "notificationAddress", .show = field_utf8},
	{.name = "notificationsListResultError", .show = field_words, .of = &list_errors},
	{.name = "platformLabel", .show = field_utf8},
	{.name = "ppVersion", .show = field_version},
	{.name = "pprIds", .show = field_named_bits, .of = rule_names},
	{.name = "profileClass", .show = field_words, .of = &classes},
	{.name = "profileInfoListError", .show = field_words, .of = &list_errors},
	{.name = "profileManagementOperation", .show = field_named_bits, .of = event_names},
	{.name = "profileName", .show = field_utf8},
	{.name = "profileNickname", .show = field_utf8},
	{.name = "profilePolicyRules", .show = field_named_bits, .of = rule_names},
	{.name = "profileState", .show = field_words, .of = &states},
	{.name = "profileVersion", .show = field_version},
	{.name = "reason", .show = field_words, .of = &reasons},
	{.name = "refreshFlag", .show = field_yes_no},
	{.name = "remoteOpId", .show = field_number},
	{.name = "resetOptions", .show = field_named_bits, .of = reset_names},
	{.name = "resetResult", .show = field_words, .of = &resets},
	{.name = "rootDsAddress", .show = field_utf8},
	{.name = "sasAcreditationNumber", .show = field_utf8},
	{.name = "seqNumber", .show = field_number},
	{.name = "serverAddress", .show = field_utf8},
	{.name = "serverCertificate", .show = field_certificate},
	{.name = "serviceProviderName", .show = field_utf8},
	{.name = "setDefaultDpAddressResult", .show = field_words, .of = &addresses},
	{.name = "setNicknameResult", .show = field_words, .of = &nicknames},
	{.name = "smdpCertificate", .show = field_certificate},
	{.name = "smdpOid", .show = field_oid},
	{.name = "svn", .show = field_version},
	{.name = "utranSupportedRelease", .show = field_version},
};

static const struct field *find_leaf(const char *name)
{
	size_t low = 0, high = ARRAY_LEN(leaves);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = name[0] - leaves[middle].name[0];

		if (!order)
			order = strcmp(name, leaves[middle].name);
		if (!order)
			return &leaves[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *es10_word(const char *member, uint32_t value)
{
	const struct field *leaf = find_leaf(member);
	const char *word = leaf && leaf->show == field_words ? words_find(leaf->of, value) : NULL;

	return word ? word : "unknown";
}

static void tell_leaf(const char *name, struct slice value, const struct tree *t)
{
	const struct field *leaf = find_leaf(name);
	struct field f = {.key = name, .name = name};

	if (leaf) {
		f.show = leaf->show;
		f.of = leaf->of;
	}
	field_tell(&f, value, t);
}

static void tell_unknown(const struct tlv *object, const struct tree *t)
{
	tree_leaf(t, &(struct tree_node){.key = "unknown", .name = "Object", .raw = object->value},
		  "tag %X, %zu octets", object->tag, object->value.len);
}

static const struct rsp_member *member_of(const struct rsp_type *type, uint32_t tag, unsigned *from)
{
	for (unsigned i = *from; type->members && type->members[i].name; i++) {
		if (type->members[i].tag == tag) {
			/* two members may have one tag: they come in their order */
			*from = type->kind == RSP_SEQUENCE ? i + 1 : 0;
			return &type->members[i];
		}
	}
	return NULL;
}

static void tell_members(const struct rsp_type *type, struct slice value, unsigned depth,
			 const struct tree *t)
{
	struct cursor c = cursor_of(value);
	struct slice rest = value;
	struct tlv object;
	unsigned from = 0;

	while (tlv_next(&c, &object)) {
		const struct rsp_member *m = member_of(type, object.tag, &from);

		rest = c.rest;
		if (!m) {
			tell_unknown(&object, t);
		} else if (m->type->kind == RSP_LEAF || depth == DEPTH_MAX) {
			tell_leaf(m->name, object.value, t);
		} else {
			const char *name = strcmp(m->name, "item") == 0 ? m->type->name : m->name;

			tree_open(t, name, name, object.value);
			tell_members(m->type, object.value, depth + 1, t);
			tree_close(t);
		}
	}
	if (rest.len)
		field_octets(&(struct field){.key = "octets", .name = "Octets"}, rest,
			     "no BER-TLV object, or one that is cut", t);
}

static bool is_named_request(const struct rsp_type *type)
{
	static const char end[] = "Request";
	size_t n = strlen(type->name);

	return n >= sizeof(end) && strcmp(type->name + n - (sizeof(end) - 1), end) == 0;
}

/* A request and its answer have one tag. */
static const struct rsp_type *type_of(uint32_t tag, bool is_request)
{
	const struct rsp_type *other = NULL;

	for (size_t i = 0; tag > UINT8_MAX && rsp_types[i]; i++) {
		if (rsp_types[i]->tag != tag)
			continue;
		if (is_named_request(rsp_types[i]) == is_request)
			return rsp_types[i];
		other = rsp_types[i];
	}
	return other;
}

/* SGP.22 2.5.6: pieces end where no object of theirs does. */
static void tell_piece(struct slice message, const struct tree *t)
{
	struct cursor c = cursor_of(message);
	uint32_t tag = 0;
	size_t len = 0;

	(void)tlv_header(&c, &tag, &len);
	tree_leaf(t,
		  &(struct tree_node){.key = "segment",
				      .name = "Segment of a bound profile package",
				      .raw = c.rest},
		  "tag %X, %zu of %zu octets are here", tag, cursor_left(&c), len);
}

static void tell_package(struct slice message, const struct tree *t)
{
	struct cursor c = cursor_of(message);
	uint32_t tag;
	size_t len;

	(void)tlv_header(&c, &tag, &len);
	tree_open(t, "BoundProfilePackage", "BoundProfilePackage", c.rest);
	tell_members(type_of(tag, true), c.rest, 0, t);
	tree_close(t);
}

static void tell_message(const struct rsp_type *type, struct slice message, const struct tree *t)
{
	struct cursor c = cursor_of(message);
	struct slice value;
	uint32_t tag;
	size_t len = 0;

	(void)tlv_header(&c, &tag, &len);
	value = slice_sub(c.rest, 0, len);
	tree_open(t, type->name, type->name, value);
	tell_members(type, value, 0, t);
	tree_close(t);
	if (c.rest.len > len)
		field_octets(&(struct field){.key = "octets", .name = "Octets"},
			     slice_sub(c.rest, len, c.rest.len), "behind the message", t);
}

void es10_tell(struct slice message, bool is_request, const struct tree *t)
{
	uint32_t tag = es10_tag(message);
	const struct rsp_type *type;

	if (!message.len)
		return;
	if (kra_knows(tag)) {
		kra_tell(message, is_request, t);
	} else if (tag == SGP22_TAG_BOUND_PROFILE_PACKAGE) {
		tell_package(message, t);
	} else if ((type = type_of(tag, is_request)) != NULL) {
		tell_message(type, message, t);
	} else if (es10_function(tag)) {
		tell_piece(message, t);
	} else {
		objects_tell(&(struct fields){NULL, 0, false}, message, t);
	}
}
