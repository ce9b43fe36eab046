#include "tool/cli/qr.h"

#include <qrencode.h>

#define MODULE_DARK 1u

/* The module is drawn: light, the quiet zone and what is below the last line. */
static bool is_light(const QRcode *q, int x, int y)
{
	x -= QR_QUIET;
	y -= QR_QUIET;
	if (x < 0 || y < 0 || x >= q->width || y >= q->width)
		return true;
	return !(q->data[y * q->width + x] & MODULE_DARK);
}

enum err qr_put(const char *text, struct wbuf *out)
{
	static const char *const blocks[] = {" ", "\xE2\x96\x84", "\xE2\x96\x80", "\xE2\x96\x88"};
	QRcode *q = *text ? QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) : NULL;
	int size;

	if (!q)
		return ERR_LENGTH;
	size = q->width + 2 * QR_QUIET;
	for (int y = 0; y < size; y += 2) {
		for (int x = 0; x < size; x++)
			wbuf_put(out,
				 slice_str(blocks[2 * is_light(q, x, y) + is_light(q, x, y + 1)]));
		wbuf_u8(out, '\n');
	}
	QRcode_free(q);
	return wbuf_done(out);
}
