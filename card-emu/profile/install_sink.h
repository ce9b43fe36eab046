/*
 * install_sink: what one walk over a package (or a patch) has gathered. For
 * card-emu/profile/install*.c alone.
 */
#ifndef TWINKEY_CARD_INSTALL_SINK_H
#define TWINKEY_CARD_INSTALL_SINK_H

#include "card-emu/fs/session.h"
#include "card-emu/profile/record.h"
#include "card-emu/profile/staging.h"
#include "lib/profile/interpret/interpret.h"

#define INSTALL_PUKS_MAX 16
#define INSTALL_PINS_MAX (FS_LOCAL_PINS_MAX + 13) /* table 9.3 has 13 global references */
#define INSTALL_NAAS_MAX 16
#define INSTALL_AIDS_MAX 128

struct install {
	const struct store *store; /* NULL: a new profile */
	struct store_txn *txn;
	unsigned number;
	struct staging files;
	uint8_t iccid[ICCID_LEN];
	bool has_aka, has_sealed;
	bool again; /* as struct install_opened has it */
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

/* What the package is told of a failure; of the store or of memory: it is kept in in->failed. */
enum pe_status install_status(struct install *in, enum err e);
/* The AID belongs to this package from now on. False: it has it already, or too many. */
bool install_claim_aid(struct install *in, struct slice aid);

#endif
