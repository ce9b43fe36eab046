#include "card-emu/profile/sim.h"

#include <stdio.h>

#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/profile/subscription.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/bytes.h"
#include "lib/base/tlv.h"
#include "lib/profile/simfile.h"

/* StoreMetadataRequest, SGP.22 5.5.3 */
enum metadata_tag {
	METADATA_REQUEST = 0xBF25,
	METADATA_ICCID = 0x5A,
	METADATA_PROVIDER = 0x91,
	METADATA_NAME = 0x92,
};

/* What would have come with the profile. */
static enum err put_metadata(struct store_txn *t, unsigned n, const uint8_t iccid[static 10],
			     const char *name)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t mem[64 + PROFILE_NAME_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	size_t mark = tlv_open(&w, METADATA_REQUEST);
	enum err e;

	tlv_put(&w, METADATA_ICCID, slice_make(iccid, ICCID_LEN));
	tlv_put_str(&w, METADATA_PROVIDER, "Twinkey");
	tlv_put_str(&w, METADATA_NAME, *name ? name : "SIM");
	tlv_close(&w, mark);
	e = wbuf_done(&w);
	snprintf(key, sizeof(key), STORE_KEY_META, n);
	if (!e)
		store_put(t, key, wbuf_slice(&w));
	return e;
}

enum err sim_install(struct store *s, const struct simfile *f)
{
	struct profile_record r = {.state = PROFILE_ENABLED};
	struct wbuf package = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct sqn_array sqn = SQN_ARRAY_NEW;
	unsigned n = profile_free_number(s);
	struct store_txn *t;
	enum err e = n ? profile_build(&f->spec, SLICE_EMPTY, &package) : ERR_FULL;

	if (e)
		goto out;
	t = store_begin(s);
	e = install_profile(&(struct install_place){t, n, install_without(s)}, wbuf_slice(&package),
			    r.iccid, NULL);
	if (!e)
		e = put_metadata(t, n, r.iccid, f->spec.name);
	if (e) {
		store_rollback(t);
		goto out;
	}
	profile_make_aid(n, r.isdp_aid);
	profile_put(t, n, &r);
	sqn.ind_bits = aka_ind_bits(&f->spec.shape);
	sqn_accept_all(&sqn, f->sqn);
	subscription_sqn_put(t, n, 1, &sqn);
	e = store_commit(t);
out:
	wbuf_free(&package);
	return e;
}
