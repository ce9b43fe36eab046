/*
 * channel: a logical channel: the application that was selected on it, and where it stands in the
 * file system.
 */
#ifndef TWINKEY_CARD_CHANNEL_H
#define TWINKEY_CARD_CHANNEL_H

struct card;
struct channel;
struct selection;

/* Closed, in the MF, without application; who was selected is told. */
void channel_reset(struct card *card, struct channel *ch);
/* The application that is selected is so no more; the channel stays where it is. */
void channel_leave_app(struct card *card, struct channel *ch);
/* To another place; an ADF stays active (TS 102 221 8.5), an applet does not. */
void channel_enter(struct card *card, struct channel *ch, const struct selection *to);

#endif
