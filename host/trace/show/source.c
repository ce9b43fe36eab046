#include "host/trace/show/source.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/wait.h"

#define PART_MAX (1 << 16)
#define LOOK_MS	 100  /* how often a file that is followed is looked at */
#define PAUSE_MS 1000 /* of who writes: longer ones, until it is known what this is */

/* Up to PART_MAX octets; 0 at the end. ERR_TIMEOUT: nothing came for a while. */
static enum err take_part(struct source *s, int fd, uint8_t *part, size_t *n)
{
	struct wait w = wait_begin(s->cancel, "more of the trace");
	enum err e = wait_fd(&w, fd, POLLIN, s->settled ? -1 : PAUSE_MS, 0);
	ssize_t got = e ? 0 : read(fd, part, PART_MAX);

	while (got < 0 && errno == EINTR)
		got = read(fd, part, PART_MAX);
	if (got < 0)
		return errno_err(errno);
	*n = (size_t)got;
	return e ? e : cancel_check(s->cancel);
}

/* Who writes has paused: what there is must do to say what it is. */
static enum err settle(struct source *s, struct trace_reader *r)
{
	enum err e = s->settled || !s->octets ? ERR_UNSUPPORTED : trace_reader_settle(r);

	s->settled = s->settled || e == ERR_OK;
	return e == ERR_UNSUPPORTED ? ERR_OK : e;
}

static enum err read_open(struct source *s, int fd, struct trace_reader *r)
{
	static uint8_t part[PART_MAX];
	struct wait growth = wait_begin(s->cancel, "more of the trace");
	enum err e = ERR_OK;

	for (;;) {
		size_t n = 0;
		bool paused;

		e = take_part(s, fd, part, &n);
		paused = e == ERR_TIMEOUT || (!e && !n);
		if ((e && !paused) || (!e && !n && !s->follow))
			return e;
		s->octets += n;
		e = paused ? settle(s, r) : trace_reader_feed(r, slice_make(part, n));
		if (!e && paused)
			e = wait_pause(&growth, LOOK_MS);
		if (e || !s->read_part(s->ctx))
			return e;
	}
}

enum err source_read(struct source *s, struct trace_reader *r)
{
	enum err e, end;
	int fd;

	s->octets = 0;
	s->settled = false;
	e = file_start_reading(s->path, s->cancel, &fd);
	if (e)
		return e;
	e = read_open(s, fd, r);
	if (fd != STDIN_FILENO)
		close(fd);
	/* also after Ctrl-C: what was read of it is told to its end */
	end = e == ERR_UNSUPPORTED || !s->octets ? ERR_OK : trace_reader_end(r);
	return e ? e : end;
}
