#include "tool/sys/errno.h"

#include <errno.h>

enum err errno_err(int number)
{
	switch (number) {
	case 0: return ERR_OK;
	case ENOENT:
	case ENOTDIR: return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS: return ERR_PERMISSION;
	case EISDIR: return ERR_NO_FILE;
	case EEXIST:
	case ENOTEMPTY: return ERR_EXISTS;
	case ENOSPC:
	case EDQUOT:
	case EFBIG: return ERR_FULL;
	case ENOMEM: return ERR_MEMORY;
	case ENAMETOOLONG: return ERR_LONG_NAME;
	case ETIMEDOUT: return ERR_TIMEOUT;
	case ECONNRESET:
	case EPIPE: return ERR_DISCONNECTED;
	case EINTR: return ERR_CANCELLED; /* of the signals, Ctrl-C and SIGTERM alone are caught */
	default: return ERR_IO;
	}
}
