/* A crowd of idle processes: crowd COUNT MIB PLACEHOLDER
 *
 * Each has MIB of resident memory, shared by all since the fork (so that a thousand of them cost no more than
 * one, while the kernel walks the page tables of each), a name, and a command line written over PLACEHOLDER,
 * which must be longer.
 * They end when standard input does, or when whoever started them ends.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const titles[] = {
    "nginx: worker process",
    "postgres: app shop 10.0.%d.%d(%d) idle",
    "gunicorn: worker [shop.wsgi]",
    "php-fpm: pool www",
    "/usr/bin/python3 /srv/shop/manage.py celery worker --queues=mail%d --concurrency=%d",
    "java -Xms256m -Xmx%dm -jar /opt/billing/billing-%d.jar --spring.profiles.active=production",
    "sshd: deploy@pts/%d",
    "/usr/bin/containerd-shim-runc-v2 -namespace moby -id %08x%08x%08x -address /run/containerd/containerd.sock",
    "node /srv/front/server.js --port=%d",
    "-bash",
    "/usr/sbin/apache2 -k start",
    "redis-server 127.0.0.1:%d",
};

/* A shorter command line than the one that was given: the kernel then ends it at its first zero byte. */
static void become(int number, char *area, size_t size) {
  const char *title = titles[number % (sizeof titles / sizeof *titles)];
  srand((unsigned)number);
  memset(area, 'x', size + 1);
  snprintf(area, size, title, rand() % 250, rand() % 250, rand() % 65536);
  prctl(PR_SET_NAME, area);
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  int members = atoi(arguments[1]);
  size_t bytes = (size_t)atoi(arguments[2]) << 20;
  char *area = arguments[0], *end = arguments[3] + strlen(arguments[3]), end_of_input;
  pid_t parent = getpid(), *pids = calloc((size_t)members, sizeof *pids);
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || !pids) return 1;
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  memset(memory, 1, bytes);
  for (int i = 0; i < members; i++) {
    pids[i] = fork();
    if (pids[i] < 0) return 1;
    if (pids[i] > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    become(i, area, (size_t)(end - area));
    for (;;) pause();
  }
  puts("ready");
  fflush(stdout);
  while (read(0, &end_of_input, 1) > 0) {
  }
  for (int i = 0; i < members; i++) kill(pids[i], SIGKILL);
  while (wait(NULL) > 0) {
  }
  return 0;
}
