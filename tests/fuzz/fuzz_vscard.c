/*
 * What QEMU's reader may say, and what it may not: any stream. The card says nothing but whole
 * messages of its own kinds, and answers no more than it was asked.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "card-emu/core/app.h"
#include "card-emu/link/vscard.h"
#include "tests/support/euicc.h"
#include "tests/support/must.h"
#include "tests/support/snapshot.h"

#define STREAM_MAX (32 * 1024) /* less than a socket holds: nobody reads while the card answers */
#define HEADER_LEN 12
#define SAID_MAX   (512 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_messages(int fd)
{
	struct wbuf w = wbuf_grow(SAID_MAX);
	uint8_t chunk[4096];
	struct cursor c;
	ssize_t got;
	size_t n = 0;

	while ((got = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
		wbuf_put(&w, slice_make(chunk, (size_t)got));
	MUST(wbuf_done(&w) == ERR_OK);
	c = cursor_of(wbuf_slice(&w));
	for (; cursor_left(&c); n++) {
		uint32_t type = cursor_u32(&c);

		MUST(type == 1 || type == 3 || type == 5 || type == 7 || type == 9);
		MUST(type != 1 || n == 0);
		cursor_u32(&c);
		cursor_take(&c, cursor_u32(&c));
	}
	MUST(cursor_done(&c) == ERR_OK);
	wbuf_free(&w);
	return n;
}

static void serve(struct card *card, struct slice stream)
{
	static const struct link nobody;
	struct link_session s = {.link = &nobody};
	int fds[2], room = SAID_MAX;

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	(void)setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	MUST(send(fds[0], stream.ptr, stream.len, MSG_DONTWAIT) == (ssize_t)stream.len);
	MUST(shutdown(fds[0], SHUT_WR) == 0);
	s.fd = fds[1];
	MUST(vscard_serve_socket(card, &s) != ERR_OK);
	MUST(count_messages(fds[0]) <= 2 + stream.len / HEADER_LEN);
	close(fds[0]);
	close(fds[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct euicc euicc;
	static struct snapshot *at_first;

	if (!at_first) {
		euicc_open(&euicc, NULL);
		at_first = snapshot_take(card_store(euicc.card), "");
	}
	/* 128 answers fit into the socket, whatever they hold */
	if (size > STREAM_MAX || size / HEADER_LEN > 128)
		return 0;
	card_power_off(euicc.card);
	if (size)
		serve(euicc.card, slice_make(data, size));
	snapshot_restore(at_first, card_store(euicc.card));
	return 0;
}
