#include "card-emu/core/channel.h"

#include "card-emu/core/state.h"
#include "card-emu/fs/selection.h"

void channel_leave_app(struct card *card, struct channel *ch)
{
	if (ch->app && ch->app->deselect)
		ch->app->deselect(card, ch);
	ch->app = NULL;
}

void channel_reset(struct card *card, struct channel *ch)
{
	channel_leave_app(card, ch);
	position_reset(&ch->at);
	ch->open = false;
}

void channel_enter(struct card *card, struct channel *ch, const struct selection *to)
{
	if (app_is_applet(ch->app))
		channel_leave_app(card, ch);
	selection_enter(&ch->at, to);
}
