#include "tool/nfc/port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tool/sys/path.h"
#include "tool/sys/trouble.h"

/* The node of "driver:/path[:speed]"; false: the driver finds its device by itself. */
static bool node_of(const char *connstring, char path[static PATH_CAP])
{
	const char *start = strchr(connstring, ':');
	size_t len;

	if (!start || start[1] != '/')
		return false;
	len = strcspn(++start, ":");
	if (len >= PATH_CAP)
		return false;
	memcpy(path, start, len);
	path[len] = 0;
	return true;
}

static enum err say_no_node(const char *path)
{
	switch (errno) {
	case EACCES:
	case EPERM:
		return trouble_set(ERR_PERMISSION,
				   "this user may not open %s; its group may (see ls -l): join it, "
				   "or install Twinkey's udev rules",
				   path);
	case EBUSY: return trouble_set(ERR_LOCKED, "another process uses %s", path);
	case ENOENT:
	case ENOTDIR:
	case ENODEV:
	case ENXIO:
	case EIO: return trouble_set(ERR_NFC_ABSENT, "there is no %s", path);
	default: return trouble_set(ERR_NFC_ABSENT, "%s cannot be opened", path);
	}
}

static enum err lock_node(const char *path, int *lock)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return say_no_node(path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return trouble_set(ERR_LOCKED, "another process uses %s", path);
	}
	*lock = fd;
	return ERR_OK;
}

/* Why libnfc opens nothing, it keeps for itself. */
static enum err say_not_opened(const char *connstring, bool has_node)
{
	if (has_node)
		return trouble_set(ERR_NFC_MUTE, "no PN53x answers at %s", connstring);
	return trouble_set(ERR_NFC_ABSENT,
			   *connstring ? "libnfc finds no reader that answers as '%s'"
				       : "libnfc finds no reader that it may use (twinkey doctor "
					 "says what keeps it away)%s",
			   connstring);
}

enum err port_open(const char *connstring, struct port *out)
{
	struct port p = {.lock = -1};
	char path[PATH_CAP];
	bool has_node = node_of(connstring, path);
	enum err e = ERR_OK;

	if (strlen(connstring) >= sizeof(nfc_connstring))
		return ERR_USAGE;
	setenv("LIBNFC_LOG_LEVEL", "0", 1); /* it would show each PIN that passes */
	if (has_node)
		e = lock_node(path, &p.lock);
	if (!e) {
		nfc_init(&p.context);
		e = p.context ? ERR_OK : ERR_MEMORY;
	}
	if (!e) {
		p.device = nfc_open(p.context, *connstring ? connstring : NULL);
		e = p.device ? ERR_OK : say_not_opened(connstring, has_node);
	}
	if (e)
		port_close(&p);
	else
		*out = p;
	return e;
}

void port_close(struct port *p)
{
	if (p->device)
		nfc_close(p->device);
	if (p->context)
		nfc_exit(p->context);
	if (p->lock >= 0)
		close(p->lock);
	*p = (struct port){.lock = -1};
}

enum err port_err(int libnfc)
{
	switch (libnfc) {
	case NFC_ETIMEOUT: return ERR_TIMEOUT;
	case NFC_EIO:
	case NFC_ENOTSUCHDEV:
	case -ENODEV: /* pn53x_usb hands over what the USB says of a stick that was pulled out */
	case -ESHUTDOWN: return ERR_NFC_LOST;
	case NFC_ETGRELEASED: return ERR_DISCONNECTED;
	case NFC_EOPABORTED: return ERR_CANCELLED;
	case NFC_EDEVNOTSUPP:
	case NFC_ENOTIMPL: return ERR_UNSUPPORTED;
	case NFC_EOVFLOW: return ERR_SPACE;
	default: return libnfc < 0 ? ERR_PROTOCOL : ERR_OK;
	}
}
