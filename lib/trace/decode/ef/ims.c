/* ims: identities and addresses of the ISIM, and what the USIM has for IMS, TS 31.103 4.2 */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/uicc/fid.h"

FIELDS(impi,
       {.tag = 0x80, .key = "nai", .name = "Private user identity (NAI)", .show = field_utf8});
FIELDS(domain,
       {.tag = 0x80, .key = "domain", .name = "Home network domain name", .show = field_utf8});
FIELDS(impu, {.tag = 0x80, .key = "uri", .name = "Public user identity (URI)", .show = field_utf8});
FIELDS(pcscf, {.tag = 0x80, .key = "address", .name = "P-CSCF address", .show = field_host});
FIELDS(iari, {.tag = 0x80,
	      .key = "iari",
	      .name = "IMS application reference identifier",
	      .show = field_utf8});
FIELDS(web_uri, {.tag = 0x80, .key = "uri", .name = "WebRTC URI", .show = field_utf8});

/* 4.2.18, 4.2.21: a document, and how it is written */
FIELDS(document,
       {.tag = 0x80, .key = "encoding", .name = "Encoding", .len = 1, .show = field_number},
       {.tag = 0x81, .key = "data", .name = "Configuration data", .show = field_utf8});

/* 4.2.19 */
SECRET_FIELDS(
	xcap_part, {.tag = 0x81, .key = "access", .name = "Access", .show = field_utf8},
	{.tag = 0x82, .key = "application", .name = "Application name", .show = field_utf8},
	{.tag = 0x83, .key = "provider", .name = "Provider identifier", .show = field_utf8},
	{.tag = 0x84, .key = "uri", .name = "URI", .show = field_utf8},
	{.tag = 0x85, .key = "user", .name = "XCAP authentication user name", .show = field_utf8},
	{.tag = 0x86,
	 .key = "password",
	 .name = "XCAP authentication password",
	 .show = field_secret},
	{.tag = 0x87,
	 .key = "authentication",
	 .name = "XCAP authentication type",
	 .show = field_utf8},
	{.tag = 0x88, .key = "address-type", .name = "Address type", .show = field_utf8},
	{.tag = 0x89, .key = "address", .name = "Address", .show = field_utf8},
	{.tag = 0x8A,
	 .key = "pdp-authentication",
	 .name = "PDP authentication type",
	 .show = field_utf8},
	{.tag = 0x8B, .key = "pdp-user", .name = "PDP authentication name", .show = field_utf8},
	{.tag = 0x8C,
	 .key = "pdp-secret",
	 .name = "PDP authentication secret",
	 .show = field_secret});
SECRET_FIELDS(
	xcap_policy, {.tag = 0x81, .key = "access", .name = "Access for XCAP", .show = field_utf8},
	{.tag = 0x82, .key = "count", .name = "Number of policies", .show = field_number},
	{.tag = 0xA1, .key = "part", .name = "Policy", .show = field_objects, .of = &xcap_part});
SECRET_FIELDS(xcap_inner, {.tag = 0xA0,
			   .key = "parameters",
			   .name = "XCAP connection parameters policy",
			   .show = field_objects,
			   .of = &xcap_policy});
SECRET_FIELDS(xcap,
	      {.tag = 0x80,
	       .key = "policy",
	       .name = "Policy object",
	       .show = field_objects,
	       .of = &xcap_inner},
	      {.tag = 0xA0,
	       .key = "parameters",
	       .name = "XCAP connection parameters policy",
	       .show = field_objects,
	       .of = &xcap_policy});

BITS(preferred, {0, 1, "preferred", "The From header is preferred", NULL});
WORDS(channels, {0, "not allowed"}, {1, "allowed after an IMS session is set up"},
      {2, "allowed with the set-up of an IMS session"});

/* TS 31.102 4.2.109, 4.2.110 */
BITS(exempt, {0, 1, "ussi", "USSI", NULL}, {1, 1, "voice", "MMTEL voice", NULL},
     {2, 1, "video", "MMTEL video", NULL}, {3, 1, "xcap", "Configuration over Ut by XCAP", NULL},
     {4, 1, "sms", "SMS over IP", NULL}, {5, 1, "bip", "Bearer independent protocol", NULL},
     {6, 1, "management", "Device management over PS", NULL});
FIELDS(data_off,
       {.key = "home", .name = "Exempt at home", .len = 1, .show = field_bits, .of = &exempt},
       {.key = "roaming",
	.name = "Exempt when roaming",
	.len = 1,
	.show = field_bits,
	.of = &exempt},
       {.key = "rfu", .name = "RFU", .len = 2});
FIELDS(data_off_services, {.tag = 0x80,
			   .key = "icsi",
			   .name = "IMS communication service identifier",
			   .show = field_utf8});

static const struct ef_kind rows[] = {
	TR(ISIM, FID_IMPI, 0x02, "EF.IMPI", "IMS private user identity", "TS 31.103 4.2.2",
	   field_objects, &impi),
	TR(ISIM, FID_DOMAIN, 0x05, "EF.DOMAIN", "Home network domain name", "TS 31.103 4.2.3",
	   field_objects, &domain),
	LF(ISIM, FID_IMPU, 0x04, "EF.IMPU", "IMS public user identity", "TS 31.103 4.2.4",
	   field_objects, &impu),
	LF(ISIM, 0x6F09, 0, "EF.P-CSCF", "P-CSCF address", "TS 31.103 4.2.8", field_objects,
	   &pcscf),
	LF(ISIM, 0x6FE7, 0, "EF.UICCIARI", "UICC IARI", "TS 31.103 4.2.16", field_objects, &iari),
	LF(USIM, 0x6FE7, 0, "EF.UICCIARI", "UICC IARI", "TS 31.102 4.2.95", field_objects, &iari),
	TR(ISIM, 0x6FF7, 0, "EF.FromPreferred", "From preferred", "TS 31.103 4.2.17", field_bits,
	   &preferred),
	TR(USIM, 0x6FF7, 0, "EF.FromPreferred", "From preferred", "TS 31.102 4.2.106", field_bits,
	   &preferred),
	BT(ISIM, 0x6FF8, 0, "EF.IMSConfigData", "IMS configuration data", "TS 31.103 4.2.18",
	   field_objects, &document),
	BT(USIM, 0x6FF8, 0, "EF.IMSConfigData", "IMS configuration data", "TS 31.102 4.2.107",
	   field_objects, &document),
	BT(ISIM, 0x6FFC, 0, "EF.XCAPConfigData", "XCAP configuration data", "TS 31.103 4.2.19",
	   field_objects, &xcap),
	BT(USIM, 0x6FFC, 0, "EF.XCAPConfigData", "XCAP configuration data", "TS 31.102 4.2.111",
	   field_objects, &xcap),
	LF(ISIM, 0x6FFA, 0, "EF.WebRTCURI", "WebRTC URI", "TS 31.103 4.2.20", field_objects,
	   &web_uri),
	BT(ISIM, 0x6FFE, 0, "EF.MuDMiDConfigData", "MuD and MiD configuration data",
	   "TS 31.103 4.2.21", field_objects, &document),
	BT(USIM, 0x6FFE, 0, "EF.MuDMiDConfigData", "MuD and MiD configuration data",
	   "TS 31.102 4.2.113", field_objects, &document),
	TR(ISIM, 0x6F0B, 0, "EF.IMSDCI", "IMS data channel indication", "TS 31.103 4.2.23",
	   field_words, &channels),
	TR(USIM, 0x6F0B, 0, "EF.IMSDCI", "IMS data channel indication", "TS 31.103 4.2.23",
	   field_words, &channels),
	TR(USIM, 0x6FF9, 0, "EF.3GPPPSDATAOFF", "3GPP PS data off", "TS 31.102 4.2.109",
	   field_fields, &data_off),
	LF(USIM, 0x6FFA, 0, "EF.3GPPPSDATAOFFservicelist", "3GPP PS data off service list",
	   "TS 31.102 4.2.110", field_objects, &data_off_services),
};

const struct ef_set efs_ims = {rows, ARRAY_LEN(rows)};
