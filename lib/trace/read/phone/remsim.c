/*
 * remsim: osmo-remsim's bankd and client: "tpduModemToCard(00a4...)", "tpduCardToModem(612f)" with
 * more in front ("Rx RSPRO", a worker's number in brackets, which is the card's), "Card ATR: 3b..".
 */
#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"

struct remsim {
	struct text_log log;
	struct clock clock;
};

/* What is in the parentheses behind this word; false: none are there, another line has the octets
 */
static bool take_remsim_octets(struct slice line, const char *word, struct slice *hex)
{
	bool found;
	struct slice s = line_behind(line, word, &found);

	if (!found || !line_take(&s, "("))
		return false;
	*hex = line_before(s, ")");
	if (hex->len == s.len)
		*hex = SLICE_EMPTY; /* the line is cut */
	return true;
}

static bool is_tpdu_line(struct slice line)
{
	struct slice hex;

	return take_remsim_octets(line, "tpduModemToCard", &hex) ||
	       take_remsim_octets(line, "tpduCardToModem", &hex);
}

static unsigned recognise_remsim(struct slice head)
{
	return line_sure(head, is_tpdu_line, 97);
}

/* "[001 ...": a worker, who has one card */
static void find_worker(struct remsim *p, struct trace_out *o, struct slice line)
{
	bool found;
	struct slice s = line_behind(line, "[", &found), rest = s;
	uint64_t number;

	p->log.card = trace_out_card(o, found && line_number(&rest, &number)
						? slice_sub(s, 0, s.len - rest.len)
						: SLICE_EMPTY);
}

static void take_remsim_line(void *state, struct trace_out *o, struct slice line)
{
	struct remsim *p = state;
	struct slice hex;
	bool has_atr;
	struct slice atr = line_behind(line, "Card ATR:", &has_atr);

	if (!has_atr && !is_tpdu_line(line)) {
		trace_out_words(o, line);
		return;
	}
	find_worker(p, o, line);
	p->log.has_time = clock_of_line(&p->clock, line, &p->log.time_ns);
	if (has_atr)
		text_log_atr(&p->log, o, atr);
	else if (take_remsim_octets(line, "tpduModemToCard", &hex))
		text_log_command(&p->log, o, hex);
	else if (take_remsim_octets(line, "tpduCardToModem", &hex))
		text_log_response(&p->log, o, hex);
}

const struct trace_format trace_format_remsim = {.name = "remsim",
						 .title = "osmo-remsim, bankd or client",
						 .recognise = recognise_remsim,
						 .state_size = sizeof(struct remsim),
						 .line = take_remsim_line,
						 .end = text_log_end};
