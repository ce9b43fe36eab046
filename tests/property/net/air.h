/*
 * air: a hostapd as far as a gateway sees one: stations, their EAP runs, the text of its events and
 * of its answers. What a run proves is kept beside it, as the truth that the gateway is judged by.
 */
#ifndef TWINKEY_TESTS_PROPERTY_AIR_H
#define TWINKEY_TESTS_PROPERTY_AIR_H

#include <stdbool.h>
#include <stdint.h>

#include "host/operator/gateway/hostapd.h"
#include "lib/base/bytes.h"

#define AIR_STATIONS	 4
#define AIR_IDENTITY_CAP 160

struct air_run {
	int subscriber;	     /* whose key it was, -1: nobody's */
	unsigned kind;	     /* 1: K1, 2: K2; 0: none of ours */
	uint32_t generation; /* of K2: each one that was released has a number of its own */
	enum hostapd_method method;
	char identity[AIR_IDENTITY_CAP]; /* as hostapd will tell it */
	bool right;			 /* RES is the expected one */
	bool foreign;			 /* a RADIUS server found that, of whomever */
};
struct air_station {
	bool there, authorized;
	bool settled; /* no run goes on, nor the handshake after it */
	bool keys;    /* over the air: the handshake for the keys of its run goes on */
	char identity[AIR_IDENTITY_CAP];
	enum hostapd_method method;
	struct air_run run;  /* that goes on, while !settled */
	struct air_run last; /* that succeeded last */
	struct air_run lost; /* the one before it was not authorized any more, and when that was */
	int64_t lost_ms;
};

extern struct air {
	bool up;
	bool wireless;		       /* who comes is let in some time after a run */
	bool mute;		       /* it is there, and answers nothing */
	uint64_t incarnation, monitor; /* monitor: of which the events are listened to; 0: none */
	struct air_station station[AIR_STATIONS];
	/* A run that the gateway asks for; sets what comes of it. */
	struct air_run (*again)(unsigned station);
	int64_t now_ms;
} air;

void air_mac(unsigned station, uint8_t mac[static HOSTAPD_MAC_LEN]);
/* AIR_STATIONS: of none. */
unsigned air_station_of(const char *mac);
/* "hostapd, MAC, NAME", as the log has it of a run; false: its identity is none. */
bool air_evidence(unsigned station, const struct air_run *run, char out[static 64]);

void air_start(void);
/* told: it says so; else it is killed. */
void air_end(bool told);
/* A run begins, and ends: with success where it is right. */
void air_begin(unsigned station, const struct air_run *run);
void air_finish(unsigned station);
/* The handshake ends. */
void air_let_in(unsigned station);
/* It leaves; put out: hostapd forgets it. told: there is an event. */
void air_leave(unsigned station, bool put_out, bool told);
/* Any text as an event. */
void air_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The next event, appended; false: there is none. */
bool air_event(struct wbuf *text);
/* The answer to a command, appended. */
void air_answer(const char *command, struct wbuf *out);

#endif
