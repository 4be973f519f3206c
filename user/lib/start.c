/* SPDX-License-Identifier: MIT */
/* From the initial stack to main(). */
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/sys.h"

_Static_assert(offsetof(struct start_registers, fcw) == (IS_64BIT ? 160 : 64), "start.asm");
_Static_assert(sizeof(struct start_registers) == (IS_64BIT ? 160 : 64) + 512, "start.asm");

int program_argc;
char **program_argv, **program_envp;
static unsigned long *program_auxv;

void program_start(long *stack);

unsigned long auxv(unsigned long type, bool *found)
{
	for (unsigned long *a = program_auxv; a[0] != AT_NULL; a += 2) {
		if (a[0] == type) {
			if (found)
				*found = true;
			return a[1];
		}
	}
	if (found)
		*found = false;
	return 0;
}

const char *env_get(const char *name)
{
	size_t n = strlen(name);

	for (char **e = program_envp; *e; e++)
		if (!strncmp(*e, name, n) && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

__attribute__((used)) void program_start(long *stack)
{
	char **p;

	program_argc = (int)stack[0];
	program_argv = (char **)(stack + 1);
	program_envp = program_argv + program_argc + 1;
	for (p = program_envp; *p; p++)
		;
	program_auxv = (unsigned long *)(p + 1);
	sys_exit(main(program_argc, program_argv, program_envp));
}
