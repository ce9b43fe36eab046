/*
 * link: the links of the chain, one function each; what they learn of the machine and the card on
 * the way. The table of them is in doctor.c.
 */
#ifndef TWINKEY_HOST_DOCTOR_LINK_H
#define TWINKEY_HOST_DOCTOR_LINK_H

#include "host/doctor/finding.h"
#include "host/doctor/plan.h"
#include "host/doctor/usb.h"
#include "host/terminal/chip.h"
#include "host/transport/transport.h"

#define LINK_READERS_MAX 16

struct link_reader {
	char name[128];
	bool has_card;
};

struct doctor {
	const struct doctor_plan *plan;
	struct cancel *cancel;
	bool uses_pcsc; /* the card is one of a PC/SC reader */
	struct usb_bus usb;
	enum err listed; /* how transport_list() ended */
	struct link_reader readers[LINK_READERS_MAX];
	size_t reader_count;
	unsigned troubles;		  /* so far */
	struct uicc *u;			  /* NULL: no card is open */
	enum transport_protocol protocol; /* of it */
	bool has_chip;
	struct chip chip;
};

/* machine.c */
void link_usb(struct doctor *d, struct doctor_finding *f);
void link_kernel(struct doctor *d, struct doctor_finding *f);
void link_rules(struct doctor *d, struct doctor_finding *f);
void link_node(struct doctor *d, struct doctor_finding *f);
/* service.c */
void link_pcscd(struct doctor *d, struct doctor_finding *f);
void link_polkit(struct doctor *d, struct doctor_finding *f);
/* driver.c */
void link_driver(struct doctor *d, struct doctor_finding *f);
void link_reader_conf(struct doctor *d, struct doctor_finding *f);
/* card.c */
void link_reader(struct doctor *d, struct doctor_finding *f);
void link_card(struct doctor *d, struct doctor_finding *f);
void link_atr(struct doctor *d, struct doctor_finding *f);
void link_t0(struct doctor *d, struct doctor_finding *f);
/* issuer.c */
void link_kind(struct doctor *d, struct doctor_finding *f);
void link_issuer(struct doctor *d, struct doctor_finding *f);
/* server.c */
void link_clock(struct doctor *d, struct doctor_finding *f);
void link_server(struct doctor *d, struct doctor_finding *f);

#endif
