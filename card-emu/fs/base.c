#include "card-emu/fs/base.h"

#include <string.h>

#include "card-emu/fs/fs.h"
#include "lib/uicc/fid.h"

#define ARR_REC_LEN 32
#define DIR_REC_LEN 38
#define CONTENT_MAX 256

/* The records of EF.ARR, TS 102 221 9.2.7: who may read, who may write. */
enum rule { RULE_OPEN = 1, RULE_PIN = 2, RULE_PIN_BOTH = 3 };
static const char *const rules[] = {
	/* always; ADM1 */
	"8001019000 80011AA40683010A950108",
	/* PIN1; ADM1 */
	"800101A406830101950108 80011AA40683010A950108",
	/* PIN1; PIN1 */
	"800103A406830101950108 800118A40683010A950108",
};

struct base_file {
	const char *path; /* with the FID of the file itself at the end */
	enum uicc_structure kind;
	uint8_t sfi;
	enum rule rule;
	uint8_t record_len, records;
	uint16_t size;
	const char *content; /* hex; the rest is FF */
};

/* TS 102 221 13 */
static const struct base_file euicc_files[] = {
	{FS_PATH_MF, UICC_DF, 0, RULE_OPEN, 0, 0, 0, ""},
	{"3F002F05", UICC_TRANSPARENT, 5, RULE_OPEN, 0, 0, 2, "656E"},
};

/* What a row says; content, if given, in place of the row's. */
static enum err put_file(struct store_txn *t, unsigned n, const struct base_file *row,
			 struct slice content)
{
	const uint8_t reference[] = {UICC_FCP_ARR_REFERENCE, 0x03, FID_ARR_MF >> 8,
				     FID_ARR_MF & 0xFF, (uint8_t)row->rule};
	uint8_t mem[CONTENT_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct fs_file f = {.kind = row->kind,
			    .descriptor = (uint8_t)(UICC_SHAREABLE | row->kind),
			    .lcsi = UICC_LCSI_ACTIVATED,
			    .sfi = row->sfi,
			    .record_len = row->record_len,
			    .records = row->records,
			    .security = SLICE_OF(reference)};
	uint8_t fid[2];
	enum err e = hex_decode_exact(row->path + strlen(row->path) - 4, fid, sizeof(fid));

	if (!e)
		e = hex_decode(content.len ? "" : row->content, &w);
	if (e)
		return e;
	wbuf_put(&w, content);
	if (w.len < row->size)
		wbuf_fill(&w, 0xFF, row->size - w.len);
	f.fid = (uint16_t)(fid[0] << 8 | fid[1]);
	f.content = wbuf_slice(&w);
	e = wbuf_done(&w);
	return e ? e : fs_put(t, n, row->path, &f);
}

static enum err put_table(struct store_txn *t, unsigned n, const struct base_file *rows,
			  size_t count)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < count; i++)
		e = put_file(t, n, &rows[i], SLICE_EMPTY);
	return e;
}

static enum err put_arr(struct store_txn *t, unsigned n)
{
	static const struct base_file row = {"3F002F06",  UICC_LINEAR,	    6, RULE_OPEN,
					     ARR_REC_LEN, ARRAY_LEN(rules), 0, ""};
	uint8_t mem[ARRAY_LEN(rules) * ARR_REC_LEN];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < ARRAY_LEN(rules); i++) {
		e = hex_decode(rules[i], &w);
		wbuf_fill(&w, 0xFF, (i + 1) * ARR_REC_LEN - w.len);
	}
	return e ? e : put_file(t, n, &row, wbuf_slice(&w));
}

enum err base_put_euicc(struct store_txn *t)
{
	static const struct base_file dir = {"3F002F00",  UICC_LINEAR, 30,	    RULE_OPEN,
					     DIR_REC_LEN, 1,	       DIR_REC_LEN, ""};
	static const struct base_file number = {
		"3F002FE2", UICC_TRANSPARENT, 2, RULE_OPEN, 0, 0, 10, ""};
	enum err e = put_table(t, 0, euicc_files, ARRAY_LEN(euicc_files));

	if (!e)
		e = put_arr(t, 0);
	if (!e)
		e = put_file(t, 0, &dir, SLICE_EMPTY);
	return e ? e : put_file(t, 0, &number, SLICE_EMPTY);
}
