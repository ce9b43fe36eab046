/*
 * interpret: walks an unprotected profile package and tells a sink what to make.
 *
 * The package is a sequence of ProfileElements. Each is checked and handed over as files, PINs and
 * keys; the sink stores them. An element that is not understood is refused when it is mandated, and
 * skipped with its status in the report when it is not. The first refusal ends the walk.
 */
#ifndef TWINKEY_PROFILE_INTERPRET_H
#define TWINKEY_PROFILE_INTERPRET_H

#include "lib/bytes.h"
#include "lib/profile/pe.h"

#define PROFILE_PATH_MAX     33
#define PROFILE_EF_MAX	     32768 /* octets of one EF */
#define PROFILE_ELEMENTS_MAX 512

enum profile_kind { PROFILE_DF, PROFILE_TRANSPARENT, PROFILE_LINEAR, PROFILE_CYCLIC };

struct profile_file {	  /* slices borrow for the call */
	const char *path; /* FIDs in hex, from the MF or from an ADF's temporary identifier */
	uint16_t fid;
	enum profile_kind kind;
	uint8_t descriptor, lcsi, sfi, records;
	uint16_t record_len;
	struct slice security;	 /* the TLV 8B */
	struct slice aid;	 /* ADF */
	struct slice pin_status; /* value of C6 */
	struct slice content;
};

struct profile_pin {
	uint8_t ref;
	struct slice value; /* 8 octets, secret */
	uint8_t puk_ref;    /* 0: none */
	uint8_t attributes; /* bit 1: enabled */
	uint8_t tries, tries_max;
};

struct profile_puk {
	uint8_t ref;
	struct slice value; /* 8 octets, secret */
	uint8_t tries, tries_max;
};

struct profile_aka {
	uint8_t algorithm;   /* 1 Milenage, 2 TUAK, 3 test algorithm */
	struct slice k, opc; /* secret */
};

/* Each function says what the report is to say; anything but PE_OK ends the walk. */
struct profile_sink {
	void *ctx;
	enum pe_status (*header)(void *ctx, const uint8_t iccid[static 10]);
	enum pe_status (*file)(void *ctx, const struct profile_file *f);
	enum pe_status (*fill)(void *ctx, const char *path, size_t offset, struct slice content);
	enum pe_status (*puk)(void *ctx, const struct profile_puk *p);
	enum pe_status (*pin)(void *ctx, const struct profile_pin *p);
	enum pe_status (*aka)(void *ctx, const struct profile_aka *a);
	enum pe_status (*non_standard)(void *ctx, struct slice issuer, struct slice content,
				       bool mandated);
};

/*
 * The whole package: ProfileHeader first, PE-End last. report (may be NULL) gets the EUICCResponse.
 * ERR_OK, or ERR_REFUSED with *status (may be NULL) saying why; ERR_MEMORY: it was not the
 * package's fault.
 */
enum err profile_interpret(struct slice package, const struct profile_sink *sink,
			   struct wbuf *report, enum pe_status *status) MUST_CHECK;
/* A patch: elements without header and end; only those that change an installed profile. */
enum err profile_interpret_patch(struct slice elements, const struct profile_sink *sink) MUST_CHECK;

#endif
