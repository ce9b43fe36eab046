#include "card-emu/uicc/install.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/uicc/profile.h"
#include "card-emu/uicc/staging.h"
#include "lib/profile/build.h"
#include "lib/profile/interpret.h"
#include "lib/profile/sealed.h"
#include "lib/tlv.h"

#define PUKS_MAX	 16
#define PIN_STATUS_MAX	 8    /* key references of one DF that fit the PS byte */
#define PS_DO		 0x90 /* TS 102 221 9.5.2 */
#define PS_KEY_REFERENCE 0x83
#define PIN_ENABLED	 0x01 /* pinAttributes */

/* What one walk over a package (or a patch) has gathered. */
struct install {
	const struct store *store; /* NULL: a new profile */
	struct store_txn *txn;
	unsigned number, subscription;
	struct staging files;
	uint8_t iccid[ICCID_LEN];
	bool has_aka, has_sealed;
	bool pin_seen[256], pin_enabled[256];
	struct profile_puk puks[PUKS_MAX]; /* values lie in the package */
	size_t puk_count;
	enum err failed; /* of the store or of memory */
};

static enum pe_status status_of(struct install *in, enum err e)
{
	switch (e) {
	case ERR_OK: return PE_OK;
	case ERR_FULL:
	case ERR_SPACE: return PE_NOT_ENOUGH_MEMORY;
	case ERR_MEMORY:
	case ERR_CRYPTO:
	case ERR_IO: in->failed = e; return PE_MEMORY_FAILURE;
	default: return PE_INVALID_PARAMETER;
	}
}

static enum pe_status on_header(void *ctx, const uint8_t iccid[static 10])
{
	struct install *in = ctx;

	profile_iccid_swap(iccid, in->iccid);
	return PE_OK;
}

static enum pe_status on_file(void *ctx, const struct profile_file *f)
{
	static const enum fs_kind kinds[] = {[PROFILE_DF] = FS_DF,
					     [PROFILE_TRANSPARENT] = FS_TRANSPARENT,
					     [PROFILE_LINEAR] = FS_LINEAR,
					     [PROFILE_CYCLIC] = FS_CYCLIC};
	struct install *in = ctx;
	struct fs_file file = {.fid = f->fid,
			       .kind = kinds[f->kind],
			       .descriptor = f->descriptor,
			       .lcsi = f->lcsi,
			       .sfi = f->sfi,
			       .record_len = f->record_len,
			       .records = f->records,
			       .security = f->security,
			       .aid = f->aid,
			       .pin_status = f->pin_status,
			       .content = f->content};

	return status_of(in, staging_add(&in->files, f->path, &file));
}

/* A file that the package made, or one of the installed profile. */
static struct staged_file *find_file(struct install *in, const char *path)
{
	struct staged_file *s = staging_find(&in->files, path);
	struct fs_file f;

	if (s || !in->store || fs_load(in->store, in->number, path, &f))
		return s;
	return status_of(in, staging_add(&in->files, path, &f)) == PE_OK
		       ? staging_find(&in->files, path)
		       : NULL;
}

static enum pe_status on_fill(void *ctx, const char *path, size_t offset, struct slice content)
{
	struct install *in = ctx;
	struct staged_file *s = find_file(in, path);

	if (!s || s->file.kind == FS_DF)
		return in->failed ? PE_MEMORY_FAILURE : PE_INVALID_PARAMETER;
	return status_of(in, staging_fill(s, offset, content));
}

static const struct profile_puk *find_puk(const struct install *in, uint8_t ref)
{
	for (size_t i = 0; i < in->puk_count; i++) {
		if (in->puks[i].ref == ref)
			return &in->puks[i];
	}
	return NULL;
}

static enum pe_status on_puk(void *ctx, const struct profile_puk *p)
{
	struct install *in = ctx;

	if (in->puk_count == PUKS_MAX || find_puk(in, p->ref))
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

static enum pe_status on_pin(void *ctx, const struct profile_pin *p)
{
	struct install *in = ctx;
	struct pin_record pin = {0};
	enum pe_status s = PE_INVALID_PARAMETER;

	if (in->pin_seen[p->ref] || p->tries > p->tries_max || p->tries_max == 0)
		return PE_INVALID_PARAMETER;
	if (in->store && pin_load(in->store, in->number, p->ref, &pin))
		return PE_INVALID_PARAMETER;
	pin.tries = p->tries;
	pin.tries_max = p->tries_max;
	pin.enabled = p->attributes & PIN_ENABLED;
	if (!take_puk(in, p, &pin))
		s = PE_PIN_MISSING;
	else if (slice_copy(p->value, pin.value, sizeof(pin.value)) == ERR_OK)
		s = status_of(in, pin_put(in->txn, in->number, p->ref, &pin));
	in->pin_seen[p->ref] = true;
	in->pin_enabled[p->ref] = pin.enabled;
	secret_wipe(&pin, sizeof(pin));
	return s;
}

static enum pe_status on_aka(void *ctx, const struct profile_aka *a)
{
	struct install *in = ctx;
	struct subscription key = {
		.algorithm = AKA_MILENAGE, .k = a->k, .opc = a->opc, .res_len = 8};
	struct sqn_array sqn;
	enum err e = ERR_NOT_FOUND;

	if (in->has_aka || a->algorithm != AKA_MILENAGE)
		return PE_FEATURE_NOT_SUPPORTED;
	if (a->k.len != 16 || a->opc.len != 16)
		return PE_INVALID_PARAMETER;
	in->has_aka = true;
	if (in->store) /* TS 33.102 C.2: a key that has been used goes on where it was */
		e = subscription_sqn_of_key(in->store, in->number, &key, &sqn);
	if (e && e != ERR_NOT_FOUND)
		return status_of(in, e);
	return status_of(
		in, subscription_put(in->txn, in->number, in->subscription, &key, e ? NULL : &sqn));
}

/* Our sealed part is kept as it is; elements of others are skipped unless mandated. */
static enum pe_status on_non_standard(void *ctx, struct slice issuer, struct slice content,
				      bool mandated)
{
	struct install *in = ctx;
	char key[STORE_KEY_MAX + 1];
	struct sealed sealed;

	if (!slice_equal(issuer, sealed_issuer()))
		return mandated ? PE_NOT_SUPPORTED : PE_OK;
	if (sealed_parse(content, &sealed))
		return PE_INVALID_FORMAT;
	if (in->has_sealed || !slice_equal(SLICE_OF(sealed.fields.iccid), SLICE_OF(in->iccid)))
		return PE_INVALID_PARAMETER;
	if (sealed.mode != SEALED_WITH_KEY)
		return mandated ? PE_FEATURE_NOT_SUPPORTED : PE_OK;
	in->has_sealed = true;
	snprintf(key, sizeof(key), STORE_KEY_SEALED, in->number);
	store_put(in->txn, key, content);
	return PE_OK;
}

/*
 * pinStatusTemplateDO lists key references; C6 as SELECT shows it (TS 102 221 9.5.2) is the PS_DO
 * with a bit per key that is enabled, and a key reference each.
 */
static enum err expand_pin_status(const struct install *in, struct slice refs, struct wbuf *c6)
{
	uint8_t enabled = 0;

	if (refs.len > PIN_STATUS_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < refs.len; i++)
		enabled |= (uint8_t)(in->pin_enabled[slice_at(refs, i)] ? 0x80 >> i : 0);
	tlv_put(c6, PS_DO, slice_make(&enabled, 1));
	for (size_t i = 0; i < refs.len; i++)
		tlv_put(c6, PS_KEY_REFERENCE, slice_sub(refs, i, 1));
	return wbuf_done(c6);
}

/* At the end, when all PINs are known. */
static enum err put_files(const struct install *in)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < in->files.count; i++) {
		uint8_t mem[3 + 3 * PIN_STATUS_MAX];
		struct wbuf c6 = wbuf_init(mem, sizeof(mem));
		struct fs_file f = in->files.files[i].file;

		if (!in->store && f.pin_status.len) {
			e = expand_pin_status(in, f.pin_status, &c6);
			f.pin_status = wbuf_slice(&c6);
		}
		if (!e)
			e = fs_put(in->txn, in->number, in->files.files[i].path, &f);
	}
	return e;
}

static struct profile_sink sink_of(struct install *in)
{
	return (struct profile_sink){.ctx = in,
				     .header = on_header,
				     .file = on_file,
				     .fill = on_fill,
				     .puk = on_puk,
				     .pin = on_pin,
				     .aka = on_aka,
				     .non_standard = on_non_standard};
}

enum err install_profile(struct store_txn *t, unsigned n, struct slice upp,
			 uint8_t iccid[static 10], struct wbuf *report)
{
	struct install in = {.txn = t, .number = n, .subscription = 1};
	struct profile_sink sink = sink_of(&in);
	enum err e = profile_interpret(upp, &sink, report, NULL);

	if (!e)
		e = put_files(&in);
	if (!e)
		memcpy(iccid, in.iccid, sizeof(in.iccid));
	staging_free(&in.files);
	return in.failed ? in.failed : e;
}

enum err install_patch(const struct store *s, struct store_txn *t, unsigned n,
		       struct slice elements)
{
	struct install in = {.store = s, .txn = t, .number = n, .subscription = 2};
	struct profile_sink sink = sink_of(&in);
	enum err e = profile_interpret_patch(elements, &sink);

	if (!e && !in.has_aka) /* without a key there is no second subscription */
		e = ERR_VALUE;
	if (!e)
		e = put_files(&in);
	staging_free(&in.files);
	return in.failed ? in.failed : e;
}
