/*
 * refuse_pcsc: a PC/SC service that polkit lets nobody use, on a socket of its own.
 *
 *   refuse-pcsc SOCKET hang-up|violation|silence
 *
 * hang-up: closes, as pcscd 1.9 does to whom polkit refuses; violation: answers the request for a
 * context by SCARD_W_SECURITY_VIOLATION, as later ones do; silence: takes connections and says
 * nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CMD_VERSION 0x11u /* pcsc-lite's winscard_msg.h */
#define VIOLATION   0x8010006Au
#define BODY_MAX    64

struct header {
	uint32_t size, command;
};

static int read_all(int fd, void *to, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t got = read(fd, (char *)to + at, n - at);

		if (got <= 0)
			return 0;
		at += (size_t)got;
	}
	return 1;
}

/* Both bodies end with the result code; that of the version is good. */
static void serve(int fd)
{
	unsigned char body[BODY_MAX];
	struct header h;

	while (read_all(fd, &h, sizeof(h)) && h.size >= 4 && h.size <= BODY_MAX &&
	       read_all(fd, body, h.size)) {
		uint32_t result = h.command == CMD_VERSION ? 0 : VIOLATION;

		memcpy(body + h.size - sizeof(result), &result, sizeof(result));
		if (write(fd, body, h.size) != (ssize_t)h.size)
			return;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc != 3 || fd < 0)
		return 2;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", argv[1]);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 8))
		return 1;
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			return 1;
		if (strcmp(argv[2], "violation") == 0)
			serve(client);
		if (strcmp(argv[2], "silence") != 0)
			close(client);
	}
}
