#include "host/operator/gateway/leases.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/operator/gateway/hostapd.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"

#define FILE_MAX    (1u << 20)
#define NUMBER_CAP  20
#define ADDRESS_CAP INET_ADDRSTRLEN

/* What stands in front of the next end; empty where there is no end: the server is still writing.
 */
static struct slice word_before(struct cursor *c, uint8_t end)
{
	struct slice rest = c->rest;
	size_t n = 0;

	while (n < rest.len && slice_at(rest, n) != end)
		n++;
	if (n == rest.len) {
		(void)cursor_take_rest(c);
		return SLICE_EMPTY;
	}
	rest = cursor_take(c, n);
	(void)cursor_u8(c);
	return rest;
}

/* "1790000000 02:00:00:00:00:01 10.45.0.2 NAME ID" */
static bool parse_line(struct slice text, struct lease *out)
{
	struct cursor c = cursor_of(text);
	char number[NUMBER_CAP], address[ADDRESS_CAP], *end;
	struct lease l = {0};
	struct in_addr a;

	if (slice_text(word_before(&c, ' '), number, sizeof(number)) || !*number ||
	    strspn(number, "0123456789") != strlen(number) ||
	    hostapd_mac(word_before(&c, ' '), l.mac) ||
	    slice_text(word_before(&c, ' '), address, sizeof(address)) ||
	    inet_pton(AF_INET, address, &a) != 1 || !a.s_addr)
		return false;
	errno = 0;
	l.until = strtoll(number, &end, 10);
	l.address = ntohl(a.s_addr);
	*out = l;
	return errno == 0;
}

/* By another station; then it is nobody's, how many of them there may be. */
static bool is_taken(const struct leases *l, const struct lease *by)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->all[i].address == by->address &&
		    memcmp(l->all[i].mac, by->mac, sizeof(by->mac)) != 0) {
			l->all[i].shared = true;
			return true;
		}
	return false;
}

enum err leases_parse(struct slice text, struct leases *out)
{
	struct leases l = *out;
	struct cursor c = cursor_of(text);

	l.count = 0;
	if (!l.all)
		l.all = calloc(LEASES_MAX, sizeof(*l.all));
	if (!l.all)
		return ERR_MEMORY;
	while (c.rest.len && l.count < LEASES_MAX) {
		struct lease one;

		if (parse_line(word_before(&c, '\n'), &one) && !is_taken(&l, &one))
			l.all[l.count++] = one;
	}
	*out = l;
	return ERR_OK;
}

enum err leases_read(const char *path, struct leases *l, bool *news)
{
	struct wbuf text = wbuf_grow(FILE_MAX);
	struct stat st = {0};
	enum err e = ERR_OK;

	*news = false;
	if (stat(path, &st) && errno != ENOENT)
		return errno_err(errno);
	if (st.st_size == l->size && st.st_ino == l->file &&
	    st.st_mtim.tv_sec == l->changed.tv_sec && st.st_mtim.tv_nsec == l->changed.tv_nsec)
		return ERR_OK;
	if (S_ISREG(st.st_mode))
		e = file_read(path, NULL, &text);
	if (!e)
		e = leases_parse(wbuf_slice(&text), l);
	wbuf_free(&text);
	if (e)
		return e;
	l->size = st.st_size;
	l->file = st.st_ino;
	l->changed = st.st_mtim;
	*news = true;
	return ERR_OK;
}

uint32_t leases_address(const struct leases *l, const uint8_t mac[static 6], int64_t now)
{
	for (size_t i = 0; i < l->count; i++)
		if (memcmp(l->all[i].mac, mac, sizeof(l->all[i].mac)) == 0 &&
		    (!l->all[i].until || now < l->all[i].until))
			return l->all[i].shared ? 0 : l->all[i].address;
	return 0;
}

void leases_free(struct leases *l)
{
	free(l->all);
	*l = (struct leases){0};
}
