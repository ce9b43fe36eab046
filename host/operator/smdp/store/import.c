#include "host/operator/smdp/store/import.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/limits.h"
#include "host/operator/smdp/state.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile_row.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/store.h"

enum err smdp_import(struct smdp_store *s, const struct smdp_import *in, int64_t now)
{
	struct smdp_log_entry entry = {.at = now, .event = "import"};
	const char *type = in->type ? in->type : "";
	struct slice iccid = slice_make(in->iccid, 10);
	int64_t id = 0;
	enum err e;

	if (strlen(type) > SMDP_TYPE_MAX || in->upp.len == 0 || in->upp.len > SMDP_UPP_MAX)
		return ERR_LENGTH;
	hex_encode(iccid, entry.iccid, sizeof(entry.iccid));
	snprintf(entry.to, sizeof(entry.to), "%s", smdp_state_name(SMDP_AVAILABLE));
	SMDP_TRANSACTION (s, e) {
		e = smdp_profile_row_insert(s, in->iccid, type, &id);
		if (!e)
			e = smdp_package_insert(s, id, iccid, in->metadata, in->upp);
		if (!e)
			e = smdp_log_append(s, &entry);
		if (!e)
			e = smdp_profile_row_prove(s, id, entry.seq);
	}
	return e;
}
