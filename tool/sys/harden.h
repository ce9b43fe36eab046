/*
 * harden: what every program does before it touches a secret.
 */
#ifndef TWINKEY_TOOL_HARDEN_H
#define TWINKEY_TOOL_HARDEN_H

/*
 * No core files, not traceable by others, umask 077, the secure heap for keys; standard input,
 * output and error that were closed are taken, so that no other file gets their numbers.
 */
void harden_process(void);
/*
 * In a child that is about to become another program: the limit of cores and the umask that this
 * process was started with. Safe after fork() in a process of many threads.
 */
void harden_undo(void);

#endif
