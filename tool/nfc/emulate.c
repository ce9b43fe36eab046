#include "tool/nfc/emulate.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>

#include "lib/base/secret.h"
#include "tool/nfc/fence.h"
#include "tool/nfc/port.h"
#include "tool/sys/trouble.h"

/* libnfc compares with one octet less than it copies: its buffers get room to spare. */
#define BUFFER_MAX     (PORT_FRAME_MAX + 8)
#define SEND_MS	       2000 /* for an answer to be fetched by the reader */
#define PROBE_FIRST_S  3    /* silence after which the chip is asked whether it lives */
#define PROBE_AGAIN_S  60
#define PROBE_STUCK_S  1
#define INIT_TRIES     3 /* a garbled frame may be left from before */
#define EMPTY_MAX      8 /* sessions without a command, in a row, at full speed */
#define EMPTY_PAUSE_MS 50

/* ISO 14443-3 and -4: what the chip announces. */
#define ATQA_HIGH 0x00
#define ATQA_LOW  0x04
#define SAK	  0x20 /* compliant with ISO 14443-4 */
#define UID_FIRST 0x08 /* a random UID */
/* T0: TA, TB and TC follow, FSCI 5; what the PN532 puts behind it in its own way. */
static const uint8_t ats_head[] = {0x75, 0x33, 0x92, 0x03};

struct emulation {
	struct fence_child *child;
	struct port port;
	uint8_t historical[TARGET_HISTORICAL_MAX];
	size_t historical_len;
	unsigned empty; /* sessions without a command, in a row */
};

/* For the handlers: the reader that a call blocks on, and whether it was asked already. */
static struct {
	nfc_device *volatile device;
	volatile sig_atomic_t asked;
} blocked;

/* libnfc's own word for "in a handler": it closes a pipe, or sets a flag. */
static void abort_call(void *ctx)
{
	(void)ctx;
	if (blocked.device)
		nfc_abort_command(blocked.device);
}

static void set_alarm(unsigned seconds)
{
	struct itimerval t = {.it_value = {.tv_sec = (time_t)seconds}};

	setitimer(ITIMER_REAL, &t, NULL);
}

/*
 * A call that waits for a reader's field or command has no time limit. But a chip that did not get
 * the call, or lost its acknowledgment, would be waited for in vain: after a while the call is
 * aborted, which a chip that lives makes return at once.
 */
static void on_alarm(int sig)
{
	(void)sig;
	if (blocked.asked)
		fence_child_die(ERR_NFC_MUTE);
	blocked.asked = 1;
	abort_call(NULL);
	set_alarm(PROBE_STUCK_S);
}

static enum err tell_event(struct emulation *m, enum target_event event, struct slice command)
{
	uint8_t octets[1 + BUFFER_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e;

	wbuf_u8(&w, (uint8_t)event);
	wbuf_put(&w, command);
	e = wbuf_done(&w);
	if (!e)
		e = fence_child_send(m->child, wbuf_slice(&w));
	secret_wipe(octets, sizeof(octets));
	return e;
}

/* What the chip is to be; the UID is another one each time. */
static enum err make_target(const struct emulation *m, nfc_target *nt)
{
	nfc_iso14443a_info *a = &nt->nti.nai;

	*nt = (nfc_target){.nm = {.nmt = NMT_ISO14443A, .nbr = NBR_UNDEFINED}};
	a->abtAtqa[0] = ATQA_HIGH;
	a->abtAtqa[1] = ATQA_LOW;
	a->btSak = SAK;
	a->szUidLen = 4;
	if (getrandom(a->abtUid, a->szUidLen, 0) != (ssize_t)a->szUidLen)
		return ERR_IO;
	a->abtUid[0] = UID_FIRST;
	/* the chip makes its ATS by itself; libnfc takes the historical octets from behind the head
	 */
	memcpy(a->abtAts, ats_head, sizeof(ats_head));
	memcpy(a->abtAts + sizeof(ats_head), m->historical, m->historical_len);
	a->szAtsLen = sizeof(ats_head) + m->historical_len;
	return ERR_OK;
}

/* How a blocking call ended; *again: it was only asked whether the chip lives. */
static enum err after_call(struct emulation *m, int result, bool *again)
{
	set_alarm(0);
	*again = result == NFC_EOPABORTED && !fence_child_is_stopped(m->child);
	if (fence_child_is_stopped(m->child))
		return ERR_CANCELLED;
	return *again ? ERR_OK : port_err(result);
}

static enum err say_init_error(int result, enum err e)
{
	switch (result) {
	case NFC_EDEVNOTSUPP:
	case NFC_ENOTIMPL:
		return trouble_set(ERR_UNSUPPORTED,
				   "this NFC reader cannot be a card of ISO 14443-4 (a PN532 can)");
	case NFC_ETIMEOUT: return ERR_NFC_MUTE;
	default: return e == ERR_PROTOCOL ? ERR_NFC_MUTE : e;
	}
}

/* Until a reader has activated the card. */
static enum err await_field(struct emulation *m)
{
	uint8_t rats[BUFFER_MAX];
	unsigned patience = PROBE_FIRST_S, tries = 0;
	nfc_target nt;
	enum err e = make_target(m, &nt);
	int n = 0;

	while (!e) {
		bool again;

		blocked.asked = 0;
		set_alarm(patience);
		n = nfc_target_init(m->port.device, &nt, rats, PORT_FRAME_MAX, 0);
		e = after_call(m, n, &again);
		if (again)
			patience = PROBE_AGAIN_S;
		else if (!e)
			return ERR_OK;
		else if (n == NFC_EIO && ++tries < INIT_TRIES)
			e = ERR_OK;
	}
	return e == ERR_CANCELLED ? e : say_init_error(n, e);
}

/* The next command; ERR_DISCONNECTED: the session is over, whatever ended it. */
static enum err await_command(struct emulation *m, uint8_t *octets, size_t *len)
{
	unsigned patience = PROBE_FIRST_S;
	bool again = true;
	enum err e = ERR_OK;
	int n = 0;

	while (again) {
		blocked.asked = 0;
		set_alarm(patience);
		n = nfc_target_receive_bytes(m->port.device, octets, PORT_FRAME_MAX + 1, 0);
		e = after_call(m, n, &again);
		patience = PROBE_AGAIN_S;
	}
	if (n >= 0)
		*len = (size_t)n;
	if (n == NFC_ENOTIMPL || n == NFC_EDEVNOTSUPP)
		return say_init_error(n, e);
	/* after any other error libnfc may have forgotten its target, and would crash on a further
	 * call: whether the reader still works is seen when the next field is waited for */
	return !e || e == ERR_CANCELLED ? e : ERR_DISCONNECTED;
}

static enum err give_answer(struct emulation *m, uint8_t *octets)
{
	struct wbuf w = wbuf_init(octets, PORT_FRAME_MAX);
	enum err e = fence_child_receive(m->child, &w);
	int n;

	if (e)
		return ERR_CANCELLED; /* the parent is gone, or wants an end */
	if (!w.len) {
		nfc_idle(m->port.device);
		return ERR_DISCONNECTED;
	}
	blocked.asked = 0;
	n = nfc_target_send_bytes(m->port.device, w.ptr, w.len, SEND_MS);
	if (fence_child_is_stopped(m->child))
		return ERR_CANCELLED;
	return n < 0 ? ERR_DISCONNECTED : ERR_OK;
}

static enum err serve_session(struct emulation *m)
{
	uint8_t octets[BUFFER_MAX];
	enum err e = tell_event(m, TARGET_SELECTED, SLICE_EMPTY);
	unsigned commands = 0;

	while (!e) {
		size_t len = 0;

		e = await_command(m, octets, &len);
		if (!e)
			e = tell_event(m, TARGET_COMMAND, slice_make(octets, len));
		if (!e)
			e = give_answer(m, octets);
		commands += !e;
		secret_wipe(octets, sizeof(octets));
	}
	m->empty = commands ? 0 : m->empty + 1;
	if (e != ERR_DISCONNECTED)
		return e;
	return tell_event(m, TARGET_RELEASED, SLICE_EMPTY);
}

static enum err emulate(struct emulation *m)
{
	enum err e = tell_event(m, TARGET_READY, SLICE_EMPTY);

	while (!e) {
		if (m->empty > EMPTY_MAX)
			poll(NULL, 0, EMPTY_PAUSE_MS);
		e = await_field(m);
		if (!e)
			e = serve_session(m);
	}
	return e;
}

enum err emulate_work(void *ctx, struct fence_child *child)
{
	const struct emulate_setup *setup = ctx;
	struct emulation m = {.child = child};
	struct sigaction a = {.sa_handler = on_alarm};
	struct wbuf historical = wbuf_init(m.historical, sizeof(m.historical));
	enum err e = fence_child_receive(child, &historical);

	m.historical_len = historical.len;
	sigaction(SIGALRM, &a, NULL);
	if (!e)
		e = port_open(setup->connstring, &m.port);
	if (e)
		return e;
	blocked.device = m.port.device;
	fence_child_on_stop(child, abort_call, NULL);
	e = emulate(&m);
	set_alarm(0);
	blocked.device = NULL;
	port_close(&m.port);
	return e;
}
