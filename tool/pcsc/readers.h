/*
 * readers: the list that the service has of readers and their cards. Its calls block: see
 * tool/sys/aside.h.
 */
#ifndef TWINKEY_TOOL_PCSC_READERS_H
#define TWINKEY_TOOL_PCSC_READERS_H

#include "tool/pcsc/service.h"
#include "tool/pcsc/reader.h"

/* All of them, however many; an empty list when there is none. reader_list_free() it. */
enum err readers_read(const struct service *s, struct reader_list *out) MUST_CHECK;
/*
 * Until something is no more as known has it, or for ms. It may return early; what changed,
 * readers_read() shows. ERR_SERVICE_LOST.
 */
enum err readers_wait(const struct service *s, const struct reader_list *known,
		      unsigned ms) MUST_CHECK;

#endif
