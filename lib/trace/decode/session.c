#include "lib/trace/decode/session.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/trace/decode/ef/ef.h"
#include "lib/trace/decode/exchange.h"
#include "lib/trace/decode/phonebook.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/command.h"
#include "lib/uicc/fid.h"

#define CARDS	    64
#define CHANNELS    20
#define REFERENCES  256 /* of keys */
#define SFIS	    64
#define SFI_P1	    0x80 /* READ BINARY and its kin: P1 has a short identifier, 11.1.3 */
#define SFI_P1_RFU  0x60
#define SFI_P2_AT   3	 /* READ RECORD and its kin: the bits above the mode, 11.1.5 */
#define SFI_CURRENT 0x1F /* all ones: none */

struct lane {
	bool open, told_closed;
	struct place place;
	char file_text[PLACE_TEXT_MAX], dir_text[PLACE_TEXT_MAX];
};

/* A short identifier that an FCP told. */
struct sfi {
	enum application_kind application;
	uint16_t root, dir, fid;
	uint8_t sfi;
};

struct card {
	struct lane *lanes[CHANNELS];
	struct sfi sfis[SFIS];
	unsigned sfi_count; /* of all that were told; the oldest are forgotten */
	struct session_pin pins[REFERENCES];
	bool has_pins;
	struct phonebook book;
};

struct session {
	struct card *cards[CARDS];
	/* of the view at hand, where it is not that of a lane */
	struct place asked;
	char text[PLACE_TEXT_MAX];
};

struct session *session_open(void)
{
	return calloc(1, sizeof(struct session));
}

/* The path of the directory is that of the file up to its last part. */
static void cut_to_directory(struct lane *l)
{
	char *last;

	memcpy(l->dir_text, l->file_text, sizeof(l->dir_text));
	last = l->place.has_ef ? strrchr(l->dir_text, '/') : NULL;
	if (last)
		*last = 0;
}

static void write_texts(struct lane *l)
{
	place_text(&l->place, l->file_text);
	cut_to_directory(l);
}

static struct card *card_at(struct session *s, unsigned card)
{
	struct card **c = &s->cards[card < CARDS ? card : CARDS - 1];

	if (!*c)
		*c = calloc(1, sizeof(**c));
	return *c;
}

static struct lane *lane_at(struct card *c, unsigned channel)
{
	struct lane **l = &c->lanes[channel % CHANNELS];

	if (!*l) {
		*l = calloc(1, sizeof(**l));
		if (*l) {
			(*l)->place = place_mf();
			write_texts(*l);
		}
	}
	return *l;
}

static void free_card(struct card *c)
{
	for (unsigned i = 0; c && i < CHANNELS; i++)
		free(c->lanes[i]);
	free(c);
}

/* As after calloc(); what nobody has used is zeros. */
static void forget(struct card *c)
{
	for (unsigned i = 0; i < CHANNELS; i++)
		free(c->lanes[i]);
	memset(c->lanes, 0, sizeof(c->lanes));
	c->sfi_count = 0;
	if (c->has_pins)
		memset(c->pins, 0, sizeof(c->pins));
	c->has_pins = false;
	c->book.count = 0;
}

void session_reset(struct session *s, unsigned card)
{
	struct card *c = s->cards[card < CARDS ? card : CARDS - 1];

	if (c)
		forget(c);
}

void session_close(struct session **s)
{
	struct session *mine = *s;

	*s = NULL;
	for (unsigned i = 0; mine && i < CARDS; i++)
		free_card(mine->cards[i]);
	free(mine);
}

static void learn_sfi(struct card *c, const struct place *p, struct slice answer)
{
	struct slice fcp, sfi;
	uint8_t number = (uint8_t)(p->ef & UICC_SFI_MASK);

	if (!p->has_ef || !tlv_find(answer, UICC_FCP, &fcp))
		return;
	/* TS 102 221 11.1.1.4.8: without the object it is of the identifier; an empty one: none */
	if (tlv_find(fcp, UICC_FCP_SFI, &sfi))
		number = sfi.len ? slice_at(sfi, 0) >> SFI_P2_AT : 0;
	if (number)
		c->sfis[c->sfi_count++ % SFIS] = (struct sfi){.application = p->application.kind,
							      .root = p->path[0],
							      .dir = p->path[p->depth - 1],
							      .fid = p->ef,
							      .sfi = number};
}

/* 0: nobody has said which file it is. */
static uint16_t file_of_sfi(const struct card *c, const struct place *p, uint8_t sfi)
{
	unsigned n = c->sfi_count < SFIS ? c->sfi_count : SFIS;
	const struct ef_kind *ef;

	for (unsigned i = 0; i < n; i++) {
		const struct sfi *f = &c->sfis[i];

		if (f->sfi == sfi && f->dir == p->path[p->depth - 1] && f->root == p->path[0] &&
		    f->application == p->application.kind)
			return f->fid;
	}
	ef = ef_by_sfi(place_directory(p), sfi);
	return ef ? ef->fid : 0;
}

/* Which file a command names by a short identifier; 0: none. */
static uint8_t sfi_of(const struct apdu *a)
{
	uint8_t sfi = 0;

	switch (a->ins) {
	case INS_READ_BINARY:
	case INS_UPDATE_BINARY:
	case INS_INCREASE: sfi = (a->p1 & (SFI_P1 | SFI_P1_RFU)) == SFI_P1 ? a->p1 : 0; break;
	case INS_READ_RECORD:
	case INS_UPDATE_RECORD:
	case INS_SEARCH_RECORD: sfi = a->p2 >> SFI_P2_AT; break;
	case INS_RETRIEVE_DATA:
	case INS_SET_DATA: sfi = a->p2; break;
	default: break;
	}
	sfi &= UICC_SFI_MASK;
	return a->cla == CLA_GSM || sfi == SFI_CURRENT ? 0 : sfi;
}

static bool is_of_file(const struct apdu *a)
{
	switch (a->ins) {
	case INS_READ_BINARY:
	case INS_UPDATE_BINARY:
	case INS_READ_RECORD:
	case INS_UPDATE_RECORD:
	case INS_SEARCH_RECORD:
	case INS_INCREASE:
	case INS_DEACTIVATE_FILE:
	case INS_ACTIVATE_FILE:
	case INS_RETRIEVE_DATA:
	case INS_SET_DATA:
	case INS_ERASE_BINARY: return true;
	default: return false;
	}
}

static bool was_done(const struct exchange *x)
{
	return x->has_sw && (sw_is_good(x->sw) || x->sw >> 8 == SW_WARNING >> 8);
}

/* The place that the command asks for, which becomes the channel's where it succeeds. */
static void take_place(struct session *s, struct lane *l, const struct exchange *x,
		       struct session_view *out)
{
	bool moves = was_done(x);

	place_text(&s->asked, s->text);
	if (moves) {
		l->place = s->asked;
		memcpy(l->file_text, s->text, sizeof(l->file_text));
		cut_to_directory(l);
	}
	out->is_new = moves;
	out->place = &s->asked;
	out->path = s->text;
}

static void take_select(struct session *s, struct card *c, const struct exchange *x,
			struct session_view *out)
{
	struct lane *l = c->lanes[x->channel % CHANNELS];

	s->asked = place_select(&l->place, &x->apdu, x->answer);
	take_place(s, l, x, out);
	learn_sfi(c, &s->asked, x->answer);
}

/* Without a short identifier it is the current file. */
static void take_file(struct session *s, struct card *c, const struct exchange *x,
		      struct session_view *out)
{
	struct lane *l = c->lanes[x->channel % CHANNELS];
	uint8_t sfi = sfi_of(&x->apdu);
	uint16_t fid = sfi ? file_of_sfi(c, &l->place, sfi) : 0;

	if (x->apdu.ins == INS_DEACTIVATE_FILE || x->apdu.ins == INS_ACTIVATE_FILE) {
		if (x->apdu.data.len) {
			s->asked = place_select(&l->place, &x->apdu, SLICE_EMPTY);
			take_place(s, l, x, out);
			return;
		}
	}
	out->path = l->file_text;
	if (!sfi || (l->place.has_ef && l->place.ef == fid))
		return;
	s->asked = l->place;
	place_enter_ef(&s->asked, fid);
	if (fid) {
		take_place(s, l, x, out);
		return;
	}
	out->place = &s->asked;
	out->path = l->dir_text;
	out->remark = "which file has this short identifier was not said";
}

static void take_channel(struct card *c, const struct exchange *x)
{
	const struct apdu *a = &x->apdu;
	unsigned channel = a->p2 ? a->p2 : slice_at(x->answer, 0);
	struct lane *l;
	const struct lane *from = c->lanes[x->channel % CHANNELS];

	if (!was_done(x) || channel >= CHANNELS)
		return;
	if (a->p1 == CHANNEL_CLOSE) {
		l = c->lanes[a->p2 ? a->p2 % CHANNELS : x->channel % CHANNELS];
		if (l)
			l->open = l->told_closed = false;
		return;
	}
	if (a->p1 != CHANNEL_OPEN || !channel)
		return;
	l = lane_at(c, channel);
	if (!l)
		return;
	/* TS 102 221 8.7: from the basic channel the MF, from another one what is selected there */
	l->place = x->channel ? from->place : place_mf();
	l->open = true;
	write_texts(l);
}

/* TS 102 221 11.1.9 to 11.1.13: P2 names the key */
static void take_pin(struct card *c, const struct exchange *x, struct session_view *out)
{
	struct session_pin *pin = &c->pins[x->apdu.p2];

	c->has_pins = true;
	out->pin = pin;
	if (!x->has_sw)
		return;
	if (sw_is(x->sw, SW_VERIFY_FAILED)) {
		pin->has_tries = true;
		pin->tries = sw_number(x->sw);
		pin->is_verified = pin->is_verified && !x->apdu.data.len;
	} else if (sw_is_good(x->sw)) {
		pin->is_verified = true;
	} else if (x->sw == SW_PIN_BLOCKED || x->sw == SW_GSM_BLOCKED) {
		*pin = (struct session_pin){.has_tries = true};
	}
}

/* Where the files of a phone book lie stands in its EF.PBR. */
static void take_phonebook(struct card *c, const struct exchange *x, struct session_view *out)
{
	const struct place *p = out->place;

	if (!p->has_ef || place_directory(p) != EF_PHONEBOOK)
		return;
	if (!out->ef)
		out->ef = phonebook_find(&c->book, p->path[0], p->ef);
	else if (p->ef == FID_PBR && x->apdu.ins == INS_READ_RECORD && was_done(x))
		phonebook_learn(&c->book, p->path[0], x->answer);
}

void session_take(struct session *s, const struct exchange *x, const struct command *command,
		  struct session_view *out)
{
	static const struct place nowhere = {.depth = 1};
	struct card *c = card_at(s, x->card);
	struct lane *l = c ? lane_at(c, x->channel) : NULL;

	*out = (struct session_view){.place = &nowhere, .path = ""};
	if (!l)
		return;
	out->place = &l->place;
	out->path = l->dir_text;
	if (x->channel && !l->open && !l->told_closed && x->sw != SW_CHANNEL_NOT_SUPPORTED) {
		out->remark = "this trace has not shown that the channel was opened";
		l->told_closed = true;
	}
	if (command && !x->malformed) {
		if (command->ins == INS_SELECT)
			take_select(s, c, x, out);
		else if (command->ins == INS_MANAGE_CHANNEL)
			take_channel(c, x);
		else if (command->secret == COMMAND_HIDES_DATA)
			take_pin(c, x, out);
		else if (is_of_file(&x->apdu))
			take_file(s, c, x, out);
	}
	out->ef = place_ef(out->place);
	take_phonebook(c, x, out);
}
