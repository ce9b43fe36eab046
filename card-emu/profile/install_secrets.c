#include "card-emu/profile/install_secrets.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/fs/pins.h"
#include "card-emu/profile/install_sink.h"
#include "card-emu/profile/subscription.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"
#include "lib/uicc/aid.h"

enum attribute { PIN_ENABLED = 1, PIN_CHANGEABLE = 2, PIN_CAN_BE_DISABLED = 4 };

static const struct profile_puk *find_puk(const struct install *in, uint8_t ref)
{
	for (size_t i = 0; i < in->puk_count; i++) {
		if (in->puks[i].ref == ref)
			return &in->puks[i];
	}
	return NULL;
}

enum pe_status install_puk(void *ctx, const struct profile_puk *p)
{
	struct install *in = ctx;

	if (in->puk_count == INSTALL_PUKS_MAX || find_puk(in, p->ref))
		return PE_INVALID_PARAMETER;
	in->puks[in->puk_count++] = *p;
	return PE_OK;
}

/* PE-PUKCodes comes before the PINs that it unblocks; in a patch the installed PUK stays. */
static bool take_puk(struct install *in, const struct profile_pin *p, struct pin_record *pin)
{
	const struct profile_puk *puk = find_puk(in, p->puk_ref);

	if (p->puk_ref == 0)
		return true;
	if (!puk)
		return pin->has_puk;
	pin->has_puk = true;
	pin->puk_tries = puk->tries;
	pin->puk_tries_max = puk->tries_max;
	return slice_copy(puk->value, pin->puk, sizeof(pin->puk)) == ERR_OK;
}

static bool has_pin(const struct install *in, const char *df, uint8_t ref)
{
	for (size_t i = 0; i < in->pin_count; i++) {
		if (in->pins[i].ref == ref && strcmp(in->pins[i].df, df) == 0)
			return true;
	}
	return false;
}

/* Nearest first, as pin_home() finds them on the card. */
const struct install_pin *install_find_pin(const struct install *in, const char *path, uint8_t ref)
{
	for (size_t len = ref & PIN_LOCAL ? strlen(path) : 0;; len -= 4) {
		const char *df = path;
		size_t df_len = len;

		for (size_t i = 0; i < in->share_count; i++) {
			const struct install_share *s = &in->shares[i];

			if (strlen(s->df) == len && memcmp(s->df, path, len) == 0) {
				df = s->with;
				df_len = strlen(df);
			}
		}
		for (size_t i = 0; i < in->pin_count; i++) {
			const struct install_pin *p = &in->pins[i];

			if (p->ref == ref && strlen(p->df) == df_len &&
			    memcmp(p->df, df, df_len) == 0)
				return p;
		}
		if (len < 8)
			return NULL;
	}
}

static bool remember_pin(struct install *in, const char *df, uint8_t ref, bool enabled)
{
	struct install_pin *p = &in->pins[in->pin_count];

	if (in->pin_count == INSTALL_PINS_MAX || (*df && in->local_count == FS_LOCAL_PINS_MAX))
		return false;
	in->pin_count++;
	in->local_count += *df != 0;
	snprintf(p->df, sizeof(p->df), "%s", df);
	p->ref = ref;
	p->enabled = enabled;
	return true;
}

enum pe_status install_pin(void *ctx, const struct profile_pin *p)
{
	struct install *in = ctx;
	const char *df = p->ref & PIN_LOCAL ? p->df : "";
	struct pin_record pin = {0};
	enum pe_status s = PE_INVALID_PARAMETER;

	if (has_pin(in, df, p->ref))
		return PE_INVALID_PARAMETER;
	if (in->store && pin_load_in(in->store, in->number, df, p->ref, &pin))
		return PE_INVALID_PARAMETER;
	pin.tries = p->tries;
	pin.tries_max = p->tries_max;
	pin.enabled = p->attributes & PIN_ENABLED;
	pin.no_change = !(p->attributes & PIN_CHANGEABLE);
	pin.no_disable = !(p->attributes & PIN_CAN_BE_DISABLED);
	if (!take_puk(in, p, &pin))
		s = PE_PIN_MISSING;
	else if (!remember_pin(in, df, p->ref, pin.enabled))
		s = PE_NOT_ENOUGH_MEMORY;
	else if (slice_copy(p->value, pin.value, sizeof(pin.value)) == ERR_OK)
		s = install_status(in, pin_put_in(in->txn, in->number, df, p->ref, &pin));
	secret_wipe(&pin, sizeof(pin));
	return s;
}

/* The other DF has PINs of its own, now or in a later element; a share of a share isn't followed.
 */
enum pe_status install_pin_share(void *ctx, const char *df, const char *with)
{
	struct install *in = ctx;
	struct install_share *s = &in->shares[in->share_count];
	const struct staged_file *other = staging_find(&in->files, with);

	if (in->store || !other || other->file.kind != UICC_DF)
		return PE_INVALID_PARAMETER;
	for (size_t i = 0; i < in->share_count; i++) {
		if (strcmp(in->shares[i].df, df) == 0 || strcmp(in->shares[i].df, with) == 0)
			return PE_INVALID_PARAMETER;
	}
	if (in->share_count == INSTALL_NAAS_MAX)
		return PE_NOT_ENOUGH_MEMORY;
	in->share_count++;
	snprintf(s->df, sizeof(s->df), "%s", df);
	snprintf(s->with, sizeof(s->with), "%s", with);
	pin_share(in->txn, in->number, df, with);
	return PE_OK;
}

static struct install_naa *find_naa(struct install *in, const char *adf)
{
	for (size_t i = 0; i < in->naa_count; i++) {
		if (strcmp(in->naas[i].adf, adf) == 0)
			return &in->naas[i];
	}
	return NULL;
}

static const struct staged_file *find_aid(const struct install *in, struct slice aid)
{
	for (size_t i = 0; i < in->files.count; i++) {
		if (slice_equal(in->files.files[i].file.aid, aid))
			return &in->files.files[i];
	}
	return NULL;
}

static enum pe_status add_naa(struct install *in, const char *adf, unsigned sub)
{
	struct install_naa *naa = &in->naas[in->naa_count];

	if (find_naa(in, adf))
		return PE_INVALID_PARAMETER; /* it has a key already */
	if (in->naa_count == INSTALL_NAAS_MAX)
		return PE_NOT_ENOUGH_MEMORY;
	in->naa_count++;
	snprintf(naa->adf, sizeof(naa->adf), "%s", adf);
	naa->sub = sub;
	subscription_put_adf(in->txn, in->number, adf, sub);
	return PE_OK;
}

/* 8.5: the key, the algorithm and the sequence numbers of another application, made before. */
static enum pe_status map_key(struct install *in, const struct profile_aka *a)
{
	const struct staged_file *source = find_aid(in, a->mapped);
	const struct install_naa *naa = source ? find_naa(in, source->path) : NULL;

	return naa ? add_naa(in, a->adf, naa->sub) : PE_INVALID_PARAMETER;
}

/* The release replaces the subscription of the first USIM. */
static unsigned choose_subscription(const struct install *in, const char *adf)
{

	for (size_t i = 0; i < in->files.count; i++) {
		const struct staged_file *f = &in->files.files[i];

		if (strcmp(f->path, adf) == 0 && slice_starts(f->file.aid, aid_of(AID_USIM)) &&
		    !in->has_aka)
			return SUBSCRIPTION_FIRST;
	}
	return SUBSCRIPTION_OTHER + (unsigned)in->naa_count;
}

/* sqnInit, sqnDelta, sqnAgeLimit: TS 33.102 C.2 */
static struct sqn_array sqn_of(const struct profile_aka *a)
{
	struct sqn_array s = {.ind_bits = a->ind_bits,
			      .has_delta = a->has_delta,
			      .delta = a->delta,
			      .has_age = a->has_age,
			      .age = a->age};
	uint64_t highest = 0;

	for (unsigned ind = 0; ind < PROFILE_SEQ_COUNT; ind++) {
		if (ind < 1u << a->ind_bits && a->seq[ind])
			sqn_accept(&s, a->seq[ind] << a->ind_bits | ind);
		highest = a->seq[ind] > highest ? a->seq[ind] : highest;
	}
	/* sqnInit says nothing of the others: none up to what it says is fresh there */
	for (unsigned ind = PROFILE_SEQ_COUNT; ind < 1u << a->ind_bits; ind++)
		s.seq[ind] = highest;
	return s;
}

/* TS 33.102 C.2: a key that has been used goes on where it was. */
static enum err find_sqn(const struct install *in, unsigned sub, const struct aka_parameters *key,
			 struct sqn_array *sqn)
{
	enum err e = in->again ? subscription_sqn_load(in->store, in->number, sub, sqn)
			       : subscription_sqn_of_key(in->store, in->number, key, sqn);

	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum pe_status put_key(struct install *in, unsigned sub, const struct aka_parameters *key,
			      const struct profile_aka *a)
{
	struct sqn_array sqn = sqn_of(a);
	struct aka_key *probe = NULL;
	enum err e = aka_key_make(key, &probe);

	aka_key_free(&probe);
	if (e == ERR_KEY || e == ERR_UNSUPPORTED)
		return e == ERR_KEY ? PE_INVALID_PARAMETER : PE_FEATURE_NOT_SUPPORTED;
	if (!e && in->store) {
		e = find_sqn(in, sub, key, &sqn);
		if (!e)
			e = subscription_sqn_keep(in->store, in->txn, in->number, sub);
	}
	return install_status(in, e ? e : subscription_put(in->txn, in->number, sub, key, &sqn));
}

enum pe_status install_aka(void *ctx, const struct profile_aka *a)
{
	struct install *in = ctx;
	struct aka_parameters key = {.algorithm = (enum aka_algorithm)a->algorithm,
				     .k = a->k,
				     .opc = a->algorithm == AKA_XOR ? SLICE_EMPTY : a->opc,
				     .res_len = a->res_len,
				     .iterations = a->algorithm == AKA_TUAK ? a->iterations : 0,
				     .rotations = a->r,
				     .constants = a->c};
	unsigned sub = in->store ? 2 : choose_subscription(in, a->adf);
	enum pe_status s;

	if (in->store && (in->has_aka || a->mapped.len))
		return PE_INVALID_PARAMETER;
	if (a->mapped.len)
		return map_key(in, a);
	s = put_key(in, sub, &key, a);
	if (s == PE_OK && !in->store)
		s = add_naa(in, a->adf, sub);
	in->has_aka = in->has_aka || sub < SUBSCRIPTION_OTHER;
	return s;
}

enum pe_status install_cdma(void *ctx, const struct profile_cdma *c)
{
	struct install *in = ctx;
	char key[STORE_KEY_MAX + 1];

	if (c->fields.len > SECRET_MAX)
		return PE_NOT_ENOUGH_MEMORY;
	snprintf(key, sizeof(key), STORE_KEY_CDMA, in->number, c->adf);
	store_put_secret(in->txn, key, c->fields);
	return PE_OK;
}
