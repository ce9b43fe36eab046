/*
 * wpa: wpa_supplicant -dd -K, eapol_test: "SCARD: scard_transmit: send - hexdump(len=7): 00 a4 ..."
 * and "recv" (wpa_supplicant, src/utils/pcsc_funcs.c); with -t the time since 1970 in front.
 * Without -K what is sent is "[REMOVED]"; what the card says is still there.
 */
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define SENT	 "SCARD: scard_transmit: send - hexdump(len="
#define RECEIVED "SCARD: scard_transmit: recv - hexdump(len="
#define MASKED	 "masked: wpa_supplicant shows what it sends with -K alone"

static bool is_wpa_line(struct slice line)
{
	return line_has(line, SENT) || line_has(line, RECEIVED);
}

static unsigned recognise_wpa(struct slice head)
{
	return line_sure(head, is_wpa_line, 98);
}

/* "7): 00 a4 ...": as many octets as it says */
static bool take_wpa_octets(struct text_log *l, struct slice s, struct slice *octets)
{
	struct wbuf w = wbuf_init(l->octets, sizeof(l->octets));
	uint64_t count;

	return line_number(&s, &count) && line_take(&s, "):") && line_all_hex(s, &w, octets) &&
	       octets->len == count;
}

static void take_wpa_time(struct text_log *l, struct slice line)
{
	l->has_time = clock_seconds(&line, &l->time_ns) && line_take(&line, ":");
}

static void take_wpa_line(void *state, struct trace_out *o, struct slice line)
{
	struct text_log *l = state;
	bool sent, received;
	struct slice tx = line_behind(line, SENT, &sent), octets = SLICE_EMPTY;
	struct slice rx = line_behind(line, RECEIVED, &received);

	if (!sent && !received) {
		if (line_has(line, "SCARD: SCardTransmit failed"))
			text_log_flush(l, o, "SCardTransmit failed");
		trace_out_words(o, line);
		return;
	}
	take_wpa_time(l, line);
	if (sent && line_has(tx, "[REMOVED]"))
		text_log_sent_masked(l, o, MASKED);
	else if (received && line_has(rx, "[REMOVED]"))
		text_log_flush(l, o, MASKED);
	else if (take_wpa_octets(l, sent ? tx : rx, &octets))
		(sent ? text_log_sent : text_log_received)(l, o, octets);
	else {
		text_log_flush(l, o, NULL);
		trace_out_fault(o, "not as many octets as it says", octets);
	}
}

const struct trace_format trace_format_wpa = {.name = "wpa",
					      .title = "wpa_supplicant -dd -K, eapol_test",
					      .recognise = recognise_wpa,
					      .state_size = sizeof(struct text_log),
					      .line = take_wpa_line,
					      .end = text_log_end};
