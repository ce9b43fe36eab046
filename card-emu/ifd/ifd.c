/*
 * ifd: the driver (PC/SC IFD handler 3.0) of a reader that holds a virtual card, for the pcscd that
 * `twinkey-card run -- COMMAND` starts.
 *
 * In reader.conf: DEVICENAME is the path of a unix socket where the card listens, in a folder of
 * its owner alone: nothing of it can be reached from elsewhere. The driver connects there before
 * pcscd looks for a card for the first time. They speak as vpcd and its cards do
 * (card-emu/link/vpcd.h). Any number of readers share it, each may be used by a thread of its own.
 * docs/adr/0044-a-service-of-its-own.md says why it is not vpcd.
 *
 * A module that pcscd loads: it needs the C library alone, and has the readers as its state.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <ifdhandler.h>
#include <reader.h>

#define READERS_MAX 64
#define HEADER_LEN  2
#define FRAME_MAX   65535
#define AGAIN_MS    100 /* how often an absent card is looked for */
/* Of an extended APDU in a frame, beside header, Lc and Le: PC/SC part 10 2.6.14, dwMaxAPDUDataSize
 */
#define DATA_MAX (FRAME_MAX - 9)

/* PC/SC part 10, 2.3 and 2.6: a control code of our own for the properties, as libccid numbers it
 */
#define CODE_PROPERTIES SCARD_CTL_CODE(FEATURE_GET_TLV_PROPERTIES + 0x330000)

enum control { CONTROL_POWER_OFF, CONTROL_POWER_ON, CONTROL_RESET, CONTROL_ATR = 4 };

struct reader {
	bool used;
	DWORD lun;
	struct sockaddr_un place;
	pthread_mutex_t lock; /* of all that follows */
	int card;	      /* -1: none; closed by the thread alone that watches for cards */
	bool lost;
	uint8_t atr[MAX_ATR_SIZE];
	size_t atr_len;
};

static struct reader readers[READERS_MAX];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static struct reader *reader_of(DWORD lun)
{
	struct reader *found = NULL;

	pthread_mutex_lock(&table);
	for (size_t i = 0; i < READERS_MAX && !found; i++) {
		if (readers[i].used && readers[i].lun == lun)
			found = &readers[i];
	}
	pthread_mutex_unlock(&table);
	return found;
}

static struct reader *lock_reader(DWORD lun)
{
	struct reader *r = reader_of(lun);

	if (r)
		pthread_mutex_lock(&r->lock);
	return r;
}

static RESPONSECODE unlock_with(struct reader *r, RESPONSECODE code)
{
	pthread_mutex_unlock(&r->lock);
	return code;
}

/* The card is away: its watcher wakes, and closes. */
static bool lose(struct reader *r)
{
	if (r->card >= 0)
		shutdown(r->card, SHUT_RDWR);
	r->lost = true;
	return false;
}

static bool send_frame(struct reader *r, const uint8_t *octets, size_t len)
{
	uint16_t head = htons((uint16_t)len);
	struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)octets, len}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};

	while (m.msg_iovlen) {
		ssize_t n = sendmsg(r->card, &m, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return lose(r);
		while (m.msg_iovlen && (size_t)n >= m.msg_iov->iov_len) {
			n -= (ssize_t)m.msg_iov->iov_len;
			m.msg_iov++;
			m.msg_iovlen--;
		}
		if (m.msg_iovlen) {
			m.msg_iov->iov_base = (uint8_t *)m.msg_iov->iov_base + n;
			m.msg_iov->iov_len -= (size_t)n;
		}
	}
	return true;
}

static bool receive(struct reader *r, uint8_t *octets, size_t len)
{
	while (len) {
		ssize_t n = recv(r->card, octets, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return lose(r);
		octets += n;
		len -= (size_t)n;
	}
	return true;
}

/* *len: the room before, the octets after. What is longer is read to its end, and is no answer. */
static bool receive_frame(struct reader *r, uint8_t *octets, size_t *len)
{
	uint8_t head[HEADER_LEN], rest[256];
	size_t n, taken;
	bool whole;

	if (!receive(r, head, sizeof(head)))
		return false;
	n = (size_t)head[0] << 8 | head[1];
	whole = n <= *len;
	taken = whole ? n : 0;
	if (taken && !receive(r, octets, taken))
		return false;
	for (size_t left = n - taken; left;) {
		size_t part = left < sizeof(rest) ? left : sizeof(rest);

		if (!receive(r, rest, part))
			return false;
		left -= part;
	}
	*len = taken;
	return whole && n;
}

static bool control_card(struct reader *r, enum control c)
{
	const uint8_t octet = (uint8_t)c;

	return send_frame(r, &octet, sizeof(octet));
}

static bool power_on(struct reader *r, enum control how)
{
	r->atr_len = sizeof(r->atr);
	if (r->card >= 0 && !r->lost && control_card(r, how) && control_card(r, CONTROL_ATR) &&
	    receive_frame(r, r->atr, &r->atr_len))
		return true;
	r->atr_len = 0;
	return false;
}

/* Takes the card that was there out. */
static void clear(struct reader *r)
{
	close(r->card);
	r->card = -1;
	r->lost = false;
}

/*
 * Looks whether the card that was there has gone, and else whether one is there to connect to. A
 * card that has gone leaves the reader empty once, however fast another is there: pcscd must see
 * it.
 */
static bool has_card(struct reader *r)
{
	struct pollfd p = {.fd = r->card, .events = POLLRDHUP};

	if (r->card >= 0 && !r->lost && poll(&p, 1, 0) <= 0)
		return true;
	if (r->card >= 0) {
		clear(r);
		return false;
	}
	r->card = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (r->card < 0)
		return false;
	if (connect(r->card, (struct sockaddr *)&r->place, sizeof(r->place)) == 0)
		return true;
	clear(r);
	return false;
}

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	struct reader *r = NULL;
	size_t len = strlen(DeviceName);

	if (len >= sizeof(r->place.sun_path))
		return IFD_NO_SUCH_DEVICE;
	pthread_mutex_lock(&table);
	for (size_t i = 0; i < READERS_MAX && !r; i++)
		r = readers[i].used ? NULL : &readers[i];
	if (r) {
		*r = (struct reader){.used = true, .lun = Lun, .card = -1};
		r->place.sun_family = AF_UNIX;
		memcpy(r->place.sun_path, DeviceName, len + 1);
		pthread_mutex_init(&r->lock, NULL);
		has_card(r);
	}
	pthread_mutex_unlock(&table);
	return r ? IFD_SUCCESS : IFD_NO_SUCH_DEVICE;
}

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	(void)Lun, (void)Channel;
	return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
	struct reader *r = lock_reader(Lun);

	if (!r)
		return IFD_NO_SUCH_DEVICE;
	if (r->card >= 0)
		close(r->card);
	r->card = -1;
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_destroy(&r->lock);
	pthread_mutex_lock(&table);
	r->used = false;
	pthread_mutex_unlock(&table);
	return IFD_SUCCESS;
}

/* pcscd waits for cards that come and go by this. */
static RESPONSECODE wait_for_change(DWORD lun, int timeout_ms)
{
	struct reader *r = lock_reader(lun);
	struct pollfd p = {.events = POLLRDHUP};

	if (!r)
		return IFD_NO_SUCH_DEVICE;
	p.fd = r->card;
	pthread_mutex_unlock(&r->lock);
	if (p.fd < 0 && timeout_ms > AGAIN_MS)
		timeout_ms = AGAIN_MS;
	poll(&p, 1, timeout_ms);
	return IFD_SUCCESS;
}

static RESPONSECODE answer_with(const void *value, size_t len, PDWORD room, PUCHAR out)
{
	if (*room < len)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(out, value, len);
	*room = len;
	return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	static const uint8_t one = 1, many = READERS_MAX;
	RESPONSECODE (*const watcher)(DWORD, int) = wait_for_change;
	struct reader *r;

	switch (Tag) {
	case TAG_IFD_SIMULTANEOUS_ACCESS: return answer_with(&many, sizeof(many), Length, Value);
	case TAG_IFD_SLOTS_NUMBER:
	case TAG_IFD_THREAD_SAFE:
	case TAG_IFD_SLOT_THREAD_SAFE: return answer_with(&one, sizeof(one), Length, Value);
	case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
		return answer_with(&watcher, sizeof(watcher), Length, Value);
	case TAG_IFD_ATR:
	case SCARD_ATTR_ATR_STRING:
		r = lock_reader(Lun);
		return r ? unlock_with(r, answer_with(r->atr, r->atr_len, Length, Value))
			 : IFD_NO_SUCH_DEVICE;
	default: return IFD_ERROR_TAG;
	}
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun, (void)Tag, (void)Length, (void)Value;
	return IFD_NOT_SUPPORTED;
}

/* The card answers whole APDUs under T=1, and by the procedures of T=0 otherwise: no PPS is needed.
 */
RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
				       UCHAR PTS2, UCHAR PTS3)
{
	(void)Protocol, (void)Flags, (void)PTS1, (void)PTS2, (void)PTS3;
	return reader_of(Lun) ? IFD_SUCCESS : IFD_NO_SUCH_DEVICE;
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	struct reader *r = lock_reader(Lun);

	*AtrLength = 0;
	if (!r)
		return IFD_NO_SUCH_DEVICE;
	if (Action == IFD_POWER_DOWN) {
		if (r->card >= 0 && !r->lost)
			control_card(r, CONTROL_POWER_OFF);
		r->atr_len = 0;
		return unlock_with(r, IFD_SUCCESS);
	}
	if (!power_on(r, Action == IFD_RESET ? CONTROL_RESET : CONTROL_POWER_ON))
		return unlock_with(r, IFD_ERROR_POWER_ACTION);
	memcpy(Atr, r->atr, r->atr_len);
	*AtrLength = r->atr_len;
	return unlock_with(r, IFD_SUCCESS);
}

static bool transmit(struct reader *r, const uint8_t *command, size_t len, uint8_t *out, size_t *n)
{
	return r->card >= 0 && !r->lost && len > 1 && len <= FRAME_MAX &&
	       send_frame(r, command, len) && receive_frame(r, out, n);
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
			       PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
	struct reader *r = lock_reader(Lun);
	size_t n = *RxLength;

	*RxLength = 0;
	if (!r)
		return IFD_NO_SUCH_DEVICE;
	if (RecvPci)
		*RecvPci = SendPci;
	if (!transmit(r, TxBuffer, TxLength, RxBuffer, &n))
		return unlock_with(r, r->lost ? IFD_ICC_NOT_PRESENT : IFD_COMMUNICATION_ERROR);
	*RxLength = n;
	return unlock_with(r, IFD_SUCCESS);
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
			 PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
	const PCSC_TLV_STRUCTURE feature = {FEATURE_GET_TLV_PROPERTIES, sizeof(uint32_t),
					    htonl(CODE_PROPERTIES)};
	static const uint8_t properties[] = {PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize,
					     4,
					     DATA_MAX & 0xFF,
					     DATA_MAX >> 8 & 0xFF,
					     DATA_MAX >> 16 & 0xFF,
					     DATA_MAX >> 24};
	RESPONSECODE code = IFD_ERROR_NOT_SUPPORTED;

	(void)TxBuffer, (void)TxLength;
	*pdwBytesReturned = RxLength;
	if (!reader_of(Lun))
		code = IFD_NO_SUCH_DEVICE;
	else if (dwControlCode == CM_IOCTL_GET_FEATURE_REQUEST)
		code = answer_with(&feature, sizeof(feature), pdwBytesReturned, RxBuffer);
	else if (dwControlCode == CODE_PROPERTIES)
		code = answer_with(properties, sizeof(properties), pdwBytesReturned, RxBuffer);
	if (code != IFD_SUCCESS)
		*pdwBytesReturned = 0;
	return code;
}

/* While a command is with the card, the card is there. */
RESPONSECODE IFDHICCPresence(DWORD Lun)
{
	struct reader *r = reader_of(Lun);

	if (!r)
		return IFD_NO_SUCH_DEVICE;
	if (pthread_mutex_trylock(&r->lock) != 0)
		return IFD_ICC_PRESENT;
	return unlock_with(r, has_card(r) ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT);
}
