#include "tool/trace/trace.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool/trace/mask.h"
#include "tool/trace/pcapng.h"
#include "lib/crypto/ec.h"
#include "lib/trace/gsmtap.h"
#include "lib/trace/read/split.h"
#include "lib/trace/remark.h"
#include "lib/trace/seal/seal.h"
#include "lib/uicc/apdu.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/cli/program.h"

#define START_MAX	1024
#define PACKET_MAX	65535 /* of IPv4 */
#define BLOCK_MAX	(PACKET_MAX + 512 + SEAL_OVERHEAD)
#define COMMENT_MAX	128

#define IPV4_HEADER_LEN 20
#define UDP_HEADER_LEN	8
#define UDP_PROTOCOL	17
#define PAYLOAD_MAX	(PACKET_MAX - IPV4_HEADER_LEN - UDP_HEADER_LEN - GSMTAP_HEADER_LEN)

/* The file, which the readers of one trace write to, a packet at a time. */
struct trace_file {
	pthread_mutex_t lock;
	struct cancel *cancel;
	int fd;
	enum err err;
	uint32_t readers; /* that have joined: the number of the next one's interface */
	unsigned users;
	struct ec_key *key; /* NULL: not sealed */
	struct seal_chain chain;
};

struct trace {
	struct trace_file *file;
	uint32_t interface;
	bool has_time; /* it is told, see trace_at() */
	int64_t time_ns;
	const char *beside; /* of the next exchange; or NULL */
	struct mask mask;
};

static void put_ipv4_udp(struct wbuf *w, size_t payload_len)
{
	const uint16_t udp_len = (uint16_t)(UDP_HEADER_LEN + payload_len);
	const uint16_t fields[] = {0x4500, /* version 4, five words, no service class */
				   (uint16_t)(IPV4_HEADER_LEN + udp_len),
				   0,
				   0x4000,		  /* do not fragment */
				   0x4000 | UDP_PROTOCOL, /* time to live 64 */
				   0,			  /* the checksum's place */
				   0x7F00,		  /* 127.0.0.1 to 127.0.0.1 */
				   0x0001,
				   0x7F00,
				   0x0001};
	uint32_t sum = 0;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		sum += fields[i];
	sum = (sum & 0xFFFF) + (sum >> 16);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		wbuf_u16(w, i == 5 ? (uint16_t)~sum : fields[i]);
	wbuf_u16(w, GSMTAP_PORT);
	wbuf_u16(w, GSMTAP_PORT);
	wbuf_u16(w, udp_len);
	wbuf_u16(w, 0); /* no checksum */
}

static void put_gsmtap(struct wbuf *w, enum gsmtap_sim sub_type)
{
	wbuf_u8(w, GSMTAP_VERSION);
	wbuf_u8(w, GSMTAP_HEADER_LEN / GSMTAP_WORD);
	wbuf_u8(w, GSMTAP_TYPE_SIM);
	wbuf_fill(w, 0, 9); /* timeslot, ARFCN, signal, noise, frame number: there is no radio */
	wbuf_u8(w, (uint8_t)sub_type);
	wbuf_fill(w, 0, 3);
}

static void put_out(struct trace_file *f, const struct wbuf *w, enum err e)
{
	f->err = e ? e : w->err ? w->err : file_write_all(f->fd, wbuf_slice(w), f->cancel);
}

/* Under the lock: their order in the file is that of the chain. */
static void write_signature(struct trace_file *f, bool last)
{
	uint8_t block[SEAL_BLOCK_LEN];
	struct wbuf w = wbuf_init(block, sizeof(block));

	put_out(f, &w, seal_sign(&f->chain, f->key, last, &w));
}

/* The block that w holds, or why it holds none; under the lock. */
static void put_block(struct trace_file *f, struct wbuf *w)
{
	if (!f->err)
		put_out(f, w, f->key ? seal_put(&f->chain, w) : ERR_OK);
	if (!f->err && f->key && seal_is_due(&f->chain))
		write_signature(f, false);
}

static void write_block(struct trace_file *f, struct wbuf *w)
{
	pthread_mutex_lock(&f->lock);
	put_block(f, w);
	pthread_mutex_unlock(&f->lock);
}

static uint64_t time_of_packet(const struct trace *t)
{
	struct timespec now;

	if (t->has_time)
		return (uint64_t)t->time_ns;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void trace_at(struct trace *t, int64_t time_ns)
{
	t->has_time = true;
	t->time_ns = time_ns;
}

static void write_packet(struct trace *t, enum gsmtap_sim sub_type, struct slice payload,
			 const char *comment)
{
	struct wbuf packet = wbuf_grow(PACKET_MAX), w = wbuf_grow(BLOCK_MAX);

	put_ipv4_udp(&packet, GSMTAP_HEADER_LEN + payload.len);
	put_gsmtap(&packet, sub_type);
	wbuf_put(&packet, payload);
	if (packet.err)
		wbuf_fail(&w, packet.err);
	pcapng_put_packet(&w, t->interface, time_of_packet(t), wbuf_slice(&packet), comment);
	write_block(t->file, &w);
	wbuf_free(&packet);
	wbuf_free(&w);
}

static enum err file_end(struct trace_file *f)
{
	enum err e;

	if (f->key && !f->err)
		write_signature(f, true);
	e = f->err;
	if (close(f->fd) && !e)
		e = errno_err(errno);
	ec_key_free(&f->key);
	pthread_mutex_destroy(&f->lock);
	free(f);
	return e;
}

static void write_section(struct trace_file *f)
{
	uint8_t block[START_MAX];
	struct wbuf w = wbuf_init(block, sizeof(block));

	pcapng_put_section(&w, "twinkey " TWINKEY_VERSION);
	write_block(f, &w);
}

/* A user of the file; with a reader it has the next interface. */
static enum err join(struct trace_file *f, const char *reader, struct trace **out)
{
	uint8_t block[START_MAX];
	struct wbuf w = wbuf_init(block, sizeof(block));
	struct trace *t = calloc(1, sizeof(*t));
	enum err e;

	if (!t)
		return ERR_MEMORY;
	pthread_mutex_lock(&f->lock);
	t->file = f;
	f->users++;
	if (reader) {
		t->interface = f->readers++;
		pcapng_put_interface(&w, reader);
		put_block(f, &w);
	}
	e = f->err;
	pthread_mutex_unlock(&f->lock);
	*out = t;
	return e;
}

enum err trace_create(const struct trace_target *target, const char *reader, struct trace **out)
{
	struct trace_file *f = calloc(1, sizeof(*f));
	struct ec_key *key = target->seal;
	struct trace *t = NULL;
	enum err e =
		f ? file_start(target->path, target->anew, target->cancel, &f->fd) : ERR_MEMORY;

	if (e) {
		free(f);
		ec_key_free(&key);
		return e;
	}
	f->cancel = target->cancel;
	f->key = key;
	pthread_mutex_init(&f->lock, NULL);
	f->err = key ? seal_begin(&f->chain) : ERR_OK;
	write_section(f);
	e = join(f, reader, &t);
	if (!e) {
		*out = t;
		return ERR_OK;
	}
	f->err = e;
	return t ? trace_close(&t) : file_end(f);
}

enum err trace_join(struct trace *first, const char *reader, struct trace **out)
{
	struct trace *t = NULL;
	enum err e = join(first->file, reader, &t);

	if (e && t)
		(void)!trace_close(&t);
	else if (!e)
		*out = t;
	return e;
}

void trace_reset(struct trace *t, struct slice atr)
{
	t->mask = (struct mask){0};
	write_packet(t, GSMTAP_SIM_ATR, atr, NULL);
}

void trace_power_off(struct trace *t)
{
	t->mask = (struct mask){0};
	write_packet(t, GSMTAP_SIM_ATR, SLICE_EMPTY, TRACE_REMARK_OFF);
}

void trace_pps(struct trace *t, struct slice request, struct slice response)
{
	write_packet(t, GSMTAP_SIM_PPS_REQUEST, request, NULL);
	if (response.len)
		write_packet(t, GSMTAP_SIM_PPS_RESPONSE, response, NULL);
}

__attribute__((format(printf, 2, 3))) static void remark(char comment[static COMMENT_MAX],
							 const char *form, ...)
{
	size_t len = strlen(comment);
	va_list args;

	if (len)
		len += (size_t)snprintf(comment + len, COMMENT_MAX - len, "; ");
	va_start(args, form);
	vsnprintf(comment + len, COMMENT_MAX - len, form, args);
	va_end(args);
}

/* Who reads the trace finds the border there. */
static bool is_split_at(struct slice both, size_t border)
{
	struct slice command = SLICE_EMPTY, response;

	return !trace_split(both, &command, &response) && command.len == border;
}

void trace_beside(struct trace *t, const char *words)
{
	t->beside = words;
}

void trace_exchange(struct trace *t, struct slice command, struct slice response)
{
	static const char *const texts[] = {
		[MASK_PIN] = "PIN or PUK",
		[MASK_KEYS] = "keys (CK, IK, Kc)",
	};
	struct wbuf w = wbuf_grow(APDU_EXTENDED_COMMAND_MAX + APDU_EXTENDED_RESPONSE_MAX);
	char comment[COMMENT_MAX] = "";
	size_t masked;
	enum mask_kind kind = mask_exchange(&t->mask, command, response, &w, &masked);
	struct slice both = wbuf_slice(&w);

	if (t->beside)
		remark(comment, "%s", t->beside);
	t->beside = NULL;
	if (kind != MASK_NOTHING)
		remark(comment, "masked: %s, %zu octets", texts[kind], masked);
	if (both.len > PAYLOAD_MAX)
		remark(comment, TRACE_REMARK_CUT, both.len - PAYLOAD_MAX);
	else if (!response.len)
		remark(comment, TRACE_REMARK_SILENT);
	else if (!is_split_at(both, both.len - response.len))
		remark(comment, TRACE_REMARK_BORDER, both.len - response.len);
	if (w.err)
		write_block(t->file, &w); /* which notes why there is none */
	else
		write_packet(t, GSMTAP_SIM_APDU, slice_sub(both, 0, PAYLOAD_MAX),
			     *comment ? comment : NULL);
	wbuf_free(&w);
}

enum err trace_failure(struct trace *t)
{
	enum err e;

	pthread_mutex_lock(&t->file->lock);
	e = t->file->err;
	pthread_mutex_unlock(&t->file->lock);
	return e;
}

enum err trace_close(struct trace **t)
{
	struct trace_file *f;
	enum err e;

	if (!*t)
		return ERR_OK;
	f = (*t)->file;
	free(*t);
	*t = NULL;
	pthread_mutex_lock(&f->lock);
	e = f->err;
	f->users--;
	pthread_mutex_unlock(&f->lock);
	return f->users ? e : file_end(f);
}
