/*
 * The stream of a virtual reader: frames of any length and content. Each command is answered by
 * one frame, in its turn, and nothing else is sent.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "card-emu/link/vpcd.h"
#include "card-emu/core/app.h"
#include "tests/support/euicc.h"
#include "tests/support/must.h"
#include "tests/support/snapshot.h"

#define STREAM_MAX (64 * 1024) /* less than a socket holds: nobody reads while the card answers */
#define ANSWERS	   128	       /* so many commands at most, for the same reason */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many answers the stream asks for; it ends at an empty frame, which is none of the protocol.
 */
static size_t count_answers(struct slice stream)
{
	struct cursor c = cursor_of(stream);
	size_t n = 0;

	while (cursor_left(&c) >= 2) {
		struct slice frame = cursor_take(&c, cursor_u16(&c));

		if (c.err || !frame.len)
			break;
		n += frame.len > 1 || slice_at(frame, 0) == 4; /* get ATR */
	}
	return n;
}

static size_t count_frames(int fd)
{
	static uint8_t mem[ANSWERS * (2 + APDU_RESPONSE_MAX)];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct cursor c;
	uint8_t chunk[4096];
	ssize_t got;
	size_t n = 0;

	while ((got = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
		wbuf_put(&w, slice_make(chunk, (size_t)got));
	MUST(wbuf_done(&w) == ERR_OK);
	c = cursor_of(wbuf_slice(&w));
	for (; cursor_left(&c); n++) {
		size_t len = cursor_u16(&c);

		MUST(len >= 2 && len <= APDU_RESPONSE_MAX);
		cursor_take(&c, len);
	}
	MUST(cursor_done(&c) == ERR_OK);
	return n;
}

static void serve(struct card *card, struct slice stream)
{
	int fds[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	MUST(send(fds[0], stream.ptr, stream.len, MSG_DONTWAIT) == (ssize_t)stream.len);
	MUST(shutdown(fds[0], SHUT_WR) == 0);
	MUST(vpcd_serve_socket(card, fds[1]) != ERR_OK);
	MUST(count_frames(fds[0]) == count_answers(stream));
	close(fds[0]);
	close(fds[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct euicc euicc;
	static struct snapshot *at_first;
	struct slice stream = slice_make(data, size);

	if (!at_first) {
		euicc_open(&euicc, NULL);
		at_first = snapshot_take(card_store(euicc.card), "");
	}
	if (size > STREAM_MAX || count_answers(stream) >= ANSWERS)
		return 0;
	card_power_off(euicc.card);
	if (size)
		serve(euicc.card, stream);
	snapshot_restore(at_first, card_store(euicc.card));
	return 0;
}
