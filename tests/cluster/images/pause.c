// The process that keeps a pod's namespaces open, and collects the zombies of
// pods that share their process namespace.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void finish(int number) { _exit(128 + number); }
static void collect(int number) { (void)number; while (waitpid(-1, NULL, WNOHANG) > 0) {} }

int main(void) {
    signal(SIGINT, finish);
    signal(SIGTERM, finish);
    signal(SIGCHLD, collect);
    for (;;) pause();
}
