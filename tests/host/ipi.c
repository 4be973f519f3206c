/* SPDX-License-Identifier: MIT */
/* Interrupt commands to a local APIC that takes them, or never does: kernel/cpu/ipi.c. */
#include <stdarg.h>
#include "kernel/cpu/apic_regs.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "tests/host/test.h"

static void note_panic(const char *fmt, ...);

#undef this_cpu
#define this_cpu(field) 0u
#define panic	    note_panic
#define irq_save()  0
#define irq_restore(flags) ((void)(flags))
#define wrmsr	    note_wrmsr

static uint64_t written[4];
static unsigned writes;

static void note_wrmsr(uint32_t msr, uint64_t value)
{
	CHECK_EQ(msr, 0x830);
	written[writes++ % 4] = value;
}

#include "kernel/cpu/ipi.c"

bool x2apic;
struct percpu percpu_table[MAX_CPUS];

static uint32_t high, low;
static unsigned reads, busy_reads;	/* so many times the command has not left yet */
static bool panicking;
static char message[200];

uint32_t apic_read(unsigned reg)
{
	if (reg == APIC_ICR_HIGH)
		return high;
	reads++;
	return low | (reads <= busy_reads ? APIC_ICR_PENDING : 0);
}

void apic_write(unsigned reg, uint32_t value)
{
	if (reg == APIC_ICR_HIGH)
		high = value;
	else
		low = value;
}

bool panic_in_progress(void)
{
	return panicking;
}

/* The kernel's does not return; it sends commands, while the story is told. */
static void note_panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	panicking = true;
	ipi_broadcast_others(0xf3);
	ipi_send_nmi(1);
}

TEST(a_command_waits_until_it_has_left)
{
	high = 5u << 24;
	busy_reads = 20;
	percpu_table[3].apic_id = 7;
	ipi_send(3, 0x40);
	CHECK_EQ(reads, 21);
	CHECK_EQ(low, APIC_ICR_ASSERT | 0x40);
	CHECK_EQ(high, 5u << 24);
	CHECK_STR(message, "");
}

/* The file remembers that an APIC is stuck. */
TEST(one_that_never_leaves_is_a_panic_that_does_not_wait_again)
{
	reads = 0;
	busy_reads = ~0u;
	percpu_table[2].apic_id = 9;
	ipi_send(2, 0x40);
	CHECK_STR(message,
		  "APIC-1 violated: CPU 0's interrupt command 4040 to APIC id 9 does not leave");
	CHECK_EQ(reads, PENDING_READS + 2);	/* two commands of the panic, a read each */
	CHECK_EQ(percpu_table[1].nmi_expected, 1);
}

/* Another CPU sends before that panic has stopped it: nothing is wrong with its own APIC. */
TEST(the_apic_of_another_cpu_is_not_blamed)
{
	message[0] = 0;
	panicking = false;
	busy_reads = 0;
	ipi_send(2, 0x40);
	CHECK_STR(message, "");
}

/* SDM vol. 3, 11.12.9: one register of 64 bits, a destination of 32, no delivery status. */
TEST(an_x2apic_takes_a_command_in_one_write)
{
	x2apic = true;
	high = low = 0;
	busy_reads = ~0u;
	percpu_table[3].apic_id = 0x100;
	ipi_send(3, 0x40);
	ipi_send_nmi(3);
	ipi_broadcast_others(0xf3);
	CHECK_EQ(writes, 3);
	CHECK_EQ(written[0], 0x10000004040);
	CHECK_EQ(written[1], 0x10000004400);
	CHECK_EQ(written[2], 0xc40f3);
	CHECK_EQ(high, 0);
	CHECK_EQ(low, 0);
	CHECK_STR(message, "");
}
