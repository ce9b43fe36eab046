/* uicc: Annex A 9.2 to 9.4: MF, DF.CD, DF.TELECOM, and the phonebook of 9.4 and 9.5.3 */
#include "lib/profile/template/rows.h"

static const struct template_file files_mf[] = {
	DIR(2, "MF", TEMPLATE_MF, 0x3F00, 14),
	TR(3, "EF.PL", 0x2F05, 2, 1, 0x05, "FF.."),
	TR(4, "EF.ICCID", 0x2FE2, 10, 11, 0, NULL),
	LF(5, "EF.DIR", 0x2F00, 0, 0, 10, 0x1E, NULL),
	LF(6, "EF.ARR", 0x2F06, 0, 0, 10, 0, NULL),
	{.tag = ROW_TAG(7),
	 .name = "EF.UMPC",
	 .fid = 0x2F08,
	 .kind = TEMPLATE_TR,
	 .size = 5,
	 .arr = 10,
	 .sfi = 0x08,
	 .optional = true},
};

static const struct template_file files_cd[] = {
	DIR(2, "DF.CD", TEMPLATE_DF, 0x7F11, 14),
	TR(3, "EF.LAUNCHPAD", 0x6F01, 0, 2, 0, NULL),
	TR(4, "EF.ICON", 0, 0, 2, 0, NULL),
};

/* Where the specification has a range of identifiers, the element says which one it is. */
#define PHONEBOOK_FILES(n)                                                                         \
	DIR((n) + 0, "DF.PHONEBOOK", TEMPLATE_DF, 0x5F3A, 14),                                     \
		LF((n) + 1, "EF.PBR", 0x4F30, 0, 0, 2, 0, NULL),                                   \
		LF((n) + 2, "EF.EXT1", 0, 0, 13, 5, 0, "00FF.."),                                  \
		LF((n) + 3, "EF.AAS", 0, 0, 0, 5, 0, "FF.."),                                      \
		LF((n) + 4, "EF.GAS", 0, 0, 0, 5, 0, "FF.."),                                      \
		TR((n) + 5, "EF.PSC", 0x4F22, 4, 5, 0, "00000000"),                                \
		TR((n) + 6, "EF.CC", 0x4F23, 2, 5, 0, "0000"),                                     \
		TR((n) + 7, "EF.PUID", 0x4F24, 2, 5, 0, "0000"),                                   \
		LF((n) + 8, "EF.IAP", 0, 0, 0, 5, 0, "FF.."),                                      \
		LF((n) + 9, "EF.ADN", 0, 0, 0, 5, 0, "FF.."),                                      \
		LF((n) + 10, "EF.PBC", 0, 0, 2, 5, 0, "00.."),                                     \
		LF((n) + 11, "EF.ANR", 0, 0, 0, 5, 0, "FF.."),                                     \
		LF((n) + 12, "EF.PURI", 0, 0, 0, 5, 0, NULL),                                      \
		LF((n) + 13, "EF.EMAIL", 0, 0, 0, 5, 0, "FF.."),                                   \
		LF((n) + 14, "EF.SNE", 0, 0, 0, 5, 0, "FF.."),                                     \
		LF((n) + 15, "EF.UID", 0, 0, 2, 5, 0, "0000"),                                     \
		LF((n) + 16, "EF.GRP", 0, 0, 0, 5, 0, "00.."),                                     \
		LF((n) + 17, "EF.CCP1", 0, 0, 0, 5, 0, "FF..")

static const struct template_file files_phonebook[] = {PHONEBOOK_FILES(2)};

/* Version 2 has DF.MCS and DF.V2X behind the others. */
static const struct template_file files_telecom[] = {
	DIR(2, "DF.TELECOM", TEMPLATE_DF, 0x7F10, 14),
	LF(3, "EF.ARR", 0x6F06, 0, 0, 10, 0, NULL),
	LF(4, "EF.RMA", 0x6F53, 0, 0, 3, 0, NULL),
	TR(5, "EF.SUME", 0x6F54, 22, 3, 0, NULL),
	LF(6, "EF.ICE-DN", 0x6FE0, 50, 24, 9, 0, "FF.."),
	LF(7, "EF.ICE-FF", 0x6FE1, 0, 0, 9, 0, "FF.."),
	LF(8, "EF.PSISMSC", 0x6FE5, 0, 0, 5, 0, NULL),
	DIR(9, "DF.GRAPHICS", TEMPLATE_DF, 0x5F50, 14),
	LF(10, "EF.IMG", 0x4F20, 0, 0, 2, 0, "00FF.."),
	TR(11, "EF.IIDF", 0, 0, 2, 0, "FF.."),
	BT(12, "EF.ICE-GRAPHICS", 0x4F21, 0, 9, 0, NULL),
	TR(13, "EF.LAUNCH-SCWS", 0x4F01, 0, 10, 0, NULL),
	TR(14, "EF.ICON", 0, 0, 10, 0, NULL),
	PHONEBOOK_FILES(15),
	DIR(33, "DF.MULTIMEDIA", TEMPLATE_DF, 0x5F3B, 14),
	BT(34, "EF.MML", 0x4F47, 0, 5, 0, NULL),
	BT(35, "EF.MMDF", 0x4F48, 0, 5, 0, NULL),
	DIR(36, "DF.MMSS", TEMPLATE_DF, 0x5F3C, 14),
	TR(37, "EF.MLPL", 0x4F20, 0, 2, 0x01, NULL),
	TR(38, "EF.MSPL", 0x4F21, 0, 2, 0x02, NULL),
	TR(39, "EF.MMSSMODE", 0x4F22, 1, 2, 0x03, NULL),
	DIR(40, "DF.MCS", TEMPLATE_DF, 0x5F3D, 14),
	TR(41, "EF.MST", 0x4F01, 0, 2, 0x01, NULL),
	BT(42, "EF.MCSCONFIG", 0x4F02, 0, 2, 0x02, NULL),
	DIR(43, "DF.V2X", TEMPLATE_DF, 0x5F3E, 14),
	TR(44, "EF.VST", 0x4F01, 0, 2, 0x01, NULL),
	BT(45, "EF.V2X-CONFIG", 0x4F02, 0, 2, 0x02, NULL),
	TR(46, "EF.V2XP-PC5", 0x4F03, 0, 2, 0, NULL),
	TR(47, "EF.V2XP-Uu", 0x4F04, 0, 2, 0, NULL),
};
#define TELECOM_V1_COUNT (ARRAY_LEN(files_telecom) - 8)

static const struct template rows[] = {
	{PE_MF, 1, 0, TEMPLATE_UNDER_MF, true, files_mf, ARRAY_LEN(files_mf)},
	{PE_CD, 2, 0, TEMPLATE_UNDER_MF, false, files_cd, ARRAY_LEN(files_cd)},
	{PE_TELECOM, 3, 0, TEMPLATE_UNDER_MF, false, files_telecom, TELECOM_V1_COUNT},
	{PE_TELECOM, 3, 2, TEMPLATE_UNDER_MF, false, files_telecom, ARRAY_LEN(files_telecom)},
	{PE_PHONEBOOK, 6, 0, TEMPLATE_IN_USIM, false, files_phonebook, ARRAY_LEN(files_phonebook)},
};

const struct template_set templates_uicc = {rows, ARRAY_LEN(rows)};
