/* SPDX-License-Identifier: MIT */
/*
 * The two interrupt descriptor tables.
 *
 * All gates are interrupt gates: a door must not be interrupted before it has fixed GS and the
 * stack.  IST stacks serve the vectors that can come where RSP cannot be trusted (the
 * SYSCALL gap, the last instructions of an exit): #DF, NMI, #DB, #MC.  Not #BP: the kernel has no
 * breakpoint instruction where it lacks GS or a stack, and with IST an INT3 in the shadow of
 * MOV SS would find its frame overwritten by the #DB that comes with it (CVE-2018-8897, spec 2.9).
 */
#include "kernel/cpu/idt.h"

#include "kernel/cpu/cpu_area.h"
#include "kernel/cpu/ptregs.h"
#include "kernel/cpu/x86.h"
#include "kernel/debug/panic.h"
#include "kernel/mm/layout.h"

#define EXCEPTIONS 32
#define GATE_INTERRUPT 0x8e	/* present, DPL 0, 64-bit interrupt gate (SDM vol. 3, 6.14.1) */
#define GATE_DPL3 0x60

extern const uintptr_t entry_early_vectors[EXCEPTIONS];

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

struct __packed idt_pointer {
	uint16_t limit;
	uint64_t base;
};

static struct gate early_idt[EXCEPTIONS];
static struct gate idt[256] __aligned(PAGE_SIZE);

static void set_gate(struct gate *g, uintptr_t stub, uint16_t selector, unsigned ist, bool user)
{
	*g = (struct gate){
		.offset_low = (uint16_t)stub,
		.offset_middle = (uint16_t)(stub >> 16),
		.offset_high = (uint32_t)(stub >> 32),
		.selector = selector,
		.ist = (uint8_t)ist,
		.type = GATE_INTERRUPT | (user ? GATE_DPL3 : 0),
	};
}

static void load(const struct gate *table, size_t entries)
{
	struct idt_pointer p = { (uint16_t)(entries * sizeof(*table) - 1), (uintptr_t)table };

	__asm__ volatile("lidt %0" ::"m"(p));
}

/* With whatever code selector the boot code runs on: its GDT is not ours. */
void idt_early_load(void)
{
	uint16_t cs;

	__asm__("mov %%cs, %0" : "=r"(cs));
	for (unsigned v = 0; v < EXCEPTIONS; v++)
		set_gate(&early_idt[v], entry_early_vectors[v], cs, 0, false);
	load(early_idt, EXCEPTIONS);
}

static unsigned ist_of(unsigned vector)
{
	switch (vector) {
	case 1:
		return IST_DB;
	case 2:
		return IST_NMI;
	case 8:
		return IST_DF;
	case 18:
		return IST_MC;
	default:
		return 0;
	}
}

/* INT3, INTO and the system-call gate; any other INT n from user mode is #GP. */
static bool user_may_call(unsigned vector)
{
	return vector == 3 || vector == 4 || vector == VECTOR_SYSCALL;
}

void idt_init(void)
{
	for (unsigned v = 0; v < ARRAY_SIZE(idt); v++)
		set_gate(&idt[v], entry_vectors[v], KERNEL_CS, ist_of(v), user_may_call(v));
	idt_load();
}

#ifdef CONFIG_DEBUG
void idt_set_user_gate(unsigned vector, bool user)
{
	idt[vector].type = GATE_INTERRUPT | (user ? GATE_DPL3 : 0);
}
#endif

void idt_load(void)
{
	load(idt, ARRAY_SIZE(idt));
}

/* Called by the early stubs (2.3 g): no GS base, perhaps no memory map, so one line and the end. */
__noreturn void early_exception(struct pt_regs *regs, unsigned vector);

void early_exception(struct pt_regs *regs, unsigned vector)
{
	fatal("early exception %u, error code %llx, at RIP %llx, RSP %llx, CR2 %llx", vector,
	      (unsigned long long)regs->orig_rax, (unsigned long long)regs->rip,
	      (unsigned long long)regs->rsp, (unsigned long long)read_cr2());
}
