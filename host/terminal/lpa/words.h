/*
 * words: what the eUICC's error codes mean, and what to do. For the parts of the LPA alone.
 */
#ifndef TWINKEY_HOST_LPA_WORDS_H
#define TWINKEY_HOST_LPA_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/rsp/es10b.h"

/* A result code in words. */
struct lpa_words {
	uint32_t code;
	const char *text;
};
const char *lpa_word(const struct lpa_words *table, size_t n, uint32_t code);

/* Of AuthenticateServer, PrepareDownload and the installation. */
const char *lpa_authenticate_text(enum es10b_authenticate_error e);
const char *lpa_prepare_text(enum es10b_download_error e);
const char *lpa_install_text(enum es10b_bpp_error e);

#endif
