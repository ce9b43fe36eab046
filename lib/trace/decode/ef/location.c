/* location: where the terminal was last, and how it is registered there */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/uicc/fid.h"

#define STATUS "Update status"

FIELDS(lai, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "lac", .name = "Location area code", .len = 2, .show = field_number});
FIELDS(rai, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "lac", .name = "Location area code", .len = 2, .show = field_number},
       {.key = "rac", .name = "Routing area code", .len = 1, .show = field_number});
FIELDS(tai, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "tac", .name = "Tracking area code", .len = 2, .show = field_number});

/* TS 31.102 4.2.17: bits 4 to 8 are RFU */
WORDS(lu_states, {0, "updated"}, {1, "not updated"}, {2, "PLMN not allowed"},
      {3, "location area not allowed"});
BITS(lu_status, {0, 3, "status", STATUS, &lu_states});
FIELDS(loci, {.key = "tmsi", .name = "TMSI", .len = 4},
       {.key = "lai",
	.name = "Location area identity (LAI)",
	.len = 5,
	.show = field_fields,
	.of = &lai},
       {.key = "tmsi-time", .name = "TMSI TIME, RFU", .len = 1},
       {.key = "status",
	.name = "Location update status",
	.len = 1,
	.show = field_bits,
	.of = &lu_status});

/* 4.2.23 */
WORDS(rau_states, {0, "updated"}, {1, "not updated"}, {2, "PLMN not allowed"},
      {3, "routing area not allowed"});
BITS(rau_status, {0, 3, "status", STATUS, &rau_states});
FIELDS(psloci, {.key = "p-tmsi", .name = "P-TMSI", .len = 4},
       {.key = "p-tmsi-signature", .name = "P-TMSI signature", .len = 3},
       {.key = "rai",
	.name = "Routing area identity (RAI)",
	.len = 6,
	.show = field_fields,
	.of = &rai},
       {.key = "status",
	.name = "Routing area update status",
	.len = 1,
	.show = field_bits,
	.of = &rau_status});

/* 4.2.91; the GUTI as TS 24.301 9.9.3.12 has it, with its length in front */
FIELDS(guti, {.key = "length", .name = "Length", .len = 1, .show = field_number},
       {.key = "type", .name = "Type of identity", .len = 1},
       {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "mme-group", .name = "MME group", .len = 2, .show = field_number},
       {.key = "mme-code", .name = "MME code", .len = 1, .show = field_number},
       {.key = "m-tmsi", .name = "M-TMSI", .len = 4});
WORDS(eps_states, {0, "updated"}, {1, "not updated"}, {2, "roaming not allowed"});
BITS(eps_status, {0, 3, "status", STATUS, &eps_states});

static void show_guti(const struct field *f, struct slice v, const struct tree *t)
{
	if (field_is_blank(v))
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "none");
	else
		field_fields(f, v, t);
}

FIELDS(epsloci, {.key = "guti", .name = "GUTI", .len = 12, .show = show_guti, .of = &guti},
       {.key = "tai",
	.name = "Last visited registered TAI",
	.len = 5,
	.show = field_fields,
	.of = &tai},
       {.key = "status",
	.name = "EPS update status",
	.len = 1,
	.show = field_bits,
	.of = &eps_status});

/* 4.4.11.2; the 5G-GUTI as TS 24.501 9.11.3.4 has it, with its length of two octets in front */
FIELDS(guti_5g, {.key = "length", .name = "Length", .len = 2, .show = field_number},
       {.key = "type", .name = "Type of identity", .len = 1},
       {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "amf-region", .name = "AMF region", .len = 1, .show = field_number},
       {.key = "amf-set", .name = "AMF set and pointer", .len = 2},
       {.key = "5g-tmsi", .name = "5G-TMSI", .len = 4});
FIELDS(tai_5g, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "tac", .name = "Tracking area code", .len = 3, .show = field_number});
FIELDS(loci_5g, {.key = "guti", .name = "5G-GUTI", .len = 13, .show = show_guti, .of = &guti_5g},
       {.key = "tai",
	.name = "Last visited registered TAI",
	.len = 6,
	.show = field_fields,
	.of = &tai_5g},
       {.key = "status",
	.name = "5GS update status",
	.len = 1,
	.show = field_bits,
	.of = &eps_status});

static const struct ef_kind rows[] = {
	TR(USIM, FID_LOCI, 0x0B, "EF.LOCI", "Location information", "TS 31.102 4.2.17",
	   field_fields, &loci),
	TR(USIM, FID_PSLOCI, 0x0C, "EF.PSLOCI", "Packet switched location information",
	   "TS 31.102 4.2.23", field_fields, &psloci),
	TR(USIM, FID_EPSLOCI, 0x1E, "EF.EPSLOCI", "EPS location information", "TS 31.102 4.2.91",
	   field_fields, &epsloci),
	TR(5GS, 0x4F01, 0x01, "EF.5GS3GPPLOCI", "5GS 3GPP location information",
	   "TS 31.102 4.4.11.2", field_fields, &loci_5g),
	TR(5GS, 0x4F02, 0x02, "EF.5GSN3GPPLOCI", "5GS non-3GPP location information",
	   "TS 31.102 4.4.11.3", field_fields, &loci_5g),
	TR(GSM, FID_LOCI, 0, "EF.LOCI", "Location information", "TS 51.011 10.3.17", field_fields,
	   &loci),
	TR(GSM, 0x6F53, 0, "EF.LOCIGPRS", "GPRS location information", "TS 51.011 10.3.33",
	   field_fields, &psloci),
};

const struct ef_set efs_location = {rows, ARRAY_LEN(rows)};
