/*
 * harden: what every program does before it touches a secret.
 */
#ifndef TWINKEY_TOOL_HARDEN_H
#define TWINKEY_TOOL_HARDEN_H

/*
 * No core files, not traceable by others, umask 077, the secure heap for keys; standard input,
 * output and error that were closed are taken, so that no other file gets their numbers. SIGCHLD is
 * not ignored. To be called before anything else has to do with signals.
 */
void harden_process(void);
/*
 * In a child that is about to become another program: the limit of cores, the umask, and the
 * signals ignored and blocked that this process was started with. Safe after fork() in a process of
 * many threads.
 */
void harden_undo(void);

#endif
