#include "card-emu/apps/gsm.h"

#include <stdio.h>
#include <string.h>

#include "lib/uicc/fid.h"
#include "lib/uicc/aid.h"
#include "card-emu/apps/naa.h"
#include "card-emu/core/atr.h"
#include "card-emu/core/channel.h"
#include "card-emu/core/toolkit.h"
#include "card-emu/fs/adf.h"
#include "card-emu/fs/ef.h"
#include "card-emu/fs/files.h"
#include "card-emu/fs/pin.h"
#include "card-emu/fs/selection.h"
#include "card-emu/fs/records.h"
#include "card-emu/fs/session.h"
#include "card-emu/fs/pins.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/base/secret.h"

#define PATH_GSM	"3F007F20"
#define PATH_TELECOM	"3F007F10"
#define REF_CHV1	0x01
#define REF_CHV2	0x81
#define HEADER_DF_REST	9 /* octets of GSM specific data */
#define CHV1_DISABLED	0x80
#define CHV_INITIALISED 0x80
#define INCREASE_LEN	3

/* TS 51.011 9.3: type of file, structure of file, access conditions, file status */
enum gsm_type { GSM_TYPE_MF = 1, GSM_TYPE_DF = 2, GSM_TYPE_EF = 4 };
enum gsm_structure { GSM_TRANSPARENT = 0, GSM_LINEAR = 1, GSM_CYCLIC = 3 };
enum gsm_access { GSM_ALWAYS = 0, GSM_CHV1 = 1, GSM_CHV2 = 2, GSM_ADM = 4, GSM_NEVER = 15 };
enum gsm_status { GSM_VALID = 0x01, GSM_USABLE_WHEN_INVALID = 0x04 };
#define GSM_MAY_INCREASE 0x40 /* octet 8 of a cyclic EF */

/* TS 51.011 9.2.1, octet 14 of a directory; the supply bits are those of TS 11.12 and TS 11.18 */
enum gsm_characteristics {
	GSM_CLOCK_STOP = 0x01,
	GSM_SUPPLY_5V = 0x00,
	GSM_SUPPLY_3V = 0x10,
	GSM_SUPPLY_1V8 = 0x30,
};

/* TS 51.011 9.4 in place of TS 102 221 10.2; what is 6984 there is of a file or of a CHV */
struct sw_pair {
	uint16_t uicc, gsm;
};
static const struct sw_pair file_words[] = {
	{SW_SECURITY_STATUS, SW_GSM_ACCESS},	   {SW_NO_EF_SELECTED, SW_GSM_NO_EF},
	{SW_OUT_OF_RANGE, SW_GSM_OUT_OF_RANGE},	   {SW_RECORD_NOT_FOUND, SW_GSM_OUT_OF_RANGE},
	{SW_FILE_NOT_FOUND, SW_GSM_NOT_FOUND},	   {SW_COMMAND_INCOMPATIBLE, SW_GSM_INCONSISTENT},
	{SW_REFERENCED_DATA, SW_GSM_INVALIDATION}, {SW_MEMORY_PROBLEM, SW_GSM_MEMORY},
	{SW_WRONG_P1P2, SW_OUT_OF_RANGE},
};
static const struct sw_pair chv_words[] = {
	{SW_VERIFY_FAILED, SW_GSM_BLOCKED}, /* 63C0: no attempt is left */
	{SW_PIN_BLOCKED, SW_GSM_BLOCKED},   {SW_REFERENCED_DATA, SW_GSM_CHV_STATE},
	{SW_NOT_FOUND, SW_GSM_NO_CHV},	    {SW_CONDITIONS, SW_GSM_CHV_STATE},
	{SW_MEMORY_PROBLEM, SW_GSM_MEMORY}, {SW_WRONG_P1P2, SW_OUT_OF_RANGE},
	{SW_WRONG_DATA, SW_TECHNICAL},
};

static uint16_t in_gsm(const struct sw_pair *words, size_t n, uint16_t sw)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].uicc == sw)
			return words[i].gsm;
	}
	return sw_is(sw, SW_VERIFY_FAILED) ? SW_GSM_ACCESS : sw;
}

static bool usim_adf(const struct fs_session *fs, char path[static FS_PATH_MAX])
{
	return adf_find(fs, aid_of(AID_USIM), path);
}

/* What DF.GSM and DF.TELECOM lack is found in the USIM's ADF; a directory only from DF.GSM, which
 * stands for it. */
static bool usim_child(const struct fs_session *fs, const char *df, uint16_t fid,
		       char out[static FS_PATH_MAX])
{
	bool gsm = strcmp(df, PATH_GSM) == 0;
	char adf[FS_PATH_MAX];
	struct fs_file f;

	return (gsm || strcmp(df, PATH_TELECOM) == 0) && usim_adf(fs, adf) &&
	       fs_path_join(adf, fid, out) == ERR_OK &&
	       fs_load(fs->store, fs->profile, out, &f) == ERR_OK && (gsm || f.kind != UICC_DF);
}

static bool gsm_child(const struct fs_session *fs, const char *df, uint16_t fid,
		      char out[static FS_PATH_MAX])
{
	if (fs_path_join(df, fid, out) == ERR_OK && selection_exists(fs, out))
		return true;
	if (fid == FID_DF_GSM && strcmp(df, FS_PATH_MF) == 0)
		return usim_adf(fs, out);
	return usim_child(fs, df, fid, out);
}

static bool gsm_parent(const struct fs_session *fs, const char *df, char out[static FS_PATH_MAX])
{
	char adf[FS_PATH_MAX];

	if (!fs_path_parent(df, out))
		return false;
	if (usim_adf(fs, adf) && strcmp(out, adf) == 0 && selection_exists(fs, PATH_GSM))
		memcpy(out, PATH_GSM, sizeof(PATH_GSM));
	return true;
}

/* Where there is no DF.GSM the USIM's ADF is it. Other ADFs have no identifier. */
static uint16_t gsm_fid(const struct fs_session *fs, const struct fs_position *at, const char *df)
{
	char adf[FS_PATH_MAX];

	(void)at;
	if (usim_adf(fs, adf) && strcmp(df, adf) == 0)
		return selection_exists(fs, PATH_GSM) ? 0 : FID_DF_GSM;
	return tree_uicc.fid(fs, &(struct fs_position){0}, df);
}

static const struct tree_view tree_gsm = {gsm_child, gsm_parent, gsm_fid};

static uint8_t chv_status(const struct fs_session *fs, const char *path, uint8_t ref, bool puk)
{
	char adf[FS_PATH_MAX], df[FS_PATH_MAX];
	struct pin_record pin;
	uint8_t tries;

	if (!pin_home(fs->store, fs->profile, path, ref, df) &&
	    !(usim_adf(fs, adf) && pin_home(fs->store, fs->profile, adf, ref, df)))
		return 0;
	if (pin_load_in(fs->store, fs->profile, df, ref, &pin))
		return 0;
	tries = puk ? pin.puk_tries : pin.tries;
	secret_wipe(&pin, sizeof(pin));
	return (uint8_t)(CHV_INITIALISED | (tries & 0x0F));
}

static bool chv1_disabled(const struct fs_session *fs)
{
	struct pin_record pin;
	bool enabled;

	if (pin_load(fs->store, fs->profile, REF_CHV1, &pin))
		return true;
	enabled = pin.enabled;
	secret_wipe(&pin, sizeof(pin));
	return !enabled;
}

/* What the ATR says, in the terms of 2G. The algorithm needs no faster clock: b2 is 0. */
static uint8_t characteristics(const struct fs_session *fs)
{
	enum { CLOCK_STOP_ANY = 0xC0, CLASS_B = 0x02, CLASS_C = 0x04 };
	uint8_t octet = chv1_disabled(fs) ? CHV1_DISABLED : 0;

	if ((CARD_CLOCK_AND_CLASS & CLOCK_STOP_ANY) == CLOCK_STOP_ANY)
		octet |= GSM_CLOCK_STOP;
	if (CARD_CLOCK_AND_CLASS & CLASS_C)
		return octet | GSM_SUPPLY_1V8;
	return octet | (CARD_CLOCK_AND_CLASS & CLASS_B ? GSM_SUPPLY_3V : GSM_SUPPLY_5V);
}

struct children {
	const char *path;
	uint8_t dfs, efs;
};

static bool count_child(void *ctx, const char *key, struct slice value)
{
	struct children *c = ctx;
	const char *path = strrchr(key, '/') + 1;
	struct fs_file f;

	if (strlen(path) == strlen(c->path) + 4 && fs_decode(value, &f) == ERR_OK) {
		if (f.kind == UICC_DF)
			c->dfs++;
		else
			c->efs++;
	}
	return true;
}

/* TS 51.011 9.2.1: the answer to SELECT and STATUS for an MF or DF */
static void put_df_header(const struct fs_session *fs, const char *path, uint16_t fid,
			  struct wbuf *out)
{
	struct children c = {.path = path};
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES "%s", fs->profile, path);
	store_each(fs->store, prefix, count_child, &c);
	wbuf_u16(out, 0);
	wbuf_u16(out, 0); /* free memory: not told */
	wbuf_u16(out, fid);
	wbuf_u8(out, fid == FID_MF ? GSM_TYPE_MF : GSM_TYPE_DF);
	wbuf_fill(out, 0, 5);
	wbuf_u8(out, HEADER_DF_REST);
	wbuf_u8(out, characteristics(fs));
	wbuf_u8(out, c.dfs);
	wbuf_u8(out, c.efs);
	wbuf_u8(out, 4); /* CHVs, unblock CHVs and administrative codes */
	wbuf_u8(out, 0);
	wbuf_u8(out, chv_status(fs, path, REF_CHV1, false));
	wbuf_u8(out, chv_status(fs, path, REF_CHV1, true));
	wbuf_u8(out, chv_status(fs, path, REF_CHV2, false));
	wbuf_u8(out, chv_status(fs, path, REF_CHV2, true));
}

static uint8_t structure_of(enum uicc_structure kind)
{
	switch (kind) {
	case UICC_LINEAR: return GSM_LINEAR;
	case UICC_CYCLIC: return GSM_CYCLIC;
	default: return GSM_TRANSPARENT;
	}
}

/* TS 51.011 9.3: the level that a key reference of TS 102 221 table 9.3 has here */
static uint8_t level_of(uint8_t asks)
{
	if (asks == ACCESS_IS_ALWAYS)
		return GSM_ALWAYS;
	if (asks == ACCESS_IS_NEVER)
		return GSM_NEVER;
	if (asks <= PIN_APPL_LAST || asks == PIN_UNIVERSAL)
		return GSM_CHV1;
	if (asks > PIN_LOCAL && asks <= (PIN_LOCAL | PIN_APPL_LAST))
		return GSM_CHV2;
	if (asks >= PIN_ADM_FIRST && asks <= PIN_ADM_LAST)
		return (uint8_t)(GSM_ADM + asks - PIN_ADM_FIRST);
	return GSM_ADM;
}

static uint8_t level(const struct fs_session *fs, const char *path, const struct fs_file *f,
		     enum fs_access access)
{
	return level_of(access_asks(fs, path, f, access));
}

/* TS 51.011 9.2.1: the answer to SELECT of an EF */
static void put_ef_header(const struct fs_session *fs, const char *path, const struct fs_file *f,
			  struct wbuf *out)
{
	uint8_t add = level(fs, path, f, ACCESS_INCREASE);
	uint8_t status = f->lcsi == UICC_LCSI_DEACTIVATED ? 0 : GSM_VALID;

	if (f->special & UICC_SPECIAL_READABLE)
		status |= GSM_USABLE_WHEN_INVALID;
	wbuf_u16(out, 0);
	wbuf_u16(out, (uint16_t)f->content.len);
	wbuf_u16(out, f->fid);
	wbuf_u8(out, GSM_TYPE_EF);
	wbuf_u8(out, f->kind == UICC_CYCLIC && add != GSM_NEVER ? GSM_MAY_INCREASE : 0);
	wbuf_u8(out, (uint8_t)(level(fs, path, f, ACCESS_READ) << 4 |
			       level(fs, path, f, ACCESS_UPDATE)));
	wbuf_u8(out, (uint8_t)(add << 4));
	wbuf_u8(out, (uint8_t)(level(fs, path, f, ACCESS_ACTIVATE) << 4 |
			       level(fs, path, f, ACCESS_DEACTIVATE)));
	wbuf_u8(out, status);
	wbuf_u8(out, 2);
	wbuf_u8(out, structure_of(f->kind));
	wbuf_u8(out, (uint8_t)f->record_len);
}

static void put_header(struct app_call *call, const char *path, const struct fs_file *f)
{
	if (f->kind == UICC_DF)
		put_df_header(call->fs, path, f->aid.len ? FID_DF_GSM : f->fid, call->out);
	else
		put_ef_header(call->fs, path, f, call->out);
}

static uint16_t select_gsm(struct app_call *call)
{
	struct cursor c = cursor_of(call->apdu.data);
	struct selection p;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len != 2)
		return SW_WRONG_LENGTH | 2;
	if (!selection_find(call->fs, call->at, &tree_gsm, cursor_u16(&c), &p))
		return SW_GSM_NOT_FOUND;
	put_header(call, *p.ef ? p.ef : p.df, &p.file);
	channel_enter(call->card, call->channel, &p);
	return SW_OK;
}

static uint16_t status_gsm(struct app_call *call)
{
	const char *df = call->at->df;
	struct fs_file f;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	if (fs_load(call->fs->store, call->fs->profile, df, &f))
		return SW_TECHNICAL;
	put_header(call, df, &f);
	if (call->apdu.le < call->out->len)
		wbuf_cut(call->out, call->apdu.le);
	return SW_OK;
}

/* The command of the UICC with the same instruction. */
static uint16_t as_uicc(struct app_call *call, const struct app *app)
{
	for (size_t i = 0; i < app->command_count; i++) {
		if (command_table[app->commands[i].id].ins == call->apdu.ins)
			return app->commands[i].run(call);
	}
	return SW_INS_NOT_SUPPORTED;
}

static uint16_t file_gsm(struct app_call *call)
{
	return in_gsm(file_words, ARRAY_LEN(file_words), as_uicc(call, &app_files));
}

/* TS 51.011 9.2.3, 9.2.4: P1 is the high part of the offset, here is no SFI. */
static uint16_t binary_gsm(struct app_call *call)
{
	enum { OFFSET_P1_MAX = 0x7F };

	return call->apdu.p1 > OFFSET_P1_MAX ? SW_GSM_OUT_OF_RANGE : file_gsm(call);
}

/* TS 51.011 9.2.5, 9.2.6: P2 is the mode alone; of P1 nothing is read unless it is "absolute". */
static uint16_t record_gsm(struct app_call *call)
{
	enum { NEXT = 2, PREVIOUS = 3, ABSOLUTE = 4 };

	if (call->apdu.p2 < NEXT || call->apdu.p2 > ABSOLUTE)
		return SW_OUT_OF_RANGE;
	if (call->apdu.p2 != ABSOLUTE)
		call->apdu.p1 = 0;
	return file_gsm(call);
}

/* TS 51.011 8.7, 9.2.7 */
static uint16_t seek_gsm(struct app_call *call)
{
	enum {
		FROM_START,
		FROM_END,
		FROM_NEXT,
		FROM_PREVIOUS,
		MODE_MASK = 0x0F,
		WITH_NUMBER = 0x10
	};
	const struct apdu *a = &call->apdu;
	struct fs_position *at = call->at;
	uint8_t mode = a->p2 & MODE_MASK;
	struct ef ef;
	unsigned n;
	uint16_t sw;

	if (a->p1 || mode > FROM_PREVIOUS || a->p2 >> 4 > 1)
		return SW_OUT_OF_RANGE;
	sw = ef_open(call, 0, EF_RECORDS, ACCESS_READ, &ef);
	if (sw == SW_OK && ef.file.kind != UICC_LINEAR)
		sw = SW_COMMAND_INCOMPATIBLE;
	if (sw != SW_OK)
		return in_gsm(file_words, ARRAY_LEN(file_words), sw);
	if (a->data.len > ef.file.record_len)
		return SW_WRONG_LENGTH;
	/* without a record pointer they begin as the two others do */
	if (mode == FROM_NEXT && at->record)
		n = at->record + 1u;
	else if (mode == FROM_PREVIOUS && at->record)
		n = at->record - 1u;
	else
		n = mode == FROM_START || mode == FROM_NEXT ? 1 : ef.file.records;
	n = record_seek(&ef.file, n, mode == FROM_END || mode == FROM_PREVIOUS, a->data);
	if (!n)
		return SW_GSM_NOT_FOUND;
	at->record = (uint8_t)n;
	if (a->p2 & WITH_NUMBER)
		wbuf_u8(call->out, (uint8_t)n);
	return SW_OK;
}

/* TS 51.011 8.8, 9.2.8 */
static uint16_t increase_gsm(struct app_call *call)
{
	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len != INCREASE_LEN)
		return SW_WRONG_LENGTH | INCREASE_LEN;
	return file_gsm(call);
}

/* TS 51.011 8.14, 8.15: what is so already is a contradiction. */
static uint16_t set_state_gsm(struct app_call *call)
{
	enum fs_access access =
		call->apdu.ins == INS_ACTIVATE_FILE ? ACCESS_ACTIVATE : ACCESS_DEACTIVATE;
	struct ef ef;
	uint16_t sw;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	sw = ef_addressed(call, 0, &ef);
	if (sw == SW_OK && !access_allowed(call->fs, ef.path, &ef.file, access))
		sw = SW_SECURITY_STATUS;
	if (sw == SW_OK && (ef.file.lcsi == UICC_LCSI_DEACTIVATED) == (access == ACCESS_DEACTIVATE))
		sw = SW_REFERENCED_DATA;
	if (sw == SW_OK)
		sw = ef_set_state(call, &ef, access);
	return in_gsm(file_words, ARRAY_LEN(file_words), sw);
}

/* TS 51.011 9.2.9: P2 01 and 02; UNBLOCK CHV names CHV1 by 00. */
static uint16_t chv_gsm(struct app_call *call)
{
	uint8_t chv = call->apdu.p2;

	if (call->apdu.ins == INS_UNBLOCK_PIN && chv == 0)
		chv = 1;
	else if (call->apdu.ins == INS_UNBLOCK_PIN && chv == 1)
		chv = 0;
	if (call->apdu.p1 || (chv != 1 && chv != 2))
		return SW_OUT_OF_RANGE;
	/* 9.2.11, 9.2.12: only CHV1 is disabled and enabled */
	if (chv != 1 && (call->apdu.ins == INS_DISABLE_PIN || call->apdu.ins == INS_ENABLE_PIN))
		return SW_OUT_OF_RANGE;
	call->apdu.p2 = chv == 1 ? REF_CHV1 : REF_CHV2;
	return in_gsm(chv_words, ARRAY_LEN(chv_words), as_uicc(call, &app_pins));
}

/* TS 51.011 9.2.17: obsolete, and answered as ever */
static uint16_t sleep_gsm(struct app_call *call)
{
	return call->apdu.p1 || call->apdu.p2 ? SW_OUT_OF_RANGE : SW_OK;
}

/* TS 51.011 9.2.19 to 9.2.22: what EF.PHASE 03 announces */
static uint16_t toolkit_gsm(struct app_call *call)
{
	static const struct {
		uint8_t ins;
		uint16_t (*run)(struct app_call *call);
	} rows[] = {{INS_TERMINAL_PROFILE, terminal_profile},
		    {INS_ENVELOPE, envelope},
		    {INS_FETCH, fetch},
		    {INS_TERMINAL_RESPONSE, terminal_response}};

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].ins == call->apdu.ins) {
			uint16_t sw = rows[i].run(call);

			return sw == SW_OK ? sw : SW_TECHNICAL;
		}
	}
	return SW_INS_NOT_SUPPORTED;
}

/* TS 51.011 8.16: DF.GSM, or any directory under it */
static bool in_gsm_directory(const char *df, const char *adf)
{
	return strncmp(df, PATH_GSM, strlen(PATH_GSM)) == 0 || strncmp(df, adf, strlen(adf)) == 0;
}

/* TS 51.011 9.2.16 */
static uint16_t run_gsm_algorithm(struct app_call *call)
{
	uint8_t sres[GSM_SRES_LEN], kc[GSM_KC_LEN];
	char adf[FS_PATH_MAX];
	uint16_t sw;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len != AKA_RAND_LEN)
		return SW_WRONG_LENGTH | AKA_RAND_LEN;
	if (!usim_adf(call->fs, adf) || !in_gsm_directory(call->at->df, adf))
		return SW_GSM_INCONSISTENT;
	sw = naa_check_pin(call->fs, adf);
	if (sw != SW_OK)
		return sw == SW_SECURITY_STATUS ? SW_GSM_ACCESS : sw;
	sw = naa_gsm_algorithm(call, adf, call->apdu.data, sres, kc);
	if (sw == SW_OK) {
		wbuf_put(call->out, SLICE_OF(sres));
		wbuf_put(call->out, SLICE_OF(kc));
	}
	secret_wipe(kc, sizeof(kc));
	return in_gsm(file_words, ARRAY_LEN(file_words), sw);
}

static const struct app_command commands[] = {
	{COMMAND_GSM_SELECT, select_gsm},
	{COMMAND_GSM_STATUS, status_gsm},
	{COMMAND_GSM_READ_BINARY, binary_gsm},
	{COMMAND_GSM_UPDATE_BINARY, binary_gsm},
	{COMMAND_GSM_READ_RECORD, record_gsm},
	{COMMAND_GSM_UPDATE_RECORD, record_gsm},
	{COMMAND_GSM_SEEK, seek_gsm},
	{COMMAND_GSM_INCREASE, increase_gsm},
	{COMMAND_GSM_VERIFY_CHV, chv_gsm},
	{COMMAND_GSM_CHANGE_CHV, chv_gsm},
	{COMMAND_GSM_DISABLE_CHV, chv_gsm},
	{COMMAND_GSM_ENABLE_CHV, chv_gsm},
	{COMMAND_GSM_UNBLOCK_CHV, chv_gsm},
	{COMMAND_GSM_INVALIDATE, set_state_gsm},
	{COMMAND_GSM_REHABILITATE, set_state_gsm},
	{COMMAND_GSM_RUN_ALGORITHM, run_gsm_algorithm},
	{COMMAND_GSM_SLEEP, sleep_gsm},
	{COMMAND_GSM_TERMINAL_PROFILE, toolkit_gsm},
	{COMMAND_GSM_ENVELOPE, toolkit_gsm},
	{COMMAND_GSM_FETCH, toolkit_gsm},
	{COMMAND_GSM_TERMINAL_RESPONSE, toolkit_gsm},
};

const struct app app_gsm = {
	.name = "SIM",
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
