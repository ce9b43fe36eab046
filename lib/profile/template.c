#include "lib/profile/template.h"

const char *pe_name(uint32_t tag)
{
#define PE_ROW(name, value, text) {value, text},
	static const struct {
		uint32_t tag;
		const char *text;
	} table[] = {PE_TABLE(PE_ROW)};
#undef PE_ROW

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].tag == tag)
			return table[i].text;
	}
	return "unknown element";
}

#define MF(t, n, f, a)                                                                             \
	{                                                                                          \
		.tag = (t), .name = (n), .fid = (f), .kind = TEMPLATE_MF, .arr = (a)               \
	}
#define ADF(t, n, a)                                                                               \
	{                                                                                          \
		.tag = (t), .name = (n), .kind = TEMPLATE_ADF, .arr = (a)                          \
	}
#define TR(t, n, f, z, a, s, c, d)                                                                 \
	{                                                                                          \
		.tag = (t), .name = (n), .fid = (f), .kind = TEMPLATE_TR, .size = (z), .arr = (a), \
		.sfi = (s), .content = (c), .needed = (d)                                          \
	}
#define LF(t, n, f, r, z, a, s, c, d)                                                              \
	{                                                                                          \
		.tag = (t), .name = (n), .fid = (f), .kind = TEMPLATE_LF, .records = (r),          \
		.size = (z), .arr = (a), .sfi = (s), .content = (c), .needed = (d)                 \
	}

/* Annex A, 9.2 */
static const struct template_file files_mf[] = {
	MF(0xA2, "MF", 0x3F00, 14),
	TR(0xA3, "EF.PL", 0x2F05, 2, 1, 0x05, "FF..", true),
	TR(0xA4, "EF.ICCID", 0x2FE2, 10, 11, 0, NULL, true),
	LF(0xA5, "EF.DIR", 0x2F00, 0, 0, 10, 0x1E, NULL, true),
	LF(0xA6, "EF.ARR", 0x2F06, 0, 0, 10, 0, NULL, true),
	TR(0xA7, "EF.UMPC", 0x2F08, 5, 10, 0x08, NULL, false),
};

/* Annex A, 9.5.1; version 2 differs in the size of EF.UST alone */
#define USIM_FILES(ust_size)                                                                       \
	ADF(0xA2, "ADF.USIM", 14), TR(0xA3, "EF.IMSI", 0x6F07, 9, 2, 0x07, NULL, true),            \
		LF(0xA4, "EF.ARR", 0x6F06, 0, 0, 10, 0x17, NULL, true),                            \
		TR(0xA5, "EF.Keys", 0x6F08, 33, 5, 0x08, "07FF..", true),                          \
		TR(0xA6, "EF.KeysPS", 0x6F09, 33, 5, 0x09, "07FF..", true),                        \
		TR(0xA7, "EF.HPPLMN", 0x6F31, 1, 2, 0x12, "0A", true),                             \
		TR(0xA8, "EF.UST", 0x6F38, ust_size, 2, 0x04, NULL, true),                         \
		LF(0xA9, "EF.FDN", 0x6F3B, 20, 26, 8, 0, "FF..", true),                            \
		LF(0xAA, "EF.SMS", 0x6F3C, 10, 176, 5, 0, "00FF..", true),                         \
		LF(0xAB, "EF.SMSP", 0x6F42, 1, 38, 5, 0, "FF..", true),                            \
		TR(0xAC, "EF.SMSS", 0x6F43, 2, 5, 0, "FF..", true),                                \
		TR(0xAD, "EF.SPN", 0x6F46, 17, 10, 0, NULL, true),                                 \
		TR(0xAE, "EF.EST", 0x6F56, 1, 8, 0x05, NULL, true),                                \
		TR(0xAF, "EF.START-HFN", 0x6F5B, 6, 5, 0x0F, "F00000F00000", true),                \
		TR(0xB0, "EF.THRESHOLD", 0x6F5C, 3, 2, 0x10, "FF..", true),                        \
		TR(0xB1, "EF.PSLOCI", 0x6F73, 14, 5, 0x0C, "FFFFFFFFFFFFFFFFFFFF0000FF01", true),  \
		TR(0xB2, "EF.ACC", 0x6F78, 2, 2, 0x06, NULL, true),                                \
		TR(0xB3, "EF.FPLMN", 0x6F7B, 12, 5, 0x0D, "FF..", true),                           \
		TR(0xB4, "EF.LOCI", 0x6F7E, 11, 5, 0x0B, "FFFFFFFFFFFFFF0000FF01", true),          \
		TR(0xB5, "EF.AD", 0x6FAD, 4, 10, 0x03, "00000002", true),                          \
		LF(0xB6, "EF.ECC", 0x6FB7, 1, 4, 10, 0x01, NULL, true),                            \
		TR(0xB7, "EF.NETPAR", 0x6FC4, 128, 5, 0, "FF..", true),                            \
		TR(0xB8, "EF.EPSLOCI", 0x6FE3, 18, 5, 0x1E,                                        \
		   "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000001", true),                                  \
		LF(0xB9, "EF.EPSNSC", 0x6FE4, 1, 80, 5, 0x18, "FF..", true)

static const struct template_file files_usim[] = {USIM_FILES(14)};
static const struct template_file files_usim_v2[] = {USIM_FILES(17)};

/* 2.23.143.1.2.x */
static const uint8_t oid_mf[] = {0x67, 0x81, 0x0F, 0x01, 0x02, 0x01};
static const uint8_t oid_usim[] = {0x67, 0x81, 0x0F, 0x01, 0x02, 0x04};
static const uint8_t oid_usim_v2[] = {0x67, 0x81, 0x0F, 0x01, 0x02, 0x04, 0x02};

static const struct template templates[] = {
	{PE_MF, {oid_mf, sizeof(oid_mf)}, files_mf, ARRAY_LEN(files_mf)},
	{PE_USIM, {oid_usim, sizeof(oid_usim)}, files_usim, ARRAY_LEN(files_usim)},
	{PE_USIM, {oid_usim_v2, sizeof(oid_usim_v2)}, files_usim_v2, ARRAY_LEN(files_usim_v2)},
};

const struct template *template_at(size_t i)
{
	return i < ARRAY_LEN(templates) ? &templates[i] : NULL;
}

const struct template *template_find(uint32_t element, struct slice oid)
{
	for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
		if ((uint32_t)templates[i].element == element && slice_equal(templates[i].oid, oid))
			return &templates[i];
	}
	return NULL;
}
