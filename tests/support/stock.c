#include "tests/support/stock.h"

#include <time.h>

#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/import.h"
#include "host/operator/smdp/store/verify.h"
#include "host/operator/smdp/store/profile.h"

enum err stock_profile(struct smdp_store *s, const uint8_t iccid[static 10],
		       const char *matching_id, struct slice metadata, struct slice upp)
{
	struct es2p_call call = {.store = s, .actor = "operator", .now = (int64_t)time(NULL)};
	const struct smdp_import in = {.iccid = iccid, .metadata = metadata, .upp = upp};

	return es2p_add_profile(&call, &in, matching_id);
}

enum err stock_verify(struct smdp_store *s, int64_t *good)
{
	struct smdp_check c;
	enum err e = smdp_store_verify(s, &c);

	*good = c.good;
	return e;
}
