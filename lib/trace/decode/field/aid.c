#include "lib/trace/decode/field/aid.h"

#include "lib/uicc/aid.h"

#define AID_MIN 5

const char *aid_name(struct slice aid)
{
	static const struct {
		enum aid id;
		const char *name;
	} names[] = {
		{AID_USIM, "USIM"},
		{AID_ISIM, "ISIM"},
		{AID_CSIM, "CSIM"},
		{AID_ISDR, "ISD-R"},
		{AID_ECASD, "ECASD"},
		{AID_EUICC, "ISD-P, or other of an eUICC"},
		{AID_MNO_SD, "security domain of GlobalPlatform"},
		{AID_CARD_MANAGER, "security domain of GlobalPlatform"},
		{AID_3GPP, "an application of ETSI or 3GPP"},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (slice_starts(aid, aid_of(names[i].id)))
			return names[i].name;
	}
	return "unknown";
}

void field_aid(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};

	if (v.len < AID_MIN || v.len > AID_LEN)
		node.fault = "no 5 to 16 octets";
	tree_leaf(t, &node, "%s", aid_name(v));
}
