/*
 * sink: what the interpreter makes of a package, one value at a time, and who takes it. For
 * lib/profile and, through interpret.h, for those who install a package.
 *
 * Paths are FIDs in hex, from the MF ("3F007F10") or from an ADF's temporary identifier ("7FD0").
 */
#ifndef TWINKEY_PROFILE_SINK_H
#define TWINKEY_PROFILE_SINK_H

#include "lib/base/bytes.h"
#include "lib/profile/pe.h"
#include "lib/uicc/fcp.h"

#define PROFILE_PATH_MAX     33
#define PROFILE_EF_MAX	     32768 /* octets of one EF */
#define PROFILE_ELEMENTS_MAX 512
#define PROFILE_REPORT_MAX   8192 /* no EUICCResponse is longer */
#define PROFILE_SEQ_COUNT    32	  /* sqnInit */

struct profile_header {
	uint8_t iccid[10]; /* as in the header: digits in order */
	struct slice raw;  /* of ProfileHeader, with what the interpreter does not use */
};

struct profile_file { /* slices borrow for the call */
	const char *path;
	const char
		*link; /* the file whose content (or, of a DF, whose files) this one shows, or "" */
	uint16_t fid;
	enum uicc_structure kind;
	uint8_t descriptor, lcsi, sfi, records;
	uint8_t special; /* specialFileInformation, TS 102 222 table 5 */
	uint16_t record_len;
	size_t max_size;	 /* BER-TLV: octets that its content may have */
	struct slice security;	 /* the TLV 8B */
	struct slice aid;	 /* ADF */
	struct slice pin_status; /* value of C6 */
	struct slice content;
};

struct profile_pin {
	const char *df; /* whose PIN it is: the MF for global ones */
	uint8_t ref;
	struct slice value; /* 8 octets, secret */
	uint8_t puk_ref;    /* 0: none */
	uint8_t attributes; /* bit 1: enabled; bit 2: may be changed; bit 3: disabled */
	uint8_t tries, tries_max;
};

struct profile_puk {
	uint8_t ref;
	struct slice value; /* 8 octets, secret */
	uint8_t tries, tries_max;
};

struct profile_aka {
	const char *adf;     /* of the application it belongs to; "" in a patch */
	struct slice mapped; /* AID of the application whose key serves; empty: the key follows */
	uint8_t algorithm;   /* enum aka_algorithm */
	struct slice k, opc; /* secret */
	struct slice r, c;   /* MILENAGE's constants; empty: the standard's */
	unsigned iterations; /* TUAK */
	size_t res_len;	     /* TUAK, test algorithm */
	unsigned ind_bits;   /* of SQN (docs/adr/0015) */
	bool has_delta, has_age; /* which limits are checked */
	uint64_t delta, age;	 /* of SEQ */
	uint64_t seq[PROFILE_SEQ_COUNT];
};

struct profile_cdma { /* secret */
	const char *adf;
	struct slice fields; /* what follows the PEHeader, as it stands */
};

enum profile_app_kind {
	PROFILE_SECURITY_DOMAIN = 1,
	PROFILE_RFM,
	PROFILE_LOAD_PACKAGE,
	PROFILE_APP
};

struct profile_app { /* slices borrow for the call; what a kind doesn't have is empty */
	enum profile_app_kind kind;
	struct slice aid;      /* of the instance, or of the load package */
	struct slice package;  /* load package */
	struct slice class_id; /* class AID */
	struct slice domain;   /* AID of the security domain */
	struct slice privileges, tars;
	uint8_t life_cycle;
	struct slice raw; /* the whole of it (DER); that of a security domain is secret */
};

/*
 * Each function returns the status for the report. Any but PE_OK ends the walk; only when the
 * status says that the card lacks something and the element is not mandated, the element is left
 * out and the walk goes on. NULL: the sink does not support it.
 */
struct profile_sink {
	void *ctx;
	uint32_t without; /* set of services (lib/profile/services.h) that the card does not have */
	/* K of a patch whose PE-AKAParameter leaves it out, secret; empty: none may leave it out */
	struct slice derived_k;
	enum pe_status (*header)(void *ctx, const struct profile_header *h);
	enum pe_status (*file)(void *ctx, const struct profile_file *f);
	/* Writes into a file that is there. */
	enum pe_status (*fill)(void *ctx, const char *path, size_t offset, struct slice content);
	/* An ADF with this temporary identifier has been made. */
	bool (*is_adf)(void *ctx, uint16_t fid);
	enum pe_status (*puk)(void *ctx, const struct profile_puk *p);
	enum pe_status (*pin)(void *ctx, const struct profile_pin *p);
	/* df has the local PINs of another DF. */
	enum pe_status (*pin_share)(void *ctx, const char *df, const char *with);
	enum pe_status (*aka)(void *ctx, const struct profile_aka *a);
	enum pe_status (*cdma)(void *ctx, const struct profile_cdma *c);
	enum pe_status (*app)(void *ctx, const struct profile_app *a);
	enum pe_status (*non_standard)(void *ctx, struct slice issuer, struct slice content,
				       bool mandated);
	/* PE-End: nothing more comes. */
	enum pe_status (*end)(void *ctx);
};

#endif
