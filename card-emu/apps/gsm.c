/* gsm: the 2G view of the card, class A0, 3GPP TS 51.011 9. DF.GSM is the USIM's ADF in a profile
 * that has none; what DF.GSM or DF.TELECOM lacks is the USIM's file of that identifier. */
#include <stdio.h>
#include <string.h>

#include "card-emu/apps/usim.h"
#include "card-emu/uicc/internal.h"
#include "card-emu/uicc/pin.h"

#define CLASS_GSM	0xA0
#define FID_GSM		0x7F20
#define PATH_MF		"3F00"
#define PATH_GSM	"3F007F20"
#define PATH_TELECOM	"3F007F10"
#define REF_CHV1	0x01
#define REF_CHV2	0x81
#define HEADER_DF_REST	9 /* octets of GSM specific data */
#define CHV1_DISABLED	0x80
#define CHV_INITIALISED 0x80

/* TS 51.011 9.3: type of file, structure of file, access conditions */
enum gsm_type { GSM_TYPE_MF = 1, GSM_TYPE_DF = 2, GSM_TYPE_EF = 4 };
enum gsm_structure { GSM_TRANSPARENT = 0, GSM_LINEAR = 1, GSM_CYCLIC = 3 };
enum gsm_access { GSM_ALWAYS = 0, GSM_CHV1 = 1, GSM_ADM = 4 };

/* TS 51.011 9.4 in place of TS 102 221 10.2 */
static const struct {
	uint16_t uicc, gsm;
} status_words[] = {
	{SW_SECURITY_STATUS, SW_GSM_ACCESS},	{SW_NO_EF_SELECTED, SW_GSM_NO_EF},
	{SW_OUT_OF_RANGE, SW_GSM_OUT_OF_RANGE}, {SW_RECORD_NOT_FOUND, SW_GSM_OUT_OF_RANGE},
	{SW_FILE_NOT_FOUND, SW_GSM_NOT_FOUND},	{SW_COMMAND_INCOMPATIBLE, SW_GSM_INCONSISTENT},
	{SW_PIN_BLOCKED, SW_GSM_BLOCKED},	{SW_REFERENCED_DATA, SW_GSM_CHV_STATE},
	{SW_NOT_FOUND, SW_GSM_CHV_STATE},	{SW_MEMORY_PROBLEM, SW_TECHNICAL},
	{SW_WRONG_P1P2, SW_OUT_OF_RANGE},	{SW_WRONG_DATA, SW_OUT_OF_RANGE},
};

static uint16_t in_gsm(uint16_t sw)
{
	if ((sw & 0xFFF0) == SW_VERIFY_FAILED)
		return SW_GSM_ACCESS;
	for (size_t i = 0; i < ARRAY_LEN(status_words); i++) {
		if (status_words[i].uicc == sw)
			return status_words[i].gsm;
	}
	return sw;
}

static bool usim_adf(struct card *card, char path[static FS_PATH_MAX])
{
	static const uint8_t usim[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};

	return select_find_adf(card, SLICE_OF(usim), 0, path);
}

static bool exists(struct card *card, const char *path)
{
	struct fs_file f;

	return fs_load(card->store, card->profile, path, &f) == ERR_OK;
}

static bool find_file(struct app_call *call, uint16_t fid, char path[static FS_PATH_MAX])
{
	struct card *card = call->card;
	struct channel *ch = call->channel;
	char adf[FS_PATH_MAX];
	bool has_adf = usim_adf(card, adf);

	if (fid == FID_GSM && !exists(card, PATH_GSM)) {
		memcpy(path, adf, sizeof(adf));
		return has_adf;
	}
	if (select_find(card, ch, fid, path) == ERR_OK)
		return true;
	if (has_adf && (strcmp(ch->df, PATH_GSM) == 0 || strcmp(ch->df, PATH_TELECOM) == 0) &&
	    fs_path_join(adf, fid, path) == ERR_OK && exists(card, path))
		return true;
	/* DF.GSM lies under the MF: what stands beside it is found from it (TS 51.011 6.5). */
	return has_adf && strcmp(ch->df, adf) == 0 && fs_path_join(PATH_MF, fid, path) == ERR_OK &&
	       exists(card, path);
}

static uint8_t chv_status(struct card *card, const char *path, uint8_t ref, bool puk)
{
	char adf[FS_PATH_MAX], df[FS_PATH_MAX];
	struct pin_record pin;
	uint8_t tries;

	if (!pin_home(card->store, card->profile, path, ref, df) &&
	    !(usim_adf(card, adf) && pin_home(card->store, card->profile, adf, ref, df)))
		return 0;
	if (pin_load_in(card->store, card->profile, df, ref, &pin))
		return 0;
	tries = puk ? pin.puk_tries : pin.tries;
	secret_wipe(&pin, sizeof(pin));
	return (uint8_t)(CHV_INITIALISED | (tries & 0x0F));
}

static bool chv1_disabled(struct card *card)
{
	struct pin_record pin;
	bool enabled;

	if (pin_load(card->store, card->profile, REF_CHV1, &pin))
		return true;
	enabled = pin.enabled;
	secret_wipe(&pin, sizeof(pin));
	return !enabled;
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
		if (f.kind == FS_DF)
			c->dfs++;
		else
			c->efs++;
	}
	return true;
}

/* TS 51.011 9.2.1: the answer to SELECT and STATUS for an MF or DF */
static void put_df_header(struct card *card, const char *path, uint16_t fid, struct wbuf *out)
{
	struct children c = {.path = path};
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES "%s", card->profile, path);
	store_each(card->store, prefix, count_child, &c);
	wbuf_u16(out, 0);
	wbuf_u16(out, 0); /* free memory: not told */
	wbuf_u16(out, fid);
	wbuf_u8(out, fid == FS_FID_MF ? GSM_TYPE_MF : GSM_TYPE_DF);
	wbuf_fill(out, 0, 5);
	wbuf_u8(out, HEADER_DF_REST);
	wbuf_u8(out, chv1_disabled(card) ? CHV1_DISABLED : 0);
	wbuf_u8(out, c.dfs);
	wbuf_u8(out, c.efs);
	wbuf_u8(out, 4); /* CHVs, unblock CHVs and administrative codes */
	wbuf_u8(out, 0);
	wbuf_u8(out, chv_status(card, path, REF_CHV1, false));
	wbuf_u8(out, chv_status(card, path, REF_CHV1, true));
	wbuf_u8(out, chv_status(card, path, REF_CHV2, false));
	wbuf_u8(out, chv_status(card, path, REF_CHV2, true));
}

static uint8_t structure_of(enum fs_kind kind)
{
	switch (kind) {
	case FS_LINEAR: return GSM_LINEAR;
	case FS_CYCLIC: return GSM_CYCLIC;
	default: return GSM_TRANSPARENT;
	}
}

static void put_ef_header(struct card *card, const char *path, const struct fs_file *f,
			  struct wbuf *out)
{
	uint8_t read = access_allowed(card, path, f, ACCESS_READ) ? GSM_ALWAYS : GSM_CHV1;
	uint8_t update = access_allowed(card, path, f, ACCESS_UPDATE) ? GSM_ALWAYS : GSM_ADM;

	wbuf_u16(out, 0);
	wbuf_u16(out, (uint16_t)f->content.len);
	wbuf_u16(out, f->fid);
	wbuf_u8(out, GSM_TYPE_EF);
	wbuf_u8(out, 0);
	wbuf_u8(out, (uint8_t)(read << 4 | update));
	wbuf_u8(out, GSM_ADM << 4);
	wbuf_u8(out, GSM_ADM << 4 | GSM_ADM);
	wbuf_u8(out, f->lcsi & 1); /* not invalidated */
	wbuf_u8(out, 2);
	wbuf_u8(out, structure_of(f->kind));
	wbuf_u8(out, (uint8_t)f->record_len);
}

static uint16_t put_header(struct app_call *call, const char *path)
{
	struct fs_file f;

	if (fs_load(call->card->store, call->card->profile, path, &f))
		return SW_TECHNICAL;
	if (f.kind == FS_DF)
		put_df_header(call->card, path, f.aid.len ? FID_GSM : f.fid, call->out);
	else
		put_ef_header(call->card, path, &f, call->out);
	return SW_OK;
}

static uint16_t select_gsm(struct app_call *call)
{
	struct cursor c = cursor_of(call->apdu.data);
	char path[FS_PATH_MAX];

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len != 2)
		return SW_WRONG_LENGTH;
	if (!find_file(call, cursor_u16(&c), path) || select_path(call->card, call->channel, path))
		return SW_GSM_NOT_FOUND;
	return put_header(call, path);
}

static uint16_t status_gsm(struct app_call *call)
{
	uint16_t sw;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	sw = put_header(call, call->channel->df);
	if (sw == SW_OK && call->apdu.le < call->out->len)
		wbuf_cut(call->out, call->apdu.le);
	return sw;
}

/* The same command of the UICC, its status word in the terms of 2G. */
static uint16_t as_uicc(struct app_call *call, const struct app_command *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].ins == call->apdu.ins)
			return in_gsm(rows[i].run(call));
	}
	return SW_INS_NOT_SUPPORTED;
}

static uint16_t file_gsm(struct app_call *call)
{
	return as_uicc(call, app_files.commands, app_files.command_count);
}

/* TS 51.011 9.2.9: P2 01 and 02; UNBLOCK CHV names CHV1 by 00. */
static uint16_t chv_gsm(struct app_call *call)
{
	uint8_t chv = call->apdu.p2;

	if (call->apdu.ins == INS_UNBLOCK_PIN && chv == 0)
		chv = 1;
	else if (call->apdu.ins == INS_UNBLOCK_PIN && chv == 1)
		chv = 0;
	if (chv != 1 && chv != 2)
		return SW_OUT_OF_RANGE;
	call->apdu.p2 = chv == 1 ? REF_CHV1 : REF_CHV2;
	return as_uicc(call, pin_commands, pin_command_count);
}

/* TS 51.011 9.2.16 */
static uint16_t run_gsm_algorithm(struct app_call *call)
{
	uint8_t sres[GSM_SRES_LEN], kc[GSM_KC_LEN];
	char adf[FS_PATH_MAX];
	const char *df = call->channel->df;
	uint16_t sw;

	if (call->apdu.p1 || call->apdu.p2)
		return SW_OUT_OF_RANGE;
	if (call->apdu.data.len != AKA_RAND_LEN)
		return SW_WRONG_LENGTH;
	if (!usim_adf(call->card, adf) || (strcmp(df, PATH_GSM) != 0 && strcmp(df, adf) != 0))
		return SW_GSM_INCONSISTENT;
	sw = usim_check_pin(call->card, adf);
	if (sw != SW_OK)
		return sw == SW_SECURITY_STATUS ? SW_GSM_ACCESS : sw;
	sw = usim_gsm_algorithm(call->card, adf, call->apdu.data, sres, kc);
	if (sw == SW_OK) {
		wbuf_put(call->out, SLICE_OF(sres));
		wbuf_put(call->out, SLICE_OF(kc));
	}
	secret_wipe(kc, sizeof(kc));
	return in_gsm(sw);
}

static struct slice no_aid(struct card *card)
{
	(void)card;
	return SLICE_EMPTY;
}

#define ROW(name, ins, kind, run, clause)                                                          \
	{                                                                                          \
		name, CLASS_GSM, 0xFF, ins, kind, run, clause                                      \
	}
static const struct app_command commands[] = {
	ROW("SELECT", INS_SELECT, APP_CASE_4, select_gsm, "TS 51.011 9.2.1"),
	ROW("STATUS", INS_STATUS, APP_CASE_2, status_gsm, "TS 51.011 9.2.2"),
	ROW("READ BINARY", INS_READ_BINARY, APP_CASE_2, file_gsm, "TS 51.011 9.2.3"),
	ROW("UPDATE BINARY", INS_UPDATE_BINARY, APP_CASE_3, file_gsm, "TS 51.011 9.2.4"),
	ROW("READ RECORD", INS_READ_RECORD, APP_CASE_2, file_gsm, "TS 51.011 9.2.5"),
	ROW("UPDATE RECORD", INS_UPDATE_RECORD, APP_CASE_3, file_gsm, "TS 51.011 9.2.6"),
	ROW("VERIFY CHV", INS_VERIFY_PIN, APP_CASE_3, chv_gsm, "TS 51.011 9.2.9"),
	ROW("CHANGE CHV", INS_CHANGE_PIN, APP_CASE_3, chv_gsm, "TS 51.011 9.2.10"),
	ROW("DISABLE CHV", INS_DISABLE_PIN, APP_CASE_3, chv_gsm, "TS 51.011 9.2.11"),
	ROW("ENABLE CHV", INS_ENABLE_PIN, APP_CASE_3, chv_gsm, "TS 51.011 9.2.12"),
	ROW("UNBLOCK CHV", INS_UNBLOCK_PIN, APP_CASE_3, chv_gsm, "TS 51.011 9.2.13"),
	ROW("RUN GSM ALGORITHM", INS_AUTHENTICATE, APP_CASE_4, run_gsm_algorithm,
	    "TS 51.011 9.2.16"),
};

const struct app app_gsm = {
	.name = "SIM",
	.aid = no_aid,
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
};
