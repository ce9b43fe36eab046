/*
 * build: makes profile packages of a USIM, and the patch that the sealed part carries.
 */
#ifndef TWINKEY_PROFILE_BUILD_H
#define TWINKEY_PROFILE_BUILD_H

#include "lib/auth/parameters.h"
#include "lib/base/bytes.h"
#include "lib/profile/digits.h"
#include "lib/profile/networks.h"

#define PROFILE_PACKAGE_MAX 65536
#define PROFILE_NAME_MAX    64 /* octets of UTF-8 */
#define PROFILE_SPN_MAX	    16 /* octets that EF.SPN has for it (TS 31.102 4.2.12) */
#define PROFILE_CODE_MAX    8  /* digits of a PIN or PUK */

struct profile_spec {
	char iccid[21];			 /* 18 to 20 digits */
	char imsi[PROFILE_IMSI_MAX + 1]; /* 6 to 15 digits */
	unsigned mnc_length;		 /* 2 or 3 */
	/* UTF-8 that lib/base/simtext.h can put into EF.SPN; "": Twinkey */
	char name[PROFILE_NAME_MAX + 1];
	enum aka_algorithm algorithm;
	struct slice k, opc; /* of a struct secret; as lib/auth/aka.h has them */
	/* Of a patch whose K is derived (lib/profile/sealed.h): its octets, and k is empty. Else 0.
	 */
	size_t derived_octets;
	struct aka_shape shape;
	/* The telephone number; "": EF.MSISDN is empty; NULL: nothing is said of it. */
	const char *msisdn;
	/* NULL: nothing is said of them. With them a package has EF.PLMNwAcT. */
	const struct networks *networks;
	/* Decimal digits, "" for none. Without a pin the PIN is 0000 and disabled. */
	char pin[PROFILE_CODE_MAX + 1], puk[PROFILE_CODE_MAX + 1]; /* 4..8; 8 */
	char adm[PROFILE_CODE_MAX + 1];
};

/* The key of spec as lib/auth/aka.h takes it; it borrows. */
struct aka_parameters profile_spec_aka(const struct profile_spec *spec);
/* ERR_VALUE: other characters than digits, or too few; the error of simtext_encode() for the name;
 * ERR_KEY; ERR_UNSUPPORTED: algorithm. */
enum err profile_spec_check(const struct profile_spec *spec) MUST_CHECK;

/*
 * The unprotected profile package, appended to out (a growing buffer, which wbuf_free wipes: it
 * holds K). sealed: SealedElements (lib/profile/sealed.h) to carry, or empty.
 */
enum err profile_build(const struct profile_spec *spec, struct slice sealed,
		       struct wbuf *out) MUST_CHECK;
/*
 * The elements that turn an installed profile into the subscription of spec: they write its
 * algorithm and keys, IMSI, access class and length of MNC, telephone number and networks where
 * spec has them, and empty the location files. iccid, name and codes of spec are not used. The
 * sealed part carries these elements. With derived_octets the key is left out of them.
 */
enum err profile_build_patch(const struct profile_spec *spec, struct wbuf *out) MUST_CHECK;

#endif
