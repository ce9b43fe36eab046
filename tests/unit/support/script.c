#include "tests/unit/support/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

#define LINE_MAX_LEN 1200

static const uint8_t script_atr[] = {0x3B, 0x00};

struct scripted {
	struct transport base;
	struct script *script;
};

/* The next line that is no comment, without its end; false at the end of the text. */
static bool next_line(const char **text, char *line, size_t cap)
{
	while (**text) {
		size_t len = strcspn(*text, "\n");

		snprintf(line, cap, "%.*s", (int)len, *text);
		*text += len + ((*text)[len] == '\n');
		if (line[0] == '>' || line[0] == '<' || line[0] == '!')
			return true;
	}
	return false;
}

static enum err scripted_reset(struct transport *t, struct slice *atr)
{
	struct script *s = ((struct scripted *)t)->script;
	char line[LINE_MAX_LEN];

	if (s->resets++ && (!next_line(&s->text, line, sizeof(line)) || strcmp(line, "! reset")))
		s->differed = true;
	*atr = SLICE_OF(script_atr);
	return ERR_OK;
}

static enum err scripted_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct script *s = ((struct scripted *)t)->script;
	char line[LINE_MAX_LEN];
	uint8_t octets[APDU_COMMAND_MAX + 2];
	struct wbuf want = wbuf_init(octets, sizeof(octets));

	s->exchanges++;
	if (!next_line(&s->text, line, sizeof(line)) || line[0] != '>' ||
	    hex_decode(line + 1, &want) || !slice_equal(command, wbuf_slice(&want))) {
		char got[2 * APDU_COMMAND_MAX + 1];

		hex_encode(command, got, sizeof(got));
		fprintf(stderr, "\nthe transcript says %s, the terminal sends %s\n", line, got);
		s->differed = true;
		return ERR_IO;
	}
	if (!next_line(&s->text, line, sizeof(line)) || line[0] != '<') {
		s->differed = true;
		return ERR_IO;
	}
	return hex_decode(line + 1, response);
}

static void scripted_close(struct transport *t)
{
	free(t);
}

static const struct transport_ops scripted_ops = {
	.kind = "script",
	.reset = scripted_reset,
	.transmit = scripted_transmit,
	.close = scripted_close,
};

struct transport *script_transport(struct script *s)
{
	struct scripted *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->base.ops = &scripted_ops;
	t->base.apdu_level = s->apdu_level;
	t->base.extended = s->extended;
	t->script = s;
	return &t->base;
}

struct uicc *script_uicc(struct script *s)
{
	struct uicc *u = NULL;

	if (uicc_open(script_transport(s), &u))
		abort();
	return u;
}

bool script_done(const struct script *s)
{
	const char *rest = s->text;
	char line[LINE_MAX_LEN];

	return !s->differed && !next_line(&rest, line, sizeof(line));
}

static void compare_exchange(struct transport *card, const char *command, const char *response)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf got = wbuf_init(octets, sizeof(octets));

	ASSERT_ERR(transport_transmit(card, test_unhex(command), &got), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&got), test_unhex(response), command);
}

void transcript_compare(struct transport *card, const char *name)
{
	char path[256], command[LINE_MAX_LEN] = "", line[LINE_MAX_LEN];
	struct slice atr;
	FILE *f;

	snprintf(path, sizeof(path), "tests/transcripts/%s.txt", name);
	f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] == '!') {
			ASSERT_ERR(transport_reset(card, &atr), ERR_OK);
		} else if (line[0] == '>') {
			snprintf(command, sizeof(command), "%s", line + 1);
		} else if (line[0] == '<') {
			compare_exchange(card, command, line + 1);
		}
	}
	fclose(f);
}
