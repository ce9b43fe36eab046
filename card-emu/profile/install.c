#include "card-emu/profile/install.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/fs/pins.h"
#include "card-emu/profile/applist.h"
#include "card-emu/profile/install_secrets.h"
#include "card-emu/profile/install_sink.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/profile/build.h"
#include "lib/profile/sealed.h"

#define PIN_STATUS_MAX 8 /* key references of one DF that fit the PS byte */

static enum pe_status on_header(void *ctx, const struct profile_header *h)
{
	struct install *in = ctx;
	char key[STORE_KEY_MAX + 1];

	profile_iccid_swap(h->iccid, in->iccid);
	if (h->raw.len > STORE_VALUE_MAX)
		return PE_NOT_ENOUGH_MEMORY;
	snprintf(key, sizeof(key), STORE_KEY_HEADER, in->number);
	store_put(in->txn, key, h->raw);
	return PE_OK;
}

/* Where a path leads when DFs on it are links. */
static bool staged_home(struct install *in, const char *path, char out[static FS_PATH_MAX])
{
	char now[FS_PATH_MAX], next[2 * FS_PATH_MAX], prefix[FS_PATH_MAX];

	snprintf(now, sizeof(now), "%s", path);
	for (size_t len = 4; len <= strlen(now); len += 4) {
		const struct staged_file *s;

		snprintf(prefix, sizeof(prefix), "%.*s", (int)len, now);
		s = staging_find(&in->files, prefix);
		if (!s || s->file.kind != UICC_DF || !*s->file.link)
			continue;
		if (snprintf(next, sizeof(next), "%s%s", s->file.link, now + len) >= FS_PATH_MAX)
			return false;
		memcpy(now, next, FS_PATH_MAX);
		len = strlen(s->file.link);
	}
	memcpy(out, now, sizeof(now));
	return true;
}

/* A link names what is there, of its own kind, and no folder that it lies in itself. */
static enum pe_status resolve_link(struct install *in, const char *path, const char *link,
				   struct fs_file *file)
{
	char home[FS_PATH_MAX];
	const struct staged_file *target = NULL;

	if (staged_home(in, link, home))
		target = staging_find(&in->files, home);
	if (!target || (target->file.kind == UICC_DF) != (file->kind == UICC_DF))
		return PE_INVALID_PARAMETER;
	if (file->kind == UICC_DF && strncmp(path, home, strlen(home)) == 0)
		return PE_INVALID_PARAMETER;
	if (file->kind != UICC_DF && file->kind != target->file.kind)
		return PE_INVALID_PARAMETER;
	snprintf(file->link, sizeof(file->link), "%s",
		 *target->file.link ? target->file.link : home);
	return PE_OK;
}

static bool parent_is_there(struct install *in, const char *path)
{
	char parent[FS_PATH_MAX];
	const struct staged_file *s;

	if (strlen(path) == 4)
		return true;
	snprintf(parent, sizeof(parent), "%.*s", (int)strlen(path) - 4, path);
	s = staging_find(&in->files, parent);
	return s && s->file.kind == UICC_DF;
}

static enum pe_status on_file(void *ctx, const struct profile_file *f)
{
	struct install *in = ctx;
	struct fs_file file = {.fid = f->fid,
			       .kind = f->kind,
			       .descriptor = f->descriptor,
			       .lcsi = f->lcsi,
			       .sfi = f->sfi,
			       .record_len = f->record_len,
			       .records = f->records,
			       .security = f->security,
			       .aid = f->aid,
			       .pin_status = f->pin_status,
			       .content = f->content,
			       .special = f->special,
			       .max_size = (uint16_t)f->max_size};
	char path[FS_PATH_MAX];
	enum pe_status s = PE_OK;

	if (f->pin_status.len > PIN_STATUS_MAX || !staged_home(in, f->path, path) ||
	    !parent_is_there(in, path) || (f->aid.len && !install_claim_aid(in, f->aid)))
		return PE_INVALID_PARAMETER;
	if (*f->link)
		s = resolve_link(in, path, f->link, &file);
	return s == PE_OK ? install_status(in, staging_add(&in->files, path, &file)) : s;
}

static bool on_is_adf(void *ctx, uint16_t fid)
{
	struct install *in = ctx;
	const struct staged_file *s;
	char path[FS_PATH_MAX];
	struct fs_file f;

	snprintf(path, sizeof(path), "%04X", fid);
	s = staging_find(&in->files, path);
	if (s)
		return s->file.aid.len != 0;
	return in->store && fs_load(in->store, in->number, path, &f) == ERR_OK && f.aid.len;
}

/* A file that the package made, or one of the installed profile; of a link: what it shows. */
static struct staged_file *find_staged(struct install *in, const char *path)
{
	char home[FS_PATH_MAX];
	struct staged_file *s;
	struct fs_file f;

	if (!staged_home(in, path, home))
		return NULL;
	s = staging_find(&in->files, home);
	if (s && *s->file.link)
		return staging_find(&in->files, s->file.link);
	if (s || !in->store || fs_canonical(in->store, in->number, path, home) ||
	    fs_load(in->store, in->number, home, &f))
		return s;
	if (*f.link) {
		memcpy(home, f.link, sizeof(home));
		if (fs_load(in->store, in->number, home, &f))
			return NULL;
	}
	s = staging_find(&in->files, home);
	if (s || install_status(in, staging_add(&in->files, home, &f)) != PE_OK)
		return s;
	return staging_find(&in->files, home);
}

static enum pe_status on_fill(void *ctx, const char *path, size_t offset, struct slice content)
{
	struct install *in = ctx;
	struct staged_file *s = find_staged(in, path);

	if (!s || s->file.kind == UICC_DF || s->file.kind == UICC_BER_TLV)
		return in->failed ? PE_MEMORY_FAILURE : PE_INVALID_PARAMETER;
	return install_status(in, staging_fill(s, offset, content));
}

static enum pe_status on_app(void *ctx, const struct profile_app *a)
{
	struct install *in = ctx;

	if (a->kind != PROFILE_LOAD_PACKAGE && !install_claim_aid(in, a->aid))
		return PE_INVALID_PARAMETER;
	return install_status(in, app_put(in->txn, in->number, a));
}

/* Our sealed part is kept as it is; elements of others are skipped unless mandated. */
static enum pe_status on_non_standard(void *ctx, struct slice issuer, struct slice content,
				      bool mandated)
{
	struct install *in = ctx;
	char key[STORE_KEY_MAX + 1];
	struct sealed sealed;

	(void)mandated;
	if (!slice_equal(issuer, sealed_issuer()))
		return PE_NOT_SUPPORTED;
	if (sealed_parse(content, &sealed))
		return PE_INVALID_FORMAT;
	if (in->has_sealed || !slice_equal(SLICE_OF(sealed.fields.iccid), SLICE_OF(in->iccid)))
		return PE_INVALID_PARAMETER;
	if (!sealed_is_known(&sealed))
		return PE_FEATURE_NOT_SUPPORTED;
	in->has_sealed = true;
	snprintf(key, sizeof(key), STORE_KEY_SEALED, in->number);
	store_put(in->txn, key, content);
	return PE_OK;
}

/* An administrative key may be left to the issuer; a user's PIN that a DF names has to be there. */
static enum pe_status on_end(void *ctx)
{
	struct install *in = ctx;

	for (size_t i = 0; i < in->files.count; i++) {
		const struct staged_file *f = &in->files.files[i];

		for (size_t k = 0; k < f->file.pin_status.len; k++) {
			uint8_t ref = slice_at(f->file.pin_status, k);

			if ((ref & ~PIN_LOCAL) < PIN_ADM_FIRST &&
			    !install_find_pin(in, f->path, ref))
				return PE_PIN_MISSING;
		}
	}
	return PE_OK;
}

/*
 * pinStatusTemplateDO lists key references; C6 as SELECT shows it (TS 102 221 9.5.2) is the PS_DO
 * with a bit per key that is enabled, and a key reference each.
 */
static enum err expand_pin_status(const struct install *in, const char *path, struct slice refs,
				  struct wbuf *c6)
{
	uint8_t enabled = 0;

	if (refs.len > PIN_STATUS_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < refs.len; i++) {
		const struct install_pin *pin = install_find_pin(in, path, slice_at(refs, i));

		enabled |= (uint8_t)(pin && pin->enabled ? 0x80 >> i : 0);
	}
	tlv_put(c6, UICC_PS_STATUS, slice_make(&enabled, 1));
	for (size_t i = 0; i < refs.len; i++)
		tlv_put(c6, UICC_PS_KEY_REFERENCE, slice_sub(refs, i, 1));
	return wbuf_done(c6);
}

/* At the end, when all PINs are known. */
static enum err put_files(const struct install *in)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < in->files.count; i++) {
		uint8_t mem[3 + 3 * PIN_STATUS_MAX];
		struct wbuf c6 = wbuf_init(mem, sizeof(mem));
		const char *path = in->files.files[i].path;
		struct fs_file f = in->files.files[i].file;

		if (!in->store && f.pin_status.len) {
			e = expand_pin_status(in, path, f.pin_status, &c6);
			f.pin_status = wbuf_slice(&c6);
		}
		if (!e)
			e = fs_put(in->txn, in->number, path, &f);
	}
	return e;
}

static struct profile_sink sink_of(struct install *in)
{
	return (struct profile_sink){.ctx = in,
				     .header = on_header,
				     .file = on_file,
				     .fill = on_fill,
				     .is_adf = on_is_adf,
				     .puk = install_puk,
				     .pin = install_pin,
				     .pin_share = install_pin_share,
				     .aka = install_aka,
				     .cdma = install_cdma,
				     .app = on_app,
				     .non_standard = on_non_standard,
				     .end = on_end};
}

uint32_t install_without(const struct store *s)
{
	struct slice stored = SLICE_EMPTY;
	struct cursor c;

	store_get(s, STORE_KEY_WITHOUT, &stored);
	c = cursor_of(stored);
	return stored.len ? (uint32_t)cursor_uint(&c, stored.len) : 0;
}

enum err install_profile(const struct install_place *place, struct slice upp,
			 uint8_t iccid[static 10], struct wbuf *report)
{
	struct install in = {.txn = place->txn, .number = place->number};
	struct profile_sink sink = sink_of(&in);
	enum err e;

	sink.without = place->without;
	e = profile_interpret(upp, &sink, report, NULL);
	if (!e)
		e = put_files(&in);
	if (!e)
		memcpy(iccid, in.iccid, sizeof(in.iccid));
	staging_free(&in.files);
	return in.failed ? in.failed : e;
}

enum err install_patch(const struct store *s, const struct install_place *place,
		       const struct install_opened *opened)
{
	struct install in = {.store = s, .txn = place->txn, .number = place->number};
	struct profile_sink sink = sink_of(&in);
	enum err e;

	sink.without = place->without;
	sink.derived_k = opened->derived_k;
	in.again = opened->again;
	e = profile_interpret_patch(opened->elements, &sink);
	if (!e && !in.has_aka) /* without a key there is no second subscription */
		e = ERR_VALUE;
	if (!e)
		e = put_files(&in);
	staging_free(&in.files);
	return in.failed ? in.failed : e;
}
