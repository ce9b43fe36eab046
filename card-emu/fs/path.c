#include "card-emu/fs/path.h"

#include <stdio.h>
#include <string.h>

enum err fs_path_join(const char *path, uint16_t fid, char out[static FS_PATH_MAX])
{
	char joined[FS_PATH_MAX + 8];
	int n = snprintf(joined, sizeof(joined), "%s%04X", path, fid);

	if (n < 0 || n >= FS_PATH_MAX)
		return ERR_SPACE;
	memcpy(out, joined, (size_t)n + 1);
	return ERR_OK;
}

bool fs_path_is_adf(const char *path)
{
	return strlen(path) == FS_FID_LEN && strcmp(path, FS_PATH_MF) != 0;
}

bool fs_path_parent(const char *path, char out[static FS_PATH_MAX])
{
	size_t len = strlen(path);

	if (fs_path_is_adf(path)) { /* TS 102 221 8.2: ADFs lie under the MF */
		memcpy(out, FS_PATH_MF, sizeof(FS_PATH_MF));
		return true;
	}
	if (len < 2 * FS_FID_LEN)
		return false;
	memcpy(out, path, len - FS_FID_LEN);
	out[len - FS_FID_LEN] = 0;
	return true;
}
