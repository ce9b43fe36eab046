/* what the errors of libnfc mean */
#include <errno.h>

#include "tests/unit/test.h"
#include "tool/nfc/port.h"

static void test_errors(void)
{
	static const struct {
		int libnfc;
		enum err want;
	} rows[] = {
		{0, ERR_OK},
		{7, ERR_OK},
		{NFC_ETIMEOUT, ERR_TIMEOUT},
		{NFC_EIO, ERR_NFC_LOST},
		{NFC_ENOTSUCHDEV, ERR_NFC_LOST},
		{-ENODEV, ERR_NFC_LOST}, /* of the USB, as pn53x_usb hands it over */
		{-ESHUTDOWN, ERR_NFC_LOST},
		{NFC_ETGRELEASED, ERR_DISCONNECTED},
		{NFC_EOPABORTED, ERR_CANCELLED},
		{NFC_EOVFLOW, ERR_SPACE},
		{NFC_ECHIP, ERR_PROTOCOL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ASSERT_ERR(port_err(rows[i].libnfc), rows[i].want);
}

TEST_SUITE(port, {"a stick that was pulled out is gone", test_errors})
