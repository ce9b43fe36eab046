/* echo_card: a card for vpcd that answers 9000 to everything: the floor that benchmarks measure
 * against. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t atr[] = {0, 4, 0x3B, 0x02, 0x14, 0x50};
static const uint8_t good[] = {0, 2, 0x90, 0x00};

static int read_all(int fd, uint8_t *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			return 0;
		p += got;
		n -= (size_t)got;
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	uint8_t head[2], body[65536];

	to.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (read_all(fd, head, 2)) {
		size_t n = (size_t)head[0] << 8 | head[1];

		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
		if (!read_all(fd, body, n))
			break;
		if (n == 1 && body[0] == 4 && write(fd, atr, sizeof(atr)) != (ssize_t)sizeof(atr))
			break;
		if (n > 1 && write(fd, good, sizeof(good)) != (ssize_t)sizeof(good))
			break;
	}
	close(fd);
	return 0;
}
