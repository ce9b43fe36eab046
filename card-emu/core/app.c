#include "card-emu/core/app.h"

bool app_is_applet(const struct app *app)
{
	return app && app->select;
}

uint16_t sw_of_store(enum err e)
{
	switch (e) {
	case ERR_OK: return SW_OK;
	case ERR_FULL:
	case ERR_IO:
	case ERR_MEMORY: return SW_MEMORY_PROBLEM;
	default: return SW_TECHNICAL;
	}
}
