/*
 * fcp: file control parameters, what SELECT and STATUS answer (TS 102 221 11.1.1.3).
 */
#ifndef TWINKEY_CARD_FCP_H
#define TWINKEY_CARD_FCP_H

#include "lib/base/bytes.h"

struct fs_file;
struct fs_session;

/* The template of the file at path, appended to out; the PIN status is that of now. */
enum err fcp_put(const struct fs_session *fs, const char *path, const struct fs_file *f,
		 struct wbuf *out) MUST_CHECK;

#endif
