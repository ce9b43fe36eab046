#include "tests/unit/profile/upp_expect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "tests/unit/test.h"

enum { MF = 0xB0, TELECOM = 0xB2, USIM = 0xB3, OPT_USIM, ISIM, OPT_ISIM, GSM_ACCESS = 0xB8 };
enum { CSIM = 0xB9, OPT_CSIM, DF_5GS = 0xBC, DF_SAIP, GFM = 0xA1 };
enum { FCP_SIZE = 0x80, FCP_DESCRIPTOR = 0x82, FCP_FID, FCP_AID, FCP_SFI = 0x88, FCP_RULE = 0x8B };
enum { FCP_SPECIAL = 0xC0, FCP_FILL, FCP_REPEAT, FCP_REFS = 0xC6, FCP_LINK };

struct field {
	uint32_t tag;
	struct slice value;
};
struct fcp {
	struct field fields[16];
	size_t count;
};

/* TS 31.102, TS 31.103, TS 51.011, C.S0065: sizes of the files for which no package gives one */
static const struct {
	uint8_t element;
	uint16_t fid, size;
} sizes[] = {
	{MF, 0x2F08, 5},	 {MF, 0x2FE2, 10},	  {TELECOM, 0x4F22, 4},
	{TELECOM, 0x4F23, 2},	 {TELECOM, 0x4F24, 2},	  {USIM, 0x6F07, 9},
	{USIM, 0x6F08, 33},	 {USIM, 0x6F09, 33},	  {USIM, 0x6F31, 1},
	{USIM, 0x6F43, 2},	 {USIM, 0x6F46, 17},	  {USIM, 0x6F56, 1},
	{USIM, 0x6F5B, 6},	 {USIM, 0x6F5C, 3},	  {USIM, 0x6F73, 14},
	{USIM, 0x6F78, 2},	 {USIM, 0x6F7B, 12},	  {USIM, 0x6F7E, 11},
	{USIM, 0x6FAD, 4},	 {USIM, 0x6FE3, 18},	  {OPT_USIM, 0x6F05, 6},
	{OPT_USIM, 0x6F2C, 16},	 {OPT_USIM, 0x6F37, 3},	  {OPT_USIM, 0x6F41, 5},
	{OPT_USIM, 0x6F4F, 75},	 {OPT_USIM, 0x6FB2, 7},	  {OPT_USIM, 0x6FB4, 7},
	{OPT_USIM, 0x6FB5, 2},	 {OPT_USIM, 0x6FB6, 1},	  {OPT_USIM, 0x6FC3, 4},
	{OPT_USIM, 0x6FCF, 130}, {OPT_USIM, 0x6FDB, 1},	  {OPT_USIM, 0x6FDC, 1},
	{ISIM, 0x6FAD, 3},	 {GSM_ACCESS, 0x4F20, 9}, {GSM_ACCESS, 0x4F52, 9},
	{GSM_ACCESS, 0x4F64, 1}, {CSIM, 0x6F21, 10},	  {CSIM, 0x6F22, 10},
	{CSIM, 0x6F23, 10},	 {CSIM, 0x6F24, 16},	  {CSIM, 0x6F25, 2},
	{CSIM, 0x6F26, 1},	 {CSIM, 0x6F27, 7},	  {CSIM, 0x6F2A, 7},
	{CSIM, 0x6F2B, 8},	 {CSIM, 0x6F2C, 1},	  {CSIM, 0x6F2D, 1},
	{CSIM, 0x6F2F, 7},	 {CSIM, 0x6F33, 3},	  {CSIM, 0x6F34, 1},
	{CSIM, 0x6F35, 1},	 {CSIM, 0x6F36, 17},	  {CSIM, 0x6F37, 1},
	{CSIM, 0x6F38, 8},	 {CSIM, 0x6F42, 1},	  {CSIM, 0x6F43, 3},
	{CSIM, 0x6F45, 4},	 {CSIM, 0x6F46, 1},	  {CSIM, 0x6F55, 3},
	{OPT_CSIM, 0x6F2E, 1},	 {OPT_CSIM, 0x6F41, 35},  {OPT_CSIM, 0x6F48, 1},
	{OPT_CSIM, 0x6F49, 1},	 {OPT_CSIM, 0x6F4A, 4},	  {OPT_CSIM, 0x6F4B, 5},
	{OPT_CSIM, 0x6F4E, 1},	 {OPT_CSIM, 0x6F56, 3},	  {OPT_CSIM, 0x6F58, 1},
	{OPT_CSIM, 0x6F59, 1},	 {OPT_CSIM, 0x6F6B, 32},  {OPT_CSIM, 0x6F74, 7},
	{OPT_CSIM, 0x6F81, 126}, {DF_5GS, 0x4F01, 20},	  {DF_5GS, 0x4F02, 20},
	{DF_5GS, 0x4F06, 4},	 {DF_5GS, 0x4F0A, 4},
};

struct reading {
	struct expect *x;
	uint32_t element;
	char usim[8], isim[8], csim[8]; /* the ADFs so far */
	char base[EXPECT_PATH_MAX];	/* the first folder of the element */
	char df[EXPECT_PATH_MAX];	/* where the next file lies, or the file that is filled */
	struct expect_file *file;	/* the file that is being made, or filled */
	size_t at;
};

static bool get(const struct fcp *f, uint32_t tag, struct slice *v)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->fields[i].tag == tag) {
			*v = f->fields[i].value;
			return true;
		}
	}
	return false;
}

static void hex_path(struct slice v, char *out, size_t cap)
{
	char hex[33] = "";

	ASSERT_ERR(hex_encode(v, hex, sizeof(hex)), ERR_OK);
	for (char *p = hex; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	snprintf(out, cap, "%s", hex);
}

static bool is_adf(const struct reading *r, const char *path)
{
	return (*r->usim && strncmp(path, r->usim, 4) == 0) ||
	       (*r->isim && strncmp(path, r->isim, 4) == 0) ||
	       (*r->csim && strncmp(path, r->csim, 4) == 0);
}

static void full_path(const struct reading *r, struct slice v, char out[static EXPECT_PATH_MAX])
{
	char path[EXPECT_PATH_MAX];

	hex_path(v, path, sizeof(path));
	snprintf(out, EXPECT_PATH_MAX, "%s%.32s", is_adf(r, path) ? "" : "3F00", path);
}

static void begin_element(struct reading *r, uint32_t element)
{
	r->element = element;
	r->file = NULL;
	r->base[0] = 0;
	switch (element) {
	case OPT_USIM:
	case GSM_ACCESS:
	case DF_5GS:
	case DF_SAIP: snprintf(r->df, sizeof(r->df), "%s", r->usim); break;
	case OPT_ISIM: snprintf(r->df, sizeof(r->df), "%s", r->isim); break;
	case OPT_CSIM: snprintf(r->df, sizeof(r->df), "%s", r->csim); break;
	case GFM: break; /* goes on where it is */
	default: snprintf(r->df, sizeof(r->df), "3F00");
	}
}

static size_t size_of(struct reading *r, const struct fcp *f, uint16_t fid)
{
	struct slice v;
	size_t n = 0;

	if (get(f, FCP_SIZE, &v)) {
		for (size_t i = 0; i < v.len; i++)
			n = n << 8 | slice_at(v, i);
		return n;
	}
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		if (sizes[i].element == r->element && sizes[i].fid == fid)
			return sizes[i].size;
	}
	r->x->unknown_sizes++;
	return 0;
}

static void place_file(struct reading *r, struct expect_file *x, bool folder)
{
	char fid[5], *adf = r->element == USIM ? r->usim : r->element == ISIM ? r->isim : r->csim;
	const char *parent = r->df;

	snprintf(fid, sizeof(fid), "%04X", x->fid);
	if (x->aid.len) {
		snprintf(adf, 8, "%s", fid);
		parent = "";
	} else if (x->fid == 0x3F00) {
		parent = "";
	} else if (folder && r->element != GFM && *r->base) {
		parent = r->base;
	}
	snprintf(x->path, sizeof(x->path), "%.32s%s", parent, fid);
	if (!folder)
		return;
	snprintf(r->df, sizeof(r->df), "%s", x->path);
	if (!*r->base)
		snprintf(r->base, sizeof(r->base), "%s", x->path);
}

static void fill(struct expect_file *x, const struct fcp *f)
{
	struct slice fill_pattern = SLICE_EMPTY, repeat = SLICE_EMPTY;
	size_t part = x->record_len ? x->record_len : x->size; /* a pattern is a record's */

	get(f, FCP_FILL, &fill_pattern);
	get(f, FCP_REPEAT, &repeat);
	for (size_t i = 0; i < x->size; i++) {
		size_t n = i % part;

		if (repeat.len)
			x->content[i] = slice_at(repeat, n % repeat.len);
		else if (fill_pattern.len)
			x->content[i] = slice_at(fill_pattern,
						 n < fill_pattern.len ? n : fill_pattern.len - 1);
		else
			x->content[i] = 0xFF;
	}
}

static void on_fcp(struct reading *r, const struct fcp *f)
{
	struct expect_file *x = &r->x->files[r->x->count];
	struct slice v = SLICE_EMPTY, descriptor = SLICE_EMPTY;
	bool folder;

	CU_ASSERT_FATAL(r->x->count < EXPECT_FILES_MAX);
	*x = (struct expect_file){.fid = 0x3F00};
	if (get(f, FCP_FID, &v))
		x->fid = (uint16_t)(slice_at(v, 0) << 8 | slice_at(v, 1));
	folder = get(f, FCP_REFS, &x->refs);
	get(f, FCP_DESCRIPTOR, &descriptor);
	x->descriptor = folder ? 0x78 : slice_at(descriptor, 0);
	x->record_len = (uint16_t)(slice_at(descriptor, 2) << 8 | slice_at(descriptor, 3));
	get(f, FCP_AID, &x->aid);
	get(f, FCP_RULE, &x->rule);
	get(f, FCP_SPECIAL, &x->special);
	x->sfi_given = get(f, FCP_SFI, &x->sfi);
	place_file(r, x, folder);
	if (get(f, FCP_LINK, &v) && v.len)
		full_path(r, v, x->link);
	else if (!folder)
		x->size = size_of(r, f, x->fid);
	CU_ASSERT_FATAL(x->size <= EXPECT_SIZE_MAX);
	if (x->descriptor == 0x79)
		x->size = 0; /* empty: its size is a limit */
	fill(x, f);
	r->file = x;
	r->at = 0;
	r->x->count++;
}

static void on_path(struct reading *r, struct slice v)
{
	struct expect_file *x = NULL;

	full_path(r, v, r->df);
	for (size_t i = 0; i < r->x->count; i++) {
		if (strcmp(r->x->files[i].path, r->df) == 0 && r->x->files[i].descriptor != 0x78)
			x = &r->x->files[i];
	}
	r->file = x;
	r->at = 0;
}

static void on_content(struct reading *r, struct slice v)
{
	CU_ASSERT_FATAL(r->file && r->at + v.len <= r->file->size);
	if (v.len)
		memcpy(r->file->content + r->at, v.ptr, v.len);
	r->at += v.len;
}

/* What a link shows is that of its target. */
static struct expect *finish(struct expect *x)
{
	for (size_t i = 0; i < x->count; i++) {
		struct expect_file *f = &x->files[i];
		const struct expect_file *target = *f->link ? expect_find(x, f->link) : NULL;

		CU_ASSERT(!*f->link || target);
		if (!target)
			continue;
		f->size = target->size;
		f->record_len = target->record_len;
		memcpy(f->content, target->content, sizeof(f->content));
	}
	return x;
}

const struct expect_file *expect_find(const struct expect *x, const char *path)
{
	for (size_t i = 0; i < x->count; i++) {
		if (strcmp(x->files[i].path, path) == 0)
			return &x->files[i];
	}
	return NULL;
}

static struct fcp fcp_of(struct slice der)
{
	struct cursor c = cursor_of(der);
	struct fcp f = {0};
	struct tlv t;

	while (tlv_next(&c, &t)) {
		struct cursor inner = cursor_of(t.value);

		if (t.tag != 0xA5) {
			f.fields[f.count++] = (struct field){t.tag, t.value};
			continue;
		}
		while (tlv_next(&inner, &t))
			f.fields[f.count++] = (struct field){t.tag, t.value};
	}
	return f;
}

static void on_step(struct reading *r, const struct tlv *step, bool generic)
{
	struct fcp f;
	uint64_t n = 0;

	if (step->tag == (generic ? 0x62u : 0xA1u)) {
		f = fcp_of(step->value);
		on_fcp(r, &f);
	} else if (generic && step->tag == 0x80) {
		on_path(r, step->value);
	} else if (step->tag == (generic ? 0x02u : 0x82u)) {
		ASSERT_ERR(tlv_uint(step->value, &n), ERR_OK);
		r->at += n;
	} else if (step->tag == (generic ? 0x81u : 0x83u)) {
		on_content(r, step->value);
	} else {
		CU_FAIL("a step that is not known");
	}
}

static void walk_steps(struct reading *r, struct slice steps, bool generic)
{
	struct cursor c = cursor_of(steps);
	struct tlv step;

	while (tlv_next(&c, &step))
		on_step(r, &step, generic);
}

struct expect *expect_from_der(struct slice package)
{
	struct reading r = {.x = calloc(1, sizeof(*r.x)), .df = "3F00"};
	struct cursor c = cursor_of(package);
	struct tlv pe, component, command;

	CU_ASSERT_FATAL(r.x != NULL);
	while (tlv_next(&c, &pe)) {
		struct cursor inner = cursor_of(pe.value);

		if (pe.tag != GFM && (pe.tag < MF || pe.tag > DF_SAIP))
			continue;
		begin_element(&r, pe.tag);
		tlv_next(&inner, &component); /* PEHeader */
		if (pe.tag != GFM)
			tlv_next(&inner, &component); /* templateID */
		while (tlv_next(&inner, &component)) {
			struct cursor commands = cursor_of(component.value);

			if (pe.tag != GFM)
				walk_steps(&r, component.value, false);
			while (pe.tag == GFM && tlv_next(&commands, &command))
				walk_steps(&r, command.value, true);
		}
	}
	return finish(r.x);
}

static uint32_t element_named(const char *name)
{
	static const struct {
		const char *name;
		uint32_t tag;
	} names[] = {{"mf", MF},
		     {"telecom", TELECOM},
		     {"usim", USIM},
		     {"opt-usim", OPT_USIM},
		     {"isim", ISIM},
		     {"opt-isim", OPT_ISIM},
		     {"csim", CSIM},
		     {"opt-csim", OPT_CSIM},
		     {"gsm-access", GSM_ACCESS},
		     {"df-5gs", DF_5GS},
		     {"df-saip", DF_SAIP},
		     {"genericFileManagement", GFM}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].tag;
	}
	return 0;
}

static uint32_t field_named(const char *name)
{
	static const struct {
		const char *name;
		uint32_t tag;
	} names[] = {{"fileDescriptor", FCP_DESCRIPTOR},
		     {"fileID", FCP_FID},
		     {"dfName", FCP_AID},
		     {"securityAttributesReferenced", FCP_RULE},
		     {"efFileSize", FCP_SIZE},
		     {"pinStatusTemplateDO", FCP_REFS},
		     {"shortEFID", FCP_SFI},
		     {"specialFileInformation", FCP_SPECIAL},
		     {"fillPattern", FCP_FILL},
		     {"repeatPattern", FCP_REPEAT},
		     {"linkPath", FCP_LINK}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].tag;
	}
	return 0;
}

/* 'AB12'H somewhere in the line */
static struct slice quoted(struct expect *x, const char *line)
{
	const char *open = strchr(line, '\''), *close = open ? strchr(open + 1, '\'') : NULL;
	struct wbuf w = wbuf_init(x->octets + x->octets_used, sizeof(x->octets) - x->octets_used);
	char hex[2 * EXPECT_SIZE_MAX];

	if (!close)
		return SLICE_EMPTY;
	snprintf(hex, sizeof(hex), "%.*s", (int)(close - open - 1), open + 1);
	CU_ASSERT_FATAL(hex_decode(hex, &w) == ERR_OK);
	x->octets_used += w.len;
	return wbuf_slice(&w);
}

static void read_line(struct reading *r, const char *line, struct fcp *f, unsigned *depth)
{
	char word[64] = "", name[64] = "";
	bool opens = strchr(line, '{') != NULL && strchr(line, '}') == NULL;

	sscanf(line, " %63s", word);
	if (*depth) { /* in an Fcp */
		if (field_named(word) && !opens)
			f->fields[f->count++] =
				(struct field){field_named(word), quoted(r->x, line)};
		*depth += opens;
		if (*word == '}' && --*depth == 0)
			on_fcp(r, f);
	} else if (sscanf(line, "value%*u ProfileElement ::= %63s", name) == 1) {
		begin_element(r, element_named(name));
	} else if (!r->element) {
		return;
	} else if ((strcmp(word, "fileDescriptor") == 0 || strcmp(word, "createFCP") == 0) &&
		   opens) {
		*f = (struct fcp){0};
		*depth = 1;
	} else if (strcmp(word, "filePath") == 0) {
		on_path(r, quoted(r->x, line));
	} else if (strcmp(word, "fillFileContent") == 0) {
		on_content(r, quoted(r->x, line));
	} else if (strcmp(word, "fillFileOffset") == 0) {
		r->at += strtoul(strchr(line, ':') + 1, NULL, 10);
	}
}

struct expect *expect_from_text(struct slice notation)
{
	struct reading r = {.x = calloc(1, sizeof(*r.x)), .df = "3F00"};
	const char *p = (const char *)notation.ptr, *end = p + notation.len;
	struct fcp f = {0};
	unsigned depth = 0;

	CU_ASSERT_FATAL(r.x != NULL);
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((newline ? newline : end) - p);
		char line[2 * EXPECT_SIZE_MAX];

		snprintf(line, sizeof(line), "%.*s", (int)len, p);
		read_line(&r, line, &f, &depth);
		p += len + 1;
	}
	return finish(r.x);
}
