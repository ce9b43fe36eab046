#include "tests/tool/faulty/link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/tool/faulty/fault.h"

#define FRAME_MAX  65535
#define HEADER_LEN 2

enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, ATR = 4 };

static bool read_all(int fd, uint8_t *p, size_t n)
{
	static const int on = 1;

	while (n) {
		ssize_t got = recv(fd, p, n, 0);

		if (got <= 0)
			return false;
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool send_answer(int fd, struct slice body)
{
	struct wbuf w = wbuf_grow(HEADER_LEN + FRAME_MAX);
	bool good;

	wbuf_u16(&w, (uint16_t)body.len);
	wbuf_put(&w, body);
	good = send(fd, w.ptr, w.len, MSG_NOSIGNAL) == (ssize_t)w.len;
	wbuf_free(&w);
	return good;
}

/* atr: of the last reset. False: the card leaves the reader. */
static bool answer(struct faulty *f, int fd, struct slice frame, struct wbuf *atr)
{
	struct wbuf out = wbuf_grow(FRAME_MAX);
	bool here = true;

	if (frame.len > 1) {
		if (!atr->len)
			faulty_reset(f, atr);
		faulty_transmit(f, frame, &out);
		card_settle(f->card);
		here = !f->gone && (f->silent || send_answer(fd, wbuf_slice(&out)));
		f->gone = false;
	} else {
		switch (slice_at(frame, 0)) {
		case POWER_OFF:
			card_power_off(f->card);
			wbuf_cut(atr, 0);
			break;
		case POWER_ON:
		case RESET:
			wbuf_cut(atr, 0);
			faulty_reset(f, atr);
			break;
		case ATR:
			if (!atr->len) /* pcscd looks for a card before it powers it */
				wbuf_put(atr, card_atr(f->card));
			here = send_answer(fd, wbuf_slice(atr));
			break;
		default: break;
		}
	}
	wbuf_free(&out);
	return here;
}

static void play(struct faulty *f, int fd)
{
	static uint8_t body[FRAME_MAX];
	struct wbuf atr = wbuf_grow(FRAME_MAX);
	uint8_t head[HEADER_LEN];

	while (read_all(fd, head, sizeof(head))) {
		size_t n = slice_uint(SLICE_OF(head), HEADER_LEN);

		if (!n || !read_all(fd, body, n) || !answer(f, fd, slice_make(body, n), &atr))
			break;
	}
	card_power_off(f->card);
	wbuf_free(&atr);
}

void link_serve(struct faulty *f, unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static const int on = 1;

	to.sin_port = htons((uint16_t)port);
	for (;;) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			return;
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			play(f, fd);
		}
		close(fd);
		usleep(10000);
	}
}
