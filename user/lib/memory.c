/* SPDX-License-Identifier: MIT */
/* Memory for tests. */
#include "user/lib/memory.h"
#include "user/lib/test.h"

static void *map(size_t size, int flags)
{
	long ret = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (is_error(ret))
		test_abort("mmap", ret);
	return (void *)ret;
}

void *map_private(size_t size)
{
	return map(size, MAP_PRIVATE);
}

void *map_shared(size_t size)
{
	return map(size, MAP_SHARED);
}

char *map_before_hole(size_t size)
{
	char *at = map(size + PAGE, MAP_PRIVATE);

	unmap(at + size, PAGE);
	return at;
}

/* Linux gives an address above 2^47 only to those who ask for one, and only if it has them. */
unsigned long user_end(void)
{
#ifdef __x86_64__
	unsigned long four_levels = (1ul << 47) - PAGE, five_levels = (1ul << 56) - PAGE;
	long ret =
		sys_mmap((void *)(1ul << 55), PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (is_error(ret))
		return four_levels;
	unmap((void *)ret, PAGE);
	return (unsigned long)ret > four_levels ? five_levels : four_levels;
#else
	return 0xffffe000ul;
#endif
}

void page_fault(void)
{
	__asm__ volatile("movb $1, (%0)" : : "r"(16ul) : "memory");
}

void unmap(void *at, size_t size)
{
	long ret = SYS(munmap, at, size);

	if (ret)
		test_abort("munmap", ret);
}
