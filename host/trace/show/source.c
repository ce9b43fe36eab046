#include "host/trace/show/source.h"

#include <unistd.h>

#include "tool/sys/file.h"
#include "tool/sys/wait.h"

#define LOOK_MS	 100  /* how often a file that is followed is looked at */
#define PAUSE_MS 1000 /* of who writes: longer ones, until it is known what this is */

/* Who writes has paused: what there is must do to say what it is. */
static enum err settle(struct source *s, struct trace_reader *r)
{
	enum err e = s->settled || !s->octets ? ERR_UNSUPPORTED : trace_reader_settle(r);

	s->settled = s->settled || e == ERR_OK;
	return e == ERR_UNSUPPORTED ? ERR_OK : e;
}

static enum err read_open(struct source *s, int fd, struct trace_reader *r)
{
	static struct file_part part;
	struct wait growth = wait_begin(s->cancel, "more of the trace");
	enum err e = ERR_OK;

	for (;;) {
		struct wait more = wait_begin(s->cancel, "more of the trace");
		bool paused;

		e = file_read_part(fd, &more, s->settled ? -1 : PAUSE_MS, &part);
		paused = e == ERR_TIMEOUT || (!e && !part.len);
		if ((e && !paused) || (!e && !part.len && !s->follow))
			return e;
		s->octets += part.len;
		if (s->tee && part.len)
			s->tee(s->tee_ctx, slice_make(part.octets, part.len));
		e = paused ? settle(s, r) : trace_reader_feed(r, slice_make(part.octets, part.len));
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
