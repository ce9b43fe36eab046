#include "tool/pcsc/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/bytes.h"

/* Where pcsc-lite's library looks for the service */
#define SOCKET_VARIABLE "PCSCLITE_CSOCK_NAME"
#define SOCKET_PATH	"/run/pcscd/pcscd.comm"
#define HANG_UPS	3
#define LAST_BREATH_NS	100000000 /* 100 ms */

static const struct {
	LONG code;
	enum err start, within;
} errors[] = {
	{SCARD_S_SUCCESS, ERR_OK, ERR_OK},
	{SCARD_E_NO_SERVICE, ERR_NO_SERVICE, ERR_SERVICE_LOST},
	{SCARD_E_SERVICE_STOPPED, ERR_NO_SERVICE, ERR_SERVICE_LOST},
	{SCARD_F_COMM_ERROR, ERR_NO_SERVICE, ERR_SERVICE_LOST},
	{SCARD_E_INVALID_HANDLE, ERR_SERVICE_LOST, ERR_SERVICE_LOST}, /* of a service before */
	{SCARD_E_NO_ACCESS, ERR_POLKIT, ERR_POLKIT},
	/* polkit is asked at the start; later this is a service that has forgotten its clients */
	{SCARD_W_SECURITY_VIOLATION, ERR_POLKIT, ERR_SERVICE_LOST},
	{SCARD_E_NO_READERS_AVAILABLE, ERR_NO_READER, ERR_READER_LOST},
	{SCARD_E_UNKNOWN_READER, ERR_NO_READER, ERR_READER_LOST},
	{SCARD_E_READER_UNAVAILABLE, ERR_NO_READER, ERR_READER_LOST},
	{SCARD_E_NO_SMARTCARD, ERR_NO_CARD, ERR_CARD_LOST},
	{SCARD_W_REMOVED_CARD, ERR_NO_CARD, ERR_CARD_LOST},
	{SCARD_W_UNPOWERED_CARD, ERR_MUTE, ERR_MUTE}, /* it was powered just now, in vain */
	{SCARD_W_UNRESPONSIVE_CARD, ERR_MUTE, ERR_MUTE},
	{SCARD_W_UNSUPPORTED_CARD, ERR_ATR, ERR_ATR},
	{SCARD_E_PROTO_MISMATCH, ERR_CARD_PROTOCOL, ERR_CARD_PROTOCOL},
	{SCARD_E_SHARING_VIOLATION, ERR_READER_BUSY, ERR_READER_BUSY},
	{SCARD_W_RESET_CARD, ERR_CARD_RESET, ERR_CARD_RESET},
	{SCARD_E_NOT_TRANSACTED, ERR_CARD_SILENT, ERR_CARD_SILENT},
	{SCARD_E_COMM_DATA_LOST, ERR_CARD_SILENT, ERR_CARD_SILENT},
	{SCARD_E_TIMEOUT, ERR_TIMEOUT, ERR_TIMEOUT},
	{SCARD_E_CANCELLED, ERR_CANCELLED, ERR_CANCELLED},
	{SCARD_E_NO_MEMORY, ERR_MEMORY, ERR_MEMORY},
	{SCARD_E_INSUFFICIENT_BUFFER, ERR_PROTOCOL, ERR_PROTOCOL},
	{SCARD_E_UNSUPPORTED_FEATURE, ERR_UNSUPPORTED, ERR_UNSUPPORTED},
};

enum err service_error(LONG code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (errors[i].code == code)
			return errors[i].start;
	}
	return ERR_IO;
}

enum err service_error_within(LONG code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (errors[i].code == code)
			return errors[i].within;
	}
	return ERR_CARD_SILENT;
}

/* Why the library says that there is no service. */
static enum err look_at_socket(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *path = getenv(SOCKET_VARIABLE);
	int fd, why;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path ? path : SOCKET_PATH);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_NO_SERVICE;
	why = connect(fd, (struct sockaddr *)&a, sizeof(a)) ? errno : 0;
	close(fd);
	switch (why) {
	case 0: return ERR_POLKIT; /* somebody listens, and hangs up before he is asked anything */
	case ECONNREFUSED: return ERR_SERVICE_DEAD;
	case EACCES: return ERR_PERMISSION;
	default: return ERR_NO_SERVICE;
	}
}

static enum err open_once(struct service *s)
{
	LONG r = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &s->context);

	s->is_open = r == SCARD_S_SUCCESS;
	if (r == SCARD_F_COMM_ERROR) /* it hung up */
		return ERR_POLKIT;
	return r == SCARD_E_NO_SERVICE ? look_at_socket() : service_error(r);
}

/* Where polkit refuses a user, some versions of the service hang up instead of saying so. A service
 * that ends hangs up too, but only once.
 */
enum err service_open(struct service *s)
{
	const struct timespec pause = {.tv_nsec = LAST_BREATH_NS};
	enum err e = open_once(s);

	for (unsigned i = 0; e == ERR_POLKIT && i < HANG_UPS; i++) {
		nanosleep(&pause, NULL);
		e = open_once(s);
	}
	return e;
}

void service_close(struct service *s)
{
	if (s->is_open)
		SCardReleaseContext(s->context);
	s->is_open = false;
}
