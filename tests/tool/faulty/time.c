/* Faults of time: slow, stuck, gone. */
#include <time.h>

#include "tests/tool/faulty/fault.h"

static void slow_read(struct faulty *f, struct slice command, struct wbuf *out)
{
	static const struct timespec pause = {.tv_sec = 1, .tv_nsec = 500000000};

	faulty_pass(f, command, out);
	if (slice_at(command, 1) == INS_READ_BINARY && fault_sw(out) == SW_OK && f->count++ == 0)
		nanosleep(&pause, NULL);
}

/* The procedure of READ RECORD never ends. */
static void stuck_record(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	f->silent = f->silent || (slice_at(command, 1) == INS_READ_RECORD && ++f->count == 4);
}

/* The contacts part in the middle of the fortieth SELECT. */
static void drops_off(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	f->gone = slice_at(command, 1) == INS_SELECT && ++f->count == 40;
}

static const struct fault rows[] = {
	{.name = "time-slow",
	 .what = "one READ BINARY takes a second and a half",
	 .clause = "ISO 7816-3 10.2",
	 .finds = "time.reads",
	 .card = "sim",
	 .tpdu = slow_read},
	{.name = "time-stuck",
	 .what = "the fourth READ RECORD never ends, until a reset",
	 .clause = "ISO 7816-3 10.2",
	 .finds = "fcp.records",
	 .card = "sim",
	 .tpdu = stuck_record},
	{.name = "time-gone",
	 .what = "the card leaves the reader in the middle of a SELECT",
	 .clause = "-",
	 .finds = "-",
	 .card = "sim",
	 .tpdu = drops_off},
};

FAULT_TABLE(faults_of_time, rows);
