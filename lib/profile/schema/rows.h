/*
 * rows: how the tables of the schema are written, and what their files share.
 */
#ifndef TWINKEY_PROFILE_SCHEMA_ROWS_H
#define TWINKEY_PROFILE_SCHEMA_ROWS_H

#include "lib/base/bytes.h"
#include "lib/profile/schema/type.h"

#define NEED(t, n, y)                                                                              \
	{                                                                                          \
		.tag = (t), .name = (n), .type = &(y)                                              \
	}
#define MAY(t, n, y)                                                                               \
	{                                                                                          \
		.tag = (t), .name = (n), .type = &(y), .optional = true                            \
	}
#define DEFAULTS(t, n, y, d)                                                                       \
	{                                                                                          \
		.tag = (t), .name = (n), .type = &(y), .optional = true, .dflt = (d)               \
	}
#define NEED_SECRET(t, n, y)                                                                       \
	{                                                                                          \
		.tag = (t), .name = (n), .type = &(y), .secret = true                              \
	}
#define MAY_SECRET(t, n, y)                                                                        \
	{                                                                                          \
		.tag = (t), .name = (n), .type = &(y), .optional = true, .secret = true            \
	}
#define NEED_CONTENT(t, n, y)                                                                      \
	{                                                                                          \
		.tag = (t), .name = (n), .type = &(y), .content = true                             \
	}
#define MAY_CONTENT(t, n, y)                                                                       \
	{                                                                                          \
		.tag = (t), .name = (n), .type = &(y), .optional = true, .content = true           \
	}
#define FIELDS(n, k, f) .name = (n), .kind = (k), .fields = (f), .count = ARRAY_LEN(f)
#define NAMES(n, v)	.name = (n), .kind = SCHEMA_INTEGER, .names = (v), .name_count = ARRAY_LEN(v)

/* types.c */
extern const struct schema_type schema_oid, schema_file, schema_pe_header;
extern const struct schema_type schema_profile_header, schema_pe_generic_file_management,
	schema_pe_pin_codes, schema_pe_puk_codes, schema_pe_aka_parameter, schema_pe_cdma_parameter,
	schema_pe_security_domain, schema_pe_rfm, schema_pe_application, schema_pe_non_standard,
	schema_pe_end, schema_pe_dummy;
/* files.c */
extern const struct schema_type schema_pe_mf, schema_pe_cd, schema_pe_telecom, schema_pe_usim,
	schema_pe_opt_usim, schema_pe_phonebook, schema_pe_gsm_access, schema_pe_df_5gs,
	schema_pe_df_saip, schema_pe_df_snpn, schema_pe_df_5gprose, schema_pe_isim,
	schema_pe_opt_isim, schema_pe_csim, schema_pe_opt_csim, schema_pe_eap, schema_pe_iot,
	schema_pe_opt_iot;
/* elements.c */
extern const struct schema_type schema_package_type;

#endif
