/*
 * pcsc: cards in readers of the platform's PC/SC service (pcsc-lite). For host/transport/open.c
 * alone.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_PCSC_H
#define TWINKEY_HOST_TRANSPORT_PCSC_PCSC_H

#include "tool/pcsc/reader.h"
#include "host/transport/wish.h"

/* choice: as host/transport/pcsc/choice.h has it. */
enum err pcsc_open(const char *choice, struct transport_wish *wish,
		   struct transport **out) MUST_CHECK;
/* As transport_list() and transport_watch(). */
enum err pcsc_list(struct cancel *cancel, struct reader_list *out) MUST_CHECK;
enum err pcsc_watch(const struct reader_watcher *watcher, struct cancel *cancel) MUST_CHECK;

#endif
