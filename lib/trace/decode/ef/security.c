/* security: keys and what goes with them. No key is told. */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/uicc/fid.h"

/* TS 31.102 4.2.3; 7: no key is available */
BITS(ksi, {0, 3, "ksi", "Key set identifier", NULL});
SECRET_FIELDS(keys, {.key = "ksi", .name = "KSI", .len = 1, .show = field_bits, .of = &ksi},
	      {.key = "ck", .name = "CK", .len = 16, .show = field_secret},
	      {.key = "ik", .name = "IK", .len = 16, .show = field_secret});
/* TS 51.011 10.3.3 */
SECRET_FIELDS(kc, {.key = "kc", .name = "Kc", .len = 8, .show = field_secret},
	      {.key = "cksn",
	       .name = "Ciphering key sequence number",
	       .len = 1,
	       .show = field_bits,
	       .of = &ksi});

/* TS 31.102 4.2.51, 4.2.52 */
FIELDS(start_hfn, {.key = "cs", .name = "START, CS", .len = 3, .show = field_number},
       {.key = "ps", .name = "START, PS", .len = 3, .show = field_number});

/* TS 24.301 9.9.3.23, TS 24.501 9.11.3.34 */
BITS(eps_algorithms, {4, 3, "ciphering", "Ciphering: EEA", NULL},
     {0, 3, "integrity", "Integrity: EIA", NULL});
BITS(nas_algorithms, {4, 4, "ciphering", "Ciphering: 5G-EA", NULL},
     {0, 4, "integrity", "Integrity: 5G-IA", NULL});

/* TS 31.102 4.2.92 */
SECRET_FIELDS(eps_context,
	      {.tag = 0x80,
	       .key = "ksi",
	       .name = "Key set identifier KSI ASME",
	       .len = 1,
	       .show = field_number},
	      {.tag = 0x81, .key = "k-asme", .name = "K ASME", .show = field_secret},
	      {.tag = 0x82, .key = "uplink", .name = "Uplink NAS count", .show = field_number},
	      {.tag = 0x83, .key = "downlink", .name = "Downlink NAS count", .show = field_number},
	      {.tag = 0x84,
	       .key = "algorithms",
	       .name = "Selected NAS algorithms",
	       .len = 1,
	       .show = field_bits,
	       .of = &eps_algorithms});
SECRET_FIELDS(epsnsc, {.tag = 0xA0,
		       .key = "context",
		       .name = "EPS NAS security context",
		       .show = field_objects,
		       .of = &eps_context});

/* 4.4.11.4 */
SECRET_FIELDS(nas_context,
	      {.tag = 0x80,
	       .key = "ksi",
	       .name = "Key set identifier ngKSI",
	       .len = 1,
	       .show = field_number},
	      {.tag = 0x81, .key = "k-amf", .name = "K AMF", .show = field_secret},
	      {.tag = 0x82, .key = "uplink", .name = "Uplink NAS count", .show = field_number},
	      {.tag = 0x83, .key = "downlink", .name = "Downlink NAS count", .show = field_number},
	      {.tag = 0x84,
	       .key = "algorithms",
	       .name = "Selected NAS algorithms",
	       .len = 1,
	       .show = field_bits,
	       .of = &nas_algorithms},
	      {.tag = 0x85,
	       .key = "eps-algorithms",
	       .name = "Selected EPS NAS algorithms",
	       .len = 1,
	       .show = field_bits,
	       .of = &eps_algorithms});
SECRET_FIELDS(nsc_5g, {.tag = 0xA0,
		       .key = "context",
		       .name = "5GS NAS security context",
		       .show = field_objects,
		       .of = &nas_context});

/* 4.4.11.6 */
SECRET_FIELDS(auth_keys, {.tag = 0x80, .key = "k-ausf", .name = "K AUSF", .show = field_secret},
	      {.tag = 0x81, .key = "k-seaf", .name = "K SEAF", .show = field_secret},
	      {.tag = 0x82, .key = "sor-counter", .name = "SOR counter", .show = field_number},
	      {.tag = 0x83,
	       .key = "upu-counter",
	       .name = "UE parameter update counter",
	       .show = field_number});

/* 4.2.79 */
static const struct field octets = {.key = "octets", .name = "Octets"};
static const struct field text = {.key = "text", .name = "Text", .show = field_utf8};

/* Three values, each with its length in front */
static void show_gbabp(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field parts[] = {
		{.key = "rand", .name = "RAND", .of = &octets},
		{.key = "b-tid", .name = "Bootstrapping transaction identifier", .of = &text},
		{.key = "lifetime", .name = "Key lifetime", .of = &text},
	};
	struct cursor c = cursor_of(v);

	tree_open(t, f->key, f->name, v);
	for (size_t i = 0; i < ARRAY_LEN(parts) && cursor_left(&c); i++) {
		struct slice rest = c.rest;

		cursor_take(&c, cursor_u8(&c));
		field_counted(&parts[i], c.err ? rest : slice_sub(rest, 0, rest.len - c.rest.len),
			      t);
	}
	tree_close(t);
}

/* 4.2.83, 4.2.87 */
FIELDS(gbanl, {.tag = 0x80, .key = "naf-id", .name = "NAF identifier"},
       {.tag = 0x81,
	.key = "b-tid",
	.name = "Bootstrapping transaction identifier",
	.show = field_utf8});
FIELDS(nafkca,
       {.tag = 0x80, .key = "address", .name = "NAF key centre address", .show = field_utf8});

/* 4.2.80: which keys there are; the keys themselves stand in no file */
FIELDS(msk_id, {.key = "id", .name = "MSK identifier", .len = 4},
       {.key = "counter", .name = "Time stamp counter", .len = 4, .show = field_number});
static const struct field msk_item = {
	.key = "msk", .name = "MSK", .len = 8, .show = field_fields, .of = &msk_id};
FIELDS(msk, {.key = "domain", .name = "Key domain identifier", .len = 3},
       {.key = "count", .name = "Number of MSK identifiers", .len = 1, .show = field_number},
       {.key = "msks", .name = "MSKs", .show = field_list, .of = &msk_item});
/* 4.2.81 */
FIELDS(muk_id, {.tag = 0x80, .key = "idr", .name = "MUK IDr"},
       {.tag = 0x82, .key = "idi", .name = "MUK IDi"});
FIELDS(muk,
       {.tag = 0xA0, .key = "id", .name = "MUK identifier", .show = field_objects, .of = &muk_id},
       {.tag = 0x81, .key = "counter", .name = "Time stamp counter", .show = field_number});

/* 4.2.49: each of eight digits */
SECRET_FIELDS(dck, {.key = "network", .name = "Network key", .len = 4, .show = field_secret},
	      {.key = "subset", .name = "Network subset key", .len = 4, .show = field_secret},
	      {.key = "provider", .name = "Service provider key", .len = 4, .show = field_secret},
	      {.key = "corporate", .name = "Corporate key", .len = 4, .show = field_secret});

/* 4.2.114 */
BITS(eaka, {0, 1, "enhanced-sqn", "Enhanced SQN calculation", NULL});
/* TS 31.103 4.2.22: an AID and a NAF identifier, each with its length in front */
FIELDS(gba_access, {.tag = 0x80, .key = "access", .name = "Applet's access to a NAF"});

static const struct ef_kind rows[] = {
	TR(USIM, FID_KEYS, 0x08, "EF.Keys", "Ciphering and integrity keys", "TS 31.102 4.2.3",
	   field_fields, &keys),
	TR(USIM, FID_KEYS_PS, 0x09, "EF.KeysPS", "Keys of the packet switched domain",
	   "TS 31.102 4.2.4", field_fields, &keys),
	TR(USIM, FID_START_HFN, 0x0F, "EF.START-HFN", "Initialisation values for hyperframe number",
	   "TS 31.102 4.2.51", field_fields, &start_hfn),
	TR(USIM, FID_THRESHOLD, 0x10, "EF.THRESHOLD", "Maximum value of START", "TS 31.102 4.2.52",
	   field_number, NULL),
	LF(USIM, 0x6FE4, 0x18, "EF.EPSNSC", "EPS NAS security context", "TS 31.102 4.2.92",
	   field_objects, &epsnsc),
	LF(5GS, 0x4F03, 0x03, "EF.5GS3GPPNSC", "5GS 3GPP access NAS security context",
	   "TS 31.102 4.4.11.4", field_objects, &nsc_5g),
	LF(5GS, 0x4F04, 0x04, "EF.5GSN3GPPNSC", "5GS non-3GPP access NAS security context",
	   "TS 31.102 4.4.11.5", field_objects, &nsc_5g),
	TR(5GS, 0x4F05, 0x05, "EF.5GAUTHKEYS", "5G authentication keys", "TS 31.102 4.4.11.6",
	   field_objects, &auth_keys),
	TR(GSM_ACCESS, FID_KC, 0x01, "EF.Kc", "GSM ciphering key Kc", "TS 31.102 4.4.3.1",
	   field_fields, &kc),
	TR(GSM_ACCESS, FID_KC_GPRS, 0x02, "EF.KcGPRS", "GPRS ciphering key KcGPRS",
	   "TS 31.102 4.4.3.2", field_fields, &kc),
	TR(GSM, FID_GSM_KC, 0, "EF.Kc", "Ciphering key Kc", "TS 51.011 10.3.3", field_fields, &kc),
	TR(GSM, 0x6F52, 0, "EF.KcGPRS", "GPRS ciphering key KcGPRS", "TS 51.011 10.3.32",
	   field_fields, &kc),
	TR(USIM, 0x6F2C, 0, "EF.DCK", "Depersonalisation control keys", "TS 31.102 4.2.49",
	   field_fields, &dck),
	TR(GSM, 0x6F2C, 0, "EF.DCK", "De-personalization control keys", "TS 51.011 10.3.29",
	   field_fields, &dck),
	TR(USIM, 0x6FC3, 0, "EF.Hiddenkey", "Key for hidden phone book entries", "TS 31.102 4.2.42",
	   field_secret, NULL),
	TR(USIM, 0x6FD6, 0, "EF.GBABP", "GBA bootstrapping parameters", "TS 31.102 4.2.79",
	   show_gbabp, NULL),
	TR(ISIM, 0x6FD5, 0, "EF.GBABP", "GBA bootstrapping parameters", "TS 31.103 4.2.9",
	   show_gbabp, NULL),
	LF(USIM, 0x6FDA, 0, "EF.GBANL", "GBA NAF list", "TS 31.102 4.2.83", field_objects, &gbanl),
	LF(ISIM, 0x6FD7, 0, "EF.GBANL", "GBA NAF list", "TS 31.103 4.2.10", field_objects, &gbanl),
	LF(USIM, 0x6FDD, 0, "EF.NAFKCA", "NAF key centre address", "TS 31.102 4.2.87",
	   field_objects, &nafkca),
	LF(ISIM, 0x6FDD, 0, "EF.NAFKCA", "NAF key centre address", "TS 31.103 4.2.11",
	   field_objects, &nafkca),
	LF(USIM, 0x6FD7, 0, "EF.MSK", "MBMS service key list", "TS 31.102 4.2.80", field_fields,
	   &msk),
	LF(USIM, 0x6FD8, 0, "EF.MUK", "MBMS user key", "TS 31.102 4.2.81", field_objects, &muk),
	TR(USIM, 0x6F01, 0, "EF.eAKA", "Enhanced AKA support", "TS 31.102 4.2.114", field_bits,
	   &eaka),
	LF(USIM, 0x6F0A, 0, "EF.AC_GBAUAPI", "Access control to GBA_U_API", "TS 31.103 4.2.22",
	   field_objects, &gba_access),
	LF(ISIM, 0x6F0A, 0, "EF.AC_GBAUAPI", "Access control to GBA_U_API", "TS 31.103 4.2.22",
	   field_objects, &gba_access),
};

const struct ef_set efs_security = {rows, ARRAY_LEN(rows)};
