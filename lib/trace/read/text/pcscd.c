/*
 * pcscd: "00000123 APDU: 00 A4 ..." and "00000456 SW: 61 2F", microseconds since the line before in
 * front (pcsc-lite, src/debuglog.c); in front of that journald's prefix, behind it with colours the
 * number of the thread.
 *
 * No line says which reader it is about. One thread serves one client, so that with its number
 * command and response are surely of each other; without, what waits longest and can have this
 * response gets it, and the exchange says so.
 */
#include <string.h>

#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define DIGITS	    8 /* of the microseconds */
#define MICROSECOND 1000
#define MIXED	    "two readers at once, and the log names none: this response may be the other's"
#define FOREIGN	    "this command cannot have this response, and the log names no reader"

struct waiting {
	uint64_t thread; /* 0: not told */
	unsigned card, lane;
};

struct pcscd {
	struct text_log log;
	struct waiting
		waiting[TEXT_PAIRS]; /* commands without a response yet, of as many readers */
	unsigned count;
	unsigned lane;	   /* of the next one */
	bool mixed;	   /* since nothing waited, more than one did */
	unsigned inserted; /* the reader that the last card was put into */
	bool is_used;	   /* APDUs were sent since the last reset */
	bool present[TRACE_CARDS_MAX];
};

/* "[140094]"; where pthread_t is printed as a signed number it may have a sign */
static bool take_thread(struct slice *s, uint64_t *thread)
{
	bool is_negative;

	if (!line_take(s, "["))
		return false;
	is_negative = line_take(s, "-");
	if (!line_number(s, thread) || !line_take(s, "]"))
		return false;
	if (is_negative)
		*thread = UINT64_MAX - *thread;
	return true;
}

/* What a line says behind its time; false: it is none of pcscd's */
static bool take_pcscd_apart(struct slice line, uint64_t *delta, uint64_t *thread,
			     struct slice *text)
{
	struct slice s = line;
	bool journal;
	struct slice behind = line_behind(line, " pcscd[", &journal);
	uint64_t pid, number;

	if (journal && line_number(&behind, &pid) && line_take(&behind, "]:"))
		s = behind;
	*thread = 0;
	if (s.len < DIGITS || line_before(s, " ").len != DIGITS || !line_number(&s, delta) ||
	    !line_take(&s, " "))
		return false;
	*text = s;
	if (take_thread(&s, &number)) {
		*thread = number;
		*text = s;
	}
	return true;
}

static bool is_pcscd_line(struct slice line)
{
	uint64_t delta, thread;
	struct slice text;

	return take_pcscd_apart(line, &delta, &thread, &text) &&
	       (line_take(&text, "APDU: ") || line_take(&text, "SW: "));
}

/* "file.c:123:function() text" */
static bool is_other_line(struct slice line)
{
	uint64_t delta, thread;
	struct slice text;

	return take_pcscd_apart(line, &delta, &thread, &text) &&
	       line_has(line_before(text, " "), ".c:") && line_has(text, "() ");
}

static unsigned recognise_pcscd(struct slice head)
{
	unsigned sure = line_sure(head, is_pcscd_line, 97);

	return sure ? sure : line_sure(head, is_other_line, 80);
}

/* The card's reader, where one alone has a card; false: nobody can tell which it is */
static bool find_reader(struct pcscd *p, struct trace_out *o)
{
	unsigned found = 0, count = 0;

	for (unsigned i = 0; i < TRACE_CARDS_MAX; i++) {
		if (p->present[i]) {
			found = i;
			count++;
		}
	}
	p->log.card = count == 1 ? found : trace_out_card(o, SLICE_EMPTY);
	return count == 1;
}

/* Goes to the lane of the i-th one that waits */
static void go_to(struct pcscd *p, unsigned i)
{
	p->log.card = p->waiting[i].card;
	p->log.lane = p->waiting[i].lane;
}

/* Gives the i-th one that waits; response NULL: it has none */
static void give_waiting(struct pcscd *p, struct trace_out *o, unsigned i,
			 const struct slice *response)
{
	go_to(p, i);
	p->count--;
	memmove(&p->waiting[i], &p->waiting[i + 1], (p->count - i) * sizeof(p->waiting[0]));
	if (p->mixed)
		text_log_remark(&p->log, MIXED);
	if (response)
		text_log_received(&p->log, o, *response);
	else
		text_log_flush(&p->log, o, NULL);
	p->mixed = p->mixed && p->count;
	p->log.lane = 0;
}

static void take_pcscd_command(struct pcscd *p, struct trace_out *o, struct slice hex,
			       uint64_t thread)
{
	struct slice command;

	for (unsigned i = 0; thread && i < p->count; i++) {
		if (p->waiting[i].thread == thread) {
			give_waiting(p, o, i, NULL); /* the card gave no response */
			break;
		}
	}
	if (p->count == TEXT_PAIRS)
		give_waiting(p, o, 0, NULL);
	/* a reader has one command under way: the line with the response is lost */
	while (find_reader(p, o) && !thread && p->count)
		give_waiting(p, o, p->count - 1, NULL);
	p->is_used = true;
	p->log.lane = ++p->lane;
	text_log_command(&p->log, o, hex);
	if (text_log_waits(&p->log, &command)) {
		p->mixed = p->mixed || (p->count && !thread);
		p->waiting[p->count++] = (struct waiting){thread, p->log.card, p->log.lane};
	}
	p->log.lane = 0;
}

/* The i-th one that waits asks for as much data as there are, or there are none. */
static bool can_have(struct pcscd *p, unsigned i, struct slice response)
{
	struct slice command;
	struct apdu a;

	go_to(p, i);
	return response.len <= 2 ||
	       (text_log_waits(&p->log, &command) && apdu_parse(command, &a) == ERR_OK &&
		a.has_le && response.len - 2 <= a.le);
}

/* Whose response is cut (pcscd does it itself when it is long): the rest of it does not come */
static void give_unread(struct pcscd *p, struct trace_out *o, uint64_t thread)
{
	unsigned i = 0;

	while (i < p->count && p->waiting[i].thread != thread)
		i++;
	if (i < p->count)
		give_waiting(p, o, i, NULL);
}

static void take_pcscd_response(struct pcscd *p, struct trace_out *o, struct slice hex,
				uint64_t thread)
{
	struct wbuf w = wbuf_init(p->log.octets, sizeof(p->log.octets));
	unsigned first;
	struct slice response;

	if (!line_all_hex(line_trim(hex), &w, &response))
		give_unread(p, o, thread);
	if (!text_log_hex(&p->log, o, hex, "a response that is not hex", &response))
		return;
	first = p->count;
	for (unsigned i = p->count; i > 0; i--) {
		if (p->waiting[i - 1].thread == thread && (thread || can_have(p, i - 1, response)))
			first = i - 1;
	}
	if (first < p->count) {
		give_waiting(p, o, first, &response);
	} else if (p->count == 1 && !thread) {
		go_to(p, 0);
		text_log_remark(&p->log, FOREIGN);
		give_waiting(p, o, 0, &response);
	} else {
		trace_out_fault(o,
				p->count && !thread
					? "a response that none of the commands under way can have"
					: "a response to no command",
				response);
	}
	p->log.lane = 0;
}

static void take_other(struct pcscd *p, struct trace_out *o, struct slice text, uint64_t thread)
{
	bool inserted, removed, failed, begins;
	struct slice in = line_behind(text, "Card inserted into ", &inserted);
	struct slice from = line_behind(text, "Card Removed From ", &removed);

	(void)line_behind(text, "IFDTransmit() ", &failed);
	/* ISO 7816-3 6.3.1: PPS comes behind an ATR and nowhere else */
	(void)line_behind(text, "PHSetProtocol() Attempting PTS", &begins);
	if (inserted) {
		p->inserted = trace_out_card(o, in);
		p->present[p->inserted] = true;
	} else if (removed) {
		while (p->count)
			give_waiting(p, o, 0, NULL);
		p->log.card = trace_out_card(o, from);
		p->present[p->log.card] = false;
		text_log_power(&p->log, o, TRACE_REMOVED, SLICE_EMPTY);
	} else if (line_take(&text, "Card ATR:")) {
		p->log.card = p->inserted;
		p->is_used = false;
		text_log_atr(&p->log, o, text);
	} else if (begins && p->is_used && find_reader(p, o)) {
		p->is_used = false;
		text_log_power(&p->log, o, TRACE_RESET, SLICE_EMPTY);
	} else if (failed && p->count && !thread) {
		give_waiting(p, o, p->count - 1, NULL); /* the last one got no response */
	}
}

static void take_pcscd_line(void *state, struct trace_out *o, struct slice line)
{
	struct pcscd *p = state;
	uint64_t delta, thread;
	struct slice text;

	line = line_trim(line);
	if (!take_pcscd_apart(line, &delta, &thread, &text)) {
		if (line_has(line, " APDU: ") || line_has(line, " SW: "))
			trace_out_fault(o, "the time in front is missing or cut", SLICE_EMPTY);
		return;
	}
	p->log.has_time = true;
	p->log.time_ns += (int64_t)delta * MICROSECOND;
	if (line_take(&text, "APDU:"))
		take_pcscd_command(p, o, text, thread);
	else if (line_take(&text, "SW:"))
		take_pcscd_response(p, o, text, thread);
	else if (line_has(text, " APDU: ") || line_has(text, " SW: "))
		trace_out_fault(o, "what stands in front of the octets is unknown", SLICE_EMPTY);
	else
		take_other(p, o, text, thread);
}

static void end_pcscd(void *state, struct trace_out *o)
{
	struct pcscd *p = state;

	while (p->count)
		give_waiting(p, o, 0, NULL);
}

const struct trace_format trace_format_pcscd = {.name = "pcscd",
						.title = "pcscd --apdu",
						.recognise = recognise_pcscd,
						.state_size = sizeof(struct pcscd),
						.line = take_pcscd_line,
						.end = end_pcscd};
