/*
 * machine: one for the doctor to look at: a tree of files, what PC/SC says, a card that answers by
 * rules.
 */
#ifndef TWINKEY_TESTS_DOCTOR_MACHINE_H
#define TWINKEY_TESTS_DOCTOR_MACHINE_H

#include "host/doctor/doctor.h"
#include "host/terminal/lpa/es9p.h"
#include "host/transport/transport.h"

#define MACHINE_LINKS 16

struct machine {
	const char *root;
	enum err listed, opened;
	unsigned readers;	  /* how many PC/SC lists, each with a card */
	bool is_closed;		  /* this user may open nothing */
	const char *atr;	  /* of the card, hex */
	const char *const *rules; /* "COMMAND=ANSWER" by the command's beginning; NULL ends */
	enum transport_protocol protocol;
	struct es9p_network network;
	struct doctor_plan plan;
	struct doctor_finding findings[MACHINE_LINKS];
	size_t count;
	unsigned troubles;
};

/* One that nothing is wrong with: pcscd runs under systemd, a UICC is in its one reader. */
void machine_open(struct machine *m);
/* A file below the root, with the folders that it needs; the n-th "%" is not special. */
void machine_put(const struct machine *m, const char *path, const char *content);
void machine_remove(const struct machine *m, const char *path);
/* A device at port 1-PORT with one interface; driver may be NULL, numbers as sysfs has them. */
struct machine_device {
	const char *port, *vendor, *product, *class, *driver;
	bool sleeps;
};
void machine_plug(const struct machine *m, const struct machine_device *d);
/* What udev, libccid and Twinkey's rules make of it: all is good. */
void machine_plug_ccid(const struct machine *m);

void machine_run(struct machine *m);
/* The finding of the link, after a run: state, and what stands in text and mend (NULL: whatever).
 */
void machine_expect(const struct machine *m, const char *link, enum doctor_state state,
		    const char *text, const char *mend);
/* Runs it, and this is the one link in trouble. */
void machine_trouble(struct machine *m, const char *link, const char *text, const char *mend);

#endif
