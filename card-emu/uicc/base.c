#include "card-emu/uicc/base.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/uicc/fs.h"
#include "lib/tlv.h"

#define PATH_MF	    "3F00"
#define PATH_USIM   "7FF0"
#define ACTIVATED   0x05
#define ARR_REC_LEN 32
#define DIR_REC_LEN 38
#define CONTENT_MAX 256
#define PIN1	    0x01

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
	uint8_t descriptor, sfi;
	enum rule rule;
	uint8_t record_len, records;
	uint16_t size;
	const char *content; /* hex; the rest is FF */
};

#define TRANSPARENT 0x41
#define LINEAR	    0x42
#define DIRECTORY   0x78

/* TS 102 221 13 */
static const struct base_file euicc_files[] = {
	{PATH_MF, DIRECTORY, 0, RULE_OPEN, 0, 0, 0, ""},
	{"3F002F05", TRANSPARENT, 5, RULE_OPEN, 0, 0, 2, "656E"},
};

/* TS 31.102 4.2; service table: 27 GSM access, 38 GSM security context, 85 EPS mobility */
static const struct base_file usim_files[] = {
	{"7FF06F05", TRANSPARENT, 2, RULE_OPEN, 0, 0, 2, "656E"},
	{"7FF06F38", TRANSPARENT, 4, RULE_PIN, 0, 0, 13, "00000004200000000000100000"},
	{"7FF06F78", TRANSPARENT, 6, RULE_PIN, 0, 0, 2, "0001"},
	{"7FF06F08", TRANSPARENT, 8, RULE_PIN_BOTH, 0, 0, 33, "07"},
	{"7FF06F09", TRANSPARENT, 9, RULE_PIN_BOTH, 0, 0, 33, "07"},
	{"7FF06F31", TRANSPARENT, 18, RULE_PIN, 0, 0, 1, "0A"},
	{"7FF06F56", TRANSPARENT, 5, RULE_PIN, 0, 0, 1, "00"},
	{"7FF06F5B", TRANSPARENT, 15, RULE_PIN_BOTH, 0, 0, 6, "F00000F00000"},
	{"7FF06F5C", TRANSPARENT, 16, RULE_PIN, 0, 0, 3, "000000"},
	{"7FF06F73", TRANSPARENT, 12, RULE_PIN_BOTH, 0, 0, 14, "FFFFFFFFFFFFFFFFFFFF0000FF01"},
	{"7FF06F7B", TRANSPARENT, 13, RULE_PIN_BOTH, 0, 0, 12, ""},
	{"7FF06F7E", TRANSPARENT, 11, RULE_PIN_BOTH, 0, 0, 11, "FFFFFFFFFFFFFF0000FF01"},
	{"7FF06FB7", LINEAR, 1, RULE_OPEN, 4, 1, 4, "11F2FF00"},
	{"7FF06FE3", TRANSPARENT, 30, RULE_PIN_BOTH, 0, 0, 18, ""},
	{"7FF05F3B", DIRECTORY, 0, RULE_OPEN, 0, 0, 0, ""},
	{"7FF05F3B4F20", TRANSPARENT, 1, RULE_PIN_BOTH, 0, 0, 9, "FFFFFFFFFFFFFFFF07"},
	{"7FF05F3B4F52", TRANSPARENT, 2, RULE_PIN_BOTH, 0, 0, 9, "FFFFFFFFFFFFFFFF07"},
};

static const uint8_t usim_aid[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF,
				   0x49, 0xFF, 0x05, 0x89, 0x54, 0x57, 0x4B, 0x01};
static const uint8_t isdp_aid[16] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
				     0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x11, 0x00};

static enum fs_kind kind_of(uint8_t descriptor)
{
	switch (descriptor) {
	case DIRECTORY: return FS_DF;
	case LINEAR: return FS_LINEAR;
	default: return FS_TRANSPARENT;
	}
}

/* What a row says; content, if given, in place of the row's. */
static enum err put_file(struct store_txn *t, unsigned n, const struct base_file *row,
			 struct slice content)
{
	const uint8_t reference[] = {0x8B, 0x03, FS_FID_ARR >> 8, FS_FID_ARR & 0xFF,
				     (uint8_t)row->rule};
	uint8_t mem[CONTENT_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct fs_file f = {.kind = kind_of(row->descriptor),
			    .descriptor = row->descriptor,
			    .lcsi = ACTIVATED,
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
	static const struct base_file row = {"3F002F06",  LINEAR,	    6, RULE_OPEN,
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

static enum err put_mf(struct store_txn *t, unsigned n, struct slice iccid, struct slice aid)
{
	static const struct base_file dir = {"3F002F00",  LINEAR, 30,	       RULE_OPEN,
					     DIR_REC_LEN, 1,	  DIR_REC_LEN, ""};
	static const struct base_file number = {"3F002FE2", TRANSPARENT, 2,  RULE_OPEN,
						0,	    0,		 10, ""};
	uint8_t mem[DIR_REC_LEN];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	size_t mark;
	enum err e;

	if (aid.len) { /* TS 102 221 13.1: application template */
		mark = tlv_open(&w, 0x61);
		tlv_put(&w, 0x4F, aid);
		tlv_put_str(&w, 0x50, "USIM");
		tlv_close(&w, mark);
	}
	e = put_table(t, n, euicc_files, ARRAY_LEN(euicc_files));
	if (!e)
		e = put_arr(t, n);
	if (!e)
		e = put_file(t, n, &dir, wbuf_slice(&w));
	return e ? e : put_file(t, n, &number, iccid);
}

enum err base_put_euicc(struct store_txn *t)
{
	return put_mf(t, 0, SLICE_EMPTY, SLICE_EMPTY);
}

/* TS 31.102 4.2.2: length, parity, digits with the low nibble first */
static enum err put_imsi(struct store_txn *t, unsigned n, const char *imsi)
{
	static const struct base_file row = {"7FF06F07", TRANSPARENT, 7, RULE_PIN, 0, 0, 9, ""};
	size_t len = strlen(imsi);
	uint8_t mem[9];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	unsigned nibble = (unsigned)(imsi[0] - '0') << 4 | (len & 1 ? 9 : 1);

	wbuf_u8(&w, (uint8_t)(len / 2 + 1));
	wbuf_u8(&w, (uint8_t)nibble);
	for (size_t i = 1; i < len; i += 2) {
		unsigned high = i + 1 < len ? (unsigned)(imsi[i + 1] - '0') : 15;

		wbuf_u8(&w, (uint8_t)(high << 4 | (unsigned)(imsi[i] - '0')));
	}
	return put_file(t, n, &row, wbuf_slice(&w));
}

static enum err put_adf(struct store_txn *t, unsigned n, const struct base_sim *sim)
{
	static const uint8_t reference[] = {0x8B, 0x03, 0x2F, 0x06, RULE_OPEN};
	static const uint8_t pin_status[] = {0x90, 0x01, 0x80, 0x83, 0x01, PIN1};
	static const struct base_file ad = {"7FF06FAD", TRANSPARENT, 3, RULE_OPEN, 0, 0, 4, ""};
	const uint8_t mode[] = {0x00, 0x00, 0x00, sim->mnc_len};
	struct fs_file adf = {.fid = 0x7FF0,
			      .kind = FS_DF,
			      .descriptor = DIRECTORY,
			      .lcsi = ACTIVATED,
			      .security = SLICE_OF(reference),
			      .aid = SLICE_OF(usim_aid),
			      .pin_status = SLICE_OF(pin_status)};
	enum err e = fs_put(t, n, PATH_USIM, &adf);

	if (!e)
		e = put_table(t, n, usim_files, ARRAY_LEN(usim_files));
	if (!e)
		e = put_file(t, n, &ad, SLICE_OF(mode));
	return e ? e : put_imsi(t, n, sim->imsi);
}

/* SGP.22 5.5.3: StoreMetadataRequest, as if it had come with the profile */
static enum err put_metadata(struct store_txn *t, unsigned n, const struct base_sim *sim)
{
	char key[STORE_KEY_MAX + 1];
	uint8_t mem[64];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	size_t mark = tlv_open(&w, 0xBF25);
	enum err e;

	tlv_put(&w, 0x5A, SLICE_OF(sim->iccid));
	tlv_put_str(&w, 0x91, "Twinkey");
	tlv_put_str(&w, 0x92, "SIM");
	tlv_close(&w, mark);
	e = wbuf_done(&w);
	snprintf(key, sizeof(key), STORE_KEY_META, n);
	if (!e)
		store_put(t, key, wbuf_slice(&w));
	return e;
}

enum err base_put_sim(struct store_txn *t, unsigned n, const struct base_sim *sim)
{
	struct profile_record r = {.state = PROFILE_ENABLED};
	enum err e = put_mf(t, n, SLICE_OF(sim->iccid), SLICE_OF(usim_aid));

	if (!e)
		e = put_adf(t, n, sim);
	if (!e)
		e = pin_put(t, n, PIN1, &sim->pin);
	if (!e)
		e = subscription_put(t, n, 1, &sim->key, &sim->sqn);
	if (!e)
		e = put_metadata(t, n, sim);
	memcpy(r.iccid, sim->iccid, sizeof(r.iccid));
	memcpy(r.isdp_aid, isdp_aid, sizeof(r.isdp_aid));
	profile_put(t, n, &r);
	return e;
}
