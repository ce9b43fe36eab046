/* proximity: home cells, WLAN, localised service areas, what is near: TS 31.102 4.4.1 and 4.4.5 on
 */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"

/* 4.4.6.2: of the CSG identity 27 bits count */
BITS(csg_identity, {5, 27, "id", "CSG identity", NULL}, {0, 5, "rfu", "RFU", NULL});
FIELDS(csg, {.key = "type", .name = "Record of the CSG type", .len = 1, .show = field_number},
       {.key = "name", .name = "Record of the home (e)NodeB name", .len = 1, .show = field_number},
       {.key = "csg", .name = "CSG identity", .len = 4, .show = field_bits, .of = &csg_identity});
WORDS(displayed, {0, "all available CSGs"}, {1, "only those of the operator's list"});
FIELDS(csg_list, {.tag = 0x80, .key = "plmn", .name = "PLMN", .show = field_plmn},
       {.tag = 0x81, .key = "csg", .name = "CSG information", .show = field_fields, .of = &csg},
       {.tag = 0x82,
	.key = "display",
	.name = "CSG display indicator",
	.show = field_words,
	.of = &displayed});
FIELDS(csgs,
       {.tag = 0xA0, .key = "list", .name = "CSG list", .show = field_objects, .of = &csg_list});
FIELDS(csg_types, {.tag = 0x89, .key = "text", .name = "Text of the CSG type", .show = field_alpha},
       {.tag = 0x80, .key = "uri", .name = "URI of its graphics", .show = field_utf8},
       {.tag = 0x81, .key = "img", .name = "Record of EF.IMG", .show = field_number});
FIELDS(cell_name, {.tag = 0x80, .key = "name", .name = "Home (e)NodeB name", .show = field_alpha});

/* 4.4.5 */
FIELDS(pseudonym, {.key = "length", .name = "Length", .len = 2, .show = field_number},
       {.key = "pseudonym", .name = "Pseudonym", .show = field_utf8});
static const struct field plmn = {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn};
static const struct field wsid = {
	.key = "wsid", .name = "WLAN specific identifier", .show = field_utf8};
SECRET_FIELDS(
	reauthentication,
	{.tag = 0x80, .key = "identity", .name = "Reauthentication identity", .show = field_utf8},
	{.tag = 0x81, .key = "master-key", .name = "Master key", .show = field_secret},
	{.tag = 0x82, .key = "counter", .name = "Counter", .show = field_number});
WORDS(presented, {0, "no preference"}, {1, "only the EHPLMN of the highest priority"},
      {2, "all available EHPLMNs"});
BITS(home_priority, {0, 1, "home", "The HPLMN has priority", NULL});
BITS(direct, {0, 1, "direct", "3GPP IP access is direct", NULL});

/* TS 51.011 10.4.1: localised service areas */
FIELDS(sai,
       {.key = "indicator",
	.name = "LSA indicator for the idle mode",
	.len = 1,
	.show = field_number},
       {.key = "text", .name = "Text", .optional = true, .show = field_alpha});
FIELDS(lsa, {.key = "name", .name = "LSA name", .optional = true, .show = field_alpha},
       {.key = "configuration", .name = "Configuration parameters", .len = 1},
       {.key = "rfu", .name = "RFU", .len = 1},
       {.key = "icon", .name = "Icon identifier", .len = 1},
       {.key = "priority", .name = "Priority", .len = 1, .show = field_number},
       {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "fid", .name = "LSA descriptor file", .len = 2},
       {.key = "record", .name = "LSA descriptor record", .len = 1, .show = field_number});

/* 4.4.8 */
BITS(models, {0, 1, "a", "Restricted model A", NULL}, {1, 1, "b", "Restricted model B", NULL});
FIELDS(discovery, {.tag = 0x80, .key = "plmn", .name = "PLMN", .show = field_plmn},
       {.tag = 0x81, .key = "range", .name = "Range"},
       {.tag = 0x82, .key = "model", .name = "Model", .len = 1, .show = field_bits, .of = &models});
FIELDS(discoveries, {.tag = 0xA0,
		     .key = "parameters",
		     .name = "Discovery parameters",
		     .show = field_objects,
		     .of = &discovery});
FIELDS(function, {.tag = 0x80, .key = "address", .name = "ProSe function", .show = field_host});
/* Of the radio and relay parameters the standard refers to TS 24.333. */
FIELDS(near, {.tag = 0xA0, .key = "parameters", .name = "Parameters"},
       {.tag = 0x80, .key = "first", .name = "First parameter"});
/* 4.4.13: as TS 24.554 has them */
FIELDS(policy, {.tag = 0x80, .key = "served", .name = "Served by NG-RAN"},
       {.tag = 0x81, .key = "not-served", .name = "Not served by NG-RAN"},
       {.tag = 0x82, .key = "identifiers", .name = "ProSe identifiers"},
       {.tag = 0x83, .key = "default-ids", .name = "Default destination layer-2 identifiers"},
       {.tag = 0x84, .key = "group", .name = "Group member discovery parameters"},
       {.tag = 0x85, .key = "validity", .name = "Validity timer", .show = field_number, .of = "s"},
       {.tag = 0x86, .key = "ue-id", .name = "Direct discovery UE identifier"},
       {.tag = 0x87, .key = "ddnmf", .name = "DDNMF address or privacy configuration"},
       {.tag = 0x88, .key = "pc5", .name = "Direct communication in NR PC5"},
       {.tag = 0x89, .key = "path", .name = "Path preference mapping rules"},
       {.tag = 0x8A, .key = "default-ids", .name = "Default destination layer-2 identifiers"},
       {.tag = 0x8B, .key = "rsc", .name = "Relay service code information list"},
       {.tag = 0x8C, .key = "qos", .name = "5QI to PC5 QoS mapping rules"},
       {.tag = 0x8D, .key = "server", .name = "Application server mapping rules"},
       {.tag = 0x8E, .key = "user-info", .name = "User info identifier for discovery"},
       {.tag = 0x8F, .key = "default-ids", .name = "Default destination layer-2 identifiers"},
       {.tag = 0x90, .key = "n3iwf", .name = "N3IWF selection information"},
       {.tag = 0x91, .key = "tx-profile", .name = "NR Tx profile mapping rules"},
       {.tag = 0x92, .key = "privacy", .name = "Privacy timer", .show = field_number, .of = "s"},
       {.tag = 0x93, .key = "pkmf", .name = "5G PKMF address information"},
       {.tag = 0x94, .key = "period", .name = "Collection period", .show = field_number},
       {.tag = 0x95, .key = "window", .name = "Reporting window"},
       {.tag = 0x96, .key = "indicators", .name = "Reporting indicators"},
       {.tag = 0x97, .key = "ctf", .name = "Address for uploading"},
       {.tag = 0x99, .key = "rx-ids", .name = "Layer-2 identifiers to receive discovery"},
       {.tag = 0x9A, .key = "tx-ids", .name = "Layer-2 identifiers for direct communication"});
FIELDS(policies, {.tag = 0xA0,
		  .key = "policy",
		  .name = "5G ProSe configuration data",
		  .show = field_objects,
		  .of = &policy});
/* 4.4.9 */
FIELDS(acdc, {.tag = 0x80, .key = "application", .name = "Application of an ACDC category"},
       {.tag = 0xA0, .key = "category", .name = "ACDC category"});

#define NEAR(kind, id, sfi, name, title, clause)                                                   \
	kind(PROSE, id, sfi, name, title, "TS 31.102 4.4.8." clause, field_objects, &near)
#define POLICY(id, name, title, clause)                                                            \
	TR(5G_PROSE, 0x4F00 + (id), id, name, "5G ProSe configuration data for " title,            \
	   "TS 31.102 4.4.13." clause, field_objects, &policies)

static const struct ef_kind rows[] = {
	LF(HNB, 0x4F81, 0x01, "EF.ACSGL", "Allowed CSG lists", "TS 31.102 4.4.6.2", field_objects,
	   &csgs),
	LF(HNB, 0x4F82, 0x02, "EF.CSGT", "CSG types", "TS 31.102 4.4.6.3", field_objects,
	   &csg_types),
	LF(HNB, 0x4F83, 0x03, "EF.HNBN", "Home (e)NodeB names", "TS 31.102 4.4.6.4", field_objects,
	   &cell_name),
	LF(HNB, 0x4F84, 0x04, "EF.OCSGL", "Operator CSG lists", "TS 31.102 4.4.6.5", field_objects,
	   &csgs),
	LF(HNB, 0x4F85, 0x05, "EF.OCSGT", "Operator CSG types", "TS 31.102 4.4.6.6", field_objects,
	   &csg_types),
	LF(HNB, 0x4F86, 0x06, "EF.OHNBN", "Operator home (e)NodeB names", "TS 31.102 4.4.6.7",
	   field_objects, &cell_name),
	TR(WLAN, 0x4F41, 0x01, "EF.Pseudo", "Pseudonym", "TS 31.102 4.4.5.1", field_fields,
	   &pseudonym),
	TR(WLAN, 0x4F42, 0x02, "EF.UPLMNWLAN", "User controlled PLMN selector for I-WLAN",
	   "TS 31.102 4.4.5.2", field_list, &plmn),
	TR(WLAN, 0x4F43, 0x03, "EF.OPLMNWLAN", "Operator controlled PLMN selector for I-WLAN",
	   "TS 31.102 4.4.5.3", field_list, &plmn),
	LF(WLAN, 0x4F44, 0x04, "EF.UWSIDL", "User controlled WLAN specific identifier list",
	   "TS 31.102 4.4.5.4", field_counted, &wsid),
	LF(WLAN, 0x4F45, 0x05, "EF.OWSIDL", "Operator controlled WLAN specific identifier list",
	   "TS 31.102 4.4.5.5", field_counted, &wsid),
	TR(WLAN, 0x4F46, 0x06, "EF.WRI", "WLAN reauthentication identity", "TS 31.102 4.4.5.6",
	   field_objects, &reauthentication),
	LF(WLAN, 0x4F47, 0x07, "EF.HWSIDL", "Home I-WLAN specific identifier list",
	   "TS 31.102 4.4.5.7", field_counted, &wsid),
	TR(WLAN, 0x4F48, 0x08, "EF.WEHPLMNPI", "I-WLAN equivalent HPLMN presentation indication",
	   "TS 31.102 4.4.5.8", field_words, &presented),
	TR(WLAN, 0x4F49, 0x09, "EF.WHPI", "I-WLAN HPLMN priority indication", "TS 31.102 4.4.5.9",
	   field_bits, &home_priority),
	TR(WLAN, 0x4F4A, 0x0A, "EF.WLRPLMN", "I-WLAN last registered PLMN", "TS 31.102 4.4.5.10",
	   field_plmn, NULL),
	TR(WLAN, 0x4F4B, 0x0B, "EF.HPLMNDAI", "HPLMN direct access indicator", "TS 31.102 4.4.5.11",
	   field_bits, &direct),
	TR(SOLSA, 0x4F30, 0, "EF.SAI", "SoLSA access indicator", "TS 31.102 4.4.1.1", field_fields,
	   &sai),
	LF(SOLSA, 0x4F31, 0, "EF.SLL", "SoLSA LSA list", "TS 31.102 4.4.1.2", field_fields, &lsa),
	LF(PROSE, 0x4F01, 0x01, "EF.PROSE_MON", "ProSe monitoring parameters", "TS 31.102 4.4.8.2",
	   field_objects, &discoveries),
	LF(PROSE, 0x4F02, 0x02, "EF.PROSE_ANN", "ProSe announcing parameters", "TS 31.102 4.4.8.3",
	   field_objects, &discoveries),
	LF(PROSE, 0x4F03, 0x03, "EF.PROSEFUNC", "HPLMN ProSe function", "TS 31.102 4.4.8.4",
	   field_objects, &function),
	NEAR(TR, 0x4F04, 0x04, "EF.PROSE_RADIO_COM", "Direct communication radio parameters", "5"),
	NEAR(TR, 0x4F05, 0x05, "EF.PROSE_RADIO_MON", "Monitoring radio parameters", "6"),
	NEAR(TR, 0x4F06, 0x06, "EF.PROSE_RADIO_ANN", "Announcing radio parameters", "7"),
	NEAR(LF, 0x4F07, 0x07, "EF.PROSE_POLICY", "ProSe policy parameters", "8"),
	NEAR(LF, 0x4F08, 0x08, "EF.PROSE_PLMN", "ProSe PLMN parameters", "9"),
	NEAR(TR, 0x4F09, 0x09, "EF.PROSE_GC", "ProSe group counter", "10"),
	NEAR(TR, 0x4F11, 0x11, "EF.PROSE_UIRC", "Usage information reporting configuration", "12"),
	NEAR(LF, 0x4F12, 0x12, "EF.PROSE_GM_DISCOVERY", "Group member discovery parameters", "13"),
	NEAR(LF, 0x4F13, 0x13, "EF.PROSE_RELAY", "Relay parameters", "14"),
	NEAR(TR, 0x4F14, 0x14, "EF.PROSE_RELAY_DISCOVERY", "Relay discovery parameters", "15"),
	POLICY(0x02, "EF.5G_PROSE_DD", "direct discovery", "3"),
	POLICY(0x03, "EF.5G_PROSE_DC", "direct communication", "4"),
	POLICY(0x04, "EF.5G_PROSE_U2NRU", "UE-to-network relay UE", "5"),
	POLICY(0x05, "EF.5G_PROSE_RU", "remote UE", "6"),
	POLICY(0x06, "EF.5G_PROSE_UIR", "usage information reporting", "7"),
	POLICY(0x07, "EF.5G_PROSE_U2URU", "UE-to-UE relay UE", "8"),
	POLICY(0x08, "EF.5G_PROSE_EU", "end UE", "9"),
	TR(ACDC, 0x4F01, 0x01, "EF.ACDC_LIST", "ACDC list", "TS 31.102 4.4.9.2", field_objects,
	   &acdc),
};

const struct ef_set efs_proximity = {rows, ARRAY_LEN(rows)};
