/*
 * path: where a file lies: FIDs in upper-case hex, from the MF ("3F00", "3F007F106F3A") or from an
 * ADF by the temporary FID that the profile gives it ("7FF0", "7FF06F07").
 */
#ifndef TWINKEY_CARD_PATH_H
#define TWINKEY_CARD_PATH_H

#include "lib/base/bytes.h"

#define FS_PATH_MAX 33 /* eight FIDs and the NUL */
#define FS_PATH_MF  "3F00"
#define FS_FID_LEN  4 /* digits of a FID in a path */

/* path + fid into out; ERR_SPACE when too deep. */
enum err fs_path_join(const char *path, uint16_t fid, char out[static FS_PATH_MAX]) MUST_CHECK;
/* The directory that path lies in; ADFs lie under the MF (TS 102 221 8.2). False: the MF lies in
 * none. */
bool fs_path_parent(const char *path, char out[static FS_PATH_MAX]);
bool fs_path_is_adf(const char *path);

#endif
