/*
 * lines: an access network in namespaces of this process' own, and packets that modules send: a
 * veth at whose other end every station may speak, and an internet behind. What a module sends is
 * made here, frame by frame, and counts as arrived where the kernel has let it through: at the
 * network's own address behind the rules for input, elsewhere behind those for what passes.
 */
#ifndef TWINKEY_TESTS_PROPERTY_LINES_H
#define TWINKEY_TESTS_PROPERTY_LINES_H

#include <stdbool.h>
#include <stdint.h>

#define LINES_INTERFACE "mod0"
#define LINES_STATIONS	4
#define LINES_PORTAL	"10.45.0.1:8080"
#define LINES_RELEASE	"10.45.0.1:8443"

enum place { PLACE_PORTAL, PLACE_RELEASE, PLACE_DNS, PLACE_INTERNET, PLACES };
extern const char *const place_names[PLACES];

/* May this process make namespaces at all; else why not, a line on standard output. To be asked
 * before there are threads or children: an ordinary user becomes root of a namespace. */
bool lines_allowed(void);
/* In the namespace of the access network from then on. False: it cannot be had. */
bool lines_open(void);

/* Each station sends to each place, by the address that it has (0: it is silent). */
struct lines_heard {
	bool arrived[LINES_STATIONS][PLACES];
	bool answered[LINES_STATIONS]; /* what the internet answered came back */
	bool late[LINES_STATIONS];     /* an answer to what it sent the time before, sent again */
};
void lines_look(const uint32_t address[static LINES_STATIONS], struct lines_heard *out);

#endif
