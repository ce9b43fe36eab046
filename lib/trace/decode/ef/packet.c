/* packet: access points, gateways, and how the terminal behaves towards networks */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"

/* TS 31.102 4.2.48: a number, then as many names */
FIELDS(apns, {.tag = 0xDD, .key = "apn", .name = "Access point name", .show = field_labels});
FIELDS(acl, {.key = "count", .name = "Number of APNs", .len = 1, .show = field_number},
       {.key = "apns", .name = "APNs", .optional = true, .show = field_objects, .of = &apns});

/* 4.2.90: the password is a secret */
WORDS(address_types, {0x21, "IPv4"}, {0x56, "IPv6"}, {0x57, "IPv6"});
FIELDS(destination,
       {.key = "type",
	.name = "Type of address",
	.len = 1,
	.show = field_words,
	.of = &address_types},
       {.key = "prefix-length", .name = "Prefix length", .len = 1, .show = field_number},
       {.key = "prefix", .name = "Prefix"});
SECRET_FIELDS(ncp, {.tag = 0x80, .key = "apn", .name = "Access point name", .show = field_labels},
	      {.tag = 0x81, .key = "login", .name = "Login", .show = field_alpha},
	      {.tag = 0x82, .key = "password", .name = "Password", .show = field_secret},
	      {.tag = 0x83,
	       .key = "destination",
	       .name = "Data destination address range",
	       .show = field_fields,
	       .of = &destination},
	      {.tag = 0x84, .key = "bearer", .name = "Bearer description"});

/* 4.2.103, 4.2.104 */
FIELDS(epdg, {.tag = 0x80, .key = "epdg", .name = "ePDG", .show = field_host});
WORDS(formats, {0, "operator identifier based"}, {1, "location based"});
FIELDS(choice, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn, .of = PLMN_WILD},
       {.key = "priority", .name = "Priority", .len = 2, .show = field_number},
       {.key = "format", .name = "FQDN format", .len = 1, .show = field_words, .of = &formats});
static const struct field choice_item = {
	.key = "choice", .name = "ePDG of a PLMN", .len = 6, .show = field_fields, .of = &choice};
FIELDS(selection, {.tag = 0x80,
		   .key = "list",
		   .name = "ePDG selection information",
		   .show = field_list,
		   .of = &choice_item});

/* 4.2.94, TS 24.368 5 */
WORDS(off_on, {0, "no"}, {1, "yes"});
#define SWITCH(number, id, full)                                                                   \
	{                                                                                          \
		.tag = (number), .key = (id), .name = (full), .show = field_words, .of = &off_on   \
	}
WORDS(priorities, {0, "reserved"}, {1, "NAS signalling low priority"});
FIELDS(nas,
       {.tag = 0x80,
	.key = "priority",
	.name = "NAS signalling priority",
	.show = field_words,
	.of = &priorities},
       SWITCH(0x81, "nmo-1", "Network mode of operation I"),
       SWITCH(0x82, "attach-imsi", "Attach with IMSI when moving to a PLMN that is not equivalent"),
       {.tag = 0x83,
	.key = "search-timer",
	.name = "Minimum periodic search timer",
	.show = field_number,
	.of = "minutes"},
       SWITCH(0x84, "eab", "Extended access barring"), SWITCH(0x85, "t3245", "Timer T3245 is used"),
       SWITCH(0x86, "override-priority", "Override NAS signalling low priority"),
       SWITCH(0x87, "override-eab", "Override extended access barring"),
       SWITCH(0x88, "fast-search", "Fast first higher priority PLMN search"),
       SWITCH(0x89, "eutra-disabling", "E-UTRA disabling allowed for EMM cause 15"),
       {.tag = 0x8A,
	.key = "sm-retry",
	.name = "SM retry wait time",
	.show = field_number,
	.of = "minutes"},
       SWITCH(0x8B, "sm-retry-rat", "SM retry at RAT change"),
       {.tag = 0x8C, .key = "dcn", .name = "Default DCN identifier", .show = field_number},
       SWITCH(0x8D, "exception-data", "Exception data reporting allowed"));

/* 4.2.96 */
BITS(warnings, {0, 1, "home", "Warnings of the HPLMN and its equivalents are ignored", NULL},
     {1, 1, "abroad", "Warnings of visited PLMNs are ignored", NULL});

/* 4.2.112, TS 23.032 6.1 */
FIELDS(point, {.key = "latitude", .name = "Latitude", .len = 3},
       {.key = "longitude", .name = "Longitude", .len = 3});
static const struct field point_item = {
	.key = "point", .name = "Point", .len = 6, .show = field_fields, .of = &point};
FIELDS(earfcn, {.tag = 0x80, .key = "earfcn", .name = "EARFCN", .show = field_number},
       {.tag = 0x81,
	.key = "area",
	.name = "Geographical area",
	.show = field_list,
	.of = &point_item});
FIELDS(earfcns, {.tag = 0xA0,
		 .key = "entry",
		 .name = "EARFCN with its areas",
		 .show = field_objects,
		 .of = &earfcn});

/* 4.2.115 */
BITS(sense, {0, 1, "enabled", "SENSE is enabled", NULL});
FIELDS(thresholds, {.tag = 0x80, .key = "threshold", .name = "Signal threshold"});
FIELDS(ocst, {.key = "sense", .name = "SENSE", .len = 1, .show = field_bits, .of = &sense},
       {.key = "thresholds",
	.name = "Thresholds",
	.optional = true,
	.show = field_objects,
	.of = &thresholds});

/* 4.2.100 to 4.2.102: which terminals the card may be in, and how that went */
FIELDS(ranges, {.tag = 0x80, .key = "imeis", .name = "Range of IMEIs"},
       {.tag = 0x81, .key = "imeisvs", .name = "Range of IMEISVs"});
FIELDS(device, {.tag = 0x80, .key = "imei", .name = "IMEI", .show = field_digits},
       {.tag = 0x81, .key = "imeisv", .name = "IMEISV", .show = field_digits});
FIELDS(pairing, {.key = "status", .name = "Status of pairing", .len = 2, .show = field_utf8},
       {.key = "record", .name = "Record of EF.IPD", .len = 1, .show = field_number},
       {.key = "rfu", .name = "RFU", .len = 1});

/* 4.2.108 */
FIELDS(tv_objects, {.tag = 0xA0, .key = "tmgis", .name = "TMGI list"},
       {.tag = 0xA1, .key = "earfcns", .name = "EARFCN list"});
FIELDS(tv, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "lists",
	.name = "Lists",
	.optional = true,
	.show = field_objects,
	.of = &tv_objects});

static const struct ef_kind rows[] = {
	TR(USIM, 0x6F57, 0, "EF.ACL", "Access point name control list", "TS 31.102 4.2.48",
	   field_fields, &acl),
	LF(USIM, 0x6FE2, 0, "EF.NCP-IP", "Network connectivity parameters for USIM IP connections",
	   "TS 31.102 4.2.90", field_objects, &ncp),
	TR(USIM, 0x6FF3, 0, "EF.ePDGId", "Home ePDG identifier", "TS 31.102 4.2.103", field_objects,
	   &epdg),
	TR(USIM, 0x6FF4, 0, "EF.ePDGSelection", "ePDG selection information", "TS 31.102 4.2.104",
	   field_objects, &selection),
	TR(USIM, 0x6FF5, 0, "EF.ePDGIdEm", "Emergency ePDG identifier", "TS 31.102 4.2.104a",
	   field_objects, &epdg),
	TR(USIM, 0x6FF6, 0, "EF.ePDGSelectionEm",
	   "ePDG selection information for emergency services", "TS 31.102 4.2.105", field_objects,
	   &selection),
	TR(USIM, 0x6FE8, 0, "EF.NASCONFIG", "Non-access stratum configuration", "TS 31.102 4.2.94",
	   field_objects, &nas),
	TR(USIM, 0x6FE6, 0, "EF.UFC", "USAT facility control", "TS 31.102 4.2.93", NULL, NULL),
	TR(USIM, 0x6FEC, 0, "EF.PWS", "Public warning system", "TS 31.102 4.2.96", field_bits,
	   &warnings),
	TR(USIM, 0x6FFD, 0, "EF.EARFCNList", "EARFCN list for MTC/NB-IOT UEs", "TS 31.102 4.2.112",
	   field_objects, &earfcns),
	TR(USIM, 0x6F02, 0, "EF.OCST", "Operator controlled signal threshold", "TS 31.102 4.2.115",
	   field_fields, &ocst),
	LF(USIM, 0x6FF0, 0, "EF.IAL", "IMEI(SV) allowed list", "TS 31.102 4.2.100", field_objects,
	   &ranges),
	CY(USIM, 0x6FF1, 0, "EF.IPS", "IMEI(SV) pairing status", "TS 31.102 4.2.101", field_fields,
	   &pairing),
	LF(USIM, 0x6FF2, 0, "EF.IPD", "IMEI(SV) of the pairing device", "TS 31.102 4.2.102",
	   field_objects, &device),
	LF(USIM, 0x6FFB, 0, "EF.TVCONFIG", "TV configuration", "TS 31.102 4.2.108", field_fields,
	   &tv),
};

const struct ef_set efs_packet = {rows, ARRAY_LEN(rows)};
