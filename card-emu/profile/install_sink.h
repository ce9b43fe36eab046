/*
 * install_sink: what one walk over a package (or a patch) has gathered. For install*.c only.
 */
#ifndef TWINKEY_CARD_INSTALL_SINK_H
#define TWINKEY_CARD_INSTALL_SINK_H

#include "card-emu/core/internal.h"
#include "card-emu/profile/profile.h"
#include "card-emu/profile/staging.h"
#include "lib/profile/interpret/interpret.h"

#define INSTALL_PUKS_MAX 16
#define INSTALL_PINS_MAX (CARD_LOCAL_PINS_MAX + 13) /* table 9.3 has 13 global references */
#define INSTALL_NAAS_MAX 16
#define INSTALL_AIDS_MAX 128

struct install {
	const struct store *store; /* NULL: a new profile */
	struct store_txn *txn;
	unsigned number;
	struct staging files;
	uint8_t iccid[ICCID_LEN];
	bool has_aka, has_sealed;
	struct install_pin {
		char df[FS_PATH_MAX]; /* "": a global one */
		uint8_t ref;
		bool enabled;
	} pins[INSTALL_PINS_MAX];
	size_t pin_count, local_count;
	struct install_share {
		char df[FS_PATH_MAX], with[FS_PATH_MAX];
	} shares[INSTALL_NAAS_MAX];
	size_t share_count;
	struct profile_puk puks[INSTALL_PUKS_MAX]; /* values lie in the package */
	size_t puk_count;
	struct install_naa {
		char adf[FS_PATH_MAX];
		unsigned sub;
	} naas[INSTALL_NAAS_MAX];
	size_t naa_count;
	struct slice aids[INSTALL_AIDS_MAX]; /* of ADFs and instances; they lie in the package */
	size_t aid_count;
	enum err failed; /* of the store or of memory */
};

enum pe_status install_status(struct install *in, enum err e);
/* The AID belongs to this package from now on. False: it has it already, or too many. */
bool install_claim_aid(struct install *in, struct slice aid);
/* The PIN that a reference means at path. NULL: there is none. */
const struct install_pin *install_find_pin(const struct install *in, const char *path, uint8_t ref);

/* For the sink (install_secrets.c) */
enum pe_status install_puk(void *ctx, const struct profile_puk *p);
enum pe_status install_pin(void *ctx, const struct profile_pin *p);
enum pe_status install_pin_share(void *ctx, const char *df, const char *with);
enum pe_status install_aka(void *ctx, const struct profile_aka *a);
enum pe_status install_cdma(void *ctx, const struct profile_cdma *c);

#endif
