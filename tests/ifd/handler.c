/*
 * handler: a reader's driver for pcscd (PC/SC IFD handler 3.0) with a virtual card behind it, and
 * with faults on demand. In reader.conf: DEVICENAME FOLDER:PORT, the port in hexadecimal; what
 * FOLDER holds is in tests/ifd/reader.h. tests/e2e/protocols.sh
 */
#include <stdio.h>
#include <string.h>

#include <reader.h>

#include "tests/ifd/keys.h"

#define READERS_MAX  16
#define SHORT_MAX    261 /* octets of a short APDU */
#define EXTENDED_ADD 9	 /* what stands around the data of an extended one */
#define SHOWN_MAX    24	 /* octets of a command in the log */

static struct ifd readers[READERS_MAX];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static struct ifd *find_reader(DWORD lun)
{
	struct ifd *found = NULL;

	pthread_mutex_lock(&table);
	for (size_t i = 0; i < READERS_MAX && !found; i++) {
		if (readers[i].is_open && readers[i].lun == lun)
			found = &readers[i];
	}
	pthread_mutex_unlock(&table);
	return found;
}

static struct ifd *lock_reader(DWORD lun)
{
	struct ifd *r = find_reader(lun);

	if (r)
		pthread_mutex_lock(&r->lock);
	return r;
}

static RESPONSECODE unlock_with(struct ifd *r, RESPONSECODE code)
{
	pthread_mutex_unlock(&r->lock);
	return code;
}

/* What the reader is while a fault lasts that took it or the card away. */
static RESPONSECODE absence(struct ifd *r)
{
	bool lost = ifd_is(r, "transmit=lost"), pulled = ifd_is(r, "transmit=pulled");

	r->gone = r->gone && (lost || pulled);
	if (!r->gone)
		return IFD_SUCCESS;
	return lost ? IFD_NO_SUCH_DEVICE : IFD_ICC_NOT_PRESENT;
}

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	struct ifd *r = NULL;
	bool good = false;

	pthread_mutex_lock(&table);
	for (size_t i = 0; i < READERS_MAX && !r; i++)
		r = readers[i].is_open ? NULL : &readers[i];
	if (r) {
		*r = (struct ifd){.lun = Lun};
		good = ifd_open(r, DeviceName);
		if (good)
			pthread_mutex_init(&r->lock, NULL);
		r->is_open = good;
	}
	pthread_mutex_unlock(&table);
	return good ? IFD_SUCCESS : IFD_NO_SUCH_DEVICE;
}

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	(void)Lun, (void)Channel;
	return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
	struct ifd *r = lock_reader(Lun);

	if (!r)
		return IFD_NO_SUCH_DEVICE;
	ifd_close(r);
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_destroy(&r->lock);
	pthread_mutex_lock(&table);
	r->is_open = false;
	pthread_mutex_unlock(&table);
	return IFD_SUCCESS;
}

static RESPONSECODE say_number(uint8_t number, PDWORD length, PUCHAR value)
{
	if (*length < 1)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	*length = 1;
	*value = number;
	return IFD_SUCCESS;
}

static RESPONSECODE say_atr(const struct ifd *r, PDWORD length, PUCHAR value)
{
	if (*length < r->atr_len)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(value, r->atr, r->atr_len);
	*length = r->atr_len;
	return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	struct ifd *r;

	switch (Tag) {
	case TAG_IFD_SIMULTANEOUS_ACCESS: return say_number(READERS_MAX, Length, Value);
	case TAG_IFD_THREAD_SAFE:
	case TAG_IFD_SLOTS_NUMBER: return say_number(1, Length, Value);
	case TAG_IFD_ATR:
	case SCARD_ATTR_ATR_STRING:
		r = lock_reader(Lun);
		return r ? unlock_with(r, say_atr(r, Length, Value)) : IFD_NO_SUCH_DEVICE;
	default: return IFD_ERROR_TAG;
	}
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun, (void)Tag, (void)Length, (void)Value;
	return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
				       UCHAR PTS2, UCHAR PTS3)
{
	struct ifd *r = lock_reader(Lun);
	bool refused;

	(void)Flags, (void)PTS1, (void)PTS2, (void)PTS3;
	if (!r)
		return IFD_NO_SUCH_DEVICE;
	refused = Protocol == SCARD_PROTOCOL_T1 && ifd_is(r, "protocol=t0");
	ifd_log(r, "protocol T=%d%s", Protocol == SCARD_PROTOCOL_T1, refused ? " refused" : "");
	return unlock_with(r, refused ? IFD_PROTOCOL_NOT_SUPPORTED : IFD_SUCCESS);
}

static bool do_power(struct ifd *r, DWORD action)
{
	if (action == IFD_POWER_DOWN)
		return ifd_power_off(r) || true; /* a card that is away has no power */
	return !ifd_is(r, "power=mute") && ifd_power_on(r, action == IFD_POWER_UP);
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	struct ifd *r = lock_reader(Lun);
	RESPONSECODE code;

	*AtrLength = 0;
	if (!r)
		return IFD_NO_SUCH_DEVICE;
	code = absence(r);
	if (code == IFD_SUCCESS && !do_power(r, Action))
		code = IFD_ERROR_POWER_ACTION;
	ifd_log(r, "%s%s",
		Action == IFD_POWER_UP	   ? "power up"
		: Action == IFD_POWER_DOWN ? "power down"
					   : "warm reset",
		code == IFD_SUCCESS ? "" : " failed");
	if (code == IFD_SUCCESS && r->atr_len) {
		memcpy(Atr, r->atr, r->atr_len);
		*AtrLength = r->atr_len;
	}
	return unlock_with(r, code);
}

static void log_command(const struct ifd *r, const uint8_t *octets, size_t len)
{
	char hex[2 * SHOWN_MAX + 1];
	size_t n = len < SHOWN_MAX ? len : SHOWN_MAX;

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", octets[i]);
	ifd_log(r, "command %zu %s", len, n ? hex : "");
}

static RESPONSECODE fault_of(struct ifd *r, PUCHAR got, PDWORD got_len, DWORD room)
{
	if (ifd_is(r, "transmit=lost") || ifd_is(r, "transmit=pulled")) {
		r->gone = true;
		/* most drivers see an error of the line before they see that the card is away */
		return ifd_is(r, "transmit=lost") ? IFD_NO_SUCH_DEVICE : IFD_COMMUNICATION_ERROR;
	}
	if (ifd_is(r, "transmit=broken"))
		return IFD_COMMUNICATION_ERROR;
	if (ifd_is(r, "transmit=long")) {
		*got_len = room + 1;
		return IFD_SUCCESS;
	}
	if (ifd_is(r, "transmit=full")) {
		memset(got, 0x55, room);
		*got_len = room;
		return IFD_SUCCESS;
	}
	return IFD_NOT_SUPPORTED; /* none */
}

static RESPONSECODE transmit(struct ifd *r, const uint8_t *sent, size_t len, PUCHAR got,
			     PDWORD got_len)
{
	DWORD room = *got_len;
	unsigned long real = ifd_number(r, "real=");
	unsigned long data_max = real ? real : ifd_number(r, "apdu=");
	RESPONSECODE code;

	*got_len = 0;
	code = absence(r);
	if (code == IFD_SUCCESS)
		code = fault_of(r, got, got_len, room);
	if (code != IFD_NOT_SUPPORTED)
		return code;
	if (len > (data_max ? data_max + EXTENDED_ADD : SHORT_MAX))
		return IFD_COMMUNICATION_ERROR;
	*got_len = room;
	if (ifd_exchange(r, sent, len, got, got_len))
		return IFD_SUCCESS;
	*got_len = 0;
	return IFD_COMMUNICATION_ERROR;
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
			       PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
	struct ifd *r = lock_reader(Lun);

	if (!r) {
		*RxLength = 0;
		return IFD_NO_SUCH_DEVICE;
	}
	if (RecvPci)
		*RecvPci = SendPci;
	log_command(r, TxBuffer, TxLength);
	return unlock_with(r, transmit(r, TxBuffer, TxLength, RxBuffer, RxLength));
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
			 PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
	struct ifd_control c = {dwControlCode, TxBuffer, TxLength, RxBuffer, RxLength, 0};
	struct ifd *r = lock_reader(Lun);
	RESPONSECODE code;

	*pdwBytesReturned = 0;
	if (!r)
		return IFD_NO_SUCH_DEVICE;
	if (TxLength)
		log_command(r, TxBuffer, TxLength);
	code = absence(r);
	if (code != IFD_NO_SUCH_DEVICE)
		code = ifd_control(r, &c);
	*pdwBytesReturned = code == IFD_SUCCESS ? c.got_len : 0;
	return unlock_with(r, code);
}

RESPONSECODE IFDHICCPresence(DWORD Lun)
{
	struct ifd *r = find_reader(Lun);
	RESPONSECODE code;

	if (!r)
		return IFD_NO_SUCH_DEVICE;
	if (pthread_mutex_trylock(&r->lock) != 0) /* it is at work with the card */
		return IFD_ICC_PRESENT;
	code = absence(r);
	if (code == IFD_SUCCESS)
		code = ifd_has_card(r) ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
	return unlock_with(r, code);
}
