/* 5g: Annex A 9.5.11 to 9.5.14: the DFs of 5G in the USIM's ADF */
#include "lib/profile/template/rows.h"

/* 9.5.11; the versions differ in the NAS security contexts, the routing indicator, and the end */
#define DF_5GS_FILES(nsc_records, nsc_len, routing)                                                \
	DIR(2, "DF.5GS", TEMPLATE_DF, 0x5FC0, 14),                                                 \
		TR(3, "EF.5GS3GPPLOCI", 0x4F01, 20, 5, 0x01,                                       \
		   "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001"),                                    \
		TR(4, "EF.5GSN3GPPLOCI", 0x4F02, 20, 5, 0x02,                                      \
		   "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001"),                                    \
		LF(5, "EF.5GS3GPPNSC", 0x4F03, nsc_records, nsc_len, 5, 0x03, "FF.."),             \
		LF(6, "EF.5GSN3GPPNSC", 0x4F04, nsc_records, nsc_len, 5, 0x04, "FF.."),            \
		TR(7, "EF.5GAUTHKEYS", 0x4F05, 110, 5, 0x05, NULL),                                \
		TR(8, "EF.UAC-AIC", 0x4F06, 4, 2, 0x06, NULL),                                     \
		TR(9, "EF.SUCI-Calc-Info", 0x4F07, 0, 2, 0x07, "FF.."),                            \
		LF(10, "EF.OPL5G", 0x4F08, 0, 10, 10, 0x08, "FF.."),                               \
		TR(11, "EF.SUPI-NAI", 0x4F09, 0, 2, 0x09, NULL),                                   \
		TR(12, "EF.Routing-Indicator", 0x4F0A, 4, 2, 0x0A, routing)
#define DF_5GS_FILES_V2                                                                            \
	BT(13, "EF.URSP", 0x4F0B, 0, 2, 0, NULL), TR(14, "EF.TN3GPPSNN", 0x4F0C, 1, 2, 0x0C, "00")

static const struct template_file files_5gs[] = {DF_5GS_FILES(1, 57, "F0FFFFFF"), DF_5GS_FILES_V2};
#define DF_5GS_V1_COUNT (ARRAY_LEN(files_5gs) - 2)
static const struct template_file files_5gs_v3[] = {DF_5GS_FILES(2, 62, "F0FFFFFF"),
						    DF_5GS_FILES_V2};
static const struct template_file files_5gs_v4[] = {
	DF_5GS_FILES(2, 62, "F0FF0000"),
	DF_5GS_FILES_V2,
	TR(15, "EF.CAG", 0x4F0D, 2, 2, 0x0D, NULL),
	TR(16, "EF.SOR-CMCI", 0x4F0E, 0, 2, 0x0E, NULL),
	TR(17, "EF.DRI", 0x4F0F, 7, 2, 0x0F, NULL),
	TR(18, "EF.5GSEDRX", 0x4F10, 2, 2, 0x10, NULL),
	TR(19, "EF.5GNSWO-CONF", 0x4F11, 1, 2, 0x11, NULL),
	TR(20, "EF.MCHPPLMN", 0x4F15, 1, 2, 0x15, NULL),
	TR(21, "EF.KAUSF-DERIVATION", 0x4F16, 1, 2, 0x16, NULL),
};

static const struct template_file files_saip[] = {
	DIR(2, "DF.SAIP", TEMPLATE_DF, 0x5FD0, 14),
	TR(3, "EF.SUCICalcInfo", 0x4F01, 0, 3, 0, "FF.."),
};

static const struct template_file files_snpn[] = {
	DIR(2, "DF.SNPN", TEMPLATE_DF, 0x5FE0, 14),
	TR(3, "EF.PWS-SNPN", 0x4F01, 1, 10, 0, NULL),
};

static const struct template_file files_prose[] = {
	DIR(2, "DF.5G-ProSe", TEMPLATE_DF, 0x5FF0, 14),
	TR(3, "EF.5G-PROSE-ST", 0x4F01, 1, 2, 0x01, NULL),
	TR(4, "EF.5G-PROSE-DD", 0x4F02, 26, 2, 0x02, NULL),
	TR(5, "EF.5G-PROSE-DC", 0x4F03, 12, 2, 0x03, NULL),
	TR(6, "EF.5G-PROSE-U2NRU", 0x4F04, 32, 2, 0x04, NULL),
	TR(7, "EF.5G-PROSE-RU", 0x4F05, 29, 2, 0x05, NULL),
	TR(8, "EF.5G-PROSE-UIR", 0x4F06, 32, 2, 0x06, NULL),
};

static const struct template rows[] = {
	{PE_DF_5GS, 13, 0, TEMPLATE_IN_USIM, false, files_5gs, DF_5GS_V1_COUNT},
	{PE_DF_5GS, 13, 2, TEMPLATE_IN_USIM, false, files_5gs, ARRAY_LEN(files_5gs)},
	{PE_DF_5GS, 13, 3, TEMPLATE_IN_USIM, false, files_5gs_v3, ARRAY_LEN(files_5gs_v3)},
	{PE_DF_5GS, 13, 4, TEMPLATE_IN_USIM, false, files_5gs_v4, ARRAY_LEN(files_5gs_v4)},
	{PE_DF_SAIP, 14, 0, TEMPLATE_IN_USIM, false, files_saip, ARRAY_LEN(files_saip)},
	{PE_DF_SNPN, 15, 0, TEMPLATE_IN_USIM, false, files_snpn, ARRAY_LEN(files_snpn)},
	{PE_DF_5GPROSE, 16, 0, TEMPLATE_IN_USIM, false, files_prose, ARRAY_LEN(files_prose)},
};

const struct template_set templates_5g = {rows, ARRAY_LEN(rows)};
