typedef int pid_t;
extern pid_t getpid(void);
