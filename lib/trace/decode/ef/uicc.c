/* uicc: files of the UICC itself, TS 102 221 13, and EF.ARR wherever it lies */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/fcp/access.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fid.h"

/* TS 102 310 5: methods of EAP that an application has, and the label of each */
FIELDS(eap, {.tag = 0x80, .key = "types", .name = "Supported EAP types"},
       {.tag = 0x81, .key = "directory", .name = "DF of EAP"},
       {.tag = 0x82, .key = "label", .name = "Label", .show = field_utf8});
FIELDS(discretionary,
       {.tag = 0xA0, .key = "eap", .name = "EAP", .show = field_objects, .of = &eap});

/* 13.1 */
FIELDS(application, {.tag = UICC_DIR_AID, .key = "aid", .name = "AID", .show = field_aid},
       {.tag = UICC_DIR_LABEL, .key = "label", .name = "Label", .show = field_alpha},
       {.tag = 0x51, .key = "path", .name = "Path"},
       {.tag = 0x52, .key = "command", .name = "Command to perform"},
       {.tag = 0x53, .key = "discretionary", .name = "Discretionary data"},
       {.tag = 0x73,
	.key = "discretionary-objects",
	.name = "Discretionary objects",
	.show = field_objects,
	.of = &discretionary},
       {.tag = 0x5F50, .key = "url", .name = "URL", .show = field_utf8});
FIELDS(dir, {.tag = UICC_DIR_APPLICATION,
	     .key = "application",
	     .name = "Application template",
	     .show = field_objects,
	     .of = &application});

/* 13.6: FF says nothing */
FIELDS(umpc,
       {.key = "power",
	.name = "Maximum power consumption",
	.len = 1,
	.show = field_number,
	.of = "mA"},
       {.key = "time-out",
	.name = "Operator defined time-out",
	.len = 1,
	.show = field_number,
	.of = "s"},
       {.key = "additional", .name = "Additional information", .len = 1},
       {.key = "rfu", .name = "RFU"});

/* TS 102 223 8.2, 8.31 and the like: the elements of a set-up menu */
FIELDS(menu, {.tag = 0x85, .key = "title", .name = "Title", .show = field_alpha},
       {.tag = 0x05, .key = "title", .name = "Title", .show = field_alpha},
       {.tag = 0x9E, .key = "icon", .name = "Icon identifier"},
       {.tag = 0x1E, .key = "icon", .name = "Icon identifier"},
       {.tag = 0xD0, .key = "attribute", .name = "Text attribute"},
       {.tag = 0x50, .key = "attribute", .name = "Text attribute"});

#define ARR(place, id, sfi, clause)                                                                \
	LF(place, id, sfi, "EF.ARR", "Access rule reference", clause, field_access, NULL)

static const struct ef_kind rows[] = {
	LF(MF, FID_DIR, 0x1E, "EF.DIR", "Application directory", "TS 102 221 13.1", field_objects,
	   &dir),
	TR(MF, FID_ICCID, 0x02, "EF.ICCID", "ICC identification", "TS 102 221 13.2",
	   field_hex_digits, NULL),
	TR(MF, FID_PL, 0x05, "EF.PL", "Preferred languages", "TS 102 221 13.3", field_languages,
	   NULL),
	ARR(MF, FID_ARR_MF, 0x06, "TS 102 221 13.4"),
	TR(MF, 0x2F08, 0x08, "EF.UMPC", "UICC maximum power consumption", "TS 102 221 13.6",
	   field_fields, &umpc),
	TR(CD, 0x6F01, 0, "EF.LAUNCHPAD", "Launch pad", "TS 102 221 13.5.1", field_objects, &menu),
	ARR(TELECOM, FID_ARR_DF, 0, "TS 31.102 4.6"),
	LF(TELECOM, 0x6F53, 0, "EF.RMA", "Remote management actions", "TS 102 222, TS 31.102 4.6",
	   NULL, NULL),
	TR(TELECOM, 0x6F54, 0, "EF.SUME", "Set-up menu elements", "TS 51.011 10.3.34",
	   field_objects, &menu),
	ARR(USIM, FID_ARR_DF, 0x17, "TS 31.102 4.2.55"),
	ARR(ISIM, FID_ARR_DF, 0x06, "TS 31.103 4.2.6"),
	TR(GSM, 0x6F54, 0, "EF.SUME", "Set-up menu elements", "TS 51.011 10.3.34", field_objects,
	   &menu),
};

const struct ef_set efs_uicc = {rows, ARRAY_LEN(rows)};
