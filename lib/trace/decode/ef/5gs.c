/* 5gs: DF.5GS and its neighbours, TS 31.102 4.4.11, 4.4.12, 4.4.14; the TCA's DF.SAIP */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"

/* 4.4.11.8: which scheme with which key, the most wanted first; the keys are the home network's,
 * and public. Key 0: none (the null scheme) */
WORDS(schemes, {0, "null scheme"}, {1, "ECIES profile A (X25519)"},
      {2, "ECIES profile B (secp256r1)"});
FIELDS(scheme,
       {.key = "id", .name = "Protection scheme", .len = 1, .show = field_words, .of = &schemes},
       {.key = "key", .name = "Index of the key in the list", .len = 1, .show = field_number});
static const struct field scheme_item = {
	.key = "scheme", .name = "Scheme", .len = 2, .show = field_fields, .of = &scheme};

static void show_public_key(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	char hex[160];

	if (v.len != 32 && v.len != 33 && v.len != 65)
		node.fault = "neither 32 octets (X25519) nor 33 or 65 (secp256r1)";
	if (hex_encode(slice_sub(v, 0, 65), hex, sizeof(hex)))
		hex[0] = 0;
	tree_leaf(t, &node, "%s", hex);
}
FIELDS(home_keys,
       {.tag = 0x80, .key = "id", .name = "Key identifier", .len = 1, .show = field_number},
       {.tag = 0x81, .key = "key", .name = "Public key", .show = show_public_key});
FIELDS(suci,
       {.tag = 0xA0,
	.key = "schemes",
	.name = "Protection scheme identifier list",
	.show = field_list,
	.of = &scheme_item},
       {.tag = 0xA1,
	.key = "keys",
	.name = "Home network public key list",
	.show = field_objects,
	.of = &home_keys});

/* 4.4.11.7 */
BITS(identities, {24, 1, "mps", "Multimedia priority service (access identity 1)", NULL},
     {25, 1, "mcs", "Mission critical services (access identity 2)", NULL});
/* 4.4.11.10 */
FIELDS(nai, {.tag = 0x80, .key = "nsi", .name = "Network specific identifier", .show = field_utf8},
       {.tag = 0x81, .key = "gli", .name = "Global line identifier", .show = field_utf8},
       {.tag = 0x82, .key = "gci", .name = "Global cable identifier", .show = field_utf8});
/* 4.4.11.11: one to four digits */
FIELDS(routing, {.key = "indicator", .name = "Routing indicator", .len = 2, .show = field_digits},
       {.key = "rfu", .name = "RFU", .optional = true});
/* 4.4.11.12, .14, .15: as TS 24.526 and TS 24.501 have them */
FIELDS(ursp, {.tag = 0x80, .key = "rules", .name = "URSP rules of a PLMN"});
FIELDS(cag, {.tag = 0x80, .key = "list", .name = "CAG information list"});
FIELDS(sor, {.tag = 0x80, .key = "rules", .name = "SOR-CMCI rules"});
/* 4.4.11.13 */
FIELDS(snn, {.tag = 0x80, .key = "name", .name = "Serving network name", .show = field_utf8});
/* 4.4.11.17 */
WORDS(enabled, {0, "not enabled"}, {1, "enabled"});
BITS(parameters, {0, 1, "wait", "Roaming wait range is there", NULL},
     {1, 1, "return", "Return wait range is there", NULL},
     {2, 1, "applicability", "Applicability indicator is there", NULL});
BITS(applicability, {0, 1, "vplmn", "Lists of a VPLMN apply", NULL});
FIELDS(range,
       {.key = "minimum", .name = "Minimum", .len = 1, .show = field_number, .of = "minutes"},
       {.key = "maximum", .name = "Maximum", .len = 1, .show = field_number, .of = "minutes"});
FIELDS(dri,
       {.key = "roaming",
	.name = "Disaster roaming",
	.len = 1,
	.show = field_words,
	.of = &enabled},
       {.key = "parameters", .name = "Parameters", .len = 1, .show = field_bits, .of = &parameters},
       {.key = "wait", .name = "Roaming wait range", .len = 2, .show = field_fields, .of = &range},
       {.key = "return", .name = "Return wait range", .len = 2, .show = field_fields, .of = &range},
       {.key = "applicability",
	.name = "Applicability indicator",
	.len = 1,
	.show = field_bits,
	.of = &applicability},
       {.key = "further", .name = "Further", .optional = true});
/* 4.4.11.18 to 4.4.11.21 */
BITS(rats, {0, 1, "ng-ran", "NG-RAN", NULL}, {1, 1, "satellite", "Satellite NG-RAN", NULL});
FIELDS(edrx, {.key = "rat", .name = "Radio access", .len = 1, .show = field_bits, .of = &rats},
       {.key = "cycle", .name = "eDRX cycle length", .len = 1, .show = field_number});
WORDS(nswo, {0, "disabled"}, {1, "enabled"});
BITS(derivation, {0, 1, "msk", "K AUSF is derived from the MSK", NULL});
/* 4.4.12.2, 4.4.12.3 */
BITS(pws_snpn, {0, 1, "subscribed", "Warnings of the subscribed SNPN are ignored", NULL},
     {1, 1, "other", "Warnings of other SNPNs are ignored", NULL});
WORDS(assignments, {0, "coordinated, option 1"}, {1, "self-assigned"},
      {2, "coordinated, option 2"});
FIELDS(nid,
       {.key = "mode",
	.name = "Assignment mode",
	.len = 1,
	.show = field_words,
	.of = &assignments},
       {.key = "id", .name = "Network identifier", .len = 5});
/* 4.4.14.2 */
FIELDS(session, {.tag = 0x83, .key = "dnn", .name = "DNN", .show = field_labels},
       {.tag = 0x84, .key = "s-nssai", .name = "S-NSSAI"});
FIELDS(tmgi, {.key = "tmgi", .name = "TMGI", .len = 6},
       {.key = "fid", .name = "File of the user service description", .len = 2},
       {.key = "type", .name = "Service type", .len = 1});
static const struct field tmgi_item = {
	.key = "tmgi", .name = "TMGI", .len = 9, .show = field_fields, .of = &tmgi};
FIELDS(broadcast, {.tag = 0x80, .key = "plmn", .name = "PLMN", .show = field_plmn},
       {.tag = 0x81, .key = "tmgis", .name = "TMGIs", .show = field_list, .of = &tmgi_item},
       {.tag = 0x82, .key = "nr-arfcns", .name = "NR-ARFCNs"},
       {.tag = 0xA1,
	.key = "session",
	.name = "PDU session",
	.show = field_objects,
	.of = &session});
FIELDS(mbs, {.tag = 0xA0,
	     .key = "plmn",
	     .name = "Pre-configuration of a PLMN",
	     .show = field_objects,
	     .of = &broadcast});

static const struct ef_kind rows[] = {
	TR(5GS, 0x4F06, 0x06, "EF.UAC_AIC", "UAC access identities configuration",
	   "TS 31.102 4.4.11.7", field_bits, &identities),
	TR(5GS, 0x4F07, 0x07, "EF.SUCI_Calc_Info", "SUCI calculation information",
	   "TS 31.102 4.4.11.8", field_objects, &suci),
	TR(5GS, 0x4F09, 0x09, "EF.SUPI_NAI", "SUPI as network access identifier",
	   "TS 31.102 4.4.11.10", field_objects, &nai),
	TR(5GS, 0x4F0A, 0x0A, "EF.Routing_Indicator", "Routing indicator", "TS 31.102 4.4.11.11",
	   field_fields, &routing),
	BT(5GS, 0x4F0B, 0, "EF.URSP", "UE route selector policies per PLMN", "TS 31.102 4.4.11.12",
	   field_objects, &ursp),
	TR(5GS, 0x4F0C, 0x0C, "EF.TN3GPPSNN", "Trusted non-3GPP serving network names",
	   "TS 31.102 4.4.11.13", field_objects, &snn),
	TR(5GS, 0x4F0D, 0x0D, "EF.CAG", "Pre-configured CAG information list",
	   "TS 31.102 4.4.11.14", field_objects, &cag),
	TR(5GS, 0x4F0E, 0x0E, "EF.SOR-CMCI",
	   "Steering of roaming, connected mode control information", "TS 31.102 4.4.11.15",
	   field_objects, &sor),
	TR(5GS, 0x4F0F, 0x0F, "EF.DRI", "Disaster roaming information", "TS 31.102 4.4.11.17",
	   field_fields, &dri),
	TR(5GS, 0x4F10, 0x10, "EF.5GSEDRX", "5GS eDRX parameters", "TS 31.102 4.4.11.18",
	   field_fields, &edrx),
	TR(5GS, 0x4F11, 0x11, "EF.5GNSWO_CONF", "Non-seamless WLAN offload configuration",
	   "TS 31.102 4.4.11.19", field_words, &nswo),
	TR(5GS, 0x4F15, 0x15, "EF.MCHPPLMN",
	   "Multiplier coefficient for higher priority PLMN search", "TS 31.102 4.4.11.20",
	   field_number, NULL),
	TR(5GS, 0x4F16, 0x16, "EF.KAUSF_DERIVATION", "K AUSF derivation configuration",
	   "TS 31.102 4.4.11.21", field_bits, &derivation),
	TR(SAIP, 0x4F01, 0, "EF.SUCI_Calc_Info_USIM",
	   "SUCI calculation information for the USIM's own calculation", "TCA 9.5.12",
	   field_objects, &suci),
	TR(SNPN, 0x4F01, 0x01, "EF.PWS_SNPN", "Public warning system in SNPNs",
	   "TS 31.102 4.4.12.2", field_bits, &pws_snpn),
	LF(SNPN, 0x4F02, 0x02, "EF.NID", "Network identifier for SNPN", "TS 31.102 4.4.12.3",
	   field_fields, &nid),
	TR(5MBS, 0x4F01, 0, "EF.5MBSUECONFIG", "5MBS UE pre-configuration", "TS 31.102 4.4.14.2",
	   field_objects, &mbs),
};

const struct ef_set efs_5gs = {rows, ARRAY_LEN(rows)};
