#include "lib/trace/decode/field/aid.h"

#include "lib/trace/decode/application.h"
#include "lib/uicc/aid.h"

#define AID_MIN 5

const char *aid_name(struct slice aid)
{
	struct application known = application_of(aid, SLICE_EMPTY);

	if (known.name)
		return known.name;
	if (slice_starts(aid, aid_of(AID_EUICC)))
		return "of an eUICC";
	return slice_starts(aid, aid_of(AID_3GPP)) ? "of ETSI or 3GPP" : "unknown";
}

void field_aid(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};

	if (v.len < AID_MIN || v.len > AID_LEN)
		node.fault = "no 5 to 16 octets";
	tree_leaf(t, &node, "%s", aid_name(v));
}
