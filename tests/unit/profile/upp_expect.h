/*
 * upp_expect: what a profile package says that a card must hold, worked out without the
 * interpreter: from its DER or from its ASN.1 value notation.
 *
 * It knows the form of the GSMA's TS.48 packages: every file but the MF names its identifier and
 * its structure, folders are those with a pinStatusTemplateDO.
 */
#ifndef TWINKEY_TESTS_UPP_EXPECT_H
#define TWINKEY_TESTS_UPP_EXPECT_H

#include "lib/base/bytes.h"

#define EXPECT_FILES_MAX 512
#define EXPECT_SIZE_MAX	 4096
#define EXPECT_PATH_MAX	 41

struct expect_file {
	char path[EXPECT_PATH_MAX], link[EXPECT_PATH_MAX];
	uint8_t descriptor; /* file descriptor byte */
	uint16_t fid, record_len;
	size_t size;
	uint8_t content[EXPECT_SIZE_MAX];
	struct slice aid, rule, refs, special;
	bool sfi_given;
	struct slice sfi; /* value of shortEFID */
};

struct expect {
	struct expect_file files[EXPECT_FILES_MAX];
	size_t count;
	uint8_t octets[64 * 1024]; /* what the notation's hex strings say */
	size_t octets_used;
	unsigned unknown_sizes; /* files whose size is neither given nor in the table */
};

/* Both free by free(). */
struct expect *expect_from_der(struct slice package);
struct expect *expect_from_text(struct slice notation);
const struct expect_file *expect_find(const struct expect *x, const char *path);

#endif
