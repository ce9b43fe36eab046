/* isim: Annex A 9.6: the ISIM's ADF and its optional files */
#include "lib/profile/template/rows.h"

static const struct template_file files_isim[] = {
	DIR(2, "ADF.ISIM", TEMPLATE_ADF, 0, 14),
	TR(3, "EF.IMPI", 0x6F02, 0, 2, 0x02, NULL),
	LF(4, "EF.IMPU", 0x6F04, 1, 0, 2, 0x04, NULL),
	TR(5, "EF.Domain", 0x6F03, 0, 2, 0x05, NULL),
	TR(6, "EF.IST", 0x6F07, 14, 2, 0x07, NULL),
	TR(7, "EF.AD", 0x6FAD, 3, 10, 0x03, "000000"),
	LF(8, "EF.ARR", 0x6F06, 0, 0, 10, 0x06, NULL),
};

/* version 1 ends at EF.UICCIARI */
static const struct template_file files_opt_isim[] = {
	LF(2, "EF.PCSCF", 0x6F09, 1, 0, 2, 0, NULL),
	LF(3, "EF.SMS", 0x6F3C, 10, 176, 5, 0, "00FF.."),
	LF(4, "EF.SMSP", 0x6F42, 1, 38, 5, 0, "FF.."),
	TR(5, "EF.SMSS", 0x6F43, 2, 5, 0, "FFFF"),
	LF(6, "EF.SMSR", 0x6F47, 10, 30, 5, 0, "00FF.."),
	TR(7, "EF.GBABP", 0x6FD5, 0, 5, 0, "FF.."),
	LF(8, "EF.GBANL", 0x6FD7, 0, 0, 2, 0, "FF.."),
	LF(9, "EF.NAFKCA", 0x6FDD, 0, 0, 2, 0, "FF.."),
	LF(10, "EF.UICCIARI", 0x6FE7, 0, 0, 2, 0, NULL),
	TR(11, "EF.FromPreferred", 0x6FF7, 1, 2, 0, "00"),
	BT(12, "EF.ImsConfigData", 0x6FF8, 0, 2, 0, NULL),
	BT(13, "EF.XcapconfigData", 0x6FFC, 0, 2, 0, NULL),
	LF(14, "EF.WebRTCURI", 0x6FFA, 0, 0, 2, 0, NULL),
	BT(15, "EF.MudMidCfgData", 0x6FFE, 0, 2, 0, NULL),
};
#define OPT_ISIM_V1_COUNT (ARRAY_LEN(files_opt_isim) - 5)

static const struct template rows[] = {
	{PE_ISIM, 8, 0, TEMPLATE_UNDER_MF, true, files_isim, ARRAY_LEN(files_isim)},
	{PE_OPT_ISIM, 9, 0, TEMPLATE_IN_ISIM, false, files_opt_isim, OPT_ISIM_V1_COUNT},
	{PE_OPT_ISIM, 9, 2, TEMPLATE_IN_ISIM, false, files_opt_isim, ARRAY_LEN(files_opt_isim)},
};

const struct template_set templates_isim = {rows, ARRAY_LEN(rows)};
