/*
 * gateway_process: twinkey-operator gateway as a process of its own, which can be stopped, killed
 * and made to hang, and hostapd's end of its control socket, where air.h answers.
 */
#ifndef TWINKEY_TESTS_PROPERTY_GATEWAY_PROCESS_H
#define TWINKEY_TESTS_PROPERTY_GATEWAY_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* dir: the operator's folder; bin: where twinkey-operator is. Both are borrowed. */
void gateway_process_place(const char *dir, const char *bin);
/* Waits until its gate is there. */
void gateway_process_start(void);
/* With this signal; waits until it has ended. */
void gateway_process_end(int signal);
void gateway_process_hang(bool hang);
bool gateway_process_is_up(void);
pid_t gateway_process_pid(void);
/* Somebody else has ended it. */
bool gateway_process_reap(void);

/* hostapd's socket is there, or is not; a new one is another hostapd. */
void hostapd_socket(bool up);
/* So long: questions are answered, events go out. */
void hostapd_serve(int64_t ms);
int64_t monotonic_ms(void);

/* Asks the gateway who has this address (host order); hostapd is served meanwhile. The answer's
 * length, 0: there was none. */
size_t gateway_process_ask(uint32_t address, char *answer, size_t cap);

#endif
