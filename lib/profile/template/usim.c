/* usim: Annex A 9.5.1, 9.5.2, 9.5.4: the USIM's ADF, its optional files, DF.GSM-ACCESS */
#include "lib/profile/template/rows.h"

/* 9.5.1; version 2 differs in the size of EF.UST alone */
#define USIM_FILES(ust_size)                                                                       \
	DIR(2, "ADF.USIM", TEMPLATE_ADF, 0, 14), TR(3, "EF.IMSI", 0x6F07, 9, 2, 0x07, NULL),       \
		LF(4, "EF.ARR", 0x6F06, 0, 0, 10, 0x17, NULL),                                     \
		TR(5, "EF.Keys", 0x6F08, 33, 5, 0x08, "07FF.."),                                   \
		TR(6, "EF.KeysPS", 0x6F09, 33, 5, 0x09, "07FF.."),                                 \
		TR(7, "EF.HPPLMN", 0x6F31, 1, 2, 0x12, "0A"),                                      \
		TR(8, "EF.UST", 0x6F38, ust_size, 2, 0x04, NULL),                                  \
		LF(9, "EF.FDN", 0x6F3B, 20, 26, 8, 0, "FF.."),                                     \
		LF(10, "EF.SMS", 0x6F3C, 10, 176, 5, 0, "00FF.."),                                 \
		LF(11, "EF.SMSP", 0x6F42, 1, 38, 5, 0, "FF.."),                                    \
		TR(12, "EF.SMSS", 0x6F43, 2, 5, 0, "FF.."),                                        \
		TR(13, "EF.SPN", 0x6F46, 17, 10, 0, NULL),                                         \
		TR(14, "EF.EST", 0x6F56, 1, 8, 0x05, NULL),                                        \
		TR(15, "EF.START-HFN", 0x6F5B, 6, 5, 0x0F, "F00000F00000"),                        \
		TR(16, "EF.THRESHOLD", 0x6F5C, 3, 2, 0x10, "FF.."),                                \
		TR(17, "EF.PSLOCI", 0x6F73, 14, 5, 0x0C, "FFFFFFFFFFFFFFFFFFFF0000FF01"),          \
		TR(18, "EF.ACC", 0x6F78, 2, 2, 0x06, NULL),                                        \
		TR(19, "EF.FPLMN", 0x6F7B, 12, 5, 0x0D, "FF.."),                                   \
		TR(20, "EF.LOCI", 0x6F7E, 11, 5, 0x0B, "FFFFFFFFFFFFFF0000FF01"),                  \
		TR(21, "EF.AD", 0x6FAD, 4, 10, 0x03, "00000002"),                                  \
		LF(22, "EF.ECC", 0x6FB7, 1, 4, 10, 0x01, NULL),                                    \
		TR(23, "EF.NETPAR", 0x6FC4, 128, 5, 0, "FF.."),                                    \
		TR(24, "EF.EPSLOCI", 0x6FE3, 18, 5, 0x1E, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000001"), \
		LF(25, "EF.EPSNSC", 0x6FE4, 1, 80, 5, 0x18, "FF..")

static const struct template_file files_usim[] = {USIM_FILES(14)};
static const struct template_file files_usim_v2[] = {USIM_FILES(17)};

/* 9.5.2; versions 1 and 2 end earlier */
static const struct template_file files_opt_usim[] = {
	TR(2, "EF.LI", 0x6F05, 6, 1, 0x02, "FF.."),
	TR(3, "EF.ACMmax", 0x6F37, 3, 5, 0, "000000"),
	CY(4, "EF.ACM", 0x6F39, 1, 3, 7, 0, "000000"),
	TR(5, "EF.GID1", 0x6F3E, 8, 2, 0, NULL),
	TR(6, "EF.GID2", 0x6F3F, 8, 2, 0, NULL),
	LF(7, "EF.MSISDN", 0x6F40, 1, 24, 2, 0, "FF.."),
	TR(8, "EF.PUCT", 0x6F41, 5, 5, 0, "FFFFFF0000"),
	TR(9, "EF.CBMI", 0x6F45, 10, 5, 0, "FF.."),
	TR(10, "EF.CBMID", 0x6F48, 10, 2, 0x0E, "FF.."),
	LF(11, "EF.SDN", 0x6F49, 10, 24, 2, 0, "FF.."),
	LF(12, "EF.EXT2", 0x6F4B, 10, 13, 8, 0, "00FF.."),
	LF(13, "EF.EXT3", 0x6F4C, 10, 13, 2, 0, "00FF.."),
	TR(14, "EF.CBMIR", 0x6F50, 20, 5, 0, "FF.."),
	TR(15, "EF.PLMNwAcT", 0x6F60, 40, 5, 0x0A, "FFFFFF0000*"),
	TR(16, "EF.OPLMNwAcT", 0x6F61, 40, 2, 0x11, "FFFFFF0000*"),
	TR(17, "EF.HPLMNwAcT", 0x6F62, 5, 2, 0x13, "FFFFFF0000"),
	TR(18, "EF.DCK", 0x6F2C, 16, 5, 0, "FF.."),
	TR(19, "EF.CNL", 0x6F32, 30, 2, 0, "FF.."),
	LF(20, "EF.SMSR", 0x6F47, 10, 30, 5, 0, "00FF.."),
	LF(21, "EF.BDN", 0x6F4D, 10, 25, 8, 0, "FF.."),
	LF(22, "EF.EXT5", 0x6F4E, 10, 13, 5, 0, "00FF.."),
	LF(23, "EF.CCP2", 0x6F4F, 5, 15, 5, 0x16, "FF.."),
	LF(24, "EF.EXT4", 0x6F55, 10, 13, 8, 0, "00FF.."),
	TR(25, "EF.ACL", 0x6F57, 101, 8, 0, "00FF.."),
	LF(26, "EF.CMI", 0x6F58, 10, 11, 2, 0, "FF.."),
	CY(27, "EF.ICI", 0x6F80, 20, 38, 5, 0x14, "FF..0000000001FFFF"),
	CY(28, "EF.OCI", 0x6F81, 20, 37, 5, 0x15, "FF..00000001FFFF"),
	CY(29, "EF.ICT", 0x6F82, 1, 3, 7, 0, "000000"),
	CY(30, "EF.OCT", 0x6F83, 1, 3, 7, 0, "000000"),
	TR(31, "EF.VGCS", 0x6FB1, 20, 2, 0, NULL),
	TR(32, "EF.VGCSS", 0x6FB2, 7, 5, 0, NULL),
	TR(33, "EF.VBS", 0x6FB3, 20, 2, 0, NULL),
	TR(34, "EF.VBSS", 0x6FB4, 7, 5, 0, NULL),
	TR(35, "EF.eMLPP", 0x6FB5, 2, 2, 0, NULL),
	TR(36, "EF.AaeM", 0x6FB6, 1, 5, 0, "00"),
	TR(37, "EF.HiddenKey", 0x6FC3, 4, 5, 0, "FF.."),
	LF(38, "EF.PNN", 0x6FC5, 10, 16, 10, 0x19, NULL),
	LF(39, "EF.OPL", 0x6FC6, 5, 8, 10, 0x1A, NULL),
	LF(40, "EF.MBDN", 0x6FC7, 3, 24, 5, 0, NULL),
	LF(41, "EF.EXT6", 0x6FC8, 10, 13, 5, 0, "00FF.."),
	LF(42, "EF.MBI", 0x6FC9, 10, 5, 5, 0, NULL),
	LF(43, "EF.MWIS", 0x6FCA, 10, 6, 5, 0, "00.."),
	LF(44, "EF.CFIS", 0x6FCB, 10, 16, 5, 0, "0100FF.."),
	LF(45, "EF.EXT7", 0x6FCC, 10, 13, 5, 0, "00FF.."),
	TR(46, "EF.SPDI", 0x6FCD, 17, 2, 0x1B, NULL),
	LF(47, "EF.MMSN", 0x6FCE, 10, 6, 5, 0, "000000FF.."),
	LF(48, "EF.EXT8", 0x6FCF, 10, 13, 5, 0, "00FF.."),
	TR(49, "EF.MMSICP", 0x6FD0, 100, 2, 0, "FF.."),
	LF(50, "EF.MMSUP", 0x6FD1, 0, 0, 5, 0, "FF.."),
	TR(51, "EF.MMSUCP", 0x6FD2, 100, 5, 0, "FF.."),
	LF(52, "EF.NIA", 0x6FD3, 5, 11, 2, 0, "FF.."),
	TR(53, "EF.VGCSCA", 0x6FD4, 0, 2, 0, "00.."),
	TR(54, "EF.VBSCA", 0x6FD5, 0, 2, 0, "00.."),
	TR(55, "EF.GBABP", 0x6FD6, 0, 5, 0, "FF.."),
	LF(56, "EF.MSK", 0x6FD7, 0, 0, 2, 0, "FF.."),
	LF(57, "EF.MUK", 0x6FD8, 0, 0, 2, 0, "FF.."),
	TR(58, "EF.EHPLMN", 0x6FD9, 15, 2, 0x1D, "FF.."),
	LF(59, "EF.GBANL", 0x6FDA, 0, 0, 2, 0, "FF.."),
	TR(60, "EF.EHPLMNPI", 0x6FDB, 1, 2, 0, "00"),
	TR(61, "EF.LRPLMNSI", 0x6FDC, 1, 2, 0, "00"),
	LF(62, "EF.NAFKCA", 0x6FDD, 0, 0, 2, 0, "FF.."),
	TR(63, "EF.SPNI", 0x6FDE, 0, 10, 0, "00FF.."),
	LF(64, "EF.PNNI", 0x6FDF, 0, 0, 10, 0, "00FF.."),
	LF(65, "EF.NCP-IP", 0x6FE2, 0, 0, 2, 0, NULL),
	TR(66, "EF.UFC", 0x6FE6, 30, 10, 0,
	   "801E60C01E900080040000000000000000F0000000004000000000000080"),
	TR(67, "EF.NASCONFIG", 0x6FE8, 18, 2, 0, NULL),
	LF(68, "EF.UICCIARI", 0x6FE7, 0, 0, 2, 0, NULL),
	TR(69, "EF.PWS", 0x6FEC, 0, 10, 0, NULL),
	LF(70, "EF.FDNURI", 0x6FED, 0, 0, 8, 0, "FF.."),
	LF(71, "EF.BDNURI", 0x6FEE, 0, 0, 8, 0, "FF.."),
	LF(72, "EF.SDNURI", 0x6FEF, 0, 0, 2, 0, "FF.."),
	LF(73, "EF.IAL", 0x6FF0, 0, 0, 3, 0, "FF.."),
	CY(74, "EF.IPS", 0x6FF1, 0, 4, 10, 0, "FF.."),
	LF(75, "EF.IPD", 0x6FF2, 0, 0, 3, 0, "FF.."),
	TR(76, "EF.EPDGID", 0x6FF3, 0, 2, 0, NULL),
	TR(77, "EF.EPDGSELECTION", 0x6FF4, 0, 2, 0, NULL),
	TR(78, "EF.EPDGIDEM", 0x6FF5, 0, 2, 0, NULL),
	TR(79, "EF.EPDGIDEMSEL", 0x6FF6, 0, 2, 0, NULL),
	TR(80, "EF.FromPreferred", 0x6FF7, 1, 2, 0, "00"),
	BT(81, "EF.IMSConfigData", 0x6FF8, 0, 2, 0, NULL),
	TR(82, "EF.3GPPPSDataOff", 0x6FF9, 4, 2, 0, NULL),
	LF(83, "EF.3GPPPSDOSLIST", 0x6FFA, 0, 0, 2, 0, NULL),
	BT(84, "EF.XCAPConfigData", 0x6FFC, 0, 2, 0, NULL),
	TR(85, "EF.EARFCNLIST", 0x6FFD, 0, 10, 0, NULL),
	BT(86, "EF.MudMidCfgdata", 0x6FFE, 0, 2, 0, NULL),
	TR(87, "EF.eAKA", 0x6F01, 1, 3, 0, NULL),
};
#define OPT_USIM_V2_COUNT (ARRAY_LEN(files_opt_usim) - 1)
#define OPT_USIM_V1_COUNT (OPT_USIM_V2_COUNT - 11)

/* 9.5.4 */
static const struct template_file files_gsm_access[] = {
	DIR(2, "DF.GSM-ACCESS", TEMPLATE_DF, 0x5F3B, 14),
	TR(3, "EF.Kc", 0x4F20, 9, 5, 0x01, "FF..07"),
	TR(4, "EF.KcGPRS", 0x4F52, 9, 5, 0x02, "FF..07"),
	TR(5, "EF.CPBCCH", 0x4F63, 10, 5, 0, "FF.."),
	TR(6, "EF.InvScan", 0x4F64, 1, 2, 0, "00"),
};

static const struct template rows[] = {
	{PE_USIM, 4, 0, TEMPLATE_UNDER_MF, true, files_usim, ARRAY_LEN(files_usim)},
	{PE_USIM, 4, 2, TEMPLATE_UNDER_MF, true, files_usim_v2, ARRAY_LEN(files_usim_v2)},
	{PE_OPT_USIM, 5, 0, TEMPLATE_IN_USIM, false, files_opt_usim, OPT_USIM_V1_COUNT},
	{PE_OPT_USIM, 5, 2, TEMPLATE_IN_USIM, false, files_opt_usim, OPT_USIM_V2_COUNT},
	{PE_OPT_USIM, 5, 3, TEMPLATE_IN_USIM, false, files_opt_usim, ARRAY_LEN(files_opt_usim)},
	{PE_GSM_ACCESS, 7, 0, TEMPLATE_IN_USIM, false, files_gsm_access,
	 ARRAY_LEN(files_gsm_access)},
};

const struct template_set templates_usim = {rows, ARRAY_LEN(rows)};
