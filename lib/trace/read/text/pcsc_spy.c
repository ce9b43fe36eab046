/*
 * pcsc-spy: what libpcscspy.so writes into its FIFO: each line has the number of its thread, a call
 * begins with "T@>|SECONDS|MICROSECONDS|NAME", its arguments and results are a line each, and it
 * ends with "T@<|...|NAME|WORDS|CODE" (pcsc-lite, src/libpcscspy.c). The card is the handle.
 */
#include <string.h>

#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define SECOND	    1000000000LL
#define SECONDS_MAX 9000000000ULL
#define THREADS	    8
#define LINES	    10 /* of a call that are kept: SCardTransmit has nine */
#define THREAD_MAX  16 /* digits */

/* The lines of SCardTransmit: hCard, of the send PCI protocol and length, the length, the command,
 * of the receive PCI the same, the length, the response */
enum transmit_line { T_CARD, T_LENGTH = 3, T_COMMAND, T_RESPONSE = 8, T_LINES };
/* of SCardReconnect: hCard, share mode, protocols, initialisation; of SCardDisconnect: hCard,
 * disposition; of SCardStatus: hCard, reader, state, protocol, ATR */
enum { R_DISPOSITION = 3, D_DISPOSITION = 1 };
enum { SCARD_RESET_CARD = 1, SCARD_UNPOWER_CARD = 2 };

enum call { CALL_OTHER, CALL_TRANSMIT, CALL_RECONNECT, CALL_DISCONNECT };

struct thread {
	char name[THREAD_MAX + 1]; /* "": nobody's */
	enum call call;
	struct trace_place place;
	int64_t time_ns;
	unsigned lines; /* of the call so far */
	char card[24];
	uint64_t disposition;
	size_t command_len, response_len;
	bool broken; /* a line that should be octets is none */
	uint8_t command[APDU_EXTENDED_COMMAND_MAX];
	uint8_t response[APDU_EXTENDED_RESPONSE_MAX];
};

struct spy {
	struct text_log log;
	struct thread threads[THREADS];
	unsigned next; /* whose place a further thread takes */
};

/* "7F1A@" off the front */
static bool take_thread(struct slice *line, struct slice *thread)
{
	*thread = line_before(*line, "@");
	if (!thread->len || thread->len > THREAD_MAX || thread->len == line->len)
		return false;
	for (size_t i = 0; i < thread->len; i++) {
		uint8_t c = slice_at(*thread, i);

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'F'))
			return false;
	}
	*line = slice_sub(*line, thread->len + 1, line->len);
	return true;
}

/* ">|SECONDS|MICROSECONDS|" or "<|..." off the front */
static bool take_call_time(struct slice *line, const char *mark, int64_t *time_ns)
{
	uint64_t s, us;

	if (!line_take(line, mark) || !line_number(line, &s) || !line_take(line, "|") ||
	    !line_number(line, &us) || !line_take(line, "|") || s > SECONDS_MAX || us > 999999)
		return false;
	*time_ns = (int64_t)s * SECOND + (int64_t)us * 1000;
	return true;
}

static bool is_call(struct slice line)
{
	struct slice thread;
	int64_t ns;

	return take_thread(&line, &thread) &&
	       (take_call_time(&line, ">|", &ns) || take_call_time(&line, "<|", &ns)) &&
	       slice_starts(line, slice_str("SCard"));
}

static unsigned recognise_spy(struct slice head)
{
	return line_sure(head, is_call, 99);
}

static struct thread *find_thread(struct spy *p, struct slice name)
{
	for (unsigned i = 0; i < THREADS; i++) {
		if (slice_is(name, p->threads[i].name))
			return &p->threads[i];
	}
	return NULL;
}

/* The lines of a call that ends in front of its end */
static void break_off(struct thread *t, struct trace_out *o)
{
	if (t->call == CALL_TRANSMIT) {
		struct trace_place here = o->place;

		o->place = t->place;
		trace_out_fault(o, "SCardTransmit without its end",
				slice_make(t->command, t->command_len));
		o->place = here;
	}
	t->call = CALL_OTHER;
}

/* One that has not called yet; it takes the place of another where there are too many. */
static struct thread *new_thread(struct spy *p, struct trace_out *o, struct slice name)
{
	struct thread *t = find_thread(p, name);

	if (t)
		return t;
	t = &p->threads[p->next++ % THREADS];
	break_off(t, o);
	if (slice_text(name, t->name, sizeof(t->name)))
		t->name[0] = 0;
	return t;
}

static void begin_call(struct thread *t, struct trace_out *o, struct slice name, int64_t time_ns)
{
	break_off(t, o);
	t->call = slice_is(name, "SCardTransmit")     ? CALL_TRANSMIT
		  : slice_is(name, "SCardReconnect")  ? CALL_RECONNECT
		  : slice_is(name, "SCardDisconnect") ? CALL_DISCONNECT
						      : CALL_OTHER;
	t->place = o->place;
	t->time_ns = time_ns;
	t->lines = 0;
	t->command_len = t->response_len = 0;
	t->broken = false;
	t->disposition = 0;
	t->card[0] = 0;
}

static size_t take_spy_octets(struct thread *t, struct slice line, uint8_t *to, size_t cap)
{
	struct wbuf w = wbuf_init(to, cap);
	struct slice octets;

	if (slice_is(line, "NULL") || !line.len)
		return 0;
	if (line_all_hex(line, &w, &octets))
		return octets.len;
	t->broken = true;
	return 0;
}

static void take_argument(struct thread *t, struct slice line)
{
	unsigned i = t->lines;
	bool is_last = (t->call == CALL_RECONNECT && i == R_DISPOSITION) ||
		       (t->call == CALL_DISCONNECT && i == D_DISPOSITION);

	t->lines += t->lines < LINES;
	if (t->call == CALL_OTHER)
		return;
	if (i == T_CARD && slice_text(line, t->card, sizeof(t->card)))
		t->broken = true;
	else if (is_last && line_take(&line, "0x0000000"))
		(void)line_number(&line, &t->disposition);
	else if (t->call == CALL_TRANSMIT && i == T_COMMAND)
		t->command_len = take_spy_octets(t, line, t->command, sizeof(t->command));
	else if (t->call == CALL_TRANSMIT && i == T_RESPONSE)
		t->response_len = take_spy_octets(t, line, t->response, sizeof(t->response));
}

static void end_transmit(struct spy *p, struct thread *t, struct trace_out *o, bool good)
{
	struct slice command = slice_make(t->command, t->command_len);

	p->log.has_time = true;
	p->log.time_ns = t->time_ns;
	if (t->broken || !command.len || (good && t->lines != T_LINES)) {
		trace_out_fault(o, "SCardTransmit with a line that is missing or no hex", command);
		return;
	}
	text_log_sent(&p->log, o, command);
	if (good && t->response_len)
		text_log_received(&p->log, o, slice_make(t->response, t->response_len));
	else
		text_log_flush(&p->log, o, good ? NULL : "SCardTransmit failed");
}

static void end_call(struct spy *p, struct thread *t, struct trace_out *o, struct slice line)
{
	struct trace_place here = o->place;
	bool good;

	(void)line_behind(line, "|0x00000000", &good);
	if (t->call == CALL_OTHER)
		return;
	o->place = t->place;
	p->log.card = trace_out_card(o, slice_str(t->card));
	p->log.has_time = true;
	p->log.time_ns = t->time_ns;
	if (t->call == CALL_TRANSMIT)
		end_transmit(p, t, o, good);
	else if (good && t->disposition == SCARD_UNPOWER_CARD)
		text_log_power(&p->log, o, t->call == CALL_RECONNECT ? TRACE_RESET : TRACE_REMOVED,
			       SLICE_EMPTY);
	else if (good && t->disposition == SCARD_RESET_CARD)
		text_log_power(&p->log, o, TRACE_RESET, SLICE_EMPTY);
	o->place = here;
	t->call = CALL_OTHER;
}

static void take_spy_line(void *state, struct trace_out *o, struct slice line)
{
	struct spy *p = state;
	struct slice name;
	struct thread *t;
	int64_t time_ns;

	line = line_trim(line);
	if (!take_thread(&line, &name)) {
		if (line.len)
			trace_out_fault(o, "a line without a thread in front", SLICE_EMPTY);
		return;
	}
	if (take_call_time(&line, ">|", &time_ns)) {
		begin_call(new_thread(p, o, name), o, line, time_ns);
		return;
	}
	t = find_thread(p, name);
	if (!t)
		return;
	if (take_call_time(&line, "<|", &time_ns))
		end_call(p, t, o, line);
	else
		take_argument(t, line_trim(line));
}

static void end_spy(void *state, struct trace_out *o)
{
	struct spy *p = state;

	for (unsigned i = 0; i < THREADS; i++)
		break_off(&p->threads[i], o);
}

const struct trace_format trace_format_pcsc_spy = {.name = "pcsc-spy",
						   .title = "libpcscspy's FIFO (pcsc-spy)",
						   .recognise = recognise_spy,
						   .state_size = sizeof(struct spy),
						   .line = take_spy_line,
						   .end = end_spy};
