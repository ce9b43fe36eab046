/*
 * usb: the readers among the devices on the USB, as sysfs has them.
 */
#ifndef TWINKEY_HOST_DOCTOR_USB_H
#define TWINKEY_HOST_DOCTOR_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usb_kind {
	USB_CCID,  /* an interface of the smart card class: pcscd's */
	USB_PN53X, /* a PN53x stick: libnfc's */
	USB_UART,  /* a serial adapter, behind which a PN532 may be */
};

#define USB_DEVICES_MAX 16
#define USB_NAME	32

struct usb_device {
	enum usb_kind kind;
	char name[USB_NAME]; /* of sysfs: 1-5.2 */
	char title[128];     /* maker, product, numbers */
	uint16_t vendor, product;
	unsigned bus, number;
	bool is_authorized, is_configured;
	bool sleeps;		  /* power/control is auto */
	char interface[USB_NAME]; /* the one that a reader's driver claims: 1-5.2:1.0 */
	char holder[USB_NAME];	  /* the kernel's driver that has it; "" */
	char tty[USB_NAME];	  /* of an adapter: ttyUSB0; "" */
};

struct usb_bus {
	bool is_there; /* /sys/bus/usb is */
	struct usb_device devices[USB_DEVICES_MAX];
	size_t count;
};

void usb_scan(const char *root, struct usb_bus *out);
/* A device of libnfc's list (its drivers pn53x_usb and acr122_usb). */
bool usb_is_pn53x(uint16_t vendor, uint16_t product);

/* That list, for who compares it with the udev rules: the n-th, false behind the last. */
bool usb_pn53x_row(size_t n, uint16_t *vendor, uint16_t *product);

#endif
